package process

import (
	"encoding/json"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
)

// The cn-office calendar of docs/language.md, with the published holidays.
func cnOffice(t testing.TB, change ...func(*CalendarSpec)) *Calendar {
	t.Helper()
	spec := CalendarSpec{
		Name: "cn-office", Zone: "Asia/Shanghai",
		Week: map[string][]string{"mon-fri": {"09:00-12:00", "13:00-18:00"}},
		Days: map[string][]string{"2026-12-31": {"09:00-12:00"}},
	}
	spec.Holidays.From, spec.Holidays.Years = "cn", []int{2024, 2025, 2026}
	for _, f := range change {
		f(&spec)
	}
	return newCalendar(t, spec)
}

func newCalendar(t testing.TB, spec CalendarSpec) *Calendar {
	t.Helper()
	c, errs := NewCalendar(spec, cnHolidays(t))
	require.Empty(t, errs)
	return c
}

func cnHolidays(t testing.TB) []Holiday {
	t.Helper()
	var all []Holiday
	for _, year := range []string{"2024", "2025", "2026"} {
		data, err := os.ReadFile("testdata/calendar/cn-" + year + ".json")
		require.NoError(t, err)
		holidays, err := ParseHolidays(data)
		require.NoError(t, err)
		all = append(all, holidays...)
	}
	return all
}

// plain is a calendar with one week pattern and nothing else.
func plain(t testing.TB, zone string, week map[string][]string) *Calendar {
	t.Helper()
	return newCalendar(t, CalendarSpec{Name: "plain", Zone: zone, Week: week})
}

func moment(t testing.TB, c *Calendar, text string) time.Time {
	t.Helper()
	layout := "2006-01-02 15:04:05"[:len(text)]
	at, err := time.ParseInLocation(layout, text, c.Location())
	require.NoError(t, err)
	return at
}

func limit(t testing.TB, text string) Limit {
	t.Helper()
	l, err := ParseLimit(text)
	require.NoError(t, err)
	return l
}

func TestDueInTheChineseOffice(t *testing.T) {
	t.Parallel()
	c := cnOffice(t)
	for _, tc := range []struct{ why, from, within, due string }{
		{"the scenario of the language page", "2026-09-29 15:00", "end of today", "2026-09-29 18:00"},
		{"Sep 30, Oct 1–7 off, Oct 8", "2026-09-29 15:00", "2 working days", "2026-10-08 18:00"},
		{"… handed up a working day later", "2026-10-08 18:00", "1 working day", "2026-10-09 18:00"},
		{"Saturday Oct 10 is worked", "2026-10-08 10:00", "2 working days", "2026-10-10 18:00"},
		{"… and the day after next is Monday", "2026-10-08 10:00", "3 working days", "2026-10-12 18:00"},
		{"Saturday Feb 14 is worked, then New Year until Feb 23", "2026-02-13 17:00", "2 working days", "2026-02-24 18:00"},
		{"Saturday Feb 28 is worked", "2026-02-27 09:00", "1 working day", "2026-02-28 18:00"},
		{"hours run on over the make-up Saturday", "2026-02-27 17:00", "2 working hours", "2026-02-28 10:00"},
		{"Friday 17:55", "2026-03-06 17:55", "30 working minutes", "2026-03-09 09:25"},
		{"Friday 17:55: Friday isn't counted", "2026-03-06 17:55", "1 working day", "2026-03-09 18:00"},
		{"Saturday isn't counted", "2026-03-07 11:00", "1 working day", "2026-03-09 18:00"},
		{"Saturday: the hours begin on Monday", "2026-03-07 11:00", "4 working hours", "2026-03-09 14:00"},
		{"exactly used up: the close, not the next opening", "2026-03-06 14:00", "4 working hours", "2026-03-06 18:00"},
		{"over the lunch break", "2026-03-06 11:30", "1 working hour", "2026-03-06 13:30"},
		{"used up at lunch", "2026-03-06 11:00", "1 working hour", "2026-03-06 12:00"},
		{"seconds are kept", "2026-03-06 17:59:30", "1 working minute", "2026-03-09 09:00:30"},
		{"before opening the day still isn't counted", "2026-03-06 07:00", "1 working day", "2026-03-09 18:00"},
		{"after hours: the end of the next working day", "2026-03-06 18:00", "end of today", "2026-03-09 18:00"},
		{"closed day: likewise", "2026-10-03 10:00", "end of today", "2026-10-08 18:00"},
		{"a second is left", "2026-03-06 17:59:59", "end of today", "2026-03-06 18:00"},
		{"a quote sent on Wednesday", "2026-03-04 16:00", "start of working day 3", "2026-03-09 09:00"},
		{"half a day", "2026-12-30 15:00", "1 working day", "2026-12-31 12:00"},
		{"the half day's hours", "2026-12-30 17:00", "4 working hours", "2026-12-31 12:00"},
		{"half a day is over at noon", "2026-12-31 12:00", "end of today", "2027-01-01 18:00"},
		{"past validity the weekly pattern goes on", "2026-12-31 09:00", "1 working day", "2027-01-01 18:00"},
		{"wall clock", "2026-10-01 09:00", "2 days", "2026-10-03 09:00"},
		{"wall clock at night", "2026-10-01 23:50", "30 minutes", "2026-10-02 00:20"},
	} {
		t.Run(tc.why, func(t *testing.T) {
			got := c.Due(moment(t, c, tc.from), limit(t, tc.within))
			require.Equal(t, tc.due, shown(got.Due))
		})
	}
}

