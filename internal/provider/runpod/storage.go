package runpod

import (
	"context"
	"iter"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/httpx"
	"github.com/adsops/cloudtop/internal/provider"
	"github.com/adsops/cloudtop/pkg/loose"
)

// volume is the schema NetworkVolume.
type volume struct {
	ID, Name, DataCenter, Type loose.Text
	Size                       loose.Number // GB
}

const hoursPerMonth = 730

func (d *driver) volumes(ctx context.Context, q cloud.Query) iter.Seq2[cloud.Resource, error] {
	call := httpx.Call{Op: "list network volumes", Path: "/network-volumes"}
	return list(ctx, d, call, "networkVolumes", func(v *volume) cloud.Resource {
		r := resource(q, "network_volume", v.ID, v.Name)
		r.Region = string(v.DataCenter)
		if gb, ok := v.Size.Reading(); ok && (v.Type == "" || v.Type == "STANDARD") {
			r.Cost = cloud.HourlyPrice(standardPrice(gb)/hoursPerMonth, published, d.now())
		}
		var a provider.Attrs
		a.Reading("size_gb", v.Size)
		a.Add("volume_type", lower(v.Type))
		r.Attrs = a
		return r
	})
}

// standardPrice is USD per month: 0.07 per GB for the first TB, 0.05 above (docs.runpod.io/pods/pricing). That of the
// other type is not published.
func standardPrice(gb float64) float64 {
	const tb = 1000
	return 0.07*min(gb, tb) + 0.05*max(gb-tb, 0)
}
