package gcp

import (
	"math"
	"net/http"
	"testing"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
)

func TestMachineTypesTellTheirSize(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]machine{
		"e2-standard-4":        {family: "e2", shape: "standard", vcpus: 4, memoryGB: 16, billed: 4},
		"e2-highcpu-8":         {family: "e2", shape: "highcpu", vcpus: 8, memoryGB: 8, billed: 8},
		"n1-standard-8":        {family: "n1", shape: "standard", vcpus: 8, memoryGB: 30, billed: 8},
		"n1-highcpu-2":         {family: "n1", shape: "highcpu", vcpus: 2, memoryGB: 1.8, billed: 2},
		"n2-highmem-8":         {family: "n2", shape: "highmem", vcpus: 8, memoryGB: 64, billed: 8},
		"n2-custom-6-20480":    {family: "n2", shape: "custom", vcpus: 6, memoryGB: 20, billed: 6},
		"custom-2-8192":        {family: "n1", shape: "custom", vcpus: 2, memoryGB: 8, billed: 2},
		"n2-custom-4-5120-ext": {family: "n2", shape: "custom", vcpus: 4, memoryGB: 5, billed: 4, extended: true},
		"c2d-highcpu-2":        {family: "c2d", shape: "highcpu", vcpus: 2, memoryGB: 4, billed: 2},
		"c3-highcpu-4":         {family: "c3", shape: "highcpu", vcpus: 4, memoryGB: 8, billed: 4},
		"c3-standard-8-lssd":   {family: "c3", shape: "standard", vcpus: 8, memoryGB: 32, billed: 8},
		"c4-standard-2":        {family: "c4", shape: "standard", vcpus: 2, memoryGB: 7, billed: 2},
		"c4-standard-4":        {family: "c4", shape: "standard", vcpus: 4, memoryGB: 15, billed: 4},
		"c4d-highcpu-4":        {family: "c4d", shape: "highcpu", vcpus: 4, memoryGB: 7, billed: 4},
		"c4d-highmem-8":        {family: "c4d", shape: "highmem", vcpus: 8, memoryGB: 63, billed: 8},
		"m3-ultramem-32":       {family: "m3", shape: "ultramem", vcpus: 32, memoryGB: 976, billed: 32},
		"z3-highmem-88":        {family: "z3", shape: "highmem", vcpus: 88, memoryGB: 704, billed: 88},
		"e2-micro":             {family: "e2", shape: "micro", vcpus: 2, memoryGB: 1, billed: 0.25},
		"e2-medium":            {family: "e2", shape: "medium", vcpus: 2, memoryGB: 4, billed: 1},
		"f1-micro":             {family: "f1", shape: "micro", vcpus: 1, memoryGB: 0.6, billed: 0.2},
		"g1-small":             {family: "g1", shape: "small", vcpus: 1, memoryGB: 1.7, billed: 0.5},
		"g2-standard-8":        {family: "g2", shape: "standard", vcpus: 8, memoryGB: 32, billed: 8},
		"g4-standard-48":       {family: "g4", shape: "standard", vcpus: 48, memoryGB: 180, billed: 48},
		"a2-highgpu-2g":        {family: "a2", shape: "highgpu", vcpus: 24, memoryGB: 170, billed: 24},
		"a2-megagpu-16g":       {family: "a2", shape: "megagpu", vcpus: 96, memoryGB: 1360, billed: 96},
		"a2-ultragpu-8g":       {family: "a2", shape: "ultragpu", vcpus: 96, memoryGB: 1360, billed: 96},
		"a3-highgpu-8g":        {family: "a3", shape: "highgpu", vcpus: 208, memoryGB: 1872, billed: 208},
		"a3-ultragpu-8g":       {family: "a3", shape: "ultragpu", vcpus: 224, memoryGB: 2952, billed: 224},
		"a4-highgpu-8g":        {family: "a4", shape: "highgpu", vcpus: 224, memoryGB: 3968, billed: 224},
	} {
		got, ok := readMachine(name)
		want.name, want.memoryGB, got.memoryGB = name, math.Round(want.memoryGB*1e6), math.Round(got.memoryGB*1e6)
		if !ok || got != want {
			t.Errorf("%s: got %+v (%v), want %+v", name, got, ok, want)
		}
	}
	for _, name := range []string{
		"", "e2", "m1-ultramem-40", "n2-custom-x-1024", "n2-custom-4-", "n2-custom-4", "--", "zz9-standard-4", "zz9-custom-2-4096", "e2-standard-NaN",
		"x4-megamem-960-metal", "ct5lp-hightpu-4t",
	} {
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
		"g2-standard-32": {Type: "L4", Count: 1, MemoryGB: 24}, "g4-standard-192": {Type: "RTX PRO 6000", Count: 4, MemoryGB: 96},
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

// The words are those of the discovery documents' enumerations, all of them.
func TestStatesAreMapped(t *testing.T) {
	t.Parallel()
	of := func(state string) map[string]cloud.Status { // the words of each of ours, by service
		return map[string]map[string]cloud.Status{
			"instance": {
				"PENDING": cloud.StatusStarting, "PROVISIONING": cloud.StatusStarting, "STAGING": cloud.StatusStarting, "RUNNING": cloud.StatusRunning,
				"REPAIRING": cloud.StatusFailed, "PENDING_STOP": cloud.StatusStopping, "STOPPING": cloud.StatusStopping, "SUSPENDING": cloud.StatusStopping,
				"DEPROVISIONING": cloud.StatusStopping, "STOPPED": cloud.StatusStopped, "SUSPENDED": cloud.StatusStopped, "TERMINATED": cloud.StatusStopped,
			},
			"cluster": {
				"STATUS_UNSPECIFIED": cloud.StatusUnknown, "PROVISIONING": cloud.StatusStarting, "RUNNING": cloud.StatusRunning,
				"RECONCILING": cloud.StatusRunning, "STOPPING": cloud.StatusStopping, "ERROR": cloud.StatusFailed, "DEGRADED": cloud.StatusFailed,
			},
			"function": {
				"STATE_UNSPECIFIED": cloud.StatusUnknown, "ACTIVE": cloud.StatusRunning, "FAILED": cloud.StatusFailed, "DEPLOYING": cloud.StatusStarting,
				"DELETING": cloud.StatusStopping, "UNKNOWN": cloud.StatusUnknown, "DETACHING": cloud.StatusRunning, "DETACH_FAILED": cloud.StatusRunning,
			},
			"service": {
				"STATE_UNSPECIFIED": cloud.StatusUnknown, "CONDITION_PENDING": cloud.StatusStarting, "CONDITION_RECONCILING": cloud.StatusStarting,
				"CONDITION_FAILED": cloud.StatusFailed, "CONDITION_SUCCEEDED": cloud.StatusRunning,
			},
			"database": {
				"SQL_INSTANCE_STATE_UNSPECIFIED": cloud.StatusUnknown, "RUNNABLE": cloud.StatusRunning, "SUSPENDED": cloud.StatusStopped,
				"PENDING_DELETE": cloud.StatusStopping, "PENDING_CREATE": cloud.StatusStarting, "MAINTENANCE": cloud.StatusStarting,
				"FAILED": cloud.StatusFailed, "ONLINE_MAINTENANCE": cloud.StatusRunning, "REPAIRING": cloud.StatusStarting,
			},
		}[state]
	}
	for what, status := range map[string]func(string) cloud.Status{
		"instance": instanceStatus, "cluster": clusterStatus, "function": functionStatus,
		"service": func(s string) cloud.Status {
			v := runService{}
			v.TerminalCondition.State = s
			return v.status()
		},
		"database": func(s string) cloud.Status { return (&database{State: s}).status() },
	} {
		words := of(what)
		words[""], words["A_NEW_WORD"] = cloud.StatusUnknown, cloud.StatusUnknown
		for native, want := range words {
			if got := status(native); got != want {
				t.Errorf("%s %q: got %s, want %s", what, native, got, want)
			}
		}
	}
}

func TestMachinesAreRentedByTheirModel(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		model       string
		preemptible bool
		want        string
	}{
		{"STANDARD", false, "STANDARD"}, {"SPOT", true, "SPOT"}, {"SPOT", false, "SPOT"}, {"", true, "PREEMPTIBLE"}, {"STANDARD", true, "PREEMPTIBLE"},
		{"FLEX_START", false, "FLEX_START"}, {"RESERVATION_BOUND", false, "RESERVATION_BOUND"}, {"", false, ""},
	} {
		var v instance
		v.Scheduling.ProvisioningModel, v.Scheduling.Preemptible = c.model, c.preemptible
		if got := v.model(); got != c.want {
			t.Errorf("%q, preemptible %v: got %q, want %q", c.model, c.preemptible, got, c.want)
		}
	}
}

