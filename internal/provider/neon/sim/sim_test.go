package neonsim_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	neonsim "github.com/adsops/cloudtop/internal/provider/neon/sim"
	"github.com/adsops/cloudtop/internal/sim"
)

const (
	acme = "org-bold-sun-12345678"  // pays
	side = "org-calm-moon-87654321" // is on the free plan
)

// clock is a world's time that a test sets.
type clock struct{ time.Time }

func (c *clock) now() time.Time { return c.Time }

// world is a simulated Neon with n resources, at noon of the day that it was made.
func world(n int) (sim.Cloud, *clock) {
	c := &clock{sim.Epoch}
	return neonsim.New(sim.NewWorld(sim.Options{Seed: 3, Counts: map[string]int{"neon": n}, Now: c.now})), c
}

// call makes one call with the personal key.
func call(t testing.TB, c http.Handler, path string, header ...string) *httptest.ResponseRecorder {
	t.Helper()
	return send(t, c, http.MethodGet, path, header...)
}

func send(t testing.TB, c http.Handler, method, path string, header ...string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), method, "https://console.neon.tech/api/v2"+path, nil)
	r.Header.Set("Authorization", "Bearer "+neonsim.APIKey)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	c.ServeHTTP(w, r)
	return w
}

// read decodes the answer to a call that must succeed.
func read[T any](t testing.TB, c http.Handler, path string, header ...string) (out T) {
	t.Helper()
	w := call(t, c, path, header...)
	if w.Code != http.StatusOK {
		t.Fatalf("%s: got %d %s", path, w.Code, w.Body)
	}
	if err := json.Unmarshal(w.Body.Bytes(), &out); err != nil {
		t.Fatalf("%s: %v in %s", path, err, w.Body)
	}
	return out
}

// of returns the true things of a service in an organisation.
func of(c sim.Cloud, org, service string) []sim.Resource {
	return slices.DeleteFunc(c.Truth().Resources, func(r sim.Resource) bool { return r.Account != org || r.Service != service })
}

// object is a JSON object.
type object = map[string]any

// answers is any list with its cursors.
type answers struct {
	Projects, Branches, Endpoints, Operations []object
	Pagination                                struct {
		Cursor, Next string
		SortBy       string `json:"sort_by"`
		SortOrder    string `json:"sort_order"`
	}
}

func ids(all []object) []string {
	out := []string{}
	for _, v := range all {
		out = append(out, fmt.Sprint(v["id"]))
	}
	return out
}

func TestCallsWithoutAKeyAreRefused(t *testing.T) {
	t.Parallel()
	c, _ := world(5)
	for _, auth := range []string{"", "Bearer", "Bearer ", "Bearer wrong", "Basic " + neonsim.APIKey, neonsim.APIKey} {
		w := call(t, c, "/projects", "Authorization", auth)
		var e struct {
			RequestID string `json:"request_id"`
			Code      *string
			Message   string
		}
		if err := json.Unmarshal(w.Body.Bytes(), &e); err != nil || w.Code != 401 || e.RequestID == "" || e.Code == nil ||
			!strings.Contains(e.Message, "do not pass authentication") || w.Header().Get("Content-Type") != "application/json" {
			t.Errorf("%q: got %d %s", auth, w.Code, w.Body)
		}
	}
}

