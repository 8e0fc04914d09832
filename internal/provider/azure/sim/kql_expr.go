package azuresim

import (
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/adsops/cloudtop/internal/sim"
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
	for _, op := range []string{"contains", "startswith", "endswith", "has", "has_any", "in"} {
		if !p.is(op) {
			continue
		}
		args := []expr{left}
		switch {
		case op == "has_any" || op == "in":
			if op == "in" && p.is("~") {
				op = "in~"
			}
			args = append(args, p.list()...)
		default:
			args = append(args, p.operand())
		}
		return negated(&call{op, args}, not)
	}
	if !not && p.is("matches") {
		p.want("regex")
		return p.pattern(left)
	}
	if not {
		p.fail()
	}
	return left
}

// pattern reads a regular expression, which must be a literal.
func (p *parser) pattern(of expr) expr {
	t := p.peek()
	re, err := regexp.Compile(t.text)
	if t.kind != 's' || err != nil {
		p.fail()
	}
	p.next()
	return &call{"matches", []expr{of, literal{re}}}
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
		return p.indexed(&call{id, args})
	}
	e := &path{root: id}
	for {
		switch t := p.tokens[min(p.at+1, len(p.tokens)-1)]; {
		case p.is("."):
			e.steps = append(e.steps, p.ident())
		case p.peek().text == "[" && (t.kind == 's' || t.kind == 'n'):
			p.next()
			p.next()
			e.steps = append(e.steps, t.text)
			if n, err := strconv.Atoi(t.text); t.kind == 'n' && err == nil {
				e.steps[len(e.steps)-1] = n
			}
			p.want("]")
		default:
			return p.indexed(e)
		}
	}
}

// indexed reads what may follow an expression: `[0]`, `["name"]`, `[column]`.
func (p *parser) indexed(e expr) expr {
	for p.is("[") {
		e = &call{"index", []expr{e, p.expr()}}
		p.want("]")
	}
	return e
}

// arguments returns how many a function takes; an unknown function takes an impossible number.
func arguments(fn string) (least, most int) {
	switch fn {
	case "count":
		return 0, 0
	case "iff", "iif":
		return 3, 3
	case "case":
		return 3, 63
	case "split":
		return 2, 3
	case "dcount":
		return 1, 2
	case "sum", "avg", "min", "max", "countif", "make_list", "make_set", "any", "take_any", "bag_keys", "todynamic", "parse_json",
		"tobool", "todouble", "strlen":
		return 1, 1
	case "tostring", "tolower", "toupper", "toint", "tolong", "isempty", "isnotempty", "isnull", "isnotnull", "not", "array_length":
		return 1, 1
	case "contains", "startswith", "endswith", "substringof": // as OData has them
		return 2, 2
	case "coalesce", "strcat":
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
	case "has_any":
		return func(r *record) any {
			v := text(args[0](r))
			return slices.ContainsFunc(args[1:], func(a eval) bool { return compare("has", v, a(r)) })
		}
	case "matches":
		return func(r *record) any { return args[1](r).(*regexp.Regexp).MatchString(text(args[0](r))) }
	case "index":
		return func(r *record) any {
			at := args[1](r)
			if n, ok := number(at); ok && n >= 0 {
				at = int(n)
			}
			return walk(args[0](r), []any{at})
		}
	case "coalesce", "strcat", "case", "iff", "iif", "split":
		return func(r *record) any { return variadic(c.fn, r, args) }
	}
	if len(args) == 1 {
		return func(r *record) any { return unary(c.fn, args[0](r)) }
	}
	if len(args) == 2 {
		return func(r *record) any { return compare(c.fn, args[0](r), args[1](r)) }
	}
	return func(*record) any { return nil }
}

// variadic computes the functions of several arguments, of which not all may be needed.
func variadic(fn string, r *record, args []eval) any {
	switch fn {
	case "coalesce":
		for _, a := range args {
			if v := a(r); v != nil {
				return v
			}
		}
		return nil
	case "strcat":
		var b strings.Builder
		for _, a := range args {
			b.WriteString(text(a(r)))
		}
		return b.String()
	case "split":
		parts := []any{}
		for p := range strings.SplitSeq(text(args[0](r)), text(args[1](r))) {
			parts = append(parts, p)
		}
		if len(args) < 3 {
			return parts
		}
		if i, ok := number(args[2](r)); ok && i >= 0 && int(i) < len(parts) {
			return parts[int(i) : int(i)+1]
		}
		return []any{}
	}
	for len(args) > 1 { // iff and case: condition, value, condition, value ... otherwise
		if truth(args[0](r)) {
			return args[1](r)
		}
		args = args[2:]
	}
	if len(args) == 0 {
		return nil
	}
	return args[0](r)
}

func unary(fn string, v any) any {
	switch fn {
	case "tolower":
		return strings.ToLower(text(v))
	case "toupper":
		return strings.ToUpper(text(v))
	case "toint", "tolong":
		n, err := strconv.ParseFloat(text(v), 64)
		if err != nil {
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
	case "strlen":
		return float64(len([]rune(text(v))))
	case "todouble":
		if n, err := strconv.ParseFloat(text(v), 64); err == nil {
			return n
		}
		return nil
	case "tobool":
		return strings.EqualFold(text(v), "true")
	case "todynamic", "parse_json":
		return v
	case "bag_keys":
		return keysOf(v)
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
	case "contains":
		return strings.Contains(lx, ly)
	case "has":
		return hasTerm(lx, ly)
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

// hasTerm reports whether a text holds a term as a whole: no letter or digit stands before or behind it
// (data-explorer/kusto/query/datatypes-string-operators).
func hasTerm(text, term string) bool {
	word := func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }
	for at := 0; at <= len(text); {
		i := strings.Index(text[at:], term)
		if i < 0 {
			return false
		}
		before, _ := utf8.DecodeLastRuneInString(text[:at+i])
		behind, _ := utf8.DecodeRuneInString(text[at+i+len(term):])
		first, size := utf8.DecodeRuneInString(term)
		last, _ := utf8.DecodeLastRuneInString(term)
		if !(word(before) && word(first)) && !(word(behind) && word(last)) {
			return true
		}
		at += i + max(size, 1)
	}
	return false
}

// keysOf are the names in a property bag.
func keysOf(v any) any {
	names := []any{}
	switch v := v.(type) {
	case map[string]any:
		for _, k := range slices.Sorted(maps.Keys(v)) {
			names = append(names, k)
		}
	case map[string]string:
		for _, k := range slices.Sorted(maps.Keys(v)) {
			names = append(names, k)
		}
	default:
		return nil
	}
	return names
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
	return string(sim.AppendJSON(nil, v))
}
