package oracle_test

import (
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/provider"
	"github.com/adsops/cloudtop/internal/provider/providertest"
	"github.com/adsops/cloudtop/internal/sim"
)

// served answers calls whose path ends in one of these with a file of testdata, and every other list with nothing.
func served(t *testing.T, files map[string]string) func(*http.Request) *http.Response {
	t.Helper()
	bodies := map[string]string{}
	for path, file := range files {
		data, err := os.ReadFile("testdata/" + file)
		if err != nil {
			t.Fatal(err)
		}
		bodies[path] = string(data)
	}
	return func(r *http.Request) *http.Response {
		for path, body := range bodies {
			if strings.HasSuffix(r.URL.Path, path) {
				return response(r, http.StatusOK, body)
			}
		}
		for _, path := range []string{"/clusters", "/nodePools", "/virtualNodePools"} {
			if strings.HasSuffix(r.URL.Path, path) {
				return response(r, http.StatusOK, "[]")
			}
		}
		return nil
	}
}

// line writes all that a resource says beyond its place.
func line(r *cloud.Resource) string {
	out := []string{r.Type, r.ID, fmt.Sprintf("%q", r.Name), string(r.Status), r.NativeStatus}
	if !r.CreatedAt.IsZero() {
		out = append(out, r.CreatedAt.Format(time.RFC3339Nano))
	}
	for _, tag := range r.Tags {
		out = append(out, "#"+tag.Key+"="+tag.Value)
	}
	if r.GPU != nil {
		out = append(out, fmt.Sprintf("GPU %v x %s of %v GB", r.GPU.Count, r.GPU.Type, r.GPU.MemoryGB))
	}
	for _, a := range r.Attrs {
		out = append(out, fmt.Sprintf("%s=%v", a.Name, a.Value))
	}
	return strings.Join(out, " ")
}

