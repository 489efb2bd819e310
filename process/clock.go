package process

import (
	"slices"
	"time"
)

// armed is a timer with an alarm to come, and whose it is: a seat's, an open step's (seat nil), a case clock's, or that of `until`.
type armed struct {
	open  *Open
	seat  *Seat
	clock *ClockRun
	until *Until
	timer *Timer
}

// name is the step or the clock whose timer it is.
func (a armed) name() string {
	switch {
	case a.until != nil:
		return a.until.End
	case a.clock != nil:
		return a.clock.ID
	}
	return a.open.Step
}

// alarm is what comes next of the timer: while it stands still nothing but its restart, if that comes by itself.
func (a armed) alarm() (Alarm, bool) {
	switch {
	case a.timer.Stop != nil && a.timer.Stop.Until == nil:
		return Alarm{}, false
	case a.timer.Stop != nil:
		return Alarm{At: *a.timer.Stop.Until, Kind: alarmRestart}, true
	case len(a.timer.Alarms) == 0:
		return Alarm{}, false
	}
	return a.timer.Alarms[0], true
}

// runClocks lets every moment up to a time take effect, in nominal order and at its nominal time. A held, suspended or ended case has no moments;
// what came due meanwhile takes effect as soon as it goes on, and not before.
func (m *machine) runClocks(until time.Time) {
	before := len(m.effects)
	for m.st.Status == Running && m.st.Held == nil {
		next, alarm, ok := m.nextAlarm()
		if !ok || alarm.At.After(until) {
			break
		}
		m.count(next.name())
		if alarm.Kind != alarmRestart {
			next.timer.Alarms = next.timer.Alarms[1:]
		}
		m.at = alarm.At
		if m.at.Before(m.st.LastAt) {
			m.at = m.st.LastAt
		}
		m.fire(next, alarm)
		m.run()
		m.keepFresh()
		m.settleClocks()
	}
	m.oneMessage(before)
}

// nextAlarm finds the timer whose alarm comes first; of equal ones, `until` first, case clocks last and the step opened first before the others.
func (m *machine) nextAlarm() (first armed, next Alarm, ok bool) {
	consider := func(a armed) {
		if alarm, has := a.alarm(); has && (!ok || alarm.At.Before(next.At)) {
			first, next, ok = a, alarm, true
		}
	}
	if u, at := m.untilNext(); u != nil {
		consider(armed{until: u, timer: &Timer{Alarms: []Alarm{{At: at, Kind: alarmEnd}}}})
	}
	m.eachTimer(consider)
	return first, next, ok
}

// eachTimer visits every timer that may run: those of open steps in the order they opened, then the case clocks.
func (m *machine) eachTimer(visit func(armed)) {
	for i := range m.st.Open {
		o := &m.st.Open[i]
		visit(armed{open: o, timer: &o.Timer})
		for j := range o.Seats {
			if seat := &o.Seats[j]; seat.Vote == nil {
				visit(armed{open: o, seat: seat, timer: &seat.Timer})
			}
		}
	}
	for i := range m.st.Clocks {
		visit(armed{clock: &m.st.Clocks[i], timer: &m.st.Clocks[i].Timer})
	}
}

func (m *machine) wakeAt() *time.Time {
	if m.st.Status != Running || m.st.Held != nil {
		return nil
	}
	_, next, ok := m.nextAlarm()
	if !ok {
		return nil
	}
	return &next.At
}

// Kinds of alarms.
const (
	alarmRemind  = "remind"
	alarmRung    = "rung"
	alarmUntil   = "until"   // a wait is over
	alarmRestart = "restart" // a stop is over; it stands in [Stop]
	alarmEnd     = "end"     // `until: [{at: …}]` ends the case
)

// fire lets one alarm take effect.
func (m *machine) fire(a armed, alarm Alarm) {
	switch {
	case a.until != nil:
		m.endUntil(*a.until)
	case alarm.Kind == alarmRestart:
		m.restart(a, "")
	case alarm.Kind == alarmUntil:
		m.waited(a.open)
	case a.clock != nil:
		m.climbClock(a.clock, alarm.N)
	case a.seat != nil && alarm.Kind == alarmRemind:
		m.remind(a.open, a.seat)
	case a.seat != nil:
		m.climb(a.open, a.seat, alarm.N)
	case alarm.Kind == alarmRemind:
		m.remindInside(a.open)
	default:
		m.climbOpen(a.open, alarm.N)
	}
}

