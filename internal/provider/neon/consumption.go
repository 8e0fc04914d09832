package neon

import (
	"context"
	"net/url"
	"strings"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/pkg/loose"
)

const (
	consumptionPage = 100
	consumptionLag  = 15 * time.Minute // usage is told about this late: what is younger is not asked for
	day             = 24 * time.Hour
)

// stretch is a part of a period that is read with one granularity: only so long ago is it told by the hour or day.
type stretch struct {
	granularity string
	from, to    time.Time
}

// stretches covers a period: by the hour what is of the last 168 hours, by the day what is of the last 60 days, and by
// the month what is of the last year. It begins and ends with whole hours, days or months, and is empty where nothing
// of the period can be told.
func stretches(p cloud.Period, now time.Time) []stretch {
	now = now.UTC()
	at, end := p.From.UTC(), p.To.UTC()
	if latest := now.Add(-consumptionLag); end.After(latest) {
		end = latest
	}
	hours := upTo(now.Add(-7*day), time.Hour)
	days := upTo(now.Add(-60*day), day)
	var out []stretch
	add := func(granularity string, from, to time.Time) {
		if from.Before(to) {
			out = append(out, stretch{granularity, from, to})
			at = to
		}
	}
	if at.Before(days) && at.Before(end) {
		from, to := month(at), earlier(nextMonth(days), nextMonth(end))
		if oldest := nextMonth(now.AddDate(-1, 0, 0)); from.Before(oldest) {
			from = oldest
		}
		add("monthly", from, earlier(to, month(now)))
	}
	if at.Before(hours) && at.Before(end) && !at.Before(days.Add(-day)) {
		add("daily", at.Truncate(day), earlier(upTo(hours, day), upTo(end, day)))
	}
	if at.Before(end) && !at.Before(hours.Add(-time.Hour)) {
		add("hourly", at.Truncate(time.Hour), end.Truncate(time.Hour))
	}
	return out
}

// upTo rounds a time up to a whole step.
func upTo(t time.Time, step time.Duration) time.Time { return t.Add(step - 1).Truncate(step) }

func month(t time.Time) time.Time { return time.Date(t.Year(), t.Month(), 1, 0, 0, 0, 0, time.UTC) }

// nextMonth rounds a time up to the beginning of a month.
func nextMonth(t time.Time) time.Time {
	if first := month(t); !first.Equal(t) {
		return first.AddDate(0, 1, 0)
	}
	return t
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

// consumed is an element of GET /consumption_history/v2/projects.
type consumed struct {
	ProjectID loose.Text `json:"project_id"`
	Periods   loose.List[struct {
		Consumption loose.List[frame]
	}]
}

// frame is what was used in an hour, a day or a month.
type frame struct {
	Start   loose.Time `json:"timeframe_start"`
	End     loose.Time `json:"timeframe_end"`
	Metrics loose.List[struct {
		Name  loose.Text `json:"metric_name"`
		Value loose.Number
	}]
}

// consumption reads metered usage by project, in the order in which projects are told.
func (d *driver) consumption(ctx context.Context, account string, parts []stretch, t tariff) ([]*usage, []error, error) {
	var all []*usage
	var missing []error
	index := map[string]*usage{}
	for _, part := range parts {
		l := listing[consumed]{
			op: "read consumption", path: "/consumption_history/v2/projects", field: "projects", size: consumptionPage,
			query: url.Values{
				"org_id": {account}, "granularity": {part.granularity}, "metrics": {strings.Join(pricedMetrics(), ",")},
				"from": {part.from.Format(time.RFC3339)}, "to": {part.to.Format(time.RFC3339)},
			},
			is: func(c *consumed) bool { return c.ProjectID != "" },
		}
		got, err := l.read(ctx, d)
		if err != nil {
			return nil, nil, err
		}
		missing = append(missing, got.missing...)
		for i := range got.rows {
			c := &got.rows[i]
			u := index[string(c.ProjectID)]
			if u == nil {
				u = &usage{project: string(c.ProjectID), totals: map[string]float64{}}
				index[u.project], all = u, append(all, u)
			}
			c.count(u, part, t)
		}
	}
	return all, missing, nil
}

// count adds a project's time frames. Where a part of them cannot be read the whole is not known.
func (c *consumed) count(u *usage, part stretch, t tariff) {
	u.odd = u.odd || !c.Periods.Told || len(c.Periods.Odd) > 0
	for i := range c.Periods.All {
		frames := &c.Periods.All[i].Consumption
		u.odd = u.odd || len(frames.Odd) > 0
		for j := range frames.All {
			f := &frames.All[j]
			hours := f.End.Sub(f.Start.Time).Hours()
			if f.Start.IsZero() || f.End.IsZero() {
				hours = map[string]float64{"hourly": 1, "daily": 24, "monthly": longestMonth}[part.granularity]
			}
			u.odd = u.odd || len(f.Metrics.Odd) > 0
			for _, m := range f.Metrics.All {
				u.add(string(m.Name), m.Value, hours, t)
			}
		}
	}
}
