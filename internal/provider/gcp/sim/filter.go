package gcpsim

import (
	"fmt"
	"net/http"
	"path"
	"regexp"
	"strings"
)

// condition is a part of a list filter of compute v1: status = RUNNING, labels.env:prod, name eq web-.*.
type condition struct {
	field  []string
	op     string
	want   string
	wanted *regexp.Regexp // of eq and ne
}

// filter holds where all its conditions do.
type filter []condition

// term of a list filter: a field, an operator, and a value that may be in quotes.
var listTerm = regexp.MustCompile(`^([A-Za-z][A-Za-z0-9_.-]*)\s*(!=|=|:|\s(?:eq|ne)\s)\s*("[^"]*"|[^\s"]+)$`)

// readFilter reads a filter of conditions that are joined by AND, each in parentheses or not. What else Google knows
// (OR, comparisons) is refused.
func readFilter(s string) (filter, *problem) {
	if strings.TrimSpace(s) == "" {
		return nil, nil
	}
	var out filter
	for _, part := range regexp.MustCompile(`\)\s*\(|\s+AND\s+`).Split(strings.TrimSpace(s), -1) {
		t := listTerm.FindStringSubmatch(strings.TrimSpace(strings.Trim(part, "() ")))
		if t == nil {
			return nil, newProblem(http.StatusBadRequest, "Invalid value for field 'filter': '"+s+"'. Invalid list filter expression.").because("invalid", "global")
		}
		c := condition{field: strings.Split(t[1], "."), op: strings.TrimSpace(t[2]), want: strings.Trim(t[3], `"`)}
		if c.op == "eq" || c.op == "ne" {
			re, err := regexp.Compile("^(?:" + c.want + ")$")
			if err != nil {
				return nil, invalid("Invalid value for field 'filter': '"+s+"'. Invalid regular expression.").because("invalid", "global")
			}
			c.wanted = re
		}
		out = append(out, c)
	}
	return out, nil
}

func (f filter) holds(o object) bool {
	for i := range f {
		if !f[i].holds(o) {
			return false
		}
	}
	return true
}

func (c *condition) holds(o object) bool {
	var v any = o
	for _, name := range c.field {
		switch in := v.(type) {
		case object:
			v = in[name]
		case map[string]string:
			text, ok := in[name]
			if v = nil; ok {
				v = text
			}
		default:
			v = nil
		}
	}
	got := ""
	if v != nil {
		got = fmt.Sprint(v)
	}
	same := got == c.want || (strings.HasPrefix(got, "https://") && path.Base(got) == c.want)
	switch c.op {
	case "!=":
		return !same
	case ":":
		return v != nil && (c.want == "*" || strings.Contains(strings.ToLower(got), strings.ToLower(c.want)))
	case "eq":
		return c.wanted.MatchString(got)
	case "ne":
		return !c.wanted.MatchString(got)
	}
	return same
}
