package worker

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"go.temporal.io/sdk/activity"
	sdk "go.temporal.io/sdk/worker"

	"github.com/crmflow/crmflow/activities"
	"github.com/crmflow/crmflow/store"
	"github.com/crmflow/crmflow/workflows"
)

// newCaller makes a worker of the SDK that calls systems and nothing else, on a queue of its own: however long they take to answer, no case's moment waits.
func (r *runner) newCaller(failed chan<- error) sdk.Worker {
	w := sdk.New(r.Temporal, workflows.CallQueue, sdk.Options{
		DisableWorkflowWorker: true, MaxConcurrentActivityTaskPollers: 2, MaxConcurrentActivityExecutionSize: 256, WorkerStopTimeout: 5 * time.Second,
		OnFatalError: tell(failed),
	})
	a := &activities.Activities{DB: r.DB, Systems: r.Systems}
	w.RegisterActivityWithOptions(a.CallSystem, activity.RegisterOptions{Name: "CallSystem"})
	return w
}

// startRequests gives the requests that cases have made since the last look their workflows. Two workers that do it at once do it once.
func (r *runner) startRequests(ctx context.Context) error {
	for {
		rows, err := r.DB.NewRequests(ctx, drainBatch)
		if err != nil {
			return err
		}
		if err := r.giveWorkflows(ctx, rows, func(store.RequestRow) {}); err != nil || len(rows) < drainBatch {
			return err
		}
	}
}

// sweepRequests gives a workflow to requests that wait and have none, a page at every sweep: Temporal has lost it, or the database was set back.
func (r *runner) sweepRequests(ctx context.Context) error {
	rows, err := r.DB.OldRequests(ctx, time.Now().Add(-r.Sweep), sweepBatch)
	if err != nil {
		return err
	}
	return r.giveWorkflows(ctx, rows, func(row store.RequestRow) {
		slog.Warn("worker: a request had lost its workflow and was given another", "call", row.Call, "system", row.System)
	})
}

// giveWorkflows makes sure that each has one, and notes that it has. started hears which had none.
func (r *runner) giveWorkflows(ctx context.Context, rows []store.RequestRow, started func(store.RequestRow)) error {
	var seen []string
	var failed error
	for _, row := range rows {
		call, cancel := context.WithTimeout(ctx, callTime)
		missing, err := workflows.StartRequest(call, r.Temporal, workflows.RequestInput{Case: row.CaseID, Call: row.Call, System: row.System})
		cancel()
		if err != nil {
			failed = fmt.Errorf("worker: start request %s: %w", row.Call, err)
			break
		}
		if missing {
			started(row)
		}
		seen = append(seen, row.Call)
	}
	if len(seen) > 0 {
		if err := r.DB.RequestsStarted(ctx, seen, time.Now()); err != nil {
			return err
		}
	}
	return failed
}
