package neon_test

import (
	"strings"
	"testing"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
)

func at(text string) time.Time {
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		panic(err)
	}
	return t
}

func stored(bytes float64) []cloud.Metric {
	return []cloud.Metric{{Name: cloud.StorageBytes, Value: bytes, At: cloud.InstantOf(noon())}}
}

func dollars(low, high float64, source string) *cloud.Price {
	return &cloud.Price{Low: low, High: high, Currency: "USD", Source: source, At: noon()}
}

// TestSamplesAreReadFieldByField reads answers as the description has them: with every field, with the required ones
// alone, and with what it does not say.
func TestSamplesAreReadFieldByField(t *testing.T) {
	t.Parallel()
	const full, shiny = "org-ocean-art-12345678", "shiny-wind-028834"
	tests := []struct {
		file, service string
		want          cloud.Resource
		problem       string // of kind partial
	}{
		{"full.json", "projects", cloud.Resource{
			Account: full, Region: "aws-us-east-2", Type: "project", ID: shiny, Name: "shop", Status: cloud.StatusDeleted,
			CreatedAt: at("2022-11-30T19:09:48Z"), Metrics: stored(23056384),
			Attrs: []cloud.Attr{
				{Name: "plan", Value: "launch_v3"}, {Name: "platform", Value: "aws"}, {Name: "pg_version", Value: 17},
				{Name: "active_time_seconds", Value: 100.0}, {Name: "history_retention_seconds", Value: 604800.0},
				{Name: "branch_size_limit_bytes", Value: 214748364800.0}, {Name: "last_active_at", Value: at("2026-10-31T10:00:00Z")},
				{Name: "maintenance_starts_at", Value: at("2026-12-01T02:00:00Z")},
			},
		}, ""},
		{"full.json", "branches", cloud.Resource{
			Account: full, Region: "aws-us-east-2", Type: "branch", ID: "br-wispy-meadow-118737", Name: "shop/dev",
			Status: cloud.StatusRunning, NativeStatus: "ready", CreatedAt: at("2022-11-30T19:09:48Z"), Metrics: stored(28),
			Attrs: []cloud.Attr{
				{Name: "project", Value: shiny}, {Name: "parent", Value: "br-aged-salad-637688"}, {Name: "pending_state", Value: "archived"},
				{Name: "default", Value: true}, {Name: "protected", Value: false}, {Name: "active_time_seconds", Value: 102.0},
				{Name: "compute_time_seconds", Value: 101.0}, {Name: "written_data_bytes", Value: 103.0},
				{Name: "data_transfer_bytes", Value: 104.0}, {Name: "expires_at", Value: at("2026-12-05T00:00:00Z")},
			},
		}, ""},
		{"full.json", "computes", cloud.Resource{
			Account: full, Region: "aws-us-west-2", Type: "read_write", ID: "ep-little-smoke-851426", Name: "shop/ep-little-smoke-851426",
			Status: cloud.StatusStopping, NativeStatus: "active", CreatedAt: at("2022-11-30T19:09:49Z"),
			Cost: dollars(0.25*0.106, 4*0.106, "published prices 2026-05-28"),
			Attrs: []cloud.Attr{
				{Name: "project", Value: shiny}, {Name: "branch", Value: "br-wispy-meadow-118737"},
				{Name: "host", Value: "ep-little-smoke-851426.us-east-2.aws.neon.tech"}, {Name: "pending_state", Value: "idle"},
				{Name: "min_cu", Value: 0.25}, {Name: "max_cu", Value: 4.0}, {Name: "suspends_after", Value: "1m30s"},
				{Name: "disabled", Value: true}, {Name: "last_active_at", Value: at("2026-10-31T11:59:00Z")},
				{Name: "started_at", Value: at("2026-10-31T09:00:00Z")}, {Name: "suspended_at", Value: at("2026-10-30T09:00:00Z")},
			},
		}, ""},
		{"full.json", "operations", cloud.Resource{
			Account: full, Region: "aws-us-east-2", Type: "operation", ID: "97c7d650-e4ff-43d7-8c58-4c67f5050167", Name: "shop/start_compute",
			Status: cloud.StatusRunning, NativeStatus: "running", CreatedAt: at("2022-11-30T19:09:49Z"),
			Attrs: []cloud.Attr{
				{Name: "project", Value: shiny}, {Name: "branch", Value: "br-wispy-meadow-118737"},
				{Name: "compute", Value: "ep-little-smoke-851426"}, {Name: "failures_count", Value: 2},
			},
		}, ""},
		{"minimal.json", "projects", cloud.Resource{
			Account: "org-a", Region: "azure-eastus2", Type: "project", ID: "p-1", Name: "one", Status: cloud.StatusUnknown,
			CreatedAt: at("2026-01-01T00:00:00Z"),
			Attrs: []cloud.Attr{
				{Name: "plan", Value: "scale_v3"}, {Name: "platform", Value: "azure"}, {Name: "pg_version", Value: 14},
				{Name: "active_time_seconds", Value: 0.0}, {Name: "branch_size_limit_bytes", Value: 0.0},
			},
		}, ""},
		{"minimal.json", "branches", cloud.Resource{
			Account: "org-a", Region: "azure-eastus2", Type: "branch", ID: "br-1", Name: "one/main", Status: cloud.StatusStarting,
			NativeStatus: "init", CreatedAt: at("2026-01-01T00:00:00Z"),
			Attrs: []cloud.Attr{
				{Name: "project", Value: "p-1"}, {Name: "default", Value: false}, {Name: "protected", Value: true},
				{Name: "active_time_seconds", Value: 0.0}, {Name: "compute_time_seconds", Value: 0.0},
				{Name: "written_data_bytes", Value: 0.0}, {Name: "data_transfer_bytes", Value: 0.0},
			},
		}, ""},
		{"minimal.json", "computes", cloud.Resource{
			Account: "org-a", Region: "azure-eastus2", Type: "read_only", ID: "ep-1", Name: "one/ep-1", Status: cloud.StatusStopped,
			NativeStatus: "idle", CreatedAt: at("2026-01-01T00:00:00Z"), Cost: dollars(0, 0, "published prices 2026-05-28"),
			Attrs: []cloud.Attr{
				{Name: "project", Value: "p-1"}, {Name: "branch", Value: "br-1"}, {Name: "host", Value: "h"},
				{Name: "min_cu", Value: 1.0}, {Name: "max_cu", Value: 1.0}, {Name: "suspends_after", Value: "never"},
			},
		}, ""},
		{"minimal.json", "operations", cloud.Resource{
			Account: "org-a", Region: "azure-eastus2", Type: "operation", ID: "op-1", Name: "one/create_branch",
			Status: cloud.StatusStarting, NativeStatus: "scheduling", CreatedAt: at("2026-01-01T00:00:00Z"),
			Attrs: []cloud.Attr{{Name: "project", Value: "p-1"}},
		}, ""},
		{"odd.json", "projects", cloud.Resource{
			Account: "org-a", Type: "project", ID: "p-1", Name: "17", Status: cloud.StatusUnknown, Metrics: stored(42),
			Attrs: []cloud.Attr{{Name: "plan", Value: "free_v9"}, {Name: "pg_version", Value: 18}},
		}, "[0]: active_time, created_at, history_retention_seconds; [3]: it is no object; [4]: it is no object; 2 incomplete"},
		{"odd.json", "branches", cloud.Resource{
			Account: "org-a", Type: "branch", ID: "br-1", Name: "17/main", Status: cloud.StatusUnknown, NativeStatus: "hibernating",
			CreatedAt: at("2026-01-01T00:00:00Z"), // told in seconds
			Attrs:     []cloud.Attr{{Name: "project", Value: "p-1"}, {Name: "default", Value: true}, {Name: "protected", Value: false}},
		}, "[1]: it is no object; 1 incomplete"},
		{"odd.json", "computes", cloud.Resource{
			Account: "org-a", Type: "read_hardly", ID: "ep-1", Name: "17/ep-1", Status: cloud.StatusUnknown, NativeStatus: "dreaming",
			Attrs: []cloud.Attr{{Name: "project", Value: "p-1"}, {Name: "min_cu", Value: 0.25}, {Name: "suspends_after", Value: "5m0s"}},
		}, "[1]: it is no object"},
		{"odd.json", "operations", cloud.Resource{
			Account: "org-a", Type: "operation", ID: "op-1", Name: "17/fly", Status: cloud.StatusRunning, NativeStatus: "running",
			Attrs: []cloud.Attr{{Name: "project", Value: "p-1"}, {Name: "failures_count", Value: 3}},
		}, "operations of p-1: not all of the answer can be read: 1 incomplete"},
	}
	for _, tt := range tests {
		t.Run(tt.file+"/"+tt.service, func(t *testing.T) {
			t.Parallel()
			got, err := list(t, connect(t, sample(t, tt.file), nil), tt.service)
			tt.want.Provider, tt.want.Service = "neon", tt.service
			if len(got) != 1 || asJSON(t, got[0]) != asJSON(t, tt.want) {
				t.Errorf("got\n%s\nwant\n%s", asJSON(t, got), asJSON(t, tt.want))
			}
			if strings.Contains(asJSON(t, got), "MARKER-SECRET") {
				t.Errorf("a secret is in %s", asJSON(t, got))
			}
			if (err == nil) != (tt.problem == "") || err != nil && (!strings.Contains(err.Error(), tt.problem) || cloud.KindOf(err) != cloud.KindPartial) {
				t.Errorf("got error %v, want %q", err, tt.problem)
			}
		})
	}
}

