package neonsim

import (
	"net/http"
	"slices"
	"strings"
	"time"
)

// listConsumption answers GET /consumption_history/v2/projects: paid plans only, an aligned range, thirty times a
// minute.
func (c *cloud) listConsumption(r *http.Request) (any, *failure) {
	if _, ok := c.consumption.Allow("account", c.world.Now()); !ok {
		return nil, &failure{http.StatusTooManyRequests, "you have exceeded the rate limit"}
	}
	q := r.URL.Query()
	mine, f := c.ofOrg(q.Get("org_id"))
	if f != nil {
		return nil, f
	}
	if i := slices.IndexFunc(orgs(), func(o org) bool { return o.id == q.Get("org_id") }); strings.HasPrefix(orgs()[i].plan, "free") {
		return nil, &failure{http.StatusForbidden, "this feature is not available on the Free plan"}
	}
	from, to, f := c.period(q.Get("granularity"), q.Get("from"), q.Get("to"))
	if f != nil {
		return nil, f
	}
	metrics := strings.Split(strings.Join(q["metrics"], ","), ",")
	part, next, f := page(r, mine, 10, 100)
	if f != nil {
		return nil, f
	}
	list := []map[string]any{}
	for _, p := range part {
		list = append(list, map[string]any{"project_id": p.id, "periods": []map[string]any{{
			"period_id": "6a2a1b3c-0000-4000-8000-000000000001", "period_plan": p.org.plan,
			"period_start": from.Format(stamp), "consumption": []map[string]any{{
				"timeframe_start": from.Format(stamp), "timeframe_end": to.Format(stamp), "metrics": p.usage(metrics),
			}},
		}}})
	}
	return map[string]any{"projects": list, "pagination": map[string]any{"cursor": next}}, nil
}

// usage tells the metrics that are asked for.
func (p *project) usage(names []string) []map[string]any {
	values := map[string]int64{
		"compute_unit_seconds": p.cuSeconds, "root_branch_bytes_month": p.storage / 3, "child_branch_bytes_month": p.storage / 10,
		"instant_restore_bytes_month": p.storage / 20, "public_network_transfer_bytes": p.storage / 2, "extra_branches_month": 0,
	}
	out := []map[string]any{}
	for _, name := range names {
		if v, ok := values[name]; ok {
			out = append(out, map[string]any{"metric_name": name, "value": v})
		}
	}
	return out
}

// period checks a range: aligned to its granularity, in order, and no longer than the granularity allows.
func (c *cloud) period(granularity, start, end string) (from, to time.Time, f *failure) {
	steps := map[string]time.Duration{"hourly": time.Hour, "daily": 24 * time.Hour, "monthly": 0}
	most := map[string]time.Duration{"hourly": 168 * time.Hour, "daily": 60 * 24 * time.Hour, "monthly": 366 * 24 * time.Hour}
	step, ok := steps[granularity]
	if !ok {
		return from, to, &failure{http.StatusBadRequest, "granularity must be hourly, daily or monthly"}
	}
	from, err := time.Parse(time.RFC3339, start)
	if err != nil {
		return from, to, &failure{http.StatusBadRequest, "from must be RFC 3339"}
	}
	if to, err = time.Parse(time.RFC3339, end); err != nil {
		return from, to, &failure{http.StatusBadRequest, "to must be RFC 3339"}
	}
	aligned := step == 0 || (from.Equal(from.Truncate(step)) && to.Equal(to.Truncate(step)))
	if !aligned || to.Before(from) || to.Sub(from) > most[granularity] || to.After(c.world.Now()) {
		return from, to, &failure{http.StatusNotAcceptable, "the specified date-time range is outside the boundaries of the specified granularity"}
	}
	return from, to, nil
}
