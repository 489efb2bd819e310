package workflows

import (
	"context"
	"errors"

	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"

	"github.com/crmflow/crmflow/engine"
)

// Running lists, a page at a time, the ids of the workflows of cases that run; next is empty after the last page. The list may be a moment old.
func Running(ctx context.Context, c client.Client, page []byte, size int32) (ids []string, next []byte, err error) {
	list, err := c.ListWorkflow(ctx, &workflowservice.ListWorkflowExecutionsRequest{
		Query: `WorkflowType = "` + CaseWorkflow + `" AND ExecutionStatus = "Running"`, PageSize: size, NextPageToken: page,
	})
	if err != nil {
		return nil, nil, err
	}
	for _, w := range list.GetExecutions() {
		ids = append(ids, w.GetExecution().GetWorkflowId())
	}
	return ids, list.GetNextPageToken(), nil
}

// outcomeGone is the outcome of a workflow whose case doesn't exist.
const outcomeGone = "gone"

// Gone tells a workflow that its case doesn't exist, so that it ends.
func Gone(ctx context.Context, c client.Client, workflow string) error {
	return tellRunning(ctx, c, engine.Signal{Workflow: workflow, Ended: true, Outcome: outcomeGone})
}

// Over tells a workflow that still runs that its case has ended.
func Over(ctx context.Context, c client.Client, sig engine.Signal) error {
	return tellRunning(ctx, c, sig)
}

// tellRunning signals a workflow; one that doesn't run has nothing to hear.
func tellRunning(ctx context.Context, c client.Client, sig engine.Signal) error {
	err := c.SignalWorkflow(ctx, sig.Workflow, "", SignalChanged, sig)
	if _, missing := errors.AsType[*serviceerror.NotFound](err); missing {
		return nil
	}
	return err
}