func TestCardsAreNamedAsPeopleDo(t *testing.T) {
	t.Parallel()
	for accelerator, want := range map[string]cloud.GPU{
		"nvidia-tesla-t4": {Type: "T4", MemoryGB: 16}, "nvidia-tesla-t4-vws": {Type: "T4", MemoryGB: 16}, "nvidia-l4": {Type: "L4", MemoryGB: 24},
		"nvidia-l4-vws": {Type: "L4", MemoryGB: 24}, "nvidia-tesla-p4": {Type: "P4", MemoryGB: 8}, "nvidia-tesla-p100": {Type: "P100", MemoryGB: 16},
		"nvidia-tesla-v100": {Type: "V100", MemoryGB: 16}, "nvidia-tesla-k80": {Type: "K80", MemoryGB: 12},
		"nvidia-tesla-a100": {Type: "A100 40GB", MemoryGB: 40}, "nvidia-a100-80gb": {Type: "A100 80GB", MemoryGB: 80},
		"nvidia-h100-80gb": {Type: "H100 80GB", MemoryGB: 80}, "nvidia-h100-mega-80gb": {Type: "H100 MEGA 80GB", MemoryGB: 80},
		"nvidia-h200-141gb": {Type: "H200 141GB", MemoryGB: 141}, "nvidia-b200": {Type: "B200", MemoryGB: 180}, "nvidia-b300": {Type: "B300"},
		"ct5lp": {Type: "CT5LP"},
	} {
		if got := card(accelerator); *got != want {
			t.Errorf("%s: got %+v, want %+v", accelerator, *got, want)
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

func TestPartsOfNames(t *testing.T) {
	t.Parallel()
	for link, want := range map[string]string{"": "", "a": "a", "https://x/zones/us-east1-b": "us-east1-b", "projects/p/locations/l/services/s": "s"} {
		if got := last(link); got != want {
			t.Errorf("last of %q: got %q, want %q", link, got, want)
		}
	}
	for _, c := range []struct{ name, word, want string }{
		{"projects/p/locations/l/services/s", "locations", "l"}, {"projects/p/locations/l", "locations", "l"}, {"locations/l", "locations", ""}, {"", "x", ""},
	} {
		if got := segment(c.name, c.word); got != c.want {
			t.Errorf("%s of %q: got %q, want %q", c.word, c.name, got, c.want)
		}
	}
	for in, known := range map[string]bool{"2026-02-03T04:05:06Z": true, "2026-02-03T04:05:06.123456789+02:00": true, "": false, "yesterday": false, "2026-02-03": false} {
		if got := moment(in); got.IsZero() == known || (known && got.Location() != time.UTC) {
			t.Errorf("%q: got %v", in, got)
		}
	}
}

func TestMissingPartsAreSaidInWords(t *testing.T) {
	t.Parallel()
	for want, err := range map[string]error{
		"gcp: list: a did not answer": missing("list", "a", ""), "gcp: list: a: too slow": missing("list", "a:", "too slow"),
	} {
		if cloud.KindOf(err) != cloud.KindPartial || err.Error() != want {
			t.Errorf("got %q of kind %q, want %q", err, cloud.KindOf(err), want)
		}
	}
	refused := &cloud.Error{Kind: cloud.KindDenied, Op: "gcp: x", Detail: "no", Hint: "ask"}
	if e, ok := partially(refused).(*cloud.Error); !ok || e.Kind != cloud.KindPartial || e.Hint != "ask" || e.Op != "gcp: x" { //nolint:errorlint // it is not wrapped
		t.Errorf("got %+v", e)
	}
	for _, kind := range []cloud.Kind{cloud.KindAuth, cloud.KindCancelled, cloud.KindTimeout} {
		whole := &cloud.Error{Kind: kind}
		if got := partially(whole); cloud.KindOf(got) != kind || !ending(whole) {
			t.Errorf("%s: got %v, which ends everything", kind, got)
		}
	}
}
