package vastaisim

import (
	"encoding/json"
	"reflect"
	"slices"
	"testing"
)

func TestConditionsHoldAsInSQL(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		value   any
		op      string
		operand any
		want    bool
	}{
		{1.0, "eq", 1.0, true}, {1.0, "eq", 2.0, false}, {"a", "eq", "a", true}, {"a", "eq", "A", false}, {true, "eq", true, true},
		{true, "eq", 1.0, true}, {false, "eq", 0.0, true}, {"5", "eq", 5.0, true}, {"x", "eq", 5.0, false}, {nil, "eq", nil, true},
		{nil, "eq", 0.0, false}, {0.0, "eq", nil, false},
		{1.0, "neq", 2.0, true}, {1.0, "neq", 1.0, false}, {nil, "neq", 1.0, false}, {1.0, "neq", nil, true}, {nil, "neq", nil, false},
		{2.0, "gt", 1.0, true}, {1.0, "gt", 1.0, false}, {1.0, "gte", 1.0, true}, {0.0, "gte", 1.0, false}, {nil, "gte", 0.0, false},
		{0.0, "lt", 1.0, true}, {1.0, "lt", 1.0, false}, {1.0, "lte", 1.0, true}, {2.0, "lte", 1.0, false}, {nil, "lt", 1.0, false},
		{"b", "gt", "a", true}, {"a", "lte", "b", true}, {[]string{"a"}, "gt", "a", false},
		{1.0, "in", []any{1.0, 2.0}, true}, {3.0, "in", []any{1.0, 2.0}, false}, {nil, "in", []any{1.0}, false}, {nil, "in", []any{nil}, true},
		{3.0, "notin", []any{1.0, 2.0}, true}, {1.0, "notin", []any{1.0}, false}, {nil, "notin", []any{1.0}, false}, {"a", "in", []any{}, false},
		{"a", "notin", []any{}, true},
	} {
		cond := condition{"x", c.op, c.operand}
		if got := cond.holds(c.value); got != c.want {
			t.Errorf("%v %s %v: got %v, want %v", c.value, c.op, c.operand, got, c.want)
		}
	}
}

func TestConditionsAreReadOrRefused(t *testing.T) {
	t.Parallel()
	read := func(text string) ([]condition, *failure) {
		var filters map[string]json.RawMessage
		if err := json.Unmarshal([]byte(text), &filters); err != nil {
			t.Fatal(err)
		}
		return conditionsOf(filters)
	}
	got, f := read(`{"gpu_ram":{"lt":3,"gte":1},"a":{"in":[1,"b",null]},"b":{"eq":null}}`)
	want := []condition{{"a", "in", []any{1.0, "b", nil}}, {"b", "eq", nil}, {"gpu_ram", "gte", 1.0}, {"gpu_ram", "lt", 3.0}}
	if f != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %v and %v, want %v", got, f, want)
	}
	for _, text := range []string{
		`{"a":1}`, `{"a":[1]}`, `{"a":"b"}`, `{"a":{"near":1}}`, `{"a":{"in":1}}`, `{"a":{"eq":[1]}}`, `{"a":{"notin":"b"}}`,
	} {
		if got, f := read(text); f == nil || f.status != 400 || f.Error != "invalid_request" {
			t.Errorf("%s: got %v and %v, want it refused", text, got, f)
		}
	}
	if got, f := read(`{}`); f != nil || len(got) != 0 {
		t.Errorf("nothing: got %v and %v", got, f)
	}
}

func TestWhatIsUnknownComesLast(t *testing.T) {
	t.Parallel()
	got := []any{nil, 3.0, "x", 1.0, nil, true, "2"}
	slices.SortStableFunc(got, order)
	for i, v := range got {
		if (v == nil) != (i >= len(got)-2) {
			t.Errorf("got %v, want what is unknown at the end", got)
		}
	}
	for _, c := range []struct {
		a, b any
		want int
	}{{1.0, 2.0, -1}, {2.0, 1.0, 1}, {1.0, 1.0, 0}, {"a", "b", -1}, {true, false, 1}, {"10", 9.0, 1}, {nil, nil, 0}, {nil, 1.0, 1}, {1.0, nil, -1}} {
		if got := order(c.a, c.b); got != c.want {
			t.Errorf("%v and %v: got %d, want %d", c.a, c.b, got, c.want)
		}
	}
}

func TestColumnsAreNamedAsOnTheWire(t *testing.T) {
	t.Parallel()
	type row struct {
		Text     string   `json:"text"`
		Number   int      `json:"number,omitempty"`
		Share    float64  `json:"share"`
		Maybe    *float64 `json:"maybe"`
		Flag     bool     `json:"flag"`
		Hidden   string   `json:"-"`
		Untagged string
	}
	all := columnsOf(reflect.TypeFor[row]())
	v := reflect.ValueOf(row{Text: "a", Number: 7, Share: 0.5, Flag: true})
	for name, want := range map[string]any{"text": "a", "number": 7.0, "share": 0.5, "maybe": nil, "flag": true} {
		if got, ok := all.of(v, name); !ok || got != want {
			t.Errorf("%s: got %v (%v), want %v", name, got, ok, want)
		}
	}
	if got, ok := all.of(reflect.ValueOf(row{Maybe: new(2.0)}), "maybe"); !ok || got != 2.0 {
		t.Errorf("maybe: got %v (%v), want 2", got, ok)
	}
	for _, name := range []string{"", "-", "Hidden", "Untagged", "Text"} {
		if _, ok := all.of(v, name); ok {
			t.Errorf("%q is a column", name)
		}
	}
}