// shown leaves out seconds that are none.
func shown(t time.Time) string { return strings.TrimSuffix(t.Format("2006-01-02 15:04:05"), ":00") }

func TestLedgerOfTheNationalDay(t *testing.T) {
	t.Parallel()
	c := cnOffice(t).WithVersion(3)
	from := moment(t, c, "2026-09-29 15:00")
	got, err := json.MarshalIndent(c.Due(from.UTC(), limit(t, "2 working days")), "", " ")
	require.NoError(t, err)
	want, err := os.ReadFile("testdata/calendar/national-day.json")
	require.NoError(t, err)
	require.Empty(t, cmp.Diff(strings.TrimSpace(string(want)), string(got)))
}

func TestLedgerReasons(t *testing.T) {
	t.Parallel()
	c := cnOffice(t, func(s *CalendarSpec) { s.Days["2026-03-10"] = []string{} })
	got := c.Due(moment(t, c, "2026-03-06 18:30"), limit(t, "9 working hours"))
	require.Equal(t, []SkippedDay{{"2026-03-06", SkippedOver}, {"2026-03-07", SkippedClosed}, {"2026-03-08", SkippedClosed}, {"2026-03-10", SkippedSingle}}, got.Skipped)
	require.Equal(t, []string{"已过下班时间", "休息日", "休息日", "停工日"}, said(got.Skipped, "zh"))
	require.Equal(t, "the day it starts isn't counted", SkippedDay{"", SkippedStart}.Say("en"))
	require.Equal(t, "国庆节", SkippedDay{"", "国庆节"}.Say("en"))

	half := c.Due(moment(t, c, "2026-03-06 17:59:30"), limit(t, "1 working minute"))
	require.Equal(t, []float64{0.5, 0.5}, []float64{half.Intervals[0].Minutes, half.Intervals[1].Minutes})
}

func said(days []SkippedDay, lang string) (reasons []string) {
	for _, d := range days {
		reasons = append(reasons, d.Say(lang))
	}
	return reasons
}

