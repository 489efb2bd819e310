package worker

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/enums/v1"
	"google.golang.org/protobuf/encoding/protojson"

	"github.com/crmflow/crmflow/engine"
	"github.com/crmflow/crmflow/process"
	"github.com/crmflow/crmflow/store"
	"github.com/crmflow/crmflow/systems"
	"github.com/crmflow/crmflow/workflows"
)

const ordering = `process: order
title: Order
record: lead
number: "OR{0000}"
start: {by: [role:sales]}
steps:
  - id: place
    request: {to: erp, post: "/orders/{record.company}", body: {company: record.company}, into: {company: body.name}}
  - end: placed
`

// erp is another company's system that answers as a test wants, and remembers what it was sent.
type erp struct {
	*systems.Systems
	mu   sync.Mutex
	keys []string // of the calls, in order
}

// newERP makes one that stands behind the settings; answer is told how many calls came before.
func newERP(t *testing.T, settings string, answer func(n int, w http.ResponseWriter, r *http.Request)) *erp {
	t.Helper()
	e := &erp{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		e.mu.Lock()
		n := len(e.keys)
		e.keys = append(e.keys, r.Header.Get("Idempotency-Key"))
		e.mu.Unlock()
		answer(n, w, r)
	}))
	t.Cleanup(server.Close)
	var err error
	e.Systems, err = systems.Parse([]byte(fmt.Sprintf("systems: {erp: {url: %q, allow_private: [127.0.0.1/32], %s}}", server.URL, settings)))
	require.NoError(t, err)
	return e
}

// called are the keys of the calls so far.
func (e *erp) called() []string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return append([]string{}, e.keys...)
}

func named(w http.ResponseWriter, name string) { _, _ = fmt.Fprintf(w, `{"name": %q}`, name) }

// newOrders is a stack whose chain asks a system.
func newOrders(t *testing.T) *stack {
	t.Helper()
	s := newStack(t)
	_, problems, err := s.engine.Publish(s.ctx, engine.Request{Caller: "admin"}, []process.File{{Path: "o.yaml", Content: ordering}})
	require.NoError(t, err)
	require.False(t, process.Failed(problems), "%v", problems)
	return s
}

func (s *stack) order() engine.Answer {
	s.t.Helper()
	a, err := s.engine.Start(s.ctx, engine.Request{Caller: "li.na"}, engine.StartCommand{Process: "order", With: map[string]any{"company": "海川"}})
	require.NoError(s.t, err)
	return a
}

func (s *stack) caseRow(a engine.Answer) store.CaseRow {
	s.t.Helper()
	c, err := s.db.CaseNow(s.ctx, a.Case.ID)
	require.NoError(s.t, err)
	return c.Case
}

// requests are the calls of a case, in order.
func (s *stack) requests(a engine.Answer) []store.RequestRow {
	s.t.Helper()
	rows, _, err := s.db.RequestsOf(s.ctx, a.Case.ID, store.Page{Limit: 50})
	require.NoError(s.t, err)
	return rows
}

// entry is the data of the only entry of one sort in a case's timeline.
func (s *stack) entry(a engine.Answer, event string) string {
	s.t.Helper()
	var data []string
	require.NoError(s.t, s.db.Select(s.ctx, &data, `SELECT data::text FROM timeline WHERE case_id = $1 AND event = $2`, a.Case.ID, event))
	require.Len(s.t, data, 1)
	return data[0]
}

// history is everything that Temporal has kept about a workflow.
func (s *stack) history(workflow string) string {
	s.t.Helper()
	var all string
	for i := s.temporal.GetWorkflowHistory(s.ctx, workflow, "", false, enums.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT); i.HasNext(); {
		event, err := i.Next()
		require.NoError(s.t, err)
		text, err := protojson.Marshal(event)
		require.NoError(s.t, err)
		all += string(text)
	}
	return all
}

