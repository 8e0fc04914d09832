package runpodsim

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/adsops/cloudtop/internal/sim"
)

const stocked = "include=AVAILABILITY&product=POD"

func TestTheCatalogueOfCards(t *testing.T) {
	t.Parallel()
	d := open(t, 0, sim.Options{Seed: 3})
	plain := rows(t, d.get("catalog/gpus"), "gpus")
	if len(plain) != len(cards()) {
		t.Fatalf("got %d cards, want %d", len(plain), len(cards()))
	}
	for _, g := range plain {
		price, most := g["price"].(map[string]any), g["maxCount"].(map[string]any)
		for _, tier := range []string{"secure", "community"} {
			if there := g[tier].(bool); there != (price[tier].(float64) > 0) || there != (most[tier].(float64) > 0) {
				t.Errorf("%v: %s is %v at %v for at most %v", g["id"], tier, there, price[tier], most[tier])
			}
		}
		if (g["pool"] == nil) != (price["serverless"] == nil) {
			t.Errorf("%v: pool %v at %v", g["id"], g["pool"], price["serverless"])
		}
		for _, name := range []string{"availability", "dataCenters", "cudaVersions"} {
			if g[name] != nil {
				t.Errorf("%v: %s was not asked for and is %v", g["id"], name, g[name])
			}
		}
	}
}

func TestStockIsThatOfWhatIsAskedFor(t *testing.T) {
	t.Parallel()
	d := open(t, 0, sim.Options{Seed: 3})
	for _, c := range []struct {
		what, query string
		check       func(g map[string]any) bool
		least       int // how many cards are listed
	}{
		{"secure by itself", "", func(g map[string]any) bool { return g["dataCenters"] == nil == (g["availability"] == "NONE") }, 6},
		{"secure", "&cloud=SECURE", func(g map[string]any) bool { return g["dataCenters"] == nil == (g["availability"] == "NONE") }, 6},
		{"community tells no place", "&cloud=COMMUNITY", func(g map[string]any) bool { return g["dataCenters"] == nil }, 6},
		{"more than a machine has", "&count=9", func(g map[string]any) bool { return g["availability"] == "NONE" && g["dataCenters"] == nil }, 6},
		{"in two countries", "&countryCodes=US,FR", func(g map[string]any) bool {
			return !slices.ContainsFunc(rows(t, g, "dataCenters"), func(dc map[string]any) bool {
				return !strings.HasPrefix(dc["id"].(string), "US-") && dc["id"] != "EU-FR-1"
			})
		}, 1},
		{"in no country", "&countryCodes=DE", func(map[string]any) bool { return false }, 0},
		{"a CUDA version", "&cudaVersions=12.8", func(g map[string]any) bool { return cuda(t, g) == "12.8" || cuda(t, g) == "" }, 6},
		{"a CUDA version that nobody has", "&cudaVersions=9.0", func(g map[string]any) bool { return cuda(t, g) == "" }, 6},
		{"a least CUDA version", "&minCudaVersion=12.5", func(g map[string]any) bool { return cuda(t, g) == "12.8 13.0" || cuda(t, g) == "" }, 6},
		{"a least CUDA major", "&minCudaVersion=13", func(g map[string]any) bool { return cuda(t, g) == "13.0" || cuda(t, g) == "" }, 6},
	} {
		all := rows(t, d.get("catalog/gpus?"+stocked+c.query), "gpus")
		if len(all) < c.least || c.least == 0 && len(all) > 0 {
			t.Errorf("%s: got %d cards, want %d or more", c.what, len(all), c.least)
		}
		for _, g := range all {
			if !c.check(g) {
				t.Errorf("%s: got %v", c.what, g)
			}
			if !slices.Contains([]any{"NONE", "LOW", "MEDIUM", "HIGH"}, g["availability"]) {
				t.Errorf("%s: got stock %v", c.what, g["availability"])
			}
			if g["manufacturer"] == "AMD" && g["cudaVersions"] != nil {
				t.Errorf("%s: AMD's card has CUDA %v", c.what, g["cudaVersions"])
			}
		}
	}
}

// cuda returns the CUDA versions of a card.
func cuda(t testing.TB, g map[string]any) string {
	if g["cudaVersions"] == nil {
		return ""
	}
	var all []string
	for _, v := range rows(t, g, "cudaVersions") {
		all = append(all, v["version"].(string))
	}
	return strings.Join(all, " ")
}

