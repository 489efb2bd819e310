package process

import "slices"

// Leaves says whether somebody who has left still stands for something to come in this case: as who started it, as who has a task or is asked later, or
// as somebody picked for, or added to, a step not reached yet. What they did stays theirs.
func (s State) Leaves(who string) bool {
	if s.Status == Ended {
		return false
	}
	if s.Initiator == who || slices.ContainsFunc(s.Later, func(l Later) bool { return l.By == who || slices.Contains(l.People, who) }) {
		return true
	}
	for _, picks := range s.Picks {
		if slices.Contains(picks, who) {
			return true
		}
	}
	return slices.ContainsFunc(s.Open, func(o Open) bool {
		return slices.ContainsFunc(o.Seats, func(seat Seat) bool { return seat.Vote == nil && seat.of(who) }) ||
			slices.ContainsFunc(o.Turn, func(seat Seat) bool { return seat.of(who) })
	})
}

// of says whether a seat is somebody's, or open to them by name.
func (seat Seat) of(who string) bool {
	return seat.Assignee == who || seat.Assignee == "" && slices.Contains(seat.Candidates, User(who))
}

// handOverCase moves what somebody who has left (From) still stands for to others: their tasks, and whatever was to be asked of them later, to To; that
// they started the case to Initiator. Due moments stand. Where To is kept from a task, or has another seat there, the rule of the seat is asked again.
func (m *machine) handOverCase() *Refusal {
	from, to := m.ev.From, m.ev.To
	if !m.st.Leaves(from) {
		return nil
	}
	m.handOverStart(from, m.ev.Initiator)
	for i := range m.st.Later {
		l := &m.st.Later[i]
		l.People = replaced(l.People, from, to)
		if l.By == from {
			l.By = to
		}
	}
	for _, key := range sortedPicks(m.st.Picks) {
		m.st.Picks[key] = replaced(m.st.Picks[key], from, to)
	}
	for i := range m.st.Open {
		m.handOverTurn(&m.st.Open[i], from, to)
	}
	for _, task := range m.tasksOf(from) {
		if o, seat := m.seatOfTask(task); seat != nil && m.st.Status != Ended { // a step may have closed meanwhile
			m.handOverSeat(o, seat, from, to)
		}
	}
	return nil
}

func sortedPicks(picks map[string][]string) []string {
	keys := make([]string, 0, len(picks))
	for key := range picks {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}

// replaced is a list with one person in another's place; each stands in it once.
func replaced(ids []string, from, to string) []string {
	if !slices.Contains(ids, from) {
		return ids
	}
	var out []string
	for _, id := range ids {
		if id == from {
			id = to
		}
		if !slices.Contains(out, id) {
			out = append(out, id)
		}
	}
	return out
}

// handOverStart lets somebody else count as who started the case: what comes back to the initiator comes back to them, and they may withdraw it.
func (m *machine) handOverStart(from, to string) {
	if m.st.Initiator != from || to == "" {
		return
	}
	m.st.Initiator = to
	m.log(Entry{Event: "transferred", By: m.ev.By, For: from, Reason: m.ev.Comment, Data: map[string]any{"to": to, "what": "initiator"}})
}

// leftTo is what a successor is told.
func (m *machine) leftTo(from string) Text {
	name := m.name(from)
	return Text{ZH: name.In("zh") + " 离职，交接给您", EN: name.In("en") + " has left; now yours"}
}

// tasksOf are the open tasks that are somebody's, or open to them by name.
func (m *machine) tasksOf(who string) []string {
	var tasks []string
	for _, o := range m.st.Open {
		for _, seat := range o.Seats {
			if seat.Vote == nil && seat.of(who) {
				tasks = append(tasks, seat.Task)
			}
		}
	}
	return tasks
}

// handOverSeat gives one open task to the successor.
func (m *machine) handOverSeat(o *Open, seat *Seat, from, to string) {
	s := m.p.Step(o.Step)
	if seat.Assignee == "" { // open to several, and to them by name, since they stood in for one of these
		m.refill(o, seat)
		return
	}
	m.ev.To = to
	if refusal := m.mayReceive(o, seat); refusal != nil {
		m.refill(o, seat)
		return
	}
	m.give(seat, to, Text{ZH: "接替离职的 " + m.name(from).In("zh"), EN: "takes over from " + m.name(from).In("en") + ", who has left"})
	m.tell([]string{seat.Assignee}, Tell{About: "transferred", Task: seat.Task, Step: s.ID, Text: prefix(Text{ZH: m.leftTo(from).ZH + "：", EN: m.leftTo(from).EN + ": "}, s.Title)})
	_ = m.changed(o, seat, Entry{Event: "transferred", By: m.ev.By, For: from, Reason: m.ev.Comment, Data: handedTo(seat)})
}

// handOverTurn gives the successor the turns that were still to come; where they have a seat of the step already, that one is enough.
func (m *machine) handOverTurn(o *Open, from, to string) {
	var turn []Seat
	for i := range o.Turn {
		seat := o.Turn[i]
		switch {
		case !seat.of(from):
		case seat.Assignee != "" && m.hasSeat(o, &o.Turn[i], to):
			continue
		case seat.Assignee == "" || contains(seat.Excluded, to):
			fresh := m.freshSeats(o, &o.Turn[i], m.p.Step(o.Step)).seats
			if len(fresh) == 0 {
				continue
			}
			seat.takes(fresh[0])
		default:
			seat.Assignee, seat.For = to, ""
			seat.Why = Text{ZH: "接替离职的 " + m.name(from).In("zh"), EN: "takes over from " + m.name(from).In("en") + ", who has left"}
		}
		turn = append(turn, seat)
	}
	o.Turn = turn
}
