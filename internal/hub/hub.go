package hub

import (
	"context"
	"sync"
)

// Hub holds the newest Snapshot. Writers publish, readers wait for one newer than they have: a slow reader skips
// versions, and nothing queues.
type Hub struct {
	mu      sync.Mutex
	now     *Snapshot
	changed chan struct{} // closed when now is replaced
}

// New returns a hub that holds an empty snapshot of version 0.
func New() *Hub { return &Hub{now: &Snapshot{}, changed: make(chan struct{})} }

// Now returns the newest snapshot; never nil.
func (h *Hub) Now() *Snapshot {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.now
}

// Publish makes s the newest snapshot and gives it the next version. The caller must not change s afterwards.
func (h *Hub) Publish(s *Snapshot) {
	h.mu.Lock()
	defer h.mu.Unlock()
	s.Version = h.now.Version + 1
	h.now = s
	close(h.changed)
	h.changed = make(chan struct{})
}

// Wait returns the newest snapshot as soon as its version is greater than version, or the context's error.
func (h *Hub) Wait(ctx context.Context, version uint64) (*Snapshot, error) {
	for {
		h.mu.Lock()
		now, changed := h.now, h.changed
		h.mu.Unlock()
		if now.Version > version {
			return now, nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
}