func TestACardByItself(t *testing.T) {
	t.Parallel()
	d := open(t, 0, sim.Options{Seed: 3})
	listed := rows(t, d.get("catalog/gpus?"+stocked), "gpus")
	for _, g := range listed {
		if got := d.get("catalog/gpus/" + url.PathEscape(g["id"].(string)) + "?" + stocked); asText(t, got) != asText(t, g) {
			t.Errorf("by itself it is %v, in the list %v", got, g)
		}
	}
	// A card that no country has drops out of the list, and by itself is told with nothing in stock.
	got := d.get("catalog/gpus/NVIDIA%20L40S?" + stocked + "&countryCodes=DE")
	if got["availability"] != "NONE" || got["dataCenters"] != nil {
		t.Errorf("got %v, want none anywhere", got)
	}
	problemOf(t, d.call(http.MethodGet, "api.runpod.io/v2/catalog/gpus/nothing"), http.StatusNotFound)
	problemOf(t, d.call(http.MethodGet, "api.runpod.io/v2/catalog/gpus/NVIDIA%20L40S?cloud=SECURE"), http.StatusBadRequest)
}

func TestParametersOfTheCatalogueAreChecked(t *testing.T) {
	t.Parallel()
	d := open(t, 0, sim.Options{})
	for _, kind := range []string{"gpus", "cpus"} {
		for query, want := range map[string]struct {
			status int
			text   string
		}{
			"include=AVAILABILITY": {400, "product is required"},
			"product=POD":          {400, "product is valid only with include=AVAILABILITY"},
			"count=2":              {400, "count is valid only"},
			"cloud=SECURE":         {400, "cloud is valid only"},
			"countryCodes=FR":      {400, "countryCodes is valid only"},
			"cudaVersions=12.8":    {400, "cudaVersions is valid only"},
			"minCudaVersion=12":    {400, "minCudaVersion is valid only"},
			"vcpuCount=2":          {400, "vcpuCount is valid only"},
			stocked + "&cudaVersions=12.8&minCudaVersion=12": {400, "mutually exclusive"},
			"include=STOCK&product=POD":                      {422, `include: value "STOCK"`},
			"include=AVAILABILITY&product=POD,TRAIN":         {422, `product: value "TRAIN"`},
			stocked + "&cloud=PUBLIC":                        {422, `cloud: value "PUBLIC"`},
			stocked + "&count=0":                             {422, "count: must be a whole number"},
			stocked + "&count=two":                           {422, "count: must be a whole number"},
			stocked + "&countryCodes=fr":                     {422, `countryCodes: value "fr"`},
			stocked + "&countryCodes=FR,,DE":                 {422, `countryCodes: value ""`},
			stocked + "&cudaVersions=12":                     {422, `cudaVersions: value "12"`},
			stocked + "&minCudaVersion=12.8.1":               {422, `minCudaVersion: value "12.8.1"`},
			stocked + "&count=0&cloud=X":                     {422, "cloud"},
		} {
			w := d.call(http.MethodGet, "api.runpod.io/v2/catalog/"+kind+"?"+query)
			if got := problemOf(t, w, want.status); !strings.Contains(got, want.text) {
				t.Errorf("%s?%s: got %q, want %q", kind, query, got, want.text)
			}
			d.at = d.at.Add(time.Minute)
		}
	}
	problemOf(t, d.call(http.MethodGet, "api.runpod.io/v2/catalog/cpus?include=AVAILABILITY&product=CLUSTER"), http.StatusUnprocessableEntity)
}

func TestTheCatalogueOfCPUs(t *testing.T) {
	t.Parallel()
	d := open(t, 0, sim.Options{Seed: 3})
	for _, query := range []string{"", "?" + stocked + "&vcpuCount=4"} {
		for _, f := range rows(t, d.get("catalog/cpus"+query), "cpus") {
			if got := d.get("catalog/cpus/" + f["id"].(string) + query); asText(t, got) != asText(t, f) {
				t.Errorf("by itself it is %v, in the list %v", got, f)
			}
			if price := f["price"].(map[string]any); price["securePerVcpu"].(float64) <= 0 || (f["availability"] != nil) != (query != "") {
				t.Errorf("%q: got %v", query, f)
			}
		}
	}
	problemOf(t, d.call(http.MethodGet, "api.runpod.io/v2/catalog/cpus/nothing"), http.StatusNotFound)
	problemOf(t, d.call(http.MethodGet, "api.runpod.io/v2/catalog/cpus/cpu5c?count=1"), http.StatusBadRequest)
}

