package workflows

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/workflow"

	"github.com/crmflow/crmflow/activities"
)

// A request is called until the activity has nothing more to attempt, when the activity says; then its case takes what came, however long it is held.
func TestARequestIsCalledThenItsCaseTakesTheAnswer(t *testing.T) {
	t.Parallel()
	var suite testsuite.WorkflowTestSuite
	env := suite.NewTestWorkflowEnvironment()
	env.RegisterWorkflowWithOptions(Request, workflow.RegisterOptions{Name: RequestWorkflow})
	began := env.Now()
	var called, taken []time.Duration
	since := func() time.Duration { return env.Now().Sub(began).Round(time.Second) }
	again := func(kind string, in time.Duration) error {
		return temporal.NewApplicationErrorWithOptions("again", kind, temporal.ApplicationErrorOptions{NextRetryDelay: in})
	}
	env.RegisterActivityWithOptions(func(_ context.Context, system, call string) error {
		require.Equal(t, []string{"erp", "c1.c1"}, []string{system, call})
		switch called = append(called, since()); len(called) {
		case 1:
			return again(activities.NoAnswer, 7*time.Minute)
		case 2:
			return errors.New("the database is away")
		}
		return nil
	}, activity.RegisterOptions{Name: callSystem})
	env.RegisterActivityWithOptions(func(_ context.Context, caseID, call string) error {
		require.Equal(t, []string{"c1", "c1.c1"}, []string{caseID, call})
		if taken = append(taken, since()); len(taken) == 1 {
			return again(activities.Stuck, time.Hour)
		}
		return nil
	}, activity.RegisterOptions{Name: answerCase})
	env.ExecuteWorkflow(RequestWorkflow, RequestInput{Case: "c1", Call: "c1.c1", System: "erp"})
	require.NoError(t, env.GetWorkflowError())
	require.Equal(t, []time.Duration{0, 7 * time.Minute, 7 * time.Minute}, called)
	require.Equal(t, []time.Duration{7 * time.Minute, 67 * time.Minute}, taken)
}
