package httpx

import (
	"context"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"net/http/httptrace"
	"sync"
	"time"
)

// What one HTTP/2 answer, and all answers of one connection together, may hold in memory before they are read. The
// library's own 4 MiB and 1 GiB are for servers that are far away and few; with 50 calls at once they are most of the
// memory of a run, and what the clouds send is compressed: a page fits.
const (
	streamBuffer     = 64 << 10
	connectionBuffer = 256 << 10
)

// Transport is an http.Transport that begins with one connection to a host, however many calls for it come at once: when
// that is there, and carries only one call at a time, the others make theirs. The first calls of a round would else
// each make one, of which HTTP/2 needs a single one. Who calls a host that cannot be connected to shares the error.
type Transport struct {
	*http.Transport
	mu    sync.Mutex
	hosts map[string]*contact
}

// contact is the first connection to a host.
type contact struct {
	made chan struct{}
	err  error // after made
}

// errAbandoned says that the caller who was connecting went away: another one does it.
var errAbandoned = errors.New("the connection was abandoned")

// RoundTrip implements http.RoundTripper.
func (t *Transport) RoundTrip(req *http.Request) (*http.Response, error) {
	for {
		c, mine := t.contact(req.URL.Host)
		if mine {
			return t.connect(req, c)
		}
		select {
		case <-c.made:
		case <-req.Context().Done():
			closeBody(req)
			return nil, context.Cause(req.Context())
		}
		switch c.err {
		case nil:
			return t.Transport.RoundTrip(req)
		case errAbandoned: //nolint:errorlint // as connect sets it
		default:
			closeBody(req)
			return nil, c.err
		}
	}
}

// contact returns the first connection to a host, or a new one which is the caller's to make.
func (t *Transport) contact(host string) (c *contact, mine bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if c = t.hosts[host]; c != nil {
		return c, false
	}
	if t.hosts == nil {
		t.hosts = map[string]*contact{}
	}
	c = &contact{made: make(chan struct{})}
	t.hosts[host] = c
	return c, true
}

// connect sends the first request to a host, and lets the others follow when it is on its way. Where it cannot be sent,
// the next call tries again.
func (t *Transport) connect(req *http.Request, c *contact) (*http.Response, error) {
	var once sync.Once
	tell := func(err error) {
		once.Do(func() {
			if c.err = err; err != nil {
				t.mu.Lock()
				delete(t.hosts, req.URL.Host)
				t.mu.Unlock()
			}
			close(c.made)
		})
	}
	ctx := httptrace.WithClientTrace(req.Context(), &httptrace.ClientTrace{WroteHeaders: func() { tell(nil) }})
	resp, err := t.Transport.RoundTrip(req.WithContext(ctx))
	if err != nil && req.Context().Err() != nil {
		tell(errAbandoned)
	}
	tell(err)
	return resp, err
}

// NewTransport returns the one transport of a process: the environment's proxy, the system's roots, and enough kept
// connections for calls in parallel. The roots take some 10 ms to read: they are there when the first answer is.
func NewTransport() *Transport {
	go func() { _, _ = x509.SystemCertPool() }() // who needs them is told the error
	dialer := &net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}
	return &Transport{Transport: &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           dialer.DialContext,
		ForceAttemptHTTP2:     true,
		MaxIdleConns:          200,
		MaxIdleConnsPerHost:   50,
		IdleConnTimeout:       90 * time.Second,
		TLSHandshakeTimeout:   10 * time.Second,
		ExpectContinueTimeout: time.Second,
		ResponseHeaderTimeout: answerTimeout,
		HTTP2: &http.HTTP2Config{
			MaxReceiveBufferPerStream: streamBuffer, MaxReceiveBufferPerConnection: connectionBuffer,
		},
	}}
}
