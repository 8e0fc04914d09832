package oraclesim

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/adsops/cloudtop/internal/sim"
)

// listings are the lists of a region's resources, by the truth's types.
func listings() map[string]string {
	return map[string]string{
		"instance": "iaas /20160918/instances", "container_instance": "compute-containers /20210415/containerInstances",
		"cluster": "containerengine /20180222/clusters", "node_pool": "containerengine /20180222/nodePools",
		"virtual_node_pool": "containerengine /20180222/virtualNodePools", "autonomous_database": "database /20160918/autonomousDatabases",
	}
}

// TestListsSayTheTruth: what is listed, but for what is gone, is the truth, field by field.
func TestListsSayTheTruth(t *testing.T) {
	t.Parallel()
	c := newCloud(t, world(700, true))
	truth := map[string]sim.Resource{}
	for _, r := range c.Truth().Resources {
		truth[r.ID] = r
	}
	kinds := map[string]int{}
	for kind, list := range listings() {
		service, path, _ := strings.Cut(list, " ")
		for _, at := range c.live() {
			for _, k := range c.compartments {
				if k.denied {
					continue
				}
				for _, e := range c.elements(t, "https://"+hostOf(service, at.name)+path+"?limit=1000&compartmentId="+k.id) {
					id := fmt.Sprint(e["id"])
					want, ok := truth[id]
					if gone := e["lifecycleState"] == "TERMINATED" || e["lifecycleState"] == "DELETED"; gone != !ok {
						t.Errorf("%s, which is %v, is in the truth: %v", id, e["lifecycleState"], ok)
					}
					if !ok {
						continue
					}
					delete(truth, id)
					kinds[kind]++
					title := e["displayName"]
					if title == nil {
						title = e["name"]
					}
					if want.Type != kind || want.Region != at.name || want.Compartment != k.path || want.Name != title || want.NativeStatus != e["lifecycleState"] || e["compartmentId"] != k.id {
						t.Errorf("%s is listed as %v, the truth is %+v", id, e, want)
					}
					if flat := flatTags(e); fmt.Sprint(flat) != fmt.Sprint(want.Tags) {
						t.Errorf("%s has the tags %v, the truth is %v", id, flat, want.Tags)
					}
					if made := createdOf(e); !made.Equal(want.CreatedAt) {
						t.Errorf("%s was made at %s, the truth is %s", id, made, want.CreatedAt)
					}
				}
			}
		}
	}
	if len(truth) > 0 || len(kinds) != len(listings()) {
		t.Errorf("%d of the truth are not listed; listed are %v", len(truth), kinds)
	}
}

func flatTags(e map[string]any) map[string]string {
	out := map[string]string{}
	free, _ := e["freeformTags"].(map[string]any)
	for k, v := range free {
		out[k] = fmt.Sprint(v)
	}
	defined, _ := e["definedTags"].(map[string]any)
	for namespace, v := range defined {
		keys, _ := v.(map[string]any)
		for k, v := range keys {
			out[namespace+"."+k] = fmt.Sprint(v)
		}
	}
	return out
}

func createdOf(e map[string]any) time.Time {
	text := e["timeCreated"]
	if metadata, ok := e["metadata"].(map[string]any); ok && text == nil {
		text = metadata["timeCreated"]
	}
	at, _ := time.Parse(time.RFC3339, fmt.Sprint(text))
	return at
}

// TestInstancesDescribeTheirHardware by their shapes, and keep their secrets in fields of their own.
func TestInstancesDescribeTheirHardware(t *testing.T) {
	t.Parallel()
	c := newCloud(t, world(900, false))
	seen := map[string]bool{}
	for _, at := range c.live() {
		for _, all := range at.instances {
			for _, n := range all {
				var got struct {
					Region, Shape, FaultDomain string
					ShapeConfig                struct {
						OCPUs                     float64 `json:"ocpus"`
						MemoryInGBs               float64
						VCPUs                     int `json:"vcpus"`
						BaselineOcpuUtilization   *string
						ProcessorDescription      string
						NetworkingBandwidthInGbps float64
						GPUs                      int `json:"gpus"`
						GPUDescription            *string
						LocalDisks                int
						LocalDisksTotalSizeInGBs  *float64
					}
					PreemptibleInstanceConfig *struct{ PreemptionAction struct{ Type string } }
					TimeMaintenanceRebootDue  *time.Time
					AgentConfig               struct{ IsMonitoringDisabled bool }
					Metadata                  map[string]string
				}
				if err := json.Unmarshal(n.appendJSON(nil), &got); err != nil {
					t.Fatalf("%s: %v", n.id, err)
				}
				s := got.ShapeConfig
				switch {
				case got.Shape != n.shape.name, s.OCPUs != n.ocpus, s.MemoryInGBs != n.memoryGB, s.VCPUs != int(n.ocpus)*n.shape.vcpus,
					s.GPUs != n.shape.gpus, (s.GPUDescription != nil) != (n.shape.gpus > 0), s.LocalDisks != n.shape.disks,
					(s.LocalDisksTotalSizeInGBs != nil) != (n.shape.disks > 0), (s.BaselineOcpuUtilization != nil) != (n.baseline != ""),
					(got.PreemptibleInstanceConfig != nil) != n.preemptible, (got.TimeMaintenanceRebootDue != nil) != !n.rebootDue.IsZero(),
					got.AgentConfig.IsMonitoringDisabled == n.agent, s.ProcessorDescription == "", s.NetworkingBandwidthInGbps <= 0:
					t.Errorf("%s is %+v, want %+v", n.id, got, n)
				}
				if key := got.Region; (key == "iad") != (at.name == "us-ashburn-1") || (key == "phx") != (at.name == "us-phoenix-1") {
					t.Errorf("%s of %s says %s", n.id, at.name, key)
				}
				if !strings.Contains(got.Metadata["user_data"], "MARKER-SECRET") {
					t.Errorf("%s has no secret to be dropped: %v", n.id, got.Metadata)
				}
				for trait, has := range map[string]bool{
					"baseline": n.baseline != "", "preemptible": n.preemptible, "reboot": !n.rebootDue.IsZero(), "agentless": !n.agent,
					"gpu": s.GPUs > 0, "disks": s.LocalDisks > 0, "flexible": n.shape.flexible, "bare metal": n.shape.bareMetal, "fixed": !n.shape.flexible,
				} {
					seen[trait] = seen[trait] || has
				}
			}
		}
	}
	if len(seen) != 9 || slices.Contains([]bool{seen["baseline"], seen["preemptible"], seen["reboot"], seen["agentless"], seen["gpu"], seen["disks"], seen["bare metal"], seen["fixed"]}, false) {
		t.Errorf("a world of 900 has %v", seen)
	}
}

