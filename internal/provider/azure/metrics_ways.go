package azure

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/httpx"
	"github.com/adsops/cloudtop/internal/provider"
	"github.com/adsops/cloudtop/pkg/loose"
)

// way is a call that reads metrics. Each needs less of the credential than the one before.
type way int

const (
	byBatch        way = iota // 50 resources a call; a role at subscription scope and a token of another audience
	bySubscription            // all resources of a region in one call; a role at subscription scope
	byResource                // one resource a call
)

const (
	metricsVersion = "2024-02-01"
	mostAtOnce     = 1000 // time series of a metric in the call at subscription scope; its limit is not published
)

// read reads a batch the best way that works for its service in its subscription. What will fail again tomorrow is not
// tried again; what one resource is to blame for, is.
func (d *driver) read(ctx context.Context, b batch) reading {
	p := part{b.subscription, b.kind.service}
	if out, ok := d.readMany(ctx, p, b); ok {
		return out
	}
	for way := d.way(p); ; way++ {
		out := d.readSets(ctx, way, b)
		if out.err == nil || way == byResource || !refused(out.err) {
			return out
		}
		if e, ok := errors.AsType[*cloud.Error](out.err); !ok || e.Code != "ResourceNotFound" {
			d.avoid(p, way)
		}
	}
}

// readMany reads a batch of a large group as its part of the one answer at subscription scope, which may hold fewer time
// series than were asked for. False where the batch is not wholly in it: it is read by itself then.
func (d *driver) readMany(ctx context.Context, p part, b batch) (reading, bool) {
	if !b.many || d.way(p) != byBatch || d.isApart(p) {
		return reading{}, false
	}
	out := d.readSets(ctx, bySubscription, b)
	if refused(out.err) {
		d.keepApart(p)
	}
	return out, ctx.Err() != nil || out.err == nil && out.absent == 0
}

func (d *driver) isApart(p part) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.apart[p]
}

func (d *driver) keepApart(p part) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.apart == nil {
		d.apart = map[part]bool{}
	}
	d.apart[p] = true
}

// refused reports whether a call failed for a reason that another call may not have: its permission, its audience, or
// what it supports.
func refused(err error) bool {
	switch cloud.KindOf(err) {
	case cloud.KindDenied, cloud.KindNotFound, cloud.KindUnsupported, cloud.KindRequest:
		return true
	default:
		return false
	}
}

func (d *driver) way(p part) way {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.ways[p]
}

func (d *driver) avoid(p part, w way) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.ways == nil {
		d.ways = map[part]way{}
	}
	d.ways[p] = max(d.ways[p], w+1)
}

func (d *driver) readBy(ctx context.Context, w way, b batch) reading {
	switch w {
	case byBatch:
		return d.readBatch(ctx, b)
	case bySubscription:
		return d.readWhole(ctx, b)
	default:
		return d.readEach(ctx, b)
	}
}

// batchAnswer is the answer to a batch, read resource by resource: all of it at once is most of the memory of a large
// listing, as 16 are read at a time.
type batchAnswer struct {
	*batch
	reading
	failed   map[string]int // the metrics that Azure could not read
	answered int            // resources
	odd      error          // of cloud.KindPartial
}

// from reads {"values":[{"resourceid":"...","value":[...]}, ...]}.
func (a *batchAnswer) from(dec *json.Decoder) error {
	return loose.Members(dec, func(key string) error {
		if !strings.EqualFold(key, "values") {
			return loose.Skip(dec)
		}
		return loose.Elements(dec, func() error {
			var one metricAnswer
			err := oddPart("read metrics of "+a.kind.service+" in "+a.region, dec.Decode(&one), &a.odd)
			if id, ok := a.ids[strings.ToLower(one.ResourceID)]; ok {
				a.answered++
				a.take(id, one, &a.reading, a.failed)
			}
			return err
		})
	})
}

// readBatch calls metrics:getBatch, whose names of parameters differ from the other calls'.
func (d *driver) readBatch(ctx context.Context, b batch) reading {
	if strings.Trim(b.region, "abcdefghijklmnopqrstuvwxyz0123456789") != "" || b.region == "" {
		return reading{err: &cloud.Error{Kind: cloud.KindUnsupported, Op: "azure: read metrics", Detail: "no region " + b.region}}
	}
	ids := slices.Sorted(maps.Values(b.ids))
	var read batchAnswer
	_, err := d.send(ctx, metricsAudience, httpx.Call{
		Op:   "read metrics of " + b.kind.service + " in " + b.region,
		Path: "https://" + b.region + ".metrics.monitor.azure.com/subscriptions/" + b.subscription + "/metrics:getBatch",
		Query: url.Values{
			"api-version": {metricsVersion}, "metricnamespace": {b.kind.arm}, "metricnames": {names(b.metrics)},
			"aggregation": {strings.Join(aggregations(b.metrics), ",")}, "interval": {"PT1M"},
			"starttime": {b.window.From.Format(time.RFC3339)}, "endtime": {b.window.To.Format(time.RFC3339)},
		},
		Body: map[string]any{"resourceids": ids},
	}, func(dec *json.Decoder) error {
		read = batchAnswer{batch: &b, failed: map[string]int{}}
		return read.from(dec)
	})
	out := read.reading
	if !out.stands(cmp.Or(err, read.odd)) {
		return out
	}
	out.say(read.failed)
	if n := len(ids) - read.answered; n > 0 {
		out.missing = append(out.missing, cloud.Partial("azure: read metrics", fmt.Sprintf(
			"%d of %d %s in %s are not in the answer", n, len(ids), b.kind.service, b.region)))
	}
	return out
}

