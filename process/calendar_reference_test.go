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

// refWalk knows each minute from its base on: the day whose shift is open in it, and the day on the wall. A calendar is walked once and asked many
// questions, so the walk keeps count of the open minutes and of the first and the last of each working day.
type refWalk struct {
	cal      *refCalendar
	base     time.Time
	offset   int           // of the hour that is being walked, in seconds; refVaries: it changes in it
	latest   time.Time     // reading of the wall clock, in UTC, never put back
	midnight time.Time     // of the latest reading
	today    int           // day of the latest reading, counted from 1970
	shifts   [2][]refShift // of yesterday and today

	owner  []int32 // by minute; refClosed when nothing is open
	date   []int32
	shown  []int32 // what the clock shows, in minutes from the base, also when it is put back
	worked []int32 // open minutes before it
	days   []refDay
}

// refDay is a working day: its first minute, and the one after its last.
type refDay struct {
	day        int32
	opens, end int
}

const (
	refClosed = -1 << 30
	refVaries = -1 << 30
)

func (r *refCalendar) walk(from time.Time, daysBefore int) *refWalk {
	minutes := func() []int32 { return make([]int32, 0, (daysBefore+60)*1440) }
	base := from.UTC().Truncate(24*time.Hour).AddDate(0, 0, -daysBefore)
	return &refWalk{cal: r, base: base, owner: minutes(), date: minutes(), shown: minutes(), worked: minutes()}
}

// to walks until a minute is known.
func (w *refWalk) to(i int) {
	for len(w.owner) <= i {
		w.step()
	}
}

func (w *refWalk) offsetAt(at time.Time) int {
	_, offset := at.In(w.cal.zone).Zone()
	return offset
}

func (w *refWalk) step() {
	i := len(w.owner)
	at := w.moment(i)
	if i%60 == 0 { // no zone changes twice within an hour
		if w.offset = w.offsetAt(at); w.offset != w.offsetAt(at.Add(time.Hour)) {
			w.offset = refVaries
		}
	}
	offset := w.offset
	if offset == refVaries {
		offset = w.offsetAt(at)
	}
	reading := at.Add(time.Duration(offset) * time.Second)
	if reading.After(w.latest) {
		w.latest = reading
	}
	clock := int(w.latest.Sub(w.midnight) / time.Minute)
	if w.midnight.IsZero() || clock >= 1440 {
		w.midnight = w.latest.Truncate(24 * time.Hour)
		w.today = int(w.midnight.Unix() / 86400)
		w.shifts = [2][]refShift{w.cal.hours(w.midnight.AddDate(0, 0, -1)), w.cal.hours(w.midnight)}
		clock = int(w.latest.Sub(w.midnight) / time.Minute)
	}
	owner, worked := int32(refClosed), int32(0)
	if i > 0 {
		worked = w.worked[i-1]
		if w.owner[i-1] != refClosed {
			worked++
		}
	}
	if inShift(w.shifts[0], clock+1440) {
		owner = int32(w.today - 1)
	} else if inShift(w.shifts[1], clock) {
		owner = int32(w.today)
	}
	if n := len(w.days); owner != refClosed && (n == 0 || w.days[n-1].day != owner) {
		w.days = append(w.days, refDay{owner, i, i})
	}
	if owner != refClosed {
		w.days[len(w.days)-1].end = i + 1
	}
	w.owner, w.date, w.worked = append(w.owner, owner), append(w.date, int32(w.today)), append(w.worked, worked)
	w.shown = append(w.shown, int32(reading.Sub(w.base)/time.Minute))
}

func inShift(shifts []refShift, clock int) bool {
	for _, s := range shifts {
		if clock >= s.start && clock < s.end {
			return true
		}
	}
	return false
}

func (w *refWalk) index(t time.Time) int  { return int(t.Sub(w.base) / time.Minute) }
func (w *refWalk) moment(i int) time.Time { return w.base.Add(time.Duration(i) * time.Minute) }

func (w *refWalk) open(i int) bool {
	w.to(i)
	return w.owner[i] != refClosed
}

func (w *refWalk) startDay(t time.Time) int32 {
	i := w.index(t)
	if w.open(i) {
		return w.owner[i]
	}
	return w.date[i]
}

