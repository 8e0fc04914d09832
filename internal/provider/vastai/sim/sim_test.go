package vastaisim

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/adsops/cloudtop/internal/sim"
)

// world returns a cloud whose clock each call moves on, so that no limit is met unless a test stops it.
func world(t *testing.T, n int, o sim.Options) *clock {
	t.Helper()
	k := &clock{T: t, at: sim.Epoch, step: time.Minute}
	o.Counts, o.Now = map[string]int{"vastai": n}, func() time.Time { return k.at }
	k.cloud = New(sim.NewWorld(o)).(*cloud)
	return k
}

type clock struct {
	*testing.T
	cloud *cloud
	at    time.Time
	step  time.Duration
}

// call sends a request with the account's key, or with the key that an Authorization header gives.
func (k *clock) call(method, target, body string, header ...string) (int, http.Header, map[string]any) {
	k.Helper()
	w := k.serve(method, target, body, header...)
	var answer map[string]any
	if json.Unmarshal(w.Body.Bytes(), &answer) != nil {
		answer = map[string]any{"text": w.Body.String()}
	}
	return w.Code, w.Header(), answer
}

// serve is call without reading the answer.
func (k *clock) serve(method, target, body string, header ...string) *httptest.ResponseRecorder {
	k.Helper()
	r := httptest.NewRequestWithContext(k.Context(), method, "https://console.vast.ai"+strings.ReplaceAll(target, `"`, "%22"), strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer "+apiKey)
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	k.cloud.ServeHTTP(w, r)
	k.at = k.at.Add(k.step)
	return w
}

func (k *clock) get(target string) map[string]any {
	k.Helper()
	status, _, answer := k.call(http.MethodGet, target, "")
	if status != http.StatusOK {
		k.Fatalf("GET %s: got %d %v, want 200", target, status, answer)
	}
	return answer
}

// ids pages through a listing and returns the ids of each page.
func (k *clock) ids(q url.Values) [][]int {
	k.Helper()
	var pages [][]int
	for range 100 {
		answer := k.get("/api/v1/instances/?" + q.Encode())
		page := []int{}
		for _, v := range answer["instances"].([]any) {
			page = append(page, int(v.(map[string]any)["id"].(float64)))
		}
		pages = append(pages, page)
		token, ok := answer["next_token"].(string)
		if !ok {
			return pages
		}
		q.Set("after_token", token)
	}
	k.Fatal("the listing does not end")
	return nil
}

func TestPagesHoldAtMost25AndEveryInstanceOnce(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		n     int
		limit string
		want  []int
	}{
		{0, "", []int{0}}, {1, "", []int{1}}, {3, "2", []int{2, 1}}, {3, "3", []int{3}}, {3, "0", []int{3}}, {3, "-7", []int{3}},
		{60, "", []int{25, 25}}, {60, "100", []int{25, 25}}, {60, "20", []int{20, 20, 10}}, {60, "0", []int{5, 5, 5, 5, 5, 5, 5, 5, 5, 5}},
	} {
		k := world(t, c.n, sim.Options{Seed: 1})
		q := url.Values{}
		if c.limit != "" {
			q.Set("limit", c.limit)
		}
		var sizes, all []int
		for _, page := range k.ids(q) {
			sizes, all = append(sizes, len(page)), append(all, page...)
		}
		if !slices.Equal(sizes, c.want) || !slices.IsSorted(all) || len(slices.Compact(all)) != len(k.cloud.contracts) {
			t.Errorf("%d things, limit %q: got pages of %v, want %v, in order of id", c.n, c.limit, sizes, c.want)
		}
	}
}

func TestOrderFiltersAndColumns(t *testing.T) {
	t.Parallel()
	k := world(t, 60, sim.Options{Seed: 1})
	q := url.Values{
		"order_by": {`[{"col":"gpu_name","dir":"desc"},{"col":"start_date","dir":"asc"}]`}, "limit": {"7"},
		"select_filters": {`{"actual_status":{"in":["running"]},"id":{"gt":30000013}}`},
	}
	got := slices.Concat(k.ids(q)...)
	var want []*contract
	for _, c := range k.cloud.contracts {
		if c.life.actual == "running" && c.ID > 30_000_013 {
			want = append(want, c)
		}
	}
	slices.SortFunc(want, func(a, b *contract) int {
		if n := strings.Compare(b.GPUName, a.GPUName); n != 0 {
			return n
		}
		return int(a.StartDate*4 - b.StartDate*4)
	})
	for i, c := range want {
		if i >= len(got) || got[i] != c.ID {
			t.Fatalf("got %v, want %d at %d of %d", got, c.ID, i, len(want))
		}
	}
	answer := k.get(`/api/v1/instances/?limit=1&select_cols=["id","gpu_util","none"]`)
	row := answer["instances"].([]any)[0].(map[string]any)
	if _, there := row["none"]; len(row) != 3 || row["id"] == nil || !there || row["none"] != nil {
		t.Errorf("got columns %v, want id, gpu_util and none, which is null", row)
	}
	labels := k.get(`/api/v1/instances/?select_filters={"label":{"eq":null}}`)
	counts := labels["label_counts"].(map[string]any)
	if len(counts) != 1 || counts[""] != labels["total_instances"] {
		t.Errorf("got label counts %v of %v instances, want only unlabelled ones", counts, labels["total_instances"])
	}
}

