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
	machine
	ID         word   `json:"id"`
	Label      word   `json:"label"`
	Status     word   `json:"status"`
	AvailSpace number `json:"avail_space"`
	ClusterID  number `json:"cluster_id"`
	MoboName   word   `json:"mobo_name"`
	PublicIP   word   `json:"public_ipaddr"`
	Instances  users  `json:"instances"`
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
	a.Add("instance_ids", []string(v.Instances))
	v.place(&a)
	a.Add("cluster_id", v.ClusterID)
	a.Reading("reliability", v.Reliability2)
	v.network(&a)
	a.Add("public_ip", v.PublicIP)
	v.system(&a)
	a.Add("motherboard", v.MoboName)
	return a
}
