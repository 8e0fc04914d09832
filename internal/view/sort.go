package view

import (
	"fmt"
	"slices"
	"strings"
)

// Order is what rows are sorted by; the zero Order leaves them as they are.
type Order struct{ keys []orderKey }

type orderKey struct {
	column Column
	down   bool
}

// ParseOrder reads --sort: names of columns, metrics, attrs.NAME or tags.KEY, with a minus for descending: "-cpu,name".
// Offers without any are sorted by the price of one card.
func ParseOrder(kind Kind, expr string) (Order, error) {
	var o Order
	if strings.TrimSpace(expr) == "" && kind == Offers {
		expr = "price_per_gpu,price"
	}
	for name := range strings.SplitSeq(expr, ",") {
		name = strings.TrimSpace(name)
		if name == "" {
			continue
		}
		name, down := strings.CutPrefix(name, "-")
		c, ok := Lookup(kind, strings.TrimPrefix(name, "+"))
		if !ok {
			return Order{}, fmt.Errorf("--sort: %w", unknownField(kind, "column", name))
		}
		o.keys = append(o.keys, orderKey{c, down})
	}
	return o, nil
}

// Sort sorts rows in place. What is absent comes last in either direction; equals keep their order.
func (o Order) Sort(rows []Row) {
	if len(o.keys) == 0 || len(rows) < 2 {
		return
	}
	type sortable struct {
		row   Row
		cells []Cell
	}
	n := len(o.keys)
	cells := make([]Cell, n*len(rows))
	all := make([]sortable, len(rows))
	for i := range rows {
		all[i] = sortable{rows[i], cells[i*n : (i+1)*n]}
		for k := range o.keys {
			all[i].cells[k] = o.keys[k].column.value(&rows[i])
		}
	}
	slices.SortStableFunc(all, func(a, b sortable) int { return o.compare(a.cells, b.cells) })
	for i := range all {
		rows[i] = all[i].row
	}
}

func (o Order) compare(a, b []Cell) int {
	for k := range o.keys {
		switch {
		case a[k].Type == Absent && b[k].Type == Absent:
			continue
		case a[k].Type == Absent:
			return 1
		case b[k].Type == Absent:
			return -1
		}
		c := a[k].Compare(&b[k])
		if o.keys[k].down {
			c = -c
		}
		if c != 0 {
			return c
		}
	}
	return 0
}
