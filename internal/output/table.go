package output

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"github.com/adsops/cloudtop/internal/hub"
	"github.com/adsops/cloudtop/internal/output/paint"
	"github.com/adsops/cloudtop/internal/view"
)

// writeTable writes aligned columns. No line is wider than the options allow; what is left out is named below.
func writeTable(w io.Writer, s *hub.Snapshot, o Options) error {
	t, err := o.table(s)
	if err != nil {
		return err
	}
	p := o.painter()
	g := &grid{Painter: p, table: &t, width: o.Width, w: w}
	if len(t.Rows) == 0 {
		g.note(Nothing(s, o.Kind, o.Total))
		return g.flush()
	}
	for _, row := range t.Rows {
		for i := range row {
			p.Clean(&row[i])
		}
	}
	g.layout = paint.Fit(t.Columns, g.natural(), o.Width)
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
	*paint.Painter
	table  *view.Table
	layout paint.Layout
	width  int
	w      io.Writer
	buf    []byte
	err    error
}

// natural returns how wide each column is when nothing is shortened.
func (g *grid) natural() []int {
	widths := make([]int, len(g.table.Columns))
	for i, c := range g.table.Columns {
		widths[i] = g.Width(c.Title)
	}
	for _, row := range g.table.Rows {
		for i := range row {
			widths[i] = max(widths[i], g.Width(row[i].Text))
		}
	}
	return widths
}

func (g *grid) header() {
	on := ""
	if g.Color {
		on = paint.Bold
	}
	for k, i := range g.layout.Cols {
		g.cell(k, g.Harmless(g.table.Columns[i].Title), on)
	}
	g.line()
}

func (g *grid) row(row []view.Cell) {
	for k, i := range g.layout.Cols {
		g.cell(k, row[i].Text, g.Code(row[i].Style))
	}
	g.line()
}

// cell appends the k-th column; the last one does not end in blanks.
func (g *grid) cell(k int, text, on string) {
	if k > 0 {
		g.buf = paint.Blanks(g.buf, paint.Gap)
	}
	g.buf = g.Append(g.buf, &paint.Cell{
		Column: &g.table.Columns[g.layout.Cols[k]], Text: text, Width: g.layout.Widths[k], On: on, Fill: k < len(g.layout.Cols)-1,
	})
}

// line ends a line, without blanks at its end.
func (g *grid) line() {
	g.buf = append(bytes.TrimRight(g.buf, " "), '\n')
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
	text = g.Harmless(text)
	if g.width > 0 {
		text, _ = g.Cut(text, g.width, false)
	}
	if on := g.Code(view.Dim); on != "" {
		text = on + text + paint.Reset
	}
	g.buf = append(g.buf, text...)
	g.line()
}

// hiddenNote names the columns for which there was no room.
func (g *grid) hiddenNote() {
	if len(g.layout.Hidden) == 0 {
		return
	}
	var names []string
	for _, i := range g.layout.Hidden {
		names = append(names, g.table.Columns[i].Title)
	}
	what := "column"
	if len(names) > 1 {
		what = "columns"
	}
	g.note(fmt.Sprintf("%d %s hidden for lack of room: %s", len(names), what, strings.Join(names, ", ")))
}
