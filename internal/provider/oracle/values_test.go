package oracle

import (
	"encoding/json"
	"testing"
	"time"
)

func TestNumbersAreReadAsTheyAreWritten(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]number{
		`0`: {0, true}, `2`: {2, true}, `-1`: {-1, true}, `1.5`: {1.5, true}, `2e3`: {2000, true}, `"24.0"`: {24, true}, `"0"`: {0, true},
		`null`: {}, `""`: {}, `"n/a"`: {}, `"NaN"`: {}, `"Infinity"`: {}, `"-inf"`: {}, `true`: {}, `{}`: {}, `[1]`: {}, `{"a":[1,2]}`: {},
	} {
		got := number{7, true}
		if err := json.Unmarshal([]byte(text), &got); err != nil || got != want {
			t.Errorf("%s is read as %+v, %v, want %+v", text, got, err, want)
		}
	}
	if (number{0, true}).positive() || (number{1, false}).positive() || !(number{0.5, true}).positive() {
		t.Error("positive is what is known and above zero")
	}
}

func TestTimesAreReadInUTC(t *testing.T) {
	t.Parallel()
	noon := time.Date(2026, 10, 1, 12, 0, 0, 0, time.UTC)
	for text, want := range map[string]time.Time{
		`"2026-10-01T12:00:00Z"`: noon, `"2026-10-01T12:00:00.000Z"`: noon, `"2026-10-01T14:00:00+02:00"`: noon,
		`"2026-10-01T12:00:00+00:00"`: noon, `"2026-10-01T12:00:00.000+0000"`: noon, `"2026-10-01T13:00:00+0100"`: noon,
		`"2026-10-01T12:00:00.123456Z"`: noon.Add(123456 * time.Microsecond),
		`null`:                          {}, `""`: {}, `"yesterday"`: {}, `"2026-10-01"`: {}, `1790000000`: {}, `{}`: {}, `[]`: {},
	} {
		got := moment{time.Now()}
		if err := json.Unmarshal([]byte(text), &got); err != nil || !got.Equal(want) || got.Location() != time.UTC {
			t.Errorf("%s is read as %s, %v, want %s", text, got, err, want)
		}
	}
}

func TestAFieldIsPresentUnlessItIsNull(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]present{
		`{}`: false, `{"p":null}`: false, `{"p":{}}`: true, `{"p":{"a":1}}`: true, `{"p":false}`: true,
	} {
		var got struct {
			P present `json:"p"`
		}
		if err := json.Unmarshal([]byte(text), &got); err != nil || got.P != want {
			t.Errorf("%s: %v, %v, want %v", text, got.P, err, want)
		}
	}
}

// TestTokensUseTheirMemoryAgain: what was read before is gone, and nothing is left of it.
func TestTokensUseTheirMemoryAgain(t *testing.T) {
	t.Parallel()
	var k token
	for _, tt := range []struct{ text, want string }{
		{`"ocid1.instance.oc1.phx.one"`, "ocid1.instance.oc1.phx.one"}, {`"short"`, "short"}, {`""`, ""}, {`"x"`, "x"},
	} {
		if err := json.Unmarshal([]byte(tt.text), &k); err != nil || string(k) != tt.want {
			t.Errorf("%s is read as %q, %v", tt.text, k, err)
		}
	}
	if cap(k) < len("ocid1.instance.oc1.phx.one") {
		t.Errorf("the memory of the longest is not used again: %d bytes", cap(k))
	}
}

// FuzzValues: no JSON makes the lenient types fail, for that would lose the rest of their element.
func FuzzValues(f *testing.F) {
	for _, seed := range []string{`{"n":1,"m":"2026-10-01T12:00:00Z","t":"a","p":{}}`, `{"n":"x","m":7,"t":[1],"p":null}`, `{"n":{"n":{}}}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var v struct {
			N number  `json:"n"`
			M moment  `json:"m"`
			T token   `json:"t"`
			P present `json:"p"`
		}
		var object map[string]json.RawMessage
		if json.Unmarshal(data, &object) != nil {
			return
		}
		if err := json.Unmarshal(data, &v); err != nil {
			t.Errorf("%s: %v", data, err)
		}
		if v.N.v != v.N.v {
			t.Errorf("%s has a number that is none", data)
		}
	})
}
