package gcp

import (
	"cmp"
	"context"
	"net/url"
	"strings"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/httpx"
)

const (
	seriesFields = "unit,timeSeries(resource/labels,points(interval/endTime,value)),nextPageToken,executionErrors(code,message),unreachable"
	mostPoints   = "100000" // of one answer
)

// timeSeries is the part of the schema TimeSeries (monitoring v3) that is used.
type timeSeries struct {
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

type seriesPage struct {
	Unit            string // of all points: "10^2.%" is a fraction of 1, "%" percent
	TimeSeries      some[timeSeries]
	NextPageToken   string
	ExecutionErrors []struct{ Message string }
	Unreachable     []string
}

// reading is what a call told of one metric.
type reading struct {
	series []seriesReading
	lost   []error // partial
	err    error
}

type seriesReading struct {
	key    string
	metric cloud.Metric
}

// read returns the newest point of each series of a metric in a project.
func (d *driver) read(ctx context.Context, project string, m *meter, w cloud.Window) (out reading) {
	op := "read " + m.metric
	call := httpx.Call{
		Op: op, Path: "https://monitoring.googleapis.com/v3/projects/" + url.PathEscape(project) + "/timeSeries", Query: m.query(w),
	}
	for p, err := range pages(ctx, d.api, call, func(p *seriesPage) string { return p.NextPageToken }) {
		if err != nil {
			out.err = err
			return out
		}
		scale := m.scale(p.Unit)
		for i := range p.TimeSeries.all {
			s := &p.TimeSeries.all[i]
			if v, at, ok := s.newest(); ok {
				out.series = append(out.series, seriesReading{m.key(s.Resource.Labels), cloud.Metric{Name: m.metric, Value: v * scale, At: cloud.InstantOf(at)}})
			}
		}
		out.lost = append(out.lost, p.TimeSeries.lost(op)...)
		for _, e := range p.ExecutionErrors {
			out.lost = append(out.lost, missing(op, "a part:", e.Message))
		}
		for _, place := range p.Unreachable {
			out.lost = append(out.lost, missing(op, place, ""))
		}
	}
	return out
}

// query asks for one metric type, which is all that a call can ask for.
func (m *meter) query(w cloud.Window) url.Values {
	filter := `metric.type = "` + m.kind + `" AND resource.type = "` + m.resource + `"`
	if m.only != "" {
		filter += " AND " + m.only
	}
	q := query(
		seriesFields, "filter", filter, "view", "FULL", "pageSize", mostPoints,
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
