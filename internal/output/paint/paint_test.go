package paint

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/adsops/cloudtop/internal/view"
)

func TestSignsTakeOneColumn(t *testing.T) {
	t.Parallel()
	p := Painter{Unicode: true}
	for _, sign := range append(signs(), "…") {
		if n := p.measure().StringWidth(sign); n != 1 {
			t.Errorf("%s takes %d columns, want 1", sign, n)
		}
	}
}

func TestACutTextFits(t *testing.T) {
	t.Parallel()
	p, ascii := &Painter{Unicode: true}, &Painter{}
	for _, c := range []struct {
		p      *Painter
		text   string
		width  int
		middle bool
		want   string
	}{
		{p, "web-1", 5, false, "web-1"},
		{p, "web-12", 5, false, "web-…"},
		{ascii, "web-12", 5, false, "web-~"},
		{p, "ocid1.instance.abc", 7, true, "oci…abc"},
		{p, "データベース", 5, false, "デー…"},
		{p, "データベース", 4, true, "デ…"},
		{p, "x", 0, false, ""},
	} {
		got, n := c.p.Cut(c.text, c.width, c.middle)
		if got != c.want || n != p.Width(got) || n > c.width {
			t.Errorf("Cut(%q, %d) = %q of %d columns, want %q", c.text, c.width, got, n, c.want)
		}
	}
}

// twice is a terminal that gives every rune two columns.
type twice struct{}

func (twice) StringWidth(s string) int { return 2 * utf8.RuneCountInString(s) }

func (twice) Truncate(s string, width int, tail string) string {
	if keep := width/2 - utf8.RuneCountInString(tail); keep >= 0 {
		return string([]rune(s)[:keep]) + tail
	}
	return ""
}

func TestTextIsMeasuredAsTheTerminalDoes(t *testing.T) {
	t.Parallel()
	p := &Painter{Unicode: true, Measure: twice{}}
	if n := p.Width("ééé"); n != 6 {
		t.Errorf("got %d columns, want 6", n)
	}
	if got, n := p.Cut("ééé", 5, false); got != "é…" || n != 4 {
		t.Errorf("got %q of %d columns, want one letter and the dots", got, n)
	}
}

func TestCellsAreAsWideAsTheirColumn(t *testing.T) {
	t.Parallel()
	p := &Painter{Unicode: true}
	for _, c := range []struct {
		mark, text, on string
		right, fill    bool
		want           string
	}{
		{"", "ab", "", false, true, "ab   "},
		{"", "ab", "", false, false, "ab"},
		{"", "ab", "", true, false, "   ab"},
		{"", "データ", Bold, false, true, Bold + "デー…" + Reset},
		{"", "日本", "", true, true, " 日本"},
		{"*", "ab", Bold, true, true, "   " + Bold + "*ab" + Reset},
		{"*", "ab", "", false, true, "*ab   "},
	} {
		cell := &Cell{Column: &view.Column{Right: c.right}, Mark: c.mark, Text: c.text, Width: 5, On: c.on, Fill: c.fill}
		got := string(p.Append(nil, cell))
		if got != c.want {
			t.Errorf("%q right=%v fill=%v: got %q, want %q", c.text, c.right, c.fill, got, c.want)
		}
	}
}

func TestJoinedSignsAreTakenApartWhereAsked(t *testing.T) {
	t.Parallel()
	joined, simple := &Painter{Unicode: true}, &Painter{Unicode: true, Simple: true}
	for text, want := range map[string]string{
		"a👩‍💻b": "a👩💻b", "❤\ufe0f": "❤", "👍🏽": "👍", "e\u0301": "e\u0301", "データ": "データ",
	} {
		if got := simple.Harmless(text); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
		if got := joined.Harmless(text); got != text {
			t.Errorf("%q: got %q, want it as it is", text, got)
		}
	}
}

