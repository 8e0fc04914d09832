package view

import (
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/hub"
)

// mixed returns n resources of two providers, of which much is absent, equal or odd.
func mixed(seed uint64, n int) *hub.Snapshot {
	r := rand.New(rand.NewPCG(seed, 1))
	s := &hub.Snapshot{At: at(), Done: true, Providers: []hub.Provider{{Name: "a"}, {Name: "b"}}}
	some := func(f func()) {
		if r.IntN(3) > 0 {
			f()
		}
	}
	for i := range n {
		p := &s.Providers[r.IntN(2)]
		x := &cloud.Resource{Provider: p.Name, ID: fmt.Sprint(i), Account: fmt.Sprint("acc", r.IntN(2)), Service: "s"}
		some(func() { x.Name = []string{"web", "Web", "db", "日本", ""}[r.IntN(5)] })
		some(func() { x.Status = cloud.Statuses()[r.IntN(7)] })
		some(func() { x.CreatedAt = at().Add(-time.Duration(r.IntN(5)) * time.Hour) })
		some(func() { x.Metrics = []cloud.Metric{{Name: cloud.CPUUsagePercent, Value: float64(r.IntN(4)) * 25}} })
		some(func() { x.Cost = &cloud.Price{Low: float64(r.IntN(2)), High: float64(1 + r.IntN(2)), Currency: "USD"} })
		some(func() { x.Tags = []cloud.Tag{{Key: "n", Value: []string{"1", "10", "9", "x", ""}[r.IntN(5)]}} })
		some(func() { x.Attrs = []cloud.Attr{{Name: "spot", Value: r.IntN(2) == 0}} })
		p.Resources = append(p.Resources, x)
	}
	return s
}

// exprs are filters of every kind of comparison.
func exprs() []string {
	return []string{
		"cpu>25", "cpu<=50", "cpu!=0", "cpu=none", "name=web", "name!~e", "name>a", "status=running", "age>=2h", "created<2026-03-20T10:00", "price<2",
		"tags.n<10", "tags.n=none", "spot=yes", "attrs.spot!=yes", "account~1", "region=none", "provider=a",
	}
}

func chosen(t *testing.T, s *hub.Snapshot, expr string) []string {
	t.Helper()
	got, err := Select(s, Query{Filter: expr})
	if err != nil {
		t.Fatalf("filter %q: %v", expr, err)
	}
	return ids(got, Resources)
}

func TestFiltersObeyTheLawsOfLogic(t *testing.T) {
	t.Parallel()
	s := mixed(1, 120)
	all := ids(s, Resources)
	for i, a := range exprs() {
		b := exprs()[(i+7)%len(exprs())]
		for _, law := range [][2]string{
			{"not (" + a + " and " + b + ")", "not " + a + " or not " + b}, {"not (" + a + " or " + b + ")", "not " + a + " and not " + b},
			{a + " and " + b, b + " and " + a}, {a + " or " + b, b + " or " + a}, {"not not " + a, a}, {a + " and (" + a + " or " + b + ")", a},
		} {
			if one, other := chosen(t, s, law[0]), chosen(t, s, law[1]); !slices.Equal(one, other) {
				t.Errorf("%s keeps %q, %s keeps %q", law[0], one, law[1], other)
			}
		}
		if n := len(chosen(t, s, a)) + len(chosen(t, s, "not "+a)); n != len(all) {
			t.Errorf("%s and its denial keep %d of %d rows", a, n, len(all))
		}
	}
}

func TestOppositeOperatorsShareOutWhatIsThere(t *testing.T) {
	t.Parallel()
	s := mixed(2, 120)
	for _, c := range []struct{ field, value string }{{"cpu", "50"}, {"name", "web"}, {"age", "2h"}, {"price", "1"}, {"tags.n", "9"}, {"created", "2026-03-20T10:00"}} {
		there := len(chosen(t, s, c.field+"!=none"))
		for _, pair := range [][2]string{{"=", "!="}, {"<", ">="}, {"<=", ">"}, {"~", "!~"}} {
			if n := len(chosen(t, s, c.field+pair[0]+c.value)) + len(chosen(t, s, c.field+pair[1]+c.value)); n != there {
				t.Errorf("%s %s and %s %s keep %d rows of %d that have it", c.field, pair[0], pair[1], c.value, n, there)
			}
		}
	}
}

func TestToSelectTwiceIsToSelectOnce(t *testing.T) {
	t.Parallel()
	s := mixed(3, 80)
	for _, q := range []Query{
		{Filter: "cpu>0", Sort: "-cpu,name", Limit: 20}, {Running: true}, {Providers: []string{"b"}, Sort: "name"}, {Accounts: []string{"*1"}, Limit: 7},
		{Statuses: []cloud.Status{cloud.StatusFailed, cloud.StatusUnknown}, Filter: "price!=none"},
	} {
		once, err := Select(s, q)
		if err != nil {
			t.Fatal(err)
		}
		twice, err := Select(once, q)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(ids(once, Resources), ids(twice, Resources)) {
			t.Errorf("%+v: once %q, twice %q", q, ids(once, Resources), ids(twice, Resources))
		}
	}
}

