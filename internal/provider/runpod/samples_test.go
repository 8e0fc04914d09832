package runpod_test

import (
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/provider"
)

// now is the clock of the connections to samples.
var now = time.Date(2026, time.July, 1, 12, 0, 0, 0, time.UTC)

// site answers paths of either host with a text, or with a file of testdata where it names one. What it has no answer
// for is 404.
type site map[string]string

func (s site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	text, ok := s[r.URL.Path]
	if !ok {
		w.WriteHeader(http.StatusNotFound)
		_, _ = w.Write([]byte(`{"title":"Not Found","status":404,"detail":"resource not found"}`))
		return
	}
	if strings.HasSuffix(text, ".json") {
		data, err := os.ReadFile("testdata/" + text)
		if err != nil {
			w.WriteHeader(http.StatusTeapot)
		}
		text = string(data)
	}
	_, _ = w.Write([]byte(text))
}

// lines writes a resource's fields, one per line: a field that is not there has no line.
func lines(r *cloud.Resource) string {
	var b strings.Builder
	add := func(name string, v any) {
		if text := fmt.Sprint(v); text != "" {
			fmt.Fprintf(&b, "%s: %s\n", name, text)
		}
	}
	add("id", r.ID)
	add("name", r.Name)
	add("type", r.Type)
	add("region", r.Region)
	add("status", strings.TrimSpace(string(r.Status)+" "+r.NativeStatus))
	if !r.CreatedAt.IsZero() {
		add("created", r.CreatedAt.Format(time.RFC3339Nano))
	}
	if r.GPU != nil {
		add("gpu", fmt.Sprintf("%v x %s", r.GPU.Count, r.GPU.Type))
	}
	if r.Cost != nil {
		add("cost", fmt.Sprintf("%.6g %s per hour, %s", r.Cost.Low, r.Cost.Currency, r.Cost.Source))
	}
	for _, a := range r.Attrs {
		if at, ok := a.Value.(time.Time); ok {
			a.Value = at.Format(time.RFC3339)
		}
		add("- "+a.Name, a.Value)
	}
	for _, m := range r.Metrics {
		add("+ "+m.Name, m.Value)
	}
	return b.String()
}

// mustBe compares resources with what is wanted, where a blank line parts one from the next.
func mustBe(t *testing.T, got []cloud.Resource, want string) {
	t.Helper()
	wanted := strings.Split(strings.TrimSpace(want), "\n\n")
	if len(got) != len(wanted) {
		t.Errorf("got %d resources, want %d", len(got), len(wanted))
	}
	for i := range got[:min(len(got), len(wanted))] {
		if have := strings.TrimSpace(lines(&got[i])); have != strings.TrimSpace(wanted[i]) {
			t.Errorf("got\n%s\nwant\n%s", have, wanted[i])
		}
		for _, m := range got[i].Metrics {
			if !m.At.Time().Equal(now) {
				t.Errorf("%s: %s was measured at %v, want %v", got[i].ID, m.Name, m.At, now)
			}
		}
	}
}

// read lists a service of a site.
func read(t *testing.T, s site, service string) ([]cloud.Resource, error) {
	t.Helper()
	query := cloud.Query{Scope: cloud.Scope{Account: "runpod"}, Service: service}
	return provider.Gather(connect(t, s).Driver().List(t.Context(), query))
}

