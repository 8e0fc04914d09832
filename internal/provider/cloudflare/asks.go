package cloudflare

import "github.com/adsops/cloudtop/internal/provider"

// asks are the calls of a run. All analytics of an account are one query, which is asked again without what the
// account's plan does not have.
func asks() []provider.Ask {
	list := func(service string, calls, page int) provider.Ask {
		return provider.Ask{For: "list", Part: provider.PartList, Services: []string{service}, Least: 1, Most: calls, Page: page}
	}
	const again = 5
	return []provider.Ask{
		list(workers, 1, 0), list(r2, len(new(driver).jurisdictions()), 1000), list(d1, 1, 10_000), list(kv, 1, 100), list(queues, 1, 100),
		list(pages, 1, projectsPerPage), list(durableObjects, 1, 1000),
		{
			For: "models in use, in one query", Part: provider.PartList, Services: []string{ai}, Per: provider.PerAccount, Least: 1, Most: again,
			Limit: "graphql",
		},
		{For: "all metrics, in one query", Part: provider.PartDetails, Per: provider.PerAccount, Most: again, Limit: "graphql"},
		{For: "bill, or usage", Part: provider.PartCosts, Per: provider.PerAccount, Least: 1, Most: 2 + again},
	}
}
