package httpx_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/adsops/cloudtop/internal/httpx"
)

// counted is a server that says how many connections were made to it, and the product's transport to it.
type counted struct {
	*httptest.Server
	*httpx.Transport
	connections atomic.Int32
}

func countedServer(t *testing.T, http2 bool, answer http.HandlerFunc) *counted {
	t.Helper()
	c := &counted{Server: httptest.NewUnstartedServer(answer), Transport: httpx.NewTransport()}
	c.EnableHTTP2 = http2
	c.Config.ConnState = func(_ net.Conn, s http.ConnState) {
		if s == http.StateNew {
			c.connections.Add(1)
		}
	}
	c.StartTLS()
	roots := x509.NewCertPool()
	roots.AddCert(c.Certificate())
	c.Proxy, c.TLSClientConfig = nil, &tls.Config{RootCAs: roots} //nolint:gosec // the default is TLS 1.2
	t.Cleanup(func() {
		c.CloseIdleConnections()
		c.Server.Close()
	})
	return c
}

func (c *counted) get(ctx context.Context) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.Server.URL, http.NoBody)
	if err != nil {
		return err
	}
	resp, err := c.RoundTrip(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	_, err = io.Copy(io.Discard, resp.Body)
	return err
}

// atOnce calls get n times at once and returns the errors.
func atOnce(n int, get func() error) []error {
	errs := make([]error, n)
	var calls sync.WaitGroup
	for i := range errs {
		calls.Go(func() { errs[i] = get() })
	}
	calls.Wait()
	return errs
}

func TestManyFirstCallsMakeOneConnection(t *testing.T) {
	t.Parallel()
	const calls = 20
	c := countedServer(t, true, func(_ http.ResponseWriter, r *http.Request) {
		if r.ProtoMajor != 2 {
			t.Errorf("got %s", r.Proto)
		}
	})
	for round := range 2 {
		if err := errors.Join(atOnce(calls, func() error { return c.get(t.Context()) })...); err != nil {
			t.Fatal(err)
		}
		if n := c.connections.Load(); n != 1 {
			t.Errorf("%d connections after round %d, want one", n, round)
		}
	}
}

// Where a connection carries one call at a time, the others are not held up: all are under way together.
func TestCallsThatCannotShareAConnectionGoTogether(t *testing.T) {
	t.Parallel()
	const calls = 5
	var under sync.WaitGroup
	under.Add(calls)
	c := countedServer(t, false, func(http.ResponseWriter, *http.Request) {
		under.Done()
		under.Wait()
	})
	if err := errors.Join(atOnce(calls, func() error { return c.get(t.Context()) })...); err != nil {
		t.Fatal(err)
	}
	if n := c.connections.Load(); n != calls {
		t.Errorf("%d connections, want %d", n, calls)
	}
}

func TestCallsShareTheErrorOfTheConnection(t *testing.T) {
	t.Parallel()
	const calls = 20
	c := countedServer(t, true, func(http.ResponseWriter, *http.Request) {})
	var dials atomic.Int32
	refused := make(chan struct{})
	c.DialContext = func(context.Context, string, string) (net.Conn, error) {
		dials.Add(1)
		<-refused
		return nil, syscall.ECONNREFUSED
	}
	time.AfterFunc(50*time.Millisecond, func() { close(refused) })
	for _, err := range atOnce(calls, func() error { return c.get(t.Context()) }) {
		if !errors.Is(err, syscall.ECONNREFUSED) {
			t.Errorf("got %v", err)
		}
	}
	if n := dials.Load(); n > calls/2 { // who comes after the error tries by itself
		t.Errorf("%d dials", n)
	}
	c.DialContext = nil
	if err := c.get(t.Context()); err != nil {
		t.Errorf("when the host is back: %v", err)
	}
}

// Who connects goes away: another does it. Who waits goes away: it waits no longer.
func TestAConnectionSurvivesWhoBeganIt(t *testing.T) {
	t.Parallel()
	c := countedServer(t, true, func(http.ResponseWriter, *http.Request) {})
	dialed, proceed := make(chan struct{}, 2), make(chan struct{})
	c.DialContext = func(ctx context.Context, network, addr string) (net.Conn, error) {
		dialed <- struct{}{}
		select {
		case <-proceed:
			return new(net.Dialer).DialContext(ctx, network, addr)
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	first, leave := context.WithCancel(t.Context())
	waiter, tire := context.WithCancelCause(t.Context())
	left, tired, stayed := make(chan error, 1), make(chan error, 1), make(chan error, 1)
	go func() { left <- c.get(first) }()
	<-dialed
	go func() { tired <- c.get(waiter) }()
	go func() { stayed <- c.get(t.Context()) }()
	bored := errors.New("bored")
	tire(bored)
	if err := <-tired; !errors.Is(err, bored) {
		t.Errorf("who no longer waits got %v", err)
	}
	leave()
	if err := <-left; !errors.Is(err, context.Canceled) {
		t.Errorf("who left got %v", err)
	}
	close(proceed)
	if err := <-stayed; err != nil {
		t.Errorf("who stayed got %v", err)
	}
}

func TestACallThatEndsEarlyClosesItsBody(t *testing.T) {
	t.Parallel()
	c := countedServer(t, true, func(http.ResponseWriter, *http.Request) {})
	release := make(chan struct{})
	dialing := make(chan struct{}, 1)
	c.DialContext = func(context.Context, string, string) (net.Conn, error) {
		dialing <- struct{}{}
		<-release
		return nil, syscall.ECONNREFUSED
	}
	first := make(chan error, 1)
	go func() { first <- c.get(t.Context()) }()
	<-dialing
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	body := &closable{Reader: strings.NewReader("x")}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.Server.URL, body)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.RoundTrip(req); !errors.Is(err, context.Canceled) || !body.closed {
		t.Errorf("got %v, body closed: %v", err, body.closed)
	}
	close(release)
	if err := <-first; !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("got %v", err)
	}
}

type closable struct {
	io.Reader
	closed bool
}

func (c *closable) Close() error {
	c.closed = true
	return nil
}
