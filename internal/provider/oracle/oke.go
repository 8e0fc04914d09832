package oracle

import (
	"context"
	"iter"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/provider"
)

// cluster is the part of ClusterSummary (20180222) that is used. Every field may be missing.
type cluster struct {
	head
	Name              string `json:"name"`
	LifecycleDetails  string `json:"lifecycleDetails"`
	KubernetesVersion string `json:"kubernetesVersion"`
	Type              string `json:"type"` // basicCluster | ENHANCED_CLUSTER
	Metadata          struct {
		TimeCreated moment `json:"timeCreated"`
	} `json:"metadata"`
	Endpoints struct {
		PublicEndpoint  string `json:"publicEndpoint"`
		PrivateEndpoint string `json:"privateEndpoint"`
	} `json:"endpoints"`
	Upgrades []string `json:"availableKubernetesUpgrades"`
}

// basicCluster is the type of a cluster that can have no virtual nodes.
const basicCluster = "BASIC_CLUSTER"

// nodePool is the part of NodePoolSummary that is used. It does not say when it was made. Its nodes are listed as
// compute instances, with their GPUs.
type nodePool struct {
	head
	Name              string      `json:"name"`
	ClusterID         string      `json:"clusterId"`
	LifecycleDetails  string      `json:"lifecycleDetails"`
	KubernetesVersion string      `json:"kubernetesVersion"`
	NodeShape         string      `json:"nodeShape"`
	NodeShapeConfig   shapeConfig `json:"nodeShapeConfig"`
	NodeConfigDetails struct {
		Size number `json:"size"`
	} `json:"nodeConfigDetails"`
	QuantityPerSubnet number   `json:"quantityPerSubnet"`
	SubnetIDs         []string `json:"subnetIds"`
}

// virtualNodePool is the part of VirtualNodePoolSummary that is used. Its nodes are no compute instances.
type virtualNodePool struct {
	head
	DisplayName       string `json:"displayName"`
	ClusterID         string `json:"clusterId"`
	LifecycleDetails  string `json:"lifecycleDetails"`
	KubernetesVersion string `json:"kubernetesVersion"`
	TimeCreated       moment `json:"timeCreated"`
	Size              number `json:"size"`
	PodConfiguration  struct {
		Shape string `json:"shape"`
	} `json:"podConfiguration"`
}

// kubernetes lists clusters and, where the region's census says that there may be any, node pools: a pool may lie in
// another compartment than its cluster. All are asked for at once, as far as is known whether to. A kind that cannot be
// read leaves the others standing; where the clusters cannot, all kinds are asked for.
func (d *driver) kubernetes(ctx context.Context, p place) iter.Seq2[cloud.Resource, error] {
	return func(yield func(cloud.Resource, error) bool) {
		c, err := d.census(ctx)
		if err != nil {
			yield(cloud.Resource{}, err)
			return
		}
		var errs []error
		refused := 0
		for g := range provider.Fan(ctx, kubernetesKinds+1, d.kubernetesLists(c, p), gathering) {
			for i := range g.found {
				if !yield(g.found[i], nil) {
					return
				}
			}
			errs = append(errs, g.errs...)
			if g.refused() {
				refused++
			}
		}
		for _, err := range errs {
			if refused < kubernetesKinds {
				err = partially(err)
			}
			if !yield(cloud.Resource{}, err) || cloud.KindOf(err) != cloud.KindPartial {
				return
			}
		}
	}
}

const kubernetesKinds = 3

// kubernetesLists are the three kinds in their order, and what remains of the census when the clusters are known.
func (d *driver) kubernetesLists(c *census, p place) []func(context.Context) gathered {
	counted := make(chan struct{})
	return []func(context.Context) gathered{
		func(ctx context.Context) gathered {
			defer close(counted)
			return c.clusters(ctx, d, p, p)
		},
		func(ctx context.Context) gathered {
			return c.pools.gather(ctx, d.nodePools(ctx, p))
		},
		func(ctx context.Context) gathered {
			return c.virtual.gather(ctx, d.virtualNodePools(ctx, p))
		},
		func(ctx context.Context) gathered {
			<-counted
			c.finish(ctx, d, p)
			return gathered{}
		},
	}
}

