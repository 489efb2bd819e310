package process

import (
	"slices"
	"strings"
	"time"
)

// A case clock runs from its first anchor to its last. When the chain goes back to a step from which its end lies ahead again, it opens again with
// the time it has used; one that has nothing left is due at once then, and its ladder takes effect again from `due` on.

// clock finds a clock of the chain.
func (p *Process) clock(id string) *Clock {
	i := slices.IndexFunc(p.Clocks, func(c *Clock) bool { return c.ID == id })
	return p.Clocks[i]
}

// clockRun finds a clock that has begun; nil when it hasn't.
func (m *machine) clockRun(id string) *ClockRun {
	for i := range m.st.Clocks {
		if m.st.Clocks[i].ID == id {
			return &m.st.Clocks[i]
		}
	}
	return nil
}

// Events of anchors.
const (
	anchorStart  = "start"
	anchorOpened = "opened"
	anchorDone   = "done"
)

// anchors lets the clocks begin and end that have an anchor here. A step that is passed over counts as done: it is behind the case. One inside an
// `each` is opened with the first item and done with the last.
func (m *machine) anchors(event string, scope int, s *Step) {
	for _, c := range m.p.Clocks {
		run := m.clockRun(c.ID)
		running := run != nil && !run.Done
		switch {
		case running && c.To.is(event, s) && m.lastItem(scope, s):
			m.finish(run, c)
		case run == nil && c.From.is(event, s):
			m.st.Clocks = append(m.st.Clocks, ClockRun{ID: c.ID})
			run = &m.st.Clocks[len(m.st.Clocks)-1]
			m.startTimer(armed{clock: run, timer: &run.Timer}, m.p.Calendar, target{limit: c.Within})
			m.clockLog("clock_started", c, run, "")
		case run != nil && run.Done && (c.From.is(event, s) || event == anchorOpened && c.covers[s.ID] && m.stepRun(s.ID, m.item(scope)).Round > 1):
			m.reopenClock(run, c)
		}
	}
}

func (a Anchor) is(event string, s *Step) bool {
	return a.Event == event && (s == nil || a.Step == s.ID)
}

// lastItem says whether no other branch is still at a step or before it.
func (m *machine) lastItem(scope int, s *Step) bool {
	if s.list == nil { // the step for revising
		return true
	}
	for _, sc := range m.st.Scopes {
		if sc.ID == scope || sc.List != s.list.Path {
			continue
		}
		at := m.p.Step(sc.At)
		if at == nil || at.index < s.index || at == s && m.stepRun(s.ID, sc.Item).Status == "open" {
			return false
		}
	}
	return true
}

// finish ends a clock; what it has used and what is left of it stays known.
func (m *machine) finish(run *ClockRun, c *Clock) {
	used := Stop{At: m.at}
	if run.Stop != nil {
		used.Used, used.Left = run.Stop.Used, run.Stop.Left
		run.Stop = &used
	} else {
		m.halt(&run.Timer, used)
	}
	run.Done, run.Alarms = true, nil
	m.clockLog("clock_stopped", c, run, "done")
}

func (m *machine) reopenClock(run *ClockRun, c *Clock) {
	t, cal := &run.Timer, m.calendarOfTimer(&run.Timer)
	run.Done = false
	t.Rest = &Rest{At: m.at, Used: t.Stop.Used, Left: t.Stop.Left}
	t.Stop = nil
	t.setDue(cal, cal.ledgerOf(m.at, t.Rest.Left, parseTarget(t.Within).wall()))
	for i, r := range c.Late {
		if r.After != nil || r.Percent == 100 || share(t.Rest.Used+t.Rest.Left, r.Percent) > t.Rest.Used {
			t.Alarms = append(t.Alarms, Alarm{Kind: alarmRung, N: i})
		}
	}
	t.rearm(cal, plan{late: c.Late}, m.at)
	m.clockLog("clock_started", c, run, "")
}

func (m *machine) clockLog(event string, c *Clock, run *ClockRun, reason string) {
	data := map[string]any{"clock": c.ID}
	if run.Due != nil && event == "clock_started" {
		data["due_at"] = *run.Due
	}
	m.log(Entry{Event: event, Reason: reason, Data: data})
}

// settleClocks lets each case clock stand still while some open task does for a reason that stops it, and run otherwise. However that task comes to
// its end – decided, started again, left – the clock goes on. With the case it stands still for good.
func (m *machine) settleClocks() {
	for i := range m.st.Clocks {
		run := &m.st.Clocks[i]
		c := m.p.clock(run.ID)
		reason := m.stoppedFor(c.StopsWhile)
		switch {
		case run.Done:
		case m.st.Status == Ended:
			if run.Stop == nil {
				m.halt(&run.Timer, Stop{At: m.at})
			}
			run.Alarms = nil
		case reason != "" && run.Stop == nil:
			m.halt(&run.Timer, Stop{Reason: reason, At: m.at})
			m.clockLog("clock_stopped", c, run, reason)
		case reason == "" && run.Stop != nil:
			reason = run.Stop.Reason
			m.runOn(armed{clock: run, timer: &run.Timer})
			m.clockLog("clock_started", c, run, reason)
		}
	}
}