// TestSamplesAreReadAsOracleWritesThem: every field that is used, with its unit; what is null, missing, of an unknown word
// or of another type leaves the rest standing. Lines are told apart by their places only.
func TestSamplesAreReadAsOracleWritesThem(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		service, path, file string
		want                []string
		odd                 string // a part of what is said to be incomplete
	}{
		{"compute", "/instances", "instances.json", []string{
			`instance ocid1.instance.oc1.phx.one "My \"web\" server – 一" running RUNNING 2016-08-25T21:10:29.6Z #Department=Finance ` +
				`#Operations.Approved=true #Operations.CostCenter=42 #Operations.Level=3 #Oracle-Tags.CreatedBy=default/alice ` +
				`shape=VM.Standard.E4.Flex ocpus=1.5 ocpu_baseline=1/8 memory_gb=24.5 processor=2.55 GHz AMD EPYC™ 7J13 (Milan) network_gbps=2 ` +
				`availability_domain=Uocm:PHX-AD-1 fault_domain=FAULT-DOMAIN-1 maintenance_reboot_due=2026-12-24 18:00:00 +0000 UTC`,
			`instance ocid1.instance.oc1.phx.two "" stopped STOPPED 2026-09-30T22:00:00Z shape=VM.Standard2.1 availability_domain=Uocm:PHX-AD-2`,
			`instance ocid1.instance.oc1.phx.three "gpu" unknown HIBERNATING 2026-10-01T00:00:00Z GPU 8 x H100 of 80 GB shape=BM.GPU.H100.8 ` +
				`ocpus=112 memory_gb=2048 local_disks_count=16 local_disks_gb=61400 availability_domain=Uocm:PHX-AD-3 fault_domain=FAULT-DOMAIN-3 ` +
				`preemptible=true dedicated_host=ocid1.dedicatedvmhost.x capacity_reservation=ocid1.capacityreservation.x`,
		}, ""},
		{"compute", "/instances", "instances_odd.json", []string{
			`instance ocid1.instance.oc1.phx.texts "numbers as texts" running RUNNING 2026-10-01T00:00:00Z #Flat=value #Space.Key=v ` +
				`#big=1000000 #count=3 #flag=true shape=VM.Standard.E5.Flex ocpus=2 memory_gb=24 availability_domain=a`,
			`instance ocid1.instance.oc1.phx.shapeless "odd shape" stopped STOPPED shape=VM.Standard2.1`,
			`instance ocid1.instance.oc1.phx.after "after them" running RUNNING`,
		}, `incomplete in 3 elements, the first because "shapeConfig" is a string`},
		{"containers", "/containerInstances", "container_instances.json", []string{
			`container_instance ocid1.computecontainerinstance.oc1.iad.full "checkout" running ACTIVE 2026-09-01T10:20:30.4Z ` +
				`#Oracle-Tags.CreatedBy=default/alice #team=web shape=CI.Standard.E4.Flex ocpus=1.5 memory_gb=12 ` +
				`processor=2.55 GHz AMD EPYC™ 7J13 (Milan) network_gbps=1.5 containers_count=2 restart_policy=ON_FAILURE ` +
				`availability_domain=Uocm:IAD-AD-1 fault_domain=FAULT-DOMAIN-2`,
			`container_instance ocid1.computecontainerinstance.oc1.iad.minimal "minimal" failed FAILED 2026-09-02T00:00:00Z ` +
				`shape=CI.Standard.A1.Flex ocpus=1 memory_gb=6 processor=p network_gbps=1 containers_count=0 restart_policy=NEVER ` +
				`availability_domain=a state_details=The image could not be pulled.`,
			`container_instance ocid1.computecontainerinstance.oc1.iad.nulls "" unknown HIBERNATING`,
		}, ""},
		{"oke", "/clusters", "clusters.json", []string{
			`cluster ocid1.cluster.oc1.iad.full "apps" running UPDATING 2026-05-04T03:02:01Z #env=prod kubernetes_version=v1.34.1 ` +
				`cluster_type=ENHANCED_CLUSTER public_endpoint=203.0.113.7:6443 private_endpoint=10.0.0.7:6443 ` +
				`available_upgrades=[v1.34.2 v1.35.0] state_details=upgrading the control plane`,
			`cluster ocid1.cluster.oc1.iad.minimal "" unknown `,
			`cluster ocid1.cluster.oc1.iad.nulls "" unknown  cluster_type=TINY_CLUSTER`,
		}, ""},
		{"oke", "/nodePools", "node_pools.json", []string{
			`node_pool ocid1.nodepool.oc1.iad.full "pool-1" running NEEDS_ATTENTION #env=prod cluster=ocid1.cluster.oc1.iad.full ` +
				`kubernetes_version=v1.34.1 shape=VM.Standard.E4.Flex ocpus=4 memory_gb=64 nodes_count=3 state_details=two nodes failed`,
			`node_pool ocid1.nodepool.oc1.iad.subnets "older" running ACTIVE cluster=k shape=VM.Standard2.1 nodes_count=6`,
			`node_pool ocid1.nodepool.oc1.iad.minimal "" unknown  nodes_count=0`,
		}, ""},
		{"oke", "/virtualNodePools", "virtual_node_pools.json", []string{
			`virtual_node_pool ocid1.virtualnodepool.oc1.iad.full "virtual-1" running ACTIVE 2026-07-08T09:10:11.123Z #env=prod ` +
				`cluster=ocid1.cluster.oc1.iad.full kubernetes_version=v1.34.1 pod_shape=Pod.Standard.E4.Flex nodes_count=3`,
			`virtual_node_pool ocid1.virtualnodepool.oc1.iad.minimal "" unknown NEW_STATE`,
		}, ""},
		{"autonomous_db", "/autonomousDatabases", "autonomous_databases.json", []string{
			`autonomous_database ocid1.autonomousdatabase.oc1.iad.full "sales prod" running AVAILABLE 2026-01-02T03:04:05.678Z ` +
				`#Finance.CostCenter=1001 db_name=SALES workload=OLTP version=23ai ecpus=4 storage_gb=1024 used_storage_tb=0.29 ` +
				`license_model=LICENSE_INCLUDED cpu_autoscaling=true role=PRIMARY open_mode=READ_WRITE availability_domain=Uocm:IAD-AD-2`,
			`autonomous_database ocid1.autonomousdatabase.oc1.iad.cores "OLD" stopped STOPPED db_name=OLD workload=DW ocpus=2.5 storage_tb=2 ` +
				`used_storage_gb=100 license_model=BRING_YOUR_OWN_LICENSE dedicated=true`,
			`autonomous_database ocid1.autonomousdatabase.oc1.iad.free "FREE" running AVAILABLE 2026-01-02T03:04:05Z db_name=FREE ` +
				`workload=APEX ocpus=1 storage_gb=20 always_free=true`,
			`autonomous_database ocid1.autonomousdatabase.oc1.iad.odd "ODD" unknown QUIESCING db_name=ODD ecpus=2`,
		}, `incomplete in 1 elements, the first because "isFreeTier" is a string`},
	} {
		s := open(t, setup{count: 5, answer: served(t, map[string]string{tt.path: tt.file})})
		q := cloud.Query{Service: tt.service, Scope: cloud.Scope{Account: "acme", Region: "us-phoenix-1", Compartment: "prod/web"}}
		var got []string
		var said []error
		for r, err := range s.conn.Driver().List(t.Context(), q) {
			if err != nil {
				said = append(said, err)
				continue
			}
			got = append(got, line(&r))
			if r.Provider != "oracle" || r.Account != "acme" || r.Region != "us-phoenix-1" || r.Compartment != "prod/web" || r.Service != tt.service {
				t.Errorf("%s is in the wrong place: %+v", r.ID, r.Ref())
			}
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("%s:\n%s\nwant\n%s", tt.file, strings.Join(got, "\n"), strings.Join(tt.want, "\n"))
		}
		switch {
		case tt.odd == "" && len(said) > 0:
			t.Errorf("%s: %v", tt.file, said)
		case tt.odd != "" && (len(said) != 1 || cloud.KindOf(said[0]) != cloud.KindPartial || !strings.Contains(said[0].Error(), tt.odd)):
			t.Errorf("%s: said %v, want a partial answer %q", tt.file, said, tt.odd)
		}
		for _, secret := range []string{"secret-host", "must-not-be-read", "AAAAB3", "ssh-rsa", "c2VjcmV0"} {
			if strings.Contains(strings.Join(got, "\n"), secret) {
				t.Errorf("%s: %s is shown", tt.file, secret)
			}
		}
	}
}

