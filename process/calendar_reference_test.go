package process

import (
	"fmt"
	"os"
	"testing"
	"time"
	_ "time/tzdata"

	"pgregory.net/rapid"
)

// The reference: working time walked minute by minute, from the numbers a calendar was drawn from, not from its spec. It shares
// nothing with the implementation. It knows one thing about clocks: while an hour repeats, the latest reading so far stands.

type refShift struct{ start, end int } // minutes of the day; end may be over 1440

type refCalendar struct {
	zone     *time.Location
	weeks    [][7][]refShift // from Sunday, as time.Weekday
	anchor   time.Time       // a Monday, UTC
	single   map[string][]refShift
	holidays map[string]bool // date → off
}

// hours is what a date works.
func (r *refCalendar) hours(date time.Time) []refShift {
	key := date.Format("2006-01-02")
	if shifts, ok := r.single[key]; ok {
		return shifts
	}
	n := 0
	for monday := date.AddDate(0, 0, -int((date.Weekday()+6)%7)); monday.After(r.anchor); monday = monday.AddDate(0, 0, -7) {
		n++
	}
	for monday := date.AddDate(0, 0, -int((date.Weekday()+6)%7)); monday.Before(r.anchor); monday = monday.AddDate(0, 0, 7) {
		n += len(r.weeks) - 1 // one back is len-1 forward
	}
	week := r.weeks[n%len(r.weeks)]
	if off, ok := r.holidays[key]; ok {
		if off {
			return nil
		}
		for _, w := range append([][7][]refShift{week}, r.weeks...) {
			for i := range 7 {
				if s := w[(i+1)%7]; len(s) > 0 {
					return s
				}
			}
		}
	}
	return week[date.Weekday()]
}

// refWalk knows each minute from its base on: the date whose shift is open in it ("" when closed) and the date on the wall.
type refWalk struct {
	cal              *refCalendar
	base             time.Time
	latest           time.Time // reading of the wall clock, in UTC, never put back
	known            map[string][]refShift
	midnight         time.Time // of the latest reading
	today, yesterday string
	owner            []string
	date             []string
}

func (r *refCalendar) walk(from time.Time, daysBefore int) *refWalk {
	return &refWalk{cal: r, base: from.UTC().Truncate(time.Minute).AddDate(0, 0, -daysBefore), known: map[string][]refShift{}}
}

func (w *refWalk) minute(i int) (owner, date string) {
	for len(w.owner) <= i {
		w.step()
	}
	return w.owner[i], w.date[i]
}

func (w *refWalk) step() {
	at := w.base.Add(time.Duration(len(w.owner)) * time.Minute)
	_, offset := at.In(w.cal.zone).Zone()
	if reading := at.Add(time.Duration(offset) * time.Second); reading.After(w.latest) {
		w.latest = reading
	}
	clock := int(w.latest.Sub(w.midnight) / time.Minute)
	if w.midnight.IsZero() || clock >= 1440 {
		w.midnight = time.Date(w.latest.Year(), w.latest.Month(), w.latest.Day(), 0, 0, 0, 0, time.UTC)
		w.today = w.midnight.Format("2006-01-02")
		w.yesterday = plusDays(w.today, -1)
		clock = int(w.latest.Sub(w.midnight) / time.Minute)
	}
	owner := ""
	if w.inShift(w.yesterday, clock+1440) {
		owner = w.yesterday
	} else if w.inShift(w.today, clock) {
		owner = w.today
	}
	w.owner, w.date = append(w.owner, owner), append(w.date, w.today)
}

func (w *refWalk) inShift(date string, clock int) bool {
	shifts, ok := w.known[date]
	if !ok {
		day, _ := time.Parse("2006-01-02", date)
		shifts = w.cal.hours(day)
		w.known[date] = shifts
	}
	for _, s := range shifts {
		if clock >= s.start && clock < s.end {
			return true
		}
	}
	return false
}

func (w *refWalk) index(t time.Time) int  { return int(t.Sub(w.base) / time.Minute) }
func (w *refWalk) moment(i int) time.Time { return w.base.Add(time.Duration(i) * time.Minute) }
func (w *refWalk) startDay(t time.Time) string {
	owner, date := w.minute(w.index(t))
	if owner != "" {
		return owner
	}
	return date
}

func (w *refWalk) between(a, b time.Time) time.Duration {
	var sum time.Duration
	for i := w.index(a); w.moment(i).Before(b); i++ {
		if owner, _ := w.minute(i); owner != "" {
			from, to := w.moment(i), w.moment(i+1)
			if from.Before(a) {
				from = a
			}
			if to.After(b) {
				to = b
			}
			sum += to.Sub(from)
		}
	}
	return sum
}

func (w *refWalk) add(t time.Time, d time.Duration) time.Time {
	for i := w.index(t); ; i++ {
		if owner, _ := w.minute(i); owner == "" {
			continue
		}
		from := w.moment(i)
		if from.Before(t) {
			from = t
		}
		left := w.moment(i + 1).Sub(from)
		if d <= left {
			return from.Add(d)
		}
		d -= left
	}
}

