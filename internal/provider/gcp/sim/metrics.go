package gcpsim

import (
	"maps"
	"math"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/adsops/cloudtop/internal/sim"
)

// late is how long after it was taken a sample can be read.
const late = 240 * time.Second

// metricType is a metric descriptor and how to find its series.
type metricType struct {
	resource, kind, value string // gce_instance; GAUGE or DELTA; DOUBLE, INT64 or DISTRIBUTION
	unit                  string // in UCUM: "10^2.%" is a fraction of 1
	series                func(c *cloud, p *project, yield func(*series))
}

// series is one time series. Its sample of a minute is wave times factor; that of a DELTA is a rate per second.
type series struct {
	resource, metric map[string]string // labels
	wave             sim.Wave
	factor           float64
	ranks            float64 // of a distribution: its 99th percentile is so many times its median
}

func metricTypes() map[string]metricType {
	const vms = "compute.googleapis.com/instance/"
	return map[string]metricType{
		vms + "cpu/utilization": {"gce_instance", "GAUGE", "DOUBLE", "10^2.%", instances(func(v *vm, add adder) {
			add(map[string]string{"instance_name": v.name}, v.cpu, 0.01)
		})},
		vms + "network/received_bytes_count": {"gce_instance", "DELTA", "INT64", "By", instances(func(v *vm, add adder) { add.both(v, v.rx) })},
		vms + "network/sent_bytes_count":     {"gce_instance", "DELTA", "INT64", "By", instances(func(v *vm, add adder) { add.both(v, v.tx) })},
		vms + "disk/read_bytes_count":        {"gce_instance", "DELTA", "INT64", "By", instances(func(v *vm, add adder) { add.disks(v, v.read) })},
		vms + "disk/write_bytes_count":       {"gce_instance", "DELTA", "INT64", "By", instances(func(v *vm, add adder) { add.disks(v, v.write) })},
		"agent.googleapis.com/memory/percent_used": {"gce_instance", "GAUGE", "DOUBLE", "%", instances(func(v *vm, add adder) {
			if v.agent {
				add(map[string]string{"state": "used"}, v.memory, 1)
				add(map[string]string{"state": "free"}, v.memory, 0.1)
				add(map[string]string{"state": "cached"}, v.memory, 0.2)
			}
		})},
		"agent.googleapis.com/gpu/utilization": {"gce_instance", "GAUGE", "DOUBLE", "%", instances(func(v *vm, add adder) {
			for i, w := range v.gpu {
				if v.agent {
					add(map[string]string{"model": "NVIDIA", "gpu_number": strconv.Itoa(i), "uuid": "GPU-" + strconv.Itoa(i)}, w, 1)
				}
			}
		})},
		"kubernetes.io/node/cpu/allocatable_utilization": {"k8s_node", "GAUGE", "DOUBLE", "10^2.%", nodes(func(k *cluster, i int, add adder) {
			add(nil, k.cpu[i], 0.01)
		})},
		"kubernetes.io/node/memory/allocatable_utilization": {"k8s_node", "GAUGE", "DOUBLE", "10^2.%", nodes(func(k *cluster, i int, add adder) {
			add(map[string]string{"memory_type": "non-evictable"}, k.memory[i], 0.01)
			add(map[string]string{"memory_type": "evictable"}, k.memory[i], 0.001)
		})},
		"run.googleapis.com/request_count": {"cloud_run_revision", "DELTA", "INT64", "1", revisions(func(s *traffic, add adder) {
			add(map[string]string{"response_code": "200", "response_code_class": "2xx"}, s.requests, 1)
			add(map[string]string{"response_code": "500", "response_code_class": "5xx"}, s.failures, 1)
		})},
		"run.googleapis.com/request_latencies":             {"cloud_run_revision", "DELTA", "DISTRIBUTION", "ms", revisions(func(s *traffic, add adder) { add(nil, s.latency, 1) })},
		"run.googleapis.com/container/cpu/utilizations":    {"cloud_run_revision", "DELTA", "DISTRIBUTION", "10^2.%", revisions(func(s *traffic, add adder) { add(nil, s.processors, 0.01) })},
		"run.googleapis.com/container/memory/utilizations": {"cloud_run_revision", "DELTA", "DISTRIBUTION", "10^2.%", revisions(func(s *traffic, add adder) { add(nil, s.storage, 0.01) })},
		"cloudfunctions.googleapis.com/function/execution_count": {"cloud_function", "DELTA", "INT64", "1", executions(func(f *function, add adder) {
			add(map[string]string{"status": "ok"}, f.requests, 1)
			for i, part := range f.ends() {
				add(map[string]string{"status": []string{"error", "timeout"}[i]}, f.failures, part)
			}
		})},
		"cloudfunctions.googleapis.com/function/execution_times": {"cloud_function", "DELTA", "DISTRIBUTION", "ns", executions(func(f *function, add adder) {
			add(map[string]string{"status": "ok"}, f.latency, 1e6)
		})},
		"cloudsql.googleapis.com/database/cpu/utilization": {"cloudsql_database", "GAUGE", "DOUBLE", "10^2.%", servers(func(d *database) sim.Wave { return d.cpu })},
		"cloudsql.googleapis.com/database/memory/utilization": {
			"cloudsql_database", "GAUGE", "DOUBLE", "10^2.%", servers(func(d *database) sim.Wave { return d.memory }),
		},
		"cloudsql.googleapis.com/database/disk/utilization": {"cloudsql_database", "GAUGE", "DOUBLE", "10^2.%", servers(func(d *database) sim.Wave { return d.disk })},
	}
}

