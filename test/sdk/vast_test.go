package sdk

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/provider"
	"github.com/adsops/cloudtop/internal/provider/all"
	"github.com/adsops/cloudtop/internal/sim"
)

// vastDescriptions are Vast.ai's descriptions, one for each endpoint, by the path that they are of.
func vastDescriptions() map[string]string {
	return map[string]string{
		"/api/v0/users/current/":       "show_user.yaml",
		"/api/v1/instances/":           "show_instances.yaml",
		"/api/v0/volumes/":             "show_volumes.yaml",
		"/api/v0/endptjobs/":           "show_endpoints.yaml",
		"/api/v0/charges/":             "show_charges.yaml",
		"/api/v0/bundles/":             "search_offers.yaml",
		"/api/v0/metrics/gpu/current/": "metrics_gpu.yaml",
	}
}

// byPath lets each endpoint's own contract check its calls.
type byPath struct {
	contracts map[string]*contract
	t         *testing.T
}

func (b byPath) RoundTrip(r *http.Request) (*http.Response, error) {
	c := b.contracts[r.URL.Path]
	if c == nil {
		b.t.Errorf("%s %s is not described", r.Method, r.URL.Path)
		return nil, http.ErrNotSupported
	}
	return c.RoundTrip(r)
}

// TestVastTrafficIsAsPublished is TestTrafficIsAsPublished for a provider that describes each endpoint in a document of
// its own. The offers are searched with every kind of condition as well.
func TestVastTrafficIsAsPublished(t *testing.T) {
	t.Parallel()
	checks := byPath{contracts: map[string]*contract{}, t: t}
	for path, file := range vastDescriptions() {
		checks.contracts[path] = newContract(t, spec(t, "vast/yaml/"+file), "console.vast.ai")
	}
	inner := &contract{host: "nowhere"} // only carries the simulator's transport
	conn := simulated(t, "vastai", inner)
	for _, c := range checks.contracts {
		c.base = inner.base
	}
	conn = reopened(t, conn, checks)
	readAll(t, conn)
	bids := true
	query := cloud.OfferQuery{
		GPUCount: 2, GPUMemoryGB: 10, MaxPrice: 20, Region: "US", Interruptible: &bids, Limit: 10,
		Native: "reliability>0.9 gpu_name in [RTX_4090,L4] geolocation notin [CN] verified=any static_ip!=true cluster_id=null",
	}
	if _, err := provider.Gather(conn.Driver().(provider.GPUMarket).Offers(t.Context(), query)); err != nil {
		t.Error(err)
	}
	for path, c := range checks.contracts {
		t.Run(path, c.report)
	}
}

