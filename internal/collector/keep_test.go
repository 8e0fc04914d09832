package collector_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/adsops/cloudtop/internal/cache"
	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/collector"
	"github.com/adsops/cloudtop/internal/hub"
	"github.com/adsops/cloudtop/internal/provider/all"
	"github.com/adsops/cloudtop/internal/sim"
	"github.com/adsops/cloudtop/pkg/retry"
)

// store opens a real backend: memory, or files in a folder of its own.
func store(t *testing.T, backend string) cache.Store {
	t.Helper()
	s, err := cache.Open(cache.Options{Backend: backend, Dir: t.TempDir(), Now: epoch, Warn: func(w string) { t.Error(w) }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func epoch() time.Time { return sim.Epoch }

// partial is a store that does not have everything.
type partial struct {
	cache.Store
	has func(cache.Key) bool
}

func (p partial) Get(ctx context.Context, k cache.Key) (*cache.Entry, bool) {
	if !p.has(k) {
		return nil, false
	}
	return p.Store.Get(ctx, k)
}

// run is one run of the program: a new universe of the same world, new connections, one round.
type run struct {
	names  []string
	keep   collector.Keeping
	world  sim.Options
	now    func() time.Time // nil = sim.Epoch
	change func(*collector.Request)
}

func (r run) collect(t *testing.T) (*hub.Snapshot, *sim.Universe) {
	t.Helper()
	r.world.Seed = 3
	if r.world.Counts == nil {
		r.world.Resources = 60
	}
	u, targets := universe(t, r.world, r.names...)
	for i := range targets {
		if len(r.world.Faults) == 0 {
			targets[i].Config.Retry = patient()
		}
	}
	if r.now == nil {
		r.now = epoch
	}
	if r.keep.TTL == 0 {
		r.keep.TTL = 5 * time.Minute
	}
	req := request(targets)
	req.Period = cloud.Period{From: sim.Epoch.AddDate(0, -1, 0), To: sim.Epoch}
	if r.change != nil {
		r.change(&req)
	}
	c := collector.New(hub.New(), collector.Options{Now: r.now, Keep: r.keep})
	defer c.Close()
	return c.Round(t.Context(), req), u
}

// TestWhatIsReadOfOneRegionIsNotTakenForAll: answers that were narrowed to regions are others'.
func TestWhatIsReadOfOneRegionIsNotTakenForAll(t *testing.T) {
	t.Parallel()
	r := run{names: []string{"oracle", "azure", "gcp"}, keep: collector.Keeping{Store: store(t, cache.Memory)}}
	one := r
	one.change = func(req *collector.Request) {
		for i, region := range []string{"us-phoenix-1", "westeurope", "us-central1"} {
			req.Targets[i].Config.Regions = []string{region}
		}
	}
	narrow, _ := one.collect(t)
	whole, _ := r.collect(t)
	uncached := run{names: r.names}
	fresh, _ := uncached.collect(t)
	if a, b := picture(whole), picture(fresh); a != b || a == picture(narrow) {
		t.Errorf("after a run for one region got\n%s\nwant\n%s", a, b)
	}
	if again, u := one.collect(t); picture(again) != picture(narrow) || len(u.Stats()) > 0 {
		t.Errorf("the same regions again took the calls %v, want the answers that are kept", u.Stats())
	}
}

// patient waits where a busy machine bunches calls: the simulated clouds keep to their limits.
func patient() retry.Policy {
	return retry.Policy{Max: 5, First: 200 * time.Millisecond, Cap: time.Second, Factor: 2}
}

// picture prints what a snapshot knows of resources, money and offers, with names of metrics but not their values.
func picture(s *hub.Snapshot) string {
	var lines []string
	for _, p := range s.Providers {
		for _, r := range p.Resources {
			var metrics []string
			for _, m := range r.Metrics {
				metrics = append(metrics, m.Name)
			}
			slices.Sort(metrics)
			price := "unpriced"
			if r.Cost != nil {
				price = fmt.Sprint(r.Cost.Low, r.Cost.High, r.Cost.Currency)
			}
			lines = append(lines, fmt.Sprint(p.Name, "/", r.ID, " ", r.Name, " ", r.Status, " ", r.Tags, " ", len(r.Attrs), " ", metrics, " ", price))
		}
		for _, c := range p.Costs {
			lines = append(lines, fmt.Sprint(p.Name, " ", c.Account, " ", c.Service, " ", c.Kind, " ", c.Amount))
		}
		lines = append(lines, fmt.Sprint(p.Name, " ", len(p.Offers), " offers, ", p.AccountNames))
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

func served(u *sim.Universe) int {
	n := 0
	for _, s := range u.Stats() {
		n += s.N
	}
	return n
}

func TestALaterRunTakesFromTheCacheWhatIsGood(t *testing.T) {
	t.Parallel()
	for _, backend := range []string{cache.Memory, cache.File} {
		t.Run(backend, func(t *testing.T) {
			t.Parallel()
			r := run{names: all.Specs().Names(), keep: collector.Keeping{Store: store(t, backend)}}
			cold, _ := r.collect(t)
			warm, u := r.collect(t)
			if n := served(u); n != 0 || warm.Calls != 0 {
				t.Errorf("the second run made %d calls and counts %d, want none", n, warm.Calls)
			}
			if got, want := picture(warm), picture(cold); got != want {
				t.Errorf("the second run shows\n%s\nthe first\n%s", got, want)
			}
			if len(warm.Units) != len(cold.Units) {
				t.Errorf("%d units, the first run had %d", len(warm.Units), len(cold.Units))
			}
			for _, unit := range warm.Units {
				if !unit.Cached || unit.State != hub.OK || !unit.At.Equal(sim.Epoch) {
					t.Errorf("%+v: want ok, cached, read at %s", unit, sim.Epoch)
				}
			}
		})
	}
}

// A new process finds some of it in the cache and must be able to read the rest alone: no driver may count on having
// been asked for its scopes or its listing before.
func TestDriversReadAnyPartAloneWhereTheCacheHasTheRest(t *testing.T) {
	t.Parallel()
	for _, name := range all.Specs().Names() {
		for _, missing := range []hub.Capability{hub.Connect, hub.Resources, hub.Metrics, hub.Prices, hub.Costs} {
			t.Run(name+" without "+string(missing), func(t *testing.T) {
				t.Parallel()
				s := store(t, cache.Memory)
				r := run{names: []string{name}, keep: collector.Keeping{Store: s}}
				cold, _ := r.collect(t)
				r.keep.Store = partial{s, func(k cache.Key) bool { return k.Capability != string(missing) }}
				again, u := r.collect(t)
				if got, want := picture(again), picture(cold); got != want {
					t.Errorf("got\n%s\nwant\n%s", got, want)
				}
				asked := slices.ContainsFunc(cold.Units, func(u hub.Unit) bool { return u.Capability == missing && u.Rows > 0 })
				if asked && missing != hub.Connect && served(u) == 0 {
					t.Error("nothing was asked")
				}
				for _, unit := range again.Units {
					if unit.Cached == (unit.Capability == missing) || unit.State != hub.OK {
						t.Errorf("%+v: want only %s read anew", unit.Key, missing)
					}
				}
			})
		}
	}
}

func TestEachKindOfAnswerIsGoodForItsOwnTime(t *testing.T) {
	t.Parallel()
	s := store(t, cache.Memory)
	r := run{names: []string{"oracle"}, keep: collector.Keeping{Store: s}}
	r.collect(t)
	for _, c := range []struct {
		after time.Duration
		anew  []hub.Capability
	}{
		{30 * time.Second, nil},
		{4 * time.Minute, []hub.Capability{hub.Metrics}},
		{time.Hour, []hub.Capability{hub.Connect, hub.Resources, hub.Metrics}},
		{7 * time.Hour, []hub.Capability{hub.Connect, hub.Resources, hub.Metrics, hub.Prices}},
	} {
		later := r
		later.keep.Store = s
		later.now = func() time.Time { return sim.Epoch.Add(c.after) }
		got := map[hub.Capability]bool{}
		snap, _ := later.collect(t)
		for _, u := range snap.Units {
			if !u.Cached {
				got[u.Capability] = true
			}
		}
		for _, capability := range []hub.Capability{hub.Connect, hub.Resources, hub.Metrics, hub.Prices} {
			if got[capability] != slices.Contains(c.anew, capability) {
				t.Errorf("after %s: read anew %v, want %v", c.after, got, c.anew)
			}
		}
	}
}

func TestRoundsReadAnewWhatTheIntervalAsksFor(t *testing.T) {
	t.Parallel()
	u, targets := universe(t, sim.Options{Seed: 3, Counts: map[string]int{"oracle": 8}}, "oracle")
	targets[0].Config.Retry = patient()
	at := sim.Epoch
	c := collector.New(hub.New(), collector.Options{
		Now:  func() time.Time { return at },
		Keep: collector.Keeping{Store: store(t, cache.Memory), TTL: 5 * time.Minute, Interval: 10 * time.Second},
	})
	defer c.Close()
	var last *hub.Snapshot
	for range 3 {
		last = c.Round(t.Context(), request(targets))
		at = at.Add(9 * time.Second) // a tenth early
	}
	for _, unit := range last.Units {
		if want := unit.Capability != hub.Resources; unit.Cached != want {
			t.Errorf("%s of %s: cached = %v in the third round", unit.Capability, unit.Service, unit.Cached)
		}
	}
	if len(find(last, "oracle").Resources) != len(u.Cloud("oracle").Truth().Resources) {
		t.Error("rows are missing")
	}
}

func TestStaleRowsBeatNone(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		fault sim.Fault
		kind  cloud.Kind
	}{
		{"dead", sim.Fault{Provider: "neon", From: 1, Action: "reset"}, cloud.KindNetwork},
		{"refused", sim.Fault{Provider: "neon", From: 1, Action: "status", Status: 401}, cloud.KindAuth},
		{"denied", sim.Fault{Provider: "neon", From: 1, Action: "status", Status: 403}, cloud.KindDenied},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := store(t, cache.File)
			r := run{names: []string{"neon"}, keep: collector.Keeping{Store: s}}
			good, _ := r.collect(t)
			r.world.Faults = []sim.Fault{c.fault}
			r.now = func() time.Time { return sim.Epoch.Add(20 * time.Minute) }
			bad, _ := r.collect(t)
			if got, want := len(find(bad, "neon").Resources), len(find(good, "neon").Resources); got != want || want == 0 {
				t.Errorf("%d rows, want the %d of the earlier run", got, want)
			}
			for _, u := range bad.Units {
				if u.State != hub.Stale || u.Kind != c.kind || u.Reason == "" || !u.Cached || !u.At.Equal(sim.Epoch) {
					t.Errorf("got %+v, want stale since %s with kind %s and a reason", u, sim.Epoch, c.kind)
				}
			}
		})
	}
}

func TestWhatFailedIsNotKept(t *testing.T) {
	t.Parallel()
	s := store(t, cache.Memory)
	r := run{
		names: []string{"neon"}, keep: collector.Keeping{Store: s},
		world: sim.Options{Faults: []sim.Fault{{Provider: "neon", From: 6, Action: "status", Status: 400}}},
	}
	broken, _ := r.collect(t)
	if len(broken.Failures()) == 0 {
		t.Fatal("nothing failed")
	}
	r.world.Faults = nil
	whole, u := r.collect(t)
	if bad := whole.Failures(); len(bad) > 0 || served(u) == 0 {
		t.Errorf("failures %+v and %d calls in the next run, want what failed to be read anew", bad, served(u))
	}
	if got, want := len(find(whole, "neon").Resources), len(u.Cloud("neon").Truth().Resources); got != want {
		t.Errorf("%d rows, want %d", got, want)
	}
}

func TestWhatHasGapsIsAskedAgain(t *testing.T) {
	t.Parallel()
	s := store(t, cache.File)
	r := run{names: all.Specs().Names(), keep: collector.Keeping{Store: s}, world: sim.Options{Incidents: true}}
	cold, _ := r.collect(t)
	warm, _ := r.collect(t)
	gaps := func(s *hub.Snapshot) (out []string) {
		for _, u := range s.Failures() {
			if u.Kind == cloud.KindPartial {
				out = append(out, fmt.Sprint(u.Key, u.State, u.Reason, u.Cached))
			}
		}
		return out
	}
	if got, want := gaps(warm), gaps(cold); len(want) == 0 || !slices.Equal(got, want) {
		t.Errorf("the next run says %q is missing, the first said %q", got, want)
	}
}

func TestOtherQuestionsAreNotAnsweredFromTheCache(t *testing.T) {
	t.Parallel()
	s := store(t, cache.Memory)
	offers := func(q cloud.OfferQuery) run {
		return run{names: []string{"vastai"}, keep: collector.Keeping{Store: s}, change: func(r *collector.Request) {
			*r = collector.Request{Targets: r.Targets, Offers: &q}
		}}
	}
	offers(cloud.OfferQuery{}).collect(t)
	if _, u := offers(cloud.OfferQuery{}).collect(t); served(u) != 0 {
		t.Error("the same query was asked again")
	}
	yes, no := true, false
	for _, q := range []cloud.OfferQuery{{GPUType: "4090"}, {MaxPrice: 1}, {Interruptible: &yes}, {Interruptible: &no}, {Limit: 3}} {
		if _, u := offers(q).collect(t); served(u) == 0 {
			t.Errorf("%+v was answered by another query's offers", q)
		}
	}
	r := run{names: []string{"neon"}, keep: collector.Keeping{Store: s}}
	r.collect(t)
	for name, change := range map[string]func(*collector.Target){
		"another credential": func(t *collector.Target) { t.Config.Credential.Values = map[string]string{"api_key": "other"} },
		"another option":     func(t *collector.Target) { t.Config.Options = map[string]any{"org_id": "org-bold-sun-12345678"} },
	} {
		other := r
		other.change = func(req *collector.Request) { change(&req.Targets[0]) }
		if _, u := other.collect(t); served(u) == 0 {
			t.Errorf("%s was shown what the first one sees", name)
		}
	}
}

func TestAnewCountsOnlyWhatThisRunRead(t *testing.T) {
	t.Parallel()
	s := store(t, cache.Memory)
	r := run{names: []string{"runpod"}, keep: collector.Keeping{Store: s}}
	_, first := r.collect(t)
	again := r
	again.keep.Anew = true
	again.now = func() time.Time { return sim.Epoch.Add(time.Second) }
	snap, u := again.collect(t)
	if served(u) != served(first) || slices.ContainsFunc(snap.Units, func(u hub.Unit) bool { return u.Cached }) {
		t.Errorf("%d calls, want the %d of a run without a cache", served(u), served(first))
	}
	r.now = func() time.Time { return sim.Epoch.Add(2 * time.Second) }
	if kept, _ := r.collect(t); !kept.Units[0].At.Equal(sim.Epoch.Add(time.Second)) {
		t.Errorf("what was read anew was not kept: %+v", kept.Units[0])
	}
}

func TestRunsAtTheSameTimeAskOnce(t *testing.T) {
	t.Parallel()
	s := store(t, cache.File)
	r := run{
		names: []string{"neon", "runpod"}, keep: collector.Keeping{Store: s},
		world: sim.Options{Latency: 10 * time.Millisecond},
	}
	alone := run{names: r.names}
	_, once := alone.collect(t)
	var calls [3]int
	var running sync.WaitGroup
	for i := range calls {
		running.Go(func() {
			snap, u := r.collect(t)
			calls[i] = served(u)
			if bad := snap.Failures(); len(bad) > 0 {
				t.Errorf("failures: %+v", bad)
			}
		})
	}
	running.Wait()
	// What several units share is asked by each run that still needs one of them.
	if sum := calls[0] + calls[1] + calls[2]; sum >= 2*served(once) {
		t.Errorf("three runs made %v calls, one makes %d", calls, served(once))
	}
}

func TestPreviewShowsTheLastPictureAndAsksNobody(t *testing.T) {
	t.Parallel()
	s := store(t, cache.File)
	r := run{names: []string{"neon", "runpod"}, keep: collector.Keeping{Store: s}}
	cold, _ := r.collect(t)
	u, targets := universe(t, sim.Options{Seed: 3, Resources: 60}, "neon", "runpod", "vastai")
	h := hub.New()
	c := collector.New(h, collector.Options{
		Now: func() time.Time { return sim.Epoch.Add(time.Hour) }, Keep: collector.Keeping{Store: s, TTL: time.Minute},
	})
	defer c.Close()
	req := request(targets)
	req.Period = cloud.Period{From: sim.Epoch.AddDate(0, -1, 0), To: sim.Epoch}
	last := c.Preview(t.Context(), req)
	if n := served(u); n != 0 {
		t.Errorf("%d calls were made", n)
	}
	if last.Done || h.Now() != last {
		t.Error("the preview is said to be finished, or was not published")
	}
	for _, name := range []string{"neon", "runpod"} {
		if got, want := len(find(last, name).Resources), len(find(cold, name).Resources); got != want {
			t.Errorf("%s: %d rows, want %d", name, got, want)
		}
	}
	for _, unit := range last.Units {
		if known := unit.Provider != "vastai"; known != unit.Cached || !known && unit.State != hub.Pending {
			t.Errorf("got %+v, want what is not in the cache to be pending", unit)
		}
	}
	fresh := c.Round(t.Context(), req)
	if bad := fresh.Failures(); len(bad) > 0 || served(u) == 0 {
		t.Errorf("%d calls and failures %+v in the round after it", served(u), bad)
	}
	if slices.ContainsFunc(fresh.Units, func(u hub.Unit) bool { return u.State == hub.Pending }) {
		t.Error("pending units are left")
	}
}

func TestPreviewWithoutACacheIsEmpty(t *testing.T) {
	t.Parallel()
	u, targets := universe(t, sim.Options{Seed: 3}, "neon")
	c := collector.New(hub.New(), collector.Options{Now: epoch})
	defer c.Close()
	if s := c.Preview(t.Context(), request(targets)); len(s.Units) != 0 || served(u) != 0 {
		t.Errorf("got %+v and %d calls", s.Units, served(u))
	}
}

func TestOnlyTheAccountsThatAreAskedForAreRead(t *testing.T) {
	t.Parallel()
	r := run{names: []string{"gcp"}}
	everything, whole := r.collect(t)
	accounts := map[string]string{}
	for _, u := range everything.Units {
		if u.Account != "" {
			accounts[u.Account] = find(everything, "gcp").AccountNames[u.Account]
		}
	}
	if len(accounts) < 2 {
		t.Fatalf("the world has accounts %v, want several", accounts)
	}
	for id, name := range accounts {
		for _, asked := range []string{id, name, strings.ToUpper(id[:len(id)-1]) + "*"} {
			r.change = func(req *collector.Request) { req.Accounts = []string{asked} }
			s, u := r.collect(t)
			for _, unit := range s.Units {
				if unit.Account != "" && unit.Account != id {
					t.Errorf("--account %q read %+v", asked, unit.Key)
				}
			}
			if served(u) >= served(whole) {
				t.Errorf("--account %q made %d calls, all accounts take %d", asked, served(u), served(whole))
			}
		}
	}
}
