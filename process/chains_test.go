package process

import (
	"fmt"
	"slices"
	"strings"
)

// job is the record of the random chains: what they look at, and twenty fields of which each is changed at one place only.
var job = func() string {
	doc := `record: job
title: {zh: 活, en: Job}
fields:
  name:  {type: text, required: true}
  size:  {type: number}
  level: {type: choice, of: [a, b]}
  ends:  {type: date}
  price: {type: money, at_least: 0 CNY}
  parts: {type: text, many: true}
  areas: {type: department, many: true, of: [a, b, c]}
  lines: {type: lines, key: part, of: {part: {type: text}, amount: {type: number}, remark: {type: text}}}
  team:  {type: person, many: true}
  buyer: {type: person}
  owner: {type: person, default: creator}
  stock: {type: reference, to: stock}
`
	for i := range ownFields {
		doc += fmt.Sprintf("  f%d: {type: text}\n", i+1)
	}
	return doc
}()

const (
	ownFields = 20

	stock = `record: stock
title: {zh: 库存, en: Stock}
fields:
  name: {type: text, required: true}
  left: {type: number, at_least: 0}
`
	helper = `process: helper
title: Helper
record: job
start: {by: [role:x]}
steps:
  - {id: help, task: Help, by: initiator}
  - end: helped
`
	urgency = `table: urgency
input: {size: record.size}
output: {limit: duration}
hit: first
rows:
  - {when: {size: "> 5"}, then: {limit: 4 working hours}}
  - {then: {limit: 2 working days}}
`
)

// jobWriter writes random chains that nest everything into everything, of a shape in which the situations in hard are likely to occur. In every loop stands
// somebody who is asked.
type jobWriter struct {
	t      *lot
	hard   []string
	n      int      // steps so far
	fields int      // of the fields with one place, how many are used
	depth  int      // lists around
	forks  int      // of them those in branches
	items  []string // names of the `each`es around, from outside in; those over departments begin with "d"
	lined  bool     // inside an each with `into`
	back   []string // steps that may be gone to from here: before it in its list and those around
	asked  []string // approvals and tasks so far, wherever
	ends   map[string]bool
	top    []string // steps of the chain itself
}

// chain writes a process.
func (w *jobWriter) chain() string {
	w.ends = map[string]bool{}
	steps := w.list("  ", w.forced(), w.t.dice(3))
	var b strings.Builder
	b.WriteString("process: job-chain\ntitle: Job\nrecord: job\nnumber: \"J{0000}\"\nsubject: \"{record.name} · {initiator}\"\nstart: {by: [role:x]}\n")
	b.WriteString("resubmit: {edit: {name: required, size: optional, level: optional}, due: 2 working days}\n")
	if w.wants("until") || w.chance(10) {
		b.WriteString("until: [{on: job.stopped, end: stopped}, {at: record.ends, end: expired}]\n")
	}
	if w.chance(50) {
		b.WriteString("late: [{at: due, tell: [holder]}, {after: 4 working hours, hand_up: true}]\n")
	}
	if w.wants("clock") || w.chance(20) {
		from, to := w.pick("start", "opened("+w.top[0]+")", "done("+w.top[0]+")"), w.top[max(0, len(w.top)-2)]
		if w.wants("clock") {
			from, to = "start", w.top[0]
		}
		fmt.Fprintf(&b, "clocks: [{id: whole, from: %s, to: done(%s), within: 2 working days, stops_while: [waiting], late: [{at: 50%%, tell: [{field: owner}]}, {at: due, tell: [initiator]}, {after: 1 working day, tell: [{head_of: a}]}]}]\n", from, to)
	}
	if w.wants("revoke") && strings.Contains(steps, "\n    approve: ") {
		b.WriteString("revoke: {by: initiator, within: 30 days}\n")
	}
	if w.chance(20) {
		b.WriteString("copy: {to: [{head_of: b}], at: end}\n")
	}
	b.WriteString("steps:\n" + steps)
	return b.String()
}

func (w *jobWriter) wants(what string) bool { return slices.Contains(w.hard, what) }

func (w *jobWriter) chance(percent int) bool { return w.t.chance(percent) }

