package definitions_test

import (
	"slices"
	"strings"
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/stretchr/testify/require"

	"github.com/crmflow/crmflow/definitions"
	"github.com/crmflow/crmflow/process"
)

// office builds a shipped calendar with the holidays it names.
func office(t *testing.T, id string) *process.Calendar {
	t.Helper()
	content, err := definitions.FS.ReadFile("calendars/" + id + ".yaml")
	require.NoError(t, err)
	lib, problems := process.Load([]process.File{{Path: id + ".yaml", Content: string(content)}}, nil, nil)
	require.Empty(t, problems)
	spec := lib.Calendars[id]
	var holidays []process.Holiday
	for _, year := range spec.Holidays.Years {
		data, err := definitions.Holidays(spec.Holidays.From, year)
		require.NoError(t, err)
		of, err := process.ParseHolidays(data)
		require.NoError(t, err)
		holidays = append(holidays, of...)
	}
	c, wrong := process.NewCalendar(*spec, holidays)
	require.Empty(t, wrong)
	return c
}

func TestOfficesHaveTheirOwnHolidaysAndClocks(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ office, from, limit, due, why string }{
		{"us-office", "2026-07-01 10:00", "2 working days", "2026-07-06 17:00", "Independence Day is a Saturday: Friday is off"},
		{"us-office", "2026-11-25 16:00", "2 working hours", "2026-11-27 10:00", "Thanksgiving"},
		{"us-office", "2024-12-24 12:00", "end of today", "2024-12-24 17:00", "Christmas Eve is a working day"},
		{"us-office", "2026-03-06 16:00", "2 working hours", "2026-03-09 10:00", "the clocks go forward on Sunday"},
		{"us-office", "2026-03-07 12:00", "24 hours", "2026-03-08 13:00", "an hour is lost on the wall"},
		{"us-office", "2026-10-31 12:00", "24 hours", "2026-11-01 11:00", "an hour comes back"},
		{"us-office", "2026-10-31 12:00", "1 day", "2026-11-01 12:00", "a day keeps the time of day"},
		{"cn-office", "2026-09-29 15:00", "2 working days", "2026-10-08 18:00", "the National Day week"},
	} {
		c := office(t, tc.office)
		from, err := time.ParseInLocation("2006-01-02 15:04", tc.from, c.Location())
		require.NoError(t, err)
		limit, err := process.ParseLimit(tc.limit)
		require.NoError(t, err)
		require.Equal(t, tc.due, c.Due(from, limit).Due.Format("2006-01-02 15:04"), tc.why)
	}
}

// The federal holidays follow a rule (5 U.S.C. 6103): the files are what the rule gives.
func TestFederalHolidaysAreThoseOfTheStatute(t *testing.T) {
	t.Parallel()
	for _, year := range []int{2024, 2025, 2026} {
		nth := func(month time.Month, day time.Weekday, n int) time.Time {
			d := time.Date(year, month, 1, 0, 0, 0, 0, time.UTC)
			return d.AddDate(0, 0, int(day-d.Weekday()+7)%7+7*(n-1))
		}
		observed := func(month time.Month, day int) time.Time {
			d := time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
			return d.AddDate(0, 0, map[time.Weekday]int{time.Saturday: -1, time.Sunday: 1}[d.Weekday()])
		}
		memorial := nth(time.June, time.Monday, 1).AddDate(0, 0, -7)
		var want, got []string
		for _, d := range []time.Time{
			observed(time.January, 1), nth(time.January, time.Monday, 3), nth(time.February, time.Monday, 3), memorial, observed(time.June, 19), observed(time.July, 4),
			nth(time.September, time.Monday, 1), nth(time.October, time.Monday, 2), observed(time.November, 11), nth(time.November, time.Thursday, 4), observed(time.December, 25),
		} {
			want = append(want, d.Format(time.DateOnly))
		}
		data, err := definitions.Holidays("us", year)
		require.NoError(t, err)
		days, err := process.ParseHolidays(data)
		require.NoError(t, err)
		for _, d := range days {
			require.True(t, d.Off)
			got = append(got, d.Date)
		}
		require.Equal(t, want, got)
	}
}

// The countries that a calendar may name are those whose days are here.
func TestTheHolidaysThatMayBeNamedAreShipped(t *testing.T) {
	t.Parallel()
	shipped, err := definitions.FS.ReadDir("holidays")
	require.NoError(t, err)
	var countries []string
	for _, file := range shipped {
		country, _, _ := strings.Cut(file.Name(), "-")
		countries = append(countries, country)
	}
	slices.Sort(countries)
	require.Equal(t, process.HolidaySets, slices.Compact(countries))
}
