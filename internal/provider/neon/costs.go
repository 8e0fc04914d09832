package neon

import (
	"context"
	"iter"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/provider"
	"github.com/adsops/cloudtop/pkg/loose"
)

// Costs estimates what each project used in the period: metered usage times published prices where the plan tells
// usage, else the project's own counters of its billing period. Neon tells no invoice. An empty period is the month so
// far.
func (d *driver) Costs(ctx context.Context, p cloud.Period) iter.Seq2[cloud.Cost, error] {
	return func(yield func(cloud.Cost, error) bool) {
		p := d.period(p)
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

func (d *driver) period(p cloud.Period) cloud.Period {
	now := d.now().UTC()
	if p.To.IsZero() || p.To.After(now) {
		p.To = now
	}
	if p.From.IsZero() {
		p.From = month(now)
	}
	return p
}

// orgCosts yields the costs of one organisation and reports whether to go on. One whose costs cannot be told leaves
// the others.
func (d *driver) orgCosts(ctx context.Context, account string, p cloud.Period, yield func(cloud.Cost, error) bool) bool {
	gap := func(detail string) bool {
		return yield(cloud.Cost{}, cloud.Partial("neon: estimate costs of "+account, detail))
	}
	plan, err := d.plan(ctx, account, "costs")
	if err != nil {
		return d.tell(yield, cloud.Cost{}, err)
	}
	t, priced := tariffOf(plan)
	switch {
	case plan == "":
		return gap("the plan is not told")
	case !priced:
		return gap("prices of plan \"" + plan + "\" are not published")
	case t.legacy:
		return gap("plan \"" + plan + "\" has a monthly fee with allowances: what exceeds them cannot be told by project")
	case t.hour == 0:
		return d.free(ctx, account, p, yield)
	}
	parts := stretches(p, d.now())
	if len(parts) == 0 {
		return gap("no whole hour of the period is told: usage is 15 minutes late, and kept for a year")
	}
	all, missing, err := d.consumption(ctx, account, parts, t)
	if cloud.KindOf(err) == cloud.KindDenied {
		return d.counted(ctx, account, t, yield)
	}
	if err != nil {
		return d.tell(yield, cloud.Cost{}, err)
	}
	told := cloud.Period{From: parts[0].from, To: parts[len(parts)-1].to}
	return d.metered(account, all, told, t, yield) && eachError(missing, yield) &&
		(!told.From.After(p.From) || gap("usage before "+told.From.Format(time.DateOnly)+" is not kept"))
}

// metered yields the costs of metered usage.
func (d *driver) metered(account string, all []*usage, told cloud.Period, t tariff, yield func(cloud.Cost, error) bool) bool {
	rate := publicRate(all, told.To.Sub(told.From))
	for _, u := range all {
		switch {
		case !u.told: // its usage is told from when the plan was begun
			continue
		case u.odd:
			if !yield(cloud.Cost{}, cloud.Partial("neon: read consumption", "the usage of "+u.project+" cannot be read")) {
				return false
			}
			continue
		}
		c := d.estimate(account, u.project, "consumption times "+priceSource)
		c.Amount, c.From, c.To = u.price(t, rate), told.From, told.To
		if !yield(c, nil) {
			return false
		}
	}
	return true
}

func (d *driver) estimate(account, project, source string) cloud.Cost {
	return cloud.Cost{
		Account: account, Service: projects, ID: project, Kind: cloud.CostEstimate, Currency: "USD", Source: source, At: d.now(),
	}
}

// free yields the costs of projects that cost nothing.
func (d *driver) free(ctx context.Context, account string, p cloud.Period, yield func(cloud.Cost, error) bool) bool {
	list := d.projects(ctx, account, "costs")
	for i := range list.rows {
		c := d.estimate(account, string(list.rows[i].ID), freeSource)
		c.From, c.To = p.From, p.To
		if !yield(c, nil) {
			return false
		}
	}
	return eachError(list.missing, yield) && (list.err == nil || d.tell(yield, cloud.Cost{}, list.err))
}

// counters are a project's own, since the start of its billing period.
type counters struct {
	ComputeTime loose.Number `json:"compute_time_seconds"`    // CU-seconds
	Storage     loose.Number `json:"data_storage_bytes_hour"` // byte-hours of branches and history together
	From        loose.Time   `json:"consumption_period_start"`
	To          loose.Time   `json:"consumption_period_end"`
}

// counted estimates from the projects' counters: one call for each project.
func (d *driver) counted(ctx context.Context, account string, t tariff, yield func(cloud.Cost, error) bool) bool {
	list := d.projects(ctx, account, "costs")
	type answer struct {
		cost cloud.Cost
		err  error
	}
	all := pointers(list.rows)
	for got := range provider.Fan(ctx, parallel, all, func(ctx context.Context, p *project) answer {
		c, err := d.counter(ctx, account, p, t)
		return answer{c, err}
	}) {
		if !d.tell(yield, got.cost, got.err) {
			return false
		}
	}
	return eachError(list.missing, yield) && (list.err == nil || d.tell(yield, cloud.Cost{}, list.err))
}

func (d *driver) counter(ctx context.Context, account string, p *project, t tariff) (cloud.Cost, error) {
	var got struct{ Project loose.Object[counters] }
	op := "read counters of " + string(p.ID)
	if _, err := d.api.Get(ctx, op, p.path(""), nil, &got); err != nil {
		return cloud.Cost{}, err
	}
	n := &got.Project.Value
	if !n.ComputeTime.Known || !n.Storage.Known {
		return cloud.Cost{}, cloud.Partial("neon: "+op, "the project does not tell its compute time and storage: its cost is unknown")
	}
	c := d.estimate(account, string(p.ID), "counters of the billing period times "+priceSource+", without transfer and branches")
	c.From, c.To = n.From.Time, earlier(n.To.Time, d.now().UTC())
	c.Amount = n.ComputeTime.Value/secondsPerHour*t.hour + n.Storage.Value/hoursPerMonth/gb*storagePerGBMonth
	return c, nil
}

// tell yields a cost or an error and reports whether to go on: an error that is about one thing alone leaves the others.
func (d *driver) tell(yield func(cloud.Cost, error) bool, c cloud.Cost, err error) bool {
	err = gapOf(err)
	return yield(c, err) && (err == nil || cloud.KindOf(err) == cloud.KindPartial)
}

func eachError(errs []error, yield func(cloud.Cost, error) bool) bool {
	for _, err := range errs {
		if !yield(cloud.Cost{}, err) {
			return false
		}
	}
	return true
}