// TestCostsFollowStateAndSize.
func TestCostsFollowStateAndSize(t *testing.T) {
	t.Parallel()
	e4, h100, micro, a1 := generalShapes()[0], gpuShapes()[2], generalShapes()[5], generalShapes()[2]
	state := func(s string) thing { return thing{state: s} }
	none := math.NaN()
	for _, tt := range []struct {
		name string
		got  *float64
		want float64 // NaN = not known
	}{
		{"running", (&instance{thing: state("RUNNING"), shape: &e4, ocpus: 2, memoryGB: 32}).cost(), 2*0.025 + 32*0.0015},
		{"stopped", (&instance{thing: state("STOPPED"), shape: &e4, ocpus: 2, memoryGB: 32}).cost(), none},
		{"starting", (&instance{thing: state("STARTING"), shape: &e4, ocpus: 2, memoryGB: 32}).cost(), none},
		{"preemptible", (&instance{thing: state("RUNNING"), shape: &e4, ocpus: 2, memoryGB: 32, preemptible: true}).cost(), (2*0.025 + 32*0.0015) / 2},
		{"an eighth of its OCPUs", (&instance{thing: state("RUNNING"), shape: &e4, ocpus: 2, memoryGB: 32, baseline: "BASELINE_1_8"}).cost(), 0.25*0.025 + 32*0.0015},
		{"half of its OCPUs", (&instance{thing: state("RUNNING"), shape: &e4, ocpus: 2, memoryGB: 32, baseline: "BASELINE_1_2"}).cost(), 0.025 + 32*0.0015},
		{"beyond the free allowance", (&instance{thing: state("RUNNING"), shape: &a1, ocpus: 4, memoryGB: 24}).cost(), 4*0.01 + 24*0.0015},
		{"per GPU", (&instance{thing: state("RUNNING"), shape: &h100, ocpus: 112, memoryGB: 2048}).cost(), 80},
		{"the free shape", (&instance{thing: state("RUNNING"), shape: &micro, ocpus: 1, memoryGB: 1}).cost(), 0},
		{"an active container instance", (&containerInstance{thing: state("ACTIVE"), shape: &e4, ocpus: 1, memoryGB: 8}).cost(), 0.025 + 8*0.0015},
		{"one that is not", (&containerInstance{thing: state("INACTIVE"), shape: &e4, ocpus: 1, memoryGB: 8}).cost(), none},
		{"an enhanced cluster", (&cluster{thing: state("ACTIVE"), kind: "ENHANCED_CLUSTER"}).cost(), 0.1},
		{"one that is updated", (&cluster{thing: state("UPDATING"), kind: "ENHANCED_CLUSTER"}).cost(), 0.1},
		{"a basic cluster", (&cluster{thing: state("ACTIVE"), kind: "BASIC_CLUSTER"}).cost(), 0},
		{"one that is made", (&cluster{thing: state("CREATING"), kind: "BASIC_CLUSTER"}).cost(), none},
		{"virtual nodes", (&virtualPool{thing: state("ACTIVE"), size: 3}).cost(), 0.045},
		{"virtual nodes that are made", (&virtualPool{thing: state("CREATING"), size: 3}).cost(), none},
		{"a database", (&database{thing: state("AVAILABLE"), workload: "OLTP", license: "LICENSE_INCLUDED", ecpus: 4}).cost(), 4 * 0.336},
		{"with an own licence", (&database{thing: state("BACKUP_IN_PROGRESS"), workload: "DW", license: "BRING_YOUR_OWN_LICENSE", ecpus: 2}).cost(), 2 * 0.0807},
		{"always free", (&database{thing: state("AVAILABLE"), workload: "APEX", license: "LICENSE_INCLUDED", free: true, ecpus: 2}).cost(), 0},
		{"free and stopped", (&database{thing: state("STOPPED"), workload: "OLTP", license: "LICENSE_INCLUDED", free: true}).cost(), none},
		{"a workload without price", (&database{thing: state("AVAILABLE"), workload: "APEX", license: "LICENSE_INCLUDED", ecpus: 2}).cost(), none},
		{"nothing charged", bill(), none}, {"a part without price", bill(charge{"B00000", 1}), none}, {"no part", bill(charge{"", 5}), none},
	} {
		if math.IsNaN(tt.want) != (tt.got == nil) || tt.got != nil && math.Abs(*tt.got-tt.want) > 1e-9 {
			got := any("nothing known")
			if tt.got != nil {
				got = *tt.got
			}
			t.Errorf("%s costs %v, want %v", tt.name, got, tt.want)
		}
	}
}