func TestASystemIsCalledUntilItAnswers(t *testing.T) {
	t.Parallel()
	s := newOrders(t)
	e := newERP(t, "", func(n int, w http.ResponseWriter, r *http.Request) {
		switch n {
		case 0:
			w.WriteHeader(http.StatusInternalServerError)
		case 1:
			w.Header().Set("Retry-After", "1")
			w.WriteHeader(http.StatusTooManyRequests)
		default:
			named(w, "Haichuan "+r.Method+r.URL.Path)
		}
	})
	for range 2 { // workers that look for the same requests
		s.work(Config{Systems: e.Systems, Drain: 50 * time.Millisecond})
	}
	a := s.order()
	require.Equal(t, "placed", s.outcome(a))
	call := a.Case.ID + ".c1"
	require.Equal(t, []string{call, call, call}, e.called(), "each attempt has the same key")
	require.JSONEq(t, `{"system": "erp", "fields": ["company"], "attempts": 3}`, s.entry(a, "answered"))
	require.Equal(t, store.RequestAnswered, s.requests(a)[0].Status)
	require.NoError(t, s.temporal.GetWorkflow(s.ctx, workflows.RequestID(call), "").Get(s.ctx, nil))
	for _, personal := range []string{"海川", "%E6", "Haichuan"} {
		require.NotContains(t, s.history(workflows.RequestID(call)), personal)
	}
}

// What another attempt won't change holds the case at once; an administrator who resumes it makes another call.
func TestAnAdministratorCallsAgain(t *testing.T) {
	t.Parallel()
	s := newOrders(t)
	e := newERP(t, "attempts: 2, timeout: 100ms", func(n int, w http.ResponseWriter, r *http.Request) {
		switch n {
		case 0:
			_, _ = io.WriteString(w, "<html>")
		case 1:
			w.WriteHeader(http.StatusUnprocessableEntity)
		case 2, 3:
			<-r.Context().Done()
		default:
			named(w, "海川")
		}
	})
	s.work(Config{Systems: e.Systems, Drain: 50 * time.Millisecond})
	a := s.order()
	for i, want := range []string{"the answer isn't JSON", "the system answered 422 Unprocessable Entity", "no answer within 100ms (2 attempts)"} {
		s.until(want, func() bool { return s.caseRow(a).Held != nil })
		require.Equal(t, "the system erp gave no usable answer: "+want, s.caseRow(a).Held.V.EN)
		require.Equal(t, store.RequestFailed, s.requests(a)[i].Status)
		_, err := s.engine.Resume(s.ctx, engine.Request{Caller: "admin", Admin: true}, a.Case.ID, "again")
		require.NoError(t, err)
	}
	require.Equal(t, "placed", s.outcome(a))
	c := a.Case.ID + ".c"
	require.Equal(t, []string{c + "1", c + "2", c + "3", c + "3", c + "4"}, e.called(), "another call has another key")
}

// The system has answered, but the worker died before it could keep that: the next one sends the same key, and the case moves once.
func TestAWorkerThatDiesAfterTheAnswerCallsAgainWithTheSameKey(t *testing.T) {
	t.Parallel()
	s := newOrders(t)
	e := newERP(t, "", func(_ int, w http.ResponseWriter, _ *http.Request) { named(w, "海川") })
	a := s.order()
	call := a.Case.ID + ".c1"
	row, err := s.db.TryRequest(s.ctx, call, time.Now())
	require.NoError(t, err)
	_, err = e.Call(s.ctx, systems.Call{To: row.System, Method: row.Method, Path: row.Path, Body: *row.Body, Key: row.Call, Reads: true})
	require.NoError(t, err)
	s.work(Config{Systems: e.Systems, Drain: 50 * time.Millisecond})
	require.Equal(t, "placed", s.outcome(a))
	require.Equal(t, []string{call, call}, e.called())
	require.JSONEq(t, `{"system": "erp", "fields": ["company"], "attempts": 2}`, s.entry(a, "answered"))
}

// A worker that is stopped while the system takes its time leaves the call to another one.
func TestAWorkerThatIsStoppedMidCallLeavesItToAnother(t *testing.T) {
	t.Parallel()
	s := newOrders(t)
	arrived, left := make(chan struct{}), make(chan struct{})
	e := newERP(t, "timeout: 30s", func(n int, w http.ResponseWriter, r *http.Request) {
		if n == 0 {
			close(arrived)
			<-r.Context().Done()
			close(left)
			return
		}
		named(w, "海川")
	})
	ctx, stop := context.WithCancel(s.ctx)
	var first sync.WaitGroup
	first.Go(func() {
		Run(ctx, Config{DB: s.db, Engine: s.engine, Temporal: s.temporal, Systems: e.Systems, Drain: 50 * time.Millisecond})
	})
	a := s.order()
	<-arrived
	stop()
	first.Wait()
	<-left
	s.work(Config{Systems: e.Systems, Drain: 50 * time.Millisecond})
	require.Equal(t, "placed", s.outcome(a))
	require.Equal(t, []string{a.Case.ID + ".c1", a.Case.ID + ".c1"}, e.called())
	require.Equal(t, 2, s.requests(a)[0].Attempts)
}

