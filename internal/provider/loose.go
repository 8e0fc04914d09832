package provider

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
)

// The types below decode what an API sends by another type than it describes, or not at all: a number as text, null, an
// absent field. A value that cannot be read is unknown, which is no reason to lose the thing that it describes.

// Number is a JSON number, or a text that holds one. The zero Number is unknown.
type Number struct {
	Value float64
	Known bool
}

// UnmarshalJSON implements json.Unmarshaler.
func (n *Number) UnmarshalJSON(data []byte) error {
	v, err := strconv.ParseFloat(strings.Trim(string(data), `"`), 64)
	if *n = (Number{}); err == nil && !math.IsInf(v, 0) && !math.IsNaN(v) {
		*n = Number{Value: v, Known: true}
	}
	return nil
}

// Ptr returns the number, nil where it is unknown.
func (n Number) Ptr() *float64 {
	if !n.Known {
		return nil
	}
	return &n.Value
}

// Text is a JSON text, or a number or boolean as text. What is none of these is "".
type Text string

// UnmarshalJSON implements json.Unmarshaler.
func (t *Text) UnmarshalJSON(data []byte) error {
	*t = ""
	switch data[0] {
	case '"':
		var s string
		if err := json.Unmarshal(data, &s); err != nil {
			return err
		}
		*t = Text(s)
	case 'n', '{', '[':
	default:
		*t = Text(data)
	}
	return nil
}

// Flag is a JSON boolean, also as text or as 0 and 1. The zero Flag is unknown.
type Flag struct{ Value, Known bool }

// UnmarshalJSON implements json.Unmarshaler.
func (f *Flag) UnmarshalJSON(data []byte) error {
	switch strings.Trim(string(data), `"`) {
	case "true", "1":
		*f = Flag{Value: true, Known: true}
	case "false", "0":
		*f = Flag{Known: true}
	default:
		*f = Flag{}
	}
	return nil
}

// Ptr returns the flag, nil where it is unknown.
func (f Flag) Ptr() *bool {
	if !f.Known {
		return nil
	}
	return &f.Value
}

// Moment is a point in time as RFC 3339 writes it; without a zone it is UTC. The zero Moment is unknown.
type Moment struct{ time.Time }

// UnmarshalJSON implements json.Unmarshaler.
func (m *Moment) UnmarshalJSON(data []byte) error {
	m.Time = time.Time{}
	text := strings.Trim(string(data), `"`)
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999", time.DateTime, time.DateOnly} {
		if t, err := time.Parse(layout, text); err == nil {
			m.Time = t.UTC()
			break
		}
	}
	return nil
}

// List is a JSON array whose elements are read one by one. Null is an empty list.
type List[T any] struct {
	Rows []T
	Told bool // the answer has the list, be it empty
	Odd  int  // elements that cannot be read, and are not among the rows
}

// UnmarshalJSON implements json.Unmarshaler. Only what is no array at all is an error.
func (l *List[T]) UnmarshalJSON(data []byte) error {
	*l = List[T]{Told: true}
	if json.Unmarshal(data, &l.Rows) == nil {
		return nil
	}
	var raw []json.RawMessage
	if json.Unmarshal(data, &raw) != nil {
		return errNoList
	}
	l.Rows = make([]T, 0, len(raw))
	for _, element := range raw {
		var v T
		if json.Unmarshal(element, &v) != nil {
			l.Odd++
			continue
		}
		l.Rows = append(l.Rows, v)
	}
	return nil
}

var errNoList = errors.New("a list is expected, and the answer has something else")

// Len is the number of elements, readable or not.
func (l *List[T]) Len() int { return len(l.Rows) + l.Odd }

// Keep leaves the rows for which is holds and counts the others as unreadable: a thing without a name is none.
func (l *List[T]) Keep(is func(*T) bool) {
	kept := l.Rows[:0]
	for i := range l.Rows {
		if is(&l.Rows[i]) {
			kept = append(kept, l.Rows[i])
		}
	}
	l.Odd += len(l.Rows) - len(kept)
	l.Rows = kept
}

// Lost says how many elements could not be read, nil where all could.
func (l *List[T]) Lost(op string) error { return Lost(op, l.Odd, l.Len()) }

// Lost says that odd elements of so many could not be read, nil where all could.
func Lost(op string, odd, elements int) error {
	if odd == 0 {
		return nil
	}
	return cloud.Partial(op, fmt.Sprintf("%d of %d elements of the answer cannot be read", odd, elements))
}
