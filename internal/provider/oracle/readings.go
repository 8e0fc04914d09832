package oracle

import (
	"strings"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
)

// reading is one metric of Oracle's and what it is here.
type reading struct {
	namespace, metric string
	statistic         string        // of the raw points in an interval: mean | max | sum
	name              string        // cloud.CPUUsagePercent ...
	perSecond         bool          // the value is an amount per interval
	step              time.Duration // the interval; 0 = one minute
	span              time.Duration // how far back; 0 = the window that is asked for
	cards             fold          // how the streams of an instance's cards are one reading; noFold = one stream only
}

// fold joins the readings of an instance's GPUs.
type fold int

const (
	noFold fold = iota
	meanOf
	sumOf
	highestOf
)

// interval returns the length of the intervals that the reading averages over.
func (r *reading) interval() time.Duration {
	if r.step == 0 {
		return time.Minute
	}
	return r.step
}

// query writes the reading in the monitoring query language
// (docs.oracle.com/iaas/Content/Monitoring/Reference/mql.htm), for the resources with these dimensions.
func (r *reading) query(dimensions []string) string {
	var b strings.Builder
	b.WriteString(r.metric)
	b.WriteString("[" + mqlInterval(r.interval()) + "]")
	if len(dimensions) > 0 {
		b.WriteString("{" + strings.Join(dimensions, ", ") + "}")
	}
	if r.cards == noFold {
		b.WriteString(".groupBy(resourceId)")
	}
	b.WriteString("." + r.statistic + "()")
	return b.String()
}

// mqlInterval writes whole hours and minutes as the language has them: 1h, 5m.
func mqlInterval(d time.Duration) string {
	if d%time.Hour == 0 {
		return strings.TrimSuffix(d.String(), "0m0s")
	}
	return strings.TrimSuffix(d.String(), "0s")
}

// scale turns a value into the metric's unit.
func (r *reading) scale(v float64) float64 {
	if r.perSecond {
		return v / r.interval().Seconds()
	}
	return v
}

// The namespaces of metrics.
const (
	agentSpace      = "oci_computeagent" // written by the Oracle Cloud Agent on the instance
	hypervisorSpace = "oci_vmi_resource_utilization"
	gpuSpace        = "gpu_infrastructure_health" // written by a plugin of the agent, as a custom namespace
	containerSpace  = "oci_computecontainerinstance"
	databaseSpace   = "oci_autonomous_database"
)

// cpuReading is the CPU of instances with an agent; hypervisorCPU is what the hypervisor sees of those without.
func cpuReading() reading {
	return reading{namespace: agentSpace, metric: "CpuUtilization", statistic: "mean", name: cloud.CPUUsagePercent}
}

func hypervisorCPU() reading {
	r := cpuReading()
	r.namespace = hypervisorSpace
	return r
}

// readingsOf returns a service's readings, the most useful first: what a limit holds up comes last.
func readingsOf(service string, gpus, detailed bool) []reading {
	switch service {
	case compute:
		return computeReadings(gpus, detailed)
	case containers:
		return []reading{
			{namespace: containerSpace, metric: "CpuUtilization", statistic: "mean", name: cloud.CPUUsagePercent},
			{namespace: containerSpace, metric: "MemoryUtilization", statistic: "mean", name: cloud.MemoryUsagePercent},
		}
	case autonomous:
		all := []reading{
			{namespace: databaseSpace, metric: "CpuUtilization", statistic: "mean", name: cloud.CPUUsagePercent},
			// storage is measured once an hour
			{
				namespace: databaseSpace, metric: "StorageUtilization", statistic: "mean", name: cloud.DiskUsagePercent,
				step: time.Hour, span: 3 * time.Hour,
			},
		}
		if detailed {
			all = append(all, reading{namespace: databaseSpace, metric: "Sessions", statistic: "mean", name: cloud.ConnectionsCount})
		}
		return all
	}
	return nil
}

// computeReadings: bytes and operations are amounts per interval, so the sum over a minute is right however often the
// agent reports.
func computeReadings(gpus, detailed bool) []reading {
	amount := func(metric, name string) reading {
		return reading{namespace: agentSpace, metric: metric, statistic: "sum", name: name, perSecond: true}
	}
	all := []reading{
		cpuReading(),
		{namespace: agentSpace, metric: "MemoryUtilization", statistic: "mean", name: cloud.MemoryUsagePercent},
	}
	if gpus {
		card := func(metric, statistic, name string, f fold) reading {
			return reading{namespace: gpuSpace, metric: metric, statistic: statistic, name: name, cards: f}
		}
		all = append(
			all,
			card("GpuUtilization", "mean", cloud.GPUUsagePercent, meanOf),
			card("GpuMemoryUtilization", "mean", cloud.GPUMemoryUsagePercent, meanOf),
			card("GpuTemperature", "max", cloud.GPUTemperatureCelsius, highestOf),
			card("GpuPowerDraw", "mean", cloud.GPUPowerWatts, sumOf),
		)
	}
	all = append(
		all,
		amount("NetworksBytesIn", cloud.NetworkRxBytesPerSec), amount("NetworksBytesOut", cloud.NetworkTxBytesPerSec),
		amount("DiskBytesRead", cloud.DiskReadBytesPerSec), amount("DiskBytesWritten", cloud.DiskWriteBytesPerSec),
	)
	if detailed {
		all = append(
			all,
			amount("DiskIopsRead", cloud.DiskReadOpsPerSec), amount("DiskIopsWritten", cloud.DiskWriteOpsPerSec),
			reading{namespace: agentSpace, metric: "LoadAverage", statistic: "mean", name: cloud.LoadAverage},
		)
	}
	return all
}
