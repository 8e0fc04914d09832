package vastai

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/pkg/nearest"
)

// The query language is that of `vastai search offers` (parse_query in the official client's api/query.py): field op
// value, with blanks between comparisons. Unlike there, an unknown field and a value that does not fit its field are
// errors, and lists may hold commas within quotes.

// comparison is one condition of a query.
type comparison struct {
	field string
	op    string // eq neq gt gte lt lte in notin
	value any    // bool, float64, string, nil, or for in and notin a []any of these
	any   bool   // `field=any`: no condition, and no default one either
}

// parseQuery reads a query. An error names the column, counted in characters from 1.
func parseQuery(query string) ([]comparison, error) {
	p := parser{text: query}
	var all []comparison
	for p.blanks(); p.at < len(p.text); p.blanks() {
		c, err := p.comparison()
		if err != nil {
			return nil, err
		}
		all = append(all, c)
	}
	return all, nil
}

// parser reads a query from left to right.
type parser struct {
	text string
	at   int // byte offset
}

func (p *parser) comparison() (comparison, error) {
	start := p.at
	field := p.run(isWord)
	if field == "" {
		return comparison{}, p.fail(start, "a field is expected, as in num_gpus>=4")
	}
	c := comparison{field: alias(field)}
	holds := kindOf(c.field)
	if holds == 0 {
		hint := ""
		if near := nearest.Of(field, fields()); near != "" {
			hint = ": did you mean " + near + "?"
		}
		return c, p.fail(start, "there is no field %s%s", field, hint)
	}
	opAt := p.at
	if c.op = p.operator(); c.op == "" {
		return c, p.fail(opAt, "an operator is expected after %s: one of = != > >= < <= in notin", field)
	}
	p.blanks()
	return c, p.values(&c, holds)
}

// operator reads = != > >= < <= or a word of the same meaning, and returns the API's name for it, "" if there is none.
func (p *parser) operator() string {
	before := p.at
	p.blanks()
	apart := p.at > before
	if sign := p.run(isSign); sign != "" {
		return operatorName(sign)
	}
	if !apart {
		return ""
	}
	op := strings.ToLower(p.run(isWord))
	if op == "not" { // "not in", "not eq"
		p.blanks()
		op += strings.ToLower(p.run(isWord))
	}
	if p.at < len(p.text) && !isBlank(p.text[p.at]) && p.text[p.at] != '[' {
		return ""
	}
	return operatorName(op)
}

func operatorName(op string) string {
	switch op {
	case "=", "==", "eq":
		return "eq"
	case "!=", "neq", "noteq":
		return "neq"
	case ">", "gt":
		return "gt"
	case ">=", "gte":
		return "gte"
	case "<", "lt":
		return "lt"
	case "<=", "lte":
		return "lte"
	case "in":
		return "in"
	case "notin", "nin":
		return "notin"
	}
	return ""
}

// values reads what comes after the operator into c.
func (p *parser) values(c *comparison, holds kind) error {
	start := p.at
	items, list, err := p.items()
	if err != nil {
		return err
	}
	many := c.op == "in" || c.op == "notin"
	switch {
	case len(items) == 0:
		return p.fail(start, "%s has no value", c.field)
	case !many && (list || len(items) > 1):
		return p.fail(start, "a list goes with in and notin only")
	case !many && !items[0].quoted && isAny(items[0].text):
		if c.op != "eq" {
			return p.fail(start, "any goes with = only")
		}
		c.any = true
		return nil
	case holds == boolean && !many && c.op != "eq" && c.op != "neq":
		return p.fail(start, "%s is true or false: it goes with =, !=, in and notin only", c.field)
	}
	values := make([]any, len(items))
	for n, item := range items {
		v, wanted := convert(c.field, holds, item)
		if wanted != "" {
			return p.fail(item.at, "%s wants %s, not %q", c.field, wanted, item.text)
		}
		values[n] = v
	}
	c.value = values[0]
	if many {
		c.value = values
	}
	return nil
}

func isAny(s string) bool { return s == "any" || s == "?" || s == "*" }

// item is one value as it is written.
type item struct {
	text   string
	at     int
	quoted bool
}

