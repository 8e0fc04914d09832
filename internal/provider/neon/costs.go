package neon

import (
	"context"
	"iter"
	"maps"
	"net/url"
	"strings"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/provider"
)

// The metrics of consumption v2 that are priced.
const (
	computeUnitSeconds = "compute_unit_seconds"
	rootBytesMonth     = "root_branch_bytes_month"
	childBytesMonth    = "child_branch_bytes_month"
	historyBytesMonth  = "instant_restore_bytes_month"
	publicTransfer     = "public_network_transfer_bytes"
	extraBranches      = "extra_branches_month"
)

const (
	consumptionPage = 100
	consumptionLag  = 15 * time.Minute // usage is told about this late: what is younger is not asked for
)

// Costs estimates what each project used in the period: metered usage times published prices where the plan tells
// usage, else the project's own counters of its billing period. Neon tells no invoice.
func (d *driver) Costs(ctx context.Context, p cloud.Period) iter.Seq2[cloud.Cost, error] {
	return func(yield func(cloud.Cost, error) bool) {
		for scope, err := range d.scopes(ctx, "costs scopes") {
			if err != nil {
				yield(cloud.Cost{}, err)
				return
			}
			if !d.orgCosts(ctx, scope.Account, p, yield) {
				return
			}
		}
	}
}

// orgCosts yields the costs of one organisation and reports whether to go on.
func (d *driver) orgCosts(ctx context.Context, account string, p cloud.Period, yield func(cloud.Cost, error) bool) bool {
	plan, err := d.plan(ctx, account, "costs")
	if err != nil {
		yield(cloud.Cost{}, err)
		return false
	}
	rate, priced := computeRate(plan)
	if !priced {
		return yield(cloud.Cost{}, cloud.Partial("neon: estimate costs", "prices of plan \""+plan+"\" are not published"))
	}
	usage, err := d.consumption(ctx, account, p)
	if cloud.KindOf(err) == cloud.KindDenied || account == personal {
		return d.counted(ctx, account, rate, yield)
	}
	if err != nil {
		yield(cloud.Cost{}, err)
		return false
	}
	for _, u := range usage {
		c := cloud.Cost{
			Account: account, Service: projects, ID: u.project, Kind: cloud.CostEstimate, Currency: "USD",
			Amount: u.estimate(rate), From: p.From, To: p.To, Source: "consumption times " + priceSource, At: d.now(),
		}
		if !yield(c, nil) {
			return false
		}
	}
	return true
}

// usage is what one project used, by metric.
type usage struct {
	project string
	metrics map[string]float64
}

// estimate prices usage in USD. The free plan (rate 0) costs nothing.
func (u *usage) estimate(rate float64) float64 {
	if rate == 0 {
		return 0
	}
	const gb = 1e9
	m := u.metrics
	return m[computeUnitSeconds]/3600*rate +
		(m[rootBytesMonth]+m[childBytesMonth])/gb*storagePerGBMonth +
		m[historyBytesMonth]/gb*historyPerGBMonth +
		max(m[publicTransfer]/gb-transferFreeGB, 0)*transferPerGB +
		m[extraBranches]*branchPerMonth
}

// consumption reads metered usage by project. The range must be aligned to its granularity, and hours go back a week.
func (d *driver) consumption(ctx context.Context, account string, p cloud.Period) ([]usage, error) {
	granularity, step := "daily", 24*time.Hour
	if p.To.Sub(p.From) <= 7*24*time.Hour {
		granularity, step = "hourly", time.Hour
	}
	from, to := p.From.UTC().Truncate(step), p.To.UTC().Add(-consumptionLag).Truncate(step)
	if !to.After(from) {
		return nil, nil
	}
	query := url.Values{
		"org_id": {account}, "granularity": {granularity},
		"from": {from.Format(time.RFC3339)}, "to": {to.Format(time.RFC3339)},
		"metrics": {strings.Join([]string{
			computeUnitSeconds, rootBytesMonth, childBytesMonth, historyBytesMonth, publicTransfer, extraBranches,
		}, ",")},
	}
	var out []usage
	err := pages(consumptionPage, func(q url.Values) (int, string, error) {
		maps.Copy(q, query)
		var page consumptionAnswer
		_, err := d.api.Get(ctx, "read consumption", "/consumption_history/v2/projects", q, &page)
		for i := range page.Projects {
			out = append(out, page.Projects[i].usage())
		}
		return len(page.Projects), page.Pagination.Cursor, err
	})
	return out, err
}

type consumptionAnswer struct {
	Projects   []consumptionProject
	Pagination struct{ Cursor string }
}

type consumptionProject struct {
	ProjectID string `json:"project_id"`
	Periods   []struct {
		Consumption []struct {
			Metrics []struct {
				Name  string `json:"metric_name"`
				Value float64
			}
		}
	}
}

// usage sums a project's time frames.
func (c *consumptionProject) usage() usage {
	u := usage{project: c.ProjectID, metrics: map[string]float64{}}
	for _, period := range c.Periods {
		for _, frame := range period.Consumption {
			for _, m := range frame.Metrics {
				u.metrics[m.Name] += m.Value
			}
		}
	}
	return u
}

// counters are a project's own, since the start of its billing period.
type counters struct {
	ComputeTime *float64   `json:"compute_time_seconds"` // CU-seconds
	Storage     *float64   `json:"data_storage_bytes_hour"`
	From        *time.Time `json:"consumption_period_start"`
	To          *time.Time `json:"consumption_period_end"`
}

// counted estimates from the projects' counters: one call for each project.
func (d *driver) counted(ctx context.Context, account string, rate float64, yield func(cloud.Cost, error) bool) bool {
	found, err := d.projects(ctx, account, "counters")
	if err != nil {
		yield(cloud.Cost{}, err)
		return false
	}
	type answer struct {
		cost cloud.Cost
		err  error
	}
	ids := make([]string, len(found.projects))
	for i := range ids {
		ids[i] = found.projects[i].ID
	}
	for got := range provider.Fan(ctx, parallel, ids, func(ctx context.Context, id string) answer {
		c, err := d.counter(ctx, account, id, rate)
		return answer{c, err}
	}) {
		if !yield(got.cost, got.err) || (got.err != nil && cloud.KindOf(got.err) != cloud.KindPartial) {
			return false
		}
	}
	return true
}

func (d *driver) counter(ctx context.Context, account, id string, rate float64) (cloud.Cost, error) {
	var got struct{ Project counters }
	if _, err := d.api.Get(ctx, "read counters of "+id, "/projects/"+url.PathEscape(id), nil, &got); err != nil {
		return cloud.Cost{}, err
	}
	c := cloud.Cost{
		Account: account, Service: projects, ID: id, Kind: cloud.CostEstimate, Currency: "USD",
		Source: "project counters times " + priceSource, At: d.now(),
	}
	if got.Project.From != nil && got.Project.To != nil {
		c.From, c.To = got.Project.From.UTC(), got.Project.To.UTC()
	}
	if rate == 0 {
		return c, nil
	}
	if got.Project.ComputeTime == nil {
		return c, cloud.Partial("neon: read counters of "+id, "the project tells no compute time: its cost is unknown")
	}
	c.Amount = *got.Project.ComputeTime / 3600 * rate
	if got.Project.Storage != nil {
		c.Amount += *got.Project.Storage / 1e9 / hoursPerMonth * storagePerGBMonth
	}
	return c, nil
}

const hoursPerMonth = 730
