package cloudflaresim

import (
	"bytes"
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/adsops/cloudtop/internal/sim"
)

// group is one row of an answer.
type group struct {
	labels []string  // values of the selected dimensions
	values []float64 // of the columns; those of dimensions are unused
	weight float64
}

// cell is a part of one resource's use: a span of time and a variant.
type cell struct {
	use  *profile
	n    float64 // events
	bad  float64 // of these failed
	a, b time.Time
}

func text(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case enum:
		return string(v)
	}
	return fmt.Sprint(v)
}

// groups computes the rows: per span of the finest selected time, and per value of the other selected dimensions.
func (q *groupQuery) groups(uses []*profile, now time.Time) []*group {
	var names []string
	for _, c := range q.columns {
		if c.group == "dimensions" && !slices.Contains(names, c.name) {
			names = append(names, c.name)
		}
	}
	variants := q.ds.variantsFor(append(q.filtered(), names...))
	uses = q.matching(uses)
	index := map[string]*group{}
	var rows []*group
	spans := q.spans(names, q.until(now))
	for i, s := range spans {
		for _, u := range uses {
			if !u.born.Before(s[1]) {
				continue
			}
			for vi := range variants {
				c := q.ds.cell(u, variants, vi, s[0], s[1])
				if c.n <= 0 || !q.keeps(&variants[vi]) || !q.meets(u, &variants[vi]) {
					continue
				}
				rows = q.count(index, rows, names, &variants[vi], &c)
			}
		}
		if q.timeFirst() && len(rows) >= q.limit && i < len(spans)-1 {
			break // what follows is behind the limit
		}
	}
	q.sort(rows, names)
	return rows[:min(q.limit, len(rows))]
}

// filtered returns the dimensions that conditions are about.
func (q *groupQuery) filtered() []string {
	var all []string
	for _, c := range q.where {
		all = append(all, c.name)
	}
	for _, alternatives := range q.either {
		for _, c := range slices.Concat(alternatives...) {
			all = append(all, c.name)
		}
	}
	return all
}

// matching returns the resources that meet the conditions on what is the same for all their events.
func (q *groupQuery) matching(uses []*profile) []*profile {
	var fixed []condition
	for _, c := range q.where {
		if q.ds.labels[c.name] != nil {
			fixed = append(fixed, c)
		}
	}
	if len(fixed) == 0 {
		return uses
	}
	return slices.DeleteFunc(slices.Clone(uses), func(u *profile) bool {
		return slices.ContainsFunc(fixed, func(c condition) bool { return !c.holds(q.ds.labels[c.name](u)) })
	})
}

// keeps reports whether a variant meets the other conditions.
func (q *groupQuery) keeps(v *variant) bool {
	return !slices.ContainsFunc(q.where, func(c condition) bool {
		return q.ds.labels[c.name] == nil && !c.holds(v.labels[c.name])
	})
}

// meets reports whether of every OR one alternative holds.
func (q *groupQuery) meets(u *profile, v *variant) bool {
	fails := func(c condition) bool {
		if label := q.ds.labels[c.name]; label != nil {
			return !c.holds(label(u))
		}
		return !c.holds(v.labels[c.name])
	}
	for _, alternatives := range q.either {
		if !slices.ContainsFunc(alternatives, func(all []condition) bool { return !slices.ContainsFunc(all, fails) }) {
			return false
		}
	}
	return true
}

// spans cuts the time of the query at the steps of the finest selected time; newest first where the order says so.
func (q *groupQuery) spans(names []string, to time.Time) [][2]time.Time {
	var step time.Duration
	for _, n := range names {
		if q.ds.isTime(n) && (step == 0 || q.ds.stepOf(n) < step) {
			step = q.ds.stepOf(n)
		}
	}
	if step == 0 {
		return [][2]time.Time{{q.from, to}}
	}
	var spans [][2]time.Time
	for at := q.from.Truncate(step); at.Before(to); at = at.Add(step) {
		a, b := at, at.Add(step)
		if a.Before(q.from) {
			if q.ds.stored && step == q.ds.step {
				continue // the reading was taken at the beginning of the span
			}
			a = q.from
		}
		if b.After(to) {
			b = to
		}
		spans = append(spans, [2]time.Time{a, b})
	}
	if q.timeFirst() && q.order[0].down {
		slices.Reverse(spans)
	}
	return spans
}

