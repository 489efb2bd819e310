package process

import (
	"fmt"
	"maps"
	"slices"
)

// ask opens a step for its people: a seat each, with a task, a limit and its alarms.
func (m *machine) ask(scope int, s *Step) {
	found := m.seatsOf(scope, s)
	if !found.held && !found.rejected {
		found.seats = append(found.seats, m.addedEarlier(scope, s, found.seats)...)
	}
	switch {
	case found.held:
	case found.rejected:
		m.decideBySystem(scope, s, Rejected, Text{ZH: "找不到审批人", EN: "nobody was found to ask"})
	case len(found.seats) == 0:
		m.decideBySystem(scope, s, s.Do.(asker).passed(s), Text{ZH: "无需询问任何人", EN: "nobody had to be asked"})
	default:
		m.open(scope, s, found)
	}
}

// decideBySystem leaves a step that no person decides, and says so.
func (m *machine) decideBySystem(scope int, s *Step, outcome string, reason Text) {
	m.mark(scope, s, "passed_over")
	m.decided(scope, s, outcome)
	m.log(Entry{Event: "decided", Step: s.ID, Item: m.item(scope), Outcome: outcome, Reason: reason.EN, Data: map[string]any{"zh": reason.ZH}})
	if way, ok := s.Ways[outcome]; ok && way != nil {
		m.follow(scope, s, way, outcome)
		return
	}
	if outcome == Rejected {
		m.end(Rejected)
		return
	}
	m.next(scope, s)
}

func (m *machine) open(scope int, s *Step, found settled) {
	aim, ok := m.target(scope, s)
	if !ok {
		return
	}
	item := m.item(scope)
	o := Open{Scope: scope, Step: s.ID, Item: item, Round: m.stepRun(s.ID, item).Round, At: m.at, Turn: m.seatReturner(found.seats)}
	o.Within = aim.String()
	if m.countBefore(s, &o, found.agreed) && m.arrange(s, &o) {
		m.st.Open = append(m.st.Open, o)
	}
}

// openSeat opens a seat's task and lets its people know.
func (m *machine) openSeat(s *Step, o *Open, seat *Seat) {
	seat.Task = m.newTaskID()
	m.limit(o, seat)
	m.effect(OpenTask{Task: m.task(s, o, seat)})
	data := openedData(seat)
	maps.Copy(data, dueData(s, &seat.Timer))
	asks := m.asks(s, seat.Task)
	if changed := m.sinceSigned(s, o.Item); changed != nil {
		data["changed"] = changed
		asks.Text = prefix(Text{ZH: "内容已修改，请重新审批：", EN: "changed since it was approved: "}, asks.Text)
	}
	m.log(Entry{Event: "opened", Step: s.ID, Item: o.Item, Task: seat.Task, For: seat.Assignee, Data: data})
	m.tell(m.waitedFor(o, seat), asks)
}

// asks is the message that somebody has a task. Where a return has opened it, it says so, and why it was returned.
func (m *machine) asks(s *Step, task string) Tell {
	t := Tell{About: "opened", Task: task, Step: s.ID, Text: s.Title}
	if m.ev.Kind == EventReturn {
		t.About, t.Text = "returned", m.withComment(prefix(Text{ZH: "退回：", EN: "returned: "}, s.Title))
	}
	if m.ev.Kind == EventStart {
		t.Text = m.withComment(t.Text)
	}
	return t
}

// withComment puts behind a text what the event's person has said with it.
func (m *machine) withComment(t Text) Text {
	if m.ev.Comment == "" {
		return t
	}
	return Text{ZH: t.In("zh") + "（" + m.ev.Comment + "）", EN: t.In("en") + " (" + m.ev.Comment + ")"}
}

func openedData(seat *Seat) map[string]any {
	data := map[string]any{"why": map[string]any{"zh": seat.Why.ZH, "en": seat.Why.EN}}
	if seat.For != "" {
		data["for"] = seat.For
	}
	if len(seat.Candidates) > 0 {
		data["candidates"] = Named(seat.Candidates)
	}
	if seat.Due != nil {
		data["due_at"] = *seat.Due
	}
	return data
}