func TestProvisional(t *testing.T) {
	t.Parallel()
	c := cnOffice(t)
	for _, tc := range []struct {
		from, within string
		provisional  bool
	}{
		{"2026-12-30 15:00", "1 working day", false},
		{"2026-12-31 11:00", "1 working hour", false},
		{"2026-12-31 11:00:01", "1 working hour", true},
		{"2026-12-31 10:00", "1 working day", true},
		{"2026-12-31 10:00", "end of today", false},
		{"2026-12-31 13:00", "end of today", true},
		{"2026-12-31 10:00", "start of working day 1", true},
		{"2027-05-01 10:00", "1 working hour", true},
		{"2027-05-01 10:00", "3 days", false},
		{"2023-12-29 10:00", "1 working day", true},
		{"2023-12-31 10:00", "1 working day", false}, // only days of 2024 are counted
	} {
		got := c.Due(moment(t, c, tc.from), limit(t, tc.within))
		require.Equal(t, tc.provisional, got.Provisional, "%s from %s", tc.within, tc.from)
	}
	require.True(t, c.IsProvisional(moment(t, c, "2026-12-31 09:00"), moment(t, c, "2027-01-01 09:00")))
	require.False(t, c.IsProvisional(moment(t, c, "2024-01-01 00:00"), moment(t, c, "2026-12-31 23:59")))

	t.Run("a day set by hand is certain in every year", func(t *testing.T) {
		c := cnOffice(t, func(s *CalendarSpec) {
			s.Days["2027-01-01"] = []string{}
			s.Days["2027-01-04"] = []string{"10:00-11:00"}
		})
		got := c.Due(moment(t, c, "2026-12-31 13:00"), limit(t, "1 working hour"))
		require.Equal(t, "2027-01-04 11:00", shown(got.Due))
		require.True(t, got.Provisional) // the weekend between isn't
		require.False(t, c.IsProvisional(moment(t, c, "2026-12-31 13:00"), moment(t, c, "2027-01-01 13:00")))
	})
	t.Run("a declared year without data isn't published yet", func(t *testing.T) {
		c := cnOffice(t, func(s *CalendarSpec) { s.Holidays.Years = append(s.Holidays.Years, 2027) })
		require.True(t, c.Due(moment(t, c, "2027-03-01 10:00"), limit(t, "1 working hour")).Provisional)
	})
	t.Run("no holidays declared: never", func(t *testing.T) {
		c := plain(t, "Asia/Shanghai", map[string][]string{"mon-fri": {"09:00-18:00"}})
		got := c.Due(moment(t, c, "2026-09-30 10:00"), limit(t, "1 working day"))
		require.Equal(t, "2026-10-01 18:00", shown(got.Due)) // and given ones don't count
		require.False(t, got.Provisional)
	})
}

func TestNightShiftsBelongToTheDayTheyStart(t *testing.T) {
	t.Parallel()
	c := plain(t, "Asia/Shanghai", map[string][]string{"mon-fri": {"22:00-06:00"}})
	for _, tc := range []struct{ from, within, due string }{
		{"2026-03-03 23:00", "1 working day", "2026-03-05 06:00"}, // Tuesday night → Wednesday night
		{"2026-03-04 05:00", "1 working day", "2026-03-05 06:00"}, // still Tuesday's shift
		{"2026-03-04 06:00", "1 working day", "2026-03-06 06:00"}, // Wednesday, before its shift
		{"2026-03-07 02:00", "1 working day", "2026-03-10 06:00"}, // Friday's shift → Monday's
		{"2026-03-07 02:00", "end of today", "2026-03-07 06:00"},
		{"2026-03-07 06:00", "end of today", "2026-03-10 06:00"},
		{"2026-03-07 05:00", "2 working hours", "2026-03-09 23:00"},
		{"2026-03-07 02:00", "start of working day 1", "2026-03-09 22:00"},
	} {
		require.Equal(t, tc.due, shown(c.Due(moment(t, c, tc.from), limit(t, tc.within)).Due), "%s from %s", tc.within, tc.from)
	}
	// A close after midnight ends the day it belongs to: what is counted from it doesn't lose a day.
	close := moment(t, c, "2026-03-04 06:00")
	require.Equal(t, "2026-03-05 06:00", shown(c.After(close, limit(t, "1 working day")).Due))
	require.Equal(t, "2026-03-02 22:00", shown(c.Before(close, limit(t, "1 working day"))))
	require.Equal(t, "2026-03-07 06:00", shown(c.EndOfDate(2026, 3, 6)))

	// A single day that begins inside the night before: that time stays with the night.
	overlap := newCalendar(t, CalendarSpec{Name: "x", Zone: "Asia/Shanghai", Week: map[string][]string{"fri": {"22:00-06:00"}},
		Days: map[string][]string{"2026-03-07": {"05:00-08:00"}, "2026-03-14": {"05:00-06:00"}}})
	require.Equal(t, 10*time.Hour, overlap.Between(moment(t, overlap, "2026-03-06 00:00"), moment(t, overlap, "2026-03-08 00:00")))
	require.Contains(t, overlap.Due(moment(t, overlap, "2026-03-13 10:00"), limit(t, "1 working day")).Skipped, SkippedDay{"2026-03-14", SkippedNight})
}

