package sim_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/adsops/cloudtop/internal/sim"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const echoHost = "api.echo.example"

// echo is a cloud that tells what it was asked. /stream sends a line, waits for the end of the call, and notes it.
type echo struct {
	name  string
	ended chan struct{}
}

func newEcho(name string) *echo { return &echo{name: name, ended: make(chan struct{}, 100)} }

func (e *echo) Name() string { return e.name }
func (e *echo) Hosts() []string {
	return []string{e.name + "-bare.example", "api." + e.name + ".example", "*.eu." + e.name + ".example"}
}
func (e *echo) Credentials() sim.Credentials { return sim.Credentials{} }
func (e *echo) Truth() sim.Truth             { return sim.Truth{} }

func (e *echo) Fail(w http.ResponseWriter, _ *http.Request, status int) {
	w.WriteHeader(status)
	_, _ = fmt.Fprintf(w, "echo says %d", status)
}

func (e *echo) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case "/empty":
		return
	case "/panic":
		panic("a bug in the simulator")
	case "/stream":
		_, _ = io.WriteString(w, "first line\n")
		w.(http.Flusher).Flush()
		<-r.Context().Done()
		e.ended <- struct{}{}
		return
	}
	body, _ := io.ReadAll(r.Body)
	_, _ = fmt.Fprintf(w, "%s %s %s %s %s", e.name, r.Method, r.Host, r.URL.RequestURI(), body)
}

// way is one of the ways to reach a universe.
type way struct {
	name string
	open func(t testing.TB, u *sim.Universe) http.RoundTripper
}

func ways() []way {
	return []way{
		{"in process", func(_ testing.TB, u *sim.Universe) http.RoundTripper { return u.Transport() }},
		{"proxy, HTTP/1.1", func(t testing.TB, u *sim.Universe) http.RoundTripper { return through(t, serve(t, u), false) }},
		{"proxy, HTTP/2", func(t testing.TB, u *sim.Universe) http.RoundTripper { return through(t, serve(t, u), true) }},
	}
}

// serve runs a proxy until the test ends.
func serve(t testing.TB, u *sim.Universe) *sim.Proxy {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	p, err := sim.NewProxy(ctx, u, "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- p.Serve(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Errorf("Serve: %v", err)
		}
	})
	return p
}

// through returns a transport of Go's own client that uses the proxy.
func through(t testing.TB, p *sim.Proxy, h2 bool) *http.Transport {
	t.Helper()
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(p.CA())
	at, err := url.Parse(p.URL())
	if err != nil {
		t.Fatal(err)
	}
	tr := &http.Transport{Proxy: http.ProxyURL(at), TLSClientConfig: &tls.Config{RootCAs: roots}, ForceAttemptHTTP2: h2}
	t.Cleanup(tr.CloseIdleConnections)
	return tr
}

// world makes a world of echoes with faults.
func world(faults ...sim.Fault) (*sim.Universe, *echo) {
	e := newEcho("echo")
	return sim.NewUniverse(sim.NewWorld(sim.Options{Faults: faults}), e, newEcho("other")), e
}

// ask sends one call and reads the whole answer.
func ask(ctx context.Context, rt http.RoundTripper, method, url, body string) (*http.Response, string, error) {
	req, err := http.NewRequestWithContext(ctx, method, url, strings.NewReader(body))
	if err != nil {
		return nil, "", err
	}
	resp, err := rt.RoundTrip(req)
	if err != nil {
		return nil, "", err
	}
	defer func() { _ = resp.Body.Close() }()
	data, err := io.ReadAll(resp.Body)
	return resp, string(data), err
}

// eventually waits for ok to become true.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(5 * time.Second); !ok(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%s: not within 5s", what)
		}
	}
}
