package vastaisim

import (
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/adsops/cloudtop/internal/sim"
)

// TestEverySearchFieldOfThePageIsTaken sends each field of search_offers.yaml with an operand of its kind.
func TestEverySearchFieldOfThePageIsTaken(t *testing.T) {
	t.Parallel()
	k := world(t, 10, sim.Options{Seed: 3})
	for operands, fields := range map[string]string{
		`{"eq":true} {"eq":false} {"neq":true}`: "verified rentable rented datacenter external static_ip vms_enabled gpu_display_active has_avx",
		`{"in":["x","nvidia","amd64","verified"]} {"notin":["x"]} {"eq":"x"} {"neq":"x"}`: "gpu_name geolocation gpu_arch cpu_arch mobo_name " +
			"os_version ubuntu_version verification driver_version",
		`{"gte":1} {"lte":1e9} {"gt":0,"lt":5} {"in":[1,2,4,8]} {"eq":0}`: "reliability num_gpus gpu_ram duration machine_id dlperf_per_dphtotal " +
			"dph_total flops_per_dphtotal dlperf cuda_max_good inet_down inet_up inet_down_cost inet_up_cost driver_version compute_cap cpu_cores " +
			"cpu_cores_effective cpu_ghz cpu_ram disk_bw disk_space bw_nvlink gpu_max_power gpu_max_temp gpu_mem_bw gpu_total_ram gpu_frac " +
			"direct_port_count host_id id min_bid pci_gen pcie_bw storage_cost total_flops",
	} {
		for field := range strings.FieldsSeq(fields) {
			for operand := range strings.FieldsSeq(operands) {
				body := fmt.Sprintf(`{"limit":1,%q:%s,"order":[[%q,"desc"]]}`, field, operand, field)
				if status, _, answer := k.call(http.MethodPost, "/api/v0/bundles/", body); status != http.StatusOK {
					t.Errorf("%s: got %d %v", body, status, answer)
				}
			}
		}
	}
}

// TestSearchesAreOrderedByEveryField reads all offers in both directions of each field.
func TestSearchesAreOrderedByEveryField(t *testing.T) {
	t.Parallel()
	c := world(t, 10, sim.Options{Seed: 3}).cloud
	all := columnsOf(reflect.TypeFor[offer]())
	for name := range all {
		if name == "gpu_ids" || name == "search" || name == "instance" {
			continue // what is no single value has no order
		}
		for _, direction := range []string{"asc", "DESC"} {
			body := map[string]json.RawMessage{"limit": []byte("3000"), "order": fmt.Appendf(nil, `[[%q,%q],["id","asc"]]`, name, direction)}
			answer, f := c.find(body)
			if f != nil {
				t.Errorf("by %s: %+v", name, f)
				continue
			}
			offers := answer.(map[string]any)["offers"].([]*offer)
			if !slices.IsSortedFunc(offers, func(a, b *offer) int {
				x, _ := a.column(all, name)
				y, _ := b.column(all, name)
				n := order(x, y)
				if strings.EqualFold(direction, "desc") {
					n = -n
				}
				if n == 0 {
					n = a.ID - b.ID
				}
				return n
			}) || len(offers) < 100 {
				t.Errorf("by %s %s: %d offers are out of order", name, direction, len(offers))
			}
		}
	}
}

// TestDriversAreSearchedByNumberAndByVersion has both forms: the official client sends the number, the page shows the version.
func TestDriversAreSearchedByNumberAndByVersion(t *testing.T) {
	t.Parallel()
	k := world(t, 10, sim.Options{Seed: 3})
	for _, tt := range []struct{ version, number string }{
		{`{"gte":"560.00.00"}`, `{"gte":560000000}`}, {`{"lt":"560.0.0"}`, `{"lt":560000000}`}, {`{"gt":"535.100.05"}`, `{"gt":535100005}`},
		{`{"gte":"560000000"}`, `{"gte":560000000}`}, {`{"neq":"560.000.000"}`, `{"neq":560000000}`},
	} {
		a, b := k.search(`{"limit":3000,"driver_version":`+tt.version+`}`), k.search(`{"limit":3000,"driver_version":`+tt.number+`}`)
		if len(a) != len(b) || len(a) == 0 {
			t.Errorf("%s finds %d offers, %s finds %d", tt.version, len(a), tt.number, len(b))
		}
	}
	for _, nonsense := range []string{`{"gte":"new"}`, `{"eq":"560.x.1"}`, `{"eq":""}`, `{"eq":"1.2.3.4"}`, `{"eq":"560.-1.0"}`} {
		if found := k.search(`{"driver_version":` + nonsense + `}`); len(found) != 0 {
			t.Errorf("%s: found %d", nonsense, len(found))
		}
	}
}

