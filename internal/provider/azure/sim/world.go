package azuresim

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/adsops/cloudtop/internal/sim"
)

// marker stands in every place where real answers may carry a secret.
const marker = "MARKER-SECRET"

type subscription struct {
	id, name, state string
	denied          bool // listed, since the principal has a role somewhere below it, but not readable
	groups          []string
	regions         []string // the first holds most
	catalog         []size   // of all subscriptions
}

func (s *subscription) json(tenant string) map[string]any {
	return map[string]any{
		"id": "/subscriptions/" + s.id, "subscriptionId": s.id, "tenantId": tenant, "displayName": s.name,
		"state": s.state, "authorizationSource": "RoleBased", "managedByTenants": []any{},
		"subscriptionPolicies": map[string]any{
			"locationPlacementId": "Public_2014-09-01", "quotaId": "PayAsYouGo_2014-09-01", "spendingLimit": "Off",
		},
	}
}

// resource is one thing. What it is like beyond this is drawn from its seed when it is asked for.
type resource struct {
	kind         *kind
	sub          *subscription
	id           string // as Azure Resource Manager writes it
	lower        string // the same in lower case
	name, parent string
	group        string
	region       string
	created      time.Time
	tags         map[string]string
	state        string // power or run state, in the words of its type; empty = not told
	provisioning string
	size         *size
	count        int // machines of a scale set
	pools        []pool
	variant      int // which of its type's tiers, systems ...
	spot         bool
	windows      bool
	system       bool // Azure's own: no resource of the tenant
	seed         uint64
}

// pool is a node pool of a cluster.
type pool struct {
	name  string
	size  *size
	count int
}

// build makes n resources. The first eight are one of each kind.
func (c *cloud) build(r *rand.Rand, n int) {
	all := c.kinds
	c.byID = make(map[string]*resource, n)
	for i := range n {
		k := all[i%len(all)]
		if i >= len(all) {
			k = weighted(r, all)
		}
		c.add(c.newResource(r, k, i))
	}
	c.addMasters()
	slices.SortFunc(c.resources, func(a, b *resource) int { return strings.Compare(a.id, b.id) })
}

// addMasters gives every SQL server its system database.
func (c *cloud) addMasters() {
	for _, it := range slices.Clone(c.resources) {
		if it.kind.service != "sql" {
			continue
		}
		m := *it
		m.name, m.system, m.state, m.tags = "master", true, "Online", nil
		m.id = strings.TrimSuffix(it.id, it.name) + m.name
		if c.byID[strings.ToLower(m.id)] == nil {
			c.add(&m)
		}
	}
}

func (c *cloud) add(it *resource) {
	c.resources = append(c.resources, it)
	it.lower = strings.ToLower(it.id)
	c.byID[it.lower] = it
}

func (c *cloud) newSubscriptions(r *rand.Rand) []*subscription {
	all := []*subscription{
		{name: "Contoso Production", groups: []string{"rg-Shop-Prod", "rg-Data-Prod", "rg-Edge-Prod"}, regions: []string{"westeurope", "northeurope"}},
		{name: "Contoso AI Lab", groups: []string{"rg-training", "rg-inference"}, regions: []string{"eastus"}},
		{name: "Contoso Development", groups: []string{"rg-dev", "rg-test", "rg-Büro"}, regions: []string{"westeurope"}},
	}
	if c.world.Incidents() {
		all = append(all, &subscription{name: "Contoso Finance", denied: true, groups: []string{"rg-ledger"}, regions: []string{"swedencentral"}})
	}
	catalog := sizes()
	for _, s := range all {
		s.id, s.state, s.catalog = guid(r), "Enabled", catalog
	}
	return all
}

func weighted(r *rand.Rand, all []*kind) *kind {
	n := r.IntN(100)
	for _, k := range all {
		if n -= k.weight; n < 0 {
			return k
		}
	}
	return all[0]
}

// size returns a size of the catalogue, which must have it.
func (s *subscription) size(name string) *size {
	return &s.catalog[slices.IndexFunc(s.catalog, func(z size) bool { return z.name == name })]
}

// newResource draws the i-th resource. The very first is a machine with a GPU.
func (c *cloud) newResource(r *rand.Rand, k *kind, i int) *resource {
	s := c.subscriptions[0]
	switch n := r.IntN(10); {
	case i == 0 || n == 9:
		s = c.subscriptions[1]
	case n >= 7:
		s = c.subscriptions[2]
	}
	it := &resource{
		kind: k, sub: s, group: pick(r, s.groups), region: s.regions[0], seed: r.Uint64(), provisioning: "Succeeded",
		created: sim.Epoch.Add(-time.Duration(r.IntN(700*24*60)) * time.Minute), variant: r.IntN(100),
	}
	if len(s.regions) > 1 && r.IntN(4) == 0 {
		it.region = s.regions[1]
	}
	it.name = fmt.Sprintf("%s-%s-%04d", pick(r, k.names), short(it.region), i)
	it.tags = newTags(r, s)
	k.draw(r, it)
	if i == 0 {
		it.state, it.provisioning, it.size = "running", "Succeeded", s.size("Standard_NC24ads_A100_v4")
	}
	it.id = "/subscriptions/" + s.id + "/resourceGroups/" + it.group + "/providers/" + k.arm + "/" + it.parent + it.name
	return it
}

