package process

import "slices"

// Wait waits for a moment or an event.
type Wait struct {
	Limit  *Limit // start of working day 3; 2 working days
	Until  *Expr  // a date (its start) or a moment
	On     string // an event about the case's record
	Within *Limit // with On: how long at most; then the ladder in the step's Time.Late runs
}

// waited goes on after a wait whose moment has come.
func (m *machine) waited(o *Open) { m.closeOpen(o, Done) }

// closeOpen ends an open step that no person decides, and goes on the way of the outcome.
func (m *machine) closeOpen(o *Open, outcome string) {
	closed := *o
	s := m.p.Step(closed.Step)
	m.st.Open = slices.DeleteFunc(m.st.Open, func(other Open) bool { return other.Scope == closed.Scope && other.Step == closed.Step })
	m.mark(closed.Scope, s, "done")
	m.decided(closed.Scope, s, outcome)
	way := s.Ways[outcome]
	if way == nil {
		way = s.Then
	}
	m.follow(closed.Scope, s, way, outcome)
}
