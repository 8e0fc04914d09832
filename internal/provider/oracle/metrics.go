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
			for _, s := range got.samples {
				if !yield(s, nil) {
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

// measured is what a reading found.
type measured struct {
	samples []cloud.Sample
	errs    []error // partial ones, or the one that ended it
}

// read asks for one metric. The CPU of instances without an agent is asked of the hypervisor.
func (m *measuring) read(ctx context.Context, r reading) measured {
	got := m.newest(ctx, &r)
	if r.namespace != agentSpace || r.name != cloud.CPUUsagePercent || len(got.errs) > 0 {
		return got
	}
	if len(got.samples)+m.quiet >= len(m.refs) {
		return got
	}
	have := make(map[string]bool, len(got.samples))
	for _, s := range got.samples {
		have[s.ID] = true
	}
	other := hypervisorCPU()
	more := m.newest(ctx, &other)
	for _, s := range more.samples {
		if !have[s.ID] {
			got.samples = append(got.samples, s)
		}
	}
	got.errs = more.errs
	return got
}

// newest asks bin by bin, and splits the bins that hold too much.
func (m *measuring) newest(ctx context.Context, r *reading) measured {
	found := make([]value, len(m.refs))
	var errs []error
	for todo := m.first(); len(todo) > 0; {
		b := todo[0]
		todo = todo[1:]
		more, err := m.ask(ctx, r, b, found)
		todo = append(todo, more...)
		if err != nil {
			errs = append(errs, err)
			if cloud.KindOf(err) != cloud.KindPartial {
				break
			}
		}
	}
	out := measured{errs: errs, samples: make([]cloud.Sample, 0, len(m.refs))}
	for i := range found {
		if v := &found[i]; v.n > 0 {
			metric := cloud.Metric{Name: r.name, Value: r.scale(v.of(r.cards)), At: v.at}
			out.samples = append(out.samples, cloud.Sample{ID: m.refs[i].ID, Metric: metric})
		}
	}
	return out
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
		ResourceID string `json:"resourceId"`
		InstanceID string `json:"instanceId"` // of custom namespaces
	} `json:"dimensions"`
	Points []point `json:"aggregatedDatapoints"`
}

// point is AggregatedDatapoint.
type point struct {
	Timestamp time.Time `json:"timestamp"`
	Value     *float64  `json:"value"`
}

// value is the newest reading of one resource, joined from n streams.
type value struct {
	at           time.Time
	sum, highest float64
	n            int
}

// of returns the value as the fold has it.
func (v *value) of(f fold) float64 {
	switch f {
	case meanOf:
		return v.sum / float64(v.n)
	case highestOf:
		return v.highest
	default:
		return v.sum
	}
}

// keep notes the newest point of a stream.
func (m *measuring) keep(s *stream, r *reading, found []value) {
	i, ok := m.index[s.Dimensions.ResourceID]
	if !ok {
		if i, ok = m.index[s.Dimensions.InstanceID]; !ok {
			return
		}
	}
	var last *point
	for j := range s.Points {
		if p := &s.Points[j]; p.Value != nil && (last == nil || p.Timestamp.After(last.Timestamp)) {
			last = p
		}
	}
	if last == nil {
		return
	}
	v, at := &found[i], last.Timestamp.UTC()
	switch {
	case v.n == 0 || r.cards == noFold && at.After(v.at):
		*v = value{at: at, sum: *last.Value, highest: *last.Value, n: 1}
	case r.cards != noFold:
		*v = value{at: later(v.at, at), sum: v.sum + *last.Value, highest: max(v.highest, *last.Value), n: v.n + 1}
	}
}
