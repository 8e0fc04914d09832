package output

import (
	"io"
	"math"
	"time"
)

// sink takes a document piece by piece: as JSON, as YAML, or as values for jq. In an object every value comes after its
// key; times are RFC 3339 in UTC; numbers are finite.
type sink interface {
	object()
	endObject()
	array()
	endArray()
	key(name string)
	text(s string)
	number(v float64)
	integer(v int64)
	boolean(v bool)
	time(t time.Time)
	null()
}

// timeLayout is RFC 3339 to the millisecond.
const timeLayout = "2006-01-02T15:04:05.999Z07:00"

// appendTime appends t in quotes.
func appendTime(b []byte, t time.Time) []byte {
	return append(t.AppendFormat(append(b, '"'), timeLayout), '"')
}

// room is how much is gathered before it is written.
const room = 32 << 10

// spool gathers what a sink writes.
type spool struct {
	w   io.Writer
	buf []byte
	err error // the first of a write; what comes after it is dropped
}

// flush writes what was gathered.
func (s *spool) flush() {
	if s.err == nil {
		_, s.err = s.w.Write(s.buf)
	}
	s.buf = s.buf[:0]
}

// end ends the last line and writes what is left.
func (s *spool) end() error {
	s.buf = append(s.buf, '\n')
	s.flush()
	return s.err
}

// doc writes documents into a sink, member by member.
type doc struct {
	sink
	scratch scratch
}

func (d *doc) str(key, v string) {
	d.key(key)
	d.text(v)
}

func (d *doc) flag(key string, v bool) {
	d.key(key)
	d.boolean(v)
}

func (d *doc) whole(key string, v int64) {
	d.key(key)
	d.integer(v)
}

// figure writes a number; null for what is none.
func (d *doc) figure(key string, v float64) {
	d.key(key)
	d.finite(v)
}

func (d *doc) finite(v float64) {
	if finite(v) {
		d.number(v)
	} else {
		d.null()
	}
}

// known writes a number of which 0 means unknown.
func (d *doc) known(key string, v float64) {
	d.key(key)
	if v == 0 {
		d.null()
	} else {
		d.finite(v)
	}
}

// maybe writes a number that may be unknown.
func (d *doc) maybe(key string, v *float64) {
	d.key(key)
	if v == nil {
		d.null()
	} else {
		d.finite(*v)
	}
}

// moment writes a time; null where it is unknown or beyond what RFC 3339 can say.
func (d *doc) moment(key string, t time.Time) {
	d.key(key)
	d.instant(t)
}

func (d *doc) instant(t time.Time) {
	t = t.UTC()
	if y := t.Year(); t.IsZero() || y < 0 || y > 9999 {
		d.null()
	} else {
		d.time(t)
	}
}

// list begins an array member.
func (d *doc) list(key string) {
	d.key(key)
	d.array()
}

func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }
