package config

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/adsops/cloudtop/pkg/nearest"
)

// Error is one thing that is wrong in a configuration file. It holds no secret.
type Error struct {
	File     string
	Line     int    // from 1
	Column   int    // in characters, from 1
	Field    string // "providers.vastai.rate_limit.timeout"; empty where the file is no JSON
	Problem  string // `"30x" is not a duration`
	Expected string // `a number with a unit like "30s" or "5m"`; may be empty

	offset int // in bytes: the order of errors
}

// Error implements error.
func (e *Error) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s:%d:%d: ", e.File, e.Line, e.Column)
	if e.Field != "" {
		b.WriteString(e.Field + ": ")
	}
	b.WriteString(e.Problem)
	if e.Expected != "" {
		b.WriteString(": expected " + e.Expected)
	}
	return b.String()
}

// place returns the line and column of an offset in data.
func place(data []byte, offset int) (line, column int) {
	before := data[:min(max(offset, 0), len(data))]
	start := bytes.LastIndexByte(before, '\n') + 1
	return bytes.Count(before, []byte("\n")) + 1, utf8.RuneCount(before[start:]) + 1
}

// longest is the length in bytes up to which a text of the file is repeated in an error: what is longer helps nobody
// and may be a key in the wrong place.
const longest = 24

// shown returns a text as errors repeat it.
func shown(s string) string {
	if len(s) > longest {
		return "this text"
	}
	return strconv.Quote(s)
}

// meant returns the hint for a mistyped name, and "" where nothing is near or there is but one name.
func meant(word string, names []string) string {
	if len(names) == 1 {
		return ""
	}
	return nearest.Hint(word, names)
}

// oneOf says which values are expected.
func oneOf(names []string) string {
	quoted := make([]string, len(names))
	for i, n := range names {
		quoted[i] = strconv.Quote(n)
	}
	switch len(quoted) {
	case 0:
		return "none"
	case 1:
		return quoted[0]
	}
	return "one of " + strings.Join(quoted, ", ")
}
