package oraclesim

import (
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/adsops/cloudtop/internal/sim"
)

// measure asks for metrics of the whole tenancy in a region.
func (c *cloud) measure(t *testing.T, region, body string) []streamJSON {
	t.Helper()
	fresh(c)
	status, streams := c.metricsOf(t, region, c.tenancy+"&compartmentIdInSubtree=true", body)
	if status != http.StatusOK {
		t.Fatalf("%s: status %d", body, status)
	}
	return streams
}

func question(namespace, query, more string) string {
	return string(sim.AppendText(nil, "namespace")) + ":" + string(sim.AppendText(nil, namespace)) + `,"query":` + string(sim.AppendText(nil, query)) + more
}

// TestPointsLieInTheirWindow: it is 12:01:30, and the newest point is a minute old; the end is not included.
func TestPointsLieInTheirWindow(t *testing.T) {
	t.Parallel()
	c := newCloud(t, world(60, false))
	for _, tt := range []struct {
		name, more string
		points     int
		first      string
		last       string
	}{
		{"a window", `,"startTime":"2026-11-01T11:56:00Z","endTime":"2026-11-01T11:59:00Z"`, 3, "11:56", "11:58"},
		{"until now", `,"startTime":"2026-11-01T11:58:00Z"`, 3, "11:58", "12:00"},
		{"the last three hours", ``, 180, "09:01", "12:00"},
		{"a start within a minute", `,"startTime":"2026-11-01T11:58:45Z","endTime":"2026-11-01T12:00:00Z"`, 2, "11:58", "11:59"},
		{"with an offset", `,"startTime":"2026-11-01T13:58:00+02:00","endTime":"2026-11-01T14:00:00+02:00"`, 2, "11:58", "11:59"},
		{"with milliseconds", `,"startTime":"2026-11-01T11:58:00.000Z","endTime":"2026-11-01T12:00:00.500Z"`, 3, "11:58", "12:00"},
		{"the future", `,"startTime":"2026-11-01T12:05:00Z","endTime":"2026-11-01T12:10:00Z"`, 0, "", ""},
		{"an explicit resolution", `,"startTime":"2026-11-01T11:58:00Z","resolution":"1m"`, 3, "11:58", "12:00"},
		{"nulls", `,"startTime":"2026-11-01T11:58:00Z","endTime":null,"resolution":null,"resourceGroup":null`, 3, "11:58", "12:00"},
	} {
		streams := c.measure(t, "us-ashburn-1", "{"+question("oci_computeagent", "CpuUtilization[1m].mean()", tt.more)+"}")
		if tt.points == 0 {
			if len(streams) != 0 {
				t.Errorf("%s: %d streams, want none without points", tt.name, len(streams))
			}
			continue
		}
		if len(streams) == 0 {
			t.Errorf("%s: no stream", tt.name)
			continue
		}
		for _, s := range streams {
			p := s.AggregatedDatapoints
			if len(p) != tt.points || p[0].Timestamp.Format("15:04") != tt.first || p[len(p)-1].Timestamp.Format("15:04") != tt.last {
				t.Errorf("%s: %d points from %s to %s, want %d from %s to %s", tt.name, len(p), p[0].Timestamp, p[len(p)-1].Timestamp, tt.points, tt.first, tt.last)
				break
			}
		}
	}
}

