package cloudflaresim

import (
	"net/http"
	"time"
)

// billed are the products that show up in an account's bill, with what they are counted by and cost in US dollars.
func billed() []struct {
	service, family, unit, uses string
	perMillion                  float64
} {
	return []struct {
		service, family, unit, uses string
		perMillion                  float64
	}{
		{"Workers Standard Requests", "Workers", "Requests", "scripts", 0.30},
		{"R2 Data Retrieval", "R2", "Operations", "buckets", 0.36},
		{"D1 Rows Read", "D1", "Rows", "databases", 0.001},
		{"Workers KV Reads", "Workers KV", "Operations", "namespaces", 0.50},
		{"Workers AI Neurons", "Workers AI", "Neurons", "models", 11},
		{"Images Stored", "Images", "Images", "projects", 5},
	}
}

// billedSpan reads the range of a call: without one it begins at usual and ends now.
func (c *cloudflare) billedSpan(r *http.Request, usual time.Time) (from, to time.Time, bad *failure) {
	from, to = usual, c.world.Now()
	for name, at := range map[string]*time.Time{"from": &from, "to": &to} {
		if text := r.URL.Query().Get(name); text != "" {
			t, err := time.Parse(time.RFC3339, text)
			if err != nil {
				t, err = time.Parse(time.DateOnly, text)
			}
			if err != nil {
				return from, to, fail(http.StatusBadRequest, 10001, "invalid "+name+" date")
			}
			*at = t.UTC()
		}
	}
	return from, to, nil
}

// billableUsage answers a row for each product and day: an account on the free plan has none, and no range has any that
// lacks the day on which the billing cycle begins.
func (c *cloudflare) billableUsage(r *http.Request, a *account) (*result, *failure) {
	from, to, bad := c.billedSpan(r, cycle(c.world.Now()))
	if bad != nil {
		return nil, bad
	}
	if a.free || !touchesCycle(from, to) {
		return &result{list: true}, nil
	}
	return &result{list: true, rows: encodeAll(c.charges(a, from, to))}, nil
}

// charges are the rows of a bill: one for each product and day.
func (c *cloudflare) charges(a *account, from, to time.Time) (all []object) {
	now := c.world.Now()
	for _, p := range billed() {
		var sum float64
		for day := from.Truncate(24 * time.Hour); day.Before(to) && day.Before(now); day = day.AddDate(0, 0, 1) {
			var used float64
			for _, u := range a.uses[p.uses] {
				used += u.events.count(day, day.AddDate(0, 0, 1))
			}
			cost := used / 1e6 * p.perMillion
			sum += cost
			all = append(all, object{
				"BilledCost": cost, "BillingAccountId": a.ID, "BillingAccountName": a.Name, "BillingCurrency": "USD",
				"BillingPeriodStart": cycle(day), "ChargeCategory": "Usage", "ChargeClass": nil, "ChargeDescription": p.service,
				"ChargePeriodStart": day, "ChargePeriodEnd": day.AddDate(0, 0, 1), "ConsumedQuantity": used,
				"ConsumedUnit": p.unit, "ContractedCost": cost, "CumulatedContractedCost": sum,
				"CumulatedPricingQuantity": int64(used), "EffectiveCost": cost, "HostProviderName": "Cloudflare",
				"InvoiceIssuerName": "Cloudflare", "ListCost": cost, "PricingQuantity": int64(used), "PricingUnit": "1",
				"ServiceFamilyName": p.family, "ServiceName": p.service, "ServiceProviderName": "Cloudflare",
				"SubscriptionId": a.ID, "ZoneId": nil, "ZoneName": nil,
			})
		}
	}
	return all
}

func billableInfo(_ *http.Request, a *account) (*result, *failure) {
	subscriptions := []object{}
	if !a.free {
		subscriptions = append(subscriptions, object{
			"id": a.ID, "billing_cycle_anchor_timestamp": anchor(),
			"start_timestamp": anchor(),
		})
	}
	return &result{value: object{"covered": !a.free, "subscriptions": subscriptions}}, nil
}