func TestABadListingIsRefused(t *testing.T) {
	t.Parallel()
	k := world(t, 5, sim.Options{Seed: 1})
	for query, code := range map[string]string{
		`select_filters={"dph_total":{"gt":1}}`:        "invalid_request",
		`select_filters={"id":{"like":1}}`:             "invalid_request",
		`select_filters={"id":5}`:                      "invalid_request",
		`select_filters={"id":{"in":5}}`:               "invalid_request",
		`select_filters={`:                             "invalid_request",
		`order_by=[{"col":"num_gpus"}]`:                "invalid_request",
		`order_by=id`:                                  "invalid_request",
		`select_cols=id`:                               "invalid_request",
		`limit=many`:                                   "invalid_request",
		`after_token=!`:                                "invalid_token",
		`after_token=e30=`:                             "invalid_token",
		`after_token=eyJ2YWx1ZXMiOiB7ImxhYmVsIjogMX19`: "invalid_token",
	} {
		status, _, answer := k.call(http.MethodGet, "/api/v1/instances/?"+strings.ReplaceAll(query, `"`, "%22"), "")
		if status != http.StatusBadRequest || answer["error"] != code {
			t.Errorf("%s: got %d %v, want 400 %s", query, status, answer, code)
		}
	}
}

func TestAKeyWithoutAPermissionIsDenied(t *testing.T) {
	t.Parallel()
	k := world(t, 20, sim.Options{Seed: 1, Incidents: true})
	if status, _, answer := k.call(http.MethodGet, "/api/v0/endptjobs/", ""); status != http.StatusForbidden {
		t.Errorf("got %d %v, want 403", status, answer)
	}
	truth := k.cloud.Truth()
	if len(truth.Denied) != 1 || slices.ContainsFunc(truth.Resources, func(r sim.Resource) bool { return r.Service == "endpoints" }) {
		t.Errorf("got denied %v, want the endpoints and none of them among the resources", truth.Denied)
	}
}

func TestOneSeedMakesOneWorld(t *testing.T) {
	t.Parallel()
	answers := func(seed uint64) string {
		k := world(t, 40, sim.Options{Seed: seed})
		var all []any
		for _, path := range []string{
			"/api/v1/instances/", "/api/v0/volumes/", "/api/v0/endptjobs/", "/api/v0/users/current/", "/api/v0/metrics/gpu/current/",
			"/api/v0/instances/filters/", "/api/v0/metrics/gpu/locations/",
		} {
			all = append(all, k.get(path))
		}
		_, _, offers := k.call(http.MethodPost, "/api/v0/bundles/", "{}")
		data, _ := json.Marshal(append(all, offers, k.cloud.Truth()))
		return string(data)
	}
	first := answers(1)
	if first != answers(1) {
		t.Error("two worlds of one seed differ")
	}
	if first == answers(2) {
		t.Error("the worlds of two seeds are the same")
	}
}

func TestOneInstanceIsTheSameAsInTheList(t *testing.T) {
	t.Parallel()
	k := world(t, 30, sim.Options{Seed: 1})
	k.step = 0
	all := k.get("/api/v1/instances/")["instances"].([]any)
	want := fmt.Sprint(all[3])
	id := all[3].(map[string]any)["id"].(float64)
	if got := fmt.Sprint(k.get(fmt.Sprintf("/api/v0/instances/%.0f/", id))["instances"]); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	k.at = k.at.Add(time.Minute)
	if got := k.get("/api/v0/instances/7/")["instances"]; got != nil {
		t.Errorf("an instance of somebody else: got %v, want null", got)
	}
	k.at = k.at.Add(time.Minute)
	if status, _, _ := k.call(http.MethodGet, "/api/v0/instances/abc/", ""); status != http.StatusBadRequest {
		t.Errorf("no number: got %d, want 400", status)
	}
}

