package process

// whileSuspended are the events that a suspended case takes: what an administrator does, and what happens in the world, which can't be refused.
// What these open waits for the case to be resumed.
var whileSuspended = map[EventKind]bool{
	EventTick: true, EventResume: true, EventCancel: true, EventMigrate: true, EventSuspend: true, EventRecompute: true, EventPeople: true, EventHandover: true,
	EventHappened: true, EventCalled: true, EventLeft: true, EventAnswered: true,
}

// suspended refuses what a suspended case doesn't take.
func (m *machine) suspended() *Refusal {
	if m.st.Status != Suspended || whileSuspended[m.ev.Kind] {
		return nil
	}
	return Refuse(CodeCaseSuspended, "该事项已被管理员暂停，恢复后才能操作", "an administrator has suspended this case; nothing can be done until it is resumed")
}

// mayAdminister is what every act of an administrator on a case needs: the right, a case that runs, and a reason.
func (m *machine) mayAdminister() *Refusal {
	switch {
	case !m.ev.Admin:
		return Refuse(CodeForbidden, "只有管理员可以暂停或恢复流程", "only an administrator may suspend a case or let it go on")
	case m.st.Status == Ended:
		return Refuse(CodeCaseEnded, "该事项已结束", "this case has ended")
	case blank(m.ev.Comment):
		return Refuse(CodeCommentRequired, "请填写原因", "give a reason")
	}
	return nil
}

// suspend lets an administrator stop a case altogether: no moment comes, no act is taken.
func (m *machine) suspend() *Refusal {
	if refusal := m.mayAdminister(); refusal != nil {
		return refusal
	}
	if m.st.Status == Suspended {
		return Refuse(CodeCaseSuspended, "该事项已经暂停", "this case is suspended already")
	}
	since := m.at
	m.st.Status, m.st.Suspended = Suspended, &since
	m.log(Entry{Event: "suspended", By: m.ev.By, Reason: m.ev.Comment})
	return nil
}

// unsuspend lets a suspended case go on: what was left of every limit is left of it still.
func (m *machine) unsuspend() *Refusal {
	since := *m.st.Suspended
	m.st.Status, m.st.Suspended = Running, nil
	m.log(Entry{Event: "resumed", By: m.ev.By, Reason: m.ev.Comment})
	m.eachTimer(func(a armed) {
		due, stop := a.timer.Due, a.timer.Stop
		if from := a.begunBy(since); from.Before(m.at) { // else it hasn't stood still, and is as one that was never suspended
			m.skip(a, Stop{At: from})
		}
		if a.seat != nil && (due != nil && !due.Equal(*a.timer.Due) || stop != a.timer.Stop) {
			m.effect(ChangeTask{Task: m.task(m.p.Step(a.open.Step), a.open, a.seat)})
		}
	})
	return nil
}

// skip takes the time from a moment until now out of a timer. One that stands still has its own stop put off.
func (m *machine) skip(a armed, from Stop) {
	t := a.timer
	switch {
	case t.Stop == nil:
		m.halt(t, from)
		m.runOn(a)
	case t.Stop.Until != nil:
		stop, c := *t.Stop, m.calendarOfTimer(t)
		since := from.At
		if stop.At.After(since) {
			since = stop.At
		}
		until := c.Add(m.at, c.Between(since, *stop.Until))
		stop.Until = &until
		t.Stop = &stop
	}
}
