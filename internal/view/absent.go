package view

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/adsops/cloudtop/internal/hub"
	"github.com/adsops/cloudtop/pkg/nearest"
)

// Absent returns a line for every attribute, tag and unknown metric that the query, or one of columns, names and no row
// of a snapshot has: it may be mistyped, or simply not there today. Where there are no rows, nothing is odd.
func (q *Query) Absent(s *hub.Snapshot, columns []string) []string {
	rows := Rows(s, q.Kind, s.At)
	if len(rows) == 0 {
		return nil
	}
	var told []string
	for _, a := range q.asked(columns) {
		if what, sought := sought(q.Kind, a.column.Name); sought && !anyHas(rows, a.column) {
			told = append(told, fmt.Sprintf("%s: none of the %s has %s%s", a.flag, q.Kind, what, meant(rows, a.column.Name)))
		}
	}
	slices.Sort(told)
	return slices.Compact(told)
}

// wanted is a column and the flag that names it.
type wanted struct {
	flag   string
	column Column
}

// asked returns the columns that a query, which is right, and --columns name.
func (q *Query) asked(columns []string) []wanted {
	var all []wanted
	for _, name := range columns {
		if c, ok := Lookup(q.Kind, name); ok {
			all = append(all, wanted{"--columns", c})
		}
	}
	if order, err := ParseOrder(q.Kind, q.Sort); err == nil {
		for _, k := range order.keys {
			all = append(all, wanted{"--sort", k.column})
		}
	}
	if filter, err := ParseFilter(q.Kind, q.Filter); err == nil {
		for _, c := range filter.fields {
			all = append(all, wanted{"--filter", c})
		}
	}
	return all
}

// sought says what a column is that is found in each row by name: `an attribute "shape"`. Known columns and metrics may be
// blank everywhere.
func sought(kind Kind, name string) (what string, ok bool) {
	known := slices.ContainsFunc(Known(kind), func(c Column) bool { return c.Name == name })
	prefix, rest, dotted := strings.Cut(name, ".")
	switch {
	case known || slices.Contains(metricNames(), strings.TrimPrefix(name, "metrics.")):
		return "", false
	case dotted && prefix == "attrs":
		return fmt.Sprintf("an attribute %q", rest), true
	case dotted && prefix == "tags":
		return fmt.Sprintf("a tag %q", rest), true
	case dotted && prefix == "metrics":
		return fmt.Sprintf("a metric %q", rest), true
	case kind == Offers:
		return fmt.Sprintf("an attribute %q", name), true
	default:
		return fmt.Sprintf("a metric, an attribute or a tag %q", name), true
	}
}

// meant returns what is told of the name of something else of its kind that rows have, where one is near.
func meant(rows []Row, name string) string {
	prefix, bare, dotted := strings.Cut(name, ".")
	if !dotted {
		prefix, bare = "", name
	}
	near := nearest.Of(bare, found(rows, prefix))
	switch {
	case near == "":
		return ""
	case dotted:
		near = prefix + "." + near
	}
	return fmt.Sprintf(" (did you mean %q?)", near)
}

// found returns the names of what rows have: attrs, tags, metrics or, without a kind, all of these.
func found(rows []Row, kind string) []string {
	seen := map[string]bool{}
	note := func(of, name string) {
		if kind == "" || kind == of {
			seen[name] = true
		}
	}
	for i := range rows {
		for _, a := range attrsOf(&rows[i]) {
			note("attrs", a.Name)
		}
		if r := rows[i].Resource; r != nil {
			for _, t := range r.Tags {
				note("tags", t.Key)
			}
			for _, m := range r.Metrics {
				note("metrics", m.Name)
			}
		}
	}
	return slices.Sorted(maps.Keys(seen))
}
