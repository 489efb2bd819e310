package process

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// Once in two working hours, three times a day, and only while people are at work.
func TestWhenSomebodyMayBeUrgedAgain(t *testing.T) {
	t.Parallel()
	c := cnOffice(t)
	for _, one := range []struct {
		now     string
		earlier []string // the latest first
		next    string
	}{
		{"2026-11-23 10:00", nil, "2026-11-23 10:00"},
		{"2026-11-23 08:00", nil, "2026-11-23 09:00"},
		{"2026-11-23 12:30", nil, "2026-11-23 13:00"},
		{"2026-11-23 18:00", nil, "2026-11-24 09:00"},
		{"2026-11-27 19:00", nil, "2026-11-30 09:00"},
		{"2026-09-30 19:00", nil, "2026-10-08 09:00"}, // the National Day holiday
		{"2026-11-23 11:00", []string{"2026-11-23 10:00"}, "2026-11-23 13:00"},
		{"2026-11-23 11:59", []string{"2026-11-23 09:00"}, "2026-11-23 11:59"},
		{"2026-11-23 14:00", []string{"2026-11-23 11:30"}, "2026-11-23 14:30"},
		{"2026-11-24 09:00", []string{"2026-11-23 17:00"}, "2026-11-24 10:00"},
		{"2026-11-23 17:30", []string{"2026-11-23 15:00", "2026-11-23 11:00", "2026-11-23 09:00"}, "2026-11-24 09:00"},
		{"2026-11-27 17:30", []string{"2026-11-27 15:00", "2026-11-27 11:00", "2026-11-27 09:00"}, "2026-11-30 09:00"},
		{"2026-11-24 09:00", []string{"2026-11-23 15:00", "2026-11-23 11:00", "2026-11-23 09:00"}, "2026-11-24 09:00"},
	} {
		var earlier []time.Time
		for _, e := range one.earlier {
			earlier = append(earlier, moment(t, c, e))
		}
		require.Equal(t, one.next, shown(nextUrge(c, moment(t, c, one.now), earlier)), "at %s after %v", one.now, one.earlier)
	}
	require.NotNil(t, alwaysOpen)
	at := time.Date(2026, 11, 22, 3, 0, 0, 0, time.UTC)
	require.True(t, nextUrge(alwaysOpen, at, nil).Equal(at), "a company without a calendar is always at work")
}

// Whatever the calendar, whoever urges whenever they may never breaks the limits.
func TestLawUrgingKeepsToItsLimits(t *testing.T) {
	checkLaw(t, func(t *rapid.T) {
		d := drawCalendar(t)
		now := d.drawMoment(t, "now")
		var done []time.Time
		for range 8 {
			earlier := done[:min(len(done), UrgesAsked)]
			at := nextUrge(d.Calendar, now, earlier)
			require.False(t, at.Before(now))
			require.True(t, d.IsOpen(at), "%s is no working time", at)
			require.True(t, nextUrge(d.Calendar, at, earlier).Equal(at), "when it may be, it may be")
			if len(done) > 0 {
				require.GreaterOrEqual(t, d.Between(done[0].Truncate(time.Minute), at), urgeEvery)
			}
			if len(done) >= urgesADay {
				require.NotEqual(t, d.dayOf(done[urgesADay-1]), d.dayOf(at))
			}
			done = append([]time.Time{at}, done...)
			now = at
		}
	})
}
