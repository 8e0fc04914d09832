package vastai

import (
	"bytes"
	"encoding/json"
	commandline "flag"
	"math"
	"os"
	"testing"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/provider"
	"github.com/adsops/cloudtop/pkg/loose"
)

var update = commandline.Bool("update", false, "rewrite testdata/*.golden.json")

// now is the clock of these tests.
var now = time.Date(2026, time.November, 1, 12, 0, 0, 0, time.UTC)

func TestPublishedInstancesBecomeResources(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("testdata/instances.json")
	if err != nil {
		t.Fatal(err)
	}
	var p page[instance]
	if err := json.Unmarshal(data, &p); err != nil {
		t.Fatal(err)
	}
	golden(t, "testdata/instances.golden.json", mapped(t, &p.Instances))
}

// mapped maps a page of which all can be read.
func mapped(t *testing.T, page *loose.List[instance]) []cloud.Resource {
	t.Helper()
	d := &driver{now: func() time.Time { return now }}
	all, err := provider.Gather(func(yield func(cloud.Resource, error) bool) { d.instances("4711", page, yield) })
	if err != nil {
		t.Error(err)
	}
	return all
}

// golden compares v as JSON with a file. Secrets must not be in it.
func golden(t *testing.T, path string, v any) {
	t.Helper()
	got, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	got = append(got, '\n')
	if bytes.Contains(got, []byte("MARKER")) {
		t.Errorf("a secret is in the result:\n%s", got)
	}
	if *update {
		if err := os.WriteFile(path, got, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s differs (see with -update):\ngot  %s\nwant %s", path, got, want)
	}
}

func TestStatusFollowsWhatIsMeantAndWhatIs(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		actual, intended word
		want             cloud.Status
	}{
		{"running", "running", cloud.StatusRunning}, {"running", "", cloud.StatusRunning}, {"running", "stopped", cloud.StatusStopping},
		{"", "running", cloud.StatusStarting}, {"", "", cloud.StatusStarting}, {"", "stopped", cloud.StatusStopping},
		{"created", "running", cloud.StatusStarting}, {"loading", "running", cloud.StatusStarting}, {"rebooting", "running", cloud.StatusStarting},
		{"loading", "stopped", cloud.StatusStopping}, {"stopped", "stopped", cloud.StatusStopped}, {"stopped", "running", cloud.StatusStarting},
		{"stopped", "", cloud.StatusStopped}, {"frozen", "frozen", cloud.StatusStopped}, {"exited", "running", cloud.StatusFailed},
		{"exited", "stopped", cloud.StatusStopped}, {"exited", "", cloud.StatusStopped}, {"unknown", "running", cloud.StatusUnknown},
		{"offline", "running", cloud.StatusFailed}, {"a new word", "running", cloud.StatusUnknown},
	} {
		i := instance{ActualStatus: c.actual, IntendedStatus: c.intended}
		if got := i.status(); got != c.want {
			t.Errorf("%q meant to be %q: got %s, want %s", c.actual, c.intended, got, c.want)
		}
	}
}

func TestAVolumeAtRestHasNoRunState(t *testing.T) {
	t.Parallel()
	for word, want := range map[word]cloud.Status{
		"active": cloud.StatusUnknown, "": cloud.StatusUnknown, "creating": cloud.StatusStarting, "created": cloud.StatusStarting,
		"deleting": cloud.StatusStopping, "destroyed": cloud.StatusDeleted, "error": cloud.StatusFailed, "offline": cloud.StatusFailed,
	} {
		if got := (&volume{Status: word}).status(); got != want {
			t.Errorf("%q: got %s, want %s", word, got, want)
		}
	}
}

