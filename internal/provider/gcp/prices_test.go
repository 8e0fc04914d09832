package gcp

import (
	"encoding/json"
	"math"
	"os"
	"slices"
	"testing"

	"github.com/adsops/cloudtop/internal/cloud"
)

// sampleUnits reads the price list of testdata/skus.json.
func sampleUnits(t *testing.T) unitPrices {
	t.Helper()
	data, err := os.ReadFile("testdata/skus.json")
	if err != nil {
		t.Fatal(err)
	}
	var page struct{ SKUs some[sku] }
	if err := json.Unmarshal(data, &page); err != nil {
		t.Fatal(err)
	}
	units := unitPrices{}
	for i := range page.SKUs.all {
		units.add(&page.SKUs.all[i])
	}
	return units
}

func machineOf(machineType, model, region string, more ...cloud.Attr) *cloud.Resource {
	r := &cloud.Resource{
		Service: compute, Region: region, Status: cloud.StatusRunning, GPU: bundled(machineType),
		Attrs: append([]cloud.Attr{{Name: "machine_type", Value: machineType}, {Name: "provisioning_model", Value: model}}, more...),
	}
	return r
}

func TestMachinesCostTheSumOfTheirParts(t *testing.T) {
	t.Parallel()
	units := sampleUnits(t)
	withT4 := machineOf("n1-standard-8", "STANDARD", "us-central1", cloud.Attr{Name: "accelerator_type", Value: "nvidia-tesla-t4"})
	withT4.GPU = card("nvidia-tesla-t4")
	withT4.GPU.Count = 2
	for name, c := range map[string]struct {
		machine *cloud.Resource
		want    float64 // USD per hour
	}{
		"cores and memory":                 {machineOf("e2-standard-4", "STANDARD", "us-central1"), 4*0.02 + 16*0.003},
		"no model is on demand":            {machineOf("e2-standard-4", "", "us-central1"), 4*0.02 + 16*0.003},
		"the nearer of two prices":         {machineOf("e2-standard-4", "STANDARD", "us-east1"), 4*0.03 + 16*0.003},
		"spot":                             {machineOf("e2-standard-4", "SPOT", "us-central1"), 4*0.005 + 16*0.001},
		"preemptible, as it was":           {machineOf("e2-standard-4", "PREEMPTIBLE", "us-central1"), 4*0.005 + 16*0.001},
		"a shared core is a part of one":   {machineOf("e2-micro", "STANDARD", "us-central1"), 0.25*0.02 + 1*0.003},
		"two shared cores are one":         {machineOf("e2-medium", "STANDARD", "us-central1"), 1*0.02 + 4*0.003},
		"E2 of one's own size":             {machineOf("e2-custom-2-4096", "STANDARD", "us-central1"), 2*0.02 + 4*0.003},
		"sold whole":                       {machineOf("f1-micro", "STANDARD", "us-central1"), 0.0076},
		"memory by the GB, attached cards": {withT4, 8*0.03 + 30*0.004*1.073741824 + 2*0.35},
		"a spot machine's card":            {machineOf("g2-standard-24", "SPOT", "us-central1"), 24*0.01 + 96*0.001 + 2*0.2},
		"a family of another name":         {machineOf("a3-megagpu-8g", "STANDARD", "us-central1"), 208*0.02 + 1872*0.002 + 8*9.5},
		"slices that are all there is":     {machineOf("a4-highgpu-8g", "STANDARD", "us-central1"), 8 * 14},
	} {
		if got, ok := units.hourly(c.machine); !ok || math.Abs(got-c.want) > 1e-9 {
			t.Errorf("%s: got %v (%v), want %v", name, got, ok, c.want)
		}
	}
}

func TestWhatThePriceListDoesNotTellHasNoPrice(t *testing.T) {
	t.Parallel()
	units := sampleUnits(t)
	stopped := machineOf("e2-standard-4", "STANDARD", "us-central1")
	stopped.Status = cloud.StatusStopped
	deleted := machineOf("e2-standard-4", "STANDARD", "us-central1")
	deleted.Status = cloud.StatusDeleted
	rare := machineOf("e2-standard-4", "STANDARD", "us-central1")
	rare.GPU = &cloud.GPU{Type: "A NEW CARD", Count: 1}
	for name, r := range map[string]*cloud.Resource{
		"a stopped machine":           stopped,
		"a deleted machine":           deleted,
		"a card without a price":      rare,
		"a region without prices":     machineOf("e2-standard-4", "STANDARD", "mars-west1"),
		"spot without a spot price":   machineOf("n1-standard-8", "SPOT", "us-central1"),
		"tiers":                       machineOf("n2-standard-4", "STANDARD", "us-central1"),
		"another currency and unit":   machineOf("n2d-standard-4", "STANDARD", "us-central1"),
		"a description of no place":   machineOf("c3-standard-4", "STANDARD", "us-central1"),
		"an unknown family":           machineOf("zz9-standard-4", "STANDARD", "us-central1"),
		"no machine type":             machineOf("", "", "us-central1"),
		"more memory than usual":      machineOf("e2-custom-2-65536-ext", "STANDARD", "us-central1"),
		"a card with a licence":       machineOf("g2-standard-4", "SPOT", "us-central1", cloud.Attr{Name: "accelerator_type", Value: "nvidia-l4-vws"}),
		"whole, where it is not sold": machineOf("g1-small", "STANDARD", "us-central1"),
		"a machine without its cards": machineOf("a3-ultragpu-8g", "STANDARD", "us-central1"),
	} {
		if got, ok := units.hourly(r); ok {
			t.Errorf("%s: got %v, want no price", name, got)
		}
	}
}

