package runpodsim

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/adsops/cloudtop/internal/sim"
)

func TestPodsOfClustersAreListedOnRequest(t *testing.T) {
	t.Parallel()
	d := open(t, 60, sim.Options{Seed: 3})
	members := 2 * len(d.cloud.clusters)
	for target, want := range map[string]int{
		"pods": len(d.cloud.pods) - members, "pods?includeClusterPods=false": len(d.cloud.pods) - members,
		"pods?includeClusterPods=true": len(d.cloud.pods), "pods?includeClusterPods=": len(d.cloud.pods) - members,
	} {
		if got := rows(t, d.get(target), "pods"); len(got) != want || members == 0 {
			t.Errorf("%s: got %d pods, want %d", target, len(got), want)
		}
	}
	w := d.call(http.MethodGet, "api.runpod.io/v2/pods?includeClusterPods=yes")
	if got := problemOf(t, w, http.StatusUnprocessableEntity); !strings.Contains(got, "includeClusterPods") {
		t.Errorf("got %q, want the parameter's name", got)
	}
}

func TestAPodIsWhatItsStatusAllows(t *testing.T) {
	t.Parallel()
	d := open(t, 200, sim.Options{Seed: 3})
	seen := map[string]int{}
	for _, p := range rows(t, d.get("pods?includeClusterPods=true"), "pods") {
		status := p["status"].(string)
		seen[status]++
		runs := status == "RUNNING"
		ssh := p["ssh"].(map[string]any)
		if (p["runtime"] != nil) != runs || (p["startedAt"] != nil) != runs || (ssh["direct"] != nil) != runs || (ssh["proxy"] != nil) != runs {
			t.Errorf("%s is %s: runtime %v, started %v, ssh %v", p["id"], status, p["runtime"], p["startedAt"], ssh)
		}
		if cost := p["cost"].(float64); (status == "EXITED" || status == "TERMINATED") && cost != 0 || runs && cost == 0 {
			t.Errorf("%s is %s and costs %v", p["id"], status, cost)
		}
		if (p["gpu"] == nil) == (p["cpu"] == nil) || p["cpu"] != nil && p["cudaVersion"] != nil {
			t.Errorf("%s has GPU %v, CPU %v and CUDA %v", p["id"], p["gpu"], p["cpu"], p["cudaVersion"])
		}
		if status == "PROVISIONING" && p["dataCenterId"] != nil {
			t.Errorf("%s is not placed yet, and in %v", p["id"], p["dataCenterId"])
		}
		one := d.get("pods/" + p["id"].(string))
		if a, b := asText(t, one), asText(t, p); a != b {
			t.Errorf("by itself it is\n%s\nin the list\n%s", a, b)
		}
	}
	for _, status := range []string{"RUNNING", "EXITED", "STARTING", "PROVISIONING", "ERROR", "TERMINATED"} {
		if seen[status] == 0 {
			t.Errorf("no pod is %s: %v", status, seen)
		}
	}
	problemOf(t, d.call(http.MethodGet, "api.runpod.io/v2/pods/nobody"), http.StatusNotFound)
}

