package worker

import (
	"context"
	"errors"
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

// startRequests gives the requests that cases have made since the last look their workflows.
func (r *runner) startRequests(ctx context.Context) error {
	for {
		rows, err := r.DB.TakeNewRequests(ctx, time.Now(), drainBatch)
		if err != nil {
			return err
		}
		if _, err := r.giveWorkflows(ctx, rows); err != nil || len(rows) < drainBatch {
			return err
		}
	}
}

// sweepRequests gives a workflow to requests that wait and have none, a page at every sweep: Temporal has lost it, a worker died before it started it, or
// the database was set back.
func (r *runner) sweepRequests(ctx context.Context) error {
	now := time.Now()
	rows, err := r.DB.TakeOldRequests(ctx, now.Add(-r.Sweep), now, sweepBatch)
	if err != nil {
		return err
	}
	missing, err := r.giveWorkflows(ctx, rows)
	for _, row := range missing {
		slog.Warn("worker: a request had no workflow and was given one", "call", row.Call, "system", row.System)
	}
	return err
}

// giveWorkflows makes sure that requests that were taken have a workflow, says which had none, and gives back those for which Temporal wasn't there.
func (r *runner) giveWorkflows(ctx context.Context, rows []store.RequestRow) (missing []store.RequestRow, err error) {
	for i, row := range rows {
		call, cancel := context.WithTimeout(ctx, callTime)
		started, err := workflows.StartRequest(call, r.Temporal, workflows.RequestInput{Case: row.CaseID, Call: row.Call, System: row.System})
		cancel()
		if err != nil {
			return missing, errors.Join(fmt.Errorf("worker: start request %s: %w", row.Call, err), r.giveBack(ctx, rows[i:]))
		}
		if started {
			missing = append(missing, row)
		}
	}
	return missing, nil
}

// giveBack also works while the worker is being stopped.
func (r *runner) giveBack(ctx context.Context, rows []store.RequestRow) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), callTime)
	defer cancel()
	var calls []string
	for _, row := range rows {
		calls = append(calls, row.Call)
	}
	return r.DB.GiveBackRequests(ctx, calls)
}
