package process

import (
	"slices"
	"time"
)

// Rhythm is how often cases are started by themselves, as `every` says it.
type Rhythm struct {
	word string // month, monday, …; empty: span
	span Limit
}

// rhythms are the words that `every` takes beside a length of time.
var rhythms = []string{"day", "working day", "week", "month", "quarter", "year", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"}

// ParseRhythm reads `month`, `monday`, `working day` or `10 working days`; false: it is none of these.
func ParseRhythm(text string) (Rhythm, bool) {
	if slices.Contains(rhythms, text) {
		return Rhythm{word: text}, true
	}
	span, err := ParseLimit(text)
	if err != nil || !span.IsSpan() {
		return Rhythm{}, false
	}
	return Rhythm{span: span}, true
}

// String is the rhythm as definitions write it.
func (r Rhythm) String() string {
	if r.word != "" {
		return r.word
	}
	return r.span.String()
}

// Next is the first occurrence after a moment.
//
// A week (from Monday), a month, a quarter, a year and a weekday occur when the working time of their first day opens, or of the first working day after it
// where that day is off. `working day` is the opening of each, and `10 working days` that of the tenth after the one before. `day` is midnight, on every day.
// Other lengths are counted from the occurrence before: in working time, or elapsed.
func (r Rhythm) Next(c *Calendar, after time.Time) time.Time {
	switch {
	case r.word == "day":
		return c.midnightAfter(after)
	case r.word == "working day":
		return c.openingAfter(after, c.dayOf(after)-1)
	case r.word != "":
		return r.nextPeriod(c, after)
	case r.span.unit == workingDays:
		return c.at(c.opening(c.workdayAfter(c.dayStarted(after), r.span.n)))
	}
	return c.Due(after, r.span).Due
}

// nextPeriod looks from the period that the moment is in. Days off can't put the opening of an earlier one behind the moment without putting this one's there, too.
func (r Rhythm) nextPeriod(c *Calendar, after time.Time) time.Time {
	for first := r.periodOf(c.dayOf(after)); ; first = r.periodAfter(first) {
		if at := c.at(c.opening(c.workdayAfter(first-1, 1))); at.After(after) {
			return at
		}
	}
}

// weekdaysOf are the weekdays by which a rhythm may go, counted from Monday.
var weekdaysOf = map[string]int{"monday": 0, "tuesday": 1, "wednesday": 2, "thursday": 3, "friday": 4, "saturday": 5, "sunday": 6, "week": 0}

// monthsOf are the lengths of the rhythms that go by months.
var monthsOf = map[string]int{"month": 1, "quarter": 3, "year": 12}

// periodOf is the first day of the period that a day is in.
func (r Rhythm) periodOf(day int) int {
	if n, ok := monthsOf[r.word]; ok {
		date := dateOfDay(day)
		return dayNumber(date.Year(), time.Month((int(date.Month())-1)/n*n+1), 1)
	}
	return day - (weekdayOf(day)-weekdaysOf[r.word]+7)%7
}

// periodAfter is the first day of the period after the one that begins so.
func (r Rhythm) periodAfter(first int) int {
	if n, ok := monthsOf[r.word]; ok {
		date := dateOfDay(first).AddDate(0, n, 0)
		return dayNumber(date.Date())
	}
	return first + 7
}

// openingAfter is the first opening of a working day after a moment, of the days after one.
func (c *Calendar) openingAfter(after time.Time, day int) time.Time {
	for {
		day = c.workdayAfter(day, 1)
		if at := c.at(c.opening(day)); at.After(after) {
			return at
		}
	}
}

// midnightAfter is the next beginning of a day.
func (c *Calendar) midnightAfter(after time.Time) time.Time {
	for day := c.dayOf(after); ; day++ {
		if at := c.at(c.instantOf(int64(day) * secondsOfDay)); at.After(after) {
			return at
		}
	}
}
