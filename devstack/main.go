// Command crmflow-temporal runs a Temporal server and its page in one process, for development and tests.
//
// State lives in PostgreSQL (--database-url; schemas temporal and temporal_visibility of that database) or
// in memory (--memory). It prints the line "ready" when a workflow can be started, and ends on SIGTERM or
// SIGINT. Production uses a Temporal cluster or Temporal Cloud instead.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// options is what the command line says.
type options struct {
	DatabaseURL      string
	Memory           bool
	Addr             string
	UIAddr           string
	Namespaces       []string
	Retention        time.Duration
	LogLevel         string
	DeadlockInterval time.Duration
	HistoryEvents    int
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// run is main without the process: it returns the exit code.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	o, err := parse(args, stderr)
	if errors.Is(err, flag.ErrHelp) {
		return 0
	}
	if err == nil {
		err = serve(ctx, o, stdout)
	}
	if err != nil {
		fmt.Fprintln(stderr, "crmflow-temporal:", err)
		return 1
	}
	return 0
}

const (
	fewerEventsEnv     = "CRMFLOW_TEST_HISTORY_EVENTS"
	historyEvents      = 4096 // Temporal's own default
	leastHistoryEvents = 8
)

// fewerEvents is what the environment asks for; a test can't give flags to a server that `crmflow dev` starts.
func fewerEvents() int {
	if n, err := strconv.Atoi(os.Getenv(fewerEventsEnv)); err == nil {
		return n
	}
	return historyEvents
}

// parse reads the flags and refuses what can't be meant.
func parse(args []string, stderr io.Writer) (options, error) {
	var o options
	f := flag.NewFlagSet("crmflow-temporal", flag.ContinueOnError)
	f.SetOutput(stderr)
	f.StringVar(&o.DatabaseURL, "database-url", "", "PostgreSQL that keeps the state, as a URL or key=value string")
	f.BoolVar(&o.Memory, "memory", false, "keep the state in memory; it is gone when the process ends")
	f.StringVar(&o.Addr, "addr", "127.0.0.1:7233", "address of the gRPC frontend")
	f.StringVar(&o.UIAddr, "ui-addr", "", "address of Temporal's page; empty: no page")
	f.Func("namespace", "namespace to register; may be repeated (default crmflow)", func(name string) error {
		if strings.TrimSpace(name) == "" {
			return errors.New("a namespace needs a name")
		}
		o.Namespaces = append(o.Namespaces, name)
		return nil
	})
	f.DurationVar(&o.Retention, "retention", 30*24*time.Hour, "how long closed workflows stay readable")
	f.StringVar(&o.LogLevel, "log-level", "error", "debug, info, warn or error; written to stderr")
	f.DurationVar(&o.DeadlockInterval, "deadlock-interval", 5*time.Minute, "how often the server looks for deadlocks in itself")
	f.IntVar(&o.HistoryEvents, "history-events", fewerEvents(), "after so many events a workflow is told to continue as new; for tests, which set "+fewerEventsEnv)
	if err := f.Parse(args); err != nil {
		return o, err
	}
	if f.NArg() > 0 {
		return o, fmt.Errorf("unexpected argument %q: everything is said with flags, see --help", f.Arg(0))
	}
	if (o.DatabaseURL == "") == !o.Memory {
		return o, errors.New("say where the state lives: either --database-url or --memory")
	}
	if o.HistoryEvents < leastHistoryEvents {
		return o, fmt.Errorf("--history-events: at least %d, or a workflow would do nothing but continue", leastHistoryEvents)
	}
	if len(o.Namespaces) == 0 {
		o.Namespaces = []string{"crmflow"}
	}
	return o, nil
}
