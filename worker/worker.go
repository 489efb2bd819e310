// Package worker runs what happens without anybody asking: Temporal's workers, the delivery of what the outbox still holds, the sweep for cases that
// nobody would wake, and the cleaning of what has expired. Any number of workers may run.
package worker

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/client"
	sdk "go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"github.com/crmflow/crmflow/activities"
	"github.com/crmflow/crmflow/activities/notify"
	"github.com/crmflow/crmflow/engine"
	"github.com/crmflow/crmflow/filestore"
	"github.com/crmflow/crmflow/store"
	"github.com/crmflow/crmflow/systems"
	"github.com/crmflow/crmflow/workflows"
)

// Config is what a worker works with, and how often. Zero durations take the defaults.
type Config struct {
	DB       *store.DB
	Engine   *engine.Engine
	Temporal client.Client    // may be lazy, and away
	Systems  *systems.Systems // that chains may call; nil: none
	Files    *filestore.Store // where the bytes of files are; nil: nowhere, and nothing is cleaned there
	Mail     notify.Sender    // takes people's mail; nil: nobody, and messages stay in the page
	URL      string           // where people reach the page, for the links in mail
	Hooks    *systems.Poster  // sends webhooks their messages; nil: none are sent

	Bulk        float64       // cases that rhythms start per second at most, by all workers together; default 20
	StickyCache int           // workflows kept in memory; default 1,000
	Drain       time.Duration // between looks into the outbox; default 1 s
	Sweep       time.Duration // between sweeps; default 30 s
	Clean       time.Duration // between cleanings; default 10 min
	Ready       func()        // called once, when Temporal's workers run
}

func (c Config) withDefaults() Config {
	set := func(d *time.Duration, v time.Duration) {
		if *d <= 0 {
			*d = v
		}
	}
	if c.StickyCache <= 0 {
		c.StickyCache = 1000
	}
	if c.Bulk <= 0 {
		c.Bulk = 20
	}
	if c.Ready == nil {
		c.Ready = func() {}
	}
	set(&c.Drain, time.Second)
	set(&c.Sweep, 30*time.Second)
	set(&c.Clean, 10*time.Minute)
	return c
}

// Run works until the context ends. It starts, and stays, while Temporal or PostgreSQL are away.
func Run(ctx context.Context, c Config) {
	c = c.withDefaults()
	r := &runner{Config: c}
	var all sync.WaitGroup
	sdk.SetStickyWorkflowCacheSize(c.StickyCache)
	all.Go(func() { r.serve(ctx, r.newWorker, sync.OnceFunc(r.Ready)) })
	all.Go(func() { r.serve(ctx, r.newCaller, func() {}) })
	all.Go(func() { r.serve(ctx, r.newBulkWorker, func() {}) })
	all.Go(func() { every(ctx, c.Drain, "drain", r.drain) })
	all.Go(func() { every(ctx, c.Drain, "moments", r.moments) })
	all.Go(func() { every(ctx, c.Drain, "deliver", r.deliver) })
	all.Go(func() { every(ctx, c.Drain, "requests", r.startRequests) })
	all.Go(func() { every(ctx, c.Drain, "recompute", r.recompute) })
	all.Go(func() { every(ctx, c.Drain, "handovers", r.handOver) })
	all.Go(func() { every(ctx, c.Drain, "rhythms", r.rhythms) })
	all.Go(func() { every(ctx, c.Sweep, "sweep", r.sweep) })
	all.Go(func() { every(ctx, c.Sweep, "sweep of requests", r.sweepRequests) })
	all.Go(func() { every(ctx, c.Sweep, "schedules", r.schedules) })
	all.Go(func() { every(ctx, c.Sweep, "sweep of news", r.sweepNews) })
	all.Go(func() { every(ctx, c.Clean, "clean", r.clean) })
	all.Go(func() { every(ctx, c.Clean, "clean files", r.cleanFiles) })
	all.Go(func() { every(ctx, c.Sweep, "keys", r.enterKeys) })
	all.Go(func() { every(ctx, c.Drain, "imports", r.startImports) })
	all.Go(func() { every(ctx, c.Clean, "channels", r.channels) })
	all.Go(func() { every(ctx, c.Clean, "clean deliveries", r.cleanDeliveries) })
	if c.Hooks != nil {
		all.Go(func() { newHooks(r).run(ctx) })
	}
	if c.Mail != nil {
		all.Go(func() { every(ctx, c.Drain, "mail", r.mail) })
	}
	all.Wait()
}

type runner struct {
	Config
	sweeper
}

// Backoff of everything that is tried again.
const (
	firstPause = 200 * time.Millisecond
	lastPause  = 5 * time.Second
)

// every does something again and again, and sooner than planned after an outage.
func every(ctx context.Context, interval time.Duration, name string, do func(context.Context) error) {
	failed := time.Duration(0)
	for ctx.Err() == nil {
		err := do(ctx)
		wait := interval
		switch {
		case err == nil:
			failed = 0
		case ctx.Err() != nil:
			return
		default:
			if failed == 0 {
				slog.Warn("worker: will be tried again", "what", name, "error", err)
			}
			failed = min(max(2*failed, firstPause), lastPause)
			wait = failed
		}
		sleep(ctx, wait)
	}
}

func sleep(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}

// serve runs one of Temporal's workers, and a new one whenever it ended by itself.
func (r *runner) serve(ctx context.Context, newWorker func(failed chan<- error) sdk.Worker, ready func()) {
	wait := firstPause
	for ctx.Err() == nil {
		failed := make(chan error, 1)
		w := newWorker(failed)
		if err := w.Start(); err != nil {
			slog.Warn("worker: Temporal isn't there; it will be tried again", "error", err)
			w.Stop()
			sleep(ctx, wait)
			wait = min(2*wait, lastPause)
			continue
		}
		wait = firstPause
		ready()
		select {
		case err := <-failed:
			slog.Error("worker: Temporal's worker failed and is started anew", "error", err)
		case <-ctx.Done():
		}
		w.Stop()
	}
}

// newWorker makes a worker of the SDK. Two pollers each: a signal in a sticky queue and one outside of it find one at once, and an idle worker costs next to nothing.
func (r *runner) newWorker(failed chan<- error) sdk.Worker {
	w := sdk.New(r.Temporal, workflows.TaskQueue, sdk.Options{
		MaxConcurrentWorkflowTaskPollers:   2,
		MaxConcurrentActivityTaskPollers:   2,
		MaxConcurrentActivityExecutionSize: 32,
		DeadlockDetectionTimeout:           10 * time.Second, // a busy machine is no deadlock
		WorkerStopTimeout:                  5 * time.Second,
		OnFatalError:                       tell(failed),
	})
	w.RegisterWorkflowWithOptions(workflows.Case, workflow.RegisterOptions{Name: workflows.CaseWorkflow})
	a := &activities.Activities{Engine: r.Engine, DB: r.DB, Systems: r.Systems}
	w.RegisterActivityWithOptions(a.Advance, activity.RegisterOptions{Name: "Advance"})
	w.RegisterWorkflowWithOptions(workflows.Request, workflow.RegisterOptions{Name: workflows.RequestWorkflow})
	w.RegisterActivityWithOptions(a.AnswerCase, activity.RegisterOptions{Name: "AnswerCase"})
	return w
}

// tell passes the first failure on; nobody waits for another.
func tell(failed chan<- error) func(error) {
	return func(err error) {
		select {
		case failed <- err:
		default:
		}
	}
}
