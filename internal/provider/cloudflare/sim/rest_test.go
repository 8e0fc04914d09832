package cloudflaresim_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	cloudflaresim "github.com/adsops/cloudtop/internal/provider/cloudflare/sim"
	"github.com/adsops/cloudtop/internal/sim"
)

// ofAccount are the lists and things below an account; pagedBy says how a list is cut: "page", "cursor", or not at all.
func ofAccount() map[string]string {
	return map[string]string{
		"/d1/database": "page", "/queues": "page", "/storage/kv/namespaces": "page", "/workers/durable_objects/namespaces": "page",
		"/workers/workers": "page", "/ai/models/search": "page", "/pages/projects": "page", "/ai-gateway/gateways": "page", "/hyperdrive/configs": "page",
		"/r2/buckets": "cursor",
		"":            "", "/workers/scripts": "", "/workers/account-settings": "", "/workers/subdomain": "", "/r2/metrics": "", "/billable-usage": "",
		"/billable-usage/info": "", "/billable/usage": "", "/workers/domains": "", "/workers/dispatch/namespaces": "", "/vectorize/v2/indexes": "",
	}
}

// TestEveryPathChecksCredentialAccountAndMethod goes from the outermost check to the innermost.
func TestEveryPathChecksCredentialAccountAndMethod(t *testing.T) {
	t.Parallel()
	c := world(30)
	accounts := c.Truth().Accounts
	other := "Bearer " + strings.Repeat("y", 40)
	for path := range ofAccount() {
		foreign := 10000
		if path == "" {
			foreign = 9109
		}
		for _, tt := range []struct {
			name, method, account, auth string
			status, code                int
		}{
			{"all is well", "GET", accounts[0], "Bearer " + cloudflaresim.APIToken, 200, 0},
			{"by the account's own token", "GET", accounts[0], "Bearer " + cloudflaresim.AccountToken, 200, 0},
			{"by another account's token", "GET", accounts[1], "Bearer " + cloudflaresim.AccountToken, 403, 10000},
			{"no credential", "GET", accounts[0], "", 400, 9106},
			{"a short token", "GET", accounts[0], "Bearer x", 400, 6003},
			{"another scheme", "GET", accounts[0], "Token " + cloudflaresim.APIToken, 400, 6003},
			{"an unknown token", "GET", accounts[0], other, 403, 9109},
			{"an unknown token and a wrong method", "DELETE", accounts[0], other, 403, 9109},
			{"an account of nobody", "GET", strings.Repeat("0", 32), "Bearer " + cloudflaresim.APIToken, 403, foreign},
			{"no account", "GET", "me", "Bearer " + cloudflaresim.APIToken, 404, 7003},
			{"an account in capitals", "GET", strings.ToUpper(accounts[0]), "Bearer " + cloudflaresim.APIToken, 404, 7003},
			{"a change", "POST", accounts[0], "Bearer " + cloudflaresim.APIToken, 405, 10405},
			{"a removal", "DELETE", accounts[0], "Bearer " + cloudflaresim.APIToken, 405, 10405},
		} {
			w := call(t, c, tt.method, "/accounts/"+tt.account+path, "", "Authorization", tt.auth)
			r := read(t, w)
			if code := append(r.Errors, struct {
				Code    int
				Message string
			}{})[0].Code; w.Code != tt.status || code != tt.code || r.Success != (tt.status == 200) || (w.Header().Get("Allow") != "") != (tt.status == 405) {
				t.Errorf("%s: %s: got %d, code %d, want %d, code %d", path, tt.name, w.Code, code, tt.status, tt.code)
			}
		}
	}
}

// TestPagesOfEveryListAddUpToTheWhole reads each with its smallest pages and with one that holds all.
func TestPagesOfEveryListAddUpToTheWhole(t *testing.T) {
	t.Parallel()
	c := world(350)
	for _, account := range c.Truth().Accounts {
		for path, by := range ofAccount() {
			if by != "page" {
				continue
			}
			list := "/accounts/" + account + path
			least, most := boundsOf(t, c, list)
			var small []string
			for page := 1; ; page++ {
				all, r := rows(t, c, fmt.Sprintf("%s?per_page=%d&page=%d", list, least, page))
				for _, row := range all {
					small = append(small, fmt.Sprint(row))
				}
				info := r.ResultInfo
				if info.Page != page || info.PerPage != least || info.Count != len(all) || info.TotalPages != (info.TotalCount+least-1)/least {
					t.Fatalf("%s: page %d of %d rows has %+v", path, page, len(all), info)
				}
				if page >= info.TotalPages {
					break
				}
			}
			var whole []string
			for page := 1; page == 1 || len(whole) < len(small); page++ {
				all, _ := rows(t, c, fmt.Sprintf("%s?per_page=%d&page=%d", list, most, page))
				for _, row := range all {
					whole = append(whole, fmt.Sprint(row))
				}
				if len(all) == 0 {
					break
				}
			}
			if !slices.Equal(small, whole) {
				t.Errorf("%s: %d rows by %d, %d rows by %d", path, len(small), least, len(whole), most)
			}
		}
	}
}

