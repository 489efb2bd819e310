package process

import (
	"fmt"
	"slices"
	"sort"
	"time"
)

// ask opens a step for its people: a seat each, with a task, a limit and its alarms.
func (m *machine) ask(scope int, s *Step) {
	found := m.seatsOf(scope, s)
	switch {
	case found.held:
	case found.rejected:
		m.decideBySystem(scope, s, Rejected, Text{ZH: "找不到审批人", EN: "nobody was found to ask"})
	case len(found.seats) == 0:
		m.decideBySystem(scope, s, s.Do.(asker).passed(s), Text{ZH: "无需询问任何人", EN: "nobody had to be asked"})
	default:
		m.open(scope, s, found.seats)
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

func (m *machine) open(scope int, s *Step, seats []Seat) {
	item := m.item(scope)
	o := Open{Scope: scope, Step: s.ID, Item: item, Round: m.stepRun(s.ID, item).Round, At: m.at, Seats: seats}
	for i := range o.Seats {
		seat := &o.Seats[i]
		seat.Task = m.newTaskID()
		m.limit(s, seat)
		m.effect(OpenTask{Task: m.task(s, &o, seat)})
		m.log(Entry{Event: "opened", Step: s.ID, Item: item, Task: seat.Task, For: seat.Assignee, Data: openedData(seat)})
		m.tell(m.holders(seat), Tell{About: "opened", Task: seat.Task, Step: s.ID, Text: m.about(s.Title)})
	}
	m.st.Open = append(m.st.Open, o)
}

func openedData(seat *Seat) map[string]any {
	data := map[string]any{"why": map[string]any{"zh": seat.Why.ZH, "en": seat.Why.EN}}
	if len(seat.Candidates) > 0 {
		data["candidates"] = seat.Candidates
	}
	if seat.Due != nil {
		data["due_at"] = *seat.Due
	}
	return data
}

// newTaskID gives the case's next task id. Ids are the case's own, so that Apply needs no source of chance.
func (m *machine) newTaskID() string {
	m.st.Tasks++
	return fmt.Sprintf("%s.%d", m.st.Case, m.st.Tasks)
}

// task is a seat as people meet it.
func (m *machine) task(s *Step, o *Open, seat *Seat) Task {
	return Task{
		ID: seat.Task, Step: s.ID, Item: o.Item, Round: o.Round, Kind: s.Kind, Title: s.Title,
		Assignee: seat.Assignee, Candidates: seat.Candidates, Excluded: seat.Excluded, Claim: seat.Claim, Vacant: seat.Vacant,
		Why: seat.Why, OpenedAt: o.At, Due: seat.Due, DueFrom: seat.DueFrom, Calendar: seat.Calendar, Provisional: seat.Provisional,
	}
}

// holders are the people who have a seat's task: its assignee, or all who may fill it.
func (m *machine) holders(seat *Seat) []string {
	ids := m.who(found{person: seat.Assignee, candidates: seat.Candidates})
	return slices.DeleteFunc(ids, func(id string) bool { return slices.Contains(seat.Excluded, id) })
}

// limit gives a seat its due moment from now on and arms its reminders and its ladder.
func (m *machine) limit(s *Step, seat *Seat) {
	seat.Due, seat.DueFrom, seat.Alarms = nil, nil, nil
	if s.Time.Due == nil {
		return
	}
	from := m.at
	cal := m.calendar(m.calendarOf(seat))
	ledger := cal.Due(from, *s.Time.Due.Limit)
	seat.Due, seat.DueFrom, seat.Calendar, seat.Provisional = &ledger.Due, &from, cal.Name(), ledger.Provisional
	for i, before := range s.Time.Remind {
		if at := cal.Before(ledger.Due, before); at.After(from) {
			seat.Alarms = append(seat.Alarms, Alarm{At: at, Kind: alarmRemind, N: i})
		}
	}
	for i, rung := range s.Time.Late {
		seat.Alarms = append(seat.Alarms, Alarm{At: rung.at(cal, from, ledger.Due), Kind: alarmRung, N: i})
	}
	sort.SliceStable(seat.Alarms, func(i, j int) bool { return seat.Alarms[i].At.Before(seat.Alarms[j].At) })
}

// at is the moment of a rung for a seat opened and due at given moments.
func (r Rung) at(cal *Calendar, opened, due time.Time) time.Time {
	switch {
	case r.After != nil:
		return cal.After(due, *r.After).Due
	case r.Percent == 100:
		return due
	default:
		return cal.Percent(opened, due, r.Percent)
	}
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
	for i := range o.Seats {
		seat := &o.Seats[i]
		if seat.Vote != nil {
			continue
		}
		m.effect(CloseTask{ID: seat.Task, Outcome: "voided", At: m.at})
		m.log(Entry{Event: "voided", Step: o.Step, Item: o.Item, Task: seat.Task, For: seat.Assignee})
	}
	if run := m.stepRun(o.Step, o.Item); run.Status == "open" {
		run.Status = "left"
	}
}