// TestIntervalsHoldAllTheirPoints: five minutes hold five of a minute, and a resolution below the interval overlaps.
func TestIntervalsHoldAllTheirPoints(t *testing.T) {
	t.Parallel()
	c := newCloud(t, world(60, false))
	window := `,"startTime":"2026-11-01T11:40:00Z","endTime":"2026-11-01T11:50:00Z"`
	read := func(query, more string) map[time.Time]float64 {
		out := map[time.Time]float64{}
		s := c.measure(t, "us-ashburn-1", "{"+question("oci_computeagent", query, window+more)+"}")[0]
		for _, p := range s.AggregatedDatapoints {
			out[p.Timestamp] = p.Value
		}
		return out
	}
	raw := read("CpuUtilization[1m].mean()", "")
	if len(raw) != 10 {
		t.Fatalf("%d points a minute", len(raw))
	}
	overlapping, apart := read("CpuUtilization[5m].sum()", ""), read("CpuUtilization[5m].sum()", `,"resolution":"5m"`)
	if len(overlapping) != 10 || len(apart) != 2 {
		t.Errorf("%d overlapping points and %d apart, want 10 and 2", len(overlapping), len(apart))
	}
	start := time.Date(2026, 11, 1, 11, 40, 0, 0, time.UTC)
	for at, got := range overlapping {
		if at.After(start.Add(5 * time.Minute)) {
			continue // it reaches beyond the window
		}
		want := 0.0
		for i := range 5 {
			want += raw[at.Add(time.Duration(i)*time.Minute)]
		}
		if math.Abs(got-want) > 1e-9 || apart[at] != 0 && math.Abs(apart[at]-got) > 1e-9 {
			t.Errorf("five minutes from %s add up to %v and %v, want %v", at, got, apart[at], want)
		}
	}
	counts := read("CpuUtilization[5m].count()", `,"resolution":"5m"`)
	highest, lowest, middle := read("CpuUtilization[5m].max()", ""), read("CpuUtilization[5m].min()", ""), read("CpuUtilization[5m].percentile(0.5)", "")
	for at := range counts {
		if counts[at] != 5 || lowest[at] > middle[at] || middle[at] > highest[at] {
			t.Errorf("%s: %v points between %v, %v and %v", at, counts[at], lowest[at], middle[at], highest[at])
		}
	}
}

// TestEachServiceEmitsItsMetrics for what runs, with its own dimensions.
func TestEachServiceEmitsItsMetrics(t *testing.T) {
	t.Parallel()
	c := newCloud(t, world(900, false))
	for _, tt := range []struct {
		namespace, metric, unit, truth, kind string
		dimensions                           string
	}{
		{"oci_computeagent", "CpuUtilization", "percent", "cpu_usage_percent", "instance", "availabilityDomain faultDomain region resourceDisplayName resourceId shape"},
		{"oci_computeagent", "MemoryUtilization", "percent", "memory_usage_percent", "instance", "availabilityDomain faultDomain region resourceDisplayName resourceId shape"},
		{"oci_computecontainerinstance", "CpuUtilization", "percent", "cpu_usage_percent", "container_instance", "availabilityDomain faultDomain resourceDisplayName resourceId"},
		{"oci_computecontainerinstance", "MemoryUtilization", "percent", "memory_usage_percent", "container_instance", "availabilityDomain faultDomain resourceDisplayName resourceId"},
		{"oci_autonomous_database", "CpuUtilization", "percent", "cpu_usage_percent", "autonomous_database", "deploymentType displayName region resourceId resourceName"},
		{"oci_autonomous_database", "StorageUtilization", "percent", "disk_usage_percent", "autonomous_database", "deploymentType displayName region resourceId resourceName"},
	} {
		truth := map[string]float64{}
		for _, r := range c.Truth().Resources {
			if v, ok := r.Metrics[tt.truth]; ok && r.Type == tt.kind && r.Region == "us-ashburn-1" {
				truth[r.ID] = v
			}
		}
		seen := 0
		for _, s := range c.measure(t, "us-ashburn-1", "{"+question(tt.namespace, tt.metric+"[1m].mean()", "")+"}") {
			want, ok := truth[s.Dimensions["resourceId"]]
			p := s.AggregatedDatapoints[len(s.AggregatedDatapoints)-1]
			if ok && math.Abs(p.Value-want) > 1e-9 {
				t.Errorf("%s %s of %s is %v, the truth is %v", tt.namespace, tt.metric, s.Dimensions["resourceId"], p.Value, want)
			}
			if ok {
				seen++
			}
			var names []string
			for d, v := range s.Dimensions {
				if names = append(names, d); v == "" {
					t.Errorf("%s has an empty %s", s.Dimensions["resourceId"], d)
				}
			}
			slices.Sort(names)
			if strings.Join(names, " ") != tt.dimensions || s.Metadata["unit"] != tt.unit || s.Namespace != tt.namespace || s.Name != tt.metric || s.CompartmentID == "" {
				t.Errorf("%s %s has %q, %v", tt.namespace, tt.metric, names, s.Metadata)
			}
		}
		if seen != len(truth) || seen == 0 {
			t.Errorf("%s %s: %d streams of the truth's %d", tt.namespace, tt.metric, seen, len(truth))
		}
	}
}

