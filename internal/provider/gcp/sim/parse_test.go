package gcpsim

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/adsops/cloudtop/internal/sim"
)

func TestMasksSelect(t *testing.T) {
	t.Parallel()
	whole := object{"a": object{"b": "1", "c": "2"}, "d": []object{{"e": "3", "f": "4"}}, "g": "5"}
	for fields, want := range map[string]string{
		"":              `{"a":{"b":"1","c":"2"},"d":[{"e":"3","f":"4"}],"g":"5"}`,
		"g":             `{"g":"5"}`,
		"a":             `{"a":{"b":"1","c":"2"}}`,
		"a/b":           `{"a":{"b":"1"}}`,
		"a(b,c)":        `{"a":{"b":"1","c":"2"}}`,
		"a/b,a/c":       `{"a":{"b":"1","c":"2"}}`,
		"*/b":           `{"a":{"b":"1"},"d":[{}],"g":"5"}`,
		"d/e":           `{"d":[{"e":"3"}]}`,
		"d(e),g":        `{"d":[{"e":"3"}],"g":"5"}`,
		"nothing":       `{}`,
		"nothing/else":  `{}`,
		"a(b),nothing":  `{"a":{"b":"1"}}`,
		"d(e,f/g(h,i))": `{"d":[{"e":"3","f":"4"}]}`,
	} {
		m, ok := parseMask(fields)
		w := httptest.NewRecorder()
		writeJSON(w, http.StatusOK, m.apply(whole))
		if !ok || w.Body.String() != want {
			t.Errorf("%s: got %s (%v), want %s", fields, w.Body, ok, want)
		}
	}
	m, _ := parseMask("a(b),d/e")
	for path, want := range map[string]bool{"a": true, "a/b": true, "a/c": false, "d/e/x": true, "g": false} {
		if got := m.has(strings.Split(path, "/")...); got != want {
			t.Errorf("%s is selected: %v, want %v", path, got, want)
		}
	}
}

// FuzzQueries gives the parsers anything: they must not panic, and what they take must be whole.
func FuzzQueries(f *testing.F) {
	f.Add("a,b/c,d(e,f/g)", `status = RUNNING AND (name eq web.*)`, `metric.type = "x" AND resource.labels.zone != starts_with("us-")`)
	f.Add("a(((", `labels.env:*`, `metric.type = "x`)
	f.Add("*", `name eq (`, `metric.type="a" AND metric.type="b"`)
	f.Fuzz(func(t *testing.T, fields, filter, series string) {
		if m, ok := parseMask(fields); ok && fields != "" && len(m) == 0 {
			t.Errorf("fields %q select nothing and are good", fields)
		}
		if keep, bad := readFilter(filter); bad == nil {
			keep.holds(object{"status": "RUNNING", "labels": map[string]string{"env": "x"}})
		}
		q := url.Values{
			"filter": {series}, "interval.startTime": {"2026-11-01T11:50:00Z"}, "interval.endTime": {"2026-11-01T12:00:00Z"}, "aggregation.alignmentPeriod": {"60s"},
		}
		if w, bad := readWish(&call{query: q}); bad == nil && w.kind == "" {
			t.Errorf("%q asks for no metric and is good", series)
		}
	})
}

// FuzzTokens gives the doors anything: nothing but what was handed out or signed opens them.
func FuzzTokens(f *testing.F) {
	for _, seed := range []string{"", "Bearer ", "Bearer ya29.c.sim.", "Bearer ya29.c.sim.9999999999.x.y", "Bearer a.b.c", "Basic x", "Bearer ya29.c.sim.1.2.3.4"} {
		f.Add(seed)
	}
	c := New(sim.NewWorld(sim.Options{Seed: 1})).(*cloud)
	f.Fuzz(func(t *testing.T, header string) {
		r := httptest.NewRequest(http.MethodGet, "https://compute.googleapis.com/compute/v1/projects/x/zones", nil)
		r.Header["Authorization"] = []string{header}
		if c.authenticate("compute.googleapis.com", r) == nil {
			t.Errorf("%q opens the door", header)
		}
	})
}
