package hub_test

import (
	"fmt"
	"testing"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/hub"
)

// world returns the events of n resources with four readings each, in units of 100.
func world(n int) []hub.Finished {
	var events []hub.Finished
	for u := range n / 100 {
		k := list(fmt.Sprint(u))
		e, samples := ok(k, noon), map[string][]cloud.Metric{}
		for i := range 100 {
			id := fmt.Sprintf("i-%016x", (u*100+i)*2654435761)
			e.Resources = append(e.Resources, &cloud.Resource{
				Provider: "acme", Account: "a", Service: "vm", Region: k.Region, ID: id, Name: "web-" + id, Status: cloud.StatusRunning,
			})
			samples[id] = []cloud.Metric{{Name: cloud.CPUUsagePercent}, {Name: cloud.MemoryUsagePercent}, {Name: cloud.LoadAverage}, {Name: cloud.UptimeSeconds}}
		}
		events = append(events, e, sampled(k, samples))
	}
	return events
}

func BenchmarkSnapshot(b *testing.B) {
	for _, n := range []int{10_000, 100_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			f := hub.NewFold(false)
			round(f, world(n)...)
			b.ReportAllocs()
			for b.Loop() {
				if s := f.Snapshot(noon); len(s.Providers[0].Resources) != n {
					b.Fatal("lost rows")
				}
			}
		})
	}
}
