package output

import (
	"io"

	"github.com/adsops/cloudtop/internal/output/paint"
	"github.com/adsops/cloudtop/internal/view"
)

// Sheet is a table of texts that are no rows of a snapshot. It is laid out as tables are: what is too wide for the
// terminal is shortened or left out, and named below. Blank cells stay blank, and a column without any text is left out.
type Sheet struct {
	Columns []view.Column // of which Title, Right, Free and Weight count; without titles there is no heading
	Rows    [][]string
}

// Add adds a row.
func (s *Sheet) Add(cells ...string) { s.Rows = append(s.Rows, cells) }

// Write writes the sheet as wide as the options allow.
func (s *Sheet) Write(w io.Writer, o Options) error {
	p := o.painter()
	t := view.Table{Rows: make([][]view.Cell, len(s.Rows))}
	titled := false
	for j, c := range s.Columns {
		if len(s.Rows) > 0 && !s.says(j) {
			continue
		}
		t.Columns = append(t.Columns, c)
		titled = titled || c.Title != ""
		for i, row := range s.Rows {
			cell := view.Cell{Type: view.Text, Text: row[j]}
			p.Clean(&cell)
			t.Rows[i] = append(t.Rows[i], cell)
		}
	}
	g := &grid{Painter: p, table: &t, width: o.Width, w: w}
	g.layout = paint.Fit(t.Columns, g.natural(), o.Width)
	if titled {
		g.header()
	}
	for _, row := range t.Rows {
		g.row(row)
	}
	if titled {
		g.hiddenNote()
	}
	return g.flush()
}

// says reports whether any row has a text in the j-th column.
func (s *Sheet) says(j int) bool {
	for _, row := range s.Rows {
		if row[j] != "" {
			return true
		}
	}
	return false
}
