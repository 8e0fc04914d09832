package httpx

import (
	"context"
	"sync/atomic"
	"time"
)

// Stats counts what the calls made under one context cost. It may be read while calls are under way.
type Stats struct {
	calls, retries, bytes, limit, backoff atomic.Int64
}

// Calls returns how many requests were sent, retries included.
func (s *Stats) Calls() int { return int(s.calls.Load()) }

// Retries returns how many of the calls were repeats.
func (s *Stats) Retries() int { return int(s.retries.Load()) }

// Bytes returns how many bytes of answers were read.
func (s *Stats) Bytes() int64 { return s.bytes.Load() }

// Waited returns how long calls waited for limits, all calls together: queued for our own count, or held back by the
// provider, which had refused them.
func (s *Stats) Waited() time.Duration { return time.Duration(s.limit.Load()) }

// Backoff returns how long calls waited to try again what had failed otherwise, all calls together.
func (s *Stats) Backoff() time.Duration { return time.Duration(s.backoff.Load()) }

// Add counts in what was counted elsewhere.
func (s *Stats) Add(other *Stats) {
	s.calls.Add(other.calls.Load())
	s.retries.Add(other.retries.Load())
	s.bytes.Add(other.bytes.Load())
	s.limit.Add(other.limit.Load())
	s.backoff.Add(other.backoff.Load())
}

func (s *Stats) called()                { s.calls.Add(1) }
func (s *Stats) waited(d time.Duration) { s.limit.Add(int64(d)) }
func (s *Stats) received(n int)         { s.bytes.Add(int64(n)) }

// retried counts a repeat and the wait for it; limited says that the provider had called it one too many.
func (s *Stats) retried(d time.Duration, limited bool) {
	s.retries.Add(1)
	if limited {
		s.limit.Add(int64(d))
	} else {
		s.backoff.Add(int64(d))
	}
}

type (
	statsKey  struct{}
	commonKey struct{}
)

// WithStats returns a context whose calls are counted in s.
func WithStats(ctx context.Context, s *Stats) context.Context {
	return context.WithValue(ctx, statsKey{}, s)
}

// StatsFrom returns the context's Stats, or one that nobody reads.
func StatsFrom(ctx context.Context) *Stats {
	if s, ok := ctx.Value(statsKey{}).(*Stats); ok {
		return s
	}
	return new(Stats)
}

// WithCommon returns a context in which calls that several units of work share are counted in s.
func WithCommon(ctx context.Context, s *Stats) context.Context {
	return context.WithValue(ctx, commonKey{}, s)
}

// Common returns the context for a call that several units of work share (a token, a list that each takes its part of):
// it is counted for all of them together, and not for the one that happened to come first.
func Common(ctx context.Context) context.Context {
	if s, ok := ctx.Value(commonKey{}).(*Stats); ok {
		return WithStats(ctx, s)
	}
	return ctx
}