func (q *groupQuery) timeFirst() bool {
	return len(q.order) > 0 && q.order[0].group == "dimensions" && q.ds.isTime(q.order[0].name)
}

// count adds a cell to its row.
func (q *groupQuery) count(index map[string]*group, rows []*group, names []string, v *variant, c *cell) []*group {
	labels := make([]string, len(names))
	for i, n := range names {
		labels[i] = q.ds.label(n, v, c)
	}
	key := strings.Join(labels, "\x00")
	g := index[key]
	if g == nil {
		g = &group{labels: labels, values: make([]float64, len(q.columns))}
		index[key], rows = g, append(rows, g)
	}
	before := g.weight
	g.weight += c.n
	for i, col := range q.columns {
		if col.group == "dimensions" {
			continue
		}
		x := q.ds.measures[col](c)
		switch col.group {
		case "sum", "":
			g.values[i] += x
		case "max":
			g.values[i] = max(g.values[i], x)
		case "min":
			if before == 0 || x < g.values[i] {
				g.values[i] = x
			}
		default: // a mean, or a quantile that stands for all
			g.values[i] = (g.values[i]*before + x*c.n) / g.weight
		}
	}
	return rows
}

func (q *groupQuery) sort(rows []*group, names []string) {
	at := make([]int, len(q.order)) // of each order, among the labels or the values
	for k, o := range q.order {
		if at[k] = slices.Index(q.columns, o.column); o.group == "dimensions" {
			at[k] = slices.Index(names, o.name)
		}
	}
	slices.SortStableFunc(rows, func(a, b *group) int {
		for k, o := range q.order {
			by, i := 0, at[k]
			if o.group == "dimensions" {
				by = cmp.Compare(a.labels[i], b.labels[i])
			} else {
				by = cmp.Compare(a.values[i], b.values[i])
			}
			if o.down {
				by = -by
			}
			if by != 0 {
				return by
			}
		}
		return slices.Compare(a.labels, b.labels)
	})
}

// write encodes rows in the shape of the selection.
func (q *groupQuery) write(b *bytes.Buffer, rows []*group) {
	var names []string
	for _, c := range q.columns {
		if c.group == "dimensions" && !slices.Contains(names, c.name) {
			names = append(names, c.name)
		}
	}
	b.Grow(len(rows) * 16 * (len(q.columns) + 1))
	b.WriteByte('[')
	for i, g := range rows {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteByte('{')
		for i, f := range q.field.fields {
			comma(b, i, f.alias)
			if f.name == "count" {
				q.number(b, column{"", "count"}, g)
				continue
			}
			b.WriteByte('{')
			for i, s := range f.fields {
				comma(b, i, s.alias)
				if f.name == "dimensions" {
					q.dimension(b, s.name, g.labels[slices.Index(names, s.name)])
				} else {
					q.number(b, column{f.name, s.name}, g)
				}
			}
			b.WriteByte('}')
		}
		b.WriteByte('}')
	}
	b.WriteByte(']')
}

func (q *groupQuery) dimension(b *bytes.Buffer, name, value string) {
	if q.ds.numeric(name) {
		b.WriteString(value)
		return
	}
	b.Write(sim.AppendText(b.AvailableBuffer(), value))
}

// number writes counts whole and all else with twelve digits.
func (q *groupQuery) number(b *bytes.Buffer, c column, g *group) {
	v := g.values[slices.Index(q.columns, c)]
	if q.ds.whole(c) {
		b.Write(strconv.AppendFloat(b.AvailableBuffer(), math.Round(v), 'f', 0, 64))
		return
	}
	b.Write(strconv.AppendFloat(b.AvailableBuffer(), v, 'g', 12, 64))
}
