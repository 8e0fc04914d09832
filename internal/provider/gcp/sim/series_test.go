package gcpsim_test

import (
	"fmt"
	"maps"
	"math"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/adsops/cloudtop/internal/sim"
)

// monitor asks one project's metrics at a time that stands still.
type monitor struct {
	*doorway
	t       *testing.T
	headers map[string]string
	project string
}

func newMonitor(t *testing.T, o sim.Options) *monitor {
	t.Helper()
	d := newDoorway(t, o)
	return &monitor{d, t, map[string]string{"Authorization": "Bearer " + d.token(t, platform)}, d.Truth().Accounts[0]}
}

const cpu = `metric.type = "compute.googleapis.com/instance/cpu/utilization"`

// list asks for the last ten minutes in periods of one, unless something else is said.
func (m *monitor) list(more map[string]string) (status int, body map[string]any) {
	q := url.Values{
		"filter": {cpu}, "interval.startTime": {sim.Epoch.Add(-10 * time.Minute).Format(time.RFC3339)}, "interval.endTime": {sim.Epoch.Format(time.RFC3339)},
		"aggregation.alignmentPeriod": {"60s"}, "aggregation.perSeriesAligner": {"ALIGN_MEAN"},
	}
	for k, v := range more {
		if q.Del(k); v != "" {
			q[k] = strings.Split(v, " & ")
		}
	}
	status, body, _ = m.call("monitoring.googleapis.com/v3/projects/"+m.project+"/timeSeries?"+q.Encode(), m.headers)
	return status, body
}

// values are the points of a series, the newest first.
func values(series map[string]any) []float64 {
	var out []float64
	for _, p := range rows(series, "points") {
		v := p["value"].(map[string]any)
		if text, ok := v["int64Value"].(string); ok {
			n, _ := strconv.ParseFloat(text, 64)
			out = append(out, n)
			continue
		}
		out = append(out, v["doubleValue"].(float64))
	}
	return out
}

func TestSeriesAreTheNewestFirstAndNeverFromTheFuture(t *testing.T) {
	t.Parallel()
	m := newMonitor(t, sim.Options{Seed: 1, Counts: map[string]int{"gcp": 40}})
	_, body := m.list(nil)
	all := rows(body, "timeSeries")
	if len(all) == 0 || body["unit"] != "10^2.%" {
		t.Fatalf("got %d series in %v", len(all), body["unit"])
	}
	for _, s := range all {
		points := rows(s, "points")
		last := sim.Epoch.Add(-240 * time.Second)
		if first := points[0]["interval"].(map[string]any)["endTime"]; first != last.Format(time.RFC3339) || len(points) != 6 {
			t.Errorf("got %d points from %v on, want 6 from %s: readings are four minutes late", len(points), first, last)
		}
		for i, p := range points {
			in := p["interval"].(map[string]any)
			end := last.Add(-time.Duration(i) * time.Minute)
			if in["endTime"] != end.Format(time.RFC3339) || in["startTime"] != end.Add(-time.Minute).Format(time.RFC3339) {
				t.Errorf("point %d is of %v, want %s", i, in, end)
			}
		}
	}
	if _, none := m.list(map[string]string{"interval.startTime": sim.Epoch.Add(-3 * time.Minute).Format(time.RFC3339)}); len(rows(none, "timeSeries")) != 0 {
		t.Error("what is not out yet is told")
	}
}

