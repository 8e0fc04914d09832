package gcp

import (
	"cmp"
	"context"
	"encoding/json"
	"net/url"
	"strings"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/httpx"
	"github.com/adsops/cloudtop/pkg/loose"
)

const mostPoints = "100000" // of one answer

// timeSeries is the part of the schema TimeSeries (monitoring v3) that is used.
type timeSeries struct {
	Metric   struct{ Labels map[string]string } // those that a meter groups by
	Resource struct{ Labels map[string]string }
	Points   []point
}

type point struct {
	Interval struct{ EndTime string }
	Value    struct {
		DoubleValue       *number
		Int64Value        *number // 64 bits
		DistributionValue *struct{ Mean number }
	}
}

// seriesPage is an answer of timeSeries.list, read series by series: of each the newest point is kept.
type seriesPage struct {
	unit            string // of all points: "10^2.%" is a fraction of 1, "%" percent
	newest          []newest
	series          some[timeSeries] // what was odd of them
	nextPageToken   string
	executionErrors []struct{ Message string }
	unreachable     []string
}

// newest is the newest point of a series that has a value.
type newest struct {
	metric, labels map[string]string // of the metric, of the resource
	value          float64
	at             cloud.Instant
}

func (p *seriesPage) read(from *json.Decoder) error {
	*p = seriesPage{}
	return loose.Members(from, func(name string) error {
		switch name {
		case "unit":
			return from.Decode(&p.unit)
		case "timeSeries":
			return p.series.stream(from, func(s *timeSeries) {
				if v, at, ok := s.newest(); ok {
					p.newest = append(p.newest, newest{s.Metric.Labels, s.Resource.Labels, v, cloud.InstantOf(at)})
				}
			})
		case "nextPageToken":
			return from.Decode(&p.nextPageToken)
		case "executionErrors":
			return from.Decode(&p.executionErrors)
		case "unreachable":
			return from.Decode(&p.unreachable)
		}
		return loose.Skip(from)
	})
}

// reading is what a call told of one metric.
type reading struct {
	series []seriesReading
	lost   []error // partial
	err    error
}

type seriesReading struct {
	owner  owner
	metric cloud.Metric
}

// read returns the newest point of each series of a metric in a project.
func (d *driver) read(ctx context.Context, project string, m *meter, w cloud.Window) (out reading) {
	op := "read " + m.metric
	call := httpx.Call{
		Op: op, Path: "https://monitoring.googleapis.com/v3/projects/" + url.PathEscape(project) + "/timeSeries", Query: m.query(w),
	}
	counts := tally{}
	for p, err := range pages(ctx, d.api, call, func(p *seriesPage) string { return p.nextPageToken }) {
		if err != nil {
			out.err = err
			return out
		}
		scale := m.scale(p.unit)
		for _, s := range p.newest {
			if m.outcome() != "" {
				counts.add(m, &s)
				continue
			}
			out.series = append(out.series, seriesReading{m.owner(s.labels), cloud.Metric{Name: m.metric, Value: s.value * scale, At: s.at}})
		}
		out.lost = append(out.lost, p.series.lost(op)...)
		for _, e := range p.executionErrors {
			out.lost = append(out.lost, missing(op, "a part:", e.Message))
		}
		for _, place := range p.unreachable {
			out.lost = append(out.lost, missing(op, place, ""))
		}
	}
	out.series = append(out.series, counts.readings(m)...)
	return out
}

// query asks for one metric type, which is all that a call can ask for.
func (m *meter) query(w cloud.Window) url.Values {
	filter := `metric.type = "` + m.kind + `" AND resource.type = "` + m.resource + `"`
	if m.only != "" {
		filter += " AND " + m.only
	}
	labels := "resource/labels"
	if m.outcome() != "" {
		labels = "metric/labels," + labels
	}
	q := query(
		"unit,timeSeries("+labels+",points(interval/endTime,value)),nextPageToken,executionErrors(code,message),unreachable", "filter", filter, "view", "FULL", "pageSize", mostPoints,
		"interval.startTime", w.From.UTC().Format(time.RFC3339), "interval.endTime", w.To.UTC().Format(time.RFC3339),
		"aggregation.alignmentPeriod", "60s", "aggregation.perSeriesAligner", m.aligner, "aggregation.crossSeriesReducer", m.reducer,
	)
	q["aggregation.groupByFields"] = m.by
	return q
}

// newest returns the newest point that has a value, whatever the order.
func (s *timeSeries) newest() (value float64, at time.Time, found bool) {
	for i := range s.Points {
		end := moment(s.Points[i].Interval.EndTime)
		if v := s.Points[i].value(); v.known && !end.IsZero() && (!found || end.After(at)) {
			value, at, found = v.value, end, true
		}
	}
	return value, at, found
}

func (p *point) value() number {
	v := p.Value
	switch {
	case v.DoubleValue != nil:
		return *v.DoubleValue
	case v.Int64Value != nil:
		return *v.Int64Value
	case v.DistributionValue != nil:
		return v.DistributionValue.Mean
	}
	return number{}
}

// scale returns what makes our unit of the answer's, which is in UCUM (unitsofmeasure.org). Where the answer does not
// tell, it is the documented one.
func (m *meter) scale(unit string) float64 {
	known := map[string]float64{"ns": 1e-9, "us": 1e-6, "ms": 1e-3, "s": 1}
	if strings.HasSuffix(m.metric, "_percent") {
		known = map[string]float64{"%": 1, "10^2.%": 100, "1": 100}
	}
	return cmp.Or(known[unit], m.factor)
}