func TestSortingLosesNothingAndKeepsEqualsInOrder(t *testing.T) {
	t.Parallel()
	for seed, expr := range []string{"cpu", "-cpu", "name,-cpu", "-price,status", "tags.n", "-age", "attrs.spot,-name", "account,-created"} {
		rows := Rows(mixed(uint64(seed), 100), Resources, at())
		place := map[*cloud.Resource]int{}
		for i := range rows {
			place[rows[i].Resource] = i
		}
		order, err := ParseOrder(Resources, expr)
		if err != nil {
			t.Fatal(err)
		}
		order.Sort(rows)
		seen := map[*cloud.Resource]bool{}
		for i := range rows {
			seen[rows[i].Resource] = true
			if i == 0 {
				continue
			}
			key := func(r *Row) (cells []Cell) {
				for _, k := range order.keys {
					cells = append(cells, k.column.Cell(r))
				}
				return cells
			}
			c := order.compare(key(&rows[i-1]), key(&rows[i]))
			if c > 0 || c == 0 && place[rows[i-1].Resource] > place[rows[i].Resource] {
				t.Errorf("%s: row %d should not come before row %d", expr, i-1, i)
			}
		}
		if len(seen) != len(place) {
			t.Errorf("%s: %d rows of %d are left", expr, len(seen), len(place))
		}
	}
}

func TestAbsentComesLastInEitherDirection(t *testing.T) {
	t.Parallel()
	for _, c := range Known(Resources) {
		for _, sign := range []string{"", "-"} {
			order, err := ParseOrder(Resources, sign+c.Name)
			if err != nil {
				t.Fatal(err)
			}
			rows := Rows(mixed(9, 60), Resources, at())
			order.Sort(rows)
			blank := false
			for i := range rows {
				cell := c.Cell(&rows[i])
				if blank && cell.Type != Absent {
					t.Errorf("sort %s%s: row %d follows a blank one", sign, c.Name, i)
				}
				blank = cell.Type == Absent
			}
		}
	}
}

func TestATableSaysOfEachRowWhatItsColumnsSay(t *testing.T) {
	t.Parallel()
	for _, kind := range []Kind{Resources, Offers, Markets, Units} {
		for _, choice := range []Choice{{}, {Wide: true}} {
			cols, err := Columns(kind, choice)
			if err != nil {
				t.Fatal(err)
			}
			got := NewTable(world(), kind, cols, Order{}, at())
			if got.Kind != kind || len(got.Rows) != len(got.Items) || len(got.Items) != len(Rows(world(), kind, at())) {
				t.Errorf("%s: %d rows and %d items", kind, len(got.Rows), len(got.Items))
			}
			for i, row := range got.Rows {
				if len(row) != len(got.Columns) || cap(row) > len(cols) {
					t.Fatalf("%s: row %d has %d cells for %d columns, and room for %d", kind, i, len(row), len(got.Columns), cap(row))
				}
				for j := range row {
					if want := got.Columns[j].Cell(&got.Items[i]); row[j] != want {
						t.Errorf("%s: row %d, column %s: %+v, want %+v", kind, i, got.Columns[j].Name, row[j], want)
					}
				}
			}
		}
	}
}

func TestEveryRowKnowsItsProviderAndTheMoment(t *testing.T) {
	t.Parallel()
	now := at().Add(time.Hour)
	for kind, want := range map[Kind]string{
		Resources: "oracle oracle vastai vastai", Offers: "vastai vastai vastai", Markets: "vastai", Units: "oracle vastai",
	} {
		var got []string
		for _, r := range Rows(world(), kind, now) {
			got = append(got, r.provider())
			if !r.Now.Equal(now) {
				t.Errorf("%s: a row of %s", kind, r.Now)
			}
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: rows of %q, want %s", kind, got, want)
		}
		if kind.String() == "" || len(Rows(&hub.Snapshot{}, kind, now)) != 0 {
			t.Errorf("kind %d has no name, or nothing has rows", kind)
		}
	}
	if got := (&Row{}).provider(); got != "" {
		t.Errorf("a row of nothing is of %q", got)
	}
}