func TestPeriodsAreAligned(t *testing.T) {
	t.Parallel()
	m := newMonitor(t, sim.Options{Seed: 1, Counts: map[string]int{"gcp": 40}})
	const traffic = `metric.type = "compute.googleapis.com/instance/network/sent_bytes_count"`
	start := sim.Epoch.Add(-9 * time.Minute).Format(time.RFC3339) // five whole minutes are out
	of := func(filter, aligner, period string) [][]float64 {
		_, body := m.list(map[string]string{
			"filter": filter, "aggregation.perSeriesAligner": aligner, "aggregation.alignmentPeriod": period, "interval.startTime": start,
		})
		var all [][]float64
		for _, s := range rows(body, "timeSeries") {
			all = append(all, values(s))
		}
		return all
	}
	sum := func(v []float64) float64 {
		total := 0.0
		for _, x := range v {
			total += x
		}
		return total
	}
	for _, c := range []struct {
		filter, aligner string
		fine            string // the aligner of the minutes that it is made of
		want            func([]float64) float64
	}{
		{cpu, "ALIGN_MEAN", "ALIGN_MEAN", func(v []float64) float64 { return sum(v) / 5 }},
		{cpu, "ALIGN_MAX", "ALIGN_MEAN", slices.Max[[]float64]},
		{cpu, "ALIGN_MIN", "ALIGN_MEAN", slices.Min[[]float64]},
		{cpu, "ALIGN_NEXT_OLDER", "ALIGN_MEAN", func(v []float64) float64 { return v[0] }},
		{traffic, "ALIGN_DELTA", "ALIGN_NONE", sum},
		{traffic, "ALIGN_SUM", "ALIGN_NONE", sum},
		{traffic, "ALIGN_RATE", "ALIGN_RATE", func(v []float64) float64 { return sum(v) / 5 }},
	} {
		fine, coarse := of(c.filter, c.fine, "60s"), of(c.filter, c.aligner, "300s")
		if len(fine) == 0 || len(fine) != len(coarse) {
			t.Fatalf("%s: %d series by the minute, %d by five", c.aligner, len(fine), len(coarse))
		}
		for i := range fine {
			if want := c.want(fine[i]); len(fine[i]) != 5 || len(coarse[i]) != 1 || math.Abs(coarse[i][0]-want) > 1e-6*math.Abs(want) {
				t.Errorf("%s of %v: got %v, want %v", c.aligner, fine[i], coarse[i], want)
			}
		}
	}
}

func TestSeriesAreReduced(t *testing.T) {
	t.Parallel()
	m := newMonitor(t, sim.Options{Seed: 1, Counts: map[string]int{"gcp": 60}})
	const disks = `metric.type = "compute.googleapis.com/instance/disk/read_bytes_count"`
	ask := func(reducer, by string) []map[string]any {
		status, body := m.list(map[string]string{
			"filter": disks, "aggregation.perSeriesAligner": "ALIGN_RATE", "aggregation.crossSeriesReducer": reducer, "aggregation.groupByFields": by,
		})
		if status != 200 {
			t.Fatalf("%s: got %d %v", reducer, status, body)
		}
		return rows(body, "timeSeries")
	}
	byMachine := map[string][]float64{}
	for _, s := range ask("REDUCE_NONE", "") {
		id := s["resource"].(map[string]any)["labels"].(map[string]any)["instance_id"].(string)
		byMachine[id] = append(byMachine[id], values(s)[0])
	}
	for reducer, of := range map[string]func([]float64) float64{
		"REDUCE_SUM": func(v []float64) float64 {
			total := 0.0
			for _, x := range v {
				total += x
			}
			return total
		},
		"REDUCE_MAX": slices.Max[[]float64], "REDUCE_MIN": slices.Min[[]float64],
		"REDUCE_MEAN": func(v []float64) float64 {
			total := 0.0
			for _, x := range v {
				total += x
			}
			return total / float64(len(v))
		},
	} {
		got := ask(reducer, "resource.labels.instance_id")
		if len(got) != len(byMachine) {
			t.Errorf("%s: got %d series, want one of each of %d machines", reducer, len(got), len(byMachine))
		}
		for _, s := range got {
			labels := s["resource"].(map[string]any)["labels"].(map[string]any)
			want := of(byMachine[labels["instance_id"].(string)])
			if v := values(s)[0]; math.Abs(v-want) > 1e-6*math.Abs(want)+1e-9 || len(labels) != 2 || labels["project_id"] != m.project {
				t.Errorf("%s of %v: got %v, want %v", reducer, labels, v, want)
			}
		}
	}
	if whole := ask("REDUCE_SUM", ""); len(whole) != 1 {
		t.Errorf("without a group: got %d series, want one", len(whole))
	}
	if byDisk := ask("REDUCE_SUM", "metric.label.device_name"); len(byDisk) != 2 || byDisk[0]["metric"].(map[string]any)["labels"].(map[string]any)["device_name"] == nil {
		t.Errorf("by device: got %v", byDisk)
	}
}

