package engine

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/crmflow/crmflow/process"
	"github.com/crmflow/crmflow/store"
)

// quote makes a quote to a customer, as a draft.
func (w *world) quote(customer process.Reference) RecordView {
	w.t.Helper()
	q, err := w.CreateRecord(w.ctx, by("li.na"), "quote", map[string]any{
		"customer": map[string]any{"type": "customer", "id": customer.ID}, "valid_until": "2027-03-31",
		"lines": []any{map[string]any{"product": "P-100", "quantity": 3, "price": map[string]any{"amount": 12000, "currency": "CNY"}}},
	})
	require.NoError(w.t, err)
	return q
}

func (w *world) patch(q RecordView, fields map[string]any) RecordView {
	w.t.Helper()
	q, err := w.ChangeRecord(w.ctx, by("li.na"), q.Type, q.ID, fields, 0)
	require.NoError(w.t, err)
	return q
}

// casesOn are the cases on a record, open or ended, oldest first.
func (w *world) casesOn(record string) []store.CaseRow {
	w.t.Helper()
	var rows []store.CaseRow
	require.NoError(w.t, w.db.Select(w.ctx, &rows, `SELECT `+store.CaseColumns+` FROM cases c WHERE c.record_id = $1 ORDER BY c.started_at, c.id`, record))
	return rows
}

func TestAComputedFieldIsComputedAtEveryWriting(t *testing.T) {
	t.Parallel()
	w, customer := newTrade(t)
	q := w.quote(customer)
	require.Equal(t, process.Money{Amount: 36000, Currency: "CNY"}, q.Fields["amount"])
	q = w.patch(q, map[string]any{"lines": []any{map[string]any{"product": "P-100", "quantity": 2, "price": map[string]any{"amount": 12000, "currency": "CNY"}}}})
	require.Equal(t, process.Money{Amount: 24000, Currency: "CNY"}, q.Fields["amount"])
	_, err := w.ChangeRecord(w.ctx, by("li.na"), "quote", q.ID, map[string]any{"amount": map[string]any{"amount": 1, "currency": "CNY"}}, 0)
	require.Equal(t, process.CodeFieldInvalid, code(t, err))
}

func TestASentQuoteIsFollowedUpAndItsAnswerEndsTheCase(t *testing.T) {
	t.Parallel()
	w, customer := newTrade(t)
	q := w.quote(customer)
	require.Empty(t, w.casesOn(q.ID))
	w.patch(q, map[string]any{"status": "sent"})
	cases := w.casesOn(q.ID)
	require.Len(t, cases, 1)
	require.Equal(t, "quote-follow-up", cases[0].Process)
	require.Equal(t, "li.na", cases[0].Initiator)
	require.NotNil(t, cases[0].WakeAt)
	require.True(t, w.last().Starts)

	w.patch(q, map[string]any{"next_on": "2027-01-01"}) // still sent: nothing new has happened
	w.patch(q, map[string]any{"status": "draft"})
	w.patch(q, map[string]any{"status": "sent"}) // sent again while it is followed up
	require.Len(t, w.casesOn(q.ID), 1)

	w.patch(q, map[string]any{"status": "accepted"})
	ended := w.casesOn(q.ID)[0]
	require.Equal(t, "accepted", *ended.Outcome)
	require.True(t, w.last().Ended)
	left, err := w.db.CountOutbox(w.ctx, store.TopicRecord)
	require.NoError(t, err)
	require.Zero(t, left)
}