// behind walks back from a target: the latest moment with the working time before it, and the opening of the n-th working day
// before the target's. It finds nothing when the walk began too late.
func (w *refWalk) behind(target time.Time, span time.Duration, n int) (moment, opening time.Time, found bool) {
	i := w.index(target.Add(-1))
	day, _ := w.minute(i)
	if day == "" {
		_, day = w.minute(w.index(target))
	}
	last := day
	for ; i >= 1440; i-- { // the first day is for the clock to find its latest reading
		owner, _ := w.minute(i)
		if owner == "" {
			continue
		}
		to := w.moment(i + 1)
		if to.After(target) {
			to = target
		}
		if part := to.Sub(w.moment(i)); moment.IsZero() && span <= part {
			moment = to.Add(-span)
		} else {
			span -= part
		}
		if owner < last {
			last = owner
			n--
		}
		if n == 0 {
			opening = w.moment(i)
		}
		if n < 0 && !moment.IsZero() {
			return moment, opening, true
		}
	}
	return moment, opening, false
}

// nthDay gives the first minute of the n-th working day after a date, and the end of its last one.
func (w *refWalk) nthDay(t time.Time, after string, n int) (opens, closes time.Time) {
	last := after
	for i := w.index(t); ; i++ {
		owner, date := w.minute(i)
		if n == 0 && (owner > last || date > plusDays(last, 1)) {
			return opens, closes
		}
		if owner > last {
			last, opens = owner, w.moment(i)
			n--
		}
		if owner == last {
			closes = w.moment(i + 1)
		}
	}
}

// sameTimeOfDay is when the wall clock first shows the reading at t again, n dates later; ok is false in an hour shown twice.
func (w *refWalk) sameTimeOfDay(t time.Time, n int) (at time.Time, ok bool) {
	reading := func(t time.Time) time.Time {
		_, offset := t.In(w.cal.zone).Zone()
		return t.UTC().Add(time.Duration(offset) * time.Second)
	}
	for back := range 180 {
		if reading(t.Add(-time.Duration(back+1) * time.Minute)).After(reading(t)) {
			return t, false
		}
	}
	goal := reading(t).AddDate(0, 0, n)
	at = t.Truncate(time.Minute).Add(time.Duration(n)*24*time.Hour - 30*time.Hour) // a zone may skip a whole day
	for reading(at.Add(time.Minute)).Compare(goal) <= 0 {
		at = at.Add(time.Minute)
	}
	if jumped := at.Add(time.Minute); reading(jumped).Sub(reading(at)) > time.Minute && goal.Sub(reading(at)) >= time.Minute {
		return jumped, true
	}
	return at.Add(goal.Sub(reading(at))), true
}

func plusDays(date string, n int) string {
	t, _ := time.Parse("2006-01-02", date)
	return t.AddDate(0, 0, n).Format("2006-01-02")
}

// The drawing of calendars.

var refZones = []string{"Asia/Shanghai", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "UTC", "America/St_Johns", "America/Sao_Paulo", "Pacific/Apia"}

// Days around which something happens: clocks change, years end, holidays begin.
var (
	refDays     = []string{"2026-12-31", "2026-10-01", "2024-02-29", "2027-01-01", "2026-03-29"}
	refZoneDays = map[string][]string{
		"Europe/Berlin":       {"2026-03-29", "2026-10-25"},
		"America/New_York":    {"2026-03-08", "2026-11-01"},
		"Australia/Lord_Howe": {"2026-04-05", "2026-10-04"}, // half an hour
		"America/St_Johns":    {"2010-11-07", "2010-03-14"}, // put back a minute after midnight
		"America/Sao_Paulo":   {"2018-02-18", "2018-11-04"}, // put back to the evening before; a day that begins at 01:00
		"Pacific/Apia":        {"2011-12-30"},               // a day that didn't happen
	}
)

type drawnCalendar struct {
	*Calendar
	ref  *refCalendar
	near string // the day that single days and holidays are round
}

func drawCalendar(t *rapid.T) drawnCalendar {
	zone, _ := time.LoadLocation(rapid.SampledFrom(refZones).Draw(t, "zone"))
	near := rapid.SampledFrom(append(refZoneDays[zone.String()], refDays...)).Draw(t, "near")
	ref := &refCalendar{zone: zone, single: map[string][]refShift{}, holidays: map[string]bool{}}
	ref.anchor = time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC)
	for i := range rapid.IntRange(1, 3).Draw(t, "weeks") {
		ref.weeks = append(ref.weeks, [7][]refShift{})
		for day := range 7 {
			if day == 1 && i == 0 || rapid.IntRange(0, 2).Draw(t, "works") > 0 {
				ref.weeks[i][day] = drawShifts(t, day == 1 && i == 0)
			}
		}
	}
	calmNights(ref)
	var holidays []Holiday
	for range rapid.IntRange(0, 6).Draw(t, "holidays") {
		date := plusDays(near, rapid.IntRange(-8, 12).Draw(t, "holiday"))
		if _, twice := ref.holidays[date]; !twice {
			off := rapid.Bool().Draw(t, "off")
			ref.holidays[date] = off
			holidays = append(holidays, Holiday{date, "h", off})
		}
	}
	for range rapid.IntRange(0, 3).Draw(t, "singles") {
		ref.single[plusDays(near, rapid.IntRange(-8, 12).Draw(t, "single"))] = drawShifts(t, false)
	}
	c, errs := NewCalendar(ref.spec(), holidays)
	if len(errs) > 0 {
		t.Fatalf("%v: %+v", errs, ref.spec())
	}
	return drawnCalendar{c, ref, near}
}