func TestTheTreeIsReadFromSamples(t *testing.T) {
	t.Parallel()
	s := open(t, setup{count: 5, answer: served(t, map[string]string{
		"/compartments": "compartments.json", "/regionSubscriptions": "region_subscriptions.json",
	})})
	scopes, missing := s.scopes()
	var got []string
	for _, scope := range scopes {
		got = append(got, scope.Region+" "+scope.Compartment)
	}
	want := []string{
		"us-ashburn-1 root", "us-phoenix-1 root", "us-ashburn-1 orphan", "us-phoenix-1 orphan", "us-ashburn-1 prod", "us-phoenix-1 prod",
		"us-ashburn-1 prod/web", "us-phoenix-1 prod/web",
	}
	if !slices.Equal(got, want) || len(missing) > 0 {
		t.Errorf("got %q and %v, want %q", got, missing, want)
	}
}

// TestOddCompartmentsLeaveTheOthers and are said to be missing.
func TestOddCompartmentsLeaveTheOthers(t *testing.T) {
	t.Parallel()
	s := open(t, setup{count: 5, regions: []string{"IAD"}, answer: func(r *http.Request) *http.Response {
		if strings.HasSuffix(r.URL.Path, "/compartments") {
			return response(r, http.StatusOK, `{"items":[{"id":"a","name":"a"},{"name":"no id"},7]}`)
		}
		return nil
	}})
	scopes, missing := s.scopes()
	if len(scopes) != 2 || scopes[1].Compartment != "a" || scopes[1].Region != "us-ashburn-1" {
		t.Errorf("scopes %+v, want the root and a in us-ashburn-1", scopes)
	}
	if len(missing) != 1 || missing[0].Kind != cloud.KindPartial || !strings.Contains(missing[0].Detail, "2 elements") {
		t.Errorf("missing %v, want one partial answer about 2 elements", missing)
	}
}

func TestMetricsAreReadFromSamples(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		data, err := os.ReadFile("testdata/metrics.json")
		if err != nil {
			t.Fatal(err)
		}
		s := open(t, setup{count: 5, answer: streams(func(q query) string {
			if q.Namespace != "oci_computeagent" || !strings.HasPrefix(q.Query, "CpuUtilization") {
				return ""
			}
			return strings.Trim(strings.TrimSpace(string(data)), "[]")
		})})
		var refs []cloud.Ref
		for _, id := range []string{"one", "two", "silent", "timeless", "odd"} {
			refs = append(refs, cloud.Ref{Region: "us-phoenix-1", Compartment: "root", Service: "compute", ID: "ocid1.instance.oc1.phx." + id})
		}
		found, errs := s.measureRefs(refs)
		for id, want := range map[string]float64{"one": 12.5, "two": 0} {
			m, ok := found["ocid1.instance.oc1.phx."+id][cloud.CPUUsagePercent]
			if !ok || m.Value != want || !m.At.Time().Equal(sim.Epoch) {
				t.Errorf("%s: got %+v, %v, want %v at %s", id, m, ok, want, sim.Epoch)
			}
		}
		if len(found) != 2 {
			t.Errorf("measured %v, want one and two only", found)
		}
		if len(errs) != 1 || cloud.KindOf(errs[0]) != cloud.KindPartial || !strings.Contains(errs[0].Error(), `"aggregatedDatapoints" is a string`) {
			t.Errorf("said %v, want one partial answer about the odd points", errs)
		}
	})
}

func TestPricesAreReadFromSamples(t *testing.T) {
	t.Parallel()
	s := open(t, setup{count: 5, answer: served(t, map[string]string{"/products/": "products.json"})})
	pricer, ok := s.conn.Driver().(provider.Pricer)
	if !ok {
		t.Fatal("the driver knows no prices")
	}
	var all []cloud.Resource
	for _, shape := range []string{"VM.Standard.E4.Flex", "VM.Standard.A1.Flex", "VM.Standard.E5.Flex", "VM.Standard2.1"} {
		r := resource("instance", "shape", shape, "ocpus", 2.0, "memory_gb", 16.0)
		r.ID = shape
		all = append(all, r)
	}
	got := map[string]string{}
	for q, err := range pricer.Prices(t.Context(), providertest.Pointers(all)) {
		if err != nil {
			t.Fatal(err)
		}
		got[q.ID] = fmt.Sprintf("%.4f-%.4f %s", q.Price.Low, q.Price.High, q.Price.Currency)
	}
	if len(got) != 2 || got["VM.Standard.E4.Flex"] != "0.0740-0.0740 USD" || got["VM.Standard.A1.Flex"] != "0.0000-0.0440 USD" {
		t.Errorf("prices %v: E4 has one, A1 a range, the others none", got)
	}
}
