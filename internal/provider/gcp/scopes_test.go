package gcp_test

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/provider"
	"github.com/adsops/cloudtop/internal/provider/gcp"
	"github.com/adsops/cloudtop/internal/sim"
)

// recorded is a handler that notes the calls to an API by path and query.
type recorded struct {
	http.Handler
	mu    sync.Mutex
	calls []string
}

func (r *recorded) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	if req.URL.Path != "/token" {
		r.mu.Lock()
		r.calls = append(r.calls, req.Host+req.URL.Path+" "+req.URL.Query().Get("pageToken"))
		r.mu.Unlock()
	}
	r.Handler.ServeHTTP(w, req)
}

func TestConfiguredProjectsAreShownWithTheirNames(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		options map[string]any
		want    []string
		calls   int
	}{
		{"one is spared the call", map[string]any{"project_id": "a"}, []string{"a="}, 0},
		{"two", map[string]any{"project_ids": []string{"a", "b"}}, []string{"a=Alpha", "b="}, 2},
		{"the same twice", map[string]any{"project_ids": []string{"a"}, "project_id": "a"}, []string{"a="}, 0},
		{"in their order", map[string]any{"project_ids": []string{"b", "a"}, "project_id": "c"}, []string{"b=", "a=Alpha", "c=Gamma"}, 3},
	} {
		r := &recorded{Handler: answers(map[string]string{
			"/v3/projects/a": `{"displayName":"Alpha"}`, "/v3/projects/c": `{"displayName":"Gamma"}`, // b may not be read
		})}
		scopes, err := provider.Gather(connect(t, r, c.options).Scopes(t.Context()))
		var got []string
		for _, s := range scopes {
			got = append(got, s.Account+"="+s.AccountName)
		}
		if err != nil || !slices.Equal(got, c.want) || len(r.calls) != c.calls {
			t.Errorf("%s: got %q with %d calls, %v; want %q with %d", c.name, got, len(r.calls), err, c.want, c.calls)
		}
	}
}

func TestWhereSearchingFailsTheKnownProjectIsLeft(t *testing.T) {
	t.Parallel()
	user := func(quota string) map[string]string {
		return map[string]string{"credentials_json": `{"type":"authorized_user","client_id":"i","client_secret":"hush","refresh_token":"refresh","quota_project_id":"` + quota + `"}`}
	}
	with := func(values map[string]string, name, value string) map[string]string {
		values[name] = value
		return values
	}
	for _, c := range []struct {
		name   string
		values map[string]string
		status int
		want   string
		kind   cloud.Kind
	}{
		{"the project of the environment", with(user(""), "project", "env-project"), 403, "env-project", cloud.KindPartial},
		{"the project that calls are counted for", user("quota-project"), 403, "quota-project", cloud.KindPartial},
		{"none is known", user(""), 403, "", cloud.KindDenied},
		{"another failure", with(user(""), "project", "env-project"), 400, "", cloud.KindRequest},
	} {
		conn := connectWith(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/token" {
				answers(nil)(w, r)
				return
			}
			w.WriteHeader(c.status)
			_, _ = fmt.Fprint(w, `{"error":{"message":"no"}}`)
		}), nil, c.values)
		scopes, err := provider.Gather(conn.Scopes(t.Context()))
		got := ""
		for _, s := range scopes {
			got += s.Account
		}
		if got != c.want || cloud.KindOf(err) != c.kind {
			t.Errorf("%s: got %q, %v of kind %q; want %q and %q", c.name, got, err, cloud.KindOf(err), c.want, c.kind)
		}
	}
}

func TestCallsAreCountedForTheQuotaProject(t *testing.T) {
	t.Parallel()
	file := `{"type":"authorized_user","client_id":"i","client_secret":"hush","refresh_token":"refresh","quota_project_id":"of-the-file"}`
	for _, c := range []struct {
		options map[string]any
		values  map[string]string
		want    string
	}{
		{nil, map[string]string{"credentials_json": file}, "of-the-file"},
		{nil, map[string]string{"credentials_json": file, "quota_project": "of-the-environment"}, "of-the-environment"},
		{map[string]any{"quota_project": "of-the-option"}, map[string]string{"credentials_json": file, "quota_project": "of-the-environment"}, "of-the-option"},
		{nil, map[string]string{"credentials_json": strings.Replace(file, "of-the-file", "", 1)}, ""},
	} {
		got := "none"
		conn := connectWith(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Host == "container.googleapis.com" {
				got = r.Header.Get("X-Goog-User-Project")
			}
			answers(map[string]string{"/v1/projects/p/locations/-/clusters": `{}`})(w, r)
		}), c.options, c.values)
		if _, err := list(t, conn, "gke"); err != nil || got != c.want {
			t.Errorf("got %q, %v; want %q", got, err, c.want)
		}
	}
}

