package process

import "slices"

// Format is the format that cases of the process are written in: the oldest that says all that they may do.
func (p *Process) Format() int { return max(p.format, FormatPlain) }

// needed finds it out.
func (p *Process) needed() int {
	if p.asksAnew || p.asksOutside() {
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

// asksOutside says whether a step asks somebody without an account.
func (p *Process) asksOutside() bool {
	return slices.ContainsFunc(p.AllSteps(), func(s *Step) bool {
		return s.Who != nil && slices.ContainsFunc(s.Who.Seats, func(b By) bool { return b.Kind == ByOutside })
	})
}
