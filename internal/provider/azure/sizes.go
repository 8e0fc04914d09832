package azure

import (
	"math"
	"regexp"
	"strconv"
	"strings"

	"github.com/adsops/cloudtop/internal/cloud"
)

// machines are virtual machines of one size.
type machines struct {
	size  string  // "Standard_NC24ads_A100_v4"
	count float64 // 0 = none, or not known
}

// size is what the resource SKUs tell of a size. Zero is unknown.
type size struct{ vcpus, memoryGB, gpus float64 }

// sizes are those of a region, by region and then by lower-case name.
type sizes map[string]map[string]size

// naming is the published form of a size's name:
// [Family] + [Sub-family]* + [# of vCPUs] + [Constrained vCPUs]* + [Additive Features] + [Accelerator Type]* + [Version]*
// (learn.microsoft.com: virtual-machines/vm-naming-conventions).
var naming = regexp.MustCompile(`(?i)^(?:Standard|Basic)_([A-Z]+)(\d+)(?:-(\d+))?([a-z]*)((?:_[A-Z0-9]+)*?)(?:_v(\d+))?(?:_Promo)?$`)

// named is what a size's name tells.
type named struct {
	family      string // with sub-family: "NC", upper case
	vcpus       float64
	features    string // lower case
	accelerator string // "A100", upper case; may be empty
	version     int    // 0 = the first
}

func nameOf(size string) (named, bool) {
	m := naming.FindStringSubmatch(size)
	if m == nil {
		return named{}, false
	}
	n := named{family: strings.ToUpper(m[1]), features: strings.ToLower(m[4]), accelerator: strings.ToUpper(m[5])}
	number := m[2]
	if m[3] != "" {
		number = m[3]
	}
	n.vcpus, _ = strconv.ParseFloat(number, 64)
	n.version, _ = strconv.Atoi(m[6])
	if n.counts() {
		return n, true
	}
	n.vcpus = 0
	return n, true
}

// counts reports whether the number in the name counts vCPUs. In the oldest families it only ranks the sizes.
func (n *named) counts() bool {
	switch n.family {
	case "A":
		return n.version >= 2
	case "D", "DS":
		return n.version >= 3
	case "G", "GS":
		return false
	}
	return true
}

// accelerated reports whether sizes of this family have GPUs: N is for them, but NP has FPGAs.
func (n *named) accelerated() bool { return strings.HasPrefix(n.family, "N") && n.family != "NP" }

// card is the GPU of a family. The model is not a capability of the SKU.
type card struct {
	family, accelerator string
	version             int
	name                string
	memoryGB            float64 // per card; 0 = not published in one figure
	vcpus               float64 // of a size with one whole card, where smaller sizes have part of one; 0 = none do
}

// cards are the families of learn.microsoft.com: virtual-machines/sizes/gpu-accelerated. The first that fits counts.
func cards() []card {
	return []card{
		{family: "NC", version: 0, name: "K80", memoryGB: 12},
		{family: "NC", version: 2, name: "P100", memoryGB: 16},
		{family: "NC", version: 3, accelerator: "T4", name: "T4", memoryGB: 16},
		{family: "NC", version: 3, name: "V100", memoryGB: 16},
		{family: "NC", accelerator: "A10", version: 4, name: "A10", memoryGB: 24},
		{family: "NC", accelerator: "A100", version: 4, name: "A100 PCIe", memoryGB: 80},
		{family: "NC", accelerator: "H100", version: 5, name: "H100 NVL", memoryGB: 94},
		{family: "NCC", accelerator: "H100", version: 5, name: "H100 NVL", memoryGB: 94},
		{family: "NC", accelerator: "RTXPRO6000BSE", version: 6, name: "RTX PRO 6000", memoryGB: 96},
		{family: "ND", version: 0, name: "P40", memoryGB: 24},
		{family: "ND", version: 2, name: "V100", memoryGB: 32},
		{family: "ND", accelerator: "A100", version: 4, name: "A100 SXM", memoryGB: 80},
		{family: "ND", version: 4, name: "A100 SXM", memoryGB: 40},
		{family: "ND", accelerator: "H100", version: 5, name: "H100 SXM", memoryGB: 80},
		{family: "ND", accelerator: "H200", version: 5, name: "H200 SXM", memoryGB: 141},
		{family: "ND", accelerator: "MI300X", version: 5, name: "MI300X", memoryGB: 192},
		{family: "ND", accelerator: "GB200", version: 6, name: "GB200"},
		{family: "ND", accelerator: "GB300", version: 6, name: "GB300"},
		{family: "NV", version: 0, name: "M60", memoryGB: 8},
		{family: "NV", version: 3, name: "M60", memoryGB: 8},
		{family: "NV", version: 4, name: "MI25", memoryGB: 16, vcpus: 32},
		{family: "NV", accelerator: "A10", version: 5, name: "A10", memoryGB: 24, vcpus: 36},
		{family: "NV", accelerator: "V710", version: 5, name: "V710", memoryGB: 24, vcpus: 24},
		{family: "NG", accelerator: "V620", version: 1, name: "V620", memoryGB: 32, vcpus: 32},
	}
}

// gpu returns the GPUs of one machine; nil where the family has none. told is what the resource SKUs say.
func (n *named) gpu(told size) *cloud.GPU {
	if !n.accelerated() {
		return nil
	}
	g := &cloud.GPU{Type: "unknown " + n.family + n.accelerator, Count: told.gpus}
	for _, c := range cards() {
		if c.family != n.family || c.version != n.version || !n.has(c.accelerator) {
			continue
		}
		g.Type, g.MemoryGB = c.name, c.memoryGB
		if share := n.vcpus / c.vcpus; c.vcpus > 0 && told.gpus == math.Trunc(told.gpus) {
			g.Count = min(share, max(1, math.Trunc(share))) // parts of a card are vCPUs' parts
		}
		break
	}
	return g
}

// has reports whether the name says the accelerator: "_NDR_GB200" has GB200.
func (n *named) has(accelerator string) bool {
	if accelerator == "" {
		return n.accelerator == ""
	}
	return strings.HasSuffix(n.accelerator, "_"+accelerator)
}

// sized returns the resource with what its machines' sizes tell: vCPUs and memory of one machine where all are of one
// size, and the GPUs of all together.
func (it *item) sized(all sizes) cloud.Resource {
	r := it.Resource
	known := all[r.Region]
	if len(it.machines) == 1 {
		m := &it.machines[0]
		told := known[strings.ToLower(m.size)]
		if n, ok := nameOf(m.size); ok && told.vcpus == 0 {
			told.vcpus = n.vcpus
		}
		a := attrs(r.Attrs)
		a.known("vcpus", told.vcpus)
		a.known("memory_gb", told.memoryGB)
		r.Attrs = a
	}
	for _, m := range it.machines {
		n, ok := nameOf(m.size)
		if !ok {
			continue
		}
		if g := n.gpu(known[strings.ToLower(m.size)]); g != nil {
			r.GPU = joined(r.GPU, g, m.count)
		}
	}
	return r
}

// joined adds the GPUs of count machines. Different cards are named one after the other, without a memory.
func joined(sum, one *cloud.GPU, count float64) *cloud.GPU {
	if sum == nil {
		return &cloud.GPU{Type: one.Type, Count: one.Count * count, MemoryGB: one.MemoryGB}
	}
	out := *sum
	out.Count += one.Count * count
	if !strings.Contains(out.Type, one.Type) {
		out.Type, out.MemoryGB = out.Type+", "+one.Type, 0
	}
	return &out
}
