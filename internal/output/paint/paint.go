// Package paint knows what a terminal can show: how wide a text is, how it is shortened, the signs and colours of styles,
// and which columns of a table have room. Everything that people look at is drawn with it: printed tables and the screen.
package paint

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/mattn/go-runewidth"

	"github.com/adsops/cloudtop/internal/view"
)

// Painter draws for one terminal.
type Painter struct {
	Color   bool
	Unicode bool // glyphs beyond ASCII
	Simple  bool // no signs that are joined of several: terminals disagree on how wide those are
	Measure Measure
}

// Measure knows how many columns a text takes. Terminals disagree: some count what runes make together, others every
// rune by itself.
type Measure interface {
	StringWidth(s string) int
	// Truncate returns so much of the start of s that it takes, together with tail, width columns at most.
	Truncate(s string, width int, tail string) string
}

// measure returns the terminal's measure; where that is not known, the one that most terminals have.
func (p *Painter) measure() Measure {
	if p.Measure != nil {
		return p.Measure
	}
	return &runewidth.Condition{}
}

// Clean makes a cell ready to print: blank cells say "-", statuses get their glyph, and nothing in a text is obeyed by
// a terminal or breaks the line.
func (p *Painter) Clean(c *view.Cell) {
	if c.Type == view.Absent {
		c.Text, c.Style = "-", view.Dim
		return
	}
	if !plain(c.Text) {
		c.Text = p.Harmless(c.Text)
	}
	if g := p.Glyph(c.Style); g != "" {
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

// Harmless replaces controls and bytes that are no text, and drops what is invisible or turns the direction of writing.
func (p *Painter) Harmless(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case p.Simple && joins(r):
			return -1
		case r == utf8.RuneError, unicode.IsControl(r), unicode.Is(unicode.Co, r), !unicode.IsPrint(r) && unicode.IsLetter(r):
			if p.Unicode {
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

const joiner = '\u200d' // within emoji

// joins reports whether r makes one sign of those around it: a joiner, a selector of a variant, a colour of skin.
func joins(r rune) bool {
	return r == joiner || r >= '\ufe00' && r <= '\ufe0f' || r >= '\U0001f3fb' && r <= '\U0001f3ff'
}

// Glyph returns the sign of a style; "" for those that need none.
func (p *Painter) Glyph(s view.Style) string {
	i := int(s) - int(view.Running)
	if i < 0 {
		return ""
	}
	if p.Unicode {
		return signs()[i]
	}
	return [...]string{"+", ">", "<", "-", "!", "x", "?"}[i]
}

// signs are the glyphs of the styles from Running on; each takes one column.
func signs() []string { return []string{"●", "◐", "◑", "○", "✖", "⊘", "?"} }

// Width returns how many columns s takes. The tables behind it are 2 MB, so texts that do not need them, a sign and
// ASCII, are measured here.
func (p *Painter) Width(s string) int {
	if plain(s) {
		return len(s)
	}
	if sign, rest, ok := strings.Cut(s, " "); ok && plain(rest) && slices.Contains(signs(), sign) {
		return 2 + len(rest)
	}
	return p.measure().StringWidth(s)
}

// Cut shortens s to w columns with an ellipsis, at its end or in the middle of what differs at its end, and returns how
// many columns are left.
func (p *Painter) Cut(s string, w int, middle bool) (text string, width int) {
	if n := p.Width(s); n <= w {
		return s, n
	}
	if w < 1 {
		return "", 0
	}
	dots := "~"
	if p.Unicode {
		dots = "…"
	}
	if !plain(s) {
		s = p.measure().Truncate(s, w, dots)
		return s, p.Width(s)
	}
	head, end := w-1, 0
	if middle {
		head, end = (w-1)/2, w/2
	}
	return s[:head] + dots + s[len(s)-end:], w
}

// Break cuts text at the last blank within width columns, in a word where there is none. Width 0 has room for all.
func (p *Painter) Break(text string, width int) (line, rest string) {
	if width <= 0 || p.Width(text) <= width {
		return text, ""
	}
	cut := p.measure().Truncate(text, width, "")
	if cut == "" { // not even one letter fits
		_, n := utf8.DecodeRuneInString(text)
		return "?", text[n:]
	}
	set := len(cut) - len(strings.TrimLeft(cut, " "))
	if at := strings.LastIndexByte(cut, ' '); at >= set && at > 0 && len(cut) < len(text) && text[len(cut)] != ' ' {
		cut = cut[:at]
	}
	return strings.TrimRight(cut, " "), strings.TrimLeft(text[len(cut):], " ")
}

// Cell is what Append draws: the text of a column in a row.
type Cell struct {
	Column *view.Column
	Mark   string // stands right before the text, beside the width; may be empty
	Text   string // cut where it is too long
	Width  int
	On     string // what switches its colour on; may be empty
	Fill   bool   // blanks follow a text on the left
}

// Append appends a cell, mark and all filled up to its width with blanks.
func (p *Painter) Append(buf []byte, c *Cell) []byte {
	text, n := p.Cut(c.Text, c.Width, c.Column.Middle)
	if c.Column.Right {
		buf = Blanks(buf, c.Width-n)
	}
	buf = append(append(append(buf, c.On...), c.Mark...), text...)
	if c.On != "" {
		buf = append(buf, Reset...)
	}
	if !c.Column.Right && c.Fill {
		buf = Blanks(buf, c.Width-n)
	}
	return buf
}

// Blanks appends n blanks.
func Blanks(buf []byte, n int) []byte {
	for range n {
		buf = append(buf, ' ')
	}
	return buf
}

// Code returns what switches a style's colour on; "" for none.
func (p *Painter) Code(s view.Style) string {
	if !p.Color {
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

// What switches attributes on, and all of them off.
const (
	Bold    = "\x1b[1m"
	Reverse = "\x1b[7m"
	Faint   = "\x1b[2m"
	Reset   = "\x1b[0m"
)
