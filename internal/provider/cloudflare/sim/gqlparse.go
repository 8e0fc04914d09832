package cloudflaresim

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// The query language, as far as clients of this API use it: queries with variables, aliases, arguments and nested
// selections (GraphQL October 2021, section 2). There are no mutations, fragments or directives.

// document is a parsed request; one of its operations runs.
type document struct{ operations []*operation }

type operation struct {
	name      string
	variables []variable
	fields    []*field
}

type variable struct {
	name     string
	kind     string // as written: "string!"
	fallback any
}

// field is one selected field.
type field struct {
	alias, name string
	args        map[string]any
	fields      []*field
}

// reference is a variable's name where a value is expected.
type reference string

// enum is a name where a value is expected.
type enum string

type parser struct {
	src  string
	pos  int
	kind rune   // of the token: 'n' name, 's' string, 'd' number, 0 end, else the punctuator
	text string // of the token
}

// parse reads a document.
func parse(src string) (doc *document, err error) {
	defer func() {
		if r := recover(); r != nil {
			bad, ok := r.(syntaxError)
			if !ok {
				panic(r)
			}
			err = bad
		}
	}()
	if !utf8.ValidString(src) {
		return nil, syntaxError("the query is not valid UTF-8")
	}
	p := &parser{src: src}
	p.next()
	doc = &document{}
	for p.kind != 0 {
		doc.operations = append(doc.operations, p.operation())
	}
	if len(doc.operations) == 0 {
		return nil, syntaxError("the query has no operation")
	}
	return doc, nil
}

type syntaxError string

func (e syntaxError) Error() string { return string(e) }

func (p *parser) fail(want string) {
	got := p.text
	if p.kind == 0 {
		got = "end of query"
	}
	line := 1 + strings.Count(p.src[:min(p.pos, len(p.src))], "\n")
	panic(syntaxError(fmt.Sprintf("syntax error: line %d: expected %s, found %q", line, want, got)))
}

func (p *parser) operation() *operation {
	op := &operation{}
	if p.kind == 'n' {
		if p.text != "query" {
			p.fail("query")
		}
		p.next()
		if p.kind == 'n' {
			op.name = p.take('n')
		}
		if p.skip('(') {
			for !p.skip(')') {
				op.variables = append(op.variables, p.variable())
			}
		}
	}
	op.fields = p.selection(0)
	return op
}

func (p *parser) variable() variable {
	p.take('$')
	v := variable{name: p.take('n')}
	p.take(':')
	v.kind = p.kindOf()
	if p.skip('=') {
		v.fallback = p.value(0)
	}
	return v
}

func (p *parser) kindOf() string {
	var kind string
	if p.skip('[') {
		kind = "[" + p.kindOf() + "]"
		p.take(']')
	} else {
		kind = p.take('n')
	}
	if p.skip('!') {
		kind += "!"
	}
	return kind
}

const deepest = 32 // levels of nesting

func (p *parser) selection(depth int) []*field {
	if depth > deepest {
		p.fail("fewer levels")
	}
	p.take('{')
	var all []*field
	for !p.skip('}') {
		f := &field{name: p.take('n')}
		f.alias = f.name
		if p.skip(':') {
			f.name = p.take('n')
		}
		if p.skip('(') {
			f.args = map[string]any{}
			for !p.skip(')') {
				name := p.take('n')
				p.take(':')
				f.args[name] = p.value(depth)
			}
		}
		if p.kind == '{' {
			f.fields = p.selection(depth + 1)
		}
		all = append(all, f)
	}
	if len(all) == 0 {
		p.fail("a field")
	}
	return all
}

// value reads a value: string, float64, bool, nil, enum, reference, []any or map[string]any.
func (p *parser) value(depth int) any {
	if depth > deepest {
		p.fail("fewer levels")
	}
	switch p.kind {
	case '$':
		p.next()
		return reference(p.take('n'))
	case 's':
		return p.take('s')
	case 'd':
		n, err := strconv.ParseFloat(p.text, 64)
		if err != nil {
			p.fail("a number")
		}
		p.next()
		return n
	case 'n':
		switch name := p.take('n'); name {
		case "true", "false":
			return name == "true"
		case "null":
			return nil
		default:
			return enum(name)
		}
	case '[':
		p.next()
		list := []any{}
		for !p.skip(']') {
			list = append(list, p.value(depth+1))
		}
		return list
	case '{':
		p.next()
		obj := map[string]any{}
		for !p.skip('}') {
			name := p.take('n')
			p.take(':')
			obj[name] = p.value(depth + 1)
		}
		return obj
	}
	p.fail("a value")
	return nil
}

func (p *parser) skip(kind rune) bool {
	if p.kind != kind {
		return false
	}
	p.next()
	return true
}

func (p *parser) take(kind rune) string {
	if p.kind != kind {
		p.fail(map[rune]string{'n': "a name", 's': "a string"}[kind] + strings.Trim(string(kind), "nsd"))
	}
	text := p.text
	p.next()
	return text
}

// next reads the next token. Commas, white space and comments mean nothing.
func (p *parser) next() {
	for p.pos < len(p.src) {
		c := p.src[p.pos]
		if c == '#' {
			for p.pos < len(p.src) && p.src[p.pos] != '\n' {
				p.pos++
			}
		} else if c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == ',' {
			p.pos++
		} else {
			break
		}
	}
	if p.pos >= len(p.src) {
		p.kind, p.text = 0, ""
		return
	}
	start := p.pos
	switch c := p.src[p.pos]; {
	case isNameByte(c, false):
		p.run('n', func(c byte) bool { return isNameByte(c, true) })
	case c == '-' || c >= '0' && c <= '9':
		p.run('d', func(c byte) bool { return strings.IndexByte("+-.eE0123456789", c) >= 0 })
	case c == '"':
		p.str()
	case strings.IndexByte("{}()[]:!=$", c) >= 0:
		p.pos++
		p.kind, p.text = rune(c), p.src[start:p.pos]
	default:
		p.kind, p.text = rune(c), string(c)
		p.fail("a token")
	}
}

func (p *parser) run(kind rune, belongs func(byte) bool) {
	start := p.pos
	for p.pos < len(p.src) && belongs(p.src[p.pos]) {
		p.pos++
	}
	p.kind, p.text = kind, p.src[start:p.pos]
}

func isNameByte(c byte, within bool) bool {
	return c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || within && c >= '0' && c <= '9'
}

// str reads a string on one line; its escapes are those of JSON.
func (p *parser) str() {
	start := p.pos
	for p.pos++; p.pos < len(p.src) && p.src[p.pos] != '"' && p.src[p.pos] != '\n'; p.pos++ {
		if p.src[p.pos] == '\\' {
			p.pos++
		}
	}
	if p.pos >= len(p.src) || p.src[p.pos] != '"' {
		p.kind, p.text = 0, ""
		p.fail("the end of a string")
	}
	p.pos++
	text, err := strconv.Unquote(p.src[start:p.pos])
	if err != nil {
		p.kind, p.text = 's', p.src[start:p.pos]
		p.fail("a string")
	}
	p.kind, p.text = 's', text
}
