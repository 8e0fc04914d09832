package view

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
)

func TestAttributesAreShownByTheirTypes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		value any
		want  Cell
	}{
		{"shape", "E4.Flex", Cell{Text: "E4.Flex", Type: Text}},
		{"shape", "", Cell{}},
		{"shape", nil, Cell{}},
		{"spot", true, Cell{Text: "yes", Num: 1, Type: Bool}},
		{"spot", false, Cell{Text: "no", Type: Bool}},
		{"ocpus", 2.5, Cell{Text: "2.5", Num: 2.5, Type: Number}},
		{"ocpus", math.NaN(), Cell{Reason: NotMeasured}},
		{"disk_size_gb", 50, Cell{Text: "50 GB", Num: 50, Type: Number}},
		{"boot_bytes", int64(1 << 31), Cell{Text: "2 GiB", Num: 1 << 31, Type: Number}},
		{"idle_timeout_seconds", 0, Cell{Text: "0s", Type: Number}},
		{"host_id", int64(math.MaxInt64), Cell{Text: "9.22e+18", Num: math.MaxInt64, Type: Number}},
		{"until", time.Date(2026, 7, 1, 2, 0, 0, 0, time.FixedZone("EEST", 3*3600)), Cell{Text: "2026-06-30 23:00", Num: 1782860400, Type: Time}},
		{"until", time.Time{}, Cell{}},
		{"zones", []string{"a", "b"}, Cell{Text: "a,b", Type: Text}},
		{"zones", []string{}, Cell{}},
		{"odd", uint8(7), Cell{Text: "7", Type: Text}},
	} {
		if got := attrCell(cloud.Attr{Name: c.name, Value: c.value}); got != c.want {
			t.Errorf("attrCell(%s: %#v) = %+v, want %+v", c.name, c.value, got, c.want)
		}
	}
}

func TestCaseMattersOnlyInKeysOfTags(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ column, name, id, text string }{
		{"ATTRS.Memory_GB", "attrs.memory_gb", "ocid1.web", "16 GB"},
		{"attr.memory-gb", "attrs.memory_gb", "ocid1.web", "16 GB"},
		{"Attributes.SHAPE", "attrs.shape", "ocid1.web", "E4.Flex"},
		{"METRICS.GPU_Usage_Percent", "metrics.gpu_usage_percent", "42", "97%"},
		{"metric.gpu-usage-percent", "metrics.gpu_usage_percent", "42", "97%"},
		{"Memory-GB", "memory_gb", "ocid1.web", "16 GB"},
		{"Labels.env", "tags.env", "ocid1.web", "prod"},
		{"TAG.Cost Center", "tags.Cost Center", "ocid1.web", "7"},
		{"tags. env ", "tags.env", "ocid1.web", "prod"},
		{"tags.ENV", "tags.ENV", "ocid1.web", ""},
		{"tags.cost center", "tags.cost center", "ocid1.web", ""},
		{" CPU ", "cpu", "42", "12%"},
	} {
		col, ok := Lookup(Resources, c.column)
		if !ok || col.Name != c.name {
			t.Errorf("Lookup(%q) = %q, %v; want %q", c.column, col.Name, ok, c.name)
			continue
		}
		if got := cell(t, c.column, c.id).Text; got != c.text {
			t.Errorf("column %q of %s = %q, want %q", c.column, c.id, got, c.text)
		}
	}
}

func TestColumnsFoundByNameKnowTheirUnit(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		kind        Kind
		name, title string
		unit        Unit
		right, free bool
	}{
		{Resources, "attrs.disk_size_gb", "DISK SIZE GB", Gigabytes, true, false},
		{Resources, "gpu_power_watts", "GPU POWER WATTS", Watts, true, false},
		{Resources, "queue_depth_count", "QUEUE DEPTH COUNT", NoUnit, true, false},
		{Resources, "disk_read_ops_per_second", "DISK READ OPS PER SECOND", PerSecond, true, false},
		{Resources, "my_made_up_bytes_per_second", "MY MADE UP BYTES PER SECOND", BytesPerSecond, true, false},
		{Resources, "metrics.anything", "ANYTHING", NoUnit, false, true},
		{Resources, "tags.cost_center", "COST CENTER", NoUnit, false, true},
		{Resources, "tags.a.b", "A.B", NoUnit, false, true},
		{Offers, "attrs.inet_up_bytes", "INET UP BYTES", Bytes, true, false},
		{Offers, "attrs.cuda", "CUDA", NoUnit, false, true},
	} {
		got, ok := Lookup(c.kind, c.name)
		if !ok || got.Title != c.title || got.Unit != c.unit || got.Right != c.right || got.Free != c.free || got.Set != ByName {
			t.Errorf("Lookup(%s, %q) = %+v, %v; want title %q, unit %d, right %v, free %v", c.kind, c.name, got, ok, c.title, c.unit, c.right, c.free)
		}
	}
}

