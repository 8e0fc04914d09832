package collector_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"net/http"
	"net/url"
	"os"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"github.com/adsops/cloudtop/internal/cache"
	"github.com/adsops/cloudtop/internal/collector"
	"github.com/adsops/cloudtop/internal/httpx"
	"github.com/adsops/cloudtop/internal/hub"
	"github.com/adsops/cloudtop/internal/provider"
	"github.com/adsops/cloudtop/internal/sim"
)

// Two hundred rounds over real sockets, with a cache, leave no more memory, goroutines or descriptors in use than ten.
//
//nolint:paralleltest // it measures the process
func TestRoundsDoNotGrow(t *testing.T) {
	if testing.Short() {
		t.Skip("200 rounds")
	}
	var minutes atomic.Int64 // an hour passes between two rounds, so that no limit is in the way
	u, targets := universe(t, sim.Options{
		Seed: 3, Counts: map[string]int{"neon": 6, "runpod": 30},
		Now: func() time.Time { return sim.Epoch.Add(time.Duration(minutes.Load()) * time.Minute) },
	}, "neon", "runpod")
	proxied := overSockets(t, u)
	for i := range targets {
		targets[i].Config.Transport = httpx.NewSlots(50, len(targets)).Over(proxied)
		targets[i].Config.RateLimit = &provider.RateLimit{PerSecond: 1e6, Burst: 1e6}
	}
	c := collector.New(hub.New(), collector.Options{Now: u.World().Now, Keep: collector.Keeping{
		Store: store(t, cache.Memory), TTL: time.Minute, Interval: time.Nanosecond,
	}})
	defer c.Close()
	rounds := func(n int) usage {
		for range n {
			minutes.Add(60)
			if bad := c.Round(t.Context(), request(targets)).Failures(); len(bad) > 0 {
				t.Fatalf("failures: %+v", bad)
			}
		}
		return measureUsage(t)
	}
	early := rounds(10)
	late := rounds(190)
	if served(u) < 200*10 {
		t.Errorf("only %d calls were made", served(u))
	}
	if late.heap > early.heap+early.heap/4 || late.goroutines > early.goroutines+5 || late.files > early.files+5 {
		t.Errorf("after 10 rounds %+v, after 200 %+v", early, late)
	}
}

// overSockets serves the universe on this machine, and returns a transport to it.
func overSockets(t *testing.T, u *sim.Universe) *httpx.Transport {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	p, err := sim.NewProxy(ctx, u, "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	over := make(chan error, 1)
	go func() { over <- p.Serve(ctx) }()
	roots := x509.NewCertPool()
	at, err := url.Parse(p.URL())
	if err != nil || !roots.AppendCertsFromPEM(p.CA()) {
		t.Fatal("the proxy has no address or no certificate", err)
	}
	transport := httpx.NewTransport()
	transport.Proxy, transport.TLSClientConfig = http.ProxyURL(at), &tls.Config{RootCAs: roots} //nolint:gosec // the default is TLS 1.2
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		stop()
		<-over
	})
	return transport
}

// usage is what a process holds.
type usage struct {
	heap              uint64
	goroutines, files int
}

func measureUsage(t *testing.T) usage {
	t.Helper()
	for range 2 { // what the first finalizes, the second collects
		runtime.GC()
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	files, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Skip("no /proc here")
	}
	return usage{m.HeapAlloc, runtime.NumGoroutine(), len(files)}
}
