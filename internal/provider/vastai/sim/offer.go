package vastaisim

import (
	"reflect"
	"strings"
)

// offer is an element of the answer of search_offers.yaml, with every field of its example.
type offer struct {
	ID                  int      `json:"id"`
	AskContractID       int      `json:"ask_contract_id"`
	BundleID            int      `json:"bundle_id"`
	BundledResults      *int     `json:"bundled_results"`
	BWNVLink            float64  `json:"bw_nvlink"`
	ComputeCap          int      `json:"compute_cap"`
	CPUArch             string   `json:"cpu_arch"`
	CPUCores            *int     `json:"cpu_cores"`
	CPUCoresEffective   float64  `json:"cpu_cores_effective"`
	CPUGHz              float64  `json:"cpu_ghz"`
	CPUName             string   `json:"cpu_name"`
	CPURAM              int      `json:"cpu_ram"`
	CreditDiscountMax   float64  `json:"credit_discount_max"`
	CUDAMaxGood         float64  `json:"cuda_max_good"`
	DirectPortCount     int      `json:"direct_port_count"`
	DiskBW              float64  `json:"disk_bw"`
	DiskName            string   `json:"disk_name"`
	DiskSpace           float64  `json:"disk_space"`
	DLPerf              float64  `json:"dlperf"`
	DLPerfPerDPHTotal   float64  `json:"dlperf_per_dphtotal"`
	DPHBase             float64  `json:"dph_base"`
	DPHTotal            float64  `json:"dph_total"`
	DriverVersion       string   `json:"driver_version"`
	DriverVers          int      `json:"driver_vers"`
	Duration            float64  `json:"duration"`
	EndDate             float64  `json:"end_date"`
	External            *bool    `json:"external"`
	FlopsPerDPHTotal    float64  `json:"flops_per_dphtotal"`
	Geolocation         string   `json:"geolocation"`
	Geolocode           int      `json:"geolocode"`
	GPUArch             string   `json:"gpu_arch"`
	GPUDisplayActive    bool     `json:"gpu_display_active"`
	GPUFrac             float64  `json:"gpu_frac"`
	GPUIDs              []int    `json:"gpu_ids"`
	GPULanes            int      `json:"gpu_lanes"`
	GPUMemBW            float64  `json:"gpu_mem_bw"`
	GPUName             string   `json:"gpu_name"`
	GPURAM              int      `json:"gpu_ram"`
	GPUTotalRAM         int      `json:"gpu_total_ram"`
	GPUMaxPower         float64  `json:"gpu_max_power"`
	GPUMaxTemp          float64  `json:"gpu_max_temp"`
	HasAVX              int      `json:"has_avx"`
	HostID              int      `json:"host_id"`
	HostingType         int      `json:"hosting_type"`
	Hostname            *string  `json:"hostname"`
	InetDown            float64  `json:"inet_down"`
	InetDownCost        float64  `json:"inet_down_cost"`
	InetUp              float64  `json:"inet_up"`
	InetUpCost          float64  `json:"inet_up_cost"`
	IsBid               bool     `json:"is_bid"`
	Logo                string   `json:"logo"`
	MachineID           int      `json:"machine_id"`
	MinBid              *float64 `json:"min_bid"`
	MoboName            string   `json:"mobo_name"`
	NumGPUs             int      `json:"num_gpus"`
	OSVersion           string   `json:"os_version"`
	PCIGen              float64  `json:"pci_gen"`
	PCIeBW              float64  `json:"pcie_bw"`
	PublicIP            string   `json:"public_ipaddr"`
	Reliability         float64  `json:"reliability"`
	ReliabilityMult     float64  `json:"reliability_mult"`
	Rentable            bool     `json:"rentable"`
	Rented              bool     `json:"rented"`
	Score               float64  `json:"score"`
	StartDate           float64  `json:"start_date"`
	StaticIP            bool     `json:"static_ip"`
	StorageCost         float64  `json:"storage_cost"`
	StorageTotalCost    float64  `json:"storage_total_cost"`
	TotalFlops          float64  `json:"total_flops"`
	Verification        string   `json:"verification"`
	Vericode            int      `json:"vericode"`
	VRAMCostPerHour     float64  `json:"vram_costperhour"`
	Webpage             *string  `json:"webpage"`
	VMsEnabled          bool     `json:"vms_enabled"`
	ExpectedReliability float64  `json:"expected_reliability"`
	IsVMDeverified      bool     `json:"is_vm_deverified"`
	ResourceType        string   `json:"resource_type"`
	ClusterID           *int     `json:"cluster_id"`
	AvailVolAskID       *int     `json:"avail_vol_ask_id"`
	AvailVolDPH         *float64 `json:"avail_vol_dph"`
	AvailVolSize        *float64 `json:"avail_vol_size"`
	NWDiskMinBW         *float64 `json:"nw_disk_min_bw"`
	NWDiskMaxBW         *float64 `json:"nw_disk_max_bw"`
	NWDiskAvgBW         *float64 `json:"nw_disk_avg_bw"`
	RN                  int      `json:"rn"`
	DPHTotalAdj         float64  `json:"dph_total_adj"`
	Reliability2        float64  `json:"reliability2"`
	DiscountRate        float64  `json:"discount_rate"`
	DiscountedHourly    float64  `json:"discounted_hourly"`
	DiscountedDPHTotal  float64  `json:"discounted_dph_total"`
	Search              hourly   `json:"search"`
	Instance            hourly   `json:"instance"`
	TimeRemaining       string   `json:"time_remaining"`
	TimeRemainingIsBid  string   `json:"time_remaining_isbid"`
	UpPerTB             float64  `json:"internet_up_cost_per_tb"`
	DownPerTB           float64  `json:"internet_down_cost_per_tb"`
	country             string
	datacenter          bool
}

