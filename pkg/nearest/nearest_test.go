package nearest_test

import (
	"strings"
	"testing"

	"github.com/adsops/cloudtop/pkg/nearest"
)

func TestOfFindsWhatWasMeant(t *testing.T) {
	t.Parallel()
	names := []string{"vastai", "runpod", "oracle", "gcp", "color_enabled"}
	for word, want := range map[string]string{
		"vastia": "vastai", "vsatai": "vastai", "VastAI": "vastai", "runpd": "runpod", "orracle": "oracle",
		"gpc": "gcp", "colour_enabled": "color_enabled", "gcp": "gcp",
		"aws": "", "ab": "", "": "", "oxxcle": "oracle", "oxxxle": "", "something else": "",
	} {
		if got := nearest.Of(word, names); got != want {
			t.Errorf("Of(%q) = %q, want %q", word, got, want)
		}
	}
}

func TestOfTakesTheNearest(t *testing.T) {
	t.Parallel()
	if got, want := nearest.Of("computes", []string{"commutes", "compute", "compete"}), "commutes"; got != want {
		t.Errorf("first of equally near: got %q, want %q", got, want)
	}
	if got, want := nearest.Of("comqutex", []string{"compete", "computer"}), "computer"; got != want {
		t.Errorf("nearer though later: got %q, want %q", got, want)
	}
	if got := nearest.Of("x", nil); got != "" {
		t.Errorf("no names: got %q, want none", got)
	}
}

func TestHintIsForPeople(t *testing.T) {
	t.Parallel()
	if got, want := nearest.Hint("jsn", []string{"yaml", "json"}), ` (did you mean "json"?)`; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := nearest.Hint("xyz", []string{"yaml", "json"}); got != "" {
		t.Errorf("nothing near: got %q, want none", got)
	}
}

func FuzzOf(f *testing.F) {
	f.Add("vastia", "vastai")
	f.Add("", "é")
	f.Fuzz(func(t *testing.T, word, name string) {
		if len(word)+len(name) > 1000 {
			return
		}
		got := nearest.Of(word, []string{name})
		if got != "" && got != name {
			t.Errorf("Of(%q, %q) = %q, want the name or nothing", word, name, got)
		}
		if got := nearest.Of(strings.ToUpper(word), []string{strings.ToUpper(word)}); got != strings.ToUpper(word) {
			t.Errorf("Of finds %q for %q itself", got, strings.ToUpper(word))
		}
	})
}