// TestTheCatalogHoldsTogether: what is billed is in the price list, and every name is there once.
func TestTheCatalogHoldsTogether(t *testing.T) {
	t.Parallel()
	parts := map[string]bool{}
	for _, p := range products() {
		if parts[p.part] || p.name == "" || p.metric == "" || p.category == "" || len(p.tiers) == 0 {
			t.Errorf("%+v", p)
		}
		parts[p.part] = true
	}
	names := map[string]bool{}
	for _, s := range slices.Concat(generalShapes(), gpuShapes()) {
		if names[s.name] || s.ocpus <= 0 || s.memoryGB <= 0 || s.vcpus <= 0 || s.flexible != (s.perOCPU > 0) || s.bareMetal != strings.HasPrefix(s.name, "BM.") {
			t.Errorf("%+v", s)
		}
		names[s.name] = true
		for _, part := range []string{s.billed.ocpu, s.billed.memory, s.billed.gpu} {
			if part != "" && !parts[part] {
				t.Errorf("%s is billed by %s, which is not in the price list", s.name, part)
			}
		}
		if (s.gpus > 0) != (gpuWords(s.name) != "") || (s.gpus > 0) != (s.billed.gpu != "") {
			t.Errorf("%s has %d GPUs that are called %q", s.name, s.gpus, gpuWords(s.name))
		}
	}
	regions := map[string]bool{}
	for _, r := range regionKeys() {
		if regions[r.name] || regions[r.key] || len(r.key) != 3 || strings.Count(r.name, "-") != 2 {
			t.Errorf("%+v", r)
		}
		regions[r.name], regions[r.key] = true, true
	}
	for n, want := range map[int]string{0: "01", 8: "09", 9: "10", 98: "99", 99: "100"} {
		if got := sequence(n); got != want {
			t.Errorf("number %d is written %s, want %s", n, got, want)
		}
	}
}

// TestStatesHaveWords of cloudtop's, every one that the world draws.
func TestStatesHaveWords(t *testing.T) {
	t.Parallel()
	c := newCloud(t, world(2000, false))
	words := map[string]bool{"running": true, "stopped": true, "starting": true, "stopping": true, "failed": true}
	states := map[string]map[string]bool{}
	for _, r := range c.Truth().Resources {
		if !words[r.Status] {
			t.Errorf("%s, which is %s, has the word %q", r.ID, r.NativeStatus, r.Status)
		}
		if states[r.Type] == nil {
			states[r.Type] = map[string]bool{}
		}
		states[r.Type][r.NativeStatus] = true
	}
	for kind, least := range map[string]int{"instance": 8, "container_instance": 6, "cluster": 4, "node_pool": 4, "virtual_node_pool": 3, "autonomous_database": 6} {
		if len(states[kind]) < least {
			t.Errorf("%s has the states %v, want at least %d", kind, states[kind], least)
		}
	}
}

// TestAlikeInstancesShareTheEndOfTheirJSON: it is written once for each shape, region, agent and kind of capacity.
func TestAlikeInstancesShareTheEndOfTheirJSON(t *testing.T) {
	t.Parallel()
	c := newCloud(t, world(3000, false))
	tails := map[string]string{}
	for _, at := range c.live() {
		for _, all := range at.instances {
			for _, n := range all {
				key := fmt.Sprint(n.shape.name, at.key, n.agent, n.preemptible)
				if kept, ok := tails[key]; ok && kept != n.tail {
					t.Fatalf("%s has another end than those like it", n.id)
				}
				tails[key] = n.tail
				if !json.Valid([]byte("{" + n.tail[1:])) {
					t.Fatalf("%s ends with %s", n.id, n.tail)
				}
			}
		}
	}
	if len(tails) != len(c.tails.kept) || len(tails) < 10 {
		t.Errorf("%d ends are kept for %d kinds of instances", len(c.tails.kept), len(tails))
	}
}
