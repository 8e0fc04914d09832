package vastai

import "github.com/adsops/cloudtop/internal/provider"

// machine is what offers, instances and volumes tell alike of a host's computer.
type machine struct {
	MachineID        number `json:"machine_id"`
	HostID           number `json:"host_id"`
	Verification     word   `json:"verification"`
	Reliability2     number `json:"reliability2"` // 0 to 1
	Geolocation      word   `json:"geolocation"`  // "California, United States" or "Washington, US"
	StartDate        moment `json:"start_date"`   // seconds since 1970
	EndDate          moment `json:"end_date"`
	Driver           word   `json:"driver_version"`
	CUDAMaxGood      number `json:"cuda_max_good"`
	CPUName          word   `json:"cpu_name"`
	CPUArch          word   `json:"cpu_arch"`
	OSVersion        word   `json:"os_version"`
	DiskName         word   `json:"disk_name"`
	DiskSpace        number `json:"disk_space"`         // GB
	StorageTotalCost number `json:"storage_total_cost"` // USD per hour
	StaticIP         flag   `json:"static_ip"`
	InetUp           number `json:"inet_up"` // Mbps that the host measured, not live traffic
	InetDown         number `json:"inet_down"`
}

func (m *machine) place(a *provider.Attrs) {
	a.Add("machine_id", m.MachineID)
	a.Add("host_id", m.HostID)
	a.Add("verification", m.Verification)
	a.Add("end_date", m.EndDate.Time)
}

func (m *machine) system(a *provider.Attrs) {
	a.Add("cpu", m.CPUName)
	a.Add("cpu_arch", m.CPUArch)
	a.Add("os_version", m.OSVersion)
	a.Add("driver_version", m.Driver)
	a.Reading("cuda_max", m.CUDAMaxGood)
	a.Add("disk", m.DiskName)
}

func (m *machine) network(a *provider.Attrs) {
	a.Reading("inet_up_mbps", m.InetUp)
	a.Reading("inet_down_mbps", m.InetDown)
	a.Add("static_ip", m.StaticIP)
}

// share is what offers and instances tell alike of the part of a machine that is rented, and of its price.
type share struct {
	machine
	HostingType       number `json:"hosting_type"`
	External          flag   `json:"external"`
	Rentable          flag   `json:"rentable"`
	GPUName           word   `json:"gpu_name"`
	GPUArch           word   `json:"gpu_arch"`
	NumGPUs           number `json:"num_gpus"`
	GPUFrac           number `json:"gpu_frac"` // of the machine's cards
	GPURAM            number `json:"gpu_ram"`  // MB per card
	GPULanes          number `json:"gpu_lanes"`
	GPUMemBW          number `json:"gpu_mem_bw"` // GB/s
	BWNVLink          number `json:"bw_nvlink"`  // GB/s
	DLPerf            number `json:"dlperf"`
	DLPerfUSD         number `json:"dlperf_per_dphtotal"`
	TotalFlops        number `json:"total_flops"` // TFLOPS
	FlopsUSD          number `json:"flops_per_dphtotal"`
	Score             number `json:"score"`
	CPUCores          number `json:"cpu_cores"` // of the machine; null at times
	CPUCoresEffective number `json:"cpu_cores_effective"`
	CPURAM            number `json:"cpu_ram"` // MB of the machine
	PCIGen            number `json:"pci_gen"`
	PCIeBW            number `json:"pcie_bw"` // GB/s
	DiskBW            number `json:"disk_bw"` // MB/s
	DirectPorts       number `json:"direct_port_count"`
	InetUpCost        number `json:"inet_up_cost"` // USD per GB
	InetDownCost      number `json:"inet_down_cost"`
	DPHBase           number `json:"dph_base"`  // USD per hour
	DPHTotal          number `json:"dph_total"` // of an offer with allocated_storage of disk; of a bid with the least bid
	MinBid            number `json:"min_bid"`
	StorageCost       number `json:"storage_cost"` // USD per GB and month
}

func (s *share) place(a *provider.Attrs) {
	s.machine.place(a)
	a.Add("hosting_type", s.HostingType)
	a.Add("external", s.External)
}

func (s *share) prices(a *provider.Attrs) {
	a.Reading("base_usd_per_hour", s.DPHBase)
	a.Reading("min_bid_usd_per_hour", s.MinBid)
	a.Reading("storage_usd_per_hour", s.StorageTotalCost)
	a.Reading("storage_usd_per_gb_month", s.StorageCost)
	a.Reading("inet_up_usd_per_gb", s.InetUpCost)
	a.Reading("inet_down_usd_per_gb", s.InetDownCost)
}

func (s *share) hardware(a *provider.Attrs) {
	a.Reading("gpu_share_of_machine", s.GPUFrac)
	a.Add("gpu_arch", s.GPUArch)
	a.Reading("gpu_memory_bandwidth_gb_per_second", s.GPUMemBW)
	a.Reading("gpu_pcie_lanes", s.GPULanes)
	a.Reading("nvlink_gb_per_second", s.BWNVLink)
	a.Reading("total_tflops", s.TotalFlops)
	a.Reading("tflops_per_usd_hour", s.FlopsUSD)
	a.Reading("dlperf", s.DLPerf)
	a.Reading("dlperf_per_usd_hour", s.DLPerfUSD)
	a.Add("score", s.Score)
	s.system(a)
	a.Reading("machine_cpu_cores", s.CPUCores)
	a.Add("machine_memory_gb", gigabytes(s.CPURAM))
	a.Reading("pci_generation", s.PCIGen)
	a.Reading("pcie_gb_per_second", s.PCIeBW)
	a.Reading("disk_mb_per_second", s.DiskBW)
}

func (s *share) network(a *provider.Attrs) {
	s.machine.network(a)
	a.Reading("direct_ports_count", s.DirectPorts)
}
