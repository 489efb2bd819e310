package process

import (
	"sort"
	"time"
)

// plan is what happens on a timer's way: reminders and a ladder.
type plan struct {
	remind []Limit
	late   []Rung
	fixed  bool // it waits for a moment of the world's, which no stop puts off
}

// planOf is the plan of whoever's timer it is.
func (m *machine) planOf(a armed) plan {
	if a.clock != nil {
		return plan{late: m.p.clock(a.clock.ID).Late}
	}
	s := m.p.Step(a.open.Step)
	wait, ok := s.Do.(Wait)
	return plan{remind: s.Time.Remind, late: s.Time.Late, fixed: ok && wait.Until != nil}
}

// startTimer fixes a due moment from now on, and arms what comes before and after it.
func (m *machine) startTimer(a armed, calendar string, aim target) {
	*a.timer = Timer{}
	if aim.none() {
		return
	}
	from, c := m.at, m.calendar(calendar)
	ledger := c.reach(from, aim)
	*a.timer = Timer{Due: &ledger.Due, DueFrom: &from, Within: aim.String(), Calendar: c.Name(), Provisional: ledger.Provisional}
	p := m.planOf(a)
	for i, before := range p.remind {
		if c.Before(ledger.Due, before).After(from) {
			a.timer.Alarms = append(a.timer.Alarms, Alarm{Kind: alarmRemind, N: i})
		}
	}
	for i := range p.late {
		a.timer.Alarms = append(a.timer.Alarms, Alarm{Kind: alarmRung, N: i})
	}
	a.timer.rearm(c, p, from)
}

// rearm works out anew when the alarms still to come come; none before a moment.
func (t *Timer) rearm(c *Calendar, p plan, notBefore time.Time) {
	alarms := make([]Alarm, len(t.Alarms))
	for i, alarm := range t.Alarms {
		switch alarm.Kind {
		case alarmRemind:
			alarm.At = c.Before(*t.Due, p.remind[alarm.N])
		case alarmRung:
			alarm.At = t.rung(c, p.late[alarm.N])
		case alarmUntil:
			alarm.At = *t.Due
		}
		if alarm.At.Before(notBefore) {
			alarm.At = notBefore
		}
		alarms[i] = alarm
	}
	sort.SliceStable(alarms, func(i, j int) bool { return alarms[i].At.Before(alarms[j].At) })
	t.Alarms = alarms
}

// rung is the moment of a rung. A percentage is of the working time between opening and target; what was used before a stop is used.
func (t *Timer) rung(c *Calendar, r Rung) time.Time {
	switch {
	case r.After != nil:
		return c.After(*t.Due, *r.After).Due
	case r.Percent == 100:
		return *t.Due
	case t.Rest == nil:
		return c.Percent(*t.DueFrom, *t.Due, r.Percent)
	}
	return t.ahead(c, t.Rest.At, share(t.Rest.Used+t.Rest.Left, r.Percent)-t.Rest.Used)
}

func share(d time.Duration, percent int) time.Duration {
	p := time.Duration(percent)
	return d/100*p + d%100*p/100
}

// ahead is the moment by which a timer has run for so long from another: working time, or elapsed time when its limit is of the wall clock.
func (t *Timer) ahead(c *Calendar, from time.Time, d time.Duration) time.Time {
	switch {
	case d <= 0:
		return c.local(from)
	case parseTarget(t.Within).wall():
		return c.local(from).Add(d)
	}
	return c.Add(from, d)
}

// between is how long a timer runs from one moment to another.
func (t *Timer) between(c *Calendar, from, to time.Time) time.Duration {
	if parseTarget(t.Within).wall() {
		return to.Sub(from)
	}
	return c.Between(from, to)
}

// since is what the due moment is counted from: the opening, or the last time it went on.
func (t *Timer) since() time.Time {
	if t.Rest != nil {
		return t.Rest.At
	}
	return *t.DueFrom
}

// used is the time a timer has run until a moment.
func (t *Timer) used(c *Calendar, at time.Time) time.Duration {
	var used time.Duration
	if t.Rest != nil {
		used = t.Rest.Used
	}
	return used + max(0, t.between(c, t.since(), at))
}

// UsedMinutes is the time the timer has run until a moment without what it stood still, by its calendar: working minutes, or elapsed ones when
// its limit is of the wall clock.
func (t *Timer) UsedMinutes(c *Calendar, at time.Time) int {
	switch {
	case t.DueFrom == nil:
		return 0
	case t.Stop != nil:
		return int(t.Stop.Used / time.Minute)
	}
	return int(t.used(c, at) / time.Minute)
}

// Explain is the derivation of the timer's due moment by its calendar: from its opening, or, when it stood still meanwhile, from the last time
// it went on with what was left of it then. ok is false where there is none: no due moment, or one that was counted by another calendar.
func (t *Timer) Explain(c *Calendar) (ledger Ledger, ok bool) {
	if t.Due == nil {
		return Ledger{}, false
	}
	ledger = t.recount(c)
	return ledger, ledger.Due.Equal(*t.Due)
}

// recount derives the due moment again.
func (t *Timer) recount(c *Calendar) Ledger {
	aim := parseTarget(t.Within)
	if t.Rest == nil || t.Rest.Left == 0 {
		return c.reach(*t.DueFrom, aim)
	}
	ledger := c.ledgerOf(t.Rest.At, t.Rest.Left, aim.wall())
	if aim.limit.unit == startOfWorkingDay { // still an opening
		ledger.Due = c.nextOpening(ledger.Due)
	}
	return ledger
}

// calendarOfTimer is the calendar a timer is counted by.
func (m *machine) calendarOfTimer(t *Timer) *Calendar {
	if t.Calendar != "" {
		return m.calendar(t.Calendar)
	}
	return m.calendar(m.p.Calendar)
}

// halt stops a timer from a moment on: no alarm of it comes, and what is left of it is fixed.
func (m *machine) halt(t *Timer, stop Stop) {
	if t.Due != nil {
		c := m.calendarOfTimer(t)
		stop.Used, stop.Left = t.used(c, stop.At), max(0, t.between(c, stop.At, *t.Due))
	}
	t.Stop = &stop
}

// runOn lets a stopped timer go on now with what was left of it.
func (m *machine) runOn(a armed) {
	t, stop, p, c := a.timer, *a.timer.Stop, m.planOf(a), m.calendarOfTimer(a.timer)
	t.Stop = nil
	if t.Due == nil || p.fixed {
		m.putOff(t, c, stop.At, p)
		return
	}
	t.Rest = &Rest{At: m.at, Used: stop.Used, Left: stop.Left}
	if stop.Left == 0 {
		m.putOff(t, c, stop.At, p)
		return
	}
	t.setDue(c, t.recount(c))
	t.rearm(c, p, m.at)
}

func (t *Timer) setDue(c *Calendar, l Ledger) {
	t.Due, t.Calendar, t.Provisional = &l.Due, c.Name(), l.Provisional
}

// putOff moves alarms that have no due moment ahead of them – a wait's, or the rungs of what is late already – by the time they stood still.
func (m *machine) putOff(t *Timer, c *Calendar, since time.Time, p plan) {
	alarms := make([]Alarm, len(t.Alarms))
	for i, alarm := range t.Alarms {
		switch {
		case !p.fixed:
			alarm.At = t.ahead(c, m.at, t.between(c, since, alarm.At))
		case alarm.At.Before(m.at):
			alarm.At = m.at
		}
		alarms[i] = alarm
	}
	t.Alarms = alarms
}
