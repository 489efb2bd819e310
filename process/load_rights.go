package process

import (
	"slices"
	"strings"
)

// Rights says who sees and changes what beside the cases that ask them. It is read and checked here; what it comes to for a person is [Rights.Of].
type Rights struct {
	Grants []Grant
	Source string // the document as it was written
	Digest string // "sha256:…" of Source

	everything bool // it decides about all types and processes
}

// Grant is what one person or set of people may do.
type Grant struct {
	Who       Principal
	Records   map[string]RecordRights // by record type
	Processes map[string]CaseRights   // by process
	At        Position
}

// RecordRights are rights on records of one type. Several words of See and Change add up.
type RecordRights struct {
	See    []string // mine, my_cases, department, department_and_below, all; nil: nothing
	Create bool
	Change []string // mine, department, department_and_below, all; nil: nothing
	Hide   []string // fields that aren't sent
	Mask   map[string]string
}

// CaseRights are rights on the cases of one process.
type CaseRights struct {
	Start bool
	See   []string // words as of records
}

// Whose records and cases a right is about.
const (
	SeeMine       = "mine"                 // whose owner one is
	SeeMyCases    = "my_cases"             // of cases that one takes part in
	SeeDepartment = "department"           // whose owner is in one's department
	SeeBelow      = "department_and_below" // or in one below it
	SeeAll        = "all"
)

var (
	seeWords    = []string{SeeMine, SeeMyCases, SeeDepartment, SeeBelow, SeeAll}
	changeWords = []string{SeeMine, SeeDepartment, SeeBelow, SeeAll}
)

func (l *loader) loadRights(d *loading) {
	if d.skip {
		return
	}
	rights := &Rights{Source: d.Source, Digest: d.Digest}
	l.object(d.root, Text{ZH: "权限", EN: "the document of rights"}, keys{
		"rights":   func(v *node) { rights.Grants = l.grants(v) },
		"language": l.languageNumber,
	})
	l.lib.Rights = rights
}

func (l *loader) grants(n *node) []Grant {
	if n.kind != nodeMap || len(n.pairs) == 0 {
		l.problem(n, "`rights` 应写成 {role:sales: {records: …}}", "`rights` is written as {role:sales: {records: …}}")
		return nil
	}
	var out []Grant
	for _, p := range n.pairs {
		g := Grant{Records: map[string]RecordRights{}, Processes: map[string]CaseRights{}, At: l.position(p.key)}
		g.Who, _ = (&chainLoader{loader: l}).principal(p.key)
		l.object(p.value, Text{ZH: "一项权限", EN: "a grant"}, keys{
			"records":   func(v *node) { l.recordGrants(&g, v) },
			"processes": func(v *node) { l.processGrants(&g, v) },
		})
		out = append(out, g)
	}
	return out
}

func (l *loader) recordGrants(g *Grant, n *node) {
	if n.kind != nodeMap {
		l.problem(n, "`records` 应写成 {记录种类: {see: …}}", "`records` is written as {record type: {see: …}}")
		return
	}
	for _, p := range n.pairs {
		t := l.recordType(p.key.text)
		if t == nil {
			l.unknown(p.key, l.typeNames(), Text{ZH: "没有这种记录", EN: "no such record type:"})
		}
		r := RecordRights{}
		l.object(p.value, Text{ZH: "对记录的权限", EN: "a right on records"}, keys{
			"see":    func(v *node) { r.See = l.whose(v, seeWords) },
			"create": func(v *node) { r.Create = l.yes(v) },
			"change": func(v *node) { r.Change = l.whose(v, changeWords) },
			"hide":   func(v *node) { r.Hide = l.grantFields(t, l.words(v)) },
			"mask":   func(v *node) { r.Mask = l.masks(t, v) },
		})
		l.eitherWay(p.value, r)
		g.Records[p.key.text] = r
	}
}

func (l *loader) processGrants(g *Grant, n *node) {
	if n.kind != nodeMap {
		l.problem(n, "`processes` 应写成 {流程: {start: true, see: …}}", "`processes` is written as {process: {start: true, see: …}}")
		return
	}
	for _, p := range n.pairs {
		known := merged(l.base.Processes, l.lib.Processes)
		if known[p.key.text] == nil && !l.comes("process", p.key.text) {
			l.warn(p.key, "还没有流程 `%s`", "there is no process `%s` yet", clip(p.key.text))
		}
		r := CaseRights{}
		l.object(p.value, Text{ZH: "对流程的权限", EN: "a right on a process"}, keys{
			"start": func(v *node) { r.Start = l.yes(v) },
			"see":   func(v *node) { r.See = l.whose(v, seeWords) },
		})
		g.Processes[p.key.text] = r
	}
}

// comes says whether a document is among those that are being loaded.
func (l *loader) comes(kind, id string) bool {
	return slices.ContainsFunc(l.lib.Documents, func(d Document) bool { return d.Kind == kind && d.ID == id })
}

// whose reads one of the words or several; `no` is none.
func (l *loader) whose(n *node, words []string) []string {
	if n.kind == nodeText && n.text == "no" || n.kind == nodeBool && !n.truth {
		return nil
	}
	list := l.words(n)
	for _, w := range list {
		if !slices.Contains(words, w.name) {
			l.unknown(w.at, words, Text{ZH: "不能这样写", EN: "not possible here:"})
		}
	}
	return names(list)
}

// grantFields reads fields that are hidden or masked. The number isn't one: it is what everybody calls the record by.
func (l *loader) grantFields(t *RecordType, list []named) []string {
	for _, w := range list {
		if t != nil && t.Field(w.name) == nil {
			l.unknown(w.at, t.names(), Text{ZH: "没有这个字段", EN: "no such field:"})
		}
	}
	return names(list)
}

// eitherWay refuses a field that is hidden and masked by one grant.
func (l *loader) eitherWay(n *node, r RecordRights) {
	for _, name := range r.Hide {
		if _, both := r.Mask[name]; both {
			l.problem(n.get("mask"), "字段 `%s` 既隐藏又遮盖：只写一种", "the field `%s` is hidden and masked: write one of the two", name)
		}
	}
}

func (l *loader) maskable(at *node, f *Field) {
	if f != nil && !slices.Contains([]string{typeText, typePhone, typeEmail}, f.Type) {
		l.problem(at, "`%s` 不是文字，不能遮盖一部分：请用 `hide`", "`%s` is no text, so it can't be masked in part: use `hide`", f.Name)
	}
}

// masks reads {field: pattern}, see [Mask]. A pattern is about characters, so only texts have one.
func (l *loader) masks(t *RecordType, n *node) map[string]string {
	if n.kind != nodeMap {
		l.problem(n, "`mask` 应写成 {字段: 138****1234}", "`mask` is written as {field: 138****1234}")
		return nil
	}
	out := map[string]string{}
	for _, p := range n.pairs {
		l.grantFields(t, []named{{p.key.text, p.key}})
		if s, ok := l.string(p.value); ok {
			if !strings.Contains(s, "*") {
				l.problem(p.value, "遮盖的位置用 * 表示，如 `138****1234`", "what is masked is shown as *, as `138****1234`")
			}
			out[p.key.text] = s
		}
		if t != nil {
			l.maskable(p.key, t.Field(p.key.text))
		}
	}
	return out
}
