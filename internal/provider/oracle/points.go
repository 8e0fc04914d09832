package oracle

import (
	"bytes"
	"encoding/json"
	"errors"
)

// point is AggregatedDatapoint.
type point struct {
	Timestamp moment `json:"timestamp"`
	Value     number `json:"value"`
}

// points are the AggregatedDatapoints of a stream, of which the newest that has a value is kept. They are most of what
// Oracle answers: the way in which it writes them is read by itself, at a quarter of the time, and any other as all JSON.
type points struct {
	newest point // its value is not known where there is none
	odd    error // they are not as published
}

// UnmarshalJSON implements json.Unmarshaler and never fails: what is odd about the points leaves the rest of the stream.
func (p *points) UnmarshalJSON(data []byte) error {
	*p = points{}
	if p.plain(data) {
		return nil
	}
	*p = points{}
	var all []point
	p.odd = json.Unmarshal(data, &all)
	if e, ok := errors.AsType[*json.UnmarshalTypeError](p.odd); ok && e.Field == "" {
		e.Field = "aggregatedDatapoints"
	}
	for i := range all {
		p.take(&all[i])
	}
	return nil
}

func (p *points) take(x *point) {
	if x.Value.known && !x.Timestamp.IsZero() && (!p.newest.Value.known || x.Timestamp.After(p.newest.Timestamp.Time)) {
		p.newest = *x
	}
}

// plain reads [{"timestamp":"...","value":1.5},...], without blanks. It reports false where anything else is written.
func (p *points) plain(data []byte) bool {
	rest, ok := bytes.CutPrefix(data, []byte("["))
	for ok && len(rest) > 0 && rest[0] == '{' {
		var x point
		if rest, ok = x.plain(rest); ok {
			p.take(&x)
			rest, _ = bytes.CutPrefix(rest, []byte(","))
		}
	}
	return ok && string(rest) == "]"
}

// plain reads a point, and returns what follows.
func (x *point) plain(data []byte) (rest []byte, ok bool) {
	rest, ok = bytes.CutPrefix(data, []byte(`{"timestamp":"`))
	if !ok {
		return nil, false
	}
	stamp, rest, _ := bytes.Cut(rest, []byte(`"`))
	if rest, ok = bytes.CutPrefix(rest, []byte(`,"value":`)); !ok {
		return nil, false
	}
	value, rest, ok := bytes.Cut(rest, []byte("}"))
	if !ok || bytes.ContainsAny(value, `,"{[`) || bytes.ContainsRune(stamp, '\\') {
		return nil, false
	}
	_, _ = x.Timestamp.UnmarshalJSON(stamp), x.Value.UnmarshalJSON(value) // they never fail
	return rest, true
}
