package vastaisim

import (
	"encoding/json"
	"net/http"
	"slices"
	"testing"

	"github.com/adsops/cloudtop/internal/sim"
)

// search sends a search and returns the offers that it finds.
func (k *clock) search(body string) []map[string]any {
	k.Helper()
	status, h, answer := k.call(http.MethodPost, "/api/v0/bundles/", body)
	if status != http.StatusOK || h.Get("Content-Type") != "application/json" {
		k.Fatalf("%s: got %d %v as %s, want 200 as application/json", body, status, answer, h.Get("Content-Type"))
	}
	var out []map[string]any
	for _, v := range answer["offers"].([]any) {
		out = append(out, v.(map[string]any))
	}
	return out
}

func TestASearchFindsWhatItAsksFor(t *testing.T) {
	t.Parallel()
	k := world(t, 20, sim.Options{Seed: 3})
	num := func(o map[string]any, name string) float64 { return o[name].(float64) }
	for _, c := range []struct {
		body string
		fits func(o map[string]any) bool
	}{
		{`{"limit":3000}`, func(o map[string]any) bool { return o["rentable"] == true }},
		{`{"limit":3000,"rentable":{"eq":false}}`, func(o map[string]any) bool { return o["rentable"] == false }},
		{`{"limit":3000,"verified":{"eq":true}}`, func(o map[string]any) bool { return o["verification"] == "verified" }},
		{`{"limit":3000,"verified":{"eq":false}}`, func(o map[string]any) bool { return o["verification"] != "verified" }},
		{`{"limit":3000,"rented":{"eq":false}}`, func(o map[string]any) bool { return o["rented"] == false }},
		{`{"limit":3000,"datacenter":{"eq":true}}`, func(o map[string]any) bool { return num(o, "hosting_type") == 1 }},
		{`{"limit":3000,"num_gpus":{"gte":4}}`, func(o map[string]any) bool { return num(o, "num_gpus") >= 4 }},
		{`{"limit":3000,"num_gpus":{"in":["1",2]}}`, func(o map[string]any) bool { return num(o, "num_gpus") <= 2 }},
		{`{"limit":3000,"num_gpus":{"notin":[1]}}`, func(o map[string]any) bool { return num(o, "num_gpus") > 1 }},
		{`{"limit":3000,"num_gpus":{"neq":1}}`, func(o map[string]any) bool { return num(o, "num_gpus") > 1 }},
		{`{"limit":3000,"gpu_name":{"in":["RTX_4090","H100 SXM"]}}`, func(o map[string]any) bool { return o["gpu_name"] == "RTX 4090" || o["gpu_name"] == "H100 SXM" }},
		{`{"limit":3000,"geolocation":{"in":["US","CA"]}}`, func(o map[string]any) bool {
			return slices.Contains([]any{"California, United States", "Texas, US", "Washington, US", "Quebec, CA"}, o["geolocation"])
		}},
		{`{"limit":3000,"geolocation":{"notin":["US"]}}`, func(o map[string]any) bool { return o["geolocation"] != "Texas, US" }},
		{`{"limit":3000,"gpu_ram":{"gt":24000,"lte":49140}}`, func(o map[string]any) bool { return num(o, "gpu_ram") > 24000 && num(o, "gpu_ram") <= 49140 }},
		{`{"limit":3000,"cpu_cores":{"gte":1}}`, func(o map[string]any) bool { return o["cpu_cores"] != nil }},
		{`{"limit":3000,"cpu_cores":{"eq":null}}`, func(o map[string]any) bool { return o["cpu_cores"] == nil }},
		{`{"limit":3000,"driver_version":{"gte":560000000}}`, func(o map[string]any) bool { return num(o, "driver_vers") >= 560000000 }},
		{`{"limit":3000,"has_avx":{"eq":true},"cpu_arch":{"eq":"arm64"}}`, func(o map[string]any) bool { return o["cpu_arch"] == "arm64" }},
		{`{"limit":3000,"type":"bid","min_bid":{"lt":1}}`, func(o map[string]any) bool {
			return o["is_bid"] == true && num(o, "min_bid") < 1 && num(o, "dph_base") == num(o, "min_bid")
		}},
		{`{"limit":3000,"type":"reserved"}`, func(o map[string]any) bool { return num(o, "discounted_dph_total") <= num(o, "dph_total") }},
		{`{"limit":3000,"allocated_storage":900}`, func(o map[string]any) bool { return num(o, "disk_space") >= 900 }},
	} {
		found := k.search(c.body)
		for _, o := range found {
			if !c.fits(o) {
				t.Errorf("%s: found %v", c.body, o)
				break
			}
		}
		if len(found) == 0 {
			t.Errorf("%s: found nothing", c.body)
		}
	}
}

func TestTheDefaultLimitAndTheOrderHold(t *testing.T) {
	t.Parallel()
	k := world(t, 0, sim.Options{Seed: 3})
	if n := len(k.search(`{}`)); n != defaultOffers {
		t.Errorf("no limit: got %d offers, want %d", n, defaultOffers)
	}
	if n := len(k.search(`{"limit":3}`)); n != 3 {
		t.Errorf("limit 3: got %d offers", n)
	}
	cheap, dear := 0.0, 1e9
	for _, o := range k.search(`{"order":[["dph_total","asc"]]}`) {
		if v := o["dph_total"].(float64); v < cheap {
			t.Fatalf("ascending: got %v after %v", v, cheap)
		} else {
			cheap = v
		}
	}
	for _, o := range k.search(`{"order":[["dph_total","desc"],["id","asc"]]}`) {
		if v := o["dph_total"].(float64); v > dear {
			t.Fatalf("descending: got %v after %v", v, dear)
		} else {
			dear = v
		}
	}
}

