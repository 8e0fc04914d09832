package paint

import (
	"slices"

	"github.com/adsops/cloudtop/internal/view"
)

// Gap is how many blanks stand between columns.
const Gap = 2

// least is how far a free text is shortened before a column is dropped for its sake.
const least = 10

// Layout says which columns are shown, and how wide.
type Layout struct {
	Cols   []int // of the table
	Widths []int // of Cols
	Hidden []int // columns for which there is no room
}

// Fit lays the columns of a table out in width columns of the terminal: free texts are shortened, the widest first; where that is not
// enough, the columns that matter least are dropped. Natural is
// how wide each column is when nothing is shortened; width 0 has room for all.
func Fit(columns []view.Column, natural []int, width int) Layout {
	var l Layout
	for i := range columns {
		l.Cols = append(l.Cols, i)
	}
	if width <= 0 {
		l.Widths = natural
		return l
	}
	lowest := func(i int) int {
		if columns[i].Free {
			return min(natural[i], least)
		}
		return natural[i]
	}
	for len(l.Cols) > 1 && sum(l.Cols, lowest) > width {
		l.drop(columns)
	}
	slices.Sort(l.Hidden)
	limit := widest(l.Cols, natural, func(limit int) bool {
		return sum(l.Cols, func(i int) int { return within(columns, natural, i, limit) }) <= width
	})
	for _, i := range l.Cols {
		l.Widths = append(l.Widths, min(within(columns, natural, i, limit), width))
	}
	return l
}

// drop hides the column that matters least; of equals, the last.
func (l *Layout) drop(columns []view.Column) {
	at := 0
	for k, i := range l.Cols {
		if columns[i].Weight <= columns[l.Cols[at]].Weight {
			at = k
		}
	}
	l.Hidden = append(l.Hidden, l.Cols[at])
	l.Cols = slices.Delete(l.Cols, at, at+1)
}

// within returns the width of a column whose free text has limit columns at most.
func within(columns []view.Column, natural []int, i, limit int) int {
	if columns[i].Free {
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
	total := Gap * (len(cols) - 1)
	for _, i := range cols {
		total += width(i)
	}
	return total
}
