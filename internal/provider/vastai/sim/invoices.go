package vastaisim

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/adsops/cloudtop/internal/sim"
)

// afterOf reads after_token: the base64 of {"values": {"id": 123}}. 0 = from the beginning.
func afterOf(q url.Values) (id int, f *failure) {
	token := q.Get("after_token")
	if token == "" {
		return 0, nil
	}
	var t struct {
		Values struct {
			ID int `json:"id"`
		} `json:"values"`
	}
	data, err := base64.StdEncoding.DecodeString(token)
	if err != nil || json.Unmarshal(data, &t) != nil || t.Values.ID == 0 {
		return 0, failed(http.StatusBadRequest, "invalid_token", "Invalid pagination token")
	}
	return t.Values.ID, nil
}

// limitOf reads limit, which is at least 1.
func limitOf(q url.Values, def, most int) (int, *failure) {
	text := q.Get("limit")
	if text == "" {
		return def, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		return 0, failed(http.StatusBadRequest, "invalid_args", "limit must be at least 1")
	}
	return min(n, most), nil
}

// paged answers the part of a ledger that comes after the row with an id.
func paged(all []charge, after, limit int) map[string]any {
	total, first := len(all), 0
	if after != 0 {
		first = 1 + slices.IndexFunc(all, func(x charge) bool { return x.id == after })
	}
	page := all[first:min(first+limit, total)]
	var next *string
	if n := len(page); n > 0 && first+n < total {
		token := base64.StdEncoding.EncodeToString(fmt.Appendf(nil, `{"values": {"id": %d}}`, page[n-1].id))
		next = &token
	}
	return map[string]any{"success": true, "count": len(page), "total": total, "next_token": next, "results": page}
}

// listInvoices answers GET /api/v1/invoices/ (show_invoices.yaml): what the account has paid in. A missing or wrong
// range is told with status 200.
func (c *cloud) listInvoices(r *http.Request) (any, *failure) {
	q := r.URL.Query()
	var filters map[string]json.RawMessage
	_ = json.Unmarshal([]byte(q.Get("select_filters")), &filters) // what is not JSON has no range
	conditions, f := conditionsOf(filters)
	from := slices.ContainsFunc(conditions, func(c condition) bool { return c.column == "when" && strings.HasPrefix(c.op, "g") })
	to := slices.ContainsFunc(conditions, func(c condition) bool { return c.column == "when" && strings.HasPrefix(c.op, "l") })
	if f != nil || !from || !to {
		return map[string]any{
			"success": false, "error": "Invalid date range", "count": 0, "total": 0, "results": []charge{}, "next_token": nil,
		}, nil
	}
	order := []sorting{{"when", "desc"}}
	if q.Get("latest_first") == "false" {
		order[0].Dir = "asc"
	}
	if text := q.Get("order_by"); text != "" && json.Unmarshal([]byte(text), &order) != nil {
		return nil, badQuery("invalid_request", "Error in query parameters: order_by is not valid JSON")
	}
	limit, f := limitOf(q, 60, 1000)
	if f != nil {
		return nil, f
	}
	after, f := afterOf(q)
	if f != nil {
		return nil, f
	}
	all := slices.DeleteFunc(c.invoices(), func(x charge) bool {
		return slices.ContainsFunc(conditions, func(c condition) bool { return !c.holds(x.invoiceColumn(c.column)) })
	})
	slices.SortStableFunc(all, func(a, b charge) int {
		for _, o := range order {
			n, _ := compare(a.invoiceColumn(o.Col), b.invoiceColumn(o.Col))
			if n != 0 && strings.EqualFold(o.Dir, "asc") {
				return n
			}
			if n != 0 {
				return -n
			}
		}
		return cmp.Compare(a.id, b.id)
	})
	return paged(all, after, limit), nil
}

// invoiceColumn is what invoices are filtered and ordered by.
func (x *charge) invoiceColumn(name string) any {
	switch name {
	case "when":
		return float64(x.Start)
	case "paid_on":
		return float64(x.End)
	case "amount_cents":
		return x.Amount * 100
	case "service":
		return x.Metadata["service"]
	}
	return nil
}

// invoices are what the account paid in: 25 USD or more every ten days for ten months.
func (c *cloud) invoices() []charge {
	const times, days = 30, 10
	r := c.world.Rand("vastai", "invoices")
	all := make([]charge, times)
	for i := range all {
		at := sim.Epoch.AddDate(0, 0, -days*(times-i)).Unix() + int64(r.IntN(86400))
		source, service := "stripe", "stripe_payments"
		if i%5 == 4 {
			source, service = "coinbase", "coinbase"
		}
		id := 2_185_418 + 7*i
		all[i] = charge{
			Start: at, End: at + 257, Type: "credit", Source: &source, Description: "Manual Billing from MASTERCARD ...7376",
			Amount: -float64(25 * (1 + r.IntN(4))), Metadata: map[string]any{"invoice_id": id, "service": service}, Items: []charge{}, id: id,
		}
	}
	return all
}
