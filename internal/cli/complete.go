package cli

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/output"
	"github.com/adsops/cloudtop/internal/provider"
	"github.com/adsops/cloudtop/internal/view"
)

// completeFlags teaches the shell what the list's flags take.
func completeFlags(cmd *cobra.Command, registry provider.Registry) {
	completeNames(cmd, registry)
	completeFlag(cmd, "service", serviceNames(registry))
	completeFlag(cmd, "output", output.Formats())
	completeFlag(cmd, "color", []string{"auto", "always", "never"})
	completeColumns(cmd, "columns")
	completeColumns(cmd, "sort")
	for _, flag := range []string{"region", "account", "filter", "jq", "gpu-type", "offer-query", "refresh", "timeout"} {
		completeFlag(cmd, flag, nil) // no files
	}
}

// completeColumns teaches it a flag that takes names of columns with commas between, and with a minus before.
func completeColumns(cmd *cobra.Command, flag string) {
	complete := func(cmd *cobra.Command, _ []string, begun string) ([]string, cobra.ShellCompDirective) {
		kind := view.Resources
		if offers, err := cmd.Flags().GetBool("list"); err == nil && offers {
			kind = view.Offers
		}
		at := strings.LastIndexByte(begun, ',') + 1
		if strings.HasPrefix(begun[at:], "-") {
			at++
		}
		var words []string
		for _, c := range view.Known(kind) {
			words = append(words, begun[:at]+c.Name)
		}
		return words, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
	}
	if err := cmd.RegisterFlagCompletionFunc(flag, complete); err != nil {
		panic(err) // the flag's name is misspelt
	}
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
