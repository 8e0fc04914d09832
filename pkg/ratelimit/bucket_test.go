package ratelimit_test

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/adsops/cloudtop/pkg/ratelimit"
)

// log is when events passed, safe for concurrent use.
type log struct {
	mu    sync.Mutex
	times []time.Time
	order []int
}

// wait takes one event from b and notes it under the name who.
func (l *log) wait(t *testing.T, b *ratelimit.Bucket, who int) {
	t.Helper()
	if _, err := b.Wait(t.Context()); err != nil {
		t.Errorf("Wait of %d = %v, want nil", who, err)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.times, l.order = append(l.times, time.Now()), append(l.order, who)
}

// within fails unless any stretch of length per holds at most events.
func (l *log) within(t *testing.T, events int, per time.Duration) {
	t.Helper()
	for i := range len(l.times) - events {
		if got := l.times[i+events].Sub(l.times[i]); got < per {
			t.Fatalf("events %d to %d took %v, want at most %d events in %v", i, i+events, got, events, per)
		}
	}
}

func TestWaitNeverExceedsAnyWindow(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		windows []ratelimit.Limit
	}{
		{"one", []ratelimit.Limit{{Events: 10, Per: time.Minute}}},
		{"one event only", []ratelimit.Limit{{Events: 1, Per: 3 * time.Second}}},
		{"short and long", []ratelimit.Limit{{Events: 10, Per: time.Minute}, {Events: 30, Per: 5 * time.Minute}}},
		{"long and short", []ratelimit.Limit{{Events: 1200, Per: 5 * time.Minute}, {Events: 15, Per: 5 * time.Second}}},
		{"paced", []ratelimit.Limit{{Events: 60, Per: time.Minute, Burst: 1}}},
		{"half paced", []ratelimit.Limit{{Events: 7, Per: time.Second, Burst: 3}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var passed log
				b := ratelimit.New(0, 0, tt.windows...)
				arriveAtRandom(t, b, &passed, 20*tt.windows[0].Per, 200)
				for _, w := range tt.windows {
					passed.within(t, w.Events, w.Per)
				}
				if len(passed.times) != 200 {
					t.Errorf("%d events passed, want 200", len(passed.times))
				}
			})
		})
	}
}

// arriveAtRandom lets n callers arrive within span, in clusters, and waits until all are through.
func arriveAtRandom(t *testing.T, b *ratelimit.Bucket, passed *log, span time.Duration, n int) {
	t.Helper()
	var wg sync.WaitGroup
	random := rand.New(rand.NewPCG(1, uint64(span)))
	for i := range n {
		wg.Go(func() { passed.wait(t, b, i) })
		if random.IntN(4) == 0 {
			time.Sleep(time.Duration(random.Int64N(8 * int64(span) / int64(n))))
		}
	}
	wg.Wait()
}

func TestWaitKeepsItsPace(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var passed log
		b := ratelimit.New(4, 10)
		arriveAtRandom(t, b, &passed, time.Minute, 400)
		for i := range passed.times {
			for j := i; j < len(passed.times); j++ {
				span := passed.times[j].Sub(passed.times[i])
				if got, want := j-i+1, 10+int(math.Ceil(4*span.Seconds()+1e-6)); got > want {
					t.Fatalf("%d events in %v, want at most %d", got, span, want)
				}
			}
		}
	})
}

func TestWaitWastesNoTime(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		bucket *ratelimit.Bucket
		events int
		want   time.Duration
	}{
		{"within the burst", ratelimit.New(4, 10), 10, 0},
		{"a quarter second each after it", ratelimit.New(4, 10), 14, time.Second},
		{"no burst means one", ratelimit.New(4, 0), 3, time.Second / 2},
		{"whole windows", ratelimit.New(0, 0, ratelimit.Limit{Events: 10, Per: time.Minute}), 31, 3 * time.Minute},
		{"paced window", ratelimit.New(0, 0, ratelimit.Limit{Events: 10, Per: time.Minute, Burst: 1}), 11, time.Minute},
		{"pace and window", ratelimit.New(1, 1, ratelimit.Limit{Events: 10, Per: time.Minute}), 11, time.Minute},
		{"slow", ratelimit.New(0.001, 1), 2, 1000 * time.Second},
		{"unlimited", ratelimit.New(0, 0), 10_000, 0},
		{"negative is unlimited", ratelimit.New(-1, 5), 10_000, 0},
		{"infinite is unlimited", ratelimit.New(math.Inf(1), 5), 10_000, 0},
		{"empty windows are none", ratelimit.New(0, 0, ratelimit.Limit{Events: 5}, ratelimit.Limit{Per: 5}), 10_000, 0},
		{"zero bucket", &ratelimit.Bucket{}, 10_000, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				start := time.Now()
				var sum time.Duration
				for range tt.events {
					waited, err := tt.bucket.Wait(t.Context())
					if err != nil {
						t.Fatalf("Wait = %v, want nil", err)
					}
					sum += waited
				}
				got := time.Since(start)
				if got < tt.want || got > tt.want+time.Microsecond {
					t.Errorf("%d events took %v, want %v", tt.events, got, tt.want)
				}
				if sum != got {
					t.Errorf("the waits returned add up to %v, want %v", sum, got)
				}
			})
		})
	}
}

