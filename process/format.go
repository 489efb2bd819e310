package process

// Format is the format that cases of the process are written in: the oldest that says all that they may do.
func (p *Process) Format() int { return max(p.format, FormatPlain) }

// needed finds it out.
func (p *Process) needed() int {
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
