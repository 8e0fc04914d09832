package gcpsim_test

import (
	"math"
	"strconv"
	"strings"
	"testing"

	"github.com/adsops/cloudtop/internal/sim"
)

func TestThePriceListIsAsGoogleWritesIt(t *testing.T) {
	t.Parallel()
	a := signIn(t, sim.Options{Seed: 1})
	_, body := a.get("cloudbilling.googleapis.com/v1/services/6F81-5844-456A/skus")
	usages, groups, seen := map[string]int{}, map[string]int{}, map[string]bool{}
	for _, s := range rows(body, "skus") {
		category := s["category"].(map[string]any)
		usage, group, what := category["usageType"].(string), category["resourceGroup"].(string), s["description"].(string)
		usages[usage]++
		groups[group]++
		if seen[s["skuId"].(string)] {
			t.Errorf("%s: its number comes twice", what)
		}
		seen[s["skuId"].(string)] = true
		spot := strings.HasPrefix(what, "Spot Preemptible ") || strings.Contains(what, " attached to Spot Preemptible VMs ")
		if spot != (usage == "Preemptible") || strings.HasPrefix(what, "Commitment") != (usage == "Commit1Yr") || (group == "GPU" && strings.HasPrefix(what, "Spot")) {
			t.Errorf("%q is %s of %s", what, usage, group)
		}
		if s["name"] != "services/6F81-5844-456A/skus/"+s["skuId"].(string) || len(s["serviceRegions"].([]any)) != 1 {
			t.Errorf("%q: got %v", what, s)
		}
		price := s["pricingInfo"].([]any)[0].(map[string]any)["pricingExpression"].(map[string]any)
		tier := price["tieredRates"].([]any)[0].(map[string]any)["unitPrice"].(map[string]any)
		units, err := strconv.ParseFloat(tier["units"].(string), 64)
		nanos := tier["nanos"].(float64)
		if err != nil || tier["currencyCode"] != "USD" || nanos < 0 || nanos > 999_999_999 || nanos != math.Trunc(nanos) || units+nanos == 0 {
			t.Errorf("%q costs %v", what, tier)
		}
		if want := map[bool]string{true: "GiBy.h", false: "h"}[strings.Contains(what, " Ram ") || strings.Contains(what, " Ram in")]; price["usageUnit"] != want {
			t.Errorf("%q is by the %v, want %s", what, price["usageUnit"], want)
		}
	}
	for _, name := range []string{"OnDemand", "Preemptible", "Commit1Yr"} {
		if usages[name] == 0 || usages[name] != usages["OnDemand"] {
			t.Errorf("usages: %v", usages)
		}
	}
	for _, name := range []string{"CPU", "RAM", "GPU", "N1Standard", "F1Micro", "G1Small"} {
		if groups[name] == 0 {
			t.Errorf("no SKU is of group %s: %v", name, groups)
		}
	}
}

// TestWhatMachinesCostFollowsFromThePriceList adds up some machines by hand.
func TestWhatMachinesCostFollowsFromThePriceList(t *testing.T) {
	t.Parallel()
	a := signIn(t, sim.Options{Seed: 1, Counts: map[string]int{"gcp": 400}})
	_, body := a.get("cloudbilling.googleapis.com/v1/services/6F81-5844-456A/skus")
	prices := map[string]float64{}
	for _, s := range rows(body, "skus") {
		tier := s["pricingInfo"].([]any)[0].(map[string]any)["pricingExpression"].(map[string]any)["tieredRates"].([]any)[0].(map[string]any)["unitPrice"].(map[string]any)
		units, _ := strconv.ParseFloat(tier["units"].(string), 64)
		what, _, _ := strings.Cut(s["description"].(string), " running in ")
		prices[what+" "+s["serviceRegions"].([]any)[0].(string)] = units + tier["nanos"].(float64)/1e9
	}
	costs := map[string]*float64{}
	for _, r := range a.Truth().Resources {
		costs[r.ID] = r.HourlyCost
	}
	checked := map[string]int{}
	for _, p := range a.Truth().Accounts {
		_, vms := a.get("compute.googleapis.com/compute/v1/projects/" + p + "/aggregated/instances")
		for _, v := range rows(vms, "instances") {
			kind := v["machineType"].(string)[strings.LastIndexByte(v["machineType"].(string), '/')+1:]
			zone := v["zone"].(string)[strings.LastIndexByte(v["zone"].(string), '/')+1:]
			region := zone[:len(zone)-2]
			spot, gpu := "", " "
			if v["scheduling"].(map[string]any)["provisioningModel"] == "SPOT" {
				spot, gpu = "Spot Preemptible ", " attached to Spot Preemptible VMs "
			}
			of := func(what string) float64 { return prices[spot+what+" "+region] }
			var want float64
			switch kind {
			case "e2-standard-4":
				want = 4*of("E2 Instance Core") + 16*of("E2 Instance Ram")
			case "e2-medium":
				want = 1*of("E2 Instance Core") + 4*of("E2 Instance Ram")
			case "f1-micro":
				want = of("Micro Instance with burstable CPU")
			case "g2-standard-8":
				want = 8*of("G2 Instance Core") + 32*of("G2 Instance Ram") + prices["Nvidia L4 GPU"+gpu+region]
			case "a3-highgpu-8g":
				want = 208*of("A3 Instance Core") + 1872*of("A3 Instance Ram") + 8*prices["Nvidia H100 80GB GPU"+gpu+region]
			case "a4-highgpu-8g":
				want = 8 * prices["A4 Nvidia B200 (1 gpu slice)"+gpu+region]
			default:
				continue
			}
			got := costs[v["id"].(string)]
			if stopped := v["status"] == "TERMINATED" || v["status"] == "SUSPENDED"; stopped {
				if got != nil {
					t.Errorf("%v is %v and costs %v", v["name"], v["status"], *got)
				}
				continue
			}
			checked[kind]++
			if got == nil || want == 0 || math.Abs(*got-want) > 1e-9 {
				t.Errorf("%v, a %s in %s: got %v, want %v", v["name"], kind, region, got, want)
			}
		}
	}
	if len(checked) != 6 {
		t.Errorf("checked: %v", checked)
	}
}

// TestSecretsAreThereToBeLeftOut: a client that asks for everything gets them, so that one can be proved not to.
func TestSecretsAreThereToBeLeftOut(t *testing.T) {
	t.Parallel()
	a := signIn(t, sim.Options{Seed: 1, Counts: map[string]int{"gcp": 60}})
	p := a.Truth().Accounts[0]
	for _, target := range []string{
		"compute.googleapis.com/compute/v1/projects/" + p + "/aggregated/instances", "container.googleapis.com/v1/projects/" + p + "/locations/-/clusters",
		"cloudfunctions.googleapis.com/v2/projects/" + p + "/locations/-/functions", "sqladmin.googleapis.com/v1/projects/" + p + "/instances",
	} {
		if _, body := a.get(target); !strings.Contains(asJSON(body), "MARKER-SECRET") {
			t.Errorf("%s has no secret to leave out", target)
		}
	}
}
