package engine

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"strings"
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

const hearing = `process: hearing
title: Hearing
record: lead
number: "HE{0000}"
start: {by: [role:sales]}
until: [{on: lead.gone, end: gone}]
steps:
  - id: first
    wait: {on: erp.first}
  - id: second
    wait: {on: erp.second}
  - id: ask
    task: Ask
    by: initiator
  - end: done
`

// hears starts a case that waits for events.
func (w *world) hears() (RecordView, Answer) {
	w.t.Helper()
	rec, err := w.CreateRecord(w.ctx, by("li.na"), "lead", lead())
	require.NoError(w.t, err)
	a, err := w.Start(w.ctx, by("li.na"), StartCommand{Process: "hearing", Record: &process.Reference{Type: "lead", ID: rec.ID}})
	require.NoError(w.t, err)
	return rec, a
}

func newHearing(t *testing.T) *world {
	t.Helper()
	w := newCompany(t)
	_, problems := w.publish([]process.File{{Path: "hearing.yaml", Content: hearing}})
	require.False(t, process.Failed(problems), "%v", problems)
	return w
}

// What a server that died after its commit hasn't brought is the worker's, in order and once; the same event sent again tells what became of it.
func TestEventsReachTheirCasesInOrderThoughTheServerDied(t *testing.T) {
	t.Parallel()
	w := newHearing(t)
	rec, a := w.hears()
	dying := New(w.db, Options{Now: w.now})
	sent := []EventCommand{told("erp.first", rec), told("erp.second", rec), told("erp.first", rec)}
	for _, c := range sent {
		v, err := dying.Receive(diedAfterCommit(w.ctx), erp(), c)
		require.NoError(t, err)
		require.True(t, v.Pending)
		require.Empty(t, v.Cases)
	}
	require.Equal(t, "first", w.row(a).Stage)
	w.works()
	require.Equal(t, "ask", w.row(a).Stage, "the second came after the first")
	for i, want := range []int{1, 1, 0} {
		v, err := dying.Receive(diedAfterCommit(w.ctx), erp(), sent[i])
		require.NoError(t, err)
		require.False(t, v.Pending)
		require.Len(t, v.Cases, want, "%d", i)
	}
	var happened int
	require.NoError(t, w.db.Get(w.ctx, &happened, `SELECT count(*) FROM timeline WHERE case_id = $1 AND event = 'happened'`, a.Case.ID))
	require.Equal(t, 2, happened)
}

// A request carries out what was left before its own, so that its answer is true.
func TestAnEventWaitsForThoseBeforeIt(t *testing.T) {
	t.Parallel()
	w := newHearing(t)
	rec, a := w.hears()
	_, err := w.Receive(diedAfterCommit(w.ctx), erp(), told("erp.first", rec))
	require.NoError(t, err)
	v := w.receive(told("erp.second", rec))
	require.Equal(t, "moved", v.Cases[0].Effect)
	require.Equal(t, "ask", w.row(a).Stage)
	w.emptyRecordOutbox()
}

// What the record says itself and what others say of it stay in order, too.
func TestEventsOfTheRecordAndFromOutsideStayInOrder(t *testing.T) {
	t.Parallel()
	for _, outsideFirst := range []bool{true, false} {
		w, customer := newTrade(t)
		q, _ := w.sentQuote(customer)
		ctx := diedAfterCommit(w.ctx)
		say := []func(){func() {
			_, err := w.Receive(ctx, erp(), told("quote.rejected", q))
			require.NoError(t, err)
		}, func() {
			_, err := w.ChangeRecord(ctx, by("li.na"), "quote", q.ID, map[string]any{"status": "accepted"}, 0)
			require.NoError(t, err)
		}}
		want := "lost"
		if !outsideFirst {
			say[0], say[1], want = say[1], say[0], "accepted"
		}
		say[0]()
		say[1]()
		w.works()
		require.Equal(t, want, *w.casesOn(q.ID)[0].Outcome)
	}
}

