package main

import (
	"fmt"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/crmflow/crmflow/store"
)

// repairWords say what was found, and what was done.
var repairWords = map[string]string{
	store.RepairMissing:  "an open case had no workflow; it was given one",
	store.RepairAsleep:   "a case's moment had passed a minute ago and its workflow slept; it took effect without it",
	store.RepairLeftOver: "a workflow ran without an open case; it was ended",
}

func repairsCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "repairs", Short: "List what the worker has put right between cases and Temporal, after a restored backup for example", Args: cobra.NoArgs}
	limit := cmd.Flags().Int("limit", 1000, "at most so many, the latest")
	addSettings(cmd, "database_url", "log_level")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		s, err := connect(cmd)
		if err != nil {
			return err
		}
		defer s.close()
		rows, err := s.db.LatestRepairs(cmd.Context(), *limit)
		if err != nil {
			return err
		}
		if len(rows) == 0 {
			fmt.Fprintln(cmd.OutOrStdout(), "nothing had to be repaired")
			return nil
		}
		table := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
		for _, r := range rows {
			fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", r.At.UTC().Format(time.RFC3339), r.What, r.Workflow, repairWords[r.What])
		}
		return table.Flush()
	}
	return cmd
}