func TestFiltersOfSeries(t *testing.T) {
	t.Parallel()
	m := newMonitor(t, sim.Options{Seed: 1, Counts: map[string]int{"gcp": 120}})
	_, whole := m.list(nil)
	zone := func(s map[string]any) string {
		return s["resource"].(map[string]any)["labels"].(map[string]any)["zone"].(string)
	}
	for filter, keep := range map[string]func(map[string]any) bool{
		cpu + ` AND resource.type = "gce_instance"`:                     func(map[string]any) bool { return true },
		cpu + ` AND resource.type = "k8s_node"`:                         func(map[string]any) bool { return false },
		cpu + ` AND resource.type != "k8s_node"`:                        func(map[string]any) bool { return true },
		cpu + ` AND resource.labels.zone = "us-central1-a"`:             func(s map[string]any) bool { return zone(s) == "us-central1-a" },
		cpu + ` AND resource.label.zone != "us-central1-a"`:             func(s map[string]any) bool { return zone(s) != "us-central1-a" },
		cpu + ` AND resource.labels.zone = starts_with("us-")`:          func(s map[string]any) bool { return strings.HasPrefix(zone(s), "us-") },
		cpu + ` AND resource.labels.zone != starts_with( "us-" )`:       func(s map[string]any) bool { return !strings.HasPrefix(zone(s), "us-") },
		`metric.type="compute.googleapis.com/instance/cpu/utilization"`: func(map[string]any) bool { return true },
		cpu + ` AND metric.labels.instance_name = "nobody"`:             func(map[string]any) bool { return false },
		`resource.labels.zone = starts_with("europe-") AND ` + cpu:      func(s map[string]any) bool { return strings.HasPrefix(zone(s), "europe-") },
	} {
		want := 0
		for _, s := range rows(whole, "timeSeries") {
			if keep(s) {
				want++
			}
		}
		status, body := m.list(map[string]string{"filter": filter})
		if got := len(rows(body, "timeSeries")); status != 200 || got != want {
			t.Errorf("%s: got %d with %d series, want %d", filter, status, got, want)
		}
	}
}

func TestQueriesThatMonitoringRefuses(t *testing.T) {
	t.Parallel()
	m := newMonitor(t, sim.Options{Seed: 1, Counts: map[string]int{"gcp": 1}}) // one machine, and no agent on it
	const latencies = `metric.type = "run.googleapis.com/request_latencies"`
	for name, c := range map[string]struct {
		query map[string]string
		want  int
		says  string
	}{
		"good":                     {nil, 200, ""},
		"no filter":                {map[string]string{"filter": ""}, 400, "Could not parse filter"},
		"no metric":                {map[string]string{"filter": `resource.type = "gce_instance"`}, 400, "single metric type"},
		"two metrics":              {map[string]string{"filter": cpu + " AND " + cpu}, 400, "exactly one metric type"},
		"metrics that begin so":    {map[string]string{"filter": `metric.type = starts_with("compute")`}, 400, "exactly one metric type"},
		"half a function":          {map[string]string{"filter": cpu + ` AND resource.labels.zone = starts_with("a"`}, 400, "Could not parse filter"},
		"an unknown metric":        {map[string]string{"filter": `metric.type = "compute.googleapis.com/nonsense"`}, 404, "Cannot find metric(s)"},
		"a metric nobody wrote":    {map[string]string{"filter": `metric.type = "agent.googleapis.com/gpu/utilization"`}, 404, "Cannot find metric(s)"},
		"no start":                 {map[string]string{"interval.startTime": ""}, 400, "start time"},
		"an end before the start":  {map[string]string{"interval.endTime": "2026-10-01T00:00:00Z"}, 400, "start time"},
		"no time":                  {map[string]string{"interval.endTime": "soon"}, 400, "start time"},
		"too short a period":       {map[string]string{"aggregation.alignmentPeriod": "30s"}, 400, "at least 60 seconds"},
		"no period":                {map[string]string{"aggregation.alignmentPeriod": ""}, 400, "at least 60 seconds"},
		"a period of 90 seconds":   {map[string]string{"aggregation.alignmentPeriod": "90s"}, 400, "whole minutes"},
		"a rate of a gauge":        {map[string]string{"aggregation.perSeriesAligner": "ALIGN_RATE"}, 400, "cannot be applied"},
		"a percentile of a gauge":  {map[string]string{"aggregation.perSeriesAligner": "ALIGN_PERCENTILE_99"}, 400, "cannot be applied"},
		"a mean of a distribution": {map[string]string{"filter": latencies}, 400, "cannot be applied"},
		"an unknown aligner":       {map[string]string{"aggregation.perSeriesAligner": "ALIGN_STARS"}, 400, "cannot be applied"},
		"a percentile of rates": {
			map[string]string{"aggregation.crossSeriesReducer": "REDUCE_PERCENTILE_99"}, 400, "cannot be applied",
		},
		"a percentile of distributions": {
			map[string]string{"filter": latencies, "aggregation.perSeriesAligner": "ALIGN_DELTA", "aggregation.crossSeriesReducer": "REDUCE_PERCENTILE_50"}, 200, "",
		},
		"distributions as they stand": {map[string]string{"filter": latencies, "aggregation.perSeriesAligner": "ALIGN_DELTA"}, 400, "cannot be applied"},
		"an unknown reducer":          {map[string]string{"aggregation.crossSeriesReducer": "REDUCE_STARS"}, 400, "Unknown reducer"},
		"a page that there is none":   {map[string]string{"pageToken": "x"}, 400, "page token"},
		"an unknown parameter":        {map[string]string{"nonsense": "1"}, 400, "Unknown name"},
	} {
		if status, body := m.list(c.query); status != c.want || !strings.Contains(asJSON(body), c.says) {
			t.Errorf("%s: got %d %v, want %d %q", name, status, body, c.want, c.says)
		}
	}
}

