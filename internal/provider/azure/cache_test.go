package azure

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/sim"
)

func TestCacheKeepsWhatIsFresh(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	type step struct {
		at   time.Duration
		err  error // that the reader meets
		old  string
		then string // what the reader returns
	}
	for name, steps := range map[string][]step{
		"the first reader finds nothing":               {{0, nil, "", "a"}},
		"a second one finds it":                        {{0, nil, "", "a"}, {time.Minute, nil, "a", "a"}},
		"just before its end":                          {{0, nil, "", "a"}, {time.Hour - 1, nil, "a", "a"}},
		"at its end":                                   {{0, nil, "", "a"}, {time.Hour, nil, "", "b"}},
		"an error is not kept":                         {{0, broken, "", ""}, {0, nil, "", "a"}},
		"an error leaves what was there":               {{0, nil, "", "a"}, {time.Minute, broken, "a", ""}, {time.Minute, nil, "a", "a"}},
		"what is added to it does not make it younger": {{0, nil, "", "a"}, {59 * time.Minute, nil, "a", "ab"}, {time.Hour, nil, "", "c"}},
		"what is read anew is young":                   {{0, nil, "", "a"}, {time.Hour, nil, "", "b"}, {119 * time.Minute, nil, "b", "b"}},
	} {
		var c cache[string]
		for i, s := range steps {
			got, err := c.do(t.Context(), "key", sim.Epoch.Add(s.at), time.Hour, func(old string) (string, error) {
				if old != s.old {
					t.Errorf("%s: step %d: the reader is given %q, want %q", name, i, old, s.old)
				}
				return s.then, s.err
			})
			if got != s.then || !errors.Is(err, s.err) {
				t.Errorf("%s: step %d: got %q, %v", name, i, got, err)
			}
		}
	}
}

func TestReadersOfOneKeyWaitForEachOther(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var c cache[int]
		var reads, inside atomic.Int32
		var all sync.WaitGroup
		for range 20 {
			all.Go(func() {
				v, err := c.do(t.Context(), "key", sim.Epoch, time.Hour, func(old int) (int, error) {
					if inside.Add(1) != 1 {
						t.Error("two readers are alone with the key")
					}
					defer inside.Add(-1)
					if old != 0 {
						return old, nil
					}
					reads.Add(1)
					time.Sleep(time.Second)
					return 7, nil
				})
				if v != 7 || err != nil {
					t.Errorf("got %d, %v", v, err)
				}
			})
		}
		all.Wait()
		if reads.Load() != 1 {
			t.Errorf("%d readers asked, want one", reads.Load())
		}
	})
}

func TestOneKeyDoesNotHoldUpAnother(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var c cache[int]
		started := time.Now()
		var all sync.WaitGroup
		for _, key := range []string{"a", "b", "c"} {
			all.Go(func() {
				_, _ = c.do(t.Context(), key, sim.Epoch, time.Hour, func(int) (int, error) {
					time.Sleep(time.Second)
					return 1, nil
				})
			})
		}
		all.Wait()
		if took := time.Since(started); took != time.Second {
			t.Errorf("three keys took %s, want the second that one takes", took)
		}
	})
}

func TestWhoWaitsForAnotherReaderMayLeave(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var c cache[int]
		var first sync.WaitGroup
		defer first.Wait()
		first.Go(func() {
			_, _ = c.do(t.Context(), "key", sim.Epoch, time.Hour, func(int) (int, error) {
				time.Sleep(time.Minute)
				return 1, nil
			})
		})
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := c.do(ctx, "key", sim.Epoch, time.Hour, func(int) (int, error) {
			t.Error("the reader got its turn")
			return 0, nil
		})
		if cloud.KindOf(err) != cloud.KindTimeout {
			t.Errorf("got %v, want an error of kind timeout", err)
		}
	})
}