// PostgreSQL always wins: a request that waits and whose workflow is gone gets another; one that is over gets none.
func TestTheSweepCallsWhatTemporalForgot(t *testing.T) {
	t.Parallel()
	s := newOrders(t)
	up := make(chan struct{})
	e := newERP(t, "attempts: 100", func(_ int, w http.ResponseWriter, _ *http.Request) {
		select {
		case <-up:
			named(w, "海川")
		default:
			w.Header().Set("Retry-After", "600")
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	})
	s.work(Config{Systems: e.Systems, Drain: 50 * time.Millisecond, Sweep: 100 * time.Millisecond})
	a := s.order()
	s.until("it was called, and waits for ten minutes", func() bool { return len(e.called()) == 1 })
	s.until("why is kept", func() bool { return s.requests(a)[0].Why.V.EN != "" })
	close(up)
	require.NoError(t, s.temporal.TerminateWorkflow(s.ctx, workflows.RequestID(a.Case.ID+".c1"), "", "lost"))
	require.Equal(t, "placed", s.outcome(a))
	require.Len(t, e.called(), 2)
}

// Temporal is away when a request is to be made: it is made when Temporal is back, by whoever takes it then. A worker that took one and died is noticed.
func TestARequestWaitsForTemporal(t *testing.T) {
	t.Parallel()
	s := newOrders(t)
	e := newERP(t, "", func(_ int, w http.ResponseWriter, _ *http.Request) { named(w, "海川") })
	a := s.order()
	away := &runner{Config: Config{DB: s.db, Engine: s.engine, Temporal: dial(t, "127.0.0.1:1", "crmflow")}}
	require.Error(t, away.startRequests(s.ctx))
	require.Nil(t, s.requests(a)[0].Started, "it was given back")
	_, err := s.db.TakeNewRequests(s.ctx, time.Now(), 10)
	require.NoError(t, err)
	s.work(Config{Systems: e.Systems, Drain: 50 * time.Millisecond, Sweep: 100 * time.Millisecond})
	require.Equal(t, "placed", s.outcome(a))
	require.Equal(t, []string{a.Case.ID + ".c1"}, e.called())
}

// A case that has gone elsewhere before anything was sent sends nothing.
func TestACaseThatWentElsewhereCallsNobody(t *testing.T) {
	t.Parallel()
	s := newOrders(t)
	e := newERP(t, "", func(_ int, w http.ResponseWriter, _ *http.Request) { named(w, "海川") })
	gone := s.order()
	taken, err := s.db.TakeNewRequests(s.ctx, time.Now().Add(-time.Hour), 10) // by a worker that died then
	require.NoError(t, err)
	require.Len(t, taken, 1)
	_, err = s.engine.ActOnCase(s.ctx, engine.Request{Caller: "admin", Admin: true}, engine.CaseCommand{Case: gone.Case.ID, Act: process.EventCancel, Comment: "a mistake"})
	require.NoError(t, err)
	s.work(Config{Systems: e.Systems, Drain: 50 * time.Millisecond, Sweep: 50 * time.Millisecond})
	stays := s.order()
	require.Equal(t, "placed", s.outcome(stays))
	require.Equal(t, []string{stays.Case.ID + ".c1"}, e.called())
	require.Equal(t, store.RequestEnded, s.requests(gone)[0].Status)
}

// A system that the worker's configuration doesn't have holds the case, which says so.
func TestAMissingSystemHoldsTheCase(t *testing.T) {
	t.Parallel()
	s := newOrders(t)
	s.work(Config{Drain: 50 * time.Millisecond})
	a := s.order()
	s.until("the case is held", func() bool { return s.caseRow(a).Held != nil })
	require.Contains(t, s.caseRow(a).Held.V.EN, "no system erp is configured")
	var data map[string]any
	require.NoError(t, json.Unmarshal([]byte(s.entry(a, "waiting")), &data))
	require.Equal(t, "erp", data["system"])
}
