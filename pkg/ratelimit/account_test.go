package ratelimit_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/adsops/cloudtop/pkg/ratelimit"
)

// epoch is when the accounts of these tests begin.
var epoch = time.Unix(1_750_000_000, 0)

func window(events int, per time.Duration, burst int) ratelimit.Rule {
	return ratelimit.Rule{Interval: per / time.Duration(events), Burst: burst, Events: events, Per: per}
}

func pace(perSecond, burst int) ratelimit.Rule {
	return ratelimit.Rule{Interval: time.Second / time.Duration(perSecond), Burst: burst}
}

// holder is one of several buckets that use what they are granted at the worst moment.
type holder struct {
	left  int
	until time.Time
	stamp int64
}

func TestAnAccountKeepsItsRulesHoweverGrantsAreUsed(t *testing.T) {
	t.Parallel()
	for name, rules := range map[string][]ratelimit.Rule{
		"one a second":     {window(1, time.Second, 1)},
		"ten a second":     {window(10, time.Second, 10)},
		"many in minutes":  {window(1200, 5*time.Minute, 1200), window(200, time.Second, 200)},
		"a burst of a few": {window(750, time.Minute, 50)},
		"a pace":           {pace(50, 100)},
		"a pace, a window": {pace(4, 10), window(100, time.Minute, 100)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			random := rand.New(rand.NewPCG(7, uint64(len(name))))
			var account ratelimit.Account
			holders := make([]holder, 5)
			now, used := epoch, []time.Time(nil)
			for range 20_000 {
				now = now.Add(time.Duration(random.Int64N(int64(rules[0].Interval))))
				h := &holders[random.IntN(len(holders))]
				if h.left > 0 && now.Before(h.until) {
					if random.IntN(20) > 0 { // else it keeps them, perhaps until they are void
						h.left--
						used = append(used, now)
					}
					continue
				}
				g := account.Exchange(now, ratelimit.Ask{Rules: rules, Want: 1 + random.IntN(3), Unused: h.left, Stamp: h.stamp})
				*h = holder{left: g.N, until: now.Add(g.Life), stamp: g.Stamp}
				if g.N > 0 {
					h.left--
					used = append(used, now)
				} else if g.Wait <= 0 {
					t.Fatalf("nothing granted, and a wait of %v", g.Wait)
				}
			}
			for _, r := range rules {
				keeps(t, r, used)
			}
			if want := 0.7 * now.Sub(epoch).Seconds() * rate(rules); float64(len(used)) < want {
				t.Errorf("%d events in %v, want at least %.0f", len(used), now.Sub(epoch), want)
			}
		})
	}
}

// rate is how many events a second the rules allow in the long run.
func rate(rules []ratelimit.Rule) float64 {
	least := math.Inf(1)
	for _, r := range rules {
		least = min(least, 1/r.Interval.Seconds())
	}
	return least
}

// keeps fails unless the events, in order, keep the rule.
func keeps(t *testing.T, r ratelimit.Rule, used []time.Time) {
	t.Helper()
	for i := range used {
		if r.Events > 0 && i >= r.Events && used[i].Sub(used[i-r.Events]) < r.Per {
			t.Fatalf("events %d to %d in %v, want at most %d in %v", i-r.Events, i, used[i].Sub(used[i-r.Events]), r.Events, r.Per)
		}
	}
	back := used[0] // when the whole burst would be back
	for i, at := range used {
		if at.After(back) {
			back = at
		}
		back = back.Add(r.Interval)
		if over := back.Sub(at) - time.Duration(r.Burst)*r.Interval; over > time.Microsecond {
			t.Fatalf("event %d is %v ahead of the pace", i, over)
		}
	}
}

