package gcp

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/adsops/cloudtop/internal/cloud"
)

// machine is what a machine type's name tells.
type machine struct {
	name     string // "n2-standard-4"
	family   string // "n2"
	shape    string // "standard", "highmem", "custom" ...
	vcpus    float64
	memoryGB float64 // GiB
	billed   float64 // vCPUs that are paid for: a fraction where cores are shared
	extended bool    // more memory than the family sells at its usual price
}

// memoryPerCPU is GiB per vCPU by family and shape. Sources: the pages general-purpose-machines,
// compute-optimized-machines, memory-optimized-machines, storage-optimized-machines and gpus of
// cloud.google.com/compute/docs. Where it makes no whole number, C4 and C4D have less.
func memoryPerCPU(family, shape string) float64 {
	usual := map[string]float64{"standard": 4, "highmem": 8, "highcpu": 1}
	roomy := map[string]float64{"standard": 4, "highmem": 8, "highcpu": 2}
	return map[string]map[string]float64{
		"e2": usual, "n2": usual, "n2d": usual,
		"n1": {"standard": 3.75, "highmem": 6.5, "highcpu": 0.9},
		"n4": roomy, "n4a": roomy, "n4d": roomy, "c2d": roomy, "c3": roomy, "c3d": roomy, "c4a": roomy,
		"c4":  {"standard": 3.75, "highmem": 7.75, "highcpu": 2},
		"c4d": {"standard": 3.875, "highmem": 7.875, "highcpu": 1.875},
		"c2":  {"standard": 4}, "t2d": {"standard": 4}, "t2a": {"standard": 4}, "h3": {"standard": 4}, "g2": {"standard": 4},
		"g4": {"standard": 3.75}, "z3": {"highmem": 8}, "m3": {"ultramem": 30.5, "megamem": 15.25},
	}[family][shape]
}

// special are the machine types whose size no rule tells: vCPUs, GiB, and vCPUs that are paid for.
// Sources: cloud.google.com/compute/docs/gpus, general-purpose-machines#sharedcore.
func special(name string) (size [3]float64, ok bool) {
	size, ok = map[string][3]float64{
		"e2-micro": {2, 1, 0.25}, "e2-small": {2, 2, 0.5}, "e2-medium": {2, 4, 1}, "f1-micro": {1, 0.6, 0.2}, "g1-small": {1, 1.7, 0.5},
		"a2-highgpu-1g": {12, 85}, "a2-highgpu-2g": {24, 170}, "a2-highgpu-4g": {48, 340}, "a2-highgpu-8g": {96, 680},
		"a2-megagpu-16g": {96, 1360}, "a2-ultragpu-1g": {12, 170}, "a2-ultragpu-2g": {24, 340}, "a2-ultragpu-4g": {48, 680},
		"a2-ultragpu-8g": {96, 1360}, "a3-highgpu-1g": {26, 234}, "a3-highgpu-2g": {52, 468}, "a3-highgpu-4g": {104, 936},
		"a3-highgpu-8g": {208, 1872}, "a3-edgegpu-8g": {208, 1872}, "a3-megagpu-8g": {208, 1872}, "a3-ultragpu-8g": {224, 2952},
		"a4-highgpu-8g": {224, 3968}, "a4x-highgpu-4g": {140, 884},
	}[name]
	if size[2] == 0 {
		size[2] = size[0]
	}
	return size, ok
}

