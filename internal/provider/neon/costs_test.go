package neon_test

import (
	"fmt"
	"math"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/provider"
	neonsim "github.com/adsops/cloudtop/internal/provider/neon/sim"
)

const metered = "/consumption_history/v2/projects"

func near(got, want float64) bool { return math.Abs(got-want) < 1e-6 }

// TestUsageIsPricedAsNeonDoes prices a sample by the formulas of Neon's page "Usage and cost calculations", whose own
// examples (138.89 CU-hours, 3.36 GB-months, 72 branch-hours) are among it.
func TestUsageIsPricedAsNeonDoes(t *testing.T) {
	t.Parallel()
	plans := map[string]struct{ hour, branches float64 }{"launch_v3": {0.106, 10}, "scale_v3": {0.222, 25}}
	for plan, want := range plans {
		s := sample(t, "consumption.json")
		s.answers = map[string]string{
			"/users/me/organizations": strings.Replace(oneOrg, "launch_v3", plan, 1),
			metered:                   `{"projects":` + s.answers["projects"] + `,"pagination":` + s.answers["pagination"] + `}`,
		}
		p := cloud.Period{From: at("2026-10-10T00:00:00Z"), To: at("2026-10-20T00:00:00Z")}
		got, err := costs(t, connect(t, s, nil), p)
		if err != nil || len(got) != 2 {
			t.Fatalf("%s: got %+v, %v, want the costs of two projects", plan, got, err)
		}
		extra := max(0, 288-(want.branches-1)*24) / 744 * 1.50
		transfer := (200.0 - 100) * 0.10 // of the organisation, by bytes
		first := 500000.0/3600*want.hour + 2500.0/744*0.35 + 0.35 + 0.20 + 0.09 + 2*0.01 + extra + transfer*0.75
		second := want.hour + transfer*0.25
		for i, amount := range []float64{first, second} {
			c := got[i]
			if !near(c.Amount, amount) || c.ID == "" || c.Service != "projects" || c.Account != "org-a" || c.Currency != "USD" ||
				c.Kind != cloud.CostEstimate || !strings.Contains(c.Source, "consumption") || !c.From.Equal(p.From) || !c.To.Equal(p.To) || !c.At.Equal(noon()) {
				t.Errorf("%s: got %+v, want %v", plan, c, amount)
			}
		}
	}
}

// asked are the ranges of the calls for consumption: "granularity from to".
func asked(s *script) []string {
	var all []string
	for _, r := range s.calls {
		if q := r.URL.Query(); strings.HasSuffix(r.URL.Path, metered) {
			all = append(all, q.Get("granularity")+" "+q.Get("from")+" "+q.Get("to"))
		}
	}
	return all
}

// TestUsageIsAskedForAsFarBackAsItIsTold is at noon of 1 November 2026: hours are told since 25 October, days since 2
// September, months since December.
func TestUsageIsAskedForAsFarBackAsItIsTold(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, from, to string // "" = zero
		want           []string
		gap            string
	}{
		{"today", "2026-11-01T00:00:00Z", "2026-11-01T12:00:00Z", []string{"hourly 2026-11-01T00:00:00Z 2026-11-01T11:00:00Z"}, ""},
		{"the month so far", "", "", []string{"hourly 2026-11-01T00:00:00Z 2026-11-01T11:00:00Z"}, ""},
		{"a week", "2026-10-25T12:00:00Z", "2026-11-01T12:00:00Z", []string{"hourly 2026-10-25T12:00:00Z 2026-11-01T11:00:00Z"}, ""},
		{"not on the hour", "2026-10-30T01:30:00Z", "2026-10-30T03:30:00Z", []string{"hourly 2026-10-30T01:00:00Z 2026-10-30T03:00:00Z"}, ""},
		{"the last month", "2026-10-01T00:00:00Z", "2026-11-01T00:00:00Z", []string{
			"daily 2026-10-01T00:00:00Z 2026-10-26T00:00:00Z", "hourly 2026-10-26T00:00:00Z 2026-11-01T00:00:00Z",
		}, ""},
		{"days of last month", "2026-10-03T00:00:00Z", "2026-10-05T00:00:00Z", []string{"daily 2026-10-03T00:00:00Z 2026-10-05T00:00:00Z"}, ""},
		{"three months", "2026-08-01T00:00:00Z", "2026-11-01T12:00:00Z", []string{
			"monthly 2026-08-01T00:00:00Z 2026-10-01T00:00:00Z", "daily 2026-10-01T00:00:00Z 2026-10-26T00:00:00Z",
			"hourly 2026-10-26T00:00:00Z 2026-11-01T11:00:00Z",
		}, ""},
		{"a month of last spring", "2026-03-01T00:00:00Z", "2026-04-01T00:00:00Z", []string{"monthly 2026-03-01T00:00:00Z 2026-04-01T00:00:00Z"}, ""},
		{"two years", "2024-11-01T00:00:00Z", "2026-01-01T00:00:00Z", []string{
			"monthly 2025-12-01T00:00:00Z 2026-01-01T00:00:00Z",
		}, "usage before 2025-12-01 is not kept"},
		{"long ago", "2024-01-01T00:00:00Z", "2024-02-01T00:00:00Z", nil, "no whole hour of the period is told"},
		{"the last minutes", "2026-11-01T11:50:00Z", "2026-11-01T12:00:00Z", nil, "no whole hour of the period is told"},
		{"the future", "2026-12-01T00:00:00Z", "2026-12-02T00:00:00Z", nil, "no whole hour of the period is told"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var p cloud.Period
			if tt.from != "" {
				p = cloud.Period{From: at(tt.from), To: at(tt.to)}
			}
			s := scripted(map[string]string{metered: `{"projects":[]}`})
			_, err := costs(t, connect(t, s, nil), p)
			if got := asked(s); strings.Join(got, "|") != strings.Join(tt.want, "|") {
				t.Errorf("got %q, want %q", got, tt.want)
			}
			if (err == nil) != (tt.gap == "") || err != nil && (!strings.Contains(err.Error(), tt.gap) || cloud.KindOf(err) != cloud.KindPartial) {
				t.Errorf("got %v, want %q", err, tt.gap)
			}
			for _, r := range s.calls {
				if q := r.URL.Query(); strings.HasSuffix(r.URL.Path, metered) &&
					(q.Get("limit") != "100" || q.Get("org_id") != "org-a" || len(strings.Split(q.Get("metrics"), ",")) != 8) {
					t.Errorf("got %s", r.URL)
				}
			}
		})
	}
}

