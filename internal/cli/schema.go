package cli

import (
	"github.com/spf13/cobra"

	"github.com/adsops/cloudtop/internal/output"
)

func (a *app) schemaCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "schema",
		Short:   "Print the JSON Schema of the JSON output",
		Example: "  cloudtop schema > snapshot.schema.json",
		Args:    noArgs,
		RunE: func(*cobra.Command, []string) error {
			_, err := a.out.Write(output.Schema())
			return err
		},
	}
}
