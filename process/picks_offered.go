package process

import "slices"

// Picks is a choice of people that an act, or the start of a case, makes for a later step.
type Picks struct {
	Step     *Step
	From     []string // who may be picked; nil: anybody, or nobody can say yet
	Min, Max int
}

// picksOf is what an act that goes a way picks; nil when it picks nobody.
func (m *machine) picksOf(scope int, s *Step, w *Way) *Picks {
	target := m.p.picksFor(s, w)
	if target == nil {
		return nil
	}
	by := target.pickRule()
	out := &Picks{Step: target, Min: by.Min, Max: by.Max}
	if by.From == nil {
		return out
	}
	at := place{scope: scope}
	out.From = []string{}
	for _, from := range by.From {
		for _, f := range m.find(from, at) {
			out.From = append(out.From, m.who(f)...)
		}
	}
	excluded := m.excluded(at, target)
	slices.Sort(out.From)
	out.From = slices.DeleteFunc(slices.Compact(out.From), func(id string) bool {
		return slices.Contains(excluded, id) || !(people{m.in.Directory}).active(id)
	})
	return out
}

// StartPicks is what starting a case picks, as far as it can be said without knowing what the case will be about; nil when it picks nobody.
func StartPicks(p *Process, dir Directory) *Picks {
	target := p.picksFor(nil, nil)
	if target == nil {
		return nil
	}
	by := target.pickRule()
	out := &Picks{Step: target, Min: by.Min, Max: by.Max}
	var all []string
	for _, from := range by.From {
		var ids []string
		switch {
		case from.For != nil || from.Column != nil: // by what is filled in
			return out
		case from.Kind == ByUser:
			ids = []string{from.Of}
		case slices.Contains(setKinds, from.Kind):
			ids = dir.Members(Principal(string(from.Kind) + ":" + from.Of))
		default:
			return out
		}
		for _, id := range ids {
			if (people{dir}).active(id) {
				all = append(all, id)
			}
		}
	}
	if by.From != nil {
		slices.Sort(all)
		out.From = append([]string{}, slices.Compact(all)...)
	}
	return out
}

// signs says whether an answer needs a signature, as [machine.checkAnswer] asks for it: who was added gives an opinion without one, unless theirs may decide the step alone.
func signs(s *Step, seat *Seat, outcome string) bool {
	if !s.Form.Signature || !agrees(outcome) {
		return false
	}
	if seat.Added == nil || !isApproval(s) {
		return true
	}
	return decidesAlone(s, seat)
}
