package e2e_test

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const (
	laddersScale = 300              // 30 minutes are six seconds
	laddersLong  = 3 * 50           // business minutes until nobody stands above
	remindsAfter = 10 * time.Minute // the reminder of e2e-ladder, after its task was given to somebody
)

// Many ladders run while everything is killed at random instants: reminders, rungs that tell, rungs that hand up. Every one of them takes effect once, at its own
// moment, none of them early, and none for work that is finished.
func TestCrashLadders(t *testing.T) {
	t.Parallel()
	seed := seedOf(t)
	s := startWith(t, options{name: t.Name(), args: []string{"--time-scale", fmt.Sprint(laddersScale)}, env: oftenAnew})
	run := newLadders(t, s, seed, size(300, 2000))
	began := time.Now()
	stopKilling := run.killer(t, size(15, 60))
	stopWatching := run.watch()
	run.climb()
	kills := stopKilling()
	require.NoError(t, s.untilReady(time.Minute))
	last := run.lastMoment(t)
	require.NoError(t, run.admin.untilBusiness(last, time.Minute))
	climbed := time.Now()
	run.checkLadders(t)
	seen := stopWatching()
	run.checkMessages(t)
	run.wrong.report(t)
	t.Logf("%d ladders in %.0f s, killed %v; timelines were looked at %d times meanwhile, and all that was owed stood there %.1f s after the last moment",
		len(run.cases), time.Since(began).Seconds(), kills, seen, time.Since(climbed).Seconds())
}

func newLadders(t *testing.T, s *stack, seed uint64, cases int) *crash {
	t.Helper()
	run := &crash{stack: s, seed: seed, slots: make(chan struct{}, crashClients), flying: make(chan struct{}), wrong: &findings{}}
	var err error
	run.admin, err = s.administrator()
	require.NoError(t, err)
	run.people = hire(t, s, run.admin, [2]string{"e2e.chief"}, [2]string{"e2e.boss", "e2e.chief"}, [2]string{"e2e.one", "e2e.boss"}, [2]string{"e2e.sender"})
	publish(t, run.admin, definitions(t, "e2e-slip", "e2e-always", "e2e-ladder"))
	for n := range cases {
		run.cases = append(run.cases, &crashCase{n: n, draw: chance(seed, n+1)})
	}
	return run
}

// climb starts every case, and finishes a third of them at a moment somewhere on their ladder.
func (run *crash) climb() {
	var all sync.WaitGroup
	begin := time.NewTicker(25 * time.Millisecond)
	defer begin.Stop()
	for _, c := range run.cases {
		<-begin.C
		all.Go(func() {
			run.wrong.check(fmt.Sprintf("case %d (%s)", c.n, c.id), errors.Join(run.startLadder(c), run.finishSome(c)))
		})
	}
	all.Wait()
}

func (run *crash) startLadder(c *crashCase) error {
	key := fmt.Sprint("ladder-", run.seed, "-", c.n)
	var err error
	c.start, err = run.insist("the case is started", func() reply {
		return run.people["e2e.sender"].post(key, "/cases", map[string]any{"process": "e2e-ladder", "with": map[string]string{"title": key}})
	})
	if err != nil {
		return err
	}
	is, err := c.start.caseOf()
	c.id, c.number = is.ID, is.Number
	return err
}

// finishSome finishes the work of every third case, whoever has it by then.
func (run *crash) finishSome(c *crashCase) error {
	if c.id == "" || c.n%3 > 0 {
		return nil
	}
	time.Sleep(time.Duration(c.draw.IntN(laddersLong)) * time.Minute / laddersScale)
	return eventually(crashPatient, "the work is finished", func() (bool, error) {
		is, err := run.look(c)
		if err != nil || is.Status == "ended" {
			return err == nil, err
		}
		i := newIntent(fmt.Sprint(c.id, "-", len(c.intents)), run.people[is.Open[0].Who[0]], is.Open[0].Task, "approve")
		c.intents = append(c.intents, i)
		return false, run.settle(i, false)
	})
}

// watch keeps looking at timelines: what stands in one must have come. stop gives how many it has looked at.
func (run *crash) watch() (stop func() int) {
	end, done := make(chan struct{}), make(chan struct{})
	draw := chance(run.seed, -1)
	n := 0
	go func() {
		defer close(done)
		for {
			select {
			case <-end:
				return
			case <-time.After(20 * time.Millisecond):
			}
			c := run.cases[draw.IntN(len(run.cases))]
			if r, err := c.start.caseOf(); err == nil && r.ID != "" {
				if _, err := run.timelineOf(&crashCase{id: r.ID}); err == nil {
					n++
				}
			}
		}
	}()
	return func() int {
		close(end)
		<-done
		return n
	}
}

