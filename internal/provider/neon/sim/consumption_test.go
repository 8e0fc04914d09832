package neonsim_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// history is the answer of every consumption endpoint.
type history struct {
	Projects, Branches []struct {
		ProjectID string `json:"project_id"`
		BranchID  string `json:"branch_id"`
		Periods   []struct {
			Plan        string `json:"period_plan"`
			Consumption []struct {
				Start   time.Time `json:"timeframe_start"`
				End     time.Time `json:"timeframe_end"`
				Metrics []struct {
					Name  string `json:"metric_name"`
					Value float64
				}
				Seconds float64 `json:"compute_time_seconds"`
				Active  float64 `json:"active_time_seconds"`
				Size    float64 `json:"synthetic_storage_size_bytes"`
			}
		}
	}
	Pagination struct{ Cursor string }
}

func ask(endpoint, granularity, from, to, metrics string) string {
	return fmt.Sprintf("/consumption_history/%s?org_id=%s&granularity=%s&from=%s&to=%s&metrics=%s&limit=100", endpoint, acme, granularity, from, to, metrics)
}

// sum adds a metric up over all frames of all projects or branches.
func (h *history) sum(metric string) (total float64, frames int) {
	for _, x := range append(h.Projects, h.Branches...) {
		for _, p := range x.Periods {
			for _, f := range p.Consumption {
				frames++
				for _, m := range f.Metrics {
					if m.Name == metric {
						total += m.Value
					}
				}
			}
		}
	}
	return total, frames
}

func TestConsumptionAddsUpHoweverItIsCut(t *testing.T) {
	t.Parallel()
	c, _ := world(60)
	const from, to = "2026-10-28T00:00:00Z", "2026-10-31T00:00:00Z"
	n := len(of(c, acme, "projects"))
	for _, metric := range []string{
		"compute_unit_seconds", "root_branch_bytes_month", "child_branch_bytes_month", "instant_restore_bytes_month", "extra_branches_month",
	} {
		byHour := read[history](t, c, ask("v2/projects", "hourly", from, to, metric))
		byDay := read[history](t, c, ask("v2/projects", "daily", from, to, metric))
		hours, frames := byHour.sum(metric)
		days, _ := byDay.sum(metric)
		if frames != 72*n || hours <= 0 || hours < 0.98*days || hours > 1.02*days {
			t.Errorf("%s: got %v in %d hours and %v in days, want the same", metric, hours, frames, days)
		}
	}
	whole := read[history](t, c, ask("v2/projects", "monthly", "2026-09-01T00:00:00Z", "2026-11-01T00:00:00Z", "compute_unit_seconds"))
	if _, frames := whole.sum("compute_unit_seconds"); frames != 2*n || whole.Projects[0].Periods[0].Plan != "scale_v3" {
		t.Errorf("got %d frames of two months for %d projects", frames, n)
	}
}

func TestStorageIsCountedInByteHours(t *testing.T) {
	t.Parallel()
	c, _ := world(60)
	sizes := map[string]float64{}
	for _, r := range of(c, acme, "projects") {
		if r.CreatedAt.Before(c.Truth().Resources[0].CreatedAt.AddDate(10, 0, 0)) {
			sizes[r.ID] = r.Metrics["storage_bytes"]
		}
	}
	const stored = "root_branch_bytes_month,child_branch_bytes_month,instant_restore_bytes_month"
	h := read[history](t, c, ask("v2/projects", "hourly", "2026-11-01T10:00:00Z", "2026-11-01T11:00:00Z", stored))
	for _, p := range h.Projects {
		var bytes float64
		for _, m := range p.Periods[0].Consumption[0].Metrics {
			bytes += m.Value
		}
		if want := sizes[p.ProjectID]; bytes > want || bytes < want-16 {
			t.Errorf("%s: got %v byte-hours in an hour, want its %v bytes", p.ProjectID, bytes, want)
		}
	}
}

