package vastai

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/provider"
)

// sample returns a console that answers one path with a file of testdata, and the account.
func sample(t *testing.T, path, file string) *console {
	t.Helper()
	data, err := os.ReadFile("testdata/" + file)
	if err != nil {
		t.Fatal(err)
	}
	return &console{answers: map[string]string{path: string(data), userPath: ada}}
}

// partialWith checks that err is one partial error that says want, and shows no secret.
func partialWith(t *testing.T, err error, want string) {
	t.Helper()
	if cloud.KindOf(err) != cloud.KindPartial || err.Error() != want || strings.Contains(err.Error(), "MARKER") {
		t.Errorf("got %v\nwant %s", err, want)
	}
}

// summary writes the common fields of a resource that are there.
func summary(r *cloud.Resource) string {
	parts := []string{r.ID, r.Name, r.Region, string(r.Status), r.NativeStatus}
	if r.GPU != nil {
		parts = append(parts, fmt.Sprintf("%vx %s %vGB", r.GPU.Count, r.GPU.Type, r.GPU.MemoryGB))
	}
	if r.Cost != nil {
		parts = append(parts, fmt.Sprintf("$%v", r.Cost.Low))
	}
	if !r.CreatedAt.IsZero() {
		parts = append(parts, r.CreatedAt.Format(time.RFC3339))
	}
	for _, m := range r.Metrics {
		parts = append(parts, fmt.Sprintf("%s=%v", m.Name, m.Value))
	}
	return strings.Join(strings.Fields(strings.Join(parts, " ")), " ")
}

func summaries(all []cloud.Resource) (out []string) {
	for i := range all {
		out = append(out, summary(&all[i]))
	}
	return out
}

func TestAnOddInstanceCostsNoOther(t *testing.T) {
	t.Parallel()
	all, err := list(t, connect(t, sample(t, instancesPath, "instances_odd.json")), instances)
	want := []string{
		"1 starting",
		"2 SE unknown hibernating 2x RTX 4090 24GB 2026-10-01T12:00:00Z",
		"3 kept running running cpu_usage_percent=25 memory_usage_percent=25 memory_used_bytes=1e+09",
		"4 running running $0.25",
		"9007199254740993 stopped stopped $0.002",
		"6 starting",
	}
	if got := summaries(all); !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	partialWith(t, err, "vastai: list instances: not all of the answer can be read: "+
		"[2]: gpu_temp, gpu_util; [3]: external, ports, search; [5]: it is no object; 1 incomplete")
	for _, r := range all {
		if text := fmt.Sprintf("%+v", r); strings.Contains(text, "MARKER") {
			t.Errorf("a secret is in %s", text)
		}
	}
	for name, want := range map[string]any{"interruptible": true, "static_ip": false, "storage_usd_per_hour": 0.002, "verification": nil} {
		if got := all[4].Attr(name); got != want {
			t.Errorf("%s: got %v, want %v", name, got, want)
		}
	}
}

func TestVolumesAreRead(t *testing.T) {
	t.Parallel()
	all, err := list(t, connect(t, sample(t, volumesPath, "volumes.json")), volumes)
	want := []string{
		"40000001 data Sweden, SE unknown active $0.0125 2026-10-01T12:00:00Z", "40000002 stopping deleting", "40000003 unknown polishing", "40000004 unknown",
	}
	if got := summaries(all); !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	partialWith(t, err, "vastai: list volumes: not all of the answer can be read: [3]: status; 1 incomplete")
	for name, want := range map[string]any{
		"disk_size_gb": 100.5, "disk_free_gb": int64(60), "disk": "SAMSUNG", "machine_id": int64(12), "host_id": int64(7), "cluster_id": nil,
		"reliability": 0.998, "verification": "verified", "end_date": time.Unix(1799999999, 0).UTC(), "inet_up_mbps": int64(500), "inet_down_mbps": 900.5,
		"public_ip": "203.0.113.5", "static_ip": true, "cpu": "EPYC", "cpu_arch": "amd64", "motherboard": "ROME", "os_version": "22.04",
		"driver_version": "550.54.14", "cuda_max": 12.4,
	} {
		if got := all[0].Attr(name); got != want {
			t.Errorf("%s: got %v, want %v", name, got, want)
		}
	}
	for i, want := range []string{"[312 313]", "[314 315]", "<nil>"} {
		if got := fmt.Sprint(all[i].Attr("instance_ids")); got != want {
			t.Errorf("%s is used by %s, want %s", all[i].ID, got, want)
		}
	}
	if all[1].Attr("disk_size_gb") != nil || all[1].Attr("cluster_id") != int64(101) {
		t.Errorf("got %+v, want no size and its cluster", all[1].Attrs)
	}
}

