package process

import "slices"

// Format is the format that cases of the process are written in: the oldest that says all that they may do.
func (p *Process) Format() int { return max(p.format, FormatPlain) }

// needed finds it out.
func (p *Process) needed() int {
	if p.asksAnew || p.AsksOutside() || slices.ContainsFunc(p.AllSteps(), pointsAtOwn) {
		return FormatScoped
	}
	if p.Revoke != nil {
		return FormatLinked
	}
	for _, s := range p.AllSteps() {
		switch s.Do.(type) {
		case Call, Request:
			return FormatCalls
		}
	}
	return FormatPlain
}

// pointsAtOwn says whether a step writes a reference to the case's own record, by the word `record`.
func pointsAtOwn(s *Step) bool {
	own := func(a Assign) bool { return a.Value != nil && a.Value.own }
	var fields []Assign
	switch k := s.Do.(type) {
	case Create:
		fields = k.Fields
	case Set:
		fields = k.Fields
	case Call:
		fields = k.With
	}
	return slices.ContainsFunc(fields, own) || slices.ContainsFunc(s.ways(), func(w outcomeWay) bool { return slices.ContainsFunc(w.way.Set, own) })
}

// AsksOutside says whether a step asks somebody without an account.
func (p *Process) AsksOutside() bool {
	return slices.ContainsFunc(p.AllSteps(), func(s *Step) bool {
		return len(outsideSeats(s)) > 0
	})
}
