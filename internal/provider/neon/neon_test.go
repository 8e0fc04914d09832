package neon_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/provider"
	"github.com/adsops/cloudtop/internal/provider/neon"
	neonsim "github.com/adsops/cloudtop/internal/provider/neon/sim"
	"github.com/adsops/cloudtop/internal/sim"
)

// connect returns a connection whose every call handler answers.
func connect(t *testing.T, handler http.Handler, options map[string]any) *provider.Conn {
	t.Helper()
	conn := provider.NewConn(neon.Spec())
	err := conn.Initialize(t.Context(), &provider.ProviderConfig{
		Credential: provider.Credential{Method: "api_key", Source: "test", Values: map[string]string{
			"api_key": "napi_simulated0key0for0cloudtop0only000000000000",
		}},
		Options: options, Transport: answering{handler},
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
	a.ServeHTTP(w, r)
	return w.Result(), nil
}

// script answers paths (below /api/v2, with their query where it matters) with texts; all else is 404.
func script(answers map[string]string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		path := strings.TrimPrefix(r.URL.Path, "/api/v2")
		if body, ok := answers[path+"?cursor="+r.URL.Query().Get("cursor")]; ok {
			_, _ = w.Write([]byte(body))
			return
		}
		body, ok := answers[path]
		if !ok {
			w.WriteHeader(http.StatusNotFound)
			body = `{"code":"","message":"not found"}`
		}
		_, _ = w.Write([]byte(body))
	})
}

const oneOrg = `{"organizations":[{"id":"org-a","name":"A","plan":"launch_v3"}]}`

func list(t *testing.T, conn *provider.Conn, service string) ([]cloud.Resource, error) {
	t.Helper()
	return conn.ListResources(t.Context(), &provider.ResourceFilter{Services: []string{service}})
}

func TestProjectsThatTimedOutArePartial(t *testing.T) {
	t.Parallel()
	conn := connect(t, script(map[string]string{
		"/users/me/organizations": oneOrg,
		"/projects":               `{"projects":[{"id":"p1","name":"one"}],"unavailable_project_ids":["p2","p3"],"pagination":{"cursor":"x"}}`,
	}), nil)
	all, err := list(t, conn, "projects")
	if len(all) != 1 || cloud.KindOf(err) != cloud.KindPartial || !strings.Contains(err.Error(), "p2, p3") {
		t.Errorf("got %d projects and %v, want one and a partial error that names the others", len(all), err)
	}
}

func TestAComputeCostsARangeAndHasNoInventedMetric(t *testing.T) {
	t.Parallel()
	conn := connect(t, script(map[string]string{
		"/users/me/organizations": oneOrg, "/projects": `{"projects":[{"id":"p1","name":"one","region_id":"aws-us-east-2"}]}`,
		"/projects/p1/endpoints": `{"endpoints":[
			{"id":"ep-1","type":"read_write","current_state":"active","autoscaling_limit_min_cu":0.25,"autoscaling_limit_max_cu":2,"suspend_timeout_seconds":0},
			{"id":"ep-2","type":"read_only","current_state":"idle","autoscaling_limit_min_cu":1,"autoscaling_limit_max_cu":1,"suspend_timeout_seconds":-1}]}`,
	}), nil)
	all, err := list(t, conn, "computes")
	if err != nil || len(all) != 2 {
		t.Fatalf("got %d computes, %v", len(all), err)
	}
	if p := all[0].Cost; p == nil || p.Low != 0.25*0.106 || p.High != 2*0.106 || p.Source == "" {
		t.Errorf("active: got price %+v", p)
	}
	if p := all[1].Cost; p == nil || p.High != 0 {
		t.Errorf("suspended: got price %+v, want nothing to pay", p)
	}
	for _, r := range all {
		if len(r.Metrics) != 0 {
			t.Errorf("%s: Neon measures nothing live, and there is %v", r.ID, r.Metrics)
		}
	}
	if got := all[0].Attr("suspends_after"); got != "5m0s" {
		t.Errorf("0 is the default of five minutes: got %v", got)
	}
	if got := all[1].Attr("suspends_after"); got != "never" {
		t.Errorf("-1 is never: got %v", got)
	}
}

func TestAnUnknownPlanIsNotPriced(t *testing.T) {
	t.Parallel()
	conn := connect(t, script(map[string]string{
		"/users/me/organizations": `{"organizations":[{"id":"org-a","name":"A","plan":"direct_sales_v3"}]}`,
		"/projects":               `{"projects":[{"id":"p1","name":"one"}]}`,
		"/projects/p1/endpoints":  `{"endpoints":[{"id":"ep-1","current_state":"active","autoscaling_limit_min_cu":1,"autoscaling_limit_max_cu":1}]}`,
	}), nil)
	all, err := list(t, conn, "computes")
	if err != nil || len(all) != 1 || all[0].Cost != nil {
		t.Errorf("got %+v, %v, want one compute without a price", all, err)
	}
	costs, err := provider.Gather(conn.Driver().(provider.CostReader).Costs(t.Context(), cloud.Period{}))
	if len(costs) != 0 || cloud.KindOf(err) != cloud.KindPartial {
		t.Errorf("got %v, %v, want a partial error and no cost", costs, err)
	}
}

