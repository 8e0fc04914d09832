package oracle_test

import (
	"fmt"
	"maps"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/provider"
)

// answered lists a service of which every list call to path is answered with body.
func answered(t *testing.T, service, path, body string) []cloud.Resource {
	t.Helper()
	s := open(t, setup{count: 5, answer: func(r *http.Request) *http.Response {
		switch {
		case strings.HasSuffix(r.URL.Path, path):
			return response(r, http.StatusOK, body)
		case strings.Contains(r.URL.Path, "/clusters"), strings.Contains(r.URL.Path, "/nodePools"):
			return response(r, http.StatusOK, "[]")
		}
		return nil
	}})
	q := cloud.Query{Service: service, Scope: cloud.Scope{Account: "acme", Region: "us-phoenix-1", Compartment: "prod/web"}}
	all, err := provider.Gather(s.conn.Driver().List(t.Context(), q))
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range all {
		if r.Provider != "oracle" || r.Account != "acme" || r.Region != "us-phoenix-1" || r.Compartment != "prod/web" || r.Service != service {
			t.Errorf("%s is in the wrong place: %+v", r.ID, r.Ref())
		}
	}
	return all
}

func attrs(r *cloud.Resource) string {
	var out []string
	for _, a := range r.Attrs {
		out = append(out, fmt.Sprintf("%s=%v", a.Name, a.Value))
	}
	return strings.Join(out, " ")
}

func TestInstancesAreReadAsOracleWritesThem(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("testdata/instances.json")
	if err != nil {
		t.Fatal(err)
	}
	all := answered(t, "compute", "/instances", string(data))
	if len(all) != 3 {
		t.Fatalf("%d instances, want 3: what is terminated is left out", len(all))
	}
	for i, want := range []struct {
		name    string
		status  cloud.Status
		native  string
		created time.Time
		tags    []cloud.Tag
		gpu     *cloud.GPU
		attrs   string
	}{
		{
			`My "web" server – 一`, cloud.StatusRunning, "RUNNING", time.Date(2016, 8, 25, 21, 10, 29, 600e6, time.UTC),
			[]cloud.Tag{{Key: "Department", Value: "Finance"}, {Key: "Operations.Approved", Value: "true"}, {Key: "Operations.CostCenter", Value: "42"}, {Key: "Operations.Level", Value: "3"}, {Key: "Oracle-Tags.CreatedBy", Value: "default/alice"}},
			nil,
			"shape=VM.Standard.E4.Flex ocpus=1.5 ocpu_baseline=1/8 memory_gb=24.5 processor=2.55 GHz AMD EPYC™ 7J13 (Milan) network_gbps=2 " +
				"availability_domain=Uocm:PHX-AD-1 fault_domain=FAULT-DOMAIN-1 maintenance_reboot_due=2026-12-24 18:00:00 +0000 UTC",
		},
		{
			"", cloud.StatusStopped, "STOPPED", time.Date(2026, 9, 30, 22, 0, 0, 0, time.UTC), nil, nil,
			"shape=VM.Standard2.1 availability_domain=Uocm:PHX-AD-2",
		},
		{
			"gpu", cloud.StatusUnknown, "HIBERNATING", time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC), nil,
			&cloud.GPU{Type: "H100", Count: 8, MemoryGB: 80},
			"shape=BM.GPU.H100.8 ocpus=112 memory_gb=2048 local_disks_count=16 local_disks_gb=61400 availability_domain=Uocm:PHX-AD-3 " +
				"fault_domain=FAULT-DOMAIN-3 preemptible=true dedicated_host=ocid1.dedicatedvmhost.x capacity_reservation=ocid1.capacityreservation.x",
		},
	} {
		got := &all[i]
		if got.Name != want.name || got.Status != want.status || got.NativeStatus != want.native || !got.CreatedAt.Equal(want.created) ||
			got.Type != "instance" || !slices.Equal(got.Tags, want.tags) {
			t.Errorf("instance %d: got %+v, want %+v", i, got, want)
		}
		if (got.GPU == nil) != (want.gpu == nil) || got.GPU != nil && *got.GPU != *want.gpu {
			t.Errorf("instance %d: GPU %+v, want %+v", i, got.GPU, want.gpu)
		}
		if a := attrs(got); a != want.attrs {
			t.Errorf("instance %d:\n%s\nwant\n%s", i, a, want.attrs)
		}
	}
}

