package e2e_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/enums/v1"
	sdk "go.temporal.io/sdk/client"
)

// The sample company is alive from the first start on: whatever is open can be seen, and has its workflow; what has ended never got one.
func TestSampleEveryOpenCaseHasItsWorkflow(t *testing.T) {
	t.Parallel()
	s := sharedStack(t)
	admin, err := s.administrator()
	require.NoError(t, err)
	temporal, err := sdk.Dial(sdk.Options{HostPort: s.present().Temporal, Namespace: "crmflow", Logger: quiet{}})
	require.NoError(t, err)
	defer temporal.Close()
	type listed struct{ ID, Number, Process, Status string }
	open, err := pages[listed](admin, "/cases?status=running")
	require.NoError(t, err)
	require.GreaterOrEqual(t, len(open), 12)
	ended, err := pages[listed](admin, "/cases?status=ended")
	require.NoError(t, err)
	require.GreaterOrEqual(t, len(ended), 300)
	for _, c := range open {
		require.NoError(t, eventually(time.Minute, c.Number+" has a workflow", func() (bool, error) {
			ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
			defer cancel()
			is, err := temporal.DescribeWorkflowExecution(ctx, c.Process+"/"+c.Number, "")
			if err != nil {
				now, ended := admin.caseNow(c.ID)
				return ended == nil && now.Status == "ended", errors.Join(err, ended) // by another test, meanwhile
			}
			status := is.GetWorkflowExecutionInfo().GetStatus()
			return status == enums.WORKFLOW_EXECUTION_STATUS_RUNNING || status == enums.WORKFLOW_EXECUTION_STATUS_COMPLETED, fmt.Errorf("it is %s", status)
		}))
	}
}
