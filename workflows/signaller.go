package workflows

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"

	"github.com/crmflow/crmflow/engine"
	"github.com/crmflow/crmflow/store"
)

// Options of a [Signaller]. Zero values take the defaults.
type Options struct {
	MaxPending int           // beyond it news is left to the worker, which reads it from the outbox; default 10,000
	Senders    int           // how many urgent signals are sent at once; default 4
	Calm       time.Duration // how long news that isn't urgent waits for newer news of the same case; default 1 s
	Timeout    time.Duration // of one call to Temporal; default 5 s
	Pause      time.Duration // how long Temporal is left alone after a call failed; default 1 s
}

func (o Options) withDefaults() Options {
	set := func(d *time.Duration, v time.Duration) {
		if *d <= 0 {
			*d = v
		}
	}
	if o.MaxPending <= 0 {
		o.MaxPending = 10_000
	}
	if o.Senders <= 0 {
		o.Senders = 4
	}
	set(&o.Calm, time.Second)
	set(&o.Timeout, 5*time.Second)
	set(&o.Pause, time.Second)
	return o
}

// Stats counts what a signaller did since it was made.
type Stats struct {
	Enqueued  int64 // commits whose news was handed in
	Signalled int64 // signals that arrived; fewer, since news of one case is merged
	Dropped   int64 // left to the worker's drain
	Failed    int64 // calls to Temporal that failed
	Pending   int   // cases with news that hasn't arrived
}

// Signaller tells the workflows of cases what was committed. It keeps at most one piece of news per case: later news replaces earlier. Whatever it
// fails to deliver stays in the outbox, from which a worker delivers it; so it never blocks, never retries, and forgets everything at a restart.
type Signaller struct {
	client client.Client
	db     *store.DB
	o      Options

	mu      sync.Mutex
	news    map[string]*item // waiting, by case
	sending map[string]bool  // by case: one at a time, so that news arrives in order
	urgent  []string         // cases, in the order their news came
	calm    []string
	arrived []store.Arrived
	until   time.Time     // Temporal is left alone until then
	heard   time.Time     // when the last news was handed in
	gap     time.Duration // between the last pieces of news, smoothed
	stats   Stats
	changed chan struct{} // closed and replaced whenever anything above changed
}

type item struct {
	signal engine.Signal
	since  time.Time
	urgent bool // stands in the urgent queue
}

// NewSignaller makes a signaller; [Signaller.Run] makes it work. Its Enqueue is the engine's AfterCommit.
func NewSignaller(c client.Client, db *store.DB, o Options) *Signaller {
	return &Signaller{client: c, db: db, o: o.withDefaults(), news: map[string]*item{}, sending: map[string]bool{}, changed: make(chan struct{})}
}

// Enqueue takes news of a case. It never blocks.
func (s *Signaller) Enqueue(sig engine.Signal) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stats.Enqueued++
	s.notice(time.Now())
	it, waiting := s.news[sig.CaseID]
	if !waiting && (len(s.news) >= s.o.MaxPending || time.Now().Before(s.until)) {
		s.stats.Dropped++
		return
	}
	if !waiting {
		it = &item{since: time.Now()}
		s.news[sig.CaseID] = it
		if !sig.Urgent {
			s.calm = append(s.calm, sig.CaseID)
		}
	}
	it.merge(sig)
	if it.signal.Urgent && !it.urgent {
		it.urgent = true
		s.urgent = append(s.urgent, sig.CaseID)
		s.wake()
	} else if len(s.calm) == 1 { // behind other calm news it needn't wake anybody: the sender knows when to look
		s.wake()
	}
}

// merge replaces older news; what was urgent or a start stays so.
func (it *item) merge(sig engine.Signal) {
	urgent, starts := it.signal.Urgent || sig.Urgent, it.signal.Starts || sig.Starts
	if sig.Seq >= it.signal.Seq {
		it.signal = sig
	}
	it.signal.Urgent, it.signal.Starts = urgent, starts
}

// wake tells everyone who waits that something changed. The caller holds the lock.
func (s *Signaller) wake() {
	close(s.changed)
	s.changed = make(chan struct{})
}

