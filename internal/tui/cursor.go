package tui

import "github.com/adsops/cloudtop/internal/view"

// cursor is the selected row and the part of the table that is in the window.
type cursor struct {
	at, top int
	id      identity // of the selected row, once it was chosen
	chosen  bool     // until then the first row is selected, whichever it is
}

// neighbours is how far around a vanished row another one is looked for.
const neighbours = 32

// follow finds the selected row, or the nearest one that is left of it, after the rows changed from old to rows. It
// stays on its line of the window where it can.
func (c *cursor) follow(old, rows []view.Row, height int) {
	offset := c.at - c.top
	switch {
	case !c.chosen || len(rows) == 0:
		c.at, offset = 0, 0
	case c.at < len(rows) && identify(&rows[c.at]) == c.id:
	default:
		c.at = c.nearest(old, rows)
	}
	c.top = c.at - offset
	c.settle(rows, height)
}

// nearest returns where the selected row is now, or else the row that was nearest to it and is still there.
func (c *cursor) nearest(old, rows []view.Row) int {
	rank := map[identity]int{c.id: 0}
	for d := 1; d <= neighbours; d++ {
		for k, i := range []int{c.at + d, c.at - d} {
			if i < 0 || i >= len(old) {
				continue
			}
			if id := identify(&old[i]); id != c.id {
				rank[id] = 2*d + k
			}
		}
	}
	best, at := 2*neighbours+2, min(c.at, len(rows)-1)
	for i := range rows {
		if n, ok := rank[identify(&rows[i])]; ok && n < best {
			best, at = n, i
			if n == 0 {
				break
			}
		}
	}
	return at
}

// move selects the row n further down, up where n is negative.
func (c *cursor) move(n int, rows []view.Row, height int) {
	c.at += n
	c.chosen = true
	c.settle(rows, height)
}

// first selects the first row, and stays there as rows come.
func (c *cursor) first(rows []view.Row, height int) {
	*c = cursor{}
	c.settle(rows, height)
}

// settle keeps the cursor within the rows and the window around it. A window without a line counts as one.
func (c *cursor) settle(rows []view.Row, height int) {
	height = max(height, 1)
	c.at = max(min(c.at, len(rows)-1), 0)
	c.top = min(c.top, c.at)
	c.top = max(c.top, c.at-height+1)
	c.top = max(min(c.top, len(rows)-height), 0)
	if c.at < len(rows) {
		c.id = identify(&rows[c.at])
	}
}
