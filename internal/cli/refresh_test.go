package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/adsops/cloudtop/internal/config"
	"github.com/adsops/cloudtop/internal/hub"
)

// screen is a reader of the output that acts when it has seen enough, once, and the keyboard of a terminal on which keys
// are pressed then.
type screen struct {
	bytes.Buffer
	enough func(text string) bool
	act    func()
	keys   string

	once sync.Once
	seen chan struct{}
}

func newScreen(enough func(text string) bool, act func()) *screen {
	return &screen{enough: enough, act: act, seen: make(chan struct{})}
}

// Write implements io.Writer.
func (s *screen) Write(p []byte) (int, error) {
	n, err := s.Buffer.Write(p)
	if s.enough(s.String()) {
		s.once.Do(func() {
			close(s.seen)
			s.act()
		})
	}
	return n, err
}

// Read implements io.Reader.
func (s *screen) Read(p []byte) (int, error) {
	<-s.seen
	if s.keys == "" {
		select {} // nobody presses anything any more
	}
	n := copy(p, s.keys)
	s.keys = s.keys[n:]
	return n, nil
}

// has returns what sees enough when all of the parts were written.
func has(parts ...string) func(string) bool {
	return func(text string) bool {
		for _, p := range parts {
			if !strings.Contains(text, p) {
				return false
			}
		}
		return true
	}
}

// twoLines has seen enough after two lines.
func twoLines(text string) bool { return strings.Count(text, "\n") >= 2 }

func TestRefreshInAPipeIsALinePerRound(t *testing.T) {
	t.Parallel()
	for _, format := range []string{"--json", "--quiet"} {
		a, _, _ := machine(t, demo())
		ctx, interrupt := context.WithCancelCause(t.Context())
		out := newScreen(twoLines, func() { interrupt(errInterrupted) })
		a.out = out
		code := a.run(ctx, []string{"--neon", format, "--refresh", "1s"})
		lines := strings.Split(strings.TrimSpace(out.String()), "\n")
		if code != exitInterrupted || len(lines) < 2 {
			t.Fatalf("%s: exit %d, %d lines", format, code, len(lines))
		}
		for _, l := range lines {
			if !json.Valid([]byte(l)) {
				t.Errorf("%s: not a JSON document on one line: %.80s", format, l)
			}
		}
	}
}

// Interrupted in its first round, it prints what that had found, and the ledger says what is missing.
func TestRefreshInAPipeLosesNothingOfItsFirstRound(t *testing.T) {
	t.Parallel()
	a, out, _ := machine(t, demo("CLOUDTOP_DEMO_LATENCY", "5s"))
	ctx, interrupt := context.WithCancelCause(t.Context())
	time.AfterFunc(time.Second, func() { interrupt(errInterrupted) })
	if code := a.run(ctx, []string{"--neon", "--refresh", "1m"}); code != exitInterrupted {
		t.Errorf("exit %d", code)
	}
	var doc struct {
		Ledger []struct{ State, Reason string }
	}
	if err := json.Unmarshal(out.Bytes(), &doc); err != nil || len(doc.Ledger) == 0 {
		t.Fatalf("%d units, %v: %.200s", len(doc.Ledger), err, out)
	}
	if !slices.ContainsFunc(doc.Ledger, func(u struct{ State, Reason string }) bool { return u.State == "error" && u.Reason != "" }) {
		t.Errorf("nothing is said to be missing: %+v", doc.Ledger)
	}
}

func TestRefreshInAPipePrintsTheFormatThatIsAskedFor(t *testing.T) {
	t.Parallel()
	for format, want := range map[string]string{"--table": "PROVIDER", "--output=csv": "provider,account"} {
		a, _, _ := machine(t, demo())
		ctx, interrupt := context.WithCancelCause(t.Context())
		out := newScreen(has(want), func() { interrupt(errInterrupted) })
		a.out = out
		if code := a.run(ctx, []string{"--all", format, "--refresh", "1s"}); code != exitInterrupted {
			t.Errorf("%s: exit %d", format, code)
		}
	}
}