// boundsOf finds the smallest and the largest page that a list takes.
func boundsOf(t *testing.T, c http.Handler, list string) (least, most int) {
	t.Helper()
	for _, size := range []int{1, 5, 10, 20, 25, 50, 100, 1000, 10_000} {
		if w := call(t, c, http.MethodGet, fmt.Sprintf("%s?per_page=%d", list, size), ""); w.Code == http.StatusOK {
			if most = size; least == 0 {
				least = size
			}
		}
	}
	if least == 0 {
		t.Fatalf("%s takes no page", list)
	}
	return least, most
}

// TestListsThatAreNotPagedTakeNoNotice sends them the parameters of the others.
func TestListsThatAreNotPagedTakeNoNotice(t *testing.T) {
	t.Parallel()
	c := world(60)
	account := "/accounts/" + c.Truth().Accounts[0]
	for path, by := range ofAccount() {
		if by != "" {
			continue
		}
		want := call(t, c, http.MethodGet, account+path, "").Body.String()
		for _, query := range []string{"?page=7", "?per_page=-1", "?cursor=x&limit=y"} {
			if w := call(t, c, http.MethodGet, account+path+query, ""); w.Code != 200 || w.Body.String() != want {
				t.Errorf("%s%s: got %d and another answer", path, query, w.Code)
			}
		}
		if strings.Contains(want, "result_info") {
			t.Errorf("%s has pages: %.200s", path, want)
		}
	}
}

// TestBucketsAreListedAfterAndByName has the parameters of the list besides its cursor.
func TestBucketsAreListedAfterAndByName(t *testing.T) {
	t.Parallel()
	c := world(600)
	list := "/accounts/" + c.Truth().Accounts[0] + "/r2/buckets"
	get := func(query string) (names []string, cursor string) {
		w := call(t, c, http.MethodGet, list+"?"+query, "")
		r := read(t, w)
		var result struct{ Buckets []struct{ Name string } }
		if err := json.Unmarshal(r.Result, &result); err != nil || w.Code != 200 {
			t.Fatalf("%s: %d %v", query, w.Code, err)
		}
		for _, b := range result.Buckets {
			names = append(names, b.Name)
		}
		return names, r.ResultInfo.Cursor
	}
	all, end := get("per_page=1000")
	if !slices.IsSorted(all) || len(all) < 30 || end != "" {
		t.Fatalf("got %d buckets, sorted %v, cursor %q", len(all), slices.IsSorted(all), end)
	}
	for name, tt := range map[string]struct {
		query string
		want  []string
	}{
		"the usual page":            {"", all[:20]},
		"exactly all":               {fmt.Sprintf("per_page=%d", len(all)), all},
		"all but one":               {fmt.Sprintf("per_page=%d", len(all)-1), all[:len(all)-1]},
		"after one":                 {"per_page=1000&start_after=" + url.QueryEscape(all[4]), all[5:]},
		"after what is not there":   {"per_page=1000&start_after=" + url.QueryEscape(all[4]+"!"), all[5:]},
		"after the last":            {"start_after=" + url.QueryEscape(all[len(all)-1]), nil},
		"by a part of the name":     {"per_page=1000&name_contains=backup", having(all, "backup")},
		"by a part, after one":      {"per_page=1000&name_contains=backup&start_after=" + url.QueryEscape(having(all, "backup")[0]), having(all, "backup")[1:]},
		"by a part that none has":   {"name_contains=nothing", nil},
		"an empty cursor is none":   {"per_page=3&cursor=", all[:3]},
		"the later of both is kept": {"per_page=1000&cursor=" + cursorOf(t, get, "per_page=3") + "&start_after=" + url.QueryEscape(all[9]), all[10:]},
	} {
		if got, _ := get(tt.query); !slices.Equal(got, tt.want) {
			t.Errorf("%s: got %v, want %v", name, got, tt.want)
		}
	}
	var paged []string
	for query := "per_page=7&name_contains=a"; ; {
		names, cursor := get(query)
		if paged = append(paged, names...); cursor == "" {
			break
		}
		if len(names) != 7 {
			t.Fatalf("a page that is not the last has %d", len(names))
		}
		query = "per_page=7&name_contains=a&cursor=" + cursor
	}
	if !slices.Equal(paged, having(all, "a")) {
		t.Errorf("by cursor: got %d, want %d", len(paged), len(having(all, "a")))
	}
}

