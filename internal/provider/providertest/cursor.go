package providertest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// cursorChecks answer every page with the first one again, whose cursor then comes again and again.
func (s *suite) cursorChecks(lessons []lesson) []check {
	var all []check
	for _, l := range lessons {
		for _, c := range l.cursors() {
			all = append(all, check{
				name: "paging/repeated cursor/" + l.name + "/" + c.path,
				run:  func(t testing.TB) { s.repeatCursor(t, &l, c) },
			})
		}
	}
	return all
}

// cursors returns the endpoints that are paged by a token which each answer gives for the next call.
func (l *lesson) cursors() []call {
	var all []call
	last := map[call]*exchange{}
	first := map[call]*exchange{}
	for _, x := range l.calls {
		c := x.place()
		if before := last[c]; before != nil && !slices.Contains(all, c) && x.follows(before, first[c]) {
			all = append(all, c)
		}
		last[c] = x
		if first[c] == nil {
			first[c] = x
		}
	}
	return all
}

// follows reports whether x sends a token that the answer to before has given.
func (x *exchange) follows(before, first *exchange) bool {
	_, header, body := before.received()
	known := append(first.values(), before.values()...)
	for _, v := range x.values() {
		if len(v) < 4 || slices.Contains(known, v) {
			continue
		}
		if bytes.Contains(body, []byte(v)) || strings.Contains(fmt.Sprint(header), v) {
			return true
		}
	}
	return false
}

// values returns every value that the call sent in its query or its JSON body.
func (x *exchange) values() []string {
	var out []string
	q, _ := url.ParseQuery(x.query)
	for _, vs := range q {
		out = append(out, vs...)
	}
	var walk func(v any)
	walk = func(v any) {
		switch v := v.(type) {
		case string:
			out = append(out, v)
		case float64:
			out = append(out, strconv.FormatFloat(v, 'f', -1, 64))
		case []any:
			for _, e := range v {
				walk(e)
			}
		case map[string]any:
			for _, e := range v {
				walk(e)
			}
		}
	}
	var body any
	if json.Unmarshal(x.body, &body) == nil {
		walk(body)
	}
	return out
}

// repeatCursor answers every call of c with the answer to the first. The task must end with an error: to go on would
// be a loop, and to stop in silence a loss.
func (s *suite) repeatCursor(t testing.TB, l *lesson, c call) {
	bound := 3*len(l.calls) + 10
	x := s.open(t, setup{most: bound})
	x.tap.stand = func(now *exchange, seen []*exchange) (*http.Response, []byte) {
		if now.place() != c {
			return nil, nil
		}
		for _, e := range seen {
			if status, header, body := e.received(); e.place() == c && status == http.StatusOK {
				return &http.Response{
					StatusCode: status, Header: header, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, ContentLength: int64(len(body)),
				}, body
			}
		}
		return nil, nil
	}
	out := x.do(t.Context(), l.task)
	if n := len(x.tap.exchanges()); n >= bound {
		t.Errorf("%s: %d calls with a cursor that comes again and again, where a clean run makes %d", l.name, n, len(l.calls))
	}
	if out.complete() {
		t.Errorf("%s: no error, and %d rows, though the cursor of %s was repeated", l.name, len(out.rows()), c)
	}
	x.close()
}
