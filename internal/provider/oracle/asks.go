package oracle

import "github.com/adsops/cloudtop/internal/provider"

// asks are the calls of a run: lists by compartment and region, metrics by region for the whole tenancy. Where that is
// not allowed, metrics are asked for each compartment by itself: that is not reckoned with. Kubernetes takes a call for
// clusters; node pools and virtual ones are asked for only where the region may have some.
func asks() []provider.Ask {
	const page = 1000
	list := func(service string, most int) provider.Ask {
		return provider.Ask{For: "list", Part: provider.PartList, Services: []string{service}, Least: 1, Most: most, Page: page}
	}
	measure := func(service string, metrics int) provider.Ask {
		return provider.Ask{
			For: "metrics of a region", Part: provider.PartDetails, Services: []string{service}, Most: metrics, Page: 2000, More: metrics,
			Limit: "metrics", Billed: float64(metrics) * longestWindow.Minutes(),
		}
	}
	detailed := len(computeReadings(true, true)) + 1 // one more of the hypervisor
	return []provider.Ask{
		list(compute, 1), list(containers, 1), list(oke, 3), list(autonomous, 1),
		measure(compute, detailed), measure(containers, len(readingsOf(containers, false, true))),
		measure(autonomous, len(readingsOf(autonomous, false, true))),
		{For: "price list", Part: provider.PartDetails, Per: provider.PerRun, Most: 1},
	}
}
