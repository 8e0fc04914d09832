package oracle

import (
	"context"
	"iter"
	"slices"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/provider"
)

// cluster is the part of ClusterSummary (20180222) that is used. Every field may be missing.
type cluster struct {
	tagged
	ID                string `json:"id"`
	Name              string `json:"name"`
	LifecycleState    string `json:"lifecycleState"`
	LifecycleDetails  string `json:"lifecycleDetails"`
	KubernetesVersion string `json:"kubernetesVersion"`
	Type              string `json:"type"` // BASIC_CLUSTER | ENHANCED_CLUSTER
	Metadata          *struct {
		TimeCreated *time.Time `json:"timeCreated"`
	} `json:"metadata"`
	Endpoints *struct {
		PublicEndpoint  string `json:"publicEndpoint"`
		PrivateEndpoint string `json:"privateEndpoint"`
	} `json:"endpoints"`
	Upgrades []string `json:"availableKubernetesUpgrades"`
}

// nodePool is the part of NodePoolSummary that is used. It does not say when it was made. Its nodes are listed as
// compute instances, with their GPUs.
type nodePool struct {
	tagged
	ID                string       `json:"id"`
	Name              string       `json:"name"`
	ClusterID         string       `json:"clusterId"`
	LifecycleState    string       `json:"lifecycleState"`
	LifecycleDetails  string       `json:"lifecycleDetails"`
	KubernetesVersion string       `json:"kubernetesVersion"`
	NodeShape         string       `json:"nodeShape"`
	NodeShapeConfig   *shapeConfig `json:"nodeShapeConfig"`
	NodeConfigDetails *struct {
		Size *int `json:"size"`
	} `json:"nodeConfigDetails"`
	QuantityPerSubnet *int     `json:"quantityPerSubnet"`
	SubnetIDs         []string `json:"subnetIds"`
}

// kubernetes lists clusters and node pools, both at once: a pool may lie in another compartment than its cluster, so
// each compartment is asked for both.
func (d *driver) kubernetes(ctx context.Context, p place) iter.Seq2[cloud.Resource, error] {
	return func(yield func(cloud.Resource, error) bool) {
		kinds := []func(context.Context, place) iter.Seq2[cloud.Resource, error]{d.clusters, d.nodePools}
		type listed struct {
			found []cloud.Resource
			err   error
		}
		read := func(ctx context.Context, list func(context.Context, place) iter.Seq2[cloud.Resource, error]) listed {
			var l listed
			for r, err := range list(ctx, p) {
				if err != nil {
					return listed{l.found, err}
				}
				l.found = append(l.found, r)
			}
			return l
		}
		var failure error
		for l := range provider.Fan(ctx, len(kinds), kinds, read) {
			for i := range l.found {
				if !yield(l.found[i], nil) {
					return
				}
			}
			if failure == nil {
				failure = l.err
			}
		}
		if failure != nil {
			yield(cloud.Resource{}, failure)
		}
	}
}

func (d *driver) clusters(ctx context.Context, p place) iter.Seq2[cloud.Resource, error] {
	c, err := d.list(ctx, p, "list clusters", okeAPI, "/clusters")
	if err != nil {
		return failed[cloud.Resource](err)
	}
	return resources(ctx, d, c, func(k *cluster) (cloud.Resource, bool) {
		w := d.notes.words
		r := p.resource("cluster", k.ID, k.Name)
		r.Status, r.NativeStatus, r.Tags = okeStatus(k.LifecycleState), w.text(k.LifecycleState), k.tags(w)
		if k.Metadata != nil && k.Metadata.TimeCreated != nil {
			r.CreatedAt = k.Metadata.TimeCreated.UTC()
		}
		r.Attrs = k.attrs(w)
		return r, r.Status != cloud.StatusDeleted
	})
}

func (d *driver) nodePools(ctx context.Context, p place) iter.Seq2[cloud.Resource, error] {
	c, err := d.list(ctx, p, "list node pools", okeAPI, "/nodePools")
	if err != nil {
		return failed[cloud.Resource](err)
	}
	return resources(ctx, d, c, func(n *nodePool) (cloud.Resource, bool) {
		w := d.notes.words
		r := p.resource("node_pool", n.ID, n.Name)
		r.Status, r.NativeStatus, r.Tags = okeStatus(n.LifecycleState), w.text(n.LifecycleState), n.tags(w)
		r.Attrs = n.attrs(w)
		return r, r.Status != cloud.StatusDeleted
	})
}

// okeStatus maps ClusterLifecycleStateEnum and NodePoolLifecycleStateEnum. A cluster works on while it is updated; a
// pool that needs attention has nodes that run.
func okeStatus(s string) cloud.Status {
	switch s {
	case "ACTIVE", "UPDATING", "NEEDS_ATTENTION":
		return cloud.StatusRunning
	case "CREATING":
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

func (k *cluster) attrs(w *words) []cloud.Attr {
	f := facts{words: w}
	f.text("kubernetes_version", k.KubernetesVersion)
	f.text("cluster_type", k.Type)
	if k.Endpoints != nil {
		f.text("public_endpoint", k.Endpoints.PublicEndpoint)
		f.text("private_endpoint", k.Endpoints.PrivateEndpoint)
	}
	if len(k.Upgrades) > 0 {
		f.add("available_upgrades", slices.Clone(k.Upgrades))
	}
	f.text("state_details", k.LifecycleDetails)
	return f.attrs
}

func (n *nodePool) attrs(w *words) []cloud.Attr {
	f := facts{words: w}
	f.text("cluster", n.ClusterID)
	f.text("kubernetes_version", n.KubernetesVersion)
	f.text("shape", n.NodeShape)
	if c := n.NodeShapeConfig; c != nil {
		f.number("ocpus", c.OCPUs)
		f.number("memory_gb", c.MemoryGB)
	}
	f.count("nodes_count", n.nodes())
	f.text("state_details", n.LifecycleDetails)
	return f.attrs
}

// nodes returns how many nodes the pool shall have: its size, or (the older form) a number for each subnet.
func (n *nodePool) nodes() *int {
	switch {
	case n.NodeConfigDetails != nil && n.NodeConfigDetails.Size != nil:
		return n.NodeConfigDetails.Size
	case n.QuantityPerSubnet != nil && *n.QuantityPerSubnet > 0 && len(n.SubnetIDs) > 0:
		return new(*n.QuantityPerSubnet * len(n.SubnetIDs))
	}
	return nil
}
