package config

import (
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// rules are what a value must keep to: the keywords of its jsonschema tag, which the published schema is made of too.
type rules struct {
	enum    []string // the texts that are allowed; empty = all
	minimum string   // the least number or duration; empty = none
	maximum string   // the longest duration; empty = none
	filled  bool     // not an empty text
	pattern string   // what a text must match; empty = all
	example string   // of such a text
	secret  bool     // never repeated in an error
}

func rulesOf(tag reflect.StructTag) rules {
	var r rules
	for keyword := range strings.SplitSeq(tag.Get("jsonschema"), ",") {
		name, value, _ := strings.Cut(keyword, "=")
		switch name {
		case "enum":
			r.enum = append(r.enum, value)
		case "minimum":
			r.minimum = value
		case "maximum":
			r.maximum = value
		case "minLength":
			r.filled = true
		case "pattern":
			r.pattern = value
		case "example":
			r.example = value
		}
	}
	return r
}

// expectedText says what text is expected.
func (r rules) expectedText() string {
	switch {
	case len(r.enum) > 0:
		return oneOf(r.enum)
	case r.example != "":
		return "a text like " + strconv.Quote(r.example)
	}
	return string(text)
}

// keepsText reports whether n is a text that keeps to its field's rules, and notes an error if not.
func (r *reader) keepsText(n *node, f field) bool {
	problem := ""
	switch {
	case n.kind != text:
		r.wrong(n, f, f.expectedText())
		return false
	case len(f.enum) > 0 && !slices.Contains(f.enum, n.text):
		problem = "is unknown" + meant(n.text, f.enum)
		if !f.secret {
			problem = shown(n.text) + " " + problem
		}
	case f.filled && n.text == "":
		problem = "is empty"
	case f.pattern != "" && !regexp.MustCompile(f.pattern).MatchString(n.text):
		problem = "has another form"
	}
	if problem != "" {
		r.fail(n.at, f, problem, f.expectedText())
	}
	return problem == ""
}

// parseNumber returns the number that a text of JSON is, for a Go value of a kind, and what that kind is called.
func parseNumber(s string, k reflect.Kind) (x float64, called string, err error) {
	if k == reflect.Int {
		i, err := strconv.Atoi(s)
		return float64(i), "a whole number", err
	}
	x, err = strconv.ParseFloat(s, 64)
	return x, "a number", err
}

// keepsNumber reports whether n is a number for a kind of Go value that keeps to its field's rules, and notes an error
// if not.
func (r *reader) keepsNumber(n *node, f field, k reflect.Kind) bool {
	x, expected, err := parseNumber(n.text, k)
	least, none := strconv.ParseFloat(f.minimum, 64)
	if none == nil {
		expected += " of at least " + f.minimum
	}
	if n.kind != number {
		r.wrong(n, f, expected)
		return false
	}
	if err != nil || none == nil && x < least {
		r.fail(n.at, f, strings.Trim(shown(n.text), `"`)+" is not possible", expected)
		return false
	}
	return true
}

// bindDuration sets v to a duration that keeps to its field's rules, and notes an error where n is none.
func (r *reader) bindDuration(n *node, v *Duration, f field) {
	expected := `a number with a unit, like "30s" or "5m"`
	if n.kind != text {
		r.wrong(n, f, expected)
		return
	}
	var d Duration
	if err := d.UnmarshalText([]byte(n.text)); err != nil {
		r.fail(n.at, f, shown(n.text)+" "+err.Error(), expected)
		return
	}
	switch {
	case f.minimum != "" && d < durationOf(f.minimum):
		r.fail(n.at, f, shown(n.text)+" is too short", "at least "+strconv.Quote(f.minimum))
	case f.maximum != "" && d > durationOf(f.maximum):
		r.fail(n.at, f, shown(n.text)+" is too long", "at most "+strconv.Quote(f.maximum))
	default:
		*v = d
	}
}

// durationOf reads a bound of a jsonschema tag.
func durationOf(bound string) Duration {
	var d Duration
	if err := d.UnmarshalText([]byte(bound)); err != nil {
		panic("config: " + bound + " " + err.Error()) // a tag of ours
	}
	return d
}
