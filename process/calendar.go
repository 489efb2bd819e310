package process

import (
	"math"
	"math/bits"
	"slices"
	"time"
)

// Calendar is working time: when the company, a department or a person is at work. It is immutable and safe for concurrent use.
//
// Working time is real elapsed time while a shift is open, on days when the clocks change too. A shift belongs to the day it
// starts, also after midnight. A calendar is valid for the years of its holidays; in other years the weekly pattern goes on and
// what touches it is provisional, unless no holidays were declared at all. All results are in the calendar's zone.
type Calendar struct {
	name      string
	version   int
	zone      *time.Location
	weeks     []weekShifts // alternating; one when they don't
	firstWeek int          // number of the week that works weeks[0]
	days      map[int][]dayShift
	holidays  map[int]Holiday
	published map[int]bool // declared years → whether their holidays are known; nil: none declared
	tables    *yearTables
}

// Name is the id of the calendar, such as cn-office.
func (c *Calendar) Name() string { return c.name }

// Version is the published version of the calendar, 0 when none was set.
func (c *Calendar) Version() int { return c.version }

// WithVersion is the same calendar under a version number, for its ledgers.
func (c *Calendar) WithVersion(version int) *Calendar {
	copied := *c
	copied.version = version
	return &copied
}

// Location is the zone the calendar's shifts are meant in.
func (c *Calendar) Location() *time.Location { return c.zone }

// IsOpen says whether the moment is working time. A shift is open from its first moment until just before its last.
func (c *Calendar) IsOpen(t time.Time) bool {
	_, open := c.workedUntil(t)
	return open
}

// Between is the working time from a to b, negative when b is before a. It stops counting at year 1 and 9999 and at the
// longest time.Duration, 292 years of working time.
func (c *Calendar) Between(a, b time.Time) time.Duration {
	if b.Before(a) {
		return -c.Between(b, a)
	}
	return c.workedBetween(a, b).duration()
}

// Add is the earliest moment, not before t, with the working time d between t and it: the close of a shift rather than the next
// opening. With a negative d it is the latest moment, not after t, with that much working time between it and t: an opening rather
// than the close before. Between(t, Add(t, d)) == d. What would lie beyond the year 9999 ends there.
func (c *Calendar) Add(t time.Time, d time.Duration) time.Time {
	if d < 0 {
		return c.back(t, workedDuration(d))
	}
	return c.forward(t, workedDuration(d))
}

// Before is the moment a span stands before a target, for reminders and `10 working days before record.ends_on`. Working days:
// the opening of the n-th working day before the day of the target; working hours and minutes: the latest moment with that much
// working time left; wall clock: that much earlier. A limit that is no span (see [Limit.IsSpan]) gives the target itself.
// The moment may lie before whatever the caller counts from: it is the caller's to skip it.
func (c *Calendar) Before(target time.Time, l Limit) time.Time {
	switch l.unit {
	case workingDays:
		return c.at(c.opening(c.workdayBefore(c.dayEndedBy(target), l.n)))
	case workingHours, workingMinutes:
		return c.Add(target, -l.length())
	case wallDays:
		return c.addWallDays(target, -l.n)
	}
	return c.local(target).Add(-l.length())
}

// Percent is the moment at which pct percent of the working time from opened to target are used. 100 is the target itself, more
// lies beyond it. When there is no working time between (`30 minutes` at night), it is a share of the elapsed time instead.
// A target before opened counts as opened.
func (c *Calendar) Percent(opened, target time.Time, pct int) time.Time {
	switch {
	case pct <= 0 || !target.After(opened):
		return c.local(opened)
	case pct == 100:
		return c.local(target)
	}
	if w := c.workedBetween(opened, target); w != (workedTime{}) {
		return c.forward(opened, w.percent(pct))
	}
	share := workedTime{target.Unix() - opened.Unix(), 0}.plusNanos(target.Nanosecond() - opened.Nanosecond()).percent(pct)
	return time.Unix(opened.Unix()+share.seconds, int64(opened.Nanosecond())+share.nanos).In(c.zone)
}

