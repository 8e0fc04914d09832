package provider

import (
	"cmp"
	"slices"

	"github.com/adsops/cloudtop/internal/cloud"
)

// Cheapest returns the offers by their price, at most limit of them (0 = all); those without a price come last.
func Cheapest(offers []cloud.Offer, limit int) []cloud.Offer {
	slices.SortStableFunc(offers, func(a, b cloud.Offer) int {
		if a.PricePerHour != nil && b.PricePerHour != nil {
			return cmp.Compare(*a.PricePerHour, *b.PricePerHour)
		}
		return cmp.Compare(rank(a.PricePerHour), rank(b.PricePerHour))
	})
	if limit > 0 {
		offers = offers[:min(limit, len(offers))]
	}
	return offers
}

func rank(price *float64) int {
	if price == nil {
		return 1
	}
	return 0
}
