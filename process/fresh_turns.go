package process

import (
	"slices"
	"time"
)

// Turns is what answers have changed in a round that they haven't decided, as long as it is open: each can be taken back until one of those who were asked because of
// it has opened their task or acted on it.
type Turns struct {
	Asked []Asked `json:"asked,omitempty"`
	Gone  []Seat  `json:"gone,omitempty"` // whom nobody waited for any more; one without a task was to be asked later
}

// Asked is a task that came to somebody because of an answer: they were asked later than others, or had waited for an opinion.
type Asked struct {
	Task string   `json:"task"`
	Was  *Seat    `json:"was,omitempty"`  // as it stands among those asked later; nil: it had waited for an opinion
	Read []string `json:"read,omitempty"` // who has opened it; two are as good as more
}

// without is a round as it would be without the answer to a task.
func (o *Open) without(task string) Open {
	out := *o
	out.cloneSeats()
	if seat := out.seat(task); seat != nil {
		seat.Vote = nil
	}
	return out
}

// goOnAfter goes on in a round that is still open, and keeps what an answer has changed there; nil: it was none.
func (m *machine) goOnAfter(o *Open, s *Step, answered *Seat) {
	if answered == nil || m.in.foresight != nil {
		m.goOn(o, s)
		return
	}
	was := o.without(answered.Task)
	asked, gone := m.goOn(o, s)
	turns, before := Turns{Gone: gone}, len(o.Seats)-len(asked)
	for i := range o.Seats[:before] {
		if seat := &o.Seats[i]; seat.Vote == nil && was.waiting(was.seat(seat.Task)) && !o.waiting(seat) {
			turns.Asked = append(turns.Asked, Asked{Task: seat.Task})
		}
	}
	for i := range asked {
		turns.Asked = append(turns.Asked, Asked{Task: o.Seats[before+i].Task, Was: &asked[i]})
	}
	m.keepTurns(o, turns)
}

// keepTurns keeps what has changed in an open round, with what has before.
func (m *machine) keepTurns(o *Open, turns Turns) {
	if len(turns.Asked)+len(turns.Gone) == 0 {
		return
	}
	kept := m.turnsOf(o)
	if kept == nil {
		kept = &Turns{}
		m.fresh = append(m.fresh, Fresh{Round: Open{Scope: o.Scope, Step: o.Step, Item: o.Item, Round: o.Round, At: o.At}, Turns: kept})
		m.fresh = m.fresh[max(0, len(m.fresh)-maxFresh):]
	}
	kept.Gone = append(kept.Gone, turns.Gone...)
	for _, a := range turns.Asked {
		if before := kept.asked(a.Task); before != nil { // it has waited once more: who had opened it before doesn't count
			before.Read = nil
			continue
		}
		kept.Asked = append(kept.Asked, a)
	}
}

// turnsOf is what answers have changed in an open round, to be changed; nil: nothing.
func (m *machine) turnsOf(o *Open) *Turns {
	i := slices.IndexFunc(m.fresh, func(f Fresh) bool { return f.Turns != nil && spotOf(f.Round).holds(*o) })
	if i < 0 {
		return nil
	}
	t := *m.fresh[i].Turns
	t.Asked, t.Gone = slices.Clone(t.Asked), slices.Clone(t.Gone)
	for i := range t.Asked {
		if a := &t.Asked[i]; a.Was != nil {
			was := *a.Was
			a.Was = &was
		}
	}
	m.fresh[i].Turns = &t
	return &t
}

// seatsEver are the seats of an open round, those that may come back to it, and those asked as they would stand if they were asked later again.
func (m *machine) seatsEver(o *Open) []*Seat {
	all := o.everyone()
	if turns := m.turnsOf(o); turns != nil {
		for i := range turns.Gone {
			all = append(all, &turns.Gone[i])
		}
		for i := range turns.Asked {
			if was := turns.Asked[i].Was; was != nil {
				all = append(all, was)
			}
		}
	}
	return all
}

// asked finds what is kept of a task; nil: it wasn't asked because of an answer, or somebody has acted on it.
func (t *Turns) asked(task string) *Asked {
	if t == nil {
		return nil
	}
	if i := slices.IndexFunc(t.Asked, func(a Asked) bool { return a.Task == task }); i >= 0 {
		return &t.Asked[i]
	}
	return nil
}

// untouched says whether nobody has done anything with a task that came to them, whoever has it.
func (o *Open) untouched(a Asked) bool {
	seat := o.seat(a.Task)
	switch {
	case seat == nil, seat.Vote != nil:
		return false
	case a.Was == nil:
		return true
	}
	added := slices.ContainsFunc(o.everyone(), func(s *Seat) bool { return s.Added != nil && s.Added.Seat == a.Task })
	return !added && seat.Stop == nil && (!seat.Claim || seat.Assignee == "")
}

// settleTurns lets go of what can't be undone any more: a task was acted on, the round is over.
func (m *machine) settleTurns(f *Fresh) {
	i := slices.IndexFunc(m.st.Open, spotOf(f.Round).holds)
	if i < 0 {
		f.Turns = &Turns{}
		return
	}
	o := &m.st.Open[i]
	t := m.turnsOf(o)
	t.Asked = slices.DeleteFunc(t.Asked, func(a Asked) bool { return a.Task == m.ev.Task || !o.untouched(a) })
}

