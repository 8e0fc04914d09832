package gcp

import (
	"cmp"
	"context"
	"iter"
	"net/url"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/httpx"
)

// clusterFields leaves out masterAuth, which holds passwords and keys.
const clusterFields = "clusters(name,location,status,statusMessage,createTime,resourceLabels,currentMasterVersion," +
	"currentNodeVersion,currentNodeCount,autopilot/enabled,releaseChannel/channel,network,locations," +
	"nodePools(name,config(machineType))),missingZones"

// cluster is the part of the schema Cluster (container v1) that is used.
type cluster struct {
	Name                 string
	Location             string // a region, or a zone
	Status               string
	StatusMessage        string
	CreateTime           string
	ResourceLabels       map[string]string
	CurrentMasterVersion string
	CurrentNodeVersion   string
	CurrentNodeCount     number
	Autopilot            struct{ Enabled bool }
	ReleaseChannel       struct{ Channel string }
	Network              string
	Locations            []string
	NodePools            []struct {
		Name   string
		Config struct{ MachineType string }
	}
}

type clusterPage struct {
	Clusters     some[cluster]
	MissingZones []string
}

// clusters lists the clusters of all places in one call, which is not paged.
func (d *driver) clusters(ctx context.Context, q cloud.Query) iter.Seq2[cloud.Resource, error] {
	const op = "list clusters"
	call := httpx.Call{
		Op: op, Path: "https://container.googleapis.com/v1/projects/" + url.PathEscape(q.Scope.Account) + "/locations/-/clusters",
		Query: query(clusterFields),
	}
	return list(ctx, d, call, func(*clusterPage) string { return "" }, func(p *clusterPage) ([]cloud.Resource, []error) {
		var found []cloud.Resource
		lost := p.Clusters.lost(op)
		for i := range p.Clusters.all {
			found = append(found, p.Clusters.all[i].resource(q))
		}
		for _, zone := range p.MissingZones {
			lost = append(lost, missing(op, zone, ""))
		}
		return found, lost
	})
}

// resource maps a cluster. Names are unique within a location, and metrics know clusters by both.
func (c *cluster) resource(q cloud.Query) cloud.Resource {
	r := resource(q, "cluster", c.Location+"/"+c.Name, c.Name)
	r.Region, r.CreatedAt = regionOf(c.Location), moment(c.CreateTime)
	r.Status, r.NativeStatus = clusterStatus(c.Status), c.Status
	r.Tags = tags(c.ResourceLabels)
	var a attrs
	a.text("location", c.Location)
	mode := "standard"
	if c.Autopilot.Enabled {
		mode = "autopilot"
	}
	a.text("mode", mode)
	a.text("version", c.CurrentMasterVersion)
	a.text("node_version", c.CurrentNodeVersion)
	a.number("nodes", c.CurrentNodeCount)
	a.text("release_channel", c.ReleaseChannel.Channel)
	var pools []string
	for _, p := range c.NodePools {
		pools = append(pools, p.Name+" "+cmp.Or(p.Config.MachineType, "?"))
	}
	a.texts("node_pools", pools)
	a.texts("zones", c.Locations)
	a.text("network", c.Network)
	a.text("status_message", c.StatusMessage)
	r.Attrs = a
	return r
}

// clusterStatus maps the states of container v1. A cluster that is being updated runs.
func clusterStatus(s string) cloud.Status {
	return cmp.Or(map[string]cloud.Status{
		"PROVISIONING": cloud.StatusStarting, "RUNNING": cloud.StatusRunning, "RECONCILING": cloud.StatusRunning,
		"STOPPING": cloud.StatusStopping, "ERROR": cloud.StatusFailed, "DEGRADED": cloud.StatusFailed,
	}[s], cloud.StatusUnknown)
}
