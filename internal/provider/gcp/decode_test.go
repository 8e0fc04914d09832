package gcp

import (
	"math"
	"net/http"
	"testing"

	"github.com/adsops/cloudtop/internal/cloud"
)

func TestMachineTypesTellTheirSize(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]machine{
		"e2-standard-4": {"e2", "standard", 4, 16}, "n1-standard-8": {"n1", "standard", 8, 30}, "n2-highmem-8": {"n2", "highmem", 8, 64},
		"n2-custom-6-20480": {"n2", "custom", 6, 20}, "custom-2-8192": {"n1", "custom", 2, 8}, "c3-highcpu-4": {"c3", "highcpu", 4, 8},
		"n2-custom-4-5120-ext": {"n2", "custom", 4, 5}, "a2-highgpu-2g": {"a2", "highgpu", 24, 170}, "c3-standard-8-lssd": {"c3", "standard", 8, 32},
	} {
		if got, ok := readMachine(name); !ok || math.Abs(got.memoryGB-want.memoryGB) > 1e-9 || got.vcpus != want.vcpus || got.family != want.family {
			t.Errorf("%s: got %+v (%v), want %+v", name, got, ok, want)
		}
	}
	for _, name := range []string{"", "f1-micro", "e2-medium", "a3-highgpu-8g", "m1-ultramem-40", "n2-custom-x-1024", "n2-custom-4-", "--"} {
		if got, ok := readMachine(name); ok {
			t.Errorf("%q: got %+v, want that its size is not known", name, got)
		}
	}
}

func TestGPUsThatComeWithAMachineType(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]cloud.GPU{
		"a2-highgpu-1g": {Type: "A100 40GB", Count: 1, MemoryGB: 40}, "a2-megagpu-16g": {Type: "A100 40GB", Count: 16, MemoryGB: 40},
		"a2-ultragpu-4g": {Type: "A100 80GB", Count: 4, MemoryGB: 80}, "a3-highgpu-8g": {Type: "H100 80GB", Count: 8, MemoryGB: 80},
		"a3-megagpu-8g": {Type: "H100 MEGA 80GB", Count: 8, MemoryGB: 80}, "a3-ultragpu-8g": {Type: "H200 141GB", Count: 8, MemoryGB: 141},
		"a4-highgpu-8g": {Type: "B200", Count: 8, MemoryGB: 180}, "g2-standard-24": {Type: "L4", Count: 2, MemoryGB: 24},
		"g2-standard-32": {Type: "L4", Count: 1, MemoryGB: 24}, "g4-standard-192": {Type: "RTX PRO 6000", Count: 4},
	} {
		if got := bundled(name); got == nil || *got != want {
			t.Errorf("%s: got %+v, want %+v", name, got, want)
		}
	}
	for _, name := range []string{"", "n1-standard-8", "e2-medium", "a2"} {
		if got := bundled(name); got != nil {
			t.Errorf("%q: got %+v, want none", name, got)
		}
	}
}

func TestStatesAreMapped(t *testing.T) {
	t.Parallel()
	for native, want := range map[string]cloud.Status{
		"PROVISIONING": cloud.StatusStarting, "STAGING": cloud.StatusStarting, "RUNNING": cloud.StatusRunning, "STOPPING": cloud.StatusStopping,
		"SUSPENDED": cloud.StatusStopped, "TERMINATED": cloud.StatusStopped, "REPAIRING": cloud.StatusFailed, "": cloud.StatusUnknown,
	} {
		if got := instanceStatus(native); got != want {
			t.Errorf("instance %q: got %s, want %s", native, got, want)
		}
	}
}

func TestRegionsOfZones(t *testing.T) {
	t.Parallel()
	for zone, want := range map[string]string{"us-central1-a": "us-central1", "us-central1": "us-central1", "": "", "europe-west4-b": "europe-west4"} {
		if got := regionOf(zone); got != want {
			t.Errorf("%q: got %q, want %q", zone, got, want)
		}
	}
}

func FuzzErrorBodies(f *testing.F) {
	for _, seed := range []string{
		`{"error":"invalid_grant"}`, `{"error":{"code":403,"errors":[{"reason":"rateLimitExceeded"}]}}`, `{"error":[]}`, `null`,
		`{"error":{"details":[{"retryDelay":"-5s"},{"retryDelay":"1e9h"}]}}`,
	} {
		f.Add(403, []byte(seed))
	}
	f.Fuzz(func(t *testing.T, status int, body []byte) {
		if got := classify(status, http.Header{}, body); got.Wait < 0 {
			t.Errorf("a wait of %s", got.Wait)
		}
	})
}

func FuzzMachineTypes(f *testing.F) {
	for _, seed := range []string{"n2-custom-4-5120", "a2-highgpu-1g", "custom-2", "g2-standard-NaN", "e2-standard-Inf"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, name string) {
		if m, ok := readMachine(name); ok && !(m.vcpus > 0 && m.memoryGB > 0 && m.vcpus < 1e10 && m.memoryGB < 1e12) {
			t.Errorf("%q: got %+v", name, m)
		}
		if g := bundled(name); g != nil && !(g.Count >= 0 && g.Count < 1e9) {
			t.Errorf("%q: got %v GPUs", name, g.Count)
		}
	})
}
