// Package tui is the live screen of --refresh: a table that is redrawn in place while rounds of collection go on. It
// only renders the snapshots of a hub; the loop that collects is told what the keys ask for, and asked how it goes.
package tui

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/term"

	"github.com/adsops/cloudtop/internal/hub"
	"github.com/adsops/cloudtop/internal/view"
)

// Options are the screen's surroundings.
type Options struct {
	Hub     *hub.Hub
	Rounds  Rounds
	Query   view.Query       // what of a snapshot is shown; its Sort is the first order
	Choice  view.Choice      // which columns
	Now     func() time.Time // what ages are counted to; it may be simulated
	Color   bool
	Unicode bool
	In      io.Reader // where keys come from; nil = there are none
	Out     io.Writer
	Width   int // of the window, where Out is no terminal that could be asked
	Height  int
}

// Rounds is the loop that collects. Its functions do not block.
type Rounds struct {
	State   func() Round // how it goes
	Pause   func()       // begin no round by itself, or go on
	Refresh func()       // begin a round now
}

// Round is how the loop that collects goes.
type Round struct {
	Running               bool
	Started               time.Time // of the round under way, or of the last
	Planned, Done, Failed int       // units of the round under way
	Next                  time.Time // when the next round begins; zero while one runs or the loop is paused
	Asked                 time.Duration
	Every                 time.Duration // the interval in force
	Why                   string        // why that is longer than what was asked for
	Paused                bool
}

// Run shows the screen until it is quit or ctx ends, and gives the terminal back as it was. It reports whether the keys
// interrupted it (Ctrl-C) rather than quit. It fails where a filter names a field that nothing has, or the terminal
// does.
func Run(ctx context.Context, o Options) (interrupted bool, err error) {
	m := newModel(ctx, &o)
	in := keyboard(o.In)
	defer in.close()
	profile := colorprofile.ASCII
	if o.Color {
		profile = colorprofile.ANSI
	}
	p := tea.NewProgram(m, tea.WithContext(ctx), tea.WithInput(in.Reader), tea.WithOutput(o.Out), tea.WithoutSignalHandler(),
		tea.WithColorProfile(profile), tea.WithWindowSize(o.Width, o.Height))
	_, err = p.Run()
	switch {
	case errors.Is(err, tea.ErrProgramPanic):
		return false, errors.New("the screen broke down; the terminal is as it was")
	case ctx.Err() != nil:
		return false, nil
	case err != nil:
		return false, fmt.Errorf("screen: %w", err)
	}
	return m.interrupted, m.err
}

// input is where keys come from.
type input struct {
	io.Reader
	opened *os.File // by us; may be nil
}

// keyboard returns the terminal's keyboard where in is a file that is none: keys do not come from a pipe.
func keyboard(in io.Reader) input {
	f, ok := in.(*os.File)
	if !ok || term.IsTerminal(f.Fd()) {
		return input{Reader: in}
	}
	tty, _, err := tea.OpenTTY()
	if err != nil {
		return input{}
	}
	return input{Reader: tty, opened: tty}
}

func (i *input) close() {
	if i.opened != nil {
		_ = i.opened.Close()
	}
}
