package output

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/adsops/cloudtop/internal/view"
)

// What the page on output shows must work.
func TestExamplesOfThePageWork(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("../../docs/output.md")
	if err != nil {
		t.Fatal(err)
	}
	page := string(data)
	programs := regexp.MustCompile("(?s)```jq\n(.*?)```").FindAllStringSubmatch(page, -1)
	filters := regexp.MustCompile(`--filter '(.*)'`).FindAllStringSubmatch(page, -1)
	if len(programs) < 2 || len(filters) < 5 {
		t.Fatalf("found %d jq programs and %d filters", len(programs), len(filters))
	}
	for _, p := range programs {
		if err := CheckJQ(p[1]); err != nil {
			t.Error(err)
		}
	}
	for _, f := range filters {
		if _, err := view.ParseFilter(view.Resources, f[1]); err != nil {
			t.Error(err)
		}
	}
	for _, format := range Formats() {
		if !strings.Contains(page, "| `"+format+"`") {
			t.Errorf("format %s is not told", format)
		}
	}
	words := regexp.MustCompile("[a-z_]+").FindAllString(page, -1)
	for _, kind := range []view.Kind{view.Resources, view.Offers} {
		for _, c := range view.Known(kind) {
			if !slices.Contains(words, c.Name) {
				t.Errorf("column %s of %s is not told", c.Name, kind)
			}
		}
	}
}
