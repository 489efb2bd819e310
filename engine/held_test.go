package engine

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/crmflow/crmflow/process"
	"github.com/crmflow/crmflow/store"
)

func TestAPanicHoldsTheCaseAndHurtsNoOther(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a, other := w.start(), w.start()
	w.apply = func(in process.Input, ev process.Event) (process.Result, error) {
		if in.State.Case == a.Case.ID && ev.Kind == process.EventApprove {
			panic("poison")
		}
		return process.Apply(in, ev)
	}
	_, err := w.act(a, "wang.fang", ActCommand{Act: process.EventApprove})
	require.Equal(t, process.CodeCaseSuspended, code(t, err))
	row := w.row(a)
	require.NotNil(t, row.Held)
	require.Equal(t, "held", row.Stage)
	require.Nil(t, row.WakeAt)
	var tasks []store.TaskRow
	require.NoError(t, w.db.Select(w.ctx, &tasks, `SELECT `+store.TaskColumns+` FROM tasks t WHERE case_id = $1 AND kind = 'held' AND status = 'open'`, a.Case.ID))
	require.Len(t, tasks, 1)
	require.Equal(t, []string{string(process.Administrators)}, []string(tasks[0].Candidates))
	w.must(other, "wang.fang", ActCommand{Act: process.EventApprove})

	_, err = w.act(a, "wang.fang", ActCommand{Act: process.EventApprove})
	require.Equal(t, process.CodeCaseSuspended, code(t, err))
	_, err = w.Resume(w.ctx, by("li.na"), a.Case.ID, "please")
	require.Equal(t, process.CodeForbidden, code(t, err))
	w.apply = process.Apply
	resumed, err := w.Resume(w.ctx, admin(), a.Case.ID, "mended")
	require.NoError(t, err)
	require.Nil(t, resumed.Case.Held)
	w.must(a, "wang.fang", ActCommand{Act: process.EventApprove})
}

func TestATakenUniqueValueHoldsTheCaseAtTheStepThatWantedIt(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.atAgree()
	rec, err := w.db.Record(w.ctx, "lead", a.Case.Record.ID)
	require.NoError(t, err)
	var fields map[string]any
	require.NoError(t, json.Unmarshal(rec.Fields, &fields))
	first, err := w.CreateRecord(w.ctx, by("li.na"), "customer", map[string]any{"company": fields["company"]})
	require.NoError(t, err)
	for range 2 {
		a = w.must(a, a.Case.Open[0].Who[0], ActCommand{Act: process.EventApprove}) // the decision itself is recorded
	}
	require.Equal(t, "approved", a.Task.Outcome)
	require.NotNil(t, a.Case.Held)
	require.Contains(t, a.Case.Held.EN, first.Number)
	_, err = w.db.Exec(w.ctx, `DELETE FROM record_unique WHERE record_id = $1`, first.ID)
	require.NoError(t, err)
	ended, err := w.Resume(w.ctx, admin(), a.Case.ID, "the other one was a mistake")
	require.NoError(t, err)
	require.Equal(t, "approved", ended.Case.Outcome)
}

func TestATakenUniqueValueInTheFormIsTheActorsToMend(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	other := lead()
	rec, err := w.CreateRecord(w.ctx, by("li.na"), "lead", other)
	require.NoError(t, err)
	a := w.must(w.atInspect(), "xu.lei", ActCommand{Act: process.EventClaim})
	_, err = w.act(a, "xu.lei", ActCommand{Act: process.EventComplete, Outcome: "good", Fields: map[string]any{"phone": other["phone"]}})
	require.Equal(t, process.CodeFieldInvalid, code(t, err))
	require.Contains(t, refused(err).Fields[0].Message.EN, rec.Number)
	w.must(a, "xu.lei", ActCommand{Act: process.EventComplete, Outcome: "good"})
}

func TestTwoRecordsOfOneEventThatWantTheSameValueHoldTheCase(t *testing.T) {
	t.Parallel()
	w := newCompany(t)
	w.publish([]process.File{{Path: "twice.yaml", Content: `process: twice
title: Twice
record: lead
start: {by: [role:sales]}
steps:
  - create: {lead: {company: record.company, phone: record.phone}}
  - end: done
`}})
	a, err := w.Start(w.ctx, by("li.na"), StartCommand{Process: "twice", With: lead()})
	require.NoError(t, err)
	require.NotNil(t, a.Case.Held)
	require.Contains(t, a.Case.Held.EN, "has the same phone already")
}

