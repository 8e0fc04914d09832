package vastaisim

import (
	"fmt"
	"math"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/adsops/cloudtop/internal/sim"
)

// listed reads every instance by its id.
func (k *clock) listed() map[string]map[string]any {
	k.Helper()
	all := map[string]map[string]any{}
	q := url.Values{}
	for range 100 {
		answer := k.get("/api/v1/instances/?" + q.Encode())
		for _, v := range answer["instances"].([]any) {
			row := v.(map[string]any)
			all[fmt.Sprint(int(row["id"].(float64)))] = row
		}
		token, ok := answer["next_token"].(string)
		if !ok {
			break
		}
		q.Set("after_token", token)
	}
	return all
}

func TestEveryThingOfTheTruthIsServed(t *testing.T) {
	t.Parallel()
	for _, n := range []int{0, 1, 3, 4, 24, 26, 90} {
		k := world(t, n, sim.Options{Seed: 4})
		served := map[string]string{}
		for id, row := range k.listed() {
			status, _ := row["actual_status"].(string)
			served["instances "+id] = status
		}
		for _, v := range k.get("/api/v0/volumes/")["volumes"].([]any) {
			row := v.(map[string]any)
			served[fmt.Sprintf("volumes %.0f", row["id"])] = row["status"].(string)
		}
		if len(k.cloud.endpoints) > 0 {
			for _, v := range k.get("/api/v0/endptjobs/")["results"].([]any) {
				row := v.(map[string]any)
				served[fmt.Sprintf("endpoints %.0f", row["id"])] = row["endpoint_state"].(string)
			}
		}
		truth := k.cloud.Truth()
		if len(truth.Resources) != n || len(served) != n {
			t.Errorf("%d asked for: %d are true and %d served", n, len(truth.Resources), len(served))
		}
		for _, r := range truth.Resources {
			if got, ok := served[r.Service+" "+r.ID]; !ok || got != r.NativeStatus {
				t.Errorf("%s %s: served is %q (%v), true is %q", r.Service, r.ID, got, ok, r.NativeStatus)
			}
		}
		account := k.get("/api/v0/users/current/")
		if got := fmt.Sprintf("%.0f", account["id"]); !slices.Equal(truth.Accounts, []string{got}) || truth.Balance[got] != account["credit"] {
			t.Errorf("accounts are %v with %v, served is %v", truth.Accounts, truth.Balance, account)
		}
	}
}

// TestReadingsFollowTheLifeOfTheInstance goes through what the API says an instance can be.
func TestReadingsFollowTheLifeOfTheInstance(t *testing.T) {
	t.Parallel()
	k := world(t, 120, sim.Options{Seed: 4})
	k.step = 0
	truths := map[string]sim.Resource{}
	for _, r := range k.cloud.Truth().Resources {
		truths[r.ID] = r
	}
	seen := map[string]bool{}
	k.step = time.Second
	for id, row := range k.listed() {
		status, _ := row["actual_status"].(string)
		seen[status] = true
		r := truths[id]
		reports := status == "running" || status == "frozen"
		silent := status == "unknown" || status == "offline"
		if (row["gpu_util"] != nil) != (reports || silent) {
			t.Errorf("%s is %q and has gpu_util %v", id, status, row["gpu_util"])
		}
		if _, ok := r.Metrics["gpu_usage_percent"]; ok != reports {
			t.Errorf("%s is %q and truly has readings %v", id, status, r.Metrics)
		}
		if silent && len(r.Metrics) > 0 {
			t.Errorf("%s is %q: old readings %v are taken for true", id, status, r.Metrics)
		}
		for _, name := range []string{"disk_util", "disk_usage"} {
			if v := row[name].(float64); v < 0 && v != -1 {
				t.Errorf("%s: %s is %v, want a reading or -1", id, name, v)
			}
		}
		prices, total := row["instance"].(map[string]any), row["dph_total"].(float64)
		if hourly := prices["totalHour"].(float64); hourly > total || hourly < row["storage_total_cost"].(float64)-1e-9 || *r.HourlyCost != hourly {
			t.Errorf("%s costs %v an hour of %v, truly %v", id, hourly, total, *r.HourlyCost)
		}
		if status == "stopped" && prices["gpuCostPerHour"].(float64) != 0 {
			t.Errorf("%s is stopped and bills its cards: %v", id, prices)
		}
		if (row["ports"] != nil) != reports {
			t.Errorf("%s is %q and has ports %v", id, status, row["ports"])
		}
	}
	for _, status := range []string{"", "running", "stopped", "loading", "exited", "frozen", "unknown", "offline", "created", "rebooting"} {
		if !seen[status] {
			t.Errorf("no instance is %q", status)
		}
	}
}

