package tui

import (
	"strings"
	"testing"

	"github.com/adsops/cloudtop/internal/view"
)

// rowsOf returns one row per letter.
func rowsOf(names string) []view.Row {
	var rows []view.Row
	for _, r := range names {
		rows = append(rows, view.Row{Resource: server(string(r), 1)})
	}
	return rows
}

func TestACursorFollowsItsRow(t *testing.T) {
	t.Parallel()
	const height = 4
	for _, c := range []struct {
		name     string
		old, now string
		at, top  int
		want     string // the selected row
		wantTop  string // the first in the window
	}{
		{"nothing changes", "abcdefgh", "abcdefgh", 3, 2, "d", "c"},
		{"rows come above", "abcdefgh", "01abcdefgh", 3, 2, "d", "c"},
		{"rows come below", "abcd", "abcdefgh", 3, 0, "d", "a"},
		{"rows go above", "abcdefgh", "cdefgh", 3, 2, "d", "c"},
		{"it moves to the top", "abcdefgh", "dabcefgh", 3, 2, "d", "d"},
		{"it moves to the end", "abcdefgh", "abcefghd", 3, 2, "d", "f"},
		{"it goes, and the one below stays", "abcdefgh", "abcefgh", 3, 2, "e", "c"},
		{"it goes with all below", "abcdefgh", "abc", 3, 2, "c", "a"},
		{"it goes with its neighbours", "abcdefgh", "ah", 3, 2, "a", "a"},
		{"all go and others come", "abcdefgh", "xyz", 3, 2, "z", "x"},
		{"others come in their place", "abcd", "wxyz", 1, 0, "x", "w"},
		{"the order is reversed", "abcdefgh", "hgfedcba", 1, 0, "b", "d"},
		{"the last of few", "abcdefgh", "h", 7, 4, "h", "h"},
	} {
		old, now := rowsOf(c.old), rowsOf(c.now)
		cur := cursor{at: c.at, top: c.top, chosen: true}
		cur.settle(old, height)
		cur.follow(old, now, height)
		if got, top := now[cur.at].Resource.Name, now[cur.top].Resource.Name; got != c.want || top != c.wantTop {
			t.Errorf("%s: %s is selected below %s, want %s below %s", c.name, got, top, c.want, c.wantTop)
		}
		if cur.id != identify(&now[cur.at]) {
			t.Errorf("%s: the cursor believes to be at %+v", c.name, cur.id)
		}
	}
}

func TestACursorThatWasNotMovedStaysOnTop(t *testing.T) {
	t.Parallel()
	var c cursor
	c.follow(nil, nil, 5)
	c.follow(nil, rowsOf("m"), 5)
	c.follow(rowsOf("m"), rowsOf("abm"), 5)
	if c.at != 0 || c.top != 0 {
		t.Errorf("got %+v, want the first row", c)
	}
	c.move(1, rowsOf("abm"), 5)
	c.follow(rowsOf("abm"), rowsOf("0abm"), 5)
	if c.at != 2 {
		t.Errorf("got %+v, want the row that was chosen", c)
	}
	c.first(rowsOf("0abm"), 5)
	c.follow(rowsOf("0abm"), rowsOf("-0abm"), 5)
	if c.at != 0 {
		t.Errorf("got %+v, want the first row again", c)
	}
}

func TestACursorStaysInTheWindow(t *testing.T) {
	t.Parallel()
	rows := rowsOf("abcdefghij")
	for height := range 14 {
		c := cursor{}
		for _, n := range []int{0, 3, 5, -2, 100, -1, -100, 7} {
			c.move(n, rows, height)
			inWindow := c.at >= c.top && c.at < c.top+max(height, 1)
			if c.at < 0 || c.at >= len(rows) || height > 0 && !inWindow || c.top > max(len(rows)-height, 0) {
				t.Fatalf("height %d, moved by %d: %+v", height, n, c)
			}
		}
	}
	c := cursor{}
	c.move(3, nil, 5)
	if c.at != 0 || c.top != 0 {
		t.Errorf("without rows: %+v", c)
	}
}

// A vanished row's neighbour is looked for nearby only: what is far away is no neighbour.
func TestOnlyNearRowsAreNeighbours(t *testing.T) {
	t.Parallel()
	var names strings.Builder
	for i := range 200 {
		names.WriteRune(rune(0x4e00 + i))
	}
	old := rowsOf(names.String())
	c := cursor{at: 100, top: 90, chosen: true}
	c.settle(old, 20)
	far := old[:100-neighbours]
	c.follow(old, far, 20)
	if c.at != len(far)-1 {
		t.Errorf("row %d is selected, want the last of %d", c.at, len(far))
	}
}
