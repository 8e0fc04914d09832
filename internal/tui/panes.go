package tui

import (
	"bytes"
	"strings"

	"github.com/adsops/cloudtop/internal/output"
	"github.com/adsops/cloudtop/internal/output/paint"
	"github.com/adsops/cloudtop/internal/view"
)

// fill makes the lines of the pane that is open, anew whenever the picture or the window changes.
func (m *model) fill() {
	w := &writer{painter: m.painter, width: m.width}
	switch {
	case m.pane == help:
		w.help()
	case m.pane == table || m.picture == nil:
	case m.pane == ledger:
		w.ledger(m)
	default:
		w.details(m)
	}
	m.lines = w.lines
}

// writer writes the lines of a pane: none is wider than the window.
type writer struct {
	painter *paint.Painter
	width   int
	lines   []string
}

// text adds a text in the colour that on switches on, broken at the window's width, with indent before each line.
func (w *writer) text(indent int, text, on string) {
	indent = min(indent, w.width/3)
	lead := strings.Repeat(" ", indent)
	text = w.painter.Harmless(text)
	for done := false; !done; done = text == "" {
		var line string
		line, text = w.painter.Break(text, max(w.width-indent, 1))
		if on != "" && line != "" {
			line = on + line + paint.Reset
		}
		w.lines = append(w.lines, lead+line)
	}
}

// heading begins a section.
func (w *writer) heading(text string) {
	if len(w.lines) > 0 {
		w.lines = append(w.lines, "")
	}
	w.text(1, text, paint.Bold)
}

// names is how many columns the names of values take.
const names = 24

// value adds a name and its value; what follows a break stands below the value.
func (w *writer) value(name, value, on string) {
	indent := min(names, w.width/3)
	name, n := w.painter.Cut("  "+w.painter.Harmless(name), max(indent-1, 0), false)
	first := len(w.lines)
	w.text(indent, value, on)
	w.lines[first] = paint.Faint + name + paint.Reset + w.lines[first][n:]
}

// help tells what keys do and what the signs mean.
func (w *writer) help() {
	w.heading("Keys")
	for _, k := range Keys() {
		w.value(k.Shown, k.Help, "")
	}
	w.heading("Signs")
	for _, s := range []struct {
		change change
		means  string
	}{
		{appeared, "the row is new since the last round"},
		{vanished, "it is no longer there; it goes with the next round"},
		{aging, "its provider did not answer, or it came from the cache: READ says how old it is"},
		{rose, "the value has risen since the last round; above a column: sorted by it, rising"},
		{fell, "the value has fallen; above a column: sorted by it, falling"},
		{other, "the value has changed"},
	} {
		w.value(s.change.sign(w.painter.Unicode), s.means, "")
	}
	w.value("-", "unknown, never zero; enter says why", "")
}

// ledger tells what failed, what to do about it, and every unit of work.
func (w *writer) ledger(m *model) {
	p := m.picture
	w.heading("What could not be read")
	for _, f := range p.failures {
		w.text(2, f.Text, m.painter.Code(f.Style))
		if f.Hint != "" {
			w.text(4, "hint: "+f.Hint, "")
		}
	}
	if len(p.failures) == 0 {
		w.text(2, "nothing: everything that was asked for was read", "")
	}
	w.heading("Ledger")
	var b bytes.Buffer
	err := output.Write(&b, p.snap, output.Options{
		Kind: view.Units, Width: w.width, Color: m.opts.Color, Unicode: m.opts.Unicode, Now: p.now,
	})
	if err != nil {
		w.text(2, err.Error(), "")
		return
	}
	w.lines = append(w.lines, strings.Split(strings.TrimRight(b.String(), "\n"), "\n")...)
}
