package oraclesim

import (
	"encoding/json"
	"math"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// TestPricesAreListedByPartAndCurrency, with the tiers of a free allowance.
func TestPricesAreListedByPartAndCurrency(t *testing.T) {
	t.Parallel()
	c := newCloud(t, world(1, false))
	for _, tt := range []struct {
		query    string
		currency string
		parts    int
		factor   float64
	}{
		{"", "USD", len(products()), 1}, {"?currencyCode=USD", "USD", len(products()), 1}, {"?currencyCode=EUR", "EUR", len(products()), 0.9},
		{"?currencyCode=JPY&partNumber=B93297", "JPY", 1, 0.9}, {"?partNumber=B93297", "USD", 1, 1}, {"?partNumber=B00000", "USD", 0, 1},
	} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "https://"+priceHost+"/pls/apex/cetools/api/v1/products/"+tt.query, nil)
		var list struct {
			Items []struct {
				PartNumber, DisplayName, MetricName, ServiceCategory string
				CurrencyCodeLocalizations                            []struct {
					CurrencyCode string
					Prices       []struct {
						Model              string
						Value              float64
						RangeMin, RangeMax *float64
						RangeUnit          string
					}
				}
			}
		}
		resp := c.do(r)
		if err := json.NewDecoder(resp.Body).Decode(&list); err != nil || resp.StatusCode != http.StatusOK || len(list.Items) != tt.parts {
			t.Errorf("%q: %d with %d items, %v, want %d", tt.query, resp.StatusCode, len(list.Items), err, tt.parts)
			continue
		}
		for _, i := range list.Items {
			l := i.CurrencyCodeLocalizations
			if i.DisplayName == "" || i.MetricName == "" || i.ServiceCategory == "" || len(l) != 1 || l[0].CurrencyCode != tt.currency || len(l[0].Prices) == 0 {
				t.Errorf("%q: %+v", tt.query, i)
				continue
			}
			last := l[0].Prices[len(l[0].Prices)-1]
			if want := *price(i.PartNumber) * tt.factor; math.Abs(last.Value-want) > 1e-12 || last.Model != "PAY_AS_YOU_GO" {
				t.Errorf("%q: %s costs %+v, want %v", tt.query, i.PartNumber, last, want)
			}
			tiered := strings.HasPrefix(i.DisplayName, "Compute - Standard - A1")
			if tiered != (len(l[0].Prices) == 2) || tiered != (last.RangeMin != nil && last.RangeMax != nil && last.RangeUnit == "MONTH") {
				t.Errorf("%q: %s has the prices %+v", tt.query, i.PartNumber, l[0].Prices)
			}
			if tiered && (l[0].Prices[0].Value != 0 || *l[0].Prices[0].RangeMax != *last.RangeMin) {
				t.Errorf("%q: %s has no free allowance: %+v", tt.query, i.PartNumber, l[0].Prices)
			}
		}
	}
	if price("B00000") != nil {
		t.Error("a part that is not listed has a price")
	}
}

// TestThePriceListWantsNoCredential and is hurt by none.
func TestThePriceListWantsNoCredential(t *testing.T) {
	t.Parallel()
	c := newCloud(t, world(1, false))
	for _, header := range []string{"", "Bearer x", "Signature nonsense"} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "https://"+priceHost+"/pls/apex/cetools/api/v1/products", nil)
		r.Header.Set("Authorization", header)
		if resp := c.do(r); resp.StatusCode != http.StatusOK || resp.Header.Get("Content-Type") != "application/json" {
			t.Errorf("with %q: %d %s", header, resp.StatusCode, resp.Header.Get("Content-Type"))
		}
	}
}
