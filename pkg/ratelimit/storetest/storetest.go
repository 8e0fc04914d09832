// Package storetest is the one suite that every ratelimit.Store passes.
package storetest

import (
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/adsops/cloudtop/pkg/ratelimit"
)

// Run tests the store that open returns. Each call of open stands for another process: all its stores share their
// accounts.
func Run(t *testing.T, open func() ratelimit.Store) {
	t.Helper()
	t.Run("a window holds for all together", func(t *testing.T) { t.Parallel(); window(t, open) })
	t.Run("a pause holds for all", func(t *testing.T) { t.Parallel(); pause(t, open) })
	t.Run("what the provider said holds for all", func(t *testing.T) { t.Parallel(); heard(t, open) })
	t.Run("what is given back is there for all", func(t *testing.T) { t.Parallel(); givenBack(t, open) })
	t.Run("accounts are found by the begin of their keys", func(t *testing.T) { t.Parallel(); accounts(t, open) })
	t.Run("buckets of several sets share one account", func(t *testing.T) { t.Parallel(); buckets(t, open) })
}

func exchange(t *testing.T, s ratelimit.Store, key string, ask ratelimit.Ask) ratelimit.Grant {
	t.Helper()
	g, err := s.Exchange(t.Context(), key, ask)
	if err != nil {
		t.Errorf("Exchange of %s: %v", key, err)
	}
	return g
}

// window lets several processes take as fast as they can. When each event was is told by the stamp of its grant: the
// store's own clock.
func window(t *testing.T, open func() ratelimit.Store) {
	const events, per, all = 20, 200 * time.Millisecond, 200
	rules := []ratelimit.Rule{{Interval: per / events, Burst: events, Events: events, Per: per}}
	var mu sync.Mutex
	var stamps []int64
	var wg sync.WaitGroup
	for range 4 {
		s := open()
		for range 2 {
			wg.Go(func() {
				for enough := false; !enough && !t.Failed(); {
					g := exchange(t, s, "window", ratelimit.Ask{Rules: rules, Want: 1})
					mu.Lock()
					for range g.N {
						stamps = append(stamps, g.Stamp)
					}
					enough = len(stamps) >= all
					mu.Unlock()
					time.Sleep(min(g.Wait, per)) //nolint:forbidigo // this is a test
				}
			})
		}
	}
	wg.Wait()
	slices.Sort(stamps)
	for i := events; i < len(stamps); i++ {
		if took := stamps[i] - stamps[i-events]; took < per.Microseconds() {
			t.Fatalf("%d events within %d microseconds, want at most %d within %v", events+1, took, events, per)
		}
	}
}

func pause(t *testing.T, open func() ratelimit.Store) {
	one, other := open(), open()
	for _, rules := range [][]ratelimit.Rule{nil, {{Interval: time.Millisecond, Burst: 100}}} {
		key := "pause"
		if rules != nil {
			key = "pause with rules"
		}
		exchange(t, one, key, ratelimit.Ask{Rules: rules, Want: 1})
		exchange(t, one, key, ratelimit.Ask{Rules: rules, Pause: time.Hour})
		g := exchange(t, other, key, ratelimit.Ask{Rules: rules, Want: 1})
		if g.N != 0 || g.Wait < 50*time.Minute || g.Wait > time.Hour {
			t.Errorf("%s: the other is granted %d, to wait %v, want 0 and an hour", key, g.N, g.Wait)
		}
	}
}

func heard(t *testing.T, open func() ratelimit.Store) {
	rules := []ratelimit.Rule{{Interval: time.Millisecond, Burst: 100}}
	said := ratelimit.Heard{Remaining: 3, Reset: time.Hour, Ago: time.Second, Binding: true}
	exchange(t, open(), "heard", ratelimit.Ask{Rules: rules, Heard: &said})
	other := open()
	for _, want := range []int{3, 0} {
		if g := exchange(t, other, "heard", ratelimit.Ask{Rules: rules, Want: 10}); g.N != want {
			t.Errorf("granted %d, want %d", g.N, want)
		}
	}
	all, err := other.Accounts(t.Context(), "heard")
	got := all["heard"]
	if err != nil || got.Remaining != 3 || got.Reset.Sub(got.HeardAt) != time.Hour {
		t.Errorf("got %+v, %v, want what was said", got, err)
	}
}

func givenBack(t *testing.T, open func() ratelimit.Store) {
	rules := []ratelimit.Rule{{Interval: time.Minute, Burst: 10, Events: 10, Per: 10 * time.Minute}}
	one, other := open(), open()
	g := exchange(t, one, "back", ratelimit.Ask{Rules: rules, Want: 8})
	exchange(t, one, "back", ratelimit.Ask{Rules: rules, Unused: 5, Stamp: g.Stamp})
	if again := exchange(t, other, "back", ratelimit.Ask{Rules: rules, Want: 10}); g.N != 8 || again.N < 6 || again.N > 7 {
		t.Errorf("granted %d, and %d after 5 of them came back, want 8, and 6 or 7", g.N, again.N)
	}
}

func accounts(t *testing.T, open func() ratelimit.Store) {
	rules := []ratelimit.Rule{{Interval: time.Minute, Burst: 10}}
	s := open()
	for _, key := range []string{"acme/1", "acme/1/host.example", "acme/10", "a*me/1", `odd/ [k]\ey?`} {
		exchange(t, s, key, ratelimit.Ask{Rules: rules, Want: 1})
	}
	for prefix, want := range map[string]string{
		"acme/1": "acme/1 acme/1/host.example acme/10", "acme/1/": "acme/1/host.example", "a*": "a*me/1", `odd/ [k]\`: `odd/ [k]\ey?`, "none": "",
	} {
		all, err := open().Accounts(t.Context(), prefix)
		var keys []string
		for key, state := range all {
			keys = append(keys, key)
			if !slices.Equal(state.Rules, rules) || state.Tokens != 9 || !state.PausedUntil.IsZero() || !state.HeardAt.IsZero() {
				t.Errorf("%s: %+v, want nine tokens and nothing else", key, state)
			}
		}
		slices.Sort(keys)
		if got := strings.Join(keys, " "); err != nil || got != want {
			t.Errorf("%q: found %q, %v, want %q", prefix, got, err, want)
		}
	}
}

// buckets lets the same bucket of several sets take as much as it can. What all of them passed is bounded by the rule.
func buckets(t *testing.T, open func() ratelimit.Store) {
	const events = 40
	var wg sync.WaitGroup
	var mu sync.Mutex
	passed, warned := 0, error(nil)
	for range 4 {
		var set ratelimit.Set
		set.Share(open(), func(err error) { mu.Lock(); defer mu.Unlock(); warned = err })
		b := set.Get("buckets", func() *ratelimit.Bucket {
			b := ratelimit.New(0, 0, ratelimit.Limit{Events: events, Per: time.Hour})
			b.MaxWait = time.Second
			return b
		})
		for range events {
			wg.Go(func() {
				if _, err := b.Wait(t.Context()); err == nil {
					mu.Lock()
					defer mu.Unlock()
					passed++
				}
			})
		}
		defer set.GiveBack(t.Context())
	}
	wg.Wait()
	if warned != nil || passed > events || passed < events/2 {
		t.Errorf("%d events passed, want at most %d and most of them; warned of: %v", passed, events, warned)
	}
}
