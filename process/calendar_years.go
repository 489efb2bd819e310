package process

import (
	"slices"
	"sync"
	"time"
)

// openShift is a shift in real time, Unix seconds, with the working seconds of its year before it.
type openShift struct {
	start, end int64
	before     int64
	day        int
}

// yearTable is a year worked out: what makes looking up a moment, or the n-th working day, a search instead of a walk.
// A shift belongs to the year of the day it starts.
type yearTable struct {
	year     int
	first    int         // number of 1 January
	shifts   []openShift // in order, none overlapping
	of       []int       // the shifts of day first+i are shifts[of[i]:of[i+1]]
	workdays []int       // days with working time, in order
	total    int64       // working seconds
}

// A calendar keeps the tables of these years, once asked for, and of the others only the totals; working time is counted
// from year 1 to 9999, which bounds every loop.
const (
	firstKeptYear, lastKeptYear = 1900, 2300
	minYear, maxYear            = 1, 9999
)

// yearTables is what a calendar has worked out so far. It is only ever added to, with values that depend on nothing else.
type yearTables struct{ kept, totals sync.Map }

func (c *Calendar) table(year int) *yearTable {
	if year < firstKeptYear || year >= lastKeptYear {
		return c.workOut(year)
	}
	if known, ok := c.tables.kept.Load(year); ok {
		return known.(*yearTable)
	}
	table := c.workOut(year)
	c.tables.kept.Store(year, table)
	return table
}

// workedIn is the working seconds of a year.
func (c *Calendar) workedIn(year int) int64 {
	if year >= firstKeptYear && year < lastKeptYear {
		return c.table(year).total
	}
	if known, ok := c.tables.totals.Load(year); ok {
		return known.(int64)
	}
	total := c.workOut(year).total
	c.tables.totals.Store(year, total)
	return total
}

func (c *Calendar) workOut(year int) *yearTable {
	first, next := dayNumber(year, time.January, 1), dayNumber(year+1, time.January, 1)
	runs := zoneRuns(c.zone, int64(first-1)*secondsOfDay, int64(next+1)*secondsOfDay)
	instant := func(day, minute int) int64 {
		return wallInstant(runs, int64(day)*secondsOfDay+int64(minute)*60)
	}
	table := &yearTable{year: year, first: first, of: make([]int, 1, next-first+1), workdays: make([]int, 0, next-first)}
	// A night shift may reach into a single day that was given an early start: that time stays with the day it began.
	taken := -forever
	if eve := c.plan(first - 1); len(eve) > 0 {
		taken = instant(first-1, eve[len(eve)-1].end)
	}
	for day := first; day < next; day++ {
		before := len(table.shifts)
		for _, shift := range c.plan(day) {
			start, end := max(instant(day, shift.start), taken), instant(day, shift.end)
			if start < end {
				table.shifts = append(table.shifts, openShift{start, end, table.total, day})
				table.total += end - start
				taken = end
			}
		}
		table.of = append(table.of, len(table.shifts))
		if len(table.shifts) > before {
			table.workdays = append(table.workdays, day)
		}
	}
	return table
}

// plan is the shifts of a day by the local clock: the single day, else the holiday, else the week.
func (c *Calendar) plan(day int) []dayShift {
	if shifts, single := c.days[day]; single {
		return shifts
	}
	week := c.weekOf(day)
	holiday, published := c.holidays[day]
	switch {
	case !published:
		return week[weekdayOf(day)]
	case holiday.Off:
		return nil
	}
	return c.makeUpShifts(week)
}

func (c *Calendar) weekOf(day int) *weekShifts {
	return &c.weeks[floorMod(int64(weekNumber(day)-c.firstWeek), int64(len(c.weeks)))]
}

// makeUpShifts is what a make-up day works: the hours of the first weekday that works in its week, or, when that whole week is
// free, in the first alternating week that isn't.
func (c *Calendar) makeUpShifts(week *weekShifts) []dayShift {
	worked := func(shifts []dayShift) bool { return len(shifts) > 0 }
	if i := slices.IndexFunc(week[:], worked); i >= 0 {
		return week[i]
	}
	for w := range c.weeks {
		if i := slices.IndexFunc(c.weeks[w][:], worked); i >= 0 {
			return c.weeks[w][i]
		}
	}
	return nil
}

// shiftsOf is the working time of a day, in order.
func (c *Calendar) shiftsOf(day int) []openShift { return c.table(yearOfDay(day)).shiftsOf(day) }

func (y *yearTable) shiftsOf(day int) []openShift {
	return y.shifts[y.of[day-y.first]:y.of[day-y.first+1]]
}

// workedBefore is the working seconds of the year before an instant, and whether the calendar is open at it.
func (y *yearTable) workedBefore(instant int64) (seconds int64, open bool) {
	i, _ := slices.BinarySearchFunc(y.shifts, instant, func(s openShift, at int64) int {
		if s.end <= at {
			return -1
		}
		return 1
	})
	switch {
	case i == len(y.shifts):
		return y.total, false
	case instant < y.shifts[i].start:
		return y.shifts[i].before, false
	}
	return y.shifts[i].before + instant - y.shifts[i].start, true
}

// closing is the end of a day's working time; ok is false for a day without any.
func (c *Calendar) closing(day int) (instant int64, ok bool) {
	shifts := c.shiftsOf(day)
	if len(shifts) == 0 {
		return 0, false
	}
	return shifts[len(shifts)-1].end, true
}

// opening is the beginning of a working day.
func (c *Calendar) opening(workday int) int64 { return c.shiftsOf(workday)[0].start }

// workdayAfter is the n-th working day after a day, n from 1. A calendar has a working day in every round of its weeks, so one is found.
func (c *Calendar) workdayAfter(day, n int) int {
	for year := yearOfDay(day); ; year++ {
		workdays := c.table(year).workdays
		i, _ := slices.BinarySearch(workdays, day+1)
		if i+n <= len(workdays) {
			return workdays[i+n-1]
		}
		n -= len(workdays) - i
	}
}

// workdayBefore is the n-th working day before a day, n from 1.
func (c *Calendar) workdayBefore(day, n int) int {
	for year := yearOfDay(day); ; year-- {
		workdays := c.table(year).workdays
		i, _ := slices.BinarySearch(workdays, day)
		if i >= n {
			return workdays[i-n]
		}
		n -= i
	}
}