// TestRangesAreRoundedAndBounded is at noon of 1 November 2026.
func TestRangesAreRoundedAndBounded(t *testing.T) {
	t.Parallel()
	tests := []struct {
		granularity, from, to string
		status                int
		frames                string // "first to last" of one project; "" = none
	}{
		{"hourly", "2026-11-01T01:59:59Z", "2026-11-01T03:30:00Z", 200, "2026-11-01T01:00:00Z to 2026-11-01T03:00:00Z"},
		{"daily", "2026-10-30T15:30:00Z", "2026-11-01T12:00:00Z", 200, "2026-10-30T00:00:00Z to 2026-11-01T00:00:00Z"},
		{"monthly", "2026-08-15T00:00:00Z", "2026-10-15T00:00:00Z", 200, "2026-08-01T00:00:00Z to 2026-10-01T00:00:00Z"},
		{"hourly", "2026-11-01T01:00:00+02:00", "2026-11-01T02:00:00%2B02:00", 400, ""}, // a plus sign is a blank
		{"hourly", "2026-11-01T03:00:00%2B02:00", "2026-11-01T04:00:00%2B02:00", 200, "2026-11-01T01:00:00Z to 2026-11-01T02:00:00Z"},
		{"hourly", "2026-11-01T01:00:00Z", "2026-11-01T01:00:00Z", 200, ""},
		{"hourly", "2026-10-25T12:00:00Z", "2026-10-25T13:00:00Z", 200, "2026-10-25T12:00:00Z to 2026-10-25T13:00:00Z"},
		{"hourly", "2026-10-25T11:00:00Z", "2026-10-25T13:00:00Z", 406, ""},
		{"daily", "2026-09-02T00:00:00Z", "2026-09-03T00:00:00Z", 200, "2026-09-02T00:00:00Z to 2026-09-03T00:00:00Z"},
		{"daily", "2026-09-01T00:00:00Z", "2026-09-03T00:00:00Z", 406, ""},
		{"monthly", "2025-11-01T00:00:00Z", "2025-12-01T00:00:00Z", 200, "2025-11-01T00:00:00Z to 2025-12-01T00:00:00Z"},
		{"monthly", "2025-10-01T00:00:00Z", "2025-12-01T00:00:00Z", 406, ""},
		{"daily", "2026-10-05T00:00:00Z", "2026-10-04T00:00:00Z", 406, ""},
		{"daily", "2026-12-05T00:00:00Z", "2026-12-06T00:00:00Z", 406, ""},
		{"daily", "2026-10-31T00:00:00Z", "2027-10-31T00:00:00Z", 200, "2026-10-31T00:00:00Z to 2026-11-02T00:00:00Z"},
	}
	c, _ := world(30)
	for _, tt := range tests {
		path := ask("v2/projects", tt.granularity, tt.from, tt.to, "compute_unit_seconds")
		w := call(t, c, path)
		if w.Code != tt.status {
			t.Errorf("%s %s to %s: got %d %s, want %d", tt.granularity, tt.from, tt.to, w.Code, w.Body, tt.status)
			continue
		}
		if tt.status != 200 {
			continue
		}
		got := ""
		for _, p := range read[history](t, c, path).Projects[0].Periods {
			frames := p.Consumption
			got = frames[0].Start.Format(time.RFC3339) + " to " + frames[len(frames)-1].End.Format(time.RFC3339)
		}
		if got != tt.frames {
			t.Errorf("%s %s to %s: got frames %q, want %q", tt.granularity, tt.from, tt.to, got, tt.frames)
		}
	}
}

func TestConsumptionIsForPaidPlans(t *testing.T) {
	t.Parallel()
	c, _ := world(20)
	path := ask("v2/projects", "hourly", "2026-11-01T00:00:00Z", "2026-11-01T01:00:00Z", "compute_unit_seconds")
	for org, want := range map[string]int{acme: 200, side: 403, "org-nobody": 404} {
		if w := call(t, c, strings.Replace(path, acme, org, 1)); w.Code != want {
			t.Errorf("%s: got %d %s, want %d", org, w.Code, w.Body, want)
		}
	}
}

