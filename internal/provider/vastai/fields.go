package vastai

import "slices"

// kind is what an offer's field holds.
type kind int

const (
	numeric kind = iota + 1
	boolean
	text
	version // a driver's version: 535.86.05 is compared as 535086005
)

// factor is what a query's value is multiplied with: the official client takes memory in GB and durations in days,
// the API MB and seconds (offers_mult of its api/query.py).
func factor(field string) float64 {
	switch field {
	case "cpu_ram", "gpu_ram", "gpu_total_ram":
		return 1000
	case "duration":
		return 24 * 60 * 60
	}
	return 1
}

// alias returns the API's name of a field that the official client also calls otherwise.
func alias(field string) string {
	switch field {
	case "cuda_vers":
		return "cuda_max_good"
	case "display_active":
		return "gpu_display_active"
	case "dlperf_usd":
		return "dlperf_per_dphtotal"
	case "dph":
		return "dph_total"
	case "flops_usd":
		return "flops_per_dphtotal"
	}
	return field
}

// kindOf returns what an offer's field holds, 0 where there is no such field. The fields are those of
// search_offers.yaml and of the official client.
func kindOf(field string) kind {
	switch {
	case field == "driver_version":
		return version
	case slices.Contains(booleanFields(), field):
		return boolean
	case slices.Contains(textFields(), field):
		return text
	case slices.Contains(numericFields(), field):
		return numeric
	}
	return 0
}

func booleanFields() []string {
	return []string{
		"datacenter", "external", "gpu_display_active", "has_avx", "rentable", "rented", "static_ip", "verified",
		"vms_enabled",
	}
}

func textFields() []string {
	return []string{
		"cpu_arch", "geolocation", "gpu_arch", "gpu_name", "mobo_name", "os_version", "ubuntu_version", "verification",
	}
}

func numericFields() []string {
	return []string{
		"bw_nvlink", "cluster_id", "compute_cap", "cpu_cores", "cpu_cores_effective", "cpu_ghz", "cpu_ram",
		"cuda_max_good", "direct_port_count", "disk_bw", "disk_space", "dlperf", "dlperf_per_dphtotal", "dph_total",
		"duration", "flops_per_dphtotal", "gpu_frac", "gpu_max_power", "gpu_max_temp", "gpu_mem_bw", "gpu_ram",
		"gpu_total_ram", "host_id", "id", "inet_down", "inet_down_cost", "inet_up", "inet_up_cost", "machine_id",
		"min_bid", "num_gpus", "pci_gen", "pcie_bw", "reliability", "storage_cost", "total_flops",
	}
}

// fields returns all fields by which offers can be searched.
func fields() []string {
	return slices.Concat(booleanFields(), textFields(), numericFields(), []string{"driver_version"})
}
