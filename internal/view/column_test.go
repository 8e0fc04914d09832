package view

import (
	"go/ast"
	goparser "go/parser"
	gotoken "go/token"
	"slices"
	"strconv"
	"strings"
	"testing"
)

func TestColumnsTellWhatIsKnownAndWhyNot(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		column, id, text string
		reason           Reason
	}{
		{"provider", "42", "vastai", 0}, {"account", "42", "me", 0}, {"compartment", "ocid1.web", "prod", 0},
		{"name", "ocid1.web", "web-1", 0}, {"name", "v-1", "v-1", 0}, {"status", "v-1", "unknown", 0},
		{"status", "42", "failed", 0}, {"native_status", "ocid1.web", "RUNNING", 0}, {"region", "v-1", "", NotSaid},
		{"cpu", "ocid1.web", "91%", 0}, {"cpu_usage_percent", "42", "12%", 0}, {"cpu", "v-1", "", NotMeasured},
		{"MEM", "ocid1.web", "0%", 0}, {"memory", "42", "", NotMeasured}, {"net-rx", "ocid1.web", "1 MiB/s", 0},
		{"network", "ocid1.web", "", NotMeasured}, {"gpu", "42", "8x H100 SXM", 0}, {"gpu", "v-1", "", NoGPU},
		{"gpu_type", "42", "H100 SXM", 0}, {"gpu.count", "42", "8", 0}, {"gpu_memory", "42", "80 GB", 0},
		{"utilization", "42", "97%", 0}, {"utilization", "v-1", "", NoGPU}, {"price", "ocid1.web", "$0.125/h", 0},
		{"cost", "ocid1.db", "EUR 0.03-0.21/h", 0}, {"cost", "v-1", "", PriceUnknown}, {"cost_hourly", "ocid1.db", "", PriceUnknown},
		{"cost_hourly_min", "ocid1.db", "EUR 0.03/h", 0}, {"currency", "ocid1.db", "EUR", 0}, {"currency", "v-1", "", PriceUnknown},
		{"cost_source", "42", "listing", 0}, {"age", "ocid1.web", "3d4h", 0}, {"created", "ocid1.web", "2026-03-17 08:00", 0},
		{"metrics_at", "42", "2026-03-20 12:00", 0}, {"metrics_at", "v-1", "", NotMeasured},
		{"tags", "ocid1.web", "env=prod,Cost Center=7,pet", 0}, {"tags.env", "ocid1.db", "dev", 0},
		{"tags.Cost Center", "ocid1.web", "7", 0}, {"tags.env", "v-1", "", NotSaid}, {"attrs.shape", "ocid1.web", "E4.Flex", 0},
		{"memory_gb", "ocid1.web", "16 GB", 0}, {"attrs.spot", "ocid1.web", "no", 0}, {"gpu_power_watts", "42", "", NotSaid},
		{"metrics.gpu_usage_percent", "42", "97%", 0}, {"metrics.gpu_power_watts", "42", "", NotMeasured},
	} {
		got := cell(t, c.column, c.id)
		if got.Text != c.text || got.Reason != c.reason || (got.Type == Absent) != (c.text == "") {
			t.Errorf("column %s of %s = %+v, want text %q, reason %q", c.column, c.id, got, c.text, c.reason)
		}
	}
}

func TestATagWithoutValueIsThere(t *testing.T) {
	t.Parallel()
	if got := cell(t, "tags.pet", "ocid1.web"); got.Type != Text {
		t.Errorf("tags.pet = %+v, want a text", got)
	}
}

func TestHighUsageIsMarked(t *testing.T) {
	t.Parallel()
	if got := cell(t, "cpu", "ocid1.web").Style; got != Alarm {
		t.Errorf("style of 91%% = %d, want Alarm", got)
	}
	if got := cell(t, "cpu", "42").Style; got != Plain {
		t.Errorf("style of 12%% = %d, want Plain", got)
	}
}

