package azuresim

import (
	"cmp"
	"encoding/json"
	"fmt"
)

// facet is armresourcegraph's FacetRequest: it counts the rows of a query's result by an expression.
type facet struct {
	Expression string `json:"expression"`
	Options    struct {
		Filter    string `json:"filter"`
		SortBy    string `json:"sortBy"`
		SortOrder string `json:"sortOrder"`
		Top       *int   `json:"$top"`
	} `json:"options"`
}

// mostFacetRows is how many rows a facet may have, and has unless fewer are asked for.
const mostFacetRows = 1000

// facets computes facets of the whole result. One that cannot be is an error of its own, not of the query.
func (t *table) facets(asked []facet, asTable bool) []any {
	out := []any{}
	for i := range asked {
		f := &asked[i]
		counts, total, err := f.of(t)
		if err != nil {
			out = append(out, map[string]any{
				"expression": f.Expression, "resultType": "FacetError",
				"errors": []detail{{"NoValidColumns", "No valid columns in facet expression."}, {"InvalidColumnNames", err.Error()}},
			})
			continue
		}
		out = append(out, map[string]any{
			"expression": f.Expression, "resultType": "FacetResult", "totalRecords": total, "count": len(counts.rows),
			"data": json.RawMessage(counts.appendRows(nil, 0, len(counts.rows), asTable)),
		})
	}
	return out
}

// of counts the rows of a result. total is how many counts there are before the facet's own limit.
func (f *facet) of(result *table) (counts *table, total int, err error) {
	text := "Result"
	if f.Options.Filter != "" {
		text += " | where " + f.Options.Filter
	}
	q, err := parse(fmt.Sprintf("%s | summarize count=count() by %s | order by %s %s", text, f.Expression,
		cmp.Or(f.Options.SortBy, "count"), cmp.Or(f.Options.SortOrder, "desc")))
	if err != nil {
		return nil, 0, err
	}
	counts = &table{scope: result.scope, rows: result.rows}
	for i := range q.stages {
		if err := counts.apply(&q.stages[i], nil); err != nil {
			return nil, 0, err
		}
	}
	total = len(counts.rows)
	top := mostFacetRows
	if f.Options.Top != nil {
		top = max(0, min(*f.Options.Top, top))
	}
	counts.take(top)
	return counts, total, nil
}
