package loose_test

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/adsops/cloudtop/pkg/loose"
)

func decoded[T any](t *testing.T, text string) T {
	t.Helper()
	var v T
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Errorf("%s into %T: %v", text, v, err)
	}
	return v
}

func TestNumbersTextsAndFlagsTakeWhatIsSent(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]loose.Number{
		`1.5`: loose.Of(1.5), `"18.04"`: loose.Of(18.04), `" 3 "`: loose.Of(3), `-1`: loose.Of(-1), `0`: loose.Of(0), `1e3`: loose.Of(1000),
		`null`: {}, `""`: {}, `" "`: {},
	} {
		if got := decoded[loose.Number](t, text); got != want {
			t.Errorf("number %s: got %+v, want %+v", text, got, want)
		}
	}
	for text, want := range map[string]loose.Text{
		`" a b "`: "a b", `18.04`: "18.04", `9007199254740993`: "9007199254740993", `false`: "false", `true`: "true", `null`: "", `""`: "", `"\u00fc"`: "ü",
	} {
		if got := decoded[loose.Text](t, text); got != want {
			t.Errorf("text %s: got %q, want %q", text, got, want)
		}
	}
	for text, want := range map[string]loose.Flag{
		`true`: {Value: true, Known: true}, `1`: {Value: true, Known: true}, `false`: {Known: true}, `0`: {Known: true},
		`"true"`: {Value: true, Known: true}, `"1"`: {Value: true, Known: true}, `"false"`: {Known: true}, `"0"`: {Known: true}, `null`: {}, `""`: {},
	} {
		if got := decoded[loose.Flag](t, text); got != want {
			t.Errorf("flag %s: got %+v, want %+v", text, got, want)
		}
	}
}

func TestTimesAreReadHoweverTheyAreWritten(t *testing.T) {
	t.Parallel()
	at := time.Date(2023, time.October, 1, 12, 0, 0, 0, time.UTC)
	for text, want := range map[string]time.Time{
		`"2023-10-01T12:00:00Z"`: at, `"2023-10-01T14:00:00+02:00"`: at, `"2023-10-01T12:00:00"`: at, `"2023-10-01 12:00:00"`: at,
		`"2023-10-01 12:00:00+00:00"`: at, `"2023-10-01T12:00:00.25Z"`: at.Add(250 * time.Millisecond),
		`"2023-10-01 12:00:00.144 +0000 UTC"`: at.Add(144 * time.Millisecond), `"2023-10-01 14:00:00 +0200 CEST"`: at,
		`1696161600`: at, `"1696161600"`: at, `1696161600.5`: at.Add(500 * time.Millisecond),
		`"2023-10-01"`: at.Truncate(24 * time.Hour), `null`: {}, `""`: {}, `0`: {}, `-5`: {}, `1668804745122`: {}, `1e300`: {}, `"0001-01-01T00:00:00Z"`: {},
	} {
		if got := decoded[loose.Time](t, text); !got.Equal(want) || got.Location() != time.UTC {
			t.Errorf("%s: got %v, want %v in UTC", text, got, want)
		}
	}
	want := time.Date(2022, time.November, 18, 20, 52, 25, 122317000, time.UTC)
	if got := loose.Of(1668804745.1223178).Time(); !got.Equal(want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestANegativeNumberIsNoReading(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		n    loose.Number
		want float64
		ok   bool
	}{{loose.Of(0), 0, true}, {loose.Of(2.5), 2.5, true}, {loose.Of(-1), 0, false}, {loose.Number{}, 0, false}} {
		v, ok := c.n.Reading()
		p := c.n.Optional()
		if ok != c.ok || ok && v != c.want || (p != nil) != c.ok || p != nil && *p != c.want {
			t.Errorf("%+v: got %v (%v) and %v, want %v (%v)", c.n, v, ok, p, c.want, c.ok)
		}
	}
}

func TestOtherTypesAreErrorsWithoutTheirValue(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text string
		into any
		kind string
	}{
		{`"MARKER"`, new(loose.Number), "string"}, {`{"a":"MARKER"}`, new(loose.Number), "object"}, {`[1]`, new(loose.Number), "array"},
		{`true`, new(loose.Number), "bool"}, {`"NaN"`, new(loose.Number), "string"}, {`"1e999"`, new(loose.Number), "string"},
		{`1e999`, new(loose.Number), "number"}, {`{"a":"MARKER"}`, new(loose.Text), "object"}, {`["MARKER"]`, new(loose.Text), "array"},
		{`"MARKER"`, new(loose.Flag), "string"}, {`2`, new(loose.Flag), "number"}, {`"MARKER"`, new(loose.Time), "string"},
		{`{}`, new(loose.Time), "object"}, {`false`, new(loose.Time), "bool"}, {`"MARKER"`, new(loose.List[struct{}]), "string"},
		{`{"a":"MARKER"}`, new(loose.List[struct{}]), "object"}, {`["MARKER"]`, new(loose.Object[struct{}]), "array"},
	} {
		err := json.Unmarshal([]byte(c.text), c.into)
		e, ok := errors.AsType[*json.UnmarshalTypeError](err)
		if !ok || e.Value != c.kind {
			t.Errorf("%s into %T: got %v, want a *json.UnmarshalTypeError of a %s", c.text, c.into, err, c.kind)
		} else if strings.Contains(err.Error(), "MARKER") {
			t.Errorf("%s into %T: %v shows the value", c.text, c.into, err)
		}
	}
	if e, ok := errors.AsType[*json.UnmarshalTypeError](loose.Mistyped[bool]([]byte("null"))); !ok || e.Value != "null" {
		t.Errorf("null: got %v", e)
	}
}

