package cache

import (
	"crypto/rand"
	"sync/atomic"
	"time"
)

// pause is how long a server that did not answer is left alone.
const pause = 5 * time.Second

// breaker spares callers a server that does not answer: after a failure nobody asks for a pause, then one asks for
// all.
type breaker struct {
	now  func() time.Time
	open atomic.Int64 // until when nobody asks, in Unix nanoseconds; 0 = all may ask
}

// closed says whether all may ask.
func (b *breaker) closed() bool { return b.open.Load() == 0 }

// allows says whether the caller may ask. Whoever may ask then tells how it went.
func (b *breaker) allows() bool {
	until := b.open.Load()
	if until == 0 {
		return true
	}
	now := b.now()
	return now.UnixNano() >= until && b.open.CompareAndSwap(until, now.Add(pause).UnixNano())
}

func (b *breaker) mend() { b.open.Store(0) }

func (b *breaker) trip() { b.open.Store(b.now().Add(pause).UnixNano()) }

// newToken returns what nobody else can guess.
func newToken() string { return rand.Text() }
