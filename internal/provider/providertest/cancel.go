package providertest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/sim"
)

// promptly is how long a method may take to return after its context has ended.
const promptly = 100 * time.Millisecond

// errStop is why the suite ends contexts: any cause must do.
var errStop = errors.New("the window was closed")

// cancelChecks end the context of every task at its calls, and let readers of lists stop early.
func (s *suite) cancelChecks(lessons []lesson) []check {
	var all []check
	for _, l := range lessons {
		for _, k := range somewhere(len(l.calls)) {
			all = append(all, check{
				name: fmt.Sprintf("cancel/%s/at call %d", l.name, k),
				run:  func(t testing.TB) { s.cancelAt(t, &l, k, setup{latency: time.Second}) },
			})
		}
		hang := setup{faults: []sim.Fault{{Action: "hang"}}}
		if len(l.calls) > 0 {
			all = append(all, check{name: "cancel/" + l.name + "/hanging", run: func(t testing.TB) { s.cancelAt(t, &l, 1, hang) }})
		}
		if len(l.clean.resources) > 1 {
			all = append(all, check{name: "cancel/" + l.name + "/reader stops", run: func(t testing.TB) { s.readerStops(t, &l) }})
		}
	}
	return all
}

// somewhere returns the first, the last and some calls between, from 1.
func somewhere(n int) []int {
	if n == 0 {
		return nil
	}
	all := []int{1, 2, 3, (n + 1) / 2, n - 1, n}
	all = slices.DeleteFunc(all, func(k int) bool { return k < 1 || k > n })
	slices.Sort(all)
	return slices.Compact(all)
}

// cancelAt ends the context in the middle of the k-th call.
func (s *suite) cancelAt(t testing.TB, l *lesson, k int, o setup) {
	x := s.open(t, o)
	defer x.close()
	ctx, cancel := context.WithCancelCause(t.Context())
	defer cancel(nil)
	var at time.Time
	x.tap.began = func(n int, _ *exchange) {
		if n == k {
			time.AfterFunc(500*time.Millisecond, func() {
				at = time.Now()
				cancel(errStop)
			})
		}
	}
	out := x.do(ctx, l.task)
	returned := time.Now()
	synctest.Wait()
	switch {
	case at.IsZero():
		t.Errorf("%s: ended before its call %d was made", l.name, k)
		return
	case returned.Sub(at) > promptly:
		t.Errorf("%s: returned %s after the end of its context, want %s", l.name, returned.Sub(at), promptly)
	}
	mustBeCancelled(t, l, out)
	for _, e := range x.tap.exchanges() {
		if e.at.After(at) {
			t.Errorf("%s: %s was called after the end of the context", l.name, e.place())
		}
	}
	mustBeAlone(t, l.name)
}

func mustBeCancelled(t testing.TB, l *lesson, out *outcome) {
	t.Helper()
	told := false
	for _, err := range out.errs {
		if leadsTo(err, cloud.KindCancelled) {
			told = true
		} else {
			t.Errorf("%s: got %v of kind %q, want cancelled", l.name, err, cloud.KindOf(err))
		}
	}
	if !told {
		t.Errorf("%s: no error, and the context ended half-way", l.name)
	}
}

// mustBeAlone checks that the bubble has no other goroutine left.
func mustBeAlone(t testing.TB, name string) {
	t.Helper()
	if left := strays(); len(left) > 0 {
		t.Errorf("%s: %d goroutines are left, the first is\n%s", name, len(left), left[0])
	}
}

// strays returns the stacks of the other goroutines in this bubble, except those of the test itself.
func strays() []string {
	buf := make([]byte, 1<<20)
	for n := runtime.Stack(buf, true); n == len(buf); n = runtime.Stack(buf, true) {
		buf = make([]byte, 2*len(buf))
	}
	stacks := strings.Split(string(bytes.TrimRight(buf, "\x00\n")), "\n\n")
	_, mine, ok := strings.Cut(header(stacks[0]), "synctest bubble ")
	if !ok {
		return nil
	}
	var out []string
	for _, stack := range stacks[1:] {
		_, bubble, _ := strings.Cut(header(stack), "synctest bubble ")
		if bubble == mine && !strings.Contains(stack, "internal/synctest.Run(") &&
			!strings.Contains(stack, "testing/synctest.testingSynctestTest(") {
			out = append(out, stack)
		}
	}
	return out
}

// header returns the first line of a goroutine's stack up to the bracket: "goroutine 7 [select, synctest bubble 3".
func header(stack string) string {
	line, _, _ := strings.Cut(stack, "\n")
	line, _, _ = strings.Cut(line, "]")
	return line
}

// readerStops takes one row of a list and no more.
func (s *suite) readerStops(t testing.TB, l *lesson) {
	x := s.open(t, setup{latency: time.Second})
	defer x.close()
	rows := 0
	for _, err := range x.conn.Driver().List(t.Context(), l.query) {
		if err == nil {
			rows++
			break
		}
	}
	if rows != 1 {
		t.Errorf("%s: no row", l.name)
	}
	synctest.Wait()
	mustBeAlone(t, l.name)
}
