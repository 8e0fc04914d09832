package gcp_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/provider"
	"github.com/adsops/cloudtop/internal/provider/gcp"
	gcpsim "github.com/adsops/cloudtop/internal/provider/gcp/sim"
	"github.com/adsops/cloudtop/internal/provider/providertest"
	"github.com/adsops/cloudtop/internal/sim"
)

func TestGCPKeepsTheContract(t *testing.T) {
	t.Parallel()
	providertest.Run(t, gcp.Spec(), gcpsim.New, providertest.Options(map[string]any{"prices": true}))
}

// connect returns a connection with the simulator's credential whose every call handler answers.
func connect(t *testing.T, handler http.Handler, options map[string]any) *provider.Conn {
	t.Helper()
	values := gcpsim.New(sim.NewWorld(sim.Options{Seed: 1})).Credentials().Values
	return connectWith(t, handler, options, map[string]string{"credentials_json": values["credentials_json"]})
}

func connectWith(t *testing.T, handler http.Handler, options map[string]any, values map[string]string) *provider.Conn {
	t.Helper()
	conn := provider.NewConn(gcp.Spec())
	err := conn.Initialize(t.Context(), &provider.ProviderConfig{
		Credential: provider.Credential{Method: "service_account", Source: "test", Values: values}, Options: options,
		Transport: answering{handler}, Now: func() time.Time { return sim.Epoch },
	})
	if err != nil {
		t.Fatal(err)
	}
	return conn
}

// answering lets a handler answer every host.
type answering struct{ http.Handler }

func (a answering) RoundTrip(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	r.Host = r.URL.Host
	a.ServeHTTP(w, r)
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	return w.Result(), nil
}

// world returns a simulated cloud whose clock stands still.
func world(count int) sim.Cloud {
	return gcpWorld(sim.Options{Seed: 1, Counts: map[string]int{"gcp": count}})
}

func gcpWorld(o sim.Options) sim.Cloud {
	o.Now = func() time.Time { return sim.Epoch }
	return gcpsim.New(sim.NewWorld(o))
}

// answers answers calls by their path with a body, sign-in with a token, and all else with 404.
func answers(bodies map[string]string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/token" {
			w.Header().Set("Content-Type", "application/json")
			_, _ = fmt.Fprint(w, `{"access_token":"ya29.test","expires_in":3599,"token_type":"Bearer"}`)
			return
		}
		body, ok := bodies[r.URL.Path]
		if !ok {
			http.Error(w, `{"error":{"code":404,"message":"not found","status":"NOT_FOUND"}}`, http.StatusNotFound)
			return
		}
		_, _ = fmt.Fprint(w, body)
	}
}

