package azure

import (
	"math"
	"testing"

	"github.com/adsops/cloudtop/internal/cloud"
)

func TestNamesOfSizes(t *testing.T) {
	t.Parallel()
	tests := []struct {
		size  string
		vcpus float64
		told  float64 // GPUs that the resource SKUs tell
		gpu   *cloud.GPU
	}{
		{"Standard_D4s_v5", 4, 0, nil},
		{"Standard_B2ms", 2, 0, nil},
		{"Standard_B1ls", 1, 0, nil},
		{"Standard_E4-2as_v5", 2, 0, nil},
		{"Standard_M128-32ms", 32, 0, nil},
		{"Standard_F8s_v2", 8, 0, nil},
		{"Standard_HB120-64rs_v3", 64, 0, nil},
		{"Standard_DC8eds_v5", 8, 0, nil},
		{"Standard_A2m_v2", 2, 0, nil},
		{"Basic_A1", 0, 0, nil},
		{"Standard_A8", 0, 0, nil},
		{"Standard_D3", 0, 0, nil},
		{"Standard_DS13-2_v2", 0, 0, nil},
		{"Standard_D3_v2_Promo", 0, 0, nil},
		{"Standard_GS5-16", 0, 0, nil},
		{"Standard_NP10s", 10, 1, nil}, // an FPGA
		{"Standard_NC6", 6, 1, &cloud.GPU{Type: "K80", Count: 1, MemoryGB: 12}},
		{"Standard_NC24rs_v2", 24, 4, &cloud.GPU{Type: "P100", Count: 4, MemoryGB: 16}},
		{"Standard_NC6s_v3", 6, 1, &cloud.GPU{Type: "V100", Count: 1, MemoryGB: 16}},
		{"Standard_NC64as_T4_v3", 64, 4, &cloud.GPU{Type: "T4", Count: 4, MemoryGB: 16}},
		{"Standard_NC48ads_A100_v4", 48, 2, &cloud.GPU{Type: "A100 PCIe", Count: 2, MemoryGB: 80}},
		{"Standard_NC40ads_H100_v5", 40, 1, &cloud.GPU{Type: "H100 NVL", Count: 1, MemoryGB: 94}},
		{"Standard_NCC40ads_H100_v5", 40, 1, &cloud.GPU{Type: "H100 NVL", Count: 1, MemoryGB: 94}},
		{"Standard_ND40rs_v2", 40, 8, &cloud.GPU{Type: "V100", Count: 8, MemoryGB: 32}},
		{"Standard_ND96asr_v4", 96, 8, &cloud.GPU{Type: "A100 SXM", Count: 8, MemoryGB: 40}},
		{"Standard_ND96amsr_A100_v4", 96, 8, &cloud.GPU{Type: "A100 SXM", Count: 8, MemoryGB: 80}},
		{"standard_nd96isr_h100_v5", 96, 8, &cloud.GPU{Type: "H100 SXM", Count: 8, MemoryGB: 80}},
		{"Standard_ND96isr_H200_v5", 96, 0, &cloud.GPU{Type: "H200 SXM", MemoryGB: 141}},
		{"Standard_ND96isr_MI300X_v5", 96, 8, &cloud.GPU{Type: "MI300X", Count: 8, MemoryGB: 192}},
		{"Standard_ND128isr_NDR_GB200_v6", 128, 4, &cloud.GPU{Type: "GB200", Count: 4}},
		{"Standard_NV12s_v3", 12, 1, &cloud.GPU{Type: "M60", Count: 1, MemoryGB: 8}},
		{"Standard_NV4as_v4", 4, 1, &cloud.GPU{Type: "MI25", Count: 1.0 / 8, MemoryGB: 16}},
		{"Standard_NV6ads_A10_v5", 6, 1, &cloud.GPU{Type: "A10", Count: 1.0 / 6, MemoryGB: 24}},
		{"Standard_NV18ads_A10_v5", 18, 0, &cloud.GPU{Type: "A10", Count: 0.5, MemoryGB: 24}},
		{"Standard_NV12ads_A10_v5", 12, 0.3333, &cloud.GPU{Type: "A10", Count: 0.3333, MemoryGB: 24}}, // told as a part
		{"Standard_NV36adms_A10_v5", 36, 1, &cloud.GPU{Type: "A10", Count: 1, MemoryGB: 24}},
		{"Standard_NV72ads_A10_v5", 72, 2, &cloud.GPU{Type: "A10", Count: 2, MemoryGB: 24}},
		{"Standard_NV28adms_V710_v5", 28, 1, &cloud.GPU{Type: "V710", Count: 1, MemoryGB: 24}},
		{"Standard_NG16ads_V620_v1", 16, 1, &cloud.GPU{Type: "V620", Count: 0.5, MemoryGB: 32}},
		{"Standard_NX8_Z1_v9", 8, 2, &cloud.GPU{Type: "unknown NX_Z1", Count: 2}},
	}
	for _, tt := range tests {
		n, ok := nameOf(tt.size)
		if !ok || n.vcpus != tt.vcpus {
			t.Errorf("%s: got %v vCPUs, %v; want %v", tt.size, n.vcpus, ok, tt.vcpus)
			continue
		}
		got := n.gpu(size{gpus: tt.told})
		switch {
		case (got == nil) != (tt.gpu == nil):
			t.Errorf("%s: got %+v, want %+v", tt.size, got, tt.gpu)
		case got != nil && (got.Type != tt.gpu.Type || math.Abs(got.Count-tt.gpu.Count) > 1e-9 || got.MemoryGB != tt.gpu.MemoryGB):
			t.Errorf("%s: got %+v, want %+v", tt.size, *got, *tt.gpu)
		}
	}
	for _, no := range []string{"", "Standard_", "D4s_v5", "Standard_4", "Standard_D4s_v5 "} {
		if n, ok := nameOf(no); ok {
			t.Errorf("%q: got %+v, want no name of a size", no, n)
		}
	}
}

