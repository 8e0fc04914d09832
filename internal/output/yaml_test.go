package output

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/hub"
)

// same decodes both texts and compares them; numbers as float64.
func same(t *testing.T, asYAML, asJSON string) {
	t.Helper()
	var want any
	if err := json.Unmarshal([]byte(asJSON), &want); err != nil {
		t.Fatal(err)
	}
	var read any
	if err := yaml.Unmarshal([]byte(asYAML), &read); err != nil {
		t.Fatalf("%v in\n%s", err, asYAML)
	}
	data, err := json.Marshal(read) // so that numbers are of one type
	if err != nil {
		t.Fatal(err)
	}
	var got any
	if err := json.Unmarshal(data, &got); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("YAML says\n%v\nJSON\n%v\nin\n%s", got, want, asYAML)
	}
}

func TestYAMLSaysWhatJSONSays(t *testing.T) {
	t.Parallel()
	for _, s := range []*hub.Snapshot{world(), complete(), {}, many(200)} {
		same(t, write(t, s, Options{Format: "yaml"}), write(t, s, Options{Format: "json"}))
	}
}

// tricky are texts that readers of YAML take for something else.
func tricky() []string {
	return []string{
		"yes", "No", "ON", "off", "true", "null", "~", "", "y", "N", "1", "1.5", "0x1f", "0o7", "1e3", ".inf", "-", "- a", "a: b", "a #b",
		"2026-03-20", "12:30:45", "[a]", "{a}", "&a", "*a", "!a", "%a", "@a", "`a`", "'a'", "\"a\"", "a\nb", " a", "a ", "\t", "<<", "=",
		"---", "...", "?", "a,b", "web-1", "a.b/c", "_x", "NaN", "日本", "\x00", "\u0085\u2028", "\x7f", "1_000", "+1", "0b1", "a:", ":a",
	}
}

func TestYAMLQuotesWhatIsNoPlainText(t *testing.T) {
	t.Parallel()
	for _, text := range tricky() {
		s := &hub.Snapshot{Providers: []hub.Provider{{Name: "x", Resources: []*cloud.Resource{{
			Name: text, Tags: []cloud.Tag{{Key: text, Value: text}}, Attrs: []cloud.Attr{{Name: "list", Value: []string{text, text}}},
		}}}}}
		same(t, write(t, s, Options{Format: "yaml"}), write(t, s, Options{Format: "json"}))
	}
	if got := write(t, &hub.Snapshot{Providers: []hub.Provider{{Name: "no"}}}, Options{Format: "yaml"}); !strings.Contains(got, `name: "no"`) {
		t.Errorf("no is not quoted in\n%s", got)
	}
}

func FuzzEveryTextSurvives(f *testing.F) {
	for _, s := range tricky() {
		f.Add(s, 1.5)
	}
	f.Add("a", 1e-9)
	f.Add("a", 1e300)
	f.Fuzz(func(t *testing.T, text string, number float64) {
		s := &hub.Snapshot{Providers: []hub.Provider{{Name: "x", Resources: []*cloud.Resource{{
			Name: text, Metrics: []cloud.Metric{{Name: "m", Value: number}},
		}}}}}
		var doc struct {
			Providers []struct {
				Results []struct {
					Resources []struct {
						Name    string
						Metrics map[string]float64
					}
				}
			}
		}
		if err := json.Unmarshal([]byte(write(t, s, Options{Format: "json"})), &doc); err != nil {
			t.Fatal(err)
		}
		r := doc.Providers[0].Results[0].Resources[0]
		if want := string([]rune(text)); r.Name != want { // each wrong byte is a U+FFFD
			t.Errorf("name %q is read as %q", want, r.Name)
		}
		if v, ok := r.Metrics["m"]; ok != finite(number) || ok && v != number {
			t.Errorf("number %v is read as %v (there: %v)", number, v, ok)
		}
		if got := write(t, s, Options{Format: "yaml"}); strings.ContainsAny(got, "\x1b\x00\x7f") {
			t.Errorf("YAML has what a terminal obeys: %q", got)
		}
	})
}
