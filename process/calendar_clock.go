package process

import "time"

// The calendar counts on two lines. One is real time: Unix seconds. The other is the local clock without zone: "wall" seconds
// since 1970-01-01 00:00 as a clock on the wall shows them, so that a day is wall/86400. They meet in one rule:
//
//	the instant of a wall time is the first moment at which the clock shows it or something later.
//
// So a wall time that is jumped over in spring is the moment of the jump, one that is shown twice in autumn is its first showing,
// and while an hour repeats the day's plan stands still where it was. The rule is monotone and leaves neither holes nor overlaps
// between adjoining shifts, whatever the zone does.

const secondsOfDay = 24 * 60 * 60

// zoneRun is a stretch of real time with one offset from UTC.
type zoneRun struct{ end, offset int64 }

// forever is past every instant that a calendar looks at.
const forever = int64(1) << 60

// zoneRuns gives the runs that a wall time between the two given may meet.
func zoneRuns(zone *time.Location, from, to int64) []zoneRun {
	var runs []zoneRun
	// No zone is or was more than 16 hours away from UTC, so that a day's margin finds every run.
	at := time.Unix(from-secondsOfDay, 0).In(zone)
	for {
		_, offset := at.Zone()
		_, end := at.ZoneBounds()
		if end.IsZero() || end.Unix() > to+secondsOfDay {
			return append(runs, zoneRun{forever, int64(offset)})
		}
		runs = append(runs, zoneRun{end.Unix(), int64(offset)})
		at = end
	}
}

// wallInstant is the first instant at which the clock shows the wall time or something later.
func wallInstant(runs []zoneRun, wall int64) int64 {
	begin := -forever
	for _, run := range runs {
		if hit := max(wall-run.offset, begin); hit < run.end {
			return hit
		}
		begin = run.end
	}
	return begin
}

// instantOf is wallInstant for a single wall time.
func (c *Calendar) instantOf(wall int64) int64 {
	return wallInstant(zoneRuns(c.zone, wall, wall), wall)
}

// wallOf is the latest wall time whose instant is not after t, and whether t lies in an hour that the clock shows for the second
// time: then it is the last second before the clock was put back.
func (c *Calendar) wallOf(t time.Time) (wall int64, repeated bool) {
	t = t.In(c.zone)
	_, offset := t.Zone()
	wall = t.Unix() + int64(offset)
	if begin, _ := t.ZoneBounds(); !begin.IsZero() {
		_, before := begin.Add(-time.Second).Zone()
		if shown := begin.Unix() + int64(before); shown > wall {
			return shown - 1, true
		}
	}
	return wall, false
}

// dayOf is the day, as a number, whose plan covers the moment.
func (c *Calendar) dayOf(t time.Time) int {
	wall, _ := c.wallOf(t)
	return int(floorDiv(wall, secondsOfDay))
}

// addWallDays keeps the time of day, n dates away.
func (c *Calendar) addWallDays(t time.Time, n int) time.Time {
	wall, repeated := c.wallOf(t)
	fraction := time.Duration(t.Nanosecond())
	if repeated {
		wall, fraction = wall+1, 0
	}
	wall += int64(n) * secondsOfDay
	hit := c.at(c.instantOf(wall))
	if shown, _ := c.wallOf(hit); shown > wall { // that time of day is jumped over, with all its fractions
		fraction = 0
	}
	return hit.Add(fraction)
}

// at is an instant in the calendar's zone.
func (c *Calendar) at(instant int64) time.Time { return time.Unix(instant, 0).In(c.zone) }

// dayNumber counts days from 1970-01-01.
func dayNumber(year int, month time.Month, day int) int {
	return int(floorDiv(time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Unix(), secondsOfDay))
}

// parseDay reads 2026-12-31.
func parseDay(text string) (int, bool) {
	t, err := time.Parse(time.DateOnly, text)
	return dayNumber(t.Date()), err == nil
}

func dateOfDay(day int) time.Time { return time.Unix(int64(day)*secondsOfDay, 0).UTC() }

func yearOfDay(day int) int { return dateOfDay(day).Year() }

// weekdayOf counts from Monday, 0. Day 0 was a Thursday.
func weekdayOf(day int) int { return day + 3 - 7*weekNumber(day) }

// weekNumber counts weeks that begin on Monday.
func weekNumber(day int) int { return int(floorDiv(int64(day)+3, 7)) }

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b != 0 && (a < 0) != (b < 0) {
		q--
	}
	return q
}

func floorMod(a, b int64) int64 { return a - b*floorDiv(a, b) }
