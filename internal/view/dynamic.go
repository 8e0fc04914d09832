package view

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/pkg/nearest"
)

// dynamic returns the column of what not every row has: a metric, an attribute or a tag. Bare names are taken only
// where they end in a unit and are not a known metric's name mistyped.
func dynamic(kind Kind, name, lower string) (Column, bool) {
	if kind != Resources && kind != Offers {
		return Column{}, false
	}
	prefix, rest, _ := strings.Cut(lower, ".")
	rest = strings.TrimSpace(rest)
	switch prefix {
	case "tags", "tag", "labels":
		_, key, _ := strings.Cut(name, ".")
		key = strings.TrimSpace(key)
		return tagColumn(key), kind == Resources && key != ""
	case "metrics", "metric":
		return looseColumn(rest, "metrics."+rest, asMetric), kind == Resources && rest != ""
	case "attrs", "attr", "attributes":
		return looseColumn(rest, "attrs."+rest, asAttr), rest != ""
	}
	if _, ends := UnitOf(lower); !ends {
		return Column{}, false
	}
	mistyped := func(metric string) bool { d := nearest.Distance(lower, metric); return d == 1 || d == 2 }
	if names := metricNames(); !slices.Contains(names, lower) && slices.ContainsFunc(names, mistyped) {
		return Column{}, false
	}
	return looseColumn(lower, lower, anything), true
}

// looseColumn returns a column whose cells are found in each row by name.
func looseColumn(name, shown string, find func(r *Row, name string) Cell) Column {
	unit, measured := UnitOf(name)
	return Column{
		Name: shown, Title: title(name), Set: ByName, Unit: unit, Right: measured, Free: !measured,
		value: func(r *Row) Cell { return find(r, name) },
	}
}

func tagColumn(key string) Column {
	return Column{
		Name: "tags." + key, Title: title(key), Set: ByName, Free: true,
		value: func(r *Row) Cell { return tagCell(r.Resource, key) },
	}
}

// title makes a heading of a name.
func title(name string) string { return strings.ToUpper(strings.ReplaceAll(name, "_", " ")) }

func asMetric(r *Row, name string) Cell {
	unit, _ := UnitOf(name)
	return metricCell(r.Resource, name, unit)
}

func asAttr(r *Row, name string) Cell {
	attrs := attrsOf(r)
	i := slices.IndexFunc(attrs, func(a cloud.Attr) bool { return strings.EqualFold(a.Name, name) })
	if i < 0 {
		return Cell{}
	}
	return attrCell(attrs[i])
}

func attrsOf(r *Row) []cloud.Attr {
	if r.Offer != nil {
		return r.Offer.Attrs
	}
	return r.Resource.Attrs
}

// anything looks for a metric, then an attribute, then a tag of that name.
func anything(r *Row, name string) Cell {
	if r.Resource == nil {
		return asAttr(r, name)
	}
	if c := asMetric(r, name); c.Type != Absent {
		return c
	}
	if c := asAttr(r, name); c.Type != Absent {
		return c
	}
	return tagCell(r.Resource, name)
}

// tagCell shows a tag; one without a value is there all the same.
func tagCell(r *cloud.Resource, key string) Cell {
	for i := range r.Tags {
		if r.Tags[i].Key == key {
			return Cell{Text: r.Tags[i].Value, Type: Text}
		}
	}
	return Cell{}
}

// attrCell shows an attribute, in the unit that its name ends in.
func attrCell(a cloud.Attr) Cell {
	unit, _ := UnitOf(a.Name)
	switch v := a.Value.(type) {
	case nil:
		return Cell{}
	case string:
		return text(v)
	case bool:
		return yes(v)
	case int:
		return number(float64(v), unit)
	case int64:
		return number(float64(v), unit)
	case float64:
		return number(v, unit)
	case time.Time:
		return moment(v)
	case []string:
		return text(strings.Join(v, ","))
	default:
		return text(fmt.Sprint(v))
	}
}

// metricNames returns the metrics that have names of their own in package cloud.
func metricNames() []string {
	return []string{
		cloud.CPUUsagePercent, cloud.MemoryUsagePercent, cloud.MemoryUsedBytes, cloud.DiskUsagePercent, cloud.DiskUsedBytes,
		cloud.DiskReadBytesPerSec, cloud.DiskWriteBytesPerSec, cloud.DiskReadOpsPerSec, cloud.DiskWriteOpsPerSec,
		cloud.NetworkRxBytesPerSec, cloud.NetworkTxBytesPerSec, cloud.LoadAverage, cloud.GPUUsagePercent,
		cloud.GPUMemoryUsagePercent, cloud.GPUMemoryUsedBytes, cloud.GPUTemperatureCelsius, cloud.GPUPowerWatts,
		cloud.GPUECCErrorsCount, cloud.UptimeSeconds, cloud.RequestsPerSec, cloud.ErrorsPerSec, cloud.ErrorPercent,
		cloud.LatencyP50Seconds, cloud.LatencyP99Seconds, cloud.CPUTimeP50Seconds, cloud.CPUTimeP99Seconds,
		cloud.StorageBytes, cloud.ObjectsCount, cloud.ConnectionsCount, cloud.QueueDepthCount, cloud.WorkersRunningCount,
		cloud.WorkersIdleCount,
	}
}
