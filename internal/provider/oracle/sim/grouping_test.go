package oraclesim

import (
	"fmt"
	"math"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
)

// TestStreamsAreGroupedByWhatTheyShare: by one dimension, by two, by none, or all together.
func TestStreamsAreGroupedByWhatTheyShare(t *testing.T) {
	t.Parallel()
	c := newCloud(t, world(300, false))
	const window = `,"startTime":"2026-11-01T11:59:00Z","endTime":"2026-11-01T12:00:00Z"`
	ask := func(query string) []streamJSON {
		return c.measure(t, "us-ashburn-1", "{"+question("oci_computeagent", query, window)+"}")
	}
	single := ask("MemoryUtilization[1m].mean()")
	for _, by := range [][]string{{"shape"}, {"availabilityDomain"}, {"availabilityDomain", "faultDomain"}, {"region", "shape", "faultDomain"}, {"resourceId"}} {
		key := func(d map[string]string) string {
			var out []string
			for _, name := range by {
				out = append(out, d[name])
			}
			return strings.Join(out, "/")
		}
		want := map[string][]float64{}
		for _, s := range single {
			want[key(s.Dimensions)] = append(want[key(s.Dimensions)], s.AggregatedDatapoints[0].Value)
		}
		grouped := ask("MemoryUtilization[1m].groupBy(" + strings.Join(by, ", ") + ").max()")
		if len(grouped) != len(want) {
			t.Errorf("by %q there are %d streams, want %d", by, len(grouped), len(want))
		}
		for _, s := range grouped {
			if got := s.AggregatedDatapoints[0].Value; len(s.Dimensions) != len(by) || math.Abs(got-slices.Max(want[key(s.Dimensions)])) > 1e-9 {
				t.Errorf("by %q: %v is %v, want the highest of %v", by, s.Dimensions, got, want[key(s.Dimensions)])
			}
		}
	}
	whole := ask("MemoryUtilization[1m].grouping().count()")
	if len(whole) != 1 || int(whole[0].AggregatedDatapoints[0].Value) != len(single) {
		t.Errorf("all together are %+v, want one count of %d", whole, len(single))
	}
	unknown := ask("MemoryUtilization[1m].groupBy(colour).count()")
	if len(unknown) != 1 || unknown[0].Dimensions["colour"] != "" {
		t.Errorf("by a dimension that nothing has there are %+v", unknown)
	}
}

// TestStreamsAreFilteredByTheirDimensions with every operator, all conditions at once.
func TestStreamsAreFilteredByTheirDimensions(t *testing.T) {
	t.Parallel()
	c := newCloud(t, world(300, false))
	const window = `,"startTime":"2026-11-01T11:59:00Z","endTime":"2026-11-01T12:00:00Z"`
	ask := func(where string) []streamJSON {
		return c.measure(t, "us-ashburn-1", "{"+question("oci_computeagent", "CpuUtilization[1m]"+where+".mean()", window)+"}")
	}
	all := ask("")
	count := func(keep func(d map[string]string) bool) (n int) {
		for _, s := range all {
			if keep(s.Dimensions) {
				n++
			}
		}
		return n
	}
	ad := all[0].Dimensions["availabilityDomain"]
	for where, keep := range map[string]func(d map[string]string) bool{
		`{availabilityDomain = "` + ad + `"}`:  func(d map[string]string) bool { return d["availabilityDomain"] == ad },
		`{availabilityDomain != "` + ad + `"}`: func(d map[string]string) bool { return d["availabilityDomain"] != ad },
		`{shape =~ "VM.Standard.E*"}`:          func(d map[string]string) bool { return strings.HasPrefix(d["shape"], "VM.Standard.E") },
		`{shape !~ "VM.*"}`:                    func(d map[string]string) bool { return !strings.HasPrefix(d["shape"], "VM.") },
		`{resourceDisplayName =~ "web*|api*"}`: func(d map[string]string) bool {
			return strings.HasPrefix(d["resourceDisplayName"], "web") || strings.HasPrefix(d["resourceDisplayName"], "api")
		},
		`{shape =~ "*Flex", faultDomain = "FAULT-DOMAIN-2"}`: func(d map[string]string) bool {
			return strings.HasSuffix(d["shape"], "Flex") && d["faultDomain"] == "FAULT-DOMAIN-2"
		},
		`{resourceId = "` + all[3].Dimensions["resourceId"] + `"}`: func(d map[string]string) bool { return d["resourceId"] == all[3].Dimensions["resourceId"] },
		`{region = "us-ashburn-1"}`:                                func(map[string]string) bool { return true },
		`{region = 'us-phoenix-1'}`:                                func(map[string]string) bool { return false },
		`{colour != "red"}`:                                        func(map[string]string) bool { return false },
	} {
		got := ask(where)
		for _, s := range got {
			if !keep(s.Dimensions) {
				t.Errorf("%s lets %v pass", where, s.Dimensions)
			}
		}
		if want := count(keep); len(got) != want {
			t.Errorf("%s: %d streams, want %d of %d", where, len(got), want, len(all))
		}
	}
}

