package dev

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

const (
	// TestDatabaseEnv names the variable with the PostgreSQL that tests share, set by `go run ./dev/teststack`.
	TestDatabaseEnv = "CRMFLOW_TEST_DATABASE_URL"
	// TestTemporalEnv names the variable with the Temporal that tests share, as host:port.
	TestTemporalEnv = "CRMFLOW_TEST_TEMPORAL"
)

// TestPostgres gives a test binary a PostgreSQL: the shared one of TestDatabaseEnv, else a cluster of its own
// without crash safety. Call it in TestMain and stop at the end; the cluster dies with the process in any case.
func TestPostgres() (databaseURL string, stop func(), err error) {
	if shared := os.Getenv(TestDatabaseEnv); shared != "" {
		return shared, func() {}, nil
	}
	dir, err := os.MkdirTemp("", "crmflow-test-")
	if err != nil {
		return "", nil, err
	}
	p := NewPostgres(filepath.Join(dir, "postgres"), filepath.Join(dir, "log"))
	p.NoFsync = true
	stop = func() {
		p.Stop()
		_ = os.RemoveAll(dir) // made above, for this run only
	}
	if err := p.Start(context.Background()); err != nil {
		stop()
		return "", nil, err
	}
	return p.DSN(Database), stop, nil
}

// TestTemporal gives a test binary a Temporal: the shared one of TestTemporalEnv, else one of its own with its state
// in memory, run from executable. Call it like TestPostgres.
func TestTemporal(executable string) (address string, stop func(), err error) {
	if shared := os.Getenv(TestTemporalEnv); shared != "" {
		return shared, func() {}, nil
	}
	if _, err := os.Stat(executable); err != nil {
		return "", nil, fmt.Errorf("the Temporal server is not built: run `make build` once (%w)", err)
	}
	dir, err := os.MkdirTemp("", "crmflow-test-")
	if err != nil {
		return "", nil, err
	}
	run, ports := NewSupervisor(dir, func(string) {}), new(ports)
	stop = func() {
		run.Stop()
		ports.release()
		_ = os.RemoveAll(dir) // made above, for this run only
	}
	err = run.Start(context.Background(), Part{Name: "temporal", ReadyLine: "ready", Command: func(ctx context.Context) (*exec.Cmd, error) {
		if address, err = ports.any("127.0.0.1"); err != nil {
			return nil, err
		}
		return daemon(ctx, executable, "--memory", "--addr", address, "--namespace", Namespace), nil
	}})
	if err != nil {
		stop()
		return "", nil, err
	}
	return address, stop, nil
}
