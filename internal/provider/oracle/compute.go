package oracle

import (
	"context"
	"iter"
	"strings"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
)

// instance is the part of Instance (core 20160918) that is used. Its metadata may hold secrets and is not decoded.
type instance struct {
	tagged
	ID                    string       `json:"id"`
	DisplayName           string       `json:"displayName"`
	LifecycleState        string       `json:"lifecycleState"`
	Shape                 string       `json:"shape"`
	AvailabilityDomain    string       `json:"availabilityDomain"`
	FaultDomain           string       `json:"faultDomain"`
	TimeCreated           time.Time    `json:"timeCreated"`
	ShapeConfig           *shapeConfig `json:"shapeConfig"`
	Preemptible           *struct{}    `json:"preemptibleInstanceConfig"`
	DedicatedVMHostID     string       `json:"dedicatedVmHostId"`
	CapacityReservationID string       `json:"capacityReservationId"`
	RebootDue             *time.Time   `json:"timeMaintenanceRebootDue"`
}

// shapeConfig is InstanceShapeConfig.
type shapeConfig struct {
	OCPUs          *float64 `json:"ocpus"`
	MemoryGB       *float64 `json:"memoryInGBs"`
	Baseline       string   `json:"baselineOcpuUtilization"` // BASELINE_1_8 | BASELINE_1_2 | BASELINE_1_1
	Processor      string   `json:"processorDescription"`
	NetworkGbps    *float64 `json:"networkingBandwidthInGbps"`
	GPUs           *int     `json:"gpus"`
	GPUDescription string   `json:"gpuDescription"`
	LocalDisks     *int     `json:"localDisks"`
	LocalDisksGB   *float64 `json:"localDisksTotalSizeInGBs"`
}

// instances lists compute instances. Terminated ones, which Oracle still lists for some hours, are left out: they
// cost nothing, cannot be measured and never come back.
func (d *driver) instances(ctx context.Context, p place) iter.Seq2[cloud.Resource, error] {
	return func(yield func(cloud.Resource, error) bool) {
		c, err := d.list(ctx, p, "list instances", coreAPI, "/instances")
		if err != nil {
			yield(cloud.Resource{}, err)
			return
		}
		quiet := 0
		for r, err := range resources(ctx, d, c, func(i *instance) (cloud.Resource, bool) { return d.instance(p, i) }) {
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

func (d *driver) instance(p place, i *instance) (cloud.Resource, bool) {
	if i.LifecycleState == "TERMINATED" {
		return cloud.Resource{}, false
	}
	w := d.notes.words
	r := p.resource("instance", i.ID, i.DisplayName)
	r.Status, r.NativeStatus = instanceStatus(i.LifecycleState), w.text(i.LifecycleState)
	r.CreatedAt, r.Tags = i.TimeCreated.UTC(), i.tags(w)
	r.GPU = gpuOf(i.Shape, i.ShapeConfig)
	r.Attrs = i.attrs(w)
	d.notes.sawAD(p.Scope.Region, w.text(i.AvailabilityDomain))
	return r, true
}

// resource returns what every resource of a place has.
func (p place) resource(kind, id, title string) cloud.Resource {
	return cloud.Resource{
		Provider: name, Account: p.Scope.Account, Region: p.Scope.Region, Compartment: p.Scope.Compartment,
		Service: p.Service, Type: kind, ID: id, Name: title,
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

func (i *instance) attrs(w *words) []cloud.Attr {
	f := facts{words: w, attrs: make([]cloud.Attr, 0, 8)}
	f.text("shape", i.Shape)
	if c := i.ShapeConfig; c != nil {
		f.number("ocpus", c.OCPUs)
		f.text("ocpu_baseline", baseline(c.Baseline))
		f.number("memory_gb", c.MemoryGB)
		f.text("processor", c.Processor)
		f.number("network_gbps", c.NetworkGbps)
		if c.LocalDisks != nil && *c.LocalDisks > 0 {
			f.count("local_disks_count", c.LocalDisks)
			f.number("local_disks_gb", c.LocalDisksGB)
		}
	}
	f.text("availability_domain", i.AvailabilityDomain)
	f.text("fault_domain", i.FaultDomain)
	f.yes("preemptible", i.Preemptible != nil)
	f.text("dedicated_host", i.DedicatedVMHostID)
	f.text("capacity_reservation", i.CapacityReservationID)
	if i.RebootDue != nil {
		f.add("maintenance_reboot_due", i.RebootDue.UTC())
	}
	return f.attrs
}

// baseline turns BASELINE_1_8 into 1/8: the part of its OCPUs that a burstable instance may always use. 1/1 is none.
func baseline(s string) string {
	part, ok := strings.CutPrefix(s, "BASELINE_")
	if !ok || part == "1_1" {
		return ""
	}
	return strings.Replace(part, "_", "/", 1)
}