// TestCardsAreStreamsOfTheirOwn: one for each GPU of what runs with an agent.
func TestCardsAreStreamsOfTheirOwn(t *testing.T) {
	t.Parallel()
	c := newCloud(t, world(300, false))
	cards := map[string]map[string]float64{}
	for _, s := range c.measure(t, "us-phoenix-1", "{"+question("gpu_infrastructure_health", "GpuTemperature[1m].max()", "")+"}") {
		id := s.Dimensions["resourceId"]
		if cards[id] == nil {
			cards[id] = map[string]float64{}
		}
		cards[id][s.Dimensions["gpu"]] = s.AggregatedDatapoints[len(s.AggregatedDatapoints)-1].Value
	}
	found := 0
	for _, r := range c.Truth().Resources {
		hottest, ok := r.Metrics["gpu_temperature_celsius"]
		if !ok || r.Region != "us-phoenix-1" {
			continue
		}
		found++
		most := 0.0
		for _, v := range cards[r.ID] {
			most = max(most, v)
		}
		if len(cards[r.ID]) != int(r.GPUCount) || most != hottest || most < 20 || most > 100 {
			t.Errorf("%s has the cards %v, want %v of which the hottest is %v", r.ID, cards[r.ID], r.GPUCount, hottest)
		}
	}
	if found == 0 || len(cards) != found {
		t.Errorf("%d instances with cards, want %d", len(cards), found)
	}
	together := c.measure(t, "us-phoenix-1", "{"+question("gpu_infrastructure_health", "GpuTemperature[1m].groupBy(resourceId).max()", "")+"}")
	if len(together) != found || len(together[0].Dimensions) != 1 {
		t.Errorf("grouped by instance there are %d streams, want %d", len(together), found)
	}
}

// TestTheHypervisorSeesMachinesWithoutAgent, and the agent's namespace does not have them.
func TestTheHypervisorSeesMachinesWithoutAgent(t *testing.T) {
	t.Parallel()
	c := newCloud(t, world(600, false))
	ids := func(namespace string) map[string]bool {
		out := map[string]bool{}
		for _, s := range c.measure(t, "eu-frankfurt-1", "{"+question(namespace, "CpuUtilization[1m].groupBy(resourceId).mean()", "")+"}") {
			out[s.Dimensions["resourceId"]] = true
		}
		return out
	}
	agent, hypervisor := ids("oci_computeagent"), ids("oci_vmi_resource_utilization")
	alone := 0
	for _, all := range c.regions[2].instances {
		for _, n := range all {
			running := n.state == "RUNNING"
			if agent[n.id] != (running && n.agent) || hypervisor[n.id] != (running && !n.shape.bareMetal) {
				t.Errorf("%s (%s, %s, agent %v) is seen by its agent: %v, by the hypervisor: %v", n.id, n.state, n.shape.name, n.agent, agent[n.id], hypervisor[n.id])
			}
			if hypervisor[n.id] && !agent[n.id] {
				alone++
			}
		}
	}
	if alone == 0 {
		t.Error("the hypervisor sees none that the agent does not")
	}
}

// TestACompartmentHasItsOwnMetrics and not those below it.
func TestACompartmentHasItsOwnMetrics(t *testing.T) {
	t.Parallel()
	c := newCloud(t, world(300, false))
	body := "{" + question("oci_computeagent", "CpuUtilization[1m].groupBy(resourceId).mean()", "") + "}"
	sum := 0
	for _, k := range c.compartments {
		fresh(c)
		status, streams := c.metricsOf(t, "us-ashburn-1", k.id, body)
		if status != http.StatusOK {
			t.Fatalf("%s: %d", k.path, status)
		}
		sum += len(streams)
		for _, s := range streams {
			if s.CompartmentID != k.id {
				t.Errorf("%s has a stream of %s", k.path, s.CompartmentID)
			}
		}
	}
	if whole := c.measure(t, "us-ashburn-1", body); len(whole) != sum || sum == 0 {
		t.Errorf("%d streams in the compartments, %d in all", sum, len(whole))
	}
}

