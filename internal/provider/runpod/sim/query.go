package runpodsim

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// query reads the parameters of a call and collects what is wrong with them.
type query struct {
	values url.Values
	errors []string
}

func queryOf(r *http.Request) *query { return &query{values: r.URL.Query()} }

// invalid returns the answer to malformed parameters (422), nil where all are well-formed.
func (q *query) invalid() *problem {
	if len(q.errors) == 0 {
		return nil
	}
	return &problem{Status: http.StatusUnprocessableEntity, Detail: "Request validation failed.", Errors: q.errors}
}

func (q *query) wrong(name, format string, args ...any) {
	q.errors = append(q.errors, name+": "+fmt.Sprintf(format, args...))
}

func (q *query) has(name string) bool { return q.values.Get(name) != "" }

// list returns the members of a comma-joined parameter, each of which must match.
func (q *query) list(name string, matches func(string) bool) []string {
	if !q.has(name) {
		return nil
	}
	all := strings.Split(strings.Join(q.values[name], ","), ",")
	for _, v := range all {
		if !matches(v) {
			q.wrong(name, "value %q is not allowed", v)
		}
	}
	return all
}

func (q *query) one(name string, matches func(string) bool) string {
	v := q.values.Get(name)
	if v != "" && !matches(v) {
		q.wrong(name, "value %q is not allowed", v)
	}
	return v
}

// of returns a match for the given words.
func of(words ...string) func(string) bool {
	return func(s string) bool { return slices.Contains(words, s) }
}

// like returns a match for a pattern.
func like(pattern string) func(string) bool { return regexp.MustCompile(pattern).MatchString }

// flag returns a boolean, nil where it is not given.
func (q *query) flag(name string) *bool {
	switch q.one(name, of("true", "false")) {
	case "true":
		return new(true)
	case "false":
		return new(false)
	}
	return nil
}

// number returns a whole number of at least least, def where it is not given.
func (q *query) number(name string, least, most, def int) int {
	if !q.has(name) {
		return def
	}
	n, err := strconv.Atoi(q.values.Get(name))
	if err != nil || n < least || n > most {
		q.wrong(name, "must be a whole number from %d to %d", least, most)
		return def
	}
	return n
}

// time returns a moment, def where it is not given.
func (q *query) time(name string, def time.Time) time.Time {
	if !q.has(name) {
		return def
	}
	t, err := time.Parse(time.RFC3339, q.values.Get(name))
	if err != nil {
		q.wrong(name, "must be a date-time (RFC 3339)")
		return def
	}
	return t.UTC()
}
