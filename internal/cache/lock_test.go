package cache

import (
	"context"
	"fmt"
	"sync"
	"testing"
)

func TestFreeKeysTakeNoMemory(t *testing.T) {
	t.Parallel()
	l := newLocks()
	var running sync.WaitGroup
	for i := range 50 {
		running.Go(func() {
			release, ok := l.lock(t.Context(), someKey(fmt.Sprint(i%5)))
			if !ok {
				t.Error("lock gives up although its context goes on")
			}
			release()
		})
	}
	running.Wait()
	release, _ := l.lock(t.Context(), someKey(""))
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, ok := l.lock(ended, someKey("")); ok {
		t.Error("lock gives a key that is held")
	}
	release()
	if len(l.held) != 0 {
		t.Errorf("%d keys are remembered though nobody holds them", len(l.held))
	}
}
