package process

import "time"

// timed says whether an open step's limits can become those of the other version from its opening on: nothing of the old ones has come yet, and nothing of the
// new ones would have.
func (j *judge) timed(p *opening, s *Step) bool {
	o := p.open
	if j.old.timeShape(s) == j.next.timeShape(p.to) {
		return true
	}
	if wait, ok := s.Do.(Wait); ok && wait.On == "" {
		return j.old.Calendar == j.next.Calendar // the ladder of a moment that is waited for never runs
	}
	was := parseTarget(o.Within)
	switch due := p.to.Time.Due; {
	case j.old.dueShape(s) == j.next.dueShape(p.to):
		p.aim = was
	case due == nil:
	case due.Limit != nil:
		p.aim = target{limit: *due.Limit}
	default: // what it was when the step opened nobody knows
		return false
	}
	if wait, ok := p.to.Do.(Wait); ok && wait.Within != nil {
		p.aim = target{limit: *wait.Within}
	}
	p.timed = true
	if len(o.Seats) == 0 {
		return j.canCount(s, p.to, armed{open: o, timer: &o.Timer}, was, p.aim)
	}
	for i := range o.Seats {
		seat := &o.Seats[i]
		if seat.HandedUp > 0 || !j.canCount(s, p.to, armed{open: o, seat: seat, timer: &seat.Timer}, was, p.aim) {
			return false
		}
	}
	return true
}

func (j *judge) canCount(s, to *Step, a armed, was, is target) bool {
	if !is.none() && !j.neverStood(a.began()) {
		return false
	}
	return sameTimer(*a.timer, j.counted(j.old, s, a, was)) && j.allAhead(j.counted(j.next, to, a, is))
}

// neverStood says whether the case is known not to have been suspended since a moment: whoever knows has said so, or some limit has run since then, or longer, and
// never stood still. That of a seat which was asked again, or later than others, says nothing: it may have been closed meanwhile.
func (j *judge) neverStood(since time.Time) bool {
	ran := j.m.in.Next.Ran
	known := !ran.IsZero() && !ran.After(since)
	j.m.eachTimer(func(a armed) {
		t := a.timer
		if a.seat != nil && a.seat.Asked != nil {
			return
		}
		known = known || t.DueFrom != nil && !t.DueFrom.After(since) && t.Rest == nil && t.Stop == nil
	})
	return known
}

// counted is a timer as a version would have set it when it began.
func (j *judge) counted(p *Process, s *Step, a armed, aim target) Timer {
	var t Timer
	at := *a.open
	at.Step = s.ID
	j.asOf(p, a.began(), func() {
		calendar := p.Calendar
		if a.seat != nil {
			calendar = j.m.calendarOf(a.seat)
		}
		j.m.startTimer(armed{open: &at, seat: a.seat, timer: &t}, calendar, aim)
	})
	return t
}

// began is when a timer began, or would have.
func (a armed) began() time.Time {
	switch {
	case a.timer.DueFrom != nil:
		return *a.timer.DueFrom
	case a.seat != nil && a.seat.Asked != nil:
		return *a.seat.Asked
	}
	return a.open.At
}
