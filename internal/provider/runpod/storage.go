package runpod

import (
	"context"
	"iter"
	"strings"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/httpx"
)

// volume is the schema NetworkVolume.
type volume struct {
	ID, Name   string
	Size       float64 // GB
	DataCenter string
	Type       string
}

const hoursPerMonth = 730

func (d *driver) volumes(ctx context.Context, q cloud.Query) iter.Seq2[cloud.Resource, error] {
	var answer struct{ NetworkVolumes []volume }
	call := httpx.Call{Op: "list network volumes", Path: "/network-volumes"}
	return list(ctx, d, call, func() []volume { return answer.NetworkVolumes }, func(v *volume) cloud.Resource {
		r := resource(q, "network_volume", v.ID, v.Name)
		r.Region = v.DataCenter
		if v.Type == "" || v.Type == "STANDARD" {
			r.Cost = cloud.HourlyPrice(standardPrice(v.Size)/hoursPerMonth, "published prices", d.now())
		}
		var a attrs
		a.add("size_gb", v.Size)
		a.text("volume_type", strings.ToLower(v.Type))
		r.Attrs = a
		return r
	}, &answer)
}

// standardPrice is USD per month: 0.07 per GB for the first TB, 0.05 above (docs.runpod.io/pods/pricing).
func standardPrice(gb float64) float64 {
	const tb = 1000
	return 0.07*min(gb, tb) + 0.05*max(gb-tb, 0)
}

// cluster is the part of the schema Cluster that is shown.
type cluster struct {
	ID, Name, Type string
	Compute        struct {
		GPUTypeID      string
		GPUCountPerPod float64
		PodCount       float64
	}
	DataCenterID string
	Pods         struct {
		Total    float64
		ByStatus map[string]float64
	}
	CreatedAt time.Time
}

func (d *driver) clusters(ctx context.Context, q cloud.Query) iter.Seq2[cloud.Resource, error] {
	var answer struct{ Clusters []cluster }
	call := httpx.Call{Op: "list clusters", Path: "/clusters"}
	return list(ctx, d, call, func() []cluster { return answer.Clusters }, func(c *cluster) cloud.Resource {
		r := resource(q, "cluster", c.ID, c.Name)
		r.Region, r.CreatedAt = c.DataCenterID, c.CreatedAt.UTC()
		r.Status = c.status()
		r.GPU = &cloud.GPU{Type: gpuName(c.Compute.GPUTypeID), Count: c.Compute.GPUCountPerPod * c.Compute.PodCount}
		var a attrs
		a.text("cluster_type", strings.ToLower(c.Type))
		a.add("pods", c.Compute.PodCount)
		a.add("pods_running", c.Pods.ByStatus["RUNNING"])
		a.add("gpus_per_pod", c.Compute.GPUCountPerPod)
		r.Attrs = a
		return r
	}, &answer)
}

// status is that of the pods: running when all are, failed when one is, else what most of the rest is doing.
func (c *cluster) status() cloud.Status {
	by := map[cloud.Status]float64{}
	for native, n := range c.Pods.ByStatus {
		by[podStatus(native)] += n
	}
	switch {
	case c.Pods.Total > 0 && by[cloud.StatusRunning] >= c.Pods.Total:
		return cloud.StatusRunning
	case by[cloud.StatusFailed] > 0:
		return cloud.StatusFailed
	case by[cloud.StatusStarting] > 0:
		return cloud.StatusStarting
	case by[cloud.StatusRunning] > 0:
		return cloud.StatusRunning
	case by[cloud.StatusStopped] > 0:
		return cloud.StatusStopped
	}
	return cloud.StatusUnknown
}
