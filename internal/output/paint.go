package output

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/mattn/go-runewidth"

	"github.com/adsops/cloudtop/internal/view"
)

// painter knows what the terminal can show.
type painter struct {
	color, unicode bool
	widths         runewidth.Condition
}

func newPainter(o *Options) *painter {
	return &painter{color: o.Color, unicode: o.Unicode}
}

// clean makes a cell ready to print: blank cells say "-", statuses get their glyph, and nothing in a text is obeyed by
// a terminal or breaks the line.
func (p *painter) clean(c *view.Cell) {
	if c.Type == view.Absent {
		c.Text, c.Style = "-", view.Dim
		return
	}
	if !plain(c.Text) {
		c.Text = p.harmless(c.Text)
	}
	if g := p.glyph(c.Style); g != "" {
		c.Text = g + " " + c.Text
	}
}

// plain reports whether s is printable ASCII: nearly every text is, and its width is its length.
func plain(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

// harmless replaces controls and bytes that are no text, and drops what is invisible or turns the direction of writing.
func (p *painter) harmless(s string) string {
	const joiner = '\u200d' // within emoji
	return strings.Map(func(r rune) rune {
		switch {
		case r == utf8.RuneError, unicode.IsControl(r), unicode.Is(unicode.Co, r), !unicode.IsPrint(r) && unicode.IsLetter(r):
			if p.unicode {
				return utf8.RuneError
			}
			return '?'
		case unicode.IsPrint(r), r == joiner:
			return r
		case unicode.Is(unicode.Zs, r):
			return ' '
		default:
			return -1
		}
	}, s)
}

// glyph returns the sign of a style; "" for those that need none.
func (p *painter) glyph(s view.Style) string {
	i := int(s) - int(view.Running)
	if i < 0 {
		return ""
	}
	if p.unicode {
		return signs()[i]
	}
	return [...]string{"+", ">", "<", "-", "!", "x", "?"}[i]
}

// signs are the glyphs of the styles from Running on; each takes one column.
func signs() []string { return []string{"●", "◐", "◑", "○", "✖", "⊘", "?"} }

// width returns how many columns s takes. The tables behind it are 2 MB, so texts that do not need them, a sign and
// ASCII, are measured here.
func (p *painter) width(s string) int {
	if plain(s) {
		return len(s)
	}
	if sign, rest, ok := strings.Cut(s, " "); ok && plain(rest) && slices.Contains(signs(), sign) {
		return 2 + len(rest)
	}
	return p.widths.StringWidth(s)
}

// cut shortens s to w columns with an ellipsis, at its end or in the middle of what differs at its end, and returns how
// many columns are left.
func (p *painter) cut(s string, w int, middle bool) (text string, width int) {
	if n := p.width(s); n <= w {
		return s, n
	}
	dots := "~"
	if p.unicode {
		dots = "…"
	}
	if w < 1 || !plain(s) {
		s = p.widths.Truncate(s, w, dots)
		return s, p.width(s)
	}
	head, end := w-1, 0
	if middle {
		head, end = (w-1)/2, w/2
	}
	return s[:head] + dots + s[len(s)-end:], w
}

// code returns what switches a style's colour on; "" for none.
func (p *painter) code(s view.Style) string {
	if !p.color {
		return ""
	}
	switch s {
	case view.Running:
		return "\x1b[32m"
	case view.Warn, view.Starting, view.Stopping:
		return "\x1b[33m"
	case view.Alarm, view.Failed:
		return "\x1b[31m"
	case view.Dim, view.Stopped, view.Deleted, view.Unknown:
		return "\x1b[2m"
	case view.Plain:
	}
	return ""
}

const (
	bold  = "\x1b[1m"
	reset = "\x1b[0m"
)