// TestUsageAddsUpHoweverItIsCut compares the costs of whole periods with those of their halves, in the simulated Neon.
func TestUsageAddsUpHoweverItIsCut(t *testing.T) {
	t.Parallel()
	conn, _ := simulated(t, 60, neonsim.APIKey)
	total := func(from, to time.Time) float64 {
		all, err := costs(t, conn, cloud.Period{From: from, To: to})
		if err != nil || len(all) == 0 {
			t.Fatalf("%s to %s: got %d costs, %v", from, to, len(all), err)
		}
		var sum float64
		for _, c := range all {
			sum += c.Amount
		}
		return sum
	}
	start, half, end := at("2026-10-12T00:00:00Z"), at("2026-10-20T00:00:00Z"), at("2026-10-31T00:00:00Z")
	whole, parts := total(start, end), total(start, half)+total(half, end)
	if whole <= 0 || parts > whole || parts < 0.9*whole { // the free transfer counts once for each
		t.Errorf("got %v for the whole and %v for its halves", whole, parts)
	}
}

func TestCostsFallBackToTheCountersOfAProject(t *testing.T) {
	t.Parallel()
	period := `"consumption_period_start":"2026-10-01T00:00:00Z","consumption_period_end":"2026-12-01T00:00:00Z"`
	tests := []struct {
		name, answer string
		want         float64 // negative = unknown
		kind         cloud.Kind
	}{
		{"counted", `{"project":{"compute_time_seconds":36000,"data_storage_bytes_hour":744000000000,` + period + `}}`, 10*0.106 + 0.35, ""},
		{"nothing used", `{"project":{"compute_time_seconds":0,"data_storage_bytes_hour":"0",` + period + `}}`, 0, ""},
		{"no counters", `{"project":{}}`, -1, cloud.KindPartial},
		{"no storage", `{"project":{"compute_time_seconds":36000}}`, -1, cloud.KindPartial},
		{"gone", "404", -1, cloud.KindPartial},
		{"no answer", "500", -1, cloud.KindUnavailable},
	}
	for _, tt := range tests {
		conn := connect(t, scripted(map[string]string{metered: "403", "/projects/p1": tt.answer}), nil)
		got, err := costs(t, conn, cloud.Period{From: noon().AddDate(0, 0, -10), To: noon()})
		if cloud.KindOf(err) != tt.kind || (len(got) == 1) != (tt.want >= 0) {
			t.Errorf("%s: got %+v, %v, want kind %q", tt.name, got, err, tt.kind)
			continue
		}
		if len(got) == 1 && (!near(got[0].Amount, tt.want) || !got[0].From.Equal(at("2026-10-01T00:00:00Z")) || !got[0].To.Equal(noon()) ||
			!strings.Contains(got[0].Source, "counters")) {
			t.Errorf("%s: got %+v, want %v", tt.name, got[0], tt.want)
		}
	}
}

