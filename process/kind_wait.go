package process

import "slices"

// Wait waits for a moment or an event.
type Wait struct {
	Limit  *Limit // start of working day 3; 2 working days
	Until  *Expr  // a date (its start) or a moment
	On     string // an event about the case's record
	Within *Limit // with On: how long at most; then the ladder in the step's Time.Late runs
}

func (k Wait) enter(m *machine, scope int, s *Step) {
	if k.On != "" {
		m.wait(scope, s, Open{On: k.On}, map[string]any{"event": k.On})
		return
	}
	timer, ok := k.timer(m, scope, s)
	switch {
	case !ok:
	case timer.Due.After(m.at):
		timer.Alarms = []Alarm{{At: *timer.Due, Kind: alarmUntil}}
		m.wait(scope, s, Open{Timer: timer}, map[string]any{"due_at": *timer.Due})
	default:
		m.log(Entry{Event: "decided", Step: s.ID, Item: m.item(scope), Outcome: "passed_over", Reason: "the moment is past", Data: map[string]any{"zh": "时间已过"}})
		m.pass(scope, s, Done)
	}
}

// timer is the moment that is waited for, fixed when the wait begins. The case is held where there is none.
func (k Wait) timer(m *machine, scope int, s *Step) (Timer, bool) {
	from := m.at
	cal := m.calendar(m.p.Calendar)
	if k.Limit != nil {
		ledger := cal.Due(from, *k.Limit)
		return Timer{Due: &ledger.Due, DueFrom: &from, Within: k.Limit.String(), Calendar: cal.Name(), Provisional: ledger.Provisional}, true
	}
	v, ok := m.value(scope, s, k.Until)
	if !ok {
		return Timer{}, false
	}
	at, ok := m.momentOf(v, false)
	if !ok {
		m.hold(scope, s, Text{ZH: "等到何时？" + k.Until.Source + " 是空的", EN: "wait until when? " + k.Until.Source + " is empty"})
		return Timer{}, false
	}
	return Timer{Due: &at, DueFrom: &from, Calendar: cal.Name()}, true
}

// wait opens a step that waits for no person.
func (m *machine) wait(scope int, s *Step, o Open, data map[string]any) {
	if m.undoing { // nobody waits for what an undo asks of another system
		m.log(Entry{Event: "called", Step: s.ID, Item: m.item(scope), Data: data})
		return
	}
	o.Scope, o.Step, o.Item, o.At = scope, s.ID, m.item(scope), m.at
	o.Round = m.stepRun(s.ID, o.Item).Round
	if o.On != "" && m.limitOpen(&o) && o.Due != nil {
		data["due_at"] = *o.Due
	}
	m.st.Open = append(m.st.Open, o)
	m.log(Entry{Event: "waiting", Step: s.ID, Item: o.Item, Data: data})
}

// waited goes on after a wait whose moment has come.
func (m *machine) waited(o *Open) {
	m.log(Entry{Event: "decided", Step: o.Step, Item: o.Item, Outcome: Done, Reason: "the moment has come", Data: map[string]any{"zh": "时间已到"}})
	m.closeOpen(o, Done)
}

// dropOpen takes a step out of those that wait.
func (m *machine) dropOpen(o *Open) {
	scope, step := o.Scope, o.Step
	m.st.Open = slices.DeleteFunc(m.st.Open, func(other Open) bool { return other.Scope == scope && other.Step == step })
}

// closeOpen ends an open step that no person decides, and goes on the way of the outcome.
func (m *machine) closeOpen(o *Open, outcome string) {
	closed := *o
	s := m.p.Step(closed.Step)
	m.dropOpen(&closed)
	m.mark(closed.Scope, s, "done")
	m.decided(closed.Scope, s, outcome)
	way := s.Ways[outcome]
	if way == nil {
		way = s.Then
	}
	m.follow(closed.Scope, s, way, outcome)
}
