package scenario

import (
	"maps"
	"slices"
	"strings"

	"github.com/crmflow/crmflow/process"
)

// caseReader reads one case.
type caseReader struct {
	*reader
	s         *Scenario
	newcomers map[string]bool // people whom the case itself has brought in
}

func (r *reader) readCase(s *Scenario, n *node) *Case {
	c := &Case{Line: n.line, scenario: s, node: n}
	cr := &caseReader{reader: r, s: s, newcomers: map[string]bool{}}
	if n.kind == nodeMap && n.get("at") == nil {
		r.problem(n, "这个案例没有开始时间（`at`）", "this case doesn't say when it begins (`at`)")
	}
	r.object(n, process.Text{ZH: "案例", EN: "a case"}, keys{
		"name": func(v *node) { c.Name = r.word(v) },
		"but":  func(v *node) { c.But, c.but = r.word(v), v },
		"at": func(v *node) {
			if m, ok := r.moment(v, s.zone); ok {
				c.at = m.at
				if m.date {
					c.at = s.calendarNow().StartOfDate(m.at.Date())
				}
			}
		},
		"start": func(v *node) { c.lines = append(c.lines, cr.start(v)) },
		"then": func(v *node) {
			for _, n := range r.list(v) {
				c.lines = append(c.lines, cr.verb(n)...)
			}
		},
	})
	if c.Name == "" {
		c.Name = c.at.Format("2006-01-02 15:04")
	}
	return c
}

// calendarNow is the process's calendar as it was loaded.
func (s *Scenario) calendarNow() *process.Calendar {
	if c := s.setting.calendars[s.process.Calendar]; c != nil {
		return c
	}
	return s.setting.calendars[s.calendar]
}

// verb reads one entry of `then`. An `expect` may be a list: then each entry is expected.
func (r *caseReader) verb(n *node) (out []line) {
	one := func(read func(*node) line) func(*node) {
		return func(v *node) { out = append(out, read(v)) }
	}
	known := keys{
		"start": one(r.start), "do": one(r.do), "event": one(r.event), "change": one(r.change), "pass": one(r.pass),
		"expect": func(v *node) {
			if v.kind != nodeList {
				out = append(out, r.expect(v))
				return
			}
			for _, e := range v.items {
				out = append(out, r.expect(e))
			}
		},
	}
	if n.kind == nodeMap && len(n.pairs) > 1 {
		r.problem(n.pairs[1].key, "每一项只写一件事：`%s` 应另起一项（前面加 `-`）", "one entry is one thing: give `%s` an entry of its own, with a `-` before it", n.pairs[1].key.text)
		return nil
	}
	r.object(n, process.Text{ZH: "情景", EN: "a scenario line"}, known)
	return out
}

// target is a step as a scenario names it: of one process, or (nil) of any that is running.
type target struct {
	process *process.Process
	step    string
}

// of says whether a case may be meant: one of the process, also where it was taken to another version of it.
func (t target) of(c *running) bool {
	return t.process == nil || c.process == t.process || c.earlier == t.process
}

// step reads the id of a step, or process/step.
func (r *caseReader) step(n *node) target {
	word := r.word(n)
	if id, step, ok := strings.Cut(word, "/"); ok {
		p := r.s.setting.Processes[id]
		switch {
		case p == nil:
			r.unknown(&node{line: n.line, column: n.column, text: id}, slices.Sorted(maps.Keys(r.s.setting.Processes)), process.Text{ZH: "没有这个流程", EN: "there is no process"})
		case p.Step(step) == nil:
			r.noStep(n, step, p)
		}
		return target{p, step}
	}
	if word == "" || r.s.process.Step(word) != nil {
		return target{r.s.process, word}
	}
	for _, p := range r.s.setting.Processes {
		if p.Step(word) != nil {
			return target{nil, word}
		}
	}
	r.noStep(n, word, r.s.process)
	return target{r.s.process, word}
}

func (r *caseReader) noStep(n *node, word string, p *process.Process) {
	r.unknown(&node{line: n.line, column: n.column, text: word}, p.StepIDs(), say("流程 %s 没有这个步骤", "%s has no step", p.ID))
}

