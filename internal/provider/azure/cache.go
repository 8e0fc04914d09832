package azure

import (
	"context"
	"sync"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
)

// cache keeps one value for each key, for as long as its reader finds it fresh. The zero cache is ready.
type cache[V any] struct {
	mu    sync.Mutex
	slots map[string]*slot[V]
}

// slot is held by one reader at a time: who comes while a value is fetched waits for it.
type slot[V any] struct {
	turn  chan struct{}
	value V
	at    time.Time // zero = there is no value
}

func (c *cache[V]) slot(key string) *slot[V] {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := c.slots[key]
	if s == nil {
		if c.slots == nil {
			c.slots = map[string]*slot[V]{}
		}
		s = &slot[V]{turn: make(chan struct{}, 1)}
		c.slots[key] = s
	}
	return s
}

// do gives use the value of key, or none where it is older than ttl, and keeps what use returns without an error. It
// is alone with the key meanwhile. Readers share values: use must not change old, but return another one.
func (c *cache[V]) do(
	ctx context.Context, key string, now time.Time, ttl time.Duration, use func(old V) (V, error),
) (V, error) {
	s := c.slot(key)
	var old V
	select {
	case s.turn <- struct{}{}:
		defer func() { <-s.turn }()
	case <-ctx.Done():
		return old, cloud.Ended(ctx, "azure", "an answer that another reader asks for")
	}
	since := now
	if !s.at.IsZero() && now.Sub(s.at) < ttl {
		old, since = s.value, s.at
	}
	v, err := use(old)
	if err == nil {
		s.value, s.at = v, since
	}
	return v, err
}
