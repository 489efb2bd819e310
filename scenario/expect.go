package scenario

import (
	"slices"
	"time"

	"github.com/crmflow/crmflow/process"
)

// play looks at the world; it changes nothing.
func (e *expectLine) play(w *world) *failure {
	switch e.what {
	case "task", "no_task":
		return e.task(w)
	case "told", "not_told":
		return e.told(w)
	case "case":
		return e.caseIs(w)
	case "clock":
		return e.clock(w)
	case "record":
		return e.record(w)
	case "refused":
		return e.refused(w)
	case "everything":
		return e.everything(w)
	}
	return e.preview(w)
}

// task looks for tasks of a step, or (no_task) sees that there are none.
func (e *expectLine) task(w *world) *failure {
	seen := w.tasks(e)
	if e.what == "no_task" {
		if e.anybodyHas(w, seen) {
			return &failure{e.node, say("这里不应有任务 %s", "there should be no task %s", e.target.step), w.tasksNow(seen)}
		}
		return nil
	}
	for _, of := range e.seats() {
		matching := slices.DeleteFunc(slices.Clone(seen), func(t *task) bool { return !e.has(w, t, of) })
		if len(matching) == 0 {
			return &failure{e.node, e.missing(of), w.tasksNow(seen)}
		}
		var wrong process.Text
		if !slices.ContainsFunc(matching, func(t *task) bool { wrong = e.differs(w, t); return wrong.Empty() }) {
			return &failure{e.node, wrong, w.tasksNow(matching)}
		}
	}
	return nil
}

func (e *expectLine) missing(of process.Principal) process.Text {
	message := say("应有任务 %s", "there should be a task %s", e.target.step)
	if of != "" {
		message = join("", message, say("（%s）", " of %s", principals([]process.Principal{of})))
	}
	return message
}

// tasks are the tasks of the step: the open ones that wait for no opinion, or, where an outcome is expected, those that are decided.
func (w *world) tasks(e *expectLine) []*task {
	var out []*task
	for _, c := range w.cases {
		if !e.target.of(c) {
			continue
		}
		for _, t := range c.order {
			if t.Step == e.target.step && !t.Waits && t.closed == (e.outcome != "") && itemIs(t.Item, e.item) {
				out = append(out, t)
			}
		}
	}
	if e.outcome != "" {
		slices.Reverse(out) // the last decision first
	}
	return out
}

// seats are who each must have a task; "" is anybody.
func (e *expectLine) seats() []process.Principal {
	if len(e.of) == 0 {
		return []process.Principal{""}
	}
	return e.of
}

// anybodyHas says whether a task is with any of those who are named.
func (e *expectLine) anybodyHas(w *world, seen []*task) bool {
	return slices.ContainsFunc(e.seats(), func(of process.Principal) bool {
		return slices.ContainsFunc(seen, func(t *task) bool { return e.has(w, t, of) })
	})
}

// has says whether a task is somebody's. A person's is what stands in their box: theirs by name, or open to them without claiming; with
// `claimable`, what they may claim. A set of people has what is open to that set. A closed task is that of whoever decided it.
func (e *expectLine) has(w *world, t *task, of process.Principal) bool {
	sort, id := of.Split()
	switch {
	case of == "":
		return true
	case sort == "user" && t.closed:
		return t.by == id
	case sort == "user":
		claiming := e.claimable != nil && *e.claimable
		return t.Assignee == id || (!t.Claim || claiming) && w.canTake(t, id) || slices.ContainsFunc(w.cases, func(c *running) bool { return asksOutside(c, t, id) })
	}
	return t.Assignee == "" && slices.Contains(t.Candidates, of)
}

// differs says what of a task isn't as expected; empty when all is.
func (e *expectLine) differs(w *world, t *task) process.Text {
	switch {
	case e.outcome != "" && t.outcome != e.outcome:
		return say("任务 %s 的结果应是 %s，而不是 %s", "the outcome of %s should be %s, not %s", t.Step, e.outcome, t.outcome)
	case e.never && t.Due != nil:
		return say("任务 %s 不应有期限", "%s should have no due moment", t.Step)
	case e.due != nil && !w.sameMoment(t.Due, *e.due):
		return say("任务 %s 应于 %s 到期", "%s should be due %s", t.Step, w.written(*e.due))
	case e.because != "" && !contains(t.Why, e.because):
		return say("由此人办理 %s 的原因应含“%s”", "why this person has %s should say %q", t.Step, e.because)
	case e.claimable != nil && *e.claimable != (t.Claim && t.Assignee == ""):
		return say("任务 %s 的可领取状态不对", "%s is claimable, or not, against what is expected", t.Step)
	}
	return process.Text{}
}

