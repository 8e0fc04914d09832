package cloudflaresim

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/adsops/cloudtop/internal/sim"
)

// worldOf is the simulator itself.
func worldOf(n int, incidents bool) *cloudflare {
	c := New(sim.NewWorld(sim.Options{
		Seed: 11, Counts: map[string]int{"cloudflare": n}, Incidents: incidents, Now: func() time.Time { return sim.Epoch },
	})).(*cloudflare)
	c.Fill()
	return c
}

// TestThingsAreNamedOnceAndBornBeforeTheWorld looks at every thing of accounts of several sizes.
func TestThingsAreNamedOnceAndBornBeforeTheWorld(t *testing.T) {
	t.Parallel()
	for _, n := range []int{1, 30, 2000} {
		c := worldOf(n, false)
		for _, a := range c.accounts {
			names := map[string]bool{}
			thing := func(kind, id, name string, born time.Time, use *profile) {
				for _, key := range []string{kind + " id " + id, kind + " name " + name} {
					if names[key] {
						t.Errorf("%d things: %s is there twice", n, key)
					}
					names[key] = true
				}
				if name == "" || !born.Before(sim.Epoch) || sim.Epoch.Sub(born) > 2100*24*time.Hour {
					t.Errorf("%d things: %s %q was made at %s", n, kind, name, born)
				}
				if use.key == "" || use.bad < 0 || use.bad >= 1 || use.p99 < 0 || use.p99 > 0 && use.p99 < use.p50 || use.events.perSecond < 0 {
					t.Errorf("%d things: %s %q is used as %+v", n, kind, name, *use)
				}
			}
			for _, s := range a.scripts {
				thing("script", s.Tag, s.ID, s.CreatedOn, &s.use)
				if s.ModifiedOn.Before(s.CreatedOn) || s.ModifiedOn.After(sim.Epoch) || !isTag(s.Tag) || s.use.key != s.ID {
					t.Errorf("script %s: made at %s, changed at %s", s.ID, s.CreatedOn, s.ModifiedOn)
				}
			}
			for _, b := range a.buckets {
				thing("bucket", b.Jurisdiction+"/"+b.Name, b.Jurisdiction+"/"+b.Name, b.CreationDate, &b.use)
				if inEU := strings.HasPrefix(b.inAnalytics(), "eu_"); inEU != (b.Jurisdiction == "eu") || inEU && !slices.Contains([]string{"eeur", "weur"}, b.Location) {
					t.Errorf("bucket %s lies in %s of %s", b.inAnalytics(), b.Location, b.Jurisdiction)
				}
			}
			for _, d := range a.databases {
				thing("database", d.UUID, d.Name, d.CreatedAt, &d.use)
			}
			for _, ns := range a.namespaces {
				thing("namespace", ns.ID, ns.Title, ns.use.born, &ns.use)
			}
			for _, q := range a.queues {
				thing("queue", q.ID, q.Name, q.CreatedOn, &q.use)
				if q.NProducers != len(q.Producers) || q.NConsumers != len(q.Consumers) {
					t.Errorf("queue %s: counts %d and %d of %d and %d", q.Name, q.NProducers, q.NConsumers, len(q.Producers), len(q.Consumers))
				}
				for _, of := range append(slices.Clone(q.Producers), q.Consumers...) {
					name, _ := of["script"].(string)
					if consumer, ok := of["script_name"].(string); ok {
						name = consumer
					}
					if _, bad := a.script(name); bad != nil && of["type"] == "worker" {
						t.Errorf("queue %s belongs to script %q, which there is not", q.Name, name)
					}
				}
			}
			for _, p := range a.projects {
				thing("project", p.id, p.name, p.born, &p.use)
				if p.use.key != p.value["production_script_name"] || (p.value["latest_deployment"] == nil) != (p.latest == "") {
					t.Errorf("project %s: is used as %s, deployed %q", p.name, p.use.key, p.latest)
				}
			}
			for _, o := range a.objects {
				thing("object", o.ID, o.Name+o.ID, o.use.born, &o.use)
				if !strings.HasPrefix(o.Name, o.Script+"_") || !strings.HasSuffix(o.Name, o.Class) || o.use.second != o.Script {
					t.Errorf("namespace %s is of script %s, class %s", o.Name, o.Script, o.Class)
				}
			}
			for _, m := range a.models {
				thing("model", m.name, m.name, m.use.born, &m.use)
				if !slices.ContainsFunc(catalogue(), func(of [2]string) bool { return of[0] == m.name }) {
					t.Errorf("model %s is not in the catalogue", m.name)
				}
			}
		}
	}
}