func TestWaitServesFirstComeFirst(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var passed log
		var wg sync.WaitGroup
		b := ratelimit.New(10, 3, ratelimit.Limit{Events: 20, Per: 10 * time.Second})
		for i := range 100 {
			wg.Go(func() { passed.wait(t, b, i) })
			synctest.Wait()
			if i%10 == 0 {
				time.Sleep(90 * time.Millisecond)
			}
		}
		wg.Wait()
		if !slices.IsSorted(passed.order) {
			t.Errorf("callers passed in the order %v, want that of their arrival", passed.order)
		}
	})
}

func TestWaitGivesUpWithItsContext(t *testing.T) {
	t.Parallel()
	errStop := errors.New("stop")
	synctest.Test(t, func(t *testing.T) {
		b := ratelimit.New(1, 1)
		mustWait(t, b, 0)
		ctx, cancel := context.WithCancelCause(t.Context())
		var wg sync.WaitGroup
		for range 50 {
			wg.Go(func() {
				if waited, err := b.Wait(ctx); !errors.Is(err, errStop) || waited != time.Second/2 {
					t.Errorf("Wait = %v, %v, want %v, %v", waited, err, time.Second/2, errStop)
				}
			})
		}
		synctest.Wait()
		wg.Go(func() { mustWait(t, b, time.Second) }) // the token of the first of those who gave up
		time.Sleep(time.Second / 2)
		cancel(errStop)
		wg.Wait()
		if got := b.Stats().Waiting; got != 0 {
			t.Errorf("%d callers are left in the queue, want 0", got)
		}
		if waited, err := b.Wait(ctx); !errors.Is(err, errStop) || waited != 0 {
			t.Errorf("Wait with an ended context = %v, %v, want 0, %v", waited, err, errStop)
		}
	})
}

// mustWait takes one event from b, which must take as long as want, a microsecond more at most.
func mustWait(t *testing.T, b *ratelimit.Bucket, want time.Duration) {
	t.Helper()
	waited, err := b.Wait(t.Context())
	if err != nil || waited < want || waited > want+time.Microsecond {
		t.Errorf("Wait = %v, %v, want %v, nil", waited, err, want)
	}
}

func TestWaitRefusesAtOnceWhatWouldTakeTooLong(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		bucket *ratelimit.Bucket
		pass   int // how many can queue within 30 s
		need   time.Duration
	}{
		{"pace", ratelimit.New(1, 1), 31, 31 * time.Second},
		{"window", ratelimit.New(0, 0, ratelimit.Limit{Events: 4, Per: 10 * time.Second}), 16, 40 * time.Second},
		{"two windows", ratelimit.New(0, 0, ratelimit.Limit{Events: 2, Per: time.Second},
			ratelimit.Limit{Events: 5, Per: time.Minute}), 5, time.Minute},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var passed log
				var wg sync.WaitGroup
				tt.bucket.MaxWait = 30 * time.Second
				for i := range tt.pass {
					wg.Go(func() { passed.wait(t, tt.bucket, i) })
				}
				synctest.Wait()
				start := time.Now()
				_, err := tt.bucket.Wait(t.Context())
				wantTimeout(t, err, tt.need)
				if got := time.Since(start); got != 0 {
					t.Errorf("the refusal took %v, want none", got)
				}
				wg.Wait()
			})
		})
	}
}

func wantTimeout(t *testing.T, err error, need time.Duration) {
	t.Helper()
	var timeout *ratelimit.QueueTimeoutError
	if !errors.As(err, &timeout) || !errors.Is(err, ratelimit.ErrQueueTimeout) {
		t.Fatalf("Wait = %v, want a QueueTimeoutError", err)
	}
	if timeout.Need.Round(time.Millisecond) != need || timeout.Max != 30*time.Second {
		t.Errorf("%v: Need %v, Max %v, want %v, 30s", timeout, timeout.Need, timeout.Max, need)
	}
}

func TestBucketIsSafeForConcurrentUse(t *testing.T) {
	t.Parallel()
	b := ratelimit.New(1e6, 5, ratelimit.Limit{Events: 100, Per: time.Millisecond})
	b.MaxWait = time.Minute
	var wg sync.WaitGroup
	for i := range 16 {
		wg.Go(func() {
			for range 100 {
				ctx, cancel := context.WithTimeout(t.Context(), time.Duration(i)*100*time.Microsecond)
				_, err := b.Wait(ctx)
				cancel()
				if err != nil && !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("Wait = %v, want nil or the deadline", err)
				}
			}
			b.PauseUntil(t.Context(), time.Now().Add(time.Millisecond))
			b.Adapt(t.Context(), i, time.Now().Add(time.Millisecond))
		})
	}
	wg.Wait()
	if got := b.Stats().Waiting; got != 0 {
		t.Errorf("%d callers are left in the queue, want 0", got)
	}
}

func BenchmarkWait(b *testing.B) {
	for name, bucket := range map[string]*ratelimit.Bucket{
		"unlimited": ratelimit.New(0, 0),
		"paced":     ratelimit.New(1e12, 1e9),
		"windowed":  ratelimit.New(0, 0, ratelimit.Limit{Events: 1200, Per: time.Microsecond}),
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := bucket.Wait(b.Context()); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkWaitInParallel(b *testing.B) {
	bucket := ratelimit.New(1e12, 1e9)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if _, err := bucket.Wait(b.Context()); err != nil {
				b.Fatal(err)
			}
		}
	})
}
