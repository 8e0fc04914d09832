package oracle

import (
	"context"
	"encoding/json"
	"errors"
	"iter"
	"maps"
	"net/url"
	"slices"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/httpx"
	"github.com/adsops/cloudtop/internal/provider"
)

const (
	// mostStreams is how many streams one answer holds
	// (docs.oracle.com/iaas/api/#/en/monitoring/20180401/MetricData/); whether more are cut off or refused, it does not
	// say. safeStreams leaves room for what was removed a moment ago and still counts.
	mostStreams = 2000
	safeStreams = 1800
	// longestWindow bounds the points of an answer: 2,000 streams of 10 minutes are far below its 100,000 points.
	longestWindow = 10 * time.Minute
)

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

// bin is a part of a region's resources that one call asks for.
type bin struct {
	compartment string // OCID; empty = the whole tenancy
	path        string
	ad, fd      string // availability and fault domain; empty = all
	size        int    // resources, where known
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

// first returns the bins to begin with: the whole tenancy, unless that is refused or too much for one answer.
func (m *measuring) first() []bin {
	if len(m.refs) <= safeStreams && !m.noSubtree.Load() {
		return []bin{{}}
	}
	var out []bin
	for _, b := range m.places {
		if b.size <= safeStreams {
			out = append(out, b)
		} else {
			out = append(out, m.split(b)...)
		}
	}
	return out
}

// split returns the parts of a bin: its compartments, its availability domains, its fault domains; none where it
// cannot be split any further.
func (m *measuring) split(b bin) []bin {
	var out []bin
	switch {
	case b.compartment == "":
		return slices.Clone(m.places)
	case b.ad == "":
		for _, ad := range m.notes.adsOf(m.region) {
			part := b
			part.ad = ad
			out = append(out, part)
		}
	case b.fd == "":
		for _, fd := range []string{"FAULT-DOMAIN-1", "FAULT-DOMAIN-2", "FAULT-DOMAIN-3"} { // every domain has three
			part := b
			part.fd = fd
			out = append(out, part)
		}
	}
	return out
}

// ask reads one bin into found. It returns the bins to ask instead, where the answer was refused or full.
func (m *measuring) ask(ctx context.Context, r *reading, b bin, found []value) ([]bin, error) {
	query, body := m.request(r, b)
	part, streams := make([]value, len(m.refs)), 0
	decode := func(in *json.Decoder) error {
		clear(part) // of an answer that broke off
		streams = 0
		return httpx.Each(func(s *stream) error {
			streams++
			m.keep(s, r, part)
			return nil
		})(in)
	}
	call := httpx.Call{Op: "read metric " + r.metric, Path: m.url, Query: query, Body: body}
	_, err := m.api.Do(ctx, call, decode)
	if err == nil {
		for i := range part {
			if part[i].n > 0 {
				found[i] = part[i]
			}
		}
	}
	kind := cloud.KindOf(err)
	switch {
	case err == nil && streams < mostStreams:
		return nil, nil
	case err == nil:
		return m.full(r, b)
	case b.compartment == "" && (kind == cloud.KindDenied || kind == cloud.KindNotFound || kind == cloud.KindRequest):
		m.noSubtree.Store(true)
		return m.split(b), nil
	case kind == cloud.KindRequest && len(m.split(b)) > 0 && len(m.refs) > safeStreams:
		return m.split(b), nil
	case kind == cloud.KindDenied:
		return nil, m.denied(b, err)
	}
	return nil, partially(err)
}

// full says what to do about an answer that holds as many streams as any can.
func (m *measuring) full(r *reading, b bin) ([]bin, error) {
	if parts := m.split(b); len(parts) > 0 {
		return parts, nil
	}
	return nil, cloud.Partial(name+": read metric "+r.metric,
		"Oracle gives no more than 2,000 streams at once: some instances of "+b.path+" may be without "+r.name)
}

// denied says that the metrics of one compartment may not be read.
func (m *measuring) denied(b bin, err error) error {
	out := &cloud.Error{
		Kind: cloud.KindPartial, Op: name + ": read metrics",
		Detail: "the metrics of the compartment " + b.path + " may not be read",
		Hint:   "Allow group <your group> to read metrics in tenancy", Err: err,
	}
	if e, ok := errors.AsType[*cloud.Error](err); ok {
		out.Status, out.Code = e.Status, e.Code
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
