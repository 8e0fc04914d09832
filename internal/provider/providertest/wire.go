package providertest

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/sim"
)

// small is the size of worlds that are read in real time.
const small = 12

// wireChecks read the simulator through its proxy, over loopback TLS at the provider's real host names.
func (s *suite) wireChecks() []check {
	all := []check{{name: "wire/truth", run: s.wireTruth, wire: true}, {name: "wire/cancel", run: s.wireCancel, wire: true}}
	for _, b := range blows() {
		switch b.name {
		case "401", "500 for ever", "reset for ever", "truncated once", "truncated for ever", "malformed", "huge":
			all = append(all, check{name: "wire/fault/" + b.name, run: func(t testing.TB) { s.wireFault(t, &b) }, wire: true})
		}
	}
	return all
}

// overTLS serves u through a proxy until the test ends, and returns a transport that goes through it.
func overTLS(t testing.TB) func(*sim.Universe) http.RoundTripper {
	return func(u *sim.Universe) http.RoundTripper {
		t.Helper()
		ctx, stop := context.WithCancel(context.Background())
		p, err := sim.NewProxy(ctx, u, "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		roots := x509.NewCertPool()
		roots.AppendCertsFromPEM(p.CA())
		proxy, err := url.Parse(p.URL())
		if err != nil {
			t.Fatal(err)
		}
		transport := &http.Transport{
			Proxy: http.ProxyURL(proxy), TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12},
			ForceAttemptHTTP2: true,
		}
		served := make(chan error, 1)
		go func() { served <- p.Serve(ctx) }()
		t.Cleanup(func() {
			transport.CloseIdleConnections()
			stop()
			if err := <-served; err != nil {
				t.Errorf("proxy: %v", err)
			}
		})
		return transport
	}
}

func (s *suite) wireTruth(t testing.TB) {
	x := s.open(t, setup{count: small, transport: overTLS(t)})
	w := watch(x)
	h := x.harvest(true)
	w.look(0)
	h.mustBeComplete(x)
	w.mustMatch(h)
	x.close()
}

// wireCancel ends the context of a call that hangs.
func (s *suite) wireCancel(t testing.TB) {
	x := s.open(t, setup{count: small, transport: overTLS(t), faults: []sim.Fault{{Action: "hang"}}})
	defer x.close()
	ctx, cancel := context.WithCancelCause(t.Context())
	defer cancel(nil)
	ended := make(chan time.Time, 1)
	x.tap.began = func(int, *exchange) {
		time.AfterFunc(100*time.Millisecond, func() {
			select {
			case ended <- time.Now():
			default:
			}
			cancel(errStop)
		})
	}
	err := x.conn.HealthCheck(ctx)
	if late := time.Since(<-ended); late > 5*promptly { // exact in a bubble; here the machine may be busy
		t.Errorf("check: returned %s after the end of its context", late)
	}
	if cloud.KindOf(err) != cloud.KindCancelled {
		t.Errorf("check: got %v of kind %q, want cancelled", err, cloud.KindOf(err))
	}
}

// wireFault lets every call fail.
func (s *suite) wireFault(t testing.TB, b *blow) {
	x := s.open(t, setup{count: small, transport: overTLS(t), faults: []sim.Fault{b.fault}})
	defer x.close()
	check := opening(x.conn.Driver())[0]
	out := x.do(t.Context(), check)
	if b.either && out.complete() {
		return
	}
	if out.complete() && b.loud {
		t.Errorf("check: no error, want kind %q", b.kinds)
	}
	for _, err := range out.errs {
		if !leadsTo(err, b.kinds...) {
			t.Errorf("check: got %v of kind %q, want %q", err, cloud.KindOf(err), b.kinds)
		}
	}
	if n := len(x.tap.exchanges()); b.calls > 0 && n != b.calls {
		t.Errorf("check: %d calls, want %d", n, b.calls)
	}
}