// A case takes no notice of what it caused itself, but others do.
func TestTheThirdWorkingDayAsksAndTheAnswerIsTheCasesOwn(t *testing.T) {
	t.Parallel()
	w, customer := newTrade(t)
	earlier := w.quote(customer)
	q := w.patch(w.quote(customer), map[string]any{"status": "sent"})
	w.pass(3*24*time.Hour + time.Hour) // Monday 09:00 → Thursday 10:00
	id := w.casesOn(q.ID)[0].ID
	_, err := w.Tick(w.ctx, id)
	require.NoError(t, err)
	both, err := w.db.CaseWithRecord(w.ctx, id)
	require.NoError(t, err)
	v, err := w.Viewer(w.ctx)
	require.NoError(t, err)
	view, err := v.Case(both.Case, both.Record)
	require.NoError(t, err)
	require.Equal(t, "ask", view.Open[0].Step)
	task, err := w.db.TaskInCase(w.ctx, view.Open[0].Task)
	require.NoError(t, err)
	form, err := v.Task(task.Task, task.Case, task.Record)
	require.NoError(t, err)
	require.NoError(t, v.Supply(&form, task.Case, task.Record))
	shown := form.Form[slices.IndexFunc(form.Form, func(f FormField) bool { return f.Field == "price_history" })]
	require.Equal(t, "read", shown.Access)
	require.Equal(t, []any{earlier.Number}, []any{shown.Value.([]map[string]any)[0]["number"]}, "what the same customer was quoted before")
	require.Len(t, shown.Value, 1)
	a, err := w.Act(w.ctx, by("li.na"), ActCommand{Task: view.Open[0].Task, Act: process.EventComplete, Outcome: "rejected", Fields: map[string]any{"lost_reason": "太贵"}})
	require.NoError(t, err)
	require.Equal(t, "lost", a.Case.Outcome)
	require.Equal(t, "rejected", w.recordOf(a).Fields["status"])
}

// The moment of `until` moves with the record.
func TestAMomentOfTheRecordMovesTheCase(t *testing.T) {
	t.Parallel()
	w, customer := newTrade(t)
	q := w.patch(w.quote(customer), map[string]any{"status": "sent", "valid_until": "2026-11-23"})
	before := w.casesOn(q.ID)[0]
	w.patch(q, map[string]any{"valid_until": "2026-11-24"})
	after := w.casesOn(q.ID)[0]
	require.Equal(t, 24*time.Hour, after.WakeAt.Sub(*before.WakeAt))
}

// What a server that died after its commit hasn't carried out is the worker's, once, in order, whoever else tries.
func TestWhatARecordSetsOffSurvivesTheServer(t *testing.T) {
	t.Parallel()
	w, customer := newTrade(t)
	q := w.quote(customer)
	dying := New(w.db, Options{Now: w.now})
	sets := func(statuses ...string) {
		for _, status := range statuses {
			_, err := dying.ChangeRecord(diedAfterCommit(w.ctx), by("li.na"), "quote", q.ID, map[string]any{"status": status}, 0)
			require.NoError(t, err)
		}
	}
	works := func() {
		rows, err := w.db.TakeOutbox(w.ctx, store.TopicRecord, time.Now().Add(time.Hour), time.Now(), 10)
		require.NoError(t, err)
		require.NotEmpty(t, rows)
		for _, row := range append(rows, rows...) {
			require.NoError(t, w.Deliver(w.ctx, row))
		}
		left, err := w.db.CountOutbox(w.ctx, store.TopicRecord)
		require.NoError(t, err)
		require.Zero(t, left)
	}
	sets("sent", "draft")
	works()
	require.Empty(t, w.casesOn(q.ID), "it was taken back before anybody could follow it up")
	sets("sent")
	require.Empty(t, w.casesOn(q.ID))
	works()
	require.Len(t, w.casesOn(q.ID), 1)
	sets("replaced", "accepted")
	works()
	require.Len(t, w.casesOn(q.ID), 1)
	require.Equal(t, "replaced", *w.casesOn(q.ID)[0].Outcome, "in the order in which it happened")
}

// diedAfterCommit makes a request follow nothing that it sets off.
func diedAfterCommit(ctx context.Context) context.Context {
	return context.WithValue(ctx, cascadeKey{}, maxCascade)
}