func TestRefreshInAPipeSaysWhatIsMissing(t *testing.T) {
	t.Parallel()
	for format, often := range map[string]int{"--table": 2, "--output=csv": 1, "--json": 1} {
		a, _, errOut := machine(t, demo("CLOUDTOP_DEMO_INCIDENTS", "1"))
		ctx, interrupt := context.WithCancelCause(t.Context())
		rounds := 0
		a.out = newScreen(func(string) bool { rounds++; return rounds == 2 }, func() { interrupt(errInterrupted) })
		if code := a.run(ctx, []string{"--vastai", format, "--refresh", "1s"}); code != exitInterrupted {
			t.Errorf("%s: exit %d", format, code)
		}
		if n := strings.Count(errOut.String(), "vastai: denied in service endpoints"); n != often {
			t.Errorf("%s: said %d times in two rounds, want %d:\n%s", format, n, often, errOut)
		}
	}
}

func TestRefreshInAPipeSaysOnceWhyItIsSlower(t *testing.T) {
	t.Parallel()
	a, _, errOut := machine(t, demo("CLOUDTOP_DEMO_LATENCY", "600ms"))
	ctx, interrupt := context.WithCancelCause(t.Context())
	a.out = newScreen(twoLines, func() { interrupt(errInterrupted) })
	if code := a.run(ctx, []string{"--neon", "--refresh", "1s"}); code != exitInterrupted {
		t.Errorf("exit %d", code)
	}
	if n := strings.Count(errOut.String(), "cloudtop: refreshing every "); n != 1 {
		t.Errorf("said %d times, want once:\n%s", n, errOut)
	}
}

// gone is a pipe without a reader.
type gone struct{ io.Writer }

func (gone) Write([]byte) (int, error) { return 0, errPipe }

func TestRefreshEndsWithItsReader(t *testing.T) {
	t.Parallel()
	a, _, errOut := machine(t, demo())
	a.out = gone{}
	if code := a.run(t.Context(), []string{"--neon", "--refresh", "1s"}); code != exitOK {
		t.Errorf("exit %d: %s", code, errOut)
	}
}

// watched runs a command on a terminal of 100 x 20.
func watched(t *testing.T, out *screen, env map[string]string, args ...string) (code int, errOut string) {
	t.Helper()
	a, _, stderr := machine(t, env)
	ctx, stop := context.WithTimeoutCause(t.Context(), time.Minute, errors.New("the screen did not end"))
	defer stop()
	a.in, a.out, a.outTTY, a.errTTY = out, out, true, true
	a.size = func() (int, int) { return 100, 20 }
	code = a.run(ctx, args)
	if err := context.Cause(ctx); err != nil {
		t.Errorf("%v; it shows:\n%s", err, out)
	}
	return code, stderr.String()
}

func TestTheScreenEndsAsItsKeysSay(t *testing.T) {
	t.Parallel()
	for keys, want := range map[string]int{"q": exitOK, "\x03": exitInterrupted} {
		out := newScreen(has("running", "next in"), func() {})
		out.keys = keys
		code, errOut := watched(t, out, demo(), "--all", "--refresh", "30s")
		if code != want {
			t.Errorf("%q: exit %d, want %d: %s", keys, code, want, errOut)
		}
		taken, after, _ := strings.Cut(out.String(), "\x1b[?1049l")
		if !strings.Contains(taken, "\x1b[?1049h") {
			t.Errorf("%q: the screen is not taken and given back", keys)
		}
		lines := strings.Count(after, "\n")
		if !strings.Contains(after, "PROVIDER") || !strings.Contains(after, "more rows") || lines > 20 {
			t.Errorf("%q: the last table is not left behind, in %d lines:\n%s", keys, lines, after)
		}
		if !strings.Contains(errOut, "units: ") {
			t.Errorf("%q: how complete it is is not said: %s", keys, errOut)
		}
	}
}

