// Package ratelimit paces calls so that they stay below a published limit. A Bucket queues its callers first come,
// first served; nothing is taken before a caller's turn, so a pause or a slower pace met half-way holds for all who
// wait, and who gives up leaves nothing behind.
package ratelimit

import (
	"container/list"
	"context"
	"errors"
	"fmt"
	"math"
	"sync"
	"sync/atomic"
	"time"
)

// ErrQueueTimeout is what a QueueTimeoutError unwraps to.
var ErrQueueTimeout = errors.New("ratelimit: the queue is longer than the longest wait allowed")

// A QueueTimeoutError says that a Wait would have taken longer than the bucket allows; errors.Is(err, ErrQueueTimeout).
type QueueTimeoutError struct {
	Need time.Duration // the whole wait it would have been, as far as known: never too high
	Max  time.Duration // the bucket's MaxWait
}

func (e *QueueTimeoutError) Error() string {
	return fmt.Sprintf("ratelimit: would wait %v, at most %v allowed", e.Need.Round(time.Millisecond), e.Max)
}

func (e *QueueTimeoutError) Unwrap() error { return ErrQueueTimeout }

// A Bucket lets events through at a limited rate. It is safe for concurrent use; the zero Bucket lets all through.
type Bucket struct {
	MaxWait time.Duration // longest a Wait may take, 0: no bound; set before the first use

	open   atomic.Bool // nothing limits and nobody waits: Wait need not look further
	mu     sync.Mutex
	gates  []*gate
	paused time.Time // nothing passes before
	spread *gate     // what the provider said remains, in force until reset
	reset  time.Time
	queue  list.List // of *waiter, the next to go first
	share  *share    // nil: nobody else counts these events
}

// waiter is one Wait that could not pass at once.
type waiter struct {
	since time.Time
	place *list.Element
	wake  chan struct{} // its turn came, or the bucket changed
}

// New returns a full bucket that passes perSecond events each second with at most burst (at least 1) at once, and that
// keeps every one of the windows as well. A perSecond of zero or less, or without end, sets no such pace.
func New(perSecond float64, burst int, windows ...Limit) *Bucket {
	b := &Bucket{}
	if perSecond > 0 && perSecond < math.MaxFloat64 {
		b.gates = append(b.gates, newPace(perSecond, burst))
	}
	for _, w := range windows {
		if w.Events > 0 && w.Per > 0 {
			b.gates = append(b.gates, newWindow(w))
		}
	}
	b.open.Store(len(b.gates) == 0)
	return b
}

// Wait takes one event from the bucket, as soon as every limit and pause allows and all earlier callers have gone. It
// returns how long that took, without the time that a shared account took to answer. It fails with a *QueueTimeoutError as soon as the wait is known to exceed MaxWait, and
// with context.Cause(ctx) when ctx ends; then no event is taken.
func (b *Bucket) Wait(ctx context.Context) (waited time.Duration, err error) {
	if ctx.Err() != nil {
		return 0, context.Cause(ctx)
	}
	if b.open.Load() {
		return 0, nil
	}
	w, err := b.join(time.Now())
	if w == nil {
		return 0, err
	}
	asking, err := b.stand(ctx, w)
	return max(time.Since(w.since)-asking, 0), err
}

// Shared reports whether other processes count events in the same account.
func (b *Bucket) Shared() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.share != nil
}

// TryWait takes one event from the bucket and reports true, if it may pass at once.
func (b *Bucket) TryWait() bool {
	if b.open.Load() {
		return true
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.pass(time.Now())
}

// pass takes an event if it may pass now and nobody is ahead.
func (b *Bucket) pass(now time.Time) bool {
	if b.queue.Len() > 0 || !b.share.granted(now) || b.next(now, 0).After(now) {
		return false
	}
	b.take(now)
	return true
}

// join takes an event at once or, with somebody ahead or nothing left, returns a place in the queue.
func (b *Bucket) join(now time.Time) (*waiter, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.pass(now) {
		return nil, nil
	}
	at := b.next(now, b.queue.Len())
	if err := b.tooLong(at.Sub(now)); err != nil {
		return nil, err
	}
	w := &waiter{since: now, wake: make(chan struct{}, 1)}
	w.place = b.queue.PushBack(w)
	return w, nil
}

// stand waits in the queue until w is through, is bound to take too long, or ctx ends. It returns how long of that the
// shared account was asked.
func (b *Bucket) stand(ctx context.Context, w *waiter) (asking time.Duration, err error) {
	granted := false
	for {
		alarm, turn, err := b.step(w, granted)
		switch turn {
		case over:
			return asking, err
		case ask:
			var took time.Duration
			granted, took = b.refill(ctx)
			asking += took
			if ctx.Err() == nil {
				continue
			}
		case stay:
		}
		select {
		case <-alarm:
		case <-w.wake:
		case <-ctx.Done():
			b.mu.Lock()
			defer b.mu.Unlock()
			b.leave(w)
			return asking, context.Cause(ctx)
		}
	}
}

// turn is what a waiter does next.
type turn int

const (
	stay turn = iota // wait on
	ask              // ask the shared account
	over             // it is through, or refused
)

// step lets w through if it may go now; granted says that the account has just let one event pass. While w stays, the
// alarm is when to look again, nil while others are ahead.
func (b *Bucket) step(w *waiter, granted bool) (alarm <-chan time.Time, next turn, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.queue.Front() != w.place {
		return nil, stay, nil
	}
	now := time.Now()
	at := b.next(now, 0)
	switch {
	case at.After(now):
		if err := b.tooLong(at.Sub(w.since)); err != nil {
			b.leave(w)
			return nil, over, err
		}
		return time.After(at.Sub(now)), stay, nil
	case !granted && !b.share.granted(now):
		return nil, ask, nil
	default:
		b.take(now)
		b.leave(w)
		return nil, over, nil
	}
}

// next returns when, from now on, an event with so many others ahead may pass at the earliest.
func (b *Bucket) next(now time.Time, ahead int) time.Time {
	start := later(later(now, b.paused), b.share.blockedUntil(now))
	at := start
	for _, g := range b.gates {
		at = later(at, g.next(start, ahead))
	}
	if b.spread == nil || !start.Before(b.reset) {
		return at
	}
	if spread := b.spread.next(start, ahead); spread.Before(b.reset) {
		return later(at, spread)
	}
	return later(at, b.reset)
}

// take counts one event, which must be allowed now.
func (b *Bucket) take(now time.Time) {
	for _, g := range b.gates {
		g.take(now)
	}
	b.share.take()
	if b.spread != nil && !now.Before(b.reset) {
		b.spread = nil
	}
	if b.spread != nil {
		b.spread.take(now)
	}
	b.open.Store(len(b.gates) == 0 && b.spread == nil)
}

// leave removes w from the queue and wakes who is next now.
func (b *Bucket) leave(w *waiter) {
	b.queue.Remove(w.place)
	b.wakeFirst()
}

func (b *Bucket) wakeFirst() {
	if first := b.queue.Front(); first != nil {
		select {
		case first.Value.(*waiter).wake <- struct{}{}:
		default: // it has not yet seen the last call
		}
	}
}

func (b *Bucket) tooLong(wait time.Duration) error {
	if b.MaxWait <= 0 || wait <= b.MaxWait {
		return nil
	}
	return &QueueTimeoutError{Need: wait, Max: b.MaxWait}
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
