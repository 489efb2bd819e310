// Command testreport turns the output of `go test -json` into what a person wants to know: the whole output of each
// failing test, why tests were skipped, the slowest ten, and how many there were.
//
//	testreport [-failed "STAGES"] FILE…
//
// A file is the output of the stage that it is named after. A stage that failed without a failing test, such as the
// linter, counts as one. It exits with 1 when anything failed; the last line is "N passed, N failed, N skipped".
package main

import (
	"bufio"
	"cmp"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// event is one line of `go test -json`.
type event struct {
	Action     string
	Package    string
	ImportPath string // of a package that did not build
	Test       string
	Elapsed    float64 // seconds
	Output     string
}

// name is what the test is called in the report.
func (e event) name() string {
	switch {
	case e.Test != "":
		return e.Package + " " + e.Test
	case e.Package != "":
		return e.Package
	}
	return e.ImportPath
}

// report collects the events of all files.
type report struct {
	output  map[string][]string // of each test not yet ended
	failed  []string            // whole texts
	skipped []string            // name: reason
	times   []timed
	passed  int
	fails   int
}

type timed struct {
	name    string
	seconds float64
}

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

// run is main without the process: it returns the exit code.
func run(args []string, stdout, stderr io.Writer) int {
	f := flag.NewFlagSet("testreport", flag.ContinueOnError)
	f.SetOutput(stderr)
	stages := f.String("failed", "", "stages that failed")
	if err := f.Parse(args); err != nil {
		return 2
	}
	r := report{output: map[string][]string{}}
	explained := map[string]bool{} // stages that failed because of a test
	for _, path := range f.Args() {
		before := r.fails
		if err := r.readFile(path); err != nil {
			fmt.Fprintln(stderr, "testreport:", err)
			return 2
		}
		explained[strings.TrimSuffix(filepath.Base(path), ".json")] = r.fails > before
	}
	for _, stage := range strings.Fields(*stages) {
		if !explained[stage] {
			r.fails++
		}
	}
	r.print(stdout, strings.Fields(*stages))
	return min(r.fails, 1)
}

func (r *report) readFile(path string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	if err := r.read(file); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	r.unfinished()
	return nil
}

// read takes in one file. Lines that aren't events, such as a compiler's, are kept as a failure's text only when
// nothing else explains it, so they are passed over here.
func (r *report) read(in io.Reader) error {
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var e event
		if json.Unmarshal(lines.Bytes(), &e) == nil {
			r.add(e)
		}
	}
	return lines.Err()
}

func (r *report) add(e event) {
	name := e.name()
	switch e.Action {
	case "start", "run":
		r.output[name] = nil
	case "output", "build-output":
		r.output[name] = append(r.output[name], e.Output)
	case "pass", "skip", "fail", "build-fail":
		r.end(e, name)
	}
}

// end counts a test. A package counts only when it failed for itself: it did not build, or died outside of a test.
func (r *report) end(e event, name string) {
	output := r.output[name]
	delete(r.output, name)
	if e.Test == "" && e.Action != "build-fail" && (e.Action != "fail" || r.explained(e.Package, output)) {
		return
	}
	r.times = append(r.times, timed{name, e.Elapsed})
	switch e.Action {
	case "pass":
		r.passed++
	case "skip":
		r.skipped = append(r.skipped, name+": "+reason(output))
	default:
		r.fails++
		r.failed = append(r.failed, "--- "+name+"\n"+strings.Join(output, ""))
	}
}

// explained reports whether a failing package has a failed test or build of its own in the report already.
func (r *report) explained(pkg string, output []string) bool {
	for _, text := range r.failed {
		if strings.HasPrefix(text, "--- "+pkg+" ") || strings.HasPrefix(text, "--- "+pkg+"\n") {
			return true
		}
	}
	return strings.Contains(strings.Join(output, ""), "[build failed]") && len(r.failed) > 0
}

// unfinished makes failures of the tests that never ended because their process died.
func (r *report) unfinished() {
	for name, output := range r.output {
		if strings.Contains(name, " ") {
			r.fails++
			r.failed = append(r.failed, "--- "+name+" never ended\n"+strings.Join(output, ""))
		}
	}
	clear(r.output)
}

// reason is what the test said when it was skipped.
func reason(output []string) string {
	var said []string
	for _, line := range output {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "=== ") || strings.HasPrefix(line, "--- ") {
			continue
		}
		if _, after, ok := strings.Cut(line, ".go:"); ok {
			if _, text, ok := strings.Cut(after, ": "); ok {
				line = text
			}
		}
		said = append(said, line)
	}
	if len(said) == 0 {
		return "no reason given"
	}
	return strings.Join(said, " ")
}

func (r *report) print(w io.Writer, stages []string) {
	slices.Sort(r.failed)
	for _, text := range r.failed {
		fmt.Fprintln(w, strings.TrimRight(text, "\n")+"\n")
	}
	if len(r.skipped) > 0 {
		fmt.Fprintln(w, "Skipped:")
		slices.Sort(r.skipped)
		for _, line := range r.skipped {
			fmt.Fprintln(w, "  "+line)
		}
	}
	slices.SortStableFunc(r.times, func(a, b timed) int { return cmp.Compare(b.seconds, a.seconds) })
	if len(r.times) > 0 {
		fmt.Fprintln(w, "Slowest:")
	}
	for _, t := range r.times[:min(10, len(r.times))] {
		fmt.Fprintf(w, "  %6.1f s  %s\n", t.seconds, t.name)
	}
	if len(r.failed) > 0 {
		fmt.Fprintln(w, "Failed (above is what they said):")
	}
	for _, text := range r.failed {
		name, _, _ := strings.Cut(strings.TrimPrefix(text, "--- "), "\n")
		fmt.Fprintln(w, "  "+name)
	}
	if len(stages) > 0 {
		fmt.Fprintf(w, "Failed stages: %s\n", strings.Join(stages, ", "))
	}
	fmt.Fprintf(w, "%d passed, %d failed, %d skipped\n", r.passed, r.fails, len(r.skipped))
}
