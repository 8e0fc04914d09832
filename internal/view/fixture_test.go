package view

import (
	"testing"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/hub"
)

// at is the moment of every snapshot of these tests.
func at() time.Time { return time.Date(2026, 3, 20, 12, 0, 0, 0, time.UTC) }

// world is two providers: web (all known), db (stopped, priced as a range), gpu (failed) and bucket (nothing known).
func world() *hub.Snapshot {
	web := &cloud.Resource{
		Provider: "oracle", Account: "acme", Region: "us-ashburn-1", Compartment: "prod", Service: "compute",
		Type: "instance", ID: "ocid1.web", Name: "web-1", Status: cloud.StatusRunning, NativeStatus: "RUNNING",
		CreatedAt: at().Add(-76 * time.Hour), Tags: []cloud.Tag{{Key: "env", Value: "prod"}, {Key: "Cost Center", Value: "7"}, {Key: "pet"}},
		Attrs: []cloud.Attr{{Name: "shape", Value: "E4.Flex"}, {Name: "memory_gb", Value: 16}, {Name: "spot", Value: false}},
		Metrics: []cloud.Metric{
			{Name: cloud.CPUUsagePercent, Value: 91.25, At: cloud.InstantOf(at())}, {Name: cloud.MemoryUsagePercent, Value: 0, At: cloud.InstantOf(at())},
			{Name: cloud.NetworkRxBytesPerSec, Value: 1 << 20, At: cloud.InstantOf(at())},
		},
		Cost: cloud.HourlyPrice(0.125, "price list", at()),
	}
	db := &cloud.Resource{
		Provider: "oracle", Account: "acme", Region: "eu-frankfurt-1", Service: "autonomous_db", Type: "database",
		ID: "ocid1.db", Name: "db", Status: cloud.StatusStopped, Tags: []cloud.Tag{{Key: "env", Value: "dev"}},
		Cost: &cloud.Price{Low: 0.03, High: 0.21, Currency: "EUR"},
	}
	gpu := &cloud.Resource{
		Provider: "vastai", Account: "me", Region: "Sweden, SE", Service: "instances", Type: "instance", ID: "42", Name: "train",
		Status: cloud.StatusFailed, GPU: &cloud.GPU{Type: "H100 SXM", Count: 8, MemoryGB: 80},
		Metrics: []cloud.Metric{{Name: cloud.CPUUsagePercent, Value: 12, At: cloud.InstantOf(at())}, {Name: cloud.GPUUsagePercent, Value: 97, At: cloud.InstantOf(at())}},
		Cost:    cloud.HourlyPrice(18.4, "listing", at()),
	}
	bucket := &cloud.Resource{Provider: "vastai", Account: "me", Service: "volumes", Type: "volume", ID: "v-1"}
	return &hub.Snapshot{
		At: at(), Done: true,
		Providers: []hub.Provider{
			{Name: "oracle", Resources: []*cloud.Resource{db, web}, Costs: []cloud.Cost{{Account: "acme", Kind: cloud.CostSpend, Amount: 3}}},
			{
				Name: "vastai", Resources: []*cloud.Resource{gpu, bucket}, Offers: offers(),
				Markets: []cloud.Market{{Provider: "vastai", GPUType: "H100 SXM", Total: 10, UsagePercent: new(40.0), Median: new(2.0)}},
				Costs:   []cloud.Cost{{Account: "me", Kind: cloud.CostBalance, Amount: 12}},
			},
		},
		Units: []hub.Unit{
			{Key: hub.Key{Provider: "oracle", Account: "acme", Service: "compute", Capability: hub.Resources}, State: hub.OK, Rows: 2, Calls: 3},
			{Key: hub.Key{Provider: "vastai", Account: "me", Service: "instances", Capability: hub.Resources}, State: hub.OK, Rows: 2, Calls: 1},
		},
	}
}

func offers() []cloud.Offer {
	return []cloud.Offer{
		{Provider: "vastai", ID: "unpriced", GPUType: "RTX 4090", GPUCount: 1, Currency: "USD"},
		{
			Provider: "vastai", ID: "eight", GPUType: "H100 SXM", GPUCount: 8, GPUMemoryGB: 80, PricePerHour: new(20.0),
			Currency: "USD", Available: true, Region: "US", Reliability: new(0.9987), QuotedAt: at().Add(-time.Minute),
			Attrs: []cloud.Attr{{Name: "host_id", Value: int64(7)}},
		},
		{
			Provider: "vastai", ID: "one", GPUType: "RTX 4090", GPUCount: 1, PricePerHour: new(0.3), Currency: "USD",
			Available: true, Region: "DE", Interruptible: true,
		},
	}
}

// ids returns the identifiers of a snapshot's resources, or of its offers.
func ids(s *hub.Snapshot, kind Kind) []string {
	out := []string{}
	for _, r := range Rows(s, kind, s.At) {
		if r.Offer != nil {
			out = append(out, r.Offer.ID)
		} else {
			out = append(out, r.Resource.ID)
		}
	}
	return out
}

// cell returns the text of one column in the row of a resource.
func cell(t *testing.T, column, id string) Cell {
	t.Helper()
	c, ok := Lookup(Resources, column)
	if !ok {
		t.Fatalf("Lookup(%q) found no column", column)
	}
	for _, r := range Rows(world(), Resources, at()) {
		if r.Resource.ID == id {
			return c.Cell(&r)
		}
	}
	t.Fatalf("no resource %q", id)
	return Cell{}
}
