package process

// Stage is a titled group of steps with a limit of its own.
type Stage struct{ Steps *List }

func (k Stage) enter(m *machine, scope int, s *Step) {
	if m.openGroup(scope, s) {
		m.openScope(scope, k.Steps)
	}
}

func (Stage) joined(left int) bool { return left == 0 }
func (k Stage) lists() []*List     { return []*List{k.Steps} }
