package process

import (
	"errors"
	"strconv"
	"strings"
	"time"
)

// target is what a `due` means once it is fixed: a limit from the opening on, or a day or moment, perhaps so long before it. Its text is what
// a [Timer] keeps, so that the due moment can be counted again and explained whatever has become of the record.
type target struct {
	limit  Limit
	moment string // a date ("2006-01-02"), meaning its end, or a moment (RFC 3339, or as on the clock, "2006-01-02 15:04"); "": the limit counts from the opening
}

func (t target) none() bool { return t == target{} }

// wall says whether the clock on the wall is counted by, nights and holidays too.
func (t target) wall() bool { return t.moment == "" && t.limit.IsSpan() && !t.limit.IsWorking() }

// String is "2 working days", "2026-12-31" or "10 working days before 2026-12-31"; no limit is "".
func (t target) String() string {
	switch {
	case t.moment == "":
		return t.limit.String()
	case t.limit.IsZero():
		return t.moment
	}
	return t.limit.String() + " before " + t.moment
}

// parseTarget reads what String writes.
func parseTarget(s string) target {
	if s == "" {
		return target{}
	}
	if span, what, err := ParseBefore(s); err == nil {
		return target{span, what}
	}
	if limit, err := ParseLimit(s); err == nil {
		return target{limit: limit}
	}
	return target{moment: s}
}

// reach is the due moment of a target that is fixed at a moment. One that lies before that moment is due at once: a due moment is never in the past.
func (c *Calendar) reach(from time.Time, t target) Ledger {
	if t.moment == "" {
		return c.Due(from, t.limit)
	}
	end, isDate := c.momentOf(t.moment)
	due := end
	if !t.limit.IsZero() {
		due = c.Before(end, t.limit)
	}
	if due.Before(from) {
		due = c.local(from)
	}
	w := c.writer(from, c.dayStarted(from), t.String())
	last := c.dayEndedBy(due)
	w.counted(due, last)
	w.ledger.Provisional = (isDate || t.limit.IsWorking()) && c.provisional(last, c.dayEndedBy(end))
	return w.ledger
}

// ledgerOf is the due moment of what was left of a limit, counted from a moment on: working time, or elapsed time of a wall-clock limit.
func (c *Calendar) ledgerOf(from time.Time, left time.Duration, wall bool) Ledger {
	minutes := strconv.FormatFloat(left.Minutes(), 'f', -1, 64)
	if wall {
		w := c.writer(from, c.dayStarted(from), minutes+" minutes")
		w.elapsed(c.local(from).Add(left))
		return w.ledger
	}
	w := c.writer(from, c.dayStarted(from), minutes+" working minutes")
	due := c.Add(from, left)
	w.counted(due, c.dayEndedBy(due))
	return w.ledger
}

// nextOpening is the first opening of a working day at a moment or after it.
func (c *Calendar) nextOpening(t time.Time) time.Time {
	day := c.dayOf(t)
	if opening := c.at(c.opening(c.workdayAfter(day-1, 1))); !opening.Before(t) {
		return opening
	}
	return c.at(c.opening(c.workdayAfter(day, 1)))
}

// momentOf is a date as a limit, which is its end, or a moment as it is.
func (c *Calendar) momentOf(text string) (at time.Time, isDate bool) {
	if at, err := time.ParseInLocation(localMoment, text, c.Location()); err == nil {
		return at, false
	}
	if !strings.Contains(text, "T") {
		day, _ := parseDay(text)
		date := dateOfDay(day)
		return c.EndOfDate(date.Date()), true
	}
	at, _ = time.Parse(time.RFC3339, text)
	return c.local(at), false
}

// target fixes what a step's `due` means now. ok is false when the case is held instead. A date or moment that nobody has filled in yet is no
// limit, and the step says so in the timeline; filling it in later doesn't give it one, since a limit is fixed when the step opens.
func (m *machine) target(scope int, s *Step) (t target, ok bool) {
	due := s.Time.Due
	switch {
	case due == nil:
		return target{}, true
	case due.Limit != nil:
		return target{limit: *due.Limit}, true
	case due.Moment == nil:
		return m.tableTarget(scope, s)
	}
	v, ok := m.value(scope, s, due.Moment)
	text, _ := v.(string)
	if text == "" {
		return target{}, ok
	}
	t.moment = text
	if due.Before != nil {
		t.limit = *due.Before
	}
	return t, true
}

// tableTarget asks the table that gives a step's limit. The case is held where no row applies.
func (m *machine) tableTarget(scope int, s *Step) (t target, ok bool) {
	limit, err := m.p.Tables[s.Time.Due.Table].Limit(m.env(scope))
	if wrong, is := errors.AsType[*TableError](err); is {
		m.hold(scope, s, wrong.Why)
		return target{}, false
	}
	return target{limit: limit}, true
}