// definitions asks for the metrics that there are.
func (c *cloud) definitions(t *testing.T, params, body string) (int, []map[string]any) {
	t.Helper()
	status, text, _ := c.ask(t, http.MethodPost, "telemetry", "/20180401/metrics/actions/listMetrics?limit=1000&"+params, body)
	var out []map[string]any
	if status == http.StatusOK {
		if err := json.Unmarshal([]byte(text), &out); err != nil {
			t.Fatal(err)
		}
	}
	return status, out
}

func TestMetricsAreListed(t *testing.T) {
	t.Parallel()
	c := newCloud(t, world(100, true))
	tree := "compartmentIdInSubtree=true&compartmentId=" + c.tenancy
	_, all := c.definitions(t, tree, `{"namespace":"oci_computeagent","name":"CpuUtilization"}`)
	one := all[0]["dimensions"].(map[string]any)["resourceId"] //nolint:forcetypeassert // the test ends where it is none
	for _, tt := range []struct {
		name, params, body string
		want               func([]map[string]any) string // "" = as it should be
	}{
		{"by dimension", tree, fmt.Sprintf(`{"dimensionFilters":{"resourceId":%q}}`, one), func(l []map[string]any) string {
			for _, m := range l {
				if m["dimensions"].(map[string]any)["resourceId"] != one { //nolint:forcetypeassert // as above
					return fmt.Sprint(m)
				}
			}
			return map[bool]string{true: "too few"}[len(l) < 10]
		}},
		{"by a dimension that is none", tree, `{"dimensionFilters":{"colour":"red"}}`, func(l []map[string]any) string { return strings.Repeat("x", len(l)) }},
		{"namespaces", tree, `{"groupBy":["namespace"]}`, func(l []map[string]any) string {
			var got []string
			for _, m := range l {
				got = append(got, fmt.Sprint(m["namespace"]))
				if m["name"] != nil || m["dimensions"] != nil {
					return fmt.Sprint(m)
				}
			}
			slices.Sort(got)
			if want := "oci_autonomous_database oci_computeagent oci_computecontainerinstance oci_vmi_resource_utilization"; strings.Join(got, " ") != want {
				return strings.Join(got, " ")
			}
			return ""
		}},
		{"names in order", tree, `{"namespace":"oci_computeagent","groupBy":["name"],"sortBy":"NAME","sortOrder":"DESC"}`, func(l []map[string]any) string {
			if fmt.Sprint(l[0]["name"]) != "NetworksBytesOut" || l[0]["namespace"] != nil {
				return fmt.Sprint(l[0])
			}
			return ""
		}},
		{"in order of namespaces", tree, `{"name":"CpuUtilization","sortBy":"NAMESPACE","sortOrder":"ASC"}`, func(l []map[string]any) string {
			if !slices.IsSortedFunc(l, func(a, b map[string]any) int {
				return strings.Compare(fmt.Sprint(a["namespace"]), fmt.Sprint(b["namespace"]))
			}) {
				return "out of order"
			}
			return ""
		}},
		{"of one compartment", "compartmentId=" + c.compartments[1].id, `{}`, func(l []map[string]any) string {
			for _, m := range l {
				if m["compartmentId"] != c.compartments[1].id {
					return fmt.Sprint(m)
				}
			}
			return map[bool]string{true: "none"}[len(l) == 0]
		}},
	} {
		status, got := c.definitions(t, tt.params, tt.body)
		if status != http.StatusOK {
			t.Errorf("%s: %d", tt.name, status)
		} else if wrong := tt.want(got); wrong != "" {
			t.Errorf("%s: %d metrics, %s", tt.name, len(got), wrong)
		}
	}
	for _, tt := range []struct {
		params, body string
		want         int
	}{
		{"compartmentIdInSubtree=true&compartmentId=" + c.compartments[1].id, `{}`, 400}, {"", `{}`, 400}, {"compartmentId=x", `{}`, 404},
		{tree, `{"colour":"red"}`, 400}, {tree, `[`, 400}, {tree + "&colour=red", `{}`, 400},
	} {
		if status, _ := c.definitions(t, tt.params, tt.body); status != tt.want {
			t.Errorf("%s %s: %d, want %d", tt.params, tt.body, status, tt.want)
		}
	}
}