// row is an element of the lists below.
type row struct {
	ID    loose.Text
	Size  loose.Number
	Plain float64
	Made  loose.Time
	Inner struct{ A, B loose.Number }
}

func TestAnOddElementKeepsWhatCanBeRead(t *testing.T) {
	t.Parallel()
	at := time.Date(2023, time.October, 1, 12, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		text string
		want []row
		odd  []loose.Odd
	}{
		{`[]`, nil, nil},
		{`null`, nil, nil},
		{`[{"id":1,"size":"2","new":{"x":[1]}}]`, []row{{ID: "1", Size: loose.Of(2)}}, nil},
		{`[{"id":"a","size":[],"made":"2023-10-01 12:00:00","plain":1}]`, []row{{ID: "a", Plain: 1, Made: loose.Time{Time: at}}},
			[]loose.Odd{{Index: 0, Members: []string{"size"}}}},
		{`[{"id":"a"},{"id":"b","made":"soon","plain":"x","size":3},{"id":"c"}]`, []row{{ID: "a"}, {ID: "b", Size: loose.Of(3)}, {ID: "c"}},
			[]loose.Odd{{Index: 1, Members: []string{"made", "plain"}}}},
		{`[7,{"id":"b"},"text",[],null]`, []row{{ID: "b"}, {}}, []loose.Odd{{Index: 0}, {Index: 2}, {Index: 3}}},
		{`[{"id":"a","inner":{"a":1,"b":true}}]`, []row{{ID: "a"}}, []loose.Odd{{Index: 0, Members: []string{"inner"}}}},
		{`[null]`, []row{{}}, nil},
	} {
		got := decoded[struct{ Rows loose.List[row] }](t, `{"rows":`+c.text+`}`).Rows
		same := func(a, b loose.Odd) bool { return a.Index == b.Index && slices.Equal(a.Members, b.Members) }
		elements := decoded[struct{ Rows []any }](t, `{"rows":`+c.text+`}`).Rows
		if got.Len() != len(elements) {
			t.Errorf("%s: got the length %d, want %d", c.text, got.Len(), len(elements))
		}
		if !got.Told || !slices.Equal(got.All, c.want) || !slices.EqualFunc(got.Odd, c.odd, same) {
			t.Errorf("%s: got %+v\nwant %+v, odd %+v", c.text, got, c.want, c.odd)
		}
	}
	if got := decoded[struct{ Rows loose.List[row] }](t, `{}`).Rows; got.Told || len(got.All) != 0 {
		t.Errorf("a list that is not there: got %+v", got)
	}
}

func TestAListIsEmptiedBeforeItIsFilled(t *testing.T) {
	t.Parallel()
	l := loose.List[row]{All: []row{{ID: "old"}, {ID: "older"}}, Odd: []loose.Odd{{Index: 9}}}
	if err := json.Unmarshal([]byte(`[{"id":"new"}]`), &l); err != nil || len(l.All) != 1 || l.All[0].ID != "new" || l.Odd != nil {
		t.Errorf("got %+v and %v, want the new row alone", l, err)
	}
}

func TestAnObjectKeepsWhatCanBeRead(t *testing.T) {
	t.Parallel()
	got := decoded[loose.Object[row]](t, `{"id":"a","size":{"MARKER":1},"plain":2,"made":"MARKER"}`)
	if want := (row{ID: "a", Plain: 2}); got.Value != want || !slices.Equal(got.Odd, []string{"made", "size"}) {
		t.Errorf("got %+v, want %+v without made and size", got, want)
	}
	if got := decoded[loose.Object[row]](t, `null`); got.Value != (row{}) || got.Odd != nil {
		t.Errorf("null: got %+v, want nothing", got)
	}
}

// FuzzList checks that no array of objects is refused whole, and that each element is kept or said to be odd.
func FuzzList(f *testing.F) {
	for _, seed := range []string{
		`[]`, `[{"id":1,"size":"x"}]`, `[1,"a",null,{}]`, `[{"ID":{},"id":2}]`, `[{"made":"2023-10-01 12:00:00 +0000 UTC"}]`, `{"a":1}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var elements []json.RawMessage
		if json.Unmarshal(data, &elements) != nil {
			return
		}
		var l loose.List[row]
		if err := json.Unmarshal(data, &l); err != nil {
			t.Fatalf("%s: %v", data, err)
		}
		lost := 0
		for _, o := range l.Odd {
			if len(o.Members) == 0 {
				lost++
			}
		}
		if len(l.All)+lost != len(elements) {
			t.Errorf("%s: %d kept and %d lost of %d", data, len(l.All), lost, len(elements))
		}
	})
}