func TestAKeySeesWhatItBelongsTo(t *testing.T) {
	t.Parallel()
	c, _ := world(30)
	mine, others := of(c, acme, "projects"), of(c, side, "projects")
	if len(mine) == 0 || len(others) == 0 {
		t.Fatal("an organisation has no project")
	}
	owned := []string{"Authorization", "Bearer " + neonsim.OrgKey}
	tests := []struct {
		path     string
		personal int // status
		org      int
	}{
		{"/auth", 200, 200},
		{"/users/me", 200, 403},
		{"/users/me/organizations", 200, 200},
		{"/api_keys", 200, 200},
		{"/regions", 200, 200},
		{"/projects", 400, 200}, // a personal key must say whose
		{"/projects?org_id=" + acme, 200, 200},
		{"/projects?org_id=" + side, 200, 404},
		{"/projects?org_id=org-nobody", 404, 404},
		{"/organizations/" + acme, 200, 200},
		{"/organizations/" + side, 200, 404},
		{"/organizations/" + acme + "/members", 200, 200},
		{"/organizations/" + acme + "/api_keys", 200, 200},
		{"/organizations/" + acme + "/billing/spending_limit", 200, 200},
		{"/organizations/" + side + "/billing/spending_limit", 200, 404},
		{"/projects/" + mine[0].ID, 200, 200},
		{"/projects/" + others[0].ID, 200, 404},
		{"/projects/" + others[0].ID + "/branches", 200, 404},
		{"/projects/no-such-project", 404, 404},
	}
	for _, tt := range tests {
		if got := call(t, c, tt.path).Code; got != tt.personal {
			t.Errorf("%s with a personal key: got %d, want %d", tt.path, got, tt.personal)
		}
		if got := call(t, c, tt.path, owned...).Code; got != tt.org {
			t.Errorf("%s with an organisation's key: got %d, want %d", tt.path, got, tt.org)
		}
	}
	type list struct{ Organizations []object }
	if all := read[list](t, c, "/users/me/organizations"); len(all.Organizations) != 2 || all.Organizations[0]["plan"] != "scale_v3" {
		t.Errorf("a personal key belongs to %v", all)
	}
	if all := read[list](t, c, "/users/me/organizations", owned...); len(all.Organizations) != 1 || all.Organizations[0]["id"] != acme {
		t.Errorf("an organisation's key belongs to %v", all)
	}
	for header, want := range map[string]string{neonsim.APIKey: "api_key_user", neonsim.OrgKey: "api_key_org"} {
		if who := read[object](t, c, "/auth", "Authorization", "Bearer "+header); who["auth_method"] != want || who["account_id"] == "" {
			t.Errorf("got %v, want %s", who, want)
		}
	}
}

// follow reads a list page by page and returns its ids, and how many pages there were.
func follow(t testing.TB, c http.Handler, path string, of func(*answers) ([]object, string)) (all []string, pages int) {
	t.Helper()
	cursor := ""
	for {
		p := path
		if cursor != "" {
			p += "&cursor=" + cursor
		}
		a := read[answers](t, c, p)
		rows, next := of(&a)
		all = append(all, ids(rows)...)
		pages++
		if len(rows) == 0 || next == "" {
			return all, pages
		}
		cursor = next
	}
}

func TestProjectsArePagedByACursorThatEndsInAnEmptyPage(t *testing.T) {
	t.Parallel()
	c, _ := world(160)
	var want []string
	for _, r := range of(c, acme, "projects") {
		want = append(want, r.ID)
	}
	projects := func(a *answers) ([]object, string) { return a.Projects, a.Pagination.Cursor }
	for _, limit := range []int{1, 3, len(want) - 1, len(want), len(want) + 1, 400} {
		all, pages := follow(t, c, fmt.Sprintf("/projects?org_id=%s&limit=%d", acme, limit), projects)
		if !slices.Equal(all, want) || pages != (len(want)+limit-1)/limit+1 {
			t.Errorf("limit %d: got %d projects in %d pages, want %d", limit, len(all), pages, len(want))
		}
	}
	if usual := read[answers](t, c, "/projects?org_id="+acme); len(usual.Projects) != min(10, len(want)) {
		t.Errorf("without a limit: got %d, want the usual ten", len(usual.Projects))
	}
}

