// Command crmflow is the workflow and approval engine for CRM processes: one binary for everything. `crmflow --help` lists what it does.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"github.com/spf13/cobra"
)

// Set when the binary is built; see scripts/build.
var (
	version = "0.5.0"
	commit  = ""
)

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

// run carries out a command line and gives the exit code: 0 done, 1 refused or failed, 2 not understood.
func run(args []string, stdout, stderr io.Writer) int {
	root := newRoot(stdout, stderr)
	root.SetArgs(args)
	err := root.ExecuteContext(context.Background())
	if err == nil {
		return 0
	}
	if errors.Is(err, errReported) {
		return 1
	}
	fmt.Fprintln(stderr, "crmflow:", err)
	if _, usage := errors.AsType[usageError](err); usage {
		return 2
	}
	return 1
}

// errReported is the error of a command that has said already what is wrong.
var errReported = errors.New("reported")

// usageError is a command line that wasn't understood.
type usageError struct{ error }

func newRoot(stdout, stderr io.Writer) *cobra.Command {
	root := &cobra.Command{
		Use: "crmflow", Short: "Workflow and approval engine for CRM processes", Version: versionText(),
		SilenceUsage: true, SilenceErrors: true, CompletionOptions: cobra.CompletionOptions{HiddenDefaultCmd: true},
	}
	root.SetOut(stdout)
	root.SetErr(stderr)
	root.SetVersionTemplate("crmflow {{.Version}}\n")
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usageError{err} })
	root.AddCommand(serverCommand(), workerCommand(), migrateCommand(), healthCommand(), repairsCommand(), definitionsCommand(), devCommand(), benchCommand())
	return root
}

// versionText is the version with the commit it was built from.
func versionText() string {
	if from := builtFrom(); from != "" {
		return version + " (commit " + from + ")"
	}
	return version
}

// builtFrom is the commit the binary was built from; "" when nobody noted it.
func builtFrom() string {
	if commit != "" {
		return commit
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			return s.Value
		}
	}
	return ""
}

// untilStopped is a context that ends when the process is asked to stop.
func untilStopped() (context.Context, context.CancelFunc) {
	return signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
}