// TestWhatASearchLeavesOutIsSaidByItsDefaults compares searches with and without what the server adds by itself.
func TestWhatASearchLeavesOutIsSaidByItsDefaults(t *testing.T) {
	t.Parallel()
	k := world(t, 20, sim.Options{Seed: 3})
	const everything = `"limit":3000,"rentable":{"in":[true,false]},"allocated_storage":0`
	count := func(body string) int { return len(k.search(body)) }
	all := count(`{` + everything + `}`)
	for _, tt := range []struct{ name, left, right string }{
		{"rentable unless asked", `{"limit":3000}`, `{"limit":3000,"rentable":{"eq":true}}`},
		{"on demand unless asked", `{` + everything + `}`, `{` + everything + `,"type":"on-demand"}`},
		{"the page's word for on demand", `{` + everything + `,"type":"ondemand"}`, `{` + everything + `,"type":"on-demand"}`},
		{"eight GB unless asked", `{"limit":3000,"disk_space":{"gte":0}}`, `{"limit":3000,"allocated_storage":8}`},
		{"rented machines besides", `{` + everything + `,"rented":{"eq":true}}`, `{` + everything + `}`},
		{"more than there are", `{"limit":100000}`, `{"limit":3000}`},
		{"bundling is nothing", `{"limit":3000,"disable_bundling":true}`, `{"limit":3000}`},
		{"names with underscores", `{` + everything + `,"gpu_name":{"eq":"RTX_4090"}}`, `{` + everything + `,"gpu_name":{"eq":"RTX 4090"}}`},
		{"numbers as text", `{` + everything + `,"num_gpus":{"gte":"4"}}`, `{` + everything + `,"num_gpus":{"gte":4}}`},
		{"two bounds are both", `{` + everything + `,"num_gpus":{"gte":2,"lte":2}}`, `{` + everything + `,"num_gpus":{"eq":2}}`},
	} {
		if a, b := count(tt.left), count(tt.right); a != b || a == 0 {
			t.Errorf("%s: %s finds %d, %s finds %d", tt.name, tt.left, a, tt.right, b)
		}
	}
	for name, body := range map[string]string{
		"none": `{"limit":0}`, "nobody's card": `{"gpu_name":{"eq":"Voodoo 2"}}`, "a whole data centre": `{"allocated_storage":1000000}`,
		"an empty list": `{"num_gpus":{"in":[]}}`, "a null that is none": `{"num_gpus":{"eq":null}}`,
	} {
		if n := count(body); n != 0 {
			t.Errorf("%s: found %d", name, n)
		}
	}
	if free, rented := count(`{`+everything+`,"rented":{"eq":false}}`), all; free >= rented {
		t.Errorf("without the machines that the account rents: %d of %d", free, rented)
	}
}

// TestPricesOfEveryTypeAddUp checks the parts of the price that search_offers.yaml shows, in USD per hour.
func TestPricesOfEveryTypeAddUp(t *testing.T) {
	t.Parallel()
	k := world(t, 0, sim.Options{Seed: 3})
	near := func(a, b float64) bool { return math.Abs(a-b) < 3e-6 }
	for _, kind := range []string{"on-demand", "bid", "reserved"} {
		for _, o := range k.search(`{"limit":3000,"type":"` + kind + `","allocated_storage":64}`) {
			n := func(name string) float64 { v, _ := o[name].(float64); return v }
			part := func(name string) float64 { return o["search"].(map[string]any)[name].(float64) }
			switch {
			case !near(n("dph_total"), n("dph_base")+n("storage_total_cost")), !near(n("storage_total_cost"), 64*n("storage_cost")/720),
				!near(part("totalHour"), n("dph_total")), !near(part("gpuCostPerHour"), n("dph_base")), !near(part("diskHour"), n("storage_total_cost")),
				!near(part("discountedTotalPerHour"), part("totalHour")-part("discountTotalHour")), !near(n("discounted_dph_total"), part("discountedTotalPerHour")):
				t.Errorf("%s: the parts of %v do not add up", kind, o["id"])
			case (o["is_bid"] == true) != (kind == "bid"), kind != "reserved" && n("discount_rate") != 0, kind == "bid" && !near(n("dph_base"), n("min_bid")):
				t.Errorf("%s: got is_bid %v, discount %v, base %v of least bid %v", kind, o["is_bid"], o["discount_rate"], o["dph_base"], o["min_bid"])
			case !near(n("internet_up_cost_per_tb"), 1024*n("inet_up_cost")), n("gpu_total_ram") != n("num_gpus")*n("gpu_ram"), len(o["gpu_ids"].([]any)) != int(n("num_gpus")),
				n("gpu_frac") <= 0 || n("gpu_frac") > 1, n("duration") <= 0, (o["vericode"] == 1.0) != (o["verification"] == "verified"):
				t.Errorf("%s: %v contradicts itself: %v", kind, o["id"], o)
			}
		}
	}
}

