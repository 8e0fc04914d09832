package provider_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/adsops/cloudtop/internal/provider"
)

func TestFanKeepsTheOrderAndTheBound(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var now, peak atomic.Int32
		items := []int{5, 1, 4, 2, 3, 0}
		got := slices.Collect(provider.Fan(t.Context(), 3, items, func(_ context.Context, n int) int {
			peak.Store(max(peak.Load(), now.Add(1)))
			time.Sleep(time.Duration(n) * time.Second)
			now.Add(-1)
			return n * 10
		}))
		if want := []int{50, 10, 40, 20, 30, 0}; !slices.Equal(got, want) || peak.Load() != 3 {
			t.Errorf("got %v with at most %d at once, want %v with 3", got, peak.Load(), want)
		}
	})
}

func TestFanEndsWithItsReader(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var ended atomic.Int32
		for range provider.Fan(t.Context(), 2, make([]int, 100), func(ctx context.Context, _ int) error {
			defer ended.Add(1)
			if ended.Load() > 0 {
				<-ctx.Done()
			}
			return nil
		}) {
			break
		}
		if ended.Load() < 2 {
			t.Error("a call is still under way after the sequence has ended")
		}
	})
}

func TestSharedServesEachAskerOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var s provider.Shared[string, int]
		var calls atomic.Int32
		list := func(context.Context) (int, error) {
			time.Sleep(time.Second)
			return int(calls.Add(1)), nil
		}
		ask := func() []int {
			got := make([]int, 3)
			var wg sync.WaitGroup
			for i, asker := range []string{"a", "b", "c"} {
				wg.Go(func() { got[i], _ = s.Do(t.Context(), "key", asker, list) })
			}
			wg.Wait()
			return got
		}
		if first, second := ask(), ask(); !slices.Equal(first, []int{1, 1, 1}) || !slices.Equal(second, []int{2, 2, 2}) {
			t.Errorf("got %v then %v, want one call for each round", first, second)
		}
	})
}

func TestSharedOutlivesTheAskerWhoBeganIt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var s provider.Shared[string, int]
		ctx, cancel := context.WithCancel(t.Context())
		go func() {
			_, _ = s.Do(ctx, "key", "first", func(ctx context.Context) (int, error) {
				<-ctx.Done()
				return 0, ctx.Err()
			})
		}()
		synctest.Wait()
		time.AfterFunc(time.Second, cancel)
		got, err := s.Do(t.Context(), "key", "second", func(context.Context) (int, error) { return 7, nil })
		if got != 7 || err != nil {
			t.Errorf("got %d, %v after the first asker was cancelled, want 7", got, err)
		}
	})
}

func TestSharedErrorIsEverybodys(t *testing.T) {
	t.Parallel()
	var s provider.Shared[string, int]
	want := errors.New("denied")
	_, first := s.Do(t.Context(), "key", "a", func(context.Context) (int, error) { return 0, want })
	_, second := s.Do(t.Context(), "key", "b", func(context.Context) (int, error) { return 1, nil })
	if !errors.Is(first, want) || !errors.Is(second, want) {
		t.Errorf("got %v and %v, want %v for both", first, second, want)
	}
}
