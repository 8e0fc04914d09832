package cloudflaresim_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	cloudflaresim "github.com/adsops/cloudtop/internal/provider/cloudflare/sim"
	"github.com/adsops/cloudtop/internal/sim"
)

// world is a simulated Cloudflare with n resources, at a fixed time.
func world(n int) sim.Cloud {
	return cloudflaresim.New(sim.NewWorld(sim.Options{
		Seed: 4, Counts: map[string]int{"cloudflare": n}, Now: func() time.Time { return sim.Epoch },
	}))
}

// call makes one call with a user's token and returns the answer.
func call(t testing.TB, c http.Handler, method, path, body string, header ...string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), method, "https://api.cloudflare.com/client/v4"+path, strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer "+cloudflaresim.APIToken)
	for i := 0; i < len(header); i += 2 {
		r.Header.Del(header[i])
		if header[i+1] != "" {
			r.Header.Set(header[i], header[i+1])
		}
	}
	w := httptest.NewRecorder()
	c.ServeHTTP(w, r)
	return w
}

// reply is the envelope of the REST API.
type reply struct {
	Success bool
	Errors  []struct {
		Code    int
		Message string
	}
	Result     json.RawMessage
	ResultInfo struct {
		Page       int
		PerPage    int `json:"per_page"`
		Count      int
		TotalCount int `json:"total_count"`
		TotalPages int `json:"total_pages"`
		Cursor     string
	} `json:"result_info"`
}

func read(t testing.TB, w *httptest.ResponseRecorder) reply {
	t.Helper()
	var r reply
	data, _ := io.ReadAll(w.Body)
	if err := json.Unmarshal(data, &r); err != nil {
		t.Fatalf("%v in %s", err, data)
	}
	return r
}

func count(c sim.Cloud, account, service string) int {
	n := 0
	for _, r := range c.Truth().Resources {
		if r.Account == account && r.Service == service {
			n++
		}
	}
	return n
}

func TestCallsWithoutGoodCredentialAreRefusedAsByCloudflare(t *testing.T) {
	t.Parallel()
	c := world(10)
	tests := []struct {
		name   string
		path   string
		header []string
		status int
		code   int
	}{
		{"none", "/accounts", []string{"Authorization", ""}, 400, 9106},
		{"no bearer", "/accounts", []string{"Authorization", "Basic abc"}, 400, 6003},
		{"unknown token", "/accounts", []string{"Authorization", "Bearer " + strings.Repeat("x", 40)}, 403, 9109},
		{"unknown token, verified", "/user/tokens/verify", []string{"Authorization", "Bearer " + strings.Repeat("x", 40)}, 401, 1000},
		{"wrong key", "/accounts", []string{"Authorization", "", "X-Auth-Email", cloudflaresim.Email, "X-Auth-Key", "0"}, 403, 9103},
		{"good key", "/user", []string{"Authorization", "", "X-Auth-Email", cloudflaresim.Email, "X-Auth-Key", cloudflaresim.GlobalKey}, 200, 0},
		{"an account's token is no user's", "/user/tokens/verify", []string{"Authorization", "Bearer " + cloudflaresim.AccountToken}, 401, 1000},
		{"nor has it a user", "/user", []string{"Authorization", "Bearer " + cloudflaresim.AccountToken}, 403, 9109},
	}
	for _, tt := range tests {
		w := call(t, c, http.MethodGet, tt.path, "", tt.header...)
		r := read(t, w)
		if w.Code != tt.status || r.Success != (tt.code == 0) || (tt.code != 0 && r.Errors[0].Code != tt.code) {
			t.Errorf("%s: got %d %+v, want %d and code %d", tt.name, w.Code, r.Errors, tt.status, tt.code)
		}
	}
}

func TestAnAccountsTokenReadsItsAccountAlone(t *testing.T) {
	t.Parallel()
	c := world(10)
	accounts := c.Truth().Accounts
	own := []string{"Authorization", "Bearer " + cloudflaresim.AccountToken}
	for path, want := range map[string]int{
		"/accounts/" + accounts[0] + "/tokens/verify": 200, "/accounts/" + accounts[0] + "/d1/database": 200,
		"/accounts/" + accounts[1] + "/d1/database": 403,
	} {
		if w := call(t, c, http.MethodGet, path, "", own...); w.Code != want {
			t.Errorf("%s: got %d, want %d", path, w.Code, want)
		}
	}
	if r := read(t, call(t, c, http.MethodGet, "/accounts", "", own...)); r.ResultInfo.TotalCount != 1 {
		t.Errorf("it lists %d accounts, want 1", r.ResultInfo.TotalCount)
	}
}

