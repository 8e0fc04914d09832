package ratelimit_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gofrs/flock"

	"github.com/adsops/cloudtop/pkg/ratelimit"
	"github.com/adsops/cloudtop/pkg/ratelimit/filestore"
)

// counting is a store that counts how often it is asked.
type counting struct {
	ratelimit.Store
	asked atomic.Int32
}

func (c *counting) Exchange(ctx context.Context, key string, ask ratelimit.Ask) (ratelimit.Grant, error) {
	c.asked.Add(1)
	return c.Store.Exchange(ctx, key, ask)
}

func folder(t testing.TB, dir string) *counting {
	t.Helper()
	s, err := filestore.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	return &counting{Store: s}
}

// process is what one process has of a bucket that several share.
type process struct {
	*ratelimit.Bucket
	set      *ratelimit.Set
	store    *counting
	warnings []error
}

func start(t testing.TB, dir string, open func() *ratelimit.Bucket) *process {
	t.Helper()
	p := &process{set: new(ratelimit.Set), store: folder(t, dir)}
	p.set.Share(p.store, func(err error) { p.warnings = append(p.warnings, err) })
	p.Bucket = p.set.Get("bucket", open)
	return p
}

func windowed(l ratelimit.Limit) func() *ratelimit.Bucket {
	return func() *ratelimit.Bucket { return ratelimit.New(0, 0, l) }
}

func unlimited() *ratelimit.Bucket { return ratelimit.New(0, 0) }

func TestABucketKnowsWhetherItIsShared(t *testing.T) {
	t.Parallel()
	for name, open := range map[string]func() *ratelimit.Bucket{"windowed": windowed(ratelimit.Limit{Events: 1, Per: time.Second}), "unlimited": unlimited} {
		if b := new(ratelimit.Set).Get("bucket", open); b.Shared() {
			t.Errorf("%s: a bucket of one process is shared", name)
		}
		if b := start(t, t.TempDir(), open); !b.Shared() {
			t.Errorf("%s: a bucket of several processes is not shared", name)
		}
	}
}

func TestProcessesKeepOneWindowTogether(t *testing.T) {
	t.Parallel()
	for name, limit := range map[string]ratelimit.Limit{
		"one a second": {Events: 1, Per: time.Second}, "ten a second": {Events: 10, Per: time.Second},
		"many": {Events: 300, Per: time.Minute}, "paced": {Events: 60, Per: time.Minute, Burst: 5},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			synctest.Test(t, func(t *testing.T) {
				var passed log
				var wg sync.WaitGroup
				const each = 150
				for i := range 3 {
					p := start(t, dir, windowed(limit))
					for range each {
						wg.Go(func() { passed.wait(t, p.Bucket, i) })
					}
				}
				begun := time.Now()
				wg.Wait()
				passed.within(t, limit.Events, limit.Per)
				if len(passed.times) != 3*each {
					t.Errorf("%d events passed, want %d", len(passed.times), 3*each)
				}
				ideal := time.Duration(3*each-limit.Events) * limit.Per / time.Duration(limit.Events)
				if took := time.Since(begun); took > ideal*12/10+limit.Per {
					t.Errorf("took %v, want little more than %v", took, ideal)
				}
			})
		})
	}
}

func TestTheNextRunKnowsWhatTheLastOneTook(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		limit := windowed(ratelimit.Limit{Events: 40, Per: time.Minute})
		first := start(t, dir, limit)
		for range 20 {
			mustWait(t, first.Bucket, 0)
		}
		first.set.GiveBack(t.Context())
		second := start(t, dir, limit)
		begun := time.Now()
		for range 20 {
			if _, err := second.Wait(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if took := time.Since(begun); took > 3*time.Second {
			t.Errorf("what was left took %v: the first run did not give back what it took ahead", took)
		}
		begun = time.Now()
		if _, err := second.Wait(t.Context()); err != nil || time.Since(begun) < 50*time.Second {
			t.Errorf("one too many passed after %v, %v, want nearly a minute", time.Since(begun), err)
		}
	})
}

