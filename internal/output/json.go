package output

import (
	"io"
	"math"
	"strconv"
	"time"
	"unicode/utf8"
)

// jsonSink writes JSON as it comes: it never holds more than room and one object.
type jsonSink struct {
	spool
	pretty bool // two blanks per level, one member per line
	depth  int
	empty  bool // nothing was written yet in the object or array
	keyed  bool // a key waits for its value
}

func newJSON(w io.Writer, pretty bool) *jsonSink {
	return &jsonSink{spool: spool{w: w, buf: make([]byte, 0, room+4<<10)}, pretty: pretty}
}

// next makes way for a value or a key.
func (j *jsonSink) next() {
	if j.keyed || j.depth == 0 {
		j.keyed = false
		return
	}
	if !j.empty {
		j.buf = append(j.buf, ',')
	}
	j.empty = false
	j.line()
}

func (j *jsonSink) line() {
	if !j.pretty {
		return
	}
	j.buf = append(j.buf, '\n')
	for range j.depth {
		j.buf = append(j.buf, ' ', ' ')
	}
}

func (j *jsonSink) open(b byte) {
	j.next()
	j.buf = append(j.buf, b)
	j.depth++
	j.empty = true
}

func (j *jsonSink) close(b byte) {
	j.depth--
	if !j.empty {
		j.line()
	}
	j.buf = append(j.buf, b)
	j.empty = false
	if len(j.buf) >= room {
		j.flush()
	}
}

func (j *jsonSink) object()    { j.open('{') }
func (j *jsonSink) endObject() { j.close('}') }
func (j *jsonSink) array()     { j.open('[') }
func (j *jsonSink) endArray()  { j.close(']') }

func (j *jsonSink) key(name string) {
	j.next()
	j.buf = append(appendString(j.buf, name), ':')
	if j.pretty {
		j.buf = append(j.buf, ' ')
	}
	j.keyed = true
}

func (j *jsonSink) text(s string) {
	j.next()
	j.buf = appendString(j.buf, s)
}

func (j *jsonSink) number(v float64) {
	j.next()
	j.buf = appendNumber(j.buf, v)
}

func (j *jsonSink) integer(v int64) {
	j.next()
	j.buf = strconv.AppendInt(j.buf, v, 10)
}

func (j *jsonSink) boolean(v bool) {
	j.next()
	j.buf = strconv.AppendBool(j.buf, v)
}

func (j *jsonSink) time(t time.Time) {
	j.next()
	j.buf = appendTime(j.buf, t)
}

func (j *jsonSink) null() {
	j.next()
	j.buf = append(j.buf, "null"...)
}

// appendNumber appends v in the fewest digits that read back as v, as encoding/json does; -0 as 0.
func appendNumber(b []byte, v float64) []byte {
	if v == 0 {
		return append(b, '0')
	}
	format := byte('f')
	if abs := math.Abs(v); abs < 1e-6 || abs >= 1e21 {
		format = 'e'
	}
	b = strconv.AppendFloat(b, v, format, -1, 64)
	if n := len(b); format == 'e' && n >= 4 && b[n-4] == 'e' && b[n-3] == '-' && b[n-2] == '0' {
		b[n-2] = b[n-1]
		b = b[:n-1]
	}
	return b
}

// appendString appends s in quotes. Whatever a terminal may obey is escaped, and bytes that are not UTF-8 become
// U+FFFD.
func appendString(b []byte, s string) []byte {
	const hex = "0123456789abcdef"
	b = append(b, '"')
	start := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c >= ' ' && c < 0x7f && c != '"' && c != '\\' {
			i++
			continue
		}
		r, size := rune(c), 1
		if c >= utf8.RuneSelf {
			r, size = utf8.DecodeRuneInString(s[i:])
			if !obeyed(r) && (r != utf8.RuneError || size > 1) {
				i += size
				continue
			}
		}
		b = append(b, s[start:i]...)
		i += size
		start = i
		switch r {
		case '"', '\\':
			b = append(b, '\\', byte(r))
		case '\n':
			b = append(b, '\\', 'n')
		case '\r':
			b = append(b, '\\', 'r')
		case '\t':
			b = append(b, '\\', 't')
		default:
			b = append(b, '\\', 'u', hex[r>>12&15], hex[r>>8&15], hex[r>>4&15], hex[r&15])
		}
	}
	return append(append(b, s[start:]...), '"')
}

// obeyed reports whether terminals or JavaScript take a rune beyond ASCII for more than a letter: the C1 controls, line
// and paragraph separators, and what turns the direction of writing.
func obeyed(r rune) bool {
	return r >= 0x80 && r < 0xa0 || r >= 0x2028 && r <= 0x202e || r >= 0x2066 && r <= 0x2069
}
