package gcpsim

import (
	"fmt"
	"hash/fnv"
	"maps"
	"math"
	"net/http"
	"slices"
	"strings"
)

// computeService is Compute Engine's number in the billing catalogue.
const computeService = "6F81-5844-456A"

// families are the machine families with prices, in USD per vCPU and hour and per GiB and hour, in the Americas.
func families() map[string][2]float64 {
	return map[string][2]float64{
		"E2": {0.02181159, 0.00292353}, "N2": {0.031611, 0.004237}, "N2 Custom": {0.033174, 0.004446}, "N1 Predefined": {0.031611, 0.004237},
		"C3": {0.03398, 0.00456}, "A2": {0.031611, 0.004237}, "G2": {0.02499, 0.00293}, "A3": {0.029917, 0.002608}, "A3Plus": {0.028, 0.0024},
	}
}

// priced is what the catalogue calls a GPU, and its price in USD per card and hour in the Americas.
type priced struct {
	title string
	price float64
}

// cards are the GPUs with prices, by accelerator type. A slice of an A4 has its share of the machine in it.
func cards() map[string]priced {
	return map[string]priced{
		"nvidia-tesla-t4": {"Nvidia Tesla T4 GPU", 0.35}, "nvidia-tesla-a100": {"Nvidia Tesla A100 GPU", 2.933908}, "nvidia-l4": {"Nvidia L4 GPU", 0.560040},
		"nvidia-h100-80gb": {"Nvidia H100 80GB GPU", 9.79655}, "nvidia-h100-mega-80gb": {"Nvidia H100 80GB Mega GPU", 9.9}, "nvidia-b200": {slice, 14.5},
	}
}

const slice = "A4 Nvidia B200 (1 gpu slice)"

// machines are the machine types that are sold whole, in USD per hour in the Americas.
func machines() map[string]float64 {
	return map[string]float64{"Micro Instance with burstable CPU": 0.0076, "Small Instance with 1 VCPU": 0.0257}
}

// regionFactor is how much dearer a region is than the Americas.
func regionFactor(region string) float64 {
	return map[string]float64{"us-central1": 1, "europe-west4": 1.1, "asia-northeast1": 1.28, "southamerica-east1": 1.59}[region]
}

const spotFactor = 0.4

// rate is a price as the catalogue has it: whole nanos of a dollar.
func rate(usd float64) float64 { return math.Round(usd*1e9) / 1e9 }

// listBilled is services.list: of all services whose prices the catalogue has, the one that is modelled.
func (c *cloud) listBilled(in *call) (any, *problem) {
	return in.listed("services", 5000, []object{{
		"name": "services/" + computeService, "serviceId": computeService, "displayName": "Compute Engine", "businessEntityName": "businessEntities/GCP",
	}})
}

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

// skus lists on-demand and preemptible prices of cores, memory, GPUs and whole machines, with commitments between them.
func skus(add func(object)) {
	sell := func(region [2]string, what, resourceGroup, unit string, usd float64) {
		for _, usage := range []string{"OnDemand", "Preemptible", "Commit1Yr"} {
			description, price := what+" running in "+region[1], usd*regionFactor(region[0])
			switch usage {
			case "Preemptible":
				description, price = "Spot Preemptible "+description, price*spotFactor
				if resourceGroup == "GPU" {
					description = what + " attached to Spot Preemptible VMs running in " + region[1]
				}
			case "Commit1Yr":
				description, price = "Commitment v1: "+strings.ReplaceAll(what, "Instance ", "")+" in "+region[1]+" for 1 Year", price*0.63
			}
			add(sku(description, resourceGroup, usage, unit, region[0], rate(price)))
		}
	}
	for _, region := range titles() {
		for _, family := range slices.Sorted(maps.Keys(families())) {
			prices := families()[family]
			group := [2]string{"CPU", "RAM"}
			if family == "N1 Predefined" {
				group = [2]string{"N1Standard", "N1Standard"}
			}
			sell(region, family+" Instance Core", group[0], "h", prices[0])
			sell(region, family+" Instance Ram", group[1], "GiBy.h", prices[1])
		}
		for _, kind := range slices.Sorted(maps.Keys(cards())) {
			sell(region, cards()[kind].title, "GPU", "h", cards()[kind].price)
		}
		sell(region, "Micro Instance with burstable CPU", "F1Micro", "h", machines()["Micro Instance with burstable CPU"])
		sell(region, "Small Instance with 1 VCPU", "G1Small", "h", machines()["Small Instance with 1 VCPU"])
		sell(region, "Memory-optimized Instance Core", "CPU", "h", 0.0348) // M2 pays a premium beside it, which is not listed here
	}
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
	if v.status == "TERMINATED" || v.status == "SUSPENDED" {
		return nil
	}
	factor := regionFactor(regionOf(v.zone))
	if v.spot {
		factor *= spotFactor
	}
	kind, n := v.cards()
	sum := float64(n) * rate(cards()[kind].price*factor)
	prices, ok := families()[v.kind.family]
	switch {
	case v.kind.whole != "":
		sum += rate(machines()[v.kind.whole] * factor)
	case cards()[kind].title == slice:
	case !ok:
		return nil
	default:
		paid := v.kind.paid
		if paid == 0 {
			paid = v.kind.cpus
		}
		sum += paid*rate(prices[0]*factor) + v.kind.memory*rate(prices[1]*factor)
	}
	return &sum
}
