package vastai

import (
	"bytes"
	"encoding/json"
	"math"
	"reflect"
	"strconv"
	"strings"
	"time"
)

// The API is loose with types: its descriptions and its answers differ in number or text, 0 or false, list or object
// (os_version is "18.04" in one example and 18.04 in another). The types below take each of these, and null.

// number is a JSON number or a text that holds one. The zero number is unknown.
type number struct {
	value float64
	known bool
}

// UnmarshalJSON implements json.Unmarshaler.
func (n *number) UnmarshalJSON(data []byte) error {
	*n = number{}
	text := strings.Trim(string(data), `"`)
	if text == "null" || text == "" {
		return nil
	}
	v, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsNaN(v) || math.IsInf(v, 0) {
		return mistyped[float64](data)
	}
	*n = number{value: v, known: true}
	return nil
}

// reading returns the number as what a sensor says: a negative one means that there is no reading.
func (n number) reading() (float64, bool) { return n.value, n.known && n.value >= 0 }

// id returns the number as an identifier, "" where it is unknown.
func (n number) id() string {
	if !n.known {
		return ""
	}
	return strconv.FormatFloat(n.value, 'f', -1, 64)
}

// time reads the number as seconds since 1970, the zero time where it is unknown or no moment.
func (n number) time() time.Time {
	const latest = 1e11 // the year 5138: what is later is not in seconds
	if !n.known || n.value <= 0 || n.value > latest {
		return time.Time{}
	}
	whole, frac := math.Modf(n.value)
	return time.Unix(int64(whole), int64(frac*1e9)).UTC().Truncate(time.Microsecond)
}

// word is a JSON text, or a number or boolean as text. Null is "".
type word string

// UnmarshalJSON implements json.Unmarshaler.
func (w *word) UnmarshalJSON(data []byte) error {
	switch {
	case bytes.Equal(data, []byte("null")):
		*w = ""
		return nil
	case data[0] == '"':
		var s string
		err := json.Unmarshal(data, &s)
		*w = word(strings.TrimSpace(s))
		return err
	case data[0] == '{' || data[0] == '[':
		return mistyped[string](data)
	}
	*w = word(data)
	return nil
}

// flag is a JSON boolean, or 0 or 1. The zero flag is unknown.
type flag struct{ value, known bool }

// UnmarshalJSON implements json.Unmarshaler.
func (f *flag) UnmarshalJSON(data []byte) error {
	switch string(data) {
	case "null":
		*f = flag{}
	case "true", "1":
		*f = flag{value: true, known: true}
	case "false", "0":
		*f = flag{known: true}
	default:
		return mistyped[bool](data)
	}
	return nil
}

// moment is a point in time as seconds since 1970 or as text (RFC 3339): the description and the official client of
// the serverless endpoints differ. The zero moment is unknown.
type moment struct{ time.Time }

// UnmarshalJSON implements json.Unmarshaler.
func (m *moment) UnmarshalJSON(data []byte) error {
	var n number
	if n.UnmarshalJSON(data) == nil {
		m.Time = n.time()
		return nil
	}
	var s string
	if json.Unmarshal(data, &s) != nil {
		return mistyped[time.Time](data)
	}
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999", time.DateTime} {
		if at, err := time.Parse(layout, s); err == nil {
			m.Time = at.UTC()
			return nil
		}
	}
	return mistyped[time.Time](data)
}

// decode reports whether data is a T, and fills out with it.
func decode[T any](data []byte, out *T) bool { return json.Unmarshal(data, out) == nil }

// mistyped is the error of a value that cannot be a T. It names the kind of JSON found, never the value, which may be
// a secret that got into the wrong place.
func mistyped[T any](data []byte) error {
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
	}
	return &json.UnmarshalTypeError{Value: kind, Type: reflect.TypeFor[T]()}
}
