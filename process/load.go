package process

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Library is a collection of definitions by their ids: what a load found, or what was published before and is built upon.
type Library struct {
	Processes map[string]*Process
	Types     map[string]*RecordType
	Calendars map[string]*CalendarSpec
	Tables    map[string]*TableSpec
	Rights    *Rights    // nil: there was no document of rights
	Documents []Document // what was loaded, in order
	Past      bool       // as a base: what is loaded was published once. The processes that it calls may have changed since, which is no mistake of its own
}

// Document is one YAML document of a file, in the form a store keeps: it can be loaded again alone as `File{Content: Source}`.
type Document struct {
	Kind   string // process, record, calendar, table, rights
	ID     string
	Source string
	Digest string // "sha256:…" of Source
}

// Names says which people, departments, roles, groups and positions exist, so that a definition that names others is found out.
type Names interface {
	Has(p Principal) bool
}

// The most problems that one load reports, and the most definitions and steps that it takes.
const (
	maxProblems = 200
	maxFiles    = 1000
	maxSteps    = 500
)

// NewLibrary is an empty library.
func NewLibrary() *Library {
	return &Library{Processes: map[string]*Process{}, Types: map[string]*RecordType{}, Calendars: map[string]*CalendarSpec{}, Tables: map[string]*TableSpec{}}
}

// Load reads definition files together: each may refer to the others and to those of base (nil: none), and a newer one of the same id takes
// the place of the one in base. The result holds only what was read. Every problem of every file is reported at once, sorted by place; when
// [Failed] says so the result is incomplete and only good for looking at. Load never panics and takes bounded time, whatever the files hold.
//
// With dir, `user:` of somebody who doesn't exist is an error, and an unknown role, department, group or position a warning: they are filled
// later, and `if_none` says what happens until then.
func Load(files []File, base *Library, dir Names) (*Library, []Problem) {
	if base == nil {
		base = NewLibrary()
	}
	return (&loadSet{lib: NewLibrary(), base: base, dir: dir}).load(files)
}

func (s *loadSet) load(files []File) (*Library, []Problem) {
	var parsed []*loading
	for i, f := range files {
		if i == maxFiles {
			s.add(Problem{Position: Position{File: f.Path, Line: 1, Column: 1}, Message: Text{ZH: "文件太多", EN: "too many files"}})
			break
		}
		parsed = append(parsed, s.read(f)...)
	}
	// Each step needs the one before it of every document: chains are typed against record types, and these refer to each other.
	for phase := range phases {
		for _, d := range parsed {
			documentKinds[d.Kind][phase](d.loader, d)
		}
	}
	return s.lib, s.sorted()
}

const phases = 3

// documentKind loads one sort of document in three goes: what it says by itself, what refers to other types, what refers to everything.
type documentKind [phases]func(*loader, *loading)

var documentKinds map[string]documentKind

func init() {
	// Set here because the loaders of steps refer back to the table.
	nothing := func(*loader, *loading) {}
	documentKinds = map[string]documentKind{
		"record":   {(*loader).declareRecord, (*loader).resolveRecord, nothing},
		"process":  {(*loader).declareProcess, nothing, (*loader).loadProcess},
		"calendar": {(*loader).loadCalendar, nothing, nothing},
		"table":    {(*loader).declareTable, nothing, nothing},
		"rights":   {nothing, nothing, (*loader).loadRights},
	}
}

// loading is one document on its way.
type loading struct {
	Document
	*loader
	root *node
	typ  *RecordType // of a record
	skip bool        // its id is taken
}

// loadSet is everything that one Load knows.
type loadSet struct {
	lib, base *Library
	dir       Names
	declared  map[string]*declared // the processes of this load
	problems  []Problem
	dropped   int
	knows     func(what string, known keys) // hears which keys every map may hold; nil: nobody asks
}

func (s *loadSet) add(p Problem) {
	if len(s.problems) >= maxProblems {
		s.dropped++
		return
	}
	s.problems = append(s.problems, p)
}