func TestPlansDecideHowCostsAreTold(t *testing.T) {
	t.Parallel()
	tests := []struct {
		plan, gap string
		costs     int
	}{
		{"free_v3", "", 1},
		{"scale", "monthly fee with allowances", 0},
		{"direct_sales_v3", `prices of plan "direct_sales_v3" are not published`, 0},
		{"", "the plan is not told", 0},
	}
	for _, tt := range tests {
		s := scripted(map[string]string{"/users/me/organizations": strings.Replace(oneOrg, "launch_v3", tt.plan, 1)})
		got, err := costs(t, connect(t, s, nil), cloud.Period{})
		if len(got) != tt.costs || (err == nil) != (tt.gap == "") || err != nil && (!strings.Contains(err.Error(), tt.gap) || cloud.KindOf(err) != cloud.KindPartial) {
			t.Errorf("%q: got %+v, %v, want %d costs and %q", tt.plan, got, err, tt.costs, tt.gap)
		}
		if s.count(metered) != 0 || s.count("/projects/p1") != 0 {
			t.Errorf("%q: usage was asked for, and says nothing of the costs", tt.plan)
		}
		for _, c := range got {
			if c.Amount != 0 || c.ID != "p1" || !strings.Contains(c.Source, "free plan") || !c.From.Equal(at("2026-11-01T00:00:00Z")) {
				t.Errorf("%q: got %+v", tt.plan, c)
			}
		}
	}
}

// TestOneOrganisationWithoutCostsLeavesTheOthers refuses the usage of the first of two.
func TestOneOrganisationWithoutCostsLeavesTheOthers(t *testing.T) {
	t.Parallel()
	const two = `{"organizations":[{"id":"org-a","plan":"launch_v3"},{"id":"org-b","plan":"launch_v3"}]}`
	const usage = `{"projects":[{"project_id":"p","periods":[{"consumption":[{"metrics":[{"metric_name":"compute_unit_seconds","value":3600}]}]}]}]}`
	tests := []struct {
		status int
		costs  int
		kind   cloud.Kind
	}{
		{http.StatusNotFound, 1, cloud.KindPartial},
		{http.StatusNotAcceptable, 1, cloud.KindPartial},
		{http.StatusInternalServerError, 0, cloud.KindUnavailable},
		{http.StatusTooManyRequests, 0, cloud.KindThrottled},
		{http.StatusUnauthorized, 0, cloud.KindAuth},
	}
	for _, tt := range tests {
		s := scripted(map[string]string{"/users/me/organizations": two, metered: usage})
		conn := connect(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Query().Get("org_id") == "org-a" {
				w.WriteHeader(tt.status)
				return
			}
			s.ServeHTTP(w, r)
		}), nil)
		got, err := costs(t, conn, cloud.Period{})
		if len(got) != tt.costs || cloud.KindOf(err) != tt.kind || tt.costs == 1 && (got[0].Account != "org-b" || !near(got[0].Amount, 0.106)) {
			t.Errorf("%d: got %+v, %v, want %d costs and kind %s", tt.status, got, err, tt.costs, tt.kind)
		}
	}
}

func TestUsageThatIsNoNumberHasNoCost(t *testing.T) {
	t.Parallel()
	const usage = `{"projects":[
		{"project_id":"bad","periods":[{"consumption":[{"metrics":[{"metric_name":"compute_unit_seconds","value":null}]}]}]},
		{"project_id":"good","periods":[{"consumption":[{"metrics":[{"metric_name":"compute_unit_seconds","value":3600}]},{}]},{"consumption":null}]},
		{"project_id":"new","periods":null}, 7]}`
	got, err := costs(t, connect(t, scripted(map[string]string{metered: usage}), nil), cloud.Period{})
	if len(got) != 1 || got[0].ID != "good" || !near(got[0].Amount, 0.106) {
		t.Errorf("got %+v, want the cost of one project", got)
	}
	for _, want := range []string{"the usage of bad cannot be read", "[3]: it is no object"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q in it", err, want)
		}
	}
}

