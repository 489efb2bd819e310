package process

import "slices"

// Where somebody is added.
const (
	AddedBefore = "before" // asked first: an opinion that returns to whoever added them
	AddedAfter  = "after"  // asked once whoever added them has agreed
	AddedBeside = "beside" // another seat of the step
)

// everyone is every seat of a step: those asked, then those asked later.
func (o *Open) everyone() []*Seat {
	out := make([]*Seat, 0, len(o.Seats)+len(o.Turn))
	for i := range o.Seats {
		out = append(out, &o.Seats[i])
	}
	for i := range o.Turn {
		out = append(out, &o.Turn[i])
	}
	return out
}

// taken is every seat of a step, and one for each of those who count in its vote without one.
func (o *Open) taken() []*Seat {
	out := o.everyone()
	for _, had := range o.Counted {
		out = append(out, &Seat{Assignee: had.By})
	}
	return out
}

// seat finds the seat of a task; nil when it has gone.
func (o *Open) seat(task string) *Seat {
	for i := range o.Seats {
		if o.Seats[i].Task == task {
			return &o.Seats[i]
		}
	}
	return nil
}

// own says whether a seat stands in the row of its step: it is one of the chain, or was added before the step opened.
func (s *Seat) own() bool { return s.Added == nil || s.Added.Seat == "" }

// counts says whether a seat's answer is one of the step's voices, and not an opinion or a confirmation at another seat.
func (s *Seat) counts() bool { return s.Added == nil || s.Added.Where == AddedBeside }

// attached are the seats added before or after a seat, those added together in one group.
func (o *Open) attached(seat *Seat, where string) [][]*Seat {
	var out [][]*Seat
	for _, a := range o.everyone() {
		if a.Added == nil || a.Added.Where != where || a.Added.Seat != seat.Task {
			continue
		}
		i := slices.IndexFunc(out, func(g []*Seat) bool { return g[0].Added.Group == a.Added.Group })
		if i < 0 {
			out = append(out, []*Seat{a})
			continue
		}
		out[i] = append(out[i], a)
	}
	return out
}

// answer is what a seat says, together with those asked after it, who must confirm its agreement; empty while that is open.
func (o *Open) answer(seat *Seat) string {
	if seat.said() != Approved {
		return seat.said()
	}
	joint := Approved
	for _, group := range o.attached(seat, AddedAfter) {
		switch a := o.groupAnswer(group); {
		case a == "":
			joint = ""
		case a != Approved:
			return a
		}
	}
	return joint
}

// said is a seat's own answer; empty while there is none, or no seat.
func (s *Seat) said() string {
	if s == nil || s.Vote == nil {
		return ""
	}
	return s.Vote.Outcome
}

// groupAnswer is what people added together say: the first of them answers for all, or all must agree.
func (o *Open) groupAnswer(group []*Seat) string {
	joint := Approved
	for _, seat := range group {
		a := o.answer(seat)
		switch {
		case a != "" && seat.Added.Mode == ModeFirst:
			return a
		case a == "":
			joint = ""
		case a != Approved:
			return a
		}
	}
	return joint
}

// heard says whether nobody of a group is waited for any more.
func (o *Open) heard(group []*Seat) bool {
	if group[0].Added.Mode == ModeFirst {
		return slices.ContainsFunc(group, func(s *Seat) bool { return o.answer(s) != "" })
	}
	return !slices.ContainsFunc(group, func(s *Seat) bool { return o.answer(s) == "" })
}

// row is the seats whose answers count, in order; people of whom the first answers for all stand together.
func (o *Open) row() [][]*Seat {
	var out [][]*Seat
	for _, seat := range o.everyone() {
		if !seat.counts() {
			continue
		}
		i := slices.IndexFunc(out, func(g []*Seat) bool { return seat.together(g[0]) })
		if i < 0 {
			out = append(out, []*Seat{seat})
			continue
		}
		out[i] = append(out[i], seat)
	}
	return out
}

// together says whether two seats were added as a group of whom the first answers for all.
func (s *Seat) together(other *Seat) bool {
	return s.Added != nil && other.Added != nil && s.Added.Mode == ModeFirst && s.Added.Group == other.Added.Group
}

// voices are the answers that count.
func (o *Open) voices() []voice {
	var out []voice
	for _, group := range o.row() {
		out = append(out, o.voice(group))
	}
	return out
}

