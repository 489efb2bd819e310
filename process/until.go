package process

import "time"

// untilNext finds the moment of `until` that comes first, as the record stands now; nil when there is none. A moment that is past already
// has come now.
func (m *machine) untilNext() (first *Until, at time.Time) {
	if len(m.st.Scopes) == 0 {
		return nil, at
	}
	for i := range m.p.Until {
		u := &m.p.Until[i]
		if u.At == nil {
			continue
		}
		v, err := u.At.Value(m.env(0))
		moment, ok := m.momentOf(v, true)
		if err == nil && ok && (first == nil || moment.Before(at)) {
			first, at = u, moment
		}
	}
	for _, now := range []time.Time{m.st.LastAt, m.at} {
		if first != nil && at.Before(now) {
			at = now
		}
	}
	return first, at
}

// momentOf reads a date or a moment. A date is its start or its end, at midnight in the zone of the process's calendar: what is valid until a
// day is valid on that day, working or not, up to its last minute.
func (m *machine) momentOf(v any, end bool) (time.Time, bool) {
	text, _ := v.(string)
	if at, err := time.Parse(time.RFC3339, text); err == nil {
		return at, true
	}
	cal := m.calendar(m.p.Calendar)
	if at, err := time.ParseInLocation(localMoment, text, cal.Location()); err == nil {
		return at, true
	}
	day, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return time.Time{}, false
	}
	if end {
		day = day.AddDate(0, 0, 1)
	}
	return time.Date(day.Year(), day.Month(), day.Day(), 0, 0, 0, 0, cal.Location()), true
}

// untilNow ends the case when a moment of `until` has come. Nothing is entered any more then.
func (m *machine) untilNow() bool {
	u, at := m.untilNext()
	if u == nil || at.After(m.at) {
		return false
	}
	m.endUntil(*u)
	return true
}

// endUntil ends the case because of an entry of `until`, and says which.
func (m *machine) endUntil(u Until) {
	why := Text{ZH: "发生了 " + u.On, EN: u.On + " happened"}
	if u.At != nil {
		why = Text{ZH: u.At.Source + " 已到", EN: u.At.Source + " has come"}
	}
	m.endBecause(u.End, why)
}

// happened is an event about the record. `until` comes first; else every branch that waits for the event goes on. A case that doesn't wait
// for it, and one that caused it itself, takes no notice. It reaches a case that is held or suspended, too: what follows is entered when the
// case goes on.
func (m *machine) happened() *Refusal {
	if m.st.Status == Ended || m.ev.Caused {
		return nil
	}
	for _, u := range m.p.Until {
		if u.On != "" && u.On == m.ev.Name {
			m.endUntil(u)
			return nil
		}
	}
	for _, o := range m.waitingFor(func(o *Open) bool { return o.On != "" && o.On == m.ev.Name }) {
		if m.st.Status == Ended || m.openAt(o.Scope, o.Step) == nil {
			continue
		}
		m.log(Entry{Event: "happened", Step: o.Step, Item: o.Item, By: m.ev.By, Reason: m.ev.Name})
		m.closeOpen(&o, Done)
	}
	return nil
}

// waitingFor copies the open steps of which something is true, since what follows changes the list.
func (m *machine) waitingFor(what func(*Open) bool) []Open {
	var out []Open
	for i := range m.st.Open {
		if what(&m.st.Open[i]) {
			out = append(out, m.st.Open[i])
		}
	}
	return out
}

// openAt finds the open step of a scope; nil when it is open no more.
func (m *machine) openAt(scope int, step string) *Open {
	for i := range m.st.Open {
		if o := &m.st.Open[i]; o.Scope == scope && o.Step == step {
			return o
		}
	}
	return nil
}
