package bench

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestOwnEnvironment_LeadsNowhereElse(t *testing.T) {
	t.Parallel()
	got := ownEnvironment([]string{"PATH=/bin", "DATABASE_URL=postgres://production", "TEMPORAL_ADDRESS=cloud:7233", "CRMFLOW_ADDR=:80", "HOME=/root"})
	require.Equal(t, []string{"PATH=/bin", "HOME=/root"}, got)
}

func TestStartStack_SaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	var said bytes.Buffer
	_, err := startStack(t.Context(), Options{Executable: "/nowhere/crmflow"}, t.TempDir(), &said)
	require.ErrorContains(t, err, "crmflow dev doesn't start")

	program := filepath.Join(t.TempDir(), "crmflow")
	require.NoError(t, os.WriteFile(program, []byte("#!/bin/sh\necho \"no room: $*\" >&2\nexit 3\n"), 0o755))
	_, err = startStack(t.Context(), Options{Executable: program}, "/data", &said)
	require.ErrorContains(t, err, "crmflow dev ended before it was ready: exit status 3")
	require.Contains(t, said.String(), "no room: dev --data /data --addr 127.0.0.1:0 --empty")
}

func TestStartStack_LeavesARunningOneAlone(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "dev.json"), []byte(`{"url": "http://127.0.0.1:8080"}`), 0o644))
	_, err := startStack(t.Context(), Options{Executable: "/nowhere/crmflow"}, dir, &bytes.Buffer{})
	require.ErrorContains(t, err, "is in use")
}

func TestWorkDir_RemovesOnlyItsOwn(t *testing.T) {
	t.Parallel()
	kept := t.TempDir()
	dir, remove, err := workDir(kept)
	require.NoError(t, err)
	require.Equal(t, kept, dir)
	remove()
	require.DirExists(t, kept)

	dir, remove, err = workDir("")
	require.NoError(t, err)
	require.DirExists(t, dir)
	remove()
	require.NoDirExists(t, dir)
}

func TestOptions_Defaults(t *testing.T) {
	t.Parallel()
	o, err := Options{}.withDefaults()
	require.NoError(t, err)
	require.Equal(t, 5, o.Rounds)
	require.Equal(t, []int{1, 16}, o.Clients)
	require.NotEmpty(t, o.Executable)
	_, err = Options{Clients: []int{0}}.withDefaults()
	require.Error(t, err)
}