func TestALostDefinitionHoldsTheCase(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.start()
	_, err := w.db.Exec(w.ctx, `UPDATE cases SET digest = 'sha256:gone' WHERE id = $1`, a.Case.ID)
	require.NoError(t, err)
	_, err = w.act(a, "wang.fang", ActCommand{Act: process.EventApprove})
	require.Equal(t, process.CodeCaseSuspended, code(t, err))
	require.NotNil(t, w.row(a).Held)
	_, err = w.Resume(w.ctx, admin(), a.Case.ID, "try")
	require.Equal(t, process.CodeCaseSuspended, code(t, err))
	v, err := w.Viewer(w.ctx)
	require.NoError(t, err)
	both, err := w.db.CaseWithRecord(w.ctx, a.Case.ID)
	require.NoError(t, err)
	view, err := v.Case(both.Case, both.Record)
	require.NoError(t, err)
	require.NotNil(t, view.Held)
	require.Equal(t, a.Case.Subject, view.Subject)
	require.Equal(t, []string{"cancel"}, view.Admin, "until the definition is there again")

	_, err = w.ActOnCase(w.ctx, by("li.na"), CaseCommand{Case: a.Case.ID, Act: process.EventCancel, Comment: "x"})
	require.Equal(t, process.CodeForbidden, code(t, err))
	ended, err := w.ActOnCase(w.ctx, admin(), CaseCommand{Case: a.Case.ID, Act: process.EventCancel, Comment: "nobody has the file"})
	require.NoError(t, err)
	require.Equal(t, process.Cancelled, ended.Case.Outcome)
	require.True(t, w.last().Ended)
}

func TestAStateOfANewerSoftwareIsLeftAlone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	newer := fmt.Sprintf(`{"format": %d}`, process.StateFormat+1)
	for _, change := range []string{newer, `{"invented": true}`} {
		a := w.start()
		_, err := w.db.Exec(w.ctx, `UPDATE cases SET state = (state::jsonb || $2::jsonb)::json WHERE id = $1`, a.Case.ID, change)
		require.NoError(t, err)
		before := w.row(a)
		_, err = w.act(a, "wang.fang", ActCommand{Act: process.EventApprove})
		require.Error(t, err)
		require.Nil(t, refused(err))
		require.Equal(t, before, w.row(a))
	}
	_, err := decodeState([]byte(newer))
	require.ErrorIs(t, err, ErrNewerFormat)
	require.ErrorIs(t, err, store.ErrUnavailable)
}

func TestALargeStateHoldsTheCase(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.start()
	w.apply = func(in process.Input, ev process.Event) (process.Result, error) {
		res, err := process.Apply(in, ev)
		res.State.Calendar = strings.Repeat("x", maxState)
		return res, err
	}
	_, err := w.act(a, "wang.fang", ActCommand{Act: process.EventApprove})
	require.Equal(t, process.CodeCaseSuspended, code(t, err))
	require.NotNil(t, w.row(a).Held)
}

func TestATickTakesEffectOnceAndOnlyWhenSomethingIsDue(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.start()
	before := w.row(a)
	wake, err := w.Tick(w.ctx, a.Case.ID)
	require.NoError(t, err)
	require.Equal(t, before, w.row(a))
	require.Equal(t, before.WakeAt.UTC(), wake.WakeAt.UTC())
	require.Equal(t, []string{"wang.fang"}, wake.Holders)
	w.pass(48 * time.Hour)
	_, errs := together(4, func(int) (Wake, error) { return w.Tick(w.ctx, a.Case.ID) })
	for _, err := range errs {
		require.NoError(t, err)
	}
	var told int
	require.NoError(t, w.db.Get(w.ctx, &told, `SELECT count(*) FROM notifications WHERE case_id = $1 AND about = 'late'`, a.Case.ID))
	require.Equal(t, 1, told)
	var waiting int
	require.NoError(t, w.db.Get(w.ctx, &waiting, `SELECT count(*) FROM outbox WHERE key = $1 AND seq > $2`, a.Case.ID, before.Seq))
	require.Zero(t, waiting, "the workflow hears of a tick as its answer")
	_, err = w.Tick(w.ctx, "nobody")
	require.ErrorIs(t, err, store.ErrNotFound)
}
