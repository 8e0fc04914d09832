package oraclesim

import (
	"maps"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/adsops/cloudtop/internal/sim"
)

const (
	tenancyName = "acme-cloud"
	// mostPerRegion keeps the streams of a region's metrics within what one answer holds.
	mostPerRegion = 1400
	base32        = "abcdefghijklmnopqrstuvwxyz234567"
)

// compartment is a folder with permissions of its own. The root is the tenancy itself.
type compartment struct {
	id, name, path string
	parent         *compartment // nil for the root
	state          string
	created        time.Time
	denied         bool // the user may see that it is there, and nothing in it
}

// region is one that the tenancy is subscribed to.
type region struct {
	name, key string
	ads       []string
	home      bool
	ready     bool

	instances  map[*compartment][]*instance
	containers map[*compartment][]*containerInstance
	clusters   map[*compartment][]*cluster
	pools      map[*compartment][]*nodePool
	virtual    map[*compartment][]*virtualPool
	databases  map[*compartment][]*database
}

// thing is what all resources have.
type thing struct {
	id, name    string
	compartment *compartment
	region      *region
	ad, fd      string
	state       string
	created     time.Time
	tags        *tags
	seed        uint64 // of its metrics
}

// tags are shared by all resources with the same ones.
type tags struct {
	free    map[string]string
	defined map[string]map[string]string // by namespace
	json    string                       // both, as the fields of a resource
}

// buildTenancy makes the compartments and regions for n resources.
func (c *cloud) buildTenancy(n int) {
	r := c.world.Rand("oracle", "tenancy")
	c.tenancy = "ocid1.tenancy.oc1.." + unique(r, 60)
	c.user = "ocid1.user.oc1.." + unique(r, 60)
	c.buildCompartments(r, n)
	c.buildRegions(r, n)
}

// build makes n resources that a complete reader finds, and some that are gone already.
func (c *cloud) build(n int) {
	homes := c.homes()
	for i := range n {
		c.add(c.world.Rand("oracle", "resource", sequence(i)), i, homes)
	}
	if n > 0 && c.world.Incidents() {
		c.addDenied()
	}
}

func (c *cloud) buildCompartments(r *rand.Rand, n int) {
	root := &compartment{id: c.tenancy, name: tenancyName, path: "root", state: "ACTIVE", created: sim.Epoch.AddDate(-4, 0, 0)}
	c.compartments = []*compartment{root}
	add := func(parent *compartment, name, state string) *compartment {
		path := name
		if parent.parent != nil {
			path = parent.path + "/" + name
		}
		k := &compartment{
			id: "ocid1.compartment.oc1.." + unique(r, 60), name: name, path: path, parent: parent, state: state,
			created: sim.Epoch.AddDate(0, 0, -30-r.IntN(1200)),
		}
		c.compartments = append(c.compartments, k)
		return k
	}
	prod := add(root, "prod", "ACTIVE")
	add(prod, "web", "ACTIVE")
	add(root, "staging", "ACTIVE")
	if n > 100 {
		add(prod, "data", "ACTIVE")
		add(root, "shared-services", "ACTIVE")
	}
	add(root, "old-poc", "DELETED")
	if c.world.Incidents() {
		c.restricted = add(root, "restricted", "ACTIVE")
		c.restricted.denied = true
	}
}

func (c *cloud) buildRegions(r *rand.Rand, n int) {
	keys := regionKeys()
	count := 2
	if n >= 200 {
		count = min(max(3, (n+mostPerRegion-1)/mostPerRegion), len(keys)-1)
	}
	for i, k := range keys[:count+1] {
		prefix := strings.ToUpper(unique(r, 1)) + unique(r, 3)
		ads := []string{prefix + ":" + strings.ToUpper(k.name) + "-AD-1"}
		if i < 4 {
			ads = append(ads, prefix+":"+strings.ToUpper(k.name)+"-AD-2", prefix+":"+strings.ToUpper(k.name)+"-AD-3")
		}
		c.regions = append(c.regions, &region{
			name: k.name, key: k.key, ads: ads, home: i == 0, ready: i < count, // the last one is being subscribed to
			instances: map[*compartment][]*instance{}, containers: map[*compartment][]*containerInstance{},
			clusters: map[*compartment][]*cluster{}, pools: map[*compartment][]*nodePool{},
			databases: map[*compartment][]*database{}, virtual: map[*compartment][]*virtualPool{},
		})
	}
}

