package azuresim

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
)

// The part of Kusto that clients of Resource Graph send: tables, where, project, project-away, extend, order by, take,
// top, count, distinct, summarize, mv-expand, and union and join with one more table (learn.microsoft.com:
// resource-graph/concepts/query-language, resource-graph/samples/starter).

// longest is how many operators a query may have.
const longest = 12

// widest is how many times a query may join or expand.
const widest = 3

// stage is one operator of a query.
type stage struct {
	op    string
	exprs []named  // of where (one), project, extend, order by, top; what summarize groups by; what mv-expand expands
	aggs  []named  // of summarize
	names []string // of project-away, and of join: the columns that both tables have alike
	n     int      // of take and top
	right *query   // of union and join
	outer bool     // of join: rows without a partner stay
}

type named struct {
	name string
	expr expr
	desc bool // of order by
}

type query struct {
	table  string
	stages []stage
}

// expr is an expression: a *path, a literal, or a *call. Operators are calls.
type expr any

type literal struct{ value any }

type path struct {
	root  string
	steps []any // string or int
}

type call struct {
	fn   string
	args []expr
}

// syntaxError is what is wrong with a query, at a token.
type syntaxError struct {
	at    int
	token string
}

func (e *syntaxError) Error() string { return fmt.Sprintf("syntax error at %q (%d)", e.token, e.at) }

// parser reads tokens. The first error ends it by panic, which parsing recovers.
type parser struct {
	tokens []token
	at     int
	depth  int
	wide   int // operators so far that multiply rows
}

type token struct {
	kind rune // i identifier, s string, n number, o operator, 0 the end
	text string
	pos  int
}

// parse reads a query.
func parse(text string) (q *query, err error) {
	err = parsing(scan(text), func(p *parser) { q = p.query() })
	return q, err
}

// parsing lets read take all the tokens.
func parsing(tokens []token, read func(*parser)) (err error) {
	p := &parser{tokens: tokens}
	defer func() {
		switch e := recover().(type) {
		case nil:
		case *syntaxError:
			err = e
		default:
			panic(e)
		}
	}()
	read(p)
	if p.peek().kind != 0 {
		p.fail()
	}
	return nil
}

func scan(text string) []token {
	var out []token
	rest := []rune(text)
	for i := 0; i < len(rest); {
		c := rest[i]
		start := i
		switch {
		case unicode.IsSpace(c):
			i++
			continue
		case c == '/' && i+1 < len(rest) && rest[i+1] == '/': // a comment
			for i < len(rest) && rest[i] != '\n' {
				i++
			}
			continue
		case unicode.IsLetter(c) || c == '_':
			for i < len(rest) && (unicode.IsLetter(rest[i]) || unicode.IsDigit(rest[i]) || rest[i] == '_') {
				i++
			}
			out = append(out, token{'i', string(rest[start:i]), start})
		case unicode.IsDigit(c):
			for i < len(rest) && (unicode.IsDigit(rest[i]) || rest[i] == '.') {
				i++
			}
			out = append(out, token{'n', string(rest[start:i]), start})
		case c == '\'' || c == '"':
			var s string
			s, i = scanString(rest, i)
			out = append(out, token{'s', s, start})
		default:
			i++
			if i < len(rest) && strings.ContainsRune("=~", rest[i]) && strings.ContainsRune("=!<>", c) {
				i++
			}
			out = append(out, token{'o', string(rest[start:i]), start})
		}
	}
	return append(out, token{0, "<EOF>", len(rest)})
}

// scanString reads a quoted string from i; one that does not end is an operator, which nothing accepts.
func scanString(rest []rune, i int) (string, int) {
	quote := rest[i]
	var b strings.Builder
	for i++; i < len(rest) && rest[i] != quote; i++ {
		if rest[i] == '\\' && i+1 < len(rest) {
			i++
		}
		b.WriteRune(rest[i])
	}
	return b.String(), i + 1
}

func (p *parser) peek() token { return p.tokens[p.at] }

func (p *parser) fail() {
	t := p.peek()
	panic(&syntaxError{t.pos, t.text})
}

func (p *parser) next() token {
	t := p.peek()
	if t.kind != 0 {
		p.at++
	}
	return t
}

// is reports whether the next token is one of words, and takes it.
func (p *parser) is(words ...string) bool {
	t := p.peek()
	for _, w := range words {
		if t.kind != 's' && t.text == w {
			p.next()
			return true
		}
	}
	return false
}

func (p *parser) want(word string) {
	if !p.is(word) {
		p.fail()
	}
}

func (p *parser) ident() string {
	if p.peek().kind != 'i' {
		p.fail()
	}
	return p.next().text
}