// adder adds a series of a resource.
type adder func(labels map[string]string, w sim.Wave, factor float64)

// both adds traffic that came through a load balancer and traffic that did not.
func (add adder) both(v *vm, w sim.Wave) {
	add(map[string]string{"instance_name": v.name, "loadbalanced": "true"}, w, 0.75)
	add(map[string]string{"instance_name": v.name, "loadbalanced": "false"}, w, 0.25)
}

func (add adder) disks(v *vm, w sim.Wave) {
	for i := range v.disks {
		add(map[string]string{"instance_name": v.name, "device_name": "disk-" + strconv.Itoa(i)}, w, 1)
	}
}

// ranks is what the 99th percentile of every distribution is, in medians.
const ranks = 3

// instances finds series of the instances that run, and of one that was deleted a minute ago.
func instances(each func(*vm, adder)) func(*cloud, *project, func(*series)) {
	return func(c *cloud, p *project, yield func(*series)) {
		for _, v := range c.vms {
			if v.project != p || v.status != "RUNNING" {
				continue
			}
			at := map[string]string{"project_id": p.id, "instance_id": strconv.FormatUint(v.id, 10), "zone": v.zone}
			each(v, func(labels map[string]string, w sim.Wave, factor float64) {
				yield(&series{resource: at, metric: labels, wave: w, factor: factor})
			})
		}
		gone := &vm{name: "gone", disks: 1, cpu: sim.Wave{Base: 50, Low: 50, High: 50}}
		at := map[string]string{"project_id": p.id, "instance_id": "999999999999999999", "zone": "us-central1-a"}
		each(gone, func(labels map[string]string, w sim.Wave, factor float64) {
			yield(&series{resource: at, metric: labels, wave: w, factor: factor})
		})
	}
}

// live reports whether the cluster has nodes that run.
func (k *cluster) live() bool { return k.status != "PROVISIONING" && k.status != "ERROR" }

func nodes(each func(*cluster, int, adder)) func(*cloud, *project, func(*series)) {
	return func(c *cloud, p *project, yield func(*series)) {
		for _, k := range c.clusters {
			for i := 0; i < k.nodes && k.project == p && k.live(); i++ {
				at := map[string]string{
					"project_id": p.id, "location": k.location, "cluster_name": k.name, "node_name": "gke-" + k.name + "-" + strconv.Itoa(i),
				}
				each(k, i, func(labels map[string]string, w sim.Wave, factor float64) {
					yield(&series{resource: at, metric: labels, wave: w, factor: factor})
				})
			}
		}
	}
}

// live reports whether the service answers requests: a failed deployment leaves nothing that does.
func (s *service) live() bool { return s.state == "CONDITION_SUCCEEDED" }

