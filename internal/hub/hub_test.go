package hub_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/adsops/cloudtop/internal/hub"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestANewHubHasAnEmptySnapshot(t *testing.T) {
	t.Parallel()
	if s := hub.New().Now(); s == nil || s.Version != 0 || len(s.Units) != 0 {
		t.Errorf("got %+v", s)
	}
}

func TestWaitReturnsAtOnceWhereThereIsANewerVersion(t *testing.T) {
	t.Parallel()
	h := hub.New()
	h.Publish(&hub.Snapshot{})
	h.Publish(&hub.Snapshot{})
	for _, version := range []uint64{0, 1} {
		if s, err := h.Wait(t.Context(), version); err != nil || s.Version != 2 || s != h.Now() {
			t.Errorf("Wait(%d) = %+v, %v, want version 2", version, s, err)
		}
	}
}

func TestWaitReturnsWhenANewerVersionComes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := hub.New()
		time.AfterFunc(time.Hour, func() { h.Publish(&hub.Snapshot{}) })
		started := time.Now()
		s, err := h.Wait(t.Context(), 0)
		if err != nil || s.Version != 1 || time.Since(started) != time.Hour {
			t.Errorf("got %+v, %v after %s, want version 1 after an hour", s, err, time.Since(started))
		}
	})
}

func TestWaitEndsWithItsContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		why := errors.New("the window was closed")
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(time.Second, func() { cancel(why) })
		if s, err := hub.New().Wait(ctx, 0); s != nil || !errors.Is(err, why) {
			t.Errorf("got %v, %v, want the cause of the context's end", s, err)
		}
	})
}

func TestASlowReaderSkipsVersions(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := hub.New()
		go func() {
			for range 100 {
				time.Sleep(time.Second)
				h.Publish(&hub.Snapshot{})
			}
		}()
		var got []uint64
		for version := uint64(0); version < 100; {
			s, err := h.Wait(t.Context(), version)
			if err != nil {
				t.Fatal(err)
			}
			version = s.Version
			got = append(got, version)
			time.Sleep(25*time.Second + time.Millisecond)
		}
		if len(got) != 5 || got[0] != 1 || got[4] != 100 {
			t.Errorf("got versions %v, want 5 of 100", got)
		}
	})
}

func TestEveryReaderSeesTheLastVersion(t *testing.T) {
	t.Parallel()
	h := hub.New()
	const last = 500
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for version := uint64(0); version < last; {
				s, err := h.Wait(t.Context(), version)
				if err != nil || s.Version <= version || s.Calls != int(s.Version) {
					t.Errorf("got %+v, %v after version %d", s, err, version)
					return
				}
				version = s.Version
			}
		})
	}
	for i := range last {
		h.Publish(&hub.Snapshot{Calls: i + 1})
	}
	wg.Wait()
}

// TestReadersAndTheFoldShareRowsSafely is for the race detector.
func TestReadersAndTheFoldShareRowsSafely(t *testing.T) {
	t.Parallel()
	h, f := hub.New(), hub.NewFold(false)
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for version := uint64(0); ; {
				s, err := h.Wait(ctx, version)
				if err != nil {
					return
				}
				version = s.Version
				_ = shown(s)
			}
		})
	}
	for range 200 {
		h.Publish(round(f, ok(list(""), noon, "1", "2"), sampled(list(""), nil)))
		f.Apply(bad(list(""), down, noon))
		h.Publish(f.Snapshot(noon))
	}
	cancel()
	wg.Wait()
}
