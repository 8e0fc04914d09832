package vastaisim

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// gauge is an element of GET /api/v0/metrics/gpu/current/ (metrics_gpu.yaml). Numbers are machines, prices USD per card
// and hour.
type gauge struct {
	GPUName          string  `json:"gpu_name"`
	Total            int     `json:"total"`
	Available        int     `json:"available"`
	RentedVerified   int     `json:"rented_verified"`
	AvailVerified    int     `json:"avail_verified"`
	RentedUnverified int     `json:"rented_unverified"`
	AvailUnverified  int     `json:"avail_unverified"`
	Usage            float64 `json:"usage"` // percent
	Usage30d         float64 `json:"usage_30d"`
	DLPerf           float64 `json:"dlperf"`
	TFlops           float64 `json:"tflops"`
	P10              float64 `json:"price_p10"`
	P25              float64 `json:"price_p25"`
	Median           float64 `json:"price_median"`
	P75              float64 `json:"price_p75"`
	P90              float64 `json:"price_p90"`
	TFlopsPerUSD     float64 `json:"tflops_per_dollar"`
	DLPerfPerUSD     float64 `json:"dlperf_per_dollar"`
}

// selects reports whether a machine is in the population that is asked for.
func selects(q url.Values, m *machine) bool {
	verified := m.verification == "verified"
	switch q.Get("verified") {
	case "all":
	case "no":
		if verified {
			return false
		}
	default:
		if !verified {
			return false
		}
	}
	switch q.Get("hosting_type") {
	case "secure_cloud":
		if !m.datacenter {
			return false
		}
	case "community":
		if m.datacenter {
			return false
		}
	}
	n := q.Get("num_gpus")
	return n == "" || n == "all" || n == strconv.Itoa(m.gpus)
}

// population checks the parameters that name a part of the market.
func population(q url.Values) *failure {
	for name, allowed := range map[string][]string{
		"verified": {"", "yes", "no", "all"}, "hosting_type": {"", "all", "secure_cloud", "community"},
	} {
		if !slices.Contains(allowed, q.Get(name)) {
			return failed(http.StatusBadRequest, "invalid_args", "invalid "+name)
		}
	}
	return nil
}

// marketNow answers GET /api/v0/metrics/gpu/current/ from the same machines that searches find.
func (c *cloud) marketNow(r *http.Request) (any, *failure) {
	q := r.URL.Query()
	if f := population(q); f != nil {
		return nil, f
	}
	gauges := []gauge{}
	for _, card := range cards() {
		if g := c.gauge(&card, q); g.Total > 0 {
			gauges = append(gauges, g)
		}
	}
	return map[string]any{"success": true, "gpus": gauges}, nil
}

func (c *cloud) gauge(card *card, q url.Values) gauge {
	g := gauge{GPUName: card.name, DLPerf: card.dlperf, TFlops: card.tflops}
	var prices []float64
	for _, m := range c.machines {
		if m.card.name != card.name || !selects(q, m) {
			continue
		}
		g.count(m.verification == "verified", m.free())
		prices = append(prices, m.gpuPrice)
	}
	if g.Total == 0 {
		return g
	}
	slices.Sort(prices)
	at := func(p float64) float64 { return prices[int(p*float64(len(prices)-1)+0.5)] }
	g.P10, g.P25, g.Median, g.P75, g.P90 = at(0.1), at(0.25), at(0.5), at(0.75), at(0.9)
	g.Usage = round(100*float64(g.Total-g.Available)/float64(g.Total), 2)
	g.Usage30d = round(0.9*g.Usage+3, 2)
	g.TFlopsPerUSD, g.DLPerfPerUSD = round(card.tflops/g.Median, 3), round(card.dlperf/g.Median, 3)
	return g
}

func (g *gauge) count(verified, free bool) {
	g.Total++
	if free {
		g.Available++
	}
	switch {
	case verified && free:
		g.AvailVerified++
	case verified:
		g.RentedVerified++
	case free:
		g.AvailUnverified++
	default:
		g.RentedUnverified++
	}
}

// spot is an element of GET /api/v0/metrics/gpu/locations/ (metrics_gpu_locations.yaml).
type spot struct {
	Latitude    float64 `json:"latitude"`
	Longitude   float64 `json:"longitude"`
	City        string  `json:"city"`
	CountryCode string  `json:"country_code"`
	GPUName     string  `json:"gpu_name"`
	Rented      bool    `json:"rented"`
	Verified    bool    `json:"verified"`
	Datacenter  bool    `json:"datacenter"`
	NumGPUs     int     `json:"num_gpus"`
}

func (c *cloud) marketPlaces(*http.Request) (any, *failure) {
	spots := make([]spot, len(c.machines))
	for i, m := range c.machines {
		city, _, _ := strings.Cut(m.place.name, ",")
		spots[i] = spot{
			Latitude: m.place.lat, Longitude: m.place.lon, City: city, CountryCode: m.place.country, GPUName: m.card.name,
			Rented: !m.free(), Verified: m.verification == "verified", Datacenter: m.datacenter, NumGPUs: m.gpus,
		}
	}
	return map[string]any{"success": true, "locations": spots}, nil
}
