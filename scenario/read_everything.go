package scenario

import (
	"slices"

	"github.com/crmflow/crmflow/process"
)

// everything reads how all is expected to stand. What isn't written is expected to be nothing.
func (r *caseReader) everything(e *expectLine, n *node) {
	e.all = standing{}
	r.object(n, say("`everything`", "`everything`"), keys{
		"case":    func(v *node) { e.all["case"] = r.word(v) },
		"open":    func(v *node) { e.all["open"] = r.eachOf(v, r.openTask) },
		"votes":   func(v *node) { e.all["votes"] = r.answers(v) },
		"record":  func(v *node) { e.pairs = r.recordFields(v) },
		"made":    func(v *node) { e.all["made"] = r.counts(v) },
		"clocks":  func(v *node) { e.all["clocks"] = r.eachOf(v, r.clockNow) },
		"told":    func(v *node) { e.all["told"] = r.toldWhom(v) },
		"copies":  func(v *node) { e.all["copies"] = r.copies(v) },
		"differs": func(v *node) { e.all["differs"] = list(r.words(v)) },
	})
	if n.kind == nodeMap && n.get("case") == nil {
		r.problem(n, "`everything` 没有写事项怎样了（`case`）", "`everything` doesn't say how the case stands (`case`)")
	}
	e.all = e.all.withoutEmpty()
}

// eachOf reads a list, or one entry.
func (r *caseReader) eachOf(n *node, one func(*node) []string) string {
	var out []string
	if n.kind != nodeList {
		return list(one(n))
	}
	for _, v := range n.items {
		out = append(out, one(v)...)
	}
	return list(out)
}

// openTask reads an open task, or, with several people, one of each.
func (r *caseReader) openTask(n *node) []string {
	var step, item, due string
	var of []process.Principal
	claimable := false
	r.object(n, say("`open`", "`open`"), keys{
		"task": func(v *node) {
			if step = v.text; step != "held" {
				r.step(v)
			}
		},
		"of":        func(v *node) { of = r.principals(v) },
		"item":      func(v *node) { item = r.word(v) },
		"due":       func(v *node) { due = r.minute(v) },
		"claimable": func(v *node) { claimable = r.truth(v) },
	})
	if n.kind == nodeMap && (step == "" || len(of) == 0) {
		r.problem(n, "应写成 {task: 步骤, of: 谁, due: 期限}；没有期限就不写 `due`", "an open task is written as {task: step, of: who, due: when}, without `due` where it has none")
	}
	var out []string
	for _, p := range of {
		out = append(out, openEntry(step, item, principals([]process.Principal{p}), due, claimable))
	}
	return out
}

// minute reads a moment to the minute.
func (r *caseReader) minute(n *node) string {
	m, ok := r.moment(n, r.s.zone)
	if ok && m.date {
		r.problem(n, "这里要写到分钟，如 2026-10-08 18:00", "this is written to the minute, as 2026-10-08 18:00")
	}
	return m.at.In(r.s.zone).Format("2006-01-02 15:04")
}

func (r *caseReader) clockNow(n *node) []string {
	var id, due, status string
	r.object(n, say("`clocks`", "`clocks`"), keys{
		"clock":  func(v *node) { id = r.clock(v) },
		"due":    func(v *node) { due = r.minute(v) },
		"status": func(v *node) { status = r.clockStatus(v) },
	})
	return []string{clockEntry(id, due, status)}
}

// answers reads {step: {person: outcome}}.
func (r *caseReader) answers(n *node) string {
	out := map[string]string{}
	r.eachKey(n, "{step: {person: outcome}}", func(step string, v *node) {
		of := map[string]string{}
		r.eachKey(v, "{person: outcome}", func(person string, v *node) { of[person] = r.word(v) })
		out[step] = object(of)
	})
	return object(out)
}

func (r *caseReader) counts(n *node) string {
	out := map[string]string{}
	r.eachKey(n, "{record type: number}", func(typ string, v *node) { out[typ] = r.word(v) })
	return object(out)
}

// copies reads {person: read}, or unread.
func (r *caseReader) copies(n *node) string {
	out := map[string]string{}
	r.eachKey(n, "{person: read}", func(id string, v *node) {
		out[id] = r.oneOf(v, process.Text{ZH: "抄送没有这种状态", EN: "a copy is never"}, copyRead, copyUnread)
	})
	return object(out)
}

// toldWhom reads {person: about}, or a list where there was more than one message.
func (r *caseReader) toldWhom(n *node) string {
	out := map[string][]string{}
	r.eachKey(n, "{person: about}", func(id string, v *node) {
		out[id] = slices.Clone(r.words(v))
	})
	return lists(out)
}

// eachKey reads a map whose keys are any.
func (r *caseReader) eachKey(n *node, form string, one func(key string, v *node)) {
	if n.kind != nodeMap {
		r.problem(n, "应写成 %s", "this is written as %s", form)
		return
	}
	for _, p := range n.pairs {
		one(p.key.text, p.value)
	}
}
