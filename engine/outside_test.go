package engine

import (
	"context"
	"encoding/json"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/crmflow/crmflow/process"
	"github.com/crmflow/crmflow/store"
)

const ordering = `process: order
title: Order
record: lead
number: "OR{0000}"
start: {by: [role:sales]}
steps:
  - id: place
    request: {to: erp, post: "/orders/{record.phone}", body: {company: record.company, count: 3, price: record.credit}, into: {need: body.order.no}FAILED}
    undo: [{id: unplace, request: {to: erp, post: "/orders/{record.need}/cancel"}}]
  - id: check
    task: Check it
    by: initiator
  - end: done
`

const byHand = `  - {id: by-hand, aside: true, task: By hand, by: initiator, edit: {need: required}, then: {go: check}}
`

// newOrders is a company whose orders go to a system; failed is what the step says of failures.
func newOrders(t *testing.T, failed string) *world {
	t.Helper()
	w := newCompany(t)
	text := strings.Replace(ordering, "FAILED", failed, 1)
	if failed != "" {
		text += byHand
	}
	_, problems := w.publish([]process.File{{Path: "order.yaml", Content: text}})
	require.False(t, process.Failed(problems), "%v", problems)
	return w
}

func (w *world) order() (Answer, map[string]any) {
	w.t.Helper()
	fields := lead()
	a, err := w.Start(w.ctx, by("li.na"), StartCommand{Process: "order", With: fields})
	require.NoError(w.t, err)
	return a, fields
}

// requests are the calls of a case, in order.
func (w *world) requests(a Answer) []store.RequestRow {
	w.t.Helper()
	rows, _, err := w.db.RequestsOf(w.ctx, a.Case.ID, store.Page{Limit: 50})
	require.NoError(w.t, err)
	return rows
}

// tried makes an attempt of a call, and keeps what it came to.
func (w *world) tried(call, answer string, why *process.Text) {
	w.t.Helper()
	_, err := w.db.TryRequest(w.ctx, call, time.Now())
	require.NoError(w.t, err)
	if why != nil {
		require.NoError(w.t, w.db.KeepFailure(w.ctx, call, *why, true))
		return
	}
	require.NoError(w.t, w.db.KeepAnswer(w.ctx, call, json.RawMessage(answer)))
}

// entries are what the timeline of a case says of one sort.
func (w *world) entries(a Answer, event string) []store.TimelineRow {
	w.t.Helper()
	var rows []store.TimelineRow
	require.NoError(w.t, w.db.Select(w.ctx, &rows, `SELECT * FROM (SELECT case_id, seq, at, event, step, item, task, by, outcome, comment, reason, coalesce(data, '{}') AS data FROM timeline) t
		WHERE case_id = $1 AND event = $2 ORDER BY seq`, a.Case.ID, event))
	return rows
}

func TestARequestIsWrittenWithItsStep(t *testing.T) {
	t.Parallel()
	w := newOrders(t, "")
	a, fields := w.order()
	require.Empty(t, a.Case.Open, "nobody has a task meanwhile")
	rows := w.requests(a)
	require.Len(t, rows, 1)
	body, err := json.Marshal(map[string]any{"company": fields["company"], "count": 3, "price": nil})
	require.NoError(t, err)
	require.JSONEq(t, string(body), string(*rows[0].Body))
	require.Equal(t, store.RequestRow{Call: a.Case.ID + ".c1", CaseID: a.Case.ID, Step: "place", System: "erp", Method: "post", Path: "/orders/" + fields["phone"].(string),
		Body: rows[0].Body, Reads: true, Status: store.RequestWaiting, Created: rows[0].Created}, rows[0])
	for _, want := range []int{1, 0} {
		taken, err := w.db.TakeNewRequests(w.ctx, time.Now(), 10)
		require.NoError(t, err)
		require.Len(t, taken, want, "one worker takes it")
	}
	require.NoError(t, w.db.GiveBackRequests(w.ctx, []string{rows[0].Call}))
	taken, err := w.db.TakeNewRequests(w.ctx, time.Now(), 10)
	require.NoError(t, err)
	require.Len(t, taken, 1, "and another one, when it was given back")
	require.NoError(t, w.Answered(w.ctx, a.Case.ID, rows[0].Call), "which has come to nothing yet")
	require.Equal(t, store.RequestWaiting, w.requests(a)[0].Status)
}

