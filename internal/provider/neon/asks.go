package neon

import "github.com/adsops/cloudtop/internal/provider"

// asks are the calls of a run: the projects of an organisation are listed once for all services, then each project is
// asked for what it has.
func asks() []provider.Ask {
	each := func(service string) provider.Ask {
		return provider.Ask{For: "those of each project", Part: provider.PartList, Services: []string{service}, Page: 1}
	}
	return []provider.Ask{
		{For: "projects", Part: provider.PartList, Per: provider.PerAccount, Least: 1, Most: 1, Page: projectsPage},
		each(branches), each(computes), each(operations),
		{
			For: "consumption", Part: provider.PartCosts, Per: provider.PerAccount, Most: 2, Page: consumptionPage, More: 2,
			Limit: "consumption",
		},
	}
}