func short(region string) string {
	return map[string]string{"westeurope": "weu", "northeurope": "neu", "eastus": "eus", "swedencentral": "sec"}[region]
}

func newTags(r *rand.Rand, s *subscription) map[string]string {
	if r.IntN(4) == 0 {
		return nil
	}
	tags := map[string]string{"env": strings.ToLower(s.name[strings.LastIndexByte(s.name, ' ')+1:])}
	if r.IntN(2) == 0 {
		tags["owner"] = pick(r, []string{"Zoë", "Jürgen Groß", "佐藤", "ops"})
	}
	if r.IntN(3) == 0 {
		tags["Cost Center"] = fmt.Sprint(4000 + r.IntN(40))
	}
	return tags
}

func pick[T any](r *rand.Rand, all []T) T { return all[r.IntN(len(all))] }

// machineSize draws a size: in the lab most have GPUs.
func machineSize(r *rand.Rand, s *subscription) *size {
	i := r.IntN(9)
	if s.name == "Contoso AI Lab" && r.IntN(5) < 3 {
		i = 9 + r.IntN(len(s.catalog)-9)
	}
	return &s.catalog[i]
}

func drawVM(r *rand.Rand, it *resource) {
	it.size = machineSize(r, it.sub)
	it.windows, it.spot = r.IntN(4) == 0, r.IntN(10) == 0
	switch n := r.IntN(100); {
	case n < 67:
		it.state = "running"
	case n < 87:
		it.state = "deallocated"
	case n < 90:
		it.state = "stopped"
	case n < 92:
		it.state, it.provisioning = "starting", "Updating"
	case n < 94:
		it.state, it.provisioning = "deallocating", "Updating"
	case n < 95:
		it.state = "stopping"
	case n < 96:
		it.state = "unknown"
	case n < 97:
		it.state, it.provisioning = "", "Creating"
	case n < 98:
		it.state, it.provisioning = "", "Failed"
	default: // an extension failed, the machine runs
		it.state, it.provisioning = "running", "Failed"
	}
}

func drawScaleSet(r *rand.Rand, it *resource) {
	it.size, it.count = machineSize(r, it.sub), r.IntN(12)
	it.spot = r.IntN(4) == 0
	it.provisioning = pick(r, []string{"Succeeded", "Succeeded", "Succeeded", "Succeeded", "Updating", "Creating", "Failed"})
}

func drawCluster(r *rand.Rand, it *resource) {
	it.pools = []pool{{"system", it.sub.size("Standard_D4s_v5"), 3}}
	if r.IntN(2) == 0 {
		it.pools = append(it.pools, pool{"user", it.sub.size("Standard_E16s_v5"), 1 + r.IntN(9)})
	}
	if it.sub.name == "Contoso AI Lab" {
		it.pools = append(it.pools, pool{"gpu", it.sub.size("Standard_NC4as_T4_v3"), 1 + r.IntN(4)})
	}
	it.state = "Running"
	switch r.IntN(8) {
	case 0:
		it.state = "Stopped"
	case 1:
		it.provisioning = "Creating"
	case 2:
		it.provisioning = "Failed"
	}
}

func drawSite(r *rand.Rand, it *resource) {
	it.state = pick(r, []string{"Running", "Running", "Running", "Running", "Stopped"})
}

func drawContainerApp(r *rand.Rand, it *resource) {
	it.state = pick(r, []string{"Running", "Running", "Running", "Running", "Stopped", "Suspended", "Progressing", ""})
	if it.state == "" {
		it.provisioning = "Failed"
	}
}

func drawSQL(r *rand.Rand, it *resource) {
	it.parent = "sql-" + short(it.region) + "-" + strings.ToLower(it.group) + "/databases/"
	it.state = pick(r, []string{"Online", "Online", "Online", "Online", "Paused", "Resuming", "Creating", "Inaccessible", "Scaling"})
}

func drawPostgres(r *rand.Rand, it *resource) {
	it.state = pick(r, []string{"Ready", "Ready", "Ready", "Ready", "Stopped", "Starting", "Stopping", "Updating", "Dropping", "Inaccessible"})
}
