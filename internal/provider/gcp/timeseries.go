package gcp

import (
	"context"
	"math"
	"net/url"
	"strconv"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/httpx"
)

const (
	seriesFields = "timeSeries(resource/labels,points(interval/endTime,value)),nextPageToken,executionErrors(code,message),unreachable"
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
		DoubleValue       *float64
		Int64Value        *string // 64 bits, as text
		DistributionValue *struct{ Mean *float64 }
	}
}

type seriesPage struct {
	TimeSeries      []timeSeries
	NextPageToken   string
	ExecutionErrors []struct {
		Code    int
		Message string
	}
	Unreachable []string
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
		for i := range p.TimeSeries {
			s := &p.TimeSeries[i]
			if reading, ok := s.newest(m); ok {
				out.series = append(out.series, seriesReading{m.key(s.Resource.Labels), reading})
			}
		}
		for _, e := range p.ExecutionErrors {
			out.lost = append(out.lost, missing(op, "a part", e.Message))
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
func (s *timeSeries) newest(m *meter) (cloud.Metric, bool) {
	out := cloud.Metric{Name: m.metric}
	found := false
	for i := range s.Points {
		at := moment(s.Points[i].Interval.EndTime)
		v, ok := s.Points[i].value()
		if ok && !at.IsZero() && (!found || at.After(out.At)) {
			out.Value, out.At, found = v*m.factor, at, true
		}
	}
	return out, found
}

func (p *point) value() (float64, bool) {
	v := p.Value
	switch {
	case v.DoubleValue != nil:
		return *v.DoubleValue, !math.IsNaN(*v.DoubleValue)
	case v.Int64Value != nil:
		n, err := strconv.ParseInt(*v.Int64Value, 10, 64)
		return float64(n), err == nil
	case v.DistributionValue != nil && v.DistributionValue.Mean != nil:
		return *v.DistributionValue.Mean, true
	}
	return 0, false
}
