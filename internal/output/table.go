package output

import (
	"fmt"
	"io"
	"strings"

	"github.com/adsops/cloudtop/internal/hub"
	"github.com/adsops/cloudtop/internal/view"
)

// writeTable writes aligned columns. No line is wider than the options allow; what is left out is named below.
func writeTable(w io.Writer, s *hub.Snapshot, o Options) error {
	t, err := o.table(s)
	if err != nil {
		return err
	}
	p := newPainter(&o)
	g := &grid{painter: p, table: &t, width: o.Width, w: w}
	if len(t.Rows) == 0 {
		g.note(nothing(s, &o))
		return g.flush()
	}
	for _, row := range t.Rows {
		for i := range row {
			p.clean(&row[i])
		}
	}
	g.layout = fit(&t, g.natural(), o.Width)
	g.header()
	for _, row := range t.Rows {
		g.row(row)
	}
	g.hiddenNote()
	if o.Reasons {
		for _, line := range reasons(&t, s) {
			g.note(line)
		}
	}
	return g.flush()
}

// grid is a table being written.
type grid struct {
	*painter
	table  *view.Table
	layout layout
	width  int
	w      io.Writer
	buf    []byte
	err    error
}

// natural returns how wide each column is when nothing is shortened.
func (g *grid) natural() []int {
	widths := make([]int, len(g.table.Columns))
	for i, c := range g.table.Columns {
		widths[i] = g.painter.width(c.Title)
	}
	for _, row := range g.table.Rows {
		for i := range row {
			widths[i] = max(widths[i], g.painter.width(row[i].Text))
		}
	}
	return widths
}

func (g *grid) header() {
	on := ""
	if g.color {
		on = bold
	}
	for k, i := range g.layout.cols {
		g.cell(k, g.harmless(g.table.Columns[i].Title), on)
	}
	g.line()
}

func (g *grid) row(row []view.Cell) {
	for k, i := range g.layout.cols {
		g.cell(k, row[i].Text, g.code(row[i].Style))
	}
	g.line()
}

// cell appends the k-th column: its text, cut to the width and padded, unless it ends the line.
func (g *grid) cell(k int, text, on string) {
	col, width := &g.table.Columns[g.layout.cols[k]], g.layout.widths[k]
	n := g.painter.width(text)
	if n > width {
		text, n = g.cut(text, width, col.Middle)
	}
	if k > 0 {
		g.pad(gap)
	}
	if col.Right {
		g.pad(width - n)
	}
	if on != "" {
		g.buf = append(append(append(g.buf, on...), text...), reset...)
	} else {
		g.buf = append(g.buf, text...)
	}
	if !col.Right && k < len(g.layout.cols)-1 {
		g.pad(width - n)
	}
}

func (g *grid) pad(n int) {
	for range n {
		g.buf = append(g.buf, ' ')
	}
}

func (g *grid) line() {
	g.buf = append(g.buf, '\n')
	if len(g.buf) >= room {
		g.write()
	}
}

func (g *grid) write() {
	if g.err == nil {
		_, g.err = g.w.Write(g.buf)
	}
	g.buf = g.buf[:0]
}

func (g *grid) flush() error {
	g.write()
	return g.err
}

// note appends a line that is not of the table.
func (g *grid) note(text string) {
	text = g.harmless(text)
	if g.width > 0 {
		text, _ = g.cut(text, g.width, false)
	}
	if on := g.code(view.Dim); on != "" {
		text = on + text + reset
	}
	g.buf = append(g.buf, text...)
	g.line()
}

// hiddenNote names the columns for which there was no room.
func (g *grid) hiddenNote() {
	if len(g.layout.hidden) == 0 {
		return
	}
	var names []string
	for _, i := range g.layout.hidden {
		names = append(names, g.table.Columns[i].Title)
	}
	what := "column"
	if len(names) > 1 {
		what = "columns"
	}
	g.note(fmt.Sprintf("%d %s hidden for lack of room: %s", len(names), what, strings.Join(names, ", ")))
}
