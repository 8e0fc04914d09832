package sim

import (
	"encoding/json"
	"math"
	"slices"
	"strconv"
	"time"
)

// Appender is a value that writes itself as JSON.
type Appender interface{ AppendJSON(out []byte) []byte }

// AppendJSON appends v as encoding/json writes it, but without reflection for what answers are made of: maps, lists and
// plain values. A json.RawMessage must be compact already; a number that JSON has no word for is null.
func AppendJSON(out []byte, v any) []byte {
	switch v := v.(type) {
	case nil:
		return append(out, "null"...)
	case string:
		return AppendText(out, v)
	case bool:
		return strconv.AppendBool(out, v)
	case int:
		return strconv.AppendInt(out, int64(v), 10)
	case int64:
		return strconv.AppendInt(out, v, 10)
	case float64:
		return appendNumber(out, v)
	case time.Time:
		if year := v.Year(); year >= 0 && year <= 9999 && v.Location() == time.UTC {
			return append(v.AppendFormat(append(out, '"'), time.RFC3339Nano), '"')
		}
	case map[string]any:
		return appendObject(out, v)
	case map[string]string:
		return appendWords(out, v)
	case map[string]map[string]string:
		return appendMap(out, v, appendWords)
	case []any:
		return appendList(out, v, AppendJSON)
	case []map[string]any:
		return appendList(out, v, appendObject)
	case []string:
		return appendList(out, v, AppendText)
	case []json.RawMessage:
		return appendList(out, v, appendRaw)
	case json.RawMessage:
		return appendRaw(out, v)
	case Appender:
		return v.AppendJSON(out)
	}
	data, err := json.Marshal(v)
	if err != nil {
		return append(out, "null"...)
	}
	return append(out, data...)
}

// AppendText appends s as a JSON string; what needs no escape is copied.
func AppendText(out []byte, s string) []byte {
	const escaped = 1<<' ' - 1 | 1<<'"' | 1<<'&' | 1<<'<' | 1<<'>' // below '@'
	for i := range len(s) {
		if c := s[i]; c < '@' && uint64(escaped)>>c&1 != 0 || c == '\\' || c > '~' {
			data, _ := json.Marshal(s) // text always encodes
			return append(out, data...)
		}
	}
	out = append(out, '"')
	out = append(out, s...)
	return append(out, '"')
}

// appendNumber writes very small and very large numbers with an exponent, as ECMAScript does.
func appendNumber(out []byte, f float64) []byte {
	size := math.Abs(f)
	switch {
	case math.IsNaN(f) || math.IsInf(f, 0):
		return append(out, "null"...)
	case size == 0 || size >= 1e-6 && size < 1e21:
		return strconv.AppendFloat(out, f, 'f', -1, 64)
	}
	out = strconv.AppendFloat(out, f, 'e', -1, 64)
	if n := len(out); n >= 4 && out[n-4] == 'e' && out[n-3] == '-' && out[n-2] == '0' { // e-09 is e-9
		out[n-2] = out[n-1]
		out = out[:n-1]
	}
	return out
}

func appendObject(out []byte, m map[string]any) []byte { return appendMap(out, m, AppendJSON) }

func appendWords(out []byte, m map[string]string) []byte { return appendMap(out, m, AppendText) }

func appendRaw(out []byte, raw json.RawMessage) []byte {
	if raw == nil {
		return append(out, "null"...)
	}
	return append(out, raw...)
}

// appendMap orders a map by its keys.
func appendMap[V any](out []byte, m map[string]V, value func([]byte, V) []byte) []byte {
	if m == nil {
		return append(out, "null"...)
	}
	var room [32]string
	keys := room[:0]
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	out = append(out, '{')
	for i, k := range keys {
		if i > 0 {
			out = append(out, ',')
		}
		out = append(AppendText(out, k), ':')
		out = value(out, m[k])
	}
	return append(out, '}')
}

func appendList[V any](out []byte, list []V, value func([]byte, V) []byte) []byte {
	if list == nil {
		return append(out, "null"...)
	}
	out = append(out, '[')
	for i, v := range list {
		if i > 0 {
			out = append(out, ',')
		}
		out = value(out, v)
	}
	return append(out, ']')
}
