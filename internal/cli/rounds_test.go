package cli

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/adsops/cloudtop/internal/collector"
)

// diary is when rounds began, since the first.
type diary struct {
	mu    sync.Mutex
	first time.Time
	began []time.Duration
}

func (d *diary) times() []time.Duration {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.began)
}

func (d *diary) note() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.first.IsZero() {
		d.first = time.Now()
	}
	d.began = append(d.began, time.Since(d.first))
}

// looped runs rounds that take took each, without jitter, in a bubble of their own time while test acts.
func looped(t *testing.T, asked, took time.Duration, test func(r *rounds, d *diary)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		d := &diary{}
		r := newRounds(asked, 0, func(context.Context) lap {
			d.note()
			time.Sleep(took)
			return lap{took: took}
		})
		r.spread = func(d time.Duration) time.Duration { return d }
		ended := make(chan error)
		go func() { ended <- r.run(ctx, func() error { return nil }) }()
		test(r, d)
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("got %v", err)
		}
	})
}

func instants(all ...float64) []time.Duration {
	out := make([]time.Duration, len(all))
	for i, s := range all {
		out[i] = time.Duration(s * float64(time.Second))
	}
	return out
}

func TestRoundsBeginAnIntervalApart(t *testing.T) {
	t.Parallel()
	looped(t, 10*time.Second, 2*time.Second, func(_ *rounds, d *diary) {
		time.Sleep(35 * time.Second)
		if want := instants(0, 10, 20, 30); !slices.Equal(d.times(), want) {
			t.Errorf("began at %v, want %v", d.times(), want)
		}
	})
}

func TestRoundsNeverOverlap(t *testing.T) {
	t.Parallel()
	looped(t, 10*time.Second, 20*time.Second, func(r *rounds, d *diary) {
		time.Sleep(70 * time.Second)
		if want := instants(0, 25, 50); !slices.Equal(d.times(), want) {
			t.Errorf("began at %v, want %v", d.times(), want)
		}
		if s := r.State(); s.Every != 25*time.Second || s.Why != "the last round took 20s" {
			t.Errorf("got %+v", s)
		}
	})
}

func TestAPauseHoldsTheNextRoundBack(t *testing.T) {
	t.Parallel()
	looped(t, 10*time.Second, 2*time.Second, func(r *rounds, d *diary) {
		time.Sleep(5 * time.Second)
		r.Pause()
		time.Sleep(40 * time.Second)
		if len(d.times()) != 1 || !r.State().Paused {
			t.Errorf("began at %v while paused", d.times())
		}
		r.Pause() // the round is overdue
		time.Sleep(11 * time.Second)
		if want := instants(0, 45, 55); !slices.Equal(d.times(), want) {
			t.Errorf("began at %v, want %v", d.times(), want)
		}
	})
}

func TestARefreshBeginsARoundAtOnce(t *testing.T) {
	t.Parallel()
	looped(t, 10*time.Second, 2*time.Second, func(r *rounds, d *diary) {
		time.Sleep(time.Second)
		r.Refresh() // one is under way: this is that
		time.Sleep(4 * time.Second)
		r.Refresh()
		r.Refresh()
		time.Sleep(8 * time.Second)
		r.Pause()
		r.Refresh()
		time.Sleep(30 * time.Second)
		if want := instants(0, 5, 13); !slices.Equal(d.times(), want) {
			t.Errorf("began at %v, want %v", d.times(), want)
		}
	})
}

func TestTheStateTellsHowARoundGoes(t *testing.T) {
	t.Parallel()
	looped(t, 10*time.Second, 2*time.Second, func(r *rounds, _ *diary) {
		time.Sleep(time.Second)
		r.progress(collector.Progress{Planned: 9, Done: 5, Failed: 1})
		s := r.State()
		if !s.Running || time.Since(s.Started) != time.Second || s.Planned != 9 || s.Done != 5 || s.Failed != 1 || !s.Next.IsZero() {
			t.Errorf("under way: got %+v", s)
		}
		time.Sleep(4 * time.Second)
		if s = r.State(); s.Running || time.Until(s.Next) != 5*time.Second {
			t.Errorf("between rounds: got %+v", s)
		}
		time.Sleep(5500 * time.Millisecond)
		if s = r.State(); !s.Running || s.Planned != 0 || s.Failed != 0 {
			t.Errorf("the next one: got %+v", s)
		}
	})
}

func TestAnEndIsHeededAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		r := newRounds(time.Hour, 0, func(context.Context) lap { return lap{} })
		time.AfterFunc(time.Minute, cancel)
		started := time.Now()
		if err := r.run(ctx, func() error { return nil }); err != nil || time.Since(started) != time.Minute {
			t.Errorf("got %v after %s", err, time.Since(started))
		}
	})
}

func TestAFailureBetweenRoundsEndsThem(t *testing.T) {
	t.Parallel()
	full := errors.New("the disk is full")
	r := newRounds(time.Hour, 0, func(context.Context) lap { return lap{} })
	if err := r.run(t.Context(), func() error { return full }); !errors.Is(err, full) {
		t.Errorf("got %v", err)
	}
}

func TestASlowStepIsKnownBeforeTheFirstRound(t *testing.T) {
	t.Parallel()
	r := newRounds(10*time.Second, time.Minute, nil)
	if s := r.State(); s.Asked != 10*time.Second || s.Every != time.Minute || s.Why == "" || r.slow() == "" {
		t.Errorf("got %+v, %q", s, r.slow())
	}
}
