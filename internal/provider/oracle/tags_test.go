package oracle

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

func TestTagsAreSortedAndNamedByTheirNamespace(t *testing.T) {
	t.Parallel()
	var sets tagSets
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
		for _, tag := range sets.of(&head{FreeformTags: json.RawMessage(tt.free), DefinedTags: json.RawMessage(tt.defined)}) {
			got = append(got, tag.Key+"="+tag.Value)
		}
		if strings.Join(got, " ") != tt.want {
			t.Errorf("%s: tags %q, want %q", tt.name, got, tt.want)
		}
	}
}

// TestTagsAreKeptToABound: they may be anything, and a long run must not grow with them.
func TestTagsAreKeptToABound(t *testing.T) {
	t.Parallel()
	var sets tagSets
	for i := range mostTagSets + 100 {
		s := fmt.Sprint("word-", i)
		tags := sets.of(&head{FreeformTags: json.RawMessage(`{"k":"` + s + `"}`)})
		if len(tags) != 1 || tags[0].Value != s {
			t.Fatalf("%s has the tags %v", s, tags)
		}
	}
	if n := len(sets.sets); n > mostTagSets {
		t.Errorf("%d sets are kept, want at most %d", n, mostTagSets)
	}
}
