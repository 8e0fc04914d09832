package collector

import (
	"github.com/adsops/cloudtop/internal/cloud"
)

// readings are metrics on their way from a provider, which yields them one metric after the other for all resources,
// to the resources. A reading waits in a third of the memory of a sample.
type readings struct {
	index  map[string]int32 // resources, by ID
	ids    []string
	counts []int32 // of each resource
	names  []string
	all    []reading
}

type reading struct {
	value float64
	at    cloud.Instant
	of    int32
	name  int32
}

func newReadings(refs []cloud.Ref) *readings {
	r := &readings{index: make(map[string]int32, len(refs)), ids: make([]string, len(refs)), counts: make([]int32, len(refs))}
	for i := range refs {
		r.ids[i], r.index[refs[i].ID] = refs[i].ID, int32(i) //nolint:gosec // fewer than 2^31
	}
	return r
}

// add takes a sample. One of a resource that was not asked for is none.
func (r *readings) add(s cloud.Sample) {
	of, ok := r.index[s.ID]
	if !ok {
		return
	}
	name := len(r.names) - 1
	for name >= 0 && r.names[name] != s.Metric.Name { // most often it is that of the last one
		name--
	}
	if name < 0 {
		name, r.names = len(r.names), append(r.names, s.Metric.Name)
	}
	r.counts[of]++
	r.all = append(r.all, reading{s.Metric.Value, s.Metric.At, of, int32(name)}) //nolint:gosec // a few dozen
}

// byResource returns the readings of each resource, in the order in which they came. They lie side by side: each
// resource's take no more memory than they are long.
func (r *readings) byResource() map[string][]cloud.Metric {
	out := make([][]cloud.Metric, len(r.ids))
	metrics := make([]cloud.Metric, len(r.all))
	some := 0
	for i, n := range r.counts {
		if n > 0 {
			out[i], metrics = metrics[:0:n], metrics[n:]
			some++
		}
	}
	for _, x := range r.all {
		out[x.of] = append(out[x.of], cloud.Metric{Name: r.names[x.name], Value: x.value, At: x.at})
	}
	by := make(map[string][]cloud.Metric, some)
	for i, m := range out {
		if len(m) > 0 {
			by[r.ids[i]] = m
		}
	}
	return by
}
