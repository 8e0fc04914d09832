package oracle_test

import (
	"context"
	"math"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/provider"
	"github.com/adsops/cloudtop/internal/provider/providertest"
	"github.com/adsops/cloudtop/internal/sim"
)

const priceList = `{"items":[
	{"partNumber":"B93113","metricName":"OCPU Per Hour","currencyCodeLocalizations":[{"currencyCode":"EUR","prices":[{"model":"PAY_AS_YOU_GO","value":9}]},
		{"currencyCode":"USD","prices":[{"model":"MONTHLY_COMMIT","value":7},{"model":"PAY_AS_YOU_GO","value":0.02}]}]},
	{"partNumber":"B93114","currencyCodeLocalizations":[{"currencyCode":"USD","prices":[{"model":"PAY_AS_YOU_GO","value":0.001}]}]},
	{"partNumber":"B93297","currencyCodeLocalizations":[{"currencyCode":"USD","prices":[{"model":"PAY_AS_YOU_GO","value":0,"rangeMin":0,"rangeMax":3000},{"model":"PAY_AS_YOU_GO","value":0.01,"rangeMin":3000}]}]},
	{"partNumber":"B93298","currencyCodeLocalizations":[{"currencyCode":"USD","prices":[{"model":"PAY_AS_YOU_GO","value":0},{"model":"PAY_AS_YOU_GO","value":0.002}]}]},
	{"partNumber":"B98415","currencyCodeLocalizations":[{"currencyCode":"USD","prices":[{"model":"PAY_AS_YOU_GO","value":10}]}]},
	{"partNumber":"B95702","currencyCodeLocalizations":[{"currencyCode":"USD","prices":[{"model":"PAY_AS_YOU_GO","value":0.3}]}]},
	{"partNumber":"B95703","currencyCodeLocalizations":[{"currencyCode":"USD","prices":[{"model":"PAY_AS_YOU_GO","value":0.08}]}]},
	{"partNumber":"B92212","currencyCodeLocalizations":[{"currencyCode":"USD","prices":[{"model":"PAY_AS_YOU_GO","value":0.32}]}]},
	{"partNumber":"B90453","currencyCodeLocalizations":[{"currencyCode":"USD","prices":[{"model":"PAY_AS_YOU_GO","value":0.7}]}]},
	{"partNumber":"B89039","currencyCodeLocalizations":[{"currencyCode":"USD","prices":[{"model":"PAY_AS_YOU_GO","value":0.3}]}]},
	{"partNumber":"B96109","currencyCodeLocalizations":[{"currencyCode":"USD","prices":[{"model":"PAY_AS_YOU_GO","value":0.015}]}]},
	{"partNumber":"B93121","currencyCodeLocalizations":[{"currencyCode":"USD","prices":[{"model":"PAY_AS_YOU_GO","value":0.025}]}]},
	{"partNumber":"B93122","currencyCodeLocalizations":[{"currencyCode":"USD","prices":[{"model":"PAY_AS_YOU_GO","value":0.0010625}]}]},
	{"partNumber":"B93123","currencyCodeLocalizations":[{"currencyCode":"USD","prices":[{"model":"PAY_AS_YOU_GO","value":0.06}]}]},
	{"partNumber":"B88515","currencyCodeLocalizations":[{"currencyCode":"USD","prices":[{"model":"PAY_AS_YOU_GO","value":0.12}]}]},
	{"partNumber":"B91444","currencyCodeLocalizations":[{"currencyCode":"USD","prices":[{"model":"PAY_AS_YOU_GO","value":0}]}]},
	{"partNumber":"B96545","currencyCodeLocalizations":[{"currencyCode":"USD","prices":[{"model":"PAY_AS_YOU_GO","value":0.1}]}]},
	{"partNumber":"B88514","currencyCodeLocalizations":[{"currencyCode":"USD","prices":[{"model":"PAY_AS_YOU_GO","value":null}]}]}
]}`

