package cloud

import "time"

// Names of metrics. A name ends in its unit, and one name has one unit at every provider.
const (
	CPUUsagePercent       = "cpu_usage_percent"
	MemoryUsagePercent    = "memory_usage_percent"
	MemoryUsedBytes       = "memory_used_bytes"
	DiskUsagePercent      = "disk_usage_percent"
	DiskUsedBytes         = "disk_used_bytes"
	DiskReadBytesPerSec   = "disk_read_bytes_per_second"
	DiskWriteBytesPerSec  = "disk_write_bytes_per_second"
	DiskReadOpsPerSec     = "disk_read_ops_per_second"
	DiskWriteOpsPerSec    = "disk_write_ops_per_second"
	NetworkRxBytesPerSec  = "network_rx_bytes_per_second"
	NetworkTxBytesPerSec  = "network_tx_bytes_per_second"
	LoadAverage           = "load_average_count"
	GPUUsagePercent       = "gpu_usage_percent"
	GPUMemoryUsagePercent = "gpu_memory_usage_percent"
	GPUMemoryUsedBytes    = "gpu_memory_used_bytes"
	GPUTemperatureCelsius = "gpu_temperature_celsius"
	GPUPowerWatts         = "gpu_power_watts"
	GPUECCErrorsCount     = "gpu_ecc_errors_count"
	UptimeSeconds         = "uptime_seconds"
	RequestsPerSec        = "requests_per_second"
	ErrorsPerSec          = "errors_per_second"
	ErrorPercent          = "error_percent"
	LatencyP50Seconds     = "latency_p50_seconds"
	LatencyP99Seconds     = "latency_p99_seconds"
	CPUTimeP50Seconds     = "cpu_time_p50_seconds"
	CPUTimeP99Seconds     = "cpu_time_p99_seconds"
	StorageBytes          = "storage_bytes"
	ObjectsCount          = "objects_count"
	ConnectionsCount      = "connections_count"
	QueueDepthCount       = "queue_depth_count"
	WorkersRunningCount   = "workers_running_count"
	WorkersIdleCount      = "workers_idle_count"
)

// Metric is one reading. Value is in the unit that Name ends in; a metric that was not measured does not exist.
type Metric struct {
	Name  string
	Value float64
	At    Instant // when the provider measured it; the end of its averaging interval
}

// Instant is a moment in nanoseconds since 1970, 0 where it is not known. It takes a third of the memory of a time.Time,
// and there are millions of readings.
type Instant int64

// InstantOf returns t as an Instant. The zero time is not known, nor is one that no Instant can be: before 1678 and after
// 2261.
func InstantOf(t time.Time) Instant {
	if year := t.Year(); year < 1678 || year > 2261 {
		return 0
	}
	return Instant(t.UnixNano())
}

// Time returns the moment in UTC, the zero time where it is not known.
func (i Instant) Time() time.Time {
	if i == 0 {
		return time.Time{}
	}
	return time.Unix(0, int64(i)).UTC()
}

// String returns the moment as RFC 3339 in UTC.
func (i Instant) String() string { return i.Time().Format(time.RFC3339Nano) }

// MarshalText writes what String returns.
func (i Instant) MarshalText() ([]byte, error) { return []byte(i.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (i *Instant) UnmarshalText(text []byte) error {
	t, err := time.Parse(time.RFC3339Nano, string(text))
	*i = InstantOf(t)
	return err
}

// Sample is a reading of one resource, as a MetricsReader yields it.
type Sample struct {
	ID     string // Ref.ID
	Metric Metric
}

// Metric returns the named reading and whether there is one.
func (r *Resource) Metric(name string) (Metric, bool) {
	for i := range r.Metrics {
		if r.Metrics[i].Name == name {
			return r.Metrics[i], true
		}
	}
	return Metric{}, false
}

// Window is the span of time to read metrics for: From is included, To is not.
type Window struct {
	From, To time.Time
}
