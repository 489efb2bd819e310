package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestCount_EveryClockOnceAndNotEarly(t *testing.T) {
	t.Parallel()
	due := time.Date(2026, 11, 27, 18, 0, 0, 0, time.UTC)
	at := func(clock string, late time.Duration) effect { return effect{clock, due.Add(late)} }
	all := []effect{at("b", 30*time.Millisecond), at("a", 10*time.Millisecond), at("c", -time.Millisecond), at("a", 90*time.Millisecond)}
	got := count(all, 5, due)
	require.Equal(t, effects{lateness: []time.Duration{-time.Millisecond, 10 * time.Millisecond, 30 * time.Millisecond}, lost: 2, doubled: 1, early: 1}, got)
	require.Equal(t, effects{lost: 3}, count(nil, 3, due))
}

func TestPaced_KeepsTheRateWhateverTheAnswersTake(t *testing.T) {
	t.Parallel()
	var made atomic.Int64
	stop := make(chan struct{})
	beats, err := paced(t.Context(), 2, 1000, stop, func(context.Context, int) error {
		if made.Add(1) == 50 {
			close(stop)
		}
		time.Sleep(5 * time.Millisecond) // slower than the rate asks for
		return nil
	})
	require.NoError(t, err)
	require.GreaterOrEqual(t, len(beats), 50)
	seen := map[time.Duration]bool{}
	for _, b := range beats {
		after := b.due.Sub(beats[0].due)
		require.Zero(t, after%time.Millisecond, "each has its moment")
		require.False(t, seen[after], "and nobody else's")
		seen[after] = true
	}
}

func TestPaced_TheFirstErrorEndsIt(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	_, err := paced(t.Context(), 3, 1000, nil, func(context.Context, int) error { return broken })
	require.ErrorIs(t, err, broken)
}

// rushOf is a storm whose clocks are late by so much each.
func rushOf(decision time.Duration, late ...time.Duration) rush {
	return rush{effects: effects{lateness: late}, decisions: []time.Duration{decision}}
}

func TestTimersReport_JudgesTheStorm(t *testing.T) {
	t.Parallel()
	rounds := []stormRound{
		{floor: rushOf(time.Millisecond, 100*time.Millisecond), crmflow: rushOf(20*time.Millisecond, 120*time.Millisecond)},
		{floor: rushOf(time.Millisecond, 200*time.Millisecond), crmflow: rushOf(40*time.Millisecond, 200*time.Millisecond)},
		{floor: rushOf(time.Millisecond, 100*time.Millisecond), crmflow: rushOf(30*time.Millisecond, 140*time.Millisecond)},
	}
	report := func() TimersReport {
		r := TimersReport{Clocks: 1, Rounds: len(rounds), Notes: []string{}}
		r.sumUp(rounds)
		return r
	}
	r := report()
	require.Equal(t, Spread{Median: 1.2, Min: 1, Max: 1.4}, r.Ratio.P95)
	require.Equal(t, []float64{100, 140, 30}, []float64{r.Floor.P95, r.Crmflow.P95, r.Crmflow.DecisionsP95})
	require.Equal(t, verdictMet, r.Verdict)
	var out bytes.Buffer
	require.NoError(t, write(&out, r, false))
	require.Contains(t, out.String(), "1.20× (1.00–1.40)")
	out.Reset()
	require.NoError(t, write(&out, r, true))
	require.True(t, json.Valid(out.Bytes()))

	rounds[1].crmflow.lost = 1
	require.Equal(t, verdictMissed, report().Verdict, "a lost clock is never made up for by speed")
	rounds[1].crmflow = rushOf(400*time.Millisecond, 400*time.Millisecond)
	rounds[2].crmflow = rushOf(400*time.Millisecond, 300*time.Millisecond)
	r = report()
	require.Equal(t, []bool{false, false, true}, []bool{r.Goals[0].Met, r.Goals[1].Met, r.Goals[2].Met})
}

func TestWaitingReport_JudgesMemoryAndTheOthers(t *testing.T) {
	t.Parallel()
	r := WaitingReport{Cases: 1000, Before: map[string]int64{"server": 50 << 20, "worker": 40 << 20}, After: map[string]int64{"server": 51 << 20, "worker": 45 << 20}, Notes: []string{}}
	r.sumUp([]time.Duration{10 * time.Millisecond, 90 * time.Millisecond})
	require.Equal(t, []bool{true, true, false}, []bool{r.Goals[0].Met, r.Goals[1].Met, r.Goals[2].Met})
	require.Equal(t, verdictMissed, r.Verdict)
	require.Contains(t, r.Table(), "| worker")
	r.After = nil
	r.sumUp(nil)
	require.False(t, r.Goals[0].Met, "nothing measured is nothing met")
}
