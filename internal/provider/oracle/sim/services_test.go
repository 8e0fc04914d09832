package oraclesim

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// every calls use for each thing of a kind in the world.
func every[T any](c *cloud, of func(*region) map[*compartment][]*T, use func(*T)) {
	for _, at := range c.live() {
		for _, all := range of(at) {
			for _, v := range all {
				use(v)
			}
		}
	}
}

// same complains of fields that are not as they should be.
func same(t *testing.T, id string, o object, want object) {
	t.Helper()
	for field, v := range want {
		if !equalJSON(o[field], v) {
			t.Errorf("%s: %s is %v, want %v", id, field, o[field], v)
		}
	}
}

func TestContainerInstancesSayWhatTheyAre(t *testing.T) {
	t.Parallel()
	c := newCloud(t, world(600, false))
	failed, seen := 0, 0
	every(c, func(at *region) map[*compartment][]*containerInstance { return at.containers }, func(n *containerInstance) {
		seen++
		o := n.wire()
		same(t, n.id, o, object{
			"id": n.id, "displayName": n.name, "compartmentId": n.compartment.id, "availabilityDomain": n.ad, "faultDomain": n.fd, "shape": n.shape.name,
			"lifecycleState": n.state, "containerCount": n.count, "containerRestartPolicy": "ALWAYS", "timeCreated": written(n.created),
			"shapeConfig": object{
				"ocpus": n.ocpus, "memoryInGBs": n.memoryGB, "processorDescription": n.shape.processor, "networkingBandwidthInGbps": n.ocpus * n.shape.gbps,
			},
		})
		if (o["lifecycleDetails"] != nil) != (n.state == "FAILED") && n.state != "DELETED" {
			t.Errorf("%s, which is %s, has the details %v", n.id, n.state, o["lifecycleDetails"])
		}
		if n.state == "FAILED" {
			failed++
		}
		if !strings.HasPrefix(n.shape.name, "CI.") || n.memoryGB != 8*n.ocpus || n.count < 1 {
			t.Errorf("%+v", n)
		}
	})
	if seen < 20 || failed == 0 {
		t.Errorf("%d container instances, of which %d failed", seen, failed)
	}
}

func TestClustersAndPoolsBelongTogether(t *testing.T) {
	t.Parallel()
	c := newCloud(t, world(1500, false))
	kinds := map[string]bool{}
	every(c, func(at *region) map[*compartment][]*cluster { return at.clusters }, func(k *cluster) {
		kinds[k.kind] = true
		o := k.wire()
		same(t, k.id, o, object{"id": k.id, "name": k.name, "kubernetesVersion": k.version, "type": k.kind, "lifecycleState": k.state})
		same(t, k.id, o["endpoints"].(object), object{"publicEndpoint": orNull(k.public), "privateEndpoint": "10.0.0.5:6443"}) //nolint:forcetypeassert // as written
		same(t, k.id, o["metadata"].(object), object{"timeCreated": written(k.created)})                                       //nolint:forcetypeassert // as written
		if !slices.Contains(versions(), k.version) {
			t.Errorf("%s has the version %s", k.id, k.version)
		}
	})
	if len(kinds) != 2 {
		t.Errorf("kinds of clusters: %v", kinds)
	}
	away := 0
	every(c, func(at *region) map[*compartment][]*nodePool { return at.pools }, func(p *nodePool) {
		o := p.wire()
		same(t, p.id, o, object{
			"clusterId": p.cluster.id, "kubernetesVersion": p.cluster.version, "nodeShape": p.shape.name, "name": p.name,
			"nodeShapeConfig": object{"ocpus": p.ocpus, "memoryInGBs": p.memoryGB}, "quantityPerSubnet": 0,
		})
		if o["timeCreated"] != nil || p.cluster.region != p.region || p.cluster.state == "DELETED" || p.size < 1 {
			t.Errorf("%+v is written %v", p, o)
		}
		if p.cluster.compartment != p.compartment {
			away++
		}
	})
	if away == 0 {
		t.Error("no pool lies in another compartment than its cluster, as happens in life")
	}
	virtual := 0
	every(c, func(at *region) map[*compartment][]*virtualPool { return at.virtual }, func(p *virtualPool) {
		virtual++
		same(t, p.id, p.wire(), object{
			"clusterId": p.cluster.id, "kubernetesVersion": p.cluster.version, "displayName": p.name, "size": p.size, "timeCreated": written(p.created),
			"lifecycleState": p.state,
		})
		if p.cluster.kind != "ENHANCED_CLUSTER" || p.cluster.state == "DELETED" || p.cluster.region != p.region {
			t.Errorf("%s belongs to %+v, want an enhanced cluster of its region", p.id, p.cluster)
		}
	})
	if virtual == 0 {
		t.Error("there are no virtual node pools")
	}
}