// stoppedFor is the first of some reasons for which an open task stands still.
func (m *machine) stoppedFor(reasons []string) string {
	for _, seat := range m.seatsInside(nil) {
		if seat.Stop != nil && slices.Contains(reasons, seat.Stop.Reason) {
			return seat.Stop.Reason
		}
	}
	return ""
}

// climbClock lets one rung of a case clock take effect: it tells.
func (m *machine) climbClock(run *ClockRun, n int) {
	c := m.p.clock(run.ID)
	rung := c.Late[n]
	to, ok := m.recipientsOf(0, nil, rung.Tell, m.seatsInside(nil))
	if !ok {
		return
	}
	event, text := rung.words()
	m.tell(to, Tell{About: "late", Text: prefix(text, c.Title)})
	m.log(Entry{Event: event, Data: map[string]any{"clock": c.ID, "rung": n, "to": to}})
}

// stopClock lets the people of a task stop its limit for one of the step's reasons, and with it the case clocks that stand still for that reason.
func (m *machine) stopClock() *Refusal {
	o, seat, refusal := m.actedOn()
	if refusal != nil {
		return refusal
	}
	if refusal := m.mayAct(seat); refusal != nil {
		return refusal
	}
	s := m.p.Step(o.Step)
	i := s.stopsFor(m.ev)
	switch {
	case i < 0:
		return fieldsRefused(CodeFieldInvalid, []FieldError{{Field: "reason", Message: s.stopReasons()}})
	case seat.Stop != nil:
		return Refuse(CodeFieldInvalid, "此任务的计时已经停止", "the clock of this task stands still already")
	case blank(m.ev.Comment) && blank(m.ev.Reason):
		return Refuse(CodeCommentRequired, "请说明为什么停止计时", "say why the clock is stopped")
	}
	reason := s.Time.Stops[i].Reason
	stop := Stop{Reason: reason, At: m.at}
	data := map[string]any{}
	if most := s.Time.Stops[i].AtMost; most != nil {
		until := m.calendar(m.calendarOf(seat)).Due(m.at, *most).Due
		stop.Until, data["until"] = &until, until
	}
	m.halt(&seat.Timer, stop)
	return m.changed(o, seat, Entry{Event: "clock_stopped", By: m.ev.By, For: otherThan(seat.Assignee, m.ev.By), Reason: reason, Comment: m.ev.Comment, Data: data})
}

// stopsFor finds for which of its reasons a step's clock is stopped; -1: for none. Where none is named it is the one that the comment says, else the only one.
func (s *Step) stopsFor(ev Event) int {
	if ev.Reason != "" {
		return slices.IndexFunc(s.Time.Stops, func(r StopReason) bool { return r.Reason == ev.Reason })
	}
	said := slices.IndexFunc(s.Time.Stops, func(r StopReason) bool { return r.Reason == strings.TrimSpace(ev.Comment) })
	if said < 0 && len(s.Time.Stops) == 1 {
		return 0
	}
	return said
}

// stopReasons says for what a step's clock may be stopped.
func (s *Step) stopReasons() Text {
	if len(s.Time.Stops) == 0 {
		return Text{ZH: "此步骤的计时不能停止", EN: "the clock of this step can't be stopped"}
	}
	var words []string
	for _, r := range s.Time.Stops {
		words = append(words, r.Reason)
	}
	return Text{ZH: "停止计时的原因可以是 " + quoted(words), EN: "the clock stops for one of " + quoted(words)}
}

func otherThan(id, by string) string {
	if id == by {
		return ""
	}
	return id
}

// startClock lets the people of a task whose limit stands still go on with it.
func (m *machine) startClock() *Refusal {
	o, seat, refusal := m.actedOn()
	if refusal != nil {
		return refusal
	}
	if refusal := m.mayAct(seat); refusal != nil {
		return refusal
	}
	if seat.Stop == nil {
		return Refuse(CodeFieldInvalid, "此任务的计时没有停止", "the clock of this task doesn't stand still")
	}
	m.restart(armed{open: o, seat: seat, timer: &seat.Timer}, m.ev.By)
	return nil
}

// restart lets a task's limit go on, by somebody or, when the stop has lasted as long as it may, by itself.
func (m *machine) restart(a armed, by string) {
	reason := a.timer.Stop.Reason
	m.runOn(a)
	o, seat := a.open, a.seat
	e := Entry{Event: "clock_started", Step: o.Step, Item: o.Item, Task: seat.Task, By: by, Reason: reason, Data: map[string]any{}}
	if by != "" {
		e.Comment = m.ev.Comment
	}
	if a.timer.Due != nil {
		e.Data["due_at"] = *a.timer.Due
	}
	m.effect(ChangeTask{Task: m.task(m.p.Step(o.Step), o, seat)})
	m.log(e)
}

// begunBy is when a timer was running already: a moment, or its own beginning when that came later.
func (a armed) begunBy(at time.Time) time.Time {
	if a.timer.DueFrom != nil && a.timer.since().After(at) {
		return a.timer.since()
	}
	return at
}