// TestPathsLeadToEndpoints: each part by itself, and what stands for an identifier is noted.
func TestPathsLeadToEndpoints(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		template, path string
		want           bool
		id, service    string
	}{
		{"/v/instances", "/v/instances", true, "", ""}, {"/v/instances", "/v/instances/", false, "", ""}, {"/v/instances", "/v/Instances", false, "", ""},
		{"/v/instances", "/w/instances", false, "", ""}, {"/v/instances", "/v/instances/x", false, "", ""}, {"/v/instances/{id}", "/v/instances/x", true, "x", ""},
		{"/v/instances/{id}", "/v/instances", false, "", ""}, {"/v/instances/{id}", "/v/instances/", false, "", ""}, {"/v/instances/{id}", "/v/clusters/x", false, "", ""},
		{"/v/instances/{id}", "/v/instances/ocid1.instance.oc1..a%20b", true, "ocid1.instance.oc1..a b", ""},
		{"/v/users/{id}/apiKeys", "/v/users/u/apiKeys", true, "u", ""}, {"/v/users/{id}/apiKeys", "/v/users/u/keys", false, "", ""},
		{"/v/services/{service}/limits/{id}/resourceAvailability", "/v/services/compute/limits/l/resourceAvailability", true, "l", "compute"},
	} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "https://iaas.us-ashburn-1.oraclecloud.com"+tt.path, nil)
		e := endpoint{path: tt.template}
		if got := e.matches(r); got != tt.want || got && (r.PathValue("id") != tt.id || r.PathValue("service") != tt.service) {
			t.Errorf("%s leads to %s: %v with %q, %q", tt.path, tt.template, got, r.PathValue("id"), r.PathValue("service"))
		}
	}
}

// TestEndpointsAreThereOnce, in versions that are published.
func TestEndpointsAreThereOnce(t *testing.T) {
	t.Parallel()
	c := newCloud(t, world(1, false))
	seen := map[string]bool{}
	versions := map[string]string{
		"iaas": "/20160918/", "compute-containers": "/20210415/", "containerengine": "/20180222/", "database": "/20160918/", "identity": "/20160918/",
		"telemetry": "/20180401/", "query": "/20180409/", "limits": "/20190729/",
	}
	for _, e := range c.routes {
		name := e.method + " " + e.service + e.path
		if seen[name] || e.answer == nil || !strings.HasPrefix(e.path, versions[e.service]) || versions[e.service] == "" {
			t.Errorf("%s", name)
		}
		seen[name] = true
		if writes := e.method != http.MethodGet && !strings.Contains(e.path, "/actions/") && e.service != "query" && !strings.HasSuffix(e.path, "Reports"); writes {
			t.Errorf("%s writes, and the tenancy is only read", name)
		}
	}
}

// TestDimensionsAreThoseOfTheirEmitter.
func TestDimensionsAreThoseOfTheirEmitter(t *testing.T) {
	t.Parallel()
	c := newCloud(t, world(100, false))
	n := first(c, c.regions[1].instances)
	e := emitter{&n.thing, n.shape.name, 3}
	for name, want := range map[string]string{
		"resourceId": n.id, "resourceDisplayName": n.name, "displayName": n.name, "resourceName": n.name, "availabilityDomain": n.ad, "faultDomain": n.fd,
		"region": "us-phoenix-1", "shape": n.shape.name, "gpu": "3", "deploymentType": "Shared", "colour": "", "": "",
	} {
		if got := e.dimension(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	for _, space := range c.spaces {
		for _, d := range space.dimensions {
			if got := e.dimension(d); got == "" {
				t.Errorf("%s has the dimension %s, which nothing has", space.name, d)
			}
		}
		names := map[string]bool{}
		for _, m := range space.metrics {
			if names[m.name] || m.unit == "" || m.display == "" || m.step <= 0 || m.wave == nil || m.salt == 0 {
				t.Errorf("%s: %+v", space.name, m)
			}
			names[m.name] = true
		}
	}
	for _, tt := range []struct {
		space, metric string
		both, one     bool
	}{{"oci_computeagent", "CpuUtilization", true, true}, {"oci_computeagent", "Colour", false, true}, {"oci_colours", "CpuUtilization", false, false}} {
		space, m := c.metric(tt.space, tt.metric)
		if (m != nil) != tt.both || (space != nil) != tt.one {
			t.Errorf("%s %s: %v, %v", tt.space, tt.metric, space, m)
		}
	}
}

// TestWavesDifferByMetricAndCard, and whole numbers stay whole.
func TestWavesDifferByMetricAndCard(t *testing.T) {
	t.Parallel()
	c := newCloud(t, world(100, false))
	n := first(c, c.regions[0].instances)
	seen := map[string]string{}
	for _, space := range c.spaces {
		for i := range space.metrics {
			m := &space.metrics[i]
			for card := range 3 {
				v := m.at(&emitter{thing: &n.thing, card: card}, at())
				if m.whole && v != math.Trunc(v) || v < 0 || math.IsNaN(v) || m.unit == "percent" && v > 100 {
					t.Errorf("%s %s of card %d is %v", space.name, m.name, card, v)
				}
				if m.unit == "percent" {
					key := fmt.Sprint(v)
					if other := seen[key]; other != "" && v != 0 && v != 100 {
						t.Errorf("%s %s of card %d is the same as %s", space.name, m.name, card, other)
					}
					seen[key] = fmt.Sprint(space.name, " ", m.name, " ", card)
				}
			}
		}
	}
}