func TestDatabasesSayWhatTheyAre(t *testing.T) {
	t.Parallel()
	c := newCloud(t, world(900, false))
	seen := map[string]bool{}
	every(c, func(at *region) map[*compartment][]*database { return at.databases }, func(d *database) {
		o := d.wire()
		same(t, d.id, o, object{
			"dbName": d.dbName, "displayName": d.name, "lifecycleState": d.state, "dbWorkload": d.workload, "dbVersion": d.version, "computeModel": "ECPU",
			"computeCount": d.ecpus, "cpuCoreCount": 0, "dataStorageSizeInGBs": d.storageGB, "dataStorageSizeInTBs": d.storageGB / 1024,
			"actualUsedDataStorageSizeInTBs": float64(d.usedGB) / 1024, "licenseModel": d.license, "isFreeTier": d.free, "isAutoScalingEnabled": d.scaling,
			"isDedicated": false, "timeCreated": written(d.created),
		})
		if d.usedGB > d.storageGB || d.ecpus < 2 || d.dbName != strings.ToUpper(d.dbName) || o["connectionStrings"] == nil {
			t.Errorf("%+v", d)
		}
		seen[d.workload], seen[d.license], seen[fmt.Sprint("free ", d.free)] = true, true, true
	})
	for _, want := range []string{"OLTP", "DW", "AJD", "APEX", "LICENSE_INCLUDED", "BRING_YOUR_OWN_LICENSE", "free true", "free false"} {
		if !seen[want] {
			t.Errorf("no database is %s", want)
		}
	}
}

// TestListsAreSorted by name or by time, downwards for times unless it is said.
func TestListsAreSorted(t *testing.T) {
	t.Parallel()
	c := newCloud(t, world(900, false))
	for _, list := range []string{"iaas /20160918/instances displayName", "containerengine /20180222/clusters name", "database /20160918/autonomousDatabases displayName"} {
		f := strings.Fields(list)
		place := ""
		for _, at := range c.live() {
			if base := "https://" + hostOf(f[0], at.name) + f[1] + "?limit=1000&compartmentId=" + c.tenancy; place == "" && len(c.elements(t, base)) > 2 {
				place = base
			}
		}
		if place == "" {
			t.Errorf("%s: no place has three", list)
			continue
		}
		for _, tt := range []struct {
			params string
			before func(a, b map[string]any) bool // a may come before b
		}{
			{"&sortBy=TIMECREATED", func(a, b map[string]any) bool { return !createdOf(a).Before(createdOf(b)) }},
			{"&sortBy=TIMECREATED&sortOrder=DESC", func(a, b map[string]any) bool { return !createdOf(a).Before(createdOf(b)) }},
			{"&sortBy=TIMECREATED&sortOrder=ASC", func(a, b map[string]any) bool { return !createdOf(a).After(createdOf(b)) }},
			{"&sortBy=DISPLAYNAME", func(a, b map[string]any) bool { return fmt.Sprint(a[f[2]]) <= fmt.Sprint(b[f[2]]) }},
			{"&sortOrder=desc", func(a, b map[string]any) bool { return fmt.Sprint(a[f[2]]) >= fmt.Sprint(b[f[2]]) }},
		} {
			all := c.elements(t, place+tt.params)
			for i := 1; i < len(all); i++ {
				if !tt.before(all[i-1], all[i]) {
					t.Errorf("%s%s: %v comes before %v", f[1], tt.params, all[i-1][f[2]], all[i][f[2]])
				}
			}
			if len(all) != len(c.elements(t, place)) {
				t.Errorf("%s%s: %d elements", f[1], tt.params, len(all))
			}
		}
	}
}

// TestUnknownParametersAreRefused by every list, so that a mistyped filter is noticed.
func TestUnknownParametersAreRefused(t *testing.T) {
	t.Parallel()
	c := newCloud(t, world(30, false))
	for i := range c.routes {
		e := &c.routes[i]
		if strings.Contains(e.path, "{") || slices.ContainsFunc([]string{"users", "alarms", "workRequests", "Attachments", "Hosts", "dbSystems", "Topologies", "Reports"},
			func(s string) bool { return strings.HasSuffix(e.path, s) }) {
			continue
		}
		fresh(c)
		params := c.params(e)
		if params != "?" {
			params += "&"
		}
		status, body, _ := c.ask(t, e.method, e.service, e.path+params+"colour=red", c.body(e))
		if status != http.StatusBadRequest || code(t, body) != "InvalidParameter" || !strings.Contains(body, "colour") {
			t.Errorf("%s%s: %d %.200s", e.service, e.path, status, body)
		}
	}
}

