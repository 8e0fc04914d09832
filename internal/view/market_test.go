package view

import (
	"math"
	"testing"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/hub"
)

// says is what a column is expected to say of a row.
type says struct {
	column, text string
	reason       Reason // where text is empty
}

// checkColumns compares what the columns of a kind say of one row.
func checkColumns(t *testing.T, kind Kind, r *Row, want []says) {
	t.Helper()
	for _, w := range want {
		c, ok := Lookup(kind, w.column)
		if !ok {
			t.Errorf("Lookup(%s, %q) found no column", kind, w.column)
			continue
		}
		got := c.Cell(r)
		if got.Text != w.text || w.text == "" && (got.Type != Absent || got.Reason != w.reason) {
			t.Errorf("column %s of %s = %+v, want text %q, reason %q", w.column, kind, got, w.text, w.reason)
		}
	}
}

func TestMarketColumnsTellWhatIsKnownAndWhyNot(t *testing.T) {
	t.Parallel()
	full := &cloud.Market{
		Provider: "vastai", Account: "7", GPUType: "H100 SXM", Total: 12, Available: 3, UsagePercent: new(75.0), P10: new(1.5),
		P25: new(0.0), Median: new(2.125), P75: new(10.0), P90: new(1234.5), Currency: "EUR", QuotedAt: at().Add(-90 * time.Second),
	}
	checkColumns(t, Markets, &Row{Market: full, Account: "lab", Now: at()}, []says{
		{"provider", "vastai", 0}, {"account", "lab", 0}, {"gpu", "H100 SXM", 0}, {"NAME", "H100 SXM", 0}, {"available", "3", 0},
		{"total", "12", 0}, {"utilisation", "75%", 0}, {"p10", "EUR 1.50/h", 0}, {"p25", "EUR 0.00/h", 0}, {"median", "EUR 2.12/h", 0},
		{"p75", "EUR 10.00/h", 0}, {"p90", "EUR 1234.50/h", 0}, {"currency", "EUR", 0}, {"quoted", "1m30s", 0},
		{"quoted_at", "2026-03-20 11:58", 0},
	})
	checkColumns(t, Markets, &Row{Market: &cloud.Market{Account: "7", P90: new(math.Inf(1))}, Now: at()}, []says{
		{"account", "7", 0}, {"gpu", "", NotSaid}, {"available", "0", 0}, {"total", "0", 0}, {"usage_percent", "", NotMeasured},
		{"median", "", PriceUnknown}, {"p90", "", PriceUnknown}, {"currency", "", NotSaid}, {"age", "", NotSaid}, {"quoted_at", "", NotSaid},
	})
}

func TestOfferColumnsTellWhatIsKnownAndWhyNot(t *testing.T) {
	t.Parallel()
	full := &cloud.Offer{
		Provider: "runpod", Account: "u-1", ID: "h100-eu", GPUType: "H100 SXM", GPUCount: 4, GPUMemoryGB: 80, VCPUs: 64, MemoryGB: 503.5,
		DiskGB: 1000, Region: "EU-RO-1", PricePerHour: new(10.0), Currency: "USD", Available: true, Stock: "Low", Tier: "secure",
		Reliability: new(0.995), QuotedAt: at().Add(-2 * time.Hour), Attrs: []cloud.Attr{{Name: "driver", Value: "570.1"}},
	}
	market := &cloud.Market{UsagePercent: new(33.3)}
	checkColumns(t, Offers, &Row{Offer: full, Market: market, Now: at()}, []says{
		{"provider", "runpod", 0}, {"account", "u-1", 0}, {"name", "h100-eu", 0}, {"gpu", "4x H100 SXM", 0}, {"gpu.type", "H100 SXM", 0},
		{"gpus", "4", 0}, {"vram", "80 GB", 0}, {"cpus", "64", 0}, {"ram", "504 GB", 0}, {"disk_gb", "1000 GB", 0}, {"region", "EU-RO-1", 0},
		{"hourly", "$10.00/h", 0}, {"per_gpu", "$2.50/h", 0}, {"currency", "USD", 0}, {"gpu_util", "33%", 0}, {"available", "yes", 0},
		{"stock", "Low", 0}, {"tier", "secure", 0}, {"spot", "no", 0}, {"reliability_percent", "99.5%", 0}, {"age", "2h", 0},
		{"quoted_at", "2026-03-20 10:00", 0}, {"attrs.driver", "570.1", 0}, {"attrs.none", "", NotSaid},
	})
	checkColumns(t, Offers, &Row{Offer: &cloud.Offer{Reliability: new(math.NaN())}, Now: at()}, []says{
		{"id", "", NotSaid}, {"gpu", "GPU", 0}, {"gpu_count", "", NotSaid}, {"gpu_memory", "", NotSaid}, {"vcpus", "", NotSaid},
		{"memory", "", NotSaid}, {"disk", "", NotSaid}, {"price", "", PriceUnknown}, {"price_per_gpu", "", PriceUnknown},
		{"utilization", "", NotMeasured}, {"available", "no", 0}, {"reliability", "", NotMeasured}, {"age", "", NotSaid},
	})
	for price, count := range map[float64]float64{5: 0, math.NaN(): 2} {
		checkColumns(t, Offers, &Row{Offer: &cloud.Offer{PricePerHour: &price, GPUCount: count}}, []says{{"per_gpu", "", PriceUnknown}})
	}
}

