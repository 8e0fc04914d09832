package tui

import (
	"slices"

	tea "charm.land/bubbletea/v2"
)

// Key is one thing that keys do on the screen. Nothing of it changes anything in a cloud.
type Key struct {
	Names []string // as the terminal reports them: "ctrl+c"
	Shown string   // as people know them
	Short string   // what it does, in the line of keys; empty = it is not in there
	Help  string   // what it does, in a sentence

	do func(m *model) tea.Cmd
}

// Keys lists what keys do, in the order in which help shows them.
func Keys() []Key {
	return []Key{
		{Names: []string{"up", "k"}, Shown: "up k", Help: "select the row above", do: moved(-1)},
		{Names: []string{"down", "j"}, Shown: "down j", Help: "select the row below", do: moved(1)},
		{Names: []string{"pgup", "ctrl+b"}, Shown: "pgup", Help: "a page up", do: paged(-1)},
		{Names: []string{"pgdown", "ctrl+f"}, Shown: "pgdn", Help: "a page down", do: paged(1)},
		{Names: []string{"home", "g"}, Shown: "home g", Help: "the first row, and stay there", do: (*model).top},
		{Names: []string{"end", "G"}, Shown: "end G", Help: "the last row", do: (*model).bottom},
		{Names: []string{"enter"}, Shown: "enter", Short: "details", Help: "everything that is known of the selected row", do: (*model).enter},
		{Names: []string{"/"}, Shown: "/", Short: "filter", Help: "filter rows: an expression as of --filter, or part of a name or id; esc ends it", do: (*model).search},
		{Names: []string{"s"}, Shown: "s", Short: "sort", Help: "sort by the next column", do: (*model).sortNext},
		{Names: []string{"S"}, Shown: "S", Help: "reverse the order", do: (*model).reverse},
		{Names: []string{"e"}, Shown: "e", Short: "errors", Help: "what could not be read, what to do about it, and the whole ledger", do: opened(ledger)},
		{Names: []string{"p", "space"}, Shown: "p space", Short: "pause", Help: "pause the rounds, or go on", do: (*model).pause},
		{Names: []string{"r"}, Shown: "r", Short: "refresh", Help: "begin a round now", do: (*model).refresh},
		{Names: []string{"?", "h", "f1"}, Shown: "?", Help: "this help", do: opened(help)},
		{Names: []string{"esc"}, Shown: "esc", Help: "back to the table; there, drop the filter", do: (*model).back},
		{Names: []string{"ctrl+z"}, Shown: "ctrl-z", Help: "suspend; the shell's fg comes back", do: func(*model) tea.Cmd { return tea.Suspend }},
		{Names: []string{"q"}, Shown: "q", Help: "quit (exit code 0)", do: func(*model) tea.Cmd { return tea.Quit }},
		{Names: []string{"ctrl+c"}, Shown: "ctrl-c", Help: "quit as interrupted (exit code 130)", do: (*model).interrupt},
	}
}

// key does what a key stands for.
func (m *model) key(k tea.Key) tea.Cmd {
	name := tea.KeyPressMsg(k).String()
	if m.typing && name != "ctrl+c" && name != "ctrl+z" {
		return m.typed(name, k)
	}
	m.note = ""
	for _, b := range Keys() {
		if slices.Contains(b.Names, name) {
			return b.do(m)
		}
	}
	return nil
}

// typed takes a key while a search is typed. The table moves meanwhile.
func (m *model) typed(name string, k tea.Key) tea.Cmd {
	switch name {
	case "esc":
		m.typing = false
		return m.searchFor("")
	case "enter":
		m.typing = false
		m.place()
		return nil
	case "up":
		return moved(-1)(m)
	case "down":
		return moved(1)(m)
	case "pgup":
		return paged(-1)(m)
	case "pgdown":
		return paged(1)(m)
	}
	if m.line.key(k) {
		return m.searchFor(m.line.String())
	}
	return nil
}

// moved returns what moves n rows, or lines of another pane, down.
func moved(n int) func(*model) tea.Cmd {
	return func(m *model) tea.Cmd {
		m.scrolled(n)
		return nil
	}
}

// paged returns what moves n pages down.
func paged(n int) func(*model) tea.Cmd {
	return func(m *model) tea.Cmd {
		m.scrolled(n * max(m.areas().rows-1, 1))
		return nil
	}
}

func (m *model) scrolled(n int) {
	rows := m.areas().rows
	if m.pane != table {
		m.scroll = max(min(m.scroll+n, len(m.lines)-rows), 0)
	} else if m.picture != nil {
		m.cursor.move(n, m.picture.rows, rows)
	}
}

func (m *model) top() tea.Cmd {
	if m.pane != table {
		m.scroll = 0
	} else if m.picture != nil {
		m.cursor.first(m.picture.rows, m.areas().rows)
	}
	return nil
}

func (m *model) bottom() tea.Cmd {
	if m.picture != nil {
		m.scrolled(len(m.picture.rows) + len(m.lines))
	}
	return nil
}

// opened returns what opens a pane, and closes it where it is open.
func opened(p pane) func(*model) tea.Cmd {
	return func(m *model) tea.Cmd {
		if m.pane == p {
			p = table
		}
		m.open(p)
		return nil
	}
}

func (m *model) open(p pane) {
	m.pane, m.scroll = p, 0
	m.place()
}

func (m *model) enter() tea.Cmd {
	switch {
	case m.pane != table:
		m.open(table)
	case m.picture != nil && len(m.picture.rows) > 0:
		m.cursor.chosen = true
		m.shown = m.cursor.id
		m.open(details)
	}
	return nil
}

// back leaves a pane; from the table it drops the filter.
func (m *model) back() tea.Cmd {
	if m.pane != table {
		m.open(table)
		return nil
	}
	return m.searchFor("")
}

func (m *model) search() tea.Cmd {
	m.open(table)
	m.typing, m.line = true, newLine(m.settings.search)
	m.place()
	return nil
}

func (m *model) pause() tea.Cmd {
	m.opts.Rounds.Pause()
	m.round = m.opts.Rounds.State()
	return nil
}

func (m *model) refresh() tea.Cmd {
	if m.round = m.opts.Rounds.State(); m.round.Running {
		m.note = "a round is under way"
		return nil
	}
	m.opts.Rounds.Refresh()
	m.note = "refreshing"
	return nil
}

func (m *model) interrupt() tea.Cmd {
	m.interrupted = true
	return tea.Quit
}