// priced answers the price list with status and body.
func priced(status int, body string) func(*http.Request) *http.Response {
	return func(r *http.Request) *http.Response {
		if r.URL.Host == "apexapps.oracle.com" {
			return response(r, status, body)
		}
		return nil
	}
}

func resource(kind string, attrs ...any) cloud.Resource {
	r := cloud.Resource{ID: kind, Type: kind, Status: cloud.StatusRunning}
	for i := 0; i < len(attrs); i += 2 {
		name, _ := attrs[i].(string)
		r.Attrs = append(r.Attrs, cloud.Attr{Name: name, Value: attrs[i+1]})
	}
	return r
}

func TestPricesFollowThePriceList(t *testing.T) {
	t.Parallel()
	stopped := resource("instance", "shape", "VM.Standard.E4.Flex", "ocpus", 2.0, "memory_gb", 16.0)
	stopped.Status = cloud.StatusStopped
	gpu := resource("instance", "shape", "BM.GPU.H100.8", "ocpus", 112.0)
	gpu.GPU = &cloud.GPU{Type: "H100", Count: 8}
	none := math.NaN()
	for _, tt := range []struct {
		name      string
		r         cloud.Resource
		low, high float64 // NaN = no price
	}{
		{"per OCPU and GB", resource("instance", "shape", "VM.Standard.E4.Flex", "ocpus", 2.0, "memory_gb", 16.0), 0.056, 0.056},
		{"preemptible", resource("instance", "shape", "VM.Standard.E4.Flex", "ocpus", 2.0, "memory_gb", 16.0, "preemptible", true), 0.028, 0.028},
		{"burstable", resource("instance", "shape", "VM.Standard.E4.Flex", "ocpus", 2.0, "ocpu_baseline", "1/8", "memory_gb", 16.0), 0.021, 0.021},
		{"half burstable", resource("instance", "shape", "VM.Standard.E4.Flex", "ocpus", 2.0, "ocpu_baseline", "1/2", "memory_gb", 16.0), 0.036, 0.036},
		{"container instance", resource("container_instance", "shape", "CI.Standard.E4.Flex", "ocpus", 1.0, "memory_gb", 8.0), 0.028, 0.028},
		{"a free allowance", resource("instance", "shape", "VM.Standard.A1.Flex", "ocpus", 4.0, "memory_gb", 24.0), 0, 0.088},
		{"per GPU", gpu, 80, 80},
		{"GPUs unknown", resource("instance", "shape", "BM.GPU.H100.8"), none, none},
		{"OCPUs unknown", resource("instance", "shape", "VM.Standard.E4.Flex", "memory_gb", 16.0), none, none},
		{"shape unknown", resource("instance", "shape", "VM.Standard.E9.Flex", "ocpus", 2.0, "memory_gb", 16.0), none, none},
		{"part not in the list", resource("instance", "shape", "VM.Standard.E5.Flex", "ocpus", 2.0, "memory_gb", 16.0), none, none},
		{"part without value", resource("instance", "shape", "VM.Standard2.1", "ocpus", 1.0), none, none},
		{"stopped", stopped, none, none},
		{"enhanced cluster", resource("cluster", "cluster_type", "ENHANCED_CLUSTER"), 0.1, 0.1},
		{"basic cluster", resource("cluster", "cluster_type", "BASIC_CLUSTER"), 0, 0},
		{"cluster of unknown type", resource("cluster"), none, none},
		{"node pool", resource("node_pool", "shape", "VM.Standard.E4.Flex", "ocpus", 2.0, "memory_gb", 16.0), none, none},
		{"database", resource("autonomous_database", "workload", "OLTP", "license_model", "LICENSE_INCLUDED", "ecpus", 4.0), 1.2, 1.2},
		{"own licence", resource("autonomous_database", "workload", "DW", "license_model", "BRING_YOUR_OWN_LICENSE", "ecpus", 2.0), 0.16, 0.16},
		{"JSON database", resource("autonomous_database", "workload", "AJD", "license_model", "LICENSE_INCLUDED", "ecpus", 2.0), none, none},
		{"JSON database in OCPUs", resource("autonomous_database", "workload", "AJD", "license_model", "LICENSE_INCLUDED", "ocpus", 2.0), 0.64, 0.64},
		{"database in OCPUs", resource("autonomous_database", "workload", "OLTP", "license_model", "LICENSE_INCLUDED", "ocpus", 2.0), 1.4, 1.4},
		{"own licence in OCPUs", resource("autonomous_database", "workload", "DW", "license_model", "BRING_YOUR_OWN_LICENSE", "ocpus", 1.5), 0.45, 0.45},
		{"database without size", resource("autonomous_database", "workload", "OLTP", "license_model", "LICENSE_INCLUDED"), none, none},
		{"database of unknown licence", resource("autonomous_database", "workload", "OLTP", "ecpus", 2.0), none, none},
		{"virtual node pool", resource("virtual_node_pool", "nodes_count", 4), 0.06, 0.06},
		{"virtual node pool without nodes", resource("virtual_node_pool", "nodes_count", 0), 0, 0},
		{"virtual node pool of unknown size", resource("virtual_node_pool"), none, none},
		{"dense I/O", resource("instance", "shape", "VM.DenseIO.E4.Flex", "ocpus", 8.0, "memory_gb", 128.0, "local_disks_gb", 6800.0), 0.744, 0.744},
		{"dense I/O without disks", resource("instance", "shape", "VM.DenseIO.E4.Flex", "ocpus", 8.0, "memory_gb", 128.0), none, none},
		{"older dense I/O", resource("instance", "shape", "BM.DenseIO2.52", "ocpus", 52.0, "memory_gb", 768.0), 6.24, 6.24},
		{"the free shape", resource("instance", "shape", "VM.Standard.E2.1.Micro", "ocpus", 1.0, "memory_gb", 1.0), 0, 0},
		{"a bucket", resource("bucket", "shape", "VM.Standard.E4.Flex", "ocpus", 2.0, "memory_gb", 16.0), none, none},
		{"dedicated database", resource("autonomous_database", "workload", "OLTP", "license_model", "LICENSE_INCLUDED", "ecpus", 2.0, "dedicated", true), none, none},
		{"always free", resource("autonomous_database", "workload", "AJD", "always_free", true), 0, 0},
	} {
		s := open(t, setup{count: 5, answer: priced(http.StatusOK, priceList)})
		quotes, err := provider.Gather(s.prices(tt.r))
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		if math.IsNaN(tt.low) {
			if len(quotes) != 0 {
				t.Errorf("%s: got %+v, want no price", tt.name, quotes)
			}
			continue
		}
		if len(quotes) != 1 || math.Abs(quotes[0].Price.Low-tt.low) > 1e-9 || math.Abs(quotes[0].Price.High-tt.high) > 1e-9 ||
			quotes[0].Price.Currency != "USD" || quotes[0].Price.Source == "" || quotes[0].Price.At.IsZero() {
			t.Errorf("%s: got %+v, want %v to %v", tt.name, quotes, tt.low, tt.high)
		}
	}
}