// votes are the answers that count in a vote: also that of whoever isn't asked, since they have agreed before.
func (o *Open) votes() []voice {
	out := o.voices()
	for _, had := range o.Counted {
		out = append(out, voice{answer: Approved, weight: had.Weight})
	}
	return out
}

// voice is the answer of a seat, or of the first of several; while none is there it may become that of any.
func (o *Open) voice(group []*Seat) voice {
	var v voice
	for _, seat := range group {
		if a := o.answer(seat); a != "" {
			return voice{answer: a, weight: seat.weight(), veto: seat.Veto}
		}
		v.weight, v.veto = max(v.weight, seat.weight()), v.veto || seat.Veto
	}
	return v
}

// askedFirst are the people whose opinion a seat waits for: it can't be acted on before they have answered or were removed.
func (o *Open) askedFirst(seat *Seat) []*Seat {
	var out []*Seat
	for _, group := range o.attached(seat, AddedBefore) {
		if o.heard(group) {
			continue
		}
		for _, s := range group {
			if o.answer(s) == "" {
				out = append(out, s)
			}
		}
	}
	return out
}

// WaitsFor gives the people whose opinion an open task waits for before it can be acted on; nobody for a task that doesn't wait.
func (s *State) WaitsFor(task string) []string {
	var ids []string
	for i := range s.Open {
		o := &s.Open[i]
		if seat := o.seat(task); seat != nil && seat.Vote == nil {
			for _, first := range o.askedFirst(seat) {
				ids = append(ids, first.Assignee)
			}
		}
	}
	return ids
}

// due says whether it is the turn of a seat that wasn't asked yet.
func (o *Open) due(s *Step, seat *Seat) bool {
	return o.agreedFirst(seat) && o.turnOf(s, seat)
}

// agreedFirst says whether whoever a seat was added after has agreed.
func (o *Open) agreedFirst(seat *Seat) bool {
	return seat.Added == nil || seat.Added.Where != AddedAfter || o.seat(seat.Added.Seat).said() == Approved
}

// turnOf says whether a seat need not wait for others to be asked first.
func (o *Open) turnOf(s *Step, seat *Seat) bool {
	switch {
	case seat.own() && s.Who.Mode == ModeInTurn && !o.rowAnswered(seat):
		return false
	case seat.Added == nil:
		return true
	}
	return seat.Added.Mode != ModeInTurn || !o.groupBusy(seat)
}

// rowAnswered says whether everybody asked so far has answered, but for those with whom a seat is asked together.
func (o *Open) rowAnswered(seat *Seat) bool {
	for _, group := range o.row() {
		if group[0].Task != "" && !seat.together(group[0]) && o.voice(group).answer == "" {
			return false
		}
	}
	return true
}

// groupBusy says whether somebody else who was added with a seat is being asked.
func (o *Open) groupBusy(seat *Seat) bool {
	for i := range o.Seats {
		other := &o.Seats[i]
		if other != seat && other.Added != nil && other.Added.Group == seat.Added.Group && o.answer(other) == "" {
			return true
		}
	}
	return false
}

// needless says whether nobody waits any more for the answer of a seat: somebody else of its group has given it, the seat it was added at has
// gone or is needless itself, has answered without waiting, or needs no more confirmation.
func (o *Open) needless(seat *Seat) bool {
	switch {
	case seat.Added == nil || o.answer(seat) != "":
		return false
	case seat.counts():
		return o.voice(o.groupOf(seat)).answer != ""
	}
	at := o.seat(seat.Added.Seat)
	switch {
	case at == nil || o.needless(at):
		return true
	case seat.Added.Where == AddedAfter:
		return o.answer(at) != "" || o.groupAnswer(o.groupOf(seat)) != ""
	}
	return at.Vote != nil || o.heard(o.groupOf(seat))
}

// groupOf are the seats that were added with a seat and of whom the first answers for all, or which are waited for together.
func (o *Open) groupOf(seat *Seat) []*Seat {
	var out []*Seat
	for _, s := range o.everyone() {
		if s == seat || seat.together(s) || !seat.counts() && s.Added != nil && s.Added.Group == seat.Added.Group {
			out = append(out, s)
		}
	}
	return out
}