func TestTheLastMinuteOfTheDay(t *testing.T) {
	t.Parallel()
	c := plain(t, "Asia/Shanghai", map[string][]string{"mon-fri": {"23:59–24:00"}})
	require.Equal(t, "2026-03-04 00:00", shown(c.Due(moment(t, c, "2026-03-02 10:00"), limit(t, "1 working day")).Due))
	require.Equal(t, "2026-03-04 00:00", shown(c.Due(moment(t, c, "2026-03-02 10:00"), limit(t, "2 working minutes")).Due))
	require.Equal(t, "2026-03-05 00:00", shown(c.After(moment(t, c, "2026-03-04 00:00"), limit(t, "1 working day")).Due))
	require.Equal(t, "2026-03-07 00:00", shown(c.EndOfDate(2026, 3, 6)))
}

func TestClocksThatChange(t *testing.T) {
	t.Parallel()
	night := map[string][]string{"mon-sun": {"22:00-06:00"}}
	for _, tc := range []struct {
		zone, from, to string
		hours          float64
	}{
		{"Europe/Berlin", "2026-03-28 22:00", "2026-03-29 06:00", 7},
		{"Europe/Berlin", "2026-10-24 22:00", "2026-10-25 06:00", 9},
		{"America/New_York", "2026-03-07 22:00", "2026-03-08 06:00", 7},
		{"America/New_York", "2026-10-31 22:00", "2026-11-01 06:00", 9},
		{"Australia/Lord_Howe", "2026-04-04 22:00", "2026-04-05 06:00", 8.5},
		{"Australia/Lord_Howe", "2026-10-03 22:00", "2026-10-04 06:00", 7.5},
	} {
		c := plain(t, tc.zone, night)
		require.Equal(t, tc.hours, c.Between(moment(t, c, tc.from), moment(t, c, tc.to)).Hours(), "%s %s", tc.zone, tc.from)
		require.Equal(t, tc.to, shown(c.Due(moment(t, c, tc.from), limit(t, "end of today")).Due))
	}
	// 02:00–03:00 doesn't exist that day: it is no working day; in autumn it lasts two hours.
	c := plain(t, "Europe/Berlin", map[string][]string{"sun": {"02:00-03:00"}})
	require.Equal(t, "2026-04-05 03:00", shown(c.Due(moment(t, c, "2026-03-28 12:00"), limit(t, "1 working day")).Due))
	require.Equal(t, 2*time.Hour, c.Between(moment(t, c, "2026-10-25 00:00"), moment(t, c, "2026-10-26 00:00")))
	// Two days later it is the same time of day.
	require.Equal(t, "2026-03-30 15:00", shown(c.Due(moment(t, c, "2026-03-28 15:00"), limit(t, "2 days")).Due))
	require.Equal(t, "2026-03-29 03:00", shown(c.Due(moment(t, c, "2026-03-27 02:30"), limit(t, "2 days")).Due))
	jumped := c.Due(moment(t, c, "2026-03-27 02:30").Add(1), limit(t, "2 days")).Due
	require.Zero(t, jumped.Nanosecond())
	require.Equal(t, "2026-03-26 15:00", shown(c.Before(moment(t, c, "2026-03-29 15:00"), limit(t, "3 days"))))
}

