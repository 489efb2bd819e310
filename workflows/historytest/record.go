// Package historytest writes the histories that later releases must be able to replay.
package historytest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/history/v1"
	"go.temporal.io/api/temporalproto"
	"go.temporal.io/sdk/client"
)

// Dir is where histories are written, made if it isn't there; the test is skipped unless a release is being made. root is where the repository begins.
func Dir(t *testing.T, root string) string {
	t.Helper()
	version := os.Getenv("CRMFLOW_TEST_RECORD")
	if version == "" {
		t.Skip("records only when a release is made: CRMFLOW_TEST_RECORD=vX.Y.Z")
	}
	dir := filepath.Join(root, "testdata", "histories", version)
	require.NoError(t, os.MkdirAll(dir, 0o755))
	return dir
}

// Write writes the history of a workflow that has ended, without the name of this machine. A recorded history is never written again.
func Write(t *testing.T, temporal client.Client, workflow, dir, name string) {
	t.Helper()
	var events history.History
	for it := temporal.GetWorkflowHistory(t.Context(), workflow, "", false, enums.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT); it.HasNext(); {
		e, err := it.Next()
		require.NoError(t, err)
		events.Events = append(events.Events, e)
	}
	content, err := temporalproto.CustomJSONMarshalOptions{Indent: "  "}.Marshal(&events)
	require.NoError(t, err)
	host, err := os.Hostname()
	require.NoError(t, err)
	file, err := os.OpenFile(filepath.Join(dir, name+".json"), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
	require.NoError(t, err)
	defer func() { require.NoError(t, file.Close()) }()
	_, err = file.WriteString(strings.ReplaceAll(string(content), host, "host") + "\n")
	require.NoError(t, err)
}
