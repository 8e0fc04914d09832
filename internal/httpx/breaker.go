package httpx

import (
	"context"
	"fmt"
	"strconv"
	"sync"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
)

const (
	deadAfter = 3                // failures in a row below which no host counts as dead
	leastSpan = time.Second      // or that take less than this, while retries are left
	openFirst = 30 * time.Second // how long a dead host is left alone, doubled each time that it is still dead
	openMost  = 5 * time.Minute
)

// breakers are the circuit breakers of one connection.
type breakers struct {
	now    func() time.Time
	span   time.Duration // what the retries of one call take
	mu     sync.Mutex
	byHost map[string]*breaker
}

func newBreakers(now func() time.Time, span time.Duration) *breakers {
	return &breakers{now: now, span: max(span, leastSpan), byHost: map[string]*breaker{}}
}

// of returns the breaker of a host.
func (b *breakers) of(host string) *breaker {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.byHost[host] == nil {
		b.byHost[host] = newBreaker(host, b)
	}
	return b.byHost[host]
}

// A breaker keeps calls from a host that is dead: one that failed several times in a row, until some call had used up
// its retries, or for as long as these take. So a blip that breaks many calls at once passes, and all who wait for a dead
// host give up in the time of one call's retries, though a limit may let their tries through one by one. That one path
// answers 5xx makes no host dead: other paths may be well.
//
// After a while one call is let through. While it is under way the others wait for how it ends: they are as good as it.
// (gobreaker would refuse them, does not tell when it tries again, and wakes nobody who waits to try again.)
type breaker struct {
	host string
	now  func() time.Time
	span time.Duration

	mu      sync.Mutex
	failed  int       // in a row
	since   time.Time // when the first of them failed
	last    time.Time // when the last one did
	spoke   time.Time // when the host answered last
	path    string    // of the first of them
	silent  bool      // the last one got no answer
	several bool      // they were on more than one path
	period  time.Duration
	until   time.Time       // the host is left alone before; zero: it is not dead
	probing probe           // nil: none is under way
	alive   context.Context // ends when the host is found dead
	kill    context.CancelFunc
}

func newBreaker(host string, of *breakers) *breaker {
	b := &breaker{host: host, now: of.now, span: of.span}
	b.revive()
	return b
}

func (b *breaker) revive() {
	b.failed, b.several, b.period, b.until = 0, false, 0, time.Time{}
	b.alive, b.kill = context.WithCancel(context.Background())
}

// living returns a context that ends when the host is found dead. It has ended where it is dead already, until it is
// tried again.
func (b *breaker) living() context.Context {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.alive
}

// check refuses a call to a dead host.
func (b *breaker) check() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.until.IsZero() || !b.now().Before(b.until) {
		return nil
	}
	return b.refuse()
}

// probe is the one call that finds out whether a dead host has come back. It is closed when that is known.
type probe chan struct{}

// enter refuses an attempt to reach a dead host. Once in a while it lets one through, which is then the probe; others
// wait for how that ends, or until ctx does. Every attempt that was let through must be told to report.
func (b *breaker) enter(ctx context.Context) (probe, error) {
	for {
		mine, other, err := b.pass()
		if other == nil {
			return mine, err
		}
		select {
		case <-other:
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
}

// pass lets an attempt through, perhaps as the probe, refuses it, or returns the probe that it must wait for.
func (b *breaker) pass() (mine, other probe, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case b.until.IsZero():
		return nil, nil, nil
	case b.now().Before(b.until):
		return nil, nil, b.refuse()
	case b.probing != nil:
		return nil, b.probing, nil
	default:
		b.probing = make(probe)
		b.alive, b.kill = context.WithCancel(context.Background()) // until it is found dead once more
		return b.probing, nil, nil
	}
}

// refusal says why a call is not made, that was waiting when the host was found dead, and when the next may be.
func (b *breaker) refusal() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.refuse()
}

func (b *breaker) refuse() error {
	return &cloud.Error{
		Kind: cloud.KindUnavailable, RetryAfter: b.rest(), Err: errDead,
		Detail: fmt.Sprintf("not tried: %s failed %s in a row", b.host, times(b.failed)),
	}
}

func times(n int) string {
	if n == 1 {
		return "1 time"
	}
	return strconv.Itoa(n) + " times"
}

// attempted is how an attempt ended.
type attempted int

const (
	answered  attempted = iota // the host is alive, whatever it said
	failed                     // it answered that it is unavailable
	silent                     // it did not answer
	cancelled                  // the caller went away: nothing is known
)

// report takes in how an attempt ended that began at a time, on a path; mine is what enter gave it.
func (b *breaker) report(mine probe, how attempted, began time.Time, path string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if mine != nil {
		close(mine)
		b.probing = nil
	}
	switch how {
	case cancelled:
	case answered:
		b.answer()
	case failed, silent:
		b.fail(how, began, path)
		if mine != nil && !b.until.IsZero() {
			b.open()
		}
	}
}

// answer notes that the host is alive.
func (b *breaker) answer() {
	if !b.until.IsZero() {
		b.revive()
	}
	b.failed, b.several, b.spoke = 0, false, b.now()
}

func (b *breaker) fail(how attempted, began time.Time, path string) {
	now := b.now()
	if b.until.IsZero() && began.Sub(b.last) > b.span { // what failed long before is no sign of anything
		b.failed, b.several = 0, false
	}
	if b.last = now; b.failed == 0 {
		b.path, b.since = path, now
	}
	if b.until.IsZero() { // what was under way when the host was found dead is no news
		b.failed++
	}
	b.several = b.several || b.path != path
	b.silent = how == silent
	if b.seemsDead() && now.Sub(b.since) >= b.span {
		b.open()
	}
}

// seemsDead reports whether a host that is not yet left alone fails as a dead one does.
func (b *breaker) seemsDead() bool {
	return b.until.IsZero() && b.failed >= deadAfter && (b.silent || b.several)
}

// giveUp notes that a call that began at a time has used up its retries, or its patience: the host is dead if nobody
// had an answer meanwhile. It returns how long the host is left alone; 0 where it is not dead.
func (b *breaker) giveUp(began time.Time) time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	hangs := b.until.IsZero() && b.silent && b.failed > 0 && b.spoke.Before(began) && b.now().Sub(began) > patience
	if hangs || b.seemsDead() {
		b.open()
	}
	if b.until.IsZero() {
		return 0
	}
	return b.rest()
}

// rest returns how long the host is still left alone, in whole seconds: nobody should come too early.
func (b *breaker) rest() time.Duration {
	return (max(b.until.Sub(b.now()), 0) + time.Second - 1).Truncate(time.Second)
}

// open leaves the host alone for a while.
func (b *breaker) open() {
	b.period = min(max(2*b.period, openFirst), openMost)
	b.until = b.now().Add(b.period)
	b.kill()
}
