package runpod

import (
	"context"
	"iter"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/httpx"
	"github.com/adsops/cloudtop/internal/provider"
	"github.com/adsops/cloudtop/pkg/loose"
)

// cluster is the part of the schema Cluster that is shown.
type cluster struct {
	ID, Name, Type, Template loose.Text
	DataCenterID             loose.Text // left out until a pod is placed
	Compute                  struct {
		GPUTypeID                loose.Text
		GPUCountPerPod, PodCount loose.Number
	}
	Pods struct {
		Total    loose.Number
		ByStatus map[string]loose.Number // what none is in is left out
	}
	Network   struct{ CIDR loose.Text }
	Primary   struct{ PodID, SSHEndpoint loose.Text }
	CreatedAt loose.Time
}

// clusters lists Instant Clusters. Their pods are listed with the others, and cost what they cost there.
func (d *driver) clusters(ctx context.Context, q cloud.Query) iter.Seq2[cloud.Resource, error] {
	call := httpx.Call{Op: "list clusters", Path: "/clusters"}
	return list(ctx, d, call, "clusters", func(c *cluster) cloud.Resource {
		r := resource(q, "cluster", c.ID, c.Name)
		r.Region, r.CreatedAt, r.Attrs = string(c.DataCenterID), c.CreatedAt.Time, c.attrs()
		r.Status = c.status()
		if c.Compute.GPUTypeID != "" {
			r.GPU = &cloud.GPU{
				Type: gpuName(c.Compute.GPUTypeID), Count: c.Compute.GPUCountPerPod.Value * c.Compute.PodCount.Value,
			}
		}
		return r
	})
}

func (c *cluster) attrs() []cloud.Attr {
	var a provider.Attrs
	a.Add("cluster_type", lower(c.Type))
	a.Reading("pods", c.Compute.PodCount)
	if c.Pods.ByStatus != nil {
		a.Add("pods_running", loose.Of(c.Pods.ByStatus["RUNNING"].Value))
	}
	a.Reading("gpus_per_pod", c.Compute.GPUCountPerPod)
	a.Add("template", c.Template)
	a.Add("network", c.Network.CIDR)
	a.Add("primary_pod", c.Primary.PodID)
	a.Add("ssh_endpoint", c.Primary.SSHEndpoint)
	return a
}

// status is that of the pods: running when all are, failed when one is, else what most of the rest is doing.
func (c *cluster) status() cloud.Status {
	by := map[cloud.Status]float64{}
	for native, n := range c.Pods.ByStatus {
		by[podStatus(native)] += n.Value
	}
	if total := c.Pods.Total.Value; total > 0 && by[cloud.StatusRunning] >= total {
		return cloud.StatusRunning
	}
	for _, s := range []cloud.Status{cloud.StatusFailed, cloud.StatusStarting, cloud.StatusRunning, cloud.StatusStopped} {
		if by[s] > 0 {
			return s
		}
	}
	return cloud.StatusUnknown
}
