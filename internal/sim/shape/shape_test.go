package shape_test

import (
	"slices"
	"testing"

	"github.com/adsops/cloudtop/internal/sim/shape"
)

func TestAnswersAreComparedWithTheDescription(t *testing.T) {
	t.Parallel()
	const things = `
		things      array
		things[].id int
		things[].on bool absent
	`
	for _, tt := range []struct {
		name, published string
		answers         []string
		want            []string
	}{
		{"as published", things, []string{`{"things":[{"id":1,"on":true},{"id":2}]}`, `{"things":[]}`}, nil},
		{"a field too many", things, []string{`{"things":[{"id":1,"off":true}],"x":1}`}, []string{"things[].off is not published", "x is not published"}},
		{"a field too few", things, []string{`{"things":[{"on":true},{"id":1}]}`, `{}`}, []string{"things is missing", "things[].id is missing"}},
		{"another kind", things, []string{`{"things":[{"id":"1"}]}`}, []string{`things[].id is "1", published is int`}},
		{"said once", things, []string{`{"things":[{"id":"1"},{"id":"1"}]}`, `{"things":[{"id":"1"}]}`}, []string{`things[].id is "1", published is int`}},
		{"the inside of a wrong kind is not looked at", things, []string{`{"things":{"id":1}}`}, []string{`things is {"id":1}, published is array`}},
		{"no JSON", things, []string{`{`}, []string{"the answer is not JSON: unexpected end of JSON input"}},
		{"a list at the top", "[] object\n[].id int", []string{`[{"id":1},{"id":1.5}]`}, []string{"[].id is 1.5, published is int"}},
		{"lists in lists", "a[][] string", []string{`{"a":[["x"],[1]]}`}, []string{"a[][] is 1, published is string"}},
		{"names of any kind", "a.*.n int\na.known string", []string{`{"a":{"x":{"n":1},"y":{"n":true},"known":"k"}}`}, []string{"a.*.n is true, published is int"}},
		{"what is not there has no inside", "a object null absent\na.b int", []string{`{"a":null}`, `{}`}, nil},
		{"an inside that is not published", "a object", []string{`{"a":{"b":1}}`}, nil},
		{"a long value is cut", "a int", []string{`{"a":"0123456789012345678901234567890123456789012345678901234567890123456789"}`},
			[]string{`a is "01234567890123456789012345678901234567890123456789012345678, published is int`}},
	} {
		var answers [][]byte
		for _, a := range tt.answers {
			answers = append(answers, []byte(a))
		}
		if got := shape.Diff(tt.published, answers...); !slices.Equal(got, tt.want) {
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestEveryKindKnowsItsValues(t *testing.T) {
	t.Parallel()
	values := []string{`null`, `true`, `0`, `1.5`, `""`, `"a"`, `"2026-11-01"`, `"2026-11-01T12:00:00.5Z"`, `[]`, `{}`}
	for kind, want := range map[string][]string{
		"any": values, "null": {`null`}, "bool": {`true`}, "int": {`0`}, "number": {`0`, `1.5`}, "array": {`[]`}, "object": {`{}`},
		"string": values[4:8], "text": values[5:8], "date": {`"2026-11-01"`}, "time": {`"2026-11-01T12:00:00.5Z"`}, "=a": {`"a"`}, "=": {`""`},
		"int string": {`0`, `""`, `"a"`, `"2026-11-01"`, `"2026-11-01T12:00:00.5Z"`}, "nonsense": nil, "null absent": {`null`},
	} {
		var got []string
		for _, v := range values {
			if len(shape.Diff("a "+kind, []byte(`{"a":`+v+`}`))) == 0 {
				got = append(got, v)
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: takes %s, want %s", kind, got, want)
		}
	}
}
