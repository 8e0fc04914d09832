package cloudflaresim

import (
	"time"

	"github.com/adsops/cloudtop/internal/sim"
)

// Truth implements sim.Cloud. Rates are those of the quarter of an hour that ended five minutes ago, which is what a
// reader sees who knows that later counts are not complete.
func (c *cloudflare) Truth() sim.Truth {
	c.fill()
	now := c.world.Now()
	end := now.Truncate(time.Minute)
	t := sim.Truth{Offers: -1}
	for _, a := range c.accounts {
		t.Accounts = append(t.Accounts, a.ID)
		if a.denied["/d1/"] {
			t.Denied = []string{"//d1"}
		}
		w := &watcher{
			account: a, from: end.Add(-20 * time.Minute), to: end.Add(-5 * time.Minute), end: end,
			stored: end.Add(-time.Nanosecond), midnight: end.Truncate(24 * time.Hour), datasets: allDatasets(),
		}
		t.Resources = append(t.Resources, w.resources()...)
	}
	return t
}

// watcher knows what the resources of an account do at one moment.
type watcher struct {
	*account
	from, to, midnight, end time.Time
	stored                  time.Time // the moment of the newest reading of storage
	datasets                map[string]*dataset
}

func (w *watcher) resources() []sim.Resource {
	var all []sim.Resource
	add := func(r sim.Resource, metrics map[string]float64) {
		r.Account, r.Metrics = w.ID, metrics
		if r.Status == "" {
			r.Status = "unknown"
		}
		all = append(all, r)
	}
	requests := w.today("scripts", events) + w.today("projects", events)
	for _, s := range w.scripts {
		tags := map[string]string{}
		for _, t := range s.Tags {
			tags[t] = ""
		}
		r := sim.Resource{Service: "workers", Type: "worker", ID: "workers/scripts/" + s.ID, Name: s.ID, CreatedAt: s.CreatedOn, Tags: tags}
		add(r, w.invocations("workersInvocationsAdaptive", &s.use, requests))
	}
	for _, p := range w.projects {
		r := sim.Resource{Service: "pages", Type: "pages_project", ID: "pages/projects/" + p.name, Name: p.name, CreatedAt: p.born}
		r.Status, r.NativeStatus = p.status()
		add(r, w.invocations("pagesFunctionsInvocationsAdaptiveGroups", &p.use, requests))
	}
	for _, b := range w.buckets {
		r := sim.Resource{Service: "r2", Type: "bucket", ID: "r2/buckets/" + b.inAnalytics(), Name: b.Name, CreatedAt: b.CreationDate}
		add(r, w.bucket(b))
	}
	read, written := w.today("databases", rowsRead), w.today("databases", rowsWritten)
	queried := w.today("databases", events) > 0
	for _, d := range w.databases {
		r := sim.Resource{Service: "d1", Type: "database", ID: d.UUID, Name: d.Name, CreatedAt: d.CreatedAt}
		m := w.database(d)
		m.used("free_rows_read_used_percent", read, 5_000_000, queried)
		m.used("free_rows_written_used_percent", written, 100_000, queried)
		add(r, m)
	}
	reads, writes := w.kvToday("read"), w.kvToday("write")
	for _, n := range w.namespaces {
		r := sim.Resource{Service: "kv", Type: "kv_namespace", ID: n.ID, Name: n.Title}
		add(r, w.namespace(n, reads, writes))
	}
	for _, q := range w.queues {
		r := sim.Resource{Service: "queues", Type: "queue", ID: q.ID, Name: q.Name, CreatedAt: q.CreatedOn, Status: "running"}
		if q.Settings["delivery_paused"] == true {
			r.NativeStatus = "delivery paused"
		}
		add(r, w.queue(q))
	}
	for _, o := range w.objects {
		add(sim.Resource{Service: "durable_objects", Type: "do_namespace", ID: o.ID, Name: o.Name}, w.object(o))
	}
	neurons := w.today("models", func(c *cell) float64 { return c.n * c.use.weight })
	for _, m := range w.models {
		if m.use.events.count(w.end.Add(-7*24*time.Hour), w.end) > 0 {
			add(sim.Resource{Service: "ai", Type: "ai_model", ID: "ai/models/" + m.name, Name: m.name}, w.model(m, neurons))
		}
	}
	return all
}

func (p *project) status() (status, native string) {
	switch p.latest {
	case "success":
		return "running", "deploy success"
	case "active":
		return "starting", "build active"
	case "failure":
		return "failed", "build failure"
	case "canceled":
		return "running", "build canceled"
	}
	return "unknown", ""
}

// cellOf returns the use of one resource in a span, as its dataset counts it.
func (w *watcher) cellOf(dataset string, u *profile, a, b time.Time) cell {
	all := []variant{{good: 1, bad: 1}}
	return w.datasets[dataset].cell(u, all, 0, a, b)
}

func rowsRead(c *cell) float64    { return float64(int64(c.n * c.use.read)) }
func rowsWritten(c *cell) float64 { return float64(int64(c.n * c.use.written)) }

// today sums a measure over all resources of a kind since midnight.
func (w *watcher) today(uses string, of measure) float64 {
	var sum float64
	for _, u := range w.uses[uses] {
		c := w.cellOf("workersInvocationsAdaptive", u, w.midnight, w.end)
		sum += of(&c)
	}
	return sum
}

func (w *watcher) kvToday(action string) float64 {
	var sum float64
	for _, u := range w.uses["namespaces"] {
		sum += w.actions(u, w.midnight, w.end)[action]
	}
	return sum
}

// actions counts the operations of a KV namespace by kind.
func (w *watcher) actions(u *profile, a, b time.Time) map[string]float64 {
	ds := w.datasets["kvOperationsAdaptiveGroups"]
	variants := ds.variantsFor([]string{"actionType"})
	out := map[string]float64{}
	for i := range variants {
		if c := ds.cell(u, variants, i, a, b); c.n > 0 {
			out[variants[i].labels["actionType"]] = c.n
		}
	}
	return out
}

// readings are the metrics of one resource; what is not there was not measured.
type readings map[string]float64

// used adds the part of a daily free allowance that is used up.
func (m readings) used(name string, used, daily float64, counted bool) {
	if counted {
		m[name] = min(100, 100*used/daily)
	}
}

func (w *watcher) seconds() float64 { return w.to.Sub(w.from).Seconds() }

// sampled notes an interval above one.
func (m readings) sampled(u *profile) {
	if u.sample > 1 {
		m["sample_interval_count"] = u.sample
	}
}

// failed adds the errors of a cell.
func (m readings) failed(c *cell, seconds float64) {
	m["requests_per_second"], m["errors_per_second"] = c.n/seconds, c.bad/seconds
	m["error_percent"] = 100 * c.bad / c.n
}

func whole(v float64) float64 { return float64(int64(v + 0.5)) }
