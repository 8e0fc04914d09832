package explain_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/collector"
	"github.com/adsops/cloudtop/internal/explain"
	"github.com/adsops/cloudtop/internal/httpx"
	"github.com/adsops/cloudtop/internal/hub"
	"github.com/adsops/cloudtop/internal/provider"
	"github.com/adsops/cloudtop/internal/provider/all"
	"github.com/adsops/cloudtop/internal/sim"
)

// everyPart is a run with all that the command line can ask for together.
var everyPart = []provider.Part{provider.PartList, provider.PartDetails, provider.PartCosts}

// TestRunsTakeTheCallsThatWereTold holds the estimate against the calls that the ledger of a real round counts, for
// every provider and worlds of several sizes.
func TestRunsTakeTheCallsThatWereTold(t *testing.T) {
	t.Parallel()
	sizes := map[string][]int{"azure": {1200}, "cloudflare": {600}, "gcp": {1600}, "oracle": {1200}, "runpod": {300}}
	for _, spec := range all.Specs() {
		for _, rows := range append([]int{0, 8, 60}, sizes[spec.Name]...) {
			t.Run(fmt.Sprintf("%s/%d", spec.Name, rows), func(t *testing.T) {
				t.Parallel()
				w := newWorld(spec, rows)
				told := explain.Of(w.run(t, max(rows, 1), everyPart...))
				month := cloud.Period{From: sim.Epoch.AddDate(0, 0, -20), To: sim.Epoch}
				s := w.round(t, collector.Request{Resources: true, Details: true, Costs: true, Period: month})
				compare(t, &told, s)
			})
		}
	}
}

func TestOffersTakeTheCallsThatWereTold(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"runpod", "vastai"} {
		spec, _ := all.Specs().Lookup(name)
		w := newWorld(spec, 20)
		told := explain.Of(&explain.Run{Spec: spec, Parts: []provider.Part{provider.PartOffers, provider.PartMarkets}, Rows: 1000})
		compare(t, &told, w.round(t, collector.Request{Offers: &cloud.OfferQuery{}, Markets: true}))
	}
}

// world is one provider's simulated world and how to reach it.
type world struct {
	spec   *provider.Spec
	config provider.ProviderConfig
}

func newWorld(spec *provider.Spec, rows int) *world {
	w := sim.NewWorld(sim.Options{Seed: 3, Counts: map[string]int{spec.Name: rows}})
	u := sim.NewUniverse(w, all.Clouds(w)...)
	i := slices.IndexFunc(spec.Auth, func(m provider.AuthMethod) bool { return !m.Ambient })
	values := u.Cloud(spec.Name).Credentials().Values
	return &world{spec, provider.ProviderConfig{
		Credential: provider.Credential{Method: spec.Auth[i].Name, Source: "test", Values: values},
		Now:        w.Now, Transport: httpx.NewSlots(50, 1).Over(u.Transport()),
	}}
}

// run connects as --explain does, and counts the calls.
func (w *world) run(t *testing.T, rows int, parts ...provider.Part) *explain.Run {
	t.Helper()
	conn := provider.NewConn(w.spec)
	if err := conn.Initialize(t.Context(), &w.config); err != nil {
		t.Fatal(err)
	}
	stats := new(httpx.Stats)
	scopes, err := provider.Gather(conn.Scopes(httpx.WithCommon(httpx.WithStats(t.Context(), stats), stats)))
	if err != nil {
		t.Fatal(err)
	}
	return &explain.Run{Spec: w.spec, Services: conn.Services(nil), Scopes: scopes, Parts: parts, Connect: stats.Calls(), Rows: rows}
}

func (w *world) round(t *testing.T, req collector.Request) *hub.Snapshot {
	t.Helper()
	req.Targets = []collector.Target{{Spec: w.spec, Config: w.config}}
	c := collector.New(hub.New(), collector.Options{Now: w.config.Now, Simulated: true})
	defer c.Close()
	return c.Round(t.Context(), req)
}

// compare checks that what each service's units, and all units together, took lies within what was told.
func compare(t *testing.T, told *explain.Estimate, s *hub.Snapshot) {
	t.Helper()
	type key struct {
		service string
		part    provider.Part
	}
	parts := map[hub.Capability]provider.Part{hub.Resources: provider.PartList, hub.Metrics: provider.PartDetails}
	took := map[key]int{}
	total := 0
	for _, u := range s.Units {
		if !u.OKish() {
			t.Fatalf("a round without incidents failed: %+v", u)
		}
		total += u.Calls
		if part, ok := parts[u.Capability]; ok {
			took[key{u.Service, part}] += u.Calls
		}
	}
	sums := map[key]explain.Range{}
	for _, l := range told.Lines {
		k := key{l.Service, l.Part}
		sums[k] = explain.Range{Least: sums[k].Least + l.Calls.Least, Most: sums[k].Most + l.Calls.Most}
	}
	for k, n := range took {
		if r := sums[k]; float64(n) < r.Least || float64(n) > r.Most {
			t.Errorf("%s, %s: %d calls, told were %v", k.service, k.part, n, r)
		}
	}
	if n := float64(total); n < told.Calls.Least || n > told.Calls.Most {
		t.Errorf("%d calls in all, told were %v", total, told.Calls)
	}
	t.Logf("%d calls, told were %v", total, told.Calls)
	if most := told.Seconds.Most; most < told.Seconds.Least || time.Duration(most*float64(time.Second)) < 0 {
		t.Errorf("seconds: %v", told.Seconds)
	}
}