func TestDataCentersAreFiltered(t *testing.T) {
	t.Parallel()
	d := open(t, 0, sim.Options{Seed: 3})
	for query, want := range map[string]string{
		"": "US-TX-3 US-CA-2 EU-RO-1 EU-FR-1 AP-JP-1", "regions=EUROPE": "EU-RO-1 EU-FR-1", "regions=EUROPE,ASIA": "EU-RO-1 EU-FR-1 AP-JP-1",
		"regions=AFRICA": "", "networkVolumeTypes=STANDARD": "US-TX-3 US-CA-2 EU-RO-1 EU-FR-1",
		"networkVolumeTypes=STANDARD,HIGH_PERFORMANCE": "US-TX-3 EU-RO-1", "compliance=GDPR": "EU-RO-1 EU-FR-1",
		"compliance=GDPR,ISO_IEC_27001": "EU-RO-1", "globalNetwork=true": "US-TX-3 US-CA-2 EU-RO-1", "globalNetwork=false": "EU-FR-1 AP-JP-1",
		"regions=EUROPE&globalNetwork=true": "EU-RO-1",
	} {
		var got []string
		for _, dc := range rows(t, d.get("catalog/datacenters?"+query), "dataCenters") {
			got = append(got, dc["id"].(string))
			if dc["gpuAvailability"] != nil || dc["cpuAvailability"] != nil {
				t.Errorf("%s: got stock that was not asked for", query)
			}
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%q: got %v, want %s", query, got, want)
		}
	}
	const include = "?include=GPU_AVAILABILITY,CPU_AVAILABILITY"
	for _, dc := range rows(t, d.get("catalog/datacenters"+include), "dataCenters") {
		if len(rows(t, dc, "gpuAvailability")) != len(cards()) || len(rows(t, dc, "cpuAvailability")) != len(flavors()) {
			t.Errorf("%v: got stock %v", dc["id"], dc)
		}
		if got := d.get("catalog/datacenters/" + dc["id"].(string) + include); asText(t, got) != asText(t, dc) {
			t.Errorf("by itself it is %v, in the list %v", got, dc)
		}
	}
	for target, status := range map[string]int{
		"catalog/datacenters/XX": 404, "catalog/datacenters/XX?include=X": 422, "catalog/datacenters?include=X": 422,
		"catalog/datacenters?regions=europe": 422, "catalog/datacenters?networkVolumeTypes=TAPE": 422, "catalog/datacenters?compliance=x": 422,
		"catalog/datacenters?globalNetwork=1": 422,
	} {
		problemOf(t, d.call(http.MethodGet, "api.runpod.io/v2/"+target), status)
	}
}

func TestTheTruthCountsOffers(t *testing.T) {
	t.Parallel()
	for seed := range uint64(8) {
		d := open(t, 0, sim.Options{Seed: seed})
		offers := 0
		for _, tier := range []string{"SECURE", "COMMUNITY"} {
			for _, g := range rows(t, d.get("catalog/gpus?"+stocked+"&cloud="+tier), "gpus") {
				if g[strings.ToLower(tier)] != true {
					continue
				}
				centres, _ := g["dataCenters"].([]any)
				offers += max(len(centres), 1)
			}
		}
		if want := d.cloud.Truth().Offers; offers != want {
			t.Errorf("seed %d: got %d offers, want %d", seed, offers, want)
		}
	}
}

// FuzzQuery checks that every query of the catalogue, the bills and the logs is answered with JSON or a problem.
func FuzzQuery(f *testing.F) {
	for _, seed := range []string{
		stocked, stocked + "&countryCodes=FR,DE&count=2", "lastN=3&bucketSize=week", "startTime=2026-10-01T00:00:00Z&endTime=x", "tail=1&since=",
		"minCudaVersion=1", "%zz&&;",
	} {
		f.Add(seed)
	}
	d := open(f, 20, sim.Options{Seed: 3})
	targets := []string{"catalog/gpus", "catalog/cpus", "catalog/datacenters", "catalog/templates", "pods", "pods/" + d.cloud.pods[0].id + "/logs"}
	f.Fuzz(func(t *testing.T, query string) {
		d := &desk{TB: t, cloud: d.cloud, at: d.at}
		for _, target := range targets {
			r, err := url.ParseQuery(query)
			if err != nil {
				return
			}
			w := d.call(http.MethodGet, "api.runpod.io/v2/"+target+"?"+r.Encode())
			d.cloud.quota.windows[0].used, d.cloud.quota.windows[1].used, d.cloud.quota.windows[2].used = 0, 0, 0
			if w.Code != http.StatusOK {
				problemOf(t, w, w.Code)
			}
			if w.Code >= http.StatusInternalServerError {
				t.Errorf("%s?%s: got %d", target, query, w.Code)
			}
		}
	})
}