func TestAnAccountGrantsAheadOnlyFarFromTheLimit(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		rules []ratelimit.Rule
		taken int
		want  int
		n     int
		life  time.Duration
	}{
		"far":                       {[]ratelimit.Rule{window(160, 16*time.Second, 160)}, 0, 1, 20, 500 * time.Millisecond},
		"less far":                  {[]ratelimit.Rule{window(160, 16*time.Second, 160)}, 120, 1, 4, 500 * time.Millisecond},
		"near":                      {[]ratelimit.Rule{window(160, 16*time.Second, 160)}, 150, 1, 1, 500 * time.Millisecond},
		"near, and many wait":       {[]ratelimit.Rule{window(160, 16*time.Second, 160)}, 150, 50, 5, 500 * time.Millisecond},
		"at the limit":              {[]ratelimit.Rule{window(160, 16*time.Second, 160)}, 160, 1, 0, 0},
		"very far":                  {[]ratelimit.Rule{window(6000, time.Minute, 6000)}, 0, 1, 256, time.Second},
		"the tightest rule":         {[]ratelimit.Rule{window(6000, time.Minute, 6000), window(10, time.Second, 10)}, 0, 1, 1, 31250 * time.Microsecond},
		"a pace":                    {[]ratelimit.Rule{pace(10, 80)}, 0, 1, 10, 250 * time.Millisecond},
		"no rules":                  {nil, 0, 7, 7, time.Second},
		"nothing asked for":         {[]ratelimit.Rule{pace(10, 80)}, 0, 0, 0, 0},
		"the burst, not the window": {[]ratelimit.Rule{window(750, time.Minute, 40)}, 0, 1, 5, 100 * time.Millisecond},
	} {
		var a ratelimit.Account
		if c.taken > 0 {
			if g := a.Exchange(epoch, ratelimit.Ask{Rules: c.rules, Want: c.taken}); g.N != c.taken {
				t.Fatalf("%s: %d granted, want %d", name, g.N, c.taken)
			}
		}
		g := a.Exchange(epoch, ratelimit.Ask{Rules: c.rules, Want: c.want})
		if g.N != c.n || g.Life != c.life {
			t.Errorf("%s: granted %d for %v, want %d for %v", name, g.N, g.Life, c.n, c.life)
		}
	}
}

func TestWhatIsGivenBackMayPassAgain(t *testing.T) {
	t.Parallel()
	for name, rules := range map[string][]ratelimit.Rule{
		"a window": {window(100, time.Minute, 100)}, "a pace": {pace(1, 100)}, "a small window": {window(10, time.Minute, 10)},
	} {
		var a ratelimit.Account
		before := a.Exchange(epoch, ratelimit.Ask{Rules: rules})
		tokens := a.State(epoch).Tokens
		g := a.Exchange(epoch, ratelimit.Ask{Rules: rules, Want: 8})
		a.Exchange(epoch, ratelimit.Ask{Rules: rules, Unused: g.N - 3, Stamp: g.Stamp})
		if got := a.State(epoch).Tokens; before.N != 0 || g.N < 8 || got < tokens-5 || got > tokens-3 {
			t.Errorf("%s: %v tokens after %d of %d granted came back, want %v", name, got, g.N-3, g.N, tokens-3)
		}
		a.Exchange(epoch, ratelimit.Ask{Rules: rules, Unused: 1 << 20, Stamp: g.Stamp})
		if got := a.State(epoch).Tokens; got > tokens && name != "a pace" {
			t.Errorf("%s: %v tokens, more than the window holds", name, got)
		}
	}
}

