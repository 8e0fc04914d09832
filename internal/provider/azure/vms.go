package azure

import (
	"strings"

	"github.com/adsops/cloudtop/internal/cloud"
)

func vmKind() kind {
	return kind{
		service: "vms", kind: "instance", arm: "microsoft.compute/virtualmachines",
		columns: []string{
			"power=properties.extended.instanceView.powerState.code", "size=properties.hardwareProfile.vmSize",
			"priority=properties.priority", "os=properties.storageProfile.osDisk.osType",
			"diskGB=properties.storageProfile.osDisk.diskSizeGB", "image=properties.storageProfile.imageReference",
			"license=properties.licenseType", "scaleSet=properties.virtualMachineScaleSet.id",
			"created=properties.timeCreated",
		},
		resource: vm,
		machines: func(r *row) []machines { return []machines{{size: r.Size, count: 1}} },
		metrics:  machineMetrics(),
	}
}

// machineMetrics are those that the host measures, of virtual machines and of scale sets
// (microsoft-compute-virtualmachines-metrics). Memory is told as what is free. There is none of GPUs.
func machineMetrics() []metric {
	return []metric{
		{azure: "Percentage CPU", name: cloud.CPUUsagePercent},
		{azure: "Available Memory Percentage", name: cloud.MemoryUsagePercent, convert: ofHundred},
		{azure: "Network In Total", name: cloud.NetworkRxBytesPerSec, total: true},
		{azure: "Network Out Total", name: cloud.NetworkTxBytesPerSec, total: true},
		{azure: "Disk Read Bytes", name: cloud.DiskReadBytesPerSec, total: true},
		{azure: "Disk Write Bytes", name: cloud.DiskWriteBytesPerSec, total: true},
		{azure: "Disk Read Operations/Sec", name: cloud.DiskReadOpsPerSec},
		{azure: "Disk Write Operations/Sec", name: cloud.DiskWriteOpsPerSec},
	}
}

func vm(r *row) cloud.Resource {
	out := r.base()
	out.NativeStatus = strings.TrimPrefix(r.Power, "PowerState/")
	out.Status = powerStatus(out.NativeStatus)
	if out.NativeStatus == "" {
		out.NativeStatus = r.Provisioning
	}
	if out.Status == cloud.StatusUnknown {
		out.Status = changing(r.Provisioning)
	}
	a := r.attrs()
	a.text("vm_size", r.Size)
	a.text("os", r.OS)
	a.text("image", strings.Join(notEmpty(r.Image.Publisher, r.Image.Offer, r.Image.SKU), ":"))
	a.number("os_disk_size_gb", r.DiskGB)
	a.text("priority", r.Priority)
	a.text("license", r.License)
	a.text("scale_set", lastOf(r.ScaleSet))
	a.provisioning(r)
	out.Attrs = a
	return out
}

// powerStatus maps the codes of VirtualMachineInstanceView.statuses (learn.microsoft.com: states-billing). A stopped
// machine is billed, a deallocated one is not.
func powerStatus(code string) cloud.Status {
	switch strings.ToLower(code) {
	case "running":
		return cloud.StatusRunning
	case "starting":
		return cloud.StatusStarting
	case "stopping", "deallocating":
		return cloud.StatusStopping
	case "stopped", "deallocated":
		return cloud.StatusStopped
	}
	return cloud.StatusUnknown
}

func notEmpty(all ...string) []string {
	var out []string
	for _, s := range all {
		if s != "" {
			out = append(out, s)
		}
	}
	return out
}

// lastOf returns the name at the end of a resource id.
func lastOf(id string) string { return id[strings.LastIndexByte(id, '/')+1:] }