func (w *jobWriter) pick(of ...string) string { return of[w.t.dice(len(of))] }

// forced are the kinds of steps that the chain must have for what is wanted of it.
func (w *jobWriter) forced() []string {
	var out []string
	for _, what := range w.hard {
		out = append(out, structures[what]...)
	}
	return out
}

// structures are the steps, at the top of the chain, at which the situations occur.
var structures = map[string][]string{
	"past a fork":      {"approve", "parallel", "returner"},
	"out of a fork":    {"approve", "forked returner"},
	"in a round":       {"approve", "round"},
	"into a group":     {"group", "returner"},
	"nested each":      {"nested each"},
	"until":            {"round"},
	"event":            {"parallel paid"},
	"add":              {"round"},
	"remove":           {"approve"},
	"take back":        {"round"},
	"kept round":       {"parallel"},
	"step back":        {"approve", "round"},
	"substitute":       {"for another"},
	"chosen":           {"chosen"},
	"stop in a stage":  {"stage stop"},
	"withdraw in fork": {"set", "parallel"},
	"clock":            {"approve", "returner"},
	"hand up":          {"late task"},
	"undo":             {"approve", "set", "returner"},
	"straight back":    {"approve", "set", "back returner"},
	"first join":       {"first parallel"},
	"reapprove":        {"round", "edit"},
	"sub-case":         {"call"},
	"request":          {"request"},
	"held":             {"holder"},
	"at most":          {"task", "at most"},
	"revoke":           {"set", "approve"},
	"claim":            {"claim"},
	"alarms":           {"late task"},
	"in turn":          {"turns"},
}

// list writes a list of steps: those of the kinds that must be, and some more in any place.
func (w *jobWriter) list(indent string, must []string, more int) string {
	outer := len(w.back)
	kinds := slices.Clone(must)
	for range more {
		at := w.t.dice(len(kinds) + 1)
		kinds = slices.Insert(kinds, at, w.kind())
	}
	if len(kinds) == 0 {
		kinds = []string{w.kind()}
	}
	w.depth++
	var b strings.Builder
	for i, kind := range kinds {
		w.oneStep(&b, indent, kind, i == len(kinds)-1 && b.Len() == 0)
	}
	w.depth--
	w.back = w.back[:outer]
	return b.String()
}

// oneStep writes a step, or leaves it out where it may be left out.
func (w *jobWriter) oneStep(b *strings.Builder, indent, kind string, sure bool) {
	if sure {
		b.WriteString(w.step(indent, kind))
		return
	}
	outer := w.t
	outer.perhaps("step", func(t *lot) {
		w.t = t
		b.WriteString(w.step(indent, kind))
	})
	w.t = outer
}

func (w *jobWriter) kind() string {
	kinds := []string{"approve", "approve", "round", "task", "task", "set", "notify", "wait", "returner", "edit"}
	if w.depth < 2 && w.n < 14 {
		kinds = append(kinds, "parallel", "each", "stage", "choose", "first parallel", "call", "request", "decide", "parallel wait", "claim")
	}
	return w.pick(kinds...)
}

// step writes one step of a kind, perhaps with a condition.
func (w *jobWriter) step(indent, kind string) string {
	w.n++
	id := fmt.Sprintf("s%d", w.n)
	reachable := append(slices.Clone(w.back), id)
	w.back = reachable
	if w.depth == 1 {
		w.top = append(w.top, id)
	}
	body, after := w.body(indent+"  ", id, kind)
	if kind != "nested each" && kind != "holder" && !slices.Contains(w.forced(), kind) && w.chance(15) {
		body += fmt.Sprintf("%s  if: %s\n", indent, w.condition())
	}
	return fmt.Sprintf("%s- id: %s\n%s%s", indent, id, body, after)
}

func (w *jobWriter) condition() string {
	return w.pick("record.size > 3", "record.level == \"a\"", "has(record.level)", "record.name != \"x\"", "size(record.team) > 0", "any of record.lines.amount > 2")
}

