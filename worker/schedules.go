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
	list, err := r.Engine.Schedules(ctx, sweepLate)
	if err != nil {
		return err
	}
	for _, s := range list {
		if err := r.schedule(ctx, s); err != nil {
			return err
		}
	}
	return nil
}

func (r *runner) schedule(ctx context.Context, s engine.Schedule) error {
	call, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	if !s.Ended {
		return workflows.WakeSchedule(call, r.Temporal, s.Process, s.Late)
	}
	if err := workflows.EndSchedule(call, r.Temporal, s.Process); err != nil {
		return err
	}
	return r.DB.ForgetSchedule(ctx, s.Process)
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
	a := &activities.Activities{Engine: r.Engine}
	w.RegisterActivityWithOptions(a.Occur, activity.RegisterOptions{Name: "Occur"})
	return w
}
