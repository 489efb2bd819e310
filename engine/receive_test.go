package engine

import (
	"crypto/rand"
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/crmflow/crmflow/process"
	"github.com/crmflow/crmflow/store"
)

// erp is the sender of events: each request has a key of its own, as if the sender had forgotten that it sent before.
func erp() Request { return by("admin") }

// told is an event about a record that exists.
func told(typ string, about RecordView) EventCommand {
	return EventCommand{ID: rand.Text(), Type: typ, Record: EventRecord{Type: about.Type, ID: about.ID}}
}

func (w *world) receive(c EventCommand) EventView {
	w.t.Helper()
	v, err := w.Receive(w.ctx, erp(), c)
	require.NoError(w.t, err)
	return v
}

// emptyRecordOutbox asserts that nothing is left to be delivered.
func (w *world) emptyRecordOutbox() {
	w.t.Helper()
	left, err := w.db.CountOutbox(w.ctx, store.TopicRecord)
	require.NoError(w.t, err)
	require.Zero(w.t, left)
}

// works lets a worker deliver everything twice, as two workers do of which one died before it could say so.
func (w *world) works() {
	w.t.Helper()
	rows, err := w.db.TakeOutbox(w.ctx, store.TopicRecord, time.Now().Add(time.Hour), time.Now(), 100)
	require.NoError(w.t, err)
	require.NotEmpty(w.t, rows)
	for _, row := range append(rows, rows...) {
		require.NoError(w.t, w.Deliver(w.ctx, row))
	}
	w.emptyRecordOutbox()
}

// sentQuote is a quote that is followed up.
func (w *world) sentQuote(customer process.Reference) (RecordView, store.CaseRow) {
	w.t.Helper()
	q := w.patch(w.quote(customer), map[string]any{"status": "sent"})
	cases := w.casesOn(q.ID)
	require.Len(w.t, cases, 1)
	return q, cases[0]
}

func TestAnEventFromOutsideEndsTheCaseThatWaitsForIt(t *testing.T) {
	t.Parallel()
	w, customer := newTrade(t)
	q, c := w.sentQuote(customer)
	byNumber := EventCommand{ID: "po-17", Type: "quote.accepted", Record: EventRecord{Type: "quote", Number: q.Number}, Data: json.RawMessage(`{"order": 9007199254740993}`)}
	v := w.receive(byNumber)
	require.Equal(t, []EventCase{{ID: c.ID, Number: c.Number, Process: "quote-follow-up", Effect: "moved"}}, v.Cases)
	require.Equal(t, process.Reference{Type: "quote", ID: q.ID}, v.Record)
	require.False(t, v.Pending)
	require.Equal(t, "accepted", *w.casesOn(q.ID)[0].Outcome)
	require.True(t, w.last().Ended)
	stored, err := w.db.Event(w.ctx, "admin", "po-17")
	require.NoError(t, err)
	require.JSONEq(t, `{"order": 9007199254740993}`, string(stored.Data))
	require.Contains(t, string(stored.Data), "9007199254740993", "to the last digit")

	none := w.receive(told("quote.rejected", q))
	require.Empty(t, none.Cases, "no case is open any more")
	require.Empty(t, w.receive(told("quote.framed", q)).Cases, "no chain names it")
	w.emptyRecordOutbox()
}

// The record's own event, told from outside, starts what it starts though the record doesn't say so itself.
func TestAnEventFromOutsideStartsOneCase(t *testing.T) {
	t.Parallel()
	w, customer := newTrade(t)
	q := w.quote(customer)
	v := w.receive(told("quote.sent", q))
	require.Len(t, v.Cases, 1)
	require.Equal(t, "started", v.Cases[0].Effect)
	cases := w.casesOn(q.ID)
	require.Len(t, cases, 1)
	require.Equal(t, cases[0].Number, v.Cases[0].Number)
	require.Equal(t, "li.na", cases[0].Initiator, "as: {field: owner}")
	require.Empty(t, w.receive(told("quote.sent", q)).Cases, "one is open")
	require.Len(t, w.casesOn(q.ID), 1)
	w.receive(told("quote.replaced", q))
	require.Len(t, w.receive(told("quote.sent", q)).Cases, 1, "none is open any more")
}