// StartOfDate is a date as a beginning: the opening of that day, or of the next working day when it is closed.
func (c *Calendar) StartOfDate(year int, month time.Month, day int) time.Time {
	return c.at(c.opening(c.workdayAfter(dayNumber(year, month, day)-1, 1)))
}

// EndOfDate is a date as a limit: the close of business of that day, or, when it is closed, of the next working day, as with
// `end of today` and as in article 203 of the Civil Code of the PRC. A shift across midnight ends on the following date.
func (c *Calendar) EndOfDate(year int, month time.Month, day int) time.Time {
	closing, _ := c.closing(c.workdayAfter(dayNumber(year, month, day)-1, 1))
	return c.at(closing)
}

// IsProvisional says whether working time from a to b is counted over a day of a year that isn't published or not declared.
// Days the calendar sets one by one are certain in every year.
func (c *Calendar) IsProvisional(a, b time.Time) bool {
	return c.provisional(c.dayStarted(a), c.dayEndedBy(b))
}

func (c *Calendar) provisional(first, last int) bool {
	if len(c.published) == 0 {
		return false
	}
	for day := first; day <= last; day++ {
		if year := yearOfDay(day); c.published[year] {
			day = dayNumber(year, time.December, 31)
		} else if _, single := c.days[day]; !single {
			return true
		}
	}
	return false
}

// dayStarted is the day a moment belongs to when something begins at it: the one whose shift is open, else the date.
func (c *Calendar) dayStarted(t time.Time) int {
	day := c.dayOf(t)
	if closing, ok := c.closing(day - 1); ok && closing > t.Unix() {
		return day - 1
	}
	return day
}

// dayEndedBy is the day a moment belongs to when something ends at it: a shift's last moment is still that shift's.
func (c *Calendar) dayEndedBy(t time.Time) int {
	day := c.dayOf(t)
	// Two days back only where a zone skipped a whole day, as Samoa did in 2011.
	for _, before := range [...]int{day - 2, day - 1} {
		closing, ok := c.closing(before)
		if ok && (closing > t.Unix() || closing == t.Unix() && t.Nanosecond() == 0) {
			return before
		}
	}
	return day
}

// local is the moment in the calendar's zone, without a reading of the monotonic clock.
func (c *Calendar) local(t time.Time) time.Time { return t.Round(0).In(c.zone) }

// workedTime is working time, not negative, without the limits of a time.Duration. 0 <= nanos < 1e9.
type workedTime struct{ seconds, nanos int64 }

const nanosPerSecond = int64(time.Second)

func workedDuration(d time.Duration) workedTime {
	if d < 0 {
		// Seconds and rest apart: the smallest Duration has no positive counterpart.
		return workedTime{-int64(d / time.Second), -int64(d % time.Second)}
	}
	return workedTime{int64(d / time.Second), int64(d % time.Second)}
}

// duration is the longest Duration when w is longer.
func (w workedTime) duration() time.Duration {
	if w.seconds > math.MaxInt64/nanosPerSecond || w.nanos > math.MaxInt64-w.seconds*nanosPerSecond {
		return math.MaxInt64
	}
	return time.Duration(w.seconds*nanosPerSecond + w.nanos)
}

func (w workedTime) plusNanos(n int) workedTime {
	nanos := w.nanos + int64(n)
	return workedTime{w.seconds + floorDiv(nanos, nanosPerSecond), floorMod(nanos, nanosPerSecond)}
}

// percent rounds down to the nanosecond.
func (w workedTime) percent(pct int) workedTime {
	const most = uint64(forever)
	high, low := bits.Mul64(uint64(w.seconds), uint64(pct))
	if high > 0 || low > most {
		return workedTime{int64(most), 0}
	}
	rest := int64(low%100)*nanosPerSecond + w.nanos*int64(min(pct, math.MaxInt32))
	whole := int64(low/100) + rest/100/nanosPerSecond
	return workedTime{whole, rest / 100 % nanosPerSecond}
}

// yearSpot is a moment as working time within a year.
type yearSpot struct {
	year int
	workedTime
}