// TestFreeBranchesAreSubtractedFromEachFrame counts frames of an hour, a day and a month, also where they are not dated.
func TestFreeBranchesAreSubtractedFromEachFrame(t *testing.T) {
	t.Parallel()
	dated := func(from, to string) string { return `"timeframe_start":"` + from + `","timeframe_end":"` + to + `",` }
	tests := []struct {
		name, frame string
		from        string
		free        float64 // branch-hours
	}{
		{"an hour", dated("2026-10-31T00:00:00Z", "2026-10-31T01:00:00Z"), "2026-10-31T00:00:00Z", 9},
		{"an hour without dates", "", "2026-10-31T00:00:00Z", 9},
		{"a day", dated("2026-10-10T00:00:00Z", "2026-10-11T00:00:00Z"), "2026-10-10T00:00:00Z", 9 * 24},
		{"a day without dates", "", "2026-10-10T00:00:00Z", 9 * 24},
		{"a month", dated("2026-02-01T00:00:00Z", "2026-03-01T00:00:00Z"), "2026-02-01T00:00:00Z", 9 * 24 * 28},
	}
	for _, tt := range tests {
		usage := `{"projects":[{"project_id":"p","periods":[{"consumption":[{` + tt.frame + `"metrics":[{"metric_name":"extra_branches_month","value":7440}]}]}]}]}`
		from := at(tt.from)
		got, err := costs(t, connect(t, scripted(map[string]string{metered: usage}), nil), cloud.Period{From: from, To: from.Add(time.Hour)})
		if want := (7440 - tt.free) / 744 * 1.50; err != nil || len(got) != 1 || !near(got[0].Amount, want) {
			t.Errorf("%s: got %+v, %v, want %v", tt.name, got, err, want)
		}
	}
}

func TestAReaderOfCostsWhoStopsGetsNoMore(t *testing.T) {
	t.Parallel()
	conn, _ := simulated(t, 60, neonsim.APIKey)
	for _, answer := range []string{"", "403"} {
		if answer != "" {
			conn = connect(t, scripted(map[string]string{metered: answer, "/projects/p1": `{"project":{"compute_time_seconds":1,"data_storage_bytes_hour":1}}`}), nil)
		}
		n := 0
		for _, err := range conn.Driver().(provider.CostReader).Costs(t.Context(), cloud.Period{From: noon().AddDate(0, 0, -3)}) {
			if n++; err != nil {
				t.Error(err)
			}
			break
		}
		if n != 1 {
			t.Errorf("got %d costs", n)
		}
	}
}

func TestUsageOfManyProjectsIsReadInPages(t *testing.T) {
	t.Parallel()
	project := func(i int) string {
		return fmt.Sprintf(`{"project_id":"p-%d","periods":[{"consumption":[{"metrics":[{"metric_name":"compute_unit_seconds","value":3600}]}]}]}`, i)
	}
	var first []string
	for i := range 100 {
		first = append(first, project(i))
	}
	s := scripted(map[string]string{
		metered:                  `{"projects":[` + strings.Join(first, ",") + `],"pagination":{"cursor":"two"}}`,
		metered + "?cursor=two":  `{"projects":[` + project(100) + `],"pagination":{"cursor":"end"}}`,
		"/projects?cursor=never": "500",
	})
	got, err := costs(t, connect(t, s, nil), cloud.Period{})
	if err != nil || len(got) != 101 || got[100].ID != "p-100" || s.count(metered) != 2 {
		t.Errorf("got %d costs, %v after %d calls, want 101 after 2", len(got), err, s.count(metered))
	}
}

// TestCountersThatFailLeaveTheOthers reads the counters of three projects, the first of which is gone.
func TestCountersThatFailLeaveTheOthers(t *testing.T) {
	t.Parallel()
	const counted = `{"project":{"compute_time_seconds":3600,"data_storage_bytes_hour":0}}`
	s := scripted(map[string]string{
		metered: "403", "/projects/p2": counted, "/projects/p3": counted,
		"/projects": `{"projects":[{"id":"p1"},{"id":"p2"},{"id":"p3"},{}],"unavailable_project_ids":["p4"]}`,
	})
	got, err := costs(t, connect(t, s, nil), cloud.Period{})
	if len(got) != 2 || got[0].ID != "p2" || !near(got[1].Amount, 0.106) || cloud.KindOf(err) != cloud.KindPartial {
		t.Errorf("got %+v, %v, want the costs of two projects", got, err)
	}
	for _, want := range []string{"counters of p1", "1 incomplete", "in time: p4"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q in it", err, want)
		}
	}
}

func TestProjectsOfAFreePlanThatAreMissingAreSaid(t *testing.T) {
	t.Parallel()
	free := strings.Replace(oneOrg, "launch_v3", "free_v3", 1)
	for answer, want := range map[string]string{
		`{"projects":[{"id":"p1"}],"unavailable_project_ids":["p2"]}`: "in time: p2",
		"403": "HTTP 403", "500": "HTTP 500",
	} {
		s := scripted(map[string]string{"/users/me/organizations": free, "/projects": answer})
		got, err := costs(t, connect(t, s, nil), cloud.Period{})
		if err == nil || !strings.Contains(err.Error(), want) || (len(got) == 1) != strings.Contains(want, "p2") {
			t.Errorf("%s: got %+v, %v, want %q", answer, got, err, want)
		}
	}
}
