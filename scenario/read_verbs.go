package scenario

import (
	"maps"
	"slices"
	"strings"

	"github.com/crmflow/crmflow/process"
)

// startLine begins a case. Without by it begins as an event or a rhythm begins it; without with it is about the record that is there already.
type startLine struct {
	node  *node
	by    string
	event string
	with  *node
	pairs []pair
	picks []string
}

func (r *caseReader) start(n *node) line {
	s := &startLine{node: n}
	event := func(v *node) {
		s.event = r.oneOf(v, process.Text{ZH: "流程不由这个事件发起", EN: "the process doesn't start by"}, r.s.process.Start.On...)
	}
	r.object(n, process.Text{ZH: "`start`", EN: "`start`"}, keys{
		"by":    func(v *node) { s.by = r.person(v) },
		"event": event, "on": event,
		"with":  func(v *node) { s.with, s.pairs = v, r.recordFields(v) },
		"picks": func(v *node) { s.picks = r.persons(v) },
	})
	return s
}

// doLine is an act of somebody, or the answer of a system or a sub-case.
type doLine struct {
	node    *node
	as      string
	act     string
	on      *node // what the act names
	target  target
	outcome string
	fields  *node
	comment string
	to      []string
	items   []string
	where   string
	mode    string
	people  []string
	picks   []string
	reason  string
	item    string
	sign    string
	bulk    bool              // done as one of several at once
	version *process.Process  // migrate: what it is taken to …
	places  map[string]string // … and where it goes on there, by the steps where it stands
}

// Acts on a task: their value is the step. The words of the API, with - or _, and short ones.
var taskActs = map[string]process.EventKind{
	"approve": process.EventApprove, "reject": process.EventReject, "return": process.EventReturn, "complete": process.EventComplete,
	"claim": process.EventClaim, "release": process.EventRelease, "assign": process.EventAssign, "transfer": process.EventTransfer,
	"add_approver": process.EventAdd, "add": process.EventAdd, "remove_approver": process.EventRemove, "remove": process.EventRemove,
	"take_back": process.EventTakeBack, "stop_clock": process.EventStopClock, "start_clock": process.EventStartClock,
}

// Acts on a case: their value is true, or a step of the case. `jump` names the step it leads to, `migrate` the process that is the other version.
var caseActs = map[string]process.EventKind{
	"withdraw": process.EventWithdraw, "cancel": process.EventCancel, "suspend": process.EventSuspend, "resume": process.EventResume,
	"jump": process.EventJump, "revoke": process.EventUndo, "migrate": process.EventMigrate,
}

// Acts that are no events of the machine: rows beside the case.
var plainActs = []string{"urge", "comment", "copy", "read"}

// What the world answers to a step: a system's answer or its failure, the end of a sub-case.
var worldActs = []string{"answer", "fail", "end_call"}

func isAct(word string) bool {
	return taskActs[word] != "" || caseActs[word] != "" || slices.Contains(plainActs, word) || slices.Contains(worldActs, word)
}

func (r *caseReader) do(n *node) line {
	d := &doLine{node: n}
	with := func(v *node) { d.fields = v }
	known := keys{
		"as":      func(v *node) { d.as = r.person(v) },
		"outcome": func(v *node) { d.outcome = r.word(v) },
		"fields":  with,
		"with":    with,
		"body":    with,
		"comment": func(v *node) { d.comment = r.word(v) },
		"to":      func(v *node) { d.to = r.words(v) },
		"items":   func(v *node) { d.items = r.words(v) },
		"where": func(v *node) {
			d.where = r.oneOf(v, process.Text{ZH: "加签位置", EN: "where to add"}, "before", "after", "beside")
		},
		"mode":      func(v *node) { d.mode = r.word(v) },
		"people":    func(v *node) { d.people = r.persons(v) },
		"picks":     func(v *node) { d.picks = r.persons(v) },
		"reason":    func(v *node) { d.reason = r.word(v) },
		"item":      func(v *node) { d.item = r.word(v) },
		"signature": func(v *node) { d.sign = r.word(v) },
		"bulk":      func(v *node) { d.bulk = r.truth(v) },
		"map":       func(v *node) { d.places = r.places(v) },
	}
	acts := r.acts(n)
	for _, p := range acts {
		known[p.key.text] = func(*node) {}
	}
	switch {
	case n.kind != nodeMap:
	case len(acts) == 0:
		r.noAct(n, known)
		return d
	case len(acts) > 1:
		r.problem(acts[1].key, "一次只做一件事：`%s` 应另起一项", "one act at a time: give `%s` an entry of its own", acts[1].key.text)
	default:
		d.act, d.on = strings.ReplaceAll(acts[0].key.text, "-", "_"), acts[0].value
	}
	if r.object(n, process.Text{ZH: "`do`", EN: "`do`"}, known) && d.act != "" {
		r.finish(d, n)
	}
	return d
}

