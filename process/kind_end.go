package process

// End ends the case with an outcome.
type End struct{ Outcome string }

func (k End) enter(m *machine, scope int, s *Step) {
	m.mark(scope, s, "done")
	m.end(k.Outcome)
}
