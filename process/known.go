package process

// known is what a case asks of its chain again and again, worked out once when the chain is loaded.
type known struct {
	steps     []*Step         // see [Process.all]
	again     bool            // see [Process.asksAgain]
	picks     bool            // some step asks people who are picked
	separated map[string]bool // see [Process.separated]
}

// knownStep is what a case asks of a step.
type knownStep struct {
	eaches []Each   // see [Step.eaches]
	digest []string // see [Process.DigestFields]
}

// know works it out. Nothing of the chain changes afterwards.
func (p *Process) know() {
	k := &known{steps: p.all(), again: p.asksAgain(), separated: map[string]bool{}}
	for _, s := range k.steps {
		k.picks = k.picks || s.pickRule() != nil
		if s.Who != nil {
			for _, other := range s.Who.NotSameAs {
				k.separated[other] = true
			}
		}
		s.known = &knownStep{eaches: s.eaches(), digest: p.DigestFields(s)}
	}
	p.known = k
}