// field is a field that only this place changes; "" when all are used. Inside an each none can be told apart.
func (w *jobWriter) field() string {
	if len(w.items) > 0 || w.fields == ownFields {
		return ""
	}
	w.fields++
	return fmt.Sprintf("f%d", w.fields)
}

func (w *jobWriter) body(in, id, kind string) (body, after string) {
	title := strings.ToUpper(id)
	switch kind {
	case "round", "turns", "returner", "back returner", "approve", "for another":
		return w.approval(in, title, kind), ""
	case "task", "edit", "claim", "late task", "at most":
		return w.task(in, id, title, kind)
	case "set", "holder":
		return w.set(in, kind), ""
	case "notify":
		return fmt.Sprintf("%snotify: Hear {record.name}\n%sto: [initiator, %s]\n", in, in, w.someone()), ""
	case "wait":
		return fmt.Sprintf("%swait: %s\n", in, w.pick("{on: job.paid}", "{on: job.paid, within: 1 working day, late: [{at: due, tell: [initiator]}, {after: 2 hours, outcome: gone}]}",
			"2 working hours", "{until: record.ends}", "start of working day 2", "30 minutes")), ""
	case "paid":
		return in + "wait: {on: job.paid}\n", ""
	case "decide":
		return in + "decide: urgency\n", ""
	case "call":
		return fmt.Sprintf("%scall: helper\n%swith: {name: record.name}\n", in, in) + w.pick("", in+"on: {helped: {}, withdrawn: {end: let-down}}\n") + w.pick("", in+"undo: [{notify: Sorry, to: initiator}]\n"), ""
	case "request":
		body := in + "request: {to: erp, post: \"/jobs/{record.name}\", body: {n: record.size}"
		if f := w.field(); f != "" {
			body += ", into: {" + f + ": body.no}"
		}
		return body + w.pick("", ", failed: hold", ", failed: {steps: [{task: Mend, by: initiator}]}", ", failed: {end: broken}") + "}\n", ""
	case "choose":
		return w.choose(in, nil), ""
	case "group":
		if w.chance(50) {
			return w.choose(in, []string{"approve"}), ""
		}
		return w.stage(in, []string{"approve"}), ""
	case "stage":
		return w.stage(in, nil), ""
	case "stage stop":
		return w.stage(in, []string{"stop"}), ""
	case "stop":
		return fmt.Sprintf("%stask: %s\n%sby: %s\n%sdue: 1 working day\n%smay_stop_clock: [{reason: waiting, at_most: 4 working hours}]\n", in, title, in, w.asks(), in, in), ""
	case "each", "nested each":
		return w.each(in, kind), ""
	case "chosen":
		return w.chosen(in, id)
	}
	return w.parallel(in, kind), ""
}

func (w *jobWriter) parallel(in, kind string) string {
	join := map[string]string{"parallel": "all", "first parallel": "first", "parallel wait": "all", "parallel paid": "all", "forked returner": "all"}[kind]
	one := map[string][]string{"parallel": {"approve"}, "first parallel": {"approve"}, "parallel wait": {"wait"}, "parallel paid": {"paid"}, "forked returner": {"returner"}}[kind]
	w.forks++
	defer func() { w.forks-- }()
	var b strings.Builder
	fmt.Fprintf(&b, "%sjoin: %s\n%sparallel:\n", in, join, in)
	for i := range 2 + w.t.dice(2) {
		if i > 0 {
			one = nil
		}
		fmt.Fprintf(&b, "%s  - id: b%d\n%s    steps:\n%s", in, i, in, w.list(in+"      ", one, w.t.dice(2)))
	}
	return b.String()
}

// choose is a choice of two branches, in each of which stands what must be, if anything must; else the last may be empty.
func (w *jobWriter) choose(in string, must []string) string {
	more := 1 - len(must)
	b := fmt.Sprintf("%schoose:\n%s  - when: %s\n%s    steps:\n%s%s  - otherwise: true\n%s    steps:", in, in, w.condition(), in, w.list(in+"      ", must, more), in, in)
	if must == nil && w.chance(25) {
		return b + " []\n"
	}
	return b + "\n" + w.list(in+"      ", must, more)
}

