package cloudflare

import (
	"bytes"
	"encoding/json"
	"slices"
	"strconv"
	"unicode/utf8"
	"unique"

	"github.com/adsops/cloudtop/pkg/loose"
)

// values are readings by name: a few numbers, of which there may be many thousand rows.
type values []reading

type reading struct {
	name unique.Handle[string]
	v    float64
}

// UnmarshalJSON implements json.Unmarshaler: it adds to what is there. A null is no reading.
func (l *values) UnmarshalJSON(data []byte) error {
	before := len(*l)
	if l.flat(data) {
		return nil
	}
	*l = (*l)[:before]
	var all map[string]json.RawMessage
	if err := json.Unmarshal(data, &all); err != nil {
		return err
	}
	for name, data := range all {
		if n, ok := number(data); ok {
			*l = append(*l, reading{unique.Make(name), n})
		}
	}
	return nil
}

// number reads a number, or a text that holds one; ok is false for anything else.
func number(data []byte) (v float64, ok bool) {
	var n loose.Number
	err := n.UnmarshalJSON(data)
	return n.Value, err == nil && n.Known
}

// flat adds an object of plain names and numbers, valid JSON, as every answer has it. It reports false for anything
// else, of which it may have added a part.
func (l *values) flat(data []byte) bool {
	odd := func(r rune) bool { return r == '\\' || r >= utf8.RuneSelf }
	if len(data) == 0 || data[0] != '{' || bytes.ContainsFunc(data, odd) {
		return false
	}
	*l = slices.Grow(*l, bytes.Count(data, []byte{':'}))
	rest := bytes.TrimSpace(data[1:])
	for len(rest) > 0 && rest[0] == '"' {
		name, after, found := bytes.Cut(rest[1:], []byte{'"'})
		after = bytes.TrimSpace(after)
		if !found || len(after) == 0 || after[0] != ':' {
			return false
		}
		after = bytes.TrimSpace(after[1:])
		end := bytes.IndexAny(after, ",} \t\r\n")
		if end < 0 {
			return false
		}
		if word := after[:end]; string(word) != "null" {
			v, err := strconv.ParseFloat(string(word), 64)
			if err != nil {
				return false
			}
			*l = append(*l, reading{unique.Make(string(name)), v})
		}
		rest = bytes.TrimLeft(after[end:], ", \t\r\n")
	}
	return len(rest) == 1 && rest[0] == '}'
}

// get returns the named reading, unknown where there is none or one below 0: nothing that is counted here can be.
func (l values) get(name string) loose.Number {
	h := unique.Make(name)
	for i := range l {
		if l[i].name == h && l[i].v >= 0 {
			return loose.Number{Value: l[i].v, Known: true}
		}
	}
	return loose.Number{}
}
