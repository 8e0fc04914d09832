package gcpsim

import (
	"fmt"
	"hash/fnv"
	"math"
	"net/http"
	"strings"
)

// computeService is Compute Engine's number in the billing catalogue.
const computeService = "6F81-5844-456A"

// families are the machine families with prices, in USD per vCPU and hour and per GiB and hour, in the Americas.
func families() map[string][2]float64 {
	return map[string][2]float64{
		"E2": {0.02181159, 0.00292353}, "N2": {0.031611, 0.004237}, "N2 Custom": {0.033174, 0.004446}, "N1 Predefined": {0.031611, 0.004237},
		"C3": {0.03398, 0.00456}, "A2": {0.031611, 0.004237}, "G2": {0.02499, 0.00293},
	}
}

// cards are prices of GPUs in USD per card and hour, in the Americas, by accelerator type.
func cards() map[string]struct {
	title string
	price float64
} {
	return map[string]struct {
		title string
		price float64
	}{
		"nvidia-tesla-t4": {"Nvidia Tesla T4", 0.35}, "nvidia-tesla-a100": {"Nvidia Tesla A100", 2.933908}, "nvidia-l4": {"Nvidia L4", 0.560040},
	}
}

// regionFactor is how much dearer a region is than the Americas.
func regionFactor(region string) float64 {
	return map[string]float64{"us-central1": 1, "europe-west4": 1.1, "asia-northeast1": 1.28, "southamerica-east1": 1.59}[region]
}

const spotFactor = 0.4

// rate is a price as the catalogue has it: whole nanos of a dollar.
func rate(usd float64) float64 { return math.Round(usd*1e9) / 1e9 }

// listSKUs is services.skus.list.
func (c *cloud) listSKUs(in *call) (any, *problem) {
	if in.PathValue("service") != computeService {
		return nil, newProblem(http.StatusNotFound, "The requested service was not found.")
	}
	if cur := in.query.Get("currencyCode"); cur != "" && cur != "USD" {
		return nil, invalid("The currency is not one that the simulator has.")
	}
	below, _ := in.mask.at("skus")
	all := c.ready(in, "skus", below, skus)
	p, bad := in.pageOf(len(all), 5000, "pageSize", false)
	if bad != nil {
		return nil, bad
	}
	out := object{}
	put(in, out, "skus", all[p.from:p.to])
	out["nextPageToken"] = p.next
	if !in.mask.has("nextPageToken") {
		delete(out, "nextPageToken")
	}
	return out, nil
}

// titles are what the catalogue calls the regions.
func titles() [][2]string {
	return [][2]string{
		{"us-central1", "Americas"}, {"europe-west4", "Netherlands"}, {"asia-northeast1", "Japan"}, {"southamerica-east1", "Sao Paulo"},
	}
}

// skus lists on-demand and preemptible prices of cores, memory and GPUs, with commitments between them.
func skus() []object {
	var out []object
	add := func(region [2]string, what, resourceGroup, unit string, usd float64) {
		for _, usage := range []string{"OnDemand", "Preemptible", "Commit1Yr"} {
			description, price := what+" running in "+region[1], usd*regionFactor(region[0])
			switch usage {
			case "Preemptible":
				description, price = "Spot Preemptible "+description, price*spotFactor
			case "Commit1Yr":
				description, price = "Commitment v1: "+strings.ReplaceAll(what, "Instance ", "")+" in "+region[1]+" for 1 Year", price*0.63
			}
			out = append(out, sku(description, resourceGroup, usage, unit, region[0], rate(price)))
		}
	}
	for _, region := range titles() {
		for _, family := range []string{"E2", "N2", "N2 Custom", "N1 Predefined", "C3", "A2", "G2"} {
			prices := families()[family]
			group := [2]string{"CPU", "RAM"}
			if family == "N1 Predefined" {
				group = [2]string{"N1Standard", "N1Standard"}
			}
			add(region, family+" Instance Core", group[0], "h", prices[0])
			add(region, family+" Instance Ram", group[1], "GiBy.h", prices[1])
		}
		for _, kind := range []string{"nvidia-tesla-t4", "nvidia-tesla-a100", "nvidia-l4"} {
			add(region, cards()[kind].title+" GPU", "GPU", "h", cards()[kind].price)
		}
	}
	return out
}

func sku(description, group, usage, unit, region string, usd float64) object {
	h := fnv.New64a()
	_, _ = h.Write([]byte(description))
	id := fmt.Sprintf("%016X", h.Sum64())
	id = id[:4] + "-" + id[4:8] + "-" + id[8:12]
	units := math.Floor(usd)
	return object{
		"name": "services/" + computeService + "/skus/" + id, "skuId": id, "description": description, "serviceProviderName": "Google",
		"category":       object{"serviceDisplayName": "Compute Engine", "resourceFamily": "Compute", "resourceGroup": group, "usageType": usage},
		"serviceRegions": []string{region},
		"pricingInfo": []object{{"summary": "", "currencyConversionRate": 1, "effectiveTime": "2026-10-30T10:00:00.000Z", "pricingExpression": object{
			"usageUnit": unit, "displayQuantity": 1, "baseUnit": "s", "baseUnitConversionFactor": 3600,
			"tieredRates": []object{{"startUsageAmount": 0, "unitPrice": object{
				"currencyCode": "USD", "units": fmt.Sprint(int64(units)), "nanos": int64(math.Round((usd - units) * 1e9)),
			}}},
		}}},
		"geoTaxonomy": object{"type": "REGIONAL", "regions": []string{region}},
	}
}

// hourly returns what an instance that is not stopped costs an hour, nil where the catalogue does not tell.
func (v *vm) hourly() *float64 {
	prices, ok := families()[v.kind.family]
	if !ok || v.status == "TERMINATED" || v.status == "SUSPENDED" {
		return nil
	}
	factor := regionFactor(regionOf(v.zone))
	if v.spot {
		factor *= spotFactor
	}
	sum := v.kind.cpus*rate(prices[0]*factor) + v.kind.memory*rate(prices[1]*factor)
	if kind, n := v.cards(); n > 0 {
		sum += float64(n) * rate(cards()[kind].price*factor)
	}
	return &sum
}
