package vastaisim

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"testing"

	"github.com/adsops/cloudtop/internal/sim"
)

// ledger asks for a page of invoices or charges and returns it with its rows.
func (k *clock) ledger(path string, filters any, more ...string) (answer map[string]any, rows []map[string]any) {
	k.Helper()
	data, err := json.Marshal(filters)
	if err != nil {
		k.Fatal(err)
	}
	q := url.Values{"select_filters": {string(data)}}
	for i := 0; i+1 < len(more); i += 2 {
		q.Set(more[i], more[i+1])
	}
	answer = k.get(path + "?" + q.Encode())
	list, _ := answer["results"].([]any)
	for _, v := range list {
		rows = append(rows, v.(map[string]any))
	}
	return answer, rows
}

// ever is a range that holds all invoices.
func ever() map[string]any {
	return map[string]any{"gte": sim.Epoch.AddDate(-1, 0, 0).Unix(), "lte": sim.Epoch.Unix()}
}

func TestInvoicesArePagedInTheAskedOrder(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		what   string
		params []string
		column func(map[string]any) float64
		falls  bool
	}{
		{"newest first", nil, start, true}, {"oldest first", []string{"latest_first", "false"}, start, false},
		{"by payment", []string{"order_by", `[{"col":"paid_on","dir":"asc"}]`}, func(r map[string]any) float64 { return r["end"].(float64) }, false},
		{"by amount", []string{"order_by", `[{"col":"amount_cents","dir":"desc"}]`}, func(r map[string]any) float64 { return r["amount"].(float64) }, true},
		{"order counts more than newest first", []string{"order_by", `[{"col":"when","dir":"asc"}]`, "latest_first", "true"}, start, false},
	} {
		k := world(t, 10, sim.Options{Seed: 2})
		var got []float64
		seen, token := map[any]bool{}, ""
		for range 10 {
			params := append(slices.Clone(c.params), "limit", "7")
			if token != "" {
				params = append(params, "after_token", token)
			}
			answer, rows := k.ledger("/api/v1/invoices/", map[string]any{"when": ever()}, params...)
			if answer["total"] != 30.0 || answer["count"] != float64(len(rows)) || len(rows) > 7 {
				t.Errorf("%s: got %d rows, count %v, total %v", c.what, len(rows), answer["count"], answer["total"])
			}
			for _, r := range rows {
				got = append(got, c.column(r))
				seen[r["metadata"].(map[string]any)["invoice_id"]] = true
			}
			if token, _ = answer["next_token"].(string); token == "" {
				break
			}
		}
		if c.falls {
			slices.Reverse(got)
		}
		if len(got) != 30 || len(seen) != 30 || !slices.IsSorted(got) {
			t.Errorf("%s: got %d rows of %d invoices: %v", c.what, len(got), len(seen), got)
		}
	}
}

func start(r map[string]any) float64 { return r["start"].(float64) }

func TestInvoicesAreFiltered(t *testing.T) {
	t.Parallel()
	k := world(t, 10, sim.Options{Seed: 2})
	month := map[string]any{"gt": sim.Epoch.AddDate(0, 0, -30).Unix(), "lt": sim.Epoch.Unix()}
	for what, c := range map[string]struct {
		filters map[string]any
		want    int
	}{
		"all":          {map[string]any{"when": ever()}, 30},
		"a month":      {map[string]any{"when": month}, 3},
		"one service":  {map[string]any{"when": ever(), "service": map[string]any{"eq": "coinbase"}}, 6},
		"not one":      {map[string]any{"when": ever(), "service": map[string]any{"neq": "coinbase"}}, 24},
		"some":         {map[string]any{"when": ever(), "service": map[string]any{"in": []string{"coinbase", "bitpay"}}}, 6},
		"none of some": {map[string]any{"when": ever(), "service": map[string]any{"notin": []string{"coinbase", "bitpay"}}}, 24},
		"nobody's":     {map[string]any{"when": ever(), "service": map[string]any{"eq": "barter"}}, 0},
	} {
		answer, rows := k.ledger("/api/v1/invoices/", c.filters)
		if len(rows) != c.want || answer["success"] != true || answer["next_token"] != nil {
			t.Errorf("%s: got %d invoices of %v, want %d", what, len(rows), answer["total"], c.want)
		}
		for _, r := range rows {
			if r["amount"].(float64) >= 0 || r["type"] != "credit" || r["end"].(float64) < r["start"].(float64) {
				t.Errorf("%s: got %v, want money that was paid in", what, r)
			}
		}
	}
}

func TestARangeThatIsMissingIsToldWithSuccessFalse(t *testing.T) {
	t.Parallel()
	k := world(t, 0, sim.Options{})
	for _, filters := range []any{
		map[string]any{}, map[string]any{"when": map[string]any{"gte": 1}}, map[string]any{"when": map[string]any{"lte": 1}},
		map[string]any{"when": map[string]any{"around": 1}}, "text", nil, map[string]any{"when": 7},
	} {
		answer, rows := k.ledger("/api/v1/invoices/", filters)
		if answer["success"] != false || answer["error"] != "Invalid date range" || len(rows) != 0 || answer["count"] != 0.0 {
			t.Errorf("%v: got %v, want success false", filters, answer)
		}
	}
}

func TestABadPageOfALedgerIsRefused(t *testing.T) {
	t.Parallel()
	invoices := url.QueryEscape(fmt.Sprintf(`{"when":{"gte":1,"lte":%d}}`, sim.Epoch.Unix()))
	charges := url.QueryEscape(fmt.Sprintf(`{"day":{"gte":1,"lte":%d}}`, sim.Epoch.Unix()))
	token := func(text string) string { return url.QueryEscape(base64.StdEncoding.EncodeToString([]byte(text))) }
	for path, filters := range map[string]string{"/api/v1/invoices/": invoices, "/api/v0/charges/": charges} {
		k := world(t, 10, sim.Options{})
		for params, code := range map[string]string{
			"limit=0": "invalid_args", "limit=-3": "invalid_args", "limit=x": "invalid_args", "after_token=%21": "invalid_token",
			"after_token=" + token("no JSON"): "invalid_token", "after_token=" + token(`{"values":{}}`): "invalid_token",
			"after_token=" + token(`{"values":{"id":0}}`): "invalid_token",
		} {
			status, _, answer := k.call(http.MethodGet, path+"?select_filters="+filters+"&"+params, "")
			if status != http.StatusBadRequest || answer["error"] != code || answer["success"] != false {
				t.Errorf("%s %s: got %d %v, want 400 %s", path, params, status, answer, code)
			}
		}
	}
	k := world(t, 0, sim.Options{})
	status, _, answer := k.call(http.MethodGet, "/api/v1/invoices/?select_filters="+invoices+"&order_by=amount", "")
	if status != http.StatusBadRequest || answer["error"] != "invalid_request" {
		t.Errorf("an order that is no JSON: got %d %v", status, answer)
	}
}