func drawShifts(t *rapid.T, some bool) []refShift {
	times := rapid.OneOf(rapid.SampledFrom([]int{0, 60, 90, 120, 150, 180, 540, 720, 780, 1080, 1320, 1439, 1440}), rapid.IntRange(0, 1440))
	cuts := rapid.SliceOfNDistinct(times, 0, 6, rapid.ID[int]).Draw(t, "cuts")
	sortInts(cuts)
	var shifts []refShift
	for i := 0; i+1 < len(cuts); i += 2 {
		shifts = append(shifts, refShift{cuts[i], cuts[i+1]})
	}
	if len(cuts)%2 == 1 && cuts[len(cuts)-1] < 1440 && cuts[len(cuts)-1] > 0 {
		start := cuts[len(cuts)-1]
		shifts = append(shifts, refShift{start, 1440 + rapid.IntRange(0, min(start-1, 480)).Draw(t, "night")})
	}
	worked := 0
	for _, s := range shifts {
		worked += s.end - s.start
	}
	if some && worked < 120 {
		return []refShift{{540, 1080}}
	}
	return shifts
}

func sortInts(a []int) {
	for i := range a {
		for j := i; j > 0 && a[j] < a[j-1]; j-- {
			a[j], a[j-1] = a[j-1], a[j]
		}
	}
}

// calmNights ends nights before the earliest start of any weekday: the pattern itself may not overlap.
func calmNights(ref *refCalendar) {
	earliest := 1440
	for _, week := range ref.weeks {
		for _, day := range week {
			for _, s := range day {
				earliest = min(earliest, s.start)
			}
		}
	}
	for _, week := range ref.weeks {
		for _, day := range week {
			for i := range day {
				day[i].end = min(day[i].end, 1440+earliest)
			}
		}
	}
}

// spec writes the drawn calendar down.
func (r *refCalendar) spec() CalendarSpec {
	spec := CalendarSpec{Name: "drawn", Zone: r.zone.String(), AlternateFrom: "2026-01-07", Days: map[string][]string{}}
	spec.Holidays.From, spec.Holidays.Years = "h", []int{2010, 2011, 2012, 2018, 2024, 2026, 2027}
	for _, week := range r.weeks {
		written := map[string][]string{}
		for day, shifts := range week {
			written[[]string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}[day]] = writeShifts(shifts)
		}
		spec.Weeks = append(spec.Weeks, written)
	}
	for date, shifts := range r.single {
		spec.Days[date] = writeShifts(shifts)
	}
	return spec
}

func writeShifts(shifts []refShift) []string {
	written := []string{}
	for _, s := range shifts {
		end := s.end
		if end > 1440 {
			end -= 1440
		}
		written = append(written, fmt.Sprintf("%02d:%02d-%02d:%02d", s.start/60, s.start%60, end/60, end%60))
	}
	return written
}

func (d drawnCalendar) drawMoment(t *rapid.T, label string) time.Time {
	day, _ := time.Parse("2006-01-02", d.near)
	at := day.Add(time.Duration(rapid.IntRange(-6*1440, 4*1440).Draw(t, label)) * time.Minute)
	nanos := rapid.SampledFrom([]int64{0, 0, 1, 30_000_000_000, 59_999_999_999, 12_345_678_901}).Draw(t, label+" rest")
	return at.Add(time.Duration(nanos))
}

func drawDuration(t *rapid.T, label string) time.Duration {
	minutes := rapid.IntRange(0, 3000).Draw(t, label)
	return time.Duration(minutes)*time.Minute + time.Duration(rapid.SampledFrom([]int64{0, 0, 1, 30_000_000_000}).Draw(t, label+" rest"))
}

// checkLaw checks a property, a hundred times; CRMFLOW_TEST_SIZE=soak checks it four thousand times.
func checkLaw(t *testing.T, law func(*rapid.T)) {
	t.Helper()
	t.Parallel()
	rounds := 1
	if os.Getenv("CRMFLOW_TEST_SIZE") == "soak" {
		rounds = 40
	}
	for range rounds {
		rapid.Check(t, law)
		if t.Failed() {
			return
		}
	}
}