func TestAStartFromOutsideSurvivesTheServer(t *testing.T) {
	t.Parallel()
	w, customer := newTrade(t)
	c := w.complaint(customer)
	v, err := w.Receive(diedAfterCommit(w.ctx), erp(), c)
	require.NoError(t, err)
	require.True(t, v.Pending)
	require.Empty(t, w.casesOn(v.Record.ID))
	w.works()
	require.Len(t, w.casesOn(v.Record.ID), 1)
	again := w.receive(c)
	require.False(t, again.Pending)
	require.Equal(t, "started", again.Cases[0].Effect)
}

// An older software can't read what came from outside and must leave it alone, not take it for an event of the record's own.
func TestAnOlderSoftwareLeavesAnEventFromOutside(t *testing.T) {
	t.Parallel()
	w, customer := newTrade(t)
	_, err := w.Receive(diedAfterCommit(w.ctx), erp(), w.complaint(customer))
	require.NoError(t, err)
	rows, err := w.db.TakeOutbox(w.ctx, store.TopicRecord, time.Now().Add(time.Hour), time.Now(), 10)
	require.NoError(t, err)
	require.Len(t, rows, 1)
	var v020 struct{ Event string }
	require.Error(t, json.Unmarshal(rows[0].Payload, &v020))
	var own happening
	require.NoError(t, json.Unmarshal([]byte(`"quote.sent"`), &own))
	require.Equal(t, happening{Name: "quote.sent"}, own)
	require.Equal(t, `"quote.sent"`, asJSON(t, own))
}

// A suspended case notices what happens; what follows waits until it goes on.
func TestASuspendedCaseHearsAnEvent(t *testing.T) {
	t.Parallel()
	w := newHearing(t)
	rec, a := w.hears()
	_, err := w.ActOnCase(w.ctx, admin(), CaseCommand{Case: a.Case.ID, Act: process.EventSuspend, Comment: "audit"})
	require.NoError(t, err)
	require.Equal(t, "moved", w.receive(told("erp.first", rec)).Cases[0].Effect)
	require.Equal(t, "suspended", w.row(a).Status)
	_, err = w.ActOnCase(w.ctx, admin(), CaseCommand{Case: a.Case.ID, Act: process.EventResume, Comment: "done"})
	require.NoError(t, err)
	require.Equal(t, "second", w.row(a).Stage)
	_, err = w.ActOnCase(w.ctx, admin(), CaseCommand{Case: a.Case.ID, Act: process.EventSuspend, Comment: "audit"})
	require.NoError(t, err)
	w.receive(told("lead.gone", rec))
	require.Equal(t, "gone", *w.row(a).Outcome)
}

// An event reaches its case though its sender has left since.
func TestAnEventReachesItsCaseThoughItsSenderHasLeft(t *testing.T) {
	t.Parallel()
	w := newHearing(t)
	rec, a := w.hears()
	_, err := w.Receive(diedAfterCommit(w.ctx), by("xu.lei"), told("erp.first", rec))
	require.NoError(t, err)
	_, err = w.db.Exec(w.ctx, `UPDATE users SET active = false WHERE id = 'xu.lei'`)
	require.NoError(t, err)
	w.works()
	require.Equal(t, "second", w.row(a).Stage)
}

// A process that can't be started says why to whoever sent the event, and doesn't come back for ever.
func TestAStartThatIsRefusedIsToldToTheSender(t *testing.T) {
	t.Parallel()
	w := newCompany(t)
	_, problems := w.publish(edited("review.yaml", "start: {by: [role:sales]}", "start: {by: [role:sales], on: portal.lead}"))
	require.False(t, process.Failed(problems), "%v", problems)
	w.apply = func(process.Input, process.Event) (process.Result, error) { panic("poisoned") }
	rec, err := w.CreateRecord(w.ctx, by("li.na"), "lead", lead())
	require.NoError(t, err)
	c := told("portal.lead", rec)
	v := w.receive(c)
	require.Empty(t, v.Cases)
	require.False(t, v.Pending)
	require.Len(t, v.Refused, 1)
	require.Equal(t, "review", v.Refused[0].Process)
	require.Contains(t, v.Refused[0].Message.EN, "can't be started")
	require.Equal(t, asJSON(t, v), asJSON(t, w.receive(c)))
	w.emptyRecordOutbox()
}

