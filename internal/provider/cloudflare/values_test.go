package cloudflare

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/adsops/cloudtop/pkg/loose"
)

func decodeValues(t testing.TB, text string) (map[string]float64, error) {
	t.Helper()
	var l values
	err := json.Unmarshal([]byte(text), &l)
	got := map[string]float64{}
	for _, r := range l {
		got[r.name.Value()] = r.v
	}
	return got, err
}

// FuzzValues compares the reader of plain objects with encoding/json.
func FuzzValues(f *testing.F) {
	for _, seed := range []string{
		`{}`, `null`, `{"a":1,"b":null}`, "{ \"a\" : 1e3 ,\n\"b\":-0.5 }", `{"a\u0041":1}`, `{"a":"1"}`, `{"a":{"b":1}}`, `[1]`, `{"a":true}`, `{"":0}`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var want map[string]json.RawMessage
		wantErr := json.Unmarshal([]byte(text), &want)
		got, err := decodeValues(t, text)
		if (err == nil) != (wantErr == nil) {
			t.Fatalf("%s: got error %v, want %v", text, err, wantErr)
		}
		if err != nil || strings.Count(text, `"`)/2 > len(want) {
			return // a name that stands there twice means nothing
		}
		for name, data := range want {
			var v loose.Number
			_ = json.Unmarshal(data, &v) // what is no number is unknown
			if g, ok := got[name]; ok != v.Known || g != v.Value {
				t.Errorf("%s: %s: got %v (%v), want %v", text, name, g, ok, v)
			}
		}
	})
}