func TestParametersOutOfBoundsAreRefused(t *testing.T) {
	t.Parallel()
	c, clock := world(40)
	p := of(c, acme, "projects")[0].ID
	consumption := "/consumption_history/v2/projects?org_id=" + acme + "&metrics=compute_unit_seconds&granularity=hourly&from=2026-11-01T00:00:00Z&to=2026-11-01T10:00:00Z"
	without := func(name string) string {
		i := strings.Index(consumption, name+"=")
		rest, _, _ := strings.Cut(consumption[i:], "&")
		return strings.Replace(consumption, rest, "x=y", 1)
	}
	branches := strings.NewReplacer("/v2/projects", "/v2/branches").Replace(consumption) + "&project_ids=" + p
	tests := []struct{ path, says string }{
		{"/projects?org_id=" + acme + "&limit=0", "limit must be between 1 and 400"},
		{"/projects?org_id=" + acme + "&limit=401", "limit must be between 1 and 400"},
		{"/projects?org_id=" + acme + "&limit=many", "limit must be between"},
		{"/projects?org_id=" + acme + "&cursor=x", "invalid cursor"},
		{"/projects?org_id=" + acme + "&cursor=9999", "invalid cursor"},
		{"/projects?org_id=" + acme + "&cursor=-1", "invalid cursor"},
		{"/projects?org_id=" + acme + "&timeout=99", "timeout must be between 100 and 30000"},
		{"/projects?org_id=" + acme + "&timeout=30001", "timeout must be between"},
		{"/projects?org_id=" + acme + "&recoverable=maybe", "recoverable must be one of"},
		{"/projects?limit=5", "org_id is required"},
		{"/organizations/" + acme + "/members?sort_by=age", "sort_by must be one of"},
		{"/projects/" + p + "/branches?limit=10001", "limit must be between 1 and 10000"},
		{"/projects/" + p + "/branches?sort_by=size", "sort_by must be one of"},
		{"/projects/" + p + "/branches?sort_order=up", "sort_order must be one of"},
		{"/projects/" + p + "/branches?include_deleted=x", "include_deleted must be one of"},
		{"/projects/" + p + "/branches/count?sort_by=size", "sort_by must be one of"},
		{"/projects/" + p + "/operations?limit=1001", "limit must be between 1 and 1000"},
		{"/projects/" + p + "/connection_uri", "database_name and role_name are required"},
		{without("granularity"), "granularity must be"},
		{strings.Replace(consumption, "hourly", "yearly", 1), "granularity must be"},
		{without("from"), "from must be a date-time"},
		{without("to"), "to must be a date-time"},
		{strings.Replace(consumption, "2026-11-01T00", "yesterday", 1), "from must be a date-time"},
		{without("metrics"), "metrics is required"},
		{without("org_id"), "org_id is required"},
		{consumption + "&limit=101", "limit must be between 1 and 100"},
		{consumption + "&project_ids=" + strings.Repeat("p,", 101), "at most 100 project_ids"},
		{strings.Replace(branches, "&project_ids="+p, "", 1), "project_ids is required"},
		{branches + "&metrics=extra_branches_month", "not supported"},
		{branches + "&limit=1001", "limit must be between 1 and 1000"},
		{strings.Replace(branches, "metrics", "x", 1), "metrics is required"},
	}
	for _, tt := range tests {
		clock.Time = clock.Add(5 * time.Second) // no limit is meant
		w := call(t, c, tt.path)
		if w.Code != 400 || !strings.Contains(w.Body.String(), tt.says) {
			t.Errorf("%s: got %d %s, want 400 and %q", tt.path, w.Code, w.Body, tt.says)
		}
	}
}

func TestOnlyReadsOfKnownPathsAreAnswered(t *testing.T) {
	t.Parallel()
	c, _ := world(20)
	p, org := of(c, acme, "projects")[0].ID, acme
	for _, method := range []string{http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete} {
		for _, path := range []string{"/projects", "/projects/" + p, "/projects/" + p + "/branches", "/organizations/" + org} {
			if w := send(t, c, method, path); w.Code != 405 || w.Header().Get("Allow") != "GET" {
				t.Errorf("%s %s: got %d", method, path, w.Code)
			}
		}
	}
	for _, path := range []string{
		"", "/", "/nothing", "/projects/" + p + "/nothing", "/projects/" + p + "/branches/br-none", "/projects/" + p + "/endpoints/ep-none",
		"/projects/" + p + "/operations/none", "/projects/" + p + "/branches/br-none/endpoints", "/projects/" + p + "/branches/br-none/databases",
		"/projects/" + p + "/branches/br-none/roles",
	} {
		if w := call(t, c, path); w.Code != 404 || !strings.Contains(w.Body.String(), "not found") {
			t.Errorf("%s: got %d %s", path, w.Code, w.Body)
		}
	}
}

