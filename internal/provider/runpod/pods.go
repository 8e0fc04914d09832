package runpod

import (
	"context"
	"fmt"
	"iter"
	"net/url"
	"strings"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/httpx"
	"github.com/adsops/cloudtop/internal/provider"
	"github.com/adsops/cloudtop/pkg/loose"
)

// pod is the part of the schema Pod that is shown. Its env holds secrets and is not decoded, nor is the routing token
// of the SSH proxy.
type pod struct {
	ID, Name, Image, Status, Cloud, Template loose.Text
	DataCenterID, CUDAVersion                loose.Text // null where not placed or not known
	GPU                                      *struct {
		ID    loose.Text
		Count loose.Number // 1 where it is left out
	}
	CPU    *cpu
	Cost   loose.Number // USD per hour, 0 while it does not run
	Disk   loose.Number // GB
	Mounts struct {
		Persistent struct{ Size loose.Number } // GB
		Network    []struct{ VolumeID loose.Text }
	}
	Locked  loose.Flag
	Ports   []string
	Cluster struct {
		ID, Role, IP loose.Text
		Rank         loose.Number
	}
	SSH struct {
		Direct struct {
			Host loose.Text
			Port loose.Number
		}
	}
	GlobalNetworking     struct{ IP, InternalDNS loose.Text }
	CreatedAt, StartedAt loose.Time
	Runtime              *runtime
}

// cpu is the schema CpuConfig.
type cpu struct {
	ID        loose.Text
	VCPUCount loose.Number
	Memory    loose.Number // GB
}

func (c *cpu) addTo(a *provider.Attrs) {
	a.Add("cpu_type", c.ID)
	a.Reading("vcpus", c.VCPUCount)
	a.Reading("memory_gb", c.Memory)
}

// runtime is live utilization in percent; each part may be missing.
type runtime struct {
	Uptime loose.Number // seconds
	GPUs   []struct{ Util, MemoryUtil loose.Number }
	CPU    struct{ Util loose.Number }
	Memory struct{ Util loose.Number }
	Ports  []struct{ Private, Public, Type, IP loose.Text }
}

// pods lists standalone and cluster pods in one call.
func (d *driver) pods(ctx context.Context, q cloud.Query) iter.Seq2[cloud.Resource, error] {
	call := httpx.Call{Op: "list pods", Path: "/pods", Query: url.Values{"includeClusterPods": {"true"}}}
	return list(ctx, d, call, "pods", func(p *pod) cloud.Resource {
		r := resource(q, "pod", p.ID, p.Name)
		r.Region, r.CreatedAt = string(p.DataCenterID), p.CreatedAt.Time
		r.Status, r.NativeStatus = podStatus(string(p.Status)), string(p.Status)
		if p.GPU != nil {
			r.GPU = &cloud.GPU{Type: gpuName(p.GPU.ID), Count: 1}
			if n, ok := p.GPU.Count.Reading(); ok {
				r.GPU.Count = n
			}
		}
		r.Cost = p.price(d.now())
		r.Attrs = p.attrs()
		r.Metrics = p.Runtime.metrics(d.now())
		return r
	})
}

// price is what the listing says, but of a stopped pod, which it says to cost nothing: its volume disk is paid for as long
// as the pod is there, and when it is stopped 0.20 USD per GB and month (docs.runpod.io/pods/storage).
func (p *pod) price(now time.Time) *cloud.Price {
	cost, ok := p.Cost.Reading()
	if gb, has := p.Mounts.Persistent.Size.Reading(); has && p.Status == "EXITED" {
		return cloud.HourlyPrice(cost+0.20*gb/hoursPerMonth, published, now)
	}
	if !ok {
		return nil
	}
	return cloud.HourlyPrice(cost, listing, now)
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
	var a provider.Attrs
	a.Add("cloud", p.Cloud)
	a.Add("image", p.Image)
	if p.CPU != nil {
		p.CPU.addTo(&a)
	}
	a.Add("cuda_version", p.CUDAVersion)
	a.Reading("container_disk_gb", p.Disk)
	a.Reading("volume_disk_gb", p.Mounts.Persistent.Size)
	a.Add("network_volumes", p.networkVolumes())
	a.Add("ports", p.Ports)
	a.Add("open_ports", p.Runtime.openPorts())
	a.Add("ssh_host", p.SSH.Direct.Host)
	a.Reading("ssh_port", p.SSH.Direct.Port)
	a.Add("private_ip", p.GlobalNetworking.IP)
	a.Add("internal_dns", p.GlobalNetworking.InternalDNS)
	a.Add("template", p.Template)
	a.Add("cluster", p.Cluster.ID)
	a.Add("cluster_role", p.Cluster.Role)
	a.Reading("cluster_rank", p.Cluster.Rank)
	a.Add("cluster_ip", p.Cluster.IP)
	if p.Locked.Value {
		a.Add("locked", true)
	}
	a.Add("started_at", p.StartedAt)
	return a
}

func (p *pod) networkVolumes() (ids []string) {
	for _, m := range p.Mounts.Network {
		if m.VolumeID != "" {
			ids = append(ids, string(m.VolumeID))
		}
	}
	return ids
}

// openPorts are the ports that are reached from outside, as "22/tcp:195.26.233.3:34446", the container's first.
func (r *runtime) openPorts() (all []string) {
	if r == nil {
		return nil
	}
	for _, p := range r.Ports {
		if p.Private != "" && p.Public != "" {
			inside := strings.TrimSuffix(fmt.Sprintf("%s/%s", p.Private, p.Type), "/")
			all = append(all, inside+":"+strings.TrimPrefix(fmt.Sprintf("%s:%s", p.IP, p.Public), ":"))
		}
	}
	return all
}

// metrics returns what was measured. Readings of several GPUs are averaged over those that have one.
func (r *runtime) metrics(at time.Time) []cloud.Metric {
	if r == nil {
		return nil
	}
	var util, memory mean
	for _, g := range r.GPUs {
		util.add(g.Util)
		memory.add(g.MemoryUtil)
	}
	return metrics(at, []measure{
		{cloud.GPUUsagePercent, util.value()}, {cloud.GPUMemoryUsagePercent, memory.value()},
		{cloud.CPUUsagePercent, r.CPU.Util}, {cloud.MemoryUsagePercent, part(r.Memory.Util)}, {cloud.UptimeSeconds, r.Uptime},
	})
}

// part returns a reading that is a part of a whole; above 100 percent it is none.
func part(n loose.Number) loose.Number {
	if n.Value > 100 {
		return loose.Number{}
	}
	return n
}

// mean averages the readings that there are.
type mean struct{ sum, n float64 }

func (m *mean) add(n loose.Number) {
	if v, ok := part(n).Reading(); ok {
		m.sum, m.n = m.sum+v, m.n+1
	}
}

func (m *mean) value() loose.Number {
	if m.n == 0 {
		return loose.Number{}
	}
	return loose.Of(m.sum / m.n)
}

// measure is one number of an answer.
type measure struct {
	name  string
	value loose.Number
}

// metrics returns the measures that were told and are readings.
func metrics(at time.Time, all []measure) []cloud.Metric {
	var out []cloud.Metric
	for _, m := range all {
		if v, ok := m.value.Reading(); ok {
			out = append(out, cloud.Metric{Name: m.name, Value: v, At: cloud.InstantOf(at)})
		}
	}
	return out
}
