package httpx

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/adsops/cloudtop/pkg/ratelimit"
)

// Wait is a call that waits for a limit.
type Wait struct {
	Provider string
	Limit    string // which, and what it allows: "monitoring: 10 per s"
	Shared   bool   // other processes' calls count too
	Since    time.Time
}

// Waits are the calls that wait for limits just now. The zero Waits is ready; many goroutines may use it.
type Waits struct {
	mu    sync.Mutex
	under map[*Wait]bool
}

// Longest returns the call that has waited longest, and reports whether one waits.
func (w *Waits) Longest() (longest Wait, waiting bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for one := range w.under {
		if !waiting || one.Since.Before(longest.Since) {
			longest, waiting = *one, true
		}
	}
	return longest, waiting
}

// enter notes a call until it is told that the wait is over.
func (w *Waits) enter(one Wait) (over func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.under == nil {
		w.under = map[*Wait]bool{}
	}
	w.under[&one] = true
	return func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		delete(w.under, &one)
	}
}

type waitsKey struct{}

// WithWaits returns a context whose calls are in w while they wait for limits.
func WithWaits(ctx context.Context, w *Waits) context.Context {
	return context.WithValue(ctx, waitsKey{}, w)
}

// waits returns the context's Waits, or ones that nobody reads.
func waits(ctx context.Context) *Waits {
	if w, ok := ctx.Value(waitsKey{}).(*Waits); ok {
		return w
	}
	return new(Waits)
}

// counted is a bucket and the published limit that it keeps; nil = it keeps the user's own, or only the pauses that the
// provider asks for.
type counted struct {
	*ratelimit.Bucket
	limit *Limit
}

// says returns which limit a bucket keeps, and what that allows.
func (c *chain) says(b *counted) string {
	switch {
	case b.limit != nil:
		return fmt.Sprintf("%s: %d per %s", b.limit.Name, b.limit.Events, period(b.limit.Per))
	case c.Override != nil:
		return fmt.Sprintf("rate_limit: %g per s", c.Override.PerSecond)
	default:
		return "a pause that it asked for"
	}
}

// period returns "s", "min", "h", "10s", "5m".
func period(d time.Duration) string {
	switch {
	case d == time.Second:
		return "s"
	case d == time.Minute:
		return "min"
	case d == time.Hour:
		return "h"
	}
	text := d.String()
	for _, none := range []string{"m0s", "h0m"} {
		if strings.HasSuffix(text, none) {
			text = text[:len(text)-2]
		}
	}
	return text
}
