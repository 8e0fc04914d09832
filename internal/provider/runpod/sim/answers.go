package runpodsim

import (
	"math"
	"net/http"
	"slices"
	"strconv"
	"time"
)

const stamp = time.RFC3339

func (c *cloud) listPods(r *http.Request) (any, *problem) {
	include := false
	if v := r.URL.Query().Get("includeClusterPods"); v != "" {
		b, err := strconv.ParseBool(v)
		if err != nil {
			return nil, &problem{Status: 400, Detail: "includeClusterPods: must be a boolean"}
		}
		include = b
	}
	out := make([]map[string]any, 0, len(c.pods))
	for _, p := range c.pods {
		if p.cluster == nil || include {
			out = append(out, c.podJSON(p))
		}
	}
	return map[string]any{"pods": out}, nil
}

func (c *cloud) getPod(r *http.Request) (any, *problem) {
	i := slices.IndexFunc(c.pods, func(p *pod) bool { return p.id == r.PathValue("id") })
	if i < 0 {
		return nil, &problem{Status: 404, Detail: "pod not found"}
	}
	return c.podJSON(c.pods[i]), nil
}

func orNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func (c *cloud) podJSON(p *pod) map[string]any {
	m := map[string]any{
		"id": p.id, "name": p.name, "image": p.image, "args": "", "disk": p.diskGB, "ports": []string{"8888/http", "22/tcp"},
		"env": map[string]string{"HF_TOKEN": "MARKER-SECRET", "JUPYTER_PASSWORD": "MARKER-SECRET"}, "registry": nil,
		"status": p.status, "actions": actions(p.status), "mounts": p.mounts(), "cloud": p.tier,
		"dataCenterId": orNull(p.dataCenter), "cudaVersion": orNull(p.cuda), "template": nil, "cost": p.cost, "locked": false,
		"ssh":              map[string]any{"proxy": nil, "direct": nil},
		"globalNetworking": map[string]any{"enabled": false}, "runtime": nil,
		"createdAt": p.created.Format(stamp), "startedAt": nil,
	}
	if p.gpu != nil {
		m["gpu"] = map[string]any{"id": p.gpu.id, "count": p.gpus}
	} else {
		m["cpu"] = map[string]any{"id": "cpu5c", "vcpuCount": p.vcpus, "memory": p.memoryGB}
		m["cudaVersion"] = nil
	}
	if p.cluster != nil {
		m["cluster"] = map[string]any{"id": p.cluster.id, "rank": p.rank, "ip": "10.65.0." + strconv.Itoa(p.rank+2)}
	}
	if p.status == "RUNNING" {
		m["startedAt"] = p.created.Add(time.Minute).Format(stamp)
		m["runtime"] = c.runtime(p)
	}
	return m
}

func actions(status string) []string {
	switch status {
	case "RUNNING":
		return []string{"stop", "restart", "terminate"}
	case "EXITED":
		return []string{"start", "terminate"}
	case "TERMINATED":
		return []string{}
	}
	return []string{"terminate"}
}

func (p *pod) mounts() map[string]any {
	m := map[string]any{}
	if p.volumeGB > 0 {
		m["persistent"] = map[string]any{"size": p.volumeGB, "path": "/workspace"}
	}
	return m
}

// runtime is what the host measures now. Some hosts tell ports and uptime only, as the published example does.
func (c *cloud) runtime(p *pod) map[string]any {
	m := map[string]any{
		"uptime": c.uptime(p),
		"ports":  []map[string]any{{"private": 8888, "public": nil, "type": "http", "ip": nil}},
	}
	if p.bare {
		return m
	}
	now := c.world.Now()
	m["cpu"] = map[string]any{"util": whole(p.cpu.At(now))}
	m["memory"] = map[string]any{"util": whole(p.memory.At(now))}
	gpus := []map[string]any{}
	for range p.gpus {
		gpus = append(gpus, map[string]any{"util": whole(p.util.At(now)), "memoryUtil": whole(p.gpuMemory.At(now))})
	}
	if p.gpu != nil {
		m["gpus"] = gpus
	}
	return m
}

func whole(v float64) int { return int(math.Round(v)) }

// uptime is told in whole minutes' worth of seconds.
func (c *cloud) uptime(p *pod) int {
	return int(c.world.Now().Sub(p.created.Add(time.Minute)).Truncate(time.Minute) / time.Second)
}

func (c *cloud) listEndpoints(*http.Request) (any, *problem) {
	out := make([]map[string]any, 0, len(c.endpoints))
	for _, e := range c.endpoints {
		out = append(out, e.json())
	}
	return map[string]any{"endpoints": out}, nil
}

func (c *cloud) endpoint(id string) *endpoint {
	i := slices.IndexFunc(c.endpoints, func(e *endpoint) bool { return e.id == id })
	if i < 0 {
		return nil
	}
	return c.endpoints[i]
}

func (c *cloud) getEndpoint(r *http.Request) (any, *problem) {
	e := c.endpoint(r.PathValue("id"))
	if e == nil {
		return nil, &problem{Status: 404, Detail: "endpoint not found"}
	}
	return e.json(), nil
}

