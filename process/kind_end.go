package process

// End ends the case with an outcome.
type End struct{ Outcome string }

func (k End) enter(m *machine, _ int, s *Step) {
	m.mark(s, "done")
	m.end(k.Outcome)
}
