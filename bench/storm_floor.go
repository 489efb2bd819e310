package bench

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"github.com/crmflow/crmflow/store"
)

const (
	stormQueue    = "crmflow-bench-storm"
	stormWorkflow = "bench-storm"
)

// floorStorm is bare Temporal: a workflow with a timer per clock, and one activity that writes a row. Its worker runs in this process.
type floorStorm struct {
	client client.Client
	db     *store.DB
	worker worker.Worker
	prefix string
	clocks atomic.Int64 // made
	armed  moment
}

var stormTables = []string{
	`CREATE SCHEMA IF NOT EXISTS bench`,
	`CREATE TABLE IF NOT EXISTS bench.storms (clock text NOT NULL, due timestamptz NOT NULL, at timestamptz NOT NULL DEFAULT clock_timestamp())`,
	`CREATE INDEX IF NOT EXISTS storms_due ON bench.storms (due)`,
}

// startFloorStorm makes the floor's table and starts its worker.
func startFloorStorm(ctx context.Context, c client.Client, db *store.DB, run string) (*floorStorm, error) {
	if err := execAll(ctx, db, stormTables); err != nil {
		return nil, fmt.Errorf("the floor's tables: %w", err)
	}
	f := &floorStorm{client: c, db: db, prefix: "bench-storm-" + run + "-"}
	f.worker = worker.New(c, stormQueue, worker.Options{
		MaxConcurrentWorkflowTaskPollers: 8, // with the defaults of 2 the floor is lower
		MaxConcurrentActivityTaskPollers: 8,
		DisableRegistrationAliasing:      true,
	})
	f.worker.RegisterWorkflowWithOptions(stormClock, workflow.RegisterOptions{Name: stormWorkflow})
	f.worker.RegisterActivity(&stormActivities{db})
	if err := f.worker.Start(); err != nil {
		return nil, fmt.Errorf("the floor's worker: %w", err)
	}
	return f, nil
}

// close stops the worker.
func (f *floorStorm) close() { f.worker.Stop() }

// stormClock is the workflow: it waits for the moment and lets it take effect.
func stormClock(ctx workflow.Context, due time.Time) error {
	if err := workflow.Sleep(ctx, due.Sub(workflow.Now(ctx))); err != nil {
		return err
	}
	ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{StartToCloseTimeout: 30 * time.Second})
	var activities *stormActivities
	return workflow.ExecuteActivity(ctx, activities.TakeEffect, workflow.GetInfo(ctx).WorkflowExecution.ID, due).Get(ctx, nil)
}

// stormActivities is what the workflow writes by.
type stormActivities struct{ db *store.DB }

// TakeEffect writes the clock's row.
func (a *stormActivities) TakeEffect(ctx context.Context, clock string, due time.Time) error {
	_, err := a.db.Exec(ctx, `INSERT INTO bench.storms (clock, due) VALUES ($1, $2)`, clock, due)
	return err
}

func (f *floorStorm) arm(ctx context.Context, n int, due moment) error {
	f.armed = due
	_, err := drive(ctx, armers, limit{n, settleTimeout}, func(ctx context.Context, _ int, _ func()) error {
		id := fmt.Sprint(f.prefix, f.clocks.Add(1))
		_, err := f.client.ExecuteWorkflow(ctx, client.StartWorkflowOptions{ID: id, TaskQueue: stormQueue}, stormWorkflow, due.real)
		return err
	})
	if err != nil {
		return err
	}
	return until(ctx, func() (bool, error) { return workflowsSettled(ctx, f.client, stormWorkflow, int64(n)) })
}

func (f *floorStorm) left(ctx context.Context, n int, due moment) (left int, err error) {
	err = f.db.Get(ctx, &left, `SELECT $1 - count(*) FROM bench.storms WHERE due = $2`, n, due.real)
	return left, err
}

func (f *floorStorm) effects(ctx context.Context, n int, due moment) (effects, error) {
	var all []effect
	err := f.db.Select(ctx, &all, `SELECT clock, at FROM bench.storms WHERE due = $1`, due.real)
	return count(all, n, due.real), err
}

// clear waits until the workflows have ended; those of a moment that came too soon end by themselves.
func (f *floorStorm) clear(ctx context.Context) error {
	return until(ctx, func() (bool, error) { return workflowsSettled(ctx, f.client, stormWorkflow, 0) })
}
