package neonsim_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/adsops/cloudtop/internal/sim"
)

// TestThingsBelongTogether looks at a large world: branches have parents in their project, computes branches, and sizes
// are in order.
func TestThingsBelongTogether(t *testing.T) {
	t.Parallel()
	c, clock := world(200)
	states, kinds, suspends := map[any]int{}, map[any]int{}, map[any]int{}
	for _, r := range of(c, acme, "projects") {
		clock.Time = clock.Add(time.Second)
		base := "/projects/" + r.ID
		var branches []string
		for i, b := range read[answers](t, c, base+"/branches?sort_order=asc&sort_by=created_at").Branches {
			states[b["current_state"]]++
			if parent, child := b["parent_id"]; child != (i > 0) || child && !slices.Contains(branches, fmt.Sprint(parent)) {
				t.Errorf("%s: branch %d has parent %v of %v", r.ID, i, parent, branches)
			}
			if b["default"] != (i == 0) || (b["logical_size"] != nil) != (b["current_state"] == "ready") {
				t.Errorf("%s: branch %d is default: %v, and its size is %v while it is %v", r.ID, i, b["default"], b["logical_size"], b["current_state"])
			}
			branches = append(branches, fmt.Sprint(b["id"]))
		}
		for _, e := range read[answers](t, c, base+"/endpoints").Endpoints {
			states[e["current_state"]]++
			kinds[e["type"]]++
			suspends[e["suspend_timeout_seconds"]]++
			low, high := e["autoscaling_limit_min_cu"].(float64), e["autoscaling_limit_max_cu"].(float64)
			if !slices.Contains(branches, fmt.Sprint(e["branch_id"])) || low < 0.25 || high < low || !strings.HasPrefix(fmt.Sprint(e["host"]), fmt.Sprint(e["id"])) {
				t.Errorf("%s: got compute %v", r.ID, e)
			}
			if active := e["current_state"] == "active"; (e["started_at"] != nil) != active {
				t.Errorf("%v is %v and was started at %v", e["id"], e["current_state"], e["started_at"])
			}
		}
	}
	for _, want := range []string{"ready", "init", "resetting", "archived", "active", "idle", "read_write", "read_only"} {
		if states[want]+kinds[want] == 0 {
			t.Errorf("nothing is %s in a large world", want)
		}
	}
	for _, want := range []float64{0, -1, 600} {
		if suspends[want] == 0 {
			t.Errorf("no compute is suspended after %v", want)
		}
	}
}

// TestOperationsComeNewestFirst reads those in progress before those that ended.
func TestOperationsComeNewestFirst(t *testing.T) {
	t.Parallel()
	c, clock := world(200)
	busy := map[any]int{}
	for _, r := range of(c, acme, "projects") {
		clock.Time = clock.Add(time.Second)
		last, ended := "", false
		for _, o := range read[answers](t, c, "/projects/"+r.ID+"/operations").Operations {
			created := fmt.Sprint(o["created_at"])
			if last != "" && created > last {
				t.Errorf("%s: an operation of %s comes after one of %s", r.ID, created, last)
			}
			if o["status"] != "finished" {
				busy[o["status"]]++
				if ended {
					t.Errorf("%s: an operation in progress comes after one that ended", r.ID)
				}
			}
			last, ended = created, ended || o["status"] == "finished"
		}
	}
	for _, want := range []string{"scheduling", "running", "cancelling"} {
		if busy[want] == 0 {
			t.Errorf("no operation is %s", want)
		}
	}
}

// TestTheTruthPricesWhatIsActive compares with the sizes that computes have: Scale costs 0.222 dollars a CU-hour.
func TestTheTruthPricesWhatIsActive(t *testing.T) {
	t.Parallel()
	c, _ := world(200)
	paid := 0
	for _, r := range c.Truth().Resources {
		switch {
		case r.Service != "computes":
			if r.HourlyCost != nil {
				t.Errorf("%s %s has a price", r.Service, r.ID)
			}
		case r.HourlyCost == nil:
			t.Errorf("%s has no price", r.ID)
		case r.Account == side && *r.HourlyCost != 0, r.NativeStatus != "active" && *r.HourlyCost != 0:
			t.Errorf("%s of %s is %s and costs %v", r.ID, r.Account, r.NativeStatus, *r.HourlyCost)
		case *r.HourlyCost > 0:
			if paid++; *r.HourlyCost < 0.25*0.222 || *r.HourlyCost > 16*0.222 {
				t.Errorf("%s costs %v", r.ID, *r.HourlyCost)
			}
		}
	}
	if paid == 0 {
		t.Error("nothing costs anything")
	}
}

func TestEverythingIsOlderThanItsWorld(t *testing.T) {
	t.Parallel()
	c, _ := world(200)
	for _, r := range c.Truth().Resources {
		if !r.CreatedAt.Before(sim.Epoch) || r.CreatedAt.Before(sim.Epoch.AddDate(-2, -1, 0)) {
			t.Errorf("%s %s was made at %s", r.Service, r.ID, r.CreatedAt)
		}
		if r.Region == "" || !slices.Contains([]string{"running", "stopped", "starting", "stopping", "unknown"}, r.Status) {
			t.Errorf("%s %s is %q in region %q", r.Service, r.ID, r.Status, r.Region)
		}
	}
}
