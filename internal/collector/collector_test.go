package collector_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/collector"
	"github.com/adsops/cloudtop/internal/httpx"
	"github.com/adsops/cloudtop/internal/hub"
	"github.com/adsops/cloudtop/internal/provider"
	"github.com/adsops/cloudtop/internal/provider/all"
	"github.com/adsops/cloudtop/internal/sim"
	"github.com/adsops/cloudtop/pkg/retry"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// universe makes the clouds of a world, and the targets that read them without patience.
func universe(t *testing.T, o sim.Options, names ...string) (*sim.Universe, []collector.Target) {
	t.Helper()
	w := sim.NewWorld(o)
	u := sim.NewUniverse(w, all.Clouds(w)...)
	slots := httpx.NewSlots(50, len(names))
	var targets []collector.Target
	for _, name := range names {
		spec, ok := all.Specs().Lookup(name)
		if !ok {
			t.Fatalf("no provider %q", name)
		}
		i := slices.IndexFunc(spec.Auth, func(m provider.AuthMethod) bool { return !m.Ambient })
		targets = append(targets, collector.Target{Spec: spec, Config: provider.ProviderConfig{
			Credential: provider.Credential{
				Method: spec.Auth[i].Name, Source: "test", Values: u.Cloud(name).Credentials().Values,
			},
			Retry: retry.Policy{Max: 1, First: time.Millisecond, Cap: time.Millisecond, Factor: 1},
			Now:   w.Now, Transport: slots.Over(u.Transport()),
		}})
	}
	return u, targets
}

func request(targets []collector.Target) collector.Request {
	return collector.Request{Targets: targets, Resources: true, Details: true, Costs: true}
}

func collect(ctx context.Context, u *sim.Universe, req collector.Request) *hub.Snapshot {
	c := collector.New(hub.New(), collector.Options{Now: u.World().Now, Simulated: true})
	defer c.Close()
	return c.Round(ctx, req)
}

func find(s *hub.Snapshot, name string) hub.Provider {
	i := slices.IndexFunc(s.Providers, func(p hub.Provider) bool { return p.Name == name })
	if i < 0 {
		return hub.Provider{}
	}
	return s.Providers[i]
}

func unitsOf(s *hub.Snapshot, name string, keep func(hub.Unit) bool) []hub.Unit {
	return slices.DeleteFunc(slices.Clone(s.Units), func(u hub.Unit) bool { return u.Provider != name || !keep(u) })
}

func incomplete(u hub.Unit) bool { return !u.OKish() }

func TestRoundFindsAllThatThereIs(t *testing.T) {
	t.Parallel()
	u, targets := universe(t, sim.Options{Seed: 3, Resources: 300}, "neon", "runpod")
	s := collect(t.Context(), u, request(targets))
	if bad := s.Failures(); len(bad) > 0 {
		t.Fatalf("failures in a world without incidents: %+v", bad)
	}
	for _, name := range []string{"neon", "runpod"} {
		want := u.Cloud(name).Truth().Resources
		if got := find(s, name).Resources; len(got) != len(want) {
			t.Errorf("%s: got %d resources, want %d", name, len(got), len(want))
		}
	}
	calls := 0
	for _, unit := range s.Units {
		calls += unit.Calls
	}
	served := 0
	for _, stat := range u.Stats() {
		served += stat.N
	}
	if calls != served || s.Calls != served {
		t.Errorf("the ledger counts %d calls, the snapshot %d, the simulator %d", calls, s.Calls, served)
	}
}

func TestRoundKeepsWhatWasReadBeforeAProviderDied(t *testing.T) {
	t.Parallel()
	u, targets := universe(t, sim.Options{Seed: 3, Resources: 200, Faults: []sim.Fault{
		{Provider: "neon", From: 8, Action: "reset"},
	}}, "neon", "runpod")
	s := collect(t.Context(), u, request(targets))
	if bad := unitsOf(s, "runpod", incomplete); len(bad) > 0 {
		t.Errorf("the living provider is incomplete: %+v", bad)
	}
	dead := unitsOf(s, "neon", incomplete)
	if len(dead) == 0 {
		t.Fatal("the dead provider has no failure in the ledger")
	}
	for _, d := range dead {
		if d.Reason == "" || d.Kind == "" {
			t.Errorf("a failure without kind or reason: %+v", d)
		}
	}
}

