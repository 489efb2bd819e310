package process

import "strings"

// askOutsideAnew looks again, at the end of an event, at whom the open seats ask outside: by what the record holds now. Where that is somebody else, or they are
// written to elsewhere, the seat gets a new task and they a letter: the link to the old one is over. Its limit stands. Answers stay whose they were, and while the
// case stands still nobody is asked.
func (m *machine) askOutsideAnew() {
	if m.st.Status != Running || m.st.Held != nil || m.in.foresight != nil {
		return
	}
	for i := range m.st.Open {
		o := &m.st.Open[i]
		s := m.p.Step(o.Step)
		for j := range o.Seats {
			seat := &o.Seats[j]
			if to := m.outsideNow(o, s, seat); to != nil && seat.Vote == nil {
				m.askAnew(o, s, seat, to)
			}
		}
		for j := range o.Turn {
			if to := m.outsideNow(o, s, &o.Turn[j]); to != nil && !to.isAmong(o.Turn[j].Excluded) {
				o.Turn[j].asksOutside(to)
			}
		}
	}
}

// outsideNow is whom a seat should ask outside by now, where that isn't whom it asks; nil: it needn't be changed. That nobody is named any more, or that it can't
// be found out, takes nothing away from who was asked; and who has another seat of the step isn't asked twice.
func (m *machine) outsideNow(o *Open, s *Step, seat *Seat) *Outside {
	if seat.Outside == nil || seat.Rule == 0 || seat.Rule > len(s.Who.Seats) || s.Who.Seats[seat.Rule-1].Kind != ByOutside {
		return nil
	}
	by := s.Who.Seats[seat.Rule-1]
	name, err := by.Cel.Value(m.env(o.Scope))
	if err != nil {
		return nil
	}
	email := ""
	if by.Email != nil {
		v, err := by.Email.Value(m.env(o.Scope))
		if err != nil {
			return nil
		}
		email, _ = v.(string)
	}
	to, known := newOutside(called(name), email)
	if !known || to.same(seat.Outside) || strings.TrimSpace(called(name)) == "" && !seat.Outside.byAddress() {
		return nil
	}
	for _, other := range o.everyone() {
		if other != seat && other.Outside != nil && other.Outside.ID() == to.ID() {
			return nil
		}
	}
	return &to
}

// byAddress says whether they are known by their address alone.
func (o *Outside) byAddress() bool {
	nameless, _ := newOutside("", o.Email)
	return o.Name == nameless.Name
}

// askAnew lets a seat ask somebody else outside, or the same by another letter. Whom separation of duties keeps from it isn't asked: an administrator assigns
// somebody.
func (m *machine) askAnew(o *Open, s *Step, seat *Seat, to *Outside) {
	reason := Text{ZH: "改为询问另一人，或收信地址有变化", EN: "somebody else is asked, or they are written to elsewhere"}
	m.effect(CloseTask{ID: seat.Task, Outcome: "voided", At: m.at})
	m.log(Entry{Event: "voided", Step: s.ID, Item: o.Item, Task: seat.Task, For: seat.Assignee, Reason: reason.EN, Data: map[string]any{"zh": reason.ZH}})
	if to.isAmong(seat.Excluded) {
		seat.takes(m.vacant(found{why: to.keptOut()}, seat.Excluded))
		seat.Outside = nil
	} else {
		seat.asksOutside(to)
	}
	m.newTask(o, seat)
	m.showAdded(o, s, seat)
	m.effect(OpenTask{Task: m.task(s, o, seat)})
	m.log(Entry{Event: "opened", Step: s.ID, Item: o.Item, Task: seat.Task, For: seat.Assignee, Data: openedData(seat)})
	m.tell(m.waitedFor(o, seat), Tell{About: "opened", Task: seat.Task, Step: s.ID, Text: prefix(Text{ZH: "外部人员有变化：", EN: "asked anew outside: "}, s.Title)})
}

// asksOutside puts somebody else outside into a seat; who stands in for them stays.
func (seat *Seat) asksOutside(to *Outside) {
	was, is := seat.Outside.why(Text{}), to.why(Text{})
	swap := func(why, was, is string) string { // what stands before who stands in, and why
		return strings.ReplaceAll(why, strings.TrimRight(was, "）)"), strings.TrimRight(is, "）)"))
	}
	seat.Why = Text{ZH: swap(seat.Why.ZH, was.ZH, is.ZH), EN: swap(seat.Why.EN, was.EN, is.EN)}
	seat.Outside = to
}
