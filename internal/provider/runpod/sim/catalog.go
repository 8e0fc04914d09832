package runpodsim

import (
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// card is a GPU type of the catalogue. Prices are USD per hour for one card, 0 where it is not to be had.
type card struct {
	id, name, pool                string
	memoryGB                      int
	secure, community, serverless float64
	maxSecure, maxCommunity       int
}

func (k *card) key() string { return k.id }

func (k *card) price(tier string) float64 {
	if tier == "COMMUNITY" && k.community > 0 {
		return k.community
	}
	return k.secure
}

func cards() []*card {
	return []*card{
		{"NVIDIA H100 80GB HBM3", "H100 SXM", "HOPPER_80", 80, 2.69, 0, 4.18, 8, 0},
		{"NVIDIA GeForce RTX 4090", "RTX 4090", "ADA_24", 24, 0.59, 0.34, 1.1, 8, 4},
		{"NVIDIA A100-SXM4-80GB", "A100 SXM", "AMPERE_80", 80, 1.39, 0, 2.72, 8, 0},
		{"NVIDIA L40S", "L40S", "ADA_48_PRO", 48, 0.79, 0.79, 1.9, 8, 2},
		{"NVIDIA RTX A4000", "RTX A4000", "AMPERE_16", 16, 0.25, 0.17, 0.58, 8, 7},
		{"AMD Instinct MI300X OAM", "MI300X", "", 192, 2.99, 0, 0, 8, 0},
	}
}

// flavor is a CPU type of the catalogue. Prices are USD per hour for one vCPU.
type flavor struct {
	id, name, group    string
	gbPerVCPU          float64
	secure, serverless float64
}

func (f *flavor) key() string { return f.id }

func flavors() []*flavor {
	return []*flavor{
		{"cpu3c", "Compute-Optimized", "Gen 3", 2, 0.03, 0.02}, {"cpu5c", "Compute-Optimized", "Gen 5", 2, 0.035, 0.03},
		{"cpu5g", "General Purpose", "Gen 5", 4, 0.045, 0.04},
	}
}

type dataCenter struct {
	id, name, region, country string
	global                    bool
	volumes, compliance       []string
}

func (d *dataCenter) key() string { return d.id }

func dataCenters() []*dataCenter {
	standard, both := []string{"STANDARD"}, []string{"STANDARD", "HIGH_PERFORMANCE"}
	return []*dataCenter{
		{"US-TX-3", "US Texas 3", "NORTH_AMERICA", "US", true, both, []string{"SOC_2_TYPE_2", "HIPAA"}},
		{"US-CA-2", "US California 2", "NORTH_AMERICA", "US", true, standard, []string{"SOC_2_TYPE_2"}},
		{"EU-RO-1", "EU Romania 1", "EUROPE", "RO", true, both, []string{"GDPR", "ISO_IEC_27001"}},
		{"EU-FR-1", "EU France 1", "EUROPE", "FR", false, standard, []string{"GDPR"}},
		{"AP-JP-1", "Japan 1", "ASIA", "JP", false, []string{}, []string{}},
	}
}

// levels are those of stock, the least first.
func levels() []string { return []string{"NONE", "LOW", "MEDIUM", "HIGH"} }

// level is how much there is of a thing at a place: the same for the same world.
func (c *cloud) level(thing ...string) string {
	return levels()[c.world.Rand(append([]string{"runpod", "stock"}, thing...)...).IntN(len(levels()))]
}

// stock is what a call of the catalogue asks of availability; nil where it does not ask.
type stock struct {
	tier      string
	count     int
	countries []string
	versions  []string // CUDA, exactly
	least     string   // CUDA, at least
}

// stockOf reads the parameters that go with include=AVAILABILITY, and only with it.
func stockOf(r *http.Request, products ...string) (*stock, *problem) {
	q := queryOf(r)
	expand := len(q.list("include", of("AVAILABILITY"))) > 0
	exact, either := like(`^\d+\.\d+$`), like(`^\d+(\.\d+)?$`)
	s := &stock{
		tier: q.one("cloud", of("SECURE", "COMMUNITY")), count: q.number("count", 1, 1000, 1),
		countries: q.list("countryCodes", like(`^[A-Z]{2}$`)), versions: q.list("cudaVersions", exact),
		least: q.one("minCudaVersion", either),
	}
	if s.tier == "" {
		s.tier = "SECURE"
	}
	asked := q.list("product", of(products...))
	for _, name := range []string{"product", "count", "cloud", "countryCodes", "cudaVersions", "minCudaVersion", "vcpuCount"} {
		if q.has(name) && !expand && !q.has("include") {
			return nil, badRequest(name + " is valid only with include=AVAILABILITY")
		}
	}
	switch {
	case q.invalid() != nil:
		return nil, q.invalid()
	case !expand:
		return nil, nil
	case len(asked) == 0:
		return nil, badRequest("product is required with include=AVAILABILITY")
	case len(s.versions) > 0 && s.least != "":
		return nil, badRequest("cudaVersions and minCudaVersion are mutually exclusive")
	}
	return s, nil
}

func (c *cloud) listGPUs(r *http.Request) (any, *problem) {
	s, p := stockOf(r, "POD", "CLUSTER", "SERVERLESS")
	shown := []object{}
	for _, k := range cards() {
		m := c.gpuJSON(k, s)
		if s != nil && len(s.countries) > 0 && m["dataCenters"] == nil {
			continue // none of these countries has it
		}
		shown = append(shown, m)
	}
	return object{"gpus": shown}, p
}

func (c *cloud) getGPU(r *http.Request) (any, *problem) {
	s, p := stockOf(r, "POD", "CLUSTER", "SERVERLESS")
	if p != nil {
		return nil, p
	}
	return find(r, cards(), (*card).key, "GPU type", func(k *card) object { return c.gpuJSON(k, s) })
}

// gpuJSON is the schema GpuType, with availability where it is asked for.
func (c *cloud) gpuJSON(k *card, s *stock) object {
	price := object{"secure": k.secure, "community": k.community}
	if k.serverless > 0 {
		price["serverless"] = k.serverless
	}
	m := object{
		"id": k.id, "name": k.name, "pool": orNull(k.pool), "manufacturer": "NVIDIA", "memory": k.memoryGB,
		"secure": k.secure > 0, "community": k.community > 0, "price": price,
		"maxCount": map[string]int{"secure": k.maxSecure, "community": k.maxCommunity},
	}
	if strings.HasPrefix(k.id, "AMD") {
		m["manufacturer"] = "AMD"
	}
	if s != nil {
		maps.Copy(m, c.availability(k, s))
	}
	return m
}

// availability is what there is of a card in one cloud, in all and by data centre. Of community machines no data centre
// is told; where there is nothing, the list is left out, and AMD's machines report no CUDA version.
func (c *cloud) availability(k *card, s *stock) object {
	most := map[string]int{"SECURE": k.maxSecure, "COMMUNITY": k.maxCommunity}[s.tier]
	best, centres := 0, []object{}
	for _, dc := range dataCenters() {
		if s.count > most || len(s.countries) > 0 && !slices.Contains(s.countries, dc.country) {
			continue
		}
		at := c.level(k.id, s.tier, dc.id)
		best = max(best, slices.Index(levels(), at))
		centres = append(centres, object{"id": dc.id, "name": dc.name, "availability": at})
	}
	m := object{"availability": levels()[best]}
	if s.tier == "SECURE" && best > 0 {
		m["dataCenters"] = centres
	}
	if strings.HasPrefix(k.id, "AMD") {
		return m
	}
	versions := []object{}
	for _, v := range []string{"12.4", "12.8", "13.0"} {
		if s.wants(v) {
			versions = append(versions, object{"version": v, "available": best > 0 && v != "13.0" || best == 3})
		}
	}
	m["cudaVersions"] = versions
	return m
}

// wants reports whether a CUDA version is among those asked for.
func (s *stock) wants(v string) bool {
	if len(s.versions) > 0 {
		return slices.Contains(s.versions, v)
	}
	number := func(v string) float64 { n, _ := strconv.ParseFloat(v, 64); return n } // all are well-formed
	return number(v) >= number(s.least)
}

func (c *cloud) listCPUs(r *http.Request) (any, *problem) {
	s, p := stockOf(r, "POD", "SERVERLESS")
	return object{"cpus": each(flavors(), func(f *flavor) object { return c.cpuJSON(f, s) })}, p
}

func (c *cloud) getCPU(r *http.Request) (any, *problem) {
	s, p := stockOf(r, "POD", "SERVERLESS")
	if p != nil {
		return nil, p
	}
	return find(r, flavors(), (*flavor).key, "CPU type", func(f *flavor) object { return c.cpuJSON(f, s) })
}

// cpuJSON is the schema CpuType.
func (c *cloud) cpuJSON(f *flavor, s *stock) object {
	m := object{
		"id": f.id, "name": f.name, "group": f.group, "vcpu": object{"min": 2, "max": 32}, "ramGbPerVcpu": f.gbPerVCPU,
		"price": object{"securePerVcpu": f.secure, "serverlessPerVcpu": f.serverless},
	}
	if s != nil {
		m["availability"] = c.level(f.id, "US-TX-3")
		m["dataCenters"] = []object{{"id": "US-TX-3", "name": "US Texas 3", "availability": m["availability"]}}
	}
	return m
}

// listDataCenters answers those that meet every filter: any of the regions, all of the volume types and certificates.
func (c *cloud) listDataCenters(r *http.Request) (any, *problem) {
	q := queryOf(r)
	include := q.list("include", of("GPU_AVAILABILITY", "CPU_AVAILABILITY"))
	regions := q.list("regions", like(`^[A-Z_]+$`))
	volumes := q.list("networkVolumeTypes", of("STANDARD", "HIGH_PERFORMANCE"))
	compliance := q.list("compliance", like(`^[A-Z0-9_]+$`))
	global := q.flag("globalNetwork")
	shown := []object{}
	for _, d := range dataCenters() {
		if (len(regions) == 0 || slices.Contains(regions, d.region)) && holdsAll(d.volumes, volumes) &&
			holdsAll(d.compliance, compliance) && (global == nil || *global == d.global) {
			shown = append(shown, c.centreJSON(d, include))
		}
	}
	return object{"dataCenters": shown}, q.invalid()
}

func holdsAll(all, wanted []string) bool {
	return !slices.ContainsFunc(wanted, func(w string) bool { return !slices.Contains(all, w) })
}

func (c *cloud) getDataCenter(r *http.Request) (any, *problem) {
	q := queryOf(r)
	include := q.list("include", of("GPU_AVAILABILITY", "CPU_AVAILABILITY"))
	if p := q.invalid(); p != nil {
		return nil, p
	}
	return find(r, dataCenters(), (*dataCenter).key, "data center", func(d *dataCenter) object { return c.centreJSON(d, include) })
}

// centreJSON is the schema DataCenter.
func (c *cloud) centreJSON(d *dataCenter, include []string) object {
	m := object{
		"id": d.id, "name": d.name, "region": d.region, "globalNetwork": d.global, "networkVolumeTypes": d.volumes,
		"compliance": d.compliance,
	}
	if slices.Contains(include, "GPU_AVAILABILITY") {
		m["gpuAvailability"] = each(cards(), func(k *card) object {
			return object{"id": k.id, "name": k.name, "availability": c.level(k.id, "SECURE", d.id)}
		})
	}
	if slices.Contains(include, "CPU_AVAILABILITY") {
		m["cpuAvailability"] = each(flavors(), func(f *flavor) object {
			return object{"id": f.id, "name": f.name, "availability": c.level(f.id, d.id)}
		})
	}
	return m
}
