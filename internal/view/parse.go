package view

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/adsops/cloudtop/pkg/nearest"
)

// nesting is how deep parentheses and nots may go.
const nesting = 100

// ParseFilter reads --filter: comparisons joined by and, or, not and parentheses.
//
//	status=running and cpu>80
//	region~us- and not (tags.env=prod or name="my db")
//	gpu.type~h100 and price<2.5
//	cpu!=none
//
// A field is a column's name, a metric, an attribute (attrs.NAME), a tag (tags.KEY); a bare name that is none of these
// is looked for among metrics, attributes and tags, unless it is plainly a known name mistyped. Operators: = != < <= > >= and ~ !~ (contains, case aside). Values
// are texts ('*' stands for any characters unless quoted), numbers with or without their unit, dates, yes and no.
// What is absent compares as false with everything, also with !=; only =none and !=none ask for it.
func ParseFilter(kind Kind, expr string) (Filter, error) {
	if strings.TrimSpace(expr) == "" {
		return Filter{}, nil
	}
	tokens, err := lex(expr)
	if err != nil {
		return Filter{}, err
	}
	p := &parser{kind: kind, expr: expr, tokens: tokens}
	root, err := p.anyOf()
	if err == nil && p.peek().lexeme != theEnd {
		err = p.expected("and, or, or the end")
	}
	if err != nil {
		return Filter{}, err
	}
	return Filter{kind: kind, expr: expr, root: root, loose: p.loose, fields: p.fields}, nil
}

// parser reads tokens; its methods are named after what they read.
type parser struct {
	kind   Kind
	expr   string
	tokens []token
	depth  int
	loose  []looseField
	fields []Column
}

func (p *parser) peek() token { return p.tokens[0] }

func (p *parser) take() token {
	t := p.tokens[0]
	if t.lexeme != theEnd {
		p.tokens = p.tokens[1:]
	}
	return t
}

// skip takes the next token if it is that word.
func (p *parser) skip(name string) bool {
	if !p.peek().is(name) {
		return false
	}
	p.take()
	return true
}

func (p *parser) fail(t token, detail string) error {
	return &SyntaxError{"--filter", p.expr, t.at, detail}
}

func (p *parser) expected(what string) error {
	return p.fail(p.peek(), fmt.Sprintf("expected %s, found %s", what, p.peek()))
}

func (p *parser) anyOf() (node, error) {
	var parts anyOf
	for {
		n, err := p.allOf()
		if err != nil {
			return nil, err
		}
		parts = append(parts, n)
		if !p.skip("or") {
			return parts, nil
		}
	}
}

func (p *parser) allOf() (node, error) {
	var parts allOf
	for {
		n, err := p.term()
		if err != nil {
			return nil, err
		}
		parts = append(parts, n)
		if !p.skip("and") {
			return parts, nil
		}
	}
}

func (p *parser) term() (node, error) {
	p.depth++
	defer func() { p.depth-- }()
	if p.depth > nesting {
		return nil, p.fail(p.peek(), fmt.Sprintf("more than %d levels of parentheses", nesting))
	}
	if p.skip("not") {
		n, err := p.term()
		return not{n}, err
	}
	if p.peek().lexeme != opening {
		return p.comparison()
	}
	p.take()
	n, err := p.anyOf()
	if err != nil {
		return nil, err
	}
	if p.peek().lexeme != closing {
		return nil, p.expected(`and, or, or ")"`)
	}
	p.take()
	return n, nil
}

func (p *parser) comparison() (node, error) {
	name := p.peek()
	if name.lexeme != word && name.lexeme != quoted || name.is("and") || name.is("or") {
		return nil, p.expected("a field")
	}
	column, err := p.field(p.take())
	if err != nil {
		return nil, err
	}
	p.fields = append(p.fields, column)
	if p.peek().lexeme != operator {
		return nil, p.expected(fmt.Sprintf("= != < <= > >= ~ or !~ after %s", name))
	}
	op := p.take()
	value := p.peek()
	if value.lexeme != word && value.lexeme != quoted || value.is("and") || value.is("or") || value.is("not") {
		return nil, p.expected(fmt.Sprintf("a value after %s", op))
	}
	c, err := newComparison(column, op.text, value)
	if err != nil {
		return nil, p.fail(value, err.Error())
	}
	p.take()
	return c, nil
}

// field returns the column that a name means.
func (p *parser) field(t token) (Column, error) {
	if c, ok := Lookup(p.kind, t.text); ok {
		return c, nil
	}
	if p.kind != Resources && p.kind != Offers || strings.HasSuffix(t.text, ".") || t.text == "" || p.kind == Offers && neverOfOffers(t.text) {
		return Column{}, p.fail(t, unknownField(p.kind, "field", t.text).Error())
	}
	if near := slip(p.kind, t.text); near != "" {
		return Column{}, p.fail(t, fmt.Sprintf("unknown field %q (did you mean %q?); where you mean another of that name, write %s", t.text, near, inFull(p.kind, t.text)))
	}
	c := looseColumn(t.text, t.text, anything)
	p.loose = append(p.loose, looseField{c, t})
	return c, nil
}

// newComparison binds a value to a column: numbers must be numbers of its unit.
func newComparison(column Column, op string, value token) (*comparison, error) {
	c := &comparison{column: column, op: plain(op), text: strings.ToLower(value.text)}
	if value.is("none") || value.is("null") {
		c.none = true
		if c.op != equal && c.op != unequal {
			return nil, errors.New("only = and != can ask for none")
		}
		return c, nil
	}
	c.glob = value.lexeme == word && strings.Contains(value.text, "*")
	v, unit, ok := quantity(value.text)
	if ok {
		c.num, c.numeric = column.Unit.in(v, unit)
		if column.Unit == NoUnit && !column.Right {
			c.num, c.numeric = v, true
		}
	}
	if (c.op == equal || c.op == unequal) && !c.glob && len(column.words) > 0 && !slices.Contains(column.words, c.text) {
		return nil, fmt.Errorf("expected one of %s, found %s%s", strings.Join(column.words, ", "), value, nearest.Hint(c.text, column.words))
	}
	if needs := column.Unit != NoUnit || column.Right; needs && !c.numeric && c.op != contains && c.op != without {
		return nil, fmt.Errorf("expected %s, found %s", column.Unit, value)
	}
	return c, nil
}

// plain returns the one spelling of an operator.
func plain(op string) string {
	switch op {
	case "==":
		return equal
	case "=~":
		return contains
	default:
		return op
	}
}
