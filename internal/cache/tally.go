package cache

import (
	"cmp"
	"maps"
	"slices"
	"time"
)

// tally counts entries for a Status.
type tally struct {
	Status
	shares map[string]*Share
}

func newTally(backend, place string) *tally {
	return &tally{Status: Status{Backend: backend, Place: place}, shares: map[string]*Share{}}
}

func (t *tally) add(provider string, at time.Time, bytes int64) {
	share := t.shares[provider]
	if share == nil {
		share = &Share{Provider: provider}
		t.shares[provider] = share
	}
	share.add(at, bytes)
	t.Total.add(at, bytes)
}

func (s *Share) add(at time.Time, bytes int64) {
	if s.Entries == 0 || at.Before(s.Oldest) {
		s.Oldest = at
	}
	if s.Entries == 0 || at.After(s.Newest) {
		s.Newest = at
	}
	s.Entries++
	if bytes < 0 {
		s.Bytes = -1
		return
	}
	s.Bytes += bytes
}

func (t *tally) status() Status {
	s := t.Status
	for _, share := range slices.SortedFunc(maps.Values(t.shares), func(a, b *Share) int {
		return cmp.Compare(a.Provider, b.Provider)
	}) {
		s.Providers = append(s.Providers, *share)
	}
	return s
}
