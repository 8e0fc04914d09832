package oracle

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
)

func TestTagsAreSortedAndNamedByTheirNamespace(t *testing.T) {
	t.Parallel()
	w := newWords()
	for _, tt := range []struct{ name, free, defined, want string }{
		{"none", ``, ``, ""},
		{"null", `null`, `null`, ""},
		{"empty", `{}`, `{}`, ""},
		{"free", `{"b":"2","a":"1"}`, `{}`, "a=1 b=2"},
		{"defined", `null`, `{"Ops":{"Level":3,"Cost":1000000,"Rate":0.25},"App":{"On":true}}`, "App.On=true Ops.Cost=1000000 Ops.Level=3 Ops.Rate=0.25"},
		{"both", `{"z":"free"}`, `{"A":{"k":"v"}}`, "A.k=v z=free"},
		{"empty values", `{"a":"","b":null}`, `{"N":{}}`, "a="},
		{"a namespace that is none", `{}`, `{"Flat":"v"}`, "Flat=v"},
		{"no objects", `"none"`, `[1]`, ""},
		{"beyond ASCII", `{"Zoë":"山田"}`, `{}`, "Zoë=山田"},
	} {
		var got []string
		for _, tag := range w.tags(&head{FreeformTags: json.RawMessage(tt.free), DefinedTags: json.RawMessage(tt.defined)}) {
			got = append(got, tag.Key+"="+tag.Value)
		}
		if strings.Join(got, " ") != tt.want {
			t.Errorf("%s: tags %q, want %q", tt.name, got, tt.want)
		}
	}
}

// TestWhatDiffersIsKeptToABound: tags and sizes may be anything, and a long run must not grow with them.
func TestWhatDiffersIsKeptToABound(t *testing.T) {
	t.Parallel()
	w := newWords()
	for i := range mostWords + 100 {
		s := fmt.Sprint("word-", i)
		if w.text(s) != s || w.any(s) != any(s) {
			t.Fatalf("%s is not what it was", s)
		}
		tags := w.tags(&head{FreeformTags: json.RawMessage(`{"k":"` + s + `"}`)})
		if len(tags) != 1 || tags[0].Value != s {
			t.Fatalf("%s has the tags %v", s, tags)
		}
		attrs := w.attrs(hardware{Shape: s}, (&hardware{Shape: s}).facts)
		if len(attrs) != 1 || attrs[0].Value != any(s) {
			t.Fatalf("%s has the attributes %v", s, attrs)
		}
	}
	for name, n := range map[string]int{"texts": len(w.texts), "values": len(w.boxed), "sets of tags": len(w.tagSets), "sets of attributes": len(w.sets)} {
		if n > mostWords {
			t.Errorf("%d %s are kept, want at most %d", n, name, mostWords)
		}
	}
}

// TestWordsAreSharedByAllReaders at once.
func TestWordsAreSharedByAllReaders(t *testing.T) {
	t.Parallel()
	w := newWords()
	var readers sync.WaitGroup
	for range 4 {
		readers.Go(func() {
			for i := range 200 {
				s := fmt.Sprint(i % 50)
				if got := w.attrs(hardware{Shape: s}, (&hardware{Shape: s}).facts); len(got) != 1 || got[0].Value != any(s) {
					t.Errorf("%s has the attributes %v", s, got)
				}
				if got := w.tags(&head{FreeformTags: json.RawMessage(`{"k":"` + s + `"}`)}); len(got) != 1 || got[0].Value != s {
					t.Errorf("%s has the tags %v", s, got)
				}
			}
		})
	}
	readers.Wait()
	if len(w.sets) != 50 || len(w.tagSets) != 50 {
		t.Errorf("%d sets of attributes and %d of tags are kept, want 50 of each", len(w.sets), len(w.tagSets))
	}
}

// TestFactsLeaveOutWhatIsNotThere: a zero that Oracle says is a fact, a missing one is none.
func TestFactsLeaveOutWhatIsNotThere(t *testing.T) {
	t.Parallel()
	f := facts{words: newWords()}
	f.text("empty", "")
	f.text("text", "x")
	f.number("unknown", number{})
	f.number("zero", number{0, true})
	f.number("half", number{0.5, true})
	f.count("no_count", number{})
	f.count("count", number{3, true})
	f.yes("no", false)
	f.yes("yes", true)
	f.time("never", moment{})
	at := time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC)
	f.time("at", moment{at})
	want := []cloud.Attr{{Name: "text", Value: "x"}, {Name: "zero", Value: 0.0}, {Name: "half", Value: 0.5}, {Name: "count", Value: 3}, {Name: "yes", Value: true}, {Name: "at", Value: at}}
	if fmt.Sprint(f.attrs) != fmt.Sprint(want) || len(f.attrs) != len(want) {
		t.Errorf("facts %v, want %v", f.attrs, want)
	}
	if _, whole := f.attrs[3].Value.(int); !whole {
		t.Errorf("a count is a %T, want a whole number", f.attrs[3].Value)
	}
}

func TestBaselinesAreFractions(t *testing.T) {
	t.Parallel()
	for native, want := range map[string]string{
		"BASELINE_1_8": "1/8", "BASELINE_1_2": "1/2", "BASELINE_1_1": "", "": "", "BASELINE_1_16": "1/16", "FULL": "",
	} {
		if got := baseline(native); got != want {
			t.Errorf("%q is %q, want %q", native, got, want)
		}
	}
}
