// Command mutants proves that the tests notice when the machine or working time is wrong. It breaks the code in many small named ways, one at a
// time, and runs the tests on each: some test must fail.
//
//	mutants [-run REGEXP] [-p N]
//
// The list is mutants.yaml. No file of the tree is changed: all mutants are built at once, by an overlay, into the tests' programs, and one of them
// is switched on for a run. Run it from the root of the module. It exits with 1 when a mutant survives or doesn't compile, or is stale: the text
// that it replaces no longer stands exactly once where it says.
package main

import (
	"context"
	_ "embed"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"
)

//go:embed mutants.yaml
var list []byte

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// run is main without the process: it returns the exit code.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	f := flag.NewFlagSet("mutants", flag.ContinueOnError)
	f.SetOutput(stderr)
	which := f.String("run", "", "only mutants whose name matches")
	parallel := f.Int("p", 2, "how many at a time")
	if err := f.Parse(args); err != nil {
		return 2
	}
	name, err := regexp.Compile(*which)
	if err != nil {
		fmt.Fprintln(stderr, "mutants:", err)
		return 2
	}
	ok, err := hunt(ctx, name, max(1, *parallel), stdout)
	if err != nil {
		fmt.Fprintln(stderr, "mutants:", err)
	}
	if err != nil || !ok {
		return 1
	}
	return 0
}

// hunt builds the mutants of the list and tries those whose name matches.
func hunt(ctx context.Context, name *regexp.Regexp, parallel int, out io.Writer) (ok bool, err error) {
	began := time.Now()
	all, err := parse(list)
	if err != nil {
		return false, err
	}
	var chosen []mutant
	for _, m := range all {
		if name.MatchString(m.Name) {
			chosen = append(chosen, m)
		}
	}
	dir, err := os.MkdirTemp("", "mutants")
	if err != nil {
		return false, err
	}
	defer os.RemoveAll(dir)
	overlay, err := write(".", dir, chosen)
	if err != nil {
		return false, err
	}
	test, err := build(ctx, dir, overlay)
	if err != nil {
		return false, err
	}
	for _, pkg := range packages { // else a test that fails anyway would seem to catch them all
		if v := test(ctx, "", attempt{pkg: pkg}); v.failed {
			return false, fmt.Errorf("%s fails without any mutant: %s\n%s", pkg, v, v.output)
		}
	}
	ok = try(ctx, chosen, parallel, test, out)
	fmt.Fprintf(out, "in %.0f s\n", time.Since(began).Seconds())
	return ok, ctx.Err()
}

// try prints what caught each mutant, in the order of the list, and says whether all were caught.
func try(ctx context.Context, mutants []mutant, parallel int, test tester, out io.Writer) bool {
	slots := make(chan struct{}, parallel)
	done := make([]chan verdict, len(mutants))
	width := 0
	for i, m := range mutants {
		width = max(width, utf8.RuneCountInString(m.Name))
		done[i] = make(chan verdict, 1)
		go func() {
			slots <- struct{}{}
			done[i] <- m.meet(ctx, test)
			<-slots
		}()
	}
	caught := 0
	for i, m := range mutants {
		v := <-done[i]
		if v.failed {
			caught++
		}
		fmt.Fprintf(out, "%-*s  %5.1f s  %s\n", width, m.Name, v.took.Seconds(), v)
	}
	fmt.Fprintf(out, "%d mutants, %d caught, %d survived\n", len(mutants), caught, len(mutants)-caught)
	return caught == len(mutants)
}

// meet runs the tests on a mutant: those that it names first, then all, until some fail.
func (m mutant) meet(ctx context.Context, test tester) (v verdict) {
	began := time.Now()
	for _, a := range m.attempts() {
		v = test(ctx, m.Name, a)
		if v.failed && a.tests == "" && v.test != "" { // among many others a test may be slow, or unlucky in what it draws: it must fail alone, too
			top, _, _ := strings.Cut(strings.TrimPrefix(v.test, a.pkg+" "), "/")
			v = test(ctx, m.Name, attempt{a.pkg, "^" + top + "$"})
		}
		if v.failed || ctx.Err() != nil {
			break
		}
	}
	v.took = time.Since(began)
	return v
}
