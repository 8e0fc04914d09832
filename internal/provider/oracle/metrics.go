package oracle

import (
	"context"
	"iter"
	"maps"
	"net/url"
	"slices"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/provider"
)

// longestWindow bounds the points of an answer: 2,000 streams of 10 minutes are far below its 100,000 points.
const longestWindow = 10 * time.Minute

// Metrics yields the newest value of every metric: one call for each metric, for all compartments together where the
// credential may do so.
func (d *driver) Metrics(ctx context.Context, refs []cloud.Ref, w cloud.Window) iter.Seq2[cloud.Sample, error] {
	return func(yield func(cloud.Sample, error) bool) {
		if len(refs) == 0 {
			return
		}
		m, err := d.measuring(ctx, refs, w)
		if err != nil {
			yield(cloud.Sample{}, err)
			return
		}
		detailed, _ := d.config.Options["detailed_metrics"].(bool)
		gpus := slices.ContainsFunc(refs, func(r cloud.Ref) bool { return r.GPU })
		readings := readingsOf(refs[0].Service, gpus, detailed)
		for got := range provider.Fan(ctx, len(readings), readings, m.read) {
			for i := range got.values {
				if v := &got.values[i]; v.n > 0 && !yield(v.sample(&refs[i], &got.reading), nil) {
					return
				}
			}
			for _, err := range got.errs {
				if !yield(cloud.Sample{}, err) || cloud.KindOf(err) != cloud.KindPartial {
					return
				}
			}
		}
	}
}

// measuring is what the readings of one region have in common.
type measuring struct {
	*driver
	url     string
	region  string
	tenancy string
	refs    []cloud.Ref
	index   map[string]int // refs by ID
	places  []bin          // the compartments of refs
	quiet   int            // how many of refs have no metrics because they come or go
	window  cloud.Window
}

func (d *driver) measuring(ctx context.Context, refs []cloud.Ref, w cloud.Window) (*measuring, error) {
	tenancy, _, err := d.signer.whose(ctx)
	if err != nil {
		return nil, err
	}
	region := refs[0].Region
	m := &measuring{
		driver: d, region: region, tenancy: tenancy, refs: refs, index: make(map[string]int, len(refs)), window: w,
		url: endpoint(monitoringAPI, region, domainOf(tenancy)) + "/metrics/actions/summarizeMetricsData",
	}
	counts := map[string]int{}
	for i := range refs {
		m.index[refs[i].ID] = i
		counts[refs[i].Compartment]++
	}
	paths := slices.Sorted(maps.Keys(counts))
	for _, path := range paths {
		id, err := d.compartment(ctx, path)
		if err != nil {
			return nil, err
		}
		m.places = append(m.places, bin{compartment: id, path: path, size: counts[path]})
	}
	if refs[0].Service == compute {
		m.quiet = d.notes.quietIn(region, paths)
	}
	return m, nil
}

// measured is what a reading found: a value for each of the refs where there is any, and partial errors or the one that ended it.
type measured struct {
	reading reading
	values  []value // nil until there is one
	answer  int32   // counts the answers that values come from
	errs    []error
}

// read asks for one metric. The CPU of instances without an agent is asked of the hypervisor.
func (m *measuring) read(ctx context.Context, r reading) measured {
	got := m.newest(ctx, r)
	if r.namespace != agentSpace || r.name != cloud.CPUUsagePercent || len(got.errs) > 0 {
		return got
	}
	silent := len(m.refs)
	for i := range got.values {
		if got.values[i].n > 0 {
			silent--
		}
	}
	if silent <= m.quiet {
		return got
	}
	other := m.newest(ctx, hypervisorCPU())
	for i := range got.values {
		if v := &got.values[i]; v.n > 0 && len(other.values) > 0 {
			other.values[i] = *v
		}
	}
	if len(other.values) > 0 {
		got.values = other.values
	}
	got.errs = other.errs
	return got
}

