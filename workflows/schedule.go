package workflows

import (
	"context"
	"errors"
	"time"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/crmflow/crmflow/engine"
)

// Names that stand in histories: never change one.
const (
	BulkQueue        = "crmflow-bulk" // what starts many cases at once; its activities are throttled, so that decisions of others stay fast
	ScheduleWorkflow = "Schedule"
	occur            = "Occur"
)

// ScheduleInput is what a schedule's workflow starts with.
type ScheduleInput struct {
	Process string `json:"process"`
}

// ScheduleID is the id of the workflow of a process's rhythm: what people read on Temporal's page. Ids of processes hold no colon.
func ScheduleID(process string) string { return "schedule:" + process }

// Schedule is the workflow of one process's rhythm, for as long as the process has one. It decides nothing: it asks for a piece of the occurrence that is due
// until there is no more, and waits for the next. It hears by signals that it may have slept too long.
func Schedule(ctx workflow.Context, in ScheduleInput) (string, error) {
	changed := workflow.GetSignalChannel(ctx, SignalChanged)
	for {
		for changed.ReceiveAsync(nil) { // whatever it would say is asked for now
		}
		var beat engine.Beat
		if err := workflow.ExecuteActivity(patiently(ctx), occur, in.Process).Get(ctx, &beat); err != nil {
			return "", err
		}
		switch {
		case beat.Gone:
			return "gone", nil
		case beat.More:
			workflow.SetCurrentDetails(ctx, "**starting cases**")
		default:
			if err := sleepUntil(ctx, beat, changed); err != nil {
				return "", err
			}
		}
		if workflow.GetInfo(ctx).GetContinueAsNewSuggested() {
			return "", workflow.NewContinueAsNewError(ctx, Schedule, in)
		}
	}
}

// patiently is how a piece of an occurrence is asked for: until it is done. How far it has come is in the database.
func patiently(ctx workflow.Context) workflow.Context {
	return workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		StartToCloseTimeout: 10 * time.Second, // one that goes on for longer does no harm beside the next
		RetryPolicy:         &temporal.RetryPolicy{InitialInterval: 500 * time.Millisecond, BackoffCoefficient: 2, MaximumInterval: 30 * time.Second},
	})
}

// sleepUntil waits for the next occurrence, or for somebody who says that it is late.
func sleepUntil(ctx workflow.Context, beat engine.Beat, changed workflow.ReceiveChannel) error {
	var err error
	timer, cancel := workflow.WithCancel(ctx)
	defer cancel()
	s := workflow.NewSelector(ctx)
	s.AddReceive(changed, func(workflow.ReceiveChannel, bool) {})
	s.AddReceive(ctx.Done(), func(workflow.ReceiveChannel, bool) { err = ctx.Err() })
	details := "no occurrence is known"
	if beat.WakeAt != nil && beat.WakeReal != nil {
		s.AddFuture(workflow.NewTimer(timer, max(beat.WakeReal.Sub(workflow.Now(ctx)), minWait)), func(workflow.Future) {})
		details = "next occurrence " + beat.WakeAt.Format(time.RFC3339)
	}
	workflow.SetCurrentDetails(ctx, details)
	s.Select(ctx)
	return err
}

// WakeSchedule makes sure that the workflow of a process's rhythm runs; late: and that it looks at once.
func WakeSchedule(ctx context.Context, c client.Client, process string, late bool) error {
	id := ScheduleID(process)
	if !late {
		runs, err := Runs(ctx, c, id)
		if err != nil || runs {
			return err
		}
	}
	_, err := c.SignalWithStartWorkflow(ctx, id, SignalChanged, nil, client.StartWorkflowOptions{
		TaskQueue: BulkQueue, WorkflowIDReusePolicy: enums.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE, StaticSummary: "rhythm of " + process,
	}, ScheduleWorkflow, ScheduleInput{Process: process})
	return err
}

// EndSchedule lets the workflow of a rhythm that has ended look, and so end, too.
func EndSchedule(ctx context.Context, c client.Client, process string) error {
	err := c.SignalWorkflow(ctx, ScheduleID(process), "", SignalChanged, nil)
	if _, missing := errors.AsType[*serviceerror.NotFound](err); missing {
		return nil
	}
	return err
}