// An `until` and a decision at the same moment: exactly one wins, and both are told the truth.
func TestAnUntilAndADecisionAtOnce(t *testing.T) {
	t.Parallel()
	w := newCompany(t)
	steps := "steps:\n  - id: ask\n    task: Ask\n    by: initiator\n  - id: again\n    task: Ask again\n    by: initiator\n  - end: done\n"
	_, problems := w.publish([]process.File{{Path: "race.yaml", Content: hearing[:strings.Index(hearing, "steps:")] + steps}})
	require.False(t, process.Failed(problems), "%v", problems)
	wins := map[string]int{}
	for range 60 {
		rec, a := w.hears()
		c := told("lead.gone", rec)
		_, err := w.Receive(diedAfterCommit(w.ctx), erp(), c) // stored; now it is brought to the case while somebody decides
		require.NoError(t, err)
		results, errs := together(2, func(i int) (any, error) {
			if i == 0 {
				return w.Receive(w.ctx, erp(), c)
			}
			return w.Act(w.ctx, by("li.na"), ActCommand{Task: a.Case.Open[0].Task, Act: process.EventComplete})
		})
		require.NoError(t, errs[0])
		event := results[0].(EventView)
		require.Len(t, event.Cases, 1, "the decision doesn't end the case: the event does, before or after it")
		require.Equal(t, "moved", event.Cases[0].Effect)
		require.Equal(t, "gone", *w.row(a).Outcome)
		var outcome string
		require.NoError(t, w.db.Get(w.ctx, &outcome, `SELECT outcome FROM tasks WHERE id = $1`, a.Case.Open[0].Task))
		if errs[1] == nil {
			require.Equal(t, "done", outcome)
			wins["decision"]++
			continue
		}
		require.Equal(t, process.CodeTaskClosed, code(t, errs[1]))
		require.Equal(t, "voided", outcome)
		require.Equal(t, "voided", refused(errs[1]).Decided.Outcome)
		wins["event"]++
	}
	t.Log(wins)
}

// The last decision ends the case, so an event that comes later finds it ended.
func TestAnEventAndTheLastDecisionAtOnce(t *testing.T) {
	t.Parallel()
	w := newCompany(t)
	steps := "steps:\n  - id: ask\n    task: Ask\n    by: initiator\n  - end: done\n"
	_, problems := w.publish([]process.File{{Path: "race.yaml", Content: hearing[:strings.Index(hearing, "steps:")] + steps}})
	require.False(t, process.Failed(problems), "%v", problems)
	for range 40 {
		rec, a := w.hears()
		c := told("lead.gone", rec)
		_, err := w.Receive(diedAfterCommit(w.ctx), erp(), c)
		require.NoError(t, err)
		views, errs := together(2, func(i int) (any, error) {
			if i == 0 {
				return w.Receive(w.ctx, erp(), c)
			}
			return w.Act(w.ctx, by("li.na"), ActCommand{Task: a.Case.Open[0].Task, Act: process.EventComplete})
		})
		require.NoError(t, errs[0])
		moved := len(views[0].(EventView).Cases) == 1
		require.Equal(t, moved, errs[1] != nil, "exactly one wins")
		if moved {
			require.Equal(t, process.CodeTaskClosed, code(t, errs[1]))
		}
		want := map[bool]string{true: "gone", false: "done"}[moved]
		require.Equal(t, want, *w.row(a).Outcome)
	}
}

// Twelve senders at once, each with events of its own about one record: every one is carried out once.
func TestManyEventsAtOnceTakeEffectOnceEach(t *testing.T) {
	t.Parallel()
	w := newHearing(t)
	rec, a := w.hears()
	views, errs := together(12, func(i int) (EventView, error) {
		c := told("erp.first", rec)
		c.ID = fmt.Sprint(i % 6) // each twice
		return w.Receive(context.WithoutCancel(w.ctx), erp(), c)
	})
	moved := map[string]bool{}
	for i := range views {
		require.NoError(t, errs[i])
		require.False(t, views[i].Pending)
		if len(views[i].Cases) > 0 {
			moved[views[i].ID] = true
		}
	}
	require.Len(t, moved, 1, "the case waited for one")
	require.Equal(t, "second", w.row(a).Stage)
	w.emptyRecordOutbox()
}