// workedUntil finds the year a moment falls in, by its shifts, and the working time of that year before it.
func (c *Calendar) workedUntil(t time.Time) (spot yearSpot, open bool) {
	year := yearOfDay(c.dayStarted(c.clamped(t)))
	switch {
	case year < minYear:
		return yearSpot{year: minYear}, false
	case year > maxYear:
		return yearSpot{maxYear, workedTime{c.workedIn(maxYear), 0}}, false
	}
	spot.year = year
	spot.seconds, open = c.table(year).workedBefore(t.Unix())
	if open {
		spot.nanos = int64(t.Nanosecond())
	}
	return spot, open
}

// clamped keeps moments far beyond the counted years from overflowing anything.
func (c *Calendar) clamped(t time.Time) time.Time {
	const margin = 2 * secondsOfDay
	first, last := int64(dayNumber(minYear, 1, 1))*secondsOfDay, int64(dayNumber(maxYear+1, 1, 1))*secondsOfDay
	if unix := t.Unix(); unix < first-margin || unix > last+margin {
		return time.Unix(min(max(unix, first-margin), last+margin), 0)
	}
	return t
}

func (c *Calendar) workedBetween(a, b time.Time) workedTime {
	from, _ := c.workedUntil(a)
	to, _ := c.workedUntil(b)
	seconds := to.seconds - from.seconds
	for year := from.year; year < to.year; year++ {
		seconds += c.workedIn(year)
	}
	return workedTime{seconds, to.nanos}.plusNanos(int(-from.nanos))
}

// forward is the earliest moment, not before t, with the working time w after t.
func (c *Calendar) forward(t time.Time, w workedTime) time.Time {
	if w == (workedTime{}) {
		return c.local(t)
	}
	spot, _ := c.workedUntil(t)
	goal := workedTime{spot.seconds + w.seconds, spot.nanos}.plusNanos(int(w.nanos))
	year := spot.year
	for ; goal.seconds > c.workedIn(year) || goal.seconds == c.workedIn(year) && goal.nanos > 0; year++ {
		if year == maxYear {
			return c.latest(t, c.at(c.instantOf(int64(dayNumber(maxYear+1, 1, 1))*secondsOfDay-1)))
		}
		goal.seconds -= c.workedIn(year)
	}
	shifts := c.table(year).shifts
	i, _ := slices.BinarySearchFunc(shifts, goal, func(s openShift, g workedTime) int {
		if worked := s.before + s.end - s.start; worked < g.seconds || worked == g.seconds && g.nanos > 0 {
			return -1
		}
		return 1
	})
	return c.at(shifts[i].start + goal.seconds - shifts[i].before).Add(time.Duration(goal.nanos))
}

// back is the latest moment, not after t, with the working time w before t.
func (c *Calendar) back(t time.Time, w workedTime) time.Time {
	if w == (workedTime{}) {
		return c.local(t)
	}
	spot, _ := c.workedUntil(t)
	goal := workedTime{spot.seconds - w.seconds, spot.nanos}.plusNanos(int(-w.nanos))
	year := spot.year
	for goal.seconds < 0 {
		if year == minYear {
			return c.earliest(t, c.at(c.instantOf(int64(dayNumber(minYear, 1, 1))*secondsOfDay)))
		}
		year--
		goal.seconds += c.workedIn(year)
	}
	// The shift that begins last with no more than the goal before it; one that follows may lie in a later year, but then
	// the goal, being less than all the year's working time, is inside an earlier shift anyway.
	shifts := c.table(year).shifts
	i, _ := slices.BinarySearchFunc(shifts, goal.seconds+1, func(s openShift, g int64) int {
		if s.before < g {
			return -1
		}
		return 1
	})
	return c.at(shifts[i-1].start + goal.seconds - shifts[i-1].before).Add(time.Duration(goal.nanos))
}

func (c *Calendar) latest(a, b time.Time) time.Time {
	if a.Before(b) {
		return c.local(b)
	}
	return c.local(a)
}

func (c *Calendar) earliest(a, b time.Time) time.Time {
	if b.Before(a) {
		return c.local(b)
	}
	return c.local(a)
}
