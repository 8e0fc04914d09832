package gcpsim_test

import (
	"math"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/adsops/cloudtop/internal/sim"
)

// known is what a list tells of a resource, in the truth's words.
type known struct {
	name, region, native, labels string
	created                      time.Time
}

// gather lists everything as any client could, by service and the truth's id.
func gather(t *testing.T, get func(string) map[string]any, accounts []string) map[string]known {
	t.Helper()
	all := map[string]known{}
	text := func(row map[string]any, field string) string {
		s, _ := row[field].(string)
		return s
	}
	last := func(s string) string { return s[strings.LastIndexByte(s, '/')+1:] }
	add := func(key string, row map[string]any, k known, created, labels string) {
		k.labels = asJSON(row[labels])
		if row[labels] == nil {
			k.labels = "null"
		}
		at, err := time.Parse(time.RFC3339Nano, text(row, created))
		if err != nil {
			t.Errorf("%s: %v", key, err)
		}
		k.created = at
		if _, twice := all[key]; twice {
			t.Errorf("%s is listed twice", key)
		}
		all[key] = k
	}
	region := func(place string) string {
		if strings.Count(place, "-") == 2 {
			return place[:strings.LastIndexByte(place, '-')]
		}
		return place
	}
	for _, p := range accounts {
		for _, v := range rows(get("compute.googleapis.com/compute/v1/projects/"+p+"/aggregated/instances"), "instances") {
			add(p+" compute "+text(v, "id"), v, known{name: text(v, "name"), region: region(last(text(v, "zone"))), native: text(v, "status")}, "creationTimestamp", "labels")
		}
		for _, k := range rows(get("container.googleapis.com/v1/projects/"+p+"/locations/-/clusters"), "clusters") {
			add(p+" gke "+text(k, "location")+"/"+text(k, "name"), k, known{name: text(k, "name"), region: region(text(k, "location")), native: text(k, "status")}, "createTime", "resourceLabels")
		}
		for _, f := range rows(get("cloudfunctions.googleapis.com/v2/projects/"+p+"/locations/-/functions"), "functions") {
			parts := strings.Split(text(f, "name"), "/")
			add(p+" functions "+text(f, "name"), f, known{name: parts[5], region: parts[3], native: text(f, "state")}, "createTime", "labels")
		}
		for _, l := range rows(get("run.googleapis.com/v1/projects/"+p+"/locations"), "locations") {
			for _, s := range rows(get("run.googleapis.com/v2/projects/"+p+"/locations/"+text(l, "locationId")+"/services"), "services") {
				parts := strings.Split(text(s, "name"), "/")
				add(p+" run "+text(s, "name"), s, known{name: parts[5], region: parts[3], native: text(s["terminalCondition"].(map[string]any), "state")}, "createTime", "labels")
			}
		}
		for _, d := range rows(get("sqladmin.googleapis.com/v1/projects/"+p+"/instances"), "items") {
			add(p+" sql "+text(d, "name"), map[string]any{"createTime": d["createTime"], "labels": d["settings"].(map[string]any)["userLabels"]},
				known{name: text(d, "name"), region: text(d, "region"), native: text(d, "state")}, "createTime", "labels")
		}
	}
	return all
}

func TestListsAreTheTruthFieldByField(t *testing.T) {
	t.Parallel()
	for _, o := range []sim.Options{
		{Seed: 1, Counts: map[string]int{"gcp": 150}}, {Seed: 2, Counts: map[string]int{"gcp": 150}, Incidents: true}, {Seed: 3, Counts: map[string]int{"gcp": 1}},
	} {
		a := signIn(t, o)
		truth := a.Truth()
		got := gather(t, func(target string) map[string]any {
			_, body := a.get(target)
			return body
		}, truth.Accounts)
		for _, r := range truth.Resources {
			key := r.Account + " " + r.Service + " " + r.ID
			g, ok := got[key]
			want := known{r.Name, r.Region, r.NativeStatus, asJSON(r.Tags), r.CreatedAt}
			if !ok || g.name != want.name || g.region != want.region || g.native != want.native || g.labels != want.labels ||
				g.created.Sub(want.created).Abs() > time.Second {
				t.Errorf("%s: got %+v (%v), want %+v", key, g, ok, want)
			}
			delete(got, key)
		}
		if len(got) > 0 {
			t.Errorf("seed %d: listed, and not in the truth: %v", o.Seed, got)
		}
	}
}

