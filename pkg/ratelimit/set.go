package ratelimit

import (
	"context"
	"maps"
	"sync"
	"time"
)

// A Set holds one Bucket per key and makes each on first use. The zero Set is empty and ready; it is safe for
// concurrent use.
type Set struct {
	mu      sync.RWMutex
	buckets map[string]*Bucket
	sharing *sharing
}

// Share lets the buckets that are made from now on keep to accounts that other processes share, under the keys that Get
// is given. A store that fails is left alone for a while, in which each bucket goes on alone, and warn (if it is not
// nil) is told of the first time.
func (s *Set) Share(store Store, warn func(error)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sharing = &sharing{store: store, warn: warn, began: time.Now()}
}

// Get returns the bucket of key, the same one each time; open makes it at the first.
func (s *Set) Get(key string, open func() *Bucket) *Bucket {
	s.mu.RLock()
	b := s.buckets[key]
	s.mu.RUnlock()
	if b != nil {
		return b
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if b = s.buckets[key]; b == nil {
		if s.buckets == nil {
			s.buckets = map[string]*Bucket{}
		}
		b = open()
		if s.sharing != nil {
			s.sharing.join(b, key)
		}
		s.buckets[key] = b
	}
	return b
}

// GiveBack returns to the shared accounts what the buckets took ahead and do not need, and tells them what the provider
// said last. It is for the end of a run; the Set may be used afterwards.
func (s *Set) GiveBack(ctx context.Context) {
	s.mu.RLock()
	buckets := maps.Clone(s.buckets)
	s.mu.RUnlock()
	for _, b := range buckets {
		b.giveBack(ctx)
	}
}

// Stats returns the present state of every bucket made so far, by key.
func (s *Set) Stats() map[string]Stats {
	s.mu.RLock()
	buckets := maps.Clone(s.buckets)
	s.mu.RUnlock()
	stats := make(map[string]Stats, len(buckets))
	for key, b := range buckets {
		stats[key] = b.Stats()
	}
	return stats
}
