package oracle

import (
	"context"
	"iter"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
)

// containerInstance is the part of ContainerInstanceSummary (20210415) that is used.
type containerInstance struct {
	tagged
	ID                 string       `json:"id"`
	DisplayName        string       `json:"displayName"`
	LifecycleState     string       `json:"lifecycleState"`
	LifecycleDetails   string       `json:"lifecycleDetails"`
	Shape              string       `json:"shape"`
	ShapeConfig        *shapeConfig `json:"shapeConfig"`
	AvailabilityDomain string       `json:"availabilityDomain"`
	FaultDomain        string       `json:"faultDomain"`
	TimeCreated        time.Time    `json:"timeCreated"`
	ContainerCount     *int         `json:"containerCount"`
	RestartPolicy      string       `json:"containerRestartPolicy"`
}

// containerInstances lists container instances; deleted ones, which are listed for a while, are left out.
func (d *driver) containerInstances(ctx context.Context, p place) iter.Seq2[cloud.Resource, error] {
	c, err := d.list(ctx, p, "list container instances", containersAPI, "/containerInstances")
	if err != nil {
		return failed[cloud.Resource](err)
	}
	c.wrapped = true
	return resources(ctx, d, c, func(i *containerInstance) (cloud.Resource, bool) {
		w := d.notes.words
		r := p.resource("container_instance", i.ID, i.DisplayName)
		r.Status, r.NativeStatus = containerStatus(i.LifecycleState), w.text(i.LifecycleState)
		r.CreatedAt, r.Tags = i.TimeCreated.UTC(), i.tags(w)
		r.Attrs = i.attrs(w)
		return r, r.Status != cloud.StatusDeleted
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

func (i *containerInstance) attrs(w *words) []cloud.Attr {
	f := facts{words: w}
	f.text("shape", i.Shape)
	if c := i.ShapeConfig; c != nil {
		f.number("ocpus", c.OCPUs)
		f.number("memory_gb", c.MemoryGB)
		f.text("processor", c.Processor)
		f.number("network_gbps", c.NetworkGbps)
	}
	f.count("containers_count", i.ContainerCount)
	f.text("restart_policy", i.RestartPolicy)
	f.text("availability_domain", i.AvailabilityDomain)
	f.text("fault_domain", i.FaultDomain)
	f.text("state_details", i.LifecycleDetails)
	return f.attrs
}
