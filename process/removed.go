package process

import (
	"slices"
	"strings"
)

// remove takes people out of a step who haven't answered yet: those added by whoever added them, everybody by an administrator with a reason.
// The task is any of the step, so that who has answered can still take out whom they added; without people it is the seat itself.
func (m *machine) remove() *Refusal {
	if refusal := m.standing(); refusal != nil {
		return refusal
	}
	o, seat := m.seatOf(m.ev.Task)
	if o == nil {
		return m.closed()
	}
	if m.ev.Step != "" && m.ev.Step != o.Step {
		return m.removeLater(o)
	}
	going := []*Seat{seat}
	if len(m.ev.People) > 0 {
		going = nil
		for _, id := range m.ev.People {
			seat := o.of(id)
			if seat == nil {
				return invalid("people", m.name(id).In("zh")+"不在此步骤的办理人之中", m.name(id).In("en")+" isn't asked at this step")
			}
			if !slices.Contains(going, seat) {
				going = append(going, seat)
			}
		}
	}
	for _, seat := range going {
		if refusal := m.removable(seat); refusal != nil {
			return refusal
		}
	}
	s := m.p.Step(o.Step)
	m.takeOut(o, s, going)
	if len(o.row()) == 0 {
		m.nobodyLeft(o, s)
		return nil
	}
	m.closeIfDecided(o, s, nil)
	return nil
}

// standing refuses acts on a case that has ended or is held.
func (m *machine) standing() *Refusal {
	switch {
	case m.st.Status == Ended:
		return Refuse(CodeCaseEnded, "该事项已结束", "this case has ended")
	case m.st.Held != nil:
		return Refuse(CodeCaseSuspended, "该事项暂时停住："+m.st.Held.Reason.In("zh"), "this case is held: "+m.st.Held.Reason.In("en"))
	}
	return nil
}

// seatOf finds the seat of a task in an open step, answered or not.
func (m *machine) seatOf(task string) (*Open, *Seat) {
	for i := range m.st.Open {
		if seat := m.st.Open[i].seat(task); seat != nil {
			return &m.st.Open[i], seat
		}
	}
	return nil, nil
}

// of is the seat of a person at a step; one not answered yet comes first.
func (o *Open) of(id string) *Seat {
	var found *Seat
	for _, seat := range o.everyone() {
		if seat.Assignee == id && (found == nil || found.Vote != nil) {
			found = seat
		}
	}
	return found
}

func (m *machine) removable(seat *Seat) *Refusal {
	name := m.name(seat.Assignee)
	switch {
	case seat.Vote != nil:
		r := Refuse(CodeTaskClosed, name.In("zh")+"已经表态，不能减签", name.In("en")+" has answered already and can't be removed")
		r.Decided = seat.Vote.decided()
		return r
	case seat.Added != nil && seat.Added.By == m.ev.By && m.ev.By != "":
		return nil
	case !m.ev.Admin && seat.Added != nil:
		return Refuse(CodeForbidden, "只有加签的人或管理员可以减签", "only who added them, or an administrator, may remove them")
	case !m.ev.Admin:
		return Refuse(CodeForbidden, "流程规定的办理人只有管理员可以减去", "only an administrator may remove whom the chain asks")
	case strings.TrimSpace(m.ev.Comment) == "":
		return Refuse(CodeCommentRequired, "请填写减签的原因", "give a reason for removing them")
	}
	return nil
}

// takeOut ends seats without an answer. Who was added at them goes with them.
func (m *machine) takeOut(o *Open, s *Step, going []*Seat) {
	var tasks, waiting, heard []string
	for _, seat := range going {
		m.log(Entry{Event: "removed", Step: o.Step, Item: o.Item, Task: seat.Task, By: m.ev.By, For: seat.Assignee, Comment: m.ev.Comment})
		if seat.Task == "" {
			waiting = append(waiting, seat.Assignee)
			continue
		}
		m.effect(CloseTask{ID: seat.Task, Outcome: "voided", By: m.ev.By, At: m.at, Comment: m.ev.Comment})
		tasks = append(tasks, seat.Task)
		if seat.opinion() {
			heard = append(heard, seat.Added.Seat)
		}
	}
	o.Seats = slices.DeleteFunc(o.Seats, func(s Seat) bool { return contains(tasks, s.Task) })
	o.Turn = slices.DeleteFunc(o.Turn, func(s Seat) bool { return contains(waiting, s.Assignee) })
	m.dropNeedless(o)
	slices.Sort(heard)
	for _, task := range slices.Compact(heard) {
		m.opinionsIn(o, s, task)
	}
}

// nobodyLeft applies the step's rule for nobody after its last voter was removed.
func (m *machine) nobodyLeft(o *Open, s *Step) {
	reason := Text{ZH: "最后一个办理人被减去", EN: "the last person asked was removed"}
	at, rule := place{scope: o.Scope}, s.Who.IfNone
	excluded := m.keptOut(o.Scope, s)
	var f found
	switch rule.Do {
	case "skip", "reject":
		outcome := Rejected
		if rule.Do == "skip" {
			outcome = s.Do.(asker).passed(s)
		}
		closed := m.takeOpen(o)
		m.decideBySystem(closed.Scope, s, outcome, reason)
		return
	case "to":
		f = m.standIn(m.resolve(*rule.To, at))
	}
	seat := Seat{Assignee: f.person, Candidates: f.candidates, Excluded: excluded, Why: f.why, Claim: s.Who.Claim && f.person == "", For: f.absent}
	if !m.anyone(f, excluded) {
		seat = m.vacant(found{why: reason}, excluded)
	}
	// It begins as if the step had opened for this one alone.
	closed := m.takeOpen(o)
	closed.Base, closed.Turn = 0, append(closed.Turn, seat)
	if m.arrange(s, &closed) {
		m.st.Open = append(m.st.Open, closed)
	}
}

// takeOpen takes a step out of those that are open.
func (m *machine) takeOpen(o *Open) Open {
	closed := *o
	m.st.Open = slices.DeleteFunc(m.st.Open, func(other Open) bool { return other.Step == closed.Step && other.Scope == closed.Scope })
	return closed
}

// removeLater takes people out who were added to a step not reached yet.
func (m *machine) removeLater(o *Open) *Refusal {
	item := m.item(o.Scope)
	for _, id := range m.ev.People {
		i := slices.IndexFunc(m.st.Later, func(l Later) bool { return l.Step == m.ev.Step && inside(item, l.Item) && contains(l.People, id) })
		if i < 0 {
			return invalid("people", m.name(id).In("zh")+"没有加签到该步骤", m.name(id).In("en")+" wasn't added to that step")
		}
		if refusal := m.removable(&Seat{Assignee: id, Added: &Added{By: m.st.Later[i].By}}); refusal != nil {
			return refusal
		}
	}
	for _, id := range m.ev.People {
		for i, l := range m.st.Later {
			if l.Step == m.ev.Step && inside(item, l.Item) {
				m.st.Later[i].People = slices.DeleteFunc(slices.Clone(l.People), func(other string) bool { return other == id })
			}
		}
		m.log(Entry{Event: "removed", Step: m.ev.Step, Item: item, Task: m.ev.Task, By: m.ev.By, For: id, Comment: m.ev.Comment})
	}
	m.st.Later = slices.DeleteFunc(m.st.Later, func(l Later) bool { return len(l.People) == 0 })
	if len(m.st.Later) == 0 {
		m.st.Later = nil
	}
	return nil
}
