package gcpsim

import (
	"strconv"
	"strings"
	"time"

	"github.com/adsops/cloudtop/internal/sim"
)

// Truth implements sim.Cloud.
func (c *cloud) Truth() sim.Truth {
	c.fill()
	t := sim.Truth{Offers: -1}
	for _, p := range c.projects {
		t.Accounts = append(t.Accounts, p.id)
	}
	at := c.newest()
	for _, v := range c.vms {
		if c.reachable(v) {
			t.Resources = append(t.Resources, v.truth(at))
		}
	}
	for _, k := range c.clusters {
		t.Resources = append(t.Resources, k.truth(at))
	}
	for _, f := range c.functions {
		t.Resources = append(t.Resources, f.truth(at))
	}
	for _, s := range c.services {
		t.Resources = append(t.Resources, s.truth(at))
	}
	for _, d := range c.databases {
		if d.project.disabled != "sqladmin.googleapis.com" {
			t.Resources = append(t.Resources, d.truth(at))
		}
	}
	if c.world.Incidents() {
		t.Denied = []string{"//compute", "//functions", "//gke", "//run", "//sql"}
	}
	return t
}

// people is what people call a card.
func people(accelerator string) string {
	return map[string]string{
		"nvidia-l4": "L4", "nvidia-tesla-t4": "T4", "nvidia-tesla-a100": "A100 40GB", "nvidia-h100-80gb": "H100 80GB",
		"nvidia-h100-mega-80gb": "H100 MEGA 80GB", "nvidia-b200": "B200",
	}[accelerator]
}

func (v *vm) truth(at time.Time) sim.Resource {
	r := sim.Resource{
		Account: v.project.id, Region: regionOf(v.zone), Service: "compute", Type: "instance", ID: strconv.FormatUint(v.id, 10), Name: v.name,
		NativeStatus: v.status, CreatedAt: v.created, Tags: v.labels, HourlyCost: v.hourly(),
		Status: map[string]string{
			"PROVISIONING": "starting", "STAGING": "starting", "RUNNING": "running", "REPAIRING": "failed", "STOPPING": "stopping",
			"SUSPENDING": "stopping", "SUSPENDED": "stopped", "TERMINATED": "stopped",
		}[v.status],
	}
	if kind, n := v.cards(); n > 0 {
		r.GPUType, r.GPUCount = people(kind), float64(n)
	}
	if v.status != "RUNNING" {
		return r
	}
	ones := []float64{1, 1}[:v.disks]
	r.Metrics = map[string]float64{
		"cpu_usage_percent":           v.cpu.At(at),
		"network_rx_bytes_per_second": perSecond(v.rx, at, 0.75, 0.25), "network_tx_bytes_per_second": perSecond(v.tx, at, 0.75, 0.25),
		"disk_read_bytes_per_second": perSecond(v.read, at, ones...), "disk_write_bytes_per_second": perSecond(v.write, at, ones...),
	}
	if v.agent {
		r.Metrics["memory_usage_percent"] = v.memory.At(at)
	}
	if v.agent && len(v.gpu) > 0 {
		r.Metrics["gpu_usage_percent"] = mean(v.gpu, at)
	}
	return r
}

func mean(waves []sim.Wave, at time.Time) float64 {
	sum := 0.0
	for _, w := range waves {
		sum += w.At(at)
	}
	return sum / float64(len(waves))
}

func (k *cluster) truth(at time.Time) sim.Resource {
	region := k.location
	if strings.Count(region, "-") == 2 {
		region = regionOf(region)
	}
	r := sim.Resource{
		Account: k.project.id, Region: region, Service: "gke", Type: "cluster", ID: k.location + "/" + k.name, Name: k.name,
		NativeStatus: k.status, CreatedAt: k.created, Tags: k.labels,
		Status: map[string]string{
			"RUNNING": "running", "RECONCILING": "running", "PROVISIONING": "starting", "STOPPING": "stopping", "ERROR": "failed", "DEGRADED": "failed",
		}[k.status],
	}
	if k.live() {
		r.Metrics = map[string]float64{"cpu_usage_percent": mean(k.cpu, at), "memory_usage_percent": mean(k.memory, at)}
	}
	return r
}

func (f *function) truth(at time.Time) sim.Resource {
	r := sim.Resource{
		Account: f.project.id, Region: f.region, Service: "functions", Type: "function", ID: f.path(), Name: f.name, NativeStatus: f.state,
		CreatedAt: f.created, Tags: f.labels,
		Status: map[string]string{
			"ACTIVE": "running", "DEPLOYING": "starting", "FAILED": "failed", "DELETING": "stopping", "UNKNOWN": "unknown",
		}[f.state],
	}
	if !f.live() {
		return r
	}
	failures := perSecond(f.failures, at, f.ends()...)
	r.Metrics = map[string]float64{
		"requests_per_second": perSecond(f.requests, at, 1) + failures, "errors_per_second": failures,
		"latency_p50_seconds": f.latency.At(at) / 1000, "latency_p99_seconds": f.latency.At(at) * ranks / 1000,
	}
	if !f.first { // in the first generation nobody measures processors
		r.Metrics["cpu_usage_percent"], r.Metrics["memory_usage_percent"] = f.processors.At(at), f.storage.At(at)
	}
	return r
}

// perSecond is what was counted of parts of a wave in the minute before, by the second.
func perSecond(w sim.Wave, at time.Time, parts ...float64) float64 {
	sum := 0.0
	for _, part := range parts {
		sum += (&series{wave: w, factor: part}).sample(true, at) / 60
	}
	return sum
}

func (s *service) truth(at time.Time) sim.Resource {
	r := sim.Resource{
		Account: s.project.id, Region: s.region, Service: "run", Type: "service", ID: s.path(), Name: s.name, NativeStatus: s.state,
		CreatedAt: s.created, Tags: s.labels,
		Status: map[string]string{
			"CONDITION_SUCCEEDED": "running", "CONDITION_FAILED": "failed", "CONDITION_RECONCILING": "starting",
		}[s.state],
	}
	if s.live() {
		r.Metrics = map[string]float64{
			"requests_per_second": perSecond(s.requests, at, 1) + perSecond(s.failures, at, 1), "latency_p99_seconds": s.latency.At(at) * ranks / 1000,
			"cpu_usage_percent": s.processors.At(at), "memory_usage_percent": s.storage.At(at),
		}
	}
	return r
}

func (d *database) truth(at time.Time) sim.Resource {
	r := sim.Resource{
		Account: d.project.id, Region: d.region, Service: "sql", Type: "database", ID: d.name, Name: d.name, NativeStatus: d.state,
		CreatedAt: d.created, Tags: d.labels,
		Status: map[string]string{
			"RUNNABLE": "running", "PENDING_CREATE": "starting", "MAINTENANCE": "starting", "FAILED": "failed", "SUSPENDED": "stopped",
		}[d.state],
	}
	if d.state == "RUNNABLE" && d.activity == "NEVER" {
		r.Status = "stopped"
	}
	if d.live() {
		r.Metrics = map[string]float64{
			"cpu_usage_percent": d.cpu.At(at), "memory_usage_percent": d.memory.At(at), "disk_usage_percent": d.disk.At(at),
		}
	}
	return r
}