// TestReadingsOfEveryServiceAreTheTruth asks for each metric as its documentation says, and for all resources together.
func TestReadingsOfEveryServiceAreTheTruth(t *testing.T) {
	t.Parallel()
	m := newMonitor(t, sim.Options{Seed: 5, Counts: map[string]int{"gcp": 200}})
	const vm, agent, node, service, server = "compute.googleapis.com/instance/", "agent.googleapis.com/", "kubernetes.io/node/", "run.googleapis.com/", "cloudsql.googleapis.com/database/"
	const instance, cluster, revision, database = "resource.labels.instance_id", "resource.labels.location & resource.labels.cluster_name",
		"resource.labels.location & resource.labels.service_name", "resource.labels.database_id"
	const execution, function = "cloudfunctions.googleapis.com/function/execution_", "resource.labels.region & resource.labels.function_name"
	first := map[string]bool{} // the functions of the first generation
	_, functions, _ := m.call("cloudfunctions.googleapis.com/v2/projects/"+m.project+"/locations/-/functions", m.headers)
	for _, f := range rows(functions, "functions") {
		first[f["name"].(string)] = f["environment"] == "GEN_1"
	}
	for _, c := range []struct {
		service, metric, kind, more, aligner, reducer, by string
		factor                                            float64
	}{
		{"compute", "cpu_usage_percent", vm + "cpu/utilization", "", "ALIGN_MEAN", "REDUCE_MEAN", instance, 100},
		{"compute", "memory_usage_percent", agent + "memory/percent_used", ` AND metric.labels.state = "used"`, "ALIGN_MEAN", "REDUCE_MEAN", instance, 1},
		{"compute", "gpu_usage_percent", agent + "gpu/utilization", "", "ALIGN_MEAN", "REDUCE_MEAN", instance, 1},
		{"compute", "network_rx_bytes_per_second", vm + "network/received_bytes_count", "", "ALIGN_RATE", "REDUCE_SUM", instance, 1},
		{"compute", "network_tx_bytes_per_second", vm + "network/sent_bytes_count", "", "ALIGN_RATE", "REDUCE_SUM", instance, 1},
		{"compute", "disk_read_bytes_per_second", vm + "disk/read_bytes_count", "", "ALIGN_RATE", "REDUCE_SUM", instance, 1},
		{"compute", "disk_write_bytes_per_second", vm + "disk/write_bytes_count", "", "ALIGN_RATE", "REDUCE_SUM", instance, 1},
		{"gke", "cpu_usage_percent", node + "cpu/allocatable_utilization", "", "ALIGN_MEAN", "REDUCE_MEAN", cluster, 100},
		{"gke", "memory_usage_percent", node + "memory/allocatable_utilization", ` AND metric.labels.memory_type = "non-evictable"`, "ALIGN_MEAN", "REDUCE_MEAN", cluster, 100},
		{"run", "requests_per_second", service + "request_count", "", "ALIGN_RATE", "REDUCE_SUM", revision, 1},
		{"run", "latency_p99_seconds", service + "request_latencies", "", "ALIGN_PERCENTILE_99", "REDUCE_MAX", revision, 0.001},
		{"run", "cpu_usage_percent", service + "container/cpu/utilizations", "", "ALIGN_PERCENTILE_50", "REDUCE_MEAN", revision, 100},
		{"run", "memory_usage_percent", service + "container/memory/utilizations", "", "ALIGN_PERCENTILE_50", "REDUCE_MEAN", revision, 100},
		{"functions gen1", "requests_per_second", execution + "count", "", "ALIGN_RATE", "REDUCE_SUM", function, 1},
		{"functions gen1", "errors_per_second", execution + "count", ` AND metric.labels.status != "ok"`, "ALIGN_RATE", "REDUCE_SUM", function, 1},
		{"functions gen1", "latency_p50_seconds", execution + "times", "", "ALIGN_DELTA", "REDUCE_PERCENTILE_50", function, 1e-9},
		{"functions gen1", "latency_p99_seconds", execution + "times", "", "ALIGN_DELTA", "REDUCE_PERCENTILE_99", function, 1e-9},
		{"functions gen2", "requests_per_second", service + "request_count", "", "ALIGN_RATE", "REDUCE_SUM", revision, 1},
		{"functions gen2", "errors_per_second", service + "request_count", ` AND metric.labels.response_code_class = "5xx"`, "ALIGN_RATE", "REDUCE_SUM", revision, 1},
		{"functions gen2", "latency_p50_seconds", service + "request_latencies", "", "ALIGN_DELTA", "REDUCE_PERCENTILE_50", revision, 0.001},
		{"functions gen2", "latency_p99_seconds", service + "request_latencies", "", "ALIGN_PERCENTILE_99", "REDUCE_MAX", revision, 0.001},
		{"functions gen2", "cpu_usage_percent", service + "container/cpu/utilizations", "", "ALIGN_PERCENTILE_50", "REDUCE_MEAN", revision, 100},
		{"functions gen2", "memory_usage_percent", service + "container/memory/utilizations", "", "ALIGN_PERCENTILE_50", "REDUCE_MEAN", revision, 100},
		{"sql", "cpu_usage_percent", server + "cpu/utilization", "", "ALIGN_MEAN", "REDUCE_MEAN", database, 100},
		{"sql", "memory_usage_percent", server + "memory/utilization", "", "ALIGN_MEAN", "REDUCE_MEAN", database, 100},
		{"sql", "disk_usage_percent", server + "disk/utilization", "", "ALIGN_MEAN", "REDUCE_MEAN", database, 100},
	} {
		status, body := m.list(map[string]string{
			"filter": `metric.type = "` + c.kind + `"` + c.more, "aggregation.perSeriesAligner": c.aligner, "aggregation.crossSeriesReducer": c.reducer,
			"aggregation.groupByFields": c.by,
		})
		if status != http.StatusOK {
			t.Errorf("%s: got %d %v", c.kind, status, body)
			continue
		}
		got := map[string]float64{}
		for _, s := range rows(body, "timeSeries") {
			labels := s["resource"].(map[string]any)["labels"].(map[string]any)
			var parts []string
			for by := range strings.SplitSeq(c.by, " & ") {
				parts = append(parts, labels[strings.TrimPrefix(by, "resource.labels.")].(string))
			}
			got[strings.Join(parts, "/")] = values(s)[0] * c.factor
		}
		measured := 0
		for _, r := range m.Truth().Resources {
			kind := r.Service
			if kind == "functions" {
				kind = map[bool]string{true: "functions gen1", false: "functions gen2"}[first[r.ID]]
			}
			if r.Account != m.project || kind != c.service {
				continue
			}
			id := r.ID
			switch r.Service {
			case "run", "functions":
				id = r.Region + "/" + r.Name
			case "sql":
				id = m.project + ":" + r.Name
			}
			want, has := r.Metrics[c.metric]
			v, ok := got[id]
			if ok != has || math.Abs(v-want) > 1e-6*math.Max(1, math.Abs(want)) {
				t.Errorf("%s of %s (%s): got %v (%v), want %v (%v)", c.metric, r.Name, r.NativeStatus, v, ok, want, has)
			}
			if has {
				measured++
			}
		}
		if measured == 0 {
			t.Errorf("nothing of %s has %s: the test proves nothing", c.service, c.metric)
		}
	}
}