func asText(t testing.TB, v any) string {
	t.Helper()
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestAVolumeIsWhereItsPodIs(t *testing.T) {
	t.Parallel()
	d := open(t, 100, sim.Options{Seed: 3})
	places := map[string]any{}
	for _, v := range rows(t, d.get("network-volumes"), "networkVolumes") {
		places[v["id"].(string)] = v["dataCenter"]
		if got := d.get("network-volumes/" + v["id"].(string)); asText(t, got) != asText(t, v) {
			t.Errorf("by itself it is %v, in the list %v", got, v)
		}
		if gb := v["size"].(float64); gb < 10 || gb > 4096 {
			t.Errorf("%v has %v GB, want 10 to 4096", v["id"], gb)
		}
	}
	mounted := 0
	for _, p := range rows(t, d.get("pods"), "pods") {
		network, _ := p["mounts"].(map[string]any)["network"].([]any)
		for _, m := range network {
			mounted++
			if at := places[m.(map[string]any)["volumeId"].(string)]; at != p["dataCenterId"] {
				t.Errorf("%v is in %v, its volume in %v", p["id"], p["dataCenterId"], at)
			}
		}
	}
	if mounted == 0 {
		t.Error("no pod has a network volume")
	}
	problemOf(t, d.call(http.MethodGet, "api.runpod.io/v2/network-volumes/nobody"), http.StatusNotFound)
}

func TestAClusterSumsUpItsPods(t *testing.T) {
	t.Parallel()
	d := open(t, 300, sim.Options{Seed: 3})
	growing, roles := 0, map[string]bool{}
	for _, k := range rows(t, d.get("clusters"), "clusters") {
		by := map[string]float64{}
		pods := rows(t, d.get("clusters/"+k["id"].(string)+"/pods"), "pods")
		for i, p := range pods {
			by[p["status"].(string)]++
			member := p["cluster"].(map[string]any)
			if member["id"] != k["id"] || member["rank"] != float64(i) {
				t.Errorf("%v: got membership %v", k["id"], member)
			}
			role, _ := member["role"].(string)
			roles[fmt.Sprint(k["type"], i, role)] = true
		}
		sum := k["pods"].(map[string]any)
		if sum["total"] != float64(len(pods)) || asText(t, sum["byStatus"]) != asText(t, by) {
			t.Errorf("%v: the summary is %v, its pods are %v", k["id"], sum, by)
		}
		if by["STARTING"] > 0 {
			growing++
		}
		if asText(t, d.get("clusters/"+k["id"].(string))) != asText(t, k) {
			t.Errorf("%v is another by itself", k["id"])
		}
	}
	if growing == 0 {
		t.Error("no cluster grows")
	}
	for _, want := range []string{"SLURM0SLURM_CONTROLLER", "SLURM1SLURM_COMPUTE", "RAY0RAY_HEAD", "RAY1RAY_WORKER", "TRAINING0"} {
		if !roles[want] {
			t.Errorf("no pod is %s: %v", want, slices.Sorted(maps.Keys(roles)))
		}
	}
	for _, target := range []string{"clusters/nobody", "clusters/nobody/pods"} {
		problemOf(t, d.call(http.MethodGet, "api.runpod.io/v2/"+target), http.StatusNotFound)
	}
}

func TestAnEndpointIsWhatItsTypeAllows(t *testing.T) {
	t.Parallel()
	d := open(t, 300, sim.Options{Seed: 3})
	seen := map[string]int{}
	for _, e := range rows(t, d.get("serverless"), "endpoints") {
		id, urls := e["id"].(string), e["requestUrls"].(map[string]any)
		scaling, workers := e["scaling"].(map[string]any)["type"].(string), e["workers"].(map[string]any)
		kind := fmt.Sprint(e["type"], " ", scaling)
		if e["gpu"] == nil {
			kind += " CPU"
		}
		seen[kind]++
		// idleTimeout does not apply to queues that scale by requests (spec: EndpointWorkers).
		if (workers["idleTimeout"] == nil) != (kind == "QUEUE REQUEST_COUNT") {
			t.Errorf("%s is %s and has workers %v", id, kind, workers)
		}
		health := d.call(http.MethodGet, "api.runpod.ai/v2/"+id+"/health")
		if queue := e["type"] == "QUEUE"; (health.Code == http.StatusOK) != queue || (urls["health"] == "https://api.runpod.ai/v2/"+id+"/health") != queue {
			t.Errorf("%s is %s: its health answers %d, its URLs are %v", id, kind, health.Code, urls)
		}
		if asText(t, d.get("serverless/"+id)) != asText(t, e) || len(rows(t, d.get("serverless/"+id+"/builds"), "builds")) != 0 {
			t.Errorf("%s is another by itself, or has builds", id)
		}
	}
	for _, kind := range []string{"QUEUE QUEUE_DELAY", "QUEUE REQUEST_COUNT", "LOAD_BALANCER REQUEST_COUNT", "QUEUE QUEUE_DELAY CPU"} {
		if seen[kind] == 0 {
			t.Errorf("no endpoint is %s: %v", kind, seen)
		}
	}
	for _, target := range []string{"serverless/nobody", "serverless/nobody/workers", "serverless/nobody/releases", "serverless/nobody/workers/w/logs"} {
		problemOf(t, d.call(http.MethodGet, "api.runpod.io/v2/"+target), http.StatusNotFound)
	}
}

func TestWorkersAreSummedUp(t *testing.T) {
	t.Parallel()
	d := open(t, 100, sim.Options{Seed: 3})
	states := map[string]int{}
	for _, e := range d.cloud.endpoints {
		answer := d.get("serverless/" + e.id + "/workers")
		by, stale := map[string]float64{}, 0.0
		workers := rows(t, answer, "workers")
		for _, w := range workers {
			status := w["status"].(string)
			states[status]++
			by[strings.ToLower(status)]++
			placed := status != "INITIALIZING" && status != "THROTTLED"
			if (w["dataCenterId"] != nil) != placed || (w["startedAt"] != nil) != placed || (w["uptimeSeconds"] != nil) != placed {
				t.Errorf("%v is %s in %v since %v", w["id"], status, w["dataCenterId"], w["startedAt"])
			}
			if w["isStale"] != (w["version"] != answer["endpointVersion"]) {
				t.Errorf("%v has version %v of %v, stale: %v", w["id"], w["version"], answer["endpointVersion"], w["isStale"])
			}
			if w["isStale"] == true {
				stale++
			}
		}
		sum := answer["summary"].(map[string]any)
		for _, state := range []string{"running", "idle", "initializing", "throttled", "unhealthy"} {
			if sum[state] != by[state] {
				t.Errorf("%s: the summary has %v %s, the list %v", e.id, sum[state], state, by[state])
			}
		}
		rollout := d.get("serverless/" + e.id + "/releases")["rollout"].(map[string]any)
		if sum["total"] != float64(len(workers)) || rollout["workersTotal"] != sum["total"] || rollout["workersOnLatest"] != sum["total"].(float64)-stale ||
			rollout["inProgress"] != (stale > 0) {
			t.Errorf("%s: %d workers, summary %v, rollout %v", e.id, len(workers), sum, rollout)
		}
	}
	if len(states) != 5 {
		t.Errorf("got workers in states %v, want all five", states)
	}
}

func TestAQueueCountsItsJobs(t *testing.T) {
	t.Parallel()
	d := open(t, 40, sim.Options{Seed: 3})
	for _, e := range d.cloud.endpoints {
		if e.kind != "QUEUE" {
			continue
		}
		read := func() map[string]any {
			return decoded(t, d.call(http.MethodGet, "api.runpod.ai/v2/"+e.id+"/health"))["jobs"].(map[string]any)
		}
		before := read()
		d.at = d.at.Add(24 * time.Hour)
		after := read()
		for _, grows := range []string{"completed", "failed", "retried"} {
			if after[grows].(float64) <= before[grows].(float64) {
				t.Errorf("%s: %s went from %v to %v in a day", e.id, grows, before[grows], after[grows])
			}
		}
		for _, now := range []string{"inQueue", "inProgress"} {
			if v := after[now].(float64); v < 0 || v > 120 {
				t.Errorf("%s: %s is %v", e.id, now, v)
			}
		}
	}
	w := d.call(http.MethodGet, "api.runpod.ai/v2/nobody/health")
	if got := decoded(t, w); w.Code != http.StatusNotFound || got["error"] != "endpoint not found" {
		t.Errorf("got %d %v", w.Code, got)
	}
}

func TestAccountThingsAreListedAndFound(t *testing.T) {
	t.Parallel()
	d := open(t, 0, sim.Options{})
	for _, c := range []struct{ list, name string }{{"templates", "templates"}, {"registries", "registries"}} {
		for _, row := range rows(t, d.get(c.list), c.name) {
			if asText(t, d.get(c.list+"/"+row["id"].(string))) != asText(t, row) {
				t.Errorf("%s %v is another by itself", c.list, row["id"])
			}
		}
		problemOf(t, d.call(http.MethodGet, "api.runpod.io/v2/"+c.list+"/nobody"), http.StatusNotFound)
	}
	if got := rows(t, d.get("registries/delegations"), "delegations"); len(got) != 0 {
		t.Errorf("got delegations %v, want none", got)
	}
	if got, ok := d.get("account/ssh-keys")["keys"].([]any); !ok || len(got) != 1 {
		t.Errorf("got keys %v, want one", got)
	}
	for source, want := range map[string]string{"": "PyTorch 2.8", "official": "PyTorch 2.8", "verified": "ComfyUI", "community": "A notebook"} {
		got := rows(t, d.get("catalog/templates?source="+source), "templates")
		if len(got) != 1 || got[0]["name"] != want || got[0]["public"] != true {
			t.Errorf("%q: got %v, want %s", source, got, want)
		}
	}
	problemOf(t, d.call(http.MethodGet, "api.runpod.io/v2/catalog/templates?source=mine"), http.StatusUnprocessableEntity)
}

// logLines reads a stream of events: the ids, and the sources of the lines.
func logLines(t testing.TB, d *desk, target string, header ...string) (ids, sources []string) {
	t.Helper()
	w := d.call(http.MethodGet, "api.runpod.io/v2/"+target, header...)
	d.at = d.at.Add(time.Minute)
	if w.Code != http.StatusOK || w.Header().Get("Content-Type") != "text/event-stream" {
		t.Fatalf("%s: got %d %s %s", target, w.Code, w.Header().Get("Content-Type"), w.Body)
	}
	for event := range strings.SplitSeq(strings.TrimSpace(w.Body.String()), "\n\n") {
		id, data, ok := strings.Cut(event, "\n")
		var line struct{ TS, Source, Line string }
		if event == "" {
			continue
		}
		if err := json.Unmarshal([]byte(strings.TrimPrefix(data, "data: ")), &line); err != nil || !ok || !strings.HasPrefix(id, "id: "+line.TS) {
			t.Fatalf("event %q: %v", event, err)
		}
		ids, sources = append(ids, strings.TrimPrefix(id, "id: ")), append(sources, line.Source)
	}
	return ids, sources
}

func TestLogsAreTailedFilteredAndResumed(t *testing.T) {
	t.Parallel()
	d := open(t, 20, sim.Options{Seed: 3})
	pod := "pods/" + d.cloud.pods[0].id + "/logs"
	all, _ := logLines(t, d, pod+"?tail=5000")
	for target, want := range map[string]int{"": 100, "?tail=0": 0, "?tail=7": 7, "?tail=5000": 200, "?source=system": 100, "?source=container&tail=3": 3} {
		ids, sources := logLines(t, d, pod+target)
		if len(ids) != want || len(ids) > 0 && ids[len(ids)-1] > all[len(all)-1] {
			t.Errorf("%q: got %d lines, want the last %d", target, len(ids), want)
		}
		if strings.Contains(target, "system") && slices.Contains(sources, "container") {
			t.Errorf("%q: got lines of %v", target, sources)
		}
	}
	since, _, _ := strings.Cut(all[150], "/")
	if ids, _ := logLines(t, d, pod+"?tail=1&since="+since); !slices.Equal(ids, all[151:]) {
		t.Errorf("since %s: got %d lines, want the %d after it", since, len(ids), len(all[151:]))
	}
	if ids, _ := logLines(t, d, pod+"?since="+since, "Last-Event-ID", all[190]); !slices.Equal(ids, all[191:]) {
		t.Errorf("after event %s: got %d lines, want the %d after it", all[190], len(ids), len(all[191:]))
	}
	e := d.cloud.endpoints[0]
	if ids, _ := logLines(t, d, "serverless/"+e.id+"/workers/"+e.workerID(0)+"/logs"); len(ids) == 0 {
		t.Error("a worker has no logs")
	}
	for target, status := range map[string]int{
		pod + "?tail=-1": 422, pod + "?tail=5001": 422, pod + "?tail=x": 422, pod + "?source=kernel": 422, pod + "?since=now": 422,
		"pods/nobody/logs": 404, "serverless/nobody/workers/w/logs": 404, "serverless/" + e.id + "/workers/nobody/logs": 404,
	} {
		problemOf(t, d.call(http.MethodGet, "api.runpod.io/v2/"+target), status)
	}
}