// readMachine reads the name of a machine type: "n2-standard-4", "n2-custom-6-20480", "custom-2-8192". It reports
// false for those whose name does not tell vCPUs and memory.
func readMachine(name string) (machine, bool) {
	parts := strings.Split(name, "-")
	if parts[0] == "custom" {
		parts = append([]string{"n1"}, parts...)
	}
	if len(parts) < 2 {
		return machine{}, false
	}
	m := machine{name: name, family: parts[0], shape: parts[1]}
	if size, ok := special(strings.Join(parts[:min(len(parts), 3)], "-")); ok {
		m.vcpus, m.memoryGB, m.billed = size[0], size[1], size[2]
		return m, true
	}
	if len(parts) < 3 {
		return machine{}, false
	}
	m.vcpus = count(parts[2])
	if m.shape == "custom" {
		if len(parts) > 3 && memoryPerCPU(m.family, "standard") > 0 {
			m.memoryGB, m.extended = count(parts[3])/1024, slices.Contains(parts[4:], "ext") // MiB
		}
	} else {
		m.memoryGB = m.vcpus * memoryPerCPU(m.family, m.shape)
		if m.family == "c4" || m.family == "c4d" {
			m.memoryGB = math.Floor(m.memoryGB)
		}
	}
	m.billed = m.vcpus
	return m, m.vcpus > 0 && m.memoryGB > 0
}

// count reads a whole number, 0 where it is none or beyond belief.
func count(s string) float64 {
	n, err := strconv.Atoi(s)
	if err != nil || n < 0 || n > 1<<26 {
		return 0
	}
	return float64(n)
}

// bundled returns the GPUs that come with a machine type, nil where there are none. Source:
// cloud.google.com/compute/docs/gpus (A2, A3, A4, G2, G4).
func bundled(machineType string) *cloud.GPU {
	parts := strings.Split(machineType, "-")
	if len(parts) < 3 {
		return nil
	}
	accelerator := map[string]string{
		"a2-highgpu": "nvidia-tesla-a100", "a2-megagpu": "nvidia-tesla-a100", "a2-ultragpu": "nvidia-a100-80gb",
		"a3-highgpu": "nvidia-h100-80gb", "a3-edgegpu": "nvidia-h100-80gb", "a3-megagpu": "nvidia-h100-mega-80gb",
		"a3-ultragpu": "nvidia-h200-141gb", "a4-highgpu": "nvidia-b200", "a4x-highgpu": "nvidia-gb200",
		"g2-standard": "nvidia-l4", "g4-standard": "nvidia-rtx-pro-6000",
	}[parts[0]+"-"+parts[1]]
	if accelerator == "" {
		return nil
	}
	g := card(accelerator)
	g.Count = count(strings.TrimSuffix(parts[2], "g"))
	if parts[0] == "g2" || parts[0] == "g4" { // their names count vCPUs
		g.Count = byCPUs(parts[0], int(g.Count))
	}
	return g
}

// byCPUs returns the GPUs of a G2 or G4 machine of so many vCPUs.
func byCPUs(family string, vcpus int) float64 {
	if family == "g4" {
		return map[int]float64{48: 1, 96: 2, 192: 4, 384: 8}[vcpus]
	}
	return map[int]float64{4: 1, 8: 1, 12: 1, 16: 1, 24: 2, 32: 1, 48: 4, 96: 8}[vcpus]
}

// card names an accelerator type as people do: "nvidia-tesla-t4" is a "T4", "nvidia-h100-80gb" an "H100 80GB". Memory is
// what the name says, or is known of cards that have but one size.
func card(accelerator string) *cloud.GPU {
	bare := strings.TrimPrefix(strings.TrimPrefix(accelerator, "nvidia-"), "tesla-")
	if accelerator == "nvidia-tesla-a100" {
		bare = "a100-40gb"
	}
	bare = strings.TrimSuffix(bare, workstation)
	g := &cloud.GPU{Type: strings.ToUpper(strings.ReplaceAll(bare, "-", " "))}
	words := strings.Split(bare, "-")
	if size, ok := strings.CutSuffix(words[len(words)-1], "gb"); ok {
		g.MemoryGB = count(size)
	}
	if g.MemoryGB == 0 {
		g.MemoryGB = map[string]float64{
			"t4": 16, "l4": 24, "p4": 8, "p100": 16, "v100": 16, "k80": 12, "b200": 180, "gb200": 186, "rtx-pro-6000": 96,
		}[bare]
	}
	return g
}

// workstation ends the name of an accelerator type that is a card with the licence of a virtual workstation.
const workstation = "-vws"
