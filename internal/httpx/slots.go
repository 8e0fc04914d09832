package httpx

import (
	"context"
	"io"
	"net/http"
	"sync"
)

// Slots bounds how many calls are under way at once over all providers. Each provider has a few slots of its own, so
// that one which hangs cannot hold up the others.
type Slots struct {
	shared chan struct{}
	own    int
}

// NewSlots returns slots for total calls at once (at least one for each of providers), half of them kept in equal
// parts for each provider.
func NewSlots(total, providers int) *Slots {
	providers = max(providers, 1)
	own := max(total/(2*providers), 1)
	return &Slots{shared: make(chan struct{}, max(total-own*providers, 0)), own: own}
}

// Over returns base for one provider, bounded by the slots. A slot is held until the answer's body has been read to its
// end, or closed: not every client closes what it has read.
func (s *Slots) Over(base http.RoundTripper) http.RoundTripper {
	return &bounded{base: base, shared: s.shared, own: make(chan struct{}, s.own)}
}

type bounded struct {
	base        http.RoundTripper
	shared, own chan struct{}
}

// RoundTrip implements http.RoundTripper.
func (b *bounded) RoundTrip(req *http.Request) (*http.Response, error) {
	release, err := b.take(req.Context(), nil)
	if err != nil {
		closeBody(req)
		return nil, err
	}
	resp, err := b.send(req, release)
	if err != nil {
		release()
	}
	return resp, err
}

// send sends a request that has a slot. With an error the slot is still held.
func (b *bounded) send(req *http.Request, release func()) (*http.Response, error) {
	resp, err := b.base.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	resp.Body = &releasingBody{ReadCloser: resp.Body, release: release}
	return resp, nil
}

// CloseIdleConnections lets an http.Client close the idle connections of the base transport.
func (b *bounded) CloseIdleConnections() {
	if t, ok := b.base.(interface{ CloseIdleConnections() }); ok {
		t.CloseIdleConnections()
	}
}

// take waits for a slot, until ctx ends, or dead tells that the host is (errDead).
func (b *bounded) take(ctx context.Context, dead <-chan struct{}) (release func(), err error) {
	from := b.own
	select {
	case b.own <- struct{}{}:
	case b.shared <- struct{}{}:
		from = b.shared
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	case <-dead:
		return nil, errDead
	}
	return sync.OnceFunc(func() { <-from }), nil
}

type releasingBody struct {
	io.ReadCloser
	release func()
}

func (r *releasingBody) Read(p []byte) (int, error) {
	n, err := r.ReadCloser.Read(p)
	if err != nil {
		r.release()
	}
	return n, err
}

func (r *releasingBody) Close() error {
	defer r.release()
	return r.ReadCloser.Close()
}