// TestPagesAreReadToTheirEnd lists two pages of every service that has them, and an empty one behind.
func TestPagesAreReadToTheirEnd(t *testing.T) {
	t.Parallel()
	for service, c := range map[string]struct{ path, first, second string }{
		"compute":   {"/compute/v1/projects/p/aggregated/instances", `{"items":{"zones/a-b-c":{"instances":[{"id":"1"}]}},"nextPageToken":"2"}`, `{"items":{"zones/a-b-c":{"instances":[{"id":"2"}]}}`},
		"functions": {"/v2/projects/p/locations/-/functions", `{"functions":[{"name":"1"}],"nextPageToken":"2"}`, `{"functions":[{"name":"2"}]`},
		"run":       {"/v2/projects/p/locations/r/services", `{"services":[{"name":"1"}],"nextPageToken":"2"}`, `{"services":[{"name":"2"}]`},
		"sql":       {"/v1/projects/p/instances", `{"items":[{"name":"1"}],"nextPageToken":"2"}`, `{"items":[{"name":"2"}]`},
	} {
		for end, calls := range map[string]int{`}`: 2, `,"nextPageToken":"3"}`: 3} {
			r := &recorded{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				body := map[string]string{"": c.first, "2": c.second + end, "3": `{}`}[r.URL.Query().Get("pageToken")]
				answers(map[string]string{c.path: body, "/v1/projects/p/locations": `{"locations":[{"locationId":"r"}]}`})(w, r)
			})}
			all, err := list(t, connect(t, r, nil), service)
			pages := slices.DeleteFunc(r.calls, func(call string) bool { return strings.Contains(call, "/v1/projects/p/locations ") })
			if err != nil || len(all) != 2 || len(pages) != calls {
				t.Errorf("%s, ending %s: got %d resources with %q, %v; want 2 with %d calls", service, end, len(all), pages, err, calls)
			}
		}
	}
}

func TestAListThatFailsOnItsSecondPageKeepsTheFirst(t *testing.T) {
	t.Parallel()
	conn := connect(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("pageToken") != "" {
			w.WriteHeader(http.StatusForbidden)
			_, _ = fmt.Fprint(w, `{"error":{"message":"no","status":"PERMISSION_DENIED"}}`)
			return
		}
		answers(map[string]string{"/v1/projects/p/instances": `{"items":[{"name":"1"}],"nextPageToken":"2"}`})(w, r)
	}), nil)
	if all, err := list(t, conn, "sql"); len(all) != 1 || cloud.KindOf(err) != cloud.KindDenied {
		t.Errorf("got %d resources, %v; want the one that was read, and the refusal", len(all), err)
	}
}

// TestZonesThatDoNotAnswerAreAskedToBeLeftOut: the parameter is recommended, but not in every description of the API.
func TestZonesThatDoNotAnswerAreAskedToBeLeftOut(t *testing.T) {
	t.Parallel()
	for _, known := range []bool{true, false} {
		var with, without int
		conn := connect(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if strings.HasSuffix(r.URL.Path, "/aggregated/instances") {
				if r.URL.Query().Get("returnPartialSuccess") == "true" {
					if with++; !known {
						w.WriteHeader(http.StatusBadRequest)
						_, _ = fmt.Fprint(w, `{"error":{"code":400,"message":"Unknown name \"returnPartialSuccess\"","status":"INVALID_ARGUMENT"}}`)
						return
					}
				} else {
					without++
				}
			}
			answers(map[string]string{"/compute/v1/projects/p/aggregated/instances": `{"items":{"zones/a":{"instances":[{"id":"1"}]}}}`})(w, r)
		}), nil)
		all, err := list(t, conn, "compute")
		if err != nil || len(all) != 1 || with != 1 || (without == 0) != known {
			t.Errorf("known %v: got %d instances, %v, with %d and without %d calls", known, len(all), err, with, without)
		}
	}
}