func (w *world) complaint(customer process.Reference) EventCommand {
	return EventCommand{ID: rand.Text(), Type: "portal.complaint", Record: EventRecord{Type: "complaint", Fields: map[string]any{
		"customer": map[string]any{"type": "customer", "id": customer.ID}, "product": "P-100", "defect": "苯超标", "owner": "li.na"}}}
}

func TestAPortalStartsAComplaintOnANewRecord(t *testing.T) {
	t.Parallel()
	w, customer := newTrade(t)
	c := w.complaint(customer)
	answers, errs := together(6, func(int) (EventView, error) { return w.Receive(w.ctx, erp(), c) })
	for i := range answers {
		require.NoError(t, errs[i])
		require.Equal(t, asJSON(t, answers[0]), asJSON(t, answers[i]), "the same event has the same answer")
	}
	require.Equal(t, asJSON(t, answers[0]), asJSON(t, w.receive(c)))
	require.Len(t, answers[0].Cases, 1)
	cases := w.casesOn(answers[0].Record.ID)
	require.Len(t, cases, 1)
	require.Equal(t, "complaint", cases[0].Process)
	require.Equal(t, "li.na", cases[0].Initiator)
	var records int
	require.NoError(t, w.db.Get(w.ctx, &records, `SELECT count(*) FROM records WHERE type = 'complaint'`))
	require.Equal(t, 1, records)
	w.emptyRecordOutbox()
}

func TestAnEventThatCantBeTakenInChangesNothing(t *testing.T) {
	t.Parallel()
	w, customer := newTrade(t)
	q, _ := w.sentQuote(customer)
	first := told("quote.framed", q)
	w.receive(first)
	other := first
	other.Type = "quote.accepted"
	_, err := w.Receive(w.ctx, erp(), other)
	require.Equal(t, process.CodeKeyReused, code(t, err))
	require.Equal(t, "running", w.casesOn(q.ID)[0].Status)
	_, err = w.Receive(w.ctx, by("li.na"), other)
	require.NoError(t, err, "another sender's ids are its own")
	require.Equal(t, "ended", w.casesOn(q.ID)[0].Status)

	incomplete := w.complaint(customer)
	delete(incomplete.Record.Fields, "defect")
	_, err = w.Receive(w.ctx, erp(), incomplete)
	require.Equal(t, process.CodeFieldRequired, code(t, err))
	require.Equal(t, "defect", refused(err).Fields[0].Field)
	unheard := w.complaint(customer)
	unheard.Type = "portal.greeting"
	_, err = w.Receive(w.ctx, erp(), unheard)
	require.Equal(t, process.CodeFieldInvalid, code(t, err))
	require.Equal(t, "type", refused(err).Fields[0].Field, "a record that no case would begin on isn't made")
	_, err = w.Receive(w.ctx, erp(), EventCommand{ID: "x", Type: "quote.sent", Record: EventRecord{Type: "quote", Number: "Q0"}})
	require.Equal(t, process.CodeNotFound, code(t, err))
	_, err = w.Receive(w.ctx, erp(), EventCommand{ID: "x", Type: "quote.sent", Record: EventRecord{Type: "nothing", ID: q.ID}})
	require.Equal(t, process.CodeNotFound, code(t, err))

	incomplete.Record.Fields["defect"] = "苯超标"
	require.Len(t, w.receive(incomplete).Cases, 1, "what was refused may be sent again, put right, under its id")
}

// A unique value that another record has refuses the whole event.
func TestAnEventWhoseRecordExistsIsRefused(t *testing.T) {
	t.Parallel()
	w := newCompany(t)
	_, problems := w.publish(edited("review.yaml", "start: {by: [role:sales]}", "start: {by: [role:sales], on: portal.lead}"))
	require.False(t, process.Failed(problems), "%v", problems)
	c := EventCommand{ID: "1", Type: "portal.lead", Record: EventRecord{Type: "lead", Fields: lead()}}
	require.Len(t, w.receive(c).Cases, 1)
	c.ID = "2"
	_, err := w.Receive(w.ctx, erp(), c)
	require.Equal(t, process.CodeFieldInvalid, code(t, err))
	require.Equal(t, "phone", refused(err).Fields[0].Field)
	_, err = w.db.Event(w.ctx, "admin", "2")
	require.ErrorIs(t, err, store.ErrNotFound)
}