// While an hour repeats, the day's plan stands still where it was.
func TestAnHourShownTwice(t *testing.T) {
	t.Parallel()
	c := plain(t, "Europe/Berlin", map[string][]string{"mon-sun": {"00:00-24:00"}})
	first := time.Date(2026, 10, 25, 0, 45, 0, 0, time.UTC)   // 02:45 in summer time
	second := time.Date(2026, 10, 25, 1, 15, 30, 0, time.UTC) // 02:15:30 in winter time
	require.Equal(t, "2026-10-26 02:45", shown(c.Due(first, limit(t, "1 day")).Due))
	require.Equal(t, "2026-10-26 03:00", shown(c.Due(second, limit(t, "1 day")).Due))

	// In 2010 Newfoundland put its clocks back a minute after midnight: the second 23:30 belongs to the day that had begun.
	c = plain(t, "America/St_Johns", map[string][]string{"mon-sun": {"00:00-24:00"}})
	again := time.Date(2010, 11, 7, 3, 0, 0, 0, time.UTC)
	require.Equal(t, "2010-11-06 23:30", shown(c.local(again)))
	require.Equal(t, "2010-11-09 00:00", shown(c.Due(again, limit(t, "1 working day")).Due))
}

func TestMomentsAtTheEdgeOfAShift(t *testing.T) {
	t.Parallel()
	c := cnOffice(t)
	close := moment(t, c, "2026-03-06 18:00")
	require.False(t, c.IsOpen(close))
	require.True(t, c.IsOpen(close.Add(-1)))
	require.True(t, c.IsOpen(moment(t, c, "2026-03-06 09:00")))
	require.Equal(t, time.Minute, c.Between(close.Add(-time.Minute), close.Add(500*time.Millisecond)))
	require.Equal(t, -time.Minute, c.Between(close.Add(500*time.Millisecond), close.Add(-time.Minute)))
	require.Equal(t, close, c.Add(close.Add(-1), 1))
	require.Equal(t, close, c.Percent(close, close.Add(1), 50)) // half a nanosecond is none

	// The night of New Year's Eve reaches into a day with an early start of its own.
	c = newCalendar(t, CalendarSpec{Name: "x", Zone: "UTC", Week: map[string][]string{"thu": {"22:00-06:00"}}, Days: map[string][]string{"2027-01-01": {"05:00-08:00"}}})
	require.Equal(t, 10*time.Hour, c.Between(moment(t, c, "2026-12-31 12:00"), moment(t, c, "2027-01-01 12:00")))
}

func TestLedgerOfABeginning(t *testing.T) {
	t.Parallel()
	c := cnOffice(t)
	got := c.Due(moment(t, c, "2026-03-06 16:00"), limit(t, "start of working day 2"))
	require.Equal(t, "2026-03-10 09:00", shown(got.Due))
	require.Len(t, got.Intervals, 2)
	require.Equal(t, []SkippedDay{{"2026-03-06", SkippedStart}, {"2026-03-07", SkippedClosed}, {"2026-03-08", SkippedClosed}}, got.Skipped)
	none := c.Due(moment(t, c, "2026-03-06 16:00"), Limit{})
	require.Equal(t, none.From, none.Due)
	require.Empty(t, none.Intervals)
}