func TestARequestCanBeNamed(t *testing.T) {
	t.Parallel()
	c, _ := world(3)
	id := func(header ...string) string {
		var e struct {
			RequestID string `json:"request_id"`
		}
		if err := json.Unmarshal(call(t, c, "/nothing", header...).Body.Bytes(), &e); err != nil {
			t.Fatal(err)
		}
		return e.RequestID
	}
	if got := id("X-Request-ID", "mine"); got != "mine" {
		t.Errorf("got %q, want the client's own", got)
	}
	if a, b := id(), id(); a == b || a == "" {
		t.Errorf("got %q and %q, want two names", a, b)
	}
}

func TestSearchFindsPartsOfNamesAndIDs(t *testing.T) {
	t.Parallel()
	c, _ := world(60)
	all := of(c, acme, "projects")
	tests := []struct {
		search string
		want   func(sim.Resource) bool
	}{
		{"SHOP", func(r sim.Resource) bool { return strings.Contains(r.Name, "shop") || strings.Contains(r.ID, "SHOP") }},
		{all[0].ID[2:], func(r sim.Resource) bool { return r.ID == all[0].ID }},
		{"分", func(r sim.Resource) bool { return strings.Contains(r.Name, "分") }},
		{"no such thing", func(sim.Resource) bool { return false }},
	}
	for _, tt := range tests {
		var want []string
		for _, r := range all {
			if tt.want(r) {
				want = append(want, r.ID)
			}
		}
		path := "/projects?limit=400&org_id=" + acme + "&search=" + strings.ReplaceAll(tt.search, " ", "+")
		if got := ids(read[answers](t, c, path).Projects); !slices.Equal(got, want) && len(got)+len(want) > 0 {
			t.Errorf("%s: got %v, want %v", tt.search, got, want)
		}
	}
	if got := read[answers](t, c, "/projects?recoverable=true&org_id="+acme); len(got.Projects) != 0 {
		t.Errorf("deleted of late: got %v", ids(got.Projects))
	}
	if got := read[answers](t, c, "/projects/shared"); got.Projects == nil || len(got.Projects) != 0 {
		t.Errorf("shared: got %v, want an empty list", got.Projects)
	}
}

func TestBranchesAreSortedCountedAndPagedByNext(t *testing.T) {
	t.Parallel()
	c, _ := world(40)
	branches := of(c, acme, "branches")
	project := ""
	for _, r := range of(c, acme, "projects") {
		if n := len(read[answers](t, c, "/projects/"+r.ID+"/branches").Branches); n >= 3 {
			project = "/projects/" + r.ID
		}
	}
	if project == "" || len(branches) == 0 {
		t.Fatal("no project has three branches")
	}
	field := func(a answers, name string) []string {
		var out []string
		for _, b := range a.Branches {
			out = append(out, fmt.Sprint(b[name]))
		}
		return out
	}
	for _, by := range []string{"name", "created_at", "updated_at"} {
		up := field(read[answers](t, c, project+"/branches?sort_order=asc&sort_by="+by), by)
		down := field(read[answers](t, c, project+"/branches?sort_by="+by), by)
		slices.Reverse(down)
		if !slices.IsSorted(up) || !slices.Equal(up, down) {
			t.Errorf("by %s: got %v up and %v down", by, up, down)
		}
	}
	first := read[answers](t, c, project+"/branches?limit=2")
	if first.Pagination.Next == "" || first.Pagination.Cursor != "" || first.Pagination.SortBy != "updated_at" || first.Pagination.SortOrder != "desc" {
		t.Errorf("got pagination %+v, want next and how it is sorted", first.Pagination)
	}
	whole := read[answers](t, c, project+"/branches")
	if whole.Pagination.Next != "" {
		t.Errorf("the whole list goes on with %q", whole.Pagination.Next)
	}
	all, pages := follow(t, c, project+"/branches?limit=2", func(a *answers) ([]object, string) { return a.Branches, a.Pagination.Next })
	if !slices.Equal(all, ids(whole.Branches)) || pages != (len(all)+1)/2 {
		t.Errorf("got %v in %d pages, want %v", all, pages, ids(whole.Branches))
	}
	if got := read[struct{ Count int }](t, c, project+"/branches/count"); got.Count != len(all) {
		t.Errorf("counted %d, want %d", got.Count, len(all))
	}
	if got := read[struct{ Count int }](t, c, project+"/branches/count?search=main"); got.Count != 1 {
		t.Errorf("counted %d called main, want 1", got.Count)
	}
}

