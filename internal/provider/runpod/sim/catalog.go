package runpodsim

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// card is a GPU type of the catalogue. Prices are USD per hour for one card.
type card struct {
	id, name, pool                string
	memoryGB                      int
	secure, community, serverless float64
	maxSecure, maxCommunity       int
}

func (k *card) price(tier string) float64 {
	if tier == "COMMUNITY" && k.community > 0 {
		return k.community
	}
	return k.secure
}

func cards() []card {
	return []card{
		{"NVIDIA H100 80GB HBM3", "H100 SXM", "HOPPER_80", 80, 2.69, 0, 4.18, 8, 0},
		{"NVIDIA GeForce RTX 4090", "RTX 4090", "ADA_24", 24, 0.59, 0.34, 1.1, 8, 4},
		{"NVIDIA A100-SXM4-80GB", "A100 SXM", "AMPERE_80", 80, 1.39, 0, 2.72, 8, 0},
		{"NVIDIA L40S", "L40S", "ADA_48_PRO", 48, 0.79, 0.79, 1.9, 8, 2},
		{"NVIDIA RTX A4000", "RTX A4000", "AMPERE_16", 16, 0.25, 0.17, 0.58, 8, 7},
		{"AMD Instinct MI300X OAM", "MI300X", "", 192, 2.99, 0, 0, 8, 0},
	}
}

type dataCenter struct{ id, name, region, country string }

func dataCenters() []dataCenter {
	return []dataCenter{
		{"US-TX-3", "US Texas 3", "NORTH_AMERICA", "US"}, {"US-CA-2", "US California 2", "NORTH_AMERICA", "US"},
		{"EU-RO-1", "EU Romania 1", "EUROPE", "RO"}, {"EU-FR-1", "EU France 1", "EUROPE", "FR"},
		{"AP-JP-1", "Japan 1", "ASIA", "JP"},
	}
}

// level is how many of a card there are at a place: the same for the same world.
func (c *cloud) level(k *card, tier, place string) string {
	levels := []string{"NONE", "LOW", "MEDIUM", "HIGH"}
	return levels[c.world.Rand("runpod", "stock", k.id, tier, place).IntN(len(levels))]
}

func (c *cloud) listGPUs(r *http.Request) (any, *problem) {
	q := r.URL.Query()
	expand := q.Get("include") == "AVAILABILITY"
	if q.Has("include") && !expand {
		return nil, &problem{Status: 422, Detail: "Request validation failed.", Errors: []string{"include: must be AVAILABILITY"}}
	}
	for _, name := range []string{"product", "count", "cloud", "countryCodes", "cudaVersions", "minCudaVersion"} {
		if q.Has(name) && !expand {
			return nil, &problem{Status: 400, Detail: name + " is valid only with include=AVAILABILITY"}
		}
	}
	tier := q.Get("cloud")
	if tier == "" {
		tier = "SECURE"
	}
	if expand {
		if p := checkAvailability(q.Get("product"), tier, q.Get("count"), q.Get("countryCodes")); p != nil {
			return nil, p
		}
	}
	all := cards()
	gpus := make([]map[string]any, 0, len(all))
	for i := range all {
		k := &all[i]
		m := k.json()
		if expand && !c.expand(m, k, tier, q.Get("countryCodes")) {
			continue
		}
		gpus = append(gpus, m)
	}
	return map[string]any{"gpus": gpus}, nil
}

func checkAvailability(products, tier, count, countries string) *problem {
	if products == "" {
		return &problem{Status: 400, Detail: "product is required with include=AVAILABILITY"}
	}
	for p := range strings.SplitSeq(products, ",") {
		if !slices.Contains([]string{"POD", "CLUSTER", "SERVERLESS"}, p) {
			return &problem{Status: 422, Detail: "Request validation failed.", Errors: []string{"product: " + p}}
		}
	}
	if n, err := strconv.Atoi(count); count != "" && (err != nil || n < 1) {
		return &problem{Status: 422, Detail: "Request validation failed.", Errors: []string{"count: must be at least 1"}}
	}
	if tier != "SECURE" && tier != "COMMUNITY" {
		return &problem{Status: 422, Detail: "Request validation failed.", Errors: []string{"cloud: must be SECURE or COMMUNITY"}}
	}
	for code := range strings.SplitSeq(countries, ",") {
		if countries != "" && (len(code) != 2 || strings.ToUpper(code) != code) {
			return &problem{Status: 422, Detail: "Request validation failed.", Errors: []string{"countryCodes: " + code}}
		}
	}
	return nil
}

func (k *card) json() map[string]any {
	price := map[string]any{"secure": k.secure, "community": k.community}
	if k.serverless > 0 {
		price["serverless"] = k.serverless
	}
	m := map[string]any{
		"id": k.id, "name": k.name, "pool": nil, "manufacturer": "NVIDIA", "memory": k.memoryGB,
		"secure": k.secure > 0, "community": k.community > 0, "price": price,
		"maxCount": map[string]int{"secure": k.maxSecure, "community": k.maxCommunity},
	}
	if k.pool != "" {
		m["pool"] = k.pool
	}
	if strings.HasPrefix(k.id, "AMD") {
		m["manufacturer"] = "AMD"
	}
	return m
}

// expand adds the stock of a card; false where the countries asked for have no data centre with it.
func (c *cloud) expand(m map[string]any, k *card, tier, countries string) bool {
	best, centres := "NONE", []map[string]any{}
	order := []string{"NONE", "LOW", "MEDIUM", "HIGH"}
	for _, dc := range dataCenters() {
		if countries != "" && !slices.Contains(strings.Split(countries, ","), dc.country) {
			continue
		}
		at := c.level(k, tier, dc.id)
		if slices.Index(order, at) > slices.Index(order, best) {
			best = at
		}
		centres = append(centres, map[string]any{"id": dc.id, "name": dc.name, "availability": at})
	}
	m["availability"] = best
	if tier == "SECURE" {
		m["dataCenters"] = centres
	}
	m["cudaVersions"] = []map[string]any{{"version": "12.4", "available": true}, {"version": "13.0", "available": best == "HIGH"}}
	return countries == "" || len(centres) > 0
}

func (c *cloud) listDataCenters(*http.Request) (any, *problem) {
	out := []map[string]any{}
	for _, dc := range dataCenters() {
		out = append(out, map[string]any{
			"id": dc.id, "name": dc.name, "region": dc.region, "globalNetwork": true,
			"networkVolumeTypes": []string{"STANDARD"}, "compliance": []string{},
		})
	}
	return map[string]any{"dataCenters": out}, nil
}
