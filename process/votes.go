package process

// voice is one answer that counts when a step is decided: a seat's together with those asked after it, or that of several people of whom the
// first answers for all.
type voice struct {
	answer string // empty: none yet
	weight int
	veto   bool // its refusal alone rejects
}

// tally says whether the answers given so far settle an approval, and how. A return acts at once, whatever the votes. The first answer decides
// in `first`; `all_opinions` waits for everyone. In all other modes the step is settled as soon as its outcome is certain: the outcome never gets
// worse by one more agreement, so it is certain when it is the same whether all the open voices refuse or all agree.
func tally(who *Who, base int, voices []voice) (outcome string, settled bool) {
	open := false
	for _, v := range voices {
		switch {
		case v.answer == Returned, v.answer != "" && who.Mode == ModeFirst:
			return v.answer, true
		case v.answer == "":
			open = true
		}
	}
	if open && (who.Mode == ModeFirst || who.Mode == ModeAllOpinions) {
		return "", false
	}
	worst, best := who.outcome(base, voices, Rejected), who.outcome(base, voices, Approved)
	return worst, worst == best
}

// outcome is how an approval ends when every voice still open gives this answer.
func (w *Who) outcome(base int, voices []voice, open string) string {
	var agreed, refused int
	vetoed := false
	for _, v := range voices {
		answer := v.answer
		if answer == "" {
			answer = open
		}
		if answer == Approved {
			agreed += v.weight
			continue
		}
		refused += v.weight
		vetoed = vetoed || v.veto
	}
	switch {
	case w.Mode != ModeVotes && refused > 0, vetoed:
		return Rejected
	case w.Mode != ModeVotes, w.Votes.Need.reached(agreed, base):
		return Approved
	case w.Votes.Need.reached(refused, base):
		return Rejected
	}
	return w.Votes.Tie
}

// reached says whether so much weight is enough. A share is of base, the weight of all the step's own seats when it opened: people added later
// vote, but don't make it harder to reach.
func (n Need) reached(weight, base int) bool {
	if n.Count > 0 {
		return weight >= n.Count
	}
	return weight*n.Den >= n.Num*base
}

// weigh gives the seats of a step in `votes` their weights and vetoes, which stay with the seat whoever comes to fill it: those of the person it
// is for, or what all who may fill it have at least. It gives false when the case is held instead.
func (m *machine) weigh(scope int, s *Step, seats []*Seat) bool {
	votes := s.Who.Votes
	if votes == nil {
		return true
	}
	veto, ok := m.recipients(scope, s, votes.Veto, nil)
	if !ok {
		return false
	}
	weights, ok := m.weights(scope, s)
	if !ok {
		return false
	}
	for _, seat := range seats {
		people := m.represented(seat)
		seat.Weight, seat.Veto = 0, len(people) > 0
		for i, id := range people {
			if w := max(1, weights[id]); i == 0 || w < seat.Weight {
				seat.Weight = w
			}
			seat.Veto = seat.Veto && contains(veto, id)
		}
	}
	return true
}

// represented are the people a seat is for. Nobody has the weight of a seat for which nobody was found, and nobody lends theirs to somebody outside.
func (m *machine) represented(seat *Seat) []string {
	switch {
	case seat.Vacant, seat.Outside != nil:
		return nil
	case seat.For != "":
		return []string{seat.For}
	}
	return m.holders(seat)
}

// weights is how much people's votes count: their own entry, else the highest of those they belong to.
func (m *machine) weights(scope int, s *Step) (map[string]int, bool) {
	out, own := map[string]int{}, map[string]bool{}
	for _, w := range s.Who.Votes.Weights {
		people, ok := m.recipients(scope, s, []By{w.Who}, nil)
		if !ok {
			return nil, false
		}
		for _, id := range people {
			switch {
			case w.Who.Kind == ByUser:
				out[id], own[id] = w.N, true
			case !own[id]:
				out[id] = max(out[id], w.N)
			}
		}
	}
	return out, true
}

func (s *Seat) weight() int { return max(1, s.Weight) }

func weightOf(voices []voice) int {
	sum := 0
	for _, v := range voices {
		sum += v.weight
	}
	return sum
}

// arrange says of the seats of a step that opens who is asked at once and who later, and how much their votes count. It gives false when nobody is asked: those
// who have agreed before are enough, or the case is held, since a condition can't be evaluated or so few are there that the votes can't be reached.
func (m *machine) arrange(s *Step, o *Open) bool {
	if !m.weigh(o.Scope, s, o.everyone()) {
		return false
	}
	if s.Who.Votes != nil {
		o.Base = 0
		for _, h := range o.Counted {
			o.Base += h.Weight
		}
		for _, seat := range o.everyone() {
			if seat.Added == nil {
				o.Base += seat.weight()
			}
		}
		switch _, settled := tally(s.Who, o.Base, o.votes()); {
		case settled && s.Who.Votes.Need.reached(weightOf(o.votes()), o.Base): // it would do with all of them, so it does with any
			m.decideBySystem(o.Scope, s, Approved, Text{ZH: "先前已同意的人已经够了", EN: "those who have agreed before are enough"})
			return false
		case settled:
			m.hold(o.Scope, s, Text{ZH: "能投票的人太少，达不到规定的票数", EN: "too few people can vote for the votes that are needed"})
			return false
		}
	}
	m.askNext(o, s)
	return true
}

// countBefore lets those count in a vote who aren't asked since they have agreed before: each once, and nobody who is asked all the same. It gives false when
// the case is held instead.
func (m *machine) countBefore(s *Step, o *Open, agreed []Seat) bool {
	if s.Who.Votes == nil {
		return true
	}
	for i := range agreed {
		seat := &agreed[i]
		if m.hasSeat(o, seat, seat.Assignee) {
			continue
		}
		if seat.Weight == 0 && !m.weigh(o.Scope, s, []*Seat{seat}) {
			return false
		}
		o.Counted = append(o.Counted, Counted{By: seat.Assignee, Weight: seat.weight()})
		m.st.Format = max(m.st.Format, FormatScoped) // an older software would leave them out
	}
	return true
}
