package oraclesim

import (
	"hash/fnv"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"time"

	"github.com/adsops/cloudtop/internal/sim"
)

// metric is one that a service emits.
type metric struct {
	name, display, unit string
	step                time.Duration // between raw points
	wave                func(r *rand.Rand) sim.Wave
	whole               bool   // whole numbers only
	salt                uint64 // tells its waves from those of other metrics
}

// namespace is a service's metrics.
type namespace struct {
	name       string
	dimensions []string
	metrics    []metric
	emitters   func(c *cloud, at *region) []emitter
}

// emitter is what a stream of metrics comes from.
type emitter struct {
	*thing
	shape string
	card  int // of a GPU
}

// dimension returns a dimension's value.
func (e *emitter) dimension(name string) string {
	switch name {
	case "resourceId":
		return e.id
	case "resourceDisplayName", "displayName", "resourceName":
		return e.name
	case "availabilityDomain":
		return e.ad
	case "faultDomain":
		return e.fd
	case "region":
		return e.region.name
	case "shape":
		return e.shape
	case "gpu":
		return strconv.Itoa(e.card)
	case "deploymentType":
		return "Shared"
	}
	return ""
}

// of returns the metric's raw values of an emitter over time.
func (m *metric) of(e *emitter) sim.Wave {
	w := m.wave(rand.New(rand.NewPCG(e.seed+uint64(e.card), m.salt))) //nolint:gosec // reproducible on purpose
	w.Step = m.step
	return w
}

// round cuts a raw value to the digits that the metric has.
func (m *metric) round(v float64) float64 {
	if m.whole {
		return math.Round(v)
	}
	return math.Round(v*1e4) / 1e4
}

// at returns the metric's raw value for the step that t lies in.
func (m *metric) at(e *emitter, t time.Time) float64 { return m.round(m.of(e).At(t)) }

func amount(most float64) func(*rand.Rand) sim.Wave {
	return func(r *rand.Rand) sim.Wave { return sim.Amount(r, most) }
}

func around(base, swing float64) func(*rand.Rand) sim.Wave {
	return func(r *rand.Rand) sim.Wave {
		return sim.Wave{Base: base + swing*(2*r.Float64()-1), Swing: swing / 4, Noise: swing / 8, High: 1e6, Seed: r.Uint64()}
	}
}

// namespaces are the services' metrics: docs.oracle.com computemetrics.htm, container-instance-metrics.htm,
// autonomous-monitor-metrics-list.htm; those of GPUs are written by a plugin as a custom namespace.
func namespaces() []namespace {
	percent := func(name, display string) metric {
		return metric{name: name, display: display, unit: "percent", step: time.Minute, wave: sim.Percent}
	}
	perInterval := func(name, display, unit string, most float64) metric {
		return metric{name: name, display: display, unit: unit, step: time.Minute, wave: amount(most), whole: true}
	}
	host := []string{"availabilityDomain", "faultDomain", "region", "resourceDisplayName", "resourceId", "shape"}
	hourly := percent("StorageUtilization", "Storage Utilization")
	hourly.step = time.Hour
	return salted([]namespace{
		{"oci_computeagent", host, []metric{
			percent("CpuUtilization", "CPU Utilization"), percent("MemoryUtilization", "Memory Utilization"),
			perInterval("NetworksBytesIn", "Network Receive Bytes", "bytes", 6e9),
			perInterval("NetworksBytesOut", "Network Transmit Bytes", "bytes", 3e9),
			perInterval("DiskBytesRead", "Disk Read Bytes", "bytes", 4e9),
			perInterval("DiskBytesWritten", "Disk Write Bytes", "bytes", 2e9),
			perInterval("DiskIopsRead", "Disk Read I/O", "operations", 9e4),
			perInterval("DiskIopsWritten", "Disk Write I/O", "operations", 6e4),
			{name: "LoadAverage", display: "Load Average", unit: "processes", step: time.Minute, wave: amount(6)},
			perInterval("MemoryAllocationStalls", "Memory Allocation Stalls", "count", 1),
		}, agents},
		{"oci_vmi_resource_utilization", host, []metric{percent("CpuUtilization", "CPU Utilization")}, virtualMachines},
		{"gpu_infrastructure_health", []string{"gpu", "resourceDisplayName", "resourceId", "shape"}, []metric{
			percent("GpuUtilization", "GPU Utilization"), percent("GpuMemoryUtilization", "GPU Memory Utilization"),
			{name: "GpuTemperature", display: "GPU Temperature", unit: "celsius", step: time.Minute, wave: around(58, 18), whole: true},
			{name: "GpuPowerDraw", display: "GPU Power Draw", unit: "watts", step: time.Minute, wave: around(260, 160)},
			{name: "GpuEccSingleBitErrors", display: "GPU ECC Single Bit Errors", unit: "count", step: time.Minute, wave: amount(1), whole: true},
		}, cards},
		{"oci_computecontainerinstance", []string{"availabilityDomain", "faultDomain", "resourceDisplayName", "resourceId"}, []metric{
			percent("CpuUtilization", "CPU Utilization"), percent("MemoryUtilization", "Memory Utilization"),
			perInterval("MemoryUsed", "Memory Used", "bytes", 8e9),
		}, activeContainers},
		{"oci_autonomous_database", []string{"deploymentType", "displayName", "region", "resourceId", "resourceName"}, []metric{
			percent("CpuUtilization", "CPU Utilization"), hourly, perInterval("Sessions", "Sessions", "count", 80),
		}, openDatabases},
	})
}

