package cache

import (
	"fmt"
	"math"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
)

// noon is when the tests' entries were read.
func noon() time.Time { return time.Date(2026, 11, 26, 12, 0, 0, 123456789, time.UTC) }

func someKey(detail string) Key {
	return Key{
		Provider: "oracle", Credential: "3f9a", Account: "ocid1.tenancy.oc1..aaaa", Region: "us-ashburn-1",
		Compartment: "ocid1.compartment.oc1..bbbb", Service: "compute", Capability: "resources", Detail: detail,
	}
}

// fullEntry has every field set, and every kind of value an attribute can have.
func fullEntry() *Entry {
	at := noon()
	return &Entry{
		At: at, TTL: 5 * time.Minute, Calls: 7, Took: 1234567 * time.Nanosecond, Gaps: "2 regions did not answer",
		Scopes: []cloud.Scope{{Account: "a", AccountName: "Prod", Region: "r", Compartment: "c"}, {Account: "b"}},
		Resources: []*cloud.Resource{{
			Provider: "oracle", Account: "a", Region: "us-ashburn-1", Compartment: "c", Service: "compute", Type: "instance",
			ID: "ocid1.instance.1", Name: "データ", Status: cloud.StatusRunning, NativeStatus: "RUNNING",
			CreatedAt: at.Add(-1000 * time.Hour), Tags: []cloud.Tag{{Key: "env", Value: "prod"}, {Key: "", Value: ""}},
			GPU: &cloud.GPU{Type: "H100 SXM", Count: 0.5, MemoryGB: 80},
			Attrs: []cloud.Attr{
				{Name: "string", Value: "x"}, {Name: "bool", Value: true}, {Name: "int", Value: math.MinInt},
				{Name: "int64", Value: int64(math.MaxInt64)}, {Name: "float_gb", Value: 0.1}, {Name: "time", Value: at},
				{Name: "strings", Value: []string{"a", "", "a"}}, {Name: "nil", Value: nil}, {Name: "no_time", Value: time.Time{}},
				{Name: "no_strings", Value: []string(nil)}, {Name: "empty", Value: []string{}}, {Name: "again", Value: "x"},
			},
			Metrics: []cloud.Metric{
				{Name: cloud.CPUUsagePercent, Value: 12.5, At: cloud.InstantOf(at)}, {Name: cloud.LoadAverage, Value: math.Inf(-1)},
				{Name: cloud.StorageBytes, Value: math.MaxFloat64, At: cloud.InstantOf(at.Add(-time.Nanosecond))},
			},
			Cost: &cloud.Price{Low: 0.1, High: 0.2, Currency: "USD", Source: "price list", At: at},
		}, {}, {
			ID: "empty lists", Tags: []cloud.Tag{}, Attrs: []cloud.Attr{}, Metrics: []cloud.Metric{}, GPU: &cloud.GPU{}, Cost: &cloud.Price{},
		}},
		Samples: map[string][]cloud.Metric{
			"i-1": {{Name: cloud.CPUUsagePercent, Value: 1e-300, At: cloud.InstantOf(at)}}, "nil": nil, "empty": {},
		},
		Quotes: map[string]*cloud.Price{"i-1": {Low: 1, High: 2, Currency: "EUR", Source: "listing", At: at}, "": {}},
		Offers: []cloud.Offer{{
			Provider: "vastai", Account: "a", ID: "1", GPUType: "RTX 4090", GPUCount: 2, GPUMemoryGB: 24, VCPUs: 16, MemoryGB: 64,
			DiskGB: 100, Region: "SE", PricePerHour: new(0.31), Currency: "USD", Available: true, Stock: "High", Tier: "on-demand",
			Interruptible: true, Reliability: new(0.999), QuotedAt: at, Attrs: []cloud.Attr{{Name: "dlperf", Value: 90.5}},
		}, {PricePerHour: new(0.0)}},
		Markets: []cloud.Market{{
			Provider: "vastai", Account: "a", GPUType: "RTX 4090", Total: 900, Available: -1, UsagePercent: new(88.0), P10: new(0.1),
			P25: new(0.2), Median: new(0.3), P75: new(0.4), P90: new(0.5), Currency: "USD", QuotedAt: at,
		}, {}},
		Costs: []cloud.Cost{{
			Account: "a", Region: "r", Service: "s", ID: "i-1", Kind: cloud.CostSpend, Amount: -12.34, Currency: "EUR",
			From: at.Add(-time.Hour), To: at, Source: "billing", At: at.Add(time.Second),
		}, {}},
	}
}

// manyResources is an entry of n resources as a large account has them: five metrics, three tags, four attributes.
func manyResources(n int) *Entry {
	e := &Entry{At: noon(), TTL: time.Minute, Calls: n / 100, Took: 3 * time.Second}
	for i := range n {
		at := noon().Add(-time.Duration(i%7) * time.Minute).Truncate(time.Minute)
		r := &cloud.Resource{
			Provider: "oracle", Account: "ocid1.tenancy.oc1..aaaaaaaa", Region: [...]string{"us-ashburn-1", "eu-frankfurt-1"}[i%2],
			Compartment: fmt.Sprintf("ocid1.compartment.oc1..%d", i%20), Service: "compute", Type: "instance",
			ID: fmt.Sprintf("ocid1.instance.oc1.iad.anuwcljt%032x", i*i*7919), Name: fmt.Sprintf("web-%05d", i),
			Status: cloud.Statuses()[i%7], NativeStatus: "RUNNING", CreatedAt: noon().Add(-time.Duration(i) * time.Minute),
			Tags: []cloud.Tag{{Key: "env", Value: "prod"}, {Key: "team", Value: fmt.Sprintf("t%d", i%30)}, {Key: "owner", Value: "ops"}},
			Attrs: []cloud.Attr{
				{Name: "shape", Value: "VM.Standard.E5.Flex"}, {Name: "vcpus", Value: 4.0}, {Name: "memory_gb", Value: float64(16 + i%5)},
				{Name: "boot_volume_gb", Value: i % 200},
			},
			Cost: cloud.HourlyPrice(float64(i%13)*0.017, "price list", noon()),
		}
		for m, name := range [...]string{
			cloud.CPUUsagePercent, cloud.MemoryUsagePercent, cloud.NetworkRxBytesPerSec, cloud.NetworkTxBytesPerSec, cloud.DiskUsagePercent,
		} {
			r.Metrics = append(r.Metrics, cloud.Metric{Name: name, Value: math.Mod(float64(i*31+m)*1.618033, 100), At: cloud.InstantOf(at)})
		}
		e.Resources = append(e.Resources, r)
	}
	return e
}
