package tui

import (
	"slices"
	"strings"
	"unicode"

	tea "charm.land/bubbletea/v2"
)

// line is a line of text that is being typed. (A text field of a library would look for the programs of a clipboard
// each time that cloudtop starts.)
type line struct {
	text []rune
	at   int // the cursor stands before text[at]
}

func newLine(text string) line { return line{text: []rune(text), at: len([]rune(text))} }

// String returns the text.
func (l *line) String() string { return string(l.text) }

// insert types s, without what is no text.
func (l *line) insert(s string) {
	s = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, s)
	typed := []rune(s)
	l.text = slices.Insert(l.text, l.at, typed...)
	l.at += len(typed)
}

// key takes a key, and reports whether it was one for a line of text.
func (l *line) key(k tea.Key) bool {
	switch k.Keystroke() {
	case "backspace", "ctrl+h":
		l.remove(l.at - 1)
	case "delete", "ctrl+d":
		l.remove(l.at)
	case "left", "ctrl+b":
		l.at = max(l.at-1, 0)
	case "right", "ctrl+f":
		l.at = min(l.at+1, len(l.text))
	case "home", "ctrl+a":
		l.at = 0
	case "end", "ctrl+e":
		l.at = len(l.text)
	case "ctrl+u":
		l.text, l.at = l.text[l.at:], 0
	case "ctrl+k":
		l.text = l.text[:l.at]
	case "ctrl+w", "alt+backspace":
		l.removeWord()
	default:
		if k.Text == "" {
			return false
		}
		l.insert(k.Text)
	}
	return true
}

// remove drops the i-th rune, if there is one.
func (l *line) remove(i int) {
	if i < 0 || i >= len(l.text) {
		return
	}
	l.text = slices.Delete(l.text, i, i+1)
	l.at = min(l.at, i)
}

// removeWord drops what stands before the cursor back to a blank.
func (l *line) removeWord() {
	from := l.at
	for from > 0 && l.text[from-1] == ' ' {
		from--
	}
	for from > 0 && l.text[from-1] != ' ' {
		from--
	}
	l.text = slices.Delete(l.text, from, l.at)
	l.at = from
}
