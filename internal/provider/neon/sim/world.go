package neonsim

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"time"

	"github.com/adsops/cloudtop/internal/sim"
)

// org is an organisation on a plan.
type org struct{ id, name, handle, plan string }

func orgs() []org {
	return []org{
		{"org-bold-sun-12345678", "Acme", "acme", "scale_v3"},
		{"org-calm-moon-87654321", "Side projects", "side-projects", "free_v3"},
	}
}

func regionIDs() []string { return []string{"aws-us-east-2", "aws-eu-central-1", "azure-eastus2"} }

type project struct {
	org        org
	id, name   string
	region     string
	pg         int
	created    time.Time
	storage    int64
	branches   []*branch
	computes   []*compute
	operations []*operation
	cuPerHour  int64 // CU-seconds
}

type branch struct {
	id, name, parent, state string
	size                    int64 // 0 = not told
	created                 time.Time
	main                    bool
}

type compute struct {
	id, branch, kind, state, pending string
	minCU, maxCU                     float64
	suspend                          int
	created                          time.Time
}

type operation struct {
	id, action, status, branch string
	created                    time.Time
}

// build makes n resources: projects with branches, computes and now and then an operation in progress.
func (c *cloud) build(n int) {
	r := c.world.Rand("neon", "world")
	for i := 0; n > 0; i++ {
		p := newProject(r, i)
		c.projects = append(c.projects, p)
		n--
		for turn := 0; turn < 6 && n > 0; turn++ {
			switch {
			case turn%2 == 0 && turn < 4 || turn == 4 && i%2 == 0:
				p.branches = append(p.branches, newBranch(r, p, turn))
				n--
			case turn == 1 || turn == 3:
				p.computes = append(p.computes, newCompute(r, p, i+turn))
				n--
			case turn == 5 && i%3 == 0:
				p.operations = append(p.operations, newOperation(r, p, i))
				n--
			}
		}
		for done := range 3 {
			p.operations = append(p.operations, &operation{
				id: uuid(r), action: "suspend_compute", status: "finished", branch: p.branchID(),
				created: sim.Epoch.Add(-time.Duration(done+1) * time.Hour),
			})
		}
	}
}

func pick[T any](r *rand.Rand, from []T) T { return from[r.IntN(len(from))] }

func uuid(r *rand.Rand) string {
	a, b := r.Uint64(), r.Uint64()
	return fmt.Sprintf("%08x-%04x-4%03x-8%03x-%012x", a>>32, a>>16&0xffff, a&0xfff, b>>48&0xfff, b&0xffffffffffff)
}

// slug is how Neon names things: "shiny-wind-12345678".
func slug(r *rand.Rand) string {
	return fmt.Sprintf("%s-%s-%08d", pick(r, []string{"shiny", "late", "icy", "round", "wispy"}),
		pick(r, []string{"wind", "queen", "brook", "sky", "thunder"}), r.IntN(1e8))
}

func past(r *rand.Rand, days int) time.Time {
	return sim.Epoch.Add(-time.Duration(1+r.IntN(days*24*3600)) * time.Second)
}

func newProject(r *rand.Rand, i int) *project {
	p := &project{
		org: orgs()[min(i%3, 1)], id: slug(r), name: pick(r, []string{"shop", "auth", "分析", "billing"}) + "-" + strconv.Itoa(i),
		region: pick(r, regionIDs()), pg: 15 + r.IntN(4), created: past(r, 700),
		storage: r.Int64N(200e9), cuPerHour: r.Int64N(3600),
	}
	if i%5 == 4 {
		p.storage = 0 // not told
	}
	return p
}

func (p *project) branchID() string {
	if len(p.branches) == 0 {
		return ""
	}
	return p.branches[len(p.branches)-1].id
}

func newBranch(r *rand.Rand, p *project, turn int) *branch {
	b := &branch{
		id: "br-" + slug(r), name: "main", state: "ready", size: 1e6 + r.Int64N(50e9), created: p.created, main: turn == 0,
	}
	if turn > 0 {
		b.name, b.parent, b.created = "dev-"+strconv.Itoa(turn), p.branches[0].id, p.created.Add(time.Hour)
		b.state = pick(r, []string{"ready", "ready", "archived", "init", "resetting"})
	}
	if b.state != "ready" {
		b.size = 0
	}
	return b
}

func newCompute(r *rand.Rand, p *project, i int) *compute {
	sizes := []float64{0.25, 0.5, 1, 2, 4}
	low := pick(r, sizes)
	c := &compute{
		id: "ep-" + slug(r), branch: p.branchID(), kind: "read_write", state: []string{"active", "idle", "active", "init"}[i%4],
		minCU: low, maxCU: low * float64(1+r.IntN(4)), suspend: []int{0, -1, 600}[i/2%3], created: p.created,
	}
	switch i % 11 {
	case 5:
		c.kind = "read_only"
	case 9:
		c.state, c.pending = "idle", "active"
	}
	return c
}

func newOperation(r *rand.Rand, p *project, i int) *operation {
	return &operation{
		id: uuid(r), action: pick(r, []string{"start_compute", "create_branch", "apply_config"}), branch: p.branchID(),
		status: []string{"running", "scheduling", "cancelling"}[i/3%3], created: sim.Epoch.Add(-time.Minute),
	}
}
