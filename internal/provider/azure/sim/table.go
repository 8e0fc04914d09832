package azuresim

import (
	"cmp"
	"slices"
	"strings"
)

// scope are the columns of a table.
type scope struct {
	names []string
	evals map[string]eval
}

// table is a query's result.
type table struct {
	scope
	rows    []*record
	limited bool // a take: there is no next page
}

// unresolved is a name that no column has.
type unresolved struct{ name string }

func (u *unresolved) Error() string {
	return "Failed to resolve scalar expression named '" + u.name + "'"
}

// columns of Resources and ResourceContainers.
func baseScope() scope {
	s := scope{evals: map[string]eval{}, names: []string{
		"id", "name", "type", "tenantId", "kind", "location", "resourceGroup", "subscriptionId", "managedBy", "sku", "plan",
		"properties", "tags", "identity", "zones", "extendedLocation",
	}}
	for _, n := range s.names {
		s.evals[n] = func(r *record) any { return r.column(n) }
	}
	return s
}

func (s *scope) resolve(p *path) (eval, error) {
	root, ok := s.evals[p.root]
	if !ok {
		return nil, &unresolved{p.root}
	}
	if len(p.steps) == 0 {
		return root, nil
	}
	return func(r *record) any {
		v := walk(root(r), p.steps)
		if l, ok := v.(lazy); ok {
			return l()
		}
		return v
	}, nil
}

func walk(v any, steps []any) any {
	for _, s := range steps {
		if l, ok := v.(lazy); ok {
			v = l()
		}
		switch at := v.(type) {
		case map[string]any:
			key, _ := s.(string)
			v = at[key]
		case map[string]string:
			key, _ := s.(string)
			one, ok := at[key]
			if !ok {
				return nil
			}
			v = one
		case []any:
			i, ok := s.(int)
			if !ok || i >= len(at) {
				return nil
			}
			v = at[i]
		default:
			return nil
		}
	}
	return v
}

// run executes a query over the tables that c shows.
func (q *query) run(tables func(name string) ([]*record, error)) (*table, error) {
	rows, err := tables(q.table)
	if err != nil {
		return nil, err
	}
	t := &table{scope: baseScope(), rows: rows}
	for i := range q.stages {
		if err := t.apply(&q.stages[i], tables); err != nil {
			return nil, err
		}
	}
	return t, nil
}

func (t *table) apply(s *stage, tables func(string) ([]*record, error)) error {
	switch s.op {
	case "where":
		keep, err := t.compile(s.exprs[0].expr)
		if err != nil {
			return err
		}
		t.rows = slices.DeleteFunc(slices.Clone(t.rows), func(r *record) bool {
			drop := !truth(keep(r))
			if drop {
				r.forget()
			}
			return drop
		})
	case "project", "extend", "distinct":
		return t.project(s)
	case "project-away":
		kept := scope{evals: map[string]eval{}}
		for _, n := range t.names {
			if !slices.Contains(s.names, n) {
				kept.names, kept.evals[n] = append(kept.names, n), t.evals[n]
			}
		}
		t.scope = kept
	case "order", "top":
		if err := t.order(s.exprs); err != nil {
			return err
		}
		if s.op == "top" {
			t.take(s.n)
		}
	case "take":
		t.take(s.n)
	case "count":
		t.cells([]string{"Count"}, []map[string]any{{"Count": len(t.rows)}})
	case "summarize":
		return t.summarize(s)
	case "mv-expand":
		return t.expand(s.exprs)
	case "union", "join":
		right, err := s.right.run(tables)
		switch {
		case err != nil:
			return err
		case s.op == "join":
			return t.join(s, right)
		}
		t.rows = append(slices.Clone(t.rows), right.rows...) // both tables have the base columns
	}
	return nil
}

func (t *table) take(n int) { t.rows, t.limited = t.rows[:min(n, len(t.rows))], true }

func (t *table) project(s *stage) error {
	out := scope{evals: map[string]eval{}}
	if s.op == "extend" {
		out.names = slices.Clone(t.names)
		for _, n := range out.names {
			out.evals[n] = t.evals[n]
		}
	}
	for _, c := range s.exprs {
		f, err := t.compile(c.expr)
		if err != nil {
			return err
		}
		if out.evals[c.name] == nil {
			out.names = append(out.names, c.name)
		}
		out.evals[c.name] = f
	}
	t.scope = out
	if s.op == "distinct" {
		seen := map[string]bool{}
		t.rows = slices.DeleteFunc(slices.Clone(t.rows), func(r *record) bool {
			key := string(t.write(nil, r))
			drop := seen[key]
			seen[key] = true
			return drop
		})
	}
	return nil
}

// order sorts by keys; strings without regard to case, as Resource Graph collates.
func (t *table) order(by []named) error {
	type keyed struct {
		row  *record
		keys []string
		nums []float64
	}
	all := make([]keyed, len(t.rows))
	for i, r := range t.rows {
		all[i] = keyed{row: r, keys: make([]string, len(by)), nums: make([]float64, len(by))}
	}
	for k, b := range by {
		f, err := t.compile(b.expr)
		if err != nil {
			return err
		}
		for i := range all {
			v := f(all[i].row)
			n, ok := number(v)
			if all[i].nums[k] = n; !ok {
				all[i].keys[k] = strings.ToLower(text(v))
			}
		}
	}
	slices.SortStableFunc(all, func(a, b keyed) int {
		for k := range by {
			c := cmp.Or(cmp.Compare(a.nums[k], b.nums[k]), strings.Compare(a.keys[k], b.keys[k]))
			if by[k].desc {
				c = -c
			}
			if c != 0 {
				return c
			}
		}
		return 0
	})
	t.rows = make([]*record, len(all))
	for i := range all {
		all[i].row.forget()
		t.rows[i] = all[i].row
	}
	return nil
}
