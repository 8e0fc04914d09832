package runpodsim

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/adsops/cloudtop/internal/sim"
)

// desk is a simulated account whose clock the test holds.
type desk struct {
	testing.TB
	cloud *cloud
	at    time.Time
}

// open makes an account of n resources.
func open(t testing.TB, n int, o sim.Options) *desk {
	t.Helper()
	d := &desk{TB: t, at: sim.Epoch}
	o.Counts, o.Now = map[string]int{"runpod": n}, func() time.Time { return d.at }
	d.cloud = New(sim.NewWorld(o)).(*cloud)
	return d
}

// call sends a request to a host with the account's key, or with the headers given, a minute after the one before.
func (d *desk) call(method, target string, header ...string) *httptest.ResponseRecorder {
	d.Helper()
	r := httptest.NewRequestWithContext(d.Context(), method, "https://"+target, nil)
	r.Header.Set("Authorization", "Bearer "+apiKey)
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
		if header[i+1] == "" {
			r.Header.Del(header[i])
		}
	}
	w := httptest.NewRecorder()
	d.cloud.ServeHTTP(w, r)
	return w
}

// get returns an answer of v2 as JSON. Each call is of a minute of its own, so that no quota is met.
func (d *desk) get(target string) map[string]any {
	d.Helper()
	w := d.call(http.MethodGet, "api.runpod.io/v2/"+target)
	d.cloud.quota.windows[0].used, d.cloud.quota.windows[1].used, d.cloud.quota.windows[2].used = 0, 0, 0
	if w.Code != http.StatusOK || w.Header().Get("Content-Type") != "application/json" {
		d.Fatalf("GET %s: got %d %s %s, want 200 and JSON", target, w.Code, w.Header().Get("Content-Type"), w.Body)
	}
	return decoded(d, w)
}

func decoded(t testing.TB, w *httptest.ResponseRecorder) (v map[string]any) {
	t.Helper()
	if err := json.Unmarshal(w.Body.Bytes(), &v); err != nil {
		t.Fatalf("%v in %s", err, w.Body)
	}
	return v
}

// rows returns the named list of an answer.
func rows(t testing.TB, answer map[string]any, name string) []map[string]any {
	t.Helper()
	list, ok := answer[name].([]any)
	if !ok {
		t.Fatalf("%v has no list %s", answer, name)
	}
	out := make([]map[string]any, len(list))
	for i := range list {
		out[i] = list[i].(map[string]any)
	}
	return out
}

// problemOf checks an error answer's form and returns its detail and errors in one text.
func problemOf(t testing.TB, w *httptest.ResponseRecorder, status int) string {
	t.Helper()
	p := decoded(t, w)
	if w.Code != status || w.Header().Get("Content-Type") != "application/problem+json" || p["status"] != float64(status) ||
		p["title"] != http.StatusText(status) || p["detail"] == "" {
		t.Errorf("got %d %s %s, want a problem of status %d", w.Code, w.Header().Get("Content-Type"), w.Body, status)
	}
	return fmt.Sprint(p["detail"], p["errors"])
}

func TestTheKeyIsChecked(t *testing.T) {
	t.Parallel()
	d := open(t, 20, sim.Options{})
	queue := "api.runpod.ai/v2/" + d.cloud.endpoints[0].id + "/health"
	for _, c := range []struct {
		target, auth, detail string
		status               int
	}{
		{"api.runpod.io/v2/pods", "", "missing bearer token", 401}, {"api.runpod.io/v2/pods", "Bearer", "invalid bearer token", 401},
		{"api.runpod.io/v2/pods", "Bearer nobody", "invalid bearer token", 401}, {"api.runpod.io/v2/pods", apiKey, "invalid bearer token", 401},
		{"api.runpod.io/v2/pods", "Basic " + apiKey, "invalid bearer token", 401}, {"api.runpod.io/v2/pods", "Bearer " + apiKey, "", 200},
		{"api.runpod.io/nothing", "", "missing bearer token", 401}, {"api.runpod.io/v2/nothing", "Bearer " + apiKey, "resource not found", 404},
		{queue, "", "missing bearer token", 401}, {queue, "nobody", "invalid bearer token", 401},
		{queue, apiKey, "", 200}, {queue, "Bearer " + apiKey, "", 200}, // the documentation shows the one, the client the other
	} {
		w := d.call(http.MethodGet, c.target, "Authorization", c.auth)
		if c.status == 200 && w.Code == 200 {
			continue
		}
		if got := problemOf(t, w, c.status); !strings.Contains(got, c.detail) {
			t.Errorf("%s with %q: got %q, want %q", c.target, c.auth, got, c.detail)
		}
		if c.status == http.StatusUnauthorized && w.Header().Get("RateLimit") != "" {
			t.Errorf("%s with %q: a caller who is nobody has no quota", c.target, c.auth)
		}
	}
}

