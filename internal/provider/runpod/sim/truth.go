package runpodsim

import (
	"strings"

	"github.com/adsops/cloudtop/internal/sim"
)

// account is the name of the one account that a key belongs to; RunPod tells none.
const account = "runpod"

// Truth implements sim.Cloud.
func (c *cloud) Truth() sim.Truth {
	t := sim.Truth{Accounts: []string{account}, Offers: c.offers()}
	for _, p := range c.pods {
		t.Resources = append(t.Resources, c.podTruth(p))
	}
	for _, e := range c.endpoints {
		t.Resources = append(t.Resources, c.endpointTruth(e))
	}
	for _, v := range c.volumes {
		r := sim.Resource{
			Account: account, Region: v.dataCenter, Service: "network_volumes", Type: "network_volume", ID: v.id, Name: v.name,
			Status: "unknown",
		}
		if v.kind == "STANDARD" {
			gb := float64(v.sizeGB)
			hourly := (0.07*min(gb, 1000) + 0.05*max(gb-1000, 0)) / 730
			r.HourlyCost = &hourly
		}
		t.Resources = append(t.Resources, r)
	}
	for _, k := range c.clusters {
		status := "running"
		if k.pods[1].status == "STARTING" {
			status = "starting"
		}
		t.Resources = append(t.Resources, sim.Resource{
			Account: account, Region: k.dataCenter, Service: "clusters", Type: "cluster", ID: k.id, Name: k.name,
			Status: status, CreatedAt: k.created, GPUType: k.gpu.people(), GPUCount: float64(8 * len(k.pods)),
		})
	}
	return t
}

// people is what people call a card: its id without the maker's names.
func (k *card) people() string {
	for _, maker := range []string{"NVIDIA ", "GeForce ", "AMD "} {
		if rest, ok := strings.CutPrefix(k.id, maker); ok {
			return strings.TrimPrefix(rest, "GeForce ")
		}
	}
	return k.id
}

func (c *cloud) podTruth(p *pod) sim.Resource {
	cost := p.cost
	if p.status == "EXITED" {
		cost += p.diskHour() // the listing's cost has no disks
	}
	r := sim.Resource{
		Account: account, Region: p.dataCenter, Service: "pods", Type: "pod", ID: p.id, Name: p.name, NativeStatus: p.status,
		Status: map[string]string{
			"RUNNING": "running", "EXITED": "stopped", "STARTING": "starting", "PROVISIONING": "starting", "ERROR": "failed",
			"TERMINATED": "deleted",
		}[p.status],
		CreatedAt: p.created, HourlyCost: &cost,
	}
	if p.gpu != nil {
		r.GPUType, r.GPUCount = p.gpu.people(), float64(p.gpus)
	}
	if p.status != "RUNNING" {
		return r
	}
	now := c.world.Now()
	r.Metrics = map[string]float64{"uptime_seconds": float64(c.uptime(p))}
	if p.bare {
		return r
	}
	r.Metrics["cpu_usage_percent"] = float64(round(p.cpu.At(now)))
	r.Metrics["memory_usage_percent"] = float64(round(p.memory.At(now)))
	if p.gpu != nil {
		r.Metrics["gpu_usage_percent"] = float64(round(p.util.At(now)))
		r.Metrics["gpu_memory_usage_percent"] = float64(round(p.gpuMemory.At(now)))
	}
	return r
}

func (c *cloud) endpointTruth(e *endpoint) sim.Resource {
	n := e.counts()
	r := sim.Resource{
		Account: account, Region: e.dataCenters[0], Service: "serverless", Type: "queue_endpoint", ID: e.id, Name: e.name,
		Status: "running", CreatedAt: e.created, Metrics: map[string]float64{
			"workers_running_count": float64(n["RUNNING"]), "workers_idle_count": float64(n["IDLE"]),
			"workers_initializing_count": float64(n["INITIALIZING"]), "workers_throttled_count": float64(n["THROTTLED"]),
			"workers_unhealthy_count": float64(n["UNHEALTHY"]),
		},
	}
	if e.max == 0 {
		r.Status, r.Metrics = "stopped", nil
	}
	if e.kind != "QUEUE" {
		r.Type = "load_balancer_endpoint"
	} else if e.max > 0 {
		j := c.jobs(e)
		r.Metrics["queue_depth_count"] = float64(j.queued)
		r.Metrics["jobs_in_progress_count"] = float64(j.running)
		r.Metrics["jobs_failed_count"] = float64(j.failed)
		r.Metrics["jobs_completed_count"] = float64(j.completed)
		r.Metrics["jobs_retried_count"] = float64(j.retried)
	}
	return r
}

// offers counts what a plain reading of the catalogue offers: secure cards in each data centre where there are any at
// all, other cards once.
func (c *cloud) offers() int {
	n := 0
	for _, k := range cards() {
		for tier, most := range map[string]int{"SECURE": k.maxSecure, "COMMUNITY": k.maxCommunity} {
			if most == 0 {
				continue
			}
			centres, _ := c.availability(k, &stock{tier: tier, count: 1})["dataCenters"].([]object)
			n += max(len(centres), 1)
		}
	}
	return n
}
