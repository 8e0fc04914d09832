package oraclesim

import "net/http"

const priceHost = "apexapps.oracle.com"

// prices answers the public price list, which needs no login
// (docs.oracle.com/iaas/Content/GSG/Tasks/signingup_topic-Estimating_Costs.htm).
func (c *cloud) prices(w http.ResponseWriter, r *http.Request) *fault {
	if r.URL.Path != "/pls/apex/cetools/api/v1/products/" && r.URL.Path != "/pls/apex/cetools/api/v1/products" {
		return &fault{http.StatusNotFound, "NotFound", "Not Found"}
	}
	if r.Method != http.MethodGet {
		return faultOf(http.StatusMethodNotAllowed)
	}
	q := r.URL.Query()
	currency := q.Get("currencyCode")
	if currency == "" {
		currency = "USD"
	}
	items := []object{}
	for _, p := range products() {
		if part := q.Get("partNumber"); part != "" && part != p.part {
			continue
		}
		items = append(items, object{
			"partNumber": p.part, "displayName": p.name, "metricName": p.metric, "serviceCategory": p.category,
			"currencyCodeLocalizations": []any{object{"currencyCode": currency, "prices": tierList(p.tiers, currency)}},
		})
	}
	writeJSON(w, http.StatusOK, object{"items": items, "lastUpdated": "2026-10-30T00:00:00Z"})
	return nil
}

// tierList writes prices in a currency; other currencies than the dollar are worth nine tenths of it here.
func tierList(tiers []tier, currency string) []any {
	rate := 1.0
	if currency != "USD" {
		rate = 0.9
	}
	var out []any
	for _, t := range tiers {
		v := object{"model": "PAY_AS_YOU_GO", "value": t.value * rate}
		if t.to > 0 {
			v["rangeMin"], v["rangeMax"], v["rangeUnit"] = t.from, t.to, "MONTH"
		}
		out = append(out, v)
	}
	return out
}