func TestAlternatingWeeks(t *testing.T) {
	t.Parallel()
	c := newCalendar(t, CalendarSpec{Name: "big-small", Zone: "Asia/Shanghai", AlternateFrom: "2026-01-07", Weeks: []map[string][]string{
		{"mon-sat": {"09:00-18:00"}}, {"mon-fri": {"09:00-18:00"}},
	}})
	for _, tc := range []struct{ friday, due string }{
		{"2026-01-09 10:00", "2026-01-10 18:00"},
		{"2026-01-16 10:00", "2026-01-19 18:00"},
		{"2026-01-23 10:00", "2026-01-24 18:00"},
		{"2026-01-02 10:00", "2026-01-05 18:00"}, // before the first week it alternates too
		{"2025-12-26 10:00", "2025-12-27 18:00"},
		{"2027-01-08 10:00", "2027-01-09 18:00"}, // week 52 later; 2026 has 53 ISO weeks
	} {
		require.Equal(t, tc.due, shown(c.Due(moment(t, c, tc.friday), limit(t, "1 working day")).Due), tc.friday)
	}
}

func TestMakeUpDaysWorkTheHoursOfTheFirstWeekday(t *testing.T) {
	t.Parallel()
	c := cnOffice(t, func(s *CalendarSpec) {
		s.Week = map[string][]string{"tue": {"10:00-12:00"}, "wed-fri": {"09:00-17:00"}}
	})
	require.Equal(t, "2026-10-10 12:00", shown(c.EndOfDate(2026, 10, 10)))
	c = cnOffice(t, func(s *CalendarSpec) {
		s.Week, s.AlternateFrom = nil, "2026-10-05" // the week of Saturday Oct 10 is free
		s.Weeks = []map[string][]string{{}, {"thu": {"08:00-11:00"}}}
	})
	require.Equal(t, "2026-10-10 11:00", shown(c.EndOfDate(2026, 10, 10)))
}

func TestBeforePercentAndDates(t *testing.T) {
	t.Parallel()
	c := cnOffice(t)
	at := func(s string) time.Time { return moment(t, c, s) }
	for _, tc := range []struct{ target, span, want string }{
		{"2026-10-12 18:00", "5 working days", "2026-09-29 09:00"}, // Oct 10, 9, 8, Sep 30, 29
		{"2026-10-08 18:00", "4 working hours", "2026-10-08 14:00"},
		{"2026-10-08 18:00", "5 working hours", "2026-10-08 13:00"}, // the opening after lunch, not the close before it
		{"2026-10-08 10:00", "2 working hours", "2026-09-30 17:00"},
		{"2026-10-04 12:00", "1 working day", "2026-09-30 09:00"},
		{"2026-10-08 18:00", "30 minutes", "2026-10-08 17:30"},
		{"2026-10-08 18:00", "end of today", "2026-10-08 18:00"},
	} {
		require.Equal(t, tc.want, shown(c.Before(at(tc.target), limit(t, tc.span))), "%s before %s", tc.span, tc.target)
	}
	opened, target := at("2026-09-29 15:00"), at("2026-10-08 18:00") // 3 + 8 + 8 hours
	require.Equal(t, "2026-10-08 14:12", shown(c.Percent(opened, target, 80)))
	require.Equal(t, opened, c.Percent(opened, target, 0))
	require.Equal(t, target, c.Percent(opened, target, 100))
	require.Equal(t, "2026-10-09 10:54", shown(c.Percent(opened, target, 110)))
	require.Equal(t, "2026-10-03 20:24", shown(c.Percent(at("2026-10-03 20:00"), at("2026-10-03 20:30"), 80))) // no working time: elapsed
	require.Equal(t, opened, c.Percent(opened, opened.Add(-time.Hour), 80))

	require.Equal(t, "2026-09-30 18:00", shown(c.EndOfDate(2026, 9, 30)))
	require.Equal(t, "2026-10-08 18:00", shown(c.EndOfDate(2026, 10, 1)))
	require.Equal(t, "2026-12-31 12:00", shown(c.EndOfDate(2026, 12, 31)))
	require.Equal(t, "2026-10-10 09:00", shown(c.StartOfDate(2026, 10, 10)))
	require.Equal(t, "2026-10-12 09:00", shown(c.StartOfDate(2026, 10, 11)))
}

