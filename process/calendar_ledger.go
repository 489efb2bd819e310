package process

import "time"

// Ledger is a due moment with its whole derivation: every stretch of time that was counted and every day that wasn't, and why.
type Ledger struct {
	From        time.Time    `json:"from"`
	Within      string       `json:"within"` // the limit, as definitions write it
	Due         time.Time    `json:"due"`
	Calendar    string       `json:"calendar"`
	Version     int          `json:"version"`
	Provisional bool         `json:"provisional"` // counted over a year whose holidays aren't published
	Intervals   []Interval   `json:"intervals"`
	Skipped     []SkippedDay `json:"skipped"`
}

// Interval is time that was counted. Minutes are real elapsed ones, with a fraction when a moment carries seconds.
type Interval struct {
	From    time.Time `json:"from"`
	To      time.Time `json:"to"`
	Minutes float64   `json:"minutes"`
}

// SkippedDay is a day, by its date, of which nothing was counted. Reason is the name of the published holiday, or one of the
// Skipped… constants.
type SkippedDay struct {
	Date   string `json:"date"`
	Reason string `json:"reason"`
}

// Why a day isn't counted, when no holiday is.
const (
	SkippedStart  = "start day"    // whole days: the day it starts isn't counted
	SkippedOver   = "after hours"  // its working time was over
	SkippedClosed = "day off"      // closed by the weekly pattern
	SkippedSingle = "closed"       // closed by the calendar's own list of days
	SkippedNight  = "night before" // all of its working time belongs to a shift of the day before
)

var skippedZH = map[string]string{
	SkippedStart: "起算当日不计", SkippedOver: "已过下班时间", SkippedClosed: "休息日", SkippedSingle: "停工日", SkippedNight: "属于前一日的夜班",
}

// Say is the reason for people, in zh or en; a holiday's name stays as published.
func (s SkippedDay) Say(lang string) string {
	if zh, ok := skippedZH[s.Reason]; ok && lang == "zh" {
		return zh
	}
	if s.Reason == SkippedStart && lang != "zh" {
		return "the day it starts isn't counted"
	}
	return s.Reason
}

// maxLedgerDays bounds the days a ledger lists, from the first: 27 years. Only a calendar with next to no working time goes beyond;
// its due moment is right all the same.
const maxLedgerDays = 10_000

// Due is the moment a limit ends that starts at from; never before from.
//
// Working days: the day from belongs to isn't counted, and the limit ends with the n-th working day after it. Working hours and
// minutes: counted while the calendar is open. `end of today`: today when working time is left, else the end of the next working
// day. `start of working day n`: the opening of the day on which n working days would end. `2 days`: the same time of day two dates
// later; hours and minutes: elapsed; the calendar is not asked, so they are never provisional. No limit is due at once.
func (c *Calendar) Due(from time.Time, l Limit) Ledger { return c.due(from, c.dayStarted(from), l) }

// After is Due counted from a moment at which a limit ended, for `late: [{after: 1 working day}]`: a close of business, also one after
// midnight, belongs to the day that closes.
func (c *Calendar) After(ended time.Time, l Limit) Ledger {
	return c.due(ended, c.dayEndedBy(ended), l)
}

// due counts from a moment that belongs to the day given.
func (c *Calendar) due(from time.Time, day int, l Limit) Ledger {
	w := c.writer(from, day, l.String())
	switch l.unit {
	case workingDays:
		last := c.workdayAfter(day, l.n)
		closing, _ := c.closing(last)
		w.wholeDays(closing, last, last)
	case startOfWorkingDay:
		last := c.workdayAfter(day, l.n)
		w.wholeDays(c.opening(last), last-1, last)
	case endOfToday:
		w.endOfDay(day)
	case workingHours, workingMinutes:
		due := c.Add(from, l.length())
		w.counted(due, c.dayEndedBy(due))
	case wallDays:
		w.elapsed(c.addWallDays(from, l.n))
	default:
		w.elapsed(w.ledger.From.Add(l.length()))
	}
	return w.ledger
}

