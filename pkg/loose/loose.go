// Package loose decodes the JSON of APIs that are loose with types: their descriptions and their answers differ in
// number or text, 0 or false, seconds or a date. Each type takes these, and null, which stands for unknown. What it
// cannot take is a *json.UnmarshalTypeError that names the kind of JSON found, never the value, which may be a secret
// that got into the wrong place.
package loose

import (
	"encoding/json"
	"math"
	"reflect"
	"strconv"
	"strings"
	"time"
)

// Number is a JSON number or a text that holds one. The zero Number is unknown.
type Number struct {
	Value float64
	Known bool
}

// Of returns a known number.
func Of(v float64) Number { return Number{Value: v, Known: true} }

// UnmarshalJSON implements json.Unmarshaler.
func (n *Number) UnmarshalJSON(data []byte) error {
	*n = Number{}
	text := strings.TrimSpace(strings.Trim(string(data), `"`))
	if text == "null" || text == "" {
		return nil
	}
	v, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsNaN(v) || math.IsInf(v, 0) {
		return Mistyped[float64](data)
	}
	*n = Of(v)
	return nil
}

// Reading returns the number as what a sensor says: a negative one means that there is no reading.
func (n Number) Reading() (float64, bool) { return n.Value, n.Known && n.Value >= 0 }

// Optional returns a number that is not negative, nil for any other.
func (n Number) Optional() *float64 {
	if v, ok := n.Reading(); ok {
		return new(v)
	}
	return nil
}

// Time reads the number as seconds since 1970, the zero time where it is unknown or no moment.
func (n Number) Time() time.Time {
	const latest = 1e11 // the year 5138: what is later is not in seconds
	if !n.Known || n.Value <= 0 || n.Value > latest {
		return time.Time{}
	}
	whole, frac := math.Modf(n.Value)
	return time.Unix(int64(whole), int64(frac*1e9)).UTC().Truncate(time.Microsecond)
}

// Text is a JSON text without blanks around it, or a number or boolean as it is written. Null is "".
type Text string

// UnmarshalJSON implements json.Unmarshaler.
func (w *Text) UnmarshalJSON(data []byte) error {
	*w = ""
	switch data[0] {
	case '"':
		var s string
		err := json.Unmarshal(data, &s)
		*w = Text(strings.TrimSpace(s))
		return err
	case '{', '[':
		return Mistyped[string](data)
	}
	if string(data) != "null" {
		*w = Text(data)
	}
	return nil
}

// Flag is a JSON boolean, or 0 or 1, also as text. The zero Flag is unknown.
type Flag struct{ Value, Known bool }

// UnmarshalJSON implements json.Unmarshaler.
func (f *Flag) UnmarshalJSON(data []byte) error {
	*f = Flag{}
	switch strings.Trim(string(data), `"`) {
	case "null", "":
	case "true", "1":
		*f = Flag{Value: true, Known: true}
	case "false", "0":
		*f = Flag{Known: true}
	default:
		return Mistyped[bool](data)
	}
	return nil
}

// Time is a moment as a date or as seconds since 1970, in UTC. The zero Time is unknown.
type Time struct{ time.Time }

// layouts are the ways in which dates are written: RFC 3339, the same without a zone (UTC), with a blank in the middle or
// as a day alone, and what Go prints of a time.
func layouts() []string {
	return []string{
		time.RFC3339Nano, "2006-01-02T15:04:05.999999999", "2006-01-02 15:04:05.999999999",
		"2006-01-02 15:04:05.999999999Z07:00", "2006-01-02 15:04:05.999999999 -0700 MST", time.DateOnly,
	}
}

// UnmarshalJSON implements json.Unmarshaler.
func (t *Time) UnmarshalJSON(data []byte) error {
	t.Time = time.Time{}
	var n Number
	if n.UnmarshalJSON(data) == nil {
		t.Time = n.Time()
		return nil
	}
	var s string
	if json.Unmarshal(data, &s) != nil {
		return Mistyped[time.Time](data)
	}
	for _, layout := range layouts() {
		if at, err := time.Parse(layout, strings.TrimSpace(s)); err == nil {
			t.Time = at.UTC()
			return nil
		}
	}
	return Mistyped[time.Time](data)
}

// Mistyped returns the error of a value that cannot be a T.
func Mistyped[T any](data []byte) error {
	kind := "number"
	switch data[0] {
	case '"':
		kind = "string"
	case '{':
		kind = "object"
	case '[':
		kind = "array"
	case 't', 'f':
		kind = "bool"
	case 'n':
		kind = "null"
	}
	return &json.UnmarshalTypeError{Value: kind, Type: reflect.TypeFor[T]()}
}
