package worker

import (
	"context"
	"crypto/rand"
	"fmt"
	"os"
	"sync"
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/crmflow/crmflow/engine"
	"github.com/crmflow/crmflow/process"
	"github.com/crmflow/crmflow/store"
	"github.com/crmflow/crmflow/store/storetest"
	"github.com/crmflow/crmflow/workflows"
)

const temporalEnv = "CRMFLOW_TEST_TEMPORAL"

// stack is a database and a namespace of its own, with an engine whose commits go through a signaller.
type stack struct {
	t        *testing.T
	ctx      context.Context
	db       *store.DB
	engine   *engine.Engine
	signals  *workflows.Signaller
	temporal client.Client
	silent   bool // the engine's commits tell nobody: a server that dies after its commit
}

// quiet keeps the SDK from writing into the tests' output.
type quiet struct{}

func (quiet) Debug(string, ...any) {}
func (quiet) Info(string, ...any)  {}
func (quiet) Warn(string, ...any)  {}
func (quiet) Error(string, ...any) {}

func newStack(t *testing.T) *stack {
	t.Helper()
	address := os.Getenv(temporalEnv)
	if address == "" {
		t.Skip(temporalEnv + " isn't set: run the tests by `make test`, or by `go run ./dev/teststack go test ./...`")
	}
	s := &stack{t: t, ctx: t.Context(), db: storetest.FromEnv(t), temporal: dial(t, address, namespace(t, address))}
	s.signals = workflows.NewSignaller(s.temporal, s.db, workflows.Options{Calm: 20 * time.Millisecond})
	s.engine = engine.New(s.db, engine.Options{AfterCommit: func(sig engine.Signal) {
		if !s.silent {
			s.signals.Enqueue(sig)
		}
	}})
	s.company()
	s.goes(s.signals.Run)
	return s
}

func dial(t *testing.T, address, namespace string) client.Client {
	t.Helper()
	c, err := client.NewLazyClient(client.Options{HostPort: address, Namespace: namespace, Logger: quiet{}})
	require.NoError(t, err)
	t.Cleanup(c.Close)
	return c
}

// namespace registers a namespace for one test.
func namespace(t *testing.T, address string) string {
	t.Helper()
	c, err := client.NewNamespaceClient(client.Options{HostPort: address, Logger: quiet{}})
	require.NoError(t, err)
	defer c.Close()
	name := "t-" + rand.Text()[:12]
	require.NoError(t, c.Register(t.Context(), &workflowservice.RegisterNamespaceRequest{
		Namespace: name, WorkflowExecutionRetentionPeriod: durationpb.New(24 * time.Hour),
	}))
	return name
}

// goes runs something until the test is over, and waits for its end.
func (s *stack) goes(do func(context.Context)) {
	ctx, stop := context.WithCancel(context.Background())
	var done sync.WaitGroup
	done.Go(func() { do(ctx) })
	s.t.Cleanup(func() {
		stop()
		done.Wait()
	})
}

// work runs a worker until the test is over.
func (s *stack) work(c Config) {
	s.t.Helper()
	c.DB, c.Engine, c.Temporal = s.db, s.engine, s.temporal
	s.goes(func(ctx context.Context) { Run(ctx, c) })
}

const chain = `process: review
title: Review
record: lead
number: "KH{0000}"
subject: "{record.company}"
start: {by: [role:sales]}
late: [{at: due, tell: [holder]}]
resubmit: {edit: {company: required}}
steps:
  - id: look
    approve: Look at it
    by: {manager_of: initiator}
    due: 30 minutes
  - id: again
    approve: Look again
    by: {manager_of: initiator}
    due: 2 days
  - end: approved
`

func (s *stack) company() {
	for _, q := range []string{
		`INSERT INTO users (id, name, manager) VALUES ('wang.fang', '{}', NULL), ('li.na', '{}', 'wang.fang')`,
		`INSERT INTO roles (id, name) VALUES ('sales', '{}'), ('administrator', '{}')`,
		`INSERT INTO user_roles (role, user_id) VALUES ('sales', 'li.na')`,
	} {
		_, err := s.db.Exec(s.ctx, q)
		require.NoError(s.t, err)
	}
	_, problems, err := s.engine.Publish(s.ctx, engine.Request{Caller: "admin"}, []process.File{
		{Path: "c.yaml", Content: "calendar: office\nzone: Asia/Shanghai\nweek: {mon-sun: [\"00:00-24:00\"]}\n"},
		{Path: "l.yaml", Content: "record: lead\ntitle: Lead\nfields:\n  company: {type: text, required: true}\n"},
		{Path: "p.yaml", Content: chain},
	})
	require.NoError(s.t, err)
	for _, p := range problems {
		require.True(s.t, p.Warning, p.String("en"))
	}
}

