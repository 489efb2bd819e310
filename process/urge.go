package process

import (
	"slices"
	"time"
)

// Nobody is urged about one task more often than this, and never outside the working time by which their task is counted.
const (
	urgeEvery  = 2 * time.Hour // of working time
	urgesADay  = 3
	UrgesAsked = urgesADay // how many of the last urges [Urging.Earlier] gives at least, where there were as many
)

// Urging is somebody who wants the people told that a case waits for them.
type Urging struct {
	By      string
	Admin   bool
	Task    string // only this one; empty: whatever the case waits for
	At      time.Time
	Earlier func(task, user string) []time.Time // when somebody was urged about a task, the latest first
}

// Urged is an open task about which people are told.
type Urged struct {
	Task, Step, Item string
	Title            Text
	To               []string
}

// Urge says who is told what. It takes no effect: urging is no event of the machine. A refusal of [CodeTooMany] has the moment from which on it may be.
// Whoever is urged about several tasks is told of each, and nobody is told of what they could do themselves. A task that isn't open is refused as closed.
func Urge(in Input, u Urging) ([]Urged, *Refusal) {
	m := newMachine(in, Event{By: u.By, Admin: u.Admin, At: u.At})
	if refusal := m.mayUrge(u.Task); refusal != nil {
		return nil, refusal
	}
	var told []Urged
	var next time.Time
	asked := false
	for _, o := range m.st.Open {
		for _, seat := range o.Seats {
			if seat.Vote != nil || u.Task != "" && seat.Task != u.Task {
				continue
			}
			one := Urged{Task: seat.Task, Step: o.Step, Item: o.Item, Title: m.p.Step(o.Step).Title}
			for _, id := range m.waitedFor(&o, &seat) {
				if id == u.By {
					continue
				}
				asked = true
				at := nextUrge(m.urgeCalendar(&seat), u.At, u.Earlier(seat.Task, id))
				if !at.After(u.At) {
					one.To = append(one.To, id)
				} else if next.IsZero() || at.Before(next) {
					next = at
				}
			}
			if len(one.To) > 0 {
				told = append(told, one)
			}
		}
	}
	switch {
	case len(told) > 0:
		return told, nil
	case asked:
		return nil, tooSoon(next)
	}
	return nil, Refuse(CodeForbidden, "现在没有等别人办理的任务，无人可催", "nobody else has anything to do here now: there is nobody to urge")
}

// mayUrge: whoever waits for the case may – who started it, who did or has something to do in it – and an administrator.
func (m *machine) mayUrge(task string) *Refusal {
	switch {
	case m.st.Status == Ended:
		return ended()
	case m.st.Status == Suspended:
		return suspended()
	case m.st.Held != nil:
		return Refuse(CodeCaseSuspended, "流程停住了，管理员已收到通知，现在催也没有用", "the case can't go on by itself; an administrator knows, so there is nobody to urge")
	case !m.ev.Admin && !m.waits(m.ev.By):
		return Refuse(CodeForbidden, "只有发起人、参与办理的人和管理员可以催办", "only who started the case, who takes part in deciding it, and administrators may urge")
	case task != "" && !slices.ContainsFunc(m.st.Open, func(o Open) bool {
		return slices.ContainsFunc(o.Seats, func(s Seat) bool { return s.Task == task && s.Vote == nil })
	}):
		return Refuse(CodeTaskClosed, "该任务已结束，不必再催", "this task is closed: there is nothing to urge about")
	}
	return nil
}

// waits says whether somebody has started the case, decided something in it, or has something to decide in it now.
func (m *machine) waits(id string) bool {
	if id == m.st.Initiator {
		return true
	}
	for _, actor := range m.st.Actors {
		if actor == id {
			return true
		}
	}
	for _, o := range m.st.Open {
		for _, s := range slices.Concat(o.Seats, o.Turn) {
			if s.Vote != nil && s.Vote.By == id || s.Added != nil && s.Added.By == id || s.For == id || contains(m.holders(&s), id) {
				return true
			}
		}
	}
	return false
}

// nextUrge is when somebody may be urged again: now, or the first moment after it that is at work, two working hours after the last time, and on a day with
// fewer than three. It counts by the minute.
func nextUrge(c *Calendar, now time.Time, earlier []time.Time) time.Time {
	at := c.local(now)
	if len(earlier) > 0 {
		at = c.latest(at, c.Add(earlier[0].Truncate(time.Minute), urgeEvery))
	}
	at = c.nextOpen(at)
	today := 0
	for _, e := range earlier {
		if c.dayOf(e) == c.dayOf(at) {
			today++
		}
	}
	if today < urgesADay {
		return at
	}
	return c.nextOpen(c.at(c.instantOf(int64(c.dayOf(at)+1) * secondsOfDay)))
}

// nextOpen is the first moment of working time at a moment or after it.
func (c *Calendar) nextOpen(t time.Time) time.Time {
	if c.IsOpen(t) {
		return t
	}
	return c.Add(t, time.Nanosecond).Add(-time.Nanosecond)
}

// urgeCalendar is the calendar that a seat's time is counted by; a company without one is always at work.
func (m *machine) urgeCalendar(seat *Seat) *Calendar {
	for _, name := range []string{m.calendarOf(seat), ""} {
		if c, ok := m.in.Calendars.Calendar(name); ok {
			return c
		}
	}
	return alwaysOpen
}

var alwaysOpen, _ = NewCalendar(CalendarSpec{Name: "always", Zone: "UTC", Week: map[string][]string{"mon-sun": {"00:00-24:00"}}}, nil)

func tooSoon(next time.Time) *Refusal {
	when := next.Format("2006-01-02 15:04")
	return &Refusal{Code: CodeTooMany, Again: next, Message: Text{
		ZH: "刚催过，或不在工作时间：同一任务每两个工作小时可催一次，每天最多三次，从 " + when + " 起可以再催",
		EN: "they were urged already, or aren't at work: once in two working hours about one task, three times a day, and only in working time. From " + when + " on it is possible again"}}
}