// TestInstancesAreOrderedByEveryStoredColumn reads the listing by each, in pages.
func TestInstancesAreOrderedByEveryStoredColumn(t *testing.T) {
	t.Parallel()
	k := world(t, 50, sim.Options{Seed: 2})
	whole := len(k.cloud.contracts)
	of := map[int]*contract{}
	for _, c := range k.cloud.contracts {
		of[c.ID] = c
	}
	for _, column := range stored() {
		for _, direction := range []string{"asc", "desc"} {
			l, f := listingOf(url.Values{"order_by": {fmt.Sprintf(`[{"col":%q,"dir":%q}]`, column, direction)}})
			if f != nil {
				t.Fatalf("%s: %+v", column, f)
			}
			ids := slices.Concat(k.ids(url.Values{"limit": {"7"}, "order_by": {fmt.Sprintf(`[{"col":%q,"dir":%q}]`, column, direction)}})...)
			if !slices.IsSortedFunc(ids, func(a, b int) int {
				return l.compare(of[a], func(name string) any { return l.value(of[b], name) })
			}) || len(ids) != whole || len(slices.Compact(slices.Sorted(slices.Values(ids)))) != whole {
				t.Errorf("by %s %s: got %d of %d: %v", column, direction, len(ids), whole, ids)
			}
		}
	}
}

// TestInstancesAreFilteredByEveryStoredColumn splits the account by each value that there is.
func TestInstancesAreFilteredByEveryStoredColumn(t *testing.T) {
	t.Parallel()
	k := world(t, 50, sim.Options{Seed: 2})
	k.step = time.Second
	whole := len(k.cloud.contracts)
	count := func(filter string) int {
		k.Helper()
		answer := k.get("/api/v1/instances/?limit=1&select_filters=" + url.QueryEscape(filter))
		return int(answer["total_instances"].(float64))
	}
	l := &listing{columns: columnsOf(reflect.TypeFor[lease]())}
	for _, column := range stored() {
		value, _ := json.Marshal(l.value(k.cloud.contracts[3], column))
		want := 0
		for _, c := range k.cloud.contracts {
			if same(l.value(c, column), l.value(k.cloud.contracts[3], column)) {
				want++
			}
		}
		is, in := count(fmt.Sprintf(`{%q:{"eq":%s}}`, column, value)), count(fmt.Sprintf(`{%q:{"in":[%s]}}`, column, value))
		if is != want || in != want || want == 0 {
			t.Errorf("%s is %s: got %d, and %d by a list of one, want %d", column, value, is, in, want)
		}
		null := count(fmt.Sprintf(`{%q:{"eq":null}}`, column))
		if not := count(fmt.Sprintf(`{%q:{"neq":%s}}`, column, value)); string(value) != "null" && is+not+null != whole {
			t.Errorf("%s: %d are %s, %d are not, %d are unknown, of %d", column, is, value, not, null, whole)
		}
	}
}

// TestTokensSurviveWhatHappensBetweenPages resumes after a row that the filters no longer show, and by an order with nulls.
func TestTokensSurviveWhatHappensBetweenPages(t *testing.T) {
	t.Parallel()
	k := world(t, 60, sim.Options{Seed: 2})
	for _, direction := range []string{"asc", "desc"} {
		q := url.Values{"limit": {"4"}, "order_by": {`[{"col":"label","dir":"` + direction + `"}]`}}
		whole := slices.Concat(k.ids(q)...)
		q.Del("after_token")
		first := k.get("/api/v1/instances/?" + q.Encode())
		q.Set("after_token", first["next_token"].(string))
		q.Set("select_filters", fmt.Sprintf(`{"id":{"neq":%d}}`, whole[3])) // the row that the token names is gone
		if rest := slices.Concat(k.ids(q)...); !slices.Equal(rest, whole[4:]) {
			t.Errorf("%s: got %v, want %v", direction, rest, whole[4:])
		}
	}
}

