package engine

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/crmflow/crmflow/process"
	"github.com/crmflow/crmflow/store"
)

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

// A case that can't take an event is held and hears it when it is mended; it delays no other.
func TestAPoisonedCaseDelaysNoOther(t *testing.T) {
	t.Parallel()
	w := newHearing(t)
	rec, poisoned := w.hears()
	other, err := w.Start(w.ctx, by("li.na"), StartCommand{Process: "hearing", Record: &process.Reference{Type: "lead", ID: rec.ID}})
	require.NoError(t, err)
	apply := w.apply
	w.apply = func(in process.Input, ev process.Event) (process.Result, error) {
		if in.State.Case == poisoned.Case.ID && ev.Kind == process.EventHappened {
			panic("poisoned")
		}
		return apply(in, ev)
	}
	c := told("erp.first", rec)
	v := w.receive(c)
	require.Equal(t, []EventCase{{ID: other.Case.ID, Number: other.Case.Number, Process: "hearing", Effect: "moved"}}, v.Cases)
	require.True(t, v.Pending)
	require.NotNil(t, w.row(poisoned).Held)

	w.apply = apply
	v = w.receive(c)
	require.False(t, v.Pending)
	require.Len(t, v.Cases, 2)
	_, err = w.Resume(w.ctx, admin(), poisoned.Case.ID, "mended")
	require.NoError(t, err)
	require.Equal(t, "second", w.row(poisoned).Stage)
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