func TestEndpointsAreRead(t *testing.T) {
	t.Parallel()
	all, err := list(t, connect(t, sample(t, endpointsPath, "endpoints.json")), endpoints)
	want := []string{
		"4001 vLLM running active 2026-06-01T12:00:00Z", "4002 paused stopped suspended 2026-10-01T12:00:00Z", "4003 off stopped stopped", "4004 unknown draining",
	}
	if got := summaries(all); !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	partialWith(t, err, "vastai: list endpoints: not all of the answer can be read: [3]: created_at; 1 incomplete")
	for name, want := range map[string]any{
		"max_workers": int64(20), "cold_workers": int64(5), "min_load": int64(0), "min_cold_load": 1.5, "target_utilization_ratio": 0.9,
		"cold_multiple": 2.5, "max_queue_seconds": int64(30), "target_queue_seconds": int64(10), "idle_timeout_seconds": int64(600),
		"auto_delete_in_seconds": nil, "api_key": nil,
	} {
		if got := all[0].Attr(name); got != want {
			t.Errorf("%s: got %v, want %v", name, got, want)
		}
	}
	if all[2].Attr("idle_timeout_seconds") != nil || all[3].Attr("max_workers") != int64(3) {
		t.Errorf("got %+v and %+v, want no reading for -1 and a number for a text", all[2].Attrs, all[3].Attrs)
	}
}

