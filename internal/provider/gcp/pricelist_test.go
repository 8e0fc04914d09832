package gcp_test

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/provider"
	"github.com/adsops/cloudtop/internal/provider/gcp"
	"github.com/adsops/cloudtop/internal/sim"
)

// shop serves a price list, and the clock of who reads it.
type shop struct {
	mu     sync.Mutex
	now    time.Time
	reads  int
	status int
	bodies []string // by page
}

func (s *shop) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Host != "cloudbilling.googleapis.com" {
		answers(nil)(w, r)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	page := 0
	_, _ = fmt.Sscanf(r.URL.Query().Get("pageToken"), "%d", &page)
	if page == 0 {
		s.reads++
	}
	if s.status != 0 {
		w.WriteHeader(s.status)
	}
	_, _ = fmt.Fprint(w, s.bodies[page])
}

func (s *shop) clock() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now
}

func (s *shop) open(t *testing.T, options map[string]any) provider.Pricer {
	t.Helper()
	conn := provider.NewConn(gcp.Spec())
	err := conn.Initialize(t.Context(), &provider.ProviderConfig{
		Credential: provider.Credential{Values: map[string]string{"credentials_json": world(0).Credentials().Values["credentials_json"]}},
		Options:    options, Transport: answering{s}, Now: s.clock,
	})
	if err != nil {
		t.Fatal(err)
	}
	return conn.Driver().(provider.Pricer)
}

func machine(id, machineType string) *cloud.Resource {
	return &cloud.Resource{ID: id, Service: "compute", Region: "us-central1", Status: cloud.StatusRunning, Attrs: []cloud.Attr{{Name: "machine_type", Value: machineType}}}
}

const (
	corePage = `{"skus":[{"description":"E2 Instance Core running in Americas","category":{"usageType":"OnDemand"},"serviceRegions":["us-central1"],` +
		`"pricingInfo":[{"pricingExpression":{"usageUnit":"h","tieredRates":[{"unitPrice":{"currencyCode":"USD","nanos":20000000}}]}}]}],"nextPageToken":"1"}`
	memoryPage = `{"skus":[{"description":"E2 Instance Ram running in Americas","category":{"usageType":"OnDemand"},"serviceRegions":["us-central1"],` +
		`"pricingInfo":[{"pricingExpression":{"usageUnit":"GiBy.h","tieredRates":[{"unitPrice":{"currencyCode":"USD","nanos":3000000}}]}}]}]}`
)

func TestThePriceListIsReadOnceADayForAllWhoAsk(t *testing.T) {
	t.Parallel()
	s := &shop{now: sim.Epoch, bodies: []string{corePage, memoryPage}}
	pricer := s.open(t, map[string]any{"prices": true})
	var wg sync.WaitGroup
	for range 10 {
		wg.Go(func() {
			got, err := provider.Gather(pricer.Prices(t.Context(), []*cloud.Resource{machine("1", "e2-standard-4"), machine("2", "n2-standard-4")}))
			if err != nil || len(got) != 1 || got[0].ID != "1" || got[0].Price.Low < 0.1279 || got[0].Price.Low > 0.1281 || got[0].Price.Currency != "USD" ||
				got[0].Price.Source != "price list" || !got[0].Price.At.Equal(sim.Epoch) {
				t.Errorf("got %+v, %v; want 0.128 USD for the first alone", got, err)
			}
		})
	}
	wg.Wait()
	for _, c := range []struct {
		later time.Duration
		reads int
	}{{23 * time.Hour, 1}, {2 * time.Hour, 2}} {
		s.mu.Lock()
		s.now = s.now.Add(c.later)
		s.mu.Unlock()
		if _, err := provider.Gather(pricer.Prices(t.Context(), []*cloud.Resource{machine("1", "e2-standard-4")})); err != nil || s.reads != c.reads {
			t.Errorf("%s later: read %d times, want %d (%v)", c.later, s.reads, c.reads, err)
		}
	}
}

func TestWithoutMachinesNoPriceListIsRead(t *testing.T) {
	t.Parallel()
	s := &shop{now: sim.Epoch, bodies: []string{corePage, memoryPage}}
	for name, c := range map[string]struct {
		options   map[string]any
		resources []*cloud.Resource
	}{
		"nobody asked for prices": {nil, []*cloud.Resource{machine("1", "e2-standard-4")}},
		"prices are switched off": {map[string]any{"prices": false}, []*cloud.Resource{machine("1", "e2-standard-4")}},
		"a database":              {map[string]any{"prices": true}, []*cloud.Resource{{ID: "d", Service: "sql"}}},
		"nothing":                 {map[string]any{"prices": true}, nil},
	} {
		got, err := provider.Gather(s.open(t, c.options).Prices(t.Context(), c.resources))
		if len(got) != 0 || err != nil || s.reads != 0 {
			t.Errorf("%s: got %v, %v after %d reads", name, got, err, s.reads)
		}
	}
}

func TestAPriceListThatFailsIsReadAgain(t *testing.T) {
	t.Parallel()
	s := &shop{now: sim.Epoch, status: 403, bodies: []string{`{"error":{"message":"no"}}`}}
	pricer := s.open(t, map[string]any{"prices": true})
	if _, err := provider.Gather(pricer.Prices(t.Context(), []*cloud.Resource{machine("1", "e2-standard-4")})); cloud.KindOf(err) != cloud.KindDenied {
		t.Errorf("got %v, want denied", err)
	}
	s.status, s.bodies = 0, []string{corePage, `{"skus":`}
	if got, err := provider.Gather(pricer.Prices(t.Context(), []*cloud.Resource{machine("1", "e2-standard-4")})); len(got) != 0 || err == nil {
		t.Errorf("half a list: got %v, %v", got, err)
	}
	s.bodies[1] = memoryPage
	if got, err := provider.Gather(pricer.Prices(t.Context(), []*cloud.Resource{machine("1", "e2-standard-4")})); len(got) != 1 || err != nil {
		t.Errorf("got %v, %v", got, err)
	}
}

func TestWaitingForThePriceListEndsWithItsContext(t *testing.T) {
	t.Parallel()
	begun, free := make(chan struct{}), make(chan struct{})
	slow := provider.NewConn(gcp.Spec())
	err := slow.Initialize(t.Context(), &provider.ProviderConfig{
		Credential: provider.Credential{Values: map[string]string{"credentials_json": world(0).Credentials().Values["credentials_json"]}},
		Options:    map[string]any{"prices": true}, Now: func() time.Time { return sim.Epoch },
		Transport: answering{http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Host == "cloudbilling.googleapis.com" {
				close(begun)
				<-free
			}
			answers(nil)(w, r)
		})},
	})
	if err != nil {
		t.Fatal(err)
	}
	pricer := slow.Driver().(provider.Pricer)
	done := make(chan struct{})
	go func() {
		defer close(done)
		_, _ = provider.Gather(pricer.Prices(t.Context(), []*cloud.Resource{machine("1", "e2-standard-4")}))
	}()
	<-begun
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := provider.Gather(pricer.Prices(ctx, []*cloud.Resource{machine("1", "e2-standard-4")})); cloud.KindOf(err) != cloud.KindCancelled {
		t.Errorf("got %v of kind %q, want cancelled", err, cloud.KindOf(err))
	}
	close(free)
	<-done
}
