package scenario

import (
	"slices"
	"strings"

	"github.com/crmflow/crmflow/process"
)

// play lets somebody act.
func (d *doLine) play(w *world) *failure {
	w.happens()
	switch {
	case slices.Contains(worldActs, d.act):
		return d.answer(w)
	case slices.Contains(plainActs, d.act):
		return d.plain(w)
	case taskActs[d.act] != "":
		return d.task(w)
	}
	c := w.caseOf(d.target)
	if c == nil {
		return fail(d.node, "还没有发起任何事项", "no case has begun yet")
	}
	if d.act == "revoke" {
		asked, done := w.revoke(d, c)
		if !done {
			return nil
		}
		return w.apply(d.node, c, asked.event(w, process.EventUndo))
	}
	if d.act == "migrate" {
		return d.migrate(w, c)
	}
	ev := d.event(w, caseActs[d.act])
	if d.act == "jump" {
		ev.To = d.target.step
	}
	return w.apply(d.node, c, ev)
}

// event is the act as the machine knows it.
func (d *doLine) event(w *world, kind process.EventKind) process.Event {
	ev := process.Event{
		Kind: kind, By: d.as, Admin: w.company.administrator(d.as), Outcome: d.outcome, Comment: d.comment, Reason: d.reason,
		People: d.people, Picks: d.picks, Items: d.items, Where: d.where, Mode: d.mode, Sign: d.sign,
	}
	if len(d.to) > 0 {
		ev.To = d.to[0]
	}
	if ev.Comment == "" && kind != process.EventStopClock { // there it is one of the step's reasons
		ev.Comment = d.reason
	}
	return ev
}

// task is an act on the task that the actor has at a step.
func (d *doLine) task(w *world) *failure {
	found, f := w.taskFor(d)
	if f != nil {
		return f
	}
	if found.task == "" {
		w.refusal = &refusal{d.node, process.Refuse(process.CodeNotFound, "步骤 "+d.target.step+" 没有任务", "there is no task at the step "+d.target.step)}
		return nil
	}
	ev := d.event(w, taskActs[d.act])
	ev.Task, ev.Step = found.task, found.ahead
	if s := found.of.process.Step(found.step); d.bulk && s != nil && s.Form.NoBulk {
		w.refusal = &refusal{d.node, process.Refuse(process.CodeForbidden, "此步骤不能批量办理", "this step can't be done in bulk")}
		return nil
	}
	if d.fields != nil {
		p := found.of.process
		step := p.Step(found.step)
		fields, refused := w.fieldsFrom(func(name string) *process.Field { return p.FormField(step, name) }, d.fields.pairs)
		if refused != nil {
			w.refusal = &refusal{d.node, refused}
			return nil
		}
		ev.Fields = fields
	}
	return w.apply(d.node, found.of, ev)
}

// spot is where an act finds its task: in a case, at a step. Ahead is the step that an added approver is meant for when that isn't reached yet.
type spot struct {
	of    *running
	step  string
	item  string
	task  string
	round int
	ahead string
}

// taskFor finds the task that an act means: the actor's own open one at the step; else the step's open one, which the machine will judge; else the
// last one that was there, which is closed.
func (w *world) taskFor(d *doLine) (spot, *failure) {
	own, open := w.openAt(d)
	if done := w.lastClosed(d, true); done.task != "" && len(own) == 0 && (d.act == "take_back" || len(open) > 0 && done.round == open[0].round) {
		return done, nil // their own answer of this round
	}
	for _, found := range [][]spot{own, open} {
		if len(found) == 0 {
			continue
		}
		if items := itemsOf(found); len(items) > 1 && d.item == "" {
			return spot{}, fail(d.node, "步骤 %s 有几个任务，请用 item 写明哪一个：%s", "there are several tasks at %s; say which by `item`: %s", d.target.step, strings.Join(items, ", "))
		}
		return found[0], nil
	}
	if ahead := w.ahead(d); ahead.task != "" {
		return ahead, nil
	}
	return w.lastClosed(d, false), nil
}

// openAt gives the open tasks of the step: those that the actor has, and all others. Who has a task by name comes before who could take it, and a
// task that nobody has before others'.
func (w *world) openAt(d *doLine) (own, others []spot) {
	var mayTake, taken []spot
	for _, c := range w.cases {
		if !d.target.of(c) {
			continue
		}
		for _, t := range c.order {
			s := spot{of: c, step: t.Step, item: t.Item, task: t.ID, round: t.Round}
			switch {
			case t.closed || t.Step != d.target.step || !itemIs(t.Item, d.item):
			case t.Assignee == d.as, asksOutside(c, t, d.as):
				own = append(own, s)
			case w.canTake(t, d.as):
				mayTake = append(mayTake, s)
			case t.Assignee == "":
				others = append(others, s)
			default:
				taken = append(taken, s)
			}
		}
	}
	return append(own, mayTake...), append(others, taken...)
}

// canTake says whether somebody is one of those to whom a task is open.
func (w *world) canTake(t *task, id string) bool {
	return t.Assignee == "" && !slices.Contains(t.Excluded, id) && !t.Vacant &&
		slices.ContainsFunc(t.Candidates, func(p process.Principal) bool { return slices.Contains(w.company.Members(p), id) })
}

// asksOutside says whether an open task asks somebody outside, by their id.
func asksOutside(c *running, t *task, id string) bool {
	o := c.state.Outsider(t.ID)
	return o != nil && o.ID() == id
}

