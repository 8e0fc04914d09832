package oracle

import (
	"context"
	"iter"

	"github.com/adsops/cloudtop/internal/cloud"
)

// containerInstance is the part of ContainerInstanceSummary (20210415) that is used.
type containerInstance struct {
	head
	DisplayName        string      `json:"displayName"`
	TimeCreated        moment      `json:"timeCreated"`
	LifecycleDetails   string      `json:"lifecycleDetails"`
	Shape              string      `json:"shape"`
	ShapeConfig        shapeConfig `json:"shapeConfig"`
	AvailabilityDomain string      `json:"availabilityDomain"`
	FaultDomain        string      `json:"faultDomain"`
	ContainerCount     number      `json:"containerCount"`
	RestartPolicy      string      `json:"containerRestartPolicy"`
}

func (d *driver) containerInstances(ctx context.Context, p place) iter.Seq2[cloud.Resource, error] {
	return resources(ctx, d, p, listing[containerInstance]{
		kind: "container_instance", op: "list container instances", api: containersAPI, path: "/containerInstances",
		status: containerStatus,
		fill: func(r *cloud.Resource, i *containerInstance) {
			r.Name, r.CreatedAt, r.Attrs = i.DisplayName, i.TimeCreated.Time, i.attrs()
			d.notes.sawAD(r.Region, i.AvailabilityDomain)
		},
	})
}

// containerStatus maps ContainerInstanceLifecycleStateEnum. UPDATING is what starting, stopping and restarting are
// called; it ends in ACTIVE or INACTIVE.
func containerStatus(s string) cloud.Status {
	switch s {
	case "ACTIVE":
		return cloud.StatusRunning
	case "CREATING", "UPDATING":
		return cloud.StatusStarting
	case "INACTIVE":
		return cloud.StatusStopped
	case "DELETING":
		return cloud.StatusStopping
	case "FAILED":
		return cloud.StatusFailed
	case "DELETED":
		return cloud.StatusDeleted
	}
	return cloud.StatusUnknown
}

func (i *containerInstance) attrs() []cloud.Attr {
	f := make(facts, 0, 12)
	f.text("shape", i.Shape)
	f.number("ocpus", i.ShapeConfig.OCPUs)
	f.number("memory_gb", i.ShapeConfig.MemoryGB)
	f.text("processor", i.ShapeConfig.Processor)
	f.number("network_gbps", i.ShapeConfig.NetworkGbps)
	f.count("containers_count", i.ContainerCount)
	f.text("restart_policy", i.RestartPolicy)
	f.text("availability_domain", i.AvailabilityDomain)
	f.text("fault_domain", i.FaultDomain)
	f.text("state_details", i.LifecycleDetails)
	return f
}
