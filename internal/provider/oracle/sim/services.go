package oraclesim

import (
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/adsops/cloudtop/internal/sim"
)

// containerInstance is a container instance.
type containerInstance struct {
	thing
	shape    *shape
	ocpus    float64
	memoryGB float64
	count    int
	details  string
}

func (c *cloud) addContainer(r *rand.Rand, t thing) {
	n := &containerInstance{
		thing: t, shape: &c.containerShapes[r.IntN(len(c.containerShapes))], ocpus: one(r, 1.0, 2, 4), count: 1 + r.IntN(4),
	}
	n.memoryGB = n.ocpus * 8
	n.id = ocid(r, "computecontainerinstance", t.region)
	n.name = one(r, "checkout", "mailer", "resizer", "proxy", "cron") + "-" + unique(r, 4)
	n.state = one(r, "ACTIVE", "ACTIVE", "ACTIVE", "ACTIVE", "INACTIVE", "CREATING", "UPDATING", "FAILED", "DELETING")
	if n.state == "FAILED" {
		n.details = "The container image could not be pulled."
	}
	put(t.region.containers, n.compartment, n)
	if r.IntN(6) == 0 {
		gone := *n
		gone.id, gone.state = ocid(r, "computecontainerinstance", t.region), "DELETED"
		put(t.region.containers, n.compartment, &gone)
	}
}

func (n *containerInstance) word() string {
	return map[string]string{
		"ACTIVE": "running", "INACTIVE": "stopped", "CREATING": "starting", "UPDATING": "starting", "FAILED": "failed",
		"DELETING": "stopping",
	}[n.state]
}

func (n *containerInstance) cost() *float64 {
	if n.state != "ACTIVE" {
		return nil
	}
	return bill(charge{n.shape.billed.ocpu, n.ocpus}, charge{n.shape.billed.memory, n.memoryGB})
}

// cluster is a Kubernetes cluster.
type cluster struct {
	thing
	kind, version string
	public        string
}

func (c *cloud) addCluster(r *rand.Rand, t thing) {
	k := &cluster{thing: t, kind: one(r, "ENHANCED_CLUSTER", "BASIC_CLUSTER"), version: one(r, "v1.33.1", "v1.34.1", "v1.35.0")}
	k.id = ocid(r, "cluster", t.region)
	k.name = one(r, "k8s", "oke", "apps", "ingress") + "-" + unique(r, 4)
	k.state = one(r, "ACTIVE", "ACTIVE", "ACTIVE", "UPDATING", "CREATING", "FAILED", "DELETING")
	if r.IntN(2) == 0 {
		k.public = "203.0.113." + sequence(r.IntN(90)) + ":6443"
	}
	put(t.region.clusters, k.compartment, k)
	if r.IntN(5) == 0 {
		gone := *k
		gone.id, gone.state = ocid(r, "cluster", t.region), "DELETED"
		put(t.region.clusters, k.compartment, &gone)
	}
}

func (k *cluster) cost() *float64 {
	switch {
	case okeWord(k.state) != "running":
		return nil
	case k.kind == "BASIC_CLUSTER":
		return new(0.0) // published: no charge
	}
	return bill(charge{"B96545", 1})
}

func (p *virtualPool) cost() *float64 {
	if okeWord(p.state) != "running" {
		return nil
	}
	return bill(charge{"B96109", float64(p.size)})
}

func okeWord(state string) string {
	return map[string]string{
		"ACTIVE": "running", "UPDATING": "running", "NEEDS_ATTENTION": "running", "CREATING": "starting",
		"INACTIVE": "stopped", "FAILED": "failed", "DELETING": "stopping",
	}[state]
}

// nodePool is a pool of worker nodes of a cluster.
type nodePool struct {
	thing
	cluster  *cluster
	shape    *shape
	ocpus    float64
	memoryGB float64
	size     int
}

func (c *cloud) addPool(r *rand.Rand, t thing) {
	p := &nodePool{thing: t, shape: &c.shapes[r.IntN(3)], ocpus: one(r, 2.0, 4, 8), size: 1 + r.IntN(9)}
	p.memoryGB = p.ocpus * p.shape.perOCPU
	for _, k := range c.compartments { // the cluster may lie in another compartment
		if all := there(t.region.clusters[k]); len(all) > 0 {
			p.cluster = all[r.IntN(len(all))]
		}
	}
	p.id = ocid(r, "nodepool", t.region)
	p.name = "pool-" + unique(r, 5)
	p.state = one(r, "ACTIVE", "ACTIVE", "ACTIVE", "UPDATING", "NEEDS_ATTENTION", "CREATING", "INACTIVE")
	put(t.region.pools, p.compartment, p)
}

