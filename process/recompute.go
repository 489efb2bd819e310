package process

// calendarChanged counts every open due moment anew after a calendar has changed, and says of each that moved why. A limit that stands still has its
// rest fixed and isn't touched; one that is late already stays where it is, and only the rungs to come move. A moment that would now lie in the
// past is due at once.
func (m *machine) calendarChanged() *Refusal {
	switch {
	case m.st.Status == Ended:
		return nil
	case blank(m.ev.Comment):
		return Refuse(CodeCommentRequired, "请填写原因", "give a reason")
	}
	m.eachTimer(m.countAnew)
	return nil
}

func (m *machine) countAnew(a armed) {
	t, c := a.timer, m.calendarOfTimer(a.timer)
	if t.Due == nil || t.Stop != nil || t.Within == "" {
		return
	}
	old, mark, now := *t.Due, t.Provisional, m.at
	if m.st.Suspended != nil {
		now = *m.st.Suspended
	}
	if old.After(now) {
		t.setDue(c, t.recount(c))
		if t.Due.Before(now) {
			t.Due = &now
		}
	}
	t.rearm(c, m.planOf(a), now)
	if old.Equal(*t.Due) && mark == t.Provisional {
		return
	}
	if a.seat != nil {
		m.effect(ChangeTask{Task: m.task(m.p.Step(a.open.Step), a.open, a.seat)})
	}
	if !old.Equal(*t.Due) {
		m.recomputed(a, map[string]any{"from": old, "to": *t.Due})
	}
}

func (m *machine) recomputed(a armed, data map[string]any) {
	e := Entry{Event: "recomputed", By: m.ev.By, Reason: m.ev.Comment, Data: data}
	switch {
	case a.clock != nil:
		data["clock"] = a.clock.ID
	case a.seat != nil:
		e.Step, e.Item, e.Task = a.open.Step, a.open.Item, a.seat.Task
	default:
		e.Step, e.Item = a.open.Step, a.open.Item
	}
	m.log(e)
}
