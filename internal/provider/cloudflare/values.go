package cloudflare

import (
	"bytes"
	"encoding/json"
	"strconv"
	"unicode/utf8"
	"unique"

	"github.com/adsops/cloudtop/internal/provider"
)

// values are the readings of one part of a row, by name: a few numbers, of which there may be many thousand rows.
type values []reading

type reading struct {
	name unique.Handle[string]
	v    float64
}

// UnmarshalJSON implements json.Unmarshaler. A null is no reading.
func (l *values) UnmarshalJSON(data []byte) error {
	if fast, ok := flat(data); ok {
		*l = fast
		return nil
	}
	var all map[string]provider.Number
	if err := json.Unmarshal(data, &all); err != nil {
		return err
	}
	*l = make(values, 0, len(all))
	for name, n := range all {
		if n.Known {
			*l = append(*l, reading{unique.Make(name), n.Value})
		}
	}
	return nil
}

// flat reads an object of plain names and numbers, valid JSON, as every answer has it; ok is false for anything else.
func flat(data []byte) (out values, ok bool) {
	odd := func(r rune) bool { return r == '\\' || r >= utf8.RuneSelf }
	if len(data) == 0 || data[0] != '{' || bytes.ContainsFunc(data, odd) {
		return nil, false
	}
	out = make(values, 0, bytes.Count(data, []byte{':'}))
	rest := bytes.TrimSpace(data[1:])
	for len(rest) > 0 && rest[0] == '"' {
		name, after, found := bytes.Cut(rest[1:], []byte{'"'})
		after = bytes.TrimSpace(after)
		if !found || len(after) == 0 || after[0] != ':' {
			return nil, false
		}
		after = bytes.TrimSpace(after[1:])
		end := bytes.IndexAny(after, ",} \t\r\n")
		if end < 0 {
			return nil, false
		}
		if word := after[:end]; string(word) != "null" {
			v, err := strconv.ParseFloat(string(word), 64)
			if err != nil {
				return nil, false
			}
			out = append(out, reading{unique.Make(string(name)), v})
		}
		rest = bytes.TrimLeft(after[end:], ", \t\r\n")
	}
	return out, len(rest) == 1 && rest[0] == '}'
}

// get returns the named reading, unknown where there is none.
func (l values) get(name string) provider.Number {
	h := unique.Make(name)
	for i := range l {
		if l[i].name == h {
			return provider.Number{Value: l[i].v, Known: true}
		}
	}
	return provider.Number{}
}