// Run sends news until the context ends.
func (s *Signaller) Run(ctx context.Context) {
	var all sync.WaitGroup
	for range s.o.Senders {
		all.Go(func() { s.send(ctx, s.takeUrgent) })
	}
	all.Go(func() { s.send(ctx, s.takeCalm) })
	all.Go(func() { s.forget(ctx) })
	all.Wait()
}

// send is one sender: it takes news, delivers it, and waits when there is none.
func (s *Signaller) send(ctx context.Context, take func() (engine.Signal, time.Duration, bool)) {
	for ctx.Err() == nil {
		s.mu.Lock()
		sig, wait, ok := take()
		changed := s.changed
		s.mu.Unlock()
		if ok {
			s.deliver(ctx, sig)
			continue
		}
		pause(ctx, changed, wait)
	}
}

// pause waits for a change, for the context's end, or for as long as it is told; 0: as long as it takes.
func pause(ctx context.Context, changed <-chan struct{}, wait time.Duration) {
	var after <-chan time.Time
	if wait > 0 {
		t := time.NewTimer(wait)
		defer t.Stop()
		after = t.C
	}
	select {
	case <-changed:
	case <-after:
	case <-ctx.Done():
	}
}

// takeUrgent takes the oldest urgent news of a case that isn't being told something just now.
func (s *Signaller) takeUrgent() (engine.Signal, time.Duration, bool) {
	for i, id := range s.urgent {
		it := s.news[id]
		if it == nil || !it.urgent { // told meanwhile
			s.urgent = append(s.urgent[:i:i], s.urgent[i+1:]...)
			return s.takeUrgent()
		}
		if !s.sending[id] {
			s.urgent = append(s.urgent[:i:i], s.urgent[i+1:]...)
			return s.begin(id, it), 0, true
		}
	}
	return engine.Signal{}, 0, false
}

const (
	quiet   = 250 * time.Millisecond // without a decision for so long, calm news goes as fast as it can
	busyGap = 20 * time.Millisecond  // decisions that come closer together need the machine for themselves
)

// notice keeps how closely decisions follow each other.
func (s *Signaller) notice(now time.Time) {
	s.gap += (min(now.Sub(s.heard), quiet) - s.gap) / 8
	s.heard = now
}

// takeCalm takes news that has waited long enough, while nothing is urgent and decisions leave the machine time for it. What waits longer than
// [engine.CalmGrace] is a worker's.
func (s *Signaller) takeCalm() (engine.Signal, time.Duration, bool) {
	for len(s.calm) > 0 {
		id := s.calm[0]
		it := s.news[id]
		if it == nil || it.urgent {
			s.calm = s.calm[1:]
			continue
		}
		if wait := s.o.Calm - time.Since(it.since); wait > 0 {
			return engine.Signal{}, wait, false
		}
		if time.Since(it.since) > engine.CalmGrace {
			s.calm = s.calm[1:]
			delete(s.news, id)
			s.stats.Dropped++ // a worker has sent it
			continue
		}
		if len(s.urgent) > 0 || s.sending[id] {
			return engine.Signal{}, 0, false // the end of whatever is being sent wakes it
		}
		if wait := quiet - time.Since(s.heard); wait > 0 && s.gap < busyGap {
			return engine.Signal{}, wait, false
		}
		s.calm = s.calm[1:]
		return s.begin(id, it), 0, true
	}
	return engine.Signal{}, 0, false
}

func (s *Signaller) begin(id string, it *item) engine.Signal {
	delete(s.news, id)
	s.sending[id] = true
	return it.signal
}

// deliver tells a workflow, and notes that it has heard.
func (s *Signaller) deliver(ctx context.Context, sig engine.Signal) {
	call, cancel := context.WithTimeout(ctx, s.o.Timeout)
	defer cancel()
	err := Tell(call, s.client, sig)
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.sending, sig.CaseID)
	switch {
	case err == nil:
		s.stats.Signalled++
		s.arrived = append(s.arrived, store.Arrived{Key: sig.CaseID, Seq: sig.Seq})
	case errors.Is(err, ErrNobodyHears):
		s.stats.Dropped++ // only the outbox knows whether an earlier start is still on its way
	case ctx.Err() == nil:
		s.fail(sig, err)
	}
	s.wake()
}

