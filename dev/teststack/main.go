// Command teststack runs a command with one PostgreSQL and one Temporal for its tests to share:
//
//	go run ./dev/teststack -- go test ./...
//
// Both keep nothing: PostgreSQL in a temporary directory without fsync, Temporal in memory. The command finds them in
// CRMFLOW_TEST_DATABASE_URL and CRMFLOW_TEST_TEMPORAL; its exit code is passed on.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"syscall"

	"github.com/crmflow/crmflow/dev"
)

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

// run is main without the process: it returns the exit code.
func run(args []string, stdout, stderr io.Writer) int {
	f := flag.NewFlagSet("teststack", flag.ContinueOnError)
	f.SetOutput(stderr)
	executable := f.String("temporal", "bin/crmflow-temporal", "the Temporal server's program; empty: no Temporal")
	if err := f.Parse(args); err != nil {
		return 2
	}
	if f.NArg() == 0 {
		fmt.Fprintln(stderr, "teststack: say which command to run, such as: teststack -- go test ./...")
		return 2
	}
	code, err := withStack(*executable, func() (int, error) { return command(f.Args(), stdout, stderr) })
	if err != nil {
		fmt.Fprintln(stderr, "teststack:", err)
		return 1
	}
	return code
}

// withStack runs do between the start and the stop of both.
func withStack(executable string, do func() (int, error)) (int, error) {
	database, stop, err := dev.TestPostgres()
	if err != nil {
		return 0, err
	}
	defer stop()
	os.Setenv(dev.TestDatabaseEnv, database)
	if executable != "" {
		temporal, stop, err := dev.TestTemporal(executable)
		if err != nil {
			return 0, err
		}
		defer stop()
		os.Setenv(dev.TestTemporalEnv, temporal)
	}
	return do()
}

// command runs the command and hands on the signals that ask to stop.
func command(args []string, stdout, stderr io.Writer) (int, error) {
	cmd := exec.CommandContext(context.Background(), args[0], args[1:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, stdout, stderr
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	defer signal.Stop(signals)
	if err := cmd.Start(); err != nil {
		return 0, err
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	for {
		select {
		case s := <-signals:
			_ = cmd.Process.Signal(s) // Ctrl-C has reached it already; then it may be gone
		case err := <-ended:
			var exit *exec.ExitError
			if errors.As(err, &exit) {
				return max(exit.ExitCode(), 1), nil // killed by a signal counts as 1
			}
			return 0, err
		}
	}
}