func (w *jobWriter) stage(in string, must []string) string {
	limit := ""
	if must != nil || w.chance(50) {
		limit = fmt.Sprintf("%sdue: 2 working days\n%sremind: [2 working hours before]\n%slate: [{at: due, tell: [holder]}, {after: 1 working day, tell: [initiator]}]\n", in, in, in)
	}
	return fmt.Sprintf("%sstage: S\n%s%ssteps:\n%s", in, limit, in, w.list(in+"  ", must, w.t.dice(3)))
}

// each goes through texts, departments or lines; the outermost may write its lines.
func (w *jobWriter) each(in, kind string) string {
	over := w.pick("record.parts", "record.areas", "record.lines")
	inner := []string(nil)
	if kind == "nested each" {
		over, inner = w.pick("record.parts", "record.lines"), []string{"inner each"}
	}
	if len(w.items) > 0 {
		over = "record.areas"
	}
	name := map[string]string{"record.parts": "p", "record.areas": "d", "record.lines": "l"}[over] + fmt.Sprint(len(w.items))
	w.items = append(w.items, name)
	w.forks++
	into := ""
	if len(w.items) == 1 && over != "record.areas" && w.chance(60) {
		into, w.lined = in+"into: lines\n", true
	}
	defer func() {
		w.items = w.items[:len(w.items)-1]
		w.forks--
		w.lined = w.lined && len(w.items) > 0
	}()
	var steps string
	if inner != nil {
		w.n++
		id := fmt.Sprintf("s%d", w.n)
		w.depth++
		steps = fmt.Sprintf("%s  - id: %s\n%s", in, id, w.each(in+"    ", "each"))
		w.depth--
	} else {
		steps = w.list(in+"  ", []string{w.pick("approve", "task", "round")}, w.t.dice(2))
	}
	return fmt.Sprintf("%seach: %s\n%sas: %s\n%s%ssteps:\n%s", in, over, in, name, into, in, steps)
}

// chosen is an each and an approval that sends some items back into it.
func (w *jobWriter) chosen(in, id string) (body, after string) {
	body = w.each(in, "each")
	w.n++
	outer := in[:len(in)-2]
	after = fmt.Sprintf("%s- id: s%d\n%sapprove: Check\n%sby: %s\n%son: {returned: {go: %s, only: chosen}}\n", outer, w.n, in, in, w.asks(), in, id)
	return body, after
}

// asks is one entry of `by` that is one seat.
func (w *jobWriter) asks() string {
	forms := []string{"initiator", "{user: p0}", "{user: p1}", "{user: p2}", "{manager_of: initiator}", "{role: x}", "{department: a}", "{department: b}", "{field: owner}", "{field: buyer}", "{head_of: c}", "{in_charge_of: b}"}
	if len(w.items) > 0 && strings.HasPrefix(w.items[len(w.items)-1], "d") {
		it := "$" + w.items[len(w.items)-1]
		forms = append(forms, "{department: "+it+"}", "{head_of: "+it+"}", "{in_charge_of: "+it+"}")
	}
	if len(w.asked) > 0 {
		forms = append(forms, "{actor_of: "+w.asked[0]+"}")
	}
	return w.pick(forms...)
}

func (w *jobWriter) someone() string {
	return w.pick("{role: x}", "{manager_of: initiator}", "{head_of: a}", "{user: p3}", "{field: team}")
}

// seats are several.
func (w *jobWriter) seats() string {
	switch w.pick("list", "list", "everyone", "managers", "team", "cel") {
	case "everyone":
		return "{role: x, everyone: true}"
	case "managers":
		return "{managers_of: initiator, up_to: {level: 3}}"
	case "team":
		return "{field: team}"
	case "cel":
		return "{cel: record.team}"
	}
	return "[{user: p0}, {user: p1}, " + w.asks() + "]"
}

