package cloudflaresim

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// groupQuery is what one part of a query asks of a dataset.
type groupQuery struct {
	ds       *dataset
	field    *field
	limit    int
	from, to time.Time // from is included, to is not; zero = open
	where    []condition
	either   [][][]condition // of each OR: the alternatives, of which one must hold
	columns  []column
	order    []ordering
}

// column is one selected value: group "dimensions", "sum" ..., or "" for count.
type column struct{ group, name string }

type ordering struct {
	column
	down bool
}

// condition narrows a dimension that is no time.
type condition struct {
	name   string
	op     string // "", neq, in, notin, gt, geq, lt, leq, like, notlike
	want   []string
	number bool // the dimension is a number in the schema
}

func newGroupQuery(ds *dataset, f *field, now time.Time) (*groupQuery, *queryError) {
	q := &groupQuery{ds: ds, field: f}
	for name := range f.args {
		if name != "filter" && name != "limit" && name != "orderBy" {
			return nil, badQuery("unknown arg %q", name)
		}
	}
	limit, ok := f.args["limit"].(float64)
	if !ok {
		return nil, badQuery("limit is required")
	}
	q.limit = int(limit)
	filter, ok := f.args["filter"].(map[string]any)
	if !ok {
		return nil, badQuery("filter is required")
	}
	if bad := q.narrow(filter, now); bad != nil {
		return nil, bad
	}
	if bad := q.choose(f.fields); bad != nil {
		return nil, bad
	}
	list, _ := f.args["orderBy"].([]any)
	if one, ok := f.args["orderBy"].(enum); ok {
		list = []any{one}
	}
	for _, v := range list {
		if bad := q.sortBy(v); bad != nil {
			return nil, bad
		}
	}
	return q, nil
}

func (q *groupQuery) until(now time.Time) time.Time {
	if q.to.IsZero() || q.to.After(now) {
		return now
	}
	return q.to
}

// choose notes the selected columns.
func (q *groupQuery) choose(fields []*field) *queryError {
	for _, f := range fields {
		if f.name == "count" && q.ds.has("", "count") && f.fields == nil {
			q.columns = append(q.columns, column{"", "count"})
			continue
		}
		if f.name == "dimensions" && f.fields == nil || !q.ds.groups(f.name) {
			return unknownField(f.name)
		}
		for _, s := range f.fields {
			if !q.ds.has(f.name, s.name) {
				return unknownField(s.name)
			}
			q.columns = append(q.columns, column{f.name, s.name})
		}
	}
	return nil
}

// sortBy reads datetime_DESC, count_ASC, sum_requests_DESC.
func (q *groupQuery) sortBy(v any) *queryError {
	name := ""
	switch v := v.(type) {
	case enum:
		name = string(v)
	case string:
		name = v
	}
	base, down := strings.CutSuffix(name, "_DESC")
	if !down {
		var up bool
		if base, up = strings.CutSuffix(name, "_ASC"); !up {
			return badQuery("unknown orderBy %q", name)
		}
	}
	col := column{"dimensions", base}
	if group, field, ok := strings.Cut(base, "_"); ok {
		col = column{strings.Replace(group, "quantile", "quantiles", 1), field}
		col.group = strings.Replace(col.group, "quantiless", "quantiles", 1)
	} else if base == "count" {
		col = column{"", "count"}
	}
	if !q.ds.has(col.group, col.name) {
		return badQuery("unknown orderBy %q", name)
	}
	if !slices.Contains(q.columns, col) {
		if col.group == "dimensions" {
			return badQuery("cannot order by %q: it is not selected", name)
		}
		q.columns = append(q.columns, col)
	}
	q.order = append(q.order, ordering{col, down})
	return nil
}

// alternatives reads a list of filters under OR; they are about what is no time.
func (q *groupQuery) alternatives(v any, now time.Time) *queryError {
	list, _ := v.([]any)
	var all [][]condition
	for _, part := range list {
		inner, ok := part.(map[string]any)
		if !ok {
			return badQuery("OR takes filters")
		}
		alone := &groupQuery{ds: q.ds}
		if bad := alone.narrow(inner, now); bad != nil {
			return bad
		}
		if !alone.from.IsZero() || !alone.to.IsZero() || len(alone.either) > 0 {
			return badQuery("OR takes no times and no further OR")
		}
		all = append(all, alone.where)
	}
	if len(all) > 0 {
		q.either = append(q.either, all)
	}
	return nil
}