func TestMetricsAndProjectsAreChosenInBothForms(t *testing.T) {
	t.Parallel()
	c, _ := world(60)
	all := of(c, acme, "projects")
	const span = "&granularity=hourly&from=2026-11-01T00:00:00Z&to=2026-11-01T01:00:00Z"
	base := "/consumption_history/v2/projects?org_id=" + acme + span
	two := []string{all[0].ID, all[2].ID}
	for _, form := range []string{
		"&metrics=compute_unit_seconds,extra_branches_month&project_ids=" + two[0] + "," + two[1],
		"&metrics=compute_unit_seconds&metrics=extra_branches_month&project_ids=" + two[0] + "&project_ids=" + two[1],
		"&metrics=compute_unit_seconds,no_such_metric&metrics=extra_branches_month&project_ids=" + two[0] + ",nobody," + two[1],
	} {
		h := read[history](t, c, base+form)
		var projects, metrics []string
		for _, p := range h.Projects {
			projects = append(projects, p.ProjectID)
			for _, m := range p.Periods[0].Consumption[0].Metrics {
				if !slices.Contains(metrics, m.Name) {
					metrics = append(metrics, m.Name)
				}
			}
		}
		if !slices.Equal(projects, two) || !slices.Equal(metrics, []string{"compute_unit_seconds", "extra_branches_month"}) {
			t.Errorf("%s: got %v of %v", form, metrics, projects)
		}
	}
	first := read[history](t, c, base+"&metrics=compute_unit_seconds&limit=1")
	next := read[history](t, c, base+"&metrics=compute_unit_seconds&limit=1&cursor="+first.Pagination.Cursor)
	if first.Projects[0].ProjectID != all[0].ID || next.Projects[0].ProjectID != all[1].ID {
		t.Errorf("got %v, then %v", first.Projects[0].ProjectID, next.Projects[0].ProjectID)
	}
}

func TestBranchesShareTheUseOfTheirProject(t *testing.T) {
	t.Parallel()
	c, _ := world(60)
	p := of(c, acme, "projects")[1].ID
	const from, to = "2026-11-01T00:00:00Z", "2026-11-01T10:00:00Z"
	whole := read[history](t, c, ask("v2/projects", "hourly", from, to, "compute_unit_seconds")+"&project_ids="+p)
	parts := read[history](t, c, ask("v2/branches", "hourly", from, to, "compute_unit_seconds")+"&project_ids="+p)
	want, _ := whole.sum("compute_unit_seconds")
	got, _ := parts.sum("compute_unit_seconds")
	if len(parts.Branches) < 2 || parts.Branches[0].BranchID == "" || got > want || got < 0.98*want || want == 0 {
		t.Errorf("got %v over %d branches, want about %v", got, len(parts.Branches), want)
	}
}

func TestTheFormerEndpointCountsByItsOwnNames(t *testing.T) {
	t.Parallel()
	c, _ := world(60)
	h := read[history](t, c, ask("projects", "hourly", "2026-11-01T00:00:00Z", "2026-11-01T02:00:00Z", ""))
	if len(h.Projects) != len(of(c, acme, "projects")) {
		t.Errorf("got %d projects", len(h.Projects))
	}
	busy := 0
	for _, p := range h.Projects {
		for _, f := range p.Periods[0].Consumption {
			if f.Seconds > 0 && f.Active*2 <= f.Seconds && f.End.Sub(f.Start) == time.Hour {
				busy++
			}
		}
	}
	if busy == 0 {
		t.Error("no project uses anything")
	}
}

// TestCountersGrowWithTheMonth reads the counters of a project's billing period, which begin anew with the month.
func TestCountersGrowWithTheMonth(t *testing.T) {
	t.Parallel()
	c, clock := world(20)
	type counters struct {
		Project struct {
			Seconds float64   `json:"compute_time_seconds"`
			Storage float64   `json:"data_storage_bytes_hour"`
			From    time.Time `json:"consumption_period_start"`
			To      time.Time `json:"consumption_period_end"`
			OrgName *string   `json:"org_name"`
		}
	}
	path := "/projects/" + of(c, acme, "projects")[0].ID
	first := read[counters](t, c, path).Project
	clock.Time = clock.AddDate(0, 0, 10)
	later := read[counters](t, c, path).Project
	clock.Time = clock.AddDate(0, 1, -10)
	next := read[counters](t, c, path).Project
	if first.Seconds <= 0 || later.Seconds <= first.Seconds || later.Storage <= first.Storage || next.Seconds != first.Seconds {
		t.Errorf("got %v, ten days later %v, and a month later %v CU-seconds", first.Seconds, later.Seconds, next.Seconds)
	}
	if first.From.Day() != 1 || !first.To.Equal(first.From.AddDate(0, 1, 0)) || !next.From.Equal(first.To) || first.OrgName != nil {
		t.Errorf("got %+v, then %+v", first, next)
	}
}
