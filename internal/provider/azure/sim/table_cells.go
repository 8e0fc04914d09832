package azuresim

import (
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/adsops/cloudtop/internal/sim"
)

// What makes new rows out of rows: summarize, mv-expand and join.

// mostRows bounds what mv-expand and join make.
const mostRows = 50_000

var errTooLarge = errors.New("The query needs more resources than it may have. Narrow its tables first.")

// aggregates reports whether a function is one of summarize's.
func aggregates(fn string) bool {
	return slices.Contains([]string{
		"count", "countif", "dcount", "sum", "avg", "min", "max", "make_list", "make_set", "any", "take_any",
	}, fn)
}

// summarize computes aggregates by groups.
func (t *table) summarize(s *stage) error {
	by, names, err := t.evalsOf(s.exprs)
	if err != nil {
		return err
	}
	args := make([]eval, len(s.aggs))
	for i, a := range s.aggs {
		names = append(names, a.name)
		if c := a.expr.(*call); len(c.args) > 0 {
			if args[i], err = t.compile(c.args[0]); err != nil {
				return err
			}
		}
	}
	groups := map[string]map[string]any{}
	values := map[string][][]any{} // of a group, each aggregate's arguments
	for _, r := range t.rows {
		cells := map[string]any{}
		for i, f := range by {
			cells[names[i]] = f(r)
		}
		key := string(sim.AppendJSON(nil, cells))
		if groups[key] == nil {
			groups[key], values[key] = cells, make([][]any, len(args))
		}
		for i, f := range args {
			var v any
			if f != nil {
				v = f(r)
			}
			values[key][i] = append(values[key][i], v)
		}
		r.forget()
	}
	var all []map[string]any
	for _, key := range slices.Sorted(maps.Keys(groups)) {
		for i, a := range s.aggs {
			groups[key][a.name] = aggregate(a.expr.(*call).fn, values[key][i])
		}
		all = append(all, groups[key])
	}
	t.cells(names, all)
	return nil
}

// evalsOf compiles columns.
func (t *table) evalsOf(columns []named) (evals []eval, names []string, err error) {
	for _, c := range columns {
		f, err := t.compile(c.expr)
		if err != nil {
			return nil, nil, err
		}
		evals, names = append(evals, f), append(names, c.name)
	}
	return evals, names, nil
}

// aggregate computes one aggregate of a group's values, of which there is at least one.
func aggregate(fn string, values []any) any {
	known := slices.DeleteFunc(slices.Clone(values), func(v any) bool { return v == nil })
	switch fn {
	case "count":
		return len(values)
	case "countif":
		return len(slices.DeleteFunc(known, func(v any) bool { return !truth(v) }))
	case "sum", "avg":
		return total(known, fn == "avg")
	case "make_list":
		return known
	}
	order := func(a, b any) int { return compareValues(a, b) }
	if len(known) == 0 && (fn == "min" || fn == "max" || fn == "any" || fn == "take_any") {
		return nil
	}
	switch fn {
	case "min":
		return slices.MinFunc(known, order)
	case "max":
		return slices.MaxFunc(known, order)
	case "any", "take_any":
		return known[0]
	}
	slices.SortFunc(known, order) // dcount and make_set
	known = slices.CompactFunc(known, func(a, b any) bool { return text(a) == text(b) })
	if fn == "dcount" {
		return len(known)
	}
	return known
}

// total adds numbers, or averages them; nothing has no average.
func total(values []any, mean bool) any {
	sum, n := 0.0, 0.0
	for _, v := range values {
		if x, ok := number(v); ok {
			sum, n = sum+x, n+1
		}
	}
	switch {
	case !mean:
		return sum
	case n == 0:
		return nil
	}
	return sum / n
}

// compareValues orders numbers before words.
func compareValues(a, b any) int {
	switch {
	case compare("<", a, b):
		return -1
	case compare(">", a, b):
		return 1
	}
	return strings.Compare(text(a), text(b))
}

// all evaluates a row's columns.
func (t *table) all(r *record) map[string]any {
	cells := make(map[string]any, len(t.names))
	for _, n := range t.names {
		v := t.evals[n](r)
		if l, ok := v.(lazy); ok {
			v = l()
		}
		cells[n] = v
	}
	r.forget()
	return cells
}

// expand makes a row of every element of an array; a row without one stays as it is.
func (t *table) expand(columns []named) error {
	evals, names, err := t.evalsOf(columns)
	if err != nil {
		return err
	}
	var rows []map[string]any
	for _, r := range t.rows {
		var elements []any
		switch v := evals[0](r).(type) {
		case []any:
			elements = v
		case map[string]any:
			for _, k := range slices.Sorted(maps.Keys(v)) {
				elements = append(elements, map[string]any{k: v[k]})
			}
		case map[string]string:
			for _, k := range slices.Sorted(maps.Keys(v)) {
				elements = append(elements, map[string]any{k: v[k]})
			}
		}
		if len(rows)+len(elements) > mostRows {
			return errTooLarge
		}
		base := t.all(r)
		for i := range max(1, len(elements)) {
			cells := maps.Clone(base)
			cells[names[0]] = nil
			if i < len(elements) {
				cells[names[0]] = elements[i]
			}
			rows = append(rows, cells)
		}
	}
	all := slices.Clone(t.names)
	if !slices.Contains(all, names[0]) {
		all = append(all, names[0])
	}
	t.cells(all, rows)
	return nil
}

// join pairs rows that agree in the named columns. A column that both tables have comes a second time with a 1.
func (t *table) join(s *stage, right *table) error {
	for _, n := range s.names {
		if t.evals[n] == nil || right.evals[n] == nil {
			return &unresolved{n}
		}
	}
	key := func(cells map[string]any) string {
		var b strings.Builder
		for _, n := range s.names {
			b.WriteString(text(cells[n]) + "\x00")
		}
		return b.String()
	}
	partners := map[string][]map[string]any{}
	for _, r := range right.rows {
		cells := right.all(r)
		partners[key(cells)] = append(partners[key(cells)], cells)
	}
	names := slices.Clone(t.names)
	renamed := map[string]string{}
	for _, n := range right.names {
		renamed[n] = n
		if slices.Contains(t.names, n) {
			renamed[n] = n + "1"
		}
		names = append(names, renamed[n])
	}
	var rows []map[string]any
	for _, r := range t.rows {
		cells := t.all(r)
		found := partners[key(cells)]
		if len(found) == 0 && s.outer {
			found = []map[string]any{nil}
		}
		if len(rows)+len(found) > mostRows {
			return errTooLarge
		}
		for _, other := range found {
			pair := maps.Clone(cells)
			for _, n := range right.names {
				pair[renamed[n]] = other[n]
			}
			rows = append(rows, pair)
		}
	}
	t.cells(names, rows)
	return nil
}

// cells replaces the table.
func (t *table) cells(names []string, all []map[string]any) {
	t.scope = scope{names: names, evals: map[string]eval{}}
	for _, n := range names {
		t.evals[n] = func(r *record) any { return r.cells[n] }
	}
	t.rows = make([]*record, len(all))
	for i, c := range all {
		t.rows[i] = &record{cells: c}
	}
}