// hourly is a price in USD per hour, in parts.
type hourly struct {
	GPU             float64 `json:"gpuCostPerHour"`
	Disk            float64 `json:"diskHour"`
	Total           float64 `json:"totalHour"`
	Discount        float64 `json:"discountTotalHour"`
	DiscountedTotal float64 `json:"discountedTotalPerHour"`
}

// column returns a field that can be searched and ordered by: a field of the offer, or one that only searches have.
func (o *offer) column(all columns, name string) (any, bool) {
	switch name {
	case "verified":
		return o.Verification == "verified", true
	case "datacenter":
		return o.datacenter, true
	case "geolocation": // searched by the country's code
		return o.country, true
	case "ubuntu_version":
		return o.OSVersion, true
	case "driver_version": // searched as a number
		return float64(o.DriverVers), true
	case "external":
		return o.External != nil && *o.External, true
	}
	return all.of(reflect.ValueOf(o).Elem(), name)
}

// priced returns the offer of an ask with a disk of so many GB. For bids the least bid takes the place of the price;
// nil where the host takes none.
func (a *ask) priced(kind string, diskGB float64, now float64) *offer {
	m := a.machine
	gpu := m.gpuPrice * float64(a.gpus)
	if kind == "bid" {
		if m.bidPrice == 0 {
			return nil
		}
		gpu = m.bidPrice * float64(a.gpus)
	}
	o := a.hardware()
	disk := m.diskHour(diskGB)
	o.DPHBase, o.StorageTotalCost, o.DPHTotal = round(gpu, 6), round(disk, 6), round(gpu+disk, 6)
	o.IsBid = kind == "bid"
	o.DPHTotalAdj = o.DPHTotal
	o.DiscountedHourly, o.DiscountRate = 0, 0
	o.DiscountedDPHTotal = o.DPHTotal
	if kind == "reserved" {
		o.DiscountRate = m.discount
		o.DiscountedHourly = round(gpu*m.discount, 6)
		o.DiscountedDPHTotal = round(o.DPHTotal-o.DiscountedHourly, 6)
	}
	o.Search = hourly{
		GPU: o.DPHBase, Disk: o.StorageTotalCost, Total: o.DPHTotal, Discount: o.DiscountedHourly,
		DiscountedTotal: o.DiscountedDPHTotal,
	}
	o.Instance = o.Search
	o.DLPerfPerDPHTotal = round(o.DLPerf/o.DPHTotal, 4)
	o.FlopsPerDPHTotal = round(o.TotalFlops/o.DPHTotal, 4)
	o.VRAMCostPerHour = round(gpu/float64(o.GPUTotalRAM), 9)
	o.Score = round(o.DLPerfPerDPHTotal*m.reliability, 4)
	o.StartDate, o.Duration = now, max(0, m.ends-now)
	return o
}