// TestOneThingIsAsItsListHasIt compares every single thing with the list that it is in.
func TestOneThingIsAsItsListHasIt(t *testing.T) {
	t.Parallel()
	c, clock := world(60)
	n := 0
	for _, r := range of(c, acme, "projects") {
		clock.Time = clock.Add(time.Minute)
		base := "/projects/" + r.ID
		lists := map[string]struct {
			rows []object
			one  string
		}{
			"/branches/":   {read[answers](t, c, base+"/branches").Branches, "branch"},
			"/endpoints/":  {read[answers](t, c, base+"/endpoints").Endpoints, "endpoint"},
			"/operations/": {read[answers](t, c, base+"/operations").Operations, "operation"},
		}
		for path, list := range lists {
			for _, row := range list.rows {
				got := read[map[string]object](t, c, base+path+fmt.Sprint(row["id"]))[list.one]
				if fmt.Sprint(got) != fmt.Sprint(row) || row["project_id"] != r.ID {
					t.Errorf("%s: got %v, want %v", path, got, row)
				}
				n++
			}
		}
		for _, b := range lists["/branches/"].rows {
			for _, e := range read[answers](t, c, base+"/branches/"+fmt.Sprint(b["id"])+"/endpoints").Endpoints {
				if e["branch_id"] != b["id"] {
					t.Errorf("endpoint %v of branch %v is listed with %v", e["id"], e["branch_id"], b["id"])
				}
			}
		}
	}
	if n < len(of(c, acme, "branches"))+len(of(c, acme, "computes")) {
		t.Errorf("only %d things were compared", n)
	}
}

func TestTheTruthIsWhatIsAnswered(t *testing.T) {
	t.Parallel()
	c, clock := world(120)
	truth := map[string]sim.Resource{}
	for _, r := range c.Truth().Resources {
		truth[r.Service+r.ID] = r
	}
	see := func(service string, row object) {
		r, ok := truth[service+fmt.Sprint(row["id"])]
		if !ok {
			if row["status"] != "finished" {
				t.Errorf("%s %v is not in the truth", service, row["id"])
			}
			return
		}
		delete(truth, service+r.ID)
		if created := row["created_at"]; created != r.CreatedAt.Format(time.RFC3339) {
			t.Errorf("%s: created %v, want %v", r.ID, created, r.CreatedAt)
		}
		size, known := r.Metrics["storage_bytes"]
		for _, field := range []string{"logical_size", "synthetic_storage_size"} {
			if got, told := row[field].(float64); told && (got != size || !known) {
				t.Errorf("%s: %s is %v, want %v", r.ID, field, got, size)
			}
		}
		if state, told := row["current_state"]; told && state != r.NativeStatus {
			t.Errorf("%s is %v, want %s", r.ID, state, r.NativeStatus)
		}
	}
	for _, org := range c.Truth().Accounts {
		for _, p := range read[answers](t, c, "/projects?limit=400&org_id="+org).Projects {
			clock.Time = clock.Add(time.Second)
			see("projects", p)
			base := "/projects/" + fmt.Sprint(p["id"])
			for _, b := range read[answers](t, c, base+"/branches").Branches {
				see("branches", b)
			}
			for _, e := range read[answers](t, c, base+"/endpoints").Endpoints {
				see("computes", e)
			}
			for _, o := range read[answers](t, c, base+"/operations").Operations {
				see("operations", o)
			}
		}
	}
	for key := range truth {
		t.Errorf("%s is true, and nowhere to be read", key)
	}
}

