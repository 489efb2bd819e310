// Package scenario plays chains in memory, as their owners wrote it down beside the definition: who starts, who does what, how much time passes, and
// what is to be seen then. It runs [process.Apply] and nothing else, so that a chain is tried out by what will run it; people, records, messages
// and calendars are kept in memory, and time passes only where the scenario says so.
package scenario

import (
	"slices"
	"strings"
	"time"

	"github.com/crmflow/crmflow/process"
)

// Scenario is one scenario document: cases that one process is tried out with.
type Scenario struct {
	File  string
	Cases []*Case

	setting  *Setting
	process  *process.Process
	company  *company
	calendar string // the company's in this scenario
	zone     *time.Location
	reader   *reader
}

// Case is one story: from its start, line by line.
type Case struct {
	Name string
	Line int
	But  string // the case of the same file to which it is the counter-example; "": none

	scenario *Scenario
	but      *node
	at       time.Time
	node     *node
	lines    []line
}

// line is one thing that happens, or that is expected.
type line interface {
	// play lets it happen in a world; the failure is nil when all is as it should be.
	play(w *world) *failure
}

// Library is what scenarios play by: definitions, the sample company, and where more is found.
type Library struct {
	*process.Library
	// Company is the calendar that is the company's where nothing else is said; it may be empty.
	Company string
	// Sample is the sample company, as JSON.
	Sample []byte
	// Holidays gives the published holidays of a country's year.
	Holidays func(country string, year int) ([]byte, error)
	// Read gives a file that a scenario names; the path is joined to the directory of the scenario's file.
	Read func(path string) ([]byte, error)
}

// Split cuts what is no definition out of files: documents that have `process` and `cases`, and files named *_test. The definitions keep their
// places in the file; a file without any is left out, and so is a company that scenarios play in.
func Split(files []process.File) (definitions, scenarios []process.File) {
	for _, f := range files {
		if isCompany(f) {
			continue
		}
		own, cases := split(f)
		if cases != "" {
			scenarios = append(scenarios, process.File{Path: f.Path, Content: cases})
		}
		if own != "" || cases == "" {
			definitions = append(definitions, process.File{Path: f.Path, Content: own})
		}
	}
	return definitions, scenarios
}

// IsScenario says whether a file is a scenario by its name: complaint_test.yaml.
func IsScenario(path string) bool {
	for _, ext := range []string{".yaml", ".yml"} {
		if strings.HasSuffix(path, "_test"+ext) {
			return true
		}
	}
	return false
}

// split gives both sorts of documents of a file, each with the other sort's lines left blank.
func split(f process.File) (definitions, scenarios string) {
	if IsScenario(f.Path) {
		return "", f.Content
	}
	lines := strings.Split(f.Content, "\n")
	mine, other := slices.Clone(lines), make([]string, len(lines))
	found, left := false, false
	for _, d := range documents(f.Content) {
		if !isScenario(f.Path, d) {
			left = true
			continue
		}
		found = true
		for i := d.first; i < d.first+len(d.lines); i++ {
			mine[i], other[i] = "", lines[i]
		}
	}
	if !found {
		return f.Content, ""
	}
	if left {
		definitions = strings.Join(mine, "\n")
	}
	return definitions, separated(lines, other)
}

// separated keeps the marks between documents, so that blank ones stay apart.
func separated(lines, content []string) string {
	for i, line := range lines {
		if content[i] == "" && strings.HasPrefix(line, "---") {
			content[i] = line
		}
	}
	return strings.Join(content, "\n")
}

// isScenario says whether a document is one.
func isScenario(path string, d document) bool {
	if !strings.Contains(d.text, "cases") || !strings.Contains(d.text, "process") {
		return false
	}
	root := newReader(process.File{Path: path}).parse(d)
	return root.get("process") != nil && root.get("cases") != nil
}

// isCompany says whether a file is a company: it lists users, and isn't a document of any kind.
func isCompany(f process.File) bool {
	docs := documents(f.Content)
	if IsScenario(f.Path) || len(docs) != 1 || !strings.Contains(f.Content, "users") {
		return false
	}
	root := newReader(f).parse(docs[0])
	kind := slices.ContainsFunc([]string{"process", "record", "calendar", "table", "rights"}, func(key string) bool { return root.get(key) != nil })
	return root.get("users") != nil && !kind
}

// Processes names the processes that scenario files try out, in order.
func Processes(files []process.File) []string {
	var ids []string
	for _, f := range files {
		for _, d := range documents(f.Content) {
			root := newReader(f).parse(d)
			if id := root.get("process"); id != nil && id.text != "" {
				ids = append(ids, id.text)
			}
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}
