package vastaisim

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/adsops/cloudtop/internal/sim"
)

// endpointCase is what is published of one endpoint besides its answer.
type endpointCase struct {
	method, path, body string
	nobody             int           // the status without a key
	unknown            int           // with a key that nobody has
	apart              time.Duration // x-rate-limit; 0 = none
}

// published are the statuses and limits of vast-ai/docs, api-reference/openapi/yaml.
func published() []endpointCase {
	const range0 = `?select_filters={"day":{"gte":1,"lte":2},"when":{"gte":1,"lte":2}}`
	return []endpointCase{
		{"GET", "/api/v0/users/current/", "", 403, 401, 0},
		{"GET", "/api/v1/instances/", "", 403, 401, time.Second},
		{"GET", "/api/v0/instances/30000000/", "", 403, 401, 2 * time.Second},
		{"GET", "/api/v0/instances/filters/", "", 403, 401, 0},
		{"GET", "/api/v0/volumes/", "", 401, 401, 5500 * time.Millisecond},
		{"GET", "/api/v0/endptjobs/", "", 403, 401, 3 * time.Second},
		{"GET", "/api/v0/workergroups/", "", 403, 401, 2 * time.Second},
		{"GET", "/api/v0/deployments/", "", 403, 401, 3 * time.Second},
		{"GET", "/api/v0/charges/" + range0, "", 403, 404, time.Second},
		{"GET", "/api/v1/invoices/" + range0, "", 403, 404, 3 * time.Second},
		{"GET", "/api/v0/metrics/gpu/current/", "", 403, 401, 3 * time.Second},
		{"GET", "/api/v0/metrics/gpu/locations/", "", 403, 401, 3 * time.Second},
		{"GET", "/api/v0/metrics/gpu/history/", "", 403, 401, 3 * time.Second},
		{"GET", "/api/v0/machines/?user_id=1", "", 403, 401, 0},
		{"POST", "/api/v0/bundles/", `{}`, 200, 404, 0},
		{"PUT", "/api/v0/search/asks/", `{"q":{}}`, 200, 404, 0},
	}
}

func TestEveryEndpointAnswersWithAndWithoutTheLastSlash(t *testing.T) {
	t.Parallel()
	for _, e := range published() {
		path, query, _ := strings.Cut(e.path, "?")
		for _, form := range []string{path, strings.TrimSuffix(path, "/")} {
			w := world(t, 20, sim.Options{}).serve(e.method, form+"?"+query, e.body)
			if w.Code != http.StatusOK || w.Header().Get("Content-Type") != "application/json" || !json.Valid(w.Body.Bytes()) {
				t.Errorf("%s %s: got %d as %q", e.method, form, w.Code, w.Header().Get("Content-Type"))
			}
		}
	}
}

func TestEveryEndpointChecksItsKey(t *testing.T) {
	t.Parallel()
	for _, e := range published() {
		for key, want := range map[string]int{
			"": e.nobody, "Bearer " + apiKey: 200, "Bearer " + apiKey + "0": e.unknown, "Bearer " + strings.ToUpper(apiKey): e.unknown,
			"bearer " + apiKey: e.unknown, apiKey: e.unknown, "Basic " + apiKey: e.unknown,
		} {
			status, _, answer := world(t, 20, sim.Options{}).call(e.method, e.path, e.body, "Authorization", key)
			if status != want {
				t.Errorf("%s %s with %q: got %d %v, want %d", e.method, e.path, key, status, answer, want)
			}
			if text := fmt.Sprint(answer); status != 200 && (strings.Contains(text, apiKey) || answer["error"] == nil && answer["detail"] == nil) {
				t.Errorf("%s %s with %q: got %v, want an error that does not repeat the key", e.method, e.path, key, answer)
			}
		}
	}
}

func TestEveryEndpointHasOneMethod(t *testing.T) {
	t.Parallel()
	for _, e := range published() {
		for _, method := range []string{"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"} {
			if method == e.method {
				continue
			}
			w := world(t, 20, sim.Options{}).serve(method, e.path, e.body)
			if w.Code != http.StatusMethodNotAllowed || w.Header().Get("Allow") != e.method {
				t.Errorf("%s %s: got %d, Allow %q; want 405 and %s", method, e.path, w.Code, w.Header().Get("Allow"), e.method)
			}
		}
	}
}

