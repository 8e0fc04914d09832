package vastai

import "github.com/adsops/cloudtop/internal/provider"

// asks are the calls of a run. Readings come with the list of instances; a page holds 500 charges, and a contract has
// one for each of the month's days.
func asks() []provider.Ask {
	list := func(service string, page int) provider.Ask {
		return provider.Ask{For: "list", Part: provider.PartList, Services: []string{service}, Least: 1, Most: 1, Page: page, Limit: service}
	}
	return []provider.Ask{
		list(instances, pageSize), list(volumes, 0), list(endpoints, 0),
		{For: "charges", Part: provider.PartCosts, Per: provider.PerRun, Most: 1, Page: 500 / 31, Limit: "charges"},
		{For: "on-demand and interruptible offers", Part: provider.PartOffers, Per: provider.PerRun, Least: 1, Most: 2, Limit: "offers"},
		{For: "state of the market", Part: provider.PartMarkets, Per: provider.PerRun, Least: 1, Most: 1, Limit: "market"},
	}
}
