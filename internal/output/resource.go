package output

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/view"
	"github.com/adsops/cloudtop/pkg/glob"
)

// scratch is room to sort in, used again for each resource.
type scratch struct {
	metrics []cloud.Metric
	tags    []cloud.Tag
	attrs   []cloud.Attr
}

// wanted reports whether an account is one of the patterns, by its identifier or name, or there are none.
func wanted(patterns []string, account, name string) bool {
	return len(patterns) == 0 || glob.Any(patterns, account, name)
}

func (d *doc) resource(r *cloud.Resource) {
	d.object()
	d.str("provider", r.Provider)
	d.str("account", r.Account)
	d.str("region", r.Region)
	d.str("compartment", r.Compartment)
	d.str("service", r.Service)
	d.str("type", r.Type)
	d.str("id", r.ID)
	d.str("name", r.Name)
	d.str("status", string(cmp.Or(r.Status, cloud.StatusUnknown)))
	d.str("native_status", r.NativeStatus)
	d.moment("created_at", r.CreatedAt)
	d.tags(r.Tags)
	d.gpu(r.GPU)
	d.metrics(r.Metrics)
	d.moment("metrics_at", view.Newest(r.Metrics))
	d.attributes(r.Attrs)
	d.price(r.Cost)
	d.endObject()
}

// tags writes an object by key; the last of equal keys counts.
func (d *doc) tags(tags []cloud.Tag) {
	d.key("tags")
	d.object()
	byKey := func(a, b cloud.Tag) int { return strings.Compare(a.Key, b.Key) }
	all := append(d.scratch.tags[:0], tags...)
	d.scratch.tags = all
	slices.SortStableFunc(all, byKey)
	for i := range all {
		if i+1 == len(all) || all[i+1].Key != all[i].Key {
			d.str(all[i].Key, all[i].Value)
		}
	}
	d.endObject()
}

func (d *doc) gpu(g *cloud.GPU) {
	d.key("gpu")
	if g == nil {
		d.null()
		return
	}
	d.object()
	d.str("type", g.Type)
	d.known("count", g.Count)
	d.known("memory_gb", g.MemoryGB)
	d.endObject()
}

// metrics writes an object of what was measured, by name; the newest of equal names counts.
func (d *doc) metrics(metrics []cloud.Metric) {
	d.key("metrics")
	d.object()
	all := append(d.scratch.metrics[:0], metrics...)
	all = slices.DeleteFunc(all, func(m cloud.Metric) bool { return !finite(m.Value) })
	d.scratch.metrics = all
	slices.SortStableFunc(all, func(a, b cloud.Metric) int {
		return cmp.Or(strings.Compare(a.Name, b.Name), cmp.Compare(a.At, b.At))
	})
	for i := range all {
		if i+1 == len(all) || all[i+1].Name != all[i].Name {
			d.figure(all[i].Name, all[i].Value)
		}
	}
	d.endObject()
}

// attributes writes an object by name; the last of equal names counts.
func (d *doc) attributes(attrs []cloud.Attr) {
	d.key("attributes")
	d.object()
	all := append(d.scratch.attrs[:0], attrs...)
	d.scratch.attrs = all
	slices.SortStableFunc(all, func(a, b cloud.Attr) int { return strings.Compare(a.Name, b.Name) })
	for i := range all {
		if i+1 == len(all) || all[i+1].Name != all[i].Name {
			d.key(all[i].Name)
			d.value(all[i].Value)
		}
	}
	d.endObject()
}

// value writes an attribute's value; what is of no known type as its text.
func (d *doc) value(v any) {
	switch v := v.(type) {
	case nil:
		d.null()
	case string:
		d.text(v)
	case bool:
		d.boolean(v)
	case int:
		d.integer(int64(v))
	case int64:
		d.integer(v)
	case float64:
		d.finite(v)
	case time.Time:
		d.instant(v)
	case []string:
		d.array()
		for _, s := range v {
			d.text(s)
		}
		d.endArray()
	default:
		d.text(fmt.Sprint(v))
	}
}

// price writes what a resource costs: {hourly} where that is one number, else null and the two ends.
func (d *doc) price(p *cloud.Price) {
	d.key("cost")
	if p == nil || !finite(p.Low) || !finite(p.High) {
		d.null()
		return
	}
	d.object()
	d.key("hourly")
	if p.Low == p.High {
		d.number(p.High)
	} else {
		d.null()
		d.figure("hourly_min", p.Low)
		d.figure("hourly_max", p.High)
	}
	d.str("currency", p.Currency)
	d.str("source", p.Source)
	d.moment("quoted_at", p.At)
	d.endObject()
}
