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
)

// Names that stand in histories: never change one.
const (
	CallQueue       = "crmflow-calls" // of calls to systems, which may take their time
	RequestWorkflow = "Request"
	callSystem      = "CallSystem"
	answerCase      = "AnswerCase"
)

// RequestInput is what the workflow of a request starts with: ids only.
type RequestInput struct {
	Case   string `json:"case"`
	Call   string `json:"call"`
	System string `json:"system"`
}

const (
	callTimeout = 90 * time.Second // longer than any system may take for one attempt
	heartbeat   = 10 * time.Second // after which a worker that is silent has died
)

// Request is the workflow of one call to a system: it calls until there is an answer or no more attempt, then lets the case take what it came to.
// How often, and when next, the activity says; here are only the outages of our own.
func Request(ctx workflow.Context, in RequestInput) error {
	outages := &temporal.RetryPolicy{InitialInterval: 200 * time.Millisecond, BackoffCoefficient: 2, MaximumInterval: 30 * time.Second}
	call := workflow.WithActivityOptions(ctx, workflow.ActivityOptions{TaskQueue: CallQueue, StartToCloseTimeout: callTimeout, HeartbeatTimeout: heartbeat, RetryPolicy: outages})
	if err := workflow.ExecuteActivity(call, callSystem, in.System, in.Call).Get(ctx, nil); err != nil {
		return err
	}
	answer := workflow.WithActivityOptions(ctx, workflow.ActivityOptions{StartToCloseTimeout: 30 * time.Second, RetryPolicy: outages})
	return workflow.ExecuteActivity(answer, answerCase, in.Case, in.Call).Get(ctx, nil)
}

// RequestID is the id of the workflow of a call. Ids of processes hold no colon, so it is no case's.
func RequestID(call string) string { return "request:" + call }

// StartRequest gives a request its workflow, unless one runs, and says whether it did. Starting it twice is harmless, also after it has ended: whether
// anything is left to do the database says.
func StartRequest(ctx context.Context, c client.Client, in RequestInput) (bool, error) {
	_, err := c.ExecuteWorkflow(ctx, client.StartWorkflowOptions{
		ID: RequestID(in.Call), TaskQueue: TaskQueue, WorkflowIDReusePolicy: enums.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE, WorkflowExecutionErrorWhenAlreadyStarted: true,
	}, RequestWorkflow, in)
	if _, runs := errors.AsType[*serviceerror.WorkflowExecutionAlreadyStarted](err); runs {
		return false, nil
	}
	return err == nil, err
}