func TestPodsBecomeResources(t *testing.T) {
	t.Parallel()
	got, err := read(t, site{"/v2/pods": "pods.json"}, "pods")
	if err != nil {
		t.Error(err)
	}
	mustBe(t, got, `
id: pod_abc123
name: my-training-pod
type: pod
region: US-TX-3
status: running RUNNING
created: 2026-03-13T20:00:00Z
gpu: 2 x RTX 4090
cost: 0.7 USD per hour, listing
- cloud: SECURE
- image: runpod/pytorch:1.0.2-cu1281-torch280-ubuntu2404
- cuda_version: 12.8
- container_disk_gb: 50
- volume_disk_gb: 20
- network_volumes: [vol1 vol2]
- ports: [8888/http 22/tcp]
- open_ports: [22/tcp:195.26.233.3:34446]
- ssh_host: 195.26.233.3
- ssh_port: 34446
- private_ip: 10.65.1.42
- internal_dns: pod_abc123.runpod.internal
- template: tpl1
- cluster: c1
- cluster_role: SLURM_CONTROLLER
- cluster_rank: 0
- cluster_ip: 10.65.0.2
- locked: true
- started_at: 2026-03-13T20:02:00Z
+ gpu_usage_percent: 50
+ gpu_memory_usage_percent: 78
+ cpu_usage_percent: 45
+ uptime_seconds: 3600

id: pod_bare
name: bare
type: pod
status: running RUNNING
created: 2026-03-13T20:00:00Z
gpu: 1 x A100-SXM4-80GB
cost: 1.39 USD per hour, listing
- cloud: COMMUNITY
- image: x
- container_disk_gb: 50
- open_ports: [8888/http:45.23.12.1:43210]
+ uptime_seconds: 3600

id: pod_cpu
name: stopped
type: pod
region: EU-RO-1
status: stopped EXITED
created: 2026-03-13T20:00:00Z
cost: 0 USD per hour, listing
- cloud: SECURE
- image: x
- cpu_type: cpu5c
- vcpus: 4
- memory_gb: 16
- container_disk_gb: 50
`)
}

func TestAStoppedPodCostsWhatItsVolumeDiskDoes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ pod, want string }{
		{`"status": "EXITED", "cost": 0, "mounts": {"persistent": {"size": 73}}`, "cost: 0.02 USD per hour, published prices"},
		{`"status": "EXITED", "cost": 0, "mounts": {"network": [{"volumeId": "v"}]}`, "cost: 0 USD per hour, listing"},
		{`"status": "RUNNING", "cost": 0.5, "mounts": {"persistent": {"size": 73}}`, "cost: 0.5 USD per hour, listing"},
		{`"status": "TERMINATED", "cost": 0, "mounts": {"persistent": {"size": 73}}`, "cost: 0 USD per hour, listing"},
	} {
		h := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintf(w, `{"pods": [{"id": "p", %s}]}`, c.pod) })
		got, err := provider.Gather(connect(t, h).Driver().List(t.Context(), cloud.Query{Service: "pods"}))
		if err != nil || len(got) != 1 || !strings.Contains(lines(&got[0]), c.want+"\n") {
			t.Errorf("{%s} is %+v, %v; want %s", c.pod, got, err, c.want)
		}
	}
}