// revisions finds the series of Cloud Run: those of its services, and of the functions of the second generation.
func revisions(each func(*traffic, adder)) func(*cloud, *project, func(*series)) {
	return func(c *cloud, p *project, yield func(*series)) {
		add := func(name, region string, t *traffic) {
			at := map[string]string{
				"project_id": p.id, "location": region, "service_name": name, "configuration_name": name, "revision_name": name + "-00007-abc",
			}
			each(t, func(labels map[string]string, w sim.Wave, factor float64) {
				yield(&series{resource: at, metric: labels, wave: w, factor: factor, ranks: ranks})
			})
		}
		for _, s := range c.services {
			if s.project == p && s.live() {
				add(s.name, s.region, &s.traffic)
			}
		}
		for _, f := range c.functions {
			if f.project == p && f.live() && !f.first {
				add(f.name, f.region, &f.traffic)
			}
		}
	}
}

// live reports whether the function runs when it is called.
func (f *function) live() bool { return f.state == "ACTIVE" }

// ends are the parts of the function's failures that are told apart: of errors and of timeouts, or in the second
// generation all in one.
func (f *function) ends() []float64 {
	if f.first {
		return []float64{0.75, 0.25}
	}
	return []float64{1}
}

// executions finds the series of the functions of the first generation.
func executions(each func(*function, adder)) func(*cloud, *project, func(*series)) {
	return func(c *cloud, p *project, yield func(*series)) {
		for _, f := range c.functions {
			if f.project != p || !f.live() || !f.first {
				continue
			}
			at := map[string]string{"project_id": p.id, "region": f.region, "function_name": f.name}
			each(f, func(labels map[string]string, w sim.Wave, factor float64) {
				yield(&series{resource: at, metric: labels, wave: w, factor: factor, ranks: ranks})
			})
		}
	}
}

// live reports whether the server runs.
func (d *database) live() bool { return d.state == "RUNNABLE" && d.activity != "NEVER" }

func servers(wave func(*database) sim.Wave) func(*cloud, *project, func(*series)) {
	return func(c *cloud, p *project, yield func(*series)) {
		for _, d := range c.databases {
			if d.project == p && d.live() {
				at := map[string]string{"project_id": p.id, "database_id": p.id + ":" + d.name, "region": d.region}
				yield(&series{resource: at, wave: wave(d), factor: 0.01})
			}
		}
	}
}

// sample returns what was sampled at a full minute: a gauge or a median, or where it counts what came in the minute before.
func (s *series) sample(counts bool, at time.Time) float64 {
	v := s.wave.At(at) * s.factor
	if counts {
		return math.Round(v * 60)
	}
	return v
}

// newest returns the last full minute whose samples can be read.
func (c *cloud) newest() time.Time { return c.world.Now().Add(-late).Truncate(time.Minute) }

// listDescriptors is projects.metricDescriptors.list. Its filter may ask for one type, or for those that begin so.
func (c *cloud) listDescriptors(in *call) (any, *problem) {
	wanted := labelCondition{start: true}
	if f := in.query.Get("filter"); f != "" {
		t := term.FindStringSubmatch(f)
		if t == nil || t[1] != "metric.type" || (t[3] == "") != (t[5] == "") {
			return nil, invalid(`Field filter had an invalid value of "` + f + `": Could not parse filter.`)
		}
		wanted = labelCondition{want: t[4], not: t[2] == "!=", start: t[3] != ""}
	}
	var all []object
	types := metricTypes()
	for _, name := range slices.Sorted(maps.Keys(types)) {
		m := types[name]
		if !wanted.holds(name) || (strings.HasPrefix(name, "agent.googleapis.com/") && !c.written(&m, in.PathValue("project"))) {
			continue
		}
		all = append(all, object{
			"name": "projects/" + in.PathValue("project") + "/metricDescriptors/" + name, "type": name, "metricKind": m.kind, "valueType": m.value,
			"unit": m.unit, "description": "A simulated metric.", "displayName": path.Base(name), "monitoredResourceTypes": []string{m.resource},
			"metadata": object{"launchStage": "GA", "samplePeriod": "60s", "ingestDelay": "240s"},
		})
	}
	return in.listed("metricDescriptors", 10_000, all)
}