func sample(t *testing.T, file string) string {
	t.Helper()
	data, err := os.ReadFile("testdata/" + file)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func list(t *testing.T, conn *provider.Conn, service string) ([]cloud.Resource, error) {
	t.Helper()
	return provider.Gather(conn.Driver().List(t.Context(), cloud.Query{Scope: cloud.Scope{Account: "p"}, Service: service}))
}

// The sample is written from compute-v1 (schemas InstanceAggregatedList and Instance).
func TestInstancesOfAnAnswerWithTraps(t *testing.T) {
	t.Parallel()
	conn := connect(t, answers(map[string]string{"/compute/v1/projects/p/aggregated/instances": sample(t, "instances.json")}), nil)
	all, err := list(t, conn, "compute")
	if len(all) != 5 {
		t.Fatalf("got %d instances, want 5 (%v)", len(all), err)
	}
	for _, zone := range []string{"europe-west4-b", "asia-east1-a"} {
		if err == nil || !strings.Contains(err.Error(), zone) || cloud.KindOf(err) != cloud.KindPartial {
			t.Errorf("got %v, want it to say that %s is missing", err, zone)
		}
	}
	if strings.Contains(fmt.Sprint(err), "europe-west4-a") {
		t.Errorf("got %v: a zone without instances on this page is not missing", err)
	}
	full, bundled, bare := all[0], all[1], all[2]
	want := cloud.GPU{Type: "T4", Count: 2, MemoryGB: 16}
	if full.ID != "18446744073709551615" || full.Region != "us-central1" || full.GPU == nil || *full.GPU != want ||
		!full.CreatedAt.Equal(time.Date(2026, 10, 30, 8, 2, 3, 0, time.UTC)) || full.Tags[1] != (cloud.Tag{Key: "team", Value: "データ"}) {
		t.Errorf("got %+v with %+v", full, full.GPU)
	}
	for name, want := range map[string]any{"zone": "us-central1-a", "vcpus": 8.0, "memory_gb": 30.0, "disk_size_gb": 150.0, "provisioning_model": "SPOT"} {
		if got := full.Attr(name); got != want {
			t.Errorf("%s: got %v, want %v", name, got, want)
		}
	}
	if bundled.Status != cloud.StatusStopped || bundled.GPU == nil || bundled.GPU.Count != 8 || bundled.GPU.Type != "H100 80GB" {
		t.Errorf("a stopped A3 that names no GPU: got %+v with %+v", bundled, bundled.GPU)
	}
	if bare.Status != cloud.StatusUnknown || bare.NativeStatus != "A_NEW_WORD" || bare.GPU != nil || !bare.CreatedAt.IsZero() {
		t.Errorf("an instance of few words: got %+v", bare)
	}
}

// The sample is written from monitoring-v3 (schemas ListTimeSeriesResponse, Point and TypedValue).
func TestReadingsAreTheNewestInOurUnits(t *testing.T) {
	t.Parallel()
	conn := connect(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body := map[string]string{}
		if strings.Contains(r.URL.Query().Get("filter"), `"compute.googleapis.com/instance/cpu/utilization"`) {
			body["/v3/projects/p/timeSeries"] = sample(t, "series.json")
		}
		answers(body)(w, r)
	}), nil)
	var refs []cloud.Ref
	for _, id := range []string{"1", "2", "3", "4"} {
		refs = append(refs, cloud.Ref{Provider: "gcp", Account: "p", Service: "compute", ID: id})
	}
	w := cloud.Window{From: sim.Epoch.Add(-7 * time.Minute), To: sim.Epoch}
	got, err := provider.Gather(conn.Driver().(provider.MetricsReader).Metrics(t.Context(), refs, w))
	if err != nil {
		t.Errorf("got %v: metrics that the project does not know are none", err)
	}
	want := map[string]float64{"1": 25, "2": 200, "4": 75}
	for _, s := range got {
		if v, ok := want[s.ID]; !ok || v != s.Metric.Value || s.Metric.Name != cloud.CPUUsagePercent || !s.Metric.At.Time().Equal(sim.Epoch) {
			t.Errorf("got %+v, want %v", s, want[s.ID])
		}
		delete(want, s.ID)
	}
	if len(want) > 0 {
		t.Errorf("not read: %v", want)
	}
}

func TestPartsThatDoNotAnswerAreSaid(t *testing.T) {
	t.Parallel()
	conn := connect(t, answers(map[string]string{
		"/v1/projects/p/locations/-/clusters":        `{"clusters":[{"name":"a","location":"us-central1","status":"DEGRADED"}],"missingZones":["us-east1-b"]}`,
		"/v2/projects/p/locations/-/functions":       `{"functions":[{"name":"projects/p/locations/us-east1/functions/f","state":"DETACH_FAILED"}],"unreachable":["projects/p/locations/us-west1"]}`,
		"/v1/projects/p/instances":                   `{"items":[{"name":"d","region":"us-east1","state":"RUNNABLE","settings":{"activationPolicy":"NEVER"}}],"warnings":[{"code":"REGION_UNREACHABLE","region":"us-west1"}]}`,
		"/v1/projects/p/locations":                   `{"locations":[{"locationId":"us-west1"},{"locationId":"us-east1"}]}`,
		"/v2/projects/p/locations/us-east1/services": `{"services":[{"name":"projects/p/locations/us-east1/services/s","deleteTime":"2026-10-01T00:00:00Z"}]}`,
	}), nil)
	for service, want := range map[string]struct {
		place  string
		status cloud.Status
	}{
		"gke": {"us-east1-b", cloud.StatusFailed}, "functions": {"us-west1", cloud.StatusRunning}, "sql": {"us-west1", cloud.StatusStopped},
		"run": {"us-west1", cloud.StatusDeleted},
	} {
		all, err := list(t, conn, service)
		if len(all) != 1 || all[0].Status != want.status {
			t.Errorf("%s: got %+v, want one that is %s", service, all, want.status)
		}
		if cloud.KindOf(err) != cloud.KindPartial || !strings.Contains(err.Error(), want.place) {
			t.Errorf("%s: got %v, want it to say that %s is missing", service, err, want.place)
		}
	}
}

