package view

import "slices"

// Survey finds out, row by row, which columns say something. It keeps no row.
type Survey struct {
	columns []Column
	rows    int
	says    []facts // of each column
}

// facts are what is known of a column after some rows.
type facts struct {
	filled  bool // it is not blank everywhere
	differs bool // it does not say the same everywhere
	first   string
	beside  int               // the column that stands for it where both say the same; -1 = none
	unlike  bool              // that one says something else in some row
	several bool              // one provider has several values
	firsts  map[string]string // the first value of each provider; only of columns that ask for Several
}

// NewSurvey returns a survey of columns that has seen no row.
func NewSurvey(columns []Column) *Survey {
	s := &Survey{columns: columns, says: make([]facts, len(columns))}
	for j := range columns {
		s.says[j].beside = slices.IndexFunc(columns, func(c Column) bool { return c.Name == columns[j].Beside })
		if columns[j].Auto && columns[j].Several {
			s.says[j].firsts = map[string]string{}
		}
	}
	return s
}

// Add takes note of a row: cells[j] is what the j-th column says of item.
func (s *Survey) Add(item *Row, cells []Cell) {
	for j := range cells {
		f, text := &s.says[j], cells[j].Text
		f.filled = f.filled || cells[j].Type != Absent
		if s.rows == 0 {
			f.first = text
		}
		f.differs = f.differs || text != f.first
		f.unlike = f.unlike || f.beside >= 0 && text != cells[f.beside].Text
		if f.firsts == nil || f.several {
			continue
		}
		if v, ok := f.firsts[item.provider()]; !ok {
			f.firsts[item.provider()] = text
		} else if v != text {
			f.several = true
		}
	}
	s.rows++
}

// Worth returns the columns to show, all but those that nobody asked for by name and that say nothing, and where they
// stood among the surveyed ones.
func (s *Survey) Worth() (columns []Column, at []int) {
	for j, c := range s.columns {
		f := &s.says[j]
		if c.Auto && s.rows > 0 && (!f.filled || c.Several && !f.several || f.beside >= 0 && !f.unlike) {
			continue
		}
		if c.Auto && c.Name == "provider" && !f.differs {
			c.Weight = 1
		}
		columns, at = append(columns, c), append(at, j)
	}
	return columns, at
}
