package vastai

import (
	"sync/atomic"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
)

// scale is what one account's cpu_util is measured in. The description says fraction and shows 0.0; gpu_util, which it
// calls a fraction too, is a percentage in truth, as the official client prints it. So a reading up to 1 is taken for
// a fraction, until one above 2 proves that all of them are percentages; what lies between proves nothing and is left
// out. To take a busy machine for idle would be worse than the other way round: somebody might stop it.
type scale struct{ percent atomic.Bool }

func (s *scale) learn(v float64) {
	if v > 2 {
		s.percent.Store(true)
	}
}

func (s *scale) percentOf(v float64) (float64, bool) {
	if s.percent.Load() {
		return v, v <= 100
	}
	return fraction(v)
}

// fraction converts a part of one to percent. A little above 1 it is neither a fraction nor surely a percentage.
func fraction(v float64) (float64, bool) {
	if v > 2 && v <= 100 {
		return v, true
	}
	return v * 100, v <= 1
}

// metrics are the readings that the listing carries. It tells no time, so they are as of now; readings of a container
// that does not run or of a machine that does not report are old and left out.
func (i *instance) metrics(cpu *scale, now time.Time) []cloud.Metric {
	var all []cloud.Metric
	add := func(metric string, v float64, ok bool) {
		if ok {
			all = append(all, cloud.Metric{Name: metric, Value: v, At: cloud.InstantOf(now)})
		}
	}
	if i.live() {
		gpu, ok := i.GPUUtil.Reading()
		add(cloud.GPUUsagePercent, gpu, ok && gpu <= 100)
		temp, ok := i.GPUTemp.Reading()
		add(cloud.GPUTemperatureCelsius, temp, ok)
		if v, ok := i.CPUUtil.Reading(); ok {
			percent, ok := cpu.percentOf(v)
			add(cloud.CPUUsagePercent, percent, ok)
		}
		used, limit, ok := i.memory()
		add(cloud.MemoryUsagePercent, 100*used/limit, ok && used <= limit)
		add(cloud.MemoryUsedBytes, used, ok)
		up, ok := i.UptimeMins.Reading()
		add(cloud.UptimeSeconds, up*60, ok)
	}
	if i.reachable() {
		percent, ok := i.diskPercent()
		add(cloud.DiskUsagePercent, percent, ok)
		used, ok := i.DiskUsage.Reading()
		add(cloud.DiskUsedBytes, used*1e9, ok)
	}
	return all
}

// memory returns what the container uses and may use, in bytes.
func (i *instance) memory() (used, limit float64, ok bool) {
	used, known := i.MemUsage.Reading()
	limit, _ = i.MemLimit.Reading()
	unit := i.memoryUnit()
	return used * unit, limit * unit, known && limit > 0
}

// memoryUnit is what mem_usage, mem_limit and vmem_usage are counted in: GB, as the list's example shows (15.7 on a
// machine with 15989 MB), unless that would be more than the machine has; then it is MB, as the description of the
// single instance says.
func (i *instance) memoryUnit() float64 {
	limit, _ := i.MemLimit.Reading()
	machine, ok := i.CPURAM.Reading()
	if ok && machine > 0 && limit*1000 > 1.2*machine {
		return 1e6
	}
	return 1e9
}

// diskPercent is disk_util, which the official client takes for a fraction; where that is no reading, it is the used
// part of the disk.
func (i *instance) diskPercent() (float64, bool) {
	if v, ok := i.DiskUtil.Reading(); ok {
		if percent, ok := fraction(v); ok {
			return percent, true
		}
	}
	used, ok := i.DiskUsage.Reading()
	if !ok || i.DiskSpace.Value <= 0 || used > i.DiskSpace.Value {
		return 0, false
	}
	return 100 * used / i.DiskSpace.Value, true
}
