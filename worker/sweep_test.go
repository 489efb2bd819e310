package worker

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/enums/v1"

	"github.com/crmflow/crmflow/engine"
	"github.com/crmflow/crmflow/store"
	"github.com/crmflow/crmflow/workflows"
)

// repairs counts what was put right about the workflow of a case.
func (s *stack) repairs(a engine.Answer) map[string]int {
	s.t.Helper()
	rows, err := s.db.LatestRepairs(s.ctx, 1000)
	require.NoError(s.t, err)
	n := map[string]int{}
	for _, r := range rows {
		if r.Workflow == id(a) {
			n[r.What]++
		}
	}
	return n
}

func (s *stack) over(workflow string) bool {
	d, err := s.temporal.DescribeWorkflowExecution(s.ctx, workflow, "")
	return err == nil && d.GetWorkflowExecutionInfo().GetStatus() == enums.WORKFLOW_EXECUTION_STATUS_COMPLETED
}

// A Temporal that was set back runs workflows of cases that have ended since, and one that is newer than the database runs workflows of cases that
// were never begun. None of them has a moment to wake at, and yet all of them end; an open case's workflow is left alone.
func TestTheSweepEndsWorkflowsWithoutAnOpenCase(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	open := s.start()
	a := s.start()
	require.NoError(t, s.signals.Drained(s.ctx))
	sleeping, err := s.engine.SignalOf(s.ctx, a.Case.ID)
	require.NoError(t, err)
	s.silent = true
	s.approve(s.approve(a))
	_, err = s.db.Exec(s.ctx, `DELETE FROM outbox WHERE key = $1`, a.Case.ID) // it was heard, and then forgotten
	require.NoError(t, err)
	sleeping.WakeAt, sleeping.WakeReal = nil, nil
	require.NoError(t, workflows.Wake(s.ctx, s.temporal, sleeping))
	require.NoError(t, workflows.Wake(s.ctx, s.temporal, engine.Signal{CaseID: "none", Workflow: "review/KH9999", Seq: 7}))
	s.work(Config{Sweep: 300 * time.Millisecond})
	s.until("both have ended", func() bool { return s.over(id(a)) && s.over("review/KH9999") })
	require.Equal(t, "approved", s.outcome(a))
	require.True(t, s.runs(open))
	var rows []store.RepairRow
	s.until("both are told", func() bool {
		rows, _ = s.db.LatestRepairs(s.ctx, 1000)
		return len(rows) >= 2
	})
	require.Len(t, rows, 2)
	for _, r := range rows {
		require.Equal(t, store.RepairLeftOver, r.What)
		require.Equal(t, map[string]string{id(a): a.Case.ID, "review/KH9999": ""}[r.Workflow], r.CaseID)
	}
}

// The database was set back, and the workflow knows a newer state of the case, in which it waits for nothing. The moment takes effect all the same.
func TestAMomentTakesEffectThoughItsWorkflowKnowsTooMuch(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	begin := time.Now()
	require.NoError(t, s.db.SetClock(s.ctx, begin, begin, 180)) // half an hour is ten seconds
	a := s.start()
	require.NoError(t, s.signals.Drained(s.ctx))
	s.silent = true
	newer, err := s.engine.SignalOf(s.ctx, a.Case.ID)
	require.NoError(t, err)
	newer.Seq, newer.WakeAt, newer.WakeReal = 100, nil, nil
	require.NoError(t, workflows.Wake(s.ctx, s.temporal, newer))
	s.work(Config{Sweep: 100 * time.Millisecond})
	s.until("the moment took effect", func() bool {
		var n int
		_ = s.db.Get(s.ctx, &n, `SELECT count(*) FROM timeline WHERE case_id = $1 AND event = 'late'`, a.Case.ID)
		return n == 1
	})
	s.silent = false
	s.approve(s.approve(a))
	require.Equal(t, "approved", s.outcome(a))
}

// What was put right long ago is forgotten.
func TestOldRepairsAreForgotten(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	for _, ago := range []time.Duration{keepRepairs + time.Hour, time.Hour} {
		require.NoError(t, s.db.AddRepair(s.ctx, store.RepairRow{At: time.Now().Add(-ago), What: store.RepairMissing, Workflow: "review/KH1"}))
	}
	s.work(Config{Clean: 50 * time.Millisecond})
	s.until("the older one is gone", func() bool {
		n, err := s.db.CountRepairs(s.ctx, store.RepairMissing)
		return err == nil && n == 1
	})
}

// Nobody tells a case that the last of a role has lost it: the sweep sees that nobody has the task, and its step's rule decides.
func TestTheSweepFindsTasksThatNobodyHasAnyMore(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	s.publish("process: asks\ntitle: Asks\nrecord: lead\nnumber: \"AS{0000}\"\nstart: {by: [role:sales]}\n" +
		"steps:\n  - {id: look, approve: Look, by: {role: sales}, if_none: reject}\n  - end: approved\n")
	a, err := s.engine.Start(s.ctx, engine.Request{Caller: "li.na"}, engine.StartCommand{Process: "asks", With: map[string]any{"company": "海川"}})
	require.NoError(t, err)
	require.Empty(t, a.Case.Outcome)
	_, err = s.db.Exec(s.ctx, `DELETE FROM user_roles`)
	require.NoError(t, err)
	s.work(Config{Sweep: 100 * time.Millisecond})
	require.Equal(t, "rejected", s.outcome(a))
}
