package tui

import (
	"bytes"
	"context"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/adsops/cloudtop/internal/hub"
)

// terminal is what the screen writes, and the keys that are pressed once it has shown something.
type terminal struct {
	bytes.Buffer
	until string
	seen  chan struct{}
	keys  io.Reader
}

func newTerminal(until, keys string) *terminal {
	return &terminal{until: until, seen: make(chan struct{}), keys: strings.NewReader(keys)}
}

// Write implements io.Writer.
func (t *terminal) Write(p []byte) (int, error) {
	n, err := t.Buffer.Write(p)
	select {
	case <-t.seen:
	default:
		if strings.Contains(t.String(), t.until) {
			close(t.seen)
		}
	}
	return n, err
}

// Read implements io.Reader.
func (t *terminal) Read(p []byte) (int, error) {
	<-t.seen
	return t.keys.Read(p)
}

// givenBack fails unless the screen was taken and the terminal is as it was.
func (t *terminal) givenBack(tb testing.TB) {
	tb.Helper()
	taken, given := strings.Index(t.String(), "\x1b[?1049h"), strings.LastIndex(t.String(), "\x1b[?1049l")
	if taken < 0 || given < taken || strings.LastIndex(t.String(), "\x1b[?25h") < strings.LastIndex(t.String(), "\x1b[?25l") {
		tb.Errorf("the screen is not taken and given back, or the cursor stays hidden: %q", t.String())
	}
}

func options(term *terminal) Options {
	h := hub.New()
	h.Publish(letters("abc"))
	return Options{
		Hub: h, Now: time.Now, Width: 80, Height: 24, Unicode: true, Color: true, In: term, Out: term,
		Rounds: Rounds{State: func() Round { return Round{} }, Pause: func() {}, Refresh: func() {}},
	}
}

func TestRunEndsAsTheKeysSay(t *testing.T) {
	t.Parallel()
	for keys, want := range map[string]bool{"jjq": false, "\x03": true} {
		term := newTerminal("server-c", keys)
		interrupted, err := Run(t.Context(), options(term))
		if err != nil || interrupted != want {
			t.Errorf("%q: got %v, %v, want %v", keys, interrupted, err, want)
		}
		term.givenBack(t)
	}
}

func TestRunEndsWithItsContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	term := newTerminal("server-c", "")
	o := options(term)
	o.In = nil
	go func() {
		<-term.seen
		cancel()
	}()
	if interrupted, err := Run(ctx, o); interrupted || err != nil {
		t.Errorf("got %v, %v", interrupted, err)
	}
	term.givenBack(t)
}

// broken is a terminal that went away.
type broken struct{ *terminal }

func (b broken) Read([]byte) (int, error) {
	<-b.seen
	return 0, io.ErrUnexpectedEOF
}

func TestRunEndsWhenTheTerminalIsGone(t *testing.T) {
	t.Parallel()
	term := newTerminal("server-c", "")
	o := options(term)
	o.In = broken{term}
	if _, err := Run(t.Context(), o); err == nil || !strings.Contains(err.Error(), "screen: ") {
		t.Errorf("got %v, want the terminal's error", err)
	}
	term.givenBack(t)
}

func TestRunGivesTheTerminalBackAfterAPanic(t *testing.T) {
	t.Parallel()
	term := newTerminal("server-c", "p")
	o := options(term)
	o.Rounds.Pause = func() { panic("a bug") }
	if _, err := Run(t.Context(), o); err == nil || !strings.Contains(err.Error(), "broke down") {
		t.Errorf("got %v", err)
	}
	term.givenBack(t)
}
