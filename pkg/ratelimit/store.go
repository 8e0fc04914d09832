package ratelimit

import (
	"context"
	"time"
)

// A Store keeps the accounts of buckets that several processes share, each under the key of its bucket. It is safe for
// concurrent use. Neither method blocks longer than its context lasts.
type Store interface {
	// Exchange tells an account what its bucket did and heard, and takes events from it, in one step.
	Exchange(ctx context.Context, key string, ask Ask) (Grant, error)
	// Accounts returns the present state of the accounts whose keys begin with prefix, by key.
	Accounts(ctx context.Context, prefix string) (map[string]State, error)
}

// A Rule is a limit as an account keeps it: a pace, and with Events also a window.
type Rule struct {
	Interval time.Duration // between two events in the long run
	Burst    int           // most events at once
	Events   int           // most events within Per; 0: no window
	Per      time.Duration
}

// An Ask is what a bucket tells its account and wants from it. Its times are relative to now.
type Ask struct {
	Rules  []Rule        // the bucket's; an account that was kept by other rules starts anew
	Want   int           // events to take; the account may grant more, to be used within Grant.Life
	Unused int           // events of an earlier grant that are given back
	Stamp  int64         // which grant that was: Grant.Stamp
	Pause  time.Duration // nothing shall pass for this long; 0: no such wish
	Heard  *Heard        // what the provider said; nil: nothing new
}

// Heard is what a provider said of its own count.
type Heard struct {
	Remaining int           // events left
	Reset     time.Duration // until the count starts anew
	Ago       time.Duration // how long ago it was said
	Binding   bool          // it is less than the rules allow: no more than Remaining may pass until Reset
}

// A Grant is what an account lets its bucket do.
type Grant struct {
	N     int           // events that may pass
	Life  time.Duration // how long they are good for
	Stamp int64         // names the grant, for Ask.Unused
	Wait  time.Duration // with N 0: how long until it is worth asking again
}

// State is what an account says at one moment.
type State struct {
	Rules       []Rule
	Tokens      float64   // events that could pass at once, were it not paused; without rules +Inf
	PausedUntil time.Time // zero when not paused
	Remaining   int       // what the provider last said is left; only with HeardAt
	HeardAt     time.Time // zero: it said nothing
	Reset       time.Time // when its count starts anew
}
