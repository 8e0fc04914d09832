package ratelimit

import (
	"math"
	"sort"
	"time"

	"golang.org/x/time/rate"
)

// A Limit is a published window: at most Events in any stretch of time of length Per.
type Limit struct {
	Events int           // most events within Per
	Per    time.Duration // length of the window
	Burst  int           // most events at once, the others then follow at Events/Per; 0: as many as the window holds
}

// gate is one limit in force: a pace, and for a window also when its last events were.
type gate struct {
	pace   *rate.Limiter
	events int // 0: no window
	per    time.Duration
	past   []time.Time // when the last `events` events were; once it is full, a ring
	oldest int         // index into past
}

func newPace(perSecond float64, burst int) *gate {
	return &gate{pace: rate.NewLimiter(rate.Limit(perSecond), max(burst, 1))}
}

func newWindow(l Limit) *gate {
	if l.Burst <= 0 || l.Burst > l.Events {
		l.Burst = l.Events
	}
	g := newPace(float64(l.Events)/l.Per.Seconds(), l.Burst)
	g.events, g.per = l.Events, l.Per
	return g
}

// next returns when, from start on, an event with so many others ahead may pass at the earliest.
func (g *gate) next(start time.Time, ahead int) time.Time {
	at := start
	// The sum of many small refills may fall short of a whole event by a rounding error.
	if missing := float64(ahead+1) - g.pace.TokensAt(start); missing > 1e-9 {
		at = start.Add(seconds(missing / float64(g.pace.Limit())))
	}
	if behind := ahead - (g.events - len(g.past)); g.events > 0 && behind >= 0 {
		follows := start // the event that must be Per ago: one of those ahead, or a past one
		if i := behind % g.events; i < len(g.past) {
			follows = g.past[(g.oldest+i)%len(g.past)]
		}
		at = later(at, follows.Add(g.per*time.Duration(1+behind/g.events)))
	}
	return at
}

// take counts an event now.
func (g *gate) take(now time.Time) {
	g.pace.ReserveN(now, 1)
	switch {
	case len(g.past) < g.events:
		g.past = append(g.past, now)
	case g.events > 0:
		g.past[g.oldest] = now
		g.oldest = (g.oldest + 1) % g.events
	}
}

// room returns how many events could pass from now to until, at most.
func (g *gate) room(now, until time.Time) float64 {
	room := g.pace.TokensAt(now) + float64(g.pace.Limit())*until.Sub(now).Seconds()
	if until.Sub(now) >= g.per { // no window, or longer than it
		return room
	}
	expired := sort.Search(len(g.past), func(i int) bool {
		return until.Sub(g.past[(g.oldest+i)%len(g.past)]) < g.per
	})
	return min(room, float64(g.events-len(g.past)+expired))
}

// seconds converts to a duration, rounded up, a century at most.
func seconds(s float64) time.Duration {
	return time.Duration(math.Ceil(min(s, century.Seconds()) * float64(time.Second)))
}
