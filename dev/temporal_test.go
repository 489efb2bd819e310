package dev

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/log"
)

// temporalProgram is the development Temporal server that `make build` leaves in bin/.
func temporalProgram(t *testing.T) string {
	t.Helper()
	path, err := filepath.Abs("../bin/crmflow-temporal")
	require.NoError(t, err)
	if _, err := os.Stat(path); err != nil {
		t.Skip("bin/crmflow-temporal is not built; run make build")
	}
	return path
}

// temporal describes a Temporal server with its state in databaseURL; the test ends it.
func temporal(t *testing.T, databaseURL string) (run *Supervisor, part Part, address, page string) {
	t.Helper()
	program := temporalProgram(t)
	var ports ports
	t.Cleanup(ports.release)
	address, err := ports.any("127.0.0.1")
	require.NoError(t, err)
	page, err = ports.any("127.0.0.1")
	require.NoError(t, err)
	run = NewSupervisor(t.TempDir(), func(string) {})
	t.Cleanup(run.Stop)
	return run, Part{Name: "temporal", ReadyLine: "ready", Command: func(context.Context) (*exec.Cmd, error) {
		return exec.Command(program, "--database-url", databaseURL, "--addr", address, "--ui-addr", page, "--namespace", Namespace), nil
	}}, address, page
}

const schemas = "SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'temporal%'"

func TestTemporalSetsUpItsSchemasAndFindsThemAgain(t *testing.T) {
	p := cluster(t, t.TempDir())
	run, part, address, page := temporal(t, p.DSN(Database))
	require.NoError(t, run.Start(t.Context(), part))
	require.Equal(t, 200, statusCode("http://"+page+"/namespaces/crmflow/workflows"))
	require.Equal(t, 2, count(t, p.DSN(Database), schemas))
	began := time.Now()
	run.Stop()
	require.Less(t, time.Since(began), killAfter, "it stops when asked, not when killed")
	_, err := net.DialTimeout("tcp", address, time.Second)
	require.Error(t, err)

	run, part, _, _ = temporal(t, p.DSN(Database))
	require.NoError(t, run.Start(t.Context(), part))
	require.Equal(t, 1, count(t, p.DSN(Database), "SELECT count(*) FROM temporal.namespaces WHERE name = 'crmflow'"))
}

func TestTemporalSetUpTwiceAtOnce(t *testing.T) {
	p := cluster(t, t.TempDir())
	results := make(chan error)
	for range 2 {
		run, part, _, _ := temporal(t, p.DSN(Database))
		go func() { results <- run.Start(t.Context(), part) }()
	}
	require.NoError(t, errors.Join(<-results, <-results))
	require.Equal(t, 2, count(t, p.DSN(Database), schemas))
}

func TestTemporalKilledWhileItSetsUp(t *testing.T) {
	p := cluster(t, t.TempDir())
	for _, schema := range []string{"temporal_new", "temporal_visibility_new"} {
		first := exec.Command(temporalProgram(t), "--database-url", p.DSN(Database), "--addr", "127.0.0.1:1")
		require.NoError(t, first.Start())
		eventually(t, 20*time.Second, "the set-up is under way", func() bool {
			return count(t, p.DSN(Database), "SELECT count(*) FROM pg_namespace WHERE nspname = '"+schema+"'") == 1
		})
		require.NoError(t, first.Process.Signal(syscall.SIGKILL))
		_ = first.Wait()
	}
	run, part, _, _ := temporal(t, p.DSN(Database))
	require.NoError(t, run.Start(t.Context(), part))
	require.Equal(t, 2, count(t, p.DSN(Database), schemas))
}

func TestTemporalOutlivesPostgres(t *testing.T) {
	p := startStack(t, t.TempDir(), "127.0.0.1:0", "CRMFLOW_DEV_TEST_TEMPORAL="+temporalProgram(t))
	s := p.ready(t)
	c, err := client.Dial(client.Options{HostPort: s.Temporal, Namespace: Namespace, Logger: log.NewStructuredLogger(slog.New(slog.DiscardHandler))})
	require.NoError(t, err)
	defer c.Close()
	start := func(id string) error {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := c.ExecuteWorkflow(ctx, client.StartWorkflowOptions{ID: id, TaskQueue: "none"}, "Nothing")
		return err
	}
	require.NoError(t, start("before"))
	require.NoError(t, syscall.Kill(s.pid("postgres"), syscall.SIGKILL))
	eventually(t, 15*time.Second, "a workflow can be started again", func() bool { return start("after") == nil })
	require.NoError(t, c.SignalWorkflow(t.Context(), "before", "", "hello", nil))
	now, err := ReadStatus(p.dir)
	require.NoError(t, err)
	require.Equal(t, s.pid("temporal"), now.pid("temporal"), "it did not have to be started again")
}

func TestTemporalInMemory(t *testing.T) {
	t.Setenv(TestTemporalEnv, "")
	address, stop, err := TestTemporal(temporalProgram(t))
	require.NoError(t, err)
	conn, err := net.DialTimeout("tcp", address, time.Second)
	require.NoError(t, err)
	require.NoError(t, conn.Close())
	stop()
	_, err = net.DialTimeout("tcp", address, time.Second)
	require.Error(t, err)
}

func TestTemporalRefusesWhatItCannotMean(t *testing.T) {
	for message, args := range map[string][]string{
		"either --database-url or --memory": {},
		"write an IP address and a port":    {"--memory", "--addr", "nowhere"},
		"can't reach PostgreSQL":            {"--database-url", "postgres://nobody@127.0.0.1:1/x", "--addr", "127.0.0.1:1"},
	} {
		out, err := exec.Command(temporalProgram(t), args...).CombinedOutput()
		require.Error(t, err)
		require.Contains(t, string(out), message)
	}
}
