package ratelimit

import (
	"context"
	"sync"
	"sync/atomic"
	"time"
)

const (
	storeTimeout = time.Second      // the longest that a store may take, also on a machine that has much else to do
	storePause   = 30 * time.Second // how long a store that failed is left alone
	shortestNap  = time.Millisecond // before an account that granted nothing is asked again
)

// sharing is a store as the buckets of a Set use it.
type sharing struct {
	store Store
	warn  func(error)
	began time.Time
	alone atomic.Int64 // until this long after began the buckets go on alone
	once  sync.Once
}

// off reports whether the buckets go on alone for now.
func (s *sharing) off(now time.Time) bool { return now.Sub(s.began) < time.Duration(s.alone.Load()) }

// failed lets the buckets go on alone for a while. It warns of the first time.
func (s *sharing) failed(err error) {
	s.alone.Store(int64(time.Since(s.began) + storePause))
	s.once.Do(func() {
		if s.warn != nil {
			s.warn(err)
		}
	})
}

// exchange asks the account of key, within ctx and storeTimeout. It reports false where there is no answer.
func (s *sharing) exchange(ctx context.Context, key string, ask Ask) (Grant, bool) {
	if s.off(time.Now()) {
		return Grant{}, false
	}
	within, cancel := context.WithTimeout(ctx, storeTimeout)
	defer cancel()
	g, err := s.store.Exchange(within, key, ask)
	if err != nil && ctx.Err() == nil {
		s.failed(err)
	}
	return g, err == nil
}

// share is a bucket's part of an account. The bucket's mutex guards it.
type share struct {
	*sharing
	key     string
	rules   []Rule
	lease   int       // granted events that have not passed
	stamp   int64     // of their grant
	until   time.Time // they are good before
	blocked time.Time // the account lets nothing pass before
	asked   bool      // a bucket without limits asks once, for a pause that others met
	heard   Heard     // what the provider said and the account does not know yet
	heardAt time.Time // zero: nothing
}

// join makes b one of the buckets that share the account of key. It must not have been used.
func (s *sharing) join(b *Bucket, key string) {
	b.share = &share{sharing: s, key: key}
	for _, g := range b.gates {
		b.share.rules = append(b.share.rules, g.rule())
	}
	b.open.Store(false)
}

// granted reports whether the account lets an event pass now.
func (s *share) granted(now time.Time) bool {
	switch {
	case s == nil, len(s.rules) == 0 && s.asked:
		return true
	case s.lease > 0 && now.Before(s.until):
		return true
	default:
		return s.off(now)
	}
}

// blockedUntil returns when the account lets an event pass at the earliest.
func (s *share) blockedUntil(now time.Time) time.Time {
	if s == nil || !s.blocked.After(now) || s.off(now) {
		return now
	}
	return s.blocked
}

// urgent reports whether others must learn at once that no more than remaining may pass: they could have been granted
// as much ahead.
func (s *share) urgent(remaining int) bool {
	for _, r := range s.rules {
		if remaining*leasePart < r.Burst {
			return true
		}
	}
	return false
}

// take counts an event that was granted.
func (s *share) take() {
	if s != nil && s.lease > 0 {
		s.lease--
	}
}

// ask returns what the account is to be told now, and wants so many events of it.
func (s *share) ask(now time.Time, want int) Ask {
	ask := Ask{Rules: s.rules, Want: want, Unused: s.lease, Stamp: s.stamp}
	if !s.heardAt.IsZero() {
		said := s.heard
		said.Ago = now.Sub(s.heardAt)
		ask.Heard = &said
	}
	s.lease, s.heardAt = 0, time.Time{}
	return ask
}

// refill asks the account for want events, one of which passes at once. It reports whether it may, and how long the
// account took to say so.
func (b *Bucket) refill(ctx context.Context) (granted bool, took time.Duration) {
	s, started := b.share, time.Now()
	b.mu.Lock()
	ask := s.ask(started, b.queue.Len())
	b.mu.Unlock()
	g, ok := s.exchange(ctx, s.key, ask)
	now := time.Now()
	took = now.Sub(started)
	b.mu.Lock()
	defer b.mu.Unlock()
	s.asked = true
	switch {
	case !ok:
		return false, took
	case g.N > 0:
		s.lease, s.stamp, s.until = g.N, g.Stamp, started.Add(g.Life)
		return true, took
	case len(s.rules) == 0:
		b.pause(now, g.Wait)
	default:
		s.blocked = now.Add(max(g.Wait, shortestNap))
	}
	return false, took
}

// tell lets the account know of a pause, and of all else that is new. What was granted ahead is given back.
func (b *Bucket) tell(ctx context.Context, pause time.Duration) {
	s := b.share
	if s == nil || s.off(time.Now()) {
		return
	}
	b.mu.Lock()
	ask := s.ask(time.Now(), 0)
	b.mu.Unlock()
	ask.Pause = pause
	s.exchange(context.WithoutCancel(ctx), s.key, ask)
}

// giveBack tells the account what was granted and not used, and what was heard last.
func (b *Bucket) giveBack(ctx context.Context) {
	s := b.share
	if s == nil {
		return
	}
	b.mu.Lock()
	news := s.lease > 0 && len(s.rules) > 0 || !s.heardAt.IsZero()
	ask := s.ask(time.Now(), 0)
	b.mu.Unlock()
	if news {
		s.exchange(ctx, s.key, ask)
	}
}
