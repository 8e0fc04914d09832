package oracle

import (
	"context"
	"iter"
	"strings"

	"github.com/adsops/cloudtop/internal/cloud"
)

// instance is the part of Instance (core 20160918) that is used. Its metadata may hold secrets and is not decoded.
type instance struct {
	head
	DisplayName           string      `json:"displayName"`
	TimeCreated           moment      `json:"timeCreated"`
	Shape                 string      `json:"shape"`
	ShapeConfig           shapeConfig `json:"shapeConfig"`
	AvailabilityDomain    string      `json:"availabilityDomain"`
	FaultDomain           string      `json:"faultDomain"`
	Preemptible           present     `json:"preemptibleInstanceConfig"`
	DedicatedVMHostID     string      `json:"dedicatedVmHostId"`
	CapacityReservationID string      `json:"capacityReservationId"`
	RebootDue             moment      `json:"timeMaintenanceRebootDue"`
}

// shapeConfig is InstanceShapeConfig, and what the shapes of containers and nodes have of it.
type shapeConfig struct {
	OCPUs          number `json:"ocpus"`
	MemoryGB       number `json:"memoryInGBs"`
	Baseline       string `json:"baselineOcpuUtilization"` // BASELINE_1_8 | BASELINE_1_2 | BASELINE_1_1
	Processor      string `json:"processorDescription"`
	NetworkGbps    number `json:"networkingBandwidthInGbps"`
	GPUs           number `json:"gpus"`
	GPUDescription string `json:"gpuDescription"`
	LocalDisks     number `json:"localDisks"`
	LocalDisksGB   number `json:"localDisksTotalSizeInGBs"`
}

// instances lists compute instances, and leaves notes for the readers of metrics.
func (d *driver) instances(ctx context.Context, p place) iter.Seq2[cloud.Resource, error] {
	return func(yield func(cloud.Resource, error) bool) {
		quiet := 0
		for r, err := range resources(ctx, d, p, listing[instance]{
			kind: "instance", op: "list instances", api: coreAPI, path: "/instances", status: instanceStatus,
			fill: func(r *cloud.Resource, i *instance) {
				r.Name, r.CreatedAt, r.GPU = i.DisplayName, i.TimeCreated.Time, gpuOf(i.Shape, &i.ShapeConfig)
				r.Attrs = i.attrs()
				d.notes.sawAD(r.Region, i.AvailabilityDomain)
			},
		}) {
			if err == nil && r.Status != cloud.StatusRunning && r.Status != cloud.StatusStopped {
				quiet++
			}
			if !yield(r, err) {
				return
			}
		}
		d.notes.setQuiet(p.Scope.Region, p.Scope.Compartment, quiet)
	}
}

// instanceStatus maps InstanceLifecycleStateEnum. An instance that moves or becomes an image is down and comes back.
func instanceStatus(s string) cloud.Status {
	switch s {
	case "RUNNING":
		return cloud.StatusRunning
	case "PROVISIONING", "STARTING", "MOVING", "CREATING_IMAGE":
		return cloud.StatusStarting
	case "STOPPING", "TERMINATING":
		return cloud.StatusStopping
	case "STOPPED":
		return cloud.StatusStopped
	case "TERMINATED":
		return cloud.StatusDeleted
	}
	return cloud.StatusUnknown
}

func (i *instance) attrs() []cloud.Attr {
	f := make(facts, 0, 12)
	c := &i.ShapeConfig
	f.text("shape", i.Shape)
	f.number("ocpus", c.OCPUs)
	f.text("ocpu_baseline", baseline(c.Baseline))
	f.number("memory_gb", c.MemoryGB)
	f.text("processor", c.Processor)
	f.number("network_gbps", c.NetworkGbps)
	if c.LocalDisks.positive() {
		f.count("local_disks_count", c.LocalDisks)
		f.number("local_disks_gb", c.LocalDisksGB)
	}
	f.text("availability_domain", i.AvailabilityDomain)
	f.text("fault_domain", i.FaultDomain)
	f.yes("preemptible", bool(i.Preemptible))
	f.text("dedicated_host", i.DedicatedVMHostID)
	f.text("capacity_reservation", i.CapacityReservationID)
	f.time("maintenance_reboot_due", i.RebootDue)
	return f
}

// baseline turns BASELINE_1_8 into 1/8: the part of its OCPUs that a burstable instance may always use. 1/1 is none.
func baseline(s string) string {
	part, ok := strings.CutPrefix(s, "BASELINE_")
	if !ok || part == "1_1" {
		return ""
	}
	return strings.Replace(part, "_", "/", 1)
}
