package azure

import (
	"encoding/json"
	"errors"
	"math"
	"strconv"
	"strings"
	"testing"

	"github.com/adsops/cloudtop/internal/cloud"
)

func TestNumbersOfEveryForm(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]number{
		`3`: {3, true}, `0`: {0, true}, `-1`: {-1, true}, `0.5`: {0.5, true}, `1e3`: {1000, true}, `"3"`: {3, true}, `"0.5"`: {0.5, true}, `" 7 "`: {7, true},
		`null`: {}, `""`: {}, `"many"`: {}, `true`: {}, `[1]`: {}, `{"value":1}`: {}, `"NaN"`: {}, `"Infinity"`: {}, `"-inf"`: {}, `1e999`: {},
		`34359738368`: {34359738368, true},
	} {
		got := number{42, true} // what was there before must not stay
		if err := json.Unmarshal([]byte(text), &got); err != nil || got != want {
			t.Errorf("%s: got %+v, %v; want %+v", text, got, err, want)
		}
	}
	var absent struct{ N number }
	if err := json.Unmarshal([]byte(`{}`), &absent); err != nil || absent.N.known {
		t.Errorf("absent: got %+v, %v; want it unknown", absent, err)
	}
}

func TestPartsOfAnswersThatAreOdd(t *testing.T) {
	t.Parallel()
	type answer struct {
		Value []struct {
			Name string
			Deep struct{ List []string }
		}
		NextLink string
	}
	for text, tt := range map[string]struct {
		kind   cloud.Kind // "" = no error; response = the answer cannot be understood
		detail string
	}{
		`{"value":[{"name":"a"}]}`:                   {"", ""},
		`{"value":[{"name":null,"deep":null},null]}`: {"", ""},
		`{"value":null,"nextLink":null,"new":[1,2]}`: {"", ""},
		`{"value":[{"name":1},{"name":"b"}]}`:        {cloud.KindPartial, "value.name is a number"},
		`{"value":[{"deep":{"list":"x"}}]}`:          {cloud.KindPartial, "value.deep.list is a string"},
		`{"value":[{"deep":{"list":[{}]}}]}`:         {cloud.KindPartial, "value.deep.list is a object"},
		`{"value":["text",{"name":"b"}]}`:            {cloud.KindPartial, "value is a string"},
		`{"value":{}}`:                               {cloud.KindResponse, ""},
		`{"value":"x"}`:                              {cloud.KindResponse, ""},
		`{"nextLink":7}`:                             {cloud.KindResponse, ""},
		`[]`:                                         {cloud.KindResponse, ""},
		`"x"`:                                        {cloud.KindResponse, ""},
		`{"value":[`:                                 {cloud.KindResponse, ""},
	} {
		var a answer
		err := odd("list things", json.Unmarshal([]byte(text), &a))
		switch tt.kind {
		case "":
			if err != nil {
				t.Errorf("%s: got %v", text, err)
			}
		case cloud.KindPartial:
			if !partial(err) || !strings.Contains(err.Error(), "azure: list things: ") || !strings.Contains(err.Error(), tt.detail) {
				t.Errorf("%s: got %v, want a partial error with %q", text, err, tt.detail)
			}
		default:
			if _, ok := errors.AsType[*cloud.Error](err); err == nil || ok {
				t.Errorf("%s: got %v, want the decoder's own error", text, err)
			}
		}
	}
}

func FuzzNumbers(f *testing.F) {
	for _, s := range []string{`1`, `"1"`, `null`, `"x"`, `1e400`, `"0x1p-2"`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var n number
		if err := json.Unmarshal(data, &n); err != nil {
			return // not JSON
		}
		if !n.known && n.value != 0 || math.IsNaN(n.value) || math.IsInf(n.value, 0) {
			t.Errorf("%s: got %+v", data, n)
		}
		var plain float64
		if json.Unmarshal(data, &plain) == nil && string(data) != "null" && strings.TrimSpace(string(data)) != "null" && (!n.known || n.value != plain) {
			t.Errorf("%s: got %+v, want %s", data, n, strconv.FormatFloat(plain, 'g', -1, 64))
		}
	})
}
