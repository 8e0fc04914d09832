package oraclesim

import (
	"fmt"
	"strings"
	"testing"

	"github.com/adsops/cloudtop/internal/sim"
)

// TestSmallWorldsShowEveryState: the first instances have them in turn, so that a demo shows them all.
func TestSmallWorldsShowEveryState(t *testing.T) {
	t.Parallel()
	r := world(1, false).Rand("test")
	for i, want := range map[int]string{
		0: "RUNNING", 1: "RUNNING", 2: "RUNNING", 3: "RUNNING", 4: "STOPPED", 8: "STARTING", 12: "STOPPING", 16: "PROVISIONING", 20: "CREATING_IMAGE",
		24: "TERMINATING", 28: "MOVING",
	} {
		if got := instanceState(r, i); got != want {
			t.Errorf("instance %d is %s, want %s", i, got, want)
		}
	}
	states := map[string]int{}
	for range 2000 {
		states[instanceState(r, 1001)]++
	}
	if states["RUNNING"] < 1600 || states["STOPPED"] < 80 || len(states) < 4 || states["TERMINATED"] > 0 {
		t.Errorf("of 2,000 instances the states are %v: most run, some are stopped", states)
	}
}

// TestShapesFollowTheRegionsRole: GPUs in one of three, bare metal seldom.
func TestShapesFollowTheRegionsRole(t *testing.T) {
	t.Parallel()
	c := newCloud(t, world(1, false))
	r := c.world.Rand("test")
	for role, most := range map[int]int{0: 0, 1: 700, 2: 0} {
		gpus, metal := 0, 0
		for i := range 2000 {
			s := c.drawShape(r, i, role)
			if s.gpus > 0 {
				gpus++
			} else if s.bareMetal {
				metal++
			}
		}
		if gpus > most || (gpus == 0) != (most == 0) || metal > 40 {
			t.Errorf("of 2,000 instances in a region of role %d, %d have GPUs and %d are bare metal", role, gpus, metal)
		}
	}
}

// TestTagsAreKeptOnce however many resources have them, and are written as they are.
func TestTagsAreKeptOnce(t *testing.T) {
	t.Parallel()
	c := newCloud(t, world(1, false))
	r := c.world.Rand("test")
	sets := map[*tags]int{}
	untagged := 0
	for range 3000 {
		drawn := c.drawTags(r)
		sets[drawn]++
		if len(drawn.flat()) == 0 {
			untagged++
		}
		if drawn != c.tagSets[drawn.json] || !strings.HasPrefix(drawn.json, `"freeformTags":{`) || !strings.Contains(drawn.json, `,"definedTags":{`) {
			t.Fatalf("%+v is not the set that is kept", drawn)
		}
		for key, v := range drawn.flat() {
			if namespace, name, ok := strings.Cut(key, "."); ok && drawn.defined[namespace][name] != v || !ok && drawn.free[key] != v {
				t.Errorf("%s=%s is not in %+v", key, v, drawn)
			}
		}
	}
	if len(sets) > 400 || untagged < 100 || untagged > 900 {
		t.Errorf("3,000 resources have %d sets of tags, and %d none", len(sets), untagged)
	}
}

// TestIdentifiersHaveTheirForm: type, realm, the region's key, and what is unique.
func TestIdentifiersHaveTheirForm(t *testing.T) {
	t.Parallel()
	c := newCloud(t, world(800, true))
	kinds := map[string]string{
		"instance": "instance", "container_instance": "computecontainerinstance", "cluster": "cluster", "node_pool": "nodepool",
		"virtual_node_pool": "virtualnodepool", "autonomous_database": "autonomousdatabase",
	}
	keys := map[string]string{}
	for _, at := range c.regions {
		keys[at.name] = at.key
	}
	for _, r := range c.Truth().Resources {
		if want := "ocid1." + kinds[r.Type] + ".oc1." + keys[r.Region] + "."; !strings.HasPrefix(r.ID, want) || len(r.ID) != len(want)+60 {
			t.Errorf("%s of %s is called %s, want %s...", r.Type, r.Region, r.ID, want)
		}
	}
	for kind, id := range map[string]string{"tenancy": c.tenancy, "user": c.user, "compartment": c.compartments[1].id} {
		if want := "ocid1." + kind + ".oc1.."; !strings.HasPrefix(id, want) || len(id) != len(want)+60 {
			t.Errorf("the %s is called %s, want %s...", kind, id, want)
		}
	}
}

// TestShortPagesHoldForEveryList where a service gives fewer than are asked for.
func TestShortPagesHoldForEveryList(t *testing.T) {
	t.Parallel()
	c := newCloud(t, world(400, false), LongestPage(2))
	paged := 0
	for _, list := range listings() {
		service, path, _ := strings.Cut(list, " ")
		for _, at := range c.live() {
			base := "https://" + hostOf(service, at.name) + path + "?limit=1000&compartmentId=" + c.tenancy
			resp := c.get(t, base, nil)
			got := len(c.elements(t, base))
			if more := resp.Header.Get("Opc-Next-Page") != ""; got > 2 || more && got != 2 {
				t.Errorf("%s in %s: %d elements, more: %v", path, at.name, got, more)
			} else if more {
				paged++
			}
		}
	}
	if paged < 3 {
		t.Errorf("%d lists have more than a page", paged)
	}
}

// TestWordsOfStatesAreCloudtops for every kind, and what is gone has none in the truth.
func TestWordsOfStatesAreCloudtops(t *testing.T) {
	t.Parallel()
	for state, want := range map[string]string{
		"instance RUNNING": "running", "instance STOPPED": "stopped", "instance STOPPING": "stopping", "instance TERMINATING": "stopping",
		"instance PROVISIONING": "starting", "instance STARTING": "starting", "instance MOVING": "starting", "instance CREATING_IMAGE": "starting",
		"container ACTIVE": "running", "container INACTIVE": "stopped", "container UPDATING": "starting", "container CREATING": "starting",
		"container FAILED": "failed", "container DELETING": "stopping", "oke ACTIVE": "running", "oke UPDATING": "running", "oke NEEDS_ATTENTION": "running",
		"oke CREATING": "starting", "oke INACTIVE": "stopped", "oke FAILED": "failed", "oke DELETING": "stopping", "database AVAILABLE": "running",
		"database AVAILABLE_NEEDS_ATTENTION": "running", "database BACKUP_IN_PROGRESS": "running", "database SCALE_IN_PROGRESS": "running",
		"database STOPPED": "stopped", "database PROVISIONING": "starting", "database UNAVAILABLE": "failed", "database STOPPING": "stopping",
	} {
		kind, native, _ := strings.Cut(state, " ")
		of := thing{state: native}
		got := map[string]string{
			"instance": (&instance{thing: of}).word(), "container": (&containerInstance{thing: of}).word(), "oke": okeWord(native),
			"database": (&database{thing: of}).word(),
		}[kind]
		if got != want {
			t.Errorf("%s is %q, want %q", state, got, want)
		}
	}
	gone := newCloud(t, sim.NewWorld(sim.Options{Seed: 9, Counts: map[string]int{"oracle": 500}, Now: at}))
	for _, r := range gone.Truth().Resources {
		if r.NativeStatus == "TERMINATED" || r.NativeStatus == "DELETED" || r.Status == "" {
			t.Error(fmt.Sprint(r.ID, " is ", r.NativeStatus))
		}
	}
}
