package runpodsim

import (
	"fmt"
	"maps"
	"math"
	"net/http"
	"slices"
	"time"
)

const stamp = time.RFC3339

// find answers with the one element that has the id of the path.
func find[T any](r *http.Request, all []T, id func(T) string, what string, show func(T) object) (any, *problem) {
	i := slices.IndexFunc(all, func(v T) bool { return id(v) == r.PathValue("id") })
	if i < 0 {
		return nil, notFound(what)
	}
	return show(all[i]), nil
}

// each shows every element.
func each[T any](all []T, show func(T) object) []object {
	out := make([]object, 0, len(all))
	for _, v := range all {
		out = append(out, show(v))
	}
	return out
}

func orNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func (c *cloud) listPods(r *http.Request) (any, *problem) {
	q := queryOf(r)
	members := q.flag("includeClusterPods")
	shown := make([]*pod, 0, len(c.pods))
	for _, p := range c.pods {
		if p.cluster == nil || members != nil && *members {
			shown = append(shown, p)
		}
	}
	return object{"pods": each(shown, c.podJSON)}, q.invalid()
}

func (c *cloud) getPod(r *http.Request) (any, *problem) {
	return find(r, c.pods, (*pod).key, "pod", c.podJSON)
}

func (p *pod) key() string { return p.id }

// container is the schema ContainerConfig.
func container(image string, diskGB int, ports []string) object {
	return object{
		"image": image, "args": "", "disk": diskGB, "ports": ports, "registry": nil,
		"env": map[string]string{"HF_TOKEN": secret, "JUPYTER_PASSWORD": secret},
	}
}

func (c *cloud) podJSON(p *pod) object {
	m := container(p.image, p.diskGB, []string{"8888/http", "22/tcp"})
	maps.Copy(m, object{
		"id": p.id, "name": p.name, "status": p.status, "actions": actions(p.status), "mounts": p.mounts(), "cloud": p.tier,
		"dataCenterId": orNull(p.dataCenter), "cudaVersion": orNull(p.cuda), "template": orNull(p.template), "cost": p.cost,
		"locked": p.locked, "ssh": p.ssh(), "globalNetworking": p.network(), "runtime": nil, "createdAt": p.created.Format(stamp),
		"startedAt": nil,
	})
	if p.gpu != nil {
		m["gpu"] = object{"id": p.gpu.id, "count": p.gpus}
	} else {
		m["cpu"], m["cudaVersion"] = object{"id": "cpu5c", "vcpuCount": p.vcpus, "memory": p.memoryGB}, nil
	}
	if p.cluster != nil {
		m["cluster"] = p.membership()
	}
	if p.status == "RUNNING" {
		m["startedAt"], m["runtime"] = p.started().Format(stamp), c.runtime(p)
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

func (p *pod) started() time.Time { return p.created.Add(time.Minute) }

func (p *pod) mounts() object {
	m := object{}
	if p.volumeGB > 0 {
		m["persistent"] = object{"size": p.volumeGB, "path": "/workspace"}
	}
	if p.volume != nil {
		m["network"] = []object{{"volumeId": p.volume.id, "path": "/runpod-volume"}}
	}
	return m
}

// ssh is how a running pod is reached: through the proxy, whose user name routes to the pod and is kept to oneself, and
// directly at the public port of 22/tcp.
func (p *pod) ssh() object {
	if p.status != "RUNNING" {
		return object{"proxy": nil, "direct": nil}
	}
	user := p.id + "-" + secret
	return object{
		"proxy": object{"host": "ssh.runpod.io", "port": 22, "username": user, "command": "ssh " + user + "@ssh.runpod.io"},
		"direct": object{
			"host": p.address, "port": p.port, "username": "root", "command": fmt.Sprintf("ssh root@%s -p %d", p.address, p.port),
		},
	}
}

func (p *pod) network() object {
	if !p.global {
		return object{"enabled": false}
	}
	return object{"enabled": true, "ip": "10.65.1.42", "internalDns": p.id + ".runpod.internal"}
}

// membership is the schema PodCluster. Only managed clusters have roles.
func (p *pod) membership() object {
	m := object{"id": p.cluster.id, "rank": p.rank, "ip": fmt.Sprintf("10.65.0.%d", p.rank+2)}
	roles := map[string][2]string{"SLURM": {"SLURM_CONTROLLER", "SLURM_COMPUTE"}, "RAY": {"RAY_HEAD", "RAY_WORKER"}}
	if r, ok := roles[p.cluster.kind]; ok {
		m["role"] = r[min(p.rank, 1)]
	}
	return m
}

// runtime is what the host measures now. Some hosts tell ports and uptime only, as the published example does.
func (c *cloud) runtime(p *pod) object {
	m := object{"uptime": c.uptime(p), "ports": []object{
		{"private": 8888, "public": nil, "type": "http", "ip": nil},
		{"private": 22, "public": p.port, "type": "tcp", "ip": p.address},
	}}
	if p.bare {
		return m
	}
	now := c.world.Now()
	m["cpu"] = object{"util": round(p.cpu.At(now))}
	m["memory"] = object{"util": round(p.memory.At(now))}
	gpus := []object{}
	for range p.gpus {
		gpus = append(gpus, object{"util": round(p.util.At(now)), "memoryUtil": round(p.gpuMemory.At(now))})
	}
	if p.gpu != nil {
		m["gpus"] = gpus
	}
	return m
}

func round(v float64) int { return int(math.Round(v)) }

// uptime is told in whole minutes' worth of seconds.
func (c *cloud) uptime(p *pod) int {
	return int(c.world.Now().Sub(p.started()).Truncate(time.Minute) / time.Second)
}

func (c *cloud) listClusters(*http.Request) (any, *problem) {
	return object{"clusters": each(c.clusters, (*cluster).json)}, nil
}

func (c *cloud) getCluster(r *http.Request) (any, *problem) {
	return find(r, c.clusters, (*cluster).key, "cluster", (*cluster).json)
}

func (c *cloud) listClusterPods(r *http.Request) (any, *problem) {
	return find(r, c.clusters, (*cluster).key, "cluster", func(k *cluster) object {
		return object{"pods": each(k.pods, c.podJSON)}
	})
}

func (k *cluster) key() string { return k.id }

// json is the schema Cluster. Its first pod is the primary, which has an address once it runs.
func (k *cluster) json() object {
	by := map[string]int{}
	for _, p := range k.pods {
		by[p.status]++
	}
	first := k.pods[0]
	primary := object{"podId": first.id, "status": first.status}
	if first.status == "RUNNING" {
		primary["sshEndpoint"] = fmt.Sprintf("%s:%d", first.address, first.port)
	}
	return object{
		"id": k.id, "name": k.name, "type": k.kind, "dataCenterId": k.dataCenter, "createdAt": k.created.Format(stamp),
		"compute": object{"gpuTypeId": k.gpu.id, "gpuCountPerPod": 8, "podCount": len(k.pods)},
		"pods":    object{"total": len(k.pods), "byStatus": by},
		"network": object{"cidr": "10.65.0.0/16", "vxlanId": 42, "vxlanPort": 4789}, "primary": primary,
	}
}