// newest asks bin by bin, and splits the bins that hold too much.
func (m *measuring) newest(ctx context.Context, r reading) measured {
	got := measured{reading: r}
	for todo := m.first(); len(todo) > 0; {
		b := todo[0]
		todo = todo[1:]
		more, err := m.ask(ctx, b, &got)
		todo = append(todo, more...)
		if err != nil {
			got.errs = append(got.errs, err)
			if cloud.KindOf(err) != cloud.KindPartial {
				break
			}
		}
	}
	return got
}

// details is SummarizeMetricsDataDetails.
type details struct {
	Namespace  string `json:"namespace"`
	Query      string `json:"query"`
	StartTime  string `json:"startTime"`
	EndTime    string `json:"endTime"` // excluded
	Resolution string `json:"resolution"`
}

func (m *measuring) request(r *reading, b bin) (url.Values, details) {
	query := url.Values{"compartmentId": {b.compartment}}
	if b.compartment == "" {
		query = url.Values{"compartmentId": {m.tenancy}, "compartmentIdInSubtree": {"true"}}
	}
	var dimensions []string
	if b.ad != "" {
		dimensions = append(dimensions, `availabilityDomain = "`+b.ad+`"`)
	}
	if b.fd != "" {
		dimensions = append(dimensions, `faultDomain = "`+b.fd+`"`)
	}
	to := m.window.To
	from := later(m.window.From, to.Add(-longestWindow))
	if r.span > 0 {
		from = to.Add(-r.span)
	}
	return query, details{
		Namespace: r.namespace, Query: r.query(dimensions), Resolution: mqlInterval(r.interval()),
		StartTime: from.UTC().Truncate(r.interval()).Format(time.RFC3339), EndTime: to.UTC().Format(time.RFC3339),
	}
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// stream is the part of MetricData that is used.
type stream struct {
	Dimensions struct {
		ResourceID token `json:"resourceId"`
		InstanceID token `json:"instanceId"` // of custom namespaces
	} `json:"dimensions"`
	Points points `json:"aggregatedDatapoints"`
}

// empty makes ready for the next stream, in the same memory.
func (s *stream) empty() {
	s.Dimensions.ResourceID, s.Dimensions.InstanceID = s.Dimensions.ResourceID[:0], s.Dimensions.InstanceID[:0]
	s.Points = points{}
}

// value is the newest reading of one resource, joined from n streams of one answer.
type value struct {
	of     float64 // the sum of the streams, or the highest of them
	at     cloud.Instant
	n      int32
	answer int32 // which one: a later answer, or the same one asked for again, replaces it
}

// sample returns the value as the reading has it.
func (v *value) sample(ref *cloud.Ref, r *reading) cloud.Sample {
	of := v.of
	if r.cards == meanOf {
		of /= float64(v.n)
	}
	return cloud.Sample{ID: ref.ID, Metric: cloud.Metric{Name: r.name, Value: r.scale(of), At: v.at}}
}

// keep notes the newest point of a stream.
func (m *measuring) keep(s *stream, got *measured) {
	i, ok := m.index[string(s.Dimensions.ResourceID)]
	if !ok {
		if i, ok = m.index[string(s.Dimensions.InstanceID)]; !ok {
			return
		}
	}
	last := s.Points.newest
	if !last.Value.known {
		return
	}
	if got.values == nil {
		got.values = make([]value, len(m.refs))
	}
	v, at, x := &got.values[i], cloud.InstantOf(last.Timestamp.Time), last.Value.v
	switch {
	case v.n == 0 || v.answer != got.answer || got.reading.cards == noFold && at > v.at:
		*v = value{of: x, at: at, n: 1, answer: got.answer}
	case got.reading.cards == highestOf:
		v.of, v.at, v.n = max(v.of, x), max(v.at, at), v.n+1
	case got.reading.cards != noFold:
		v.of, v.at, v.n = v.of+x, max(v.at, at), v.n+1
	}
}
