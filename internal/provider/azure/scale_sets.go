package azure

import "github.com/adsops/cloudtop/internal/cloud"

func scaleSetKind() kind {
	return kind{
		service: "scale_sets", kind: "scale_set", arm: "microsoft.compute/virtualmachinescalesets",
		columns: []string{
			"mode=properties.orchestrationMode", "created=properties.timeCreated",
			"scalePriority=properties.virtualMachineProfile.priority",
			"scaleLicense=properties.virtualMachineProfile.licenseType",
			"scaleOS=properties.virtualMachineProfile.storageProfile.osDisk.osType",
		},
		resource: scaleSet,
		machines: func(r *row) []machines { return []machines{{size: r.SKU.Name, count: r.SKU.Capacity.value}} },
		metrics:  machineMetrics(),
	}
}

// scaleSet maps a scale set. Resource Graph tells how the last change of the set ended and how many machines it shall
// have, not what each machine does: a set with machines counts as running.
func scaleSet(r *row) cloud.Resource {
	out := r.base()
	out.NativeStatus = r.Provisioning
	out.Status = changing(r.Provisioning)
	if out.Status == cloud.StatusUnknown && r.SKU.Capacity.known {
		out.Status = cloud.StatusRunning
		if r.SKU.Capacity.value == 0 {
			out.Status = cloud.StatusStopped
		}
	}
	a := r.attrs()
	a.text("vm_size", r.SKU.Name)
	a.number("instances", r.SKU.Capacity)
	a.text("os", r.ScaleOS)
	a.text("orchestration", r.Mode)
	a.text("priority", r.ScalePriority)
	a.text("license", r.ScaleLicense)
	out.Attrs = a
	return out
}
