package vastai

import (
	"context"
	"iter"
	"net/url"
	"strconv"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/provider"
	"github.com/adsops/cloudtop/pkg/loose"
)

// pageSize is the most that the API lists at once (show_instances.yaml).
const pageSize = 25

const listOp = "list instances"

// instance is an element of GET /api/v1/instances/ (show_instances.yaml, show_instance.yaml). What may hold secrets
// is not read: jupyter_token, extra_env, onstart, image_args.
type instance struct {
	ID             word `json:"id"`
	ActualStatus   word `json:"actual_status"` // null while it is provisioned
	IntendedStatus word `json:"intended_status"`
	CurState       word `json:"cur_state"`
	NextState      word `json:"next_state"`
	StatusMsg      word `json:"status_msg"`
	Label          word `json:"label"`

	TemplateID     number `json:"template_id"`
	TemplateHashID word   `json:"template_hash_id"`
	TemplateName   word   `json:"template_name"`
	ImageUUID      word   `json:"image_uuid"`
	ImageRuntype   word   `json:"image_runtype"`

	MachineID    number `json:"machine_id"`
	HostID       number `json:"host_id"`
	BundleID     number `json:"bundle_id"`
	HostingType  number `json:"hosting_type"`
	External     flag   `json:"external"`
	Verification word   `json:"verification"`
	Reliability  number `json:"reliability2"` // 0 to 1
	Rentable     flag   `json:"rentable"`
	Geolocation  word   `json:"geolocation"` // "California, United States" or "Washington, US"
	CountryCode  word   `json:"country_code"`

	GPUName     word   `json:"gpu_name"`
	GPUArch     word   `json:"gpu_arch"`
	NumGPUs     number `json:"num_gpus"`
	GPUFrac     number `json:"gpu_frac"`     // of the machine's cards
	GPURAM      number `json:"gpu_ram"`      // MB per card
	GPUTotalRAM number `json:"gpu_totalram"` // MB
	GPUUtil     number `json:"gpu_util"`     // percent
	GPUTemp     number `json:"gpu_temp"`     // Celsius
	GPULanes    number `json:"gpu_lanes"`
	GPUMemBW    number `json:"gpu_mem_bw"` // GB/s
	BWNVLink    number `json:"bw_nvlink"`  // GB/s
	CUDAMaxGood number `json:"cuda_max_good"`
	Driver      word   `json:"driver_version"`
	DLPerf      number `json:"dlperf"`
	DLPerfUSD   number `json:"dlperf_per_dphtotal"`
	TotalFlops  number `json:"total_flops"` // TFLOPS
	FlopsUSD    number `json:"flops_per_dphtotal"`
	Score       number `json:"score"`

	CPUName           word   `json:"cpu_name"`
	CPUArch           word   `json:"cpu_arch"`
	CPUCores          number `json:"cpu_cores"` // of the machine
	CPUCoresEffective number `json:"cpu_cores_effective"`
	CPURAM            number `json:"cpu_ram"`  // MB
	CPUUtil           number `json:"cpu_util"` // scale unverified: see scale
	MemUsage          number `json:"mem_usage"`
	MemLimit          number `json:"mem_limit"` // unit unverified: see memoryUnit
	VMemUsage         number `json:"vmem_usage"`
	MoboName          word   `json:"mobo_name"`
	OSVersion         word   `json:"os_version"`
	PCIGen            number `json:"pci_gen"`
	PCIeBW            number `json:"pcie_bw"` // GB/s

	DiskName   word     `json:"disk_name"`
	DiskSpace  number   `json:"disk_space"` // GB
	DiskBW     number   `json:"disk_bw"`    // MB/s
	DiskUtil   number   `json:"disk_util"`  // 0 to 1; -1 = unknown
	DiskUsage  number   `json:"disk_usage"` // GB; -1 = unknown
	VolumeInfo []volume `json:"volume_info"`

	InetUp            number  `json:"inet_up"` // Mbps that the host measured, not live traffic
	InetDown          number  `json:"inet_down"`
	InetUpCost        number  `json:"inet_up_cost"` // USD per GB
	InetDownCost      number  `json:"inet_down_cost"`
	PublicIP          word    `json:"public_ipaddr"`
	LocalIPs          strlist `json:"local_ipaddrs"`
	StaticIP          flag    `json:"static_ip"`
	SSHHost           word    `json:"ssh_host"`
	SSHPort           number  `json:"ssh_port"`
	SSHIdx            word    `json:"ssh_idx"`
	MachineDirSSHPort number  `json:"machine_dir_ssh_port"`
	Ports             portmap `json:"ports"`
	DirectPortCount   number  `json:"direct_port_count"`
	DirectPortStart   number  `json:"direct_port_start"`
	DirectPortEnd     number  `json:"direct_port_end"`

	StartDate     moment `json:"start_date"` // seconds since 1970
	EndDate       moment `json:"end_date"`
	UptimeMins    number `json:"uptime_mins"`
	ClientRunTime number `json:"client_run_time"`

	IsBid            flag    `json:"is_bid"`
	MinBid           number  `json:"min_bid"`  // USD per hour
	DPHBase          number  `json:"dph_base"` // USD per hour
	DPHTotal         number  `json:"dph_total"`
	StorageCost      number  `json:"storage_cost"`       // USD per GB and month
	StorageTotalCost number  `json:"storage_total_cost"` // USD per hour
	VRAMCost         number  `json:"vram_costperhour"`
	CreditBalance    number  `json:"credit_balance"`
	CreditDiscount   number  `json:"credit_discount"`
	CreditDiscMax    number  `json:"credit_discount_max"`
	Search           pricing `json:"search"`   // as it is offered
	Instance         pricing `json:"instance"` // as it is billed now
}

// pricing is an instance's price in USD per hour.
type pricing struct {
	GPU             number `json:"gpuCostPerHour"`
	Disk            number `json:"diskHour"`
	Total           number `json:"totalHour"`
	DiscountedTotal number `json:"discountedTotalPerHour"`
}

// listInstances pages through the rented instances by their ids.
func (d *driver) listInstances(ctx context.Context, account string) iter.Seq2[cloud.Resource, error] {
	return func(yield func(cloud.Resource, error) bool) {
		q := url.Values{"limit": {strconv.Itoa(pageSize)}, "order_by": {`[{"col":"id","dir":"asc"}]`}}
		err := eachPage(ctx, d.api, listOp, instancesPath, q, func(page *loose.List[instance]) bool {
			return d.instances(account, page, yield)
		})
		if err != nil {
			yield(cloud.Resource{}, err)
		}
	}
}

// instances yields one page. What one reading of it says about the scale of the CPU readings holds for all.
func (d *driver) instances(account string, page *loose.List[instance], yield func(cloud.Resource, error) bool) bool {
	for i := range page.All {
		d.percent.learn(page.All[i].CPUUtil.Value)
	}
	now := d.now()
	return provider.Elements(name+": "+listOp, page, func(i *instance) (cloud.Resource, bool) {
		return i.resource(account, &d.percent, now), i.ID != ""
	}, yield)
}
