package cli

import (
	"slices"

	"github.com/spf13/cobra"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/output"
	"github.com/adsops/cloudtop/internal/provider"
)

// completeFlags teaches the shell what flags take.
func completeFlags(cmd *cobra.Command, registry provider.Registry) {
	words := func(list []string) cobra.CompletionFunc {
		return cobra.FixedCompletions(list, cobra.ShellCompDirectiveNoFileComp)
	}
	for flag, list := range map[string][]string{
		"ai": aiNames(registry), "service": serviceNames(registry), "output": output.Formats(),
		"color": {"auto", "always", "never"},
	} {
		if err := cmd.RegisterFlagCompletionFunc(flag, words(list)); err != nil {
			panic(err) // the flag's name is misspelt above
		}
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