func TestUnknownColumnNamesTheKnownAndTheNearest(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		kind       Kind
		name, want string
	}{
		{Resources, "stauts", `did you mean "status"?`}, {Resources, "cpu_usge_percent", `did you mean "cpu_usage_percent"?`},
		{Resources, "xyz123", "known: provider, account, account_name, account_id, compartment, name"}, {Resources, "tags.", "tags.KEY"},
		{Offers, "pric", `did you mean "price"?`}, {Offers, "tags.x", "known: provider"}, {Markets, "medain", `did you mean "median"?`},
		{Units, "attrs.x", "known: provider"},
	} {
		_, err := Columns(c.kind, Choice{Names: []string{c.name}})
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), c.name) {
			t.Errorf("Columns(%s, %q) error = %v, want it to say %q", c.kind, c.name, err, c.want)
		}
	}
}

func TestColumnsFollowTheConfigurationOfTheClassInView(t *testing.T) {
	t.Parallel()
	configured := map[string][]string{ // as the product promises
		"compute": {"name", "status", "cpu", "memory", "region"},
		"gpu":     {"name", "gpu_type", "gpu_count", "utilization", "price"},
		"default": {"name", "id"},
	}
	for _, c := range []struct {
		kind   Kind
		choice Choice
		want   string
	}{
		{Resources, Choice{Class: "compute", Configured: configured}, "name status cpu memory region"},
		{Resources, Choice{Class: "gpu", Configured: configured}, "name gpu_type gpu_count gpu_util cost"},
		{Resources, Choice{Class: "storage", Configured: configured}, "name id"},
		{Resources, Choice{Configured: configured}, "name id"},
		{Offers, Choice{Configured: configured}, "id gpu_type gpu_count utilization price"},
		{Resources, Choice{Names: []string{"Name", "CPU"}, Configured: configured}, "name cpu"},
		{Units, Choice{Configured: configured}, "provider account region compartment service capability state calls rows took reason"},
	} {
		cols, err := Columns(c.kind, c.choice)
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(names(cols), " "); got != c.want {
			t.Errorf("Columns(%s, %+v) = %q, want %q", c.kind, c.choice, got, c.want)
		}
	}
	if _, err := Columns(Resources, Choice{Class: "gpu", Configured: map[string][]string{"gpu": {"nme"}}}); err == nil ||
		!strings.Contains(err.Error(), "output.columns.gpu") {
		t.Errorf("error of a wrong configuration = %v, want it to name output.columns.gpu", err)
	}
}

func names(cols []Column) []string {
	out := make([]string, len(cols))
	for i, c := range cols {
		out[i] = c.Name
	}
	return out
}

func TestEveryColumnIsFoundByItsNames(t *testing.T) {
	t.Parallel()
	for _, kind := range []Kind{Resources, Offers, Markets, Units} {
		taken := map[string]string{}
		for _, c := range Known(kind) {
			for _, name := range append([]string{c.Name}, c.Aliases...) {
				if other, twice := taken[name]; twice {
					t.Errorf("%s: %q names both %s and %s", kind, name, other, c.Name)
				}
				taken[name] = c.Name
				if got, ok := Lookup(kind, strings.ToUpper(name)); !ok || got.Name != c.Name {
					t.Errorf("Lookup(%s, %q) = %q, %v; want %q", kind, name, got.Name, ok, c.Name)
				}
			}
			if c.Set != ByName && c.Weight == 0 || c.Title == "" || c.value == nil {
				t.Errorf("%s: column %q lacks a weight, a title or a value", kind, c.Name)
			}
		}
	}
}

func TestMetricNamesAreThoseOfPackageCloud(t *testing.T) {
	t.Parallel()
	file, err := goparser.ParseFile(gotoken.NewFileSet(), "../cloud/metric.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	ast.Inspect(file, func(n ast.Node) bool {
		if spec, ok := n.(*ast.ValueSpec); ok {
			for _, v := range spec.Values {
				if lit, ok := v.(*ast.BasicLit); ok {
					s, _ := strconv.Unquote(lit.Value)
					want = append(want, s)
				}
			}
		}
		return true
	})
	for _, name := range want {
		if _, ok := UnitOf(name); !ok {
			t.Errorf("metric %q ends in no unit that view knows", name)
		}
		if !slices.Contains(metricNames(), name) {
			t.Errorf("metricNames lacks %q", name)
		}
	}
	for _, name := range metricNames() {
		if _, ok := Lookup(Resources, name); !ok {
			t.Errorf("Lookup(%q) found no column", name)
		}
	}
}
