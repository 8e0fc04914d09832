package httpx

import (
	"context"
	"io"
	"net/http"
	"slices"
	"sync"
)

// Slots bounds how many calls are under way at once over all providers. None may have them all, so that one which hangs
// does not hold up the others: each can always have one. The next that is free is for whoever has the fewest: a chain of
// single calls does not queue behind another provider's fifty.
type Slots struct {
	total     int
	most      int // of one provider
	providers int // that are expected

	mu   sync.Mutex
	over []*bounded
}

// NewSlots returns slots for total calls at once, at least one for each of providers. Of several providers none has more
// than all but the others' parts of a half.
func NewSlots(total, providers int) *Slots {
	providers = max(providers, 1)
	total = max(total, providers)
	others := (providers - 1) * max(total/(2*providers), 1)
	return &Slots{total: total, most: total - others, providers: providers}
}

// Over returns base for one provider, bounded by the slots. A slot is held until the answer's body has been read to its
// end, or closed: not every client closes what it has read.
func (s *Slots) Over(base http.RoundTripper) http.RoundTripper {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := &bounded{base: base, slots: s}
	s.over = append(s.over, b)
	return b
}

// free reports whether a provider may have one more slot: one is kept for each other that has none.
func (s *Slots) free(b *bounded) bool {
	left, kept := s.total, max(s.providers, len(s.over))
	for _, p := range s.over {
		left -= p.used
		if p == b || p.used > 0 {
			kept--
		}
	}
	return b.used < s.most && left > kept
}

// give gives free slots to those who wait, to whoever has the fewest first.
func (s *Slots) give() {
	for {
		var next *bounded
		for _, b := range s.over {
			if len(b.waiting) > 0 && (next == nil || b.used < next.used) && s.free(b) {
				next = b
			}
		}
		if next == nil {
			return
		}
		close(next.waiting[0])
		next.waiting = next.waiting[1:]
		next.used++
	}
}

// bounded is one provider's way to the network. used and waiting are guarded by its slots.
type bounded struct {
	base    http.RoundTripper
	slots   *Slots
	used    int
	waiting []chan struct{} // one for each call that waits, closed when it has its slot
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
	turn := b.line()
	select {
	case <-turn:
		return sync.OnceFunc(b.release), nil
	case <-ctx.Done():
		err = context.Cause(ctx)
	case <-dead:
		err = errDead
	}
	b.leave(turn)
	return nil, err
}

// line lines up for a slot.
func (b *bounded) line() (turn chan struct{}) {
	b.slots.mu.Lock()
	defer b.slots.mu.Unlock()
	turn = make(chan struct{})
	b.waiting = append(b.waiting, turn)
	b.slots.give()
	return turn
}

// leave gives a place in the line up, or the slot that has been given meanwhile.
func (b *bounded) leave(turn chan struct{}) {
	b.slots.mu.Lock()
	defer b.slots.mu.Unlock()
	if i := slices.Index(b.waiting, turn); i >= 0 {
		b.waiting = slices.Delete(b.waiting, i, i+1)
	} else {
		b.used--
	}
	b.slots.give()
}

func (b *bounded) release() {
	b.slots.mu.Lock()
	defer b.slots.mu.Unlock()
	b.used--
	b.slots.give()
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