func TestRefusalsSayWhatToDo(t *testing.T) {
	t.Parallel()
	info := func(code int, status, reason string) string {
		return fmt.Sprintf(`{"error":{"code":%d,"message":"m","status":%q,"details":[{"@type":"type.googleapis.com/google.rpc.ErrorInfo",`+
			`"reason":%q,"metadata":{"service":"compute.googleapis.com","consumer":"projects/42"}}]}}`, code, status, reason)
	}
	for _, c := range []struct {
		name, body string
		code       int
		kind       cloud.Kind
		hint       string
	}{
		{"API off", info(403, "PERMISSION_DENIED", "SERVICE_DISABLED"), 403, cloud.KindUnsupported, "enable compute.googleapis.com"},
		{"API off, of old", `{"error":{"code":403,"message":"m","errors":[{"reason":"accessNotConfigured"}]}}`, 403, cloud.KindUnsupported, "enable"},
		{"no role", info(403, "PERMISSION_DENIED", "IAM_PERMISSION_DENIED"), 403, cloud.KindDenied, "roles/viewer"},
		{"quota project", info(403, "PERMISSION_DENIED", "USER_PROJECT_DENIED"), 403, cloud.KindDenied, "quota_project"},
		{"no billing", info(403, "PERMISSION_DENIED", "BILLING_DISABLED"), 403, cloud.KindUnsupported, "billing"},
		{"token", info(401, "UNAUTHENTICATED", "ACCESS_TOKEN_EXPIRED"), 401, cloud.KindAuth, "service-account.json"},
		{"scopes", info(403, "PERMISSION_DENIED", "ACCESS_TOKEN_SCOPE_INSUFFICIENT"), 403, cloud.KindDenied, "auth/cloud-platform"},
		{"the key of the price list", info(400, "INVALID_ARGUMENT", "API_KEY_INVALID"), 400, cloud.KindAuth, "GCP_BILLING_API_KEY"},
		{"no such project", info(404, "NOT_FOUND", ""), 404, cloud.KindNotFound, "project_id"},
		{"API off, without its name", `{"error":{"code":403,"message":"m","details":[{"reason":"SERVICE_DISABLED"}]}}`, 403, cloud.KindUnsupported, "this API"},
		{"a code that is a number", `{"error":{"code":403,"status":7,"message":8}}`, 403, cloud.KindDenied, "roles/viewer"},
		{"an error that is a list", `{"error":[1]}`, 403, cloud.KindDenied, ""},
		{"not JSON", `<html>`, 403, cloud.KindDenied, ""},
	} {
		conn := connect(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/token" {
				answers(nil)(w, r)
				return
			}
			w.WriteHeader(c.code)
			_, _ = fmt.Fprint(w, c.body)
		}), nil)
		_, err := list(t, conn, "compute")
		var hint string
		if e, ok := errors.AsType[*cloud.Error](err); ok {
			hint = e.Hint
		}
		if cloud.KindOf(err) != c.kind || !strings.Contains(hint, c.hint) {
			t.Errorf("%s: got %v of kind %q with hint %q, want kind %q and %q", c.name, err, cloud.KindOf(err), hint, c.kind, c.hint)
		}
	}
}

func TestRateLimitsOfComputeEngineAreWaitedOut(t *testing.T) {
	t.Parallel()
	calls := 0
	conn := connect(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/token" {
			if calls++; calls == 1 {
				w.WriteHeader(http.StatusForbidden)
				_, _ = fmt.Fprint(w, `{"error":{"code":403,"message":"Quota exceeded","errors":[{"reason":"rateLimitExceeded"}],`+
					`"details":[{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"0.3s"}]}}`)
				return
			}
		}
		answers(map[string]string{"/compute/v1/projects/p/aggregated/instances": `{}`})(w, r)
	}), nil)
	started := time.Now()
	if _, err := list(t, conn, "compute"); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(started); calls != 2 || took < 300*time.Millisecond {
		t.Errorf("%d calls in %s, want 2 with 0.3 s between them", calls, took)
	}
}