func TestSeriesKeepTheirTypesAsTheyStand(t *testing.T) {
	t.Parallel()
	m := newMonitor(t, sim.Options{Seed: 1, Counts: map[string]int{"gcp": 200}})
	for _, c := range []struct{ metric, aligner, reducer, kind, value, unit string }{
		{"compute.googleapis.com/instance/cpu/utilization", "", "", "GAUGE", "DOUBLE", "10^2.%"},
		{"compute.googleapis.com/instance/network/sent_bytes_count", "", "", "DELTA", "INT64", "By"},
		{"compute.googleapis.com/instance/network/sent_bytes_count", "ALIGN_DELTA", "", "DELTA", "INT64", "By"},
		{"compute.googleapis.com/instance/network/sent_bytes_count", "ALIGN_RATE", "", "GAUGE", "DOUBLE", "By/s"},
		{"agent.googleapis.com/memory/percent_used", "ALIGN_MEAN", "", "GAUGE", "DOUBLE", "%"},
		{"agent.googleapis.com/gpu/utilization", "ALIGN_MEAN", "", "GAUGE", "DOUBLE", "%"},
		{"run.googleapis.com/request_count", "ALIGN_RATE", "", "GAUGE", "DOUBLE", "1/s"},
		{"run.googleapis.com/request_latencies", "ALIGN_PERCENTILE_99", "", "GAUGE", "DOUBLE", "ms"},
		{"cloudfunctions.googleapis.com/function/execution_times", "ALIGN_DELTA", "REDUCE_PERCENTILE_99", "GAUGE", "DOUBLE", "ns"},
		{"cloudfunctions.googleapis.com/function/execution_count", "", "", "DELTA", "INT64", "1"},
		{"kubernetes.io/node/cpu/allocatable_utilization", "ALIGN_MEAN", "", "GAUGE", "DOUBLE", "10^2.%"},
		{"cloudsql.googleapis.com/database/disk/utilization", "ALIGN_MEAN", "", "GAUGE", "DOUBLE", "10^2.%"},
	} {
		_, body := m.list(map[string]string{
			"filter": `metric.type = "` + c.metric + `"`, "aggregation.perSeriesAligner": c.aligner, "aggregation.crossSeriesReducer": c.reducer,
		})
		all := rows(body, "timeSeries")
		if len(all) == 0 || body["unit"] != c.unit {
			t.Errorf("%s %s: got %d series in %v, want %s", c.metric, c.aligner, len(all), body["unit"], c.unit)
			continue
		}
		_, whole := rows(all[0], "points")[0]["value"].(map[string]any)["int64Value"]
		if all[0]["metricKind"] != c.kind || all[0]["valueType"] != c.value || whole != (c.value == "INT64") {
			t.Errorf("%s %s: got %v, want %s %s", c.metric, c.aligner, all[0], c.kind, c.value)
		}
	}
	_, headers := m.list(map[string]string{"view": "HEADERS"})
	for _, s := range rows(headers, "timeSeries") {
		if len(rows(s, "points")) != 0 {
			t.Errorf("headers have points: %v", s)
		}
	}
	_, labels := m.list(map[string]string{"fields": "timeSeries/metric/labels"})
	if s := asJSON(rows(labels, "timeSeries")[0]["metric"]); strings.Contains(s, "type") || !strings.Contains(s, "instance_name") {
		t.Errorf("the labels alone: got %s", s)
	}
	_, few := m.list(map[string]string{"fields": "timeSeries(points(interval/endTime,value)),nextPageToken"})
	if text := asJSON(few); strings.Contains(text, "metricKind") || strings.Contains(text, "startTime") || strings.Contains(text, "unit") || !strings.Contains(text, "endTime") {
		t.Errorf("of selected fields: got %.300s", text)
	}
}