func having(all []string, part string) []string {
	return slices.DeleteFunc(slices.Clone(all), func(s string) bool { return !strings.Contains(s, part) })
}

func cursorOf(t *testing.T, get func(string) ([]string, string), query string) string {
	t.Helper()
	_, cursor := get(query)
	if cursor == "" {
		t.Fatalf("%s has no next page", query)
	}
	return cursor
}

// TestABucketIsFoundInItsJurisdictionAlone asks for each bucket in every jurisdiction.
func TestABucketIsFoundInItsJurisdictionAlone(t *testing.T) {
	t.Parallel()
	c := world(120)
	list := "/accounts/" + c.Truth().Accounts[0] + "/r2/buckets"
	found := 0
	for _, home := range []string{"default", "eu"} {
		var result struct{ Buckets []struct{ Name string } }
		if err := json.Unmarshal(read(t, call(t, c, http.MethodGet, list+"?per_page=1000", "", "Cf-R2-Jurisdiction", home)).Result, &result); err != nil {
			t.Fatal(err)
		}
		for _, b := range result.Buckets {
			for _, asked := range []string{"", "default", "eu", "fedramp", "mars"} {
				want := map[bool]int{true: 200, false: 404}[asked == home || asked == "" && home == "default"]
				if asked == "mars" {
					want = 400
				}
				if w := call(t, c, http.MethodGet, list+"/"+b.Name, "", "Cf-R2-Jurisdiction", asked); w.Code != want {
					t.Errorf("%s of %s in %q: got %d, want %d", b.Name, home, asked, w.Code, want)
				}
			}
			found++
		}
	}
	if found != count(c, c.Truth().Accounts[0], "r2") {
		t.Errorf("got %d buckets", found)
	}
}

// TestLimitsAreToldOnEveryAnswer reads the headers of answers, of errors, and of the query API.
func TestLimitsAreToldOnEveryAnswer(t *testing.T) {
	t.Parallel()
	c := world(10)
	account := "/accounts/" + c.Truth().Accounts[0]
	for i, tt := range []struct{ method, path, body string }{
		{"GET", "/accounts", ""}, {"GET", account + "/queues", ""}, {"GET", "/nothing", ""}, {"POST", account + "/queues", ""}, {"GET", account + "/queues/x", ""},
		{"POST", "/graphql", `{"query":"{cost}"}`}, {"POST", "/graphql", `{`},
	} {
		h := call(t, c, tt.method, tt.path, tt.body).Header()
		reset, err := http.ParseTime(h.Get("X-Ratelimit-Reset"))
		if h.Get("X-Ratelimit-Limit") != "1200" || h.Get("X-Ratelimit-Remaining") != fmt.Sprint(1199-i) || err != nil || !reset.Equal(sim.Epoch.Add(5*time.Minute)) ||
			h.Get("Retry-After") != "" {
			t.Errorf("%s %s: got %v, want %d left", tt.method, tt.path, h, 1199-i)
		}
	}
}

// TestTheAPIForGovernmentIsTheSame asks its host.
func TestTheAPIForGovernmentIsTheSame(t *testing.T) {
	t.Parallel()
	c := world(10)
	if c.Name() != "cloudflare" || !slices.Equal(c.Hosts(), []string{"api.cloudflare.com", "api.fed.cloudflare.com"}) {
		t.Fatalf("got %s at %v", c.Name(), c.Hosts())
	}
	creds := c.Credentials()
	for _, header := range [][]string{
		{"Authorization", "Bearer " + creds.Env["CLOUDFLARE_API_TOKEN"]}, {"X-Auth-Email", creds.Values["email"], "X-Auth-Key", creds.Values["global_api_key"]},
	} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "https://api.fed.cloudflare.com/client/v4/accounts", nil)
		for i := 0; i < len(header); i += 2 {
			r.Header.Set(header[i], header[i+1])
		}
		w := httptest.NewRecorder()
		if c.ServeHTTP(w, r); w.Code != 200 {
			t.Errorf("%v: got %d %s", header[0], w.Code, w.Body)
		}
	}
}

// TestManyClientsReadTheSame makes calls at once, as the race detector watches.
func TestManyClientsReadTheSame(t *testing.T) {
	t.Parallel()
	c := world(80)
	account := c.Truth().Accounts[0]
	body, err := json.Marshal(map[string]any{"variables": map[string]any{"a": account}, "query": query(`x:workersInvocationsAdaptive(limit:50,filter:{SPAN}){sum{requests} dimensions{scriptName}}`)})
	if err != nil {
		t.Fatal(err)
	}
	calls := []func() string{
		func() string { return call(t, c, "POST", "/graphql", string(body)).Body.String() },
		func() string { return call(t, c, "GET", "/accounts/"+account+"/workers/scripts", "").Body.String() },
		func() string { return call(t, c, "GET", "/accounts/"+account+"/r2/buckets", "").Body.String() },
		func() string { return call(t, c, "GET", "/accounts/"+account+"/pages/projects", "").Body.String() },
	}
	var all sync.WaitGroup
	for i, do := range calls {
		first := do()
		for range 6 {
			all.Go(func() {
				if got := do(); got != first {
					t.Errorf("call %d is answered otherwise among many", i)
				}
			})
		}
	}
	all.Wait()
}

