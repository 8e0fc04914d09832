package oracle

import (
	"testing"

	"github.com/adsops/cloudtop/internal/cloud"
)

func TestGPUsFollowFromShape(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		shape  string
		config shapeConfig
		want   *cloud.GPU
	}{
		{"VM.Standard.E4.Flex", shapeConfig{}, nil},
		{"VM.Standard.E4.Flex", shapeConfig{GPUs: number{0, true}}, nil},
		{"VM.GPU.A10.2", shapeConfig{}, &cloud.GPU{Type: "A10", Count: 2, MemoryGB: 24}},
		{"BM.GPU.A100-v2.8", shapeConfig{}, &cloud.GPU{Type: "A100", Count: 8, MemoryGB: 80}},
		{"BM.GPU4.8", shapeConfig{}, &cloud.GPU{Type: "A100", Count: 8, MemoryGB: 40}},
		{"VM.GPU3.1", shapeConfig{GPUs: number{1, true}, GPUDescription: "NVIDIA® Tesla® V100"}, &cloud.GPU{Type: "V100", Count: 1, MemoryGB: 16}},
		{"BM.GPU.MI300X.8", shapeConfig{}, &cloud.GPU{Type: "MI300X", Count: 8, MemoryGB: 192}},
		{"BM.GPU.Z9000.4", shapeConfig{}, &cloud.GPU{Type: "Z9000", Count: 4}},
		{"BM.GPU.Z9000.4", shapeConfig{GPUs: number{2, true}, GPUDescription: "NVIDIA® Z9000 Ti"}, &cloud.GPU{Type: "Z9000 Ti", Count: 2}},
		{"Custom.Shape", shapeConfig{GPUs: number{1, true}, GPUDescription: "AMD Instinct™ MI900"}, &cloud.GPU{Type: "MI900", Count: 1}},
	} {
		got := gpuOf(tt.shape, &tt.config)
		if (got == nil) != (tt.want == nil) || got != nil && *got != *tt.want {
			t.Errorf("%s: got %+v, want %+v", tt.shape, got, tt.want)
		}
	}
}

func TestPartsFollowFromShape(t *testing.T) {
	t.Parallel()
	list := newPriceList()
	for shape, want := range map[string]parts{
		"VM.Standard.E4.Flex": {ocpu: "B93113", memory: "B93114"}, "BM.Standard.E4.128": {ocpu: "B93113", memory: "B93114"},
		"CI.Standard.A1.Flex": {ocpu: "B93297", memory: "B93298"}, "VM.Standard2.24": {ocpu: "B88514"}, "BM.GPU4.8": {gpu: "B92740"},
		"BM.GPU.A100-v2.8": {gpu: "B95907"}, "VM.GPU.A10.1": {gpu: "B95909"},
		"VM.Standard.E2.1.Micro": {ocpu: "B91444"}, "VM.Standard.E2.1": {}, "VM.DenseIO.E4.Flex": {ocpu: "B93121", memory: "B93122", disk: "B93123"}, "BM.DenseIO2.52": {ocpu: "B88515"}, "VM.Standard": {}, "": {}, "VM.Standard.E9.Flex": {},
	} {
		got, ok := list.partsOf(shape)
		if got != want || ok != (want != parts{}) {
			t.Errorf("%q: got %+v, %v, want %+v", shape, got, ok, want)
		}
	}
}
