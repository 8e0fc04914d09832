package neonsim

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/adsops/cloudtop/internal/sim"
)

const (
	minute = time.Minute
	hour   = time.Hour
	day    = 24 * time.Hour
)

func epoch() time.Time { return sim.Epoch }

func month(t time.Time) time.Time { return time.Date(t.Year(), t.Month(), 1, 0, 0, 0, 0, time.UTC) }

// What a project uses goes on evenly from its creation.
func (p *project) hours(from, to time.Time) float64 {
	if from.Before(p.created) {
		from = p.created
	}
	return max(0, to.Sub(from).Hours())
}

// seconds are CU-seconds: the project uses so many an hour.
func (p *project) seconds(from, to time.Time) int64 {
	return int64(p.hours(from, to) * float64(p.cuPerHour))
}

func (p *project) byteHours(from, to time.Time) int64 { return int64(p.hours(from, to)) * p.storage }

// transfer is bytes to the internet: what is stored leaves in about a month.
func (p *project) transfer(from, to time.Time) int64 { return p.byteHours(from, to) / 744 }

// metric returns what a project used by a metric of consumption v2, in its unit; ok is false for an unknown name.
func (p *project) metric(name string, from, to time.Time) (v int64, ok bool) {
	switch name {
	case "compute_unit_seconds":
		return p.seconds(from, to), true
	case "root_branch_bytes_month": // byte-hours
		return p.byteHours(from, to) / 4 * 3, true
	case "child_branch_bytes_month":
		return p.byteHours(from, to) / 8, true
	case "instant_restore_bytes_month":
		return p.byteHours(from, to) / 8, true
	case "public_network_transfer_bytes":
		return p.transfer(from, to), true
	case "extra_branches_month": // branch-hours of all children
		return int64(p.hours(from, to)) * int64(max(len(p.branches)-1, 0)), true
	case "snapshot_storage_bytes_month", "private_network_transfer_bytes":
		return 0, true
	}
	return 0, false
}

// span is the range of a call, cut into frames.
type span struct {
	frames  [][2]time.Time
	plan    string
	metrics []string
}

// metered checks a call for consumption: paid plans only, a range that is still told, thirty times a minute.
func (c *cloud) metered(do func(*http.Request, []*project, span) (any, *failure)) answer {
	return func(r *http.Request) (any, *failure) {
		if _, ok := c.consumption.Allow("account", c.world.Now()); !ok {
			return nil, &failure{http.StatusTooManyRequests, "you have exceeded the rate limit"}
		}
		o, f := orgOf(r, r.URL.Query().Get("org_id"))
		if f != nil {
			return nil, f
		}
		if strings.HasPrefix(o.plan, "free") {
			return nil, &failure{http.StatusForbidden, "this feature is not available on the Free plan"}
		}
		s := span{plan: o.plan, metrics: words(r, "metrics")}
		if s.frames, f = c.frames(r); f != nil {
			return nil, f
		}
		ids := words(r, "project_ids")
		if len(ids) > 100 {
			return nil, bad("at most 100 project_ids")
		}
		mine := slices.DeleteFunc(c.ofOrg(o), func(p *project) bool { return len(ids) > 0 && !slices.Contains(ids, p.id) })
		return do(r, mine, s)
	}
}

// frames cuts a range at its granularity. Its ends are rounded down; only so long ago is told by the hour, day or month.
func (c *cloud) frames(r *http.Request) ([][2]time.Time, *failure) {
	granularity, f := word(r, "granularity", "", "hourly", "daily", "monthly")
	if f != nil || granularity == "" {
		return nil, bad("granularity must be hourly, daily or monthly")
	}
	from, f := moment(r, "from")
	if f != nil {
		return nil, f
	}
	to, f := moment(r, "to")
	if f != nil {
		return nil, f
	}
	now := c.world.Now()
	floor, next, oldest := month, func(t time.Time) time.Time { return t.AddDate(0, 1, 0) }, now.AddDate(-1, 0, 0)
	if step := map[string]time.Duration{"hourly": hour, "daily": day}[granularity]; step > 0 {
		floor = func(t time.Time) time.Time { return t.Truncate(step) }
		next = func(t time.Time) time.Time { return t.Add(step) }
		oldest = now.Add(-map[string]time.Duration{"hourly": 168 * hour, "daily": 60 * day}[granularity])
	}
	from, to = floor(from), floor(to)
	if from.Before(floor(oldest)) || to.Before(from) || from.After(now) {
		return nil, &failure{
			http.StatusNotAcceptable, "the specified date-time range is outside the boundaries of the specified granularity",
		}
	}
	var all [][2]time.Time
	for at := from; at.Before(to) && at.Before(now); at = next(at) {
		all = append(all, [2]time.Time{at, next(at)})
	}
	return all, nil
}

// periods wraps frames in the billing period of the plan.
func (s span) periods(frame func(from, to time.Time) object) []any {
	if len(s.frames) == 0 {
		return []any{}
	}
	frames := encoded(s.frames, func(f [2]time.Time) any {
		m := frame(f[0], f[1])
		m["timeframe_start"], m["timeframe_end"] = f[0].Format(stamp), f[1].Format(stamp)
		return m
	})
	return []any{object{
		"period_id": "6a2a1b3c-0000-4000-8000-000000000001", "period_plan": s.plan,
		"period_start": s.frames[0][0].Format(stamp), "consumption": frames,
	}}
}

// metrics tells the metrics that are asked for; share is the part of the project's use.
func (s span) used(p *project, share int64) []any {
	return s.periods(func(from, to time.Time) object {
		all := []any{}
		for _, name := range s.metrics {
			if v, ok := p.metric(name, from, to); ok {
				all = append(all, object{"metric_name": name, "value": v / share})
			}
		}
		return object{"metrics": all}
	})
}

func byProject(r *http.Request, mine []*project, s span) (any, *failure) {
	if len(s.metrics) == 0 {
		return nil, bad("metrics is required")
	}
	return listed(r, "projects", mine, [2]int{10, 100}, func(p *project) any {
		return object{"project_id": p.id, "periods": s.used(p, 1)}
	})
}

// byBranch divides a project's use among its branches.
func byBranch(r *http.Request, mine []*project, s span) (any, *failure) {
	switch {
	case len(words(r, "project_ids")) == 0:
		return nil, bad("project_ids is required")
	case len(s.metrics) == 0:
		return nil, bad("metrics is required")
	case slices.Contains(s.metrics, "extra_branches_month"), slices.Contains(s.metrics, "snapshot_storage_bytes_month"):
		return nil, bad("metrics: extra_branches_month and snapshot_storage_bytes_month are not supported")
	}
	type pair struct {
		p *project
		b *branch
	}
	var all []pair
	for _, p := range mine {
		for _, b := range p.branches {
			all = append(all, pair{p, b})
		}
	}
	return listed(r, "branches", all, [2]int{100, 1000}, func(x pair) any {
		return object{"project_id": x.p.id, "branch_id": x.b.id, "periods": s.used(x.p, int64(len(x.p.branches)))}
	})
}

// byProjectBefore is the endpoint of the plans before those by usage.
func byProjectBefore(r *http.Request, mine []*project, s span) (any, *failure) {
	return listed(r, "projects", mine, [2]int{10, 100}, func(p *project) any {
		return object{"project_id": p.id, "periods": s.periods(func(from, to time.Time) object {
			return object{
				"active_time_seconds": p.seconds(from, to) / 2, "compute_time_seconds": p.seconds(from, to),
				"written_data_bytes": 0, "synthetic_storage_size_bytes": p.storage,
			}
		})}
	})
}
