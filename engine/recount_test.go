package engine

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/crmflow/crmflow/process"
	"github.com/crmflow/crmflow/store"
)

// closedOn is the company's calendar with single days closed.
func closedOn(days string) []process.File {
	return []process.File{{Path: "calendar.yaml", Content: documents[0].Content + "days: {" + days + "}\n"}}
}

// recomputed are the entries of a case that say that a limit was counted anew: for which step, from when to when, and why.
func (w *world) recomputed(a Answer) []string {
	w.t.Helper()
	rows, _, err := w.db.Timeline(w.ctx, a.Case.ID, store.Page{Limit: 100})
	require.NoError(w.t, err)
	said := []string{}
	for _, r := range rows {
		if r.Event != "recomputed" {
			continue
		}
		var data struct{ From, To time.Time }
		require.NoError(w.t, json.Unmarshal(r.Data, &data))
		said = append(said, str(r.Step)+" "+shown(data.From)+" → "+shown(data.To)+": "+str(r.Reason)+" by "+str(r.By))
	}
	return said
}

func shown(t time.Time) string { return t.In(time.FixedZone("", 8*60*60)).Format("01-02 15:04") }

func (w *world) due(a Answer) string {
	w.t.Helper()
	now, err := w.caseView(a)
	require.NoError(w.t, err)
	return shown(*now.Open[0].DueAt)
}

func (w *world) caseView(a Answer) (CaseView, error) {
	both, err := w.db.CaseWithRecord(w.ctx, a.Case.ID)
	if err != nil {
		return CaseView{}, err
	}
	v, err := w.Viewer(w.ctx)
	if err != nil {
		return CaseView{}, err
	}
	return v.Case(both.Case, both.Record)
}

// recount lets everything be recomputed that is to be.
func (w *world) recount(limit int) {
	w.t.Helper()
	for {
		jobs, err := w.db.Recounts(w.ctx)
		require.NoError(w.t, err)
		if len(jobs) == 0 {
			return
		}
		require.NoError(w.t, w.Recompute(w.ctx, limit))
	}
}

func TestAPublishedCalendarRecomputesEveryOpenCaseOnce(t *testing.T) {
	t.Parallel()
	w := newCompany(t)
	var open []Answer
	for range 5 {
		open = append(open, w.start()) // Monday 09:00: due on Tuesday at the close
	}
	ended := w.must(w.start(), "wang.fang", ActCommand{Act: process.EventReject, Comment: "no"})
	w.publish(documents)
	jobs, err := w.db.Recounts(w.ctx)
	require.NoError(t, err)
	require.Empty(t, jobs, "nothing has changed")

	w.publish(closedOn(`2026-11-24: []`))
	require.Equal(t, "11-24 18:00", w.due(open[0]), "not in the publication itself")
	before := w.row(open[0])
	w.recount(2)
	for _, a := range open {
		require.Equal(t, "11-25 18:00", w.due(a))
		require.Equal(t, []string{"look 11-24 18:00 → 11-25 18:00: calendar cn-office version 2 published by admin"}, w.recomputed(a))
	}
	require.Empty(t, w.recomputed(ended), "what has ended doesn't move")
	after := w.row(open[0])
	require.Equal(t, "11-25 18:00", shown(*after.WakeAt), "and it is woken then")
	require.True(t, after.WakeAt.After(*before.WakeAt))
	signalled := false
	for _, s := range w.signals {
		signalled = signalled || s.CaseID == open[0].Case.ID && s.WakeAt != nil && s.WakeAt.Equal(*after.WakeAt)
	}
	require.True(t, signalled, "its workflow hears of it")

	seq := after.Seq
	w.publish(closedOn(`2026-12-24: []`)) // Tuesday is a working day again
	w.recount(100)
	require.Equal(t, "11-24 18:00", w.due(open[0]))
	require.Equal(t, seq+1, w.row(open[0]).Seq)
	w.publish(closedOn(`2026-12-24: [], 2026-12-25: []`)) // far from any limit
	w.recount(100)
	require.Equal(t, seq+1, w.row(open[0]).Seq, "what doesn't move says nothing")
}

// Whoever recomputes may be killed at any moment: another one goes on where it stopped.
func TestRecomputingIsBrokenOffAndGoesOn(t *testing.T) {
	t.Parallel()
	w := newCompany(t)
	var open []Answer
	for range 6 {
		open = append(open, w.start())
	}
	w.publish(closedOn(`2026-11-24: []`))
	for range open {
		ctx, stop := context.WithCancel(w.ctx)
		done := 0
		killed := New(w.db, Options{Now: w.now, AfterCommit: func(Signal) {
			if done++; done == 2 {
				stop()
			}
		}})
		_ = killed.Recompute(ctx, 3) // whether it was is the database's to say
		stop()
	}
	w.recount(3)
	for _, a := range open {
		require.Len(t, w.recomputed(a), 1)
		require.Equal(t, "11-25 18:00", w.due(a))
	}
}

// Two publications in a row: whatever is recomputed, is so by the calendar of today.
func TestTheLaterOfTwoCalendarsCounts(t *testing.T) {
	t.Parallel()
	w := newCompany(t)
	first, second := w.start(), w.start()
	w.publish(closedOn(`2026-11-24: []`))
	require.NoError(t, w.Recompute(w.ctx, 1))
	w.publish(closedOn(`2026-11-24: [], 2026-11-25: []`))
	w.recount(1)
	require.Equal(t, []string{"look 11-24 18:00 → 11-25 18:00: calendar cn-office version 2 published by admin",
		"look 11-25 18:00 → 11-26 18:00: calendar cn-office version 3 published by admin"}, w.recomputed(first))
	require.Equal(t, []string{"look 11-24 18:00 → 11-26 18:00: calendar cn-office version 3 published by admin"}, w.recomputed(second))
}

// Many at once, while people decide: each case is recomputed once, and nobody's decision is lost.
func TestRecomputingInTheMiddleOfDecisions(t *testing.T) {
	t.Parallel()
	w := newCompany(t)
	var open []Answer
	for range 20 {
		open = append(open, w.start())
	}
	w.publish(closedOn(`2026-11-24: []`))
	failed := make(chan error, len(open)+4)
	for range 4 {
		go func() { failed <- w.Recompute(w.ctx, 100) }()
	}
	for _, a := range open[:10] {
		go func() {
			_, err := w.act(a, "wang.fang", ActCommand{Act: process.EventApprove})
			failed <- err
		}()
	}
	for range 14 {
		require.NoError(t, <-failed)
	}
	w.recount(100)
	for i, a := range open {
		said := w.recomputed(a)
		if i >= 10 {
			require.Len(t, said, 1)
			continue
		}
		require.LessOrEqual(t, len(said), 1)
		require.Equal(t, "inspect", w.row(a).Stage)
	}
}

// A case that is lost is held, and stands in nobody's way.
func TestACaseThatCannotBeRecomputedIsPassed(t *testing.T) {
	t.Parallel()
	w := newCompany(t)
	lost, good := w.start(), w.start()
	_, err := w.db.Exec(w.ctx, `UPDATE cases SET digest = 'gone' WHERE id = $1`, lost.Case.ID)
	require.NoError(t, err)
	w.publish(closedOn(`2026-11-24: []`))
	w.recount(10)
	require.Len(t, w.recomputed(good), 1)
	require.NotNil(t, w.row(lost).Held)
}
