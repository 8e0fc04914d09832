package cloudflaresim

import (
	"net/http"
	"net/http/httptest"
	"strconv"
	"testing"
	"time"
)

// TestPagesCutAListAtItsBounds asks for pages of a list of seven, whose pages have two to five rows, usually three.
func TestPagesCutAListAtItsBounds(t *testing.T) {
	t.Parallel()
	var rows [][]byte
	for i := range 7 {
		rows = append(rows, []byte(strconv.Itoa(i)))
	}
	tests := []struct {
		query string
		want  string // the rows; "refused" = none
		info  pageInfo
	}{
		{"", "012", pageInfo{1, 3, 3, 7, 3}},
		{"page=3", "6", pageInfo{3, 3, 1, 7, 3}},
		{"page=4", "", pageInfo{4, 3, 0, 7, 3}},
		{"page=1000000", "", pageInfo{1000000, 3, 0, 7, 3}},
		{"per_page=2&page=2", "23", pageInfo{2, 2, 2, 7, 4}},
		{"per_page=5", "01234", pageInfo{1, 5, 5, 7, 2}},
		{"per_page=1", "refused", pageInfo{}},
		{"per_page=6", "refused", pageInfo{}},
		{"per_page=-2", "refused", pageInfo{}},
		{"per_page=many", "refused", pageInfo{}},
		{"page=0", "refused", pageInfo{}},
		{"page=-1", "refused", pageInfo{}},
		{"page=1.5", "refused", pageInfo{}},
	}
	for _, tt := range tests {
		b := bounds{2, 5, 3}
		res, bad := paginate(httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/?"+tt.query, nil), rows, b, outside(b))
		if bad != nil {
			if tt.want != "refused" || bad.status != 400 || bad.errors[0].Code != 1004 {
				t.Errorf("%q: got %+v, want %q", tt.query, bad, tt.want)
			}
			continue
		}
		got := ""
		for _, row := range res.rows {
			got += string(row)
		}
		if got != tt.want || res.info != any(tt.info) {
			t.Errorf("%q: got %q and %+v, want %q and %+v", tt.query, got, res.info, tt.want, tt.info)
		}
	}
}

func TestAnswersAreEnveloped(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		res  result
		want string
	}{
		{"a thing", result{value: object{"id": "x"}}, `{"result":{"id":"x"},"success":true,"errors":[],"messages":[]}`},
		{"an empty list", result{list: true}, `{"result":[],"success":true,"errors":[],"messages":[]}`},
		{"a list", result{list: true, rows: [][]byte{[]byte(`1`), []byte(`2`)}}, `{"result":[1,2],"success":true,"errors":[],"messages":[]}`},
		{"a list within", result{list: true, in: "buckets", rows: [][]byte{[]byte(`1`)}}, `{"result":{"buckets":[1]},"success":true,"errors":[],"messages":[]}`},
		{"with pages", result{list: true, info: pageInfo{1, 2, 0, 0, 0}},
			`{"result":[],"success":true,"errors":[],"messages":[],"result_info":{"page":1,"per_page":2,"count":0,"total_count":0,"total_pages":0}}`},
		{"with a note", result{value: 1, notes: []note{{Code: 10000, Message: "good"}}},
			`{"result":1,"success":true,"errors":[],"messages":[{"code":10000,"message":"good"}]}`},
	}
	for _, tt := range tests {
		w := httptest.NewRecorder()
		if tt.res.write(w); w.Body.String() != tt.want {
			t.Errorf("%s: got %s, want %s", tt.name, w.Body, tt.want)
		}
	}
	w := httptest.NewRecorder()
	if fail(403, 10000, `a "quoted" word`).write(w); w.Code != 403 || w.Header().Get("Content-Type") != "application/json" ||
		w.Body.String() != `{"success":false,"errors":[{"code":10000,"message":"a \"quoted\" word"}],"messages":[],"result":null}` {
		t.Errorf("got %d %s", w.Code, w.Body)
	}
}

func TestCyclesBeginOnTheTenth(t *testing.T) {
	t.Parallel()
	date := func(text string) time.Time {
		at, err := time.Parse(time.RFC3339, text)
		if err != nil {
			t.Fatal(err)
		}
		return at
	}
	for now, want := range map[string]string{
		"2026-11-01T12:00:00Z": "2026-10-10T00:00:00Z", "2026-11-10T00:00:00Z": "2026-11-10T00:00:00Z",
		"2026-11-09T23:59:59Z": "2026-10-10T00:00:00Z", "2026-01-05T00:00:00Z": "2025-12-10T00:00:00Z",
		"2026-03-31T00:00:00Z": "2026-03-10T00:00:00Z",
	} {
		if got := cycle(date(now)); !got.Equal(date(want)) {
			t.Errorf("at %s the cycle began at %s, want %s", now, got, want)
		}
	}
	tests := []struct {
		from, to string
		want     bool
	}{
		{"2026-11-01T00:00:00Z", "2026-11-30T00:00:00Z", true},
		{"2026-11-10T15:00:00Z", "2026-11-11T00:00:00Z", true}, // the day itself
		{"2026-11-11T00:00:00Z", "2026-11-30T00:00:00Z", false},
		{"2026-11-11T00:00:00Z", "2026-12-11T00:00:00Z", true},
		{"2026-11-01T00:00:00Z", "2026-11-09T00:00:00Z", false},
		{"2026-11-12T00:00:00Z", "2026-11-01T00:00:00Z", false},
	}
	for _, tt := range tests {
		if got := touchesCycle(date(tt.from), date(tt.to)); got != tt.want {
			t.Errorf("%s to %s: got %v", tt.from, tt.to, got)
		}
	}
}

func TestTagsAreAskedForWithYesAndNo(t *testing.T) {
	t.Parallel()
	s := &script{Tags: []string{"prod", "team:edge"}}
	for filter, want := range map[string]bool{
		"": true, "prod:yes": true, "prod:no": false, "test:no": true, "test:yes": false, "team:edge:yes": true, "team:edge:no": false,
		"prod:yes,test:no": true, "prod:yes,test:yes": false, "prod": false, ",": true,
	} {
		if got := s.tagged(filter); got != want {
			t.Errorf("%q: got %v, want %v", filter, got, want)
		}
	}
}

func TestIdentifiersHaveTheirForm(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]bool{
		"0123456789abcdef0123456789abcdef": true, "0123456789ABCDEF0123456789abcdef": false, "0123456789abcdef": false,
		"": false, "0123456789abcdef0123456789abcdeg": false, "0123456789abcdef0123456789abcdef0": false,
	} {
		if got := isTag(s); got != want {
			t.Errorf("%q is an identifier: %v", s, got)
		}
	}
	a, b := tagOf("@cf/meta/llama"), tagOf("@cf/meta/llama-2")
	if !isTag(a) || !isTag(b) || a == b || tagOf("@cf/meta/llama") != a {
		t.Errorf("got %s and %s", a, b)
	}
	if got := asUUID("0123456789abcdef0123456789abcdef"); got != "01234567-89ab-4def-8123-456789abcdef" {
		t.Errorf("got %s", got)
	}
}