func TestRegionsOfCloudRunAreAskedForOnceInHalfADay(t *testing.T) {
	t.Parallel()
	now := sim.Epoch
	r := &recorded{Handler: answers(map[string]string{
		"/v1/projects/p/locations": `{"locations":[{"locationId":"us-east1"}]}`, "/v2/projects/p/locations/us-east1/services": `{}`,
	})}
	conn := provider.NewConn(gcp.Spec())
	err := conn.Initialize(t.Context(), &provider.ProviderConfig{
		Credential: provider.Credential{Values: world(0).Credentials().Values}, Transport: answering{r}, Now: func() time.Time { return now },
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, later := range []time.Duration{0, 11 * time.Hour, 2 * time.Hour} {
		now = now.Add(later)
		if _, err := list(t, conn, "run"); err != nil {
			t.Fatal(err)
		}
	}
	asked := 0
	for _, call := range r.calls {
		if strings.HasPrefix(call, "run.googleapis.com/v1/") {
			asked++
		}
	}
	if asked != 2 {
		t.Errorf("the regions were asked for %d times in 13 hours, want 2: %q", asked, r.calls)
	}
}

func TestRegionsOfCloudRunThatFail(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		fails []string
		rows  int
		kind  cloud.Kind
	}{
		{"none", nil, 3, ""},
		{"one", []string{"b"}, 2, cloud.KindPartial},
		{"all", []string{"a", "b", "c"}, 0, cloud.KindDenied},
		{"the list of them", []string{"locations"}, 0, cloud.KindDenied},
	} {
		conn := connect(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			parts := strings.Split(strings.Trim(r.URL.Path, "/"), "/")
			if r.Host != "run.googleapis.com" {
				answers(nil)(w, r)
				return
			}
			what := parts[len(parts)-1]
			if what == "services" {
				what = parts[len(parts)-2]
			}
			if slices.Contains(c.fails, what) {
				w.WriteHeader(http.StatusForbidden)
				_, _ = fmt.Fprint(w, `{"error":{"message":"no","status":"PERMISSION_DENIED"}}`)
				return
			}
			if what == "locations" {
				_, _ = fmt.Fprint(w, `{"locations":[{"locationId":"c"},{"locationId":"a"},{"locationId":"b"}]}`)
				return
			}
			_, _ = fmt.Fprintf(w, `{"services":[{"name":"projects/p/locations/%s/services/s"}]}`, what)
		}), nil)
		all, err := list(t, conn, "run")
		if len(all) != c.rows || cloud.KindOf(err) != c.kind {
			t.Errorf("%s: got %d services, %v of kind %q; want %d and %q", c.name, len(all), err, cloud.KindOf(err), c.rows, c.kind)
		}
	}
}

// TestADeniedProjectLeavesTheOthersComplete lists a world in which one project may not be read.
func TestADeniedProjectLeavesTheOthersComplete(t *testing.T) {
	t.Parallel()
	real := gcpWorld(sim.Options{Seed: 1, Counts: map[string]int{"gcp": 120}, Incidents: true})
	conn := connect(t, real, nil)
	all, err := conn.ListResources(t.Context(), nil)
	if err == nil || !strings.Contains(err.Error(), "legal-vault-31") {
		t.Errorf("got %v: the denied project is not said", err)
	}
	want, got := map[string]int{}, map[string]int{}
	for _, r := range real.Truth().Resources {
		want[r.Account+" "+r.Service]++
	}
	for i := range all {
		got[all[i].Account+" "+all[i].Service]++
	}
	for place, n := range want {
		if got[place] != n {
			t.Errorf("%s: got %d resources, want %d", place, got[place], n)
		}
	}
}

func TestUnknownServicesAreRefused(t *testing.T) {
	t.Parallel()
	if _, err := list(t, connect(t, answers(nil), nil), "spaceships"); cloud.KindOf(err) != cloud.KindConfig {
		t.Errorf("got %v, want kind config", err)
	}
}

func TestProjectIDsAreEscaped(t *testing.T) {
	t.Parallel()
	var got string
	conn := connect(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/token" {
			got = r.URL.EscapedPath()
		}
		answers(nil)(w, r)
	}), nil)
	q := cloud.Query{Scope: cloud.Scope{Account: "example.com:a/b?c"}, Service: "sql"}
	_, _ = provider.Gather(conn.Driver().List(t.Context(), q))
	if want := "/v1/projects/" + url.PathEscape("example.com:a/b?c") + "/instances"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