func TestReadingsMoveWithTheClock(t *testing.T) {
	t.Parallel()
	k := world(t, 20, sim.Options{Seed: 4})
	before := k.listed()
	k.at = k.at.Add(6 * time.Hour)
	after := k.listed()
	moved := 0
	for id, row := range before {
		if row["actual_status"] == "running" && row["gpu_util"] != after[id]["gpu_util"] {
			moved++
		}
		if row["actual_status"] == "unknown" && row["gpu_util"] != after[id]["gpu_util"] {
			t.Errorf("%s is silent, and its reading moved from %v to %v", id, row["gpu_util"], after[id]["gpu_util"])
		}
		if grown := after[id]["duration"].(float64) - row["duration"].(float64); grown < 6*3600-120 {
			t.Errorf("%s grew older by %v seconds in six hours", id, grown)
		}
	}
	if moved == 0 {
		t.Error("no reading moved in six hours")
	}
}

func TestMachinesOfferPartsOfThemselves(t *testing.T) {
	t.Parallel()
	c := world(t, 0, sim.Options{Seed: 4}).cloud
	ids, kinds := map[int]bool{}, map[string]int{}
	for _, m := range c.machines {
		kinds[m.verification]++
		if m.bidPrice >= m.gpuPrice || m.gpuPrice <= 0 || m.reliability <= 0 || m.reliability > 1 {
			t.Errorf("machine %d asks %v, takes bids from %v, is reliable to %v", m.id, m.gpuPrice, m.bidPrice, m.reliability)
		}
		for _, a := range m.asks {
			if ids[a.id] || a.gpus < 1 || a.gpus > m.gpus {
				t.Errorf("machine %d of %d cards offers %d as %d (again: %v)", m.id, m.gpus, a.gpus, a.id, ids[a.id])
			}
			ids[a.id] = true
			o := a.priced("on-demand", 10, 0)
			if want := m.gpuPrice*float64(a.gpus) + 10*m.storagePrice/720; math.Abs(o.DPHTotal-want) > 1e-5 || o.GPUTotalRAM != a.gpus*m.card.ramMB {
				t.Errorf("offer %d costs %v, want %v", a.id, o.DPHTotal, want)
			}
			if bid := a.priced("bid", 10, 0); (bid == nil) != (m.bidPrice == 0) || bid != nil && (bid.DPHTotal >= o.DPHTotal || !bid.IsBid) {
				t.Errorf("offer %d as a bid: %+v", a.id, bid)
			}
			if reserved := a.priced("reserved", 10, 0); reserved.DiscountedDPHTotal > reserved.DPHTotal {
				t.Errorf("offer %d costs %v reserved and %v not", a.id, reserved.DiscountedDPHTotal, reserved.DPHTotal)
			}
		}
	}
	for _, kind := range []string{"verified", "unverified", "deverified"} {
		if kinds[kind] == 0 {
			t.Errorf("no machine is %s: %v", kind, kinds)
		}
	}
}

func TestASearchByEveryPublishedColumn(t *testing.T) {
	t.Parallel()
	k := world(t, 0, sim.Options{Seed: 4})
	all := len(k.search(`{"limit":3000,"rentable":{"in":[true,false]}}`))
	for column, operand := range map[string]string{
		"verified": "true", "datacenter": "true", "external": "false", "geolocation": `"US"`, "ubuntu_version": `"22.04"`, "driver_version": "560000000",
		"num_gpus": "4", "gpu_name": `"RTX 4090"`, "dph_total": "1", "gpu_ram": "24000", "reliability2": "0.98", "static_ip": "true", "cluster_id": "null",
		"cpu_cores": "32", "inet_down": "500", "disk_space": "500", "duration": "8640000", "compute_cap": "800", "vms_enabled": "true",
	} {
		k.at = k.at.Add(time.Minute)
		is := len(k.search(fmt.Sprintf(`{"limit":3000,"rentable":{"in":[true,false]},%q:{"eq":%s}}`, column, operand)))
		k.at = k.at.Add(time.Minute)
		not := len(k.search(fmt.Sprintf(`{"limit":3000,"rentable":{"in":[true,false]},%q:{"neq":%s}}`, column, operand)))
		if is+not > all || is+not == 0 || !strings.Contains("cluster_id cpu_cores", column) && is+not != all {
			t.Errorf("%s: %d are %s and %d are not, of %d", column, is, operand, not, all)
		}
	}
}

func TestCredentialsLetIn(t *testing.T) {
	t.Parallel()
	c := world(t, 0, sim.Options{}).cloud
	creds := c.Credentials()
	if c.Name() != "vastai" || creds.Env["VAST_API_KEY"] != apiKey || creds.Values["api_key"] != apiKey ||
		strings.TrimSpace(creds.Files[".config/vastai/vast_api_key"]) != apiKey {
		t.Errorf("%s: got %v", c.Name(), creds)
	}
}