// hardware is what of an offer does not depend on the price.
func (a *ask) hardware() *offer {
	m := a.machine
	o := &offer{
		ID: a.id, AskContractID: a.id, BundleID: 900_000_000 + m.id, BWNVLink: m.nvlink(), ComputeCap: m.card.compute,
		CPUArch: m.cpu.arch, CPUCoresEffective: m.vcpus(a.gpus), CPUGHz: m.cpu.ghz, CPUName: m.cpu.name, CPURAM: m.ramMB,
		CreditDiscountMax: m.discount, CUDAMaxGood: m.cuda, DirectPortCount: m.ports, DiskBW: m.diskBW,
		DiskName: "SAMSUNG MZQL23T8HCLS", DiskSpace: round(m.diskGB*float64(a.gpus)/float64(m.gpus), 1),
		DLPerf: round(m.card.dlperf*float64(a.gpus), 4), DriverVersion: m.driver, DriverVers: m.driverNumber,
		EndDate: m.ends, Geolocation: m.place.name, Geolocode: 10_000 + len(m.place.name), GPUArch: m.card.arch,
		GPUFrac: float64(a.gpus) / float64(m.gpus), GPULanes: 16, GPUMemBW: m.card.bw, GPUName: m.card.name,
		GPURAM: m.card.ramMB, GPUTotalRAM: m.card.ramMB * a.gpus, GPUMaxPower: m.card.watts, GPUMaxTemp: 90, HasAVX: 1,
		HostID: m.host, HostingType: m.hostingType(), InetDown: m.inetDown, InetDownCost: m.downPrice, InetUp: m.inetUp,
		InetUpCost: m.upPrice, Logo: "/static/logos/vastai_small2.png", MachineID: m.id, MoboName: "ROME2D32GM-2T",
		NumGPUs: a.gpus, OSVersion: m.ubuntu, PCIGen: 4, PCIeBW: m.pcie, PublicIP: m.address(), Reliability: m.reliability,
		ReliabilityMult: m.reliability, Reliability2: m.reliability, Rentable: a.rentable, Rented: a.mine, StaticIP: m.staticIP,
		StorageCost: m.storagePrice, TotalFlops: round(m.card.tflops*float64(a.gpus), 3), Verification: m.verification,
		VMsEnabled: m.id%5 == 0, ExpectedReliability: m.reliability, ResourceType: "gpu", RN: 1,
		UpPerTB: m.upPrice * 1024, DownPerTB: m.downPrice * 1024, country: m.place.country, datacenter: m.datacenter,
	}
	if strings.HasPrefix(m.verification, "v") {
		o.Vericode = 1
	}
	if m.id%11 != 0 { // it is null at times
		o.CPUCores = &m.cpu.cores
	}
	if m.external {
		o.External = &m.external
	}
	if m.cluster != 0 {
		o.ClusterID = &m.cluster
	}
	if m.bidPrice > 0 {
		least := round(m.bidPrice*float64(a.gpus), 6)
		o.MinBid = &least
	}
	for i := range a.gpus {
		o.GPUIDs = append(o.GPUIDs, m.id*10+i)
	}
	return o
}