// Stopping a whole-day target fixes its remaining working minutes, which are added at the restart (semantics 18).
func TestStoppedTarget(t *testing.T) {
	t.Parallel()
	c := cnOffice(t)
	target := c.Due(moment(t, c, "2026-03-02 10:00"), limit(t, "2 working days")).Due
	left := c.Between(moment(t, c, "2026-03-03 15:00"), target)
	require.Equal(t, 11*time.Hour, left)
	require.Equal(t, "2026-03-10 18:00", shown(c.Add(moment(t, c, "2026-03-09 15:00"), left)))
}

func TestFarAwayMomentsStayBounded(t *testing.T) {
	t.Parallel()
	c := cnOffice(t)
	now, never := moment(t, c, "2026-03-02 10:00"), moment(t, c, "9999-12-31 23:59")
	require.Equal(t, time.Duration(1<<63-1), c.Between(now, never))
	half := c.Percent(now, never, 50)
	require.WithinRange(t, half, moment(t, c, "6012-01-01 00:00"), moment(t, c, "6014-01-01 00:00"))
	require.Positive(t, c.Between(time.Time{}, now))
	require.Zero(t, c.Between(time.Unix(1<<60, 0), time.Unix(1<<61, 0)))
	require.Zero(t, c.Between(time.Unix(-1<<60, 0), time.Time{}.AddDate(-3, 0, 0)))
	require.Equal(t, 9999, c.Add(never, 1000*time.Hour).Year())
	require.Equal(t, 1, c.Add(time.Time{}, -1000*time.Hour).Year())
	require.Equal(t, time.Duration(-1<<63), -c.Between(c.Add(now, -1<<63), now)-1)
	require.Equal(t, 2*3660-1, len(c.Due(now, limit(t, "3660 working days")).Intervals)) // 2026-12-31 has one shift

	rare := plain(t, "UTC", map[string][]string{"mon": {"23:59-24:00"}})
	ledger := rare.Due(now, limit(t, "3000 working hours"))
	require.Equal(t, 5475, ledger.Due.Year())
	require.LessOrEqual(t, len(ledger.Intervals)+len(ledger.Skipped), maxLedgerDays+1)
}

func TestSpecErrorsAllAtOnce(t *testing.T) {
	t.Parallel()
	spec := CalendarSpec{
		Zone: "Asia/Beijing", AlternateFrom: "2026-01-05",
		Week: map[string][]string{
			"mon-fri": {"09:00-12:00", "11:00-18:00", "9-12"},
			"fri,son": {"25:00-26:00"}, "sat": {"22:00-07:00", "09:00-09:00"}, "sun": {"06:30-12:00", "24:00-08:00"},
		},
		Days: map[string][]string{"2026-02-30": {}, "2026-12-31": {"09:00-24:01"}},
	}
	spec.Holidays.Years = []int{26}
	c, errs := NewCalendar(spec, []Holiday{{Date: "soon"}})
	require.Nil(t, c)
	var got []string
	for _, e := range errs {
		require.NotEmpty(t, e.ZH)
		got = append(got, e.Error())
	}
	want := []string{
		"calendar: the calendar has no name",
		`zone: "Asia/Beijing" is not a time zone; write one like Asia/Shanghai`,
		`week.fri,son[0]: "25:00-26:00" is not a shift; write one like 09:00-12:00`,
		`week.fri,son: "son" is not a weekday; write mon-fri, sat or fri,sun`,
		`week.mon-fri[2]: "9-12" is not a shift; write one like 09:00-12:00`,
		"week.mon-fri[1]: it overlaps another shift of the day",
		"week.mon-fri: fri is also in fri,son",
		`week.sat[1]: "09:00-09:00" is not a shift; write one like 09:00-12:00`,
		`week.sun[1]: "24:00-08:00" is not a shift; write one like 09:00-12:00`,
		"week.sat[0]: the shift runs into the next day's shifts",
		"alternate_from: alternate_from means nothing without weeks",
		`days.2026-02-30: "2026-02-30" is not a date; write one like 2026-12-31`,
		`days.2026-12-31[0]: "09:00-24:01" is not a shift; write one like 09:00-12:00`,
		"holidays.years[0]: 26 is not a year",
		`holidays: "soon" is not a date`,
	}
	require.Empty(t, cmp.Diff(want, got))
}

