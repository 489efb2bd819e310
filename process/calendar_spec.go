package process

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// CalendarSpec is a `calendar: …` document as written; [NewCalendar] judges it.
type CalendarSpec struct {
	Name string
	Zone string // IANA, such as Asia/Shanghai
	// Week gives the shifts of weekdays: "mon-fri", "sat", "fri,sun" → "09:00-12:00", "13:00-18:00". A shift that ends at or
	// before its start, "22:00-06:00", crosses midnight and belongs to the day it starts. A weekday not named is closed.
	Week map[string][]string
	// Weeks are alternating weeks, instead of Week: the week that holds AlternateFrom (a date; weeks begin on Monday) works
	// Weeks[0], the next Weeks[1], and so on round, in both directions of time.
	Weeks         []map[string][]string
	AlternateFrom string
	// Holidays names a published set and the years this calendar is valid for.
	Holidays struct {
		From  string
		Years []int
	}
	// Days are single dates that override everything: "2026-12-31" → shifts, none for closed.
	Days map[string][]string
}

// SpecError is one thing wrong with a CalendarSpec. Path says where, in the words of the document: week.mon-fri[1], days.2026-12-31,
// holidays.years[0], zone, alternate_from; "calendar" is the name.
type SpecError struct{ Path, ZH, EN string }

// Error gives the path and the English sentence.
func (e SpecError) Error() string { return e.Path + ": " + e.EN }

// dayShift is a shift in minutes of the local clock after the midnight its day begins with; end is over 1440 when it crosses the next.
type dayShift struct{ start, end int }

// weekShifts are the shifts of Monday to Sunday.
type weekShifts [7][]dayShift

const minutesOfDay = 24 * 60

var weekdayNames = [7]string{"mon", "tue", "wed", "thu", "fri", "sat", "sun"}

// calendarReader gathers everything wrong with a spec while it reads it.
type calendarReader struct{ errs []SpecError }

func (r *calendarReader) fail(path, zh, en string, args ...any) {
	r.errs = append(r.errs, SpecError{Path: path, ZH: fmt.Sprintf(zh, args...), EN: fmt.Sprintf(en, args...)})
}

// NewCalendar makes a calendar of a spec and the published holidays of the set it names. It reports everything wrong at once;
// with any error the calendar is nil. Holidays of years the spec doesn't list are ignored; a listed year of which no holiday is
// given counts as not yet published, so what touches it stays provisional.
func NewCalendar(spec CalendarSpec, holidays []Holiday) (*Calendar, []SpecError) {
	r := &calendarReader{}
	c := &Calendar{name: spec.Name, tables: &yearTables{}}
	if strings.TrimSpace(spec.Name) == "" {
		r.fail("calendar", "日历没有名称", "the calendar has no name")
	}
	c.zone = r.zone(spec.Zone)
	c.weeks = r.weeks(spec)
	c.firstWeek = r.firstWeek(spec)
	c.days = r.days(spec.Days)
	c.published = r.years(spec)
	c.holidays = r.holidays(holidays, c.published)
	if len(r.errs) > 0 {
		return nil, r.errs
	}
	return c, nil
}

func (r *calendarReader) zone(name string) *time.Location {
	// "" and "Local" load too, as UTC and as whatever the server runs in: neither was meant.
	zone, err := time.LoadLocation(name)
	if err != nil || name == "" || strings.EqualFold(name, "local") {
		r.fail("zone", "“%s”不是时区；应写成 Asia/Shanghai 的形式", "%q is not a time zone; write one like Asia/Shanghai", name)
		return nil
	}
	return zone
}