// TestReadingsMoveWithTheClock and are the same for the same time.
func TestReadingsMoveWithTheClock(t *testing.T) {
	t.Parallel()
	now := at()
	w := sim.NewWorld(sim.Options{Seed: 4, Counts: map[string]int{"oracle": 20}, Now: func() time.Time { return now }})
	c := newCloud(t, w)
	read := func() map[string]map[string]float64 {
		out := map[string]map[string]float64{}
		for _, r := range c.Truth().Resources {
			out[r.ID] = r.Metrics
		}
		return out
	}
	first := read()
	now = now.Add(29 * time.Second) // the same minute
	if same := read(); fmt.Sprint(same) != fmt.Sprint(first) {
		t.Error("within a minute readings change")
	}
	now = now.Add(time.Minute)
	changed := 0
	for id, metrics := range read() {
		if fmt.Sprint(metrics) != fmt.Sprint(first[id]) {
			changed++
		}
	}
	if changed == 0 {
		t.Error("a minute later nothing has changed")
	}
}

func TestTimesAreRoundedUp(t *testing.T) {
	t.Parallel()
	noon := sim.Epoch
	for _, tt := range []struct {
		t    time.Time
		step time.Duration
		want time.Time
	}{
		{noon, time.Minute, noon}, {noon.Add(time.Second), time.Minute, noon.Add(time.Minute)}, {noon.Add(-time.Nanosecond), time.Minute, noon},
		{noon.Add(time.Minute), time.Hour, noon.Add(time.Hour)}, {noon, time.Hour, noon},
	} {
		if got := ceil(tt.t, tt.step); !got.Equal(tt.want) {
			t.Errorf("%s by %s is %s, want %s", tt.t, tt.step, got, tt.want)
		}
	}
}

// FuzzSummarize: no body makes the simulator panic or answer what is no JSON.
func FuzzSummarize(f *testing.F) {
	for _, seed := range []string{
		`{"namespace":"oci_computeagent","query":"CpuUtilization[1m].mean()"}`,
		`{"namespace":"oci_computeagent","query":"CpuUtilization[5m]{shape=~\"VM*\"}.groupBy(shape).percentile(0.9)","startTime":"2026-11-01T11:00:00Z","endTime":"2026-11-01T12:00:00Z","resolution":"5m"}`,
		`{"namespace":"gpu_infrastructure_health","query":"GpuTemperature[1h].grouping().max()","resolution":"1d"}`,
	} {
		f.Add(seed)
	}
	made, ok := New(world(20, false)).(*cloud)
	if !ok {
		f.Fatal("New makes no cloud")
	}
	made.Fill()
	f.Fuzz(func(t *testing.T, body string) {
		var d summarizeDetails
		if json.Unmarshal([]byte(body), &d) != nil || d.StartTime != nil && sim.Epoch.Sub(*d.StartTime) > 24*time.Hour {
			return
		}
		s, fault := made.summary(&d)
		if fault != nil {
			if fault.status != http.StatusBadRequest || fault.Code == "" || fault.Message == "" {
				t.Errorf("%s is refused with %+v", body, fault)
			}
			return
		}
		s.emit(made, made.regions[0], nil)
		if !json.Valid(append(s.out, ']')) || s.streams > mostStreams || s.points > mostPoints {
			t.Errorf("%s is answered with %d streams and %d points: %.200s", body, s.streams, s.points, s.out)
		}
	})
}
