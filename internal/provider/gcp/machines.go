package gcp

import (
	"strconv"
	"strings"

	"github.com/adsops/cloudtop/internal/cloud"
)

// machine is what a machine type's name tells.
type machine struct {
	family   string // "n2"
	shape    string // "standard", "highmem", "custom" ...
	vcpus    float64
	memoryGB float64 // GiB
}

// memoryPerCPU is GiB per vCPU by the shape of a machine type
// (cloud.google.com/compute/docs/general-purpose-machines); n1 has less of it.
func memoryPerCPU(family, shape string) float64 {
	perCPU := map[string]float64{"standard": 4, "highmem": 8, "highcpu": 1}
	switch {
	case family == "n1":
		perCPU = map[string]float64{"standard": 3.75, "highmem": 6.5, "highcpu": 0.9}
	case (family == "c3" || family == "c4" || family == "c4d" || family == "c3d" || family == "n4") && shape == "highcpu":
		return 2
	case family == "a2" && shape == "highgpu":
		return 85.0 / 12
	case family == "a2" && shape == "ultragpu":
		return 170.0 / 12
	}
	return perCPU[shape]
}

// readMachine reads the name of a machine type: "n2-standard-4", "n2-custom-6-20480", "custom-2-8192". It reports
// false for those whose name does not tell vCPUs and memory.
func readMachine(name string) (machine, bool) {
	parts := strings.Split(name, "-")
	if parts[0] == "custom" {
		parts = append([]string{"n1"}, parts...)
	}
	if len(parts) < 3 {
		return machine{}, false
	}
	m := machine{family: parts[0], shape: parts[1]}
	n := count(parts[2])
	switch {
	case m.shape == "custom":
		if len(parts) > 3 {
			m.vcpus, m.memoryGB = n, count(parts[3])/1024 // MiB
		}
	case m.family == "a2": // a2-highgpu-4g: 12 vCPUs for each GPU
		m.vcpus = 12 * count(strings.TrimSuffix(parts[2], "g"))
		m.memoryGB = m.vcpus * memoryPerCPU(m.family, m.shape)
	default:
		m.vcpus, m.memoryGB = n, n*memoryPerCPU(m.family, m.shape)
	}
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
	bare = strings.TrimSuffix(bare, "-vws") // a virtual workstation's licence on the same card
	g := &cloud.GPU{Type: strings.ToUpper(strings.ReplaceAll(bare, "-", " "))}
	words := strings.Split(bare, "-")
	if size, ok := strings.CutSuffix(words[len(words)-1], "gb"); ok {
		g.MemoryGB, _ = strconv.ParseFloat(size, 64)
	}
	if g.MemoryGB == 0 {
		g.MemoryGB = map[string]float64{"t4": 16, "l4": 24, "p4": 8, "p100": 16, "v100": 16, "k80": 12, "b200": 180}[bare]
	}
	return g
}