func TestWhatWritesIsDeniedAndWhatIsNotThereIsNotAllowed(t *testing.T) {
	t.Parallel()
	d := open(t, 20, sim.Options{})
	for path, allow := range map[string]string{
		"pods": "GET, POST", "pods/x": "GET, PATCH, DELETE", "pods/x/action": "POST", "pods/x/logs": "GET", "clusters": "GET, POST",
		"clusters/x": "GET, PATCH, DELETE", "clusters/x/pods": "GET", "serverless": "GET, POST", "serverless/x": "GET, PATCH, DELETE",
		"serverless/x/workers": "GET", "serverless/x/releases": "GET", "serverless/x/builds": "GET", "serverless/x/workers/y/logs": "GET", "templates": "GET, POST",
		"templates/x": "GET, PATCH, DELETE", "network-volumes": "GET, POST", "network-volumes/x": "GET, PATCH, DELETE",
		"registries": "GET, POST", "registries/x": "GET, DELETE", "registries/delegations": "GET, POST", "registries/delegations/x": "DELETE",
		"catalog/gpus": "GET", "catalog/gpus/x": "GET", "catalog/cpus": "GET", "catalog/cpus/x": "GET", "catalog/datacenters": "GET",
		"catalog/datacenters/x": "GET", "catalog/templates": "GET", "billing": "GET", "billing/pods": "GET", "billing/serverless": "GET",
		"billing/endpoints": "GET", "billing/network-volumes": "GET", "billing/clusters": "GET", "account/ssh-keys": "GET, PUT",
	} {
		for _, method := range []string{http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete} {
			d.at = d.at.Add(time.Minute)
			w := d.call(method, "api.runpod.io/v2/"+path)
			if strings.Contains(allow, method) {
				problemOf(t, w, http.StatusForbidden)
				continue
			}
			problemOf(t, w, http.StatusMethodNotAllowed)
			if got := w.Header().Get("Allow"); got != allow {
				t.Errorf("%s %s: allowed are %q, want %q", method, path, got, allow)
			}
		}
		d.at = d.at.Add(time.Hour)
	}
	if w := d.call(http.MethodHead, "api.runpod.io/v2/pods"); w.Code != http.StatusOK {
		t.Errorf("HEAD: got %d, want 200", w.Code)
	}
}

func TestEveryThingOfTheTruthIsServed(t *testing.T) {
	t.Parallel()
	for _, n := range []int{0, 1, 2, 3, 10, 60, 300} {
		d := open(t, n, sim.Options{Seed: 7})
		served := map[string]map[string]any{}
		for service, at := range map[string][2]string{
			"pods": {"pods?includeClusterPods=true", "pods"}, "serverless": {"serverless", "endpoints"},
			"network_volumes": {"network-volumes", "networkVolumes"}, "clusters": {"clusters", "clusters"},
		} {
			for _, row := range rows(t, d.get(at[0]), at[1]) {
				served[service+" "+row["id"].(string)] = row
			}
		}
		truth := d.cloud.Truth()
		if len(truth.Resources) != n || len(served) != n || !slices.Equal(truth.Accounts, []string{"runpod"}) {
			t.Errorf("%d asked for: %d are true and %d served", n, len(truth.Resources), len(served))
		}
		for _, r := range truth.Resources {
			row := served[r.Service+" "+r.ID]
			if row == nil || row["name"] != r.Name || r.NativeStatus != "" && row["status"] != r.NativeStatus {
				t.Errorf("%s %s: served is %v, true is %+v", r.Service, r.ID, row, r)
			}
		}
	}
}

func TestOneSeedMakesOneWorld(t *testing.T) {
	t.Parallel()
	all := func(seed uint64) (out []map[string]any) {
		d := open(t, 60, sim.Options{Seed: seed})
		for _, target := range []string{"pods", "serverless", "network-volumes", "clusters", "catalog/gpus?include=AVAILABILITY&product=POD", "billing"} {
			out = append(out, d.get(target))
		}
		return out
	}
	if !reflect.DeepEqual(all(1), all(1)) {
		t.Error("one seed makes two worlds")
	}
	if reflect.DeepEqual(all(1), all(2)) {
		t.Error("two seeds make one world")
	}
}