func (m *machine) remind(o *Open, seat *Seat) {
	s := m.p.Step(o.Step)
	to := m.waitedFor(o, seat)
	m.tell(to, Tell{About: "reminded", Task: seat.Task, Step: s.ID, Text: prefix(Text{ZH: "即将到期：", EN: "due soon: "}, s.Title)})
	m.log(Entry{Event: "reminded", Step: s.ID, Item: o.Item, Task: seat.Task, Data: map[string]any{"to": to}})
}

// climb lets one rung of a seat's ladder take effect.
func (m *machine) climb(o *Open, seat *Seat, n int) {
	s := m.p.Step(o.Step)
	rung := s.Time.Late[n]
	m.late(o, seat, s, rung, n)
	switch {
	case m.st.Held != nil:
	case rung.Outcome != "":
		m.outcomeOfTime(o, seat, s, rung.Outcome)
	case rung.HandUp:
		m.handUp(o, seat, s, n)
	case rung.Transfer != nil:
		m.transferLate(o, seat, s, rung, n)
	}
	if m.st.Held == nil && len(rung.Add) > 0 {
		m.addLate(o, seat, s, rung, n)
	}
}

// late tells who must know, and says that the task is late where the rung only adds somebody. A rung that also moves the task says so in an entry of its own.
func (m *machine) late(o *Open, seat *Seat, s *Step, rung Rung, n int) {
	event, text := rung.words()
	if len(rung.Tell) == 0 {
		if only := !rung.HandUp && rung.Transfer == nil && rung.Outcome == ""; only && event == "late" {
			m.log(Entry{Event: event, Step: s.ID, Item: o.Item, Task: seat.Task, For: seat.Assignee, Data: map[string]any{"rung": n}})
		}
		return
	}
	to, ok := m.recipients(o.Scope, s, rung.Tell, seat)
	if !ok {
		return
	}
	m.tell(to, Tell{About: "late", Task: seat.Task, Step: s.ID, Text: prefix(text, s.Title)})
	m.log(Entry{Event: event, Step: s.ID, Item: o.Item, Task: seat.Task, For: seat.Assignee, Data: map[string]any{"rung": n, "to": to}})
}

// words are how a rung is called in the timeline, and how a message of it begins.
func (r Rung) words() (event string, text Text) {
	if r.After == nil && r.Percent < 100 {
		return "told", Text{ZH: "快到期：", EN: "running out: "}
	}
	return "late", Text{ZH: "已逾期：", EN: "late: "}
}

func prefix(p, t Text) Text { return Text{ZH: p.ZH + t.In("zh"), EN: p.EN + t.In("en")} }

// handUp gives a late task to whoever stands one level above its holder, with a limit and a ladder of its own, so that it climbs on while it stays
// undone. It never comes back to somebody who had it: at the top, and in a circle of managers, it stays where it is, and that is said. Where the
// limit is a day or moment that has passed there is nothing to open anew: the due moment stands, and the ladder is over.
func (m *machine) handUp(o *Open, seat *Seat, s *Step, n int) {
	to := m.oneLevelUp(o, seat)
	if to == "" {
		m.log(Entry{Event: "late", Step: s.ID, Item: o.Item, Task: seat.Task, For: seat.Assignee, Reason: "nobody stands above", Data: map[string]any{"rung": n}})
		return
	}
	from := seat.Assignee
	seat.HandedUp++
	m.give(seat, to, Text{ZH: "逾期上交", EN: "handed up because it was late"})
	if aim := parseTarget(o.Within); m.calendar(m.calendarOf(seat)).reach(m.at, aim).Due.After(m.at) {
		m.limit(o, seat)
	} else {
		seat.Alarms = nil
	}
	m.moved(o, seat, s, "handed_up", from, n)
}