// sameMoment compares to the minute; a date is any moment of that day.
func (w *world) sameMoment(at *time.Time, m moment) bool {
	if at == nil {
		return false
	}
	local := at.In(w.scenario.zone)
	if m.date {
		return local.Format(time.DateOnly) == m.at.Format(time.DateOnly)
	}
	return local.Truncate(time.Minute).Equal(m.at.Truncate(time.Minute))
}

func (w *world) written(m moment) string {
	if m.date {
		return m.at.Format(time.DateOnly)
	}
	return w.local(m.at)
}

// told looks for messages since the last line that let something happen.
func (e *expectLine) told(w *world) *failure {
	for _, p := range e.of {
		members := w.company.Members(p)
		if _, id := p.Split(); process.OutsideCalled(id) != "" {
			members = []string{id}
		}
		if len(members) == 0 && e.what == "told" {
			return fail(e.node, "%s 没有在职人员，谁也不会收到消息", "nobody active is %s, so nobody was told", principals([]process.Principal{p}))
		}
		for _, id := range members {
			found := slices.ContainsFunc(w.messages[w.since:], func(m message) bool { return e.isAbout(m, id) })
			switch {
			case found && e.what == "not_told":
				return &failure{e.node, say("%s 不应收到消息", "%s should not be told", id), w.messagesNow(id)}
			case !found && e.what == "told":
				return &failure{e.node, say("%s 应收到消息%s", "%s should be told%s", id, e.aboutWords()), w.messagesNow(id)}
			}
		}
	}
	return nil
}

func (e *expectLine) aboutWords() process.Text {
	if e.about == "" {
		return process.Text{}
	}
	return say("（关于 %s）", " about %s", e.about)
}

// isAbout says whether a message went to somebody and is what is looked for: about a step, of a sort (opened, late, ended …), of both (late check), or with some words.
func (e *expectLine) isAbout(m message, id string) bool {
	if !slices.Contains(m.To, id) || e.because != "" && !contains(m.Text, e.because) {
		return false
	}
	s := m.of.process.Step(m.Step)
	return e.about == "" || m.Step == e.about || m.About == e.about || m.About+" "+m.Step == e.about || m.of.process.ID+"/"+m.Step == e.about || contains(m.Text, e.about) ||
		s != nil && contains(s.Title, e.about)
}

// caseIs looks at the state of the case.
func (e *expectLine) caseIs(w *world) *failure {
	c := w.caseOf(e.target)
	if c == nil {
		return fail(e.node, "还没有发起任何事项", "no case has begun yet")
	}
	status := statusOf(c)
	wanted, outcome := e.word, e.outcome
	if !slices.Contains([]string{process.Running, process.Suspended, process.Ended, "held"}, wanted) {
		wanted, outcome = process.Ended, e.word
	}
	instead := []process.Text{statusWords(c)}
	switch {
	case status != wanted:
		return &failure{e.node, say("事项应是“%s”", "the case should be %s", wanted), slices.Compact(append(instead, w.tasksNow(nil)...))}
	case outcome != "" && c.state.Outcome != outcome:
		return &failure{e.node, say("事项的结果应是 %s", "the case's outcome should be %s", outcome), instead}
	case e.because != "" && (c.state.Held == nil || !contains(c.state.Held.Reason, e.because)):
		return &failure{e.node, say("停住的原因应含“%s”", "why it is held should say %q", e.because), instead}
	}
	return nil
}

func statusOf(c *running) string {
	if c.state.Held != nil && c.state.Status != process.Ended {
		return "held"
	}
	return c.state.Status
}

