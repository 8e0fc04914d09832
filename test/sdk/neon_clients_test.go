package sdk

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"testing"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/provider"
	"github.com/adsops/cloudtop/internal/sim"
)

// TestNeonAnswersOthersAsPublished asks the simulator what our client does not, with the keys of a person and of an
// organisation, and holds every answer against Neon's description.
func TestNeonAnswersOthersAsPublished(t *testing.T) {
	t.Parallel()
	check := newContract(t, spec(t, "neon/public-v2-for-users.gen.yaml"), "console.neon.tech")
	conn := simulated(t, "neon", check)
	found, err := conn.ListResources(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	org := found[0].Account
	const span = "&from=2026-10-30T00:00:00Z&to=2026-10-31T00:00:00Z&granularity=daily&metrics=compute_unit_seconds"
	paths := []string{
		"/auth", "/users/me", "/users/me/organizations", "/regions", "/projects/shared", "/api_keys", "/organizations/" + org,
		"/organizations/" + org + "/members", "/organizations/" + org + "/api_keys", "/organizations/" + org + "/billing/spending_limit",
		"/projects?org_id=" + org + "&search=shop&timeout=1000&recoverable=false",
		"/consumption_history/projects?org_id=" + org + span[:len(span)-len("&metrics=compute_unit_seconds")],
	}
	add := func(format string, args ...any) { paths = append(paths, fmt.Sprintf(format, args...)) }
	for i := range found {
		r := &found[i]
		project := r.Attr("project")
		switch r.Service {
		case "projects":
			add("/projects/%s", r.ID)
			for _, part := range []string{"permissions", "snapshots", "branches?sort_by=name&sort_order=asc", "branches/count", "operations?limit=1"} {
				add("/projects/%s/%s", r.ID, part)
			}
			if r.Account == org {
				add("/consumption_history/v2/branches?org_id=%s&project_ids=%s%s", org, r.ID, span)
			}
		case "branches":
			for _, part := range []string{"", "/endpoints", "/databases", "/roles", "/roles/neondb_owner/reveal_password"} {
				add("/projects/%s/branches/%s%s", project, r.ID, part)
			}
		case "computes":
			add("/projects/%s/endpoints/%s", project, r.ID)
			add("/projects/%s/connection_uri?database_name=neondb&role_name=neondb_owner", project)
		case "operations":
			add("/projects/%s/operations/%s", project, r.ID)
		}
	}
	for _, p := range paths {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://console.neon.tech/api/v2"+p, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+neonKey(t))
		resp, err := check.RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		if resp.StatusCode != http.StatusOK && resp.StatusCode != http.StatusTooManyRequests {
			t.Errorf("%s: HTTP %d", p, resp.StatusCode)
		}
	}
	check.report(t)
}

func neonKey(t *testing.T) string {
	t.Helper()
	c, _ := cloudAt(t, "neon", "console.neon.tech", 1)
	return c.Credentials().Values["api_key"]
}

// TestNeonsOwnClientReadsEveryList runs the official CLI over one project and compares with the truth.
func TestNeonsOwnClientReadsEveryList(t *testing.T) {
	t.Parallel()
	program := client(t, "neon")
	c, url := cloudAt(t, "neon", "console.neon.tech", 60)
	truth := c.Truth()
	org := truth.Accounts[0]
	ask := func(t *testing.T, args ...string) []byte {
		t.Helper()
		return run(t, nil, program, append(args, "--api-host", url+"/api/v2", "--api-key", c.Credentials().Values["api_key"],
			"-o", "json", "--no-analytics")...)
	}
	i := slices.IndexFunc(truth.Resources, func(r sim.Resource) bool {
		return r.Account == org && r.Service == "branches" && r.Name[len(r.Name)-4:] == "main"
	})
	branch := truth.Resources[i]
	project := truth.Resources[slices.IndexFunc(truth.Resources[:i], func(r sim.Resource) bool {
		return r.Service == "projects" && r.Name+"/main" == branch.Name
	})]
	tests := []struct {
		args []string
		want string // somewhere in the answer
		rows int    // of a list; 0 = it is none
	}{
		{[]string{"me"}, "ops@example.com", 0},
		{[]string{"orgs", "list"}, org, 2},
		{[]string{"projects", "get", project.ID}, project.Name, 0},
		{[]string{"branches", "list", "--project-id", project.ID}, branch.ID, count(truth, func(r sim.Resource) bool {
			return r.Service == "branches" && bytes.HasPrefix([]byte(r.Name), []byte(project.Name+"/"))
		})},
		{[]string{"branches", "get", "main", "--project-id", project.ID}, branch.ID, 0},
		{[]string{"databases", "list", "--project-id", project.ID, "--branch", "main"}, "neondb", 1},
		{[]string{"roles", "list", "--project-id", project.ID, "--branch", "main"}, "neondb_owner", 1},
		{[]string{"operations", "list", "--project-id", project.ID}, "suspend_compute", 0},
		{[]string{"connection-string", "main", "--project-id", project.ID, "--role-name", "neondb_owner", "--database-name", "neondb"}, "/neondb", 0},
	}
	for _, tt := range tests {
		t.Run(tt.args[0]+" "+tt.args[min(1, len(tt.args)-1)], func(t *testing.T) {
			t.Parallel()
			out := ask(t, tt.args...)
			if !bytes.Contains(out, []byte(tt.want)) {
				t.Errorf("got %s, want %q in it", out, tt.want)
			}
			if tt.rows > 0 {
				var rows []json.RawMessage
				if decode(t, out, &rows); len(rows) != tt.rows {
					t.Errorf("got %d rows, want %d: %s", len(rows), tt.rows, out)
				}
			}
		})
	}
}

// TestNeonsPricesAreOfOurUsage reads the costs of the simulated organisations over the wire.
func TestNeonsPricesAreOfOurUsage(t *testing.T) {
	t.Parallel()
	check := newContract(t, spec(t, "neon/public-v2-for-users.gen.yaml"), "console.neon.tech")
	conn := simulated(t, "neon", check)
	for _, days := range []int{1, 7, 30, 90, 200} {
		p := cloud.Period{From: sim.Epoch.AddDate(0, 0, -days), To: sim.Epoch}
		all, err := provider.Gather(conn.Driver().(provider.CostReader).Costs(t.Context(), p))
		if err != nil || len(all) == 0 {
			t.Errorf("%d days: got %d costs, %v", days, len(all), err)
		}
	}
	check.report(t)
}