func TestEveryPartOfABranchIsAnswered(t *testing.T) {
	t.Parallel()
	c, _ := world(20)
	p := "/projects/" + of(c, acme, "projects")[0].ID
	b := p + "/branches/" + fmt.Sprint(read[answers](t, c, p+"/branches").Branches[0]["id"])
	databases := read[struct{ Databases []object }](t, c, b+"/databases").Databases
	roles := read[struct{ Roles []object }](t, c, b+"/roles").Roles
	if len(databases) != 1 || len(roles) != 1 || databases[0]["owner_name"] != roles[0]["name"] || roles[0]["password"] != nil {
		t.Errorf("got databases %v and roles %v", databases, roles)
	}
	role := fmt.Sprint(roles[0]["name"])
	if got := read[object](t, c, b+"/roles/"+role+"/reveal_password"); got["password"] != "MARKER-SECRET" {
		t.Errorf("got %v", got)
	}
	if w := call(t, c, b+"/roles/nobody/reveal_password"); w.Code != 404 {
		t.Errorf("the password of nobody: got %d", w.Code)
	}
	uri := fmt.Sprint(read[object](t, c, p+"/connection_uri?role_name="+role+"&database_name=neondb")["uri"])
	if !strings.HasPrefix(uri, "postgresql://"+role+":MARKER-SECRET@ep-") || !strings.HasSuffix(uri, "/neondb?sslmode=require") {
		t.Errorf("got %s", uri)
	}
	for path, field := range map[string]string{p + "/permissions": "project_permissions", p + "/snapshots": "snapshots"} {
		if got, ok := read[object](t, c, path)[field].([]any); !ok || len(got) != 0 {
			t.Errorf("%s: got %v, want an empty list", path, got)
		}
	}
}

func TestLimitsAreThoseOfTheDocumentation(t *testing.T) {
	t.Parallel()
	consumption := "/consumption_history/projects?org_id=" + acme + "&granularity=hourly&from=2026-11-01T00:00:00Z&to=2026-11-01T01:00:00Z"
	tests := []struct {
		name  string
		calls int // that are answered at one moment
		path  func(i int) string
		after time.Duration // when the next is answered
	}{
		{"a route, forty a second", 40, func(int) string { return "/auth" }, time.Second},
		{"all routes, seven hundred a minute", 700, func(i int) string {
			return []string{
				"/auth", "/users/me", "/regions", "/api_keys", "/users/me/organizations", "/projects/shared", "/projects/x", "/projects/x/branches",
				"/projects/x/endpoints", "/projects/x/operations", "/projects/x/permissions", "/projects/x/snapshots", "/organizations/x",
				"/organizations/x/members", "/organizations/x/api_keys", "/projects/x/branches/y", "/projects/x/branches/y/roles", "/nothing",
			}[i%18]
		}, time.Minute},
		{"consumption, thirty a minute", 30, func(int) string { return consumption }, time.Minute},
	}
	for _, tt := range tests {
		c, clock := world(5)
		for i := range tt.calls {
			if got := call(t, c, tt.path(i)).Code; got == 429 {
				t.Fatalf("%s: call %d is refused", tt.name, i+1)
			}
		}
		w := call(t, c, tt.path(tt.calls))
		if w.Code != 429 || w.Header().Get("Retry-After") != "" || !strings.Contains(w.Body.String(), "exceeded the rate limit") {
			t.Errorf("%s: got %d %s after %d calls, want 429", tt.name, w.Code, w.Body, tt.calls)
		}
		clock.Time = clock.Add(tt.after + time.Millisecond)
		if got := call(t, c, tt.path(0)).Code; got == 429 {
			t.Errorf("%s: still refused after %s", tt.name, tt.after)
		}
	}
}

func TestFaultsHaveNeonsBody(t *testing.T) {
	t.Parallel()
	c, _ := world(3)
	for status, says := range map[int]string{
		401: "do not pass authentication", 403: "permission denied", 404: "not found", 429: "exceeded the rate limit",
		500: "Internal Server Error", 503: "Service Unavailable", 423: "Locked",
	} {
		w := httptest.NewRecorder()
		c.Fail(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil), status)
		var e struct{ Code, Message *string }
		if err := json.Unmarshal(w.Body.Bytes(), &e); err != nil || w.Code != status || e.Code == nil || e.Message == nil || !strings.Contains(*e.Message, says) {
			t.Errorf("%d: got %d %s", status, w.Code, w.Body)
		}
	}
}