// virtualPool is a pool of virtual nodes of an enhanced cluster.
type virtualPool struct {
	thing
	cluster *cluster
	size    int
}

func (c *cloud) addVirtualPool(r *rand.Rand, t thing, k *cluster) {
	p := &virtualPool{thing: t, cluster: k, size: 1 + r.IntN(5)}
	p.id = ocid(r, "virtualnodepool", t.region)
	p.name = "virtual-" + unique(r, 5)
	p.state = one(r, "ACTIVE", "ACTIVE", "ACTIVE", "UPDATING", "NEEDS_ATTENTION", "CREATING")
	put(t.region.virtual, p.compartment, p)
}

// enhanced returns the region's first enhanced cluster that is there, nil where there is none.
func (c *cloud) enhanced(at *region) *cluster {
	for _, k := range c.compartments {
		for _, n := range there(at.clusters[k]) {
			if n.kind == "ENHANCED_CLUSTER" {
				return n
			}
		}
	}
	return nil
}

// there returns the clusters that are not DELETED: those have no pools any more.
func there(all []*cluster) []*cluster {
	return slices.DeleteFunc(slices.Clone(all), func(k *cluster) bool { return k.state == "DELETED" })
}

// database is an autonomous database.
type database struct {
	thing
	dbName, workload, license string
	version                   string
	ecpus                     float64
	storageGB, usedGB         int
	free, scaling             bool
}

func (c *cloud) addDatabase(r *rand.Rand, t thing) {
	d := &database{
		thing: t, version: "23ai", workload: one(r, "OLTP", "OLTP", "DW", "AJD", "APEX"),
		license: one(r, "LICENSE_INCLUDED", "LICENSE_INCLUDED", "BRING_YOUR_OWN_LICENSE"),
		ecpus:   one(r, 2.0, 2, 4, 8, 16), storageGB: one(r, 20, 1024, 2048), free: r.IntN(5) == 0, scaling: r.IntN(3) == 0,
	}
	d.usedGB = d.storageGB * (5 + r.IntN(80)) / 100
	d.id = ocid(r, "autonomousdatabase", t.region)
	d.dbName = strings.ToUpper(one(r, "sales", "ledger", "catalog", "events") + unique(r, 3))
	d.name = strings.ToLower(d.dbName) + " " + one(r, "prod", "test", "für Tests")
	d.state = one(r, "AVAILABLE", "AVAILABLE", "AVAILABLE", "AVAILABLE", "STOPPED", "PROVISIONING", "BACKUP_IN_PROGRESS",
		"SCALE_IN_PROGRESS", "UNAVAILABLE", "STOPPING", "AVAILABLE_NEEDS_ATTENTION")
	put(t.region.databases, d.compartment, d)
	if r.IntN(6) == 0 {
		gone := *d
		gone.id, gone.state = ocid(r, "autonomousdatabase", t.region), "TERMINATED"
		put(t.region.databases, d.compartment, &gone)
	}
}

func (d *database) word() string {
	switch d.state {
	case "STOPPED":
		return "stopped"
	case "PROVISIONING":
		return "starting"
	case "UNAVAILABLE":
		return "failed"
	case "STOPPING":
		return "stopping"
	}
	return "running"
}

func (d *database) cost() *float64 {
	part := map[string]string{
		"OLTP LICENSE_INCLUDED": "B95702", "OLTP BRING_YOUR_OWN_LICENSE": "B95704",
		"DW LICENSE_INCLUDED": "B95701", "DW BRING_YOUR_OWN_LICENSE": "B95703",
	}[d.workload+" "+d.license]
	switch {
	case d.word() != "running":
		return nil
	case d.free:
		return new(0.0) // published: Always Free
	}
	return bill(charge{part, d.ecpus})
}

// truthOf returns what every kind of resource has in the truth.
func (t *thing) truth(service, kind, word string, cost *float64) sim.Resource {
	return sim.Resource{
		Account: tenancyName, Region: t.region.name, Compartment: t.compartment.path, Service: service, Type: kind,
		ID: t.id, Name: t.name, Status: word, NativeStatus: t.state, CreatedAt: t.created, Tags: t.tags.flat(), HourlyCost: cost,
	}
}