func TestAnOddPodCostsNoOther(t *testing.T) {
	t.Parallel()
	got, err := read(t, site{"/v2/pods": "pods_odd.json"}, "pods")
	mustBe(t, got, `
id: bare
type: pod
status: unknown

id: nulls
type: pod
status: running RUNNING

id: empty-runtime
type: pod
status: running RUNNING

id: texts
type: pod
status: unknown HIBERNATING
created: 2026-03-13T20:00:00.144Z
gpu: 8 x Instinct MI300X OAM
cost: 0.35 USD per hour, listing
- cuda_version: 12.8
- container_disk_gb: 20
- started_at: 2026-03-13T20:00:00Z
+ gpu_memory_usage_percent: 7.5
+ cpu_usage_percent: 250
+ uptime_seconds: 90

id: wrong-types
name: kept
type: pod
status: stopped EXITED
gpu: 1 x L40S

id: new-members
type: pod
status: deleted TERMINATED
cost: 0 USD per hour, listing
- network_volumes: [v1 v2]
`)
	const want = "runpod: list pods: not all of the answer can be read: [4]: cost, createdAt; [6]: it is no object; 1 incomplete"
	if cloud.KindOf(err) != cloud.KindPartial || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestEndpointsBecomeResources(t *testing.T) {
	t.Parallel()
	got, err := read(t, site{"/v2/serverless": "serverless.json"}, "serverless")
	if err != nil {
		t.Error(err)
	}
	mustBe(t, got, `
id: ep1
name: image-generator
type: queue_endpoint
region: US-KS-2
status: running
created: 2026-06-01T12:00:00Z
- image: org/worker:1
- gpu_pools: [ADA_24 AMPERE_24]
- gpus_per_worker: 2
- workers_min: 0
- workers_max: 5
- idle_timeout_seconds: 5
- scaling: QUEUE_DELAY
- scaling_queue_delay_seconds: 0.5
- data_centers: [US-KS-2]
- network_volumes: [vol1]
- timeout_seconds: 300.5
- flashboot: OFF

id: ep2
name: chat
type: load_balancer_endpoint
status: stopped
created: 2026-06-01T12:00:00Z
- gpu_pools: [HOPPER_80]
- workers_min: 1
- workers_max: 0
- scaling: REQUEST_COUNT
- scaling_request_count: 4
- data_centers: [EU-RO-1 US-TX-3]
- flashboot: PRIORITY_FLASHBOOT

id: ep3
name: cpu
type: queue_endpoint
status: running
created: 2026-06-01T12:00:00Z
- cpu_type: cpu5c
- vcpus: 4
- memory_gb: 8
- workers_min: 0
- workers_max: 3
- scaling: REQUEST_COUNT
- scaling_request_count: 1

id: ep4
type: queue_endpoint
status: unknown

id: ep5
name: later
type: endpoint
status: running
- endpoint_type: batch
- workers_max: 2
`)
}

func TestVolumesBecomeResources(t *testing.T) {
	t.Parallel()
	got, err := read(t, site{"/v2/network-volumes": "volumes.json"}, "network_volumes")
	if err != nil {
		t.Error(err)
	}
	// 100 GB at 0.07 USD a month; 4000 GB at 0.07 for the first 1000 and 0.05 for the rest; the others have no known price.
	mustBe(t, got, `
id: v1
name: small
type: network_volume
region: US-KS-2
status: unknown
cost: 0.00958904 USD per hour, published prices
- size_gb: 100
- volume_type: standard

id: v2
name: large
type: network_volume
region: EU-RO-1
status: unknown
cost: 0.30137 USD per hour, published prices
- size_gb: 4000
- volume_type: standard

id: v3
name: fast
type: network_volume
region: EU-RO-1
status: unknown
- size_gb: 100
- volume_type: high_performance

id: v4
name: new
type: network_volume
region: EU-RO-1
status: unknown
- size_gb: 10
- volume_type: glacial

id: v5
type: network_volume
status: unknown
`)
}

func TestClustersBecomeResources(t *testing.T) {
	t.Parallel()
	got, err := read(t, site{"/v2/clusters": "clusters.json"}, "clusters")
	if err != nil {
		t.Error(err)
	}
	mustBe(t, got, `
id: c1
name: pretrain
type: cluster
region: US-TX-3
status: running
created: 2026-06-29T20:00:00Z
gpu: 32 x H100 80GB HBM3
- cluster_type: slurm
- pods: 4
- pods_running: 4
- gpus_per_pod: 8
- template: tpl1
- network: 10.65.0.0/16
- primary_pod: pod0
- ssh_endpoint: 1.2.3.4:22001

id: c2
name: grows
type: cluster
region: US-TX-3
status: starting
created: 2026-06-29T20:00:00Z
gpu: 32 x A100-SXM4-80GB
- cluster_type: ray
- pods: 4
- pods_running: 3
- gpus_per_pod: 8

id: c3
name: waits
type: cluster
status: unknown
created: 2026-06-29T20:00:00Z
- cluster_type: training
- pods: 2
- pods_running: 0

id: c4
type: cluster
status: unknown
`)
}

// TestEveryPodStatusHasItsMeaning goes through the schema PodStatus, in pods and in the summary of a cluster.
func TestEveryPodStatusHasItsMeaning(t *testing.T) {
	t.Parallel()
	for native, want := range map[string]cloud.Status{
		"PROVISIONING": cloud.StatusStarting, "STARTING": cloud.StatusStarting, "RUNNING": cloud.StatusRunning, "EXITED": cloud.StatusStopped,
		"ERROR": cloud.StatusFailed, "TERMINATED": cloud.StatusDeleted, "SNOOZING": cloud.StatusUnknown, "": cloud.StatusUnknown,
	} {
		pods, err := read(t, site{"/v2/pods": fmt.Sprintf(`{"pods":[{"id":"p","status":%q}]}`, native)}, "pods")
		if err != nil || len(pods) != 1 || pods[0].Status != want || pods[0].NativeStatus != native {
			t.Errorf("%q: got %+v and %v, want %s", native, pods, err, want)
		}
	}
	for summary, want := range map[string]cloud.Status{
		`"total":2,"byStatus":{"RUNNING":2}`: cloud.StatusRunning, `"total":3,"byStatus":{"RUNNING":2}`: cloud.StatusRunning,
		`"total":3,"byStatus":{"RUNNING":2,"ERROR":1}`: cloud.StatusFailed, `"total":3,"byStatus":{"RUNNING":1,"EXITED":2}`: cloud.StatusRunning,
		`"total":2,"byStatus":{"EXITED":2}`: cloud.StatusStopped, `"total":2,"byStatus":{"STARTING":1,"EXITED":1}`: cloud.StatusStarting,
		`"total":0,"byStatus":{}`: cloud.StatusUnknown, `"total":2`: cloud.StatusUnknown, `"byStatus":{"NEW":2}`: cloud.StatusUnknown,
	} {
		got, err := read(t, site{"/v2/clusters": `{"clusters":[{"id":"c","pods":{` + summary + `}}]}`}, "clusters")
		if err != nil || len(got) != 1 || got[0].Status != want {
			t.Errorf("%s: got %+v and %v, want %s", summary, got, err, want)
		}
	}
}

func TestNoListIsAnErrorAndNullIsEmpty(t *testing.T) {
	t.Parallel()
	for service, at := range map[string][2]string{
		"pods": {"/v2/pods", "pods"}, "serverless": {"/v2/serverless", "endpoints"},
		"network_volumes": {"/v2/network-volumes", "networkVolumes"}, "clusters": {"/v2/clusters", "clusters"},
	} {
		for text, kind := range map[string]cloud.Kind{
			`{}`: cloud.KindResponse, `[]`: cloud.KindResponse, `7`: cloud.KindResponse, `{"other":[]}`: cloud.KindResponse, `<html>`: cloud.KindResponse,
			`{"` + at[1] + `":{}}`: cloud.KindResponse, `{"` + at[1] + `":"MARKER"}`: cloud.KindResponse,
			`{"` + at[1] + `":null}`: "", `{"` + at[1] + `":[],"next":"x"}`: "",
		} {
			got, err := read(t, site{at[0]: text}, service)
			if cloud.KindOf(err) != kind || len(got) != 0 {
				t.Errorf("%s: %s: got %v and %v, want nothing and kind %q", service, text, got, err, kind)
			}
			if err != nil && (strings.Contains(err.Error(), "MARKER") || !strings.HasPrefix(err.Error(), "runpod: list ")) {
				t.Errorf("%s: %s: got %v, want the operation and no value", service, text, err)
			}
		}
	}
	if _, err := read(t, site{}, "databases"); cloud.KindOf(err) != cloud.KindConfig {
		t.Errorf("a service that there is not: got %v, want kind config", err)
	}
}

func TestSecretsAreNotDecoded(t *testing.T) {
	t.Parallel()
	for service, s := range map[string]site{
		"pods": {"/v2/pods": "pods.json"}, "serverless": {"/v2/serverless": "serverless.json"},
	} {
		got, err := read(t, s, service)
		if err != nil || len(got) == 0 {
			t.Errorf("%s: got %d resources and %v", service, len(got), err)
		}
		for i := range got {
			if text := fmt.Sprintf("%+v", got[i]); strings.Contains(text, "hunter2") {
				t.Errorf("%s: a secret is in %s", service, text)
			}
		}
	}
}
