package tui

import (
	"testing"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/hub"
	"github.com/adsops/cloudtop/internal/output/paint"
	"github.com/adsops/cloudtop/internal/view"
)

// pictured returns the picture of a snapshot after another.
func pictured(t *testing.T, before, now *hub.Snapshot) *picture {
	t.Helper()
	o := &Options{Now: at}
	var last *inventory
	if before != nil {
		first, err := (&job{opts: o, snap: before}).picture()
		if err != nil {
			t.Fatal(err)
		}
		last = first.all
	}
	p, err := (&job{opts: o, snap: now, before: last}).picture()
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestWhatBecameOfACell(t *testing.T) {
	t.Parallel()
	base := server("a", 50)
	for _, c := range []struct {
		name, column string
		now          func(*cloud.Resource)
		want         change
	}{
		{"the same", "cpu", func(*cloud.Resource) {}, same},
		{"more", "cpu", func(r *cloud.Resource) { r.Metrics = []cloud.Metric{{Name: cloud.CPUUsagePercent, Value: 51}} }, rose},
		{"less", "cpu", func(r *cloud.Resource) { r.Metrics = []cloud.Metric{{Name: cloud.CPUUsagePercent, Value: 49}} }, fell},
		{"more, but not to be seen", "cpu", func(r *cloud.Resource) { r.Metrics = []cloud.Metric{{Name: cloud.CPUUsagePercent, Value: 50.2}} }, same},
		{"no longer measured", "cpu", func(r *cloud.Resource) { r.Metrics = nil }, other},
		{"another word", "status", func(r *cloud.Resource) { r.Status = cloud.StatusFailed }, other},
		{"another name", "name", func(r *cloud.Resource) { r.Name = "b" }, other},
		{"dearer", "cost", func(r *cloud.Resource) { r.Cost = cloud.HourlyPrice(1, "", at()) }, rose},
		{"cheaper", "cost", func(r *cloud.Resource) { r.Cost = cloud.HourlyPrice(0.1, "", at()) }, fell},
		{"a price that is no longer known", "cost", func(r *cloud.Resource) { r.Cost = nil }, other},
		{"read later", "metrics_at", func(r *cloud.Resource) {
			r.Metrics = []cloud.Metric{{Name: cloud.CPUUsagePercent, Value: 50, At: cloud.InstantOf(at())}}
		}, same},
		{"older", "age", func(r *cloud.Resource) { r.CreatedAt = r.CreatedAt.Add(-time.Hour) }, same},
	} {
		p := pictured(t, round(base), round(with(base, c.now)))
		column, ok := view.Lookup(view.Resources, c.column)
		if !ok {
			t.Fatal(c.column)
		}
		row := &p.rows[0]
		_, was := p.changeOf(row)
		cell := p.cell(row, &column)
		if got := p.changed(&column, &cell, was); got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got.sign(false), c.want.sign(false))
		}
	}
}

func TestWhatBecameOfARow(t *testing.T) {
	t.Parallel()
	stale := letters("ab")
	stale.Units[0].State, stale.Units[0].At = hub.Stale, at()
	for _, c := range []struct {
		name        string
		before, now *hub.Snapshot
		want        string // the signs of the rows
	}{
		{"the first round", nil, letters("ab"), "  "},
		{"the same", letters("ab"), letters("ab"), "  "},
		{"one came", letters("a"), letters("ab"), " +"},
		{"one went", letters("abc"), letters("ac"), " - "},
		{"one for another", letters("ab"), letters("ac"), " -+"},
		{"the first answers", round(), letters("ab"), "++"},
		{"all went", letters("ab"), round(), "--"},
		{"not read", letters("ab"), stale, "~~"},
	} {
		p := pictured(t, c.before, c.now)
		got := ""
		for i := range p.rows {
			what, _ := p.changeOf(&p.rows[i])
			got += what.sign(false)
		}
		if got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
		if n := len(p.all.rows); p.matched != n {
			t.Errorf("%s: %d rows are counted, want %d", c.name, p.matched, n)
		}
	}
}

func TestWhoseRowsAreOld(t *testing.T) {
	t.Parallel()
	place := hub.Key{Provider: "oracle", Account: "acme", Service: "compute", Capability: hub.Resources}
	narrowed := func(change func(*hub.Key)) hub.Key {
		k := place
		change(&k)
		return k
	}
	for _, c := range []struct {
		name string
		unit hub.Unit
		old  bool
	}{
		{"stale", hub.Unit{Key: place, State: hub.Stale}, true},
		{"from the cache", hub.Unit{Key: place, State: hub.OK, Cached: true}, true},
		{"fresh", hub.Unit{Key: place, State: hub.OK}, false},
		{"partial", hub.Unit{Key: place, State: hub.Partial}, false},
		{"stale in its region", hub.Unit{Key: narrowed(func(k *hub.Key) { k.Region = "us-ashburn-1" }), State: hub.Stale}, true},
		{"stale in another region", hub.Unit{Key: narrowed(func(k *hub.Key) { k.Region = "eu-frankfurt-1" }), State: hub.Stale}, false},
		{"stale in its compartment", hub.Unit{Key: narrowed(func(k *hub.Key) { k.Compartment = "prod" }), State: hub.Stale}, true},
		{"stale in another compartment", hub.Unit{Key: narrowed(func(k *hub.Key) { k.Compartment = "dev" }), State: hub.Stale}, false},
		{"stale in another account", hub.Unit{Key: narrowed(func(k *hub.Key) { k.Account = "b" }), State: hub.Stale}, false},
		{"stale metrics", hub.Unit{Key: narrowed(func(k *hub.Key) { k.Capability = hub.Metrics }), State: hub.Stale}, false},
	} {
		row := with(server("a", 1), func(r *cloud.Resource) { r.Compartment = "prod" })
		snap := round(row)
		c.unit.At = at().Add(-time.Minute)
		snap.Units = []hub.Unit{c.unit}
		p := pictured(t, nil, snap)
		if got := p.unit(&p.rows[0]) != nil; got != c.old {
			t.Errorf("%s: old is %v, want %v", c.name, got, c.old)
		}
	}
}

func TestOffersOfACachedMarketAreOld(t *testing.T) {
	t.Parallel()
	snap := world()
	snap.Units = []hub.Unit{{Key: hub.Key{Provider: "vastai", Capability: hub.Offers}, State: hub.OK, Cached: true, At: at().Add(-time.Hour)}}
	p, err := (&job{opts: &Options{Now: at, Query: view.Query{Kind: view.Offers}}, snap: snap}).picture()
	if err != nil {
		t.Fatal(err)
	}
	c := readColumn()
	for i := range p.rows {
		if cell := p.cell(&p.rows[i], &c); cell.Text != "1h ago" {
			t.Errorf("row %d: got %q", i, cell.Text)
		}
	}
}

func TestStatusesAreCounted(t *testing.T) {
	t.Parallel()
	var got []string
	for _, c := range tallies(pictured(t, nil, world()).all.rows) {
		got = append(got, paint.Plural(c.n, string(c.status)))
		if (&paint.Painter{}).Glyph(c.style) == "" {
			t.Errorf("%s has no sign", c.status)
		}
	}
	if len(got) != len(cloud.Statuses()) || got[0] != "8 runnings" || got[1] != "1 starting" {
		t.Errorf("got %v", got)
	}
	if got := tallies(nil); len(got) != 0 {
		t.Errorf("of nothing: got %v", got)
	}
}
