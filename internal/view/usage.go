package view

import (
	"github.com/adsops/cloudtop/internal/cloud"
)

// The shares from which a usage is drawn as a warning and as an alarm.
const (
	warnPercent  = 75
	alarmPercent = 90
)

func usageColumns() []Column {
	disk := metricColumn(cloud.DiskUsagePercent, "disk", "DISK", 20)
	disk.Set = Wide
	rx := metricColumn(cloud.NetworkRxBytesPerSec, "net_rx", "NET RX", 18)
	rx.Set, rx.Aliases = Wide, append(rx.Aliases, "rx")
	tx := metricColumn(cloud.NetworkTxBytesPerSec, "net_tx", "NET TX", 17)
	tx.Set, tx.Aliases = Wide, append(tx.Aliases, "tx")
	memory := metricColumn(cloud.MemoryUsagePercent, "memory", "MEM", 75)
	memory.Aliases = append(memory.Aliases, "mem", "ram")
	return []Column{
		metricColumn(cloud.CPUUsagePercent, "cpu", "CPU", 78), memory, disk, rx, tx,
		{
			Name: "network", Title: "NET", Set: ByName, Right: true, Unit: BytesPerSecond, Aliases: []string{"net"},
			value: networkCell,
		},
	}
}

// metricColumn returns the column of a metric, under a name that is quicker to type.
func metricColumn(metric, name, title string, weight int) Column {
	unit, _ := UnitOf(metric)
	return Column{
		Name: name, Title: title, Aliases: []string{metric}, Weight: weight, Right: true, Unit: unit,
		value: func(r *Row) Cell { return metricCell(r.Resource, metric, unit) },
	}
}

// metricCell shows a reading. Shares in use are drawn as what they mean.
func metricCell(r *cloud.Resource, name string, unit Unit) Cell {
	m := reading(r, name)
	if m == nil {
		return absent(NotMeasured)
	}
	c := number(m.Value, unit)
	if name == cloud.CPUUsagePercent || name == cloud.MemoryUsagePercent || name == cloud.DiskUsagePercent {
		switch {
		case c.Num >= alarmPercent:
			c.Style = Alarm
		case c.Num >= warnPercent:
			c.Style = Warn
		}
	}
	return c
}

// reading returns the newest reading of a metric, nil where there is none.
func reading(r *cloud.Resource, name string) *cloud.Metric {
	var newest *cloud.Metric
	for i := range r.Metrics {
		if m := &r.Metrics[i]; m.Name == name && (newest == nil || m.At > newest.At) {
			newest = m
		}
	}
	return newest
}

// networkCell shows the traffic of both directions; where only one is measured there is no sum.
func networkCell(r *Row) Cell {
	rx, tx := reading(r.Resource, cloud.NetworkRxBytesPerSec), reading(r.Resource, cloud.NetworkTxBytesPerSec)
	if rx == nil || tx == nil {
		return absent(NotMeasured)
	}
	return number(rx.Value+tx.Value, BytesPerSecond)
}

func gpuColumns() []Column {
	util := metricColumn(cloud.GPUUsagePercent, "gpu_util", "GPU%", 72)
	util.Aliases = append(util.Aliases, "utilization", "utilisation", "gpu_usage", "gpu%")
	read := util.value
	util.value = func(r *Row) Cell {
		c := read(r)
		if c.Type == Absent && r.Resource.GPU == nil {
			c.Reason = NoGPU
		}
		return c
	}
	return []Column{
		{Name: "gpu", Title: "GPU", Weight: 74, Free: true, value: ofGPU(func(g *cloud.GPU) Cell { return cards(g.Type, g.Count) })},
		{
			Name: "gpu_type", Title: "GPU TYPE", Set: ByName, Free: true, Aliases: []string{"gpu.type"},
			value: ofGPU(func(g *cloud.GPU) Cell { return text(g.Type) }),
		},
		{
			Name: "gpu_count", Title: "GPUS", Set: ByName, Right: true, Aliases: []string{"gpu.count", "gpus"},
			value: ofGPU(func(g *cloud.GPU) Cell { return known(g.Count, NoUnit) }),
		},
		{
			Name: "gpu_memory", Title: "VRAM", Set: ByName, Right: true, Unit: Gigabytes,
			Aliases: []string{"gpu_memory_gb", "gpu.memory_gb", "vram"},
			value:   ofGPU(func(g *cloud.GPU) Cell { return known(g.MemoryGB, Gigabytes) }),
		},
		util,
	}
}

// ofGPU makes a column's value from a resource's cards.
func ofGPU(f func(*cloud.GPU) Cell) func(*Row) Cell {
	return func(r *Row) Cell {
		if r.Resource.GPU == nil {
			return absent(NoGPU)
		}
		return f(r.Resource.GPU)
	}
}

// cards shows a number of cards: "8x H100 SXM"; unknown parts are left out.
func cards(kind string, n float64) Cell {
	if !finite(n) {
		n = 0
	}
	switch {
	case n == 0 && kind == "":
		return text("GPU")
	case n == 0:
		return text(kind)
	case kind == "":
		kind = "GPU"
	}
	return text(count(n) + "x " + kind)
}