func TestPatternsOfPlacesAndServices(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		q    Query
		want []string
	}{
		{"a region that is not said", Query{Regions: []string{"*"}}, []string{"ocid1.db", "ocid1.web", "42", "v-1"}},
		{"a region in any case", Query{Regions: []string{"SWEDEN*"}}, []string{"42"}},
		{"no question mark", Query{Regions: []string{"us-ashburn-?"}}, []string{}},
		{"services of a provider", Query{Services: []string{"VASTAI/*"}}, []string{"42", "v-1"}},
		{"a service in the middle", Query{Services: []string{"*_d*"}}, []string{"ocid1.db"}},
		{"another provider's service", Query{Services: []string{"vastai/compute"}}, []string{}},
		{"a provider is no pattern", Query{Providers: []string{"vast*"}}, []string{}},
		{"all must hold", Query{Providers: []string{"oracle"}, Regions: []string{"us-*"}, Services: []string{"compute"}, Running: true}, []string{"ocid1.web"}},
		{"one that does not", Query{Providers: []string{"oracle"}, Regions: []string{"us-*"}, Services: []string{"compute"}, GPU: true}, []string{}},
	} {
		got, err := Select(world(), c.q)
		if err != nil || !slices.Equal(ids(got, Resources), c.want) {
			t.Errorf("%s: %q, %v; want %q", c.name, ids(got, Resources), err, c.want)
		}
	}
}

func TestStrangersAreToldOnlyWhereAllAccountsAreKnown(t *testing.T) {
	t.Parallel()
	for state, told := range map[hub.State]bool{
		hub.OK: true, hub.Skipped: true, hub.Pending: false, hub.Denied: false, hub.Failed: false, hub.Throttled: false, hub.Stale: false, hub.Partial: false,
	} {
		s := &hub.Snapshot{
			Providers: []hub.Provider{{Name: "x", Accounts: []string{"1"}}},
			Units:     []hub.Unit{{Key: hub.Key{Provider: "x", Capability: hub.Connect}, State: state}, {Key: hub.Key{Capability: hub.Resources}, State: hub.Failed}},
		}
		strangers, known := (&Query{Accounts: []string{"2", "1", "2"}}).Strangers(s)
		want, all := []string{"2", "2"}, []string{"1"}
		if !told {
			want, all = nil, nil
		}
		if !slices.Equal(strangers, want) || !slices.Equal(known, all) {
			t.Errorf("%s: strangers %q of %q, want %q of %q", state, strangers, known, want, all)
		}
	}
}

func TestEveryUnitOfAQuantity(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]float64{
		"1us": 1e-6, "1ms": 1e-3, "1s": 1, "1m": 60, "1h": 3600, "1d": 86400, "1w": 604800, "1y": 31536000, "1d1h1m1s": 90061, "1h1h": 7200, "-1d12h": -129600, "+1h": 3600,
		"1K": 1e3, "1M": 1e6, "1G": 1e9, "1T": 1e12, "1P": 1e15, "1E": 1e18, "1KB": 1e3, "1KiB": 1024, "1MiB": 1 << 20, "1TiB": 1 << 40, "1PiB": 1 << 50, "1EiB": 1 << 60,
		"0.5KiB/s": 512, "1B/s": 1, "-2KB": -2000, ".5": 0.5, "5.": 5, "+5": 5, "-0": 0, "007": 7, "$-3": -3, "$.5": 0.5, "-1.5%": -1.5, "1970-01-01": 0,
		"2024-02-29": 1709164800, "1969-12-31T23:59:59Z": -1, "2026-01-01T00:00:00.5Z": 1767225600.5,
	} {
		if got, _, ok := quantity(s); !ok || math.Abs(got-want) > 1e-9*math.Abs(want) {
			t.Errorf("quantity(%q) = %v, %v; want %v", s, got, ok, want)
		}
	}
	for _, s := range []string{
		"-", "+", ".", "-.", "--1", "+-1", "1e3", "0x1f", "1_000", "1,5", "∞", "NaN", "Inf", "1 h", "1h ", " 1", "1hh", "1h1", "1h-1m", "1H", "1kb", "1kib", "1Kib", "1KiBs",
		"1Y", "1mo", "$1 /h", "1$", "€1", "1%%", "%", "1/h/h", "2023-02-29", "2026-1-1", "2026-01-01T25:00", "12:00", "1c", "1w/s",
	} {
		if got, unit, ok := quantity(s); ok {
			t.Errorf("quantity(%q) = %v in unit %d, want none", s, got, unit)
		}
	}
}