// oneLevelUp finds the nearest active person above a seat's holder who may have it; nobody ("") at the top.
func (m *machine) oneLevelUp(o *Open, seat *Seat) string {
	d := people{m.in.Directory}
	to := ""
	if seat.Assignee != "" {
		to = d.managerOf(seat.Assignee)
	} else if !seat.Vacant {
		to = d.aboveUnclaimed(seat.Candidates)
	}
	for tried := map[string]bool{}; to != "" && !tried[to]; to = d.managerOf(to) {
		if m.mayGoUpTo(o, seat, to) {
			return to
		}
		tried[to] = true
	}
	return ""
}

// mayGoUpTo says whether a late task may go to somebody above, and to whoever stands in for them: neither is kept out, has it or had it, or has another
// seat of the step.
func (m *machine) mayGoUpTo(o *Open, seat *Seat, to string) bool {
	return !slices.ContainsFunc([]string{to, m.taker(seat, to, Text{}).person}, func(id string) bool {
		return contains(seat.Excluded, id) || id == seat.Assignee || contains(seat.Had, id) || m.hasSeat(o, seat, id)
	})
}

// transferLate gives a late task to somebody the chain names. The due moment stands. Who has it, or has another seat of the step, isn't somebody to give it to.
func (m *machine) transferLate(o *Open, seat *Seat, s *Step, rung Rung, n int) {
	f := m.resolve(*rung.Transfer, place{o.Scope, seat})
	to := f
	if f.person != "" {
		to = m.taker(seat, f.person, f.why)
	}
	if !m.anyone(f, seat.Excluded) || !slices.ContainsFunc(m.eligible(to, seat.Excluded), func(id string) bool { return id != seat.Assignee && !m.hasSeat(o, seat, id) }) {
		m.log(Entry{Event: "late", Step: s.ID, Item: o.Item, Task: seat.Task, For: seat.Assignee, Reason: "nobody to transfer to", Data: map[string]any{"rung": n}})
		return
	}
	from := seat.Assignee
	m.give(seat, f.person, f.why)
	seat.Candidates = f.candidates
	m.moved(o, seat, s, "transferred", from, n)
}

// give makes somebody the only holder of a seat.
func (m *machine) give(seat *Seat, to string, why Text) {
	f := m.taker(seat, to, why)
	seat.wasWith(seat.Assignee)
	seat.Assignee, seat.Candidates, seat.Claim, seat.Vacant, seat.Why, seat.For = f.person, nil, false, false, f.why, f.absent
}

// taker is who has a seat when it is given to somebody: who is away has it done by whoever stands in for them.
func (m *machine) taker(seat *Seat, to string, why Text) found {
	f := m.standIn(found{person: to, why: why})
	if f.person == "" || contains(seat.Excluded, f.person) {
		return found{person: to, why: why}
	}
	return f
}

// wasWith remembers that somebody had a seat which somebody else has from now on.
func (seat *Seat) wasWith(who string) {
	if who != "" && !contains(seat.Had, who) {
		seat.Had = append(slices.Clone(seat.Had), who)
	}
}

// moved tells of a task that a rung has given to somebody else.
func (m *machine) moved(o *Open, seat *Seat, s *Step, event, from string, n int) {
	m.effect(ChangeTask{Task: m.task(s, o, seat)})
	data := openedData(seat)
	data["rung"], data["to"] = n, seat.Assignee
	m.log(Entry{Event: event, Step: s.ID, Item: o.Item, Task: seat.Task, For: from, Data: data})
	kept := m.kept(o, seat)
	to := slices.DeleteFunc(m.holders(seat), func(id string) bool { return contains(kept, id) })
	m.tell(to, Tell{About: event, Task: seat.Task, Step: s.ID, Text: prefix(Text{ZH: "逾期转来：", EN: "late, now yours: "}, s.Title)})
}

// outcomeOfTime lets the system decide for a seat that is late, and says that it did.
func (m *machine) outcomeOfTime(o *Open, seat *Seat, s *Step, outcome string) {
	seat.Vote = &Vote{Outcome: outcome, At: m.at}
	m.effect(CloseTask{ID: seat.Task, Outcome: outcome, At: m.at})
	m.log(Entry{Event: "decided", Step: s.ID, Item: o.Item, Task: seat.Task, For: seat.Assignee, Outcome: outcome, Reason: "time ran out: decided by the system"})
	if seat.opinion() {
		m.opinionsIn(o, s, seat.Added.Seat)
	}
	m.closeIfDecided(o, s, seat)
}