// stands keeps what came with an answer instead of it, or beside it, and reports whether there is one.
func (r *reading) stands(err error) bool {
	switch {
	case partial(err):
		r.missing = append(r.missing, err)
	case err != nil:
		r.err = err
		return false
	}
	return true
}

// say turns the metrics that Azure could not read into errors.
func (r *reading) say(failed map[string]int) {
	for _, what := range slices.Sorted(maps.Keys(failed)) {
		r.missing = append(r.missing, cloud.Partial("azure: read metrics", fmt.Sprintf("%s (%d resources)", what, failed[what])))
	}
}

// query is what the calls to Azure Resource Manager share.
func (b *batch) query() url.Values {
	return url.Values{
		"api-version": {metricsVersion}, "metricnamespace": {b.kind.arm}, "metricnames": {names(b.metrics)},
		"aggregation": {strings.Join(aggregations(b.metrics), ",")}, "interval": {"PT1M"},
		"timespan": {b.window.From.Format(time.RFC3339) + "/" + b.window.To.Format(time.RFC3339)},
	}
}

// whole is the answer at subscription scope, which all batches of a group share.
type whole struct {
	newest  map[string][]cloud.Metric // by lower-case id
	failed  []string                  // metrics that Azure says it could not read
	full    bool                      // as many time series came as were asked for: there may be more
	missing error                     // of cloud.KindPartial
	err     error                     // why there is no answer
}

// readWhole takes the batch's part of the answer at subscription scope.
func (d *driver) readWhole(ctx context.Context, b batch) reading {
	w, err := b.all.do(ctx, names(b.metrics), d.now(), time.Hour, func(old *whole) (*whole, error) {
		if old != nil {
			return old, nil
		}
		w, err := d.fillWhole(httpx.Common(ctx), &b)
		if err != nil && ctx.Err() == nil {
			return &whole{err: err}, nil // the group's other batches need not ask again
		}
		return w, err
	})
	if err == nil {
		err = w.err
	}
	if err != nil {
		return reading{err: err}
	}
	var out reading
	out.stands(w.missing)
	failed := map[string]int{}
	for _, lower := range slices.Sorted(maps.Keys(b.ids)) {
		metrics, ok := w.newest[lower]
		if !ok {
			out.absent++
			continue
		}
		for _, f := range w.failed {
			failed[f]++
		}
		for _, m := range metrics {
			out.samples = append(out.samples, cloud.Sample{ID: b.ids[lower], Metric: m})
		}
	}
	out.say(failed)
	if out.absent > 0 && w.full {
		out.missing = append(out.missing, cloud.Partial("azure: read metrics", fmt.Sprintf(
			"%d of %d %s in %s are not in the answer, which is as long as it may be", out.absent, len(b.ids), b.kind.service, b.region)))
	}
	return out
}

// fillWhole reads all resources of a region and type. Without top, ten time series come.
func (d *driver) fillWhole(ctx context.Context, b *batch) (*whole, error) {
	q := b.query()
	q.Set("region", b.region)
	q.Set("$filter", "Microsoft.ResourceId eq '*'")
	q.Set("top", strconv.Itoa(mostAtOnce))
	return d.streamWhole(ctx, b, q)
}

// readEach asks resource by resource. What cannot be read of one is said, and the others go on; where nothing can, the
// error is the batch's.
func (d *driver) readEach(ctx context.Context, b batch) reading {
	type answer struct {
		id     string
		values metricAnswer
		err    error
	}
	var out reading
	failed := map[string]int{}
	var errs []error
	ids := slices.Sorted(maps.Values(b.ids))
	for a := range provider.Fan(ctx, parallel, ids, func(ctx context.Context, id string) answer {
		got, err := fetch[metricAnswer](ctx, d, armAudience, httpx.Call{
			Op: "read metrics of " + lastOf(id), Path: escaped(id) + "/providers/Microsoft.Insights/metrics", Query: b.query(),
		})
		return answer{id, got, err}
	}) {
		if a.err != nil && !partial(a.err) {
			errs = append(errs, a.err)
			continue
		}
		out.stands(a.err)
		b.take(a.id, a.values, &out, failed)
	}
	out.say(failed)
	switch {
	case len(errs) == len(ids):
		out.err = errs[0]
	case len(errs) > 0:
		out.missing = append(out.missing, partly(errs[0], fmt.Sprintf("%d of %d resources have no metrics", len(errs), len(ids))))
	}
	return out
}

// escaped makes a resource id the path of a URL.
func escaped(id string) string { return (&url.URL{Path: id}).EscapedPath() }

// wholeMinutes begins and ends a window with whole steps: the one under way is not complete.
func wholeMinutes(w cloud.Window) cloud.Window {
	return cloud.Window{From: w.From.UTC().Truncate(step), To: w.To.UTC().Truncate(step)}
}