// TestEveryReadOfVastIsAsPublished asks the simulator what the descriptions can be asked, our client or not.
func TestEveryReadOfVastIsAsPublished(t *testing.T) {
	t.Parallel()
	at := sim.Epoch
	w := sim.NewWorld(sim.Options{Seed: 5, Counts: map[string]int{"vastai": 60}, Now: func() time.Time { return at }})
	u := sim.NewUniverse(w, all.Clouds(w)...)
	key := u.Cloud("vastai").Credentials().Values["api_key"]
	first := func(service string) string {
		rows := u.Cloud("vastai").Truth().Resources
		return rows[slices.IndexFunc(rows, func(r sim.Resource) bool { return r.Service == service })].ID
	}
	when := url.QueryEscape(fmt.Sprintf(`{"when":{"gte":%d,"lte":%d}}`, at.AddDate(0, -3, 0).Unix(), at.Unix()))
	for _, c := range []struct{ file, method, target, body string }{
		{"show_user.yaml", http.MethodGet, "console.vast.ai/api/v0/users/current/", ""},
		{"show_instances.yaml", http.MethodGet, "console.vast.ai/api/v1/instances/?limit=3", ""},
		{"show_instance.yaml", http.MethodGet, "console.vast.ai/api/v0/instances/" + first("instances") + "/", ""},
		{"show_volumes.yaml", http.MethodGet, "console.vast.ai/api/v0/volumes/", ""},
		{"show_endpoints.yaml", http.MethodGet, "console.vast.ai/api/v0/endptjobs/", ""},
		{"show_autogroup.yaml", http.MethodGet, "console.vast.ai/api/v0/workergroups/", ""},
		{"show_deployments.yaml", http.MethodGet, "console.vast.ai/api/v0/deployments/", ""},
		{"show_machines.yaml", http.MethodGet, "console.vast.ai/api/v0/machines/?user_id=1", ""},
		{"show_invoices.yaml", http.MethodGet, "console.vast.ai/api/v1/invoices/?limit=2&select_filters=" + when, ""},
		{"show_invoices.yaml", http.MethodGet, "console.vast.ai/api/v1/invoices/?select_filters=%7B%7D", ""},
		{"metrics_gpu.yaml", http.MethodGet, "console.vast.ai/api/v0/metrics/gpu/current/?verified=all", ""},
		{"metrics_gpu_locations.yaml", http.MethodGet, "console.vast.ai/api/v0/metrics/gpu/locations/", ""},
		{"metrics_gpu_trends.yaml", http.MethodGet, "console.vast.ai/api/v0/metrics/gpu/history/?gpu_name=all&step=3600", ""},
		{"get_endpoint_workers.yaml", http.MethodPost, "run.vast.ai/get_endpoint_workers/", `{"id":` + first("endpoints") + `}`},
		{"get_endpoint_workers.yaml", http.MethodPost, "run.vast.ai/get_endpoint_workers/", `{"id":1}`},
		{"get_autogroup_workers.yaml", http.MethodPost, "run.vast.ai/get_workergroup_workers/", `{"id":1}`},
	} {
		at = at.Add(time.Minute)
		host, _, _ := strings.Cut(c.target, "/")
		check := newContract(t, spec(t, "vast/yaml/"+c.file), host)
		check.base = u.Transport()
		if c.file == "show_instance.yaml" {
			// It differs from show_instances.yaml in these, and from what clients of the single instance read.
			check.base = without(check.base, "ports", "extra_env")
		}
		r, err := http.NewRequestWithContext(t.Context(), c.method, "https://"+c.target, strings.NewReader(c.body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer "+key)
		r.Header.Set("Content-Type", "application/json")
		resp, err := check.RoundTrip(r)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		if resp.StatusCode != http.StatusOK {
			t.Errorf("%s: got %d, want 200", c.target, resp.StatusCode)
		}
		check.report(t)
	}
}

// without drops members of the instance that an answer tells.
func without(base http.RoundTripper, members ...string) http.RoundTripper {
	return roundTripper(func(r *http.Request) (*http.Response, error) {
		resp, err := base.RoundTrip(r)
		if err != nil {
			return nil, err
		}
		var answer map[string]map[string]any
		err = json.NewDecoder(resp.Body).Decode(&answer)
		_ = resp.Body.Close()
		if err != nil {
			return nil, err
		}
		for _, m := range members {
			delete(answer["instances"], m)
		}
		data, err := json.Marshal(answer)
		resp.Body = io.NopCloser(bytes.NewReader(data))
		return resp, err
	})
}

// reopened returns a connection like conn whose calls go through transport.
func reopened(t *testing.T, conn *provider.Conn, transport http.RoundTripper) *provider.Conn {
	t.Helper()
	config := *conn.Config()
	config.Transport = transport
	again := provider.NewConn(conn.Spec())
	if err := again.Initialize(t.Context(), &config); err != nil {
		t.Fatal(err)
	}
	return again
}

// TestVastsOwnClientReadsTheSimulator runs the official command line (PyPI: vastai), named by $CLOUDTOP_VASTAI. It is
// skipped where it is not named: there is no lock file for it here as there is for the npm clients.
func TestVastsOwnClientReadsTheSimulator(t *testing.T) {
	t.Parallel()
	program := os.Getenv("CLOUDTOP_VASTAI")
	if program == "" {
		t.Skip("no official client: install vastai==1.9.1 from PyPI and set CLOUDTOP_VASTAI to its program")
	}
	if _, err := exec.LookPath(program); err != nil {
		t.Fatal(err)
	}
	c, url := cloudAt(t, "vastai", "console.vast.ai", 60)
	env := []string{"VAST_URL=" + url, "VAST_API_KEY=" + c.Credentials().Values["api_key"], "COLUMNS=200"}
	for _, k := range []struct {
		service string
		args    []string
	}{
		{"instances", []string{"show", "instances", "--raw"}},
		{"volumes", []string{"show", "volumes", "--raw"}},
		{"endpoints", []string{"show", "endpoints", "--raw"}},
	} {
		var got []struct{ ID int }
		out := run(t, env, program, k.args...)
		if err := json.Unmarshal(out, &got); err != nil {
			t.Fatalf("%v: %v in %s", k.args, err, out)
		}
		want := count(c.Truth(), func(r sim.Resource) bool { return r.Service == k.service })
		if len(got) != want || want == 0 {
			t.Errorf("%v: the client lists %d, the truth is %d", k.args, len(got), want)
		}
	}
	var offers []struct {
		NumGPUs int `json:"num_gpus"`
	}
	out := run(t, env, program, "search", "offers", "num_gpus>=4 geolocation in [US,CA] verified=any", "--raw", "--limit", "3000")
	if err := json.Unmarshal(out, &offers); err != nil || len(offers) == 0 {
		t.Fatalf("%d offers, %v in %s", len(offers), err, out)
	}
	if table := string(run(t, env, program, "show", "instances")); !strings.Contains(table, "running") {
		t.Errorf("the client's table shows nothing that runs:\n%s", table)
	}
}
