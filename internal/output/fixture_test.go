package output

import (
	"bytes"
	"flag"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/hub"
	"github.com/adsops/cloudtop/internal/view"
)

var update = flag.Bool("update", false, "write the golden files and the published schema")

// golden compares got with testdata/name.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s differs (-update writes it anew)\ngot:\n%s\nwant:\n%s", name, got, want)
	}
}

// write renders a snapshot.
func write(t *testing.T, s *hub.Snapshot, o Options) string {
	t.Helper()
	var b bytes.Buffer
	if err := Write(&b, s, o); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// at is the moment of every snapshot of these tests.
func at() time.Time { return time.Date(2026, 3, 20, 12, 0, 0, 250e6, time.UTC) }

func metrics(cpu, memory float64) []cloud.Metric {
	return []cloud.Metric{
		{Name: cloud.MemoryUsagePercent, Value: memory, At: cloud.InstantOf(at().Add(-time.Minute))},
		{Name: cloud.CPUUsagePercent, Value: cpu, At: cloud.InstantOf(at().Add(-2 * time.Minute))},
		{Name: cloud.NetworkRxBytesPerSec, Value: 1234567.5, At: cloud.InstantOf(at().Add(-2 * time.Minute))},
		{Name: cloud.CPUUsagePercent, Value: 99, At: cloud.InstantOf(at().Add(-time.Hour))}, // an older reading of the same
		{Name: cloud.DiskUsagePercent, Value: math.NaN()},
	}
}

// world is a bit of everything: three providers, two accounts of one, every status, GPUs, names of many scripts and
// names that try to take the terminal over, prices of every form, and a failure of every kind.
func world() *hub.Snapshot {
	s := &hub.Snapshot{
		At: at(), Done: true, Calls: 1204, Took: 940 * time.Millisecond,
		Providers: []hub.Provider{oracle(), runpod(), vastai()},
		Units:     ledger(),
	}
	return s
}

func oracle() hub.Provider {
	const tenancy = "ocid1.tenancy.oc1..aaaaaaaa7mxkwqd3v5l6fyz2"
	instance := func(name string, status cloud.Status, native string, days int) *cloud.Resource {
		return &cloud.Resource{
			Provider: "oracle", Account: tenancy, Region: "us-ashburn-1", Compartment: "prod", Service: "compute",
			Type: "instance", ID: "ocid1.instance.oc1.iad.anuwcljt" + name, Name: name, Status: status,
			NativeStatus: native, CreatedAt: at().AddDate(0, 0, -days).Add(-5 * time.Hour),
			Cost: cloud.HourlyPrice(0.0255, "price list", at().Add(-time.Hour)),
		}
	}
	web := instance("web-1", cloud.StatusRunning, "RUNNING", 3)
	web.Metrics = metrics(91.24999999999999, 0)
	web.Tags = []cloud.Tag{{Key: "env", Value: "prod"}, {Key: "Cost Center", Value: "№ 7"}, {Key: "pet"}}
	web.Attrs = []cloud.Attr{
		{Name: "shape", Value: "VM.Standard.E4.Flex"}, {Name: "memory_gb", Value: 16}, {Name: "preemptible", Value: false},
		{Name: "ocpus", Value: 2.5}, {Name: "maintenance_at", Value: at().AddDate(0, 1, 0)}, {Name: "nsgs", Value: []string{"a", "b"}},
		{Name: "boot_bytes", Value: int64(50 << 30)}, {Name: "nothing", Value: nil}, {Name: "none", Value: []string{}},
	}
	db := &cloud.Resource{
		Provider: "oracle", Account: tenancy, Region: "eu-frankfurt-1", Compartment: "prod", Service: "autonomous_db",
		Type: "database", ID: "ocid1.autonomousdatabase.oc1.eu-frankfurt-1.anth", Name: "データベース", Status: cloud.StatusStopped,
		NativeStatus: "STOPPED", Cost: &cloud.Price{Low: 0.03, High: 0.21, Currency: "EUR", Source: "published prices 2026-03-20"},
	}
	evil := instance("\x1b[31mred\x07\u202egnp.exe", cloud.StatusDeleted, "TERMINATED", 400)
	evil.Account, evil.ID, evil.Cost = "second", "ocid1.instance.oc1..evil", nil
	evil.Metrics = metrics(12, 55.5)
	resources := []*cloud.Resource{
		db, instance("batch", cloud.StatusStarting, "PROVISIONING", 0), instance("old", cloud.StatusStopping, "STOPPING", 40), web, evil,
	}
	return hub.Provider{Name: "oracle", Resources: resources}
}

func runpod() hub.Provider { return hub.Provider{Name: "runpod"} }

func vastai() hub.Provider {
	train := &cloud.Resource{
		Provider: "vastai", Account: "9001", Region: "Sweden, SE", Service: "instances", Type: "instance", ID: "4711",
		Name: "train 🚀 e\u0301toile", Status: cloud.StatusFailed, NativeStatus: "exited", CreatedAt: at().Add(-90 * time.Minute),
		GPU: &cloud.GPU{Type: "H100 SXM", Count: 8, MemoryGB: 80}, Cost: cloud.HourlyPrice(18.4, "listing", at()),
		Metrics: append(metrics(37, 81), cloud.Metric{Name: cloud.GPUUsagePercent, Value: 97.5, At: cloud.InstantOf(at())}),
	}
	half := &cloud.Resource{
		Provider: "vastai", Account: "9001", Service: "instances", Type: "instance", ID: "4712", Status: cloud.StatusRunning,
		GPU: &cloud.GPU{Type: "RTX 4090"},
	}
	return hub.Provider{
		Name: "vastai", Resources: []*cloud.Resource{train, half},
		Offers: []cloud.Offer{
			{
				Provider: "vastai", Account: "9001", ID: "100", GPUType: "RTX 4090", GPUCount: 2, GPUMemoryGB: 24, VCPUs: 32, MemoryGB: 128,
				DiskGB: 512.5, Region: "Germany, DE", PricePerHour: new(0.7), Currency: "USD", Available: true,
				Tier: "on-demand", Reliability: new(0.9987), QuotedAt: at().Add(-time.Minute),
				Attrs: []cloud.Attr{{Name: "dlperf", Value: 98.25}},
			},
			{Provider: "vastai", ID: "101", GPUType: "H100 SXM", GPUCount: 8, Currency: "USD", Interruptible: true, Stock: "Low"},
		},
		Markets: []cloud.Market{{
			Provider: "vastai", GPUType: "RTX 4090", Total: 1000, Available: 250, UsagePercent: new(75.0),
			Median: new(0.35), Currency: "USD", QuotedAt: at(),
		}},
		Costs: []cloud.Cost{
			{Account: "9001", Kind: cloud.CostBalance, Amount: 12.3456, Currency: "USD", Source: "account", At: at()},
			{
				Account: "9001", Service: "instances", Kind: cloud.CostSpend, Amount: 3, Currency: "USD", Source: "invoices",
				From: at().AddDate(0, 0, -20), To: at(), At: at(),
			},
			{Account: "9001", Kind: cloud.CostLimit, Amount: math.Inf(1)},
		},
	}
}

// ledger has a unit of every state and a failure of every kind.
func ledger() []hub.Unit {
	const tenancy = "ocid1.tenancy.oc1..aaaaaaaa7mxkwqd3v5l6fyz2"
	unit := func(region, compartment, service string, c hub.Capability, state hub.State) hub.Unit {
		return hub.Unit{
			Key:   hub.Key{Provider: "oracle", Account: tenancy, Region: region, Compartment: compartment, Service: service, Capability: c},
			State: state, Calls: 2, Rows: 4, Took: 250 * time.Millisecond, At: at(),
		}
	}
	failed := func(u hub.Unit, kind cloud.Kind, reason, hint string) hub.Unit {
		u.Kind, u.Reason, u.Hint = kind, reason, hint
		return u
	}
	out := []hub.Unit{unit("", "", "", hub.Connect, hub.OK), unit("us-ashburn-1", "prod", "compute", hub.Resources, hub.OK)}
	for _, region := range []string{"eu-frankfurt-1", "sa-saopaulo-1", "uk-london-1", "us-ashburn-1"} {
		out = append(out, failed(unit(region, "dev", "compute", hub.Resources, hub.Denied), cloud.KindDenied,
			"HTTP 404 NotAuthorizedOrNotFound", "allow group cloudtop to read instances in compartment dev"))
	}
	throttled := failed(unit("us-ashburn-1", "", "compute", hub.Metrics, hub.Throttled), cloud.KindThrottled, "HTTP 429 TooManyRequests", "")
	throttled.RetryIn = 90 * time.Second
	stale := failed(unit("us-phoenix-1", "prod", "containers", hub.Resources, hub.Stale), cloud.KindUnavailable, "HTTP 503", "")
	stale.At = at().Add(-4 * time.Minute)
	cachedUnit := unit("us-ashburn-1", "", "", hub.Prices, hub.OK)
	cachedUnit.Cached, cachedUnit.At = true, at().Add(-3*time.Hour)
	out = append(out, throttled, stale, cachedUnit,
		failed(unit("", "", "autonomous_db", hub.Resources, hub.Partial), cloud.KindPartial, "region me-dubai-1 did not answer", ""),
		failed(unit("", "", "ai", hub.Resources, hub.Skipped), cloud.KindUnsupported, "not offered in this region", ""),
		unit("us-ashburn-1", "", "oke", hub.Resources, hub.Pending),
		hub.Unit{
			Key: hub.Key{Provider: "runpod", Capability: hub.Connect}, State: hub.Failed, Kind: cloud.KindAuth,
			Reason: "HTTP 401 \x1b[2Jinvalid API key", Hint: "make a new key at console.runpod.io and set RUNPOD_API_KEY", Calls: 1,
		},
		hub.Unit{Key: hub.Key{Provider: "vastai", Account: "9001", Service: "instances", Capability: hub.Resources}, State: hub.OK, Calls: 1, Rows: 2, At: at()},
		hub.Unit{Key: hub.Key{Provider: "vastai", Account: "empty", Service: "instances", Capability: hub.Resources}, State: hub.OK, Calls: 1, At: at()},
	)
	return out
}

// complete is a small world in which nothing failed and which is simulated.
func complete() *hub.Snapshot {
	return &hub.Snapshot{
		At: at(), Done: true, Simulated: true, Calls: 1, Took: time.Second, Providers: []hub.Provider{vastai()},
		Units: []hub.Unit{{Key: hub.Key{Provider: "vastai", Account: "9001", Capability: hub.Resources}, State: hub.OK, Calls: 1, At: at()}},
	}
}

// many is n resources of two providers, as real as it takes to measure.
func many(n int) *hub.Snapshot {
	s := &hub.Snapshot{At: at(), Done: true, Providers: []hub.Provider{{Name: "gcp"}, {Name: "oracle"}}}
	statuses := cloud.Statuses()
	for i := range n {
		p := &s.Providers[i%2]
		r := &cloud.Resource{
			Provider: p.Name, Account: fmt.Sprintf("project-%d", i%3), Region: fmt.Sprintf("us-east-%d", i%7), Service: "compute",
			Type: "instance", ID: fmt.Sprintf("ocid1.instance.oc1.iad.anuwcljtnmcwfpya%08d", i), Name: fmt.Sprintf("web-%d", i),
			Status: statuses[i%len(statuses)], NativeStatus: "RUNNING", CreatedAt: at().Add(-time.Duration(i) * time.Hour),
			Tags: []cloud.Tag{{Key: "env", Value: "prod"}, {Key: "team", Value: "web"}}, Metrics: metrics(float64(i%1000)/10, float64(i%977)/9.77)[:3],
			Attrs: []cloud.Attr{{Name: "shape", Value: "VM.Standard.E4.Flex"}, {Name: "ocpus", Value: 2.5}, {Name: "memory_gb", Value: 16}},
			Cost:  cloud.HourlyPrice(float64(i%50)/100+0.01, "price list", at()),
		}
		if i%9 == 0 {
			r.GPU = &cloud.GPU{Type: "H100 SXM", Count: 8, MemoryGB: 80}
		}
		p.Resources = append(p.Resources, r)
	}
	for i := range s.Providers {
		s.Units = append(s.Units, hub.Unit{
			Key: hub.Key{Provider: s.Providers[i].Name, Account: "project-0", Capability: hub.Resources}, State: hub.OK, Rows: n / 2,
		})
	}
	return s
}

// kinds are the kinds of rows.
func kinds() []view.Kind { return []view.Kind{view.Resources, view.Offers, view.Markets, view.Units} }
