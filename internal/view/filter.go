package view

import (
	"cmp"
	"slices"
	"strings"

	"github.com/adsops/cloudtop/internal/hub"
	"github.com/adsops/cloudtop/pkg/glob"
)

// Filter keeps rows. The zero Filter keeps all.
type Filter struct {
	kind   Kind
	expr   string
	root   node
	loose  []looseField
	fields []Column // all that it names
}

// looseField is a name that may be a metric, an attribute or a tag, and may be a mistake.
type looseField struct {
	column Column
	token  token
}

// Match reports whether the filter keeps a row.
func (f *Filter) Match(r *Row) bool { return f.root == nil || f.root.match(r) }

// check finds names that nothing in a complete snapshot has: they are mistyped. In an incomplete snapshot, what has
// them may be what is missing.
func (f *Filter) check(s *hub.Snapshot) error {
	if len(f.loose) == 0 || !s.Done || len(s.Failures()) > 0 {
		return nil
	}
	rows := Rows(s, f.kind, s.At)
	for _, l := range f.loose {
		if len(rows) > 0 && !anyHas(rows, l.column) {
			err := unknownField(f.kind, "field", l.token.text)
			return &SyntaxError{"--filter", f.expr, l.token.at, err.Error()}
		}
	}
	return nil
}

func anyHas(rows []Row, c Column) bool {
	for i := range rows {
		if cell := c.value(&rows[i]); cell.Type != Absent {
			return true
		}
	}
	return false
}

// node is a part of a filter.
type node interface{ match(*Row) bool }

type (
	anyOf []node
	allOf []node
	not   struct{ node }
)

func (n anyOf) match(r *Row) bool {
	for _, part := range n {
		if part.match(r) {
			return true
		}
	}
	return false
}

func (n allOf) match(r *Row) bool {
	for _, part := range n {
		if !part.match(r) {
			return false
		}
	}
	return true
}

func (n not) match(r *Row) bool { return !n.node.match(r) }

// The operators.
const (
	equal    = "="
	unequal  = "!="
	contains = "~"
	without  = "!~"
)

// comparison is a field, an operator and a value.
type comparison struct {
	column  Column
	op      string
	text    string // in lower case
	num     float64
	numeric bool // num is the value as a number of the column's unit
	glob    bool // '*' in text stands for any characters
	none    bool // the value is none
}

// match holds where it does for what people see or, with an identifier beside it, for either; a denial where it does for
// both.
func (c *comparison) match(r *Row) bool {
	seen := c.holds(c.column.value(r))
	if c.column.ident == nil {
		return seen
	}
	if c.op == unequal || c.op == without {
		return seen && c.holds(c.column.Bare(r))
	}
	return seen || c.holds(c.column.Bare(r))
}

func (c *comparison) holds(cell Cell) bool {
	if c.none {
		return (cell.Type == Absent) == (c.op == equal)
	}
	if cell.Type == Absent {
		return false
	}
	switch c.op {
	case contains:
		return strings.Contains(strings.ToLower(cell.Text), c.text)
	case without:
		return !strings.Contains(strings.ToLower(cell.Text), c.text)
	case equal:
		return c.same(&cell)
	case unequal:
		return !c.same(&cell)
	}
	n, ok := c.order(&cell)
	switch {
	case !ok:
		return false
	case n == 0:
		return c.op == "<=" || c.op == ">="
	case n < 0:
		return c.op == "<" || c.op == "<="
	default:
		return c.op == ">" || c.op == ">="
	}
}

// same reports whether the cell equals the value.
func (c *comparison) same(cell *Cell) bool {
	switch {
	case cell.Type == Bool:
		v, ok := truth(c.text)
		return ok && v == (cell.Num == 1)
	case cell.Type != Text && c.numeric:
		return cell.Num == c.num
	case c.glob:
		return glob.Match(c.text, strings.ToLower(cell.Text))
	default:
		return strings.EqualFold(cell.Text, c.text)
	}
}

// order compares the cell with the value, if that makes sense. Texts that are numbers compare as numbers with one.
func (c *comparison) order(cell *Cell) (int, bool) {
	if cell.Type == Text {
		if v, _, ok := quantity(cell.Text); ok && c.numeric {
			return cmp.Compare(v, c.num), true
		}
		return strings.Compare(strings.ToLower(cell.Text), c.text), true
	}
	return cmp.Compare(cell.Num, c.num), c.numeric && cell.Type != Bool
}

// truth reads yes and no.
func truth(s string) (value, ok bool) {
	i := slices.Index(truths(), s)
	return i%2 == 0, i >= 0
}

// truths are the spellings of yes and no, in turn.
func truths() []string { return []string{"yes", "no", "true", "false", "on", "off", "1", "0"} }