func FuzzListings(f *testing.F) {
	f.Add(`[{"col":"gpu_name","dir":"desc"}]`, `{"id":{"gt":30000013},"label":{"in":[null,"x"]}}`, `["id","label"]`, "", "7")
	f.Add(`[{"col":"label"},{"col":"id","dir":"desc"}]`, `{}`, `["*"]`, "eyJ2YWx1ZXMiOiB7ImlkIjogMTIzLCAibGFiZWwiOiBudWxsfX0=", "-1")
	f.Add(`{`, `[]`, `7`, "e30=", "x")
	c := New(sim.NewWorld(sim.Options{Counts: map[string]int{"vastai": 12}})).(*cloud)
	f.Fuzz(func(t *testing.T, order, filters, cols, token, limit string) {
		q := url.Values{"order_by": {order}, "select_filters": {filters}, "select_cols": {cols}, "after_token": {token}, "limit": {limit}}
		answer, f := c.listInstances(&http.Request{URL: &url.URL{RawQuery: q.Encode()}})
		if f != nil {
			if f.status != http.StatusBadRequest || f.Error != "invalid_request" && f.Error != "invalid_token" {
				t.Errorf("%v: refused with %+v", q, f)
			}
			return
		}
		var page struct {
			Found     int               `json:"instances_found"`
			Total     int               `json:"total_instances"`
			Next      *string           `json:"next_token"`
			Instances []json.RawMessage `json:"instances"`
		}
		if err := json.Unmarshal(answer.(raw), &page); err != nil || page.Found != len(page.Instances) || page.Found > page.Total || page.Found > mostPerPage {
			t.Errorf("%v: %v in %s", q, err, answer)
		}
		if page.Next == nil {
			return
		}
		if l, f := listingOf(url.Values{"order_by": {order}, "after_token": {*page.Next}}); f != nil || l.after == nil {
			t.Errorf("%v: its own token %s is refused: %+v", q, *page.Next, f)
		}
	})
}

func FuzzLedgers(f *testing.F) {
	f.Add(`{"day":{"gte":1,"lte":1793534400},"type":{"in":["instance"]}}`, "tree", "false", "3", "")
	f.Add(`{"when":{"gt":1,"lt":1793534400},"service":{"notin":["stripe"]}}`, `[{"col":"paid_on","dir":"asc"}]`, "true", "1000", "eyJ2YWx1ZXMiOiB7ImlkIjogMTIzfX0=")
	f.Add(`{"day":{"gte":1e300,"lte":-1e300}}`, "", "", "-1", "!")
	c := New(sim.NewWorld(sim.Options{Counts: map[string]int{"vastai": 12}})).(*cloud)
	f.Fuzz(func(t *testing.T, filters, order, latest, limit, token string) {
		q := url.Values{"select_filters": {filters}, "order_by": {order}, "format": {order}, "latest_first": {latest}, "limit": {limit}, "after_token": {token}}
		for name, ask := range map[string]func(*http.Request) (any, *failure){"charges": c.listCharges, "invoices": c.listInvoices} {
			answer, f := ask(&http.Request{URL: &url.URL{RawQuery: q.Encode()}})
			if f != nil {
				if f.status != http.StatusBadRequest || f.Msg == "" {
					t.Errorf("%s %v: refused with %+v", name, q, f)
				}
				continue
			}
			page := answer.(map[string]any)
			if rows := page["results"].([]charge); page["count"] != len(rows) || page["total"].(int) < len(rows) {
				t.Errorf("%s %v: %v of %v, %d rows", name, q, page["count"], page["total"], len(rows))
			}
			if _, err := json.Marshal(answer); err != nil {
				t.Errorf("%s %v: %v", name, q, err)
			}
		}
	})
}

func FuzzTrends(f *testing.F) {
	f.Add("1793448000", "1793534400", "60", "RTX_4090,all")
	f.Add("9223372036854775807", "1", "9223372036854775807", "")
	f.Add("1", "9223372036854775807", "922337203685477", "x")
	c := New(sim.NewWorld(sim.Options{})).(*cloud)
	f.Fuzz(func(t *testing.T, start, end, step, name string) {
		q := url.Values{"start": {start}, "end": {end}, "step": {step}}
		times, f := c.timesOf(q)
		if (f == nil) != (len(times) > 0) || len(times) > 10_001 || !slices.IsSorted(times) {
			t.Errorf("%v: got %d times and %+v", q, len(times), f)
		}
		q.Set("gpu_name", name)
		q.Del("step")
		if _, f := c.marketTrends(&http.Request{URL: &url.URL{RawQuery: q.Encode()}}); f != nil && f.status != http.StatusBadRequest {
			t.Errorf("%v: refused with %+v", q, f)
		}
	})
}