func TestBranchPagesFollowNextToTheEnd(t *testing.T) {
	t.Parallel()
	full := `{"branches":[` + strings.TrimSuffix(strings.Repeat(`{"id":"b","name":"n","current_state":"ready"},`, 1000), ",") + `],"pagination":{"next":"two"}}`
	answers := map[string]string{
		"/users/me/organizations": oneOrg, "/projects": `{"projects":[{"id":"p1","name":"one"}]}`,
		"/projects/p1/branches": full, "/projects/p1/branches?cursor=two": `{"branches":[{"id":"last","name":"n","current_state":"archived"}]}`,
	}
	all, err := list(t, connect(t, script(answers), nil), "branches")
	if err != nil || len(all) != 1001 || all[1000].Status != cloud.StatusStopped {
		t.Errorf("got %d branches, %v, want 1001", len(all), err)
	}
	answers["/projects/p1/branches?cursor=two"] = full
	_, err = list(t, connect(t, script(answers), nil), "branches")
	if cloud.KindOf(err) != cloud.KindResponse {
		t.Errorf("a list without end: got %v, want an error of kind response", err)
	}
}

func TestAProjectThatMayNotBeReadLeavesTheOthers(t *testing.T) {
	t.Parallel()
	conn := connect(t, script(map[string]string{
		"/users/me/organizations": oneOrg, "/projects": `{"projects":[{"id":"gone","name":"gone"},{"id":"p1","name":"one"}]}`,
		"/projects/p1/branches": `{"branches":[{"id":"b","name":"main","current_state":"ready"}]}`,
	}), nil)
	all, err := list(t, conn, "branches")
	if len(all) != 1 || cloud.KindOf(err) != cloud.KindPartial || !strings.Contains(err.Error(), "gone") {
		t.Errorf("got %d branches, %v, want one and a partial error that names the project", len(all), err)
	}
}

func TestOneProjectListServesAllServices(t *testing.T) {
	t.Parallel()
	w := sim.NewWorld(sim.Options{Seed: 1, Counts: map[string]int{"neon": 12}})
	u := sim.NewUniverse(w, neonsim.New(w))
	conn := provider.NewConn(neon.Spec())
	err := conn.Initialize(t.Context(), &provider.ProviderConfig{
		Credential: provider.Credential{Method: "api_key", Values: u.Cloud("neon").Credentials().Values},
		Transport:  u.Transport(), Now: w.Now,
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := conn.ListResources(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	n := map[string]int{}
	for _, s := range u.Stats() {
		n[s.Path] += s.N
	}
	if n["/api/v2/projects"] != 2 || n["/api/v2/users/me/organizations"] > 2 {
		t.Errorf("got %v, want one project list for each of two organisations", n)
	}
}

func TestCostsFallBackToTheCountersOfAProject(t *testing.T) {
	t.Parallel()
	answers := map[string]string{
		"/users/me/organizations": oneOrg, "/projects": `{"projects":[{"id":"p1","name":"one"}]}`,
		"/projects/p1": `{"project":{"compute_time_seconds":36000,"data_storage_bytes_hour":730000000000,
			"consumption_period_start":"2026-11-01T00:00:00Z","consumption_period_end":"2026-12-01T00:00:00Z"}}`,
	}
	forbidden := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.Contains(r.URL.Path, "consumption") {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		script(answers).ServeHTTP(w, r)
	})
	p := cloud.Period{From: sim.Epoch.AddDate(0, 0, -10), To: sim.Epoch}
	costs, err := provider.Gather(connect(t, forbidden, nil).Driver().(provider.CostReader).Costs(t.Context(), p))
	want := 10*0.106 + 0.35
	if err != nil || len(costs) != 1 || costs[0].Amount < want-1e-9 || costs[0].Amount > want+1e-9 {
		t.Errorf("got %+v, %v, want one estimate of %v", costs, err, want)
	}
	answers["/projects/p1"] = `{"project":{}}`
	_, err = provider.Gather(connect(t, forbidden, nil).Driver().(provider.CostReader).Costs(t.Context(), p))
	if cloud.KindOf(err) != cloud.KindPartial {
		t.Errorf("without counters: got %v, want a partial error, not a cost of 0", err)
	}
}

func TestConsumptionIsAskedInAlignedRanges(t *testing.T) {
	t.Parallel()
	w := sim.NewWorld(sim.Options{Seed: 1, Counts: map[string]int{"neon": 60}})
	conn := connect(t, neonsim.New(w), nil)
	for _, days := range []int{1, 6, 8, 30} {
		p := cloud.Period{From: w.Now().AddDate(0, 0, -days), To: w.Now()}
		costs, err := provider.Gather(conn.Driver().(provider.CostReader).Costs(t.Context(), p))
		if err != nil || len(costs) == 0 {
			t.Errorf("%d days: got %d costs, %v", days, len(costs), err)
		}
	}
}

func TestOptionOrgIDLimitsToOneOrganisation(t *testing.T) {
	t.Parallel()
	conn := connect(t, script(map[string]string{"/users/me/organizations": oneOrg, "/projects": `{"projects":[]}`}),
		map[string]any{"org_id": "org-other"})
	_, err := list(t, conn, "projects")
	if e := cloud.KindOf(err); e != cloud.KindNotFound {
		t.Errorf("got %v, want not found", err)
	}
}
