package oracle

import (
	"net/url"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/adsops/cloudtop/internal/cloud"
)

// allowed reports whether the spec names a host.
func allowed(host string) bool {
	return slices.ContainsFunc(Spec().Hosts, func(pattern string) bool {
		ok, err := path.Match(pattern, host)
		return err == nil && ok
	})
}

// TestEveryAddressIsAllowed: what the driver calls, in every realm, and nothing else of Oracle's.
func TestEveryAddressIsAllowed(t *testing.T) {
	t.Parallel()
	for _, realm := range realmNames() {
		for _, api := range []string{coreAPI, identityAPI, monitoringAPI, containersAPI, okeAPI, databaseAPI, authAPI} {
			at, err := url.Parse(endpoint(api, "some-region-1", domainOf("ocid1.tenancy."+realm+"..x")))
			if err != nil || at.Scheme != "https" || !allowed(at.Hostname()) {
				t.Errorf("%s in %s is at %v, %v, which is not among the hosts", api, realm, at, err)
			}
		}
	}
	for _, host := range []string{"apexapps.oracle.com", "169.254.169.254"} {
		if !allowed(host) {
			t.Errorf("%s is not among the hosts", host)
		}
	}
	for _, host := range []string{"oraclecloud.com", "objectstorage.us-ashburn-1.oraclecloud.com", "iaas.us-ashburn-1.oraclecloud.com.evil.example", "evil.example"} {
		if allowed(host) {
			t.Errorf("%s is among the hosts", host)
		}
	}
}

func TestRealmsAreTheVendors(t *testing.T) {
	t.Parallel()
	for ocid, want := range map[string]string{
		"ocid1.tenancy.oc1..x": "oraclecloud.com", "ocid1.tenancy.oc3..x": "oraclegovcloud.com", "ocid1.tenancy.oc10..x": "oraclecloud10.com",
		"ocid1.tenancy.oc52..x": "oraclecloud52.com", "ocid1.tenancy.oc77..x": "oraclecloud.com", "ocid1.tenancy": "oraclecloud.com", "": "oraclecloud.com",
	} {
		if got := domainOf(ocid); got != want {
			t.Errorf("%q is at %s, want %s", ocid, got, want)
		}
	}
	for s, want := range map[string]bool{
		"ocid1.compartment.oc1..x": true, "ocid1.instance.oc1.iad.x": true, "ocid1.x": false, "prod/web": false, "": false, "ocid2.a.b.c.d": false,
	} {
		if isOCID(s) != want {
			t.Errorf("%q is an OCID: %v, want %v", s, !want, want)
		}
	}
	for s, want := range map[string]string{
		"us-ashburn-1": "us-ashburn-1", "US-Ashburn-1 ": "us-ashburn-1", "iad": "us-ashburn-1", "PHX": "us-phoenix-1", "fra": "eu-frankfurt-1",
		"lhr": "uk-london-1", "new-region-7": "new-region-7", "": "",
	} {
		if got := regionName(s); got != want {
			t.Errorf("%q is the region %q, want %q", s, got, want)
		}
	}
}

// TestThePolicyAllowsWhatIsRead and only reading.
func TestThePolicyAllowsWhatIsRead(t *testing.T) {
	t.Parallel()
	spec := Spec()
	for _, svc := range spec.Services {
		if !strings.Contains(spec.Permissions, "Allow group cloudtop to "+svc.Permission+" in tenancy") {
			t.Errorf("the policy does not allow to %s", svc.Permission)
		}
	}
	for line := range strings.SplitSeq(spec.Permissions, "\n") {
		words := strings.Fields(line)
		if len(words) != 8 || words[4] != "read" && words[4] != "inspect" || !strings.HasSuffix(line, " in tenancy") {
			t.Errorf("%q is no statement that allows to read", line)
		}
	}
	for _, q := range spec.Queries {
		if q.Method != "POST" || !strings.HasSuffix(q.Path, "summarizeMetricsData") && q.Path != "/v1/x509" {
			t.Errorf("%+v is no call that only reads", q)
		}
	}
}

