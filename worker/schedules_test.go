package worker

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/crmflow/crmflow/engine"
	"github.com/crmflow/crmflow/process"
	"github.com/crmflow/crmflow/store"
	"github.com/crmflow/crmflow/workflows"
)

// greeting starts a case for every lead at midnight, which ends at once.
const greeting = `process: greeting
title: Greeting
record: lead
number: "GR{00000}"
start: {every: day, for: record.company == "greet", as: {user: li.na}}
steps:
  - notify: Greet them
    to: [initiator]
  - end: greeted
`

const businessDay = 24 * time.Hour

// greetings publishes the rhythm, makes leads for it, and lets a business day pass in so much real time.
func (s *stack) greetings(leads int, day time.Duration) {
	s.t.Helper()
	for range leads {
		_, err := s.engine.CreateRecord(s.ctx, engine.Request{Caller: "li.na"}, "lead", map[string]any{"company": "greet"})
		require.NoError(s.t, err)
	}
	begin := time.Now()
	require.NoError(s.t, s.db.SetClock(s.ctx, begin, begin, float64(businessDay)/float64(day)))
	s.publish(greeting)
}

func (s *stack) publish(content string) {
	s.t.Helper()
	_, problems, err := s.engine.Publish(s.ctx, engine.Request{Caller: "admin"}, []process.File{{Path: "greeting.yaml", Content: content}})
	require.NoError(s.t, err)
	require.False(s.t, process.Failed(problems), "%v", problems)
}

// ended are the occurrences that are through, oldest first.
func (s *stack) ended() []store.OccurrenceRow {
	s.t.Helper()
	var rows []store.OccurrenceRow
	require.NoError(s.t, s.db.Select(s.ctx, &rows, `SELECT process, at, missed, began_at, ended_at, upto, started, passed_over, refused FROM occurrences WHERE ended_at IS NOT NULL ORDER BY at`))
	return rows
}

// standstill stops business time.
func (s *stack) standstill() {
	s.t.Helper()
	now, _, err := s.engine.Now(s.ctx)
	require.NoError(s.t, err)
	require.NoError(s.t, s.db.SetClock(s.ctx, time.Now(), now, 1))
}

func (s *stack) scheduleRuns() bool {
	runs, err := workflows.Runs(s.ctx, s.temporal, workflows.ScheduleID("greeting"))
	return err == nil && runs
}

// Two workers, of which one dies and is replaced again and again: each occurrence has one case per record, never two.
func TestEachOccurrenceIsCarriedOutOnceByTwoWorkers(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	s.greetings(25, 3*time.Second)
	s.work(Config{Sweep: 100 * time.Millisecond, Bulk: 100_000})
	s.goes(func(ctx context.Context) {
		for ctx.Err() == nil {
			life, end := context.WithTimeout(ctx, 2*time.Second)
			Run(life, Config{DB: s.db, Engine: s.engine, Temporal: s.temporal, Sweep: 100 * time.Millisecond, Bulk: 100_000})
			end()
		}
	})
	// What a dying worker has taken from Temporal comes back only after its time-out.
	require.Eventually(t, func() bool { return len(s.ended()) >= 3 }, 2*time.Minute, 50*time.Millisecond, "three occurrences are through")
	s.standstill()
	require.Eventually(t, func() bool {
		var open int
		err := s.db.Get(s.ctx, &open, `SELECT count(*) FROM occurrences WHERE ended_at IS NULL`)
		return err == nil && open == 0
	}, 2*time.Minute, 50*time.Millisecond, "none is under way")
	occurrences := s.ended()
	for i, o := range occurrences {
		require.Equal(t, []int{25, 0, 0}, []int{o.Started, o.PassedOver, o.Refused}, "%s", o.At)
		if i > 0 {
			passed := int(o.At.Sub(occurrences[i-1].At) / businessDay)
			require.Equal(t, passed-1, o.Missed, "every midnight was served, or is said to be missed")
		}
	}
	var perLead []int
	require.NoError(t, s.db.Select(s.ctx, &perLead, `SELECT count(*) FROM cases WHERE process = 'greeting' GROUP BY record_id`))
	require.Len(t, perLead, 25)
	for _, n := range perLead {
		require.Equal(t, len(occurrences), n)
	}
}

// PostgreSQL always wins: a rhythm whose workflow is gone gets a new one, one that sleeps by an old clock is woken, and one that was unpublished ends.
func TestTheWorkflowOfARhythmFollowsTheDatabase(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	s.greetings(1, businessDay)
	s.work(Config{Sweep: 100 * time.Millisecond, Bulk: 100_000})
	s.until("the workflow runs", s.scheduleRuns)
	require.NoError(t, s.temporal.TerminateWorkflow(s.ctx, workflows.ScheduleID("greeting"), "", "lost"))
	s.until("it runs again", s.scheduleRuns)
	require.Empty(t, s.ended())

	require.NoError(t, s.db.SetClock(s.ctx, time.Now(), time.Now().Add(3*businessDay), 1))
	s.until("what was missed is made up for", func() bool { return len(s.ended()) == 1 })
	o := s.ended()[0]
	require.Equal(t, []int{1, 2}, []int{o.Started, o.Missed})

	s.publish(strings.Replace(greeting, `every: day, for: record.company == "greet", as: {user: li.na}`, "by: [role:sales]", 1))
	var outcome string
	require.NoError(t, s.temporal.GetWorkflow(s.ctx, workflows.ScheduleID("greeting"), "").Get(s.ctx, &outcome))
	require.Equal(t, "gone", outcome)
	s.until("nothing is left of it", func() bool {
		rows, err := s.db.Schedules(s.ctx)
		return err == nil && len(rows) == 0
	})
}

// A rhythm that begins, changes or ends is heard of soon, without any sweep.
func TestAPublishedRhythmIsHeardOfSoon(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	s.greetings(1, businessDay)
	s.work(Config{Sweep: time.Hour, Drain: 20 * time.Millisecond, Bulk: 100_000})
	s.until("the workflow runs", s.scheduleRuns)
	s.publish(strings.Replace(greeting, "every: day", "every: 1 minute", 1))
	require.NoError(t, s.db.SetClock(s.ctx, time.Now(), time.Now(), 60))
	s.publish(strings.Replace(greeting, "every: day", "every: 2 minutes", 1))
	s.until("the new rhythm occurs", func() bool { return len(s.ended()) > 0 })
	s.publish(strings.Replace(greeting, `every: day, for: record.company == "greet", as: {user: li.na}`, "by: [role:sales]", 1))
	s.until("it ends", func() bool { return !s.scheduleRuns() })
}

// Bulk starts wait for each other, decisions don't wait for them: with one start per many seconds allowed, a case that somebody starts has its workflow at once.
func TestBulkStartsAreThrottledAndOthersAreNot(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	s.greetings(200, businessDay)
	require.NoError(t, s.db.SetClock(s.ctx, time.Now(), time.Now().Add(2*businessDay), 1))
	s.work(Config{Sweep: 100 * time.Millisecond, Drain: 50 * time.Millisecond, Bulk: 1})
	started := func() (n int) {
		_ = s.db.Get(s.ctx, &n, `SELECT count(*) FROM cases WHERE process = 'greeting'`)
		return n
	}
	s.until("bulk starts are under way", func() bool { return started() > 0 })
	var all sync.WaitGroup
	for range 10 {
		all.Go(func() {
			a := s.start()
			s.approve(s.approve(a))
			require.Equal(t, "approved", s.outcome(a))
		})
	}
	all.Wait()
	require.Less(t, started(), 200, "ten cases have run from start to end meanwhile")
}
