package cache

import (
	"context"
	"sync"
)

// locks lets one goroutine at a time hold a key.
type locks struct {
	mu   sync.Mutex
	held map[Key]*turn
}

// turn is a key that somebody holds or waits for.
type turn struct {
	holder chan struct{} // full while somebody holds the key
	users  int           // who hold it or wait
}

func newLocks() *locks { return &locks{held: map[Key]*turn{}} }

// lock waits until k is free and holds it. It reports false, holding nothing, when ctx ends first. The release may be
// called more than once.
func (l *locks) lock(ctx context.Context, k Key) (release func(), ok bool) {
	t := l.join(k)
	select {
	case t.holder <- struct{}{}:
		return sync.OnceFunc(func() {
			<-t.holder
			l.leave(k, t)
		}), true
	case <-ctx.Done():
		l.leave(k, t)
		return func() {}, false
	}
}

func (l *locks) join(k Key) *turn {
	l.mu.Lock()
	defer l.mu.Unlock()
	t := l.held[k]
	if t == nil {
		t = &turn{holder: make(chan struct{}, 1)}
		l.held[k] = t
	}
	t.users++
	return t
}

func (l *locks) leave(k Key, t *turn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if t.users--; t.users == 0 {
		delete(l.held, k)
	}
}