func TestMoreDiskCostsMore(t *testing.T) {
	t.Parallel()
	k := world(t, 0, sim.Options{Seed: 3})
	small, large := k.search(`{"allocated_storage":10,"limit":1}`)[0], k.search(`{"allocated_storage":100,"limit":1}`)[0]
	month := small["storage_cost"].(float64)
	got := large["dph_total"].(float64) - small["dph_total"].(float64)
	if want := 90 * month / 720; small["id"] != large["id"] || got < want-1e-5 || got > want+1e-5 {
		t.Errorf("90 GB at %v a month cost %v per hour, want %v", month, got, want)
	}
}

func TestABadSearchIsRefused(t *testing.T) {
	t.Parallel()
	for _, body := range []string{
		``, `[]`, `{"colour":{"eq":"red"}}`, `{"num_gpus":4}`, `{"num_gpus":{"near":4}}`, `{"num_gpus":{"in":4}}`, `{"type":"free"}`,
		`{"limit":"many"}`, `{"limit":-1}`, `{"order":"dph"}`, `{"order":[["colour","asc"]]}`,
	} {
		k := world(t, 0, sim.Options{Seed: 3})
		status, _, answer := k.call(http.MethodPost, "/api/v0/bundles/", body)
		if status != http.StatusBadRequest || answer["error"] != "invalid_request" {
			t.Errorf("%s: got %d %v, want 400 invalid_request", body, status, answer)
		}
	}
}

func TestTheNewerSearchFindsTheSame(t *testing.T) {
	t.Parallel()
	k := world(t, 0, sim.Options{Seed: 3})
	k.step = 0
	const q = `{"num_gpus":{"gte":4},"limit":5,"type":"bid"}`
	_, _, old := k.call(http.MethodPost, "/api/v0/bundles/", q)
	_, _, newer := k.call(http.MethodPut, "/api/v0/search/asks/", `{"select_cols":["*"],"q":`+q+`}`)
	a, _ := json.Marshal(old)
	b, _ := json.Marshal(newer)
	if string(a) != string(b) {
		t.Errorf("got  %s\nwant %s", b, a)
	}
}

func TestTheMarketIsThatOfTheMachines(t *testing.T) {
	t.Parallel()
	k := world(t, 0, sim.Options{Seed: 3})
	machines := func(query string) (total int) {
		for _, v := range k.get("/api/v0/metrics/gpu/current/" + query)["gpus"].([]any) {
			g := v.(map[string]any)
			n := func(name string) int { return int(g[name].(float64)) }
			sum := n("rented_verified") + n("avail_verified") + n("rented_unverified") + n("avail_unverified")
			free := n("avail_verified") + n("avail_unverified")
			p10, median, p90 := g["price_p10"].(float64), g["price_median"].(float64), g["price_p90"].(float64)
			if sum != n("total") || free != n("available") || p10 > median || median > p90 {
				t.Errorf("%s: %v does not add up", query, g)
			}
			total += n("total")
		}
		return total
	}
	all, yes, no := machines("?verified=all"), machines(""), machines("?verified=no")
	if all != len(k.cloud.machines) || yes+no != all || yes == 0 || no == 0 {
		t.Errorf("got %d machines, %d verified and %d not, want %d", all, yes, no, len(k.cloud.machines))
	}
	if a, b := machines("?verified=all&hosting_type=secure_cloud"), machines("?verified=all&hosting_type=community"); a+b != all || a == 0 {
		t.Errorf("got %d in data centres and %d elsewhere, want %d together", a, b, all)
	}
	if one := machines("?verified=all&num_gpus=8"); one == 0 || one >= all {
		t.Errorf("got %d machines with 8 cards of %d", one, all)
	}
	if status, _, _ := k.call(http.MethodGet, "/api/v0/metrics/gpu/current/?verified=maybe", ""); status != http.StatusBadRequest {
		t.Errorf("verified=maybe: got %d, want 400", status)
	}
}

// FuzzSearch checks that no body stops the simulator.
func FuzzSearch(f *testing.F) {
	for _, seed := range []string{`{}`, `{"num_gpus":{"gte":"4"},"order":[["id","desc"]]}`, `{"geolocation":{"in":[null,1,"US"]}}`, `{"limit":1e3}`} {
		f.Add([]byte(seed))
	}
	c := New(sim.NewWorld(sim.Options{Counts: map[string]int{"vastai": 5}})).(*cloud)
	f.Fuzz(func(t *testing.T, data []byte) {
		var body map[string]json.RawMessage
		if json.Unmarshal(data, &body) != nil {
			return
		}
		answer, failure := c.find(body)
		if (answer == nil) == (failure == nil) {
			t.Errorf("%s: got %v and %v, want one of them", data, answer, failure)
		}
	})
}
