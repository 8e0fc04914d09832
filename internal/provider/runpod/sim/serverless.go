package runpodsim

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"time"
)

func (c *cloud) listEndpoints(*http.Request) (any, *problem) {
	return object{"endpoints": each(c.endpoints, (*endpoint).json)}, nil
}

func (c *cloud) getEndpoint(r *http.Request) (any, *problem) {
	return find(r, c.endpoints, (*endpoint).key, "endpoint", (*endpoint).json)
}

func (e *endpoint) key() string { return e.id }

// json is the schema Endpoint.
func (e *endpoint) json() object {
	m := container("my-org/worker:latest", 20, []string{})
	maps.Copy(m, object{
		"id": e.id, "name": e.name, "type": e.kind, "dataCenterIds": e.dataCenters, "networkVolumes": []string{},
		"workers": object{"min": 0, "max": e.max, "idleTimeout": 5}, "timeout": 300000, "flashboot": "FLASHBOOT",
		"createdAt": e.created.Format(stamp), "scaling": object{"type": "QUEUE_DELAY", "queueDelay": 4}, "requestUrls": e.urls(),
	})
	if e.gpu == nil {
		m["cpu"] = []object{{"id": "cpu5c", "vcpuCount": 4, "memory": 8}}
	} else {
		m["gpu"] = object{
			"pools": []string{e.gpu.pool}, "count": 1, "excludedTypes": []string{"NVIDIA L40"},
			"allowedCudaVersions": []string{}, "minCudaVersion": nil,
		}
	}
	if e.byRequests || e.kind != "QUEUE" {
		m["scaling"] = object{"type": "REQUEST_COUNT", "requestCount": 4}
	}
	if e.byRequests {
		m["workers"] = object{"min": 0, "max": e.max} // idleTimeout does not apply
	}
	return m
}

// urls is the schema EndpointRequestUrls.
func (e *endpoint) urls() map[string]string {
	if e.kind != "QUEUE" {
		root := "https://" + e.id + "." + jobHost
		return map[string]string{"base": root, "health": root + "/ping"}
	}
	root := "https://" + jobHost + "/v2/" + e.id + "/"
	return map[string]string{
		"run": root + "run", "runSync": root + "runsync", "status": root + "status/{job_id}", "stream": root + "stream/{job_id}",
		"cancel": root + "cancel/{job_id}", "retry": root + "retry/{job_id}", "purgeQueue": root + "purge-queue",
		"health": root + "health",
	}
}

// counts returns how many workers are in each state.
func (e *endpoint) counts() map[string]int {
	n := map[string]int{}
	for _, s := range e.statuses {
		n[s]++
	}
	return n
}

// version is that of the endpoints' configuration; the first worker of each still runs the one before.
const version = 4

func (c *cloud) listWorkers(r *http.Request) (any, *problem) {
	return find(r, c.endpoints, (*endpoint).key, "endpoint", func(e *endpoint) object {
		workers := []object{}
		for i := range e.statuses {
			workers = append(workers, c.worker(e, i))
		}
		n := e.counts()
		return object{"workers": workers, "endpointVersion": version, "summary": map[string]int{
			"running": n["RUNNING"], "idle": n["IDLE"], "initializing": n["INITIALIZING"], "throttled": n["THROTTLED"],
			"unhealthy": n["UNHEALTHY"], "total": len(e.statuses),
		}}
	})
}

// worker is the schema Worker. One that waits for capacity has no place yet.
func (c *cloud) worker(e *endpoint, i int) object {
	m := object{
		"id": e.workerID(i), "status": e.statuses[i], "isStale": i == 0, "version": version, "gpuCount": 0,
		"gpuTypeId": nil, "dataCenterId": nil, "uptimeSeconds": nil, "startedAt": nil, "image": "my-org/worker:latest",
	}
	if i == 0 {
		m["version"] = version - 1
	}
	if e.statuses[i] == "THROTTLED" || e.statuses[i] == "INITIALIZING" {
		return m
	}
	started := e.created.Add(time.Hour)
	m["dataCenterId"], m["startedAt"] = e.dataCenters[0], started.Format(stamp)
	m["uptimeSeconds"] = int(max(c.world.Now().Sub(started), 0) / time.Second)
	if e.gpu != nil {
		m["gpuCount"], m["gpuTypeId"] = 1, e.gpu.id
	}
	return m
}

func (e *endpoint) workerID(i int) string { return fmt.Sprintf("%s-w%d", e.id, i) }

// listReleases answers the history of an endpoint's configuration: two releases, the newest first.
func (c *cloud) listReleases(r *http.Request) (any, *problem) {
	return find(r, c.endpoints, (*endpoint).key, "endpoint", func(e *endpoint) object {
		total := len(e.statuses)
		latest, percent := max(total-1, 0), 0
		if total > 0 {
			percent = 100 * latest / total
		}
		release := func(v, workers int, diff []object) object {
			return object{
				"id": fmt.Sprintf("rel-%s-%d", e.id, v), "version": v, "source": "MANUAL", "buildId": nil, "createdByUserId": nil,
				"workerCount": workers, "createdAt": e.created.Add(time.Duration(v) * time.Hour).Format(stamp), "diff": diff,
			}
		}
		return object{
			"endpointVersion": version,
			"rollout": object{
				"inProgress": total > latest, "workersOnLatest": latest, "workersTotal": total, "percentOnLatest": percent,
			},
			"releases": []object{
				release(version, latest, []object{{"field": "workers.max", "old": 1, "new": e.max}}),
				release(version-1, total-latest, []object{{"field": "template.env", "old": nil, "new": object{"TOKEN": secret}}}),
			},
		}
	})
}

// listBuilds answers those of an endpoint that is built from a repository; none of these is. The description names the
// path, and no more of it.
func (c *cloud) listBuilds(r *http.Request) (any, *problem) {
	return find(r, c.endpoints, (*endpoint).key, "endpoint", func(*endpoint) object { return object{"builds": []object{}} })
}

// health is a queue's own, at api.runpod.ai. Its worker keys beyond idle and running are those seen in the wild.
func (c *cloud) health(w http.ResponseWriter, r *http.Request) {
	i := slices.IndexFunc(c.endpoints, func(e *endpoint) bool { return e.id == r.PathValue("id") && e.kind == "QUEUE" })
	if i < 0 {
		write(w, http.StatusNotFound, object{"error": "endpoint not found"})
		return
	}
	e := c.endpoints[i]
	n, j := e.counts(), c.jobs(e)
	write(w, http.StatusOK, object{
		"jobs": object{
			"completed": j.completed, "failed": j.failed, "inProgress": j.running, "inQueue": j.queued, "retried": j.retried,
		},
		"workers": object{
			"idle": n["IDLE"], "initializing": n["INITIALIZING"], "ready": n["IDLE"] + n["RUNNING"], "running": n["RUNNING"],
			"throttled": n["THROTTLED"], "unhealthy": n["UNHEALTHY"],
		},
	})
}

type jobs struct{ completed, failed, running, queued, retried int }

func (c *cloud) jobs(e *endpoint) jobs {
	now := c.world.Now()
	done := int(now.Sub(e.created) / time.Minute)
	return jobs{
		completed: done, failed: done / 100, running: round(e.working.At(now)), queued: round(e.queue.At(now)), retried: done / 250,
	}
}