func TestAnAccountPauses(t *testing.T) {
	t.Parallel()
	rules := []ratelimit.Rule{pace(10, 10)}
	var a ratelimit.Account
	a.Exchange(epoch, ratelimit.Ask{Rules: rules, Pause: time.Minute})
	a.Exchange(epoch, ratelimit.Ask{Rules: rules, Pause: time.Second}) // shorter: changes nothing
	g := a.Exchange(epoch.Add(time.Second), ratelimit.Ask{Rules: rules, Want: 1})
	if g.N != 0 || g.Wait != 59*time.Second {
		t.Errorf("granted %d, to wait %v, want 0 and 59s", g.N, g.Wait)
	}
	if s := a.State(epoch); !s.PausedUntil.Equal(epoch.Add(time.Minute)) || s.Tokens != 10 {
		t.Errorf("got %+v, want a pause and all tokens", s)
	}
	if g := a.Exchange(epoch.Add(time.Minute), ratelimit.Ask{Rules: rules, Want: 1}); g.N == 0 {
		t.Error("nothing is granted after the pause")
	}
	if s := a.State(epoch.Add(time.Minute)); !s.PausedUntil.IsZero() {
		t.Errorf("paused until %v after the pause", s.PausedUntil)
	}
}

func TestAnAccountKeepsToWhatTheProviderSays(t *testing.T) {
	t.Parallel()
	rules := []ratelimit.Rule{window(1000, time.Minute, 1000)}
	hear := func(remaining int, binding bool) ratelimit.Ask {
		return ratelimit.Ask{Rules: rules, Heard: &ratelimit.Heard{Remaining: remaining, Reset: time.Minute, Binding: binding}}
	}
	take := ratelimit.Ask{Rules: rules, Want: 100}
	var a ratelimit.Account
	a.Exchange(epoch, hear(20, true))
	if g := a.Exchange(epoch, take); g.N != 20 {
		t.Errorf("granted %d of 20 that remain", g.N)
	}
	if g := a.Exchange(epoch, take); g.N != 0 || g.Wait != time.Minute {
		t.Errorf("granted %d, to wait %v, want 0 until the reset", g.N, g.Wait)
	}
	a.Exchange(epoch, hear(10, true)) // others left over what we thought was taken: it comes slowly
	half := epoch.Add(30 * time.Second)
	if g := a.Exchange(half, take); g.N != 5 {
		t.Errorf("granted %d half-way, want 5", g.N)
	}
	if s := a.State(half); s.Remaining != 10 || !s.HeardAt.Equal(epoch) || !s.Reset.Equal(epoch.Add(time.Minute)) || s.Tokens != 0 {
		t.Errorf("got %+v", s)
	}
	a.Exchange(half, hear(500, false)) // better news lift it
	if g := a.Exchange(half, take); g.N < 100 {
		t.Errorf("granted %d after better news, want 100", g.N)
	}
	a.Exchange(half, hear(1, true))
	if g := a.Exchange(half.Add(time.Minute), take); g.N < 100 {
		t.Errorf("granted %d after the reset, want 100", g.N)
	}
}

func TestAnAccountIsItsText(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(3, 4))
	rules := []ratelimit.Rule{window(10, time.Second, 5), window(1000, time.Minute, 1000), pace(50, 100)}
	var kept ratelimit.Account
	now := epoch
	for i := range 500 {
		now = now.Add(time.Duration(random.IntN(200)) * time.Millisecond)
		ask := ratelimit.Ask{Rules: rules, Want: random.IntN(4), Unused: random.IntN(2), Stamp: now.UnixMicro()}
		if i%50 == 0 {
			ask.Pause = time.Second
			ask.Heard = &ratelimit.Heard{Remaining: 30, Reset: 10 * time.Second, Ago: time.Second, Binding: i%100 == 0}
		}
		text, _ := kept.AppendText(nil)
		var read ratelimit.Account
		if err := read.UnmarshalText(text); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		if got, want := read.Exchange(now, ask), kept.Exchange(now, ask); got != want {
			t.Fatalf("step %d: %+v granted by the account that was read, %+v by the one that was kept", i, got, want)
		}
		if len(text) > 4096 {
			t.Fatalf("the text has %d bytes", len(text))
		}
	}
	if until := kept.Until(); until.Before(now) || until.After(now.Add(2*time.Minute)) {
		t.Errorf("the account says something until %v, now is %v", until, now)
	}
}