func TestReadingsAreInTheirUnitOrAbsent(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		what, fields string // the fields beside those of a running instance
		want         map[string]float64
	}{
		{"nothing told", `"gpu_util":null,"gpu_temp":null,"cpu_util":null,"mem_usage":null,"disk_util":null`, nil},
		{"-1 is no reading", `"gpu_util":-1,"gpu_temp":-1,"cpu_util":-1,"mem_usage":-1,"mem_limit":-1,"disk_util":-1,"disk_usage":-1,"uptime_mins":-1`, nil},
		{"percent of the card", `"gpu_util":0.5,"gpu_temp":38.9`, map[string]float64{cloud.GPUUsagePercent: 0.5, cloud.GPUTemperatureCelsius: 38.9}},
		{"zero is a reading", `"gpu_util":0,"cpu_util":0.0`, map[string]float64{cloud.GPUUsagePercent: 0, cloud.CPUUsagePercent: 0}},
		{"more than a card has", `"gpu_util":250`, nil},
		{"fraction of the processor", `"cpu_util":0.42`, map[string]float64{cloud.CPUUsagePercent: 42}},
		{"neither fraction nor surely percent", `"cpu_util":1.5`, nil},
		{"percent of the processor", `"cpu_util":42.5`, map[string]float64{cloud.CPUUsagePercent: 42.5}},
		{"percent of several cores", `"cpu_util":350`, nil},
		{"memory in GB", `"cpu_ram":65536,"mem_usage":8,"mem_limit":32`, map[string]float64{cloud.MemoryUsagePercent: 25, cloud.MemoryUsedBytes: 8e9}},
		{"memory in MB", `"cpu_ram":65536,"mem_usage":8000,"mem_limit":32000`, map[string]float64{cloud.MemoryUsagePercent: 25, cloud.MemoryUsedBytes: 8e9}},
		{"memory without a limit", `"mem_usage":8`, nil},
		{"more memory than the limit", `"mem_usage":40,"mem_limit":32`, map[string]float64{cloud.MemoryUsedBytes: 40e9}},
		{"disk as a fraction", `"disk_space":100,"disk_util":0.42,"disk_usage":42`, map[string]float64{cloud.DiskUsagePercent: 42, cloud.DiskUsedBytes: 42e9}},
		{"disk as percent", `"disk_space":100,"disk_util":42`, map[string]float64{cloud.DiskUsagePercent: 42}},
		{"disk without its part", `"disk_space":200,"disk_util":-1,"disk_usage":50`, map[string]float64{cloud.DiskUsagePercent: 25, cloud.DiskUsedBytes: 50e9}},
		{"disk of unknown size", `"disk_usage":50`, map[string]float64{cloud.DiskUsedBytes: 50e9}},
		{"uptime", `"uptime_mins":1.5`, map[string]float64{cloud.UptimeSeconds: 90}},
		{"stopped has a disk only", `"actual_status":"stopped","gpu_util":0,"cpu_util":0,"mem_usage":1,"mem_limit":2,"uptime_mins":3,"disk_util":0.5`, map[string]float64{cloud.DiskUsagePercent: 50}},
		{"frozen reports", `"actual_status":"frozen","gpu_util":0`, map[string]float64{cloud.GPUUsagePercent: 0}},
		{"silent machine has old readings", `"actual_status":"unknown","gpu_util":90,"disk_util":0.5`, nil},
		{"machine that is gone", `"actual_status":"offline","gpu_util":90,"disk_util":0.5`, nil},
	} {
		var i instance
		if err := json.Unmarshal([]byte(`{"actual_status":"running"}`), &i); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal([]byte("{"+c.fields+"}"), &i); err != nil {
			t.Fatalf("%s: %v", c.what, err)
		}
		got := i.metrics(new(scale), now)
		if len(got) != len(c.want) {
			t.Errorf("%s: got %v, want %v", c.what, got, c.want)
		}
		for _, m := range got {
			if want, ok := c.want[m.Name]; !ok || math.Abs(m.Value-want) > 1e-9*want || !m.At.Time().Equal(now) {
				t.Errorf("%s: got %+v, want %v at %v", c.what, m, c.want, now)
			}
		}
	}
}