func (s *loadSet) sorted() []Problem {
	out := sortProblems(s.problems)
	if s.dropped > 0 && len(out) > 0 {
		at := out[len(out)-1].Position
		out = append(out, Problem{Position: at, Message: Text{
			ZH: fmt.Sprintf("还有 %d 个问题没有列出", s.dropped), EN: fmt.Sprintf("%d more problems are not listed", s.dropped),
		}})
	}
	return out
}

func (s *loadSet) recordType(id string) *RecordType {
	if t := s.lib.Types[id]; t != nil {
		return t
	}
	return s.base.Types[id]
}

func (s *loadSet) typeNames() []string {
	return slices.Sorted(maps.Keys(merged(s.base.Types, s.lib.Types)))
}

func merged[V any](a, b map[string]V) map[string]V {
	out := maps.Clone(a)
	if out == nil {
		out = map[string]V{}
	}
	maps.Copy(out, b)
	return out
}

// read cuts a file into documents and finds out what each is.
func (s *loadSet) read(f File) []*loading {
	l := &loader{loadSet: s, file: f.Path}
	if line, why := tooLarge(f.Content); line > 0 {
		l.lines = shownLines(f.Content)
		l.problemAt(line, 1, "%s", "%s", why)
		return nil
	}
	f.Content = strings.TrimPrefix(f.Content, "\uFEFF")
	l.lines = strings.Split(f.Content, "\n")
	docs := splitDocuments(f.Content)
	if len(docs) == 0 {
		l.problemAt(1, 1, "文件是空的", "the file is empty")
	}
	var out []*loading
	for _, d := range docs {
		if root := l.parse(d); root != nil {
			if doc := l.identify(d, root); doc != nil {
				out = append(out, doc)
			}
		}
	}
	return out
}

// identify takes the kind and the id from the first key of a document, or the one after `language`, and refuses a second document of the same id.
func (l *loader) identify(d document, root *node) *loading {
	if root.kind != nodeMap || len(root.pairs) == 0 {
		l.problem(root, "文件应以 `process: …`、`record: …`、`calendar: …`、`table: …` 或 `rights: …` 开头", "a document begins with `process: …`, `record: …`, `calendar: …`, `table: …` or `rights: …`")
		return nil
	}
	first := root.pairs[0]
	if first.key.text == "language" && len(root.pairs) > 1 {
		first = root.pairs[1]
	}
	kind := first.key.text
	if _, ok := documentKinds[kind]; !ok {
		words := []string{"process", "record", "calendar", "table", "rights"}
		if root.get("steps") != nil && root.get("process") == nil && nearest(kind, words) != "process" {
			l.problem(first.key, "流程的第一行要写它的标识，如 `process: leave`", "the first line of a process is its id, as `process: leave`")
			return nil
		}
		if i := slices.IndexFunc(root.pairs, func(p pair) bool { return p.key.text == "process" }); i > 0 {
			l.problem(root.pairs[i].key, "`process` 要写在最前面", "`process` stands first")
			return nil
		}
		l.unknown(first.key, words, Text{ZH: "未知的文档种类", EN: "unknown kind of document"})
		return nil
	}
	id := kind
	if kind != "rights" { // there is one document of rights
		id, _ = l.identifier(first.value)
	}
	sum := sha256.Sum256([]byte(d.text))
	out := &loading{root: root, loader: l, Document: Document{Kind: kind, ID: id, Source: d.text, Digest: "sha256:" + hex.EncodeToString(sum[:])}}
	if id == "" {
		return out
	}
	if slices.ContainsFunc(l.lib.Documents, func(o Document) bool { return o.Kind == kind && o.ID == id }) {
		l.problem(first.value, "`%s` 已经定义过了", "`%s` is defined twice", id)
		out.skip = true
		return out
	}
	l.lib.Documents = append(l.lib.Documents, out.Document)
	return out
}
