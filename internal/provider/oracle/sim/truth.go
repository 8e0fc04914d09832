package oraclesim

import (
	"time"

	"github.com/adsops/cloudtop/internal/sim"
)

// Truth implements sim.Cloud.
func (c *cloud) Truth() sim.Truth {
	c.fill()
	t := sim.Truth{Accounts: []string{tenancyName}, Offers: -1}
	for _, at := range c.live() {
		for _, k := range c.compartments {
			if k.denied {
				for _, service := range []string{"compute", "containers", "oke", "autonomous_db"} {
					t.Denied = append(t.Denied, at.name+"/"+k.path+"/"+service)
				}
				continue
			}
			t.Resources = c.appendTruth(t.Resources, at, k)
		}
	}
	return t
}

// appendTruth appends what is there in one compartment of one region. What is terminated or deleted is not there.
func (c *cloud) appendTruth(out []sim.Resource, at *region, k *compartment) []sim.Resource {
	for _, n := range at.instances[k] {
		if n.state == "TERMINATED" {
			continue
		}
		v := n.thing.truth("compute", "instance", n.word(), n.cost())
		if n.shape.gpus > 0 {
			v.GPUType, v.GPUCount = gpuWords(n.shape.name), float64(n.shape.gpus)
		}
		v.Metrics = c.instanceMetrics(n)
		out = append(out, v)
	}
	for _, n := range at.containers[k] {
		if n.state != "DELETED" {
			v := n.thing.truth("containers", "container_instance", n.word(), n.cost())
			if n.state == "ACTIVE" {
				v.Metrics = c.readings("oci_computecontainerinstance", &n.thing, "CpuUtilization", "cpu_usage_percent",
					"MemoryUtilization", "memory_usage_percent")
			}
			out = append(out, v)
		}
	}
	for _, n := range at.clusters[k] {
		if n.state != "DELETED" {
			out = append(out, n.thing.truth("oke", "cluster", okeWord(n.state), n.cost()))
		}
	}
	for _, p := range at.pools[k] {
		v := p.thing.truth("oke", "node_pool", okeWord(p.state), nil)
		v.CreatedAt = time.Time{} // a node pool does not say
		out = append(out, v)
	}
	for _, p := range at.virtual[k] {
		out = append(out, p.thing.truth("oke", "virtual_node_pool", okeWord(p.state), p.cost()))
	}
	for _, d := range at.databases[k] {
		if d.state != "TERMINATED" {
			v := d.thing.truth("autonomous_db", "autonomous_database", d.word(), d.cost())
			if d.word() == "running" {
				v.Metrics = c.readings("oci_autonomous_database", &d.thing, "CpuUtilization", "cpu_usage_percent",
					"StorageUtilization", "disk_usage_percent")
			}
			out = append(out, v)
		}
	}
	return out
}

// readings returns the newest values of metrics of a namespace: names and cloudtop's names in turn.
func (c *cloud) readings(space string, t *thing, names ...string) map[string]float64 {
	out := map[string]float64{}
	for i := 0; i < len(names); i += 2 {
		out[names[i+1]] = c.newest(space, names[i], &emitter{thing: t})
	}
	return out
}

func (c *cloud) newest(space, name string, e *emitter) float64 {
	_, m := c.metric(space, name)
	return m.at(e, newestPoint(m, c.world.Now()))
}

// instanceMetrics are an instance's readings: with an agent all of them, without one the CPU that the hypervisor sees.
func (c *cloud) instanceMetrics(n *instance) map[string]float64 {
	switch {
	case n.state != "RUNNING", !n.agent && n.shape.bareMetal:
		return nil
	case !n.agent:
		return c.readings("oci_vmi_resource_utilization", &n.thing, "CpuUtilization", "cpu_usage_percent")
	}
	out := c.readings("oci_computeagent", &n.thing, "CpuUtilization", "cpu_usage_percent", "MemoryUtilization", "memory_usage_percent")
	for name, as := range map[string]string{
		"NetworksBytesIn": "network_rx_bytes_per_second", "NetworksBytesOut": "network_tx_bytes_per_second",
		"DiskBytesRead": "disk_read_bytes_per_second", "DiskBytesWritten": "disk_write_bytes_per_second",
	} {
		out[as] = c.newest("oci_computeagent", name, &emitter{thing: &n.thing}) / 60
	}
	if n.shape.gpus == 0 {
		return out
	}
	var usage, memory, power, hottest float64
	for i := range n.shape.gpus {
		e := &emitter{thing: &n.thing, card: i}
		usage += c.newest("gpu_infrastructure_health", "GpuUtilization", e)
		memory += c.newest("gpu_infrastructure_health", "GpuMemoryUtilization", e)
		power += c.newest("gpu_infrastructure_health", "GpuPowerDraw", e)
		hottest = max(hottest, c.newest("gpu_infrastructure_health", "GpuTemperature", e))
	}
	cards := float64(n.shape.gpus)
	out["gpu_usage_percent"], out["gpu_memory_usage_percent"] = usage/cards, memory/cards
	out["gpu_power_watts"], out["gpu_temperature_celsius"] = power, hottest
	return out
}