func TestWorldsShowEveryState(t *testing.T) {
	t.Parallel()
	seen := map[string]map[string]bool{}
	shapes := map[string]int{}
	for _, r := range newDoorway(t, sim.Options{Seed: 1, Counts: map[string]int{"gcp": 600}}).Truth().Resources {
		if seen[r.Service] == nil {
			seen[r.Service] = map[string]bool{}
		}
		seen[r.Service][r.NativeStatus] = true
		if r.Status == "" || r.Name == "" || r.ID == "" || r.Region == "" || r.CreatedAt.After(sim.Epoch) {
			t.Errorf("incomplete: %+v", r)
		}
		for what, has := range map[string]bool{
			"without labels": r.Tags == nil, "with a GPU": r.GPUCount > 0, "with several": r.GPUCount > 1, "priced": r.HourlyCost != nil,
			"running without a price": r.Service == "compute" && r.HourlyCost == nil && r.Status == "running", "measured": len(r.Metrics) > 0,
			"without an agent": r.Service == "compute" && r.Status == "running" && r.Metrics["memory_usage_percent"] == 0,
		} {
			if has {
				shapes[what]++
			}
		}
	}
	for service, n := range map[string]int{"compute": 8, "gke": 6, "functions": 5, "run": 3, "sql": 5} {
		if len(seen[service]) < n {
			t.Errorf("%s shows %d states, want %d: %v", service, len(seen[service]), n, seen[service])
		}
	}
	if len(shapes) != 7 {
		t.Errorf("of seven kinds of resources there are %v", shapes)
	}
}

