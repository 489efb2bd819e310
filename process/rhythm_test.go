package process

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// rhythmic is the Chinese office in 2026 with the days off that matter here.
func rhythmic(t *testing.T) *Calendar {
	t.Helper()
	spec := CalendarSpec{Name: "cn-office", Zone: "Asia/Shanghai", Week: map[string][]string{"mon-fri": {"09:00-12:00", "13:00-18:00"}},
		Days: map[string][]string{"2026-10-10": {"09:00-12:00"}}}
	for _, day := range []string{"2026-01-01", "2026-10-01", "2026-10-02", "2026-10-05", "2026-10-06", "2026-10-07"} {
		spec.Days[day] = nil
	}
	cal, errs := NewCalendar(spec, nil)
	require.Empty(t, errs)
	return cal
}

func TestARhythmOccursInWorkingTime(t *testing.T) {
	t.Parallel()
	cal := rhythmic(t)
	for _, tc := range []struct {
		every, after string
		want         []string
	}{
		{"working day", "2026-09-29 10:00", []string{"2026-09-30 09:00", "2026-10-08 09:00", "2026-10-09 09:00", "2026-10-10 09:00", "2026-10-12 09:00"}},
		{"working day", "2026-09-29 08:59", []string{"2026-09-29 09:00", "2026-09-30 09:00"}},
		{"day", "2026-09-29 10:00", []string{"2026-09-30 00:00", "2026-10-01 00:00"}},
		{"week", "2026-09-28 09:00", []string{"2026-10-08 09:00", "2026-10-12 09:00"}}, // Monday 5 October is off, and so are the two days after it
		{"monday", "2026-09-25 09:00", []string{"2026-09-28 09:00", "2026-10-08 09:00", "2026-10-12 09:00"}},
		{"saturday", "2026-10-05 09:00", []string{"2026-10-08 09:00", "2026-10-10 09:00", "2026-10-19 09:00"}}, // that of 3 October; one that works; that of 17 October
		{"month", "2026-09-01 09:00", []string{"2026-10-08 09:00", "2026-11-02 09:00", "2026-12-01 09:00", "2027-01-01 09:00"}},
		{"month", "2026-10-03 12:00", []string{"2026-10-08 09:00"}},
		{"quarter", "2026-02-11 12:00", []string{"2026-04-01 09:00", "2026-07-01 09:00", "2026-10-08 09:00"}},
		{"year", "2025-05-01 12:00", []string{"2026-01-02 09:00", "2027-01-01 09:00"}},
		{"10 working days", "2026-09-16 15:00", []string{"2026-09-30 09:00", "2026-10-20 09:00"}},
		{"4 working hours", "2026-09-30 15:00", []string{"2026-10-08 10:00", "2026-10-08 15:00"}},
		{"2 days", "2026-09-30 15:00", []string{"2026-10-02 15:00", "2026-10-04 15:00"}},
		{"90 minutes", "2026-09-30 23:00", []string{"2026-10-01 00:30"}},
	} {
		r, ok := ParseRhythm(tc.every)
		require.True(t, ok)
		require.Equal(t, tc.every, r.String())
		at, err := time.ParseInLocation("2006-01-02 15:04", tc.after, cal.Location())
		require.NoError(t, err)
		for _, want := range tc.want {
			at = r.Next(cal, at)
			require.Equal(t, want, at.Format("2006-01-02 15:04"), "every %s after %s", tc.every, tc.after)
		}
	}
	for _, none := range []string{"", "noon", "end of today", "start of working day 3", "mondays", "0 days"} {
		_, ok := ParseRhythm(none)
		require.False(t, ok, none)
	}
}

// Whatever the calendar and the moment: the next occurrence is later, nothing lies between, and whoever asks later gets no earlier one.
func TestARhythmIsMonotoneAndLeavesNothingOut(t *testing.T) {
	checkLaw(t, func(t *rapid.T) {
		c := drawCalendar(t)
		text := rapid.SampledFrom(append([]string{"3 working days", "5 working hours", "2 days", "7 hours"}, rhythms...)).Draw(t, "every")
		r, _ := ParseRhythm(text)
		a, b := c.drawMoment(t, "a"), c.drawMoment(t, "b")
		if b.Before(a) {
			a, b = b, a
		}
		next := r.Next(c.Calendar, a)
		if !next.After(a) {
			t.Fatalf("every %s: %s is not after %s", text, next, a)
		}
		if later := r.Next(c.Calendar, b); later.Before(next) {
			t.Fatalf("every %s: %s after %s, but %s after %s", text, next, a, later, b)
		}
		if r.word != "" && b.Before(next) && !r.Next(c.Calendar, b).Equal(next) {
			t.Fatalf("every %s: asked at %s and %s, %s and %s", text, a, b, next, r.Next(c.Calendar, b))
		}
	})
}
