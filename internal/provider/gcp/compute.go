package gcp

import (
	"cmp"
	"context"
	"iter"
	"maps"
	"net/url"
	"slices"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/httpx"
)

// instanceFields keeps answers small, and leaves out metadata, where people keep secrets.
const instanceFields = "items/*/instances(id,name,zone,status,machineType,cpuPlatform,creationTimestamp,lastStartTimestamp," +
	"labels,guestAccelerators,scheduling(provisioningModel,preemptible),networkInterfaces(networkIP,accessConfigs/natIP)," +
	"disks/diskSizeGb,deletionProtection),items/*/warning(code,message),nextPageToken,unreachables,warning(code,message)"

// instance is the part of the schema Instance (compute v1) that is used.
type instance struct {
	ID                 text // 64 bits
	Name               string
	Zone               string // a URL, as are MachineType and AcceleratorType
	Status             string
	MachineType        string
	CPUPlatform        string
	CreationTimestamp  string
	LastStartTimestamp string
	Labels             map[string]string
	GuestAccelerators  []struct {
		AcceleratorType  string
		AcceleratorCount number
	}
	Scheduling struct {
		ProvisioningModel string // STANDARD or SPOT
		Preemptible       bool
	}
	NetworkInterfaces []struct {
		NetworkIP     string
		AccessConfigs []struct{ NatIP string }
	}
	Disks              []struct{ DiskSizeGb number }
	DeletionProtection bool
}

// warning tells why a part of an answer is empty.
type warning struct{ Code, Message string }

// instancePage is the schema InstanceAggregatedList: instances by "zones/<zone>".
type instancePage struct {
	Items map[string]struct {
		Instances some[instance]
		Warning   *warning
	}
	NextPageToken string
	Unreachables  []string
	Warning       *warning
}

// partialSuccess asks for what can be read: without it a place that does not answer fails the whole list. The method's
// text recommends it, though revision 20261106 of the description does not list it.
const partialSuccess = "returnPartialSuccess"

// instances lists the VMs of all zones, 500 a call.
func (d *driver) instances(ctx context.Context, q cloud.Query) iter.Seq2[cloud.Resource, error] {
	return func(yield func(cloud.Resource, error) bool) {
		begun := false
		for r, err := range d.instancesBy(ctx, q, partialSuccess, "true") {
			if !begun && cloud.KindOf(err) == cloud.KindRequest {
				d.instancesBy(ctx, q)(yield)
				return
			}
			if begun = true; !yield(r, err) {
				return
			}
		}
	}
}

func (d *driver) instancesBy(ctx context.Context, q cloud.Query, more ...string) iter.Seq2[cloud.Resource, error] {
	const op = "list instances"
	call := httpx.Call{
		Op: op, Path: "https://compute.googleapis.com/compute/v1/projects/" + url.PathEscape(q.Scope.Account) + "/aggregated/instances",
		Query: query(instanceFields, append(more, "maxResults", "500")...),
	}
	return list(ctx, d, call, func(p *instancePage) string { return p.NextPageToken }, func(p *instancePage) ([]cloud.Resource, []error) {
		var found []cloud.Resource
		var lost []error
		for _, zone := range slices.Sorted(maps.Keys(p.Items)) {
			part := p.Items[zone]
			for i := range part.Instances.all {
				found = append(found, part.Instances.all[i].resource(q))
			}
			lost = slices.Concat(lost, part.Instances.lost(op+" of "+zone), part.Warning.lost(op, zone))
		}
		for _, zone := range p.Unreachables {
			lost = append(lost, missing(op, zone, ""))
		}
		return found, append(lost, p.Warning.lost(op, "a part")...)
	})
}

// lost returns what a warning says to be missing. A zone without instances on this page is no loss.
func (w *warning) lost(op, place string) []error {
	if w == nil || w.Code == "NO_RESULTS_ON_PAGE" || w.Code == "" {
		return nil
	}
	return []error{missing(op, place+":", w.Code+" "+w.Message)}
}

func (v *instance) resource(q cloud.Query) cloud.Resource {
	r := resource(q, "instance", string(v.ID), v.Name)
	zone, machine := last(v.Zone), last(v.MachineType)
	r.Region, r.CreatedAt = regionOf(zone), moment(v.CreationTimestamp)
	r.Status, r.NativeStatus = instanceStatus(v.Status), v.Status
	r.Tags, r.GPU = tags(v.Labels), v.gpu(machine)
	var a attrs
	a.text("zone", zone)
	a.text("machine_type", machine)
	if m, ok := readMachine(machine); ok {
		a.number("vcpus", number{m.vcpus, true})
		a.number("memory_gb", number{m.memoryGB, true})
	}
	a.text("cpu_platform", v.CPUPlatform)
	a.text("provisioning_model", v.model())
	if len(v.GuestAccelerators) > 0 {
		a.text("accelerator_type", last(v.GuestAccelerators[0].AcceleratorType))
	}
	a.addresses(v)
	a.disks(v)
	a.time("started_at", moment(v.LastStartTimestamp))
	a.yes("deletion_protection", v.DeletionProtection)
	r.Attrs = a
	return r
}

// model returns how the machine is rented: STANDARD, SPOT or, of old, PREEMPTIBLE.
func (v *instance) model() string {
	if v.Scheduling.Preemptible && v.Scheduling.ProvisioningModel != "SPOT" {
		return "PREEMPTIBLE"
	}
	return v.Scheduling.ProvisioningModel
}

func (a *attrs) addresses(v *instance) {
	var inside, outside []string
	for _, n := range v.NetworkInterfaces {
		if n.NetworkIP != "" {
			inside = append(inside, n.NetworkIP)
		}
		for _, c := range n.AccessConfigs {
			if c.NatIP != "" {
				outside = append(outside, c.NatIP)
			}
		}
	}
	a.texts("internal_ips", inside)
	a.texts("external_ips", outside)
}

func (a *attrs) disks(v *instance) {
	sum := 0.0
	for _, disk := range v.Disks {
		sum += disk.DiskSizeGb.value
	}
	if sum > 0 {
		a.number("disk_size_gb", number{sum, true})
	}
}

// gpu returns the accelerators that the instance names, else those that come with its machine type: it is not
// published whether bundled ones are named as well.
func (v *instance) gpu(machine string) *cloud.GPU {
	if len(v.GuestAccelerators) == 0 {
		return bundled(machine)
	}
	first := v.GuestAccelerators[0]
	g := card(last(first.AcceleratorType))
	for _, x := range v.GuestAccelerators {
		g.Count += x.AcceleratorCount.value
	}
	return g
}

// instanceStatus maps the states of compute v1. A TERMINATED instance exists and can be started again.
func instanceStatus(s string) cloud.Status {
	return cmp.Or(map[string]cloud.Status{
		"PENDING": cloud.StatusStarting, "PROVISIONING": cloud.StatusStarting, "STAGING": cloud.StatusStarting,
		"RUNNING": cloud.StatusRunning, "REPAIRING": cloud.StatusFailed,
		"PENDING_STOP": cloud.StatusStopping, "STOPPING": cloud.StatusStopping, "SUSPENDING": cloud.StatusStopping,
		"DEPROVISIONING": cloud.StatusStopping,
		"STOPPED":        cloud.StatusStopped, "SUSPENDED": cloud.StatusStopped, "TERMINATED": cloud.StatusStopped,
	}[s], cloud.StatusUnknown)
}