func (s *site) prices(resources ...cloud.Resource) func(yield func(cloud.Quote, error) bool) {
	s.Helper()
	p, ok := s.conn.Driver().(provider.Pricer)
	if !ok {
		s.Fatal("the driver knows no prices")
	}
	return p.Prices(s.Context(), providertest.Pointers(resources))
}

// TestThePriceListIsReadOnce for all services and regions, without credential, and not at all for what has no price.
func TestThePriceListIsReadOnce(t *testing.T) {
	t.Parallel()
	good := resource("instance", "shape", "VM.Standard.E4.Flex", "ocpus", 2.0, "memory_gb", 16.0)
	s := open(t, setup{count: 5, answer: func(r *http.Request) *http.Response {
		if r.URL.Host == "apexapps.oracle.com" && r.Header.Get("Authorization") != "" {
			t.Error("the credential is sent to the public price list")
		}
		return nil
	}})
	for _, r := range []cloud.Resource{resource("node_pool"), good, good, good} {
		if _, err := provider.Gather(s.prices(r)); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(s.wire.calls("/products/")); n != 1 {
		t.Errorf("the price list is read %d times, want once", n)
	}
}

func TestAFailedPriceListIsNotAskedForByEveryService(t *testing.T) {
	t.Parallel()
	good := resource("instance", "shape", "VM.Standard.E4.Flex", "ocpus", 2.0, "memory_gb", 16.0)
	s := open(t, setup{count: 5, answer: priced(http.StatusBadRequest, "<html>maintenance</html>")})
	for range 4 {
		if _, err := provider.Gather(s.prices(good)); err == nil || !strings.Contains(err.Error(), "read price list") {
			t.Errorf("got %v, want the error of the price list", err)
		}
	}
	if n := len(s.wire.calls("/products/")); n != 1 {
		t.Errorf("the price list is asked for %d times, want once", n)
	}
}

// TestPricesGrowOld: the list is read again after half a day, and after a failure as soon as a minute later.
func TestPricesGrowOld(t *testing.T) {
	t.Parallel()
	var past atomic.Int64 // since the epoch of the simulator
	fails := false
	s := open(t, setup{
		count: 5, now: func() time.Time { return sim.Epoch.Add(time.Duration(past.Load())) },
		answer: func(r *http.Request) *http.Response {
			if r.URL.Host == "apexapps.oracle.com" && fails {
				return response(r, http.StatusBadRequest, "{}")
			}
			return priced(http.StatusOK, priceList)(r)
		},
	})
	r := resource("cluster", "cluster_type", "ENHANCED_CLUSTER")
	for _, step := range []struct {
		at    time.Duration
		fails bool
		calls int  // so far
		ok    bool // there is a price
	}{
		{0, false, 1, true}, {11 * time.Hour, false, 1, true}, {12 * time.Hour, false, 2, true}, {25 * time.Hour, true, 3, false},
		{25*time.Hour + 59*time.Second, false, 3, false}, {25*time.Hour + time.Minute, false, 4, true}, {26 * time.Hour, true, 4, true},
	} {
		past.Store(int64(step.at))
		fails = step.fails
		quotes, err := provider.Gather(s.prices(r))
		if ok := err == nil && len(quotes) == 1; ok != step.ok || len(s.wire.calls("/products/")) != step.calls {
			t.Errorf("after %s: %d quotes, %v after %d calls, want %v after %d", step.at, len(quotes), err, len(s.wire.calls("/products/")), step.ok, step.calls)
		}
		if step.ok && !quotes[0].Price.At.Equal(sim.Epoch) && step.at < 12*time.Hour {
			t.Errorf("after %s the price is of %s, want the time when it was read", step.at, quotes[0].Price.At)
		}
	}
}

// TestWhoWaitsForThePriceListEndsWithItsContext and the one that reads it goes on.
func TestWhoWaitsForThePriceListEndsWithItsContext(t *testing.T) {
	t.Parallel()
	hold, reading := make(chan struct{}), make(chan struct{}, 2)
	s := open(t, setup{count: 5, answer: func(r *http.Request) *http.Response {
		if r.URL.Host == "apexapps.oracle.com" {
			reading <- struct{}{}
			<-hold
		}
		return priced(http.StatusOK, priceList)(r)
	}})
	r := resource("cluster", "cluster_type", "ENHANCED_CLUSTER")
	first := make(chan error, 1)
	go func() { _, err := provider.Gather(s.prices(r)); first <- err }()
	<-reading
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	p, _ := s.conn.Driver().(provider.Pricer)
	if _, err := provider.Gather(p.Prices(ctx, []*cloud.Resource{&r})); cloud.KindOf(err) != cloud.KindCancelled {
		t.Errorf("who waits gets %v, want cancelled", err)
	}
	close(hold)
	if err := <-first; err != nil {
		t.Errorf("who reads gets %v", err)
	}
}
