package ratelimit

import (
	"cmp"
	"math"
	"slices"
	"time"
)

const (
	leasePart  = 8           // an account grants up to one part in so many of what is free, whatever was asked for
	leaseMost  = 256         // but no more events than these
	lifePart   = 32          // they are good for one part in so many of the shortest rule's time
	lifeMost   = time.Second // but no longer than this
	slots      = 64          // a window of more events than these remembers them by so many parts of its length
	clockSlack = 2e6         // microseconds that a clock may be behind another: more, and it was set back
)

// An Account is what several buckets took together under the same rules. Its times are microseconds since 1970 by the
// clock of its store. It is for one goroutine; the zero Account is a new one.
//
// Events that are granted ahead of their use count as if they happened at the end of the grant's life. So what passes
// in any stretch of time keeps the rules, whenever within its life each event is used.
type Account struct {
	written int64
	paused  int64
	heard   heard
	gates   []shared
}

// heard is what the provider last said, and what of it may still pass.
type heard struct {
	remaining int64
	at, reset int64 // at 0: nothing was said
	// While bound, tokens (thousandths of events) may pass as of since; they grow to most at reset.
	bound        bool
	tokens, most int64
	since        int64
}

// shared is a rule and what was taken under it.
type shared struct {
	rule Rule
	full int64 // when the burst is whole again
	last int64 // the stamp of what was taken last
	log  []taken
}

// taken is n events that count until the rule's window after at.
type taken struct{ at, n int64 }

// Exchange does what ask says, at a time.
func (a *Account) Exchange(at time.Time, ask Ask) Grant {
	now := at.UnixMicro()
	a.prepare(now, ask.Rules)
	a.giveBack(ask)
	if ask.Pause > 0 {
		a.paused = max(a.paused, now+micros(ask.Pause))
	}
	if h := ask.Heard; h != nil {
		a.heard.hear(now, h)
	}
	return a.grant(now, int64(ask.Want))
}

// prepare brings the account to now. One that was written later than now knows nothing: the clock was set back.
func (a *Account) prepare(now int64, rules []Rule) {
	if a.written > now+clockSlack {
		*a = Account{}
	}
	a.written = max(now, a.written)
	if !slices.EqualFunc(a.gates, rules, func(g shared, r Rule) bool { return g.rule == r }) {
		a.gates = make([]shared, len(rules))
		for i, r := range rules {
			a.gates[i].rule = r
		}
	}
	for i := range a.gates {
		a.gates[i].expire(now)
	}
	if a.heard.bound && a.heard.reset <= now {
		a.heard.bound = false
	}
}

func (a *Account) grant(now, want int64) Grant {
	free := a.free(now)
	if want < 1 || free < 1 {
		return Grant{Wait: time.Duration(a.wait(now)) * time.Microsecond}
	}
	n := min(free, max(want, min(free/leasePart, leaseMost)))
	if len(a.gates) == 0 && !a.heard.bound {
		return Grant{N: int(want), Life: lifeMost}
	}
	life, stamp := a.life(), now
	if n > 1 {
		stamp += life
	}
	for i := range a.gates {
		a.gates[i].take(stamp, n)
	}
	a.heard.take(now, n)
	return Grant{N: int(n), Life: time.Duration(life) * time.Microsecond, Stamp: stamp}
}

// giveBack takes back what an earlier grant had too much. What the provider said since then did not count it.
func (a *Account) giveBack(ask Ask) {
	if ask.Unused < 1 {
		return
	}
	n := int64(ask.Unused)
	for i := range a.gates {
		a.gates[i].giveBack(ask.Stamp, n)
	}
	if a.heard.bound && a.heard.at+a.life() <= ask.Stamp {
		a.heard.tokens, a.heard.most = a.heard.tokens+1000*n, a.heard.most+n
	}
}

// free returns how many events may pass at once.
func (a *Account) free(now int64) int64 {
	free := int64(math.MaxInt32)
	if a.paused > now {
		return 0
	}
	for i := range a.gates {
		free = min(free, a.gates[i].free(now))
	}
	if a.heard.bound {
		free = min(free, a.heard.left(now)/1000)
	}
	return free
}

// wait returns how long until an event may pass, as far as can be told.
func (a *Account) wait(now int64) int64 {
	wait := max(a.paused-now, 0)
	for i := range a.gates {
		wait = max(wait, a.gates[i].wait(now))
	}
	if a.heard.bound {
		wait = max(wait, a.heard.wait(now))
	}
	return wait
}

// life returns how long a grant of several events is good for: a small part of the time in which any of the rules lets its
// whole burst or window pass, as the grant holds up what follows for as long.
func (a *Account) life() int64 {
	life := micros(lifeMost)
	for _, g := range a.gates {
		life = min(life, g.span()/lifePart)
		if g.rule.Events > 0 {
			life = min(life, micros(g.rule.Per)/lifePart)
		}
	}
	return life
}