// rules are what a step does about nobody, the initiator, duties and the same person again.
func (w *jobWriter) rules(in string, approval bool) string {
	var b strings.Builder
	if w.chance(60) {
		none := []string{"hold", "skip", "{to: {user: p1}}", "{to: {role: x}}"}
		if approval && w.chance(15) {
			none = []string{"reject"}
		}
		fmt.Fprintf(&b, "%sif_none: %s\n", in, w.pick(none...))
	}
	if w.chance(25) {
		fmt.Fprintf(&b, "%sif_initiator: %s\n", in, w.pick("ask", "skip", "{to: {manager_of: initiator}}"))
	}
	if w.chance(20) && len(w.asked) > 0 {
		fmt.Fprintf(&b, "%snot_same_as: [%s]\n", in, w.pick(w.asked...))
	}
	if approval && w.chance(25) {
		fmt.Fprintf(&b, "%ssame_again: %s\n", in, w.pick("skip_if_approved", "skip_if_adjacent", "keep_last"))
	}
	return b.String()
}

// time is a limit with its ladder.
func (w *jobWriter) time(in string, sure bool) string {
	if !sure && !w.chance(60) {
		return ""
	}
	due := w.pick("1 working day", "4 working hours", "90 working minutes", "1 days", "end of today", "{table: urgency}", "record.ends", "1 working day before record.ends")
	b := fmt.Sprintf("%sdue: %s\n", in, due)
	if sure {
		b = fmt.Sprintf("%sdue: %s\n", in, w.pick("1 working day", "4 working hours", "1 days"))
	}
	if w.chance(50) {
		b += in + "remind: [2 working hours before, 30 minutes before]\n"
	}
	rungs := []string{"{at: 50%, tell: [{manager_of: initiator}]}", "{at: due, tell: [holder, {manager_of: holder}]}"}
	switch {
	case sure:
		rungs = append(rungs, "{after: 2 working hours, hand_up: true}")
	default:
		rungs = append(rungs, w.pick("{after: 2 working hours, hand_up: true}", "{after: 3 hours, transfer: {role: x}}", "{after: 1 working day, tell: [initiator], add: [{user: p2}]}", "{after: 2 working days, outcome: "+"@OUT}"))
	}
	return b + in + "late: [" + strings.Join(rungs, ", ") + "]\n"
}

func (w *jobWriter) approval(in, title, kind string) string {
	id := strings.ToLower(title)
	several := kind == "round" || kind == "turns" || kind == "approve" && w.chance(15)
	by, mode := w.asks(), ""
	if several {
		by = w.seats()
		mode = w.pick("first", "all", "all", "all_opinions", "in_turn", "{votes: {need: 2/3}}", "{votes: {need: 60%, tie: approved, veto: {user: p1}, weights: {p0: 2}}}")
		switch {
		case kind == "turns":
			mode = "in_turn"
		case kind == "round" && w.wants("take back"):
			mode = w.pick("all", "all_opinions")
		}
		mode = in + "mode: " + mode + "\n"
	}
	if kind == "for another" {
		by = w.pick("{user: p1}", "{user: p2}", "{user: p3}")
	}
	var on []string
	earlier := w.back[:len(w.back)-1]
	switch {
	case len(earlier) > 0 && w.chance(50):
		on = append(on, "returned: {go: "+w.pick(earlier...)+w.most()+"}")
	}
	switch w.pick("", "", "", "end", "steps", "no") {
	case "end":
		on = append(on, "rejected: {end: refused}")
	case "steps":
		on = append(on, "rejected: {steps: [{id: "+id+"r, task: Mend, by: initiator}]}")
	case "no":
		on = append(on, "rejected: no")
	}
	if f := w.field(); f != "" && w.chance(25) {
		on = append(on, "approved: {set: {"+f+": record.name}}")
	}
	b := fmt.Sprintf("%sapprove: %s\n%sby: %s\n%s%s", in, title, in, by, mode, w.rules(in, true))
	if len(on) > 0 {
		b += in + "on: {" + strings.Join(on, ", ") + "}\n"
	}
	if strings.HasSuffix(kind, "returner") || w.chance(40) {
		b += in + "return_to: [any]\n"
	}
	if kind == "back returner" || w.chance(20) {
		b += in + "resume: back\n"
	}
	if w.wants("reapprove") || w.chance(10) {
		b += in + "reapprove_if_changed: [size, level]\n"
	}
	w.asked = append(w.asked, id)
	return b + strings.ReplaceAll(w.time(in, false), "@OUT", "approved")
}

