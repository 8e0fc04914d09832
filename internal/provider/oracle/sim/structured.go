package oraclesim

import (
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
)

// structured is a query of resource search: `query TYPE, TYPE resources [return FIELDS] [where CONDITIONS]
// [sorted by FIELD [asc|desc]]` (docs.oracle.com/iaas/Content/Search/Concepts/querysyntax.htm).
type structured struct {
	types []string // in small letters; none or "all" = every one
	keep  func(*found) bool
	by    string
	down  bool
}

func (s *structured) wants(kind string) bool {
	return len(s.types) == 0 || slices.Contains(s.types, "all") || slices.Contains(s.types, strings.ToLower(kind))
}

// order sorts what was found, as the query says.
func (s *structured) order(all []found) []found {
	if s.by == "" {
		return all
	}
	slices.SortStableFunc(all, func(a, b found) int {
		x, _ := a.field(s.by)
		y, _ := b.field(s.by)
		if s.down {
			x, y = y, x
		}
		return slices.Compare(x, y)
	})
	return all
}

// lexeme is a text in quotes, an operator, a bracket, a comma or a word.
var lexeme = regexp.MustCompile(`'[^']*'|"[^"]*"|&&|\|\||!=|=~|>=|<=|[=<>(),]|[^\s'"&|!=<>(),]+`)

// searching reads a query word by word.
type searching struct {
	rest []string
	err  error
}

// peek returns the next word in small letters, "" at the end.
func (s *searching) peek() string {
	if len(s.rest) == 0 {
		return ""
	}
	return strings.ToLower(s.rest[0])
}

func (s *searching) next() string {
	if len(s.rest) == 0 {
		s.fail("it ends too early")
		return ""
	}
	word := s.rest[0]
	s.rest = s.rest[1:]
	return word
}

// take reads the next word where it is that one.
func (s *searching) take(word string) bool {
	if s.peek() != word {
		return false
	}
	s.rest = s.rest[1:]
	return true
}

func (s *searching) want(word string) {
	if !s.take(word) {
		s.fail(fmt.Sprintf("expected %q before %q", word, s.peek()))
	}
}

func (s *searching) fail(what string) {
	s.err = cmp.Or(s.err, errors.New(what))
	s.rest = nil
}

// parseSearch reads a query.
func parseSearch(text string) (structured, error) {
	s := &searching{rest: lexeme.FindAllString(text, -1)}
	q := structured{keep: func(*found) bool { return true }}
	s.want("query")
	for ok := true; ok && s.err == nil; ok = s.take(",") {
		q.types = append(q.types, strings.ToLower(s.next()))
	}
	s.want("resources")
	if s.take("return") { // more of each resource's fields: none are simulated
		for s.err == nil && s.peek() != "" && s.peek() != "where" && s.peek() != "sorted" {
			s.next()
		}
	}
	if s.take("where") {
		q.keep = s.either()
	}
	if s.take("sorted") {
		s.want("by")
		q.by = s.next()
		q.down = s.take("desc")
		if !q.down {
			s.take("asc")
		}
		s.fieldOf(q.by)
	}
	if s.err == nil && len(s.rest) > 0 {
		s.fail("nothing is expected at " + s.rest[0])
	}
	return q, s.err
}

// either reads conditions joined by ||.
func (s *searching) either() func(*found) bool {
	a := s.both()
	for s.take("||") {
		b, left := s.both(), a
		a = func(f *found) bool { return left(f) || b(f) }
	}
	return a
}

// both reads conditions joined by &&, which bind closer.
func (s *searching) both() func(*found) bool {
	a := s.condition()
	for s.take("&&") {
		b, left := s.condition(), a
		a = func(f *found) bool { return left(f) && b(f) }
	}
	return a
}

// condition reads FIELD OPERATOR 'VALUE', or conditions in brackets.
func (s *searching) condition() func(*found) bool {
	if s.take("(") {
		inner := s.either()
		s.want(")")
		return inner
	}
	name := s.fieldOf(s.next())
	op := s.next()
	value := strings.Trim(s.next(), `'"`)
	if !slices.Contains([]string{"=", "!=", "=~", ">", ">=", "<", "<="}, op) {
		s.fail("unknown operator " + op)
	}
	if t, err := time.Parse(time.RFC3339, value); err == nil { // times compare as texts in one zone
		value = t.UTC().Format(time.RFC3339)
	}
	return func(f *found) bool {
		values, _ := f.field(name)
		met := slices.ContainsFunc(values, func(v string) bool { return compared(v, op, value) })
		return met != (op == "!=")
	}
}

// fieldOf checks that a word is a field.
func (s *searching) fieldOf(name string) string {
	if _, ok := (&found{thing: &thing{compartment: &compartment{}, tags: &tags{}}}).field(name); !ok {
		s.fail("unknown field " + name)
	}
	return name
}

// compared holds a value against another, whatever the case; =~ is met by a part. What is unlike is told by being like.
func compared(v, op, value string) bool {
	v, value = strings.ToLower(v), strings.ToLower(value)
	switch op {
	case "=~":
		return strings.Contains(v, value)
	case ">":
		return v > value
	case ">=":
		return v >= value
	case "<":
		return v < value
	case "<=":
		return v <= value
	}
	return v == value
}