// TestOneWorldGivesOneAnswer to one call, byte for byte, whoever asks first.
func TestOneWorldGivesOneAnswer(t *testing.T) {
	t.Parallel()
	a, b := newCloud(t, world(120, true)), newCloud(t, world(120, true))
	for _, list := range listings() {
		service, path, _ := strings.Cut(list, " ")
		for _, k := range a.compartments[:3] {
			target := path + "?limit=1000&compartmentId=" + url.QueryEscape(k.id)
			_, x, _ := a.ask(t, http.MethodGet, service, target, "")
			_, again, _ := a.ask(t, http.MethodGet, service, target, "")
			_, y, _ := b.ask(t, http.MethodGet, service, target, "")
			if x != y || x != again {
				t.Errorf("%s in %s differs", path, k.path)
			}
		}
	}
}

// TestManyAskAtOnce: what is kept between calls is kept for all.
func TestManyAskAtOnce(t *testing.T) {
	t.Parallel()
	c := newCloud(t, world(200, true))
	want := map[string]string{}
	targets := []string{
		"iaas /20160918/instances?limit=1000&compartmentId=" + c.tenancy, "database /20160918/autonomousDatabases?compartmentId=" + c.tenancy,
		"identity /20160918/compartments?compartmentId=" + c.tenancy, "query /20180409/resourceTypes",
	}
	requests := map[string][]*http.Request{}
	for _, target := range targets {
		service, path, _ := strings.Cut(target, " ")
		_, want[target], _ = c.ask(t, http.MethodGet, service, path, "")
		for range 8 {
			requests[target] = append(requests[target], c.signed(t, http.MethodGet, "https://"+hostOf(service, c.regions[0].name)+path, ""))
		}
	}
	var asking sync.WaitGroup
	for target, all := range requests {
		for _, r := range all {
			asking.Go(func() {
				resp := c.do(r)
				if body, err := io.ReadAll(resp.Body); err != nil || string(body) != want[target] {
					t.Errorf("%s is answered otherwise among many: %d", target, resp.StatusCode)
				}
			})
		}
	}
	asking.Wait()
}

// TestWhatMayNotBeReadIsNowhere: not in lists, alone, in searches or in metrics; that it is there can be seen.
func TestWhatMayNotBeReadIsNowhere(t *testing.T) {
	t.Parallel()
	c := newCloud(t, world(60, true))
	at := c.regions[0]
	hiddenOnes := at.instances[c.restricted]
	if len(hiddenOnes) < 3 {
		t.Fatalf("%d instances are hidden", len(hiddenOnes))
	}
	everything, _ := c.results(t, at.name, `{"type":"Structured","query":"query all resources"}`, "?limit=1000")
	fresh(c)
	_, metrics, _ := c.ask(t, http.MethodPost, "telemetry", "/20180401/metrics/actions/summarizeMetricsData?compartmentId="+c.compartments[1].id,
		`{"namespace":"oci_computeagent","query":"CpuUtilization[1m].mean()"}`)
	for _, n := range hiddenOnes {
		if status, _, _ := c.ask(t, http.MethodGet, "iaas", "/20160918/instances/"+n.id, ""); status != http.StatusNotFound {
			t.Errorf("%s alone is answered %d", n.id, status)
		}
		if strings.Contains(fmt.Sprint(everything), n.id) || strings.Contains(metrics, n.id) {
			t.Errorf("%s is found", n.id)
		}
	}
	var seen struct{ LifecycleState string }
	c.get(t, "https://"+hostOf("identity", at.name)+"/20160918/compartments/"+c.restricted.id, &seen)
	if seen.LifecycleState != "ACTIVE" || !slices.Contains(c.Truth().Denied, at.name+"/restricted/compute") {
		t.Errorf("the compartment is %+v, denied are %q", seen, c.Truth().Denied)
	}
}

// TestTenanciesGrow in compartments and regions, and everything was made before now.
func TestTenanciesGrow(t *testing.T) {
	t.Parallel()
	for n, want := range map[int][2]int{0: {5, 2}, 100: {5, 2}, 101: {7, 2}, 200: {7, 3}, 5000: {7, 4}} {
		c := newCloud(t, world(n, false))
		if len(c.compartments) != want[0] || len(c.live()) != want[1] {
			t.Errorf("a tenancy of %d has %d compartments and %d regions, want %v", n, len(c.compartments), len(c.live()), want)
		}
		for _, r := range c.Truth().Resources {
			if r.CreatedAt.After(at()) || r.CreatedAt.Before(at().Add(-5*365*24*time.Hour)) && !r.CreatedAt.IsZero() {
				t.Errorf("%s was made at %s", r.ID, r.CreatedAt)
			}
		}
	}
}
