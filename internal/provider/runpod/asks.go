package runpod

import "github.com/adsops/cloudtop/internal/provider"

// asks are the calls of a run: every list is one answer, and each serverless endpoint is asked for its workers and jobs.
func asks() []provider.Ask {
	list := func(service string) provider.Ask {
		return provider.Ask{For: "list", Part: provider.PartList, Services: []string{service}, Least: 1, Most: 1, Limit: "api"}
	}
	return []provider.Ask{
		list(pods), list(serverless), list(volumes), list(clusters),
		{For: "workers of each endpoint", Part: provider.PartDetails, Services: []string{serverless}, Page: 1, Limit: "api"},
		{For: "jobs of each queue", Part: provider.PartDetails, Services: []string{serverless}, Page: 1, Limit: "jobs"},
		{For: "bill", Part: provider.PartCosts, Per: provider.PerRun, Least: 1, Most: 2, Limit: "api"},
		{For: "GPU types", Part: provider.PartOffers, Per: provider.PerRun, Least: 1, Most: 2, Limit: "api"},
	}
}
