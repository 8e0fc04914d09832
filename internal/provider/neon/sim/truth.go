package neonsim

import "github.com/adsops/cloudtop/internal/sim"

// Truth implements sim.Cloud.
func (c *cloud) Truth() sim.Truth {
	t := sim.Truth{Offers: -1}
	for _, o := range orgs() {
		t.Accounts = append(t.Accounts, o.id)
	}
	for _, p := range c.projects {
		r := sim.Resource{
			Account: p.org.id, Region: p.region, Service: "projects", Type: "project", ID: p.id, Name: p.name, Status: "unknown",
			CreatedAt: p.created,
		}
		if p.storage > 0 {
			r.Metrics = map[string]float64{"storage_bytes": float64(p.storage)}
		}
		t.Resources = append(t.Resources, r)
		for _, b := range p.branches {
			t.Resources = append(t.Resources, b.truth(p))
		}
		for _, e := range p.computes {
			t.Resources = append(t.Resources, e.truth(p))
		}
		for _, o := range p.operations {
			if o.status == "finished" {
				continue
			}
			t.Resources = append(t.Resources, sim.Resource{
				Account: p.org.id, Region: p.region, Service: "operations", Type: "operation", ID: o.id, Name: p.name + "/" + o.action,
				NativeStatus: o.status, CreatedAt: o.created,
				Status: map[string]string{"running": "running", "scheduling": "starting", "cancelling": "stopping"}[o.status],
			})
		}
	}
	return t
}

func (b *branch) truth(p *project) sim.Resource {
	r := sim.Resource{
		Account: p.org.id, Region: p.region, Service: "branches", Type: "branch", ID: b.id, Name: p.name + "/" + b.name,
		NativeStatus: b.state, CreatedAt: b.created,
		Status: map[string]string{"ready": "running", "init": "starting", "resetting": "starting", "archived": "stopped"}[b.state],
	}
	if b.size > 0 {
		r.Metrics = map[string]float64{"storage_bytes": float64(b.size)}
	}
	return r
}

func (e *compute) truth(p *project) sim.Resource {
	r := sim.Resource{
		Account: p.org.id, Region: p.region, Service: "computes", Type: e.kind, ID: e.id, Name: p.name + "/" + e.id,
		NativeStatus: e.state, CreatedAt: e.created,
		Status: map[string]string{"active": "running", "idle": "stopped", "init": "starting"}[e.state],
	}
	if e.pending == "active" {
		r.Status = "starting"
	}
	r.HourlyCost = new(float64(0))
	if e.state == "active" && p.org.plan == "scale_v3" {
		r.HourlyCost = new(e.maxCU * 0.222) // at most: its size moves between minCU and this
	}
	return r
}