// fail leaves the news, and all other news for a while, to the worker.
func (s *Signaller) fail(sig engine.Signal, err error) {
	s.stats.Failed++
	s.stats.Dropped++
	if time.Now().After(s.until) {
		slog.Warn("Temporal can't be told; the outbox keeps the news", "workflow", sig.Workflow, "error", err)
	}
	s.until = time.Now().Add(s.o.Pause)
	s.stats.Dropped += int64(len(s.news))
	s.news, s.urgent, s.calm = map[string]*item{}, nil, nil
}

const (
	forgetEvery = 100 * time.Millisecond
	forgetBatch = 500
)

// forget takes out of the outbox what has arrived, in batches.
func (s *Signaller) forget(ctx context.Context) {
	for ctx.Err() == nil {
		s.mu.Lock()
		n, changed := len(s.arrived), s.changed
		batch := s.arrived[:min(n, forgetBatch)]
		s.mu.Unlock()
		if n == 0 {
			pause(ctx, changed, 0)
			continue
		}
		if err := s.db.DeleteOutbox(ctx, store.TopicCase, batch); err != nil && ctx.Err() == nil {
			slog.Warn("the outbox can't be cleaned; a worker will repeat the news", "error", err)
		}
		s.mu.Lock()
		s.arrived = append([]store.Arrived(nil), s.arrived[len(batch):]...)
		s.wake()
		s.mu.Unlock()
		pause(ctx, nil, forgetEvery)
	}
}

// Stats gives the counts so far.
func (s *Signaller) Stats() Stats {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := s.stats
	out.Pending = s.pending()
	return out
}

func (s *Signaller) pending() int { return len(s.news) + len(s.sending) }

// Drained waits until all news has arrived, or was left to the worker, and the outbox was told so.
func (s *Signaller) Drained(ctx context.Context) error {
	for {
		s.mu.Lock()
		left, changed := s.pending()+len(s.arrived), s.changed
		s.mu.Unlock()
		if left == 0 {
			return nil
		}
		pause(ctx, changed, 0)
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
}

// ErrNobodyHears says that a case has ended and that no workflow of it runs: either it has heard and ended too, or it was never started. Only the
// outbox knows, where a start that hasn't arrived stays noted whatever news replaces it.
var ErrNobodyHears = errors.New("workflows: the case has ended, and so has its workflow, if it ever ran")

// Tell delivers news to a case's workflow. A start, and an open case whose workflow doesn't run, starts it. The error for an ended case without a
// workflow is [ErrNobodyHears], unless the news is a start too.
func Tell(ctx context.Context, c client.Client, sig engine.Signal) error {
	if sig.Starts {
		return ignoreStarted(start(ctx, c, sig, enums.WORKFLOW_ID_REUSE_POLICY_REJECT_DUPLICATE))
	}
	err := c.SignalWorkflow(ctx, sig.Workflow, "", SignalChanged, sig)
	if _, missing := errors.AsType[*serviceerror.NotFound](err); !missing {
		return err
	}
	if sig.Ended {
		return ErrNobodyHears
	}
	return Wake(ctx, c, sig)
}

// Wake delivers news of an open case to its workflow, and starts the workflow where it doesn't run, though it may have ended once.
func Wake(ctx context.Context, c client.Client, sig engine.Signal) error {
	return start(ctx, c, sig, enums.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE)
}

func start(ctx context.Context, c client.Client, sig engine.Signal, reuse enums.WorkflowIdReusePolicy) error {
	_, err := c.SignalWithStartWorkflow(ctx, sig.Workflow, SignalChanged, sig, client.StartWorkflowOptions{
		TaskQueue: TaskQueue, WorkflowIDReusePolicy: reuse, StaticSummary: "case " + sig.Workflow,
	}, CaseWorkflow, CaseInput{Case: sig.CaseID})
	return err
}

// Runs says whether the workflow of a case runs.
func Runs(ctx context.Context, c client.Client, workflow string) (bool, error) {
	d, err := c.DescribeWorkflowExecution(ctx, workflow, "")
	if _, missing := errors.AsType[*serviceerror.NotFound](err); missing {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return d.GetWorkflowExecutionInfo().GetStatus() == enums.WORKFLOW_EXECUTION_STATUS_RUNNING, nil
}

// ignoreStarted: a start that is repeated after the workflow has ended is old news.
func ignoreStarted(err error) error {
	if _, started := errors.AsType[*serviceerror.WorkflowExecutionAlreadyStarted](err); started {
		return nil
	}
	return err
}