// homes returns the compartments that resources live in.
func (c *cloud) homes() []*compartment {
	var out []*compartment
	for _, k := range c.compartments {
		if k.state == "ACTIVE" && !k.denied {
			out = append(out, k)
		}
	}
	return out
}

// live returns the regions that can be called.
func (c *cloud) live() []*region { return c.regions[:len(c.regions)-1] }

// add makes the i-th resource. Its kind follows from i alone, so that every size of world has its share of each; what
// a region has differs as in life: GPUs in one of three, databases and containers in others.
func (c *cloud) add(r *rand.Rand, i int, homes []*compartment) {
	live := c.live()
	at := live[i%len(live)]
	kind := (i / len(live)) % 13
	t := thing{
		compartment: homes[r.IntN(len(homes))], region: at, ad: at.ads[r.IntN(len(at.ads))],
		fd:      "FAULT-DOMAIN-" + string('1'+rune(r.IntN(3))),
		created: sim.Epoch.Add(-time.Duration(1+r.IntN(700*24*60)) * time.Minute), seed: r.Uint64(),
	}
	t.tags = c.drawTags(r)
	switch role := (i % len(live)) % 3; {
	case kind == 3 && role == 0, kind == 7 && role == 0:
		c.addDatabase(r, t)
	case kind == 5 && role != 1:
		c.addContainer(r, t)
	case kind == 4 && role == 1, kind == 9 && role == 2:
		c.addCluster(r, t)
	case kind == 6 && role == 1 && len(at.clusters) > 0, kind == 11 && role == 2 && len(at.clusters) > 0:
		c.addPool(r, t)
	case kind == 12 && role == 1 && c.enhanced(at) != nil:
		c.addVirtualPool(r, t, c.enhanced(at))
	default:
		c.addInstance(r, t, i, role)
	}
}

// addDenied fills the compartment that nothing may be read in: what is there is in nobody's truth.
func (c *cloud) addDenied() {
	r := c.world.Rand("oracle", "restricted")
	at := c.regions[0]
	for i := range 3 {
		t := thing{
			compartment: c.restricted, region: at, ad: at.ads[0], fd: "FAULT-DOMAIN-1", created: sim.Epoch.AddDate(0, -1, 0),
			seed: r.Uint64(), tags: c.drawTags(r),
		}
		c.addInstance(r, t, i, 0)
	}
}

// ocid makes an identifier of a regional resource.
func ocid(r *rand.Rand, kind string, at *region) string {
	return "ocid1." + kind + ".oc1." + at.key + ".anuwcljt" + unique(r, 52)
}

func unique(r *rand.Rand, n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = base32[r.IntN(len(base32))]
	}
	return string(b)
}

func one[T any](r *rand.Rand, all ...T) T { return all[r.IntN(len(all))] }

// drawTags gives three of four resources tags.
func (c *cloud) drawTags(r *rand.Rand) *tags {
	t := &tags{free: map[string]string{}, defined: map[string]map[string]string{}}
	if r.IntN(4) > 0 {
		t.free["team"] = one(r, "web", "data", "platform", "ml", "finance")
		t.free["cost-center"] = one(r, "1001", "1002", "2040")
	}
	if r.IntN(12) == 0 {
		t.free["owner"] = one(r, "Zoë Müller", "山田太郎", "O'Brien")
	}
	if r.IntN(3) == 0 {
		t.defined["Oracle-Tags"] = map[string]string{
			"CreatedBy": one(r, "terraform", "default/alice@acme.example", "default/bob@acme.example"),
		}
	}
	b := append(c.scratch[:0], `"freeformTags":`...)
	b = append(sim.AppendJSON(b, t.free), `,"definedTags":`...)
	b = sim.AppendJSON(b, t.defined)
	c.scratch = b
	if kept := c.tagSets[string(b)]; kept != nil {
		return kept
	}
	t.json = string(b)
	c.tagSets[t.json] = t
	return t
}

// flat are the tags as a reader shows them.
func (t *tags) flat() map[string]string {
	out := map[string]string{}
	maps.Copy(out, t.free)
	for namespace, keys := range t.defined {
		for k, v := range keys {
			out[namespace+"."+k] = v
		}
	}
	return out
}