func (r *calendarReader) weeks(spec CalendarSpec) []weekShifts {
	paths, written := []string{"week"}, []map[string][]string{spec.Week}
	if len(spec.Weeks) > 0 {
		if len(spec.Week) > 0 {
			r.fail("weeks", "week 和 weeks 只能写一个", "write either week or weeks, not both")
		}
		paths, written = nil, spec.Weeks
		for i := range spec.Weeks {
			paths = append(paths, fmt.Sprintf("weeks[%d]", i))
		}
	}
	weeks, days := make([]weekShifts, len(written)), make([]writtenDay, 0, 7*len(written))
	works, errsBefore := false, len(r.errs)
	for i := range written {
		for weekday, day := range r.week(paths[i], written[i]) {
			weeks[i][weekday] = day.shifts
			works = works || len(day.shifts) > 0
			days = append(days, day)
		}
	}
	if !works && len(r.errs) == errsBefore {
		r.fail(paths[0], "日历没有任何工作时间", "the calendar has no working time at all")
	}
	r.overnight(days)
	return weeks
}

// writtenDay is a weekday's shifts with the place of its last one, for errors.
type writtenDay struct {
	path   string
	shifts []dayShift
}

func (r *calendarReader) week(path string, written map[string][]string) [7]writtenDay {
	var week [7]writtenDay
	named := map[int]string{}
	for _, key := range slices.Sorted(maps.Keys(written)) {
		at := path + "." + key
		shifts, last := r.shifts(at, written[key])
		for _, weekday := range r.weekdays(at, key) {
			if other, twice := named[weekday]; twice {
				r.fail(at, "%[1]s 已在 %[2]s 中写过", "%[1]s is also in %[2]s", weekdayNames[weekday], other)
				continue
			}
			named[weekday] = key
			week[weekday] = writtenDay{last, shifts}
		}
	}
	return week
}

// overnight refuses a shift that runs into the next day's first one. Days come in order and go round.
func (r *calendarReader) overnight(days []writtenDay) {
	said := map[string]bool{}
	for i, day := range days {
		next := days[(i+1)%len(days)]
		if len(day.shifts) == 0 || len(next.shifts) == 0 || said[day.path] {
			continue
		}
		if day.shifts[len(day.shifts)-1].end-minutesOfDay > next.shifts[0].start {
			said[day.path] = true
			r.fail(day.path, "跨夜班次与次日的班次重叠", "the shift runs into the next day's shifts")
		}
	}
}

// weekdays reads "mon-fri", "sat", "fri,sun"; a range may go round the weekend, "sat-mon".
func (r *calendarReader) weekdays(path, key string) []int {
	var found []int
	for _, part := range strings.Split(key, ",") {
		first, last, isRange := strings.Cut(strings.ToLower(strings.TrimSpace(part)), "-")
		if !isRange {
			last = first
		}
		from := slices.Index(weekdayNames[:], strings.TrimSpace(first))
		to := slices.Index(weekdayNames[:], strings.TrimSpace(last))
		if from < 0 || to < 0 {
			r.fail(path, "“%s”不是星期；应写成 mon-fri、sat 或 fri,sun", "%q is not a weekday; write mon-fri, sat or fri,sun", part)
			continue
		}
		for i := range (to-from+7)%7 + 1 {
			found = append(found, (from+i)%7)
		}
	}
	return found
}

// shifts reads the shifts of one day, in order, and gives the path of the last; what is wrong is left out.
func (r *calendarReader) shifts(path string, texts []string) ([]dayShift, string) {
	type writtenShift struct {
		dayShift
		path string
	}
	var found []writtenShift
	for i, text := range texts {
		at := fmt.Sprintf("%s[%d]", path, i)
		shift, ok := parseShift(text)
		if !ok {
			r.fail(at, "“%s”不是班次；应写成 09:00-12:00", "%q is not a shift; write one like 09:00-12:00", text)
			continue
		}
		found = append(found, writtenShift{shift, at})
	}
	slices.SortStableFunc(found, func(a, b writtenShift) int { return a.start - b.start })
	var shifts []dayShift
	last := path
	for _, shift := range found {
		if n := len(shifts); n > 0 && shift.start < shifts[n-1].end {
			r.fail(shift.path, "与当天另一班次重叠", "it overlaps another shift of the day")
			continue
		}
		shifts, last = append(shifts, shift.dayShift), shift.path
	}
	return shifts, last
}

