package bench

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestDrive_EveryItemOnce(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	seen := map[int]int{}
	got, err := drive(t.Context(), 7, limit{100, time.Minute}, func(_ context.Context, item int, lap func()) error {
		mu.Lock()
		seen[item]++
		mu.Unlock()
		lap()
		lap()
		return nil
	})
	require.NoError(t, err)
	require.Len(t, seen, 100)
	for item, times := range seen {
		require.Equal(t, 1, times, "item %d", item)
	}
	require.Equal(t, 100, got.items)
	require.Len(t, got.laps, 200, "two operations each")
	require.IsNonDecreasing(t, got.laps)
	require.Positive(t, got.rate())
}

func TestDrive_EndsWithItsTime(t *testing.T) {
	t.Parallel()
	done := 0
	got, err := drive(t.Context(), 1, limit{1 << 40, 20 * time.Millisecond}, func(_ context.Context, _ int, lap func()) error {
		time.Sleep(time.Millisecond) // what is measured is time
		done++
		lap()
		return nil
	})
	require.NoError(t, err)
	require.Equal(t, done, got.items, "all that were begun are finished")
	require.Less(t, done, 1000)
}

func TestDrive_TheFirstErrorEndsIt(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	_, err := drive(t.Context(), 4, limit{1 << 40, time.Minute}, func(_ context.Context, item int, _ func()) error {
		if item == 10 {
			return broken
		}
		return nil
	})
	require.ErrorIs(t, err, broken)
}

// fakeSystem notes what is asked of it.
type fakeSystem struct {
	mu      sync.Mutex
	started int
	made    map[*openCase]int
	settled int
}

func (f *fakeSystem) start(context.Context) (*openCase, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.started++
	return &openCase{}, nil
}

func (f *fakeSystem) decide(_ context.Context, c *openCase) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.made[c]++
	return nil
}

func (f *fakeSystem) settle(context.Context) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.settled++
	return nil
}

func TestTake_EveryCaseIsDecidedThreeTimesAndEveryPhaseSettled(t *testing.T) {
	t.Parallel()
	f := &fakeSystem{made: map[*openCase]int{}}
	c, err := take(t.Context(), f, 3, size{cases: 20, phase: time.Minute}, nil)
	require.NoError(t, err)
	require.Equal(t, 40, f.started, "20 in phases, 20 whole")
	require.Len(t, f.made, 40)
	for _, n := range f.made {
		require.Equal(t, decisionsPerCase, n)
	}
	require.Equal(t, 4, f.settled)
	require.Len(t, c.starts.laps, 20)
	require.Len(t, c.decisions.laps, 40)
	require.Len(t, c.ends.laps, 20)
	require.Len(t, c.whole.laps, 20)
	require.GreaterOrEqual(t, c.whole.settled, c.whole.took)
	require.LessOrEqual(t, c.whole.settledRate(), c.whole.rate())
	require.Empty(t, c.used)
}
