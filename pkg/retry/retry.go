// Package retry says how long to wait before trying again, and waits. It decides nothing else: which failures
// deserve a second attempt is the caller's knowledge.
package retry

import (
	"context"
	"time"

	"github.com/cenkalti/backoff/v5"
)

// settled is the attempt from which a delay no longer grows measurably; it bounds the work of Delay.
const settled = 256

// A Policy is the shape of a series of retries. It is a plain value, safe for concurrent use.
// The zero Policy never retries and never waits.
type Policy struct {
	Max    int           // retries after the first try
	First  time.Duration // longest delay before the first retry
	Cap    time.Duration // longest delay before any retry
	Factor float64       // growth from one retry to the next; below 1 counts as 1
}

// Default returns the policy of the product: 3 retries, 1 s first, doubled each time, 30 s at most.
func Default() Policy {
	return Policy{Max: 3, First: time.Second, Cap: 30 * time.Second, Factor: 2}
}

// Delay returns the wait before the given retry, counted from 1 (anything lower counts as 1): a random time between
// one half and the whole of First x Factor^(attempt-1), so that callers who failed together do not come back
// together. It is never above Cap.
func (p Policy) Delay(attempt int) time.Duration {
	steps := backoff.ExponentialBackOff{
		InitialInterval:     middle(min(p.First, p.Cap)),
		MaxInterval:         middle(p.Cap),
		Multiplier:          max(p.Factor, 1),
		RandomizationFactor: 1.0 / 3,
	}
	for step := 1; step < min(attempt, settled); step++ {
		steps.NextBackOff()
	}
	return min(steps.NextBackOff(), max(p.Cap, 0))
}

// Span returns the longest time that all retries of one series wait, together.
func (p Policy) Span() time.Duration {
	longest := float64(max(min(p.First, p.Cap), 0))
	sum := 0.0
	for retries := range min(p.Max, settled) {
		if sum += longest; longest >= float64(p.Cap) {
			sum += longest * float64(p.Max-retries-1)
			break
		}
		longest = min(longest*max(p.Factor, 1), float64(p.Cap))
	}
	return time.Duration(min(sum, 1<<62))
}

// middle returns three quarters of d: a third more is d, a third less is half of d.
func middle(d time.Duration) time.Duration { return max(d, 0) / 4 * 3 }

// Sleep waits for d, or until ctx ends, and then returns context.Cause(ctx). A d of zero or less does not wait, but
// an ended ctx is reported all the same.
func Sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 || ctx.Err() != nil {
		return context.Cause(ctx)
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