// State returns what the account says at a time.
func (a *Account) State(at time.Time) State {
	now := at.UnixMicro()
	rules := make([]Rule, len(a.gates))
	for i := range a.gates {
		rules[i] = a.gates[i].rule
	}
	a.prepare(now, rules)
	s := State{Rules: rules, Tokens: math.Inf(1)}
	for i := range a.gates {
		s.Tokens = min(s.Tokens, float64(a.gates[i].free(now)))
	}
	if a.heard.bound {
		s.Tokens = min(s.Tokens, float64(a.heard.left(now)/1000))
	}
	if a.paused > now {
		s.PausedUntil = time.UnixMicro(a.paused)
	}
	if a.heard.at > 0 {
		s.Remaining, s.HeardAt, s.Reset = int(a.heard.remaining), time.UnixMicro(a.heard.at), time.UnixMicro(a.heard.reset)
	}
	return s
}

// Until returns the time from which the account says nothing any more. What a provider said is kept for as long as its
// count lasts.
func (a *Account) Until() time.Time {
	until := max(a.paused, a.heard.reset)
	for i := range a.gates {
		g := &a.gates[i]
		until = max(until, g.full)
		if len(g.log) > 0 {
			until = max(until, g.log[len(g.log)-1].at+micros(g.rule.Per))
		}
	}
	return time.UnixMicro(until)
}

// hear takes what the provider said. What passed since an earlier answer counts against it; what others left over is
// given back slowly.
func (h *heard) hear(now int64, said *Heard) {
	at := now - micros(said.Ago)
	reset := at + micros(said.Reset)
	tokens := 1000 * int64(said.Remaining)
	if h.bound {
		tokens = min(tokens, h.left(now))
	}
	*h = heard{
		remaining: int64(said.Remaining), at: at, reset: reset, bound: said.Binding && reset > now,
		tokens: tokens, most: int64(said.Remaining), since: now,
	}
}

// left returns the thousandths of events that may pass.
func (h *heard) left(now int64) int64 {
	grown := float64(1000*h.most-h.tokens) * float64(max(now-h.since, 0)) / float64(max(h.reset-h.since, 1))
	return min(h.tokens+int64(grown), 1000*h.most)
}

func (h *heard) take(now, n int64) {
	if h.bound {
		h.tokens, h.most, h.since = h.left(now)-1000*n, h.most-n, now
	}
}

func (h *heard) wait(now int64) int64 {
	missing := 1000 - h.left(now)
	if missing <= 0 {
		return 0
	}
	rest := h.reset - now
	growth := float64(1000*h.most-h.tokens) / float64(max(h.reset-h.since, 1))
	return int64(min(math.Ceil(float64(missing)/growth), float64(rest)))
}

// span returns the time in which the whole burst comes back.
func (g *shared) span() int64 { return int64(g.rule.Burst) * int64(g.rule.Interval) / 1000 }

func (g *shared) expire(now int64) {
	per := micros(g.rule.Per)
	g.log = slices.DeleteFunc(g.log, func(t taken) bool { return t.at+per <= now })
}

func (g *shared) free(now int64) int64 {
	interval := int64(g.rule.Interval)
	free := (int64(g.rule.Burst)*interval - 1000*max(g.full-now, 0)) / interval
	if g.rule.Events > 0 {
		free = min(free, int64(g.rule.Events)-g.used())
	}
	return free
}

func (g *shared) used() (n int64) {
	for _, t := range g.log {
		n += t.n
	}
	return n
}

func (g *shared) wait(now int64) int64 {
	wait := g.full - int64(g.rule.Burst-1)*int64(g.rule.Interval)/1000 - now
	if g.rule.Events > 0 && g.used() >= int64(g.rule.Events) {
		wait = max(wait, g.log[0].at+micros(g.rule.Per)-now)
	}
	return max(wait, 0)
}

func (g *shared) take(stamp, n int64) {
	g.full, g.last = max(g.full, stamp)+(n*int64(g.rule.Interval)+999)/1000, stamp
	if g.rule.Events == 0 {
		return
	}
	at := g.slot(stamp)
	i, there := slices.BinarySearchFunc(g.log, at, func(t taken, at int64) int { return cmp.Compare(t.at, at) })
	if !there {
		g.log = slices.Insert(g.log, i, taken{at: at})
	}
	g.log[i].n += n
}

// giveBack takes back n events of a grant. To the pace only the last grant can give back: what was taken after it might
// have had to wait without it.
func (g *shared) giveBack(stamp, n int64) {
	if stamp == g.last {
		g.full -= n * int64(g.rule.Interval) / 1000
	}
	at := g.slot(stamp)
	if i := slices.IndexFunc(g.log, func(t taken) bool { return t.at == at }); i >= 0 {
		g.log[i].n -= min(n, g.log[i].n)
	}
}

// slot returns when events at stamp count as taken: their time, or the end of the part of the window that they fall in.
func (g *shared) slot(stamp int64) int64 {
	if g.rule.Events <= slots {
		return stamp
	}
	part := max(micros(g.rule.Per)/slots, 1)
	return (stamp + part - 1) / part * part
}

// micros returns the whole microseconds of d, rounded up.
func micros(d time.Duration) int64 { return int64((d + time.Microsecond - 1) / time.Microsecond) }
