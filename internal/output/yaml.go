package output

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// yamlSink writes YAML in block style. Texts that another reader could take for anything else are quoted as in JSON,
// which YAML reads the same.
type yamlSink struct {
	spool
	stack []yamlLevel
	begun bool // there is a line already
	here  bool // the next key or item goes on the line of the dash before it
}

type yamlLevel struct {
	array  bool
	empty  bool
	indent int
}

// line begins a line of the innermost level, unless its dash stands there already.
func (y *yamlSink) line() *yamlLevel {
	top := &y.stack[len(y.stack)-1]
	top.empty = false
	if y.here {
		y.here = false
		return top
	}
	if y.begun {
		y.buf = append(y.buf, '\n')
	}
	y.begun = true
	for range top.indent {
		y.buf = append(y.buf, ' ')
	}
	return top
}

// open begins an object or array: as an item after its dash, as a member on lines of its own.
func (y *yamlSink) open(array bool) {
	indent := 0
	if n := len(y.stack); n > 0 {
		indent = y.stack[n-1].indent + 2
		if y.stack[n-1].array {
			y.line()
			y.buf = append(y.buf, "- "...)
			y.here = true
		}
	}
	y.stack = append(y.stack, yamlLevel{array: array, empty: true, indent: indent})
}

func (y *yamlSink) close(nothing string) {
	top := y.stack[len(y.stack)-1]
	y.stack = y.stack[:len(y.stack)-1]
	if top.empty {
		if !y.here && len(y.stack) > 0 {
			y.buf = append(y.buf, ' ')
		}
		y.here = false
		y.buf = append(y.buf, nothing...)
	}
	if len(y.buf) >= room {
		y.flush()
	}
}

func (y *yamlSink) object()    { y.open(false) }
func (y *yamlSink) endObject() { y.close("{}") }
func (y *yamlSink) array()     { y.open(true) }
func (y *yamlSink) endArray()  { y.close("[]") }

func (y *yamlSink) key(name string) {
	y.line()
	y.buf = append(appendYAML(y.buf, name), ':')
}

// scalar makes way for a value.
func (y *yamlSink) scalar() {
	if y.stack[len(y.stack)-1].array {
		y.line()
		y.buf = append(y.buf, '-')
	}
	y.buf = append(y.buf, ' ')
}

func (y *yamlSink) text(s string) {
	y.scalar()
	y.buf = appendYAML(y.buf, s)
}

func (y *yamlSink) number(v float64) {
	y.scalar()
	y.buf = appendYAMLNumber(y.buf, v)
}

func (y *yamlSink) integer(v int64) {
	y.scalar()
	y.buf = strconv.AppendInt(y.buf, v, 10)
}

func (y *yamlSink) boolean(v bool) {
	y.scalar()
	y.buf = strconv.AppendBool(y.buf, v)
}

func (y *yamlSink) time(t time.Time) {
	y.scalar()
	y.buf = appendTime(y.buf, t)
}

func (y *yamlSink) null() {
	y.scalar()
	y.buf = append(y.buf, "null"...)
}

// appendYAML appends s bare where no reader of YAML 1.1 or 1.2 can take it for anything but that text.
func appendYAML(b []byte, s string) []byte {
	if bare(s) {
		return append(b, s...)
	}
	return appendString(b, s)
}

// appendYAMLNumber appends v so that YAML 1.1 takes it for a number too: 1.0e-9, not 1e-9.
func appendYAMLNumber(b []byte, v float64) []byte {
	from := len(b)
	b = appendNumber(b, v)
	if i := slices.Index(b[from:], 'e'); i > 0 && !slices.Contains(b[from:from+i], '.') {
		b = slices.Insert(b, from+i, '.', '0')
	}
	return b
}

// bare reports whether s is a word that YAML has no other use for.
func bare(s string) bool {
	for i := range len(s) {
		c := s[i] | 0x20
		letter := c >= 'a' && c <= 'z' || s[i] == '_'
		inside := s[i] >= '0' && s[i] <= '9' || s[i] == '-' || s[i] == '.' || s[i] == '/'
		if !letter && (i == 0 || !inside) {
			return false
		}
	}
	if len(s) > len("false") {
		return true
	}
	switch strings.ToLower(s) {
	case "", "y", "n", "yes", "no", "on", "off", "true", "false", "null":
		return false
	}
	return true
}
