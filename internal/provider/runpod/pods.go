package runpod

import (
	"context"
	"iter"
	"net/url"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/httpx"
)

// pod is the part of the schema Pod that is shown. Its env holds secrets and is not decoded.
type pod struct {
	ID     string
	Name   string
	Image  string
	Status string
	Cloud  string
	GPU    *struct {
		ID    string
		Count *float64 // 1 where it is left out
	}
	CPU *struct {
		ID        string
		VCPUCount float64
		Memory    float64 // GB
	}
	Cost         *float64 // USD per hour
	DataCenterID string
	CUDAVersion  string
	Disk         float64 // GB
	Mounts       struct {
		Persistent *struct{ Size float64 } // GB
		Network    []struct{ VolumeID string }
	}
	Locked    bool
	Template  string
	Ports     []string
	Cluster   *struct{ ID, Role string }
	CreatedAt time.Time
	StartedAt *time.Time
	Runtime   *runtime
}

// runtime is live utilization; each part may be missing.
type runtime struct {
	Uptime *float64 // seconds
	GPUs   []struct{ Util, MemoryUtil *float64 }
	CPU    *struct{ Util *float64 }
	Memory *struct{ Util *float64 }
}

// pods lists standalone and cluster pods in one call.
func (d *driver) pods(ctx context.Context, q cloud.Query) iter.Seq2[cloud.Resource, error] {
	var answer struct{ Pods []pod }
	call := httpx.Call{Op: "list pods", Path: "/pods", Query: url.Values{"includeClusterPods": {"true"}}}
	return list(ctx, d, call, func() []pod { return answer.Pods }, func(p *pod) cloud.Resource {
		r := resource(q, "pod", p.ID, p.Name)
		r.Region, r.CreatedAt = p.DataCenterID, p.CreatedAt.UTC()
		r.Status, r.NativeStatus = podStatus(p.Status), p.Status
		if p.GPU != nil {
			r.GPU = &cloud.GPU{Type: gpuName(p.GPU.ID), Count: 1}
			if p.GPU.Count != nil {
				r.GPU.Count = *p.GPU.Count
			}
		}
		if p.Cost != nil {
			r.Cost = cloud.HourlyPrice(*p.Cost, listing, d.now())
		}
		r.Attrs = p.attrs()
		r.Metrics = p.Runtime.metrics(d.now())
		return r
	}, &answer)
}

// podStatus maps the schema PodStatus.
func podStatus(s string) cloud.Status {
	switch s {
	case "RUNNING":
		return cloud.StatusRunning
	case "PROVISIONING", "STARTING":
		return cloud.StatusStarting
	case "EXITED":
		return cloud.StatusStopped
	case "ERROR":
		return cloud.StatusFailed
	case "TERMINATED":
		return cloud.StatusDeleted
	}
	return cloud.StatusUnknown
}

func (p *pod) attrs() []cloud.Attr {
	var a attrs
	a.text("cloud", p.Cloud)
	a.text("image", p.Image)
	if p.CPU != nil {
		a.text("cpu_type", p.CPU.ID)
		a.add("vcpus", p.CPU.VCPUCount)
		a.add("memory_gb", p.CPU.Memory)
	}
	a.text("cuda_version", p.CUDAVersion)
	if p.Disk > 0 {
		a.add("container_disk_gb", p.Disk)
	}
	if p.Mounts.Persistent != nil {
		a.add("volume_disk_gb", p.Mounts.Persistent.Size)
	}
	for _, m := range p.Mounts.Network {
		a.text("network_volume", m.VolumeID)
	}
	a.texts("ports", p.Ports)
	a.text("template", p.Template)
	if p.Cluster != nil {
		a.text("cluster", p.Cluster.ID)
		a.text("cluster_role", p.Cluster.Role)
	}
	if p.Locked {
		a.add("locked", true)
	}
	if p.StartedAt != nil {
		a.add("started_at", p.StartedAt.UTC())
	}
	return a
}

// metrics returns what was measured. Readings of several GPUs are averaged over those that have one.
func (r *runtime) metrics(at time.Time) []cloud.Metric {
	if r == nil {
		return nil
	}
	var out []cloud.Metric
	add := func(name string, v *float64) {
		if v != nil && *v >= 0 {
			out = append(out, cloud.Metric{Name: name, Value: *v, At: at})
		}
	}
	var util, memory mean
	for _, g := range r.GPUs {
		util.add(g.Util)
		memory.add(g.MemoryUtil)
	}
	add(cloud.GPUUsagePercent, util.value())
	add(cloud.GPUMemoryUsagePercent, memory.value())
	if r.CPU != nil {
		add(cloud.CPUUsagePercent, r.CPU.Util)
	}
	if r.Memory != nil {
		add(cloud.MemoryUsagePercent, r.Memory.Util)
	}
	add(cloud.UptimeSeconds, r.Uptime)
	return out
}

// mean averages the readings that there are.
type mean struct{ sum, n float64 }

func (m *mean) add(v *float64) {
	if v != nil && *v >= 0 {
		m.sum, m.n = m.sum+*v, m.n+1
	}
}

func (m *mean) value() *float64 {
	if m.n == 0 {
		return nil
	}
	return new(m.sum / m.n)
}
