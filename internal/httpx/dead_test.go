package httpx_test

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/httpx"
)

// dialing is the product's transport, whose connections all go to addr; it counts them.
type dialing struct {
	*httpx.Transport
	dials atomic.Int32
}

func dialTo(t *testing.T, addr string) *dialing {
	t.Helper()
	d := &dialing{Transport: httpx.NewTransport()}
	d.Proxy = nil
	d.DialContext = func(ctx context.Context, network, _ string) (net.Conn, error) {
		d.dials.Add(1)
		return new(net.Dialer).DialContext(ctx, network, addr)
	}
	t.Cleanup(d.CloseIdleConnections)
	return d
}

func (d *dialing) RoundTrip(r *http.Request) (*http.Response, error) { return d.Transport.RoundTrip(r) }

func listen(t *testing.T) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l
}

// noNames is a name server that knows no name.
func noNames(t *testing.T) *net.Resolver {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var served sync.WaitGroup
	served.Go(func() {
		buf := make([]byte, 1500)
		for {
			n, from, err := conn.ReadFrom(buf)
			if err != nil {
				return
			}
			buf[2], buf[3] = 0x81, 0x83 // RFC 1035, 4.1.1: an answer, and there is no such name
			_, _ = conn.WriteTo(buf[:n], from)
		}
	})
	t.Cleanup(func() {
		_ = conn.Close()
		served.Wait()
	})
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "udp", conn.LocalAddr().String())
	}}
}

// Many calls at once meet a host that is dead in one way or another, over real sockets.
func TestDeadHosts(t *testing.T) {
	t.Parallel()
	const calls = 20
	for name, c := range map[string]struct {
		base  func(t *testing.T) http.RoundTripper
		says  string
		tries int // of each call that was made
		hint  string
	}{
		"refuses connections": {func(t *testing.T) http.RoundTripper {
			l := listen(t)
			_ = l.Close()
			return dialTo(t, l.Addr().String())
		}, "connection refused", 3, ""},
		"has no address": {func(t *testing.T) http.RoundTripper {
			d := dialTo(t, "")
			d.DialContext = (&net.Dialer{Resolver: noNames(t)}).DialContext
			return d
		}, "no such host", 3, ""},
		"stops in the handshake": {func(t *testing.T) http.RoundTripper {
			d := dialTo(t, listen(t).Addr().String()) // the kernel connects, nobody accepts
			d.TLSHandshakeTimeout = 50 * time.Millisecond
			return d
		}, "TLS handshake timeout", 3, ""},
		"does not answer": {func(t *testing.T) http.RoundTripper {
			release := make(chan struct{})
			s := serve(t, options{}, func(_ http.ResponseWriter, r *http.Request, _ int) {
				select {
				case <-release:
				case <-r.Context().Done():
				}
			})
			t.Cleanup(func() { close(release) })
			s.transport.ResponseHeaderTimeout = 50 * time.Millisecond
			return s.transport
		}, "timeout awaiting response headers", 3, ""},
		"shows a certificate of somebody unknown": {func(t *testing.T) http.RoundTripper {
			s := serve(t, options{}, ok)
			s.transport.TLSClientConfig = &tls.Config{MinVersion: tls.VersionTLS12}
			return s.transport
		}, "certificate", 1, "SSL_CERT_FILE"},
		"shows a certificate for another name": {func(t *testing.T) http.RoundTripper {
			s := serve(t, options{}, ok)
			s.transport.TLSClientConfig.ServerName = "other.example"
			return s.transport
		}, "certificate", 1, "SSL_CERT_FILE"},
		"speaks no TLS": {func(t *testing.T) http.RoundTripper {
			l := listen(t)
			go func() {
				for {
					conn, err := l.Accept()
					if err != nil {
						return
					}
					_, _ = conn.Write([]byte("HTTP/1.1 302 Found\r\nLocation: http://login/\r\n\r\n"))
					_ = conn.Close()
				}
			}()
			return dialTo(t, l.Addr().String())
		}, "first record does not look like a TLS handshake", 1, "login page"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := &httpx.API{HTTP: httpx.NewClient(c.base(t), quick()), Provider: "acme", Base: "https://" + host}
			var wg sync.WaitGroup
			for range calls {
				wg.Go(func() {
					stats := new(httpx.Stats)
					err := call(httpx.WithStats(t.Context(), stats), a, "/")
					if refused(err) && stats.Calls() == 0 {
						return // found dead by the others
					}
					e := wantKind(t, err, cloud.KindNetwork)
					if !strings.Contains(e.Detail, c.says) || !strings.HasPrefix(e.Detail, host) || stats.Calls() > c.tries {
						t.Errorf("got %q after %d tries, want %q after at most %d", e.Detail, stats.Calls(), c.says, c.tries)
					}
					if !strings.Contains(e.Hint, c.hint) || (c.hint == "") != (e.Hint == "") {
						t.Errorf("got hint %q, want %q in it", e.Hint, c.hint)
					}
				})
			}
			wg.Wait()
			if err := call(t.Context(), a, "/"); !refused(err) {
				t.Errorf("the next call: %v, want a refusal", err)
			}
		})
	}
}