// TestEveryEndpointKeepsItsPace calls each just before and just after its time between two calls.
func TestEveryEndpointKeepsItsPace(t *testing.T) {
	t.Parallel()
	for _, e := range published() {
		k := world(t, 20, sim.Options{})
		k.step = 0
		statuses := func(after ...time.Duration) (all []int) {
			for _, d := range after {
				k.at = k.at.Add(d)
				all = append(all, k.serve(e.method, e.path, e.body).Code)
			}
			return all
		}
		want := []int{200, 200, 200}
		if e.apart > 0 {
			want = []int{200, 429, 200}
		}
		if got := statuses(0, max(0, e.apart-time.Millisecond), time.Millisecond); !slices.Equal(got, want) {
			t.Errorf("%s %s: got %v, want %v", e.method, e.path, got, want)
		}
		if e.apart == 0 {
			continue
		}
		bare := strings.Replace(e.path, "/?", "?", 1)
		status, h, answer := k.call(e.method, strings.TrimSuffix(bare, "/"), e.body)
		if wait := fmt.Sprint((e.apart + time.Second - 1).Truncate(time.Second).Seconds()); status != 429 || h.Get("Retry-After") != wait || len(answer) != 1 ||
			answer["detail"] != fmt.Sprintf("API requests too frequent endpoint threshold=%.1f", e.apart.Seconds()) {
			t.Errorf("%s without the slash: got %d %v, Retry-After %q, want the same limit and %s", e.path, status, answer, h.Get("Retry-After"), wait)
		}
		if status, _, _ := k.call(e.method, e.path, e.body, "Authorization", "Bearer other"); status != e.unknown {
			t.Errorf("%s: another key got %d, want a limit of its own and %d", e.path, status, e.unknown)
		}
	}
}

func TestTheTwoSearchesShareTheirTenAMinute(t *testing.T) {
	t.Parallel()
	k := world(t, 0, sim.Options{})
	k.step = time.Second
	for i := range 10 {
		e := published()[len(published())-1-i%2]
		if w := k.serve(e.method, e.path, e.body); w.Code != 200 {
			t.Fatalf("search %d: got %d %s", i+1, w.Code, w.Body)
		}
	}
	w := k.serve("PUT", "/api/v0/search/asks/", `{"q":{}}`)
	if w.Code != 429 || w.Body.String() != "API requests too frequent" || w.Header().Get("Retry-After") != "" ||
		w.Header().Get("Content-Type") != "text/plain; charset=utf-8" {
		t.Errorf("got %d %q as %s, want a plain text", w.Code, w.Body, w.Header().Get("Content-Type"))
	}
	if w := k.serve("POST", "/api/v0/bundles/", `{}`, "Authorization", ""); w.Code != 200 {
		t.Errorf("another identity: got %d", w.Code)
	}
	k.at = sim.Epoch.Add(time.Minute)
	if w := k.serve("POST", "/api/v0/bundles/", `{}`); w.Code != 200 {
		t.Errorf("a minute after the first: got %d", w.Code)
	}
}