// person reads somebody of the company, or somebody outside: outside:王强.
func (r *caseReader) person(n *node) string {
	id := strings.TrimPrefix(r.word(n), "user:")
	if process.OutsideCalled(id) != "" {
		return id
	}
	if id != "" && r.s.company.people[id] == nil && !r.newcomers[id] {
		r.unknown(n, slices.Sorted(maps.Keys(r.s.company.people)), process.Text{ZH: "公司里没有这个人", EN: "nobody of the company is"})
	}
	return id
}

func (r *caseReader) persons(n *node) []string {
	if n.kind != nodeList {
		return []string{r.person(n)}
	}
	var ids []string
	for _, v := range n.items {
		ids = append(ids, r.person(v))
	}
	return ids
}

// principals reads one or several people or sets of people: li.na, department:quality, {role: finance}.
func (r *caseReader) principals(n *node) []process.Principal {
	if n.kind != nodeList {
		return []process.Principal{r.principal(n)}
	}
	var out []process.Principal
	for _, v := range n.items {
		out = append(out, r.principal(v))
	}
	return out
}

func (r *caseReader) principal(n *node) process.Principal {
	at, word := n, n.text
	if n.kind == nodeMap && len(n.pairs) == 1 {
		at, word = n.pairs[0].value, n.pairs[0].key.text+":"+r.word(n.pairs[0].value)
	}
	sort, id := process.Principal(word).Split()
	switch {
	case process.OutsideCalled(word) != "":
		return process.User(word)
	case id == "" || sort == "user":
		return process.User(r.person(at))
	case !slices.Contains([]string{"role", "department", "group", "position"}, sort):
		r.unknown(&node{line: n.line, column: n.column, text: sort}, []string{"user", "role", "department", "group", "position"}, process.Text{ZH: "没有这种人员", EN: "there is no sort of people"})
	case !r.s.company.exists(process.Principal(word)):
		r.problem(at, "公司里没有 `%s`", "the company has no `%s`", word)
	}
	return process.Principal(word)
}

// fields checks the names of fields that are given as {field: value}; field finds one by its name.
func (r *caseReader) fields(n *node, field func(name string) *process.Field, known []string) []pair {
	if n.kind != nodeMap {
		r.problem(n, "应写成 {字段: 值}", "write {field: value}")
		return nil
	}
	for _, p := range n.pairs {
		name, _, along := strings.Cut(p.key.text, ".")
		f := field(name)
		if f == nil {
			r.unknown(p.key, known, process.Text{ZH: "没有这个字段", EN: "there is no field"})
			continue
		}
		if along && f.Type != "reference" {
			r.problem(p.key, "`%s` 不指向其他记录", "`%s` points at no other record", name)
		}
		if !along {
			r.checkValue(f, p.value)
		}
	}
	return n.pairs
}

// recordFields checks fields of the scenario's record type.
func (r *caseReader) recordFields(n *node) []pair {
	return r.fieldsOf(r.s.process.Type, n)
}

func (r *caseReader) fieldsOf(t *process.RecordType, n *node) []pair {
	return r.fields(n, t.Field, fieldNames(t))
}

func fieldNames(t *process.RecordType) []string {
	var names []string
	for _, f := range t.Fields {
		names = append(names, f.Name)
	}
	return names
}

// checkValue finds out beforehand whether a value can be one of a field at all.
func (r *caseReader) checkValue(f *process.Field, n *node) {
	conv := converter{zone: r.s.zone, reference: func(f *process.Field, n *node) (any, *process.Text) {
		return map[string]any{"type": f.To, "id": "?", "title": n.text}, nil
	}}
	raw, why := conv.value(f, n)
	if why == nil {
		if _, wrong := f.Written(raw); len(wrong) > 0 {
			why = &wrong[0].Message
		}
	}
	switch {
	case why == nil:
	case f.Type == "money" && n.scalar():
		r.problem(n, "金额要写币种，如 50万 CNY", "write an amount with its currency, as 500000 CNY")
	default:
		r.problem(n, "%s", "%s", *why)
	}
}
