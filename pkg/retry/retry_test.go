package retry_test

import (
	"context"
	"errors"
	"math"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/adsops/cloudtop/pkg/retry"
)

func TestDefaultIsWhatTheProductPromises(t *testing.T) {
	t.Parallel()
	want := retry.Policy{Max: 3, First: time.Second, Cap: 30 * time.Second, Factor: 2}
	if got := retry.Default(); got != want {
		t.Errorf("Default() = %+v, want %+v", got, want)
	}
}

func TestDelayLiesBetweenHalfAndWhole(t *testing.T) {
	t.Parallel()
	second := time.Second
	tests := []struct {
		name    string
		policy  retry.Policy
		attempt int
		whole   time.Duration
	}{
		{"first", retry.Default(), 1, second},
		{"second", retry.Default(), 2, 2 * second},
		{"third", retry.Default(), 3, 4 * second},
		{"before the cap", retry.Default(), 5, 16 * second},
		{"at the cap", retry.Default(), 6, 30 * second},
		{"far beyond", retry.Default(), math.MaxInt, 30 * second},
		{"attempt zero is the first", retry.Default(), 0, second},
		{"negative attempt is the first", retry.Default(), math.MinInt, second},
		{"constant", retry.Policy{First: second, Cap: 30 * second, Factor: 1}, 9, second},
		{"factor below one is one", retry.Policy{First: second, Cap: 30 * second, Factor: 0.1}, 9, second},
		{"no factor is one", retry.Policy{First: second, Cap: 30 * second}, 9, second},
		{"first above the cap", retry.Policy{First: time.Hour, Cap: second, Factor: 2}, 1, second},
		{"fractional factor", retry.Policy{First: second, Cap: 30 * second, Factor: 1.5}, 3, 2250 * time.Millisecond},
		{"longest cap", retry.Policy{First: math.MaxInt64, Cap: math.MaxInt64, Factor: 2}, 3, math.MaxInt64},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			for range 2000 {
				got := tt.policy.Delay(tt.attempt)
				if got < tt.whole/2-time.Microsecond || got > tt.whole {
					t.Fatalf("%+v.Delay(%d) = %v, want between %v and %v", tt.policy, tt.attempt, got, tt.whole/2, tt.whole)
				}
			}
		})
	}
}

func TestDelayIsNothingWithoutTimeToWait(t *testing.T) {
	t.Parallel()
	for name, p := range map[string]retry.Policy{
		"zero policy":    {},
		"no cap":         {First: time.Second, Factor: 2},
		"no first":       {Cap: time.Second, Factor: 2},
		"negative cap":   {First: time.Second, Cap: -time.Second, Factor: 2},
		"negative first": {First: -time.Second, Cap: time.Second, Factor: 2},
	} {
		if got := p.Delay(2); got != 0 {
			t.Errorf("%s: %+v.Delay(2) = %v, want 0", name, p, got)
		}
	}
}

func TestSpanIsTheSumOfTheLongestDelays(t *testing.T) {
	t.Parallel()
	second := time.Second
	for name, c := range map[string]struct {
		policy retry.Policy
		want   time.Duration
	}{
		"default":            {retry.Default(), 7 * second},
		"none":               {retry.Policy{First: second, Cap: second, Factor: 2}, 0},
		"negative":           {retry.Policy{Max: -1, First: second, Cap: second, Factor: 2}, 0},
		"without delay":      {retry.Policy{Max: 5, Cap: second, Factor: 2}, 0},
		"negative delay":     {retry.Policy{Max: 5, First: -second, Cap: second, Factor: 2}, 0},
		"constant":           {retry.Policy{Max: 4, First: second, Cap: 30 * second}, 4 * second},
		"up to the cap":      {retry.Policy{Max: 6, First: second, Cap: 4 * second, Factor: 2}, (1 + 2 + 4 + 4 + 4 + 4) * second},
		"first over the cap": {retry.Policy{Max: 2, First: 9 * second, Cap: 4 * second, Factor: 2}, 8 * second},
		"without end":        {retry.Policy{Max: math.MaxInt, First: second, Cap: 30 * second, Factor: 2}, 1 << 62},
	} {
		if got := c.policy.Span(); got != c.want {
			t.Errorf("%s: %+v.Span() = %v, want %v", name, c.policy, got, c.want)
		}
		var longest time.Duration
		for i := range min(c.policy.Max, 100) {
			longest += c.policy.Delay(i + 1)
		}
		if longest > c.want {
			t.Errorf("%s: the delays add up to %v, want at most %v", name, longest, c.want)
		}
	}
}

func TestDelaySpreadsCallersThatFailedTogether(t *testing.T) {
	t.Parallel()
	const callers, parts = 1000, 10
	for name, p := range map[string]retry.Policy{
		"first retry":   {First: time.Second, Cap: 30 * time.Second, Factor: 2},
		"at the cap":    {First: time.Second, Cap: time.Second, Factor: 2},
		"above the cap": {First: time.Hour, Cap: time.Second, Factor: 2},
	} {
		var count [parts]int
		for range callers {
			half := p.Delay(1) - time.Second/2
			count[min(int(half*parts/(time.Second/2)), parts-1)]++
		}
		for i, n := range count {
			if n < callers/parts/3 || n > callers/parts*3 {
				t.Errorf("%s: tenth %d of the range has %d of %d callers, want about %d", name, i, n, callers, callers/parts)
			}
		}
	}
}

func TestDelayIsSafeForConcurrentUse(t *testing.T) {
	t.Parallel()
	p := retry.Default()
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for i := range 200 {
				if got := p.Delay(i); got > p.Cap {
					t.Errorf("Delay(%d) = %v, above the cap %v", i, got, p.Cap)
				}
			}
		})
	}
	wg.Wait()
}

func TestSleepWaitsItsTime(t *testing.T) {
	t.Parallel()
	for _, d := range []time.Duration{-time.Second, 0, time.Nanosecond, time.Hour} {
		synctest.Test(t, func(t *testing.T) {
			start := time.Now()
			if err := retry.Sleep(t.Context(), d); err != nil {
				t.Errorf("Sleep(%v) = %v, want nil", d, err)
			}
			if got, want := time.Since(start), max(d, 0); got != want {
				t.Errorf("Sleep(%v) took %v, want %v", d, got, want)
			}
		})
	}
}

func TestSleepEndsWithItsContext(t *testing.T) {
	t.Parallel()
	errStop := errors.New("stop")
	tests := []struct {
		name        string
		after, want time.Duration
		sleep       time.Duration
	}{
		{"half-way", time.Second, time.Second, time.Hour},
		{"before it starts", 0, 0, time.Hour},
		{"with nothing to wait for", 0, 0, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancelCause(t.Context())
				if tt.after == 0 {
					cancel(errStop)
				}
				time.AfterFunc(tt.after, func() { cancel(errStop) })
				start := time.Now()
				if err := retry.Sleep(ctx, tt.sleep); !errors.Is(err, errStop) {
					t.Errorf("Sleep = %v, want the cause %v", err, errStop)
				}
				if got := time.Since(start); got != tt.want {
					t.Errorf("Sleep returned after %v, want %v", got, tt.want)
				}
			})
		})
	}
}

func BenchmarkDelay(b *testing.B) {
	p := retry.Default()
	for b.Loop() {
		p.Delay(3)
	}
}
