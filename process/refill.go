package process

import "slices"

// peopleChanged looks again at who has the open tasks after somebody has left or is away: such a seat is filled again by the rule that filled it. The task
// changes hands and its due moment stands. A seat for which the rule has nobody any more follows `if_none`.
func (m *machine) peopleChanged() *Refusal {
	if m.st.Status == Ended {
		return nil
	}
	for i := range m.st.Open {
		m.refillTurn(&m.st.Open[i])
	}
	for _, task := range m.goneTasks() {
		o, seat := m.seatOfTask(task)
		if seat == nil {
			continue // a step that closed meanwhile
		}
		m.refill(o, seat)
		if m.st.Status == Ended {
			break
		}
	}
	return nil
}

// goneTasks are the tasks whose people aren't there: an assignee who has left or is away, or a set with nobody to fill it or with other substitutes.
func (m *machine) goneTasks() []string {
	var tasks []string
	for i := range m.st.Open {
		for j := range m.st.Open[i].Seats {
			if seat := &m.st.Open[i].Seats[j]; seat.Vote == nil && !seat.Vacant && m.gone(seat) {
				tasks = append(tasks, seat.Task)
			}
		}
	}
	return tasks
}

func (m *machine) gone(seat *Seat) bool {
	if seat.Assignee != "" {
		return !(people{m.in.Directory}).active(seat.Assignee) || m.away(seat.Assignee)
	}
	f := found{candidates: seat.Candidates}
	return !m.anyone(f, seat.Excluded) || !slices.Equal(m.standIn(f).candidates, seat.Candidates)
}

func (m *machine) seatOfTask(task string) (*Open, *Seat) {
	for i := range m.st.Open {
		for j := range m.st.Open[i].Seats {
			if seat := &m.st.Open[i].Seats[j]; seat.Task == task && seat.Vote == nil {
				return &m.st.Open[i], seat
			}
		}
	}
	return nil, nil
}

// refill gives one seat to who should have it now.
func (m *machine) refill(o *Open, seat *Seat) {
	s := m.p.Step(o.Step)
	fresh := m.freshSeats(o, seat, s)
	switch {
	case len(fresh.seats) > 0:
		m.handOver(o, seat, s, fresh.seats[0])
	case m.st.Held != nil: // nothing goes on while the case is held: an administrator assigns somebody
		m.handOver(o, seat, s, m.vacant(found{why: seat.Why}, seat.Excluded))
	case fresh.rejected:
		m.closeUndecided(o, s, Rejected, Text{ZH: "找不到审批人", EN: "nobody was found to ask"})
	default:
		agreed := slices.DeleteFunc(fresh.agreed, func(f Seat) bool { return m.hasSeat(o, seat, f.Assignee) })
		if len(agreed) > 0 { // the seat is one voice, with its own weight, whoever comes to fill it
			agreed[0].Weight = seat.weight()
			m.countBefore(s, o, agreed[:1])
		}
		m.dropSeat(o, seat, s)
	}
}

// freshSeats are the seats that the rule of a seat gives now and that nobody of the step has yet. What was handed up goes further up; a seat that somebody
// added has no rule, so that without a substitute it waits for an administrator.
func (m *machine) freshSeats(o *Open, seat *Seat, s *Step) settled {
	var out settled
	if seat.HandedUp > 0 || seat.Rule == 0 {
		f := found{person: seat.Assignee, why: seat.Why}
		if up := m.oneLevelUp(o, seat); seat.HandedUp > 0 && up != "" {
			f.person = up
		}
		out.seats = []Seat{m.vacant(f, seat.Excluded)}
		if f = m.dutiful(f, seat.Excluded); m.anyone(f, seat.Excluded) {
			out.seats = []Seat{{Assignee: f.person, Excluded: seat.Excluded, Why: f.why, For: f.absent}}
		}
	} else {
		m.settleRule(place{o.Scope, seat}, s, seat.Rule, &out)
	}
	out.seats = slices.DeleteFunc(out.seats, func(f Seat) bool { return f.Assignee != "" && m.hasSeat(o, seat, f.Assignee) })
	return out
}

// refillTurn looks again at the people who are asked later, and leaves out those whom the rule doesn't name any more.
func (m *machine) refillTurn(o *Open) {
	s := m.p.Step(o.Step)
	var turn []Seat
	for i := range o.Turn {
		seat := o.Turn[i]
		if !seat.Vacant && m.gone(&seat) {
			fresh := m.freshSeats(o, &o.Turn[i], s).seats
			if len(fresh) == 0 {
				continue
			}
			seat.takes(fresh[0])
		}
		turn = append(turn, seat)
	}
	o.Turn = turn
}

// handOver puts other people into a seat. Its task, its limit and what was decided about it stay.
func (m *machine) handOver(o *Open, seat *Seat, s *Step, to Seat) {
	from := seat.Assignee
	seat.wasWith(from)
	reason := Text{ZH: "不在或已离职", EN: "is away or has left"}
	seat.takes(to)
	data := handedTo(seat)
	data["zh"] = reason.ZH
	m.tell(m.holders(seat), Tell{About: "transferred", Task: seat.Task, Step: s.ID, Text: prefix(Text{ZH: "转给您：", EN: "now yours: "}, s.Title)})
	_ = m.changed(o, seat, Entry{Event: "transferred", For: from, Reason: reason.EN, Data: data})
}

// takes puts the people of another seat into this one.
func (seat *Seat) takes(to Seat) {
	seat.Assignee, seat.Candidates, seat.Excluded, seat.Claim, seat.Vacant = to.Assignee, to.Candidates, to.Excluded, to.Claim, to.Vacant
	seat.Why, seat.For = to.Why, to.For
}

// dropSeat takes away a seat that needn't be filled any more, and whoever was added at it. Whose turn it is then is asked; the step closes when the
// others have decided it, or when nobody is left.
func (m *machine) dropSeat(o *Open, seat *Seat, s *Step) {
	m.effect(CloseTask{ID: seat.Task, Outcome: "voided", At: m.at})
	m.log(Entry{Event: "voided", Step: s.ID, Item: o.Item, Task: seat.Task, For: seat.Assignee, Reason: "needn't be asked any more", Data: map[string]any{"zh": "不再需要此人办理"}})
	task := seat.Task
	o.Seats = slices.DeleteFunc(o.Seats, func(other Seat) bool { return other.Task == task })
	m.dropNeedless(o)
	if len(o.row()) == 0 {
		m.closeUndecided(o, s, s.Do.(asker).passed(s), Text{ZH: "无需询问任何人", EN: "nobody had to be asked"})
		return
	}
	m.closeIfDecided(o, s, nil)
}

// closeUndecided ends an open step that no person decides any more.
func (m *machine) closeUndecided(o *Open, s *Step, outcome string, reason Text) {
	closed := *o
	m.st.Open = slices.DeleteFunc(m.st.Open, func(other Open) bool { return other.Step == closed.Step && other.Scope == closed.Scope })
	m.void(closed)
	m.decideBySystem(closed.Scope, s, outcome, reason)
}
