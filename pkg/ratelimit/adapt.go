package ratelimit

import (
	"context"
	"math"
	"slices"
	"time"

	"golang.org/x/time/rate"
)

// PauseUntil lets nothing pass before t, neither new callers nor those who wait already. A later time extends a pause,
// an earlier one changes nothing. Who shares the bucket's account pauses as well.
//
// Neither this nor Adapt ends with ctx: it is told to the end.
func (b *Bucket) PauseUntil(ctx context.Context, t time.Time) {
	d := time.Until(t)
	b.mu.Lock()
	longer := b.pause(time.Now(), d)
	b.mu.Unlock()
	if longer {
		b.tell(ctx, d)
	}
}

// pause lets nothing pass for d. It reports whether that is longer than before.
func (b *Bucket) pause(now time.Time, d time.Duration) bool {
	until := now.Add(d) // from now on, so that setting the wall clock does not matter
	if d <= 0 || !until.After(b.paused) {
		return false
	}
	b.paused = until
	b.open.Store(false)
	b.wakeFirst()
	return true
}

// Adapt takes what a provider says about its own count: so many calls remain until reset. With fewer than the bucket
// could let through by then (others use the same account, or it counts otherwise), no more than these pass until reset,
// at once if they come at once; with none left the bucket pauses. From reset on the bucket is its old self.
//
// Who shares the bucket's account learns of it at once where little remains, else with what this bucket asks for next.
func (b *Bucket) Adapt(ctx context.Context, remaining int, reset time.Time) {
	b.mu.Lock()
	now := time.Now()
	left := reset.Sub(now)
	if left <= 0 {
		b.mu.Unlock()
		return
	}
	var pause time.Duration
	suffices := float64(remaining) >= b.room(now, now.Add(left))
	switch {
	case remaining <= 0:
		b.pause(now, left)
		pause = left
	case suffices:
		b.spread = nil
		b.wakeFirst()
	default:
		b.slow(now, remaining, left)
	}
	if b.share != nil {
		b.share.heardAt = now
		b.share.heard = Heard{Remaining: max(remaining, 0), Reset: left, Binding: remaining > 0 && !suffices}
	}
	urgent := pause > 0 || b.share != nil && !suffices && b.share.urgent(remaining)
	b.mu.Unlock()
	if urgent {
		b.tell(ctx, pause)
	}
}

// slow lets at most remaining events pass until left is over. What passed since an earlier answer counts against them;
// what others left over is given back slowly.
func (b *Bucket) slow(now time.Time, remaining int, left time.Duration) {
	if b.spread == nil || !now.Before(b.reset) {
		b.spread = newPace(0, remaining)
	}
	pace := b.spread.pace
	pace.SetBurstAt(now, remaining)
	pace.SetLimitAt(now, rate.Limit((float64(remaining)-pace.TokensAt(now))/left.Seconds()))
	b.reset = now.Add(left)
	b.open.Store(false)
	b.wakeFirst()
}

// room returns how many events the bucket's own limits allow from now to until; +Inf without limits.
func (b *Bucket) room(now, until time.Time) float64 {
	room := math.Inf(1)
	for _, g := range b.gates {
		room = min(room, g.room(now, until))
	}
	return room
}

// Stats is the state of a bucket at one moment.
type Stats struct {
	Limited     bool      // Rate, Burst and Tokens mean something
	Rate        float64   // events per second in the long run
	Burst       int       // most events at once
	Tokens      float64   // events that could pass at once, were it not paused
	PausedUntil time.Time // zero when not paused
	Waiting     int       // callers in the queue
}

// Stats returns the bucket's present state, by its tightest limit, what Adapt has set included.
func (b *Bucket) Stats() Stats {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := time.Now()
	s := Stats{Waiting: b.queue.Len()}
	if b.paused.After(now) {
		s.PausedUntil = b.paused
	}
	gates := b.gates
	if b.spread != nil && now.Before(b.reset) {
		gates = append(slices.Clip(gates), b.spread)
	}
	for i, g := range gates {
		pace, burst, tokens := float64(g.pace.Limit()), g.pace.Burst(), max(g.room(now, now), 0)
		if i == 0 {
			s.Limited, s.Rate, s.Burst, s.Tokens = true, pace, burst, tokens
		}
		s.Rate, s.Burst, s.Tokens = min(s.Rate, pace), min(s.Burst, burst), min(s.Tokens, tokens)
	}
	return s
}
