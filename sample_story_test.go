package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/crmflow/crmflow/definitions"
	"github.com/crmflow/crmflow/engine"
	"github.com/crmflow/crmflow/store"
	"github.com/crmflow/crmflow/store/storetest"
	"github.com/crmflow/crmflow/story"
)

// monday is a business time as a new data directory has it.
const monday = "2026-11-23 09:00"

// stage is a new database with the sample company, to which nothing has happened yet.
type stage struct {
	*testing.T
	*store.DB
	cast story.Cast
	now  time.Time
}

func newStage(t *testing.T, at string) *stage {
	t.Helper()
	db := storetest.FromEnv(t)
	company, err := definitions.LoadCompany()
	require.NoError(t, err)
	leads, err := definitions.LoadLeads()
	require.NoError(t, err)
	zone, err := time.LoadLocation(company.Zone)
	require.NoError(t, err)
	now, err := firstMoment(at, zone, time.Now())
	require.NoError(t, err)
	require.NoError(t, db.SetClock(t.Context(), time.Now(), now, 1))
	s := newSample(db, company)
	require.NoError(t, s.people(t.Context(), definitions.Password))
	require.NoError(t, s.publish(t.Context(), false))
	return &stage{T: t, DB: db, cast: story.Cast{Company: company, Leads: leads, Engine: newEngine}, now: now}
}

func (s *stage) tell() story.Told {
	s.Helper()
	began := time.Now()
	told, err := story.Tell(s.Context(), s.DB, s.cast)
	require.NoError(s, err)
	s.Logf("told in %.1f s", time.Since(began).Seconds())
	require.Equal(s, story.Finished, told.Ended)
	require.GreaterOrEqual(s, told.Open, 12)
	require.Empty(s, told.Refused, "whatever the people do is allowed")
	return told
}

// count asks for one number; $1 is now.
func (s *stage) count(query string) int {
	s.Helper()
	var n int
	if strings.Contains(query, "$1") {
		require.NoError(s, s.Get(s.Context(), &n, query, s.now))
	} else {
		require.NoError(s, s.Get(s.Context(), &n, query))
	}
	return n
}

// digest is everything that happened, but for ids.
func (s *stage) digest() string {
	s.Helper()
	var lines []string
	require.NoError(s, s.Select(s.Context(), &lines, `SELECT concat_ws(' ', c.process, c.number, c.subject, c.status, c.outcome, c.stage, c.started_at, c.ended_at,
			t.seq, t.at, t.event, t.step, t.item, t.by, t.outcome, t.comment)
		FROM cases c JOIN timeline t ON t.case_id = c.id ORDER BY c.process, c.number, t.seq`))
	sum := sha256.Sum256([]byte(strings.Join(lines, "\n")))
	return hex.EncodeToString(sum[:])
}

// The sample company is alive: it has a past of fourteen months, and in the present one of everything that can be open.
func TestTheSampleCompanyIsAlive(t *testing.T) {
	t.Parallel()
	s := newStage(t, monday)
	s.tell()
	s.requirePast()
	s.requirePresent()
	s.requireEverybody()
	s.requireNothingStale()

	again := newStage(t, monday)
	again.breakOff(500)
	again.tell()
	require.Equal(t, s.digest(), again.digest(), "the same seed and the same business time: the same story")
}

// requirePast: three hundred finished cases, and not all of them went well.
func (s *stage) requirePast() {
	const past = ` FROM cases c WHERE c.status = 'ended'`
	require.Equal(s, story.Finished, s.count(`SELECT count(*)`+past))
	require.Zero(s, s.count(`SELECT count(*)`+past+` AND (c.started_at < $1::timestamptz - interval '14 months' OR c.ended_at > $1)`))
	require.GreaterOrEqual(s, s.count(`SELECT count(DISTINCT date_trunc('month', c.ended_at))`+past), 13, "every month")
	for process, outcomes := range map[string][]string{
		"lead-review": {"approved", "rejected", "withdrawn"}, "quote-follow-up": {"accepted", "lost", "expired", "replaced"}, "complaint": {"closed", "escalated"},
	} {
		for _, outcome := range outcomes {
			require.Positive(s, s.count(fmt.Sprintf(`SELECT count(*)%s AND c.process = '%s' AND c.outcome = '%s'`, past, process, outcome)), "%s %s", process, outcome)
		}
	}
	for _, event := range []string{"late", "returned", "handed_up", "transferred", "added", "clock_stopped", "reminded"} {
		require.Positive(s, s.count(fmt.Sprintf(`SELECT count(*)%s AND EXISTS (SELECT FROM timeline t WHERE t.case_id = c.id AND t.event = '%s')`, past, event)), event)
	}
	require.Positive(s, s.count(`SELECT count(*) FROM records r JOIN records e ON e.type = 'quote' AND r.type = 'quote'
		AND e.fields->'customer'->>'id' = r.fields->'customer'->>'id' AND e.created_at < r.created_at`), "a second quote to the same customer")
	require.GreaterOrEqual(s, s.count(`SELECT count(*) FROM records WHERE type = 'customer'`), 100, "old ones, and those that the reviews have made")
}