func TestTheScreenShowsRowsBeforeTheRoundIsOver(t *testing.T) {
	t.Parallel()
	out := newScreen(has("running", "units, "), func() {})
	out.keys = "q"
	if code, errOut := watched(t, out, demo("CLOUDTOP_DEMO_LATENCY", "200ms"), "--all", "--refresh", "30s"); code != exitOK {
		t.Errorf("exit %d: %s", code, errOut)
	}
}

func TestTheScreenCanPauseTheRounds(t *testing.T) {
	t.Parallel()
	out := newScreen(has("running", "next in"), func() {})
	out.keys = "p"
	a, _, _ := machine(t, demo())
	ctx, interrupt := context.WithCancelCause(t.Context())
	a.in, a.outTTY, a.errTTY = out, true, true
	a.out = writes(func(p []byte) (int, error) {
		if strings.Contains(string(p), "PAUSED") {
			interrupt(errInterrupted)
		}
		return out.Write(p)
	})
	if code := a.run(ctx, []string{"--neon", "--refresh", "30s"}); code != exitInterrupted {
		t.Errorf("exit %d", code)
	}
}

// writes is a writer that is a function.
type writes func(p []byte) (int, error)

func (w writes) Write(p []byte) (int, error) { return w(p) }

func TestTheScreenKeepsVerboseOut(t *testing.T) {
	t.Parallel()
	out := newScreen(has("never"), func() {})
	if code, errOut := watched(t, out, demo(), "--neon", "--refresh", "1s", "--verbose"); code != exitUsage || !strings.Contains(errOut, "2>FILE") {
		t.Errorf("exit %d: %s", code, errOut)
	}
}

func TestWhatIsMistypedEndsTheScreen(t *testing.T) {
	t.Parallel()
	for flag, want := range map[string]string{
		"--filter=statu=running": `unknown field "statu"`, "--account=nobody": `--account "nobody": no such account`,
	} {
		out := newScreen(has("never"), func() {})
		code, errOut := watched(t, out, demo(), "--neon", "--refresh", "30s", flag)
		if code != exitUsage || !strings.Contains(errOut, want) {
			t.Errorf("%s: exit %d: %s", flag, code, errOut)
		}
	}
}

func TestADumbTerminalGetsTableAfterTable(t *testing.T) {
	t.Parallel()
	a, _, _ := machine(t, demo("TERM", "dumb"))
	ctx, interrupt := context.WithCancelCause(t.Context())
	out := newScreen(func(text string) bool { return strings.Count(text, "PROVIDER") >= 2 }, func() { interrupt(errInterrupted) })
	a.out, a.outTTY = out, true
	if code := a.run(ctx, []string{"--runpod", "--neon", "--refresh", "1s"}); code != exitInterrupted {
		t.Errorf("exit %d", code)
	}
	if strings.Contains(out.String(), "\x1b") {
		t.Error("a dumb terminal is given orders")
	}
}

// A bug in the loop must not leave the terminal to the screen: it is given back before the program breaks down.
func TestTheTerminalIsGivenBackWhenTheLoopBreaks(t *testing.T) {
	t.Parallel()
	a, _, _ := machine(t, demo())
	out := newScreen(has("waiting for"), func() {})
	a.in, a.out, a.outTTY = out, out, true
	s := &session{app: a, options: &listOptions{refresh: time.Hour, configFile: config.Default()}, hub: hub.New()}
	r := newRounds(time.Hour, 0, func(context.Context) lap {
		<-out.seen
		panic("a bug")
	})
	defer func() {
		if got := fmt.Sprint(recover()); !strings.HasPrefix(got, "a bug\n\ngoroutine") {
			t.Errorf("got %q, want the bug and where it was", got)
		}
		if !strings.Contains(out.String(), "\x1b[?1049l") {
			t.Error("the screen is not given back")
		}
	}()
	_ = s.watch(t.Context(), r)
}