// items reads one value, a list in brackets, or values with commas between them.
func (p *parser) items() (all []item, list bool, err error) {
	open := p.at
	if p.at < len(p.text) && p.text[p.at] == '[' {
		p.at++
		list = true
	}
	for {
		if list {
			p.blanks()
		}
		one, err := p.item(list)
		if err != nil {
			return nil, list, err
		}
		if one.quoted || one.text != "" {
			all = append(all, one)
		}
		if list {
			p.blanks()
		}
		switch {
		case p.at < len(p.text) && p.text[p.at] == ',':
			p.at++
		case list && p.at < len(p.text) && p.text[p.at] == ']':
			p.at++
			return all, list, p.gap()
		case list && p.at == len(p.text):
			return nil, list, p.fail(open, "the list that begins here has no end: ] is missing")
		case list:
			return nil, list, p.fail(p.at, "a comma or ] is expected")
		default:
			return all, list, p.gap()
		}
	}
}

// item reads one value: quoted, or up to the next blank or comma, and in a list up to its end.
func (p *parser) item(list bool) (item, error) {
	one := item{at: p.at}
	if p.at < len(p.text) && (p.text[p.at] == '"' || p.text[p.at] == '\'') {
		end := strings.IndexByte(p.text[p.at+1:], p.text[p.at])
		if end < 0 {
			return one, p.fail(p.at, "the text that begins here has no end: %c is missing", p.text[p.at])
		}
		one.text, one.quoted = p.text[p.at+1:p.at+1+end], true
		p.at += end + 2
		return one, nil
	}
	one.text = p.run(func(c byte) bool { return !isBlank(c) && c != ',' && (!list || c != '[' && c != ']') })
	return one, nil
}

// gap checks that a value is followed by a blank or the end.
func (p *parser) gap() error {
	if p.at < len(p.text) && !isBlank(p.text[p.at]) {
		return p.fail(p.at, "a blank is expected before the next comparison")
	}
	return nil
}

// convert makes of a written value what the API takes for the field. wanted says what would fit where it does not.
func convert(field string, holds kind, i item) (value any, wanted string) {
	s := i.text
	if !i.quoted && (s == "null" || s == "None") {
		return nil, ""
	}
	switch holds {
	case text:
		return strings.ReplaceAll(s, "_", " "), ""
	case boolean:
		switch strings.ToLower(s) {
		case "true", "1":
			return true, ""
		case "false", "0":
			return false, ""
		}
		return nil, "true or false"
	case numeric:
		v, err := strconv.ParseFloat(s, 64)
		if v *= factor(field); err != nil || math.IsNaN(v) || math.IsInf(v, 0) {
			return nil, "a number"
		}
		return v, ""
	case version:
		v, ok := versionNumber(s)
		if !ok {
			return nil, "a version of three numbers, as 535.86.05"
		}
		return v, ""
	}
	return nil, "nothing" // there is no other kind
}

// versionNumber returns 535086005 for 535.86.05, and a number without points as it is.
func versionNumber(s string) (float64, bool) {
	parts := strings.Split(s, ".")
	if len(parts) == 1 {
		n, err := strconv.ParseUint(s, 10, 32)
		return float64(n), err == nil
	}
	var v uint64
	for _, part := range parts {
		n, err := strconv.ParseUint(part, 10, 64)
		if err != nil || n > 999 {
			return 0, false
		}
		v = v*1000 + n
	}
	return float64(v), len(parts) == 3
}

func isBlank(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }
func isSign(c byte) bool  { return strings.IndexByte("=!<>", c) >= 0 }
func isWord(c byte) bool {
	return c == '_' || '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}

func (p *parser) blanks() { p.run(isBlank) }

// run reads the bytes for which is holds.
func (p *parser) run(is func(byte) bool) string {
	start := p.at
	for p.at < len(p.text) && is(p.text[p.at]) {
		p.at++
	}
	return p.text[start:p.at]
}

// fail returns an error at a byte offset of the query.
func (p *parser) fail(at int, format string, args ...any) error {
	column := utf8.RuneCountInString(p.text[:at]) + 1
	return &cloud.Error{
		Kind: cloud.KindConfig, Op: name + ": search offers",
		Detail: fmt.Sprintf("query %q, column %d: %s", p.text, column, fmt.Sprintf(format, args...)),
		Hint:   `write conditions as the vastai command line takes them: num_gpus>=4 gpu_name=RTX_4090 verified=any`,
	}
}
