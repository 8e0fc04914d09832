package gcp

import "github.com/adsops/cloudtop/internal/provider"

// asks are the calls of a run. Cloud Run is asked region by region; it has at most runRegionsMost of them. One answer of
// Cloud Monitoring has 100,000 points, and a series of the window that is asked for at most pointsMost. Functions are
// counted by how they ended, in at most outcomesMost ways; and what is asked for them of Cloud Run brings the services
// that are no functions too, beside what is asked for those.
func asks() []provider.Ask {
	const runRegionsMost, pointsMost, outcomesMost = 60, 7, 5
	list := func(service string, calls, page int, limit string) provider.Ask {
		return provider.Ask{For: "list", Part: provider.PartList, Services: []string{service}, Least: 1, Most: calls, Page: page, Limit: limit}
	}
	measure := func(service string) provider.Ask {
		n := len(meters(service))
		return provider.Ask{
			For: "metrics, a call for each", Part: provider.PartDetails, Services: []string{service}, Most: n, Page: 100_000 / pointsMost, More: n,
			Limit: "monitoring", Billed: float64(n),
		}
	}
	ofFunctions := measure(functions)
	ofFunctions.Page /= outcomesMost
	ofFunctions.Billed = float64(len(secondMeters()) - 1 + outcomesMost + len(runMeters()))
	return []provider.Ask{
		list(compute, 1, 500, "compute"), list(gke, 1, 0, ""), list(functions, 1, 1000, ""), list(run, 1+runRegionsMost, 500, ""),
		list(sql, 1, 1000, ""),
		measure(compute), measure(gke), ofFunctions, measure(run), measure(sql),
		{
			For: "price list, with an API key", Part: provider.PartDetails, Services: []string{compute}, Per: provider.PerRun, Most: 12,
		},
	}
}