func TestSpecErrorsOneByOne(t *testing.T) {
	t.Parallel()
	for want, spec := range map[string]CalendarSpec{
		"week: the calendar has no working time at all": {Days: map[string][]string{"2026-01-01": {"09:00-10:00"}}},
		"weeks: write either week or weeks, not both": {
			Week: map[string][]string{"mon": {"09:00-10:00"}}, AlternateFrom: "2026-01-05", Weeks: []map[string][]string{{"mon": {"09:00-10:00"}}},
		},
		"alternate_from: say from the week of which date the weeks alternate, such as 2026-01-05": {
			Weeks: []map[string][]string{{"mon": {"09:00-10:00"}}},
		},
		"weeks[1].sun[0]: the shift runs into the next day's shifts": {AlternateFrom: "2026-01-05", Weeks: []map[string][]string{
			{"mon": {"05:00-10:00"}}, {"sun": {"22:00-06:00"}},
		}},
		"holidays.years: say which years of holidays this calendar takes": {
			Week: map[string][]string{"mon": {"09:00-10:00"}}, Holidays: struct {
				From  string
				Years []int
			}{From: "cn"},
		},
	} {
		spec.Name, spec.Zone = "x", "UTC"
		_, errs := NewCalendar(spec, nil)
		require.Len(t, errs, 1)
		require.Equal(t, want, errs[0].Error())
	}
	spec := CalendarSpec{Name: "x", Zone: "UTC", Week: map[string][]string{"mon": {"09:00-10:00"}}}
	spec.Holidays.Years = []int{2026}
	_, errs := NewCalendar(spec, []Holiday{{"2026-01-01", "a", true}, {"2026-01-01", "b", false}})
	require.Equal(t, []SpecError{{"holidays", "2026-01-01 既是休息日又是工作日", "2026-01-01 is both off and a working day"}}, errs)
}

func TestACalendarIsSafeForConcurrentUse(t *testing.T) {
	t.Parallel()
	c := cnOffice(t)
	want := cnOffice(t).Due(moment(t, c, "2026-09-29 15:00"), limit(t, "300 working days"))
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			got := c.WithVersion(0).Due(want.From, Limit{300, workingDays})
			if !cmp.Equal(want, got) {
				t.Error("another ledger")
			}
		})
	}
	group.Wait()
}

func BenchmarkDue(b *testing.B) {
	c := cnOffice(b)
	from := moment(b, c, "2026-09-29 15:00")
	for _, text := range []string{"2 working days", "4 working hours", "20 working days", "500 working days"} {
		l := limit(b, text)
		b.Run(text, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				c.Due(from, l)
			}
		})
	}
}

func BenchmarkBetween(b *testing.B) {
	c := cnOffice(b)
	from := moment(b, c, "2026-09-29 15:00")
	for name, to := range map[string]string{"a week": "2026-10-08 18:00", "ten years": "2036-10-08 18:00", "until 9999": "9999-12-31 00:00"} {
		until := moment(b, c, to)
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				c.Between(from, until)
			}
		})
	}
}

func BenchmarkAdd(b *testing.B) {
	c := cnOffice(b)
	from := moment(b, c, "2026-09-29 15:00")
	for b.Loop() {
		c.Add(from, 1000*time.Hour)
	}
}

// The first question a calendar is asked about a year.
func BenchmarkNewYear(b *testing.B) {
	c := cnOffice(b)
	for b.Loop() {
		c.workOut(2026)
	}
}