// itemIs says whether an item is the one that is asked for: the whole path, or its last part; "" asks for any.
func itemIs(item, asked string) bool {
	return asked == "" || item == asked || strings.HasSuffix(item, "/"+asked)
}

func itemsOf(found []spot) []string {
	var items []string
	for _, s := range found {
		items = append(items, s.item)
	}
	slices.Sort(items)
	return slices.Compact(items)
}

// ahead finds the actor's task from which approvers are added to a step that isn't reached yet.
func (w *world) ahead(d *doLine) spot {
	if taskActs[d.act] != process.EventAdd {
		return spot{}
	}
	for _, c := range w.cases {
		if c.process.Step(d.target.step) == nil || !d.target.of(c) {
			continue
		}
		for _, t := range c.order {
			if !t.closed && (t.Assignee == d.as || w.canTake(t, d.as)) {
				return spot{of: c, step: t.Step, item: t.Item, task: t.ID, ahead: d.target.step}
			}
		}
	}
	return spot{}
}

// lastClosed is the last task of the step that is closed: the actor's own before others', or (own) only theirs.
func (w *world) lastClosed(d *doLine, own bool) spot {
	var last, mine spot
	for _, c := range w.cases {
		if !d.target.of(c) {
			continue
		}
		for _, t := range c.order {
			if !t.closed || t.Step != d.target.step || !itemIs(t.Item, d.item) {
				continue
			}
			last = spot{of: c, step: t.Step, item: t.Item, task: t.ID, round: t.Round}
			if t.by == d.as && t.outcome != "voided" {
				mine = last
			}
		}
	}
	if own || mine.task != "" {
		return mine
	}
	return last
}

// caseOf is the case that an act or an expectation means: that of the step's process which began last, else the scenario's own.
func (w *world) caseOf(t target) *running {
	if t.process != nil && (w.main == nil || !t.of(w.main)) {
		for _, c := range slices.Backward(w.cases) {
			if t.of(c) {
				return c
			}
		}
		return nil
	}
	return w.main
}

// plain is an act that is no event of the machine: it only adds to the timeline and to what people are told.
func (d *doLine) plain(w *world) *failure {
	c := w.caseOf(d.target)
	if c == nil {
		return fail(d.node, "还没有发起任何事项", "no case has begun yet")
	}
	e := process.Entry{At: w.now, Event: d.act, Step: d.target.step, By: d.as, Comment: d.comment}
	to := d.to
	switch d.act {
	case "urge":
		return d.urge(w, c)
	case "copy":
		if len(to) == 0 {
			return fail(d.node, "`copy` 没有写抄送给谁（`to`）", "`copy` doesn't say to whom (`to`)")
		}
	case "read":
		if own, _ := w.openAt(d); len(own) > 0 {
			return d.look(w, own[0])
		}
		w.read(d, c)
		return nil
	}
	w.entries = append(w.entries, entry{e, c})
	t := process.Tell{To: to, About: "commented", Step: d.target.step, Text: process.Same(d.comment), At: w.now}
	switch {
	case len(to) == 0:
	case d.act == "copy":
		w.copy(c, t)
	default:
		w.messages = append(w.messages, message{t, c})
	}
	return nil
}

// answer is what a system answers to a request, that it doesn't, or how a sub-case ends.
func (d *doLine) answer(w *world) *failure {
	ev := process.Event{Kind: process.EventAnswered}
	if d.act == "end_call" {
		return d.endCall(w)
	}
	i := slices.IndexFunc(w.requests, func(r *request) bool {
		return r.call.Step == d.target.step && d.target.of(r.of)
	})
	if i < 0 {
		return fail(d.node, "步骤 %s 没有在等系统的回答", "the step %s waits for no answer", d.target.step)
	}
	r := w.requests[i]
	w.requests = slices.Delete(w.requests, i, i+1)
	ev.Call = r.call.Call
	if d.fields != nil {
		ev.Answer = plain(d.fields)
	}
	if d.act == "fail" {
		if ev.Failed = process.Same(d.reason); ev.Failed.Empty() {
			ev.Failed = process.Text{ZH: "没有回答", EN: "no answer"}
		}
	}
	return w.apply(d.node, r.of, ev)
}

// endCall lets a sub-case end without playing it.
func (d *doLine) endCall(w *world) *failure {
	for _, c := range slices.Backward(w.cases) {
		if c.parent == nil || c.state.Status == process.Ended || !calledAt(c, d.target) {
			continue
		}
		c.state.Status, c.state.Outcome, c.state.Open, c.wakeAt = process.Ended, d.outcome, nil, nil
		for _, t := range c.order {
			t.closed = true
		}
		w.entries = append(w.entries, entry{process.Entry{At: w.now, Event: "ended", Outcome: d.outcome}, c})
		w.callerHears(c, d.outcome)
		return w.settle(d.node)
	}
	return fail(d.node, "步骤 %s 没有在等子流程", "the step %s waits for no sub-case", d.target.step)
}

// calledAt says whether a sub-case was started by a step.
func calledAt(c *running, at target) bool {
	if at.process != nil && c.parent.process != at.process {
		return false
	}
	return slices.ContainsFunc(c.parent.state.Open, func(o process.Open) bool { return o.Call == c.call && o.Step == at.step })
}
