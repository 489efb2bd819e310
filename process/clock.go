package process

import "time"

// armed is a timer with an alarm to come, and whose it is: a seat's, an open step's (Seat nil), or a case clock's (Open nil too).
type armed struct {
	open  *Open
	seat  *Seat
	clock *ClockRun
	timer *Timer
}

func (a armed) at() time.Time { return a.timer.Alarms[0].At }

// runClocks lets every moment up to a time take effect, in nominal order and at its nominal time. A held or ended case has no moments.
func (m *machine) runClocks(until time.Time) {
	for m.st.Status == Running && m.st.Held == nil {
		next, ok := m.nextAlarm()
		if !ok || next.at().After(until) {
			return
		}
		m.count()
		alarm := next.timer.Alarms[0]
		next.timer.Alarms = next.timer.Alarms[1:]
		m.at = alarm.At
		m.fire(next, alarm)
		m.run()
	}
}

// nextAlarm finds the timer whose alarm comes first; of equal ones, case clocks last and the step opened first before the others.
func (m *machine) nextAlarm() (first armed, ok bool) {
	consider := func(a armed) {
		if len(a.timer.Alarms) > 0 && (!ok || a.at().Before(first.at())) {
			first, ok = a, true
		}
	}
	for i := range m.st.Open {
		o := &m.st.Open[i]
		consider(armed{open: o, timer: &o.Timer})
		for j := range o.Seats {
			if seat := &o.Seats[j]; seat.Vote == nil {
				consider(armed{open: o, seat: seat, timer: &seat.Timer})
			}
		}
	}
	for i := range m.st.Clocks {
		consider(armed{clock: &m.st.Clocks[i], timer: &m.st.Clocks[i].Timer})
	}
	return first, ok
}

func (m *machine) wakeAt() *time.Time {
	if m.st.Status != Running || m.st.Held != nil {
		return nil
	}
	next, ok := m.nextAlarm()
	if !ok {
		return nil
	}
	at := next.at()
	return &at
}

// Kinds of alarms.
const (
	alarmRemind = "remind"
	alarmRung   = "rung"
	alarmUntil  = "until" // a wait is over
)

// fire lets one alarm take effect.
func (m *machine) fire(a armed, alarm Alarm) {
	switch {
	case alarm.Kind == alarmUntil:
		m.waited(a.open)
	case a.seat != nil && alarm.Kind == alarmRemind:
		m.remind(a.open, a.seat)
	case a.seat != nil:
		m.climb(a.open, a.seat, alarm.N)
	}
}

func (m *machine) remind(o *Open, seat *Seat) {
	s := m.p.Step(o.Step)
	to := m.holders(seat)
	m.tell(to, Tell{About: "reminded", Task: seat.Task, Step: s.ID, Text: m.about(prefix(Text{ZH: "即将到期：", EN: "due soon: "}, s.Title))})
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
}

// late tells who must know. A rung that also moves the task says so in an entry of its own.
func (m *machine) late(o *Open, seat *Seat, s *Step, rung Rung, n int) {
	if len(rung.Tell) == 0 {
		return
	}
	to, ok := m.recipients(o.Scope, s, rung.Tell, seat)
	if !ok {
		return
	}
	event, text := "late", Text{ZH: "已逾期：", EN: "late: "}
	if rung.After == nil && rung.Percent < 100 {
		event, text = "told", Text{ZH: "快到期：", EN: "running out: "}
	}
	m.tell(to, Tell{About: "late", Task: seat.Task, Step: s.ID, Text: m.about(prefix(text, s.Title))})
	m.log(Entry{Event: event, Step: s.ID, Item: o.Item, Task: seat.Task, For: seat.Assignee, Data: map[string]any{"rung": n, "to": to}})
}

func prefix(p, t Text) Text { return Text{ZH: p.ZH + t.In("zh"), EN: p.EN + t.In("en")} }

// handUp gives a late task to whoever stands one level above its holder, with a limit of its own. At the top it stays where it is, and that is said.
func (m *machine) handUp(o *Open, seat *Seat, s *Step, n int) {
	to := m.oneLevelUp(seat)
	if to == "" {
		m.log(Entry{Event: "late", Step: s.ID, Item: o.Item, Task: seat.Task, For: seat.Assignee, Reason: "nobody stands above", Data: map[string]any{"rung": n}})
		return
	}
	from := seat.Assignee
	seat.HandedUp++
	m.give(o, seat, s, to, Text{ZH: "逾期上交", EN: "handed up because it was late"})
	m.limit(s, seat)
	m.moved(o, seat, s, "handed_up", from, n)
}

// oneLevelUp finds the active person above a seat's holder whom separation of duties doesn't keep from it.
func (m *machine) oneLevelUp(seat *Seat) string {
	d := people{m.in.Directory}
	to := ""
	if seat.Assignee != "" {
		to = d.managerOf(seat.Assignee)
	} else if !seat.Vacant {
		to = d.aboveUnclaimed(seat.Candidates)
	}
	for tried := map[string]bool{}; to != "" && contains(seat.Excluded, to) && !tried[to]; to = d.managerOf(to) {
		tried[to] = true
	}
	if contains(seat.Excluded, to) {
		return ""
	}
	return to
}

// transferLate gives a late task to somebody the chain names. The due moment stands.
func (m *machine) transferLate(o *Open, seat *Seat, s *Step, rung Rung, n int) {
	f := m.resolve(*rung.Transfer, place{o.Scope, seat})
	if !m.anyone(f, seat.Excluded) {
		m.log(Entry{Event: "late", Step: s.ID, Item: o.Item, Task: seat.Task, For: seat.Assignee, Reason: "nobody to transfer to", Data: map[string]any{"rung": n}})
		return
	}
	from := seat.Assignee
	m.give(o, seat, s, f.person, f.why)
	seat.Candidates = f.candidates
	m.moved(o, seat, s, "transferred", from, n)
}

// give makes somebody the only holder of a seat.
func (m *machine) give(_ *Open, seat *Seat, _ *Step, to string, why Text) {
	seat.Assignee, seat.Candidates, seat.Claim, seat.Vacant, seat.Why = to, nil, false, false, why
}

// moved tells of a task that a rung has given to somebody else.
func (m *machine) moved(o *Open, seat *Seat, s *Step, event, from string, n int) {
	m.effect(ChangeTask{Task: m.task(s, o, seat)})
	data := openedData(seat)
	data["rung"], data["to"] = n, seat.Assignee
	m.log(Entry{Event: event, Step: s.ID, Item: o.Item, Task: seat.Task, For: from, Data: data})
	m.tell(m.holders(seat), Tell{About: event, Task: seat.Task, Step: s.ID, Text: m.about(prefix(Text{ZH: "逾期转来：", EN: "late, now yours: "}, s.Title))})
}

// outcomeOfTime lets the system decide for a seat that is late, and says that it did.
func (m *machine) outcomeOfTime(o *Open, seat *Seat, s *Step, outcome string) {
	seat.Vote = &Vote{Outcome: outcome, At: m.at}
	m.effect(CloseTask{ID: seat.Task, Outcome: outcome, At: m.at})
	m.log(Entry{Event: "decided", Step: s.ID, Item: o.Item, Task: seat.Task, For: seat.Assignee, Outcome: outcome, Reason: "time ran out: decided by the system"})
	m.closeIfDecided(o, s, *seat.Vote)
}