func TestAThousandVMsTakeTenCalls(t *testing.T) {
	t.Parallel()
	real := world(2490)
	calls := map[string]int{}
	count := make(chan string, 100)
	conn := connect(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		count <- r.Host
		real.ServeHTTP(w, r)
	}), map[string]any{"project_id": real.Truth().Accounts[0]})
	all, err := conn.ListResources(t.Context(), &provider.ResourceFilter{Services: []string{"vms"}})
	if err != nil || len(all) < 900 || len(all) > 1000 {
		t.Fatalf("got %d instances, %v; want 900 to 1,000", len(all), err)
	}
	var refs []cloud.Ref
	for i := range all {
		refs = append(refs, all[i].Ref())
	}
	w := cloud.Window{From: sim.Epoch.Add(-7 * time.Minute), To: sim.Epoch}
	read, err := provider.Gather(conn.Driver().(provider.MetricsReader).Metrics(t.Context(), refs, w))
	close(count)
	for host := range count {
		calls[host]++
	}
	total := 0
	for _, n := range calls {
		total += n
	}
	if err != nil || total > 10 || len(read) < 2000 {
		t.Errorf("%d calls (%v), %d readings, %v; want at most 10 calls", total, calls, len(read), err)
	}
}

func TestWhoMayNotSearchSeesTheirOwnProject(t *testing.T) {
	t.Parallel()
	real := world(0)
	conn := connect(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Host == "cloudresourcemanager.googleapis.com" {
			real.Fail(w, r, http.StatusForbidden)
			return
		}
		real.ServeHTTP(w, r)
	}), nil)
	got, err := provider.Gather(conn.Scopes(t.Context()))
	if len(got) != 1 || got[0].Account != real.Truth().Accounts[0] || cloud.KindOf(err) != cloud.KindPartial {
		t.Errorf("got %+v, %v; want the key's own project, and that there may be more", got, err)
	}
}

func TestRegionsOfTheConfigurationAreKept(t *testing.T) {
	t.Parallel()
	real := world(200)
	conn := provider.NewConn(gcp.Spec())
	err := conn.Initialize(t.Context(), &provider.ProviderConfig{
		Credential: provider.Credential{Values: real.Credentials().Values}, Regions: []string{"europe-west4"},
		Transport: answering{real}, Now: func() time.Time { return sim.Epoch },
	})
	if err != nil {
		t.Fatal(err)
	}
	all, err := conn.ListResources(t.Context(), nil)
	if err != nil || len(all) == 0 {
		t.Fatalf("got %d resources, %v", len(all), err)
	}
	for _, r := range all {
		if r.Region != "europe-west4" {
			t.Errorf("%s %s is in %s", r.Service, r.ID, r.Region)
		}
	}
}

func TestPricesAreReadWithAKeyOnly(t *testing.T) {
	t.Parallel()
	real := world(60)
	quotes := func(values map[string]string) (n int, calls []string) {
		conn := connectWith(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Host == "cloudbilling.googleapis.com" {
				calls = append(calls, r.Header.Get("X-Goog-Api-Key")+r.Header.Get("Authorization"))
			}
			real.ServeHTTP(w, r)
		}), nil, values)
		all, err := conn.ListResources(t.Context(), &provider.ResourceFilter{Services: []string{"compute"}})
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			got, err := provider.Gather(conn.Driver().(provider.Pricer).Prices(t.Context(), providertest.Pointers(all)))
			if err != nil {
				t.Fatal(err)
			}
			n = len(got)
		}
		return n, calls
	}
	values := real.Credentials().Values
	if n, calls := quotes(map[string]string{"credentials_json": values["credentials_json"]}); n != 0 || calls != nil {
		t.Errorf("without a key: got %d prices with %d calls, want none", n, len(calls))
	}
	if n, calls := quotes(values); n == 0 || len(calls) != 1 || calls[0] != values["api_key"] {
		t.Errorf("with a key: got %d prices with calls %q, want one call with the key alone", n, calls)
	}
}

func TestNoSecretOfTheCloudIsDecoded(t *testing.T) {
	t.Parallel()
	conn := connect(t, world(100), nil)
	all, err := conn.ListResources(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if text, _ := json.Marshal(all); strings.Contains(string(text), "MARKER-SECRET") {
		t.Errorf("a secret is in a resource: %s", text)
	}
}
