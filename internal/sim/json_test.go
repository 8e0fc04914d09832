package sim_test

import (
	"encoding/json"
	"math"
	"testing"
	"time"

	"github.com/adsops/cloudtop/internal/sim"
)

// later writes itself.
type later func() any

func (l later) AppendJSON(out []byte) []byte { return sim.AppendJSON(out, l()) }

func (l later) MarshalJSON() ([]byte, error) { return json.Marshal(l()) }

func TestJSONIsThatOfTheStandardLibrary(t *testing.T) {
	t.Parallel()
	for _, v := range []any{
		nil, true, false, "", "plain", "Zoë \"quoted\" <b>&\\ \u2028 \x7f \x00 \xff 山田", 0, -7, int64(1) << 60, uint8(3),
		0.0, math.Copysign(0, -1), 0.1, -12.5, 1e-6, 9.99e-7, 1e-10, 1e20, 1e21, -1.5e300, math.MaxFloat64, math.SmallestNonzeroFloat64, 1e-9,
		map[string]any{}, map[string]any(nil), []any{}, []any(nil), []string(nil), map[string]string(nil), []map[string]any(nil), json.RawMessage(nil),
		map[string]any{"b": []any{1, "x", nil, 2.5}, "a": map[string]string{"<k>": "v", "é": "w"}, "": map[string]any{"deep": []string{"y", "z"}}},
		[]map[string]any{{"one": 1}, nil, {}}, map[string]map[string]string{"n": {"k": "v"}, "m": nil},
		[]json.RawMessage{json.RawMessage(`{"a":1}`), nil, json.RawMessage(`[]`)},
		later(func() any { return map[string]any{"made": later(func() any { return "late" })} }),
		sim.Epoch, sim.Epoch.Add(123456789), sim.Epoch.In(time.FixedZone("", 5400)), time.Time{},
		struct {
			A int `json:"a"`
			B []any
		}{A: 1},
		[]any{map[string]any{"s": struct{ X map[string]any }{map[string]any{"y": "z"}}}},
	} {
		want, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		if got := string(sim.AppendJSON([]byte("before "), v)); got != "before "+string(want) {
			t.Errorf("got  %s\nwant before %s", got, want)
		}
	}
}

func TestWhatJSONHasNoWordForIsNull(t *testing.T) {
	t.Parallel()
	for _, v := range []any{math.NaN(), math.Inf(1), math.Inf(-1), make(chan int)} {
		if got := string(sim.AppendJSON(nil, map[string]any{"v": v})); got != `{"v":null}` {
			t.Errorf("got %s for %v", got, v)
		}
	}
}

func FuzzJSON(f *testing.F) {
	f.Add("text", 1.5, int64(3))
	f.Add("<\xff\u2029>", -1e-7, int64(math.MinInt64))
	f.Fuzz(func(t *testing.T, s string, x float64, n int64) {
		v := map[string]any{s: []any{x, n, map[string]string{"k": s}}, "s": s}
		want, err := json.Marshal(v)
		if err != nil {
			return // a number that JSON has no word for
		}
		if got := sim.AppendJSON(nil, v); string(got) != string(want) {
			t.Errorf("got %s, want %s", got, want)
		}
	})
}