func TestStatusesOfEveryWord(t *testing.T) {
	t.Parallel()
	tests := []struct {
		service, list, current, pending string
		want                            cloud.Status
	}{
		{"branches", "branches", "init", "", cloud.StatusStarting},
		{"branches", "branches", "resetting", "", cloud.StatusStarting},
		{"branches", "branches", "ready", "", cloud.StatusRunning},
		{"branches", "branches", "archived", "ready", cloud.StatusStopped},
		{"branches", "branches", "", "", cloud.StatusUnknown},
		{"computes", "endpoints", "init", "", cloud.StatusStarting},
		{"computes", "endpoints", "active", "", cloud.StatusRunning},
		{"computes", "endpoints", "active", "active", cloud.StatusRunning},
		{"computes", "endpoints", "active", "idle", cloud.StatusStopping},
		{"computes", "endpoints", "idle", "", cloud.StatusStopped},
		{"computes", "endpoints", "idle", "active", cloud.StatusStarting},
		{"computes", "endpoints", "deleted", "", cloud.StatusUnknown},
		{"operations", "operations", "scheduling", "", cloud.StatusStarting},
		{"operations", "operations", "running", "", cloud.StatusRunning},
		{"operations", "operations", "cancelling", "", cloud.StatusStopping},
	}
	for _, tt := range tests {
		answer := `{"` + tt.list + `":[{"id":"x","status":"` + tt.current + `","current_state":"` + tt.current + `","pending_state":"` + tt.pending + `"}]}`
		all, err := list(t, connect(t, scripted(map[string]string{"/projects/p1/" + tt.list: answer}), nil), tt.service)
		if err != nil || len(all) != 1 || all[0].Status != tt.want || all[0].NativeStatus != tt.current {
			t.Errorf("%s %q, pending %q: got %+v, %v, want %s", tt.service, tt.current, tt.pending, all, err, tt.want)
		}
	}
	for _, ended := range []string{"finished", "failed", "error", "cancelled", "skipped", "postponed"} {
		answer := `{"operations":[{"id":"x","status":"` + ended + `"}]}`
		all, err := list(t, connect(t, scripted(map[string]string{"/projects/p1/operations": answer}), nil), "operations")
		if err != nil || len(all) != 0 {
			t.Errorf("%s: got %v, %v, want that it is not in progress", ended, all, err)
		}
	}
}