func TestAPauseReachesTheOtherProcesses(t *testing.T) {
	t.Parallel()
	for name, open := range map[string]func() *ratelimit.Bucket{
		"limited": windowed(ratelimit.Limit{Events: 100, Per: time.Second}), "unlimited": unlimited,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			synctest.Test(t, func(t *testing.T) {
				one, running := start(t, dir, open), start(t, dir, open)
				mustWait(t, running.Bucket, 0)
				one.PauseUntil(t.Context(), time.Now().Add(time.Minute))
				mustWait(t, start(t, dir, open).Bucket, time.Minute) // of a process that starts now
				one.PauseUntil(t.Context(), time.Now().Add(time.Minute))
				time.Sleep(time.Second) // what was granted before may still pass
				if name == "limited" {
					mustWait(t, running.Bucket, 59*time.Second)
					return
				}
				mustWait(t, running.Bucket, 0) // it asks once, when it starts
				mustWait(t, one.Bucket, 59*time.Second)
			})
		})
	}
}

func TestWhatRemainsReachesTheOtherProcesses(t *testing.T) {
	t.Parallel()
	for remaining, waits := range map[int]time.Duration{0: time.Minute, 1: time.Minute, 3: 0, 90: 0} {
		dir := t.TempDir()
		synctest.Test(t, func(t *testing.T) {
			limit := windowed(ratelimit.Limit{Events: 100, Per: time.Minute})
			one, other := start(t, dir, limit), start(t, dir, limit)
			one.Adapt(t.Context(), remaining, time.Now().Add(time.Minute))
			var waited time.Duration
			for range 2 {
				d, err := other.Wait(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				waited += d
			}
			if waited.Round(time.Second) != waits {
				t.Errorf("with %d remaining two events waited %v, want %v", remaining, waited, waits)
			}
		})
	}
}

func TestWhatSufficesIsToldInPassing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		p := start(t, dir, windowed(ratelimit.Limit{Events: 100, Per: time.Minute}))
		mustWait(t, p.Bucket, 0)
		for range 10 {
			p.Adapt(t.Context(), 99, time.Now().Add(time.Minute))
			p.Adapt(t.Context(), 20, time.Now().Add(time.Minute))
			p.Adapt(t.Context(), 99, time.Now().Add(59*time.Second))
		}
		if n := p.store.asked.Load(); n != 1 {
			t.Errorf("the account was asked %d times for one event and news that change nothing, want once", n)
		}
		time.Sleep(2 * time.Second)
		p.set.GiveBack(t.Context())
		p.set.GiveBack(t.Context())
		all, err := p.store.Accounts(t.Context(), "")
		got := all["bucket"]
		if err != nil || got.Remaining != 99 || time.Since(got.HeardAt) != 2*time.Second || got.Tokens < 95 {
			t.Errorf("got %+v, %v, want 99 remaining since 2 s, and one token taken", got, err)
		}
		if n := p.store.asked.Load(); n != 2 {
			t.Errorf("the account was asked %d times, want twice: there was nothing to give back any more", n)
		}
	})
}

func TestFarFromTheLimitTheAccountIsSeldomAsked(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		open         func() *ratelimit.Bucket
		events, most int32
	}{
		"unlimited": {unlimited, 10_000, 1},
		"far":       {windowed(ratelimit.Limit{Events: 100_000, Per: time.Minute}), 10_000, 160},
		"near":      {windowed(ratelimit.Limit{Events: 10, Per: time.Second}), 10, 10},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			synctest.Test(t, func(t *testing.T) {
				p := start(t, dir, c.open)
				for range c.events {
					mustWait(t, p.Bucket, 0)
				}
				if n := p.store.asked.Load(); n > c.most {
					t.Errorf("asked %d times for %d events, want at most %d", n, c.events, c.most)
				}
			})
		})
	}
}

func TestABucketWhoseStoreFailsGoesOnAlone(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "state")
	synctest.Test(t, func(t *testing.T) {
		p := start(t, dir, windowed(ratelimit.Limit{Events: 10, Per: time.Second}))
		if err := os.RemoveAll(dir); err != nil {
			t.Fatal(err)
		}
		var passed log
		for i := range 50 {
			passed.wait(t, p.Bucket, i)
		}
		p.Adapt(t.Context(), 3, time.Now().Add(time.Second))
		p.PauseUntil(t.Context(), time.Now().Add(time.Second))
		p.set.GiveBack(t.Context())
		passed.within(t, 10, time.Second) // its own count still holds
		if got := time.Since(passed.times[0]); got > 5*time.Second {
			t.Errorf("50 events took %v, want 4 s", got)
		}
		if n := p.store.asked.Load(); n != 1 || len(p.warnings) != 1 || !errors.Is(p.warnings[0], os.ErrNotExist) {
			t.Errorf("asked %d times, warned of %v, want once that the folder is gone", n, p.warnings)
		}
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		time.Sleep(30 * time.Second)
		mustWait(t, p.Bucket, 0)
		if n := p.store.asked.Load(); n != 2 || len(p.warnings) != 1 {
			t.Errorf("asked %d times, warned %d times, want a second try and no second warning", n, len(p.warnings))
		}
	})
}

