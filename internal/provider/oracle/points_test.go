package oracle

import (
	"encoding/json"
	"reflect"
	"testing"
	"time"
)

// slowly reads points as all JSON.
func slowly(data []byte) (out points) {
	var all []point
	out.odd = json.Unmarshal(data, &all)
	for i := range all {
		out.take(&all[i])
	}
	return out
}

func TestPointsAreReadInAnyWriting(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 1, 12, 1, 0, 0, time.UTC)
	for _, c := range []struct {
		text  string
		plain bool
		want  float64 // of the reading at 12:01; 0 = there is none
	}{
		{`[{"timestamp":"2026-11-01T12:00:00.000Z","value":1.5},{"timestamp":"2026-11-01T12:01:00.000Z","value":2.5}]`, true, 2.5},
		{`[{"timestamp":"2026-11-01T12:01:00Z","value":2.5},{"timestamp":"2026-11-01T12:02:00Z","value":null}]`, true, 2.5},
		{`[{"timestamp":"2026-11-01T12:01:00Z","value":-1e-3}]`, true, -0.001},
		{`[]`, true, 0},
		{`null`, false, 0},
		{`[{"timestamp":"2026-11-01T12:01:00Z", "value":2.5}]`, false, 2.5},
		{`[ {"timestamp":"2026-11-01T12:01:00Z","value":2.5} ]`, false, 2.5},
		{`[{"value":2.5,"timestamp":"2026-11-01T12:01:00Z"}]`, false, 2.5},
		{`[{"TIMESTAMP":"2026-11-01T12:01:00Z","Value":"2.5"}]`, false, 2.5},
		{`[{"timestamp":"2026-11-01T12:01:00Z","value":"2.5"}]`, false, 2.5},
		{`[{"timestamp":"2026-11-01T12:01:00Z","value":2.5,"more":{"value":7}}]`, false, 2.5},
		{`[{"timestamp":"2026-11-01T12:01:00Z","value":{}},{"timestamp":"2026-11-01T12:01:00Z","value":2.5}]`, false, 2.5},
		{`[{"timestamp":"2026-11-01T12:01:00Z"}]`, false, 0},
		{`[{"timestamp":null,"value":2.5}]`, false, 0},
		{`[{"timestamp":"","value":2.5}]`, true, 0},
		{`[null,{"timestamp":"2026-11-01T12:01:00Z","value":2.5}]`, false, 2.5},
	} {
		var p points
		if plain := p.plain([]byte(c.text)); plain != c.plain {
			t.Errorf("%s: plain is %v", c.text, plain)
		}
		if err := json.Unmarshal([]byte(c.text), &p); err != nil || p.odd != nil || p.newest.Value.known != (c.want != 0) || p.newest.Value.v != c.want {
			t.Errorf("%s: got %+v and %v, want %v", c.text, p, err, c.want)
		}
		if c.want != 0 && !p.newest.Timestamp.Equal(at) {
			t.Errorf("%s: got %s, want %s", c.text, p.newest.Timestamp, at)
		}
	}
}

func TestOddPointsLeaveTheRest(t *testing.T) {
	t.Parallel()
	var s stream
	err := json.Unmarshal([]byte(`{"aggregatedDatapoints":"none","dimensions":{"resourceId":"a"}}`), &s)
	if err != nil || s.Points.odd == nil || string(s.Dimensions.ResourceID) != "a" {
		t.Errorf("got %+v and %v, want the identifier and that the points are odd", s, err)
	}
}

// FuzzPoints: whatever is read the short way is what all JSON says it is.
func FuzzPoints(f *testing.F) {
	for _, seed := range []string{
		`[{"timestamp":"2026-11-01T12:00:00.000Z","value":1.5},{"timestamp":"2026-11-01T12:01:00+02:00","value":-2e3}]`,
		`[{"timestamp":"2026-11-01T12:00:00Z","value":null}]`, `[]`, `[{"timestamp":"","value":0}]`, `[{"timestamp":"x\"","value":1}]`,
		`[{"timestamp":"2026-11-01T12:00:00Z","value":"1,2"}]`, `[{"timestamp":"2026-11-01T12:00:00Z","value":[1]}]`, `null`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var quick points
		if !json.Valid(data) || !quick.plain(data) {
			return
		}
		if want := slowly(data); !reflect.DeepEqual(quick, want) {
			t.Errorf("%s: got %+v, want %+v", data, quick, want)
		}
	})
}