func (s *stack) start() engine.Answer {
	s.t.Helper()
	a, err := s.engine.Start(s.ctx, engine.Request{Caller: "li.na"}, engine.StartCommand{Process: "review", With: map[string]any{"company": "海川"}})
	require.NoError(s.t, err)
	return a
}

func (s *stack) approve(a engine.Answer) engine.Answer {
	s.t.Helper()
	next, err := s.engine.Act(s.ctx, engine.Request{Caller: "wang.fang"}, engine.ActCommand{Task: a.Case.Open[0].Task, Act: process.EventApprove})
	require.NoError(s.t, err)
	return next
}

func id(a engine.Answer) string { return engine.WorkflowID(a.Case.Process, a.Case.Number) }

// until waits for a condition, not for a time.
func (s *stack) until(what string, ok func() bool) {
	s.t.Helper()
	require.Eventually(s.t, ok, 30*time.Second, 20*time.Millisecond, what)
}

func (s *stack) runs(a engine.Answer) bool {
	runs, err := workflows.Runs(s.ctx, s.temporal, id(a))
	return err == nil && runs
}

func (s *stack) outcome(a engine.Answer) string {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.ctx, 30*time.Second)
	defer cancel()
	s.until("the workflow was started", func() bool {
		_, err := s.temporal.DescribeWorkflowExecution(ctx, id(a), "")
		return err == nil
	})
	var outcome string
	require.NoError(s.t, s.temporal.GetWorkflow(ctx, id(a), "").Get(ctx, &outcome))
	return outcome
}

func (s *stack) emptyOutbox() {
	s.t.Helper()
	s.until("the outbox is empty", func() bool {
		n, err := s.db.CountOutbox(s.ctx, store.TopicCase)
		return err == nil && n == 0
	})
}

func TestACaseHasAWorkflowFromItsStartToItsEnd(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	s.work(Config{})
	a := s.start()
	s.until("the workflow runs", func() bool { return s.runs(a) })
	s.approve(s.approve(a))
	require.Equal(t, "approved", s.outcome(a))
	require.NoError(t, s.signals.Drained(s.ctx))
	s.emptyOutbox()
	stats := s.signals.Stats()
	require.Zero(t, stats.Pending)
	require.EqualValues(t, 3, stats.Enqueued)
	require.LessOrEqual(t, stats.Signalled, stats.Enqueued)
}

func TestAMomentThatComesIsToldOnce(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	s.work(Config{})
	begin := time.Now()
	require.NoError(t, s.db.SetClock(s.ctx, begin, begin, 1800)) // half an hour is a second
	a := s.start()
	late := func() (n int) {
		_ = s.db.Get(s.ctx, &n, `SELECT count(*) FROM timeline WHERE case_id = $1 AND event = 'late'`, a.Case.ID)
		return n
	}
	s.until("the moment was told", func() bool { return late() > 0 })
	s.approve(s.approve(a))
	require.Equal(t, "approved", s.outcome(a))
	require.Equal(t, 1, late())
	s.emptyOutbox()
}

// A server that dies after its commit leaves its news in the outbox; a worker brings it.
func TestTheOutboxIsDrained(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	s.silent = true
	a := s.start()
	ended := s.approve(s.approve(s.start()))
	s.work(Config{Drain: 50 * time.Millisecond})
	s.until("the workflow runs", func() bool { return s.runs(a) })
	require.Equal(t, "approved", s.outcome(ended))
	s.emptyOutbox()
}

// A start that is still in the outbox isn't lost when a server that never heard of it tells the end.
func TestTheEndDoesNotHideAStartThatHasNotArrived(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	s.silent = true
	a := s.approve(s.start())
	s.silent = false
	s.approve(a)
	require.NoError(t, s.signals.Drained(s.ctx))
	s.work(Config{Drain: 50 * time.Millisecond})
	require.Equal(t, "approved", s.outcome(a))
	s.emptyOutbox()
}

// PostgreSQL always wins: an open case whose workflow is gone gets a new one, and one whose moment has passed is woken.
func TestTheSweepMendsWhatTemporalLost(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	s.work(Config{Sweep: 100 * time.Millisecond})
	a := s.start()
	s.until("the workflow runs", func() bool { return s.runs(a) })
	require.NoError(t, s.temporal.TerminateWorkflow(s.ctx, id(a), "", "lost"))
	s.until("it runs again", func() bool { return s.runs(a) })
	s.until("and it is told", func() bool { return s.repairs(a)[store.RepairMissing] == 1 })

	silent := s.start()
	s.until("the other runs", func() bool { return s.runs(silent) })
	begin := time.Now()
	require.NoError(t, s.db.SetClock(s.ctx, begin, begin.Add(time.Hour), 1)) // the clock jumps; its workflow still waits for half an hour
	s.until("the passed moment took effect", func() bool {
		var n int
		_ = s.db.Get(s.ctx, &n, `SELECT count(*) FROM timeline WHERE case_id = $1 AND event = 'late'`, silent.Case.ID)
		return n == 1
	})
	s.until("and it is told, once", func() bool { return s.repairs(silent)[store.RepairAsleep] == 1 })
	s.approve(s.approve(a))
	require.Equal(t, "approved", s.outcome(a))
}

