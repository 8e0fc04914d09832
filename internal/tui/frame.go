package tui

import (
	"bytes"
	"fmt"

	tea "charm.land/bubbletea/v2"

	"github.com/adsops/cloudtop/internal/output"
	"github.com/adsops/cloudtop/internal/output/paint"
	"github.com/adsops/cloudtop/internal/view"
)

// areas says how the lines of the window are shared out.
type areas struct {
	title, counts, notice, prompt, heading, keys bool
	rows                                         int // of the table, or lines of another pane
	failures                                     int
}

// areas shares the window out: the smaller it is, the less surrounds the table.
func (m *model) areas() areas {
	var a areas
	left := m.height
	grant := func(wanted bool, rows int) bool {
		if !wanted || left-1 < rows {
			return false
		}
		left--
		return true
	}
	a.prompt = grant(m.typing || m.settings.search != "", 1)
	a.title = grant(true, 1)
	a.heading = grant(m.pane == table, 1)
	a.keys = grant(true, 2)
	a.counts = grant(true, 3)
	a.notice = grant(m.news() != "", 3)
	if m.picture != nil && m.pane == table {
		for range min(len(m.picture.failures), mostFailures) {
			if grant(true, 6) {
				a.failures++
			}
		}
	}
	a.rows = max(left, 0)
	return a
}

// mostFailures is how many failures are told below the table.
const mostFailures = 3

// frame is a screen being drawn.
type frame struct {
	*model
	areas
	buf []byte
}

// View draws the screen. What it costs depends on the window, not on the number of rows.
func (m *model) View() tea.View {
	v := tea.NewView("")
	v.AltScreen = true
	if m.width < 1 || m.height < 1 {
		return v
	}
	f := &frame{model: m, areas: m.areas(), buf: make([]byte, 0, 16<<10)}
	f.head()
	switch {
	case m.pane != table:
		f.pages()
	case m.picture == nil || len(m.picture.rows) == 0:
		f.empty()
	default:
		f.table()
	}
	f.foot()
	v.SetContent(string(bytes.TrimSuffix(f.buf, []byte("\n"))))
	if m.typing && f.prompt {
		v.Cursor = tea.NewCursor(f.promptCursor())
	}
	return v
}

// part is a piece of a line.
type part struct{ text, on string }

// line appends a line of the left parts and, at the window's right border, those of the right, as far as they fit.
func (f *frame) line(left, right []part) {
	room := f.width
	for _, p := range right {
		room -= f.painter.Width(p.text)
	}
	if room < f.width/3 { // what is on the right would crowd out the left
		room, right = f.width, nil
	}
	for _, p := range left {
		room = f.part(p, room)
	}
	if len(right) > 0 {
		f.buf = paint.Blanks(f.buf, room)
		for _, p := range right {
			f.part(p, f.width)
		}
	}
	f.end()
}

// part appends a part within room, and returns what is left of that.
func (f *frame) part(p part, room int) int {
	text, n := f.painter.Cut(p.text, room, false)
	if text == "" {
		return room
	}
	if p.on == "" {
		f.buf = append(f.buf, text...)
	} else {
		f.buf = append(append(append(f.buf, p.on...), text...), paint.Reset...)
	}
	return room - n
}

func (f *frame) end() { f.buf = append(f.buf, '\n') }

// plain appends a line of one text.
func (f *frame) plain(text, on string) { f.line([]part{{text, on}}, nil) }

// pages draws the lines of a pane that is not the table.
func (f *frame) pages() {
	for i := f.scroll; i < f.scroll+f.rows; i++ {
		if i < len(f.lines) {
			f.buf = append(f.buf, f.lines[i]...)
		}
		f.end()
	}
}

// empty draws why there are no rows.
func (f *frame) empty() {
	if f.heading {
		f.end()
	}
	why := "waiting for the first answer"
	if f.picture != nil {
		why = output.Nothing(f.picture.snap, f.opts.Query.Kind, f.picture.total)
		if n := len(f.picture.all.rows); n > 0 {
			why = fmt.Sprintf("none of %s is what the filter asks for", paint.Plural(n, "row"))
		}
	}
	for i := range f.rows {
		if i == (f.rows-1)/2 {
			f.plain("  "+why, paint.Faint)
		} else {
			f.end()
		}
	}
}

// gutter is how many columns stand before the first one of the table: the selection, the row's change and the blank
// for that of a cell.
const gutter = 3

// table draws the rows in the window.
func (f *frame) table() {
	p := f.picture
	if f.width <= gutter {
		return // there is no room for a single letter
	}
	layout := paint.Fit(p.columns, p.natural, max(f.width-gutter, 1))
	if f.heading {
		f.headings(&layout)
	}
	for i := f.cursor.top; i < f.cursor.top+f.rows; i++ {
		if i < len(p.rows) {
			f.row(&p.rows[i], &layout, i == f.cursor.at)
		}
		f.end()
	}
}

// headings draws the titles of the columns. The one that is sorted by says in which direction.
func (f *frame) headings(l *paint.Layout) {
	f.buf = append(f.buf, "  "...)
	for k, i := range l.Cols {
		c := &f.picture.columns[i]
		f.cell(l, k, &paint.Cell{Column: c, Mark: f.sorted(c).sign(f.opts.Unicode), Text: c.Title, On: paint.Bold})
	}
	f.end()
}

// sorted returns whether the rows rise or fall in a column.
func (f *frame) sorted(c *view.Column) change {
	switch f.picture.settings.order {
	case c.Name:
		return rose
	case "-" + c.Name:
		return fell
	}
	return same
}

// row draws a row. What is selected is reversed and has a sign; so nothing is told by colour alone.
func (f *frame) row(r *view.Row, l *paint.Layout, selected bool) {
	p := f.picture
	what, old := p.changeOf(r)
	lead, on := " ", ""
	switch {
	case selected:
		lead, on = f.pick(), paint.Reverse
	case what == vanished:
		on = paint.Faint
	}
	f.buf = append(append(append(f.buf, on...), lead...), what.sign(f.opts.Unicode)...)
	for k, i := range l.Cols {
		c := &p.columns[i]
		cell := p.cell(r, c)
		changed := p.changed(c, &cell, old)
		f.painter.Clean(&cell)
		drawn := &paint.Cell{Column: c, Mark: changed.sign(f.opts.Unicode), Text: cell.Text}
		if on == "" {
			drawn.On = f.painter.Code(cell.Style)
			if changed != same {
				drawn.On += paint.Bold
			}
		}
		f.cell(l, k, drawn)
	}
	if selected {
		f.buf = paint.Blanks(f.buf, f.width-f.tableWidth(l))
	}
	if on != "" {
		f.buf = append(f.buf, paint.Reset...)
	}
}

// cell draws the k-th column of a line.
func (f *frame) cell(l *paint.Layout, k int, c *paint.Cell) {
	if k > 0 {
		f.buf = paint.Blanks(f.buf, paint.Gap-1) // the mark is the rest of the gap
	}
	c.Width, c.Fill = l.Widths[k], true
	f.buf = f.painter.Append(f.buf, c)
}

// tableWidth is how many columns of the window the table takes.
func (f *frame) tableWidth(l *paint.Layout) int {
	n := gutter + paint.Gap*(len(l.Cols)-1)
	for _, w := range l.Widths {
		n += w
	}
	return n
}

// pick is the sign of the selected row.
func (f *frame) pick() string {
	if f.opts.Unicode {
		return "▌"
	}
	return ">"
}
