package scenario

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/crmflow/crmflow/process"
)

// standing is how everything stands, nothing left out: part by part, each as it would be written in an `expect: {everything: …}`. A part that isn't there
// has nothing to say: nothing is open, nobody was told.
type standing map[string]string

// parts are the parts of a standing, in the order in which they are read.
var parts = []string{"case", "open", "votes", "record", "made", "clocks", "copies", "differs", "told"}

// expectsEverything says whether a line is such an expectation.
func expectsEverything(l line) bool {
	e, ok := l.(*expectLine)
	return ok && e.what == "everything"
}

// everything compares how all stands with what is expected: what is missing and what is too much are both said.
func (e *expectLine) everything(w *world) *failure {
	is := w.standing()
	for _, part := range parts {
		if is[part] == e.all[part] || part == "record" && slices.Equal(slices.Sorted(maps.Keys(w.changedFields())), e.changed()) {
			continue
		}
		at := e.node.get("everything")
		if v := at.get(part); v != nil {
			at = v
		}
		return &failure{at, say("`%s` 与预期不符", "`%s` is otherwise", part), is.written()}
	}
	if w.record == nil {
		return nil
	}
	if f := e.fieldsOf(w, w.record); f != nil {
		f.instead = is.written()
		return f
	}
	return nil
}

// changed are the fields of the record itself that are expected to be otherwise than at its beginning; the values are compared as values, not as texts.
func (e *expectLine) changed() []string {
	var names []string
	for _, p := range e.pairs {
		if !strings.Contains(p.key.text, ".") {
			names = append(names, p.key.text)
		}
	}
	slices.Sort(names)
	return names
}

// standing says how everything stands now.
func (w *world) standing() standing {
	c := w.main
	if c == nil {
		return standing{"case": "none"}
	}
	status := statusOf(c)
	if status == process.Ended {
		status = c.state.Outcome
	}
	told := map[string][]string{}
	for _, m := range w.messages[w.since:] {
		for _, id := range m.To {
			told[id] = append(told[id], strings.TrimSpace(m.About+" "+w.stepName(m.of, m.Step, "")))
		}
	}
	return standing{"case": status, "open": w.allOpen(), "votes": w.votes(), "record": object(w.changedFields()), "made": w.made(), "clocks": w.clocks(c), "copies": object(w.copied()), "differs": w.differs(), "told": lists(told)}.withoutEmpty()
}

func (s standing) withoutEmpty() standing {
	maps.DeleteFunc(s, func(_, text string) bool { return text == "" })
	return s
}

// written is a standing as it would be written in a scenario.
func (s standing) written() []process.Text {
	var out []process.Text
	for _, part := range parts {
		if s[part] != "" {
			out = append(out, process.Same(part+": "+s[part]))
		}
	}
	return out
}

// stepName is a step as a scenario names it: with its process where that is a sub-case's, with its item inside an each.
func (w *world) stepName(c *running, step, item string) string {
	if step != "" && c.parent != nil && c.process != w.scenario.process {
		step = c.process.ID + "/" + step
	}
	if item != "" {
		step += "@" + item
	}
	return step
}

// allOpen lists all open tasks of all cases, one entry for each of whom it is open to.
func (w *world) allOpen() string {
	var out []string
	for _, c := range w.cases {
		for _, t := range c.order {
			if t.closed || t.Waits { // who waits for an opinion has it again when that is in
				continue
			}
			step := w.stepName(c, t.Step, "")
			if step == "" {
				step = t.Kind
			}
			owners := []string{t.Assignee}
			if t.Assignee == "" {
				owners = strings.Split(principals(t.Candidates), ", ")
			}
			due := ""
			if t.Due != nil {
				due = w.local(*t.Due)
			}
			for _, owner := range owners {
				out = append(out, openEntry(step, t.Item, owner, due, t.Claim && t.Assignee == ""))
			}
		}
	}
	return list(out)
}

func openEntry(step, item, owner, due string, claimable bool) string {
	text := "{task: " + step
	for _, p := range [][2]string{{"item", item}, {"of", owner}, {"due", due}} {
		if p[1] != "" {
			text += ", " + p[0] + ": " + p[1]
		}
	}
	if claimable {
		text += ", claimable: true"
	}
	return text + "}"
}

// votes are the answers that count in the rounds that are still open.
func (w *world) votes() string {
	out := map[string]string{}
	for _, c := range w.cases {
		for _, o := range c.state.Open {
			answers := map[string]string{}
			for _, seat := range o.Seats {
				if seat.Vote != nil {
					answers[cmp.Or(seat.Vote.By, "system")] = seat.Vote.Outcome
				}
			}
			if len(answers) > 0 {
				out[w.stepName(c, o.Step, o.Item)] = object(answers)
			}
		}
	}
	return object(out)
}

// changedFields are the fields of the record that are otherwise than when it came to be, as a scenario writes them.
func (w *world) changedFields() map[string]string {
	out := map[string]string{}
	if w.record == nil {
		return out
	}
	for i := range w.record.typ.Fields {
		name := w.record.typ.Fields[i].Name
		if !same(w.record.Fields[name], w.record.first[name]) {
			out[name] = writtenValue(w.record.Fields[name])
		}
	}
	return out
}

// writtenValue is a value as a scenario writes it.
func writtenValue(v any) string {
	switch v := v.(type) {
	case process.Money:
		return strings.ReplaceAll(v.String(), ",", "")
	case string:
		if v == "" || strings.ContainsAny(v, `,:{}[]#&*!|>'"%@`+"`") {
			return strconv.Quote(v)
		}
		return v
	case nil:
		return "null"
	}
	return shown(v)
}

// made counts the records that chains have made.
func (w *world) made() string {
	count := map[string]int{}
	for _, r := range w.records {
		if r.made {
			count[r.Type]++
		}
	}
	out := map[string]string{}
	for typ, n := range count {
		out[typ] = strconv.Itoa(n)
	}
	return object(out)
}

// differs are the steps that have turned out otherwise than the preview of the start said.
func (w *world) differs() string {
	var out []string
	for _, e := range w.entries {
		if e.Event == "differs" {
			out = append(out, w.stepName(e.of, e.Step, e.Item))
		}
	}
	slices.Sort(out)
	return list(slices.Compact(out))
}

// clocks are the case's clocks, as far as they have begun.
func (w *world) clocks(c *running) string {
	var out []string
	for _, run := range c.state.Clocks {
		status, due := "running", ""
		for _, s := range []string{"done", "stopped", "late"} {
			if w.clockIs(run, s) {
				status = s
				break
			}
		}
		if run.Due != nil {
			due = w.local(*run.Due)
		}
		out = append(out, clockEntry(run.ID, due, status))
	}
	return list(out)
}

func clockEntry(id, due, status string) string {
	if due != "" {
		due = ", due: " + due
	}
	return "{clock: " + id + due + ", status: " + status + "}"
}

func list(entries []string) string {
	if len(entries) == 0 {
		return ""
	}
	slices.Sort(entries)
	return "[" + strings.Join(entries, ", ") + "]"
}

// lists is a map of lists; one entry stands alone.
func lists(of map[string][]string) string {
	out := map[string]string{}
	for key, entries := range of {
		if out[key] = list(entries); len(entries) == 1 {
			out[key] = entries[0]
		}
	}
	return object(out)
}

func object(of map[string]string) string {
	if len(of) == 0 {
		return ""
	}
	var out []string
	for _, key := range slices.Sorted(maps.Keys(of)) {
		out = append(out, key+": "+of[key])
	}
	return "{" + strings.Join(out, ", ") + "}"
}