// TestAccountsKeepToTheLimitsOfTheirPlans has the published limits: workers, D1, KV, queues and Pages by account.
func TestAccountsKeepToTheLimitsOfTheirPlans(t *testing.T) {
	t.Parallel()
	c := worldOf(60_000, false)
	for i, a := range c.accounts {
		for kind, n := range a.counts() {
			plan := 0
			if a.free {
				plan = 1
			}
			if n > most[plan][kind] {
				t.Errorf("account %d has %d of kind %d, the plan allows %d", i, n, kind, most[plan][kind])
			}
		}
		if a.free != (i == 1) {
			t.Errorf("account %d is free: %v", i, a.free)
		}
	}
	if len(c.accounts) != 4 {
		t.Errorf("got %d accounts of sixty thousand things", len(c.accounts))
	}
}

// TestAFreePlanStaysWithinItsDailyAllowances adds up a day of the free account: the allowances are those of the products'
// pricing pages.
func TestAFreePlanStaysWithinItsDailyAllowances(t *testing.T) {
	t.Parallel()
	for _, n := range []int{40, 400, 4000} {
		a := worldOf(n, false).accounts[1]
		day := sim.Epoch.Truncate(24 * time.Hour)
		sum := func(uses string, of func(*cell) float64) (total float64) {
			for _, u := range a.uses[uses] {
				from := day
				if u.born.After(from) {
					from = u.born
				}
				c := cell{use: u, n: u.events.count(from, day.Add(24*time.Hour))}
				total += of(&c)
			}
			return total
		}
		for _, tt := range []struct {
			name  string
			used  float64
			daily float64
		}{
			{"requests of Workers and Pages", sum("scripts", events) + sum("projects", events), 100_000},
			{"rows read in D1", sum("databases", rowsRead), 5_000_000},
			{"rows written in D1", sum("databases", rowsWritten), 100_000},
			{"operations of KV", 0.9 * sum("namespaces", events), 100_000},
			{"neurons of Workers AI", sum("models", func(c *cell) float64 { return c.n * c.use.weight }), 10_000},
		} {
			if tt.used > tt.daily || tt.used < 0 || math.IsNaN(tt.used) {
				t.Errorf("%d things: %s: %.0f a day, the free plan allows %.0f", n, tt.name, tt.used, tt.daily)
			}
		}
	}
}

// TestTheTruthHasEveryThingOnce counts by account and service.
func TestTheTruthHasEveryThingOnce(t *testing.T) {
	t.Parallel()
	for _, incidents := range []bool{false, true} {
		c := worldOf(500, incidents)
		truth := c.Truth()
		got, ids := map[string]int{}, map[string]bool{}
		for _, r := range truth.Resources {
			got[r.Account+" "+r.Service]++
			if key := r.Account + " " + r.Service + " " + r.ID; ids[key] || r.Name == "" || r.Status == "" || r.Region != "" {
				t.Errorf("got %+v (again: %v)", r, ids[key])
			} else {
				ids[key] = true
			}
			for name, v := range r.Metrics {
				if math.IsNaN(v) || math.IsInf(v, 0) || v < 0 || strings.HasSuffix(name, "_percent") && v > 300 {
					t.Errorf("%s %s: %s is %v", r.Service, r.ID, name, v)
				}
			}
		}
		for _, a := range c.accounts {
			for service, n := range map[string]int{
				"workers": len(a.scripts), "r2": len(a.buckets), "d1": len(a.databases), "kv": len(a.namespaces), "queues": len(a.queues), "pages": len(a.projects),
				"durable_objects": len(a.objects), "ai": len(a.models),
			} {
				if got[a.ID+" "+service] != n {
					t.Errorf("incidents %v: %s has %d in truth, the account %d", incidents, service, got[a.ID+" "+service], n)
				}
			}
		}
		if denied := fmt.Sprint(truth.Denied); (denied == "[//d1]") != incidents {
			t.Errorf("incidents %v: denied are %s", incidents, denied)
		}
	}
}

// TestOneSeedIsOneWorld compares worlds of the same seed and of others.
func TestOneSeedIsOneWorld(t *testing.T) {
	t.Parallel()
	read := func(seed uint64) string {
		c := New(sim.NewWorld(sim.Options{Seed: seed, Counts: map[string]int{"cloudflare": 80}, Now: func() time.Time { return sim.Epoch }})).(*cloudflare)
		c.Fill()
		var b strings.Builder
		for _, a := range c.accounts {
			for _, list := range []string{"scripts", "databases", "namespaces", "queues", "objects", "projects", "models", "buckets default", "buckets eu"} {
				for _, row := range a.rows(list) {
					b.Write(row)
				}
			}
		}
		return b.String()
	}
	if first := read(3); first != read(3) || first == read(4) || len(first) < 10_000 {
		t.Errorf("the same seed: %v, another: %v, %d bytes", first == read(3), first == read(4), len(first))
	}
}
