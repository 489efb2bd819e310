package worker

import (
	"context"
	"time"

	"go.temporal.io/sdk/activity"
	sdk "go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"github.com/crmflow/crmflow/activities"
	"github.com/crmflow/crmflow/engine"
	"github.com/crmflow/crmflow/workflows"
)

// schedules brings rhythms into line with what is published and sees to it that each has a workflow, which looks at once when it is late: so a lost or
// restored Temporal, or database, mends itself, and so does a workflow that slept by a business clock that has been changed.
func (r *runner) schedules(ctx context.Context) error {
	list, err := r.Engine.Schedules(ctx, momentLate)
	if err != nil {
		return err
	}
	for _, s := range list {
		if err := r.wakeSchedule(ctx, s.Process, s.Late); err != nil {
			return err
		}
	}
	return nil
}

// rhythms tells the workflows of rhythms that these have begun, changed or ended, soon after it was published.
func (r *runner) rhythms(ctx context.Context) error {
	rows, err := r.DB.UntoldSchedules(ctx)
	if err != nil {
		return err
	}
	for _, row := range rows {
		tell := r.wakeSchedule
		if row.Every == "" {
			tell = r.endSchedule
		}
		if err := tell(ctx, row.Process, true); err != nil {
			return err
		}
		if err := r.DB.ScheduleTold(ctx, row); err != nil {
			return err
		}
	}
	return nil
}

func (r *runner) wakeSchedule(ctx context.Context, process string, late bool) error {
	call, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	return workflows.WakeSchedule(call, r.Temporal, process, late)
}

func (r *runner) endSchedule(ctx context.Context, process string, _ bool) error {
	call, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	return workflows.EndSchedule(call, r.Temporal, process)
}

// newBulkWorker makes the worker of the bulk queue. Temporal itself holds the activities of all workers together to the rate.
func (r *runner) newBulkWorker(failed chan<- error) sdk.Worker {
	w := sdk.New(r.Temporal, workflows.BulkQueue, sdk.Options{
		MaxConcurrentWorkflowTaskPollers:   2,
		MaxConcurrentActivityTaskPollers:   1,
		MaxConcurrentActivityExecutionSize: 2,
		TaskQueueActivitiesPerSecond:       r.Bulk / engine.BulkStarts,
		DeadlockDetectionTimeout:           10 * time.Second,
		WorkerStopTimeout:                  5 * time.Second,
		OnFatalError:                       tell(failed),
	})
	w.RegisterWorkflowWithOptions(workflows.Schedule, workflow.RegisterOptions{Name: workflows.ScheduleWorkflow})
	w.RegisterWorkflowWithOptions(workflows.Import, workflow.RegisterOptions{Name: workflows.ImportWorkflow})
	a := &activities.Activities{Engine: r.Engine}
	w.RegisterActivityWithOptions(a.Occur, activity.RegisterOptions{Name: "Occur"})
	w.RegisterActivityWithOptions(a.ImportPiece, activity.RegisterOptions{Name: "ImportPiece"})
	return w
}