func TestWhatIsNoAccountIsRefused(t *testing.T) {
	t.Parallel()
	good := "1 5 0 0 0 0 0 0 0 0 1 100000 10 10 1000000 7 3 2 5 1 6 1\n"
	var a ratelimit.Account
	if err := a.UnmarshalText([]byte(good)); err != nil {
		t.Fatalf("%q: %v", good, err)
	}
	change := func(field int, to string) string {
		f := strings.Fields(good)
		f[field] = to
		return strings.Join(f, " ") + "\n"
	}
	bad := []string{
		"", "\n", "hello\n", strings.TrimSpace(good), good[:20], good[:20] + "\n", strings.Replace(good, "\n", " 1\n", 1),
		change(0, "2"), change(1, "x"), change(1, "99999999999999999"), change(10, "2"), change(10, "-1"), change(10, "999999999999"),
		change(11, "0"), change(11, "999999999999999"), change(12, "0"), change(12, "999999999999999"), change(13, "-1"), change(13, "0"),
		change(14, "0"), change(14, "9999999999999999"), change(17, "1000000000000"), change(19, "-1"),
	}
	for _, text := range bad {
		if err := a.UnmarshalText([]byte(text)); err == nil {
			t.Errorf("%q was read", text)
		}
		if got, _ := a.AppendText(nil); !slices.Equal(got, []byte("1 0 0 0 0 0 0 0 0 0 0\n")) {
			t.Errorf("%q left %q", text, got)
		}
	}
}

func TestAClockThatWasSetBackMakesANewAccount(t *testing.T) {
	t.Parallel()
	rules := []ratelimit.Rule{window(5, time.Hour, 5)}
	var a ratelimit.Account
	a.Exchange(epoch, ratelimit.Ask{Rules: rules, Want: 5, Pause: time.Hour})
	if g := a.Exchange(epoch.Add(-time.Second), ratelimit.Ask{Rules: rules, Want: 1}); g.N != 0 {
		t.Errorf("granted %d: clocks that are a second apart agree", g.N)
	}
	if g := a.Exchange(epoch.Add(-time.Minute), ratelimit.Ask{Rules: rules, Want: 1}); g.N != 1 {
		t.Errorf("granted %d a minute before the account was written, want 1", g.N)
	}
}

func TestOtherRulesMakeANewAccountThatPausesAllTheSame(t *testing.T) {
	t.Parallel()
	var a ratelimit.Account
	a.Exchange(epoch, ratelimit.Ask{Rules: []ratelimit.Rule{pace(1, 3)}, Want: 3, Pause: time.Second})
	other := ratelimit.Ask{Rules: []ratelimit.Rule{pace(2, 3)}, Want: 3}
	if g := a.Exchange(epoch, other); g.N != 0 || g.Wait != time.Second {
		t.Errorf("granted %d, to wait %v, want the pause", g.N, g.Wait)
	}
	if g := a.Exchange(epoch.Add(time.Second), other); g.N != 3 {
		t.Errorf("granted %d, want 3: nothing was taken by these rules", g.N)
	}
}

func FuzzAccount(f *testing.F) {
	f.Add([]byte("1 5 0 0 0 0 0 0 0 0 1 100000 10 10 1000000 7 3 2 5 1 6 1\n"), int64(5), 1, 1)
	f.Add([]byte("1 1 9 3 1 99 1 3000 3 1 0\n"), int64(2), 2, 0)
	f.Fuzz(func(t *testing.T, text []byte, at int64, want, unused int) {
		var a ratelimit.Account
		if a.UnmarshalText(text) != nil {
			return
		}
		now := time.UnixMicro(at % (1 << 52))
		g := a.Exchange(now, ratelimit.Ask{Rules: a.State(now).Rules, Want: want, Unused: unused, Stamp: at})
		if g.N < 0 || (g.N > 0 && g.Wait != 0) || g.Life < 0 {
			t.Errorf("%q: %+v", text, g)
		}
		again, _ := a.AppendText(nil)
		_ = a.UnmarshalText(again)
	})
}