// TestServicesGoByTheirNames as users and configurations write them.
func TestServicesGoByTheirNames(t *testing.T) {
	t.Parallel()
	for asked, want := range map[string]string{
		"compute": "compute", "instances": "compute", "gpu": "compute", "containers": "containers oke", "container_instances": "containers",
		"oke": "oke", "kubernetes": "oke", "autonomous_db": "autonomous_db", "autonomous_database": "autonomous_db", "database": "autonomous_db",
		"storage": "", "functions": "",
	} {
		var got []string
		for _, svc := range Spec().Services {
			if svc.Is(asked) {
				got = append(got, svc.Name)
			}
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s is %q, want %q", asked, got, want)
		}
	}
	if s := Spec(); !s.Called("oracle") || !s.Called("OCI") || s.Short != "o" || s.AI {
		t.Errorf("the provider is called %s, %v, -%s", s.Name, s.Aliases, s.Short)
	}
}

// TestSecretsAreMarked so that they are shown nowhere.
func TestSecretsAreMarked(t *testing.T) {
	t.Parallel()
	for _, m := range Spec().Auth {
		for _, f := range m.Fields {
			secret := slices.Contains([]string{"private_key", "pass_phrase", "rpst", "private_pem"}, f.Name)
			if f.Secret != secret || len(f.Env) == 0 {
				t.Errorf("%s: %s is secret: %v, read from %v", m.Name, f.Name, f.Secret, f.Env)
			}
		}
		if ambient := m.Name == methodEnvironment; m.Ambient != ambient || m.Help == "" || ambient != (m.Parse == nil) {
			t.Errorf("%+v", m)
		}
	}
}

func TestCardsOfAShapeAreCounted(t *testing.T) {
	t.Parallel()
	for shape, want := range map[string]cloud.GPU{
		"BM.GPU2.2": {Type: "P100", Count: 2, MemoryGB: 16}, "VM.GPU3.4": {Type: "V100", Count: 4, MemoryGB: 16}, "BM.GPU.A10.4": {Type: "A10", Count: 4, MemoryGB: 24},
		"BM.GPU.H200.8": {Type: "H200", Count: 8, MemoryGB: 141}, "BM.GPU.B200.8": {Type: "B200", Count: 8, MemoryGB: 180},
		"BM.GPU.GB200.4": {Type: "GB200", Count: 4, MemoryGB: 192}, "BM.GPU.GB200-v2.4": {Type: "GB200", Count: 4, MemoryGB: 192},
		"BM.GPU.L40S.4": {Type: "L40S", Count: 4, MemoryGB: 48}, "BM.GPU.GM4.8": {Type: "A100", Count: 8, MemoryGB: 80},
		"BM.GPU.MI355X-v1.8": {Type: "MI355X", Count: 8, MemoryGB: 288}, "BM.GPU.A100-v2.8": {Type: "A100", Count: 8, MemoryGB: 80},
		"BM.GPU.Next-v3.2": {Type: "Next-v3", Count: 2}, "BM.GPU.H100.0": {}, "VM.Standard.GPU.1": {}, "BM.GPU.H100": {}, "": {},
	} {
		got := gpuOf(shape, &shapeConfig{})
		if got == nil {
			got = &cloud.GPU{}
		}
		if *got != want {
			t.Errorf("%s has %+v, want %+v", shape, *got, want)
		}
	}
	for description, want := range map[string]string{
		"NVIDIA® Tesla® V100": "V100", "NVIDIA® A10": "A10", "AMD Instinct™ MI300X": "MI300X", "NVIDIA H100 80GB": "H100 80GB", "": "", "Ampere": "Ampere",
	} {
		if got := gpuName(description); got != want {
			t.Errorf("%q is called %q, want %q", description, got, want)
		}
	}
}
