package provider_test

import (
	"reflect"
	"testing"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/provider"
	"github.com/adsops/cloudtop/pkg/loose"
)

func TestAttributesAreWhatSaysSomething(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, time.June, 1, 14, 0, 0, 0, time.FixedZone("", 2*60*60))
	for _, c := range []struct{ value, want any }{
		{"a", "a"}, {"", nil}, {loose.Text("a"), "a"}, {loose.Text(""), nil}, {[]string{"a"}, []string{"a"}}, {[]string{}, nil},
		{[]string(nil), nil}, {nil, nil}, {at, at.UTC()}, {time.Time{}, nil}, {loose.Time{Time: at}, at.UTC()}, {loose.Time{}, nil},
		{loose.Flag{Known: true}, false}, {loose.Flag{}, nil}, {loose.Of(4), int64(4)}, {loose.Of(-0.5), -0.5}, {loose.Of(0), int64(0)},
		{loose.Number{}, nil}, {loose.Of(1 << 60), float64(1 << 60)}, {new(2.0), int64(2)}, {(*float64)(nil), nil},
		{true, true}, {false, false}, {0, 0}, {int64(7), int64(7)}, {1.5, 1.5},
	} {
		var got provider.Attrs
		got.Add("name", c.value)
		var want provider.Attrs
		if c.want != nil {
			want = provider.Attrs{{Name: "name", Value: c.want}}
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%#v: got %#v, want %#v", c.value, got, want)
		}
	}
}

func TestAReadingIsNotNegative(t *testing.T) {
	t.Parallel()
	var got provider.Attrs
	got.Reading("a", loose.Of(-1))
	got.Reading("b", loose.Of(0.5))
	got.Reading("c", loose.Number{})
	got.Reading("d", loose.Of(3))
	want := provider.Attrs{{Name: "b", Value: 0.5}, {Name: "d", Value: int64(3)}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestOddElementsAreSaidAndCostNoOther(t *testing.T) {
	t.Parallel()
	type row struct{ ID loose.Text }
	of := func(r *row) (string, bool) { return string(r.ID), r.ID != "" }
	odd := func(n int) (all []loose.Odd) {
		for i := range n {
			all = append(all, loose.Odd{Index: i, Members: []string{"cost", "size"}})
		}
		return all
	}
	for _, c := range []struct {
		what string
		list loose.List[row]
		want int
		err  string // "" = none
	}{
		{"nothing", loose.List[row]{}, 0, ""},
		{"all good", loose.List[row]{All: []row{{"a"}, {"b"}}}, 2, ""},
		{"one odd", loose.List[row]{All: []row{{"a"}, {"b"}}, Odd: odd(1)}, 2, "x: list: not all of the answer can be read: [0]: cost, size"},
		{"one lost", loose.List[row]{Odd: []loose.Odd{{Index: 4}}}, 0, "x: list: not all of the answer can be read: [4]: it is no object"},
		{"incomplete", loose.List[row]{All: []row{{""}, {"b"}}}, 1, "x: list: not all of the answer can be read: 1 incomplete"},
		{"many", loose.List[row]{All: []row{{"a"}}, Odd: odd(9)}, 1,
			"x: list: not all of the answer can be read: [0]: cost, size; [1]: cost, size; [2]: cost, size; ..."},
	} {
		got, err := provider.Gather(func(yield func(string, error) bool) {
			provider.Elements("x: list", &c.list, of, yield)
		})
		if len(got) != c.want || (err == nil) != (c.err == "") || err != nil && (err.Error() != c.err || cloud.KindOf(err) != cloud.KindPartial) {
			t.Errorf("%s: got %q and %v, want %d and %q", c.what, got, err, c.want, c.err)
		}
	}
}

func TestElementsStopWhenTheirReaderDoes(t *testing.T) {
	t.Parallel()
	list := loose.List[int]{All: []int{1, 2, 3}, Odd: []loose.Odd{{}}}
	read := 0
	goOn := provider.Elements("op", &list, func(n *int) (int, bool) { return *n, true }, func(int, error) bool { read++; return false })
	if goOn || read != 1 {
		t.Errorf("read %d of them, go on: %v; want one and to stop", read, goOn)
	}
}