// acts finds what is done. `comment` is an act only where there is no other.
func (r *caseReader) acts(n *node) []pair {
	var acts []pair
	for _, p := range n.pairs {
		if isAct(strings.ReplaceAll(p.key.text, "-", "_")) {
			acts = append(acts, p)
		}
	}
	if len(acts) > 1 {
		acts = slices.DeleteFunc(acts, func(p pair) bool { return p.key.text == "comment" })
	}
	return acts
}

// noAct says that a `do` does nothing, at the word that was most likely meant to be the act.
func (r *caseReader) noAct(n *node, known keys) {
	words := slices.Concat(slices.Sorted(maps.Keys(taskActs)), slices.Sorted(maps.Keys(caseActs)), plainActs, worldActs)
	for _, p := range n.pairs {
		if known[p.key.text] == nil {
			r.unknown(p.key, words, process.Text{ZH: "没有这种操作", EN: "there is no act"})
			return
		}
	}
	r.problem(n, "`do` 没有写做什么，如 approve: 步骤", "`do` doesn't say what is done, as approve: step")
}

// finish reads what an act names, and checks what it brings.
func (r *caseReader) finish(d *doLine, n *node) {
	world := slices.Contains(worldActs, d.act)
	if d.as == "" && n.get("as") == nil && !world {
		r.problem(n, "`do` 没有写谁来做（`as`）", "`do` doesn't say who does it (`as`)")
	}
	switch {
	case taskActs[d.act] != "" || world:
		d.target = r.step(d.on)
	case d.act == "comment":
		d.comment = r.word(d.on)
	case d.act == "migrate":
		d.version = r.otherVersion(d.on)
	case d.on.kind == nodeBool || d.on.kind == nodeNull:
		if d.act == "jump" {
			r.problem(d.on, "`jump` 要写去哪个步骤", "`jump` names the step it leads to")
		}
	default:
		d.target = r.step(d.on)
	}
	if d.act == "end_call" && d.outcome == "" {
		r.problem(n, "`end_call` 要写结果（`outcome`）", "`end_call` says how the sub-case ended (`outcome`)")
	}
	if d.fields != nil && !world {
		r.stepFields(d)
	}
	r.whom(d, n)
}

// whom reads `to` as people where the act means people.
func (r *caseReader) whom(d *doLine, n *node) {
	to := n.get("to")
	if to == nil {
		return
	}
	switch d.act {
	case "add_approver", "add", "remove_approver", "remove":
		d.people, d.to = append(d.people, r.persons(to)...), nil
	case "assign", "transfer", "copy":
		d.to = r.persons(to)
	case "return":
		if len(d.to) == 1 && d.to[0] != "initiator" && d.to[0] != "previous" {
			r.step(to)
		}
	}
}

// stepFields checks the fields that a form fills in: those of the record, and the columns of the item's line.
func (r *caseReader) stepFields(d *doLine) {
	p := d.target.process
	if p == nil || d.target.step == "" || p.Step(d.target.step) == nil {
		return
	}
	step := p.Step(d.target.step)
	known := fieldNames(p.Type)
	for _, e := range step.Form.Edit {
		known = append(known, e.Field)
	}
	r.fields(d.fields, func(name string) *process.Field { return p.FormField(step, name) }, known)
}

// eventLine is something that happens outside and that chains wait for.
type eventLine struct {
	node   *node
	name   string
	record string // title or number of the record it is about; "": the scenario's
	with   *node
	pairs  []pair
}

func (r *caseReader) event(n *node) line {
	e := &eventLine{node: n}
	if n.kind != nodeMap {
		e.name = r.word(n)
		return e
	}
	name := func(v *node) { e.name = r.word(v) }
	with := func(v *node) { e.with, e.pairs = v, r.recordFields(v) }
	r.object(n, process.Text{ZH: "`event`", EN: "`event`"}, keys{
		"name": name, "type": name, "id": func(v *node) { r.word(v) },
		"record": func(v *node) { e.record = r.word(v) },
		"data":   with, "with": with,
	})
	if e.name == "" {
		r.problem(n, "`event` 没有写事件名称（`name`）", "`event` doesn't say which event (`name`)")
	}
	return e
}

// passLine lets time pass.
type passLine struct {
	node  *node
	limit process.Limit
	until moment
	due   bool
}

func (r *caseReader) pass(n *node) line {
	p := &passLine{node: n}
	if until := n.get("until"); until != nil && len(n.pairs) == 1 {
		r.until(p, until, r.word(until))
		return p
	}
	s := r.word(n)
	if rest, ok := strings.CutPrefix(s, "until "); ok {
		r.until(p, n, strings.TrimSpace(rest))
		return p
	}
	limit, err := process.ParseLimit(s)
	if err != nil && s != "" {
		r.problem(n, "看不懂经过的时间：`%s`；可写 1 working day、30 minutes、until 2026-10-08 18:00、until due",
			"`%s` is no time to pass; write 1 working day, 30 minutes, until 2026-10-08 18:00 or until due", clip(s))
	}
	p.limit = limit
	return p
}

func (r *caseReader) until(p *passLine, n *node, s string) {
	if s == "due" {
		p.due = true
		return
	}
	p.until, _ = r.moment(&node{kind: nodeText, text: s, line: n.line, column: n.column}, r.s.zone)
}
