package cloudflare

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"
)

// readReply reads an answer to a query of two nodes: "d1", and "d1Storage" of which the newest rows are kept.
func readReply(answer string) (*reply, error) {
	r := newReply(&plan{nodes: []node{{alias: "d1"}, {alias: "d1Storage", span: lastDay}}})
	return r, r.read(json.NewDecoder(strings.NewReader(answer)))
}

func answered(members string) string { return `{"data":{"viewer":{"accounts":[{` + members + `}]}}}` }

func TestAnAnswerIsReadInWhateverOrderItComes(t *testing.T) {
	t.Parallel()
	const row = `{"dimensions":{"databaseId":"a"},"sum":{"rowsRead":1}}`
	tests := []struct {
		name, answer string
		found        bool
		rows         int // of d1
		failed       int
		errors       int
	}{
		{"rows", answered(`"d1":[` + row + `]`), true, 1, 0, 0},
		{"errors first", `{"errors":[{"message":"x"}],"data":{"viewer":{"accounts":[{"d1":[` + row + `]}]}}}`, true, 1, 0, 1},
		{"null errors", `{"errors":null,"data":{"viewer":{"accounts":[{"d1":[` + row + `]}]}}}`, true, 1, 0, 0},
		{"the same account alone", `{"data":{"viewer":{"accounts":[{"d1":[` + row + `]},{"d1":[` + row + `,` + row + `]}]}}}`, true, 1, 0, 0},
		{"members of a later schema", `{"extensions":{"a":[{}]},"data":{"cost":1,"viewer":{"budget":[7],"accounts":[{"d1":[` + row + `]}],"zones":[{}]}}}`, true, 1, 0, 0},
		{"an object for a list", answered(`"d1":{"a":[{"b":[]}],"c":{}},"d1Storage":[]`), true, 0, 1, 0},
		{"a text for a list", answered(`"d1":"x","d1Storage":[]`), true, 0, 1, 0},
		{"a number for a list", answered(`"d1":0,"d1Storage":[]`), true, 0, 1, 0},
		{"null for a list", answered(`"d1":null,"d1Storage":[]`), true, 0, 0, 0},
		{"no alias", answered(``), true, 0, 0, 0},
		{"no account", `{"data":{"viewer":{"accounts":[]}}}`, false, 0, 0, 0},
		{"null accounts", `{"data":{"viewer":{"accounts":null}}}`, false, 0, 0, 0},
		{"null viewer", `{"data":{"viewer":null}}`, false, 0, 0, 0},
		{"null data", `{"data":null,"errors":[{"message":"x"},{}]}`, false, 0, 0, 2},
		{"null", `null`, false, 0, 0, 0},
		{"nothing", `{}`, false, 0, 0, 0},
	}
	for _, tt := range tests {
		r, err := readReply(tt.answer)
		if err != nil || r.found != tt.found || len(r.failed) != tt.failed || len(r.errors.All) != tt.errors {
			t.Errorf("%s: got %+v, %v", tt.name, r, err)
		}
		rows := 0
		if g := r.groups["d1"]; g != nil {
			rows = len(g.rows)
		}
		if rows != tt.rows {
			t.Errorf("%s: got %d rows, want %d", tt.name, rows, tt.rows)
		}
	}
}

func TestAnAnswerThatIsNoneIsAnError(t *testing.T) {
	t.Parallel()
	for _, answer := range []string{
		`[]`, `"x"`, `7`, `{"data":[]}`, `{"data":"x"}`, `{"data":{"viewer":[]}}`, `{"data":{"viewer":{"accounts":{}}}}`,
		`{"data":{"viewer":{"accounts":[7]}}}`, `{"errors":"x"}`, answered(`"settings":[1]`),
	} {
		if r, err := readReply(answer); err == nil {
			t.Errorf("%s: got %+v, want an error", answer, r)
		}
	}
	whole := `{"data":{"viewer":{"accounts":[{"d1":[{"count":1}],"x":{"a":[]},"settings":{}}]}},"errors":[],"more":{}}`
	for i := range whole {
		if r, err := readReply(whole[:i]); !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("%s: got %+v, %v, want that it ends too early", whole[:i], r, err)
		}
	}
}

// TestOfADayOfStorageTheNewestRowsAreKept gives 24 hours of three databases, one of which was not measured lately.
func TestOfADayOfStorageTheNewestRowsAreKept(t *testing.T) {
	t.Parallel()
	midnight := time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)
	var rows []string
	for hour := 23; hour >= 0; hour-- {
		for _, id := range []string{"a", "b", "c"} {
			if id != "c" || hour < 7 {
				rows = append(rows, fmt.Sprintf(`{"dimensions":{"databaseId":%q,"datetimeHour":%q},"max":{"databaseSizeBytes":%d}}`,
					id, midnight.Add(time.Duration(hour)*time.Hour).Format(time.RFC3339), 100+hour))
			}
		}
	}
	list := "[" + strings.Join(rows, ",") + "]"
	r, err := readReply(answered(`"d1":` + list + `,"d1Storage":` + list))
	if err != nil {
		t.Fatal(err)
	}
	all, newest := r.groups["d1"], r.groups["d1Storage"]
	if len(all.rows) != 55 || all.elements != 55 || !all.cut(55) || all.cut(56) {
		t.Errorf("got %d rows of %d, want all 55", len(all.rows), all.elements)
	}
	if newest.elements != 55 || newest.atFirst != 2 || !newest.cut(2) || newest.cut(3) {
		t.Errorf("got %d rows, %d at the newest time, want 55 and 2", newest.elements, newest.atFirst)
	}
	want := map[string]float64{"a": 123, "b": 123, "c": 106}
	if len(newest.rows) != len(want) {
		t.Errorf("kept %d rows, want %d", len(newest.rows), len(want))
	}
	for i := range newest.rows {
		kept := &newest.rows[i]
		if v := kept.get("databaseSizeBytes"); v.Value != want[string(kept.of)] {
			t.Errorf("%s: got %v, want %v", kept.of, v.Value, want[string(kept.of)])
		}
	}
}