func (e *endpoint) json() map[string]any {
	m := map[string]any{
		"id": e.id, "name": e.name, "type": e.kind, "image": "my-org/worker:latest", "args": "", "disk": 20, "ports": []string{},
		"env": map[string]string{"OPENAI_API_KEY": "MARKER-SECRET"}, "registry": nil,
		"gpu":     map[string]any{"pools": []string{e.gpu.poolOr()}, "count": 1, "excludedTypes": []string{"NVIDIA L40"}, "allowedCudaVersions": []string{}, "minCudaVersion": nil},
		"workers": map[string]any{"min": 0, "max": e.max, "idleTimeout": 5}, "dataCenterIds": e.dataCenters,
		"networkVolumes": []string{}, "timeout": 300000, "flashboot": "FLASHBOOT", "createdAt": e.created.Format(stamp),
		"scaling": map[string]any{"type": "QUEUE_DELAY", "queueDelay": 4},
	}
	urls := map[string]string{"base": "https://" + e.id + ".api.runpod.ai", "health": "https://" + e.id + ".api.runpod.ai/ping"}
	if e.kind == "QUEUE" {
		root := "https://api.runpod.ai/v2/" + e.id + "/"
		urls = map[string]string{
			"run": root + "run", "runSync": root + "runsync", "status": root + "status/{job_id}", "stream": root + "stream/{job_id}",
			"cancel": root + "cancel/{job_id}", "retry": root + "retry/{job_id}", "purgeQueue": root + "purge-queue", "health": root + "health",
		}
	} else {
		m["scaling"] = map[string]any{"type": "REQUEST_COUNT", "requestCount": 4}
	}
	m["requestUrls"] = urls
	return m
}

func (k *card) poolOr() string {
	if k.pool == "" {
		return "AMD_192"
	}
	return k.pool
}

// counts returns how many workers are in each state.
func (e *endpoint) counts() map[string]int {
	n := map[string]int{"RUNNING": 0, "IDLE": 0, "INITIALIZING": 0, "THROTTLED": 0, "UNHEALTHY": 0}
	for _, s := range e.statuses {
		n[s]++
	}
	return n
}

func (c *cloud) listWorkers(r *http.Request) (any, *problem) {
	e := c.endpoint(r.PathValue("id"))
	if e == nil {
		return nil, &problem{Status: 404, Detail: "endpoint not found"}
	}
	workers := []map[string]any{}
	for i, s := range e.statuses {
		workers = append(workers, map[string]any{
			"id": e.id + "-w" + strconv.Itoa(i), "status": s, "isStale": false, "version": 4, "gpuCount": 1,
			"gpuTypeId": e.gpu.id, "dataCenterId": e.dataCenters[0], "uptimeSeconds": nil, "startedAt": nil, "image": nil,
		})
	}
	n := e.counts()
	return map[string]any{"workers": workers, "endpointVersion": 4, "summary": map[string]int{
		"running": n["RUNNING"], "idle": n["IDLE"], "initializing": n["INITIALIZING"], "throttled": n["THROTTLED"],
		"unhealthy": n["UNHEALTHY"], "total": len(e.statuses),
	}}, nil
}

// health is a queue's own, at api.runpod.ai.
func (c *cloud) health(w http.ResponseWriter, r *http.Request) {
	e := c.endpoint(r.PathValue("id"))
	if e == nil || e.kind != "QUEUE" {
		writeJSON(w, "application/json", http.StatusNotFound, map[string]string{"error": "endpoint not found"})
		return
	}
	n := e.counts()
	j := c.jobs(e)
	writeJSON(w, "application/json", http.StatusOK, map[string]any{
		"jobs": map[string]int{
			"completed": j.completed, "failed": j.failed, "inProgress": j.running, "inQueue": j.queued, "retried": 0,
		},
		"workers": map[string]int{
			"idle": n["IDLE"], "running": n["RUNNING"], "initializing": n["INITIALIZING"], "throttled": n["THROTTLED"],
		},
	})
}

type jobs struct{ completed, failed, running, queued int }

func (c *cloud) jobs(e *endpoint) jobs {
	now := c.world.Now()
	done := int(now.Sub(e.created) / time.Minute)
	return jobs{
		completed: done, failed: done / 100, running: whole(e.working.At(now)), queued: whole(e.queue.At(now)),
	}
}

func (c *cloud) listVolumes(*http.Request) (any, *problem) {
	out := make([]map[string]any, 0, len(c.volumes))
	for _, v := range c.volumes {
		out = append(out, map[string]any{"id": v.id, "name": v.name, "size": v.sizeGB, "dataCenter": v.dataCenter, "type": v.kind})
	}
	return map[string]any{"networkVolumes": out}, nil
}

func (c *cloud) listClusters(*http.Request) (any, *problem) {
	out := make([]map[string]any, 0, len(c.clusters))
	for _, k := range c.clusters {
		out = append(out, map[string]any{
			"id": k.id, "name": k.name, "type": k.kind, "dataCenterId": k.dataCenter, "createdAt": k.created.Format(stamp),
			"compute": map[string]any{"gpuTypeId": k.gpu.id, "gpuCountPerPod": 8, "podCount": len(k.pods)},
			"pods":    map[string]any{"total": len(k.pods), "byStatus": map[string]int{"RUNNING": len(k.pods)}},
			"network": map[string]any{"cidr": "10.65.0.0/16"},
		})
	}
	return map[string]any{"clusters": out}, nil
}

func (c *cloud) listClusterPods(r *http.Request) (any, *problem) {
	i := slices.IndexFunc(c.clusters, func(k *cluster) bool { return k.id == r.PathValue("id") })
	if i < 0 {
		return nil, &problem{Status: 404, Detail: "cluster not found"}
	}
	out := []map[string]any{}
	for _, p := range c.clusters[i].pods {
		out = append(out, c.podJSON(p))
	}
	return map[string]any{"pods": out}, nil
}
