package process

// Kind is what one sort of step adds to [Step]. Each sort is one file, kind_*.go: what it holds and how it runs.
type Kind interface {
	// enter is called when the chain arrives at the step: it opens the step for people, or does its work and moves on.
	enter(m *machine, scope int, s *Step)
}

// asker is a Kind that waits for people.
type asker interface {
	Kind
	// outcome turns an act into the outcome it means at this step, or refuses it.
	outcome(s *Step, ev Event) (string, *Refusal)
	// verdict says whether the answers given so far decide the step, and how. last is the answer just given; the zero Vote after a removal.
	verdict(s *Step, o *Open, last Vote) (outcome string, decided bool)
	// passed is the outcome of a step that is skipped because nobody must be asked.
	passed(s *Step) string
}