func TestQuotasAreToldAndHeld(t *testing.T) {
	t.Parallel()
	d := open(t, 1, sim.Options{})
	for i := range 60 {
		w := d.call(http.MethodGet, "api.runpod.io/v2/pods")
		want := fmt.Sprintf(`"minute";r=%d;t=60, "hour";r=%d;t=3600, "day";r=%d;t=86400`, 59-i, 2999-i, 49999-i)
		if w.Code != 200 || w.Header().Get("RateLimit") != want ||
			w.Header().Get("RateLimit-Policy") != `"minute";q=60;w=60, "hour";q=3000;w=3600, "day";q=50000;w=86400` {
			t.Fatalf("call %d: got %d %q, want 200 %q", i, w.Code, w.Header().Get("RateLimit"), want)
		}
	}
	d.at = d.at.Add(47500 * time.Millisecond)
	w := d.call(http.MethodGet, "api.runpod.io/v2/pods")
	if got := problemOf(t, w, http.StatusTooManyRequests); !strings.Contains(got, "minute window") || w.Header().Get("Retry-After") != "13" {
		t.Errorf("got %q after %s seconds, want to wait out the minute", got, w.Header().Get("Retry-After"))
	}
	if w := d.call(http.MethodGet, "api.runpod.ai/v2/x/health"); w.Code != http.StatusNotFound || w.Header().Get("RateLimit") != "" {
		t.Errorf("the queues' host: got %d with %q, want no part in these quotas", w.Code, w.Header().Get("RateLimit"))
	}
	d.at = d.at.Add(12500 * time.Millisecond)
	if w := d.call(http.MethodGet, "api.runpod.io/v2/pods"); w.Code != 200 || !strings.HasPrefix(w.Header().Get("RateLimit"), `"minute";r=59;t=60, "hour";r=2939;`) {
		t.Errorf("a minute later: got %d %q, want a new minute of the same hour, refused calls not counted", w.Code, w.Header().Get("RateLimit"))
	}
}

func TestTheLongestOfExhaustedQuotasIsNamed(t *testing.T) {
	t.Parallel()
	q := quotas{windows: []window{{name: "minute", quota: 1, length: time.Minute}, {name: "hour", quota: 2, length: time.Hour}}}
	for _, c := range []struct {
		after time.Duration
		name  string
		wait  time.Duration
	}{
		{0, "", 0}, {10 * time.Second, "minute", 50 * time.Second}, {time.Minute, "", 0}, {70 * time.Second, "hour", 59*time.Minute - 10*time.Second},
		{3 * time.Minute, "hour", 57 * time.Minute}, {time.Hour, "", 0},
	} {
		if name, wait := q.count(sim.Epoch.Add(c.after)); name != c.name || wait != c.wait {
			t.Errorf("after %s: got %q %s, want %q %s", c.after, name, wait, c.name, c.wait)
		}
	}
}

func TestEveryStatusHasItsErrorBody(t *testing.T) {
	t.Parallel()
	d := open(t, 0, sim.Options{})
	for status, detail := range map[int]string{
		401: "invalid bearer token", 403: "access denied", 404: "resource not found", 405: "not allowed", 422: "validation failed",
		429: "rate limit exceeded", 500: "internal server error", 503: "service unavailable",
	} {
		w := httptest.NewRecorder()
		w.Header().Set("Retry-After", "3")
		d.cloud.Fail(w, nil, status)
		if got := problemOf(t, w, status); !strings.Contains(got, detail) || w.Header().Get("Retry-After") != "3" {
			t.Errorf("%d: got %q, want %q and the headers that were there", status, got, detail)
		}
	}
}

func TestCredentialsLetIn(t *testing.T) {
	t.Parallel()
	c := open(t, 0, sim.Options{}).cloud
	creds := c.Credentials()
	if creds.Env["RUNPOD_API_KEY"] != apiKey || creds.Values["api_key"] != apiKey || !strings.Contains(creds.Files[".runpod/config.toml"], apiKey) {
		t.Errorf("got %v", creds)
	}
	if c.Name() != "runpod" || !slices.Equal(c.Hosts(), []string{"api.runpod.io", "api.runpod.ai"}) {
		t.Errorf("got %s at %v", c.Name(), c.Hosts())
	}
}