func TestSeriesComeInPagesOfPoints(t *testing.T) {
	t.Parallel()
	m := newMonitor(t, sim.Options{Seed: 1, Counts: map[string]int{"gcp": 120}})
	_, whole := m.list(nil)
	want := len(rows(whole, "timeSeries"))
	seen, pages, token := map[string]bool{}, 0, ""
	for {
		_, body := m.list(map[string]string{"pageSize": "30", "pageToken": token}) // five series of six points
		for _, s := range rows(body, "timeSeries") {
			seen[fmt.Sprint(s["resource"])] = true
		}
		if n := len(rows(body, "timeSeries")); n > 5 {
			t.Errorf("page %d has %d series of 6 points, want at most 30 points", pages, n)
		}
		token, _ = body["nextPageToken"].(string)
		if pages++; token == "" {
			break
		}
	}
	if len(seen) != want || pages != (want+4)/5 {
		t.Errorf("got %d series on %d pages, want %d", len(seen), pages, want)
	}
}

func TestDescriptorsNameTheMetricsThatThereAre(t *testing.T) {
	t.Parallel()
	m := newMonitor(t, sim.Options{Seed: 1, Counts: map[string]int{"gcp": 60}})
	list := func(filter string) map[string]map[string]any {
		_, body, _ := m.call("monitoring.googleapis.com/v3/projects/"+m.project+"/metricDescriptors?filter="+url.QueryEscape(filter), m.headers)
		all := map[string]map[string]any{}
		for _, d := range rows(body, "metricDescriptors") {
			all[d["type"].(string)] = d
		}
		return all
	}
	whole := list("")
	for name, d := range whole {
		aligner := map[any]string{"DISTRIBUTION": "ALIGN_PERCENTILE_50"}[d["valueType"]]
		status, body := m.list(map[string]string{"filter": `metric.type = "` + name + `"`, "aggregation.perSeriesAligner": aligner})
		if status != 200 || (aligner == "" && body["unit"] != d["unit"]) {
			t.Errorf("%s is described in %v, and answers %d in %v", name, d["unit"], status, body["unit"])
		}
	}
	if len(whole) != 18 || len(list(cpu)) != 1 || len(list(`metric.type = starts_with("run.")`)) != 4 || len(list(`metric.type != starts_with("run.")`)) != 14 {
		t.Errorf("got %d descriptors: %v", len(whole), slices.Sorted(maps.Keys(whole)))
	}
	quiet := newMonitor(t, sim.Options{Seed: 1, Counts: map[string]int{"gcp": 1}})
	_, body, _ := quiet.call("monitoring.googleapis.com/v3/projects/"+quiet.project+"/metricDescriptors", quiet.headers)
	if strings.Contains(asJSON(body), "agent.googleapis.com/gpu") {
		t.Error("a metric is described that nobody wrote")
	}
	for _, bad := range []string{"nonsense", `resource.type = "x"`, `metric.type = starts_with("x"`} {
		if status, _, _ := m.call("monitoring.googleapis.com/v3/projects/"+m.project+"/metricDescriptors?filter="+url.QueryEscape(bad), m.headers); status != 400 {
			t.Errorf("%s: got %d, want 400", bad, status)
		}
	}
}

// TestReadingsAreTheTruth asks as a monitor would and compares with what is known to be.
func TestReadingsAreTheTruth(t *testing.T) {
	t.Parallel()
	m := newMonitor(t, sim.Options{Seed: 6, Counts: map[string]int{"gcp": 80}})
	_, body := m.list(map[string]string{"aggregation.crossSeriesReducer": "REDUCE_MEAN", "aggregation.groupByFields": "resource.labels.instance_id"})
	got := map[string]float64{}
	for _, s := range rows(body, "timeSeries") {
		got[s["resource"].(map[string]any)["labels"].(map[string]any)["instance_id"].(string)] = values(s)[0] * 100
	}
	for _, r := range m.Truth().Resources {
		want, measured := r.Metrics["cpu_usage_percent"]
		if r.Account != m.project || r.Service != "compute" {
			continue
		}
		if v, ok := got[r.ID]; ok != measured || math.Abs(v-want) > 1e-9 {
			t.Errorf("%s, %s: got %v (%v), want %v (%v)", r.Name, r.NativeStatus, v, ok, want, measured)
		}
		delete(got, r.ID)
	}
	if len(got) != 1 { // one that was deleted a minute ago
		t.Errorf("%d machines have readings and do not exist, want 1", len(got))
	}
}