// lastMoment is when the last rung of all is due.
func (run *crash) lastMoment(t *testing.T) time.Time {
	t.Helper()
	var last time.Time
	for _, c := range run.cases {
		timeline, err := run.timelineOf(c)
		require.NoError(t, err)
		if at := timeline[0].At.Add(laddersLong * time.Minute); at.After(last) {
			last = at
		}
	}
	return last.Add(time.Second)
}

// checkLadders waits for what is owed, and holds each timeline against it.
func (run *crash) checkLadders(t *testing.T) {
	t.Helper()
	deadline := time.Now().Add(time.Minute) // of all together
	lied := false
	for _, c := range run.cases {
		run.check(c, "ladder", func() error {
			return eventually(max(time.Until(deadline), 0), "all that is owed has come", func() (bool, error) {
				var err error
				if c.timeline, err = run.timelineOf(c); err != nil {
					return false, err
				}
				err = c.wholeLadder(c.timeline)
				return err == nil, err
			})
		})
		written := decisions(c.timeline)
		for _, i := range c.intents {
			run.check(c, "decision", func() error { return i.compare(written[i.key]) })
		}
		if rungs := slices.IndexFunc(c.timeline, func(e entry) bool { return e.Data.Rung != nil }); rungs > 0 && !lied {
			lied = true
			for _, lie := range liesAt(c.timeline, rungs) {
				require.Error(t, c.wholeLadder(lie), "a ladder with a lie in it must be refused:\n%s", say(lie))
			}
		}
	}
	require.True(t, lied, "not one rung came")
}

// liesAt are timelines in which a rung is missing, came twice, or early.
func liesAt(timeline []entry, n int) [][]entry {
	early := slices.Clone(timeline)
	early[n].At = early[n].At.Add(-time.Minute)
	return [][]entry{slices.Delete(slices.Clone(timeline), n, n+1), slices.Insert(slices.Clone(timeline), n, timeline[n]), early}
}

// wholeLadder is an error unless each rung and each reminder stands once, at its own moment, and nothing after the end.
func (c *crashCase) wholeLadder(timeline []entry) error {
	opened := slices.IndexFunc(timeline, func(e entry) bool { return e.Event == "opened" })
	if opened < 0 {
		return errors.New("no task was opened:\n" + say(timeline))
	}
	task, from := timeline[opened].Task, timeline[opened].At
	forever := from.Add(100 * time.Hour)
	if err := checkLadder(timeline, task, from, forever, 2); err != nil {
		return err
	}
	_, end := ladderOf(timeline, task)
	if end.IsZero() {
		end = forever
	}
	var owed, found []time.Time
	for held := range 3 { // e2e.one, her boss, his chief
		if at := from.Add(time.Duration(held)*50*time.Minute + remindsAfter); !at.After(end) {
			owed = append(owed, at)
		}
	}
	for _, e := range timeline {
		if e.Event == "reminded" {
			found = append(found, e.At)
		}
	}
	if !slices.EqualFunc(owed, found, func(a, b time.Time) bool { return a.Sub(b).Abs() < time.Millisecond }) {
		return fmt.Errorf("reminders were owed at %s, and came at %s:\n%s", owed, found, say(timeline))
	}
	return nil
}

// checkMessages asks whether anybody was told the same twice, or of a moment after the end.
func (run *crash) checkMessages(t *testing.T) {
	t.Helper()
	for what, query := range map[string]string{
		"messages that say the same twice": `SELECT count(*) FROM (SELECT 1 FROM notifications WHERE task IS NOT NULL GROUP BY to_user, case_id, task, about, at HAVING count(*) > 1) twice`,
		"messages about finished work":     `SELECT count(*) FROM notifications n JOIN cases c ON c.id = n.case_id WHERE c.process = 'e2e-ladder' AND n.at > c.ended_at`,
		"cases that were doubled":          fmt.Sprintf(`SELECT count(*) - %d FROM cases WHERE process = 'e2e-ladder'`, len(run.cases)),
	} {
		n, err := run.count(query)
		require.NoError(t, err, what)
		if n != 0 {
			run.wrong.add("%s: %d", what, n)
		}
	}
}
