package runpod_test

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/provider"
	"github.com/adsops/cloudtop/internal/provider/runpod"
	runpodsim "github.com/adsops/cloudtop/internal/provider/runpod/sim"
	"github.com/adsops/cloudtop/internal/sim"
)

// connect returns a connection whose every call handler answers.
func connect(t *testing.T, handler http.Handler) *provider.Conn {
	t.Helper()
	conn := provider.NewConn(runpod.Spec())
	err := conn.Initialize(t.Context(), &provider.ProviderConfig{
		Credential: provider.Credential{Method: "api_key", Source: "test", Values: map[string]string{
			"api_key": "rpa_SIMULATED0KEY0FOR0CLOUDTOP0ONLY00000000",
		}},
		Transport: answering{handler}, Now: func() time.Time { return now },
	})
	if err != nil {
		t.Fatal(err)
	}
	return conn
}

// answering lets a handler answer every host.
type answering struct{ http.Handler }

func (a answering) RoundTrip(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	r.Host = r.URL.Host
	a.ServeHTTP(w, r)
	return w.Result(), nil
}

func find(t *testing.T, conn *provider.Conn, service string) []cloud.Resource {
	t.Helper()
	all, err := conn.ListResources(t.Context(), &provider.ResourceFilter{Services: []string{service}})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestOffersTellStockByDataCenter(t *testing.T) {
	t.Parallel()
	w := sim.NewWorld(sim.Options{Seed: 1})
	conn := connect(t, runpodsim.New(w))
	market := conn.Driver().(provider.GPUMarket)
	all, err := provider.Gather(market.Offers(t.Context(), cloud.OfferQuery{GPUType: "rtx 4090", GPUCount: 2}))
	if err != nil {
		t.Fatal(err)
	}
	tiers, places := map[string]int{}, map[string]bool{}
	for _, o := range all {
		tiers[o.Tier]++
		places[o.Region] = true
		if o.GPUCount != 2 || o.PricePerHour == nil || o.GPUMemoryGB != 24 || o.Available != (o.Stock != "none") {
			t.Errorf("got %+v", o)
		}
	}
	if tiers["secure"] != 5 || tiers["community"] != 1 || !places["EU-RO-1"] {
		t.Errorf("got tiers %v in places %v", tiers, places)
	}
	spot := true
	none, err := provider.Gather(market.Offers(t.Context(), cloud.OfferQuery{Interruptible: &spot}))
	if len(none) != 0 || err != nil {
		t.Errorf("spot: got %d offers, %v; v2 tells none", len(none), err)
	}
}

func TestNativeFiltersOfOffers(t *testing.T) {
	t.Parallel()
	conn := connect(t, runpodsim.New(sim.NewWorld(sim.Options{Seed: 1})))
	market := conn.Driver().(provider.GPUMarket)
	french, err := provider.Gather(market.Offers(t.Context(), cloud.OfferQuery{Native: "countryCodes=FR"}))
	if err != nil {
		t.Fatal(err)
	}
	elsewhere := slices.ContainsFunc(french, func(o cloud.Offer) bool { return o.Region != "EU-FR-1" && o.Tier == "secure" })
	if len(french) == 0 || elsewhere {
		t.Errorf("got %d offers, elsewhere: %v", len(french), elsewhere)
	}
	for _, wrong := range []string{"country=FR", "countryCodes", "countryCodes=", "count=4 nonsense=1"} {
		_, err := provider.Gather(market.Offers(t.Context(), cloud.OfferQuery{Native: wrong}))
		if cloud.KindOf(err) != cloud.KindConfig {
			t.Errorf("%q: got %v, want an error of kind config", wrong, err)
		}
	}
}

func TestOneEndpointThatFailsLeavesTheOthers(t *testing.T) {
	t.Parallel()
	w := sim.NewWorld(sim.Options{Seed: 1, Counts: map[string]int{"runpod": 40}})
	real := runpodsim.New(w)
	conn := connect(t, http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/health") {
			real.Fail(out, r, http.StatusForbidden)
			return
		}
		real.ServeHTTP(out, r)
	}))
	endpoints := find(t, conn, "serverless")
	var refs []cloud.Ref
	for i := range endpoints {
		refs = append(refs, endpoints[i].Ref())
	}
	partial, read := 0, map[string]bool{}
	for s, err := range conn.Driver().(provider.MetricsReader).Metrics(t.Context(), refs, cloud.Window{}) {
		if err != nil {
			if cloud.KindOf(err) != cloud.KindPartial {
				t.Fatal(err)
			}
			partial++
			continue
		}
		read[s.ID] = true
	}
	if len(read) != len(endpoints) || partial == 0 {
		t.Errorf("%d of %d endpoints were read, with %d partial errors", len(read), len(endpoints), partial)
	}
}

func TestBillingIsToldInAllAndByService(t *testing.T) {
	t.Parallel()
	conn := connect(t, runpodsim.New(sim.NewWorld(sim.Options{Seed: 1, Counts: map[string]int{"runpod": 40}})))
	p := cloud.Period{From: sim.Epoch.AddDate(0, 0, -3), To: sim.Epoch}
	costs, err := provider.Gather(conn.Driver().(provider.CostReader).Costs(t.Context(), p))
	if err != nil {
		t.Fatal(err)
	}
	total, parts := 0.0, 0.0
	for _, c := range costs {
		if c.Service == "" {
			total += c.Amount
		} else {
			parts += c.Amount
		}
		if c.Kind != cloud.CostSpend || c.From.IsZero() || c.Source == "" {
			t.Errorf("got %+v", c)
		}
	}
	if total <= 0 || total-parts > 0.01 || parts-total > 0.01 {
		t.Errorf("the whole is %v, its parts are %v", total, parts)
	}
}

func TestErrorsSayWhatToDo(t *testing.T) {
	t.Parallel()
	for status, want := range map[int]cloud.Kind{401: cloud.KindAuth, 403: cloud.KindDenied, 404: cloud.KindNotFound, 422: cloud.KindRequest} {
		real := runpodsim.New(sim.NewWorld(sim.Options{}))
		conn := connect(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { real.Fail(w, r, status) }))
		_, err := conn.ListResources(t.Context(), nil)
		if cloud.KindOf(err) != want || !strings.Contains(err.Error(), "runpod: list") {
			t.Errorf("%d: got %q (%v), want kind %v", status, err, cloud.KindOf(err), want)
		}
	}
}

func TestARateLimitIsWaitedOut(t *testing.T) {
	t.Parallel()
	calls := 0
	real := runpodsim.New(sim.NewWorld(sim.Options{}))
	conn := connect(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if calls++; calls == 1 {
			w.Header().Set("RateLimit", `"minute";r=0;t=1, "hour";r=5;t=900`)
			real.Fail(w, r, http.StatusTooManyRequests)
			return
		}
		real.ServeHTTP(w, r)
	}))
	started := time.Now()
	if err := conn.HealthCheck(t.Context()); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(started); calls != 2 || took < time.Second {
		t.Errorf("%d calls in %s, want 2 with a second between them", calls, took)
	}
}
