package azure

import (
	"context"
	"errors"
	"net/http"
	"slices"

	"github.com/adsops/cloudtop/internal/cloud"
)

// readSets reads a batch in as few calls as its service answers: one. Where it refuses the metrics together, for not all
// of them have every aggregation or one is not known in this place, they are asked for by aggregation, then one by one,
// and from then on in the sets that were answered. At subscription scope nothing is tried: its next way is cheaper.
func (d *driver) readSets(ctx context.Context, w way, b batch) reading {
	known := d.setsOf(b.kind)
	out, good, bad := d.readAll(ctx, w, b, known.asked)
	out.missing = append(out.missing, known.missing...)
	if out.err != nil || len(bad) == 0 || w == bySubscription {
		return out.orElse(bad)
	}
	for _, split := range []func([]metric) [][]metric{byAggregation, singly} {
		var smaller [][]metric
		for _, s := range bad {
			smaller = append(smaller, split(s.metrics)...)
		}
		if len(smaller) == len(bad) {
			continue
		}
		more, fine, worse := d.readAll(ctx, w, b, smaller)
		out.samples, out.missing = append(out.samples, more.samples...), append(out.missing, more.missing...)
		if good = append(good, fine...); more.err != nil || len(good) == 0 {
			out.err = more.err
			return out.orElse(worse)
		}
		bad = worse
	}
	if len(good) == 0 {
		return out.orElse(bad)
	}
	var missing []error
	for _, s := range bad {
		missing = append(missing, partly(s.err, s.metrics[0].azure+" is not measured"))
	}
	out.missing = append(out.missing, missing...)
	d.learn(b.kind, sets{byAggregation(slices.Concat(good...)), slices.Concat(known.missing, missing)})
	return out
}

// sets are the metrics of a service that are asked for together, and what is known to be refused.
type sets struct {
	asked   [][]metric
	missing []error // of cloud.KindPartial
}

// refusedSet is a set of metrics that is refused as it is.
type refusedSet struct {
	metrics []metric
	err     error
}

// orElse returns the reading, or the error of a set that was refused where there is nothing else.
func (r reading) orElse(bad []refusedSet) reading {
	if r.err == nil && len(bad) > 0 {
		r.err = bad[0].err
	}
	return r
}

// readAll reads sets of metrics one after the other, and sorts them into those that were answered and those that were
// refused as they are. Another error ends it.
func (d *driver) readAll(ctx context.Context, w way, b batch, asked [][]metric) (out reading, good [][]metric, bad []refusedSet) {
	for _, s := range asked {
		b.metrics = s
		one := d.readBy(ctx, w, b)
		if malformed(one.err) {
			bad = append(bad, refusedSet{s, one.err})
			continue
		}
		out.samples, out.missing = append(out.samples, one.samples...), append(out.missing, one.missing...)
		out.absent += one.absent
		if one.err != nil {
			out.err = one.err
			return out, good, bad
		}
		good = append(good, s)
	}
	return out, good, bad
}

// malformed reports whether a call may be answered when it asks for less: HTTP 400, or 501.
func malformed(err error) bool {
	e, ok := errors.AsType[*cloud.Error](err)
	return ok && (e.Kind == cloud.KindRequest || e.Status == http.StatusNotImplemented)
}

func byAggregation(all []metric) (out [][]metric) {
	for _, a := range aggregations(all) {
		out = append(out, slices.DeleteFunc(slices.Clone(all), func(m metric) bool { return m.aggregation() != a }))
	}
	return out
}

func singly(all []metric) (out [][]metric) {
	for _, m := range all {
		out = append(out, []metric{m})
	}
	return out
}

// setsOf returns the sets that a service's metrics are asked for in.
func (d *driver) setsOf(k *kind) sets {
	d.mu.Lock()
	defer d.mu.Unlock()
	if s, ok := d.sets[k.service]; ok {
		return s
	}
	return sets{asked: [][]metric{k.metrics}}
}

func (d *driver) learn(k *kind, s sets) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.sets == nil {
		d.sets = map[string]sets{}
	}
	d.sets[k.service] = s
}
