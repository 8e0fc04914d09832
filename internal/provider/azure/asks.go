package azure

import "github.com/adsops/cloudtop/internal/provider"

// asks are the calls of a run: one query lists everything in every subscription. How many regions a subscription uses
// is not known before: eight are reckoned with.
func asks() []provider.Ask {
	const regions = 8
	return []provider.Ask{
		{For: "everything, in one query", Part: provider.PartList, Per: provider.PerRun, Least: 1, Most: 1, Page: pageSize, Limit: "resource graph"},
		{
			For: "sizes of machines with GPUs, by region", Part: provider.PartList, Services: []string{"vms", "scale_sets", "aks"},
			Per: provider.PerAccount, Most: regions, Limit: "reads",
		},
		{For: "token for metrics", Part: provider.PartDetails, Per: provider.PerRun, Most: 1},
		{For: "metrics, by region", Part: provider.PartDetails, Most: regions, Page: batchSize, Billed: 1},
		{
			For: "retail prices, by region", Part: provider.PartDetails, Services: []string{"vms", "scale_sets"}, Per: provider.PerRun,
			Most: 5 * regions,
		},
	}
}