func TestARefusedCredentialIsFatalForItsProvider(t *testing.T) {
	t.Parallel()
	u, targets := universe(t, sim.Options{Seed: 3, Latency: 20 * time.Millisecond, Faults: []sim.Fault{
		{Provider: "runpod", From: 3, Count: 1, Action: "status", Status: 401},
	}}, "runpod", "neon")
	s := collect(t.Context(), u, request(targets))
	bad := unitsOf(s, "runpod", incomplete)
	if len(bad) == 0 {
		t.Fatal("nothing failed")
	}
	for _, unit := range bad {
		if unit.Reason != bad[0].Reason {
			t.Errorf("two reasons for one refusal: %q and %q", bad[0].Reason, unit.Reason)
		}
		if unit.Kind != cloud.KindAuth || unit.Hint == "" || (unit.Capability == hub.Resources && unit.Calls > 1) {
			t.Errorf("got %+v, want kind auth, a hint and no second try", unit)
		}
	}
	if other := unitsOf(s, "neon", incomplete); len(other) > 0 {
		t.Errorf("the other provider is incomplete: %+v", other)
	}
}

func TestRoundTellsWhyATargetIsNotAsked(t *testing.T) {
	t.Parallel()
	u, targets := universe(t, sim.Options{Seed: 3}, "neon", "runpod")
	targets[0].Skip = "disabled in the configuration"
	targets[1].Err = &cloud.Error{Kind: cloud.KindAuth, Detail: "no key", Hint: "set one"}
	s := collect(t.Context(), u, request(targets))
	if len(s.Units) != 2 || s.Units[0].State != hub.Skipped || s.Units[1].State != hub.Failed ||
		s.Units[1].Hint != "set one" {
		t.Errorf("got %+v, want a skipped and a failed line", s.Units)
	}
	if n := len(u.Stats()); n != 0 {
		t.Errorf("%d calls were made", n)
	}
}

func TestRoundKeepsTheOldRowsOfAUnitThatFailsLater(t *testing.T) {
	t.Parallel()
	u, targets := universe(t, sim.Options{Seed: 3, Counts: map[string]int{"runpod": 10}, Faults: []sim.Fault{
		{Provider: "runpod", Path: "/v2/pods", From: 2, Action: "status", Status: 400},
	}}, "runpod")
	targets[0].Config.Services = []string{"pods"}
	c := collector.New(hub.New(), collector.Options{Now: u.World().Now})
	defer c.Close()
	first := c.Round(t.Context(), collector.Request{Targets: targets, Resources: true})
	second := c.Round(t.Context(), collector.Request{Targets: targets, Resources: true})
	before, after := find(first, "runpod").Resources, find(second, "runpod").Resources
	if len(before) == 0 || len(before) != len(after) {
		t.Fatalf("%d rows before, %d after the failed refresh", len(before), len(after))
	}
	stale := unitsOf(second, "runpod", func(u hub.Unit) bool { return u.State == hub.Stale })
	if len(stale) != 1 || stale[0].Reason == "" {
		t.Errorf("got %+v, want one stale unit with a reason", second.Units)
	}
}

func TestRoundEndsAtOnceWithItsContext(t *testing.T) {
	t.Parallel()
	u, targets := universe(t, sim.Options{Seed: 3, Resources: 500, Latency: 50 * time.Millisecond}, "neon", "runpod")
	ctx, cancel := context.WithCancelCause(t.Context())
	time.AfterFunc(120*time.Millisecond, func() { cancel(errors.New("enough")) })
	started := time.Now()
	s := collect(ctx, u, request(targets))
	if took := time.Since(started); took > 2*time.Second {
		t.Errorf("took %s after the context ended", took)
	}
	left := slices.ContainsFunc(s.Units, func(u hub.Unit) bool { return u.State == hub.Pending })
	stopped := slices.ContainsFunc(s.Units, func(u hub.Unit) bool { return u.Kind != "" && u.Reason != "" })
	if left || !stopped {
		t.Errorf("pending units left: %v; stopped units with a reason: %v", left, stopped)
	}
}