func TestPathsThatLeadNowhere(t *testing.T) {
	t.Parallel()
	c := world(10)
	account := "/accounts/" + c.Truth().Accounts[0]
	tests := []struct {
		method, path string
		status, code int
	}{
		{http.MethodGet, "/zones/x", 404, 7003},
		{http.MethodGet, "/accounts/nonsense/d1/database", 404, 7003},
		{http.MethodGet, "/accounts/" + strings.Repeat("0", 32) + "/d1/database", 403, 10000},
		{http.MethodGet, "/accounts/" + strings.Repeat("0", 32), 403, 9109},
		{http.MethodPost, account + "/d1/database", 405, 10405},
		{http.MethodDelete, account + "/r2/buckets/assets", 405, 10405},
		{http.MethodGet, account + "/d1/database/nothing", 404, 7404},
		{http.MethodGet, account + "/r2/buckets/nothing", 404, 10006},
		{http.MethodGet, account + "/pages/projects/nothing", 404, 8000007},
		{http.MethodGet, account + "/storage/kv/namespaces/nothing", 404, 10013},
		{http.MethodGet, account + "/queues/nothing/metrics", 404, 11000},
		{http.MethodGet, account + "/billable-usage?from=yesterday", 400, 10001},
	}
	for _, tt := range tests {
		w := call(t, c, tt.method, tt.path, "")
		if r := read(t, w); w.Code != tt.status || len(r.Errors) == 0 || r.Errors[0].Code != tt.code {
			t.Errorf("%s %s: got %d %+v, want %d and code %d", tt.method, tt.path, w.Code, r.Errors, tt.status, tt.code)
		}
	}
}

func TestEachListHasItsBoundsOfPages(t *testing.T) {
	t.Parallel()
	c := world(1500)
	account := "/accounts/" + c.Truth().Accounts[0]
	tests := []struct {
		path                   string
		low, high, usual, code int
	}{
		{"/accounts", 5, 50, 20, 1004},
		{account + "/d1/database", 10, 10_000, 1000, 1004},
		{account + "/storage/kv/namespaces", 5, 1000, 20, 1004},
		{account + "/workers/durable_objects/namespaces", 1, 1000, 20, 1004},
		{account + "/pages/projects", 1, 10, 10, 8000024},
		{account + "/r2/buckets", 1, 1000, 20, 10022},
	}
	for _, tt := range tests {
		for size, ok := range map[string]bool{
			"": true, fmt.Sprint(tt.low): true, fmt.Sprint(tt.high): true, fmt.Sprint(tt.low - 1): false, fmt.Sprint(tt.high + 1): false, "many": false,
		} {
			path := tt.path
			if size != "" {
				path += "?per_page=" + size
			}
			w := call(t, c, http.MethodGet, path, "")
			r := read(t, w)
			switch {
			case ok && (w.Code != 200 || (size == "" && r.ResultInfo.PerPage != tt.usual)):
				t.Errorf("%s: got %d, page size %d, want 200 and %d", path, w.Code, r.ResultInfo.PerPage, tt.usual)
			case !ok && (w.Code != 400 || r.Errors[0].Code != tt.code):
				t.Errorf("%s: got %d %+v, want 400 and code %d", path, w.Code, r.Errors, tt.code)
			}
		}
	}
}

func TestPagesHoldEverythingOnce(t *testing.T) {
	t.Parallel()
	c := world(1500)
	id := c.Truth().Accounts[0]
	seen := map[string]bool{}
	for page := 1; page == 1 || len(seen) < 10_000; page++ {
		r := read(t, call(t, c, http.MethodGet, fmt.Sprintf("/accounts/%s/storage/kv/namespaces?per_page=7&page=%d", id, page), ""))
		var rows []struct{ ID string }
		if err := json.Unmarshal(r.Result, &rows); err != nil {
			t.Fatal(err)
		}
		if want := (count(c, id, "kv") + 6) / 7; r.ResultInfo.TotalPages != want || r.ResultInfo.Count != len(rows) {
			t.Fatalf("page %d: got %+v, want %d pages", page, r.ResultInfo, want)
		}
		for _, row := range rows {
			seen[row.ID] = true
		}
		if len(rows) < 7 {
			break
		}
	}
	if want := count(c, id, "kv"); len(seen) != want {
		t.Errorf("the pages hold %d namespaces, want %d", len(seen), want)
	}
}

func TestBucketsArePagedByCursorWithinTheirJurisdiction(t *testing.T) {
	t.Parallel()
	c := world(1500)
	id := c.Truth().Accounts[0]
	seen := map[string]bool{}
	for _, jurisdiction := range []string{"default", "eu", "fedramp"} {
		for cursor := ""; ; {
			r := read(t, call(t, c, http.MethodGet, "/accounts/"+id+"/r2/buckets?per_page=11&cursor="+cursor, "", "Cf-R2-Jurisdiction", jurisdiction))
			var result struct {
				Buckets []struct{ Name, Jurisdiction string }
			}
			if err := json.Unmarshal(r.Result, &result); err != nil {
				t.Fatal(err)
			}
			for _, b := range result.Buckets {
				if b.Jurisdiction != jurisdiction {
					t.Errorf("%s is listed in %s and lies in %s", b.Name, jurisdiction, b.Jurisdiction)
				}
				seen[jurisdiction+"/"+b.Name] = true
			}
			if cursor = r.ResultInfo.Cursor; cursor == "" {
				break
			}
		}
	}
	if want := count(c, id, "r2"); len(seen) != want || want == 0 {
		t.Errorf("got %d buckets, want %d", len(seen), want)
	}
	for header, path := range map[string]string{"mars": "/r2/buckets", "eu": "/r2/buckets?cursor=%21"} {
		if w := call(t, c, http.MethodGet, "/accounts/"+id+path, "", "Cf-R2-Jurisdiction", header); w.Code != 400 {
			t.Errorf("%s in %s: got %d, want 400", path, header, w.Code)
		}
	}
}