// TestSlicesGoWithCoresWhereBothAreSold: it is not published whether cores will be.
func TestSlicesGoWithCoresWhereBothAreSold(t *testing.T) {
	t.Parallel()
	prices := map[string]float64{"a4 nvidia b200 (1 gpu slice)": 14, "a4 instance core": 0.01, "a4 instance ram": 0.001}
	find := func(names ...string) float64 {
		for _, n := range names {
			if usd := prices[n]; usd > 0 {
				return usd
			}
		}
		return 0
	}
	m, _ := readMachine("a4-highgpu-8g")
	if got, ok := m.hourly(bundled("a4-highgpu-8g"), find); !ok || math.Abs(got-(8*14+224*0.01+3968*0.001)) > 1e-9 {
		t.Errorf("both: got %v (%v)", got, ok)
	}
	delete(prices, "a4 instance ram")
	if got, ok := m.hourly(bundled("a4-highgpu-8g"), find); ok {
		t.Errorf("cores without memory: got %v, want no price", got)
	}
}

func TestTheCatalogueHasOtherNamesForFamiliesAndCards(t *testing.T) {
	t.Parallel()
	for machineType, want := range map[string]string{
		"n1-standard-1": "n1 predefined instance core", "custom-2-4096": "custom instance core", "c2-standard-4": "compute optimized core",
		"n2-custom-2-4096": "n2 custom instance core", "n2d-standard-2": "n2d amd instance core", "t2a-standard-1": "t2a arm instance core",
		"m3-megamem-64": "m3 memory-optimized instance core", "a3-highgpu-8g": "a3 instance core", "a3-ultragpu-8g": "a3ultra instance core",
		"a2-ultragpu-1g": "a2 instance core", "g4-standard-48": "g4 instance core",
	} {
		if m, ok := readMachine(machineType); !ok || !slices.Contains(m.named("core"), want) {
			t.Errorf("%s: %q is not among %q", machineType, want, m.named("core"))
		}
	}
	for accelerator, want := range map[string]string{
		"nvidia-tesla-a100": "nvidia tesla a100 gpu", "nvidia-a100-80gb": "nvidia tesla a100 80gb gpu", "nvidia-tesla-v100": "nvidia tesla v100 gpu",
		"nvidia-h100-80gb": "nvidia h100 80gb gpu", "nvidia-h100-mega-80gb": "nvidia h100 80gb mega gpu", "nvidia-h200-141gb": "h200 141gb gpu",
		"nvidia-l4": "nvidia l4 gpu", "nvidia-rtx-pro-6000": "rtx 6000 96gb",
	} {
		if names := gpuNames(card(accelerator).Type); !slices.Contains(names, want) {
			t.Errorf("%s: %q is not among %q", accelerator, want, names)
		}
	}
	if slices.Contains(gpuNames(card("nvidia-a100-80gb").Type), "nvidia tesla a100 gpu") {
		t.Error("an A100 of 80 GB takes the price of one of 40")
	}
}

func FuzzPriceLists(f *testing.F) {
	data, err := os.ReadFile("testdata/skus.json")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Add([]byte(`{"skus":[{"description":"X Instance Core running in Y","category":{"usageType":"OnDemand"},"serviceRegions":["r"],` +
		`"pricingInfo":[{"pricingExpression":{"usageUnit":"h","tieredRates":[{"unitPrice":{"currencyCode":"USD","units":"1e400"}}]}}]}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		var page struct{ SKUs some[sku] }
		if json.Unmarshal(data, &page) != nil {
			return
		}
		units := unitPrices{}
		for i := range page.SKUs.all {
			units.add(&page.SKUs.all[i])
		}
		for k, p := range units {
			if !(p.usd > 0) || math.IsInf(p.usd, 0) || p.regions < 1 {
				t.Errorf("%+v costs %+v", k, p)
			}
		}
	})
}
