package vastai

import (
	"cmp"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/provider"
)

// resource maps an instance as it stands at now.
func (i *instance) resource(account string, cpu *scale, now time.Time) cloud.Resource {
	return cloud.Resource{
		Provider: name, Account: account, Region: string(cmp.Or(i.Geolocation, i.CountryCode)), Service: instances,
		Type: "instance", ID: string(i.ID), Name: string(i.Label), Status: i.status(), NativeStatus: string(i.ActualStatus),
		CreatedAt: i.StartDate.Time, GPU: i.gpu(), Attrs: i.attrs(), Metrics: i.metrics(cpu, now), Cost: i.cost(now),
	}
}

// gpu returns the instance's cards. Cards are rented whole: gpu_frac is their part of the machine's, 0.125 for one of
// eight (show_instance.yaml: num_gpus 1, gpu_ram equal to gpu_totalram).
func (i *instance) gpu() *cloud.GPU {
	count, _ := i.NumGPUs.Reading()
	if i.GPUName == "" || i.NumGPUs.Known && count == 0 {
		return nil
	}
	return &cloud.GPU{Type: string(i.GPUName), Count: count, MemoryGB: gigabytes(i.GPURAM).Value}
}

// cost is what the instance costs now: all of it while it runs or is frozen, else its disk, which is billed until it
// is destroyed. The listing's "instance" prices say it; without them it follows from the state, and of a machine that
// does not report, or in a state that is new to us, it is unknown.
func (i *instance) cost(now time.Time) *cloud.Price {
	if v, ok := i.Instance.Total.Reading(); ok {
		return cloud.HourlyPrice(v, listing, now)
	}
	billed := i.StorageTotalCost
	if i.live() {
		billed = i.DPHTotal
	}
	if v, ok := billed.Reading(); ok && i.reachable() && i.status() != cloud.StatusUnknown {
		return cloud.HourlyPrice(v, listing, now)
	}
	return nil
}

// attrs are what the listing says beyond the common fields.
func (i *instance) attrs() []cloud.Attr {
	a := make(provider.Attrs, 0, 64)
	a.Add("intended_status", i.IntendedStatus)
	a.Add("current_state", i.CurState)
	a.Add("next_state", i.NextState)
	a.Add("status_message", i.StatusMsg)
	i.rental(&a)
	i.bill(&a)
	i.hardware(&a)
	i.readings(&a)
	i.ways(&a)
	return a
}

func (i *instance) rental(a *provider.Attrs) {
	a.Add("image", i.ImageUUID)
	a.Add("run_type", i.ImageRuntype)
	a.Add("template_name", i.TemplateName)
	a.Add("template_id", i.TemplateID)
	a.Add("template_hash", i.TemplateHashID)
	i.place(a)
	a.Add("bundle_id", i.BundleID)
	a.Reading("reliability", i.Reliability2)
	a.Add("rentable", i.Rentable)
	a.Add("country_code", i.CountryCode)
	a.Add("client_run_time_raw", i.ClientRunTime) // described as hours, shown as seconds
}

func (i *instance) bill(a *provider.Attrs) {
	a.Add("interruptible", i.IsBid)
	i.prices(a)
	a.Reading("running_usd_per_hour", i.DPHTotal)
	a.Reading("listed_usd_per_hour", i.Search.Total)
	a.Reading("gpu_usd_per_hour", i.Instance.GPU)
	a.Reading("disk_usd_per_hour", i.Instance.Disk)
	a.Reading("discounted_usd_per_hour", i.Instance.DiscountedTotal)
	a.Reading("vram_usd_per_hour", i.VRAMCost)
	a.Reading("credit_balance_usd", i.CreditBalance)
	a.Reading("credit_discount_ratio", i.CreditDiscount)
	a.Reading("credit_discount_max_ratio", i.CreditDiscMax)
}

// readings are what of the machine only its renter is told.
func (i *instance) readings(a *provider.Attrs) {
	a.Add("gpu_total_memory_gb", gigabytes(i.GPUTotalRAM))
	a.Reading("vcpus", i.CPUCoresEffective)
	a.Reading("cpu_util_raw", i.CPUUtil) // see scale
	i.limits(a)
	a.Add("motherboard", i.MoboName)
	a.Reading("disk_size_gb", i.DiskSpace)
	a.Add("volume_ids", i.volumeIDs())
}

// limits adds the sizes of memory in GB, whatever unit they were told in.
func (i *instance) limits(a *provider.Attrs) {
	unit := i.memoryUnit() / 1e9
	for _, m := range []struct {
		name string
		n    number
	}{{"memory_limit_gb", i.MemLimit}, {"virtual_memory_used_gb", i.VMemUsage}} {
		m.n.Value *= unit
		a.Reading(m.name, m.n)
	}
}

func (i *instance) volumeIDs() []string {
	var ids []string
	for _, v := range i.VolumeInfo {
		if v.ID != "" {
			ids = append(ids, string(v.ID))
		}
	}
	return ids
}

// ways are how the instance is reached.
func (i *instance) ways(a *provider.Attrs) {
	i.network(a)
	a.Add("public_ip", i.PublicIP)
	a.Add("local_ips", []string(i.LocalIPs))
	a.Add("ssh_host", i.SSHHost)
	a.Reading("ssh_port", i.SSHPort)
	a.Add("ssh_forwarder", i.SSHIdx)
	a.Reading("machine_ssh_port", i.MachineDirSSHPort)
	a.Add("ports", []string(i.Ports))
	a.Reading("direct_port_first", i.DirectPortStart)
	a.Reading("direct_port_last", i.DirectPortEnd)
}