func FuzzNamesOfSizes(f *testing.F) {
	for _, s := range []string{"Standard_D4s_v5", "Standard_ND128isr_NDR_GB200_v6", "Standard_E4-2as_v5", "Basic_A1", "Standard_D3_v2_Promo"} {
		f.Add(s, 1.0)
	}
	f.Fuzz(func(t *testing.T, name string, told float64) {
		n, ok := nameOf(name)
		if !ok {
			return
		}
		if n.vcpus < 0 || n.family == "" {
			t.Errorf("%q: got %+v", name, n)
		}
		if told < 0 || math.IsNaN(told) {
			return
		}
		if g := n.gpu(size{gpus: told}); g != nil && (g.Count < 0 || g.Type == "") {
			t.Errorf("%q with %v: got %+v", name, told, g)
		}
	})
}

func TestGPUsOfSeveralPoolsAreAdded(t *testing.T) {
	t.Parallel()
	known := sizes{"eastus": {"standard_nc4as_t4_v3": {vcpus: 4, memoryGB: 28, gpus: 1}, "standard_nc24ads_a100_v4": {gpus: 1}}}
	tests := []struct {
		name     string
		machines []machines
		want     *cloud.GPU
		vcpus    any
	}{
		{"none", nil, nil, nil},
		{"no GPU", []machines{{"Standard_D4s_v5", 3}}, nil, 4.0},
		{"one pool", []machines{{"Standard_NC4as_T4_v3", 3}}, &cloud.GPU{Type: "T4", Count: 3, MemoryGB: 16}, 4.0},
		{"with one without", []machines{{"Standard_D4s_v5", 3}, {"Standard_NC4as_T4_v3", 2}}, &cloud.GPU{Type: "T4", Count: 2, MemoryGB: 16}, nil},
		{"two of a kind", []machines{{"Standard_NC4as_T4_v3", 1}, {"Standard_NC4as_T4_v3", 2}}, &cloud.GPU{Type: "T4", Count: 3, MemoryGB: 16}, nil},
		{"two kinds", []machines{{"Standard_NC4as_T4_v3", 1}, {"Standard_NC24ads_A100_v4", 2}}, &cloud.GPU{Type: "T4, A100 PCIe", Count: 3}, nil},
		{"a size without a form", []machines{{"mystery", 2}}, nil, nil},
	}
	for _, tt := range tests {
		it := &item{Resource: cloud.Resource{Region: "eastus"}, machines: tt.machines}
		r := it.sized(known)
		if (r.GPU == nil) != (tt.want == nil) || r.GPU != nil && *r.GPU != *tt.want || r.Attr("vcpus") != tt.vcpus {
			t.Errorf("%s: got %+v and %v vCPUs, want %+v and %v", tt.name, r.GPU, r.Attr("vcpus"), tt.want, tt.vcpus)
		}
	}
}