func TestColumnsOfAResourceThatTellsAll(t *testing.T) {
	t.Parallel()
	metrics := []cloud.Metric{
		{Name: cloud.DiskUsagePercent, Value: 12.34}, {Name: cloud.NetworkRxBytesPerSec, Value: 2048}, {Name: cloud.NetworkTxBytesPerSec, Value: 0},
		{Name: cloud.GPUMemoryUsagePercent, Value: 55}, {Name: cloud.UptimeSeconds, Value: 3661}, {Name: cloud.LatencyP99Seconds, Value: 0.012},
		{Name: cloud.StorageBytes, Value: 5 << 40}, {Name: cloud.ObjectsCount, Value: 1234567}, {Name: cloud.RequestsPerSec, Value: 0.25},
	}
	r := &cloud.Resource{
		Provider: "gcp", Account: "proj", Service: "gke", Type: "cluster", ID: "i", NativeStatus: "RECONCILING", Status: cloud.StatusStarting, Metrics: metrics,
		GPU: &cloud.GPU{Count: 0.5, MemoryGB: 24}, CreatedAt: at().Add(-400 * 24 * time.Hour), Cost: &cloud.Price{Low: 1, High: 1, Currency: "USD", Source: "price list"},
	}
	checkColumns(t, Resources, &Row{Resource: r, Account: "Lab", Now: at()}, []says{
		{"account", "Lab", 0}, {"account_name", "Lab", 0}, {"account_id", "proj", 0}, {"compartment", "", NotSaid}, {"service", "gke", 0}, {"kind", "cluster", 0},
		{"state", "starting", 0}, {"native_status", "RECONCILING", 0}, {"disk", "12%", 0}, {"rx", "2 KiB/s", 0}, {"tx", "0 B/s", 0}, {"net", "2 KiB/s", 0},
		{"gpu", "0.5x GPU", 0}, {"gpu_type", "", NotSaid}, {"gpus", "0.5", 0}, {"vram", "24 GB", 0}, {"gpu%", "", NotMeasured}, {"hourly", "$1.00/h", 0},
		{"cost_source", "price list", 0}, {"age", "400d", 0}, {"created_at", "2025-02-13 12:00", 0}, {"labels", "", NotSaid}, {"id", "i", 0}, {"metrics_at", "", NotMeasured},
		{"gpu_memory_usage_percent", "55%", 0}, {"uptime_seconds", "1h1m", 0}, {"latency_p99_seconds", "12ms", 0}, {"storage_bytes", "5 TiB", 0},
		{"objects_count", "1234567", 0}, {"requests_per_second", "0.2/s", 0},
	})
}

func TestConfiguredColumnsOfTablesThatAreNoResources(t *testing.T) {
	t.Parallel()
	configured := map[string][]string{"gpu": {"gpu", "price"}, "default": {"name"}, "markets": {"median"}}
	for _, c := range []struct {
		kind   Kind
		choice Choice
		want   []string
	}{
		{Offers, Choice{Configured: configured}, []string{"gpu", "price"}}, {Offers, Choice{Configured: configured, Class: "compute"}, []string{"gpu", "price"}},
		{Markets, Choice{Configured: configured}, []string{"median"}}, {Resources, Choice{Configured: configured, Class: "gpu"}, []string{"gpu", "cost"}},
		{Resources, Choice{Configured: map[string][]string{"gpu": {}, "default": {"id"}}, Class: "gpu"}, []string{"id"}},
		{Resources, Choice{Names: []string{"id", "id", " Tags.A "}}, []string{"id", "id", "tags.A"}},
	} {
		cols, err := Columns(c.kind, c.choice)
		if err != nil || !reflect.DeepEqual(names(cols), c.want) {
			t.Errorf("%s, %+v: %q, %v; want %q", c.kind, c.choice, names(cols), err, c.want)
		}
		for i := 1; i < len(cols); i++ {
			if cols[i].Weight >= cols[i-1].Weight || cols[i].Auto {
				t.Errorf("%s: of columns asked for the last goes first, and none of itself: %+v", c.kind, cols[i])
			}
		}
	}
}

func FuzzOrdersNeverLoseRows(f *testing.F) {
	for _, s := range []string{"-cpu,name", "+age", "tags.a b,-attrs.x", ",,", "-", "price_per_gpu", "\x00", "metrics.x_percent"} {
		f.Add(s, uint64(1))
	}
	f.Fuzz(func(t *testing.T, expr string, seed uint64) {
		for _, kind := range []Kind{Resources, Offers, Markets, Units} {
			order, err := ParseOrder(kind, expr)
			if err != nil {
				if !strings.HasPrefix(err.Error(), "--sort: unknown column") {
					t.Errorf("ParseOrder(%s, %q): %v", kind, expr, err)
				}
				continue
			}
			s := world()
			if kind == Resources {
				s = mixed(seed, 12)
			}
			rows := Rows(s, kind, at())
			before := len(rows)
			order.Sort(rows)
			again := slices.Clone(rows)
			order.Sort(again)
			if len(rows) != before || !reflect.DeepEqual(rows, again) {
				t.Errorf("sorted by %q, rows of %s are lost, or another order the second time", expr, kind)
			}
		}
	})
}
