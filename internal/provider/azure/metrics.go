package azure

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/provider"
)

const (
	batchSize = 50 // resource ids in one getBatch call (azmetrics: QueryResources)
	parallel  = 16 // calls at once; the chain bounds the rate
	// fewBatches is up to how many batches are read as such. For more, one call at subscription scope is tried first.
	fewBatches = 3
	step       = time.Minute
)

// metric is a metric of Azure Monitor and what it becomes. Without total and maximum its average is read; a total is
// per step and becomes a rate.
type metric struct {
	azure          string
	name           string
	total, maximum bool
	convert        func(float64) float64 // nil = as it is
}

// ofHundred turns free percent into used percent.
func ofHundred(v float64) float64 { return 100 - v }

// group is what one batch call may ask for: resources of one subscription, region and type.
type group struct {
	subscription, region string
	kind                 *kind
	window               cloud.Window
}

// batch is some of a group's resources; their ids in lower case lead to the ids as they were listed.
type batch struct {
	*group
	metrics []metric // those of the kind that are asked for
	ids     map[string]string
	all     *cache[*whole] // what the calls at subscription scope tell, by names of metrics, read once for the group
	many    bool           // the group has so many batches that one call for all of them is tried first
}

// reading is what was read of a batch.
type reading struct {
	samples []cloud.Sample
	missing []error // of cloud.KindPartial
	absent  int     // resources that the answer at subscription scope does not have
	err     error
}

// Metrics reads the newest value of every metric of refs' services: 50 resources to a call, or all of a region and type
// where they are many.
func (d *driver) Metrics(ctx context.Context, refs []cloud.Ref, w cloud.Window) iter.Seq2[cloud.Sample, error] {
	return func(yield func(cloud.Sample, error) bool) {
		for r := range provider.Fan(ctx, parallel, batches(refs, w), d.read) {
			for _, s := range r.samples {
				if !yield(s, nil) {
					return
				}
			}
			for _, err := range r.missing {
				if !yield(cloud.Sample{}, err) {
					return
				}
			}
			if r.err != nil {
				yield(cloud.Sample{}, r.err)
				return
			}
		}
	}
}

// batches groups refs. Resources of one batch must be of one subscription, region and type.
func batches(refs []cloud.Ref, w cloud.Window) []batch {
	type place struct{ account, region, service string }
	groups := map[place][]cloud.Ref{}
	var order []place
	for _, r := range refs {
		p := place{strings.ToLower(r.Account), r.Region, r.Service}
		if groups[p] == nil {
			order = append(order, p)
		}
		groups[p] = append(groups[p], r)
	}
	var out []batch
	for _, p := range order {
		k, ok := kindOf(p.service)
		if !ok || len(k.metrics) == 0 {
			continue
		}
		g := &group{subscription: p.account, region: p.region, kind: &k, window: wholeMinutes(w)}
		all := new(cache[*whole])
		for chunk := range slices.Chunk(groups[p], batchSize) {
			b := batch{group: g, metrics: k.metrics, many: len(groups[p]) > fewBatches*batchSize, ids: make(map[string]string, len(chunk)), all: all}
			for _, r := range chunk {
				b.ids[strings.ToLower(r.ID)] = r.ID
			}
			out = append(out, b)
		}
	}
	return out
}

// aggregations are those that metrics are read by.
func aggregations(of []metric) []string {
	var all []string
	for _, m := range of {
		if a := m.aggregation(); !slices.Contains(all, a) {
			all = append(all, a)
		}
	}
	return all
}

func (m *metric) aggregation() string {
	switch {
	case m.total:
		return "total"
	case m.maximum:
		return "maximum"
	}
	return "average"
}

func names(of []metric) string {
	all := make([]string, len(of))
	for i, m := range of {
		all[i] = m.azure
	}
	return strings.Join(all, ",")
}

// The wire: the same in all three calls.
type (
	metricAnswer struct {
		ResourceID string // of the batch call only
		Interval   string // "PT1M"; may be longer than what was asked for
		Value      []metricValue
	}
	metricValue struct {
		Name         struct{ Value string }
		TimeSeries   []series
		ErrorCode    string // "Success", or why there is no value
		ErrorMessage string
	}
	series struct {
		MetadataValues []struct {
			Name  struct{ Value string }
			Value string
		}
		Data []point
	}
	point struct {
		TimeStamp               string // the beginning of the step
		Average, Total, Maximum number
	}
)

// newest returns the latest complete step that has a value.
func (m *metric) newest(s *series, step time.Duration, w cloud.Window) (out cloud.Metric, ok bool) {
	for i := range s.Data {
		p := &s.Data[i]
		v := p.Average
		if m.total {
			v = p.Total
		} else if m.maximum {
			v = p.Maximum
		}
		began := moment(p.TimeStamp)
		at := cloud.InstantOf(began.Add(step))
		if !v.known || began.IsZero() || at > cloud.InstantOf(w.To) || at < out.At {
			continue
		}
		if m.total {
			v.value /= step.Seconds()
		}
		if m.convert != nil {
			v.value = m.convert(v.value)
		}
		out, ok = cloud.Metric{Name: m.name, Value: v.value, At: at}, true
	}
	return out, ok
}

// stepOf reads an answer's interval (ISO 8601: "PT1M", "PT5M", "PT1H", "P1D"); what is not told is what was asked for.
func stepOf(interval string) time.Duration {
	if interval == "P1D" {
		return 24 * time.Hour
	}
	clock, ok := strings.CutPrefix(interval, "PT")
	if d, err := time.ParseDuration(strings.ToLower(clock)); ok && err == nil && d > 0 {
		return d
	}
	return step
}

// metric returns what was asked for of which v is the answer, nil where it was not.
func (b *batch) metric(v *metricValue) *metric {
	i := slices.IndexFunc(b.metrics, func(m metric) bool { return strings.EqualFold(m.azure, v.Name.Value) })
	if i < 0 {
		return nil
	}
	return &b.metrics[i]
}

// failure says why Azure could not read a metric; "" where it could.
func (v *metricValue) failure() string {
	if v.ErrorCode == "" || v.ErrorCode == "Success" {
		return ""
	}
	return fmt.Sprintf("%s: %s", v.Name.Value, strings.TrimSpace(v.ErrorCode+" "+v.ErrorMessage))
}

// take reads the samples of one resource, and counts in failed the metrics that Azure says it could not read.
func (b *batch) take(id string, a metricAnswer, out *reading, failed map[string]int) {
	for i := range a.Value {
		v := &a.Value[i]
		asked := b.metric(v)
		if asked == nil {
			continue
		}
		if f := v.failure(); f != "" {
			failed[f]++
		}
		for k := range v.TimeSeries {
			if m, ok := asked.newest(&v.TimeSeries[k], stepOf(a.Interval), b.window); ok {
				out.samples = append(out.samples, cloud.Sample{ID: id, Metric: m})
				break
			}
		}
	}
}
