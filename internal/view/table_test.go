package view

import (
	"fmt"
	"strings"
	"testing"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/hub"
)

// table renders the default table of a kind as lines of cells.
func table(t *testing.T, s *hub.Snapshot, kind Kind, choice Choice, sort string) (titles string, rows []string) {
	t.Helper()
	cols, err := Columns(kind, choice)
	if err != nil {
		t.Fatal(err)
	}
	order, err := ParseOrder(kind, sort)
	if err != nil {
		t.Fatal(err)
	}
	got := NewTable(s, kind, cols, order, at())
	var heads []string
	for _, c := range got.Columns {
		heads = append(heads, c.Title)
	}
	for _, row := range got.Rows {
		var cells []string
		for _, c := range row {
			cells = append(cells, c.Text)
		}
		rows = append(rows, strings.Join(cells, "|"))
	}
	return strings.Join(heads, "|"), rows
}

func TestDefaultTableLeavesOutWhatSaysNothing(t *testing.T) {
	t.Parallel()
	titles, rows := table(t, world(), Resources, Choice{}, "")
	want := "PROVIDER|NAME|TYPE|STATUS|REGION|CPU|MEM|GPU|GPU%|COST|AGE"
	if titles != want {
		t.Errorf("columns = %s, want %s", titles, want)
	}
	if want := "oracle|web-1|instance|running|us-ashburn-1|91%|0%|||$0.125/h|3d4h"; rows[1] != want {
		t.Errorf("row = %s, want %s", rows[1], want)
	}
	s := world()
	s.Providers = s.Providers[:1]
	if titles, _ = table(t, s, Resources, Choice{}, ""); strings.Contains(titles, "GPU") {
		t.Errorf("columns = %s, want no GPU where nothing has one", titles)
	}
	if titles, _ = table(t, s, Resources, Choice{Names: []string{"gpu"}}, ""); titles != "GPU" {
		t.Errorf("columns = %s, want GPU, which was asked for", titles)
	}
	if titles, _ = table(t, &hub.Snapshot{}, Resources, Choice{}, ""); !strings.Contains(titles, "GPU%") {
		t.Errorf("columns of an empty table = %s, want all", titles)
	}
}

func TestAccountsAreShownWhereAProviderHasSeveral(t *testing.T) {
	t.Parallel()
	s := world()
	if titles, _ := table(t, s, Resources, Choice{}, ""); strings.Contains(titles, "ACCOUNT") {
		t.Errorf("columns = %s, want no ACCOUNT: each provider has one", titles)
	}
	if titles, _ := table(t, s, Resources, Choice{Wide: true}, ""); !strings.Contains(titles, "ACCOUNT|COMPARTMENT") {
		t.Errorf("wide columns = %s, want ACCOUNT and COMPARTMENT", titles)
	}
	other := *s.Providers[0].Resources[0]
	other.Account = "other"
	s.Providers[0].Resources = append(s.Providers[0].Resources, &other)
	if titles, _ := table(t, s, Resources, Choice{}, ""); !strings.HasPrefix(titles, "PROVIDER|ACCOUNT|NAME") {
		t.Errorf("columns = %s, want ACCOUNT", titles)
	}
}

func TestTablesOfEveryKind(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		kind         Kind
		titles, line string
	}{
		{Offers, "PROVIDER|GPU|VRAM|REGION|PRICE|PER GPU|AVAILABLE|RELIABLE", "vastai|8x H100 SXM|80 GB|US|$20.00/h|$2.50/h|yes|99.87%"},
		{Markets, "PROVIDER|GPU|FREE|TOTAL|RENTED|MEDIAN", "vastai|H100 SXM|0|10|40%|/h"},
		{Units, "PROVIDER|SERVICE|ASKED|STATE|CALLS|ROWS", "vastai|instances|resources|ok|1|2"},
	} {
		titles, rows := table(t, world(), c.kind, Choice{}, "")
		if titles != c.titles {
			t.Errorf("columns of %s = %s, want %s", c.kind, titles, c.titles)
		}
		if last := strings.Join(rows, "\n"); !strings.Contains(strings.ReplaceAll(last, "2.00/h", "/h"), c.line) {
			t.Errorf("rows of %s =\n%s\nwant one to be %s", c.kind, last, c.line)
		}
	}
}

func TestTableIsSortedOverAllProviders(t *testing.T) {
	t.Parallel()
	_, rows := table(t, world(), Resources, Choice{Names: []string{"name", "cost"}}, "-cost")
	if got, want := strings.Join(rows, " "), "train|$18.40/h db|EUR 0.03-0.21/h web-1|$0.125/h v-1|"; got != want {
		t.Errorf("rows = %s, want %s", got, want)
	}
}

// many returns a snapshot of n resources.
func many(n int) *hub.Snapshot {
	s := &hub.Snapshot{At: at(), Providers: []hub.Provider{{Name: "oracle"}}}
	for i := range n {
		s.Providers[0].Resources = append(s.Providers[0].Resources, &cloud.Resource{
			Provider: "oracle", Account: "acme", Region: "us-ashburn-1", Type: "instance", Service: "compute",
			ID: fmt.Sprintf("ocid1.instance.oc1..%d", i), Name: fmt.Sprintf("web-%d", i), Status: cloud.StatusRunning, CreatedAt: at().AddDate(0, 0, -i%300),
			Metrics: []cloud.Metric{{Name: cloud.CPUUsagePercent, Value: float64(i % 100)}, {Name: cloud.MemoryUsagePercent, Value: float64(i % 97)}},
			Cost:    cloud.HourlyPrice(float64(i%50)/100+0.01, "price list", at()),
		})
	}
	return s
}

func BenchmarkTable10000(b *testing.B) {
	s := many(10_000)
	cols, _ := Columns(Resources, Choice{})
	b.ReportAllocs()
	for b.Loop() {
		NewTable(s, Resources, cols, Order{}, at())
	}
}

func BenchmarkSelect10000(b *testing.B) {
	s := many(10_000)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Select(s, Query{Filter: "status=running and cpu>20", Sort: "-cpu,name", Limit: 1000}); err != nil {
			b.Fatal(err)
		}
	}
}