func gathering(ctx context.Context, list func(context.Context) gathered) gathered { return list(ctx) }

// gathered is a list that was read to its end.
type gathered struct {
	found []cloud.Resource
	errs  []error
}

// refused reports whether the list did not come to its end.
func (g *gathered) refused() bool {
	return len(g.errs) > 0 && cloud.KindOf(g.errs[len(g.errs)-1]) != cloud.KindPartial
}

func gather(list iter.Seq2[cloud.Resource, error]) gathered {
	var g gathered
	for r, err := range list {
		if err != nil {
			g.errs = append(g.errs, err)
			continue
		}
		g.found = append(g.found, r)
	}
	return g
}

func (d *driver) clusters(ctx context.Context, p place) iter.Seq2[cloud.Resource, error] {
	return resources(ctx, d, p, listing[cluster]{
		kind: "cluster", op: "list clusters", api: okeAPI, path: "/clusters", status: okeStatus,
		fill: func(r *cloud.Resource, k *cluster) {
			r.Name, r.CreatedAt, r.Attrs = k.Name, k.Metadata.TimeCreated.Time, k.attrs()
		},
	})
}

func (d *driver) nodePools(ctx context.Context, p place) iter.Seq2[cloud.Resource, error] {
	return resources(ctx, d, p, listing[nodePool]{
		kind: "node_pool", op: "list node pools", api: okeAPI, path: "/nodePools", status: okeStatus,
		fill: func(r *cloud.Resource, n *nodePool) { r.Name, r.Attrs = n.Name, n.attrs() },
	})
}

func (d *driver) virtualNodePools(ctx context.Context, p place) iter.Seq2[cloud.Resource, error] {
	return resources(ctx, d, p, listing[virtualNodePool]{
		kind: "virtual_node_pool", op: "list virtual node pools", api: okeAPI, path: "/virtualNodePools", status: okeStatus,
		fill: func(r *cloud.Resource, n *virtualNodePool) {
			r.Name, r.CreatedAt, r.Attrs = n.DisplayName, n.TimeCreated.Time, n.attrs()
		},
	})
}

// okeStatus maps the LifecycleStateEnum of clusters and of both kinds of pools. A cluster works on while it is updated; a
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

func (k *cluster) attrs() []cloud.Attr {
	var f facts
	f.text("kubernetes_version", k.KubernetesVersion)
	f.text("cluster_type", k.Type)
	f.text("public_endpoint", k.Endpoints.PublicEndpoint)
	f.text("private_endpoint", k.Endpoints.PrivateEndpoint)
	if len(k.Upgrades) > 0 {
		f.add("available_upgrades", k.Upgrades)
	}
	f.text("state_details", k.LifecycleDetails)
	return f
}

func (n *nodePool) attrs() []cloud.Attr {
	var f facts
	f.text("cluster", n.ClusterID)
	f.text("kubernetes_version", n.KubernetesVersion)
	f.text("shape", n.NodeShape)
	f.number("ocpus", n.NodeShapeConfig.OCPUs)
	f.number("memory_gb", n.NodeShapeConfig.MemoryGB)
	f.count("nodes_count", n.nodes())
	f.text("state_details", n.LifecycleDetails)
	return f
}

// nodes returns how many nodes the pool shall have: its size, or (the older form) a number for each subnet.
func (n *nodePool) nodes() number {
	size := n.NodeConfigDetails.Size
	if !size.known && n.QuantityPerSubnet.positive() && len(n.SubnetIDs) > 0 {
		return number{n.QuantityPerSubnet.v * float64(len(n.SubnetIDs)), true}
	}
	return size
}

func (n *virtualNodePool) attrs() []cloud.Attr {
	var f facts
	f.text("cluster", n.ClusterID)
	f.text("kubernetes_version", n.KubernetesVersion)
	f.text("pod_shape", n.PodConfiguration.Shape)
	f.count("nodes_count", n.Size)
	f.text("state_details", n.LifecycleDetails)
	return f
}