// parseShift reads "09:00-12:00"; "22:00-06:00" ends the next day, "23:59-24:00" at midnight.
func parseShift(text string) (dayShift, bool) {
	from, to, ok := strings.Cut(strings.ReplaceAll(text, "–", "-"), "-")
	start, okStart := parseClock(from)
	end, okEnd := parseClock(to)
	if !ok || !okStart || !okEnd || start == end || start == minutesOfDay {
		return dayShift{}, false
	}
	if end < start {
		end += minutesOfDay
	}
	return dayShift{start, end}, true
}

// parseClock reads "09:00", "9:00" and "24:00" as minutes after midnight.
func parseClock(text string) (int, bool) {
	hours, minutes, ok := strings.Cut(strings.TrimSpace(text), ":")
	h, errH := strconv.ParseUint(hours, 10, 8)
	m, errM := strconv.ParseUint(minutes, 10, 8)
	clock := int(h)*60 + int(m)
	return clock, ok && errH == nil && errM == nil && len(hours) <= 2 && len(minutes) == 2 && m < 60 && clock <= minutesOfDay
}

// firstWeek is the number of the week that works the first of alternating weeks.
func (r *calendarReader) firstWeek(spec CalendarSpec) int {
	if len(spec.Weeks) == 0 {
		if spec.AlternateFrom != "" {
			r.fail("alternate_from", "没有 weeks，alternate_from 无意义", "alternate_from means nothing without weeks")
		}
		return 0
	}
	day, ok := parseDay(spec.AlternateFrom)
	if !ok {
		r.fail("alternate_from", "weeks 轮换须写明从哪天的那一周开始，如 2026-01-05", "say from the week of which date the weeks alternate, such as 2026-01-05")
	}
	return weekNumber(day)
}

func (r *calendarReader) days(written map[string][]string) map[int][]dayShift {
	days := make(map[int][]dayShift, len(written))
	for _, key := range slices.Sorted(maps.Keys(written)) {
		path := "days." + key
		shifts, _ := r.shifts(path, written[key])
		day, ok := parseDay(key)
		if !ok {
			r.fail(path, "“%s”不是日期；应写成 2026-12-31", "%q is not a date; write one like 2026-12-31", key)
			continue
		}
		days[day] = shifts
	}
	return days
}

// years gives the declared years, each not yet known to be published; nil when no holidays are declared.
func (r *calendarReader) years(spec CalendarSpec) map[int]bool {
	if len(spec.Holidays.Years) == 0 {
		if spec.Holidays.From != "" {
			r.fail("holidays.years", "须写明采用哪些年份的节假日", "say which years of holidays this calendar takes")
		}
		return nil
	}
	years := make(map[int]bool, len(spec.Holidays.Years))
	for i, year := range spec.Holidays.Years {
		if year < firstKeptYear || year >= lastKeptYear {
			r.fail(fmt.Sprintf("holidays.years[%d]", i), "%d 不是年份", "%d is not a year", year)
			continue
		}
		years[year] = false
	}
	return years
}

// holidays keeps those of declared years and marks these as published.
func (r *calendarReader) holidays(given []Holiday, published map[int]bool) map[int]Holiday {
	kept := make(map[int]Holiday, len(given))
	for _, holiday := range given {
		day, ok := parseDay(holiday.Date)
		if !ok {
			r.fail("holidays", "“%s”不是日期", "%q is not a date", holiday.Date)
			continue
		}
		year := yearOfDay(day)
		if _, declared := published[year]; !declared {
			continue
		}
		if other, twice := kept[day]; twice && other.Off != holiday.Off {
			r.fail("holidays", "%s 既是休息日又是工作日", "%s is both off and a working day", holiday.Date)
		}
		published[year] = true
		kept[day] = holiday
	}
	return kept
}
