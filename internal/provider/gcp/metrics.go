package gcp

import (
	"context"
	"iter"
	"slices"
	"strings"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/provider"
)

// meter is one metric of Cloud Monitoring that is read for a service: one call for a whole project. All series of a
// resource (of its disks, network interfaces, revisions, nodes) are joined by the reducer there, so that as few as
// possible are returned and billed.
type meter struct {
	metric   string   // our name
	kind     string   // metric.type
	resource string   // resource.type
	only     string   // more of the filter; may be empty
	aligner  string   // per series, each minute
	reducer  string   // over the series of one resource
	by       []string // labels of the resource, and the one of the metric that tells how requests ended
	factor   float64
	gpu      bool // read only where there are GPUs
}

const (
	mean = "ALIGN_MEAN" // of gauges
	rate = "ALIGN_RATE" // of deltas: per second
	p50  = "ALIGN_PERCENTILE_50"
	p99  = "ALIGN_PERCENTILE_99"

	average = "REDUCE_MEAN"
	sum     = "REDUCE_SUM"
)

// meters returns what is read for a service. Sources: cloud.google.com/monitoring/api/metrics_gcp; the utilization of
// platforms is a fraction of 1, that of the Ops Agent (agent.googleapis.com) is percent.
func meters(service string) []meter {
	switch service {
	case compute:
		return instanceMeters()
	case gke:
		by := []string{"resource.labels.location", "resource.labels.cluster_name"}
		return []meter{
			{cloud.CPUUsagePercent, "kubernetes.io/node/cpu/allocatable_utilization", "k8s_node", "", mean, average, by, 100, false},
			{
				cloud.MemoryUsagePercent, "kubernetes.io/node/memory/allocatable_utilization", "k8s_node",
				`metric.labels.memory_type = "non-evictable"`, mean, average, by, 100, false,
			},
		}
	case run:
		return runMeters()
	case functions:
		return append(firstMeters(), secondMeters()...)
	case sql:
		by := []string{"resource.labels.database_id"}
		const base, kind = "cloudsql.googleapis.com/database/", "cloudsql_database"
		return []meter{
			{cloud.CPUUsagePercent, base + "cpu/utilization", kind, "", mean, average, by, 100, false},
			{cloud.MemoryUsagePercent, base + "memory/utilization", kind, "", mean, average, by, 100, false},
			{cloud.DiskUsagePercent, base + "disk/utilization", kind, "", mean, average, by, 100, false},
		}
	}
	return nil
}

func runMeters() []meter {
	by := []string{"resource.labels.location", "resource.labels.service_name"}
	const kind = revisionSeries
	return []meter{
		{cloud.RequestsPerSec, "run.googleapis.com/request_count", kind, "", rate, sum, by, 1, false},
		{cloud.LatencyP99Seconds, "run.googleapis.com/request_latencies", kind, "", p99, "REDUCE_MAX", by, 0.001, false},
		{cloud.CPUUsagePercent, "run.googleapis.com/container/cpu/utilizations", kind, "", p50, average, by, 100, false},
		{cloud.MemoryUsagePercent, "run.googleapis.com/container/memory/utilizations", kind, "", p50, average, by, 100, false},
	}
}

func instanceMeters() []meter {
	by := []string{"resource.labels.instance_id"}
	const base, agent, kind = "compute.googleapis.com/instance/", "agent.googleapis.com/", "gce_instance"
	return []meter{
		{cloud.CPUUsagePercent, base + "cpu/utilization", kind, "", mean, average, by, 100, false},
		{cloud.MemoryUsagePercent, agent + "memory/percent_used", kind, `metric.labels.state = "used"`, mean, average, by, 1, false},
		{cloud.NetworkRxBytesPerSec, base + "network/received_bytes_count", kind, "", rate, sum, by, 1, false},
		{cloud.NetworkTxBytesPerSec, base + "network/sent_bytes_count", kind, "", rate, sum, by, 1, false},
		{cloud.DiskReadBytesPerSec, base + "disk/read_bytes_count", kind, "", rate, sum, by, 1, false},
		{cloud.DiskWriteBytesPerSec, base + "disk/write_bytes_count", kind, "", rate, sum, by, 1, false},
		{cloud.GPUUsagePercent, agent + "gpu/utilization", kind, "", mean, average, by, 1, true},
	}
}

