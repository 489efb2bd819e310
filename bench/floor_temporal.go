package bench

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"github.com/crmflow/crmflow/store"
)

const (
	floorQueue    = "crmflow-bench-floor"
	floorWorkflow = "bench-floor"
	floorUpdate   = "decide"
)

// temporalFloor is bare Temporal: what three decisions cost as updates of a workflow that commit to PostgreSQL.
// Its worker runs in this process.
type temporalFloor struct {
	client client.Client
	worker worker.Worker
	prefix string
	cases  atomic.Int64 // started
	open   atomic.Int64
}

// startTemporalFloor makes the floor's tables and starts its worker.
func startTemporalFloor(ctx context.Context, c client.Client, db *store.DB, run string) (*temporalFloor, error) {
	if err := execAll(ctx, db, floorTables); err != nil {
		return nil, fmt.Errorf("the floor's tables: %w", err)
	}
	f := &temporalFloor{client: c, prefix: "bench-floor-" + run + "-"}
	f.worker = worker.New(c, floorQueue, worker.Options{
		MaxConcurrentWorkflowTaskPollers: 8, // with the default of 2 the floor is lower
		DisableRegistrationAliasing:      true,
	})
	f.worker.RegisterWorkflowWithOptions(floorCase, workflow.RegisterOptions{Name: floorWorkflow})
	f.worker.RegisterActivity(&floorActivities{db})
	if err := f.worker.Start(); err != nil {
		return nil, fmt.Errorf("the floor's worker: %w", err)
	}
	return f, nil
}

// close stops the worker.
func (f *temporalFloor) close() { f.worker.Stop() }

// start begins a workflow. The row that its decisions update is one of those made beforehand, so that a start costs Temporal only.
func (f *temporalFloor) start(ctx context.Context) (*openCase, error) {
	n := f.cases.Add(1)
	id := fmt.Sprint(f.prefix, n)
	_, err := f.client.ExecuteWorkflow(ctx, client.StartWorkflowOptions{ID: id, TaskQueue: floorQueue}, floorWorkflow, n%floorRows)
	if err != nil {
		return nil, err
	}
	f.open.Add(1)
	return &openCase{id: id}, nil
}

func (f *temporalFloor) decide(ctx context.Context, c *openCase) error {
	update, err := f.client.UpdateWorkflow(ctx, client.UpdateWorkflowOptions{
		WorkflowID: c.id, UpdateName: floorUpdate, Args: []any{"approved"}, WaitForStage: client.WorkflowUpdateStageCompleted,
	})
	if err != nil {
		return err
	}
	var made int
	if err := update.Get(ctx, &made); err != nil {
		return err
	}
	if c.made++; made != c.made {
		return fmt.Errorf("workflow %s has %d decisions, not %d", c.id, made, c.made)
	}
	if made == decisionsPerCase {
		f.open.Add(-1)
	}
	return nil
}

// settle waits until the workflows that should run do, and no others.
func (f *temporalFloor) settle(ctx context.Context) error {
	return until(ctx, func() (bool, error) { return workflowsSettled(ctx, f.client, floorWorkflow, f.open.Load()) })
}

// floorCase is the workflow: it takes three decisions and ends with the last.
func floorCase(ctx workflow.Context, row int64) (int, error) {
	made := 0
	var activities *floorActivities
	err := workflow.SetUpdateHandler(ctx, floorUpdate, func(ctx workflow.Context, outcome string) (int, error) {
		ctx = workflow.WithLocalActivityOptions(ctx, workflow.LocalActivityOptions{ScheduleToCloseTimeout: 20 * time.Second})
		id := workflow.GetInfo(ctx).WorkflowExecution.ID
		if err := workflow.ExecuteLocalActivity(ctx, activities.Decide, id, row, made+1, outcome).Get(ctx, nil); err != nil {
			return 0, err
		}
		made++
		return made, nil
	})
	if err != nil {
		return 0, err
	}
	return made, workflow.Await(ctx, func() bool { return made == decisionsPerCase && workflow.AllHandlersFinished(ctx) })
}

// floorActivities is what the workflow commits by.
type floorActivities struct{ db *store.DB }

// Decide commits one decision: an insert and an update. Temporal may run it again, with nothing left to insert then.
func (a *floorActivities) Decide(ctx context.Context, id string, row int64, seq int, outcome string) error {
	return a.db.Tx(ctx, func(tx *store.Tx) error {
		if _, err := tx.Exec(ctx, `INSERT INTO bench.decisions (case_id, seq, outcome, at) VALUES ($1, $2, $3, now()) ON CONFLICT DO NOTHING`, id, seq, outcome); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `UPDATE bench.counters SET seq = seq + 1, changed_at = now() WHERE id = $1`, row)
		return err
	})
}

// floorRows is how many rows the decisions update: enough that no two clients meet on one.
const floorRows = 5000

var floorTables = []string{
	`CREATE SCHEMA IF NOT EXISTS bench`,
	`CREATE TABLE IF NOT EXISTS bench.decisions (case_id text, seq integer, outcome text NOT NULL, at timestamptz NOT NULL, PRIMARY KEY (case_id, seq))`,
	`CREATE TABLE IF NOT EXISTS bench.counters (id bigint PRIMARY KEY, seq integer NOT NULL, changed_at timestamptz NOT NULL)`,
	fmt.Sprintf(`INSERT INTO bench.counters SELECT n, 0, now() FROM generate_series(0, %d) n ON CONFLICT DO NOTHING`, floorRows-1),
}

// execAll runs statements one after the other.
func execAll(ctx context.Context, db *store.DB, statements []string) error {
	for _, s := range statements {
		if _, err := db.Exec(ctx, s); err != nil {
			return err
		}
	}
	return nil
}

// workflowsSettled says whether as many workflows of a type run as should, and each has begun: its worker has done its first task. Started alone
// it would still have that before it, in the time of the next phase. Temporal notes with the first task by which build of a worker it was done.
func workflowsSettled(ctx context.Context, c client.Client, workflowType string, open int64) (bool, error) {
	query := fmt.Sprintf("WorkflowType = '%s' AND ExecutionStatus = 'Running'", workflowType)
	for _, q := range []string{query, query + " AND BuildIds IS NOT NULL"} {
		answer, err := c.CountWorkflow(ctx, &workflowservice.CountWorkflowExecutionsRequest{Query: q})
		if err != nil || answer.GetCount() != open {
			return false, err
		}
	}
	return true, nil
}

// settleTimeout is how long what is behind the answers may take; only a machine that can't keep up at all needs longer.
const settleTimeout = 3 * time.Minute

// until asks again and again until the answer is yes.
func until(ctx context.Context, done func() (bool, error)) error {
	ctx, cancel := context.WithTimeout(ctx, settleTimeout)
	defer cancel()
	for {
		yes, err := done()
		if err != nil || yes {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(20 * time.Millisecond):
		}
	}
}