// TestWhatIsNoMethodIsNotFound tries paths and methods that Google does not have, at every host.
func TestWhatIsNoMethodIsNotFound(t *testing.T) {
	t.Parallel()
	d := newDoorway(t, sim.Options{Seed: 1})
	headers := map[string]string{"Authorization": "Bearer " + d.token(t, platform)}
	for _, host := range d.Hosts() {
		if host == tokenHost {
			continue
		}
		if status, body, _ := d.call(host+"/v9/nonsense", headers); status != http.StatusNotFound || !strings.Contains(asJSON(body), "NOT_FOUND") {
			t.Errorf("%s: got %d %v, want 404", host, status, body)
		}
	}
	p := d.Truth().Accounts[0]
	for _, target := range []string{
		"compute.googleapis.com/compute/v1/projects/" + p + "/zones/us-central1-a/instances/x", "sqladmin.googleapis.com/v1/projects/" + p + "/instances/x",
		"container.googleapis.com/v1/projects/" + p + "/locations/-/clusters", "run.googleapis.com/v2/projects/" + p + "/locations/us-east1/services",
		"cloudresourcemanager.googleapis.com/v3/projects/" + p, "monitoring.googleapis.com/v3/projects/" + p + "/timeSeries",
	} {
		for _, method := range []string{http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete} {
			r := httptest.NewRequest(method, "https://"+target, strings.NewReader("{}"))
			r.Header.Set("Authorization", headers["Authorization"])
			w := httptest.NewRecorder()
			if d.ServeHTTP(w, r); w.Code != http.StatusMethodNotAllowed || w.Header().Get("Allow") != http.MethodGet {
				t.Errorf("%s %s: got %d, want 405: nothing can be changed here", method, target, w.Code)
			}
		}
	}
}

func TestProjectsAreKnownByNumberToo(t *testing.T) {
	t.Parallel()
	a := signIn(t, sim.Options{Seed: 1, Counts: map[string]int{"gcp": 60}})
	_, project := a.get("cloudresourcemanager.googleapis.com/v1/projects/" + a.Truth().Accounts[0])
	number := project["projectNumber"].(string)
	for target, field := range map[string]string{
		"compute.googleapis.com/compute/v1/projects/%/aggregated/instances": "instances", "container.googleapis.com/v1/projects/%/locations/-/clusters": "clusters",
		"cloudfunctions.googleapis.com/v2/projects/%/locations/-/functions": "functions", "sqladmin.googleapis.com/v1/projects/%/instances": "items",
		"run.googleapis.com/v2/projects/%/locations/us-central1/services": "services",
	} {
		_, byID := a.get(strings.Replace(target, "%", a.Truth().Accounts[0], 1))
		status, byNumber := a.get(strings.Replace(target, "%", number, 1))
		if status != http.StatusOK || len(rows(byID, field)) != len(rows(byNumber, field)) {
			t.Errorf("%s: got %d with %d rows, want %d", target, status, len(rows(byNumber, field)), len(rows(byID, field)))
		}
	}
}

func TestAnswersAreTheSameForAllWhoAskAtOnce(t *testing.T) {
	t.Parallel()
	a := signIn(t, sim.Options{Seed: 1, Counts: map[string]int{"gcp": 120}})
	p := a.Truth().Accounts[0]
	targets := []string{
		"compute.googleapis.com/compute/v1/projects/" + p + "/aggregated/instances", "sqladmin.googleapis.com/v1/projects/" + p + "/instances",
		"container.googleapis.com/v1/projects/" + p + "/locations/-/clusters", "cloudbilling.googleapis.com/v1/services/6F81-5844-456A/skus",
	}
	var want []string
	for _, target := range targets {
		_, body := a.get(target)
		want = append(want, asJSON(body))
	}
	fresh := signIn(t, sim.Options{Seed: 1, Counts: map[string]int{"gcp": 120}})
	var wg sync.WaitGroup
	for i, target := range targets {
		for range 8 {
			wg.Go(func() {
				if _, body := fresh.get(target); asJSON(body) != want[i] {
					t.Errorf("%s: another answer", target)
				}
			})
		}
	}
	wg.Wait()
}