// metricNames returns the metrics of a service, each once.
func metricNames(service string) []string {
	var names []string
	for _, m := range meters(service) {
		told := []string{m.metric}
		if m.outcome() != "" {
			told = append(told, cloud.ErrorsPerSec)
		}
		for _, name := range told {
			if !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	return names
}

// Metrics implements provider.MetricsReader. A metric that cannot be read leaves the others.
func (d *driver) Metrics(ctx context.Context, refs []cloud.Ref, w cloud.Window) iter.Seq2[cloud.Sample, error] {
	if len(refs) == 0 {
		return func(func(cloud.Sample, error) bool) {}
	}
	wanted, ids := d.wantedMeters(refs), d.ids(refs)
	project := refs[0].Account
	return func(yield func(cloud.Sample, error) bool) {
		var failures []error
		found := false
		told := map[reported]bool{}
		answers := provider.Fan(ctx, len(wanted), wanted, func(ctx context.Context, m meter) reading {
			return d.read(ctx, project, &m, w)
		})
		for a := range answers {
			for _, s := range a.series {
				id, ok := ids[s.owner]
				if ok && refs[0].Service == functions { // whose series may be in two places
					ok = !told[reported{id, s.metric.Name}]
					told[reported{id, s.metric.Name}] = true
				}
				if ok && !yield(cloud.Sample{ID: id, Metric: s.metric}, nil) {
					return
				}
			}
			for _, err := range a.lost {
				if !yield(cloud.Sample{}, err) {
					return
				}
			}
			found = found || a.err == nil
			if a.err != nil {
				failures = append(failures, a.err)
			}
		}
		if found { // a project in which nothing ever wrote a metric, like those of the Ops Agent, does not know it
			failures = slices.DeleteFunc(failures, func(err error) bool { return cloud.KindOf(err) == cloud.KindNotFound })
		}
		tell(failures, found, yield)
	}
}

// reported is a metric of a resource.
type reported struct{ id, metric string }

// wantedMeters returns what is read for resources of one service.
func (d *driver) wantedMeters(refs []cloud.Ref) []meter {
	if refs[0].Service == functions {
		return d.homes.meters(refs)
	}
	gpus := slices.ContainsFunc(refs, func(r cloud.Ref) bool { return r.GPU })
	return slices.DeleteFunc(meters(refs[0].Service), func(m meter) bool { return m.gpu && !gpus })
}

// owner is whose a series is.
type owner struct {
	resource string // resource.type
	key      string // the values of the resource's labels among meter.by, joined by "/"
}

// ids returns the resources by whose series theirs are.
func (d *driver) ids(refs []cloud.Ref) map[owner]string {
	ids := make(map[owner]string, len(refs))
	var resource string // the same for all that is measured of a service, but for functions
	if all := meters(refs[0].Service); len(all) > 0 {
		resource = all[0].resource
	}
	for i := range refs {
		r := &refs[i]
		if r.Service == functions {
			for _, o := range d.homes.owners(r.ID) {
				ids[o] = r.ID
			}
			continue
		}
		ids[owner{resource, seriesKey(r)}] = r.ID
	}
	return ids
}

// seriesKey returns how the series of a resource are told apart.
func seriesKey(r *cloud.Ref) string {
	switch r.Service {
	case run:
		return segment(r.ID, "locations") + "/" + last(r.ID)
	case sql:
		return r.Account + ":" + r.ID
	}
	return r.ID
}

// owner returns whose a series with these labels is.
func (m *meter) owner(labels map[string]string) owner {
	var values []string
	for _, b := range m.by {
		if label, ok := strings.CutPrefix(b, "resource.labels."); ok {
			values = append(values, labels[label])
		}
	}
	return owner{m.resource, strings.Join(values, "/")}
}