// However often, and by however many at once, an answer is brought: the case takes it once.
func TestACaseTakesAnAnswerOnce(t *testing.T) {
	t.Parallel()
	w := newOrders(t, "")
	a, _ := w.order()
	call := a.Case.ID + ".c1"
	w.tried(call, `{"order": {"no": "A-1"}}`, nil)
	_, err := w.db.TryRequest(w.ctx, call, time.Now())
	require.ErrorIs(t, err, store.ErrNotFound, "nothing is called again whose answer is there")
	var all sync.WaitGroup
	errs := make([]error, 8)
	for i := range errs {
		all.Go(func() { errs[i] = w.Answered(context.Background(), a.Case.ID, call) })
	}
	all.Wait()
	for _, err := range errs {
		require.NoError(t, err)
	}
	require.Equal(t, "A-1", w.recordOf(a).Fields["need"])
	require.Len(t, w.entries(a, "answered"), 1)
	require.JSONEq(t, `{"system": "erp", "fields": ["need"], "attempts": 1}`, string(w.entries(a, "answered")[0].Data))
	row := w.requests(a)[0]
	require.Equal(t, store.RequestAnswered, row.Status)
	require.Nil(t, row.Body, "what was sent and answered is forgotten")
	require.Nil(t, row.Answer)
	require.NotNil(t, row.Over)
	require.Equal(t, "check", w.row(a).Stage)
}

func TestARequestThatFailsHoldsTheCaseAndIsMadeAgainByAnAdministrator(t *testing.T) {
	t.Parallel()
	w := newOrders(t, "")
	a, _ := w.order()
	w.tried(a.Case.ID+".c1", "", &process.Text{ZH: "系统回答 503（已尝试 8 次）", EN: "the system answered 503 (8 attempts)"})
	require.NoError(t, w.Answered(w.ctx, a.Case.ID, a.Case.ID+".c1"))
	row := w.row(a)
	require.Equal(t, "the system erp gave no usable answer: the system answered 503 (8 attempts)", row.Held.V.EN)
	require.Contains(t, row.Held.V.ZH, "已尝试 8 次")
	require.Equal(t, store.RequestFailed, w.requests(a)[0].Status)
	_, err := w.Resume(w.ctx, admin(), a.Case.ID, "erp is back")
	require.NoError(t, err)
	rows := w.requests(a)
	require.Len(t, rows, 2)
	require.Equal(t, a.Case.ID+".c2", rows[1].Call, "another call, with a key of its own")
	w.tried(rows[1].Call, `{"order": {}}`, nil)
	require.NoError(t, w.Answered(w.ctx, a.Case.ID, rows[1].Call))
	require.Contains(t, w.row(a).Held.V.EN, "the answer has no body.order.no")
	_, err = w.Resume(w.ctx, admin(), a.Case.ID, "erp is mended")
	require.NoError(t, err)
	w.tried(a.Case.ID+".c3", `{"order": {"no": "A-7"}}`, nil)
	require.NoError(t, w.Answered(w.ctx, a.Case.ID, a.Case.ID+".c3"))
	require.Equal(t, "check", w.row(a).Stage)
}

func TestARequestThatFailsGoesTheWayForFailures(t *testing.T) {
	t.Parallel()
	w := newOrders(t, ", failed: {go: by-hand}")
	a, _ := w.order()
	why := process.Same("no answer within 10s")
	w.tried(a.Case.ID+".c1", "", &why)
	require.NoError(t, w.Answered(w.ctx, a.Case.ID, a.Case.ID+".c1"))
	row := w.row(a)
	require.Nil(t, row.Held)
	require.Equal(t, "by-hand", row.Stage)
	require.Equal(t, "no answer within 10s", *w.entries(a, "failed")[0].Reason)
}

// What wasn't called yet when its step is left isn't called any more; what was is not listened to.
func TestARequestWhoseStepIsLeftEnds(t *testing.T) {
	t.Parallel()
	w := newOrders(t, "")
	for _, under := range []bool{false, true} {
		a, _ := w.order()
		call := a.Case.ID + ".c1"
		if under {
			_, err := w.db.TryRequest(w.ctx, call, time.Now())
			require.NoError(t, err)
		}
		_, err := w.ActOnCase(w.ctx, admin(), CaseCommand{Case: a.Case.ID, Act: process.EventJump, To: "check", Comment: "no need"})
		require.NoError(t, err)
		require.NoError(t, w.db.KeepAnswer(w.ctx, call, json.RawMessage(`{"order": {"no": "late"}}`)))
		require.NoError(t, w.Answered(w.ctx, a.Case.ID, call))
		_, err = w.db.TryRequest(w.ctx, call, time.Now())
		require.ErrorIs(t, err, store.ErrNotFound)
		require.Equal(t, store.RequestEnded, w.requests(a)[0].Status)
		require.Empty(t, w.entries(a, "answered"))
		require.Equal(t, "a pump", w.recordOf(a).Fields["need"])
	}
}