// TestTheLimitIsOneForAUserAndBlocksForAsLong counts calls of both kinds of credential together.
func TestTheLimitIsOneForAUserAndBlocksForAsLong(t *testing.T) {
	t.Parallel()
	now := sim.Epoch
	c := cloudflaresim.New(sim.NewWorld(sim.Options{Seed: 4, Now: func() time.Time { return now }}))
	key := []string{"Authorization", "", "X-Auth-Email", cloudflaresim.Email, "X-Auth-Key", cloudflaresim.GlobalKey}
	for i := range 1200 {
		header := key
		if i%2 == 0 {
			header = nil
		}
		if w := call(t, c, http.MethodGet, "/user", "", header...); w.Code != 200 || w.Header().Get("X-Ratelimit-Remaining") != fmt.Sprint(1199-i) {
			t.Fatalf("call %d: got %d, %s left", i+1, w.Code, w.Header().Get("X-Ratelimit-Remaining"))
		}
	}
	w := call(t, c, http.MethodGet, "/user", "")
	reset, err := http.ParseTime(w.Header().Get("X-Ratelimit-Reset"))
	if w.Code != 429 || w.Header().Get("Retry-After") != "300" || err != nil || !reset.Equal(now.Add(5*time.Minute)) || read(t, w).Errors[0].Code != 971 {
		t.Errorf("over the limit: got %d, Retry-After %q, reset %s (%v)", w.Code, w.Header().Get("Retry-After"), reset, err)
	}
	now = now.Add(5*time.Minute - time.Second)
	if w := call(t, c, http.MethodGet, "/user", "", key...); w.Code != 429 || w.Header().Get("Retry-After") != "1" {
		t.Errorf("a second before the end: got %d, Retry-After %q, want 429 and 1", w.Code, w.Header().Get("Retry-After"))
	}
	now = now.Add(time.Second)
	if w := call(t, c, http.MethodGet, "/user", ""); w.Code != 200 {
		t.Errorf("after five minutes: got %d, want 200", w.Code)
	}
}

func TestIncidentsAreAPlanAPermissionAndAProductThatIsOff(t *testing.T) {
	t.Parallel()
	c := cloudflaresim.New(sim.NewWorld(sim.Options{Seed: 4, Resources: 400, Incidents: true}))
	accounts := c.Truth().Accounts
	for path, want := range map[string]int{
		accounts[0] + "/r2/buckets": 0, accounts[1] + "/r2/buckets": 10042, accounts[2] + "/r2/buckets": 0,
		accounts[0] + "/d1/database": 0, accounts[2] + "/d1/database": 10000,
	} {
		code := 0
		if r := read(t, call(t, c, http.MethodGet, "/accounts/"+path, "")); len(r.Errors) > 0 {
			code = r.Errors[0].Code
		}
		if code != want {
			t.Errorf("%s: got code %d, want %d", path, code, want)
		}
	}
}

func TestSecretsAreMarked(t *testing.T) {
	t.Parallel()
	c := world(200)
	w := call(t, c, http.MethodGet, "/accounts/"+c.Truth().Accounts[0]+"/pages/projects", "")
	if n := strings.Count(w.Body.String(), "MARKER-SECRET"); n == 0 {
		t.Error("the variables of Pages projects hold no marker")
	}
}

func TestWorldsHaveAsManyResourcesAsAreAskedFor(t *testing.T) {
	t.Parallel()
	for _, n := range []int{0, 1, 2, 17, 1000, 60_000} {
		if got := len(world(n).Truth().Resources); got != n {
			t.Errorf("got %d resources, want %d", got, n)
		}
	}
}

// BenchmarkTenThousand serves a world of 10,000 resources once: every list and the account's analytics.
func BenchmarkTenThousand(b *testing.B) {
	for range b.N {
		c := world(10_000)
		for _, account := range c.Truth().Accounts {
			for _, path := range []string{"/workers/scripts", "/r2/buckets?per_page=1000", "/d1/database?per_page=10000", "/storage/kv/namespaces?per_page=100"} {
				if w := call(b, c, http.MethodGet, "/accounts/"+account+path, ""); w.Code != 200 {
					b.Fatal(w.Code)
				}
			}
		}
	}
}

// failing makes an answer of a fault script.
func failing(t testing.TB, c sim.Cloud, path string, status int) *httptest.ResponseRecorder {
	t.Helper()
	w := httptest.NewRecorder()
	c.Fail(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "https://api.cloudflare.com/client/v4"+path, nil), status)
	return w
}