func TestOneHighReadingTellsTheScaleOfAll(t *testing.T) {
	t.Parallel()
	d := &driver{now: func() time.Time { return now }}
	read := func(values ...float64) []float64 {
		var page loose.List[instance]
		for _, v := range values {
			page.All = append(page.All, instance{ID: "1", ActualStatus: running, CPUUtil: loose.Of(v)})
		}
		all, _ := provider.Gather(func(yield func(cloud.Resource, error) bool) { d.instances("a", &page, yield) })
		var out []float64
		for _, r := range all {
			if m, ok := r.Metric(cloud.CPUUsagePercent); ok {
				out = append(out, m.Value)
			} else {
				out = append(out, -1)
			}
		}
		return out
	}
	for _, c := range []struct{ values, want []float64 }{
		{[]float64{0.5, 1, 1.5}, []float64{50, 100, -1}}, // fractions as far as is known
		{[]float64{0.5, 80, 1.5}, []float64{0.5, 80, 1.5}},
		{[]float64{0.5, 101}, []float64{0.5, -1}}, // what is once known stays
	} {
		if got := read(c.values...); !equal(got, c.want) {
			t.Errorf("%v: got %v percent, want %v", c.values, got, c.want)
		}
	}
}

func equal(a, b []float64) bool {
	same := len(a) == len(b)
	for i := range a {
		same = same && a[i] == b[i]
	}
	return same
}

func TestCostIsWhatIsBilledNow(t *testing.T) {
	t.Parallel()
	const prices = `"dph_total":1.1,"storage_total_cost":0.1`
	for _, c := range []struct {
		what, fields string
		want         float64 // -1 = unknown
	}{
		{"told", `"actual_status":"running",` + prices + `,"instance":{"totalHour":0.7}`, 0.7},
		{"told to be nothing", `"actual_status":"running",` + prices + `,"instance":{"totalHour":0}`, 0},
		{"running", `"actual_status":"running",` + prices, 1.1},
		{"frozen keeps its cards", `"actual_status":"frozen",` + prices, 1.1},
		{"stopped keeps its disk", `"actual_status":"stopped",` + prices, 0.1},
		{"exited keeps its disk", `"actual_status":"exited",` + prices, 0.1},
		{"being made", `"actual_status":null,` + prices, 0.1},
		{"silent", `"actual_status":"unknown",` + prices, -1},
		{"gone", `"actual_status":"offline",` + prices, -1},
		{"in a new state", `"actual_status":"hibernating",` + prices, -1},
		{"no price", `"actual_status":"running"`, -1},
		{"negative price", `"actual_status":"running","dph_total":-1`, -1},
	} {
		var i instance
		if err := json.Unmarshal([]byte("{"+c.fields+"}"), &i); err != nil {
			t.Fatal(err)
		}
		got := -1.0
		if p := i.cost(now); p != nil {
			got = p.Low
			if p.High != p.Low || p.Currency != "USD" || p.Source != listing || !p.At.Equal(now) {
				t.Errorf("%s: got %+v, want a point price in USD from the listing, now", c.what, p)
			}
		}
		if got != c.want {
			t.Errorf("%s: got %v, want %v", c.what, got, c.want)
		}
	}
}

func TestCardsAreWhole(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		fields string
		want   *cloud.GPU
	}{
		{`"gpu_name":"RTX A5000","num_gpus":1,"gpu_frac":0.125,"gpu_ram":24564`, &cloud.GPU{Type: "RTX A5000", Count: 1, MemoryGB: 24}},
		{`"gpu_name":"H200","num_gpus":null,"gpu_ram":null`, &cloud.GPU{Type: "H200"}},
		{`"gpu_name":null,"num_gpus":0`, nil},
		{`"gpu_name":"RTX 4090","num_gpus":0`, nil},
	} {
		var i instance
		if err := json.Unmarshal([]byte("{"+c.fields+"}"), &i); err != nil {
			t.Fatal(err)
		}
		got := i.gpu()
		if (got == nil) != (c.want == nil) || got != nil && *got != *c.want {
			t.Errorf("%s: got %+v, want %+v", c.fields, got, c.want)
		}
	}
}
