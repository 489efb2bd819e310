package e2e_test

import (
	"fmt"
	"math"
	"slices"
	"time"
)

// rung is a moment of a ladder that took effect, or had to.
type rung struct {
	n  int
	at time.Time
}

// ladderOf reads what happened to one task: its rungs in the order they stand, and when it was closed; the end is zero while it is open.
func ladderOf(timeline []entry, task string) (rungs []entry, end time.Time) {
	for _, e := range timeline {
		if e.Task != task {
			continue
		}
		if e.Data.Rung != nil {
			rungs = append(rungs, e)
		}
		if slices.Contains([]string{"decided", "returned", "voided"}, e.Event) {
			end = e.At
		}
	}
	return rungs, end
}

// expectedLadder reckons, by itself, which rungs of e2e-crash had to come between a task's opening and its end: told at 80%, late at the limit and
// 10 minutes after, handed up after 20 minutes – and then the same again for the next holder, until nobody stands above.
func expectedLadder(opened, end time.Time, above int) []rung {
	const limit = 30 * time.Minute
	var all []rung
	for start := opened; ; above-- {
		due := start.Add(limit)
		for n, at := range []time.Time{start.Add(limit * 80 / 100), due, due.Add(10 * time.Minute), due.Add(20 * time.Minute)} {
			if at.After(end) {
				return all
			}
			all = append(all, rung{n, at})
		}
		if above == 0 {
			return all
		}
		start = due.Add(20 * time.Minute)
	}
}

// checkLadder is an error unless each rung stands exactly once, at its own moment, and none came that wasn't owed.
func checkLadder(timeline []entry, task string, opened time.Time, end time.Time, above int) error {
	found, closed := ladderOf(timeline, task)
	if !closed.IsZero() {
		end = closed
	}
	owed := expectedLadder(opened, end, above)
	if len(found) != len(owed) {
		return fmt.Errorf("task %s, opened %s, closed %s: %d rungs were owed and %d stand in the timeline:\n%s",
			task, opened.Format(time.RFC3339Nano), end.Format(time.RFC3339Nano), len(owed), len(found), say(timeline))
	}
	for i, e := range found {
		if off := e.At.Sub(owed[i].at); *e.Data.Rung != owed[i].n || math.Abs(off.Seconds()) > 0.001 {
			return fmt.Errorf("task %s: rung %d at %s was owed, and there is %s", task, owed[i].n, owed[i].at, e)
		}
	}
	return nil
}
