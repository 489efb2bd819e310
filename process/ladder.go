package process

import "slices"

// climbOpen lets one rung of a stage or a wait take effect. It tells; of a wait it may also give the outcome. Nobody holds a stage or a wait, so
// that nothing can be handed up: `holder` is whoever has an open task inside.
func (m *machine) climbOpen(o *Open, n int) {
	s := m.p.Step(o.Step)
	rung := s.Time.Late[n]
	if !m.tellInside(o, s, rung, n) || rung.Outcome == "" {
		return
	}
	m.log(Entry{Event: "decided", Step: s.ID, Item: o.Item, Outcome: rung.Outcome, Reason: "time ran out: decided by the system"})
	m.closeOpen(o, rung.Outcome)
}

// tellInside tells whom a rung of a stage or a wait names; false when the case is held instead.
func (m *machine) tellInside(o *Open, s *Step, rung Rung, n int) bool {
	if len(rung.Tell) == 0 {
		return true
	}
	to, ok := m.recipientsOf(o.Scope, s, rung.Tell, m.seatsInside(o))
	if !ok {
		return false
	}
	event, text := rung.words()
	m.tell(to, Tell{About: "late", Step: s.ID, Text: prefix(text, s.Title)})
	m.log(Entry{Event: event, Step: s.ID, Item: o.Item, Data: map[string]any{"rung": n, "to": to}})
	return true
}

// remindInside reminds whoever has an open task inside a stage.
func (m *machine) remindInside(o *Open) {
	s := m.p.Step(o.Step)
	var to []string
	for _, seat := range m.seatsInside(o) {
		to = append(to, m.waitedFor(m.seatOfTask(seat.Task))...)
	}
	slices.Sort(to)
	to = slices.Compact(to)
	m.tell(to, Tell{About: "reminded", Step: s.ID, Text: prefix(Text{ZH: "即将到期：", EN: "due soon: "}, s.Title)})
	m.log(Entry{Event: "reminded", Step: s.ID, Item: o.Item, Data: map[string]any{"to": to}})
}

// seatsInside are the open seats below an open step; nil for the whole case.
func (m *machine) seatsInside(o *Open) []*Seat {
	var seats []*Seat
	for i := range m.st.Open {
		other := &m.st.Open[i]
		if o != nil && !m.inside(other.Scope, o) {
			continue
		}
		for j := range other.Seats {
			if other.Seats[j].Vote == nil {
				seats = append(seats, &other.Seats[j])
			}
		}
	}
	return seats
}

// inside says whether a scope lies below an open step.
func (m *machine) inside(scope int, o *Open) bool {
	for ; scope != 0; scope = m.scope(scope).Parent {
		if m.scope(scope).Parent == o.Scope && m.scope(o.Scope).At == o.Step {
			return true
		}
	}
	return false
}

// recipientsOf are the people a message goes to, where `holder` is whoever has one of several seats.
func (m *machine) recipientsOf(scope int, s *Step, to []By, seats []*Seat) (ids []string, ok bool) {
	if len(seats) == 0 {
		return m.recipients(scope, s, to, nil)
	}
	for _, seat := range seats {
		more, ok := m.recipients(scope, s, to, seat)
		if !ok {
			return nil, false
		}
		ids = append(ids, more...)
	}
	slices.Sort(ids)
	return slices.Compact(ids), true
}

// addLate puts approvers beside the holder of a late task: a seat each, for those who have none at the step yet, with a limit from now on. Of the
// ladder only what decides is theirs, so that nobody is waited for without end once the holder has answered; the rest of it goes on where it began.
func (m *machine) addLate(o *Open, seat *Seat, s *Step, rung Rung, n int) {
	beside, excluded := seat.Task, seat.Excluded
	for _, by := range rung.Add {
		yes, held := m.holds(o.Scope, s, by.If)
		if held {
			return
		}
		if !yes {
			continue
		}
		for _, f := range m.expand(by, place{o.Scope, seat}) {
			m.addSeat(o, s, Seat{Assignee: f.person, Candidates: f.candidates, Excluded: excluded, Why: f.why, Added: &Added{Where: "beside", Seat: beside}}, n)
		}
	}
}

func (m *machine) addSeat(o *Open, s *Step, seat Seat, n int) {
	able := m.eligible(found{person: seat.Assignee, candidates: seat.Candidates}, seat.Excluded)
	taken := o.taken()
	if !slices.ContainsFunc(able, func(id string) bool { return !slices.ContainsFunc(taken, func(s *Seat) bool { return s.isTheirs(id) }) }) {
		return
	}
	seat.Task = m.newTaskID()
	m.limit(o, &seat)
	seat.Alarms = slices.DeleteFunc(seat.Alarms, func(a Alarm) bool { return a.Kind == alarmRung && s.Time.Late[a.N].Outcome == "" })
	m.effect(OpenTask{Task: m.task(s, o, &seat)})
	data := openedData(&seat)
	data["rung"] = n
	m.log(Entry{Event: "added", Step: s.ID, Item: o.Item, Task: seat.Task, For: seat.Assignee, Data: data})
	o.Seats = append(o.Seats, seat)
	m.tell(m.waitedFor(o, &o.Seats[len(o.Seats)-1]), Tell{About: "opened", Task: seat.Task, Step: s.ID, Text: s.Title})
}

// oneMessage makes one message of those that several moments in a row, missed in an outage, have for the same person about the same task: the last
// says how things stand.
func (m *machine) oneMessage(from int) {
	type about struct{ who, task, step string }
	last := map[about]int{}
	timed := func(i int) (Tell, bool) {
		t, ok := m.effects[i].(Tell)
		return t, ok && slices.Contains([]string{"late", "reminded", "handed_up", "transferred"}, t.About)
	}
	for i := from; i < len(m.effects); i++ {
		if t, ok := timed(i); ok {
			for _, who := range t.To {
				last[about{who, t.Task, t.Step}] = i
			}
		}
	}
	if len(last) == 0 {
		return
	}
	kept := m.effects[:from:from]
	for i := from; i < len(m.effects); i++ {
		t, ok := timed(i)
		if ok {
			t.To = slices.DeleteFunc(slices.Clone(t.To), func(who string) bool { return last[about{who, t.Task, t.Step}] != i })
			if len(t.To) == 0 {
				continue
			}
			kept = append(kept, t)
			continue
		}
		kept = append(kept, m.effects[i])
	}
	m.effects = kept
}

// limitOpen gives a stage, or a wait for an event, its limit from now on. ok is false when the case is held instead.
func (m *machine) limitOpen(o *Open) (ok bool) {
	s := m.p.Step(o.Step)
	aim, ok := m.target(o.Scope, s)
	if wait, is := s.Do.(Wait); is && wait.Within != nil {
		aim = target{limit: *wait.Within}
	}
	m.startTimer(armed{open: o, timer: &o.Timer}, m.p.Calendar, aim)
	return ok
}
