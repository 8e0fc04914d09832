package gcp

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"strconv"

	"github.com/adsops/cloudtop/pkg/loose"
)

// text is a string of an answer. A number or a truth value is taken as it is written, null is empty: what is 64 bits
// wide comes as text, but not from everybody.
type text string

// UnmarshalJSON implements json.Unmarshaler.
func (t *text) UnmarshalJSON(data []byte) error {
	var s string
	switch {
	case string(data) == "null":
	case json.Unmarshal(data, &s) == nil:
	case data[0] == '{' || data[0] == '[':
		return oddError("a text is no text")
	default:
		s = string(data)
	}
	*t = text(s)
	return nil
}

// number is a number of an answer, also one that is written as text (all of 64 bits are). Null, "NaN" and the
// infinities, which JSON has as text too, are not known.
type number struct {
	value float64
	known bool
}

// UnmarshalJSON implements json.Unmarshaler.
func (n *number) UnmarshalJSON(data []byte) error {
	*n = number{}
	var t text
	if err := t.UnmarshalJSON(data); err != nil {
		return oddError("a number is no number")
	}
	if t == "" {
		return nil
	}
	v, err := strconv.ParseFloat(string(t), 64)
	if err != nil && !math.IsInf(v, 0) {
		return oddError("a number is no number")
	}
	*n = number{v, !math.IsNaN(v) && !math.IsInf(v, 0)}
	return nil
}

// oddError is of a value that is not what is expected.
type oddError string

func (e oddError) Error() string { return string(e) }

// odd reports whether err is of a value that is not what is expected, in JSON that is well formed.
func odd(err error) bool {
	_, ours := errors.AsType[oddError](err)
	_, mistyped := errors.AsType[*json.UnmarshalTypeError](err)
	return ours || mistyped
}

// some is a list of which each element is read by itself: one that cannot be understood leaves the others.
type some[T any] struct {
	all []T
	odd int   // elements that are not there, or not whole
	why error // of the first of them
}

// UnmarshalJSON implements json.Unmarshaler. An element with a field of another type than expected stays, without that
// field.
func (s *some[T]) UnmarshalJSON(data []byte) error {
	*s = some[T]{}
	var whole []T
	if json.Unmarshal(data, &whole) == nil && !bytes.Contains(data, []byte("null")) {
		s.all = whole
		return nil
	}
	var parts []json.RawMessage
	if err := json.Unmarshal(data, &parts); err != nil {
		return err
	}
	s.all = make([]T, 0, len(parts))
	for _, part := range parts {
		var v T
		err := json.Unmarshal(part, &v)
		if string(part) == "null" {
			err = errors.New("null")
		}
		s.note(err)
		if part[0] == '{' {
			s.all = append(s.all, v)
		}
	}
	return nil
}

// stream reads a list as it arrives, each element into a new T, which it gives to use and does not keep. What it does
// with elements that are odd is as of a list that is kept.
func (s *some[T]) stream(from *json.Decoder, use func(*T)) error {
	return loose.Elements(from, func() error {
		var v *T
		err := from.Decode(&v)
		switch {
		case err != nil && !odd(err):
			return err
		case err == nil && v == nil:
			err = errors.New("null")
		}
		s.note(err)
		if v != nil {
			use(v)
		}
		return nil
	})
}

// note counts an element with an error.
func (s *some[T]) note(err error) {
	if err == nil {
		return
	}
	s.odd++
	if s.why == nil {
		s.why = err
	}
}

// lost returns what is to be said of the elements that could not be understood.
func (s *some[T]) lost(op string) []error {
	if s.odd == 0 {
		return nil
	}
	return []error{missing(op, strconv.Itoa(s.odd)+" of the list:", "cannot be understood: "+s.why.Error())}
}
