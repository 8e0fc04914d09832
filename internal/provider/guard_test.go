package provider_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/provider"
)

// broken returns what do panics with; "" where it does not.
func broken(do func()) (text string) {
	defer func() {
		if p := recover(); p != nil {
			text = fmt.Sprint(p)
		}
	}()
	do()
	return ""
}

func TestGuardTurnsAPanicIntoAnError(t *testing.T) {
	t.Parallel()
	conn := provider.NewConn(&provider.Spec{Name: "acme"})
	if err := conn.Guard(func() {}); err != nil {
		t.Errorf("got %v, want no error", err)
	}
	var list []int
	e, ok := errors.AsType[*cloud.Error](conn.Guard(func() { _ = list[len(list)+1] }))
	if !ok || e.Kind != cloud.KindInternal || e.Hint == "" || !strings.Contains(e.Error(), "acme: cloudtop broke down at internal/provider_test.") ||
		!strings.Contains(e.Error(), "(guard_test.go:") || !strings.Contains(e.Error(), "index out of range") {
		t.Errorf("got %+v, want an error that says where and what", e)
	}
}

func TestWhatPanicsInAnotherGoroutineDoesInTheOneThatWaits(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var got []int
		var ended atomic.Int32
		fan := broken(func() {
			for n := range provider.Fan(t.Context(), 2, []int{1, 2, 3, 4}, func(ctx context.Context, n int) int {
				defer ended.Add(1)
				if n == 2 {
					panic("two")
				}
				if n > 2 {
					<-ctx.Done()
				}
				return n
			}) {
				got = append(got, n)
			}
		})
		if !strings.HasSuffix(fan, ": two") || !slices.Equal(got, []int{1}) || ended.Load() < 2 {
			t.Errorf("got %q after %v and %d calls, want the panic after the first", fan, got, ended.Load())
		}
		done := false
		together := broken(func() {
			provider.Together(func() { panic("one") }, func() { time.Sleep(time.Second); done = true })
		})
		if !strings.HasSuffix(together, ": one") || !done {
			t.Errorf("got %q, done: %v, want the panic when all have returned", together, done)
		}
	})
}

func TestSharedThatBreaksDownLeavesNobodyWaiting(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var s provider.Shared[string, int]
		first := make(chan string, 1)
		go func() {
			first <- broken(func() {
				_, _ = s.Do(t.Context(), "k", "a", func(context.Context) (int, error) {
					time.Sleep(time.Second)
					panic("a bug")
				})
			})
		}()
		synctest.Wait()
		got, err := s.Do(t.Context(), "k", "b", func(context.Context) (int, error) { return 7, nil })
		if text := <-first; got != 7 || err != nil || text != "a bug" {
			t.Errorf("got %d, %v and %q, want the other asker's own answer", got, err, text)
		}
	})
}
