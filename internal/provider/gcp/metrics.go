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
	metric   string // our name
	kind     string // metric.type
	resource string // resource.type
	only     string // more of the filter; may be empty
	aligner  string // per series, each minute
	reducer  string // over the series of one resource
	by       []string
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
		by := []string{"resource.labels.location", "resource.labels.service_name"}
		const kind = "cloud_run_revision"
		return []meter{
			{cloud.RequestsPerSec, "run.googleapis.com/request_count", kind, "", rate, sum, by, 1, false},
			{cloud.LatencyP99Seconds, "run.googleapis.com/request_latencies", kind, "", p99, "REDUCE_MAX", by, 0.001, false},
			{cloud.CPUUsagePercent, "run.googleapis.com/container/cpu/utilizations", kind, "", p50, average, by, 100, false},
			{cloud.MemoryUsagePercent, "run.googleapis.com/container/memory/utilizations", kind, "", p50, average, by, 100, false},
		}
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

func metricNames(service string) []string {
	var names []string
	for _, m := range meters(service) {
		names = append(names, m.metric)
	}
	return names
}

// Metrics implements provider.MetricsReader. A metric that cannot be read leaves the others.
func (d *driver) Metrics(ctx context.Context, refs []cloud.Ref, w cloud.Window) iter.Seq2[cloud.Sample, error] {
	if len(refs) == 0 {
		return func(func(cloud.Sample, error) bool) {}
	}
	ids := make(map[string]string, len(refs))
	for _, r := range refs {
		ids[seriesKey(&r)] = r.ID
	}
	wanted := slices.DeleteFunc(meters(refs[0].Service), func(m meter) bool {
		return m.gpu && !slices.ContainsFunc(refs, func(r cloud.Ref) bool { return r.GPU })
	})
	project := refs[0].Account
	return func(yield func(cloud.Sample, error) bool) {
		var failures []error
		found := false
		answers := provider.Fan(ctx, len(wanted), wanted, func(ctx context.Context, m meter) reading {
			return d.read(ctx, project, &m, w)
		})
		for a := range answers {
			for _, s := range a.series {
				id, ok := ids[s.key]
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

// seriesKey returns how the series of a resource are told apart: the values of meter.by, joined by "/".
func seriesKey(r *cloud.Ref) string {
	switch r.Service {
	case run:
		return segment(r.ID, "locations") + "/" + last(r.ID)
	case sql:
		return r.Account + ":" + r.ID
	}
	return r.ID
}

// key returns the values of the labels that a meter groups by.
func (m *meter) key(labels map[string]string) string {
	values := make([]string, len(m.by))
	for i, b := range m.by {
		values[i] = labels[strings.TrimPrefix(b, "resource.labels.")]
	}
	return strings.Join(values, "/")
}