// salted gives every metric a salt of its own.
func salted(all []namespace) []namespace {
	for i := range all {
		for j := range all[i].metrics {
			h := fnv.New64a()
			_, _ = h.Write([]byte(all[i].name + "/" + all[i].metrics[j].name))
			all[i].metrics[j].salt = h.Sum64()
		}
	}
	return all
}

// metric returns a namespace and one of its metrics, nil where there is none.
func (c *cloud) metric(space, name string) (*namespace, *metric) {
	i := slices.IndexFunc(c.spaces, func(n namespace) bool { return n.name == space })
	if i < 0 {
		return nil, nil
	}
	n := &c.spaces[i]
	j := slices.IndexFunc(n.metrics, func(m metric) bool { return m.name == name })
	if j < 0 {
		return n, nil
	}
	return n, &n.metrics[j]
}

func agents(c *cloud, at *region) []emitter {
	return c.running(at, func(n *instance) bool { return n.agent })
}

func virtualMachines(c *cloud, at *region) []emitter {
	return c.running(at, func(n *instance) bool { return !n.shape.bareMetal })
}

func cards(c *cloud, at *region) []emitter {
	var out []emitter
	for _, k := range c.compartments {
		for _, n := range at.instances[k] {
			for i := range n.shape.gpus {
				if n.state == "RUNNING" && n.agent {
					out = append(out, emitter{&n.thing, n.shape.name, i})
				}
			}
		}
	}
	return out
}

func (c *cloud) running(at *region, keep func(*instance) bool) []emitter {
	var out []emitter
	for _, k := range c.compartments {
		for _, n := range at.instances[k] {
			if n.state == "RUNNING" && keep(n) {
				out = append(out, emitter{&n.thing, n.shape.name, 0})
			}
		}
	}
	return out
}

func activeContainers(c *cloud, at *region) []emitter {
	var out []emitter
	for _, k := range c.compartments {
		for _, n := range at.containers[k] {
			if n.state == "ACTIVE" {
				out = append(out, emitter{&n.thing, n.shape.name, 0})
			}
		}
	}
	return out
}

func openDatabases(c *cloud, at *region) []emitter {
	var out []emitter
	for _, k := range c.compartments {
		for _, d := range at.databases[k] {
			if d.word() == "running" && d.state != "TERMINATED" {
				out = append(out, emitter{&d.thing, "", 0})
			}
		}
	}
	return out
}
