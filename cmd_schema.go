package main

import (
	"github.com/spf13/cobra"

	"github.com/crmflow/crmflow/process"
)

func schemaCommand() *cobra.Command {
	return &cobra.Command{
		Use: "schema", Short: "Print the JSON Schema of definition files, for editors", Args: cobra.NoArgs,
		Long: "Prints the JSON Schema of definition files, which docs/definitions.schema.json is, too. An editor that knows it completes keys and says what they mean:\n" +
			"with yaml-language-server write `# yaml-language-server: $schema=definitions.schema.json` above a definition. What is right only `definitions check` says.",
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, err := cmd.OutOrStdout().Write(process.Schema())
			return err
		},
	}
}