func TestNamesThatNoColumnCanHave(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		kind Kind
		name string
	}{
		{Resources, ""}, {Resources, "attrs."}, {Resources, "metrics. "}, {Resources, "labels."}, {Resources, "shape"}, {Resources, "."},
		{Resources, "cpu_usage_precent"},  // ends in no unit
		{Resources, "gpu_powr_watts"},     // a metric mistyped
		{Resources, "cpu_usages_percent"}, // likewise
		{Offers, "tags.env"}, {Offers, "metrics.cpu_usage_percent"}, {Offers, "status"},
		{Markets, "attrs.x"}, {Markets, "memory_gb"}, {Units, "tags.env"}, {Units, "gpu_power_watts"},
	} {
		if got, ok := Lookup(c.kind, c.name); ok {
			t.Errorf("Lookup(%s, %q) = %q, want none", c.kind, c.name, got.Name)
		}
	}
}

func TestABareNameMeansTheMetricThenTheAttributeThenTheTag(t *testing.T) {
	t.Parallel()
	const name = "temperature_celsius"
	metric := []cloud.Metric{{Name: name, Value: 1}}
	attr := []cloud.Attr{{Name: name, Value: 2}}
	tag := []cloud.Tag{{Key: name, Value: "3"}}
	col, _ := Lookup(Resources, name)
	for want, r := range map[string]cloud.Resource{
		"1 C": {Metrics: metric, Attrs: attr, Tags: tag},
		"2 C": {Attrs: attr, Tags: tag},
		"3":   {Tags: tag},
		"":    {},
	} {
		if got := col.Cell(&Row{Resource: &r}).Text; got != want {
			t.Errorf("%s of %+v = %q, want %q", name, r, got, want)
		}
	}
}

func TestTagsReadAsKeysAndValues(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		tags []cloud.Tag
		want string
	}{
		{nil, ""}, {[]cloud.Tag{{Key: "pet"}}, "pet"}, {[]cloud.Tag{{Key: "a", Value: "1"}, {Key: "b"}, {Key: "a", Value: "2"}}, "a=1,b,a=2"},
		{[]cloud.Tag{{Key: "k", Value: "a=b,c"}}, "k=a=b,c"},
	} {
		if got := tagText(c.tags); got != c.want {
			t.Errorf("tagText(%v) = %q, want %q", c.tags, got, c.want)
		}
	}
}

func TestPricesOfEveryForm(t *testing.T) {
	t.Parallel()
	nan, inf := math.NaN(), math.Inf(1)
	for _, c := range []struct {
		name  string
		price *cloud.Price
		cells [4]string // cost, cost_hourly, cost_hourly_min, cost_hourly_max
	}{
		{"unknown", nil, [4]string{}},
		{"nothing", &cloud.Price{Currency: "USD"}, [4]string{"$0.00/h", "$0.00/h", "$0.00/h", "$0.00/h"}},
		{"a point", &cloud.Price{Low: 2, High: 2, Currency: "USD"}, [4]string{"$2.00/h", "$2.00/h", "$2.00/h", "$2.00/h"}},
		{"a range", &cloud.Price{Low: 0, High: 1.5, Currency: "USD"}, [4]string{"$0.00-1.50/h", "", "$0.00/h", "$1.50/h"}},
		{"a range elsewhere", &cloud.Price{Low: 12.5, High: 1250, Currency: "JPY"}, [4]string{"JPY 12.50-1250.00/h", "", "JPY 12.50/h", "JPY 1250.00/h"}},
		{"in no currency", &cloud.Price{Low: 1, High: 1}, [4]string{"1.00/h", "1.00/h", "1.00/h", "1.00/h"}},
		{"a credit", &cloud.Price{Low: -0.5, High: -0.5, Currency: "USD"}, [4]string{"-$0.50/h", "-$0.50/h", "-$0.50/h", "-$0.50/h"}},
		{"no number at all", &cloud.Price{Low: nan, High: nan, Currency: "USD"}, [4]string{}},
		{"no lower end", &cloud.Price{Low: nan, High: 1, Currency: "USD"}, [4]string{"", "", "", "$1.00/h"}},
		{"no upper end", &cloud.Price{Low: 1, High: inf, Currency: "USD"}, [4]string{"", "", "$1.00/h", ""}},
	} {
		row := &Row{Resource: &cloud.Resource{Cost: c.price}}
		for i, column := range []string{"cost", "cost_hourly", "cost_hourly_min", "cost_hourly_max"} {
			checkColumns(t, Resources, row, []says{{column, c.cells[i], PriceUnknown}})
		}
		if t.Failed() {
			t.Fatalf("price: %s", c.name)
		}
	}
}