// requirePresent: what the open cases are there to show.
func (s *stage) requirePresent() {
	const open = ` FROM tasks t JOIN cases c ON c.id = t.case_id WHERE t.status = 'open' AND c.status = 'running'`
	for _, process := range []string{"lead-review", "quote-follow-up", "complaint"} {
		steps := s.count(`SELECT count(DISTINCT s) FROM cases c, unnest(string_to_array(c.stage, ',')) s WHERE c.status = 'running' AND c.process = '` + process + `'`)
		require.GreaterOrEqual(s, steps, 3, process)
	}
	for what, condition := range map[string]string{
		"overdue":        ` AND t.due_at < $1`,
		"due today":      ` AND t.due_at >= $1 AND t.due_at < $1::timestamptz + interval '15 hours'`,
		"returned":       ` AND t.step = 'resubmit' AND t.due_at > $1`,
		"sent back":      ` AND t.step = 'cause' AND t.round > 1 AND t.due_at > $1`,
		"unclaimed":      ` AND t.claim AND t.assignee IS NULL AND t.due_at > $1`,
		"both":           ` AND t.item = 'purchasing' AND t.due_at > $1 AND EXISTS (SELECT FROM tasks o WHERE o.case_id = c.id AND o.status = 'open' AND o.item = 'production')`,
		"handed up":      ` AND t.assignee = 'wang.jianguo'`,
		"of the manager": ` AND t.step = 'manager' AND t.due_at > $1`,
	} {
		if !strings.Contains(condition, "$1") {
			condition += ` AND $1::timestamptz IS NOT NULL`
		}
		require.Positive(s, s.count(`SELECT count(*)`+open+condition), what)
	}
	require.Equal(s, 2, s.stoppedClocks())
	require.Zero(s, s.count(`SELECT count(*) FROM cases WHERE held IS NOT NULL OR wake_at <= $1`), "nothing is held, nothing is due")
}

// stoppedClocks is in how many open cases a clock stands still.
func (s *stage) stoppedClocks() (n int) {
	s.Helper()
	viewer, err := newEngine(s.DB, engine.Options{}).Viewer(s.Context())
	require.NoError(s, err)
	rows, _, err := s.Cases(s.Context(), store.Viewer{All: true}, store.CaseFilter{Process: "complaint", Status: "running"}, store.Page{Limit: 200})
	require.NoError(s, err)
	for _, row := range rows {
		view, err := viewer.Case(row.Case, row.Record)
		require.NoError(s, err)
		require.Len(s, view.Clocks, 1)
		if view.Clocks[0].Status == "stopped" {
			n++
			require.Nil(s, view.Clocks[0].Target)
		}
	}
	return n
}

// requireEverybody: every one of the people has something to do, has begun or done something, or was told something.
func (s *stage) requireEverybody() {
	for _, u := range s.cast.Company.Users {
		boxes := 0
		for _, box := range []string{"todo", "claimable", "done", "started"} {
			rows, _, err := s.Tasks(s.Context(), store.Viewer{User: u.ID}, store.TaskFilter{Box: box, Now: s.now}, store.Page{Limit: 1})
			require.NoError(s, err)
			boxes += len(rows)
		}
		messages, _, err := s.Messages(s.Context(), u.ID, store.Page{Limit: 1})
		require.NoError(s, err)
		require.Positive(s, boxes+len(messages), u.ID)
	}
}

// requireNothingStale: nobody is told of what is over, and nothing of an ended case is open or still to be sent.
func (s *stage) requireNothingStale() {
	require.Zero(s, s.count(`SELECT count(*) FROM notifications n JOIN tasks t ON t.id = n.task WHERE t.status = 'closed' AND n.about IN ('opened', 'late', 'reminded') AND n.at > t.decided_at`))
	require.Zero(s, s.count(`SELECT count(*) FROM notifications n JOIN cases c ON c.id = n.case_id WHERE c.ended_at < $1::timestamptz - interval '10 days' AND n.read_at IS NULL`), "the past was read")
	require.Positive(s, s.count(`SELECT count(*) FROM notifications WHERE read_at IS NULL`), "the present wasn't")
	require.Zero(s, s.count(`SELECT count(*) FROM tasks t JOIN cases c ON c.id = t.case_id WHERE t.status = 'open' AND c.status = 'ended'`))
	require.Zero(s, s.count(`SELECT count(*) FROM outbox o LEFT JOIN cases c ON c.id = o.key WHERE c.status IS DISTINCT FROM 'running'`))
	require.Zero(s, s.count(`SELECT count(*) FROM cases c WHERE c.status <> 'ended' AND NOT EXISTS (SELECT FROM outbox o WHERE o.topic = 'case' AND o.key = c.id AND o.starts)`),
		"every open case gets its workflow")
	require.Zero(s, s.count(`SELECT count(*) FROM timeline WHERE at > $1`))
}

// breakOff tells the story until so many cases were heard of, and finds nothing of it afterwards.
func (s *stage) breakOff(after int) {
	s.Helper()
	ctx, stop := context.WithCancel(s.Context())
	defer stop()
	cast, heard := s.cast, 0
	cast.Engine = func(db *store.DB, o engine.Options) *engine.Engine {
		hears := o.AfterCommit
		o.AfterCommit = func(signal engine.Signal) {
			if heard++; heard == after {
				stop()
			}
			hears(signal)
		}
		return newEngine(db, o)
	}
	_, err := story.Tell(ctx, s.DB, cast)
	require.Error(s, err)
	require.Equal(s, after, heard)
	for _, table := range []string{"cases", "records", "tasks", "timeline", "notifications", "outbox", "moments", "counters"} {
		require.Zero(s, s.count(`SELECT count(*) FROM `+table), "broken off, it leaves nothing")
	}
}

// The clock of a new data directory may stand anywhere: on a holiday, at night, in a year without published holidays.
func TestTheStoryFitsAnyMoment(t *testing.T) {
	t.Parallel()
	for _, at := range []string{"2026-10-05 23:30", "2030-02-02 04:00"} {
		newStage(t, at).tell()
	}
}
