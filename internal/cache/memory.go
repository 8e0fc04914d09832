package cache

import (
	"context"
	"time"

	"github.com/maypok86/otter/v2"
)

// memory keeps entries within one run of the program.
type memory struct {
	opts    Options
	entries *otter.Cache[Key, *Entry]
	locks   *locks
}

func openMemory(o Options) (Store, error) {
	entries, err := otter.New(&otter.Options[Key, *Entry]{
		MaximumSize: o.MaxSize,
		ExpiryCalculator: otter.ExpiryWritingFunc(func(e otter.Entry[Key, *Entry]) time.Duration {
			return max(1, o.Keep-o.Now().Sub(e.Value.At))
		}),
		Clock:    clock{o.Now},
		Executor: func(task func()) { task() },
	})
	if err != nil {
		return nil, err
	}
	return &memory{opts: o, entries: entries, locks: newLocks()}, nil
}

func (m *memory) Get(_ context.Context, k Key) (*Entry, bool) { return m.entries.GetIfPresent(k) }

func (m *memory) Put(_ context.Context, k Key, e *Entry) { m.entries.Set(k, e) }

func (m *memory) Lock(ctx context.Context, k Key) func() {
	ctx, cancel := context.WithTimeout(ctx, m.opts.LockWait)
	defer cancel()
	release, _ := m.locks.lock(ctx, k)
	return release
}

func (m *memory) Status(context.Context) (Status, error) {
	t := newTally(Memory, "")
	for k, e := range m.entries.All() {
		t.add(k.Provider, e.At, -1)
	}
	return t.status(), nil
}

func (m *memory) Clear(context.Context) (int, error) {
	n := 0
	for k := range m.entries.Keys() {
		if _, had := m.entries.Invalidate(k); had {
			n++
		}
	}
	return n, nil
}

func (m *memory) Close() error {
	m.entries.StopAllGoroutines()
	return nil
}

// clock is the store's time as the memory cache takes it: without ticks, hence without a goroutine.
type clock struct{ now func() time.Time }

func (c clock) NowNano() int64 { return c.now().UnixNano() }

func (c clock) Tick(time.Duration) <-chan time.Time { return nil }
