package ratelimit_test

import (
	"math"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/adsops/cloudtop/pkg/ratelimit"
)

func TestPauseHoldsEverybody(t *testing.T) {
	t.Parallel()
	for name, make := range map[string]func() *ratelimit.Bucket{
		"limited":   func() *ratelimit.Bucket { return ratelimit.New(1, 1) },
		"unlimited": func() *ratelimit.Bucket { return ratelimit.New(0, 0) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var passed log
				var wg sync.WaitGroup
				b := make()
				b.PauseUntil(t.Context(), time.Now().Add(time.Second))
				start := time.Now()
				for i := range 5 {
					wg.Go(func() { passed.wait(t, b, i) })
				}
				synctest.Wait()
				b.PauseUntil(t.Context(), start.Add(time.Minute))   // those who wait already wait longer
				b.PauseUntil(t.Context(), start.Add(2*time.Second)) // and this is no shorter
				if got := b.Stats(); !got.PausedUntil.Equal(start.Add(time.Minute)) || got.Waiting != 5 {
					t.Errorf("Stats = %+v, want 5 waiting and a pause until %v", got, start.Add(time.Minute))
				}
				wg.Wait()
				if got := passed.times[0].Sub(start); got != time.Minute {
					t.Errorf("the first event passed after %v, want %v", got, time.Minute)
				}
				if got := b.Stats().PausedUntil; !got.IsZero() {
					t.Errorf("after the pause PausedUntil = %v, want zero", got)
				}
			})
		})
	}
}

func TestPauseIsFollowedByThePaceNotByARush(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var passed log
		var wg sync.WaitGroup
		b := ratelimit.New(1, 2, ratelimit.Limit{Events: 6, Per: 10 * time.Second})
		for i := range 20 {
			wg.Go(func() { passed.wait(t, b, i) })
		}
		time.Sleep(3500 * time.Millisecond)
		b.PauseUntil(t.Context(), time.Now().Add(5*time.Second))
		wg.Wait()
		passed.within(t, 6, 10*time.Second)
		passed.within(t, 3, time.Second)
		if got, want := passed.times[5].Sub(passed.times[4]), 5500*time.Millisecond; got != want {
			t.Errorf("the first event after the pause came after %v, want %v", got, want)
		}
	})
}

func TestPauseInThePastChangesNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := ratelimit.New(0, 0)
		b.PauseUntil(t.Context(), time.Now())
		b.PauseUntil(t.Context(), time.Now().Add(-time.Hour))
		b.PauseUntil(t.Context(), time.Time{})
		mustWait(t, b, 0)
	})
}

func TestPauseBeyondTheLongestWaitRefusesAll(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := ratelimit.New(1, 1)
		b.MaxWait = 30 * time.Second
		mustWait(t, b, 0)
		start := time.Now()
		var wg sync.WaitGroup
		for range 10 {
			wg.Go(func() {
				_, err := b.Wait(t.Context())
				wantTimeout(t, err, time.Hour)
			})
		}
		synctest.Wait()
		b.PauseUntil(t.Context(), time.Now().Add(time.Hour))
		wg.Wait()
		if got := time.Since(start); got != 0 {
			t.Errorf("the callers were refused after %v, want at once", got)
		}
	})
}

func TestAdaptNeverSpendsMoreThanRemains(t *testing.T) {
	t.Parallel()
	for _, remaining := range []int{0, 1, 2, 5, 100} {
		for name, make := range map[string]func() *ratelimit.Bucket{
			"pace":      func() *ratelimit.Bucket { return ratelimit.New(10, 200) },
			"window":    func() *ratelimit.Bucket { return ratelimit.New(0, 0, ratelimit.Limit{Events: 200, Per: time.Minute}) },
			"unlimited": func() *ratelimit.Bucket { return ratelimit.New(0, 0) },
		} {
			synctest.Test(t, func(t *testing.T) {
				b, start := make(), time.Now()
				reset, end := start.Add(time.Minute), start.Add(2*time.Minute)
				b.Adapt(t.Context(), remaining, reset)
				left := remaining
				for range 300 {
					if _, err := b.Wait(t.Context()); err != nil || !time.Now().Before(end) {
						t.Fatalf("%s: Wait = %v at %v, want nil before %v", name, err, time.Now(), end)
					}
					if !time.Now().Before(reset) {
						break
					}
					left--
					b.Adapt(t.Context(), left, reset) // as each answer would
				}
				if left < 0 || left > 1 {
					t.Errorf("%s: with %d remaining %d were left at the reset, want 0 or 1", name, remaining, left)
				}
				if remaining > 0 && time.Now().Before(reset) {
					t.Errorf("%s: with %d remaining all was spent at %v, want not before %v", name, remaining, time.Now(), reset)
				}
			})
		}
	}
}

