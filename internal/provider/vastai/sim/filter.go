package vastaisim

import (
	"encoding/json"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// columns are the fields of a row by the names that they have on the wire.
type columns map[string]int

func columnsOf(t reflect.Type) columns {
	out := columns{}
	for i := range t.NumField() {
		name, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
		if name != "" && name != "-" {
			out[name] = i
		}
	}
	return out
}

// of returns the named field of a struct: nil, bool, float64, string, or what else it holds. ok is false where there
// is no such column.
func (c columns) of(row reflect.Value, name string) (value any, ok bool) {
	i, ok := c[name]
	if !ok {
		return nil, false
	}
	f := row.Field(i)
	if f.Kind() == reflect.Pointer {
		if f.IsNil() {
			return nil, true
		}
		f = f.Elem()
	}
	switch {
	case f.CanInt():
		return float64(f.Int()), true
	case f.CanFloat():
		return f.Float(), true
	}
	return f.Interface(), true
}

// condition is one comparison of a search: {"gpu_ram": {"gte": 24000}}.
type condition struct {
	column  string
	op      string
	operand any // as JSON decodes it
}

// conditionsOf reads {"column": {"op": value}}, in the order of columns and operators.
func conditionsOf(filters map[string]json.RawMessage) ([]condition, *failure) {
	var all []condition
	for name, data := range filters {
		var ops map[string]any
		if json.Unmarshal(data, &ops) != nil {
			return nil, badQuery("invalid_request", "Error in query parameters: %s needs an object of operators", name)
		}
		for op, operand := range ops {
			_, list := operand.([]any)
			if !slices.Contains([]string{"eq", "neq", "gt", "gte", "lt", "lte", "in", "notin"}, op) {
				return nil, badQuery("invalid_request", "Error in query parameters: %s is not a valid operator", op)
			}
			if list != (op == "in" || op == "notin") {
				return nil, badQuery("invalid_request", "Error in query parameters: %s of %s has a wrong value", op, name)
			}
			all = append(all, condition{name, op, operand})
		}
	}
	slices.SortFunc(all, func(a, b condition) int { return strings.Compare(a.column+a.op, b.column+b.op) })
	return all, nil
}

// holds reports whether a value meets the condition. As in SQL, no comparison with an unknown value holds.
func (c *condition) holds(value any) bool {
	switch c.op {
	case "in", "notin":
		found := slices.ContainsFunc(c.operand.([]any), func(o any) bool { return same(value, o) })
		return found == (c.op == "in") && (value != nil || found)
	case "eq":
		return same(value, c.operand)
	case "neq":
		return !same(value, c.operand) && (value != nil || c.operand == nil)
	}
	n, ok := compare(value, c.operand)
	switch c.op {
	case "gt":
		return ok && n > 0
	case "gte":
		return ok && n >= 0
	case "lt":
		return ok && n < 0
	}
	return ok && n <= 0
}

func same(a, b any) bool {
	if a == nil || b == nil {
		return a == nil && b == nil
	}
	n, ok := compare(a, b)
	return ok && n == 0
}

// compare orders two values of one kind: numbers (true is 1, a text may hold one) or texts.
func compare(a, b any) (int, bool) {
	s, isText := a.(string)
	if t, ok := b.(string); ok && isText {
		return strings.Compare(s, t), true
	}
	x, okX := numberOf(a)
	y, okY := numberOf(b)
	switch {
	case !okX || !okY:
		return 0, false
	case x < y:
		return -1, true
	case x > y:
		return 1, true
	}
	return 0, true
}

func numberOf(v any) (float64, bool) {
	switch v := v.(type) {
	case float64:
		return v, true
	case bool:
		if v {
			return 1, true
		}
		return 0, true
	case string:
		n, err := strconv.ParseFloat(v, 64)
		return n, err == nil
	}
	return 0, false
}

// order compares for sorting: what is unknown comes last.
func order(a, b any) int {
	switch {
	case a == nil && b == nil:
		return 0
	case a == nil:
		return 1
	case b == nil:
		return -1
	}
	n, _ := compare(a, b)
	return n
}
