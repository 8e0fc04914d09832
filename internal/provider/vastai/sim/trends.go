package vastaisim

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// series are values by name, one for each timestamp.
type series map[string][]float64

// marketTrends answers GET /api/v0/metrics/gpu/history/ (metrics_gpu_trends.yaml): the last day, or the asked span, in
// twenty steps unless asked otherwise. Half of the free machines come and go with the hour.
func (c *cloud) marketTrends(r *http.Request) (any, *failure) {
	q := r.URL.Query()
	if f := population(q); f != nil {
		return nil, f
	}
	times, f := c.timesOf(q)
	if f != nil {
		return nil, f
	}
	names := []string{"RTX 5090", "RTX 4090", "RTX 3090"}
	if text := q.Get("gpu_name"); text != "" {
		names = strings.Split(strings.ReplaceAll(text, "_", " "), ",")
	}
	all := url.Values{"verified": q["verified"], "hosting_type": q["hosting_type"], "num_gpus": q["num_gpus"]}
	found := map[string]any{}
	for _, card := range cards() {
		wanted := slices.ContainsFunc(names, func(n string) bool { n = strings.TrimSpace(n); return n == "all" || n == card.name })
		if g := c.gauge(&card, all); wanted && g.Total > 0 {
			found[card.name] = g.trend(times)
		}
	}
	return map[string]any{"success": true, "gpus": found}, nil
}

// timesOf reads start, end and step, in seconds.
func (c *cloud) timesOf(q url.Values) ([]float64, *failure) {
	const day, steps, most = 24 * 60 * 60, 20, 10_000
	var f *failure
	read := func(name string, def int64) int64 {
		text := q.Get(name)
		if text == "" {
			return def
		}
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil || n < 1 {
			f = failed(http.StatusBadRequest, "invalid_args", name+" is not a whole number above 0")
		}
		return n
	}
	end := read("end", c.world.Now().Unix())
	start := read("start", end-day)
	step := read("step", max((end-start)/steps, 1))
	if f == nil && (start >= end || (end-start)/step > most) {
		f = failed(http.StatusBadRequest, "invalid_args", "invalid time range")
	}
	if f != nil {
		return nil, f
	}
	times := make([]float64, 1+(end-start-1)/step)
	for i := range times {
		times[i] = float64(start + int64(i)*step)
	}
	return times, nil
}

// trend is a gauge over time.
func (g *gauge) trend(times []float64) map[string]any {
	counts, prices := series{"timestamps": times}, series{"timestamps": times}
	for _, at := range times {
		shift := float64(int(at/3600)%2) * float64(g.AvailVerified/2)
		for name, v := range map[string]float64{
			"rented_verified": float64(g.RentedVerified) + shift, "avail_verified": float64(g.AvailVerified) - shift,
			"rented_unverified": float64(g.RentedUnverified), "avail_unverified": float64(g.AvailUnverified), "total": float64(g.Total),
		} {
			counts[name] = append(counts[name], v)
		}
		for name, v := range map[string]float64{"p10": g.P10, "median": g.Median, "p90": g.P90} {
			prices["rented_"+name] = append(prices["rented_"+name], v)
			prices["avail_"+name] = append(prices["avail_"+name], v)
		}
	}
	return map[string]any{"supply_demand": counts, "pricing": prices, "stats": map[string]float64{
		"tflops": g.TFlops, "dlperf": g.DLPerf, "tflops_per_dollar": g.TFlopsPerUSD, "dlperf_per_dollar": g.DLPerfPerUSD,
	}}
}