func TestAChargeWithoutAnAmountIsNotOneOfNothing(t *testing.T) {
	t.Parallel()
	from, to := time.Unix(1790800000, 0).UTC(), time.Unix(1791000000, 0).UTC()
	reader := connect(t, sample(t, chargesPath, "charges.json")).Driver().(provider.CostReader)
	all, err := provider.Gather(reader.Costs(t.Context(), cloud.Period{From: from, To: to}))
	var got []string
	for _, c := range all {
		got = append(got, fmt.Sprintf("%s %s %s %v %d-%d", c.Kind, c.Service, c.ID, c.Amount, c.From.Unix(), c.To.Unix()))
	}
	want := []string{
		"balance   12.5 -62135596800--62135596800", "spend instances 312 1.25 1790856000-1790942400", "spend volumes 7 0.5 1790856000-1791000000",
		"spend   -3 1790800000-1791000000", "spend endpoints 5 2 1790800000-1791000000",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	partialWith(t, err, "vastai: read charges: not all of the answer can be read: [4]: amount; [5]: start; 2 incomplete")
}

func TestTheMarketIsRead(t *testing.T) {
	t.Parallel()
	reader := connect(t, sample(t, marketPath, "market.json")).Driver().(provider.MarketReader)
	all, err := provider.Gather(reader.Markets(t.Context()))
	want := []cloud.Market{
		{GPUType: "RTX 4090", Total: 100, Available: 25, UsagePercent: new(75.0), P10: new(0.2), P25: new(0.25), Median: new(0.3), P75: new(0.4), P90: new(0.55)},
		{GPUType: "H200", Total: 4, P90: new(3.5)}, {GPUType: "odd", Available: 1},
	}
	for i := range want {
		want[i].Provider, want[i].Currency, want[i].QuotedAt = "vastai", "USD", now
	}
	if encoded(all) != encoded(want) {
		t.Errorf("got\n%s\nwant\n%s", encoded(all), encoded(want))
	}
	partialWith(t, err, "vastai: read market: not all of the answer can be read: [2]: total; 1 incomplete")
}

func TestOffersWithoutACardAreSaidToBeIncomplete(t *testing.T) {
	t.Parallel()
	no := false
	const answer = `{"offers":[{"id":1,"gpu_name":"L4","dph_total":[]},{"ask_contract_id":2,"gpu_name":"L4","num_gpus":1,"dph_total":"0.25"},{"id":3,"dph_total":1},7]}`
	all, err := offersOf(t, &console{answers: map[string]string{offersPath: answer}}, cloud.OfferQuery{Interruptible: &no})
	if len(all) != 2 || all[0].ID != "2" || *all[0].PricePerHour != 0.25 || all[1].ID != "1" || all[1].PricePerHour != nil {
		t.Errorf("got %+v, want offer 2 with its price and 1 without one", all)
	}
	partialWith(t, err, "vastai: search offers: not all of the answer can be read: [0]: dph_total; [3]: it is no object; 1 incomplete")
}

func TestASearchThatWasCutSaysSoUnlessEnoughIsFound(t *testing.T) {
	t.Parallel()
	no := false
	var many strings.Builder
	for i := range mostOffers {
		card := "L4"
		if i%1000 == 0 {
			card = "H200"
		}
		fmt.Fprintf(&many, `{"id":%d,"gpu_name":%q,"dph_total":1},`, i+1, card)
	}
	c := &console{answers: map[string]string{offersPath: `{"offers":[` + strings.TrimSuffix(many.String(), ",") + `]}`}}
	for limit, want := range map[int]struct {
		found int
		kind  cloud.Kind
	}{0: {3, cloud.KindPartial}, 2: {2, ""}, 3: {3, ""}, 4: {3, cloud.KindPartial}} {
		all, err := offersOf(t, c, cloud.OfferQuery{Interruptible: &no, GPUType: "h200", Limit: limit})
		if len(all) != want.found || cloud.KindOf(err) != want.kind {
			t.Errorf("limit %d: got %d offers and %v, want %d and kind %q", limit, len(all), err, want.found, want.kind)
		}
	}
}

func TestAnAccountWithOddMembersIsStillOne(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]cloud.Identity{
		`{"id":7,"email":{"MARKER":1},"username":"ada","key_id":[],"balance":"MARKER","credit":{}}`: {Account: "7", User: "ada"},
		`{"id":"7","email":null,"key_id":"9"}`:                                                      {Account: "7", Detail: "key 9"},
		`{"id":9007199254740993,"username":""}`:                                                     {Account: "9007199254740993"},
	} {
		conn := connect(t, &console{answers: map[string]string{userPath: text}})
		got, err := conn.Driver().(provider.Identifier).Identity(t.Context())
		if err != nil || got != want {
			t.Errorf("%s: got %+v and %v, want %+v", text, got, err, want)
		}
		if costs := money(t, conn, cloud.Period{}); len(costs) != 0 {
			t.Errorf("%s: got %+v, want no money where none can be read", text, costs)
		}
	}
	for _, text := range []string{`{"id":null}`, `{"id":{}}`, `{"id":""}`, `[]`, `true`, `"MARKER"`} {
		err := connect(t, &console{answers: map[string]string{userPath: text}}).HealthCheck(t.Context())
		if cloud.KindOf(err) != cloud.KindResponse || strings.Contains(err.Error(), "MARKER") {
			t.Errorf("%s: got %v, want an error of kind response", text, err)
		}
	}
}

func TestListsThatAreNoneAreErrorsAndNullIsEmpty(t *testing.T) {
	t.Parallel()
	for service, at := range map[string][2]string{
		instances: {instancesPath, "instances"}, volumes: {volumesPath, "volumes"}, endpoints: {endpointsPath, "results"},
	} {
		for value, kind := range map[string]cloud.Kind{
			`{"MARKER":1}`: cloud.KindResponse, `"MARKER"`: cloud.KindResponse, `7`: cloud.KindResponse, `null`: "", `[]`: "",
		} {
			text := fmt.Sprintf(`{"success":true,%q:%s}`, at[1], value)
			all, err := list(t, connect(t, &console{answers: map[string]string{at[0]: text}}), service)
			if cloud.KindOf(err) != kind || len(all) != 0 || err != nil && strings.Contains(err.Error(), "MARKER") {
				t.Errorf("%s: %s: got %v and %v, want kind %q", service, text, all, err, kind)
			}
		}
	}
}