// TestStatesAreMapped to cloudtop's words; an unknown one is unknown, and what is gone is left out.
func TestStatesAreMapped(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		service, path, element, wrap string
		want                         map[string]cloud.Status
	}{
		{"compute", "/instances", `{"id":"i%d","lifecycleState":%q,"timeCreated":"2026-10-01T00:00:00Z"}`, "[%s]", map[string]cloud.Status{
			"RUNNING": cloud.StatusRunning, "PROVISIONING": cloud.StatusStarting, "STARTING": cloud.StatusStarting, "MOVING": cloud.StatusStarting,
			"CREATING_IMAGE": cloud.StatusStarting, "STOPPING": cloud.StatusStopping, "TERMINATING": cloud.StatusStopping,
			"STOPPED": cloud.StatusStopped, "TERMINATED": "", "NEW": cloud.StatusUnknown,
		}},
		{"containers", "/containerInstances", `{"id":"i%d","lifecycleState":%q,"timeCreated":"2026-10-01T00:00:00Z"}`, `{"items":[%s]}`, map[string]cloud.Status{
			"ACTIVE": cloud.StatusRunning, "CREATING": cloud.StatusStarting, "UPDATING": cloud.StatusStarting, "INACTIVE": cloud.StatusStopped,
			"DELETING": cloud.StatusStopping, "FAILED": cloud.StatusFailed, "DELETED": "", "NEW": cloud.StatusUnknown,
		}},
		{"oke", "/clusters", `{"id":"i%d","lifecycleState":%q}`, "[%s]", map[string]cloud.Status{
			"ACTIVE": cloud.StatusRunning, "CREATING": cloud.StatusStarting, "UPDATING": cloud.StatusRunning, "DELETING": cloud.StatusStopping,
			"FAILED": cloud.StatusFailed, "DELETED": "", "NEW": cloud.StatusUnknown,
		}},
		{"oke", "/nodePools", `{"id":"i%d","lifecycleState":%q}`, "[%s]", map[string]cloud.Status{
			"ACTIVE": cloud.StatusRunning, "NEEDS_ATTENTION": cloud.StatusRunning, "INACTIVE": cloud.StatusStopped, "DELETED": "",
		}},
		{"autonomous_db", "/autonomousDatabases", `{"id":"i%d","lifecycleState":%q,"dbName":"D"}`, "[%s]", map[string]cloud.Status{
			"AVAILABLE": cloud.StatusRunning, "AVAILABLE_NEEDS_ATTENTION": cloud.StatusRunning, "BACKUP_IN_PROGRESS": cloud.StatusRunning,
			"SCALE_IN_PROGRESS": cloud.StatusRunning, "UPDATING": cloud.StatusRunning, "MAINTENANCE_IN_PROGRESS": cloud.StatusRunning,
			"ROLE_CHANGE_IN_PROGRESS": cloud.StatusRunning, "UPGRADING": cloud.StatusRunning, "STANDBY": cloud.StatusRunning,
			"PROVISIONING": cloud.StatusStarting, "STARTING": cloud.StatusStarting, "RESTARTING": cloud.StatusStarting,
			"RECREATING": cloud.StatusStarting, "RESTORE_IN_PROGRESS": cloud.StatusStarting, "STOPPING": cloud.StatusStopping,
			"TERMINATING": cloud.StatusStopping, "STOPPED": cloud.StatusStopped, "UNAVAILABLE": cloud.StatusFailed,
			"RESTORE_FAILED": cloud.StatusFailed, "INACCESSIBLE": cloud.StatusFailed, "TERMINATED": "", "TRANSPORTING": cloud.StatusUnknown,
		}},
	} {
		states := slices.Sorted(maps.Keys(tt.want))
		var elements []string
		for i, s := range states {
			elements = append(elements, fmt.Sprintf(tt.element, i, s))
		}
		got := map[string]cloud.Status{}
		for _, r := range answered(t, tt.service, tt.path, fmt.Sprintf(tt.wrap, strings.Join(elements, ","))) {
			got[r.NativeStatus] = r.Status
		}
		for _, s := range states {
			if got[s] != tt.want[s] {
				t.Errorf("%s%s: %s is %q, want %q", tt.service, tt.path, s, got[s], tt.want[s])
			}
		}
	}
}

