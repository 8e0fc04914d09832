package provider

import (
	"context"
	"errors"
	"iter"
	"sync"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/httpx"
)

// Fan calls do for every item, at most n at once, and yields the results in the order of the items. All calls have
// ended when the sequence has; a caller who stops early ends the context of those under way. What one of the calls
// panics with, the sequence does in its place.
func Fan[T, R any](ctx context.Context, n int, items []T, do func(context.Context, T) R) iter.Seq[R] {
	return func(yield func(R) bool) {
		ctx, cancel := context.WithCancel(ctx)
		var r relay
		var running sync.WaitGroup
		defer func() {
			cancel()
			running.Wait()
		}()
		results := make([]chan R, len(items))
		for i := range results {
			results[i] = make(chan R, 1)
		}
		next := make(chan int, len(items))
		for i := range items {
			next <- i
		}
		close(next)
		for range min(n, len(items)) {
			running.Go(func() {
				for i := range next {
					r.run(func() {
						defer close(results[i])
						results[i] <- do(ctx, items[i])
					})
				}
			})
		}
		for _, result := range results {
			v, ok := <-result
			if !ok {
				cancel()
				running.Wait()
				r.raise()
			}
			if !yield(v) {
				return
			}
		}
	}
}

// Shared makes one answer serve several askers: a call that lists what several services take their part of. Each
// asker gets an answer at most once; who asks again starts a new call. The zero Shared is ready.
type Shared[K comparable, V any] struct {
	mu    sync.Mutex
	calls map[K]*sharedCall[V]
}

type sharedCall[V any] struct {
	askers map[string]bool
	done   chan struct{}
	value  V
	err    error
}

// Do returns the answer for key that asker has not had yet: that of a call which another asker began, or of do. Where
// the other's context ended before the answer came, do is called after all.
func (s *Shared[K, V]) Do(ctx context.Context, key K, asker string, do func(context.Context) (V, error)) (V, error) {
	for {
		c, mine := s.join(key, asker)
		if mine {
			s.call(ctx, key, c, do)
			return c.value, c.err
		}
		select {
		case <-c.done:
		case <-ctx.Done():
			var zero V
			return zero, cloud.Ended(ctx, "", "an answer that another unit asks for")
		}
		if ended := s.current(key) != c && c.err != nil; !ended || ctx.Err() != nil {
			return c.value, c.err
		}
	}
}

// call makes a call. Where it panics, its other askers call for themselves.
func (s *Shared[K, V]) call(ctx context.Context, key K, c *sharedCall[V], do func(context.Context) (V, error)) {
	c.err = errBroken
	defer func() {
		if ctx.Err() != nil || errors.Is(c.err, errBroken) {
			s.forget(key, c)
		}
		close(c.done)
	}()
	c.value, c.err = do(httpx.Common(ctx))
}

// errBroken is the error of a call that never returned.
var errBroken = errors.New("the call broke down")

// join returns the call to wait for, or a new one which is the asker's to make.
func (s *Shared[K, V]) join(key K, asker string) (c *sharedCall[V], mine bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c = s.calls[key]; c != nil && !c.askers[asker] {
		c.askers[asker] = true
		return c, false
	}
	if s.calls == nil {
		s.calls = map[K]*sharedCall[V]{}
	}
	c = &sharedCall[V]{askers: map[string]bool{asker: true}, done: make(chan struct{})}
	s.calls[key] = c
	return c, true
}

func (s *Shared[K, V]) forget(key K, c *sharedCall[V]) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.calls[key] == c {
		delete(s.calls, key)
	}
}

func (s *Shared[K, V]) current(key K) *sharedCall[V] {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.calls[key]
}
