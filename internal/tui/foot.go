package tui

import (
	"fmt"

	"github.com/adsops/cloudtop/internal/output/paint"
	"github.com/adsops/cloudtop/internal/view"
)

// foot draws what stands below the table: the worst failures, what needs to be said now, the search and what keys do.
func (f *frame) foot() {
	if n := f.failures; n > 0 {
		all := f.picture.failures
		for i, t := range all[:n] {
			more := ""
			if i == n-1 && len(all) > n {
				more = fmt.Sprintf("  +%d more ", len(all)-n)
			}
			f.line([]part{{" " + f.painter.Harmless(t.Text), f.painter.Code(t.Style)}}, []part{{more, paint.Bold}})
		}
	}
	if f.notice {
		f.plain(" "+f.news(), f.painter.Code(view.Warn))
	}
	if f.prompt {
		f.promptLine()
	}
	if f.keys {
		f.keyLine()
	}
}

// news is what needs to be said now; empty where nothing does.
func (m *model) news() string {
	r := &m.round
	switch {
	case m.note != "":
		return m.note
	case r.Every > r.Asked && r.Why != "":
		return "every " + short(r.Every) + " instead of " + short(r.Asked) + ": " + r.Why
	default:
		return ""
	}
}

// promptLead stands before the search.
const promptLead = " / "

// promptLine draws the search, so much of it that the cursor is in the window.
func (f *frame) promptLine() {
	text := f.settings.search
	if f.typing {
		text, _ = f.typedPart()
	}
	how := ""
	if newSearch(f.opts.Query.Kind, f.settings.search).part != "" {
		how = "  part of name or id "
	}
	f.line([]part{{promptLead, paint.Bold}, {f.painter.Harmless(text), ""}}, []part{{how, paint.Faint}})
}

// typedPart returns the end of what is typed before the cursor, as much as there is room for, with all that follows;
// and how many columns stand before the cursor.
func (m *model) typedPart() (text string, before int) {
	from := 0
	width := func() int { return m.painter.Width(string(m.line.text[from:m.line.at])) }
	for from < m.line.at && width() > m.width-len(promptLead)-1 {
		from++
	}
	return string(m.line.text[from:]), width()
}

// promptCursor returns where the cursor of the search stands in the window.
func (f *frame) promptCursor() (x, y int) {
	_, before := f.typedPart()
	y = f.height - 1
	if f.keys {
		y--
	}
	return len(promptLead) + before, y
}

// keyLine names the keys that are needed most, as many as fit, and on the right those without which nobody gets on.
func (f *frame) keyLine() {
	right := []part{}
	if !f.typing {
		right = f.named("?", "help", "q", "quit")
	}
	room := f.width
	for _, p := range right {
		room -= f.painter.Width(p.text)
	}
	var left []part
	for _, k := range f.shortKeys() {
		shown := f.named(k.Shown, k.Short)
		if n := f.painter.Width(shown[0].text) + f.painter.Width(shown[1].text); n <= room {
			room -= n
			left = append(left, shown...)
		}
	}
	f.line(left, right)
}

// named returns the parts of keys and what they do.
func (f *frame) named(keysAndWords ...string) []part {
	var parts []part
	for i := 0; i < len(keysAndWords); i += 2 {
		parts = append(parts, part{" " + keysAndWords[i], paint.Bold}, part{" " + keysAndWords[i+1] + " ", ""})
	}
	return parts
}

// shortKeys returns what the keys on the left of the line are.
func (f *frame) shortKeys() []Key {
	if f.typing {
		return []Key{
			{Shown: "enter", Short: "keep"}, {Shown: "esc", Short: "drop"},
			{Shown: "status=running and cpu>80", Short: "or part of a name"},
		}
	}
	var keys []Key
	if f.pane != table {
		keys = append(keys, Key{Shown: "esc", Short: "back"})
	}
	for _, k := range Keys() {
		if k.Short != "" {
			keys = append(keys, k)
		}
	}
	return keys
}