// TestAComputeCostsARange prices an active and a suspended compute on every plan, and measures nothing.
func TestAComputeCostsARange(t *testing.T) {
	t.Parallel()
	tests := []struct {
		plan      string
		low, high float64 // of 0.25 to 2 CU
		source    string  // "" = not priced
	}{
		{"launch_v3", 0.0265, 0.212, "published prices 2026-05-28"},
		{"scale_v3", 0.0555, 0.444, "published prices 2026-05-28"},
		{"launch", 0, 0.32, "legacy plans"},
		{"scale", 0, 0.32, "legacy plans"},
		{"business", 0, 0.32, "legacy plans"},
		{"free_v2", 0, 0, "free plan"},
		{"free_v3", 0, 0, "free plan"},
		{"direct_sales_v3", 0, 0, ""},
		{"aws_marketplace", 0, 0, ""},
		{"UNKNOWN", 0, 0, ""},
		{"", 0, 0, ""},
	}
	for _, tt := range tests {
		conn := connect(t, scripted(map[string]string{
			"/users/me/organizations": `{"organizations":[{"id":"org-a","plan":"` + tt.plan + `"}]}`,
			"/projects/p1/endpoints": `{"endpoints":[
				{"id":"ep-1","current_state":"active","autoscaling_limit_min_cu":0.25,"autoscaling_limit_max_cu":2},
				{"id":"ep-2","current_state":"idle","autoscaling_limit_min_cu":1,"autoscaling_limit_max_cu":1},
				{"id":"ep-3","current_state":"active"}]}`,
		}), nil)
		all, err := list(t, conn, "computes")
		if err != nil || len(all) != 3 || all[2].Cost != nil {
			t.Fatalf("%s: got %+v, %v, want three computes, the last without a price", tt.plan, all, err)
		}
		for i, r := range all[:2] {
			p := r.Cost
			if tt.source == "" {
				if p != nil {
					t.Errorf("%s: got price %+v, want none", tt.plan, p)
				}
				continue
			}
			low, high := tt.low, tt.high
			if i == 1 {
				low, high = 0, 0
			}
			if p == nil || !near(p.Low, low) || !near(p.High, high) || !strings.Contains(p.Source, tt.source) || p.Currency != "USD" {
				t.Errorf("%s: %s: got %+v, want %v to %v by %s", tt.plan, r.ID, p, low, high, tt.source)
			}
			if len(r.Metrics) != 0 || r.Region != "aws-us-east-2" {
				t.Errorf("%s: Neon measures nothing live, and there is %v", r.ID, r.Metrics)
			}
		}
	}
}