// A database that was set back knows nothing of a case: its workflow ends by itself.
func TestAWorkflowWithoutACaseEnds(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	s.work(Config{})
	soon := time.Now().Add(100 * time.Millisecond)
	require.NoError(t, workflows.Wake(s.ctx, s.temporal, engine.Signal{CaseID: "none", Workflow: "review/KH9999", Seq: 1, WakeReal: &soon}))
	ctx, cancel := context.WithTimeout(s.ctx, 30*time.Second)
	defer cancel()
	var outcome string
	require.NoError(t, s.temporal.GetWorkflow(ctx, "review/KH9999", "").Get(ctx, &outcome))
	require.Equal(t, "gone", outcome)
}

// A start that is delivered a second time, after the end, starts nothing.
func TestAStartComesOnlyOnce(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	s.work(Config{})
	a := s.start()
	first, err := s.engine.SignalOf(s.ctx, a.Case.ID)
	require.NoError(t, err)
	s.approve(s.approve(a))
	require.Equal(t, "approved", s.outcome(a))
	require.NoError(t, workflows.Tell(s.ctx, s.temporal, first))
	d, err := s.temporal.DescribeWorkflowExecution(s.ctx, id(a), "")
	require.NoError(t, err)
	require.Equal(t, enums.WORKFLOW_EXECUTION_STATUS_COMPLETED, d.GetWorkflowExecutionInfo().GetStatus())
}

// A worker starts, and ends when told, though neither Temporal nor PostgreSQL is there; a server's decisions don't wait for Temporal.
func TestAWorkerStartsWithoutAnythingThere(t *testing.T) {
	t.Parallel()
	nowhere := dial(t, "127.0.0.1:1", "crmflow")
	db, err := store.Open("postgres://nobody@127.0.0.1:1/none?sslmode=disable", store.Pool{})
	require.NoError(t, err)
	t.Cleanup(func() { _ = db.Close() })
	_, err = db.Present(t.Context())
	require.ErrorIs(t, err, store.ErrUnavailable)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		Run(ctx, Config{DB: db, Engine: engine.New(db, engine.Options{}), Temporal: nowhere, Drain: time.Millisecond})
		close(ended)
	}()
	sig := workflows.NewSignaller(nowhere, db, workflows.Options{MaxPending: 5, Timeout: 50 * time.Millisecond})
	go sig.Run(ctx)
	for i := range 1000 {
		sig.Enqueue(engine.Signal{CaseID: fmt.Sprint(i), Workflow: fmt.Sprint(i), Seq: 1, Urgent: true, Starts: true})
	}
	require.NoError(t, sig.Drained(ctx))
	stats := sig.Stats()
	require.EqualValues(t, 1000, stats.Enqueued)
	require.EqualValues(t, 1000, stats.Dropped)
	require.NotZero(t, stats.Failed)
	stop()
	select {
	case <-ended:
	case <-time.After(20 * time.Second):
		t.Fatal("the worker doesn't end")
	}
}

// What happened to a record and its server, which died after its commit, could not bring to the case, the worker brings.
func TestWhatHappenedToARecordReachesItsCase(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	_, problems, err := s.engine.Publish(s.ctx, engine.Request{Caller: "admin"}, []process.File{
		{Path: "l.yaml", Content: "record: lead\ntitle: Lead\nfields:\n  company: {type: text, required: true}\nemits: {lead.sold: company == \"sold\"}\n"},
		{Path: "w.yaml", Content: "process: sale\ntitle: Sale\nrecord: lead\nnumber: \"SA{0000}\"\nstart: {by: [role:sales]}\nuntil: [{on: lead.sold, end: sold}]\n" +
			"steps:\n  - id: sell\n    task: Sell\n    by: initiator\n  - end: lost\n"},
	})
	require.NoError(t, err)
	require.False(t, process.Failed(problems), "%v", problems)
	a, err := s.engine.Start(s.ctx, engine.Request{Caller: "li.na"}, engine.StartCommand{Process: "sale", With: map[string]any{"company": "海川"}})
	require.NoError(t, err)
	_, err = s.db.Exec(s.ctx, `INSERT INTO outbox (topic, key, seq, urgent, starts, payload, created_real, due_real)
		VALUES ('record', $1, 200, false, false, $2, now(), now())`, a.Case.ID+"/200",
		fmt.Sprintf(`{"case":%q,"type":"lead","record":%q,"event":"lead.sold"}`, a.Case.ID, a.Case.Record.ID))
	require.NoError(t, err)
	s.work(Config{})
	require.Equal(t, "sold", s.outcome(a))
	left, err := s.db.CountOutbox(s.ctx, store.TopicRecord)
	require.NoError(t, err)
	require.Zero(t, left)
}
