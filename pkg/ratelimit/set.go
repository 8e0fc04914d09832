package ratelimit

import (
	"maps"
	"sync"
)

// A Set holds one Bucket per key and makes each on first use. The zero Set is empty and ready; it is safe for
// concurrent use.
type Set struct {
	mu      sync.RWMutex
	buckets map[string]*Bucket
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
		s.buckets[key] = b
	}
	return b
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
