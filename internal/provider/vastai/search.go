package vastai

import (
	"strings"

	"github.com/adsops/cloudtop/internal/cloud"
)

const (
	mostOffers  = 3000 // what other clients ask for to get all; the API's own default is not published
	diskGB      = 5    // the disk that prices are quoted with, as in the official client
	onDemand    = "on-demand"
	bid         = "bid"
	interrupted = "interruptible" // what people call a bid
)

// filters are conditions by field and operator: {"num_gpus": {"gte": 4}}.
type filters map[string]map[string]any

func (f filters) set(field, op string, value any) {
	if f[field] == nil {
		f[field] = map[string]any{}
	}
	f[field][op] = value
}

// defaults are the conditions that the official client begins with.
func defaults() filters {
	return filters{
		"verified": {"eq": true}, "external": {"eq": false}, "rentable": {"eq": true}, "rented": {"eq": false},
	}
}

// conditions returns what the API shall look for. A field that the query names loses its default; own fields of the
// OfferQuery come on top.
func conditions(q cloud.OfferQuery) (filters, error) {
	native, err := parseQuery(q.Native)
	if err != nil {
		return nil, err
	}
	f := defaults()
	for _, c := range native {
		delete(f, c.field)
	}
	for _, c := range native {
		if c.any {
			delete(f, c.field)
		} else {
			f.set(c.field, c.op, c.value)
		}
	}
	if q.GPUCount > 0 {
		f.set("num_gpus", "gte", q.GPUCount)
	}
	if q.GPUMemoryGB > 0 {
		f.set("gpu_ram", "gte", q.GPUMemoryGB*factor("gpu_ram"))
	}
	if q.MaxPrice > 0 {
		f.set("dph_total", "lte", q.MaxPrice)
	}
	if isCountry(q.Region) {
		f.set("geolocation", "eq", strings.ToUpper(q.Region))
	}
	return f, nil
}

// isCountry reports whether a region is a country's code, which the API looks for itself; it would be a part of too
// many names.
func isCountry(region string) bool {
	return len(region) == 2 && isWord(region[0]) && isWord(region[1])
}

// body is what POST /api/v0/bundles/ takes for one kind of offer, the cheapest first. On demand is what the API means
// without a type; with one, its description wants "ondemand" and its own example and client "on-demand".
func (f filters) body(tier string, limit int) map[string]any {
	body := make(map[string]any, len(f)+4)
	for field, condition := range f {
		body[field] = condition
	}
	if tier != onDemand {
		body["type"] = tier
	}
	body["order"] = [][2]string{{"dph_total", "asc"}, {"id", "asc"}}
	body["allocated_storage"] = diskGB
	body["limit"] = limit
	return body
}

// tiers returns the kinds of offers to ask for.
func tiers(interruptible *bool) []string {
	switch {
	case interruptible == nil:
		return []string{onDemand, bid}
	case *interruptible:
		return []string{bid}
	}
	return []string{onDemand}
}

// wanted reports whether an offer fits what the API cannot look for: parts of names.
func wanted(q *cloud.OfferQuery, o *cloud.Offer) bool {
	part := func(whole, part string) bool { return strings.Contains(strings.ToLower(whole), strings.ToLower(part)) }
	return part(o.GPUType, strings.ReplaceAll(q.GPUType, "_", " ")) && (isCountry(q.Region) || part(o.Region, q.Region))
}