// narrow reads a filter: conditions that hold together, lists of such under AND, and lists of which one holds under OR.
func (q *groupQuery) narrow(filter map[string]any, now time.Time) *queryError {
	for key, v := range filter {
		if key == "AND" {
			list, _ := v.([]any)
			for _, part := range list {
				inner, ok := part.(map[string]any)
				if !ok {
					return badQuery("AND takes filters")
				}
				if bad := q.narrow(inner, now); bad != nil {
					return bad
				}
			}
			continue
		}
		if key == "OR" {
			if bad := q.alternatives(v, now); bad != nil {
				return bad
			}
			continue
		}
		name, op, _ := strings.Cut(key, "_")
		var bad *queryError
		switch {
		case q.ds.isTime(name):
			bad = q.narrowTime(name, op, v)
		case q.ds.has("dimensions", name):
			bad = q.narrowName(name, op, v)
		default:
			bad = badQuery("unknown arg %q", key)
		}
		if bad != nil {
			return bad
		}
	}
	return nil
}

func (q *groupQuery) narrowName(name, op string, v any) *queryError {
	if !slices.Contains([]string{"", "neq", "in", "notin", "gt", "geq", "lt", "leq", "like", "notlike"}, op) {
		return badQuery("unknown arg %q", name+"_"+op)
	}
	c := condition{name: name, op: op, number: q.ds.numeric(name)}
	list, isList := v.([]any)
	switch {
	case isList != (op == "in" || op == "notin"):
		return badQuery("invalid value of arg %q", strings.TrimSuffix(name+"_"+op, "_"))
	case !isList:
		list = []any{v}
	}
	for _, v := range list {
		c.want = append(c.want, text(v))
	}
	q.where = append(q.where, c)
	return nil
}

func (q *groupQuery) narrowTime(name, op string, v any) *queryError {
	t, err := time.Parse(time.RFC3339Nano, text(v))
	if err != nil {
		t, err = time.Parse(time.DateOnly, text(v))
	}
	if err != nil {
		return badQuery("invalid time %q of %s", text(v), name)
	}
	step := q.ds.stepOf(name)
	from, to := t, t.Add(step)
	switch op {
	case "":
		q.after(from)
		q.before(to)
	case "geq":
		q.after(from)
	case "gt":
		q.after(to)
	case "lt":
		q.before(from)
	case "leq":
		q.before(to)
	default:
		return badQuery("unknown arg %q", name+"_"+op)
	}
	return nil
}

func (q *groupQuery) after(t time.Time) {
	if t.After(q.from) {
		q.from = t
	}
}

func (q *groupQuery) before(t time.Time) {
	if q.to.IsZero() || t.Before(q.to) {
		q.to = t
	}
}

// holds reports whether a dimension's value meets the condition.
func (c *condition) holds(got string) bool {
	switch c.op {
	case "", "in":
		return slices.Contains(c.want, got)
	case "neq", "notin":
		return !slices.Contains(c.want, got)
	}
	first := c.want[0]
	switch c.op {
	case "gt":
		return c.compare(got, first) > 0
	case "geq":
		return c.compare(got, first) >= 0
	case "lt":
		return c.compare(got, first) < 0
	case "leq":
		return c.compare(got, first) <= 0
	case "like":
		return like(first, got)
	default:
		return !like(first, got)
	}
}

// compare orders two values of the dimension; what is no number where one is wanted is as a text.
func (c *condition) compare(a, b string) int {
	if c.number {
		x, errX := strconv.ParseFloat(a, 64)
		y, errY := strconv.ParseFloat(b, 64)
		if errX == nil && errY == nil {
			return cmp.Compare(x, y)
		}
	}
	return cmp.Compare(a, b)
}

// like matches SQL's patterns that begin or end in '%'.
func like(pattern, s string) bool {
	middle := strings.Trim(pattern, "%")
	front, back := strings.HasPrefix(pattern, "%"), strings.HasSuffix(pattern, "%")
	switch {
	case front && back:
		return strings.Contains(s, middle)
	case front:
		return strings.HasSuffix(s, middle)
	case back:
		return strings.HasPrefix(s, middle)
	}
	return s == pattern
}
