package provider_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/provider"
)

// thing has every loose type.
type thing struct {
	Name provider.Text
	Size provider.Number
	On   provider.Flag
	Born provider.Moment
}

func TestLooseValuesAreReadInEveryFormOrUnknown(t *testing.T) {
	t.Parallel()
	born := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	tests := []struct {
		in   string
		want thing
	}{
		{`{}`, thing{}},
		{`{"name":null,"size":null,"on":null,"born":null}`, thing{}},
		{
			`{"name":"a\u00e9","size":1.5,"on":true,"born":"2026-01-02T03:04:05Z"}`,
			thing{"aé", provider.Number{Value: 1.5, Known: true}, provider.Flag{Value: true, Known: true}, provider.Moment{Time: born}},
		},
		{
			`{"name":17,"size":"1e3","on":"false","born":"2026-01-02T05:04:05+02:00"}`,
			thing{"17", provider.Number{Value: 1000, Known: true}, provider.Flag{Known: true}, provider.Moment{Time: born}},
		},
		{
			`{"name":true,"size":0,"on":0,"born":"2026-01-02 03:04:05"}`,
			thing{"true", provider.Number{Known: true}, provider.Flag{Known: true}, provider.Moment{Time: born}},
		},
		{
			`{"on":1,"born":"2026-01-02"}`,
			thing{On: provider.Flag{Value: true, Known: true}, Born: provider.Moment{Time: born.Truncate(24 * time.Hour)}},
		},
		{`{"name":{"x":1},"size":"many","on":"maybe","born":"yesterday"}`, thing{}},
		{`{"name":[1],"size":{"x":1},"on":[true],"born":1767323045}`, thing{}},
		{`{"size":"Inf","on":2}`, thing{}},
		{`{"size":"NaN","born":{}}`, thing{}},
	}
	for _, tt := range tests {
		var got thing
		if err := json.Unmarshal([]byte(tt.in), &got); err != nil {
			t.Errorf("%s: %v", tt.in, err)
		}
		if got != tt.want {
			t.Errorf("%s: got %+v, want %+v", tt.in, got, tt.want)
		}
	}
}

func TestLooseValuesForgetWhatTheyHeld(t *testing.T) {
	t.Parallel()
	for _, in := range []string{"null", `{"x":1}`} {
		got := thing{"old", provider.Number{Value: 7, Known: true}, provider.Flag{Value: true, Known: true}, provider.Moment{Time: time.Now()}}
		text := `{"name":` + in + `,"size":` + in + `,"on":` + in + `,"born":` + in + `}`
		if err := json.Unmarshal([]byte(text), &got); err != nil || got != (thing{}) {
			t.Errorf("%s: got %+v, %v, want nothing known", text, got, err)
		}
	}
}

func TestUnknownIsNoPointer(t *testing.T) {
	t.Parallel()
	if n := (provider.Number{}).Ptr(); n != nil {
		t.Errorf("got %v", *n)
	}
	if n := (provider.Number{Known: true}).Ptr(); n == nil || *n != 0 {
		t.Errorf("a known 0: got %v", n)
	}
	if f := (provider.Flag{}).Ptr(); f != nil {
		t.Errorf("got %v", *f)
	}
	if f := (provider.Flag{Known: true}).Ptr(); f == nil || *f {
		t.Errorf("a known false: got %v", f)
	}
}

func TestAListLosesOnlyWhatCannotBeRead(t *testing.T) {
	t.Parallel()
	tests := []struct {
		in   string
		rows int
		odd  int
		told bool
		lost string
	}{
		{`{}`, 0, 0, false, ""},
		{`{"l":null}`, 0, 0, true, ""},
		{`{"l":[]}`, 0, 0, true, ""},
		{`{"l":[{"name":"a"},{"name":"b","size":"x"}]}`, 2, 0, true, ""},
		{`{"l":[{"name":"a"},7,{"name":"b"},[]]}`, 2, 2, true, "2 of 4 elements"},
		{`{"l":[{"name":"a"},null,{}]}`, 1, 2, true, "2 of 3 elements"},
	}
	for _, tt := range tests {
		var got struct{ L provider.List[thing] }
		if err := json.Unmarshal([]byte(tt.in), &got); err != nil {
			t.Errorf("%s: %v", tt.in, err)
			continue
		}
		l := &got.L
		l.Keep(func(x *thing) bool { return x.Name != "" })
		if len(l.Rows) != tt.rows || l.Odd != tt.odd || l.Told != tt.told || l.Len() != tt.rows+tt.odd {
			t.Errorf("%s: got %+v, want %d rows and %d odd", tt.in, l, tt.rows, tt.odd)
		}
		err := l.Lost("test: list")
		if (err == nil) != (tt.lost == "") || (err != nil && (!strings.Contains(err.Error(), tt.lost) || cloud.KindOf(err) != cloud.KindPartial)) {
			t.Errorf("%s: got %v, want %q", tt.in, err, tt.lost)
		}
	}
	for _, in := range []string{`{"l":{}}`, `{"l":7}`, `{"l":"x"}`} {
		var got struct{ L provider.List[thing] }
		if json.Unmarshal([]byte(in), &got) == nil {
			t.Errorf("%s is no list, and there is no error", in)
		}
	}
}

// FuzzLoose gives any JSON to every loose type: what encoding/json takes is read without an error.
func FuzzLoose(f *testing.F) {
	for _, seed := range []string{`{}`, `null`, `"x"`, `1e999`, `"0x1p-2"`, `[null]`, `true`, `"2026-01-02T03:04:05.5Z"`, `"\ud800"`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if !json.Valid([]byte(text)) {
			return
		}
		var x thing
		whole := `{"name":` + text + `,"size":` + text + `,"on":` + text + `,"born":` + text + `}`
		if err := json.Unmarshal([]byte(whole), &x); err != nil {
			t.Errorf("%s: %v", text, err)
		}
		if !x.Size.Known && x.Size.Value != 0 || !x.On.Known && x.On.Value {
			t.Errorf("%s: unknown, and yet %+v", text, x)
		}
	})
}
