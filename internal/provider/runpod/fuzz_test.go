package runpod

import (
	"encoding/json"
	"os"
	"testing"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/pkg/loose"
)

// FuzzAnswers checks that no answer of any call does harm, and that readings and prices are what they can be.
func FuzzAnswers(f *testing.F) {
	for _, file := range []string{"pods", "pods_odd", "serverless", "volumes", "clusters", "workers", "health", "gpus", "billing"} {
		data, err := os.ReadFile("testdata/" + file + ".json")
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	now := time.Unix(1_800_000_000, 0)
	f.Fuzz(func(t *testing.T, data []byte) {
		var all struct {
			Pods           loose.List[pod]
			Endpoints      loose.List[endpoint]
			NetworkVolumes loose.List[volume]
			Clusters       loose.List[cluster]
			GPUs           loose.List[gpuType]
			Summary        loose.Object[summary]
			Metadata       loose.Object[struct{ Totals *amounts }]
		}
		if json.Unmarshal(data, &all) != nil {
			return
		}
		for _, p := range all.Pods.All {
			for _, m := range p.Runtime.metrics(now) {
				if m.Value < 0 || m.Value > 100 && m.Name != cloud.CPUUsagePercent && m.Name != cloud.UptimeSeconds {
					t.Errorf("got reading %+v", m)
				}
			}
			_ = p.attrs()
		}
		for _, e := range all.Endpoints.All {
			_ = e.attrs()
		}
		for _, c := range all.Clusters.All {
			_, _ = c.attrs(), c.status()
		}
		for _, v := range all.NetworkVolumes.All {
			if gb, ok := v.Size.Reading(); ok && standardPrice(gb) < 0 {
				t.Errorf("%v GB cost less than nothing", gb)
			}
		}
		for _, g := range all.GPUs.All {
			for _, o := range g.offers(g.side("secure"), &cloud.OfferQuery{}, now) {
				if o.PricePerHour != nil && *o.PricePerHour <= 0 {
					t.Errorf("got offer %+v", o)
				}
			}
		}
	})
}