// ledTo are the tasks that wouldn't be there without an answer of a round: of those asked behind it, and of those who would wait for an opinion. Whoever confirms
// an answer was asked behind it, also where that comes last meanwhile, see [Open.comesLast].
func (o *Open) ledTo(s *Step, seat *Seat) (asked, heard []string) {
	without := o.without(seat.Task)
	behind := false
	for i := range o.Seats {
		other, now := &o.Seats[i], &without.Seats[i]
		then := Open{Seats: without.Seats[:i+1]}
		switch {
		case other == seat:
			behind = true
		case other.confirms(seat), behind && (!without.agreedFirst(now) || !then.turnOf(s, now)):
			asked = append(asked, other.Task)
		case len(o.askedFirst(other)) == 0 && len(without.askedFirst(now)) > 0:
			heard = append(heard, other.Task)
		}
	}
	return asked, heard
}

// confirms says whether a seat is asked only after another one has agreed.
func (s *Seat) confirms(at *Seat) bool {
	return s.Added != nil && s.Added.Where == AddedAfter && s.Added.Seat == at.Task
}

// ledOn says whether something followed from a seat's answer in its round: somebody was asked because of it, or whoever asked for that opinion is gone.
func (o *Open) ledOn(s *Step, seat *Seat) bool {
	asked, heard := o.ledTo(s, seat)
	return len(asked)+len(heard) > 0 || o.unheard(seat)
}

// unheard says whether nobody is there any more who has asked for an opinion.
func (o *Open) unheard(seat *Seat) bool { return seat.opinion() && o.seat(seat.Added.Seat) == nil }

// mayUnask says why what followed from an answer in its open round can't be undone; "" for both: it can, or nothing followed.
func (m *machine) mayUnask(t takenBack) (zh, en string) {
	asked, heard := t.o.ledTo(m.p.Step(t.o.Step), t.seat)
	turns := m.turnsOf(t.o)
	for _, task := range slices.Concat(asked, heard) {
		a := turns.asked(task)
		if a == nil || a.Was == nil && slices.Contains(asked, task) {
			return "后面的人已经被询问，不能再收回", "others were asked because of it: it can't be taken back any more"
		}
		if who := readBy(a.Read, m.ev.By); who != "" {
			return m.hasOpened(who)
		}
	}
	if t.o.unheard(t.seat) {
		return "后面的人已经被询问，不能再收回", "others were asked because of it: it can't be taken back any more"
	}
	return "", ""
}

// unask puts those who were asked because of an answer in an open round back among those asked later. Their tasks are void. Whoever has their seat now will be
// asked, unless it went up its ladder, or nobody was there.
func (m *machine) unask(o *Open, s *Step, seat *Seat) {
	asked, heard := o.ledTo(s, seat)
	turns := m.turnsOf(o)
	if turns == nil {
		return
	}
	var turn []Seat
	for i := range o.Seats {
		if now := &o.Seats[i]; slices.Contains(asked, now.Task) {
			m.voidSeat(*o, *now)
			was := *turns.asked(now.Task).Was
			if now.HandedUp == 0 && !now.Vacant {
				was.takes(*now)
			}
			turn = append(turn, was)
		}
	}
	o.laterAgain(turn)
	o.Seats = slices.DeleteFunc(o.Seats, func(s Seat) bool { return slices.Contains(asked, s.Task) })
	turns.Asked = slices.DeleteFunc(turns.Asked, func(a Asked) bool { return slices.Contains(asked, a.Task) || slices.Contains(heard, a.Task) })
}

// laterAgain puts seats back among those asked later: each before the others who came to the round with it, and behind those who came before.
func (o *Open) laterAgain(turn []Seat) {
	for _, seat := range slices.Backward(turn) {
		i := slices.IndexFunc(o.Turn, func(other Seat) bool { return other.came() >= seat.came() })
		if i < 0 {
			i = len(o.Turn)
		}
		o.Turn = slices.Insert(o.Turn, i, seat)
	}
}

// came says in which order people came to a round: first those of the step, then each group of people added.
func (s *Seat) came() int {
	if s.own() {
		return 0
	}
	return s.Added.Group
}

// waitAgain asks those again for whom nobody waited because of an answer that was taken back.
func (m *machine) waitAgain(o *Open, s *Step, since time.Time) {
	turns := m.turnsOf(o)
	if turns == nil {
		return
	}
	gone := turns.Gone
	turns.Gone = m.bringBack(o, gone)
	for _, was := range gone {
		if seat := o.seat(was.Task); was.Task != "" && seat != nil {
			m.reopen(o, s, seat, since)
		}
	}
	m.laterWithoutWhoLeft(o)
}

// bringBack puts those back into a round for whom nobody waited, and lets those go again for whom nobody does: these, and whoever has another seat meanwhile, it gives.
func (m *machine) bringBack(o *Open, gone []Seat) (still []Seat) {
	for i := range gone {
		switch seat := &gone[i]; {
		case seat.Assignee != "" && m.hasSeat(o, seat, seat.Assignee):
			still = append(still, *seat)
		case seat.Task == "":
			o.Turn = append(o.Turn, *seat)
		default:
			o.Seats = append(o.Seats, *seat)
		}
	}
	return append(still, o.letGo()...)
}