func TestAdaptLetsWhatRemainsPassAtOnceAndNoMore(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var passed log
		b, start := ratelimit.New(10, 10), time.Now()
		b.Adapt(t.Context(), 8, start.Add(time.Minute))
		for i := range 10 {
			passed.wait(t, b, i)
		}
		seconds := []int{0, 0, 0, 0, 0, 0, 0, 0, 60, 60} // from the reset on the burst is back
		for i, want := range seconds {
			if got := passed.times[i].Sub(start).Round(time.Millisecond); got != time.Duration(want)*time.Second {
				t.Errorf("event %d passed after %v, want %ds", i, got, want)
			}
		}
	})
}

func TestAdaptFollowsWhatOthersSpend(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var passed log
		b, start := ratelimit.New(10, 200), time.Now()
		b.Adapt(t.Context(), 100, start.Add(time.Minute))
		b.Adapt(t.Context(), 10, start.Add(time.Minute))
		for i := range 11 {
			passed.wait(t, b, i)
		}
		if got := passed.times[9].Sub(start); got != 0 {
			t.Errorf("the last remaining event passed after %v, want at once", got)
		}
		if got := passed.times[10].Sub(start).Round(time.Millisecond); got != time.Minute {
			t.Errorf("the first event too many passed after %v, want %v", got, time.Minute)
		}
	})
}

func TestAdaptLeavesAloneWhatSuffices(t *testing.T) {
	t.Parallel()
	window := ratelimit.Limit{Events: 10, Per: time.Minute}
	tests := []struct {
		name      string
		bucket    *ratelimit.Bucket
		remaining int
		reset     time.Duration
	}{
		{"as many as the window still holds", ratelimit.New(0, 0, window), 9, 59 * time.Second},
		{"as many as the pace could send", ratelimit.New(1, 10), 69, time.Minute},
		{"several windows", ratelimit.New(0, 0, window), 609, time.Hour},
		{"a reset in the past", ratelimit.New(1, 10), 0, -time.Second},
		{"a reset now", ratelimit.New(1, 10), 0, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				mustWait(t, tt.bucket, 0)
				want := tt.bucket.Stats()
				tt.bucket.Adapt(t.Context(), tt.remaining, time.Now().Add(tt.reset))
				if got := tt.bucket.Stats(); got != want {
					t.Errorf("Stats after Adapt = %+v, want %+v", got, want)
				}
			})
		})
	}
}

func TestAdaptIsLiftedByBetterNews(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := ratelimit.New(1, 10)
		b.Adapt(t.Context(), 1, time.Now().Add(time.Hour))
		mustWait(t, b, 0)
		var wg sync.WaitGroup
		wg.Go(func() { mustWait(t, b, time.Minute) })
		time.Sleep(time.Minute)
		b.Adapt(t.Context(), 100, time.Now().Add(time.Minute))
		wg.Wait()
	})
}

func TestStatsTellTheTightestLimit(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		bucket *ratelimit.Bucket
		take   int
		adapt  int
		want   ratelimit.Stats
	}{
		{"unlimited", ratelimit.New(0, 0), 3, 0, ratelimit.Stats{}},
		{"pace", ratelimit.New(4, 10), 3, 0, ratelimit.Stats{Limited: true, Rate: 4, Burst: 10, Tokens: 7}},
		{"window", ratelimit.New(0, 0, ratelimit.Limit{Events: 60, Per: time.Minute, Burst: 20}), 3, 0,
			ratelimit.Stats{Limited: true, Rate: 1, Burst: 20, Tokens: 17}},
		{"tightest of each", ratelimit.New(4, 10, ratelimit.Limit{Events: 60, Per: time.Minute}), 3, 0,
			ratelimit.Stats{Limited: true, Rate: 1, Burst: 10, Tokens: 7}},
		{"adapted", ratelimit.New(4, 10), 3, 6, ratelimit.Stats{Limited: true, Burst: 6, Tokens: 6}},
		{"adapted without limits", ratelimit.New(0, 0), 3, 6, ratelimit.Stats{Limited: true, Burst: 6, Tokens: 6}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				for range tt.take {
					mustWait(t, tt.bucket, 0)
				}
				if tt.adapt > 0 {
					tt.bucket.Adapt(t.Context(), tt.adapt, time.Now().Add(time.Minute))
				}
				got := tt.bucket.Stats()
				got.Tokens = math.Round(got.Tokens*1e6) / 1e6
				if got != tt.want {
					t.Errorf("Stats = %+v, want %+v", got, tt.want)
				}
			})
		})
	}
}
