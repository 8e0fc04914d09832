package oracle

import (
	"bytes"
	"math"
	"strconv"
	"time"
)

// number is a JSON number, or a text that holds one. It is not known where the field is missing, null or anything else.
type number struct {
	v     float64
	known bool
}

// UnmarshalJSON implements json.Unmarshaler and never fails.
func (n *number) UnmarshalJSON(data []byte) error {
	v, err := strconv.ParseFloat(string(bytes.Trim(data, `"`)), 64)
	*n = number{}
	if err == nil && !math.IsNaN(v) && !math.IsInf(v, 0) {
		*n = number{v, true}
	}
	return nil
}

// positive reports whether the number is known and above zero.
func (n number) positive() bool { return n.known && n.v > 0 }

// moment is a time in RFC 3339, or with an offset without colon; zero where the field is missing, null or anything else.
type moment struct{ time.Time }

// UnmarshalJSON implements json.Unmarshaler and never fails.
func (m *moment) UnmarshalJSON(data []byte) error {
	text := bytes.Trim(data, `"`)
	if m.UnmarshalText(text) != nil {
		m.Time, _ = time.Parse("2006-01-02T15:04:05Z0700", string(text))
	}
	m.Time = m.UTC()
	return nil
}

// token is a text that is compared and thrown away: its memory is used again for the next one.
type token []byte

// UnmarshalJSON implements json.Unmarshaler and never fails. What is escaped is no identifier of Oracle's and stays as
// it is written.
func (t *token) UnmarshalJSON(data []byte) error {
	*t = append((*t)[:0], bytes.Trim(data, `"`)...)
	return nil
}

// present reports whether a field is there and not null.
type present bool

// UnmarshalJSON implements json.Unmarshaler and never fails.
func (p *present) UnmarshalJSON(data []byte) error {
	*p = string(data) != "null"
	return nil
}