func TestVolumesAreOfTwoTypes(t *testing.T) {
	t.Parallel()
	k := world(t, 60, sim.Options{Seed: 1})
	count := func(query string) int { return len(k.get("/api/v0/volumes" + query)["volumes"].([]any)) }
	all, local, network := count("?owner=me&type=all_volume"), count("?type=local_volume"), count("?type=network_volume")
	if all != len(k.cloud.volumes) || local+network != all || network == 0 || count("/") != all {
		t.Errorf("got %d volumes, %d local and %d of the network, want %d", all, local, network, len(k.cloud.volumes))
	}
}

func TestChargesCoverTheAskedDays(t *testing.T) {
	t.Parallel()
	k := world(t, 60, sim.Options{Seed: 1})
	day := fmt.Sprintf(`select_filters={"day":{"gte":%d,"lte":%d}%%s}&limit=20`, sim.Epoch.AddDate(0, 0, -7).Unix(), sim.Epoch.Unix())
	ask := func(more, rest string) map[string]any {
		return k.get("/api/v0/charges/?" + strings.ReplaceAll(fmt.Sprintf(day, more), `"`, "%22") + rest)
	}
	first := ask("", "")
	all := first["results"].([]any)
	total := int(first["total"].(float64))
	for token := first["next_token"]; token != nil; {
		next := ask("", "&after_token="+url.QueryEscape(token.(string)))
		all, token = append(all, next["results"].([]any)...), next["next_token"]
	}
	seen := map[any]bool{}
	for _, v := range all {
		c := v.(map[string]any)
		sum := 0.0
		for _, item := range c["items"].([]any) {
			sum += item.(map[string]any)["amount"].(float64)
		}
		if d := c["amount"].(float64) - sum; d > 0.002 || d < -0.002 || seen[c["source"]] {
			t.Errorf("%v: got amount %v of items that make %v, want the same, once", c["source"], c["amount"], sum)
		}
		seen[c["source"]] = true
	}
	if len(all) != total || total <= 20 {
		t.Errorf("got %d charges on all pages, want %d, more than one page", len(all), total)
	}
	if vols := ask(`,"type":{"in":["volume"]}`, ""); int(vols["total"].(float64)) != len(k.cloud.volumes) {
		t.Errorf("got %v charges of volumes, want %d", vols["total"], len(k.cloud.volumes))
	}
	for _, query := range []string{"", "?select_filters={}", "?" + strings.ReplaceAll(fmt.Sprintf(day, ""), `"`, "%22") + "&after_token=x"} {
		if status, _, _ := k.call(http.MethodGet, "/api/v0/charges/"+query, ""); status != http.StatusBadRequest {
			t.Errorf("%s: got %d, want 400", query, status)
		}
	}
}

func TestEveryStatusHasItsErrorBody(t *testing.T) {
	t.Parallel()
	k := world(t, 0, sim.Options{Seed: 1})
	for _, status := range []int{400, 401, 403, 404, 405, 429, 500, 503} {
		w := httptest.NewRecorder()
		w.Header().Set("Retry-After", "3")
		k.cloud.Fail(w, nil, status)
		if w.Code != status || w.Body.Len() == 0 || w.Header().Get("Retry-After") != "3" {
			t.Errorf("%d: got %d %q with headers %v, want a body and the headers kept", status, w.Code, w.Body, w.Header())
		}
	}
}

// BenchmarkListing serves an account of 10,000 things once for each iteration.
func BenchmarkListing(b *testing.B) {
	c := New(sim.NewWorld(sim.Options{Seed: 1, Counts: map[string]int{"vastai": 10_000}})).(*cloud)
	for b.Loop() {
		if n := readAll(b, c); n != len(c.contracts) {
			b.Fatalf("got %d instances, want %d", n, len(c.contracts))
		}
	}
}

// readAll pages through the account without its limits.
func readAll(t testing.TB, c *cloud) (n int) {
	q := url.Values{}
	for {
		answer, f := c.listInstances(&http.Request{URL: &url.URL{RawQuery: q.Encode()}})
		if f != nil {
			t.Fatal(f)
		}
		var page struct {
			Found int     `json:"instances_found"`
			Next  *string `json:"next_token"`
		}
		data := answer.(raw)
		head, _, _ := bytes.Cut(data, []byte(`,"instances":[`))
		if err := json.Unmarshal(append(slices.Clone(head), '}'), &page); err != nil {
			t.Fatal(err)
		}
		if n += page.Found; page.Next == nil {
			return n
		}
		q.Set("after_token", *page.Next)
	}
}

func TestALargeAccountIsServedWhole(t *testing.T) {
	t.Parallel()
	k := world(t, 10_000, sim.Options{Seed: 1})
	if n := readAll(t, k.cloud); n != len(k.cloud.contracts) || n < 8000 {
		t.Errorf("got %d of %d instances, want all of some thousands", n, len(k.cloud.contracts))
	}
}
