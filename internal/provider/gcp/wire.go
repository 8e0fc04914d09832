package gcp

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"strconv"
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
		return errors.New("a text is no text")
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
		return errors.New("a number is no number")
	}
	if t == "" {
		return nil
	}
	v, err := strconv.ParseFloat(string(t), 64)
	if err != nil && !math.IsInf(v, 0) {
		return errors.New("a number is no number")
	}
	*n = number{v, !math.IsNaN(v) && !math.IsInf(v, 0)}
	return nil
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
		if err != nil {
			s.odd++
			if s.why == nil {
				s.why = err
			}
		}
		if part[0] == '{' {
			s.all = append(s.all, v)
		}
	}
	return nil
}

// lost returns what is to be said of the elements that could not be understood.
func (s *some[T]) lost(op string) []error {
	if s.odd == 0 {
		return nil
	}
	return []error{missing(op, strconv.Itoa(s.odd)+" of the list:", "cannot be understood: "+s.why.Error())}
}
