package azuresim

import (
	"math/rand/v2"
	"time"

	"github.com/adsops/cloudtop/internal/sim"
)

// metric is a platform metric of a resource type.
type metric struct {
	name, unit string
	most       float64 // of an amount; 0 = percent
	truth      string  // what a reader makes of it: the name in Truth; empty = nothing
	read       func(data) float64
}

// data is what Azure Monitor keeps of one step.
type data struct{ average, total, maximum, minimum float64 }

// by returns the value of an aggregation over a step of minutes.
func (d *data) by(aggregation string, step time.Duration) float64 {
	switch aggregation {
	case "total":
		return d.total
	case "maximum":
		return d.maximum
	case "minimum":
		return d.minimum
	case "count":
		return step.Minutes()
	}
	return d.average
}

func average(d data) float64   { return d.average }
func perSecond(d data) float64 { return d.total / 60 }

// machineMetrics are of microsoft-compute-virtualmachines-metrics. There is no metric of GPUs.
func machineMetrics() []metric {
	return []metric{
		{"Percentage CPU", "Percent", 0, "cpu_usage_percent", average},
		{"Available Memory Percentage", "Percent", 0, "memory_usage_percent", func(d data) float64 { return 100 - d.average }},
		{"Available Memory Bytes", "Bytes", 64e9, "", nil},
		{"Network In Total", "Bytes", 3e8, "network_rx_bytes_per_second", perSecond},
		{"Network Out Total", "Bytes", 3e8, "network_tx_bytes_per_second", perSecond},
		{"Disk Read Bytes", "Bytes", 9e8, "disk_read_bytes_per_second", perSecond},
		{"Disk Write Bytes", "Bytes", 9e8, "disk_write_bytes_per_second", perSecond},
		{"Disk Read Operations/Sec", "CountPerSecond", 4000, "disk_read_ops_per_second", average},
		{"Disk Write Operations/Sec", "CountPerSecond", 4000, "disk_write_ops_per_second", average},
		{"VmAvailabilityMetric", "Count", 1, "", nil},
	}
}

func clusterMetrics() []metric {
	return []metric{
		{"node_cpu_usage_percentage", "Percent", 0, "cpu_usage_percent", average},
		{"node_memory_working_set_percentage", "Percent", 0, "memory_usage_percent", average},
		{"node_disk_usage_percentage", "Percent", 0, "disk_usage_percent", average},
		{"kube_pod_status_ready", "Count", 200, "", nil},
	}
}

// siteMetrics are one list for every site; what a reader makes of requests depends on what the site is.
func siteMetrics(service string) []metric {
	requests, executions := "requests_per_second", ""
	if service == "functions" {
		requests, executions = "", "requests_per_second"
	}
	return []metric{
		{"FunctionExecutionCount", "Count", 6000, executions, perSecond},
		{"FunctionExecutionUnits", "Count", 6e6, "", nil},
		{"Requests", "Count", 9000, requests, perSecond},
		{"Http5xx", "Count", 60, "errors_per_second", perSecond},
		{"HttpResponseTime", "Seconds", 2, "latency_average_seconds", average},
		{"MemoryWorkingSet", "Bytes", 1e9, "memory_used_bytes", average},
		{"CpuTime", "Seconds", 60, "", nil},
	}
}

func containerAppMetrics() []metric {
	return []metric{
		{"UsageNanoCores", "NanoCores", 5e8, "cpu_used_per_replica_cores", func(d data) float64 { return d.average / 1e9 }},
		{"WorkingSetBytes", "Bytes", 1e9, "memory_used_per_replica_bytes", average},
		{"Replicas", "Count", 10, "replicas_count", func(d data) float64 { return d.maximum }},
		{"Requests", "Count", 9000, "requests_per_second", perSecond},
		{"RxBytes", "Bytes", 3e7, "network_rx_bytes_per_second", perSecond},
		{"TxBytes", "Bytes", 3e7, "network_tx_bytes_per_second", perSecond},
		{"RestartCount", "Count", 3, "", nil},
	}
}

func sqlMetrics() []metric {
	return []metric{
		{"cpu_percent", "Percent", 0, "cpu_usage_percent", average},
		{"sql_instance_memory_percent", "Percent", 0, "memory_usage_percent", average},
		{"storage_percent", "Percent", 0, "disk_usage_percent", average},
		{"storage", "Bytes", 4e10, "storage_bytes", average},
		{"sessions_count", "Count", 300, "", nil},
	}
}

func postgresMetrics() []metric {
	return []metric{
		{"cpu_percent", "Percent", 0, "cpu_usage_percent", average},
		{"memory_percent", "Percent", 0, "memory_usage_percent", average},
		{"storage_percent", "Percent", 0, "disk_usage_percent", average},
		{"storage_used", "Bytes", 9e10, "storage_bytes", average},
		{"active_connections", "Count", 400, "connections_count", average},
		{"network_bytes_ingress", "Bytes", 3e8, "network_rx_bytes_per_second", perSecond},
		{"network_bytes_egress", "Bytes", 3e8, "network_tx_bytes_per_second", perSecond},
		{"iops", "Count", 900, "", nil},
	}
}

// published is the beginning of the newest minute that Azure Monitor has: values come some two minutes late.
func published(now time.Time) time.Time { return now.Truncate(time.Minute).Add(-2 * time.Minute) }

// measured reports whether the resource has values: what does not run has none.
func (r *resource) measured() bool {
	switch r.kind.service {
	case "vms", "aks", "functions", "web_apps", "container_apps":
		return r.state == "running" || r.state == "Running"
	case "scale_sets":
		return r.count > 0
	default:
		return !r.system && (r.state == "Online" || r.state == "Scaling" || r.state == "Ready" || r.state == "Updating")
	}
}

// wave is the i-th metric of the resource over time.
func (r *resource) wave(i int) sim.Wave {
	source := rand.New(rand.NewPCG(r.seed, uint64(i))) //nolint:gosec // reproducible on purpose
	m := &r.kind.metrics[i]
	if m.most == 0 {
		return sim.Percent(source)
	}
	return sim.Amount(source, m.most)
}

// sample is what is kept of the step that begins at from.
func sample(w sim.Wave, m *metric, from time.Time, step time.Duration) data {
	var d data
	n := 0
	for at := from; at.Before(from.Add(step)); at = at.Add(time.Minute) {
		v := w.At(at)
		if m.name == "Replicas" {
			v = float64(int(v))
		}
		d.total += v
		d.maximum = max(d.maximum, v)
		if n == 0 || v < d.minimum {
			d.minimum = v
		}
		n++
	}
	d.average = d.total / float64(n)
	return d
}
