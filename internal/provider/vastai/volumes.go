package vastai

import (
	"context"
	"iter"
	"net/url"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/provider"
	"github.com/adsops/cloudtop/pkg/loose"
)

// volume is an element of GET /api/v0/volumes/ (show_volumes.yaml and the official client's columns), and of an
// instance's volume_info.
type volume struct {
	ID               word   `json:"id"`
	Label            word   `json:"label"`
	Status           word   `json:"status"`
	DiskSpace        number `json:"disk_space"` // GB
	AvailSpace       number `json:"avail_space"`
	DiskName         word   `json:"disk_name"`
	StorageTotalCost number `json:"storage_total_cost"` // USD per hour, as in instances
	StartDate        moment `json:"start_date"`
	EndDate          moment `json:"end_date"`
	Geolocation      word   `json:"geolocation"`
	MachineID        number `json:"machine_id"`
	HostID           number `json:"host_id"`
	ClusterID        number `json:"cluster_id"`
	Reliability      number `json:"reliability2"`
	Verification     word   `json:"verification"`
	Driver           word   `json:"driver_version"`
	CUDAMaxGood      number `json:"cuda_max_good"`
	CPUName          word   `json:"cpu_name"`
	CPUArch          word   `json:"cpu_arch"`
	MoboName         word   `json:"mobo_name"`
	OSVersion        word   `json:"os_version"`
	PublicIP         word   `json:"public_ipaddr"`
	StaticIP         flag   `json:"static_ip"`
	InetUp           number `json:"inet_up"` // Mbps
	InetDown         number `json:"inet_down"`
	Instances        users  `json:"instances"`
}

// users are the ids of the instances that use a volume: told as numbers or as objects with an id. Objects may carry
// an instance's secrets, of which only the id is read.
type users []string

// UnmarshalJSON implements json.Unmarshaler.
func (u *users) UnmarshalJSON(data []byte) error {
	*u = nil
	var objects []struct {
		ID word `json:"id"`
	}
	if decode(data, &objects) {
		for _, o := range objects {
			if o.ID != "" {
				*u = append(*u, string(o.ID))
			}
		}
		return nil
	}
	var ids []word
	if !decode(data, &ids) {
		return loose.Mistyped[[]string](data)
	}
	for _, id := range ids {
		*u = append(*u, string(id))
	}
	return nil
}

// listVolumes lists local and network volumes in one call.
func (d *driver) listVolumes(ctx context.Context, account string) iter.Seq2[cloud.Resource, error] {
	const op = "list volumes"
	return func(yield func(cloud.Resource, error) bool) {
		var list struct {
			outcome
			Volumes loose.List[volume] `json:"volumes"`
		}
		q := url.Values{"owner": {"me"}, "type": {"all_volume"}} // as the official client asks
		_, err := d.api.Get(ctx, op, volumesPath, q, &list)
		if err == nil {
			err = list.complete(op, list.Volumes.Told)
		}
		if err != nil {
			yield(cloud.Resource{}, err)
			return
		}
		provider.Elements(name+": "+op, &list.Volumes, func(v *volume) (cloud.Resource, bool) {
			return d.volume(account, v), v.ID != ""
		}, yield)
	}
}

func (d *driver) volume(account string, v *volume) cloud.Resource {
	r := cloud.Resource{
		Provider: name, Account: account, Region: string(v.Geolocation), Service: volumes, Type: "volume", ID: string(v.ID),
		Name: string(v.Label), Status: v.status(), NativeStatus: string(v.Status), CreatedAt: v.StartDate.Time,
		Attrs: v.attrs(),
	}
	if hourly, ok := v.StorageTotalCost.Reading(); ok {
		r.Cost = cloud.HourlyPrice(hourly, listing, d.now())
	}
	return r
}

// status is unknown for a volume at rest: it does not run. The words are not published.
func (v *volume) status() cloud.Status {
	switch v.Status {
	case "creating", created, loading:
		return cloud.StatusStarting
	case "deleting", "destroying":
		return cloud.StatusStopping
	case "deleted", "destroyed":
		return cloud.StatusDeleted
	case "failed", "error", offline:
		return cloud.StatusFailed
	}
	return cloud.StatusUnknown
}

func (v *volume) attrs() []cloud.Attr {
	a := make(provider.Attrs, 0, 20)
	a.Reading("disk_size_gb", v.DiskSpace)
	a.Reading("disk_free_gb", v.AvailSpace)
	a.Add("disk", v.DiskName)
	a.Add("instance_ids", []string(v.Instances))
	a.Add("machine_id", v.MachineID)
	a.Add("host_id", v.HostID)
	a.Add("cluster_id", v.ClusterID)
	a.Reading("reliability", v.Reliability)
	a.Add("verification", v.Verification)
	a.Add("end_date", v.EndDate.Time)
	a.Reading("inet_up_mbps", v.InetUp)
	a.Reading("inet_down_mbps", v.InetDown)
	a.Add("public_ip", v.PublicIP)
	a.Add("static_ip", v.StaticIP)
	a.Add("cpu", v.CPUName)
	a.Add("cpu_arch", v.CPUArch)
	a.Add("motherboard", v.MoboName)
	a.Add("os_version", v.OSVersion)
	a.Add("driver_version", v.Driver)
	a.Reading("cuda_max", v.CUDAMaxGood)
	return a
}