func TestAnOfferThatIsTakenIsDim(t *testing.T) {
	t.Parallel()
	c, _ := Lookup(Offers, "available")
	for available, want := range map[bool]Style{true: Plain, false: Dim} {
		if got := c.Cell(&Row{Offer: &cloud.Offer{Available: available}}).Style; got != want {
			t.Errorf("style of available=%v is %d, want %d", available, got, want)
		}
	}
}

func TestCardsLeaveOutWhatIsUnknown(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		kind string
		n    float64
		want string
	}{
		{"", 0, "GPU"}, {"A100", 0, "A100"}, {"", 2, "2x GPU"}, {"A100", 1, "1x A100"}, {"A100", 0.5, "0.5x A100"}, {"L4", 0.125, "0.12x L4"},
		{"RTX 4090", 16, "16x RTX 4090"}, {"A100", math.NaN(), "A100"}, {"", math.Inf(1), "GPU"},
	} {
		if got := cards(c.kind, c.n).Text; got != c.want {
			t.Errorf("cards(%q, %v) = %q, want %q", c.kind, c.n, got, c.want)
		}
	}
}

func TestLedgerColumnsTellWhatBecameOfAUnit(t *testing.T) {
	t.Parallel()
	denied := &hub.Unit{
		Key:   hub.Key{Provider: "oracle", Account: "ocid1.t", Region: "us-ashburn-1", Compartment: "prod", Service: "compute", Capability: hub.Metrics},
		State: hub.Denied, Kind: cloud.KindDenied, Reason: "HTTP 404 NotAuthorized", Hint: "add a policy", Calls: 2, Took: 1500 * time.Millisecond,
		At: at().Add(-time.Minute), Cached: true,
	}
	checkColumns(t, Units, &Row{Unit: denied, Account: "acme", Now: at()}, []says{
		{"provider", "oracle", 0}, {"account", "acme", 0}, {"region", "us-ashburn-1", 0}, {"compartment", "prod", 0}, {"service", "compute", 0},
		{"capability", "metrics", 0}, {"status", "denied", 0}, {"kind", "denied", 0}, {"calls", "2", 0}, {"rows", "0", 0},
		{"took_seconds", "1s", 0}, {"age", "1m", 0}, {"cached", "yes", 0}, {"at", "2026-03-20 11:59", 0},
		{"reason", "HTTP 404 NotAuthorized", 0}, {"hint", "add a policy", 0},
	})
	checkColumns(t, Units, &Row{Unit: &hub.Unit{State: hub.OK}, Now: at()}, []says{
		{"account", "", NotSuch}, {"region", "", NotSuch}, {"compartment", "", NotSuch}, {"service", "", NotSuch}, {"kind", "", NotSuch},
		{"calls", "0", 0}, {"rows", "0", 0}, {"took", "", NotSaid}, {"age", "", NotSaid}, {"cached", "no", 0}, {"at", "", NotSaid},
		{"reason", "", NotSuch}, {"hint", "", NotSuch},
	})
}

func TestStatesOfUnitsHaveStylesAndSortAsTheyAreCounted(t *testing.T) {
	t.Parallel()
	styles := map[hub.State]Style{
		hub.OK: Running, hub.Partial: Stopping, hub.Stale: Stopping, hub.Denied: Failed, hub.Throttled: Failed, hub.Failed: Failed,
		hub.Pending: Starting, hub.Skipped: Stopped,
	}
	for rank, state := range hub.States() {
		got := stateCell(&Row{Unit: &hub.Unit{State: state}})
		if want := (Cell{Text: string(state), Type: Text, Num: float64(rank), Style: styles[state]}); got != want {
			t.Errorf("stateCell(%s) = %+v, want %+v", state, got, want)
		}
	}
}

func TestLedgerCallsAccountsByTheirProvidersName(t *testing.T) {
	t.Parallel()
	s := world()
	s.Providers[0].AccountNames = map[string]string{"acme": "Production", "me": "not this one"}
	var got []string
	c, _ := Lookup(Units, "account")
	for _, r := range Rows(s, Units, at()) {
		got = append(got, c.Cell(&r).Text+"/"+c.Bare(&r).Text)
	}
	if len(got) != 2 || got[0] != "Production/acme" || got[1] != "me/me" {
		t.Errorf("accounts of the ledger = %q, want Production/acme and me/me", got)
	}
}

func TestAnOfferMeetsTheMarketOfItsCardAtItsProvider(t *testing.T) {
	t.Parallel()
	s := &hub.Snapshot{Providers: []hub.Provider{
		{
			Name: "vastai", Offers: []cloud.Offer{{Provider: "vastai", GPUType: "H100"}, {Provider: "vastai", GPUType: "L4"}},
			Markets: []cloud.Market{{Provider: "vastai", GPUType: "H100", Total: 1}},
		},
		{Name: "runpod", Offers: []cloud.Offer{{Provider: "runpod", GPUType: "H100"}}},
	}}
	rows := Rows(s, Offers, at())
	if len(rows) != 3 || rows[0].Market == nil || rows[0].Market.Total != 1 || rows[1].Market != nil || rows[2].Market != nil {
		t.Errorf("rows = %+v, want only the first to have a market", rows)
	}
}
