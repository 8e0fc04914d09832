package vastaisim

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/adsops/cloudtop/internal/sim"
)

// post sends a body to run.vast.ai and returns the answer, which may be a mere text.
func post(t *testing.T, k *clock, path, body string) (status int, answer any) {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "https://run.vast.ai"+path, strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer "+apiKey)
	w := httptest.NewRecorder()
	k.cloud.ServeHTTP(w, r)
	if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil {
		t.Fatalf("%v in %s", err, w.Body)
	}
	return w.Code, answer
}

func TestWorkersAreThoseOfActiveEndpoints(t *testing.T) {
	t.Parallel()
	k := world(t, 120, sim.Options{Seed: 2})
	running := 0
	for _, e := range k.cloud.endpoints {
		want := e.ColdWorkers
		if e.EndpointState != "active" {
			want = 0
		}
		for path, id := range map[string]int{"/get_endpoint_workers/": e.ID, "/get_workergroup_workers/": e.group().ID, "/get_endpoint_workers": e.ID} {
			status, answer := post(t, k, path, fmt.Sprintf(`{"id":%d}`, id))
			workers, ok := answer.(map[string]any)["workers"].([]any)
			if status != http.StatusOK || !ok || len(workers) != want {
				t.Errorf("%s of %d (%s): got %d %v, want %d workers", path, id, e.EndpointState, status, answer, want)
			}
			running += len(workers)
		}
	}
	if running == 0 {
		t.Error("no endpoint has workers")
	}
}

func TestWorkersOfNobodyAreAMereText(t *testing.T) {
	t.Parallel()
	k := world(t, 20, sim.Options{Seed: 2})
	for path, want := range map[string]string{
		"/get_endpoint_workers/":    "authenticate_endpoint_apikey: invalid api_key or endpoint 1 not found",
		"/get_workergroup_workers/": "authenticate_workergroup_apikey: invalid api_key or workergroup 1 not found",
	} {
		if status, answer := post(t, k, path, `{"id":1}`); status != http.StatusOK || answer != want {
			t.Errorf("%s: got %d %v, want %s", path, status, answer, want)
		}
		for _, body := range []string{``, `{}`, `{"id":0}`, `{"id":-4}`, `{"id":"x"}`, `[]`} {
			if status, answer := post(t, k, path, body); status != http.StatusBadRequest {
				t.Errorf("%s %q: got %d %v, want 400", path, body, status, answer)
			}
		}
	}
}

func TestTheHostsHaveTheirOwnPaths(t *testing.T) {
	t.Parallel()
	k := world(t, 20, sim.Options{})
	if status, _, _ := k.call(http.MethodPost, "/get_endpoint_workers/", `{"id":1}`); status != http.StatusNotFound {
		t.Errorf("console.vast.ai: got %d, want 404", status)
	}
	if status, _ := post(t, k, "/api/v1/instances/", ""); status != http.StatusNotFound {
		t.Errorf("run.vast.ai: got %d, want 404", status)
	}
	if !slices.Equal(k.cloud.Hosts(), []string{"console.vast.ai", "run.vast.ai"}) {
		t.Errorf("got hosts %v", k.cloud.Hosts())
	}
}

func TestGroupsAndDeploymentsBelongToEndpoints(t *testing.T) {
	t.Parallel()
	k := world(t, 120, sim.Options{Seed: 2})
	active := map[float64]string{}
	names := map[float64]string{}
	for _, e := range k.cloud.endpoints {
		names[float64(e.ID)] = e.EndpointName
		if e.EndpointState == "active" {
			active[float64(e.ID)] = e.EndpointName
		}
	}
	groups, _ := k.get("/api/v0/workergroups/")["results"].([]any)
	for _, v := range groups {
		g := v.(map[string]any)
		if names[g["endpoint_id"].(float64)] != g["endpoint_name"] || g["api_key"] != secret {
			t.Errorf("got group %v", g)
		}
	}
	deployed, _ := k.get("/api/v0/deployments/")["deployments"].([]any)
	for _, v := range deployed {
		d := v.(map[string]any)
		if active[d["endpoint_id"].(float64)] != d["name"] || d["updated_at"].(float64) < d["created_at"].(float64) || d["ttl"] != nil {
			t.Errorf("got deployment %v", d)
		}
	}
	if len(groups) != len(names) || len(deployed) != len(active) || len(active) == 0 || len(active) == len(names) {
		t.Errorf("%d groups and %d deployments of %d endpoints, of which %d are active", len(groups), len(deployed), len(names), len(active))
	}
	if machines, ok := k.get("/api/v0/machines/?user_id=1")["machines"].([]any); !ok || len(machines) != 0 {
		t.Errorf("got machines %v, want an empty list", machines)
	}
}

func TestWhatTheKeyMayNotReadIsDeniedAtBothHosts(t *testing.T) {
	t.Parallel()
	k := world(t, 20, sim.Options{Incidents: true})
	for _, path := range []string{"/api/v0/endptjobs/", "/api/v0/workergroups/", "/api/v0/deployments/"} {
		if status, _, answer := k.call(http.MethodGet, path, ""); status != http.StatusForbidden || answer["error"] != "permission_denied" {
			t.Errorf("%s: got %d %v, want 403", path, status, answer)
		}
	}
	if status, answer := post(t, k, "/get_endpoint_workers/", `{"id":1}`); status != http.StatusForbidden {
		t.Errorf("workers: got %d %v, want 403", status, answer)
	}
	if denied := k.cloud.Truth().Denied; !slices.Equal(denied, []string{"//endpoints"}) {
		t.Errorf("the truth denies %v", denied)
	}
}