// FuzzPaths checks that whatever is asked is answered in the envelope, and nothing without a credential.
func FuzzPaths(f *testing.F) {
	c := world(20)
	account := "/accounts/" + c.Truth().Accounts[0]
	for path := range ofAccount() {
		f.Add("GET", account+path, "per_page=10&page=1&cursor=YXNzZXRz&name=x&order=title&direction=desc&from=2026-10-10")
	}
	f.Add("PUT", "/accounts//", "page=-1")
	f.Add("GET", account+"/workers/scripts/auth/settings", "tags=a:yes,b:no")
	f.Add("GET", account+"/r2/buckets/%00", "start_after=%zz&per_page=99999999999999999999")
	f.Fuzz(func(t *testing.T, method, path, query string) {
		if len(path)+len(query) > 500 || !strings.HasPrefix(path, "/") {
			return
		}
		ask := func(token string) *httptest.ResponseRecorder {
			r := &http.Request{
				Method: method, Host: "api.cloudflare.com", Header: http.Header{}, Body: http.NoBody,
				URL: &url.URL{Scheme: "https", Host: "api.cloudflare.com", Path: "/client/v4" + path, RawQuery: query},
			}
			if token != "" {
				r.Header.Set("Authorization", "Bearer "+token)
			}
			w := httptest.NewRecorder()
			world(20).ServeHTTP(w, r)
			return w
		}
		if w := ask(""); w.Code != http.StatusBadRequest {
			t.Errorf("%s %s without a credential: got %d", method, path, w.Code)
		}
		w := ask(cloudflaresim.APIToken)
		if w.Code >= 300 && w.Code < 400 {
			return // the standard library tidies paths
		}
		var r reply
		if err := json.Unmarshal(w.Body.Bytes(), &r); err != nil || w.Code >= 500 || !strings.Contains(path, "graphql") && r.Success != (w.Code == 200) {
			t.Errorf("%s %s?%s: got %d %.300s", method, path, query, w.Code, w.Body)
		}
	})
}

// FuzzFilters checks that a filter of any form is answered or refused, and that what it lets through and what its
// opposite does make the whole.
func FuzzFilters(f *testing.F) {
	f.Add("scriptName", "like", "%a%")
	f.Add("status", "in", "success")
	f.Add("isDispatcher", "gt", "-1e3")
	f.Add("datetimeHour", "geq", "2026-11-01")
	c := world(20)
	account := c.Truth().Accounts[0]
	opposite := map[string]string{"": "_neq", "_neq": "", "_like": "_notlike", "_notlike": "_like", "_gt": "_leq", "_leq": "_gt", "_geq": "_lt", "_lt": "_geq"}
	f.Fuzz(func(t *testing.T, name, op, value string) {
		ending := strings.TrimSuffix("_"+op, "_")
		text, err := json.Marshal(value)
		if err != nil || len(name)+len(value) > 200 {
			return
		}
		count := func(filter string) (n float64, ok bool) {
			body, _ := json.Marshal(map[string]any{"variables": map[string]any{"a": account}, "query": query(
				`x:workersInvocationsAdaptive(limit:1,filter:{datetime_geq:"2026-11-01T11:58:00Z",` + filter + `}){sum{requests}}`)})
			w := call(t, world(20), "POST", "/graphql", string(body))
			var a answer
			if err := json.Unmarshal(w.Body.Bytes(), &a); err != nil {
				t.Fatalf("%s: %v in %s", filter, err, w.Body)
			}
			if len(a.Errors) > 0 {
				return 0, false
			}
			var rows []struct{ Sum struct{ Requests float64 } }
			if err := json.Unmarshal(a.Data.Viewer.Accounts[0]["x"], &rows); err != nil {
				t.Fatalf("%s: %v", filter, err)
			}
			for _, r := range rows {
				n += r.Sum.Requests
			}
			return n, true
		}
		is, ok := count(name + ending + ":" + string(text))
		other, known := opposite[ending]
		if !ok || !known || strings.HasPrefix(name, "date") || strings.ContainsAny(name, " ,{}():#\t\r\n") {
			return
		}
		not, ok := count(name + other + ":" + string(text))
		if whole, _ := count(""); !ok || is+not != whole {
			t.Errorf("%s%s %q: %v are and %v are not, of %v", name, ending, value, is, not, whole)
		}
	})
}