func TestProgressCountsEveryUnit(t *testing.T) {
	t.Parallel()
	u, targets := universe(t, sim.Options{Seed: 3}, "neon", "runpod")
	var last collector.Progress
	c := collector.New(hub.New(), collector.Options{Now: u.World().Now, Progress: func(p collector.Progress) { last = p }})
	defer c.Close()
	s := c.Round(t.Context(), request(targets))
	if last.Done != len(s.Units) || last.Planned != last.Done || last.Failed != 0 {
		t.Errorf("got %+v at the end of %d units", last, len(s.Units))
	}
}

func TestOffersAreCollectedAlone(t *testing.T) {
	t.Parallel()
	u, targets := universe(t, sim.Options{Seed: 3}, "runpod")
	s := collect(t.Context(), u, collector.Request{Targets: targets, Offers: &cloud.OfferQuery{}, Markets: true})
	p := find(s, "runpod")
	if len(p.Offers) == 0 || len(p.Resources) != 0 {
		t.Errorf("got %d offers, %d resources", len(p.Offers), len(p.Resources))
	}
}

func TestTheLedgerSaysWhatAProviderCannotHave(t *testing.T) {
	t.Parallel()
	resources, connect := hub.Key{Provider: "neon", Capability: hub.Resources}, hub.Key{Provider: "neon", Capability: hub.Connect}
	for _, c := range []struct {
		name       string
		configured []string
		request    collector.Request
		key        hub.Key
		reason     string
	}{
		{"no service of the class", nil, collector.Request{Services: []string{"functions"}, Resources: true}, resources, "it has no service of this kind: functions"},
		{
			"services that are not configured", []string{"projects"}, collector.Request{Services: []string{"compute", "branches"}, Resources: true},
			resources, "the configuration leaves out its services of this kind: compute, branches",
		},
		{"no market", nil, collector.Request{Offers: &cloud.OfferQuery{}, Markets: true}, connect, "it lists no GPUs for rent"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			u, targets := universe(t, sim.Options{Seed: 3}, "neon")
			targets[0].Config.Services, c.request.Targets = c.configured, targets
			skipped := unitsOf(collect(t.Context(), u, c.request), "neon", func(u hub.Unit) bool { return u.State == hub.Skipped })
			if len(skipped) != 1 || skipped[0].Key != c.key || skipped[0].Reason != c.reason {
				t.Errorf("skipped are %+v, want %+v for %q", skipped, c.key, c.reason)
			}
		})
	}
}

func TestOneCallAtATimeReadsAsMuch(t *testing.T) {
	t.Parallel()
	for _, name := range all.Specs().Names() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			u, targets := universe(t, sim.Options{Seed: 3, Resources: 60}, name)
			targets[0].Config.Transport, targets[0].Config.Retry = httpx.NewSlots(1, 1).Over(u.Transport()), patient()
			ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
			defer cancel()
			s := collect(ctx, u, request(targets))
			if bad := s.Failures(); len(bad) > 0 {
				t.Fatalf("failures with one call at a time: %+v", bad)
			}
			if u.Peak() > 1 {
				t.Errorf("%d calls at once", u.Peak())
			}
			if got, want := len(find(s, name).Resources), len(u.Cloud(name).Truth().Resources); got != want {
				t.Errorf("%d resources, want %d", got, want)
			}
		})
	}
}

func TestProgressTellsOfCallsThatWait(t *testing.T) {
	t.Parallel()
	u, targets := universe(t, sim.Options{Seed: 3, Resources: 60}, "neon")
	targets[0].Config.RateLimit = &provider.RateLimit{PerSecond: 2, Burst: 1, Timeout: time.Minute}
	var waited []httpx.Wait
	c := collector.New(hub.New(), collector.Options{Now: u.World().Now, Progress: func(p collector.Progress) {
		if p.Waiting != nil {
			waited = append(waited, *p.Waiting)
		}
	}})
	defer c.Close()
	c.Round(t.Context(), collector.Request{Targets: targets, Resources: true})
	if len(waited) == 0 || waited[0].Provider != "neon" || waited[0].Limit != "rate_limit: 2 per s" {
		t.Errorf("got %+v", waited)
	}
}
