package collector_test

import (
	"bytes"
	"context"
	"iter"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/adsops/cloudtop/internal/cache"
	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/collector"
	"github.com/adsops/cloudtop/internal/hub"
	"github.com/adsops/cloudtop/internal/provider"
	"github.com/adsops/cloudtop/internal/sim"
)

// fragile is a driver that breaks down in one of its methods.
type fragile struct{ in string }

const fragileSecret = "MARKER-SECRET"

func (d fragile) breaks(method string) {
	if d.in == method {
		panic("no such thing as " + fragileSecret)
	}
}

func (d fragile) Check(context.Context) error { return nil }

func (d fragile) Scopes(context.Context) iter.Seq2[cloud.Scope, error] {
	return func(yield func(cloud.Scope, error) bool) {
		d.breaks("Scopes")
		yield(cloud.Scope{Account: "a"}, nil)
	}
}

func (d fragile) List(ctx context.Context, q cloud.Query) iter.Seq2[cloud.Resource, error] {
	return func(yield func(cloud.Resource, error) bool) {
		if !yield(cloud.Resource{Provider: "fragile", Account: "a", Service: q.Service, ID: q.Service, Status: cloud.StatusRunning}, nil) {
			return
		}
		d.breaks("List " + q.Service)
		for range provider.Fan(ctx, 2, []string{"x", "y"}, func(context.Context, string) int {
			d.breaks("Fan " + q.Service)
			return 0
		}) {
		}
		provider.Together(func() {}, func() { d.breaks("Together " + q.Service) })
	}
}

func (d fragile) Metrics(context.Context, []cloud.Ref, cloud.Window) iter.Seq2[cloud.Sample, error] {
	return func(func(cloud.Sample, error) bool) { d.breaks("Metrics") }
}

func (d fragile) spec() *provider.Spec {
	service := func(name string) provider.Service {
		return provider.Service{Name: name, Classes: []cloud.Class{cloud.Compute}, Metrics: []string{cloud.CPUUsagePercent}}
	}
	return &provider.Spec{
		Name: "fragile", Title: "Fragile", Services: []provider.Service{service("one"), service("two")},
		Auth: []provider.AuthMethod{{Name: "api_key", Fields: []provider.AuthField{{Name: "api_key", Secret: true}}}},
		Open: func(context.Context, provider.Env) (provider.Driver, error) {
			d.breaks("Open")
			return d, nil
		},
	}
}

func TestADriverThatBreaksDownTakesNobodyWithIt(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		in     string
		broken []hub.Key // without provider and account
		rows   int       // of the driver that broke down
	}{
		{"Open", []hub.Key{{Capability: hub.Connect}}, 0},
		{"Scopes", []hub.Key{{Capability: hub.Connect}}, 0},
		{"List one", []hub.Key{{Capability: hub.Resources, Service: "one"}}, 2},
		{"Fan one", []hub.Key{{Capability: hub.Resources, Service: "one"}}, 2},
		{"Together two", []hub.Key{{Capability: hub.Resources, Service: "two"}}, 2},
		{"Metrics", []hub.Key{{Capability: hub.Metrics, Service: "one"}, {Capability: hub.Metrics, Service: "two"}}, 2},
	} {
		t.Run(c.in, func(t *testing.T) {
			t.Parallel()
			u, targets := universe(t, sim.Options{Seed: 3, Resources: 60}, "neon")
			var log bytes.Buffer
			targets = append(targets, collector.Target{Spec: fragile{c.in}.spec(), Config: provider.ProviderConfig{
				Log:        slog.New(slog.NewTextHandler(&log, nil)),
				Credential: provider.Credential{Method: "api_key", Source: "test", Values: map[string]string{"api_key": fragileSecret}},
			}})
			s := collect(t.Context(), u, request(targets))
			if bad := unitsOf(s, "neon", incomplete); len(bad) > 0 || len(find(s, "neon").Resources) == 0 {
				t.Errorf("the other provider is incomplete: %+v", bad)
			}
			broken := unitsOf(s, "fragile", incomplete)
			if len(broken) != len(c.broken) || len(find(s, "fragile").Resources) != c.rows {
				t.Fatalf("got %d rows and the broken units %+v, want %d and %v", len(find(s, "fragile").Resources), broken, c.rows, c.broken)
			}
			for i, unit := range broken {
				key := hub.Key{Capability: unit.Capability, Service: unit.Service}
				if key != c.broken[i] || unit.Kind != cloud.KindInternal || !strings.Contains(unit.Reason, "cloudtop broke down at internal/collector_test.fragile.breaks (guard_test.go:") ||
					!strings.Contains(unit.Hint, "https://github.com/adsops/cloudtop/issues") {
					t.Errorf("got %+v, want %v with where it broke down and where to report it", unit, c.broken[i])
				}
				if strings.Contains(unit.Reason, fragileSecret) {
					t.Errorf("the reason shows the secret: %s", unit.Reason)
				}
			}
			if !strings.Contains(log.String(), "goroutine ") {
				t.Errorf("the log has no stack:\n%s", log.String())
			}
		})
	}
}

// brittle is a cache that breaks down where a unit of a capability is put into it.
type brittle struct {
	cache.Store
	at hub.Capability
}

func (b brittle) Put(ctx context.Context, k cache.Key, e *cache.Entry) {
	if k.Capability == string(b.at) {
		panic("no room for " + fragileSecret)
	}
	b.Store.Put(ctx, k, e)
}

func TestWhatBreaksDownBesideTheDriversIsTheEndOfItsUnitsAlone(t *testing.T) {
	t.Parallel()
	for _, at := range []hub.Capability{hub.Connect, hub.Resources, hub.Metrics, hub.Costs} {
		t.Run(string(at), func(t *testing.T) {
			t.Parallel()
			u, targets := universe(t, sim.Options{Seed: 3, Resources: 60}, "runpod")
			c := collector.New(hub.New(), collector.Options{
				Now: u.World().Now, Keep: collector.Keeping{Store: brittle{store(t, cache.Memory), at}, TTL: time.Hour},
			})
			defer c.Close()
			s := c.Round(t.Context(), request(targets))
			if !s.Done || len(s.Units) == 0 {
				t.Fatalf("the round did not end: %+v", s)
			}
			broken := 0
			for _, unit := range s.Units {
				if unit.Capability != at {
					if !unit.OKish() {
						t.Errorf("got %+v, want a unit that is not touched", unit)
					}
					continue
				}
				broken++
				if unit.State != hub.Failed || unit.Kind != cloud.KindInternal || !strings.Contains(unit.Reason, "brittle.Put (guard_test.go:") {
					t.Errorf("got %+v, want where it broke down", unit)
				}
			}
			if broken == 0 {
				t.Errorf("no unit of %s is in the ledger", at)
			}
		})
	}
}
