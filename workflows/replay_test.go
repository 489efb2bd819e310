package workflows_test

import (
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"github.com/crmflow/crmflow/workflows"
)

const histories = "../testdata/histories"

// TestHistoriesOfEveryReleaseReplay: a case that an earlier release began goes on with this one.
func TestHistoriesOfEveryReleaseReplay(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(histories + "/*/*.json")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		t.Run(strings.TrimPrefix(file, histories+"/"), func(t *testing.T) {
			t.Parallel()
			replayer := worker.NewWorkflowReplayer()
			replayer.RegisterWorkflowWithOptions(workflows.Case, workflow.RegisterOptions{Name: workflows.CaseWorkflow})
			replayer.RegisterWorkflowWithOptions(workflows.Request, workflow.RegisterOptions{Name: workflows.RequestWorkflow})
			replayer.RegisterWorkflowWithOptions(workflows.Schedule, workflow.RegisterOptions{Name: workflows.ScheduleWorkflow})
			require.NoError(t, replayer.ReplayWorkflowHistoryFromJSONFile(nil, file))
		})
	}
}

// TestRecordedHistoriesAreOnlyAddedTo: the digests are committed beside them.
func TestRecordedHistoriesAreOnlyAddedTo(t *testing.T) {
	t.Parallel()
	sums, err := os.ReadFile(histories + "/SHA256SUMS")
	require.NoError(t, err)
	var listed []string
	for _, line := range strings.Split(strings.TrimSpace(string(sums)), "\n") {
		want, name, ok := strings.Cut(line, "  ")
		require.True(t, ok, line)
		content, err := os.ReadFile(filepath.Join(histories, name))
		require.NoError(t, err, "a recorded history was removed")
		require.Equal(t, want, fmt.Sprintf("%x", sha256.Sum256(content)), "%s was changed", name)
		listed = append(listed, filepath.Join(histories, name))
	}
	files, err := filepath.Glob(histories + "/*/*.json")
	require.NoError(t, err)
	require.ElementsMatch(t, files, listed, "every history stands in SHA256SUMS")
}