// clock looks at a clock of the case.
func (e *expectLine) clock(w *world) *failure {
	c := w.caseOf(target{process: w.scenario.process})
	if c == nil {
		return fail(e.node, "还没有发起任何事项", "no case has begun yet")
	}
	i := slices.IndexFunc(c.state.Clocks, func(r process.ClockRun) bool { return r.ID == e.word })
	if i < 0 {
		return fail(e.node, "时钟 %s 还没有开始", "the clock %s hasn't begun", e.word)
	}
	run := c.state.Clocks[i]
	instead := []process.Text{w.clockWords(run)}
	switch {
	case e.status != "" && !w.clockIs(run, e.status):
		return &failure{e.node, say("时钟 %s 应是 %s", "the clock %s should be %s", e.word, e.status), instead}
	case e.never && run.Due != nil:
		return &failure{e.node, say("时钟 %s 不应有期限", "the clock %s should have no due moment", e.word), instead}
	case e.due != nil && !w.sameMoment(run.Due, *e.due):
		return &failure{e.node, say("时钟 %s 应于 %s 到期", "the clock %s should be due %s", e.word, w.written(*e.due)), instead}
	}
	return nil
}

// clockIs says whether a clock is running, stopped, done or late; what runs beyond its limit is both running and late.
func (w *world) clockIs(run process.ClockRun, status string) bool {
	switch status {
	case "done":
		return run.Done
	case "stopped":
		return run.Stop != nil && !run.Done
	case "late":
		return !run.Done && run.Stop == nil && run.Due != nil && run.Due.Before(w.now)
	}
	return !run.Done && run.Stop == nil
}

// record compares fields of the scenario's record, or finds another record that has these values.
func (e *expectLine) record(w *world) *failure {
	if e.typ == "" {
		if w.record == nil {
			return fail(e.node, "还没有记录", "there is no record yet")
		}
		return e.fieldsOf(w, w.record)
	}
	last := fail(e.node, "没有这种记录：%s", "there is no record of type %s", e.typ)
	for _, r := range slices.Backward(w.records) {
		if r.Type != e.typ {
			continue
		}
		f := e.fieldsOf(w, r)
		if f == nil {
			return nil
		}
		if len(last.instead) == 0 {
			last = f
		}
	}
	return last
}

// fieldsOf compares the fields that are expected with those of a record.
func (e *expectLine) fieldsOf(w *world, r *record) *failure {
	for _, p := range e.pairs {
		on, field, why := w.along(r, p.key.text)
		if why != nil {
			return &failure{node: p.key, message: *why}
		}
		if p.value.scalar() && field.Type == "reference" && !field.Many {
			if ref, _ := on.Fields[field.Name].(process.Reference); ref.Title != p.value.text && ref.ID != p.value.text && !w.titled(ref, p.value.text) {
				return w.otherValue(p, on, field)
			}
			continue
		}
		fields, refused := w.fieldsFrom(func(string) *process.Field { return field }, []pair{p})
		if refused != nil {
			return fail(p.value, "%s", "%s", refused.Message)
		}
		if !sameValue(field, on.Fields[field.Name], fields[p.key.text]) {
			return w.otherValue(p, on, field)
		}
	}
	return nil
}

func (w *world) titled(ref process.Reference, name string) bool {
	r := w.find(ref)
	return r != nil && (r.title() == name || r.Number == name)
}

// sameValue compares two values of a field. Of a file only the name counts.
func sameValue(f *process.Field, a, b any) bool {
	if f.Type != "file" {
		return same(a, b)
	}
	return slices.Equal(fileNames(a), fileNames(b))
}

func fileNames(v any) []string {
	switch v := v.(type) {
	case process.FileRef:
		return []string{v.Name}
	case []any:
		var names []string
		for _, one := range v {
			names = append(names, fileNames(one)...)
		}
		return names
	}
	return nil
}

func (w *world) otherValue(p pair, r *record, f *process.Field) *failure {
	return &failure{p.key, say("字段 %s 的值不对", "the field %s is something else", p.key.text), []process.Text{
		say("%s 是 %s", "%s is %s", p.key.text, shown(r.Fields[f.Name])),
	}}
}

// refused expects that the line before was refused.
func (e *expectLine) refused(w *world) *failure {
	r := w.refusal
	w.refusal = nil
	switch {
	case r == nil:
		return fail(e.node, "前一步没有被拒绝", "what stands before this was not refused")
	case e.word != "" && string(r.Code) != e.word:
		return &failure{e.node, say("应因 %s 被拒绝", "it should be refused as %s", e.word), []process.Text{refusalWords(r.Refusal)}}
	case e.because != "" && !contains(r.Message, e.because):
		return &failure{e.node, say("拒绝的说明应含“%s”", "the refusal should say %q", e.because), []process.Text{refusalWords(r.Refusal)}}
	}
	return nil
}