// until is the working time from the base to a moment.
func (w *refWalk) until(t time.Time) time.Duration {
	i := w.index(t)
	sum := time.Duration(0)
	if w.open(i) {
		sum = t.Sub(w.moment(i))
	}
	return sum + time.Duration(w.worked[i])*time.Minute
}

func (w *refWalk) between(a, b time.Time) time.Duration { return w.until(b) - w.until(a) }

// at is the first moment with so much working time between the base and it, more than none.
func (w *refWalk) at(d time.Duration) time.Time {
	minutes := int32((d - 1) / time.Minute) // whole minutes before the one it ends in
	i := 1440
	for w.to(i); w.worked[i] <= minutes; w.to(i) {
		i += 1440
	}
	// The last minute with no more than that many open ones before it is the one.
	low, high := 0, i
	for low < high-1 {
		if mid := (low + high) / 2; w.worked[mid] <= minutes {
			low = mid
		} else {
			high = mid
		}
	}
	return w.moment(low).Add(d - time.Duration(minutes)*time.Minute)
}

func (w *refWalk) add(t time.Time, d time.Duration) time.Time { return w.at(w.until(t) + d) }

// behind looks back from a target: the latest moment with the working time before it, and the opening of the n-th working day before the target's.
// It finds nothing when the walk began too late.
func (w *refWalk) behind(target time.Time, span time.Duration, n int) (moment, opening time.Time, found bool) {
	last := w.index(target.Add(-1))
	var day int32
	if w.open(last) {
		day = w.owner[last]
	} else if i := w.index(target); w.open(i) {
		day = w.owner[i]
	} else {
		day = w.date[i]
	}
	before := 0
	for before < len(w.days) && w.days[before].day < day {
		before++
	}
	left := w.until(target) - span
	if before <= n || left < 24*time.Hour { // the first day is for the clock to find its latest reading
		return moment, opening, false
	}
	// The latest moment with so much before it is the end of the minute that fills it up, or a moment inside an open one.
	moment = w.at(left)
	for i := w.index(moment); left%time.Minute == 0 && moment.Equal(w.moment(i)) && !w.open(i); i++ {
		moment = w.moment(i + 1)
	}
	return moment, w.moment(w.days[before-n].opens), true
}

// nthDay gives the first minute of the n-th working day after a day, and the end of its last one.
func (w *refWalk) nthDay(after int32, n int) (opens, closes time.Time) {
	first := 0
	for i := 1440; ; i += 1440 {
		w.to(i)
		for first < len(w.days) && w.days[first].day <= after {
			first++
		}
		if known := first + n; known < len(w.days) { // the day after it has begun, so it is over
			d := w.days[known-1]
			return w.moment(d.opens), w.moment(d.end)
		}
	}
}

// endOf is the end of the last minute of a day that comes after a moment; zero when none does.
func (w *refWalk) endOf(day int32, t time.Time) (end time.Time) {
	from := w.index(t)
	w.to(from + 3*1440)
	for _, d := range w.days {
		if d.day == day && d.end > from {
			end = w.moment(d.end)
		}
	}
	return end
}

// sameTimeOfDay is when the wall clock first shows the reading at t again, n dates later; ok is false in an hour shown twice.
func (w *refWalk) sameTimeOfDay(t time.Time, n int) (at time.Time, ok bool) {
	from := w.index(t)
	for back := range 180 {
		if w.shown[from-back-1] >= w.shown[from] {
			return t, false
		}
	}
	goal := w.shown[from] + int32(n)*1440
	i := from + n*1440 - 30*60 // a zone may skip a whole day
	w.to(i + 80*60)
	for w.shown[i] != goal && w.shown[i+1] <= goal { // the first time it is shown
		i++
	}
	if w.shown[i] < goal { // jumped over
		return w.moment(i + 1), true
	}
	return w.moment(i).Add(t.Sub(w.moment(from))), true
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

// walk begins so many days before the days in question.
func (d drawnCalendar) walk(daysBefore int) *refWalk {
	day, _ := time.Parse("2006-01-02", d.near)
	return d.ref.walk(day, daysBefore)
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
	return drawnCalendar{Calendar: c, ref: ref, near: near}
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