func (p *parser) query() *query {
	if p.depth++; p.depth > deepest {
		p.fail()
	}
	defer func() { p.depth-- }()
	q := &query{table: p.ident()}
	for p.is("|") {
		if len(q.stages) == longest {
			p.fail()
		}
		q.stages = append(q.stages, p.stage())
	}
	return q
}

func (p *parser) stage() stage {
	switch op := p.operator(); op {
	case "where":
		return stage{op: op, exprs: []named{{expr: p.expr()}}}
	case "project", "extend", "distinct":
		return stage{op: op, exprs: p.columns()}
	case "project-away":
		return stage{op: op, names: p.idents()}
	case "order", "sort":
		p.want("by")
		return stage{op: "order", exprs: p.order()}
	case "take", "limit":
		return stage{op: "take", n: p.count()}
	case "top":
		n := p.count()
		p.want("by")
		return stage{op: op, n: n, exprs: p.order()}
	case "mv-expand", "mvexpand":
		p.widen()
		return stage{op: "mv-expand", exprs: p.columns()}
	case "count":
		return stage{op: "count"}
	case "summarize":
		return p.summarize()
	case "union":
		_, right := p.other()
		return stage{op: op, right: right}
	case "join":
		p.widen()
		kind, right := p.other()
		p.want("on")
		return stage{op: op, right: right, outer: kind == "leftouter", names: p.idents()}
	}
	p.at--
	p.fail()
	return stage{}
}

// widen counts an operator that multiplies rows, of which a query may have few.
func (p *parser) widen() {
	if p.wide++; p.wide > widest {
		p.fail()
	}
}

// operator reads a tabular operator's name, which may have a hyphen.
func (p *parser) operator() string {
	op := p.ident()
	if op == "project" && p.is("-") || op == "mv" && p.is("-") {
		op += "-" + p.ident()
	}
	return op
}

// other reads the second table of a union or join: `kind=leftouter (Table | ...)`.
func (p *parser) other() (kind string, right *query) {
	if p.is("kind") {
		p.want("=")
		kind = p.ident()
	}
	p.want("(")
	right = p.query()
	p.want(")")
	return kind, right
}

// count reads a whole number.
func (p *parser) count() int {
	n, err := strconv.Atoi(p.peek().text)
	if err != nil || n < 0 {
		p.fail()
	}
	p.next()
	return n
}

func (p *parser) idents() []string {
	all := []string{p.ident()}
	for p.is(",") {
		all = append(all, p.ident())
	}
	return all
}

// summarize reads `n=count(), sum(a) by b, c`.
func (p *parser) summarize() stage {
	s := stage{op: "summarize"}
	if p.peek().text != "by" {
		s.aggs = p.columns()
	}
	for i := range s.aggs {
		a := &s.aggs[i]
		c, ok := a.expr.(*call)
		if !ok || !aggregates(c.fn) {
			p.fail()
		}
		if a.name == nameOf(c, i) { // none was given
			a.name = c.fn + "_"
			if len(c.args) > 0 && c.fn != "countif" {
				a.name += nameOf(c.args[0], i)
			}
		}
	}
	if p.is("by") {
		s.exprs = p.columns()
	}
	if len(s.aggs)+len(s.exprs) == 0 {
		p.fail()
	}
	return s
}

// columns reads `a, b=expr, c.d`. An expression without a name is named after its parts.
func (p *parser) columns() []named {
	var out []named
	for {
		var n named
		if t := p.peek(); t.kind == 'i' && p.tokens[p.at+1].text == "=" {
			n.name = p.next().text
			p.next()
		}
		n.expr = p.expr()
		if n.name == "" {
			n.name = nameOf(n.expr, len(out))
		}
		out = append(out, n)
		if !p.is(",") {
			return out
		}
	}
}

// nameOf is the name that Kusto gives a column: properties.a.b is properties_a_b.
func nameOf(e expr, i int) string {
	switch e := e.(type) {
	case *path:
		parts := []string{e.root}
		for _, s := range e.steps {
			parts = append(parts, fmt.Sprint(s))
		}
		return strings.Join(parts, "_")
	case *call:
		if len(e.args) == 1 {
			return nameOf(e.args[0], i)
		}
	}
	return fmt.Sprintf("Column%d", i+1)
}

func (p *parser) order() []named {
	var out []named
	for {
		n := named{expr: p.expr(), desc: true} // Kusto's default
		switch {
		case p.is("asc"):
			n.desc = false
		case p.is("desc"):
		}
		if p.is("nulls") && !p.is("first", "last") {
			p.fail()
		}
		out = append(out, n)
		if !p.is(",") {
			return out
		}
	}
}