func TestTheSumOfTrafficNeedsBothDirections(t *testing.T) {
	t.Parallel()
	rx := cloud.Metric{Name: cloud.NetworkRxBytesPerSec, Value: 1 << 10}
	tx := cloud.Metric{Name: cloud.NetworkTxBytesPerSec, Value: 1 << 10}
	for _, c := range []struct {
		metrics []cloud.Metric
		want    string
	}{
		{nil, ""}, {[]cloud.Metric{rx}, ""}, {[]cloud.Metric{tx}, ""}, {[]cloud.Metric{tx, rx}, "2 KiB/s"},
		{[]cloud.Metric{rx, {Name: cloud.NetworkTxBytesPerSec}}, "1 KiB/s"}, {[]cloud.Metric{rx, {Name: tx.Name, Value: math.Inf(1)}}, ""},
	} {
		checkColumns(t, Resources, &Row{Resource: &cloud.Resource{Metrics: c.metrics}}, []says{{"net", c.want, NotMeasured}})
	}
}

func TestMachinesSeeIdentifiersWherePeopleSeeNames(t *testing.T) {
	t.Parallel()
	rows := map[Kind]*Row{
		Resources: {Resource: &cloud.Resource{Account: "123"}, Account: "Lab"},
		Offers:    {Offer: &cloud.Offer{Account: "123"}, Account: "Lab"},
		Markets:   {Market: &cloud.Market{Account: "123"}, Account: "Lab"},
	}
	for kind, row := range rows {
		account, _ := Lookup(kind, "account")
		people, machines := account.Cell(row), account.Bare(row)
		if people.Text != "Lab" || machines.Text != "123" {
			t.Errorf("%s: people see %q and machines %q, want Lab and 123", kind, people.Text, machines.Text)
		}
		row.Account = ""
		if people = account.Cell(row); people.Text != "123" {
			t.Errorf("%s: an account without a name is %q, want 123", kind, people.Text)
		}
	}
	name, _ := Lookup(Resources, "account_name")
	if got := name.Cell(&Row{Resource: &cloud.Resource{Account: "123"}}); got.Type != Absent || got.Reason != NotSuch {
		t.Errorf("the name of an account without one = %+v, want a blank that does not apply", got)
	}
	status, _ := Lookup(Resources, "status")
	row := &Row{Resource: &cloud.Resource{Status: cloud.StatusRunning}}
	if status.Bare(row) != status.Cell(row) {
		t.Error("a column without identifiers shows machines something else")
	}
}

func TestANameIsShownAndAnIdentifierInItsPlaceIsDim(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		resource cloud.Resource
		want     Cell
	}{
		{cloud.Resource{ID: "i-1", Name: "web"}, Cell{Text: "web", Type: Text}},
		{cloud.Resource{ID: "i-1"}, Cell{Text: "i-1", Type: Text, Style: Dim}},
		{cloud.Resource{}, Cell{Style: Dim}},
	} {
		if got := nameCell(&Row{Resource: &c.resource}); got != c.want {
			t.Errorf("name of %+v = %+v, want %+v", c.resource, got, c.want)
		}
	}
}

func FuzzLookupFindsAColumnOrSaysWhatThereIs(f *testing.F) {
	for _, s := range []string{"cpu", "CPU-usage-percent", "attrs.x", "tags.", "labels. é", "x_gb", ".", "metrics.\x00", "gpu_powr_watts"} {
		f.Add(s)
	}
	rows := Rows(world(), Resources, at())
	f.Fuzz(func(t *testing.T, name string) {
		c, ok := Lookup(Resources, name)
		if !ok {
			if err := unknownField(Resources, "column", name); !strings.Contains(err.Error(), "known: provider") {
				t.Errorf("the error of %q does not say what there is: %v", name, err)
			}
			return
		}
		again, ok := Lookup(Resources, c.Name)
		if !ok || again.Name != c.Name {
			t.Errorf("Lookup(%q) = %q, and Lookup of that %q, %v", name, c.Name, again.Name, ok)
		}
		for i := range rows {
			if got := c.Cell(&rows[i]); got.Type == Absent && got.Text != "" {
				t.Errorf("column %q is absent and says %q", name, got.Text)
			}
		}
	})
}
