package main

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/taskqueue/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"

	"github.com/crmflow/crmflow/bench"
	"github.com/crmflow/crmflow/dev"
	"github.com/crmflow/crmflow/workflows"
)

func devCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "dev", Short: "Run everything on this machine, with a sample company", Args: cobra.NoArgs,
		Long: "Runs PostgreSQL, Temporal, worker and server as separate processes, filled with the sample company and its cases. A part that dies is started\n" +
			"again; Ctrl-C stops everything; a second start finds everything again. DATABASE_URL and TEMPORAL_ADDRESS replace either by yours.",
	}
	o := dev.Options{DatabaseURL: os.Getenv("DATABASE_URL"), TemporalAddress: os.Getenv("TEMPORAL_ADDRESS")}
	f := cmd.Flags()
	f.StringVar(&o.Data, "data", ".crmflow", "data directory; never deleted")
	f.StringVar(&o.Addr, "addr", "127.0.0.1:8080", "where the server listens; port 0 takes a free one, of a busy one the next free one is taken")
	f.BoolVar(&o.Empty, "empty", false, "no sample company: only an administrator and the calendars")
	f.StringVar(&o.At, "at", "", "first business time of a new data directory, RFC 3339 or 2026-09-29 15:00; default: the coming Monday, 09:00 of the company")
	f.Float64Var(&o.TimeScale, "time-scale", 0, "business seconds per second; default 1, or what it was")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if err := startLog(cmd.ErrOrStderr(), "warn"); err != nil {
			return err
		}
		o.Stdout, o.Stderr = cmd.OutOrStdout(), cmd.ErrOrStderr()
		return dev.Run(cmd.Context(), o, hooks(o))
	}
	return cmd
}

// hooks is what `dev` leaves to crmflow itself.
func hooks(o dev.Options) dev.Hooks {
	return dev.Hooks{
		Prepare:     func(ctx context.Context, databaseURL string) error { return prepare(ctx, databaseURL, o) },
		Info:        info,
		WorkerReady: workerPolls,
	}
}

// workerPolls is nil when the worker of this process waits for work of our task queue. Temporal remembers the pollers of dead ones for minutes, so
// that their identity counts, which the SDK begins with the process id.
func workerPolls(ctx context.Context, temporalAddress string, pid int) error {
	c, err := client.DialContext(ctx, client.Options{HostPort: temporalAddress, Namespace: dev.Namespace})
	if err != nil {
		return err
	}
	defer c.Close()
	queue, err := c.WorkflowService().DescribeTaskQueue(ctx, &workflowservice.DescribeTaskQueueRequest{
		Namespace: dev.Namespace, TaskQueue: &taskqueue.TaskQueue{Name: workflows.TaskQueue}, TaskQueueType: enums.TASK_QUEUE_TYPE_WORKFLOW,
	})
	if err != nil {
		return err
	}
	mine := fmt.Sprintf("%d@", pid)
	if !slices.ContainsFunc(queue.Pollers, func(p *taskqueue.PollerInfo) bool { return strings.HasPrefix(p.Identity, mine) }) {
		return errNoPoller
	}
	return nil
}

func benchCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "bench", Short: "Compare crmflow with the floor on this machine, alternating in one run on one stack", Args: cobra.NoArgs}
	o := bench.Options{Commit: builtFrom()}
	f := cmd.Flags()
	f.BoolVar(&o.JSON, "json", false, "the report as JSON")
	f.IntVar(&o.Rounds, "rounds", 5, "how often both are measured")
	f.StringVar(&o.Data, "data", "", "directory of the stack; default: a temporary one, removed at the end")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		o.Progress = cmd.ErrOrStderr()
		ctx, stop := untilStopped()
		defer stop()
		_, err := bench.Run(ctx, o, cmd.OutOrStdout())
		return err
	}
	cmd.AddCommand(timersCommand(), waitingCommand(), inboxCommand(), actsCommand(), webCommand())
	return cmd
}