// TestErrorBodies has the shapes that vast-ai/docs shows, of which each status has its own.
func TestErrorBodies(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, method, path, body, key string
		status                        int
		want                          string
	}{
		{"no login", "GET", "/api/v1/instances/", "", "", 403, `{"success":false,"error":"auth_error","msg":"This action requires login."}`},
		{"no credentials", "GET", "/api/v0/volumes/", "", "", 401, `{"detail":"Authentication credentials were not provided."}`},
		{"an unknown key", "GET", "/api/v1/instances/", "", "Bearer x", 401, `{"success":false,"error":"auth_error","msg":"Invalid user key"}`},
		{"an unknown key of a search", "POST", "/api/v0/bundles/", "{}", "Bearer x", 404, `{"success":false,"error":"auth_error","msg":"Invalid user key"}`},
		{"no path", "GET", "/api/v2/instances/", "", "Bearer " + apiKey, 404, `{"success":false,"error":"not_found","msg":"The requested URL was not found on the server."}`},
		{"a path below an instance", "GET", "/api/v0/instances/5/logs/", "", "Bearer " + apiKey, 404, `{"success":false,"error":"not_found","msg":"The requested URL was not found on the server."}`},
		{"no JSON", "POST", "/api/v0/bundles/", "{", "Bearer " + apiKey, 400, `{"error":"invalid_request","msg":"Invalid json body"}`},
		{"no JSON of the newer search", "PUT", "/api/v0/search/asks/", "[]", "Bearer " + apiKey, 400, `{"error":"invalid_request","msg":"Invalid json body"}`},
		{"an unknown search key", "PUT", "/api/v0/search/asks/", `{"q":{"colour":{"eq":"red"}}}`, "Bearer " + apiKey, 400,
			`{"error":"invalid_request","msg":"Error in query parameters: colour is not a valid search key"}`},
		{"a computed column", "GET", `/api/v1/instances/?select_filters={"num_gpus":{"gt":1}}`, "", "Bearer " + apiKey, 400,
			`{"error":"invalid_request","msg":"Error in query parameters: num_gpus is not a valid search key"}`},
		{"an operator that is none", "GET", `/api/v1/instances/?select_filters={"id":{"like":1}}`, "", "Bearer " + apiKey, 400,
			`{"error":"invalid_request","msg":"Error in query parameters: like is not a valid operator"}`},
		{"an order that is none", "GET", `/api/v1/instances/?order_by=[{"col":"dph_total"}]`, "", "Bearer " + apiKey, 400,
			`{"error":"invalid_request","msg":"Error in query parameters: dph_total is not a valid order key"}`},
		{"a token that is none", "GET", `/api/v1/instances/?after_token=!`, "", "Bearer " + apiKey, 400, `{"error":"invalid_token","msg":"Invalid pagination token"}`},
		{"no days", "GET", "/api/v0/charges/", "", "Bearer " + apiKey, 400,
			`{"success":false,"msg":"Must provide both 'day' gte and lte filters for instance charges"}`},
		{"half the days", "GET", `/api/v0/charges/?select_filters={"day":{"gte":1}}`, "", "Bearer " + apiKey, 400,
			`{"success":false,"msg":"Must provide both 'day' gte and lte filters for instance charges"}`},
		{"no such format", "GET", `/api/v0/charges/?format=xml&select_filters={"day":{"gte":1,"lte":2}}`, "", "Bearer " + apiKey, 400,
			`{"success":false,"error":"invalid_args","msg":"format must be table or tree"}`},
		{"no endpoints", "GET", "/api/v0/endptjobs/", "", "Bearer " + apiKey, 400, `{"success":false,"error":"invalid_args","msg":"No endpoints for user found"}`},
		{"no number", "GET", "/api/v0/instances/mine/", "", "Bearer " + apiKey, 400,
			`{"success":false,"error":"invalid_args","msg":"error 400/1782: Invalid args: invalid instance id"}`},
	} {
		w := world(t, 3, sim.Options{}).serve(tt.method, tt.path, tt.body, "Authorization", tt.key)
		if w.Code != tt.status || w.Body.String() != tt.want {
			t.Errorf("%s: got %d %s, want %d %s", tt.name, w.Code, w.Body, tt.status, tt.want)
		}
	}
}

// TestChargesAreOfTheAskedSpan asks for spans around what is rented.
func TestChargesAreOfTheAskedSpan(t *testing.T) {
	t.Parallel()
	const hour = 3600
	k := world(t, 40, sim.Options{Seed: 6})
	k.step = time.Nanosecond
	now := sim.Epoch.Unix()
	for name, tt := range map[string]struct {
		from, to int64
		longest  int64 // seconds that a charge may cover; 0 = there is none
	}{
		"a day": {now - 24*hour, now, 24 * hour}, "an hour": {now - hour, now, hour}, "before anything was rented": {1, 2, 0},
		"to come": {now + hour, now + 2*hour, 0}, "until after now": {now - hour, now + 99*hour, hour + 99}, "backwards": {now, now - hour, 0},
		"ever": {1, now, 500 * 24 * hour},
	} {
		k.at = k.at.Add(time.Second)
		answer, rows := k.ledger("/api/v0/charges/", map[string]any{"day": map[string]any{"gte": tt.from, "lte": tt.to}}, "limit", "500")
		if (len(rows) > 0) != (tt.longest > 0) || answer["count"] != float64(len(rows)) {
			t.Errorf("%s: got %d charges, count %v", name, len(rows), answer["count"])
		}
		for _, r := range rows {
			from, to := int64(r["start"].(float64)), int64(r["end"].(float64))
			if from < tt.from || to > tt.to || to <= from || to-from > tt.longest || r["amount"].(float64) < 0 {
				t.Errorf("%s: got a charge of %d to %d, %v USD", name, from-now, to-now, r["amount"])
			}
		}
	}
}

