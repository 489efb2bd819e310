package main

import (
	"github.com/spf13/cobra"

	"github.com/crmflow/crmflow/bench"
)

// timersCommand is `crmflow bench timers`.
func timersCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "timers", Short: "Let many clocks come due in one second, on bare Temporal and on crmflow, while decisions run", Args: cobra.NoArgs,
		Long: "Makes N clocks that are due in one second, on bare Temporal and on crmflow in turns on one stack, and compares how late they take effect while decisions\n" +
			"run at half of what the machine has room for. Counts what was lost, doubled or early: nothing may be.",
	}
	o := bench.TimersOptions{Options: bench.Options{Commit: builtFrom()}}
	f := cmd.Flags()
	f.BoolVar(&o.JSON, "json", false, "the report as JSON")
	f.IntVar(&o.Rounds, "rounds", 3, "how often both are measured")
	f.IntVar(&o.N, "n", 2000, "clocks due in one second")
	f.StringVar(&o.Data, "data", "", "directory of the stack; default: a temporary one, removed at the end")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		o.Progress = cmd.ErrOrStderr()
		ctx, stop := untilStopped()
		defer stop()
		_, err := bench.RunTimers(ctx, o, cmd.OutOrStdout())
		return err
	}
	return cmd
}

// waitingCommand is `crmflow bench waiting`.
func waitingCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "waiting", Short: "Start many cases that wait, and say what memory they take and what that does to the decisions of others", Args: cobra.NoArgs,
		Long: "Fills the caches, lets a crowd of cases wait (--crowd), then starts N cases more that wait, at a steady rate, while others decide at a quarter of what the\n" +
			"machine has room for. Says how long their decisions took, and how much more memory server and worker hold for each case that waits.",
	}
	o := bench.WaitingOptions{Options: bench.Options{Commit: builtFrom()}}
	f := cmd.Flags()
	f.BoolVar(&o.JSON, "json", false, "the report as JSON")
	f.IntVar(&o.N, "n", 10_000, "cases that wait, started at a steady rate")
	f.IntVar(&o.Crowd, "crowd", 0, "cases that wait already, started before them as fast as they settle")
	f.Float64Var(&o.Rate, "rate", 20, "how many are started a second")
	f.StringVar(&o.Data, "data", "", "directory of the stack; default: a temporary one, removed at the end")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		o.Progress = cmd.ErrOrStderr()
		ctx, stop := untilStopped()
		defer stop()
		_, err := bench.RunWaiting(ctx, o, cmd.OutOrStdout())
		return err
	}
	return cmd
}

// webCommand is `crmflow bench web`.
func webCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "web", Short: "Let people use the page in the system's Chromium, and say how long they wait", Args: cobra.NoArgs,
		Long: "Opens the inbox, opens a task and approves it, again and again, at a desk and on a phone that is four times slower than this machine with a slow 4G line.\n" +
			"It needs a checkout with the page's packages (scripts/setup web browser).",
	}
	o := bench.Options{Commit: builtFrom()}
	f := cmd.Flags()
	f.BoolVar(&o.JSON, "json", false, "the report as JSON")
	f.IntVar(&o.Rounds, "rounds", 20, "how often everything is done in each window")
	f.StringVar(&o.Data, "data", "", "directory of the stack; default: a temporary one, removed at the end")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		o.Progress = cmd.ErrOrStderr()
		ctx, stop := untilStopped()
		defer stop()
		_, err := bench.RunWeb(ctx, o, cmd.OutOrStdout())
		return err
	}
	return cmd
}

// inboxCommand is `crmflow bench inbox`.
func inboxCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "inbox", Short: "Measure everybody's boxes in a company with a million open tasks", Args: cobra.NoArgs,
		Long: "Fills a PostgreSQL of its own with open and finished tasks, and measures the first page and the counts of every box: for anybody, for someone in\n" +
			"200 groups, and for someone with one in fifty of all tasks; unfiltered, filtered, and for text. In full size it takes 15 GB of disk and half an hour.",
	}
	o := bench.InboxOptions{Options: bench.Options{Commit: builtFrom()}}
	f := cmd.Flags()
	f.BoolVar(&o.JSON, "json", false, "the report as JSON")
	f.IntVar(&o.Open, "open", 1_000_000, "open tasks")
	f.IntVar(&o.Done, "done", 10_000_000, "finished tasks")
	f.IntVar(&o.People, "people", 10_000, "people")
	f.StringVar(&o.Data, "data", "", "directory of the database; default: a temporary one, removed at the end")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		o.Progress = cmd.ErrOrStderr()
		ctx, stop := untilStopped()
		defer stop()
		_, err := bench.RunInbox(ctx, o, cmd.OutOrStdout())
		return err
	}
	return cmd
}

// actsCommand is `crmflow bench acts`.
func actsCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "acts", Short: "Hand over a thousand tasks, decide a hundred at once, and ask for previews", Args: cobra.NoArgs,
		Long: "Starts a stack with the sample company, gives one person many open tasks and lets them leave, then their successor, and so on: says how long it takes until nothing is left\n" +
			"with them. The last one decides many tasks in one request. Then asks, as one client, who will be asked about a complaint.",
	}
	o := bench.ActsOptions{Options: bench.Options{Commit: builtFrom()}}
	f := cmd.Flags()
	f.BoolVar(&o.JSON, "json", false, "the report as JSON")
	f.IntVar(&o.Rounds, "rounds", 3, "how many leave, one after another")
	f.IntVar(&o.N, "n", 1000, "open tasks")
	f.IntVar(&o.Bulk, "bulk", 100, "tasks that are decided in one request")
	f.StringVar(&o.Data, "data", "", "directory of the stack; default: a temporary one, removed at the end")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		o.Progress = cmd.ErrOrStderr()
		ctx, stop := untilStopped()
		defer stop()
		_, err := bench.RunActs(ctx, o, cmd.OutOrStdout())
		return err
	}
	return cmd
}