func (w *jobWriter) most() string {
	if w.chance(30) {
		return ", at_most: 2, then: {end: enough}"
	}
	return ""
}

// task writes work, whose outcomes go everywhere.
func (w *jobWriter) task(in, id, title, kind string) (body, after string) {
	by := w.asks()
	var b strings.Builder
	fmt.Fprintf(&b, "%stask: %s\n", in, title)
	if kind == "claim" || w.chance(10) {
		by = w.pick("{department: a}", "{role: x}", "{department: b}")
		b.WriteString(in + "claim: true\n")
	}
	fmt.Fprintf(&b, "%sby: %s\n%s%s", in, by, w.rules(in, false), strings.ReplaceAll(w.time(in, kind == "late task"), "@OUT", "ok"))
	if kind != "late task" && w.chance(20) && strings.Contains(b.String(), "due: ") {
		b.WriteString(in + "may_stop_clock: [{reason: waiting, at_most: 1 working day}, {reason: asking}]\n")
	}
	b.WriteString(w.edits(in, kind))
	outcomes := []string{"ok: {}"}
	if len(w.back) > 0 && (kind == "at most" || w.chance(60)) {
		most := w.most()
		if kind == "at most" {
			most = ", at_most: 1, then: {end: enough}"
		}
		outcomes = append(outcomes, "back: {go: "+w.pick(w.back...)+most+"}")
	}
	if w.chance(25) {
		outcomes = append(outcomes, "more: {steps: [{id: "+id+"m, task: More, by: initiator}]}")
	}
	if w.chance(8) {
		outcomes = append(outcomes, "stop: {end: given-up}")
	}
	if w.depth == 1 && w.chance(20) {
		outcomes = append(outcomes, "aside: {go: "+id+"a}")
		outer := in[:len(in)-2]
		after = fmt.Sprintf("%s- {id: %sa, aside: true, task: Aside, by: %s, then: {go: %s}}\n", outer, id, w.pick("initiator", "{user: p1}"), id)
	}
	fmt.Fprintf(&b, "%soutcomes: {%s}\n", in, strings.Join(outcomes, ", "))
	w.asked = append(w.asked, id)
	return b.String(), after
}

// edits are what a task may change: in no branch what the chain looks at, in a branch a field of its own, in an each with lines their columns.
func (w *jobWriter) edits(in, kind string) string {
	switch {
	case w.lined:
		return in + "edit: {amount: optional, remark: required}\n"
	case w.forks == 0 && kind == "edit" && w.wants("reapprove"):
		return in + "edit: {size: optional, level: optional}\n"
	case w.forks == 0 && (kind == "edit" || w.chance(40)):
		return in + "edit: {" + w.pick("size: optional, level: optional", "parts: optional, areas: optional", "team: optional, buyer: optional", "ends: optional", "size: optional") + "}\n"
	}
	if f := w.field(); f != "" && w.chance(50) {
		return in + "edit: {" + f + ": required}\n"
	}
	return ""
}

// set changes a field of its own, one of another record, or to a value that is the same in every branch; `holder` something that can't be.
func (w *jobWriter) set(in, kind string) string {
	if kind == "holder" {
		return in + "set: {record.stock.left: \"- 5\"}\n" + w.pick("", in+"undo: [{set: {record.stock.left: \"+ 5\"}}]\n")
	}
	if len(w.items) > 0 || w.chance(15) {
		return in + "set: {record.stock.left: \"- 1\"}\n" + in + "undo: [{set: {record.stock.left: \"+ 1\"}}, {notify: Undone, to: initiator}]\n"
	}
	if f := w.field(); f != "" {
		undo := w.pick(in+"undo: restore\n", in+"undo: [{set: {"+f+": gone}}]\n", "")
		if undo == "" && w.wants("undo") {
			undo = in + "undo: restore\n"
		}
		return fmt.Sprintf("%sset: {%s: record.name}\n", in, f) + undo
	}
	return in + "notify: Nothing\n" + in + "to: initiator\n"
}
