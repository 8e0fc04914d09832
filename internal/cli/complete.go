package cli

import (
	"slices"

	"github.com/spf13/cobra"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/output"
	"github.com/adsops/cloudtop/internal/provider"
)

// completeFlags teaches the shell what the list's flags take.
func completeFlags(cmd *cobra.Command, registry provider.Registry) {
	completeNames(cmd, registry)
	completeFlag(cmd, "service", serviceNames(registry))
	completeFlag(cmd, "output", output.Formats())
	completeFlag(cmd, "color", []string{"auto", "always", "never"})
}

// completeNames teaches it the names that --ai takes.
func completeNames(cmd *cobra.Command, registry provider.Registry) {
	completeFlag(cmd, "ai", aiNames(registry))
}

func completeFlag(cmd *cobra.Command, flag string, words []string) {
	if err := cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(words, cobra.ShellCompDirectiveNoFileComp)); err != nil {
		panic(err) // the flag's name is misspelt
	}
}

// serviceNames returns every class and every provider's own service names.
func serviceNames(registry provider.Registry) []string {
	var names []string
	for _, c := range cloud.Classes() {
		names = append(names, string(c))
	}
	for _, s := range registry {
		for _, svc := range s.Services {
			names = append(names, svc.Name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}
