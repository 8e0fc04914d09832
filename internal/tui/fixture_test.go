package tui

import (
	"fmt"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/hub"
)

// at is the moment of the first snapshot.
func at() time.Time { return time.Date(2026, 3, 20, 12, 0, 0, 0, time.UTC) }

// server is a resource that runs, at a share of its processor.
func server(name string, cpu float64) *cloud.Resource {
	return &cloud.Resource{
		Provider: "oracle", Account: "acme", Region: "us-ashburn-1", Service: "compute", Type: "instance", ID: "ocid1." + name,
		Name: name, Status: cloud.StatusRunning, NativeStatus: "RUNNING", CreatedAt: at().Add(-76 * time.Hour),
		Metrics: []cloud.Metric{{Name: cloud.CPUUsagePercent, Value: cpu, At: cloud.InstantOf(at().Add(-time.Minute))}},
		Cost:    cloud.HourlyPrice(0.25, "price list", at().Add(-time.Hour)),
	}
}

// with returns a copy of a resource that was changed.
func with(r *cloud.Resource, change func(*cloud.Resource)) *cloud.Resource {
	out := *r
	change(&out)
	return &out
}

// round is the snapshot of a finished round in which one provider has resources.
func round(resources ...*cloud.Resource) *hub.Snapshot {
	return &hub.Snapshot{
		At: at(), Done: true, Calls: 3, Took: time.Second, Providers: []hub.Provider{{Name: "oracle", Resources: resources}},
		Units: []hub.Unit{{
			Key:   hub.Key{Provider: "oracle", Account: "acme", Service: "compute", Capability: hub.Resources},
			State: hub.OK, Rows: len(resources), Calls: 3, At: at(),
		}},
	}
}

// unfinished is the snapshot of a round that still goes on.
func unfinished(resources ...*cloud.Resource) *hub.Snapshot {
	s := round(resources...)
	s.Done = false
	return s
}

// letters is a finished round of servers a, b, c ...
func letters(names string) *hub.Snapshot {
	var all []*cloud.Resource
	for _, r := range names {
		all = append(all, server("server-"+string(r), 10))
	}
	return round(all...)
}

// world is a bit of everything: names of many scripts and names that try to take the terminal over, every status, GPUs,
// prices of every form, a market, and failures.
func world() *hub.Snapshot {
	web := with(server("web-1", 91.25), func(r *cloud.Resource) {
		r.Tags = []cloud.Tag{{Key: "env", Value: "prod"}, {Key: "pet"}}
		r.Attrs = []cloud.Attr{{Name: "shape", Value: "VM.Standard.E4.Flex"}, {Name: "memory_gb", Value: 16}, {Name: "spot", Value: false}}
		r.Metrics = append(r.Metrics, cloud.Metric{Name: cloud.MemoryUsagePercent, Value: 12, At: cloud.InstantOf(at().Add(-2 * time.Minute))})
	})
	resources := []*cloud.Resource{web}
	for i, status := range cloud.Statuses() {
		resources = append(resources, with(server(fmt.Sprint("batch-", i), 10*float64(i)), func(r *cloud.Resource) {
			r.Status = status
			r.Cost = &cloud.Price{Low: 0.03, High: 0.21, Currency: "EUR", Source: "published prices"}
		}))
	}
	for _, name := range []string{"データベース・プライマリ・本番環境・東京リージョン", "train 🚀 👩‍💻 e\u0301toile", "\x1b[31mred\x07\u202egnp.exe", "अनुच्छेद-क्षि", ""} {
		resources = append(resources, with(server(name, 50), func(r *cloud.Resource) { r.Metrics, r.Cost, r.Region = nil, nil, "" }))
	}
	gpu := with(server("train", 37), func(r *cloud.Resource) {
		r.Provider, r.Account, r.Service, r.Region = "vastai", "9001", "instances", "Sweden, SE"
		r.GPU = &cloud.GPU{Type: "H100 SXM", Count: 8, MemoryGB: 80}
	})
	s := round(resources...)
	s.Providers = append(s.Providers, hub.Provider{Name: "vastai", Resources: []*cloud.Resource{gpu}, Offers: offers(), Markets: markets()})
	s.Units = append(s.Units, troubles()...)
	return s
}

func offers() []cloud.Offer {
	return []cloud.Offer{
		{
			Provider: "vastai", ID: "100", GPUType: "RTX 4090", GPUCount: 2, GPUMemoryGB: 24, VCPUs: 32, MemoryGB: 128, Region: "Germany, DE",
			PricePerHour: new(0.7), Currency: "USD", Available: true, Tier: "on-demand", Reliability: new(0.9987), QuotedAt: at(),
			Attrs: []cloud.Attr{{Name: "dlperf", Value: 98.25}},
		},
		{Provider: "vastai", GPUType: "H100 SXM", GPUCount: 8, Region: "US", Tier: "spot", Currency: "USD", Interruptible: true},
	}
}

func markets() []cloud.Market {
	return []cloud.Market{{
		Provider: "vastai", GPUType: "RTX 4090", Total: 1000, Available: 250, UsagePercent: new(75.0), Median: new(0.35), Currency: "USD",
	}}
}

func troubles() []hub.Unit {
	return []hub.Unit{
		{
			Key:   hub.Key{Provider: "oracle", Account: "acme", Service: "compute", Capability: hub.Metrics, Region: "us-ashburn-1"},
			State: hub.Throttled, Kind: cloud.KindThrottled, Reason: "HTTP 429 TooManyRequests", RetryIn: 90 * time.Second, At: at(),
		},
		{
			Key:   hub.Key{Provider: "oracle", Account: "acme", Service: "autonomous_db", Capability: hub.Resources},
			State: hub.Denied, Kind: cloud.KindDenied, Reason: "HTTP 404 \x1b[2JNotAuthorized", Hint: "allow group cloudtop to read databases",
		},
		{
			Key:   hub.Key{Provider: "vastai", Account: "9001", Service: "instances", Capability: hub.Resources},
			State: hub.Stale, Kind: cloud.KindUnavailable, Reason: "HTTP 503", At: at().Add(-4 * time.Minute), Rows: 1,
		},
	}
}

// many is n resources of two providers, as real as it takes to measure.
func many(n int) *hub.Snapshot {
	s := &hub.Snapshot{At: at(), Done: true, Providers: []hub.Provider{{Name: "gcp"}, {Name: "oracle"}}}
	statuses := cloud.Statuses()
	for i := range n {
		p := &s.Providers[i*2/n]
		r := with(server(fmt.Sprintf("web-%06d", i), float64(i%1000)/10), func(r *cloud.Resource) {
			r.Provider, r.Account, r.Status = p.Name, fmt.Sprintf("project-%d", i%3), statuses[i%len(statuses)]
		})
		p.Resources = append(p.Resources, r)
	}
	return s
}
