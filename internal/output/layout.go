package output

import (
	"slices"

	"github.com/adsops/cloudtop/internal/view"
)

// gap is how many blanks stand between columns.
const gap = 2

// least is how far a free text is shortened before a column is dropped for its sake.
const least = 10

// layout says which columns are shown, and how wide.
type layout struct {
	cols   []int // of the table
	widths []int // of cols
	hidden []int
}

// fit lays a table out in width columns of the terminal: free texts are shortened, the widest first; where that is not
// enough, the columns that matter least are dropped. Width 0 has room for all.
func fit(t *view.Table, natural []int, width int) layout {
	var l layout
	for i := range t.Columns {
		l.cols = append(l.cols, i)
	}
	if width <= 0 {
		l.widths = natural
		return l
	}
	lowest := func(i int) int {
		if t.Columns[i].Free {
			return min(natural[i], least)
		}
		return natural[i]
	}
	for len(l.cols) > 1 && sum(l.cols, lowest) > width {
		l.drop(t)
	}
	slices.Sort(l.hidden)
	limit := widest(l.cols, natural, func(limit int) bool {
		return sum(l.cols, func(i int) int { return within(t, natural, i, limit) }) <= width
	})
	for _, i := range l.cols {
		l.widths = append(l.widths, min(within(t, natural, i, limit), width))
	}
	return l
}

// drop hides the column that matters least; of equals, the last.
func (l *layout) drop(t *view.Table) {
	at := 0
	for k, i := range l.cols {
		if t.Columns[i].Weight <= t.Columns[l.cols[at]].Weight {
			at = k
		}
	}
	l.hidden = append(l.hidden, l.cols[at])
	l.cols = slices.Delete(l.cols, at, at+1)
}

// within returns the width of a column whose free text has limit columns at most.
func within(t *view.Table, natural []int, i, limit int) int {
	if t.Columns[i].Free {
		return min(natural[i], max(limit, least))
	}
	return natural[i]
}

// widest returns the greatest limit that fits.
func widest(cols, natural []int, fits func(limit int) bool) int {
	low, high := 0, 0
	for _, i := range cols {
		high = max(high, natural[i])
	}
	for low < high {
		mid := (low + high + 1) / 2
		if fits(mid) {
			low = mid
		} else {
			high = mid - 1
		}
	}
	return low
}

// sum returns the width of a line.
func sum(cols []int, width func(int) int) int {
	total := gap * (len(cols) - 1)
	for _, i := range cols {
		total += width(i)
	}
	return total
}