// hold locks the one account in dir as another process would that was stopped.
func hold(t *testing.T, dir string) *flock.Flock {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(dir, "*.lock"))
	if err != nil || len(paths) != 1 {
		t.Fatalf("%d locks, %v, want 1", len(paths), err)
	}
	lock := flock.New(paths[0])
	if locked, err := lock.TryLock(); !locked || err != nil {
		t.Fatal(locked, err)
	}
	t.Cleanup(func() { _ = lock.Unlock() })
	return lock
}

func TestABucketWhoseStoreHangsGoesOnAlone(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		limit := windowed(ratelimit.Limit{Events: 100, Per: time.Second})
		mustWait(t, start(t, dir, limit).Bucket, 0)
		hold(t, dir)
		p := start(t, dir, limit)
		begun := time.Now()
		var wg sync.WaitGroup
		for range 50 {
			wg.Go(func() {
				if _, err := p.Wait(t.Context()); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		p.PauseUntil(t.Context(), time.Now().Add(time.Second))
		if took := time.Since(begun); took > 1100*time.Millisecond || len(p.warnings) != 1 {
			t.Errorf("50 events took %v, warned of %v, want a second and one warning", took, p.warnings)
		}
	})
}

func TestWhoGivesUpWhileTheAccountIsAskedIsNoFailureOfIt(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		limit := windowed(ratelimit.Limit{Events: 10, Per: time.Second})
		mustWait(t, start(t, dir, limit).Bucket, 0)
		held := hold(t, dir)
		p := start(t, dir, limit)
		errStop := errors.New("stop")
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(50*time.Millisecond, func() { cancel(errStop) })
		waited, err := p.Wait(ctx)
		if !errors.Is(err, errStop) || waited != 0 || len(p.warnings) != 0 {
			t.Errorf("Wait = %v, %v, warned of %v, want the cause, no waiting for limits and no warning", waited, err, p.warnings)
		}
		_ = held.Unlock()
		mustWait(t, p.Bucket, 0)
		if got := p.Stats().Waiting; got != 0 {
			t.Errorf("%d callers are left in the queue", got)
		}
	})
}

func TestWhatOthersTookCountsForTheLongestWait(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		limit := func() *ratelimit.Bucket {
			b := ratelimit.New(0, 0, ratelimit.Limit{Events: 4, Per: time.Hour})
			b.MaxWait = 30 * time.Second
			return b
		}
		one, other := start(t, dir, limit), start(t, dir, limit)
		for range 4 {
			mustWait(t, one.Bucket, 0)
		}
		begun := time.Now()
		_, err := other.Wait(t.Context())
		wantTimeout(t, err, time.Hour)
		if took := time.Since(begun); took != 0 {
			t.Errorf("the refusal took %v", took)
		}
	})
}

func TestTryWaitTakesOnlyWhatMayPassAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		open, b := ratelimit.New(0, 0), ratelimit.New(1, 2)
		for i, want := range []bool{true, true, false} {
			if got := b.TryWait(); got != want || !open.TryWait() {
				t.Errorf("try %d: got %v, want %v, and an unlimited bucket lets all through", i, got, want)
			}
		}
		var wg sync.WaitGroup
		wg.Go(func() { mustWait(t, b, time.Second) })
		time.Sleep(time.Second - time.Millisecond)
		if b.TryWait() {
			t.Error("it went ahead of who waits")
		}
		wg.Wait()
	})
}

// BenchmarkBucketFree is a bucket that nobody shares, far from its limit.
func BenchmarkBucketFree(b *testing.B) {
	bucket := ratelimit.New(1e7, 1e7)
	for b.Loop() {
		if _, err := bucket.Wait(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkBucketSharedFile is a bucket whose account is in a file, far from its limit, where it takes many events at
// once, and near, where it asks for each.
func BenchmarkBucketSharedFile(b *testing.B) {
	for name, burst := range map[string]int{"far": 1e7, "near": 7} {
		b.Run(name, func(b *testing.B) {
			p := start(b, b.TempDir(), func() *ratelimit.Bucket { return ratelimit.New(1e7, burst) })
			b.ReportAllocs()
			for b.Loop() {
				if _, err := p.Wait(b.Context()); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(p.store.asked.Load())/float64(b.N), "asked/op")
		})
	}
}