func (c *Calendar) writer(from time.Time, day int, within string) ledgerWriter {
	return ledgerWriter{c: c, start: day, ledger: Ledger{
		From: c.local(from), Within: within, Calendar: c.name, Version: c.version,
		Intervals: []Interval{}, Skipped: []SkippedDay{},
	}}
}

// ledgerWriter lists what was counted, from the day the limit starts on.
type ledgerWriter struct {
	c      *Calendar
	start  int
	ledger Ledger
}

// wholeDays lists the days after the first up to last; the limit ends at due, and looked at the days up to seen.
func (w *ledgerWriter) wholeDays(due int64, last, seen int) {
	w.ledger.Due = w.c.at(due)
	w.ledger.Provisional = w.c.provisional(w.start+1, seen)
	w.skip(w.start, len(w.c.shiftsOf(w.start)) > 0, SkippedStart)
	w.list(w.start+1, last)
}

// endOfDay ends with the day when working time is left in it, else with the next working day.
func (w *ledgerWriter) endOfDay(day int) {
	closing, ok := w.c.closing(day)
	if !ok || closing <= w.ledger.From.Unix() {
		day = w.c.workdayAfter(day, 1)
		closing, _ = w.c.closing(day)
	}
	w.counted(w.c.at(closing), day)
}

// counted lists the working time from the start to due, which belongs to the day last.
func (w *ledgerWriter) counted(due time.Time, last int) {
	w.ledger.Due = due
	w.ledger.Provisional = w.c.provisional(w.start, last)
	w.list(w.start, last)
}

func (w *ledgerWriter) elapsed(due time.Time) {
	w.ledger.Due = due
	w.add(w.ledger.From, due)
}

func (w *ledgerWriter) list(first, last int) {
	last = min(last, w.start+maxLedgerDays)
	if first > last {
		return
	}
	w.grow(last - first + 1)
	table := w.c.table(yearOfDay(first))
	for day := first; day <= last; day++ {
		if day-table.first >= len(table.of)-1 {
			table = w.c.table(table.year + 1)
		}
		before := len(w.ledger.Intervals)
		shifts := table.shiftsOf(day)
		for _, shift := range shifts {
			w.add(w.c.at(shift.start), w.c.at(shift.end))
		}
		if len(w.ledger.Intervals) == before {
			w.skip(day, len(shifts) > 0, SkippedOver)
		}
	}
}

// grow makes room for about that many days.
func (w *ledgerWriter) grow(days int) {
	w.ledger.Intervals = make([]Interval, 0, days*3/2+1)
	w.ledger.Skipped = append(make([]SkippedDay, 0, days/3+2), w.ledger.Skipped...)
}

// add lists what of a stretch lies between the start and due.
func (w *ledgerWriter) add(from, to time.Time) {
	if from.Before(w.ledger.From) {
		from = w.ledger.From
	}
	if to.After(w.ledger.Due) {
		to = w.ledger.Due
	}
	if from.Before(to) {
		w.ledger.Intervals = append(w.ledger.Intervals, Interval{from, to, to.Sub(from).Minutes()})
	}
}

// skip lists a day that wasn't counted; a day that works needs the reason given.
func (w *ledgerWriter) skip(day int, works bool, reason string) {
	if !works {
		reason = w.c.closedBecause(day)
	}
	w.ledger.Skipped = append(w.ledger.Skipped, SkippedDay{dateOfDay(day).Format(time.DateOnly), reason})
}

// closedBecause says why a day has no working time.
func (c *Calendar) closedBecause(day int) string {
	if len(c.plan(day)) > 0 {
		return SkippedNight
	}
	if _, single := c.days[day]; single {
		return SkippedSingle
	}
	if holiday, ok := c.holidays[day]; ok {
		return holiday.Name
	}
	return SkippedClosed
}
