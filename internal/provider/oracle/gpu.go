package oracle

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/adsops/cloudtop/internal/cloud"
)

// gpuShape splits a GPU shape's name: BM.GPU.H100.8, VM.GPU.A10.2, BM.GPU.A100-v2.8, BM.GPU4.8, VM.GPU3.1.
var gpuShape = regexp.MustCompile(`^(?:VM|BM)\.GPU(\d*)(?:\.([A-Z][A-Za-z0-9-]*))?\.(\d+)$`)

// revision is what tells a later shape with the same cards: BM.GPU.GB200-v2.4.
var revision = regexp.MustCompile(`-v\d+$`)

// card is a kind of GPU.
type card struct {
	name     string
	memoryGB float64
}

// cards returns the cards of the shapes by the part of the shape's name that tells them
// (docs.oracle.com/iaas/Content/Compute/References/computeshapes.htm).
func cards() map[string]card {
	return map[string]card{
		"2": {"P100", 16}, "3": {"V100", 16}, "4": {"A100", 40}, "A10": {"A10", 24}, "A100-v2": {"A100", 80},
		"H100": {"H100", 80}, "H200": {"H200", 141}, "B200": {"B200", 180}, "GB200": {"GB200", 192},
		"L40S": {"L40S", 48}, "MI300X": {"MI300X", 192}, "MI355X": {"MI355X", 288}, "GM4": {"A100", 80},
	}
}

// gpuOf returns an instance's GPUs: as its shape's configuration says, else as its shape's name says.
func gpuOf(shape string, c *shapeConfig) *cloud.GPU {
	var kind string
	var count float64
	if !strings.Contains(shape, "GPU") && !c.GPUs.positive() {
		return nil // as most are
	}
	if m := gpuShape.FindStringSubmatch(shape); m != nil {
		kind = m[1] + m[2]
		count, _ = strconv.ParseFloat(m[3], 64)
	}
	if c.GPUs.known {
		count = c.GPUs.v
	}
	if count == 0 {
		return nil
	}
	g := &cloud.GPU{Type: kind, Count: count}
	for _, k := range []string{kind, revision.ReplaceAllString(kind, "")} {
		if known, ok := cards()[k]; ok {
			g.Type, g.MemoryGB = known.name, known.memoryGB
			return g
		}
	}
	if c.GPUDescription != "" {
		g.Type = gpuName(c.GPUDescription)
	}
	return g
}

// gpuName shortens "NVIDIA® Tesla® V100" to the name that people use.
func gpuName(description string) string {
	s := strings.NewReplacer("®", "", "™", "").Replace(description)
	for _, maker := range []string{"NVIDIA ", "AMD ", "Tesla ", "Instinct "} {
		s = strings.ReplaceAll(s, maker, "")
	}
	return strings.TrimSpace(s)
}
