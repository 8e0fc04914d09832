package output_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/adsops/cloudtop/internal/output"
	"github.com/adsops/cloudtop/internal/view"
)

func limitsSheet() *output.Sheet {
	s := &output.Sheet{Columns: []view.Column{
		{Title: "WHO", Weight: 3}, {Title: "NEVER"}, {Title: "LEFT", Right: true, Weight: 2}, {Title: "SOURCE", Free: true, Weight: 1},
	}}
	s.Add("vastai", "", "7", "docs.vast.ai/a/long/address")
	s.Add("日本", "", "", "")
	s.Add("a\x1b[31mb", "", "1200", "x")
	return s
}

func TestASheetIsLaidOutAsTablesAre(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		width int
		want  string
	}{
		{0, "WHO      LEFT  SOURCE\nvastai      7  docs.vast.ai/a/long/address\n日本\na?[31mb  1200  x\n"},
		{25, "WHO      LEFT  SOURCE\nvastai      7  docs.vast~\n日本\na?[31mb  1200  x\n"},
		{14, "WHO      LEFT\nvastai      7\n日本\na?[31mb  1200\n1 column hidd~\n"},
	} {
		var b strings.Builder
		if err := limitsSheet().Write(&b, output.Options{Width: c.width}); err != nil {
			t.Fatal(err)
		}
		if got := b.String(); got != c.want {
			t.Errorf("in %d columns:\ngot\n%s\nwant\n%s", c.width, got, c.want)
		}
	}
}

func TestASheetWithoutTitlesHasNoHeading(t *testing.T) {
	t.Parallel()
	s := output.Sheet{Columns: []view.Column{{}, {Free: true}}}
	s.Add("place", "/tmp")
	var b strings.Builder
	if err := s.Write(&b, output.Options{}); err != nil || b.String() != "place  /tmp\n" {
		t.Errorf("got %q, %v", b.String(), err)
	}
}

func TestASheetThatCannotBeWrittenIsAnError(t *testing.T) {
	t.Parallel()
	if err := limitsSheet().Write(full{}, output.Options{}); err == nil {
		t.Error("got no error of a writer that fails")
	}
}

// full is a writer without room.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no room") }
