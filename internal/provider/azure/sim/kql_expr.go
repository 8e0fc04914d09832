package azuresim

import (
	"strconv"
	"strings"
)

// deepest is how far expressions may nest.
const deepest = 100

func (p *parser) expr() expr {
	if p.depth++; p.depth > deepest {
		p.fail()
	}
	defer func() { p.depth-- }()
	return p.or()
}

func (p *parser) or() expr {
	left := p.and()
	for p.is("or") {
		left = &call{"or", []expr{left, p.and()}}
	}
	return left
}

func (p *parser) and() expr {
	left := p.comparison()
	for p.is("and") {
		left = &call{"and", []expr{left, p.comparison()}}
	}
	return left
}

// comparison reads `a op b`, `a in~ (x, y)` and their negations.
func (p *parser) comparison() expr {
	left := p.operand()
	for _, op := range []string{"==", "=~", "!=", "!~", "<=", ">=", "<", ">"} {
		if p.is(op) {
			return &call{op, []expr{left, p.operand()}}
		}
	}
	t := p.peek()
	not := t.kind == 'o' && t.text == "!"
	if not {
		p.next()
	}
	for _, op := range []string{"contains", "startswith", "endswith", "has", "in"} {
		if !p.is(op) {
			continue
		}
		args := []expr{left}
		if op == "in" {
			if p.is("~") {
				op = "in~"
			}
			args = append(args, p.list()...)
		} else {
			args = append(args, p.operand())
		}
		return negated(&call{op, args}, not)
	}
	if not {
		p.fail()
	}
	return left
}

func negated(e expr, not bool) expr {
	if not {
		return &call{"not", []expr{e}}
	}
	return e
}

func (p *parser) list() []expr {
	p.want("(")
	var out []expr
	for !p.is(")") {
		out = append(out, p.expr())
		if !p.is(",") {
			p.want(")")
			break
		}
	}
	return out
}

func (p *parser) operand() expr {
	switch t := p.peek(); t.kind {
	case 's':
		p.next()
		return literal{t.text}
	case 'n':
		p.next()
		v, err := strconv.ParseFloat(t.text, 64)
		if err != nil {
			p.at--
			p.fail()
		}
		return literal{v}
	case 'i':
		return p.name()
	}
	if p.is("(") {
		e := p.expr()
		p.want(")")
		return e
	}
	p.fail()
	return nil
}

// name reads a path, a function's call, true or false.
func (p *parser) name() expr {
	id := p.ident()
	switch id {
	case "true", "false":
		return literal{id == "true"}
	}
	if p.peek().text == "(" && p.peek().kind == 'o' {
		least, most := arguments(id)
		at := p.at - 1
		args := p.list()
		if len(args) < least || len(args) > most {
			p.at = at
			p.fail()
		}
		return &call{id, args}
	}
	e := &path{root: id}
	for {
		switch {
		case p.is("."):
			e.steps = append(e.steps, p.ident())
		case p.is("["):
			t := p.next()
			switch n, err := strconv.Atoi(t.text); {
			case t.kind == 's':
				e.steps = append(e.steps, t.text)
			case t.kind == 'n' && err == nil:
				e.steps = append(e.steps, n)
			default:
				p.at--
				p.fail()
			}
			p.want("]")
		default:
			return e
		}
	}
}

// arguments returns how many a function takes; an unknown function takes an impossible number.
func arguments(fn string) (least, most int) {
	switch fn {
	case "count":
		return 0, 0
	case "tostring", "tolower", "toupper", "toint", "tolong", "isempty", "isnotempty", "isnull", "isnotnull", "not", "array_length":
		return 1, 1
	case "contains", "startswith", "endswith", "substringof": // as OData has them
		return 2, 2
	case "coalesce":
		return 1, 64
	}
	return 1, 0
}

// eval computes an expression on a row.
type eval func(*record) any

// compile resolves an expression's names in a scope.
func (s *scope) compile(e expr) (eval, error) {
	switch e := e.(type) {
	case literal:
		return func(*record) any { return e.value }, nil
	case *path:
		return s.resolve(e)
	case *call:
		args := make([]eval, len(e.args))
		for i, a := range e.args {
			f, err := s.compile(a)
			if err != nil {
				return nil, err
			}
			args[i] = f
		}
		return e.bind(args), nil
	}
	return nil, &unresolved{"expression"}
}

func (c *call) bind(args []eval) eval {
	switch c.fn {
	case "and":
		return func(r *record) any { return truth(args[0](r)) && truth(args[1](r)) }
	case "or":
		return func(r *record) any { return truth(args[0](r)) || truth(args[1](r)) }
	case "not":
		return func(r *record) any { return !truth(args[0](r)) }
	case "in", "in~":
		return func(r *record) any {
			v := text(args[0](r))
			for _, a := range args[1:] {
				if w := text(a(r)); v == w || c.fn == "in~" && strings.EqualFold(v, w) {
					return true
				}
			}
			return false
		}
	case "coalesce":
		return func(r *record) any {
			for _, a := range args {
				if v := a(r); v != nil {
					return v
				}
			}
			return nil
		}
	}
	if len(args) == 1 {
		return func(r *record) any { return unary(c.fn, args[0](r)) }
	}
	if len(args) == 2 {
		return func(r *record) any { return compare(c.fn, args[0](r), args[1](r)) }
	}
	return func(*record) any { return nil }
}

func unary(fn string, v any) any {
	switch fn {
	case "tolower":
		return strings.ToLower(text(v))
	case "toupper":
		return strings.ToUpper(text(v))
	case "toint", "tolong":
		n, ok := number(v)
		if !ok {
			return nil
		}
		return float64(int64(n))
	case "isempty":
		return text(v) == ""
	case "isnotempty":
		return text(v) != ""
	case "isnull":
		return v == nil
	case "isnotnull":
		return v != nil
	case "array_length":
		if all, ok := v.([]any); ok {
			return float64(len(all))
		}
		return nil
	default:
		return text(v)
	}
}

func compare(fn string, a, b any) bool {
	if x, ok := number(a); ok {
		if y, ok := number(b); ok {
			switch fn {
			case "==", "=~":
				return x == y
			case "!=", "!~":
				return x != y
			case "<":
				return x < y
			case "<=":
				return x <= y
			case ">":
				return x > y
			case ">=":
				return x >= y
			}
		}
	}
	x, y := text(a), text(b)
	lx, ly := strings.ToLower(x), strings.ToLower(y)
	switch fn {
	case "==":
		return x == y
	case "!=":
		return x != y
	case "=~":
		return lx == ly
	case "!~":
		return lx != ly
	case "contains", "has":
		return strings.Contains(lx, ly)
	case "substringof":
		return strings.Contains(ly, lx)
	case "startswith":
		return strings.HasPrefix(lx, ly)
	case "endswith":
		return strings.HasSuffix(lx, ly)
	case "<":
		return x < y
	case "<=":
		return x <= y
	case ">":
		return x > y
	case ">=":
		return x >= y
	}
	return false
}

func truth(v any) bool { b, _ := v.(bool); return b }

func number(v any) (float64, bool) {
	switch v := v.(type) {
	case float64:
		return v, true
	case int:
		return float64(v), true
	case int64:
		return float64(v), true
	}
	return 0, false
}

// text is a value as tostring gives it.
func text(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	case bool:
		return strconv.FormatBool(v)
	}
	if n, ok := number(v); ok {
		return strconv.FormatFloat(n, 'f', -1, 64)
	}
	return string(encode(v))
}