func TestOtherServicesSayWhatTheyKnow(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, service, path, body, want string }{
		{"container instance", "containers", "/containerInstances", `{"items":[{"id":"i","displayName":"n","lifecycleState":"FAILED","timeCreated":"2026-10-01T00:00:00Z",
			"shape":"CI.Standard.E4.Flex","shapeConfig":{"ocpus":2,"memoryInGBs":16,"processorDescription":"p","networkingBandwidthInGbps":2},"containerCount":3,
			"containerRestartPolicy":"ALWAYS","availabilityDomain":"a","faultDomain":"f","lifecycleDetails":"no image"}]}`,
			"shape=CI.Standard.E4.Flex ocpus=2 memory_gb=16 processor=p network_gbps=2 containers_count=3 restart_policy=ALWAYS availability_domain=a fault_domain=f state_details=no image"},
		{"cluster with nulls", "oke", "/clusters", `[{"id":"i","name":null,"lifecycleState":"ACTIVE","metadata":null,"endpoints":null,"type":null,"kubernetesVersion":null}]`, ""},
		{"cluster", "oke", "/clusters", `[{"id":"i","name":"n","lifecycleState":"ACTIVE","kubernetesVersion":"v1.34.1","type":"BASIC_CLUSTER",
			"metadata":{"timeCreated":"2026-10-01T00:00:00Z"},"endpoints":{"publicEndpoint":null,"privateEndpoint":"10.0.0.1:6443"},"availableKubernetesUpgrades":["v1.35.0"]}]`,
			"kubernetes_version=v1.34.1 cluster_type=BASIC_CLUSTER private_endpoint=10.0.0.1:6443 available_upgrades=[v1.35.0]"},
		{"node pool by size", "oke", "/nodePools", `[{"id":"i","name":"n","lifecycleState":"ACTIVE","clusterId":"c","nodeShape":"VM.Standard.E5.Flex","nodeShapeConfig":{"ocpus":2,"memoryInGBs":24},
			"nodeConfigDetails":{"size":0},"quantityPerSubnet":9,"subnetIds":["a"]}]`,
			"cluster=c shape=VM.Standard.E5.Flex ocpus=2 memory_gb=24 nodes_count=0"},
		{"node pool by subnets", "oke", "/nodePools", `[{"id":"i","name":"n","lifecycleState":"ACTIVE","clusterId":"c","nodeShape":"VM.Standard2.1","quantityPerSubnet":2,"subnetIds":["a","b","c"]}]`,
			"cluster=c shape=VM.Standard2.1 nodes_count=6"},
		{"database in ECPUs", "autonomous_db", "/autonomousDatabases", `[{"id":"i","dbName":"D","displayName":"n","lifecycleState":"AVAILABLE","dbWorkload":"OLTP","dbVersion":"23ai","computeModel":"ECPU",
			"computeCount":4,"cpuCoreCount":0,"dataStorageSizeInGBs":1024,"dataStorageSizeInTBs":1,"actualUsedDataStorageSizeInTBs":0.25,"licenseModel":"LICENSE_INCLUDED",
			"isFreeTier":false,"isAutoScalingEnabled":true,"openMode":"READ_WRITE"}]`,
			"db_name=D workload=OLTP version=23ai ecpus=4 storage_gb=1024 used_storage_tb=0.25 license_model=LICENSE_INCLUDED cpu_autoscaling=true open_mode=READ_WRITE"},
		{"database in OCPUs", "autonomous_db", "/autonomousDatabases", `[{"id":"i","dbName":"D","lifecycleState":"AVAILABLE","computeModel":"OCPU","computeCount":null,"ocpuCount":0.5,"cpuCoreCount":1,
			"dataStorageSizeInTBs":2,"usedDataStorageSizeInGBs":7,"isFreeTier":true,"isDedicated":true}]`,
			"db_name=D ocpus=0.5 storage_tb=2 used_storage_gb=7 always_free=true dedicated=true"},
		{"database in cores", "autonomous_db", "/autonomousDatabases", `[{"id":"i","dbName":"D","lifecycleState":"AVAILABLE","cpuCoreCount":2,"dataStorageSizeInTBs":1}]`, "db_name=D ocpus=2 storage_tb=1"},
	} {
		all := answered(t, tt.service, tt.path, tt.body)
		if len(all) != 1 {
			t.Errorf("%s: %d resources, want 1", tt.name, len(all))
			continue
		}
		if got := attrs(&all[0]); got != tt.want {
			t.Errorf("%s:\n%s\nwant\n%s", tt.name, got, tt.want)
		}
		if tt.service == "autonomous_db" && all[0].Name == "" {
			t.Errorf("%s: a database without display name is called by its own", tt.name)
		}
	}
}

// TestAFailedListOfPoolsLeavesTheClusters: the two are asked at once.
func TestAFailedListOfPoolsLeavesTheClusters(t *testing.T) {
	t.Parallel()
	s := open(t, setup{count: 5, answer: func(r *http.Request) *http.Response {
		switch {
		case strings.HasSuffix(r.URL.Path, "/clusters"):
			return response(r, http.StatusOK, `[{"id":"c","lifecycleState":"ACTIVE"}]`)
		case strings.HasSuffix(r.URL.Path, "/nodePools"):
			return response(r, http.StatusInternalServerError, `{"code":"InternalServerError","message":"?"}`)
		}
		return nil
	}})
	q := cloud.Query{Service: "oke", Scope: cloud.Scope{Account: "acme", Region: "us-phoenix-1", Compartment: "prod"}}
	all, err := provider.Gather(s.conn.Driver().List(t.Context(), q))
	if len(all) != 1 || cloud.KindOf(err) == "" || !strings.Contains(err.Error(), "list node pools") {
		t.Errorf("got %d resources and %v, want the cluster and the error of the pools", len(all), err)
	}
}