// dueData says when a step is due, or that it has no limit because what would be its limit isn't known.
func dueData(s *Step, t *Timer) map[string]any {
	switch {
	case t.Due != nil:
		return map[string]any{"due_at": *t.Due}
	case s.Time.Due != nil:
		return map[string]any{"no_limit": s.Time.Due.Source}
	}
	return nil
}

// newTaskID gives the case's next task id. Ids are the case's own, so that Apply needs no source of chance.
func (m *machine) newTaskID() string {
	m.st.Tasks++
	return fmt.Sprintf("%s.%d", m.st.Case, m.st.Tasks)
}

// task is a seat as people meet it.
func (m *machine) task(s *Step, o *Open, seat *Seat) Task {
	openedAt := o.At
	if seat.Asked != nil {
		openedAt = *seat.Asked
	}
	return Task{
		ID: seat.Task, Step: s.ID, Item: o.Item, Round: o.Round, Kind: s.Kind, Title: s.Title,
		Assignee: seat.Assignee, Candidates: seat.Candidates, Excluded: m.allKept(o, seat), Claim: seat.Claim, Vacant: seat.Vacant,
		For: seat.For, Why: seat.Why, OpenedAt: openedAt, Due: seat.Due, DueFrom: seat.DueFrom, Calendar: seat.Calendar, Provisional: seat.Provisional,
		Added: seat.Added, Stopped: seat.Stop, Waits: o.waiting(seat),
	}
}

// holders are the people who have a seat's task: its assignee, or all who may fill it.
func (m *machine) holders(seat *Seat) []string {
	ids := m.who(found{person: seat.Assignee, candidates: seat.Candidates})
	return slices.DeleteFunc(ids, func(id string) bool { return slices.Contains(seat.Excluded, id) })
}

// limit gives a seat its due moment from now on, by its step's limit as it was fixed at the opening, and arms its reminders and its ladder.
func (m *machine) limit(o *Open, seat *Seat) {
	m.startTimer(armed{open: o, seat: seat, timer: &seat.Timer}, m.calendarOf(seat), parseTarget(o.Within))
}

// calendarOf names the calendar a seat's time is counted by: the person's, else the department's, else the process's.
func (m *machine) calendarOf(seat *Seat) string {
	department := ""
	if p, ok := m.in.Directory.Person(seat.Assignee); ok {
		if p.Calendar != "" {
			return p.Calendar
		}
		department = p.Department
	}
	for _, c := range seat.Candidates {
		if sort, id := c.Split(); sort == "department" && department == "" {
			department = id
		}
	}
	if d, ok := m.in.Directory.Department(department); ok && d.Calendar != "" {
		return d.Calendar
	}
	return m.p.Calendar
}

// calendar finds a calendar; one that has gone missing is the company's.
func (m *machine) calendar(name string) *Calendar {
	if c, ok := m.in.Calendars.Calendar(name); ok {
		return c
	}
	c, ok := m.in.Calendars.Calendar("")
	if !ok {
		panic(&Stuck{Reason: Text{ZH: "公司没有发布工作日历", EN: "the company has published no calendar"}})
	}
	return c
}

// void ends an open step that is left undecided: its tasks leave the inboxes, its alarms are gone with it.
func (m *machine) void(o Open) {
	m.endCall(o)
	for _, seat := range o.Seats {
		if seat.Vote == nil {
			m.voidSeat(o, seat)
		}
	}
	if run := m.stepRun(o.Step, o.Item); run.Status == "open" {
		run.Status = "left"
	}
}

func (m *machine) voidSeat(o Open, seat Seat) {
	m.effect(CloseTask{ID: seat.Task, Outcome: "voided", At: m.at})
	m.log(Entry{Event: "voided", Step: o.Step, Item: o.Item, Task: seat.Task, For: seat.Assignee})
}
