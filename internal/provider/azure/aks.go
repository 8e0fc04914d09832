package azure

import (
	"cmp"
	"strings"

	"github.com/adsops/cloudtop/internal/cloud"
)

// agentPool is a group of equal nodes (ManagedClusterAgentPoolProfile).
type agentPool struct {
	Name, VMSize string
	Count        number
}

func clusterKind() kind {
	return kind{
		service: "aks", kind: "cluster", arm: "microsoft.containerservice/managedclusters",
		columns: []string{
			"clusterPower=properties.powerState.code", "clusterVersion=properties.kubernetesVersion",
			"runningVersion=properties.currentKubernetesVersion",
			"pools=properties.agentPoolProfiles", "fqdn=properties.fqdn", "nodeGroup=properties.nodeResourceGroup",
		},
		resource: cluster,
		machines: func(r *row) []machines {
			all := make([]machines, 0, len(r.Pools))
			for _, p := range r.Pools {
				all = append(all, machines{size: p.VMSize, count: p.Count.value})
			}
			return all
		},
		// microsoft-containerservice-managedclusters-metrics, category Nodes; no agent is needed.
		metrics: []metric{
			{azure: "node_cpu_usage_percentage", name: cloud.CPUUsagePercent},
			{azure: "node_memory_working_set_percentage", name: cloud.MemoryUsagePercent},
			{azure: "node_disk_usage_percentage", name: cloud.DiskUsagePercent},
		},
	}
}

// cluster maps a cluster. Its status is its power state, except while the cluster itself is made or deleted.
func cluster(r *row) cloud.Resource {
	out := r.base()
	out.NativeStatus = r.ClusterPower
	switch state := changing(r.Provisioning); {
	case state == cloud.StatusStarting || state == cloud.StatusStopping:
		out.Status, out.NativeStatus = state, r.Provisioning
	case strings.EqualFold(r.ClusterPower, "Running"):
		out.Status = cloud.StatusRunning
	case strings.EqualFold(r.ClusterPower, "Stopped"):
		out.Status = cloud.StatusStopped
	default:
		out.Status, out.NativeStatus = state, r.Provisioning
	}
	var names, sizes []string
	nodes := number{known: len(r.Pools) > 0}
	for _, p := range r.Pools {
		names, sizes = append(names, p.Name), append(sizes, p.VMSize)
		nodes.value += p.Count.value
		nodes.known = nodes.known && p.Count.known
	}
	a := r.attrs()
	a.text("kubernetes_version", cmp.Or(r.RunningVersion, r.ClusterVersion))
	a.number("nodes", nodes)
	a.texts("node_pools", names)
	a.texts("node_pool_sizes", sizes)
	a.text("tier", r.SKU.Tier)
	a.text("fqdn", r.FQDN)
	a.text("node_resource_group", r.NodeGroup)
	a.provisioning(r)
	out.Attrs = a
	return out
}