func TestChargesAreOrderedTypedAndLimited(t *testing.T) {
	t.Parallel()
	k := world(t, 60, sim.Options{Seed: 6})
	span := map[string]any{"gte": 1, "lte": sim.Epoch.Unix()}
	read := func(types []string, params ...string) []string {
		filters := map[string]any{"day": span}
		if types != nil {
			filters["type"] = map[string]any{"in": types}
		}
		_, rows := k.ledger("/api/v0/charges/", filters, params...)
		sources := []string{}
		for _, r := range rows {
			sources = append(sources, r["source"].(string))
		}
		return sources
	}
	newest := read(nil, "limit", "500")
	for _, word := range []string{"false", "False"} {
		oldest := read(nil, "limit", "500", "latest_first", word)
		if slices.Reverse(oldest); !slices.Equal(oldest, newest) {
			t.Errorf("latest_first=%s: from the end got %v, want %v", word, oldest, newest)
		}
	}
	both, instances, volumes := read([]string{"instance", "volume"}, "limit", "500"), read([]string{"instance"}, "limit", "500"), read([]string{"volume"}, "limit", "500")
	if !slices.Equal(both, newest) || len(instances)+len(volumes) != len(both) || len(volumes) != len(k.cloud.volumes) {
		t.Errorf("got %d of instances and %d of volumes, %d of both", len(instances), len(volumes), len(both))
	}
	if got := read([]string{"serverless"}); len(got) != 0 {
		t.Errorf("serverless: got %v, and no contract is", got)
	}
	for limit, want := range map[string]int{"1": 1, "59": 59, "500": len(newest), "501": len(newest), "": min(100, len(newest))} {
		if got := read(nil, "limit", limit, "format", "tree"); len(got) != min(want, len(newest)) {
			t.Errorf("limit %q: got %d, want %d", limit, len(got), want)
		}
	}
}

// TestAnOutsideClientReadsTheAccount uses real sockets and nothing of this package but the key.
func TestAnOutsideClientReadsTheAccount(t *testing.T) {
	t.Parallel()
	c := New(sim.NewWorld(sim.Options{Seed: 8, Counts: map[string]int{"vastai": 24}}))
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Host = "console.vast.ai"
		c.ServeHTTP(w, r)
	}))
	defer server.Close()
	get := func(path string) (int, map[string]any) {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer "+c.Credentials().Env["VAST_API_KEY"])
		res, err := server.Client().Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		data, err := io.ReadAll(res.Body)
		var body map[string]any
		if err != nil || json.Unmarshal(data, &body) != nil {
			t.Fatalf("%s: %v in %q", path, err, data)
		}
		return res.StatusCode, body
	}
	status, user := get("/api/v0/users/current/")
	if status != 200 || user["credit"] != c.Truth().Balance[fmt.Sprintf("%.0f", user["id"])] {
		t.Errorf("got %d %v", status, user)
	}
	ids := map[any]bool{}
	query := url.Values{"limit": {"25"}, "order_by": {`[{"col":"label","dir":"desc"},{"col":"start_date","dir":"asc"}]`}}
	_, page := get("/api/v1/instances/?" + query.Encode())
	for _, v := range page["instances"].([]any) {
		ids[v.(map[string]any)["id"]] = true
	}
	want := 0
	for _, r := range c.Truth().Resources {
		if r.Service == "instances" {
			want++
		}
	}
	if len(ids) != want || page["next_token"] != nil {
		t.Errorf("got %d instances and token %v, want all %d on one page", len(ids), page["next_token"], want)
	}
}

// TestLabelsAreCountedOverAllPages reads an account that is longer than a page.
func TestLabelsAreCountedOverAllPages(t *testing.T) {
	t.Parallel()
	k := world(t, 90, sim.Options{Seed: 7})
	want := map[string]float64{}
	for _, c := range k.cloud.contracts {
		label := ""
		if c.Label != nil {
			label = *c.Label
		}
		want[label]++
	}
	q := url.Values{}
	for pages := range 10 {
		answer := k.get("/api/v1/instances/?" + q.Encode())
		got := map[string]float64{}
		for label, n := range answer["label_counts"].(map[string]any) {
			got[label] = n.(float64)
		}
		if !maps.Equal(got, want) || answer["total_instances"] != float64(len(k.cloud.contracts)) {
			t.Errorf("page %d: got %v of %v, want %v", pages+1, got, answer["total_instances"], want)
		}
		token, more := answer["next_token"].(string)
		if !more {
			break
		}
		q.Set("after_token", token)
	}
}