// An undo's call is made though its case has ended, and nobody waits for it; that it failed is told.
func TestTheCallOfAnUndoIsMadeAfterTheEnd(t *testing.T) {
	t.Parallel()
	w := newOrders(t, "")
	a, _ := w.order()
	w.tried(a.Case.ID+".c1", `{"order": {"no": "A-1"}}`, nil)
	require.NoError(t, w.Answered(w.ctx, a.Case.ID, a.Case.ID+".c1"))
	_, err := w.ActOnCase(w.ctx, by("li.na"), CaseCommand{Case: a.Case.ID, Act: process.EventWithdraw})
	require.NoError(t, err)
	rows := w.requests(a)
	require.Len(t, rows, 2)
	require.Equal(t, []string{"unplace", "/orders/A-1/cancel", store.RequestWaiting}, []string{rows[1].Step, rows[1].Path, rows[1].Status})
	why := process.Same("the system answered 404 Not Found")
	w.tried(rows[1].Call, "", &why)
	for range 2 {
		require.NoError(t, w.Answered(w.ctx, a.Case.ID, rows[1].Call))
	}
	undone := w.entries(a, "undone")
	require.Equal(t, "not undone: the system answered 404 Not Found", *undone[len(undone)-1].Reason)
	require.Equal(t, process.Ended, w.row(a).Status)
	var told int
	require.NoError(t, w.db.Get(w.ctx, &told, `SELECT count(*) FROM notifications WHERE case_id = $1 AND about = 'held' AND to_user = 'admin'`, a.Case.ID))
	require.Equal(t, 1, told)
}

// An answer that its case can't take is kept until an administrator has mended what is wrong.
func TestAnAnswerIsKeptWhileTheCaseCannotGoOn(t *testing.T) {
	t.Parallel()
	w := newOrders(t, "")
	a, _ := w.order()
	call := a.Case.ID + ".c1"
	w.tried(call, `{"order": {"no": "A-1"}}`, nil)
	w.apply = func(in process.Input, ev process.Event) (process.Result, error) {
		if ev.Kind == process.EventAnswered {
			panic("poison")
		}
		return process.Apply(in, ev)
	}
	for range 2 {
		require.Equal(t, process.CodeCaseSuspended, code(t, w.Answered(w.ctx, a.Case.ID, call)))
		require.NotNil(t, w.row(a).Held)
		require.Equal(t, store.RequestWaiting, w.requests(a)[0].Status)
	}
	w.apply = process.Apply
	_, err := w.Resume(w.ctx, admin(), a.Case.ID, "mended")
	require.NoError(t, err)
	require.NoError(t, w.Answered(w.ctx, a.Case.ID, call))
	require.Equal(t, "A-1", w.recordOf(a).Fields["need"])
}

// A text that PostgreSQL can't keep is an answer that doesn't fit.
func TestAnAnswerThatCannotBeKeptHasFailed(t *testing.T) {
	t.Parallel()
	w := newOrders(t, ", failed: {go: by-hand}")
	a, _ := w.order()
	w.tried(a.Case.ID+".c1", `{"order": {"no": "a\u0000b", "other": 12345678901234567890123}}`, nil)
	require.NoError(t, w.Answered(w.ctx, a.Case.ID, a.Case.ID+".c1"))
	require.Equal(t, "by-hand", w.row(a).Stage)
}

func TestASystemThatTheServerDoesNotKnowIsAWarning(t *testing.T) {
	t.Parallel()
	w := newCompany(t)
	for known, want := range map[string]string{"": "has no system erp configured, nor any other", "crm": "it has: crm", "erp": "", "?": ""} {
		w.systems = []string{}
		switch known {
		case "?":
			w.systems = nil // a process that doesn't know
		case "":
		default:
			w.systems = []string{known}
		}
		list, problems := w.publish([]process.File{{Path: "order.yaml", Content: strings.Replace(ordering, "FAILED", "", 1)}})
		require.Len(t, list, 1)
		if want == "" {
			require.Empty(t, problems)
			continue
		}
		require.Len(t, problems, 2, "the step and its undo")
		require.True(t, problems[0].Warning)
		require.Equal(t, 7, problems[0].Line)
		require.Contains(t, problems[0].Message.EN, want)
		require.NotEmpty(t, problems[0].Source)
	}
}
