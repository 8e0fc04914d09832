package vastai

import (
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
)

// instances maps one page. What one reading of it says about the scale of the CPU readings holds for all.
func (d *driver) instances(account string, page []instance) []cloud.Resource {
	for i := range page {
		d.percent.learn(page[i].CPUUtil.value)
	}
	now := d.now()
	out := make([]cloud.Resource, len(page))
	for n := range page {
		i := &page[n]
		out[n] = cloud.Resource{
			Provider: name, Account: account, Region: string(i.Geolocation), Service: instances, Type: "instance",
			ID: i.ID.id(), Name: string(i.Label), Status: i.status(), NativeStatus: string(i.ActualStatus),
			CreatedAt: i.StartDate.time(), GPU: i.gpu(), Attrs: i.attrs(), Metrics: i.metrics(&d.percent, now),
			Cost: i.cost(now),
		}
	}
	return out
}

// gpu returns the instance's cards. Cards are rented whole: gpu_frac is their part of the machine's, 0.125 for one of
// eight (show_instance.yaml: num_gpus 1, gpu_ram equal to gpu_totalram).
func (i *instance) gpu() *cloud.GPU {
	count, _ := i.NumGPUs.reading()
	if i.GPUName == "" || i.NumGPUs.known && count == 0 {
		return nil
	}
	return &cloud.GPU{Type: string(i.GPUName), Count: count, MemoryGB: gigabytes(i.GPURAM)}
}

// cost is what the instance costs now: all of it while it runs or is frozen, else its disk, which is billed until it
// is destroyed. The listing's "instance" prices say it; without them it follows from the state, and of a machine that
// does not report it is unknown.
func (i *instance) cost(now time.Time) *cloud.Price {
	if v, ok := i.Instance.Total.reading(); ok {
		return cloud.HourlyPrice(v, listing, now)
	}
	billed := i.StorageTotalCost
	if i.live() {
		billed = i.DPHTotal
	}
	if v, ok := billed.reading(); ok && i.reachable() {
		return cloud.HourlyPrice(v, listing, now)
	}
	return nil
}

// attrs are what the listing says beyond the common fields.
func (i *instance) attrs() []cloud.Attr {
	a := make(attrs, 0, 64)
	a.text("intended_status", i.IntendedStatus)
	a.text("current_state", i.CurState)
	a.text("next_state", i.NextState)
	a.text("status_message", i.StatusMsg)
	i.rental(&a)
	i.prices(&a)
	i.hardware(&a)
	i.network(&a)
	return a
}

func (i *instance) rental(a *attrs) {
	a.text("image", i.ImageUUID)
	a.text("run_type", i.ImageRuntype)
	a.text("template_name", i.TemplateName)
	a.number("template_id", i.TemplateID)
	a.text("template_hash", i.TemplateHashID)
	a.number("machine_id", i.MachineID)
	a.number("host_id", i.HostID)
	a.number("bundle_id", i.BundleID)
	a.number("hosting_type", i.HostingType)
	a.flag("external", i.External)
	a.text("verification", i.Verification)
	a.reading("reliability", i.Reliability)
	a.flag("rentable", i.Rentable)
	a.text("country_code", i.CountryCode)
	a.time("end_date", i.EndDate)
	a.number("client_run_time_raw", i.ClientRunTime) // described as hours, shown as seconds
}

func (i *instance) prices(a *attrs) {
	if i.IsBid.known {
		a.add("interruptible", i.IsBid.value)
	}
	a.reading("min_bid_usd_per_hour", i.MinBid)
	a.reading("base_usd_per_hour", i.DPHBase)
	a.reading("running_usd_per_hour", i.DPHTotal)
	a.reading("listed_usd_per_hour", i.Search.Total)
	a.reading("gpu_usd_per_hour", i.Instance.GPU)
	a.reading("disk_usd_per_hour", i.Instance.Disk)
	a.reading("discounted_usd_per_hour", i.Instance.DiscountedTotal)
	a.reading("storage_usd_per_hour", i.StorageTotalCost)
	a.reading("storage_usd_per_gb_month", i.StorageCost)
	a.reading("vram_usd_per_hour", i.VRAMCost)
	a.reading("inet_up_usd_per_gb", i.InetUpCost)
	a.reading("inet_down_usd_per_gb", i.InetDownCost)
	a.reading("credit_balance_usd", i.CreditBalance)
	a.reading("credit_discount_ratio", i.CreditDiscount)
	a.reading("credit_discount_max_ratio", i.CreditDiscMax)
}

func (i *instance) hardware(a *attrs) {
	a.reading("gpu_share_of_machine", i.GPUFrac)
	a.gigabytes("gpu_total_memory_gb", i.GPUTotalRAM)
	a.text("gpu_arch", i.GPUArch)
	a.reading("gpu_pcie_lanes", i.GPULanes)
	a.reading("gpu_memory_bandwidth_gb_per_second", i.GPUMemBW)
	a.reading("nvlink_gb_per_second", i.BWNVLink)
	a.reading("cuda_max", i.CUDAMaxGood)
	a.text("driver_version", i.Driver)
	a.reading("total_tflops", i.TotalFlops)
	a.reading("tflops_per_usd_hour", i.FlopsUSD)
	a.reading("dlperf", i.DLPerf)
	a.reading("dlperf_per_usd_hour", i.DLPerfUSD)
	a.number("score", i.Score)
	a.text("cpu", i.CPUName)
	a.text("cpu_arch", i.CPUArch)
	a.reading("vcpus", i.CPUCoresEffective)
	a.reading("machine_cpu_cores", i.CPUCores)
	a.gigabytes("machine_memory_gb", i.CPURAM)
	a.reading("cpu_util_raw", i.CPUUtil) // see scale
	i.limits(a)
	a.text("motherboard", i.MoboName)
	a.text("os_version", i.OSVersion)
	a.reading("pci_generation", i.PCIGen)
	a.reading("pcie_gb_per_second", i.PCIeBW)
	a.reading("disk_size_gb", i.DiskSpace)
	a.text("disk", i.DiskName)
	a.reading("disk_mb_per_second", i.DiskBW)
	a.list("volume_ids", i.volumeIDs())
}

// limits adds the sizes of memory in GB, whatever unit they were told in.
func (i *instance) limits(a *attrs) {
	unit := i.memoryUnit() / 1e9
	for _, m := range []struct {
		name string
		n    number
	}{{"memory_limit_gb", i.MemLimit}, {"virtual_memory_used_gb", i.VMemUsage}} {
		m.n.value *= unit
		a.reading(m.name, m.n)
	}
}

func (i *instance) volumeIDs() []string {
	var ids []string
	for _, v := range i.VolumeInfo {
		if id := v.ID.id(); id != "" {
			ids = append(ids, id)
		}
	}
	return ids
}

func (i *instance) network(a *attrs) {
	a.reading("inet_up_mbps", i.InetUp)
	a.reading("inet_down_mbps", i.InetDown)
	a.text("public_ip", i.PublicIP)
	a.list("local_ips", i.LocalIPs)
	a.flag("static_ip", i.StaticIP)
	a.text("ssh_host", i.SSHHost)
	a.reading("ssh_port", i.SSHPort)
	a.text("ssh_forwarder", i.SSHIdx)
	a.reading("machine_ssh_port", i.MachineDirSSHPort)
	a.list("ports", i.Ports)
	a.reading("direct_ports_count", i.DirectPortCount)
	a.reading("direct_port_first", i.DirectPortStart)
	a.reading("direct_port_last", i.DirectPortEnd)
}