func TestTextBreaksBetweenWords(t *testing.T) {
	t.Parallel()
	p := &Painter{Unicode: true}
	for _, c := range []struct {
		text       string
		width      int
		line, rest string
	}{
		{"one two three", 0, "one two three", ""},
		{"one two three", 13, "one two three", ""},
		{"one two three", 9, "one two", "three"},
		{"one two three", 7, "one two", "three"},
		{"  one two", 6, "  one", "two"},
		{"onetwothree", 4, "onet", "wothree"},
		{"データ", 1, "?", "ータ"},
	} {
		if line, rest := p.Break(c.text, c.width); line != c.line || rest != c.rest {
			t.Errorf("%q at %d: got %q and %q, want %q and %q", c.text, c.width, line, rest, c.line, c.rest)
		}
	}
}

func TestStylesAreColoursAndSigns(t *testing.T) {
	t.Parallel()
	color, ascii, none := &Painter{Color: true, Unicode: true}, &Painter{}, &Painter{Unicode: true}
	seen := map[string]bool{}
	for s := view.Running; s <= view.Unknown; s++ {
		if none.Code(s) != "" || color.Code(s) == "" {
			t.Errorf("style %d: code %q without colour, %q with", s, none.Code(s), color.Code(s))
		}
		g, a := color.Glyph(s), ascii.Glyph(s)
		if g == "" || seen[g] || len(a) != 1 {
			t.Errorf("style %d: signs %q and %q, want one of its own and one of ASCII", s, g, a)
		}
		seen[g] = true
	}
	if color.Glyph(view.Alarm) != "" || color.Code(view.Plain) != "" {
		t.Error("a style that needs no sign or no colour has one")
	}
}

func TestFitDropsWhatMattersLeast(t *testing.T) {
	t.Parallel()
	columns := []view.Column{{Name: "id", Weight: 10, Free: true}, {Name: "name", Weight: 100, Free: true}, {Name: "cpu", Weight: 50}}
	natural := []int{20, 30, 5}
	for _, c := range []struct {
		width        int
		cols, widths []int
		hidden       int
	}{
		{0, []int{0, 1, 2}, []int{20, 30, 5}, 0},
		{59, []int{0, 1, 2}, []int{20, 30, 5}, 0},
		{50, []int{0, 1, 2}, []int{20, 21, 5}, 0},
		{29, []int{0, 1, 2}, []int{10, 10, 5}, 0},
		{28, []int{1, 2}, []int{21, 5}, 1},
		{3, []int{1}, []int{3}, 2},
	} {
		l := Fit(columns, natural, c.width)
		total := Gap * (len(l.Cols) - 1)
		for _, w := range l.Widths {
			total += w
		}
		if !slices.Equal(l.Cols, c.cols) || !slices.Equal(l.Widths, c.widths) || len(l.Hidden) != c.hidden || c.width > 0 && total > c.width {
			t.Errorf("width %d: got %+v, want columns %v of widths %v and %d hidden", c.width, l, c.cols, c.widths, c.hidden)
		}
	}
}

func FuzzHarmlessTextIsObeyedByNoTerminal(f *testing.F) {
	for _, s := range []string{"\x1b[31mred\a", "\u202egnp.exe", "a\tb\nc", "\xff\xfe", "👨‍👩‍👧", "e\u0301"} {
		f.Add(s)
	}
	p := &Painter{Unicode: true}
	f.Fuzz(func(t *testing.T, s string) {
		got := p.Harmless(s)
		if !utf8.ValidString(got) || strings.ContainsAny(got, "\x1b\a\n\r\t\x7f\u202e\u009b") {
			t.Errorf("Harmless(%q) = %q", s, got)
		}
		if cut, n := p.Cut(got, 7, true); n > 7 || p.Width(cut) != n {
			t.Errorf("Cut(%q, 7) = %q of %d columns, measured %d", got, cut, n, p.Width(cut))
		}
	})
}

func TestNumbersInWords(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]string{0: "0 calls", 1: "1 call", 999: "999 calls", 1204: "1,204 calls", 1234567: "1,234,567 calls", -1000: "-1,000 calls"} {
		if got := Plural(n, "call"); got != want {
			t.Errorf("%d: got %q, want %q", n, got, want)
		}
	}
}
