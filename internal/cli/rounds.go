package cli

import (
	"context"
	"sync"
	"time"

	"github.com/adsops/cloudtop/internal/collector"
	"github.com/adsops/cloudtop/internal/tui"
)

// rounds collects round after round, never two at once. Their starts are the interval apart, give or take a tenth,
// or more where the pace is slower. It can be told to pause, and to begin a round at once.
type rounds struct {
	asked   time.Duration
	step    time.Duration // how often the quickest metric is measured; 0 = unknown
	collect func(ctx context.Context) lap
	spread  func(time.Duration) time.Duration

	mu    sync.Mutex
	state tui.Round
	pace  pace
	now   bool          // a round was asked for
	wake  chan struct{} // holds one word: look again what was asked for
}

func newRounds(asked, step time.Duration, collect func(ctx context.Context) lap) *rounds {
	r := &rounds{asked: asked, step: step, collect: collect, spread: jittered, wake: make(chan struct{}, 1)}
	r.pace = pace{every: asked}.next(asked, step, lap{})
	r.state = tui.Round{Asked: asked, Every: r.pace.every, Why: r.pace.why}
	return r
}

// run collects until ctx ends or after fails. After is called between rounds.
func (r *rounds) run(ctx context.Context, after func() error) error {
	for ctx.Err() == nil {
		started := r.begin()
		last := r.collect(ctx)
		r.end(started, last)
		if ctx.Err() != nil {
			return nil
		}
		if err := after(); err != nil {
			return err
		}
		r.wait(ctx)
	}
	return nil
}

func (r *rounds) begin() time.Time {
	r.mu.Lock()
	defer r.mu.Unlock()
	started := time.Now()
	r.now = false
	r.state.Running, r.state.Started, r.state.Next = true, started, time.Time{}
	r.state.Planned, r.state.Done, r.state.Failed = 0, 0, 0
	return started
}

// end settles when the next round begins.
func (r *rounds) end(started time.Time, last lap) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.pace = r.pace.next(r.asked, r.step, last)
	r.state.Running, r.state.Every, r.state.Why = false, r.pace.every, r.pace.why
	r.state.Next = started.Add(r.spread(r.pace.every))
}

// wait returns when the next round shall begin, or ctx ends.
func (r *rounds) wait(ctx context.Context) {
	for {
		left, paused, now := r.left()
		if now || !paused && left <= 0 {
			return
		}
		var due <-chan time.Time
		if !paused {
			due = time.After(left)
		}
		select {
		case <-ctx.Done():
			return
		case <-due:
		case <-r.wake:
		}
	}
}

// left returns how long it is until the next round, whether that matters, and whether one shall begin at once.
func (r *rounds) left() (d time.Duration, paused, now bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return time.Until(r.state.Next), r.state.Paused, r.now
}

// State returns how it goes.
func (r *rounds) State() tui.Round {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.state
}

// Pause keeps the next round from beginning by itself, or lets it.
func (r *rounds) Pause() {
	r.mu.Lock()
	r.state.Paused = !r.state.Paused
	r.mu.Unlock()
	r.call()
}

// Refresh begins a round, unless one is under way.
func (r *rounds) Refresh() {
	r.mu.Lock()
	r.now = r.now || !r.state.Running
	r.mu.Unlock()
	r.call()
}

// call wakes the loop where it waits.
func (r *rounds) call() {
	select {
	case r.wake <- struct{}{}:
	default:
	}
}

// progress takes note of how the round under way goes.
func (r *rounds) progress(p collector.Progress) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.state.Planned, r.state.Done, r.state.Failed = p.Planned, p.Done, p.Failed
}