func TestOneSeedIsOneWorld(t *testing.T) {
	t.Parallel()
	for _, n := range []int{0, 1, 2, 7, 50, 333} {
		a, _ := world(n)
		b, _ := world(n)
		one, err := json.Marshal(a.Truth())
		if err != nil {
			t.Fatal(err)
		}
		other, err := json.Marshal(b.Truth())
		if got := len(a.Truth().Resources); err != nil || got != n || string(one) != string(other) {
			t.Errorf("asked for %d, got %d resources, or not twice the same", n, got)
		}
		seen := map[string]bool{}
		for _, r := range a.Truth().Resources {
			if seen[r.Service+r.ID] {
				t.Errorf("%s %s is there twice", r.Service, r.ID)
			}
			seen[r.Service+r.ID] = true
		}
	}
	c, _ := world(1)
	if c.Name() != "neon" || c.Hosts()[0] != "console.neon.tech" || c.Credentials().Env["NEON_API_KEY"] != c.Credentials().Values["api_key"] {
		t.Errorf("got %s at %v with %v", c.Name(), c.Hosts(), c.Credentials())
	}
}

// FuzzCalls sends any path and query: every answer is JSON, and a failure has a message.
func FuzzCalls(f *testing.F) {
	for _, seed := range []string{
		"/projects?org_id=" + acme, "/projects?limit=-1&cursor=%00", "/projects/x/branches?sort_by=name", "/consumption_history/v2/projects?from=x",
		"/consumption_history/v2/branches?org_id=" + acme + "&granularity=monthly&from=0001-01-01T00:00:00Z&to=9999-12-31T00:00:00Z&metrics=a,,b&project_ids=,",
		"/consumption_history/v2/projects?org_id=" + acme + "&granularity=hourly&from=2026-11-01T00:00:00Z&to=9999-12-31T00:00:00Z&metrics=compute_unit_seconds",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, path string) {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://console.neon.tech/api/v2"+path, nil)
		if err != nil {
			t.Skip()
		}
		r.Header.Set("Authorization", "Bearer "+neonsim.APIKey)
		c, _ := world(12)
		w := httptest.NewRecorder()
		c.ServeHTTP(w, r)
		if w.Code/100 == 3 { // the path is cleaned
			return
		}
		var e struct{ Message string }
		if !json.Valid(w.Body.Bytes()) || w.Code != 200 && (json.Unmarshal(w.Body.Bytes(), &e) != nil || e.Message == "") {
			t.Errorf("%s: got %d %s", path, w.Code, w.Body)
		}
	})
}

func TestOrganisationsAreDescribed(t *testing.T) {
	t.Parallel()
	c, _ := world(5)
	for org, plan := range map[string]string{acme: "scale_v3", side: "free_v3"} {
		got := read[object](t, c, "/organizations/"+org)
		if got["id"] != org || got["plan"] != plan || got["name"] == "" || got["managed_by"] != "console" {
			t.Errorf("got %v, want %s on %s", got, org, plan)
		}
		members := read[struct {
			Members []struct{ Member, User object }
		}](t, c, "/organizations/"+org+"/members?sort_by=email").Members
		if len(members) != 1 || members[0].Member["org_id"] != org || members[0].User["email"] != "ops@example.com" {
			t.Errorf("%s: got members %v", org, members)
		}
		limit := read[object](t, c, "/organizations/"+org+"/billing/spending_limit")
		if cents, told := limit["spending_limit_cents"]; !told || cents != nil {
			t.Errorf("%s: got %v, want that no limit is set", org, limit)
		}
		keys := read[[]object](t, c, "/organizations/"+org+"/api_keys")
		if len(keys) != 1 || strings.Contains(fmt.Sprint(keys), "napi_") {
			t.Errorf("%s: got keys %v, want names without the keys", org, keys)
		}
	}
	regions := read[struct{ Regions []object }](t, c, "/regions").Regions
	var defaults []any
	for _, r := range regions {
		if r["default"] == true {
			defaults = append(defaults, r["region_id"])
		}
	}
	if len(regions) != 3 || len(defaults) != 1 {
		t.Errorf("got regions %v", regions)
	}
	if me := read[object](t, c, "/users/me"); me["email"] != "ops@example.com" || me["plan"] != "scale_v3" {
		t.Errorf("got %v", me)
	}
}
