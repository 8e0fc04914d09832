package azuresim

import (
	"strings"

	"github.com/adsops/cloudtop/internal/sim"
)

// Truth implements sim.Cloud.
func (c *cloud) Truth() sim.Truth {
	c.fill()
	t := sim.Truth{Offers: -1}
	for _, s := range c.subscriptions {
		if s.denied {
			for _, k := range kinds() {
				t.Denied = append(t.Denied, "//"+k.service)
			}
			continue
		}
		t.Accounts = append(t.Accounts, s.id)
	}
	for _, it := range c.resources {
		if !it.system && !it.sub.denied {
			t.Resources = append(t.Resources, c.truth(it))
		}
	}
	return t
}

func (c *cloud) truth(it *resource) sim.Resource {
	native, status := it.words()
	out := sim.Resource{
		Account: it.sub.id, Region: it.region, Service: it.kind.service, Type: it.kind.noun, ID: it.id, Name: it.name,
		Status: status, NativeStatus: native, Tags: it.tags,
	}
	switch it.kind.service {
	case "vms", "scale_sets", "sql":
		out.CreatedAt = it.created
	}
	machines := it.pools
	if it.size != nil {
		machines = []pool{{"", it.size, it.count}}
		if it.kind.service == "vms" {
			machines[0].count = 1
		}
	}
	for _, p := range machines {
		if p.size.gpu == "" {
			continue
		}
		out.GPUType = p.size.gpu
		out.GPUCount += p.size.gpus * float64(p.count)
	}
	if it.measured() {
		out.Metrics = it.readings(c)
	}
	out.HourlyCost = it.cost()
	return out
}

func (r *resource) readings(c *cloud) map[string]float64 {
	all := map[string]float64{}
	for i := range r.kind.metrics {
		if m := &r.kind.metrics[i]; m.truth != "" {
			all[m.truth] = m.read(sample(r.wave(i), m, published(c.world.Now()), 60e9))
		}
	}
	return all
}

// words are the state in Azure's word and in cloudtop's.
func (r *resource) words() (native, status string) {
	changing := map[string]string{"Creating": "starting", "Failed": "failed"}
	switch r.kind.service {
	case "vms":
		if r.state == "" {
			return r.provisioning, changing[r.provisioning]
		}
	case "scale_sets":
		if s := changing[r.provisioning]; s != "" {
			return r.provisioning, s
		}
		if r.count == 0 {
			return r.provisioning, "stopped"
		}
		return r.provisioning, "running"
	case "aks":
		if r.provisioning == "Creating" {
			return r.provisioning, "starting"
		}
	case "container_apps":
		if r.state == "" {
			return r.provisioning, changing[r.provisioning]
		}
	}
	status = map[string]string{
		"running": "running", "online": "running", "ready": "running", "scaling": "running", "updating": "running",
		"deallocated": "stopped", "stopped": "stopped", "paused": "stopped", "suspended": "stopped",
		"starting": "starting", "progressing": "starting", "resuming": "starting", "creating": "starting",
		"stopping": "stopping", "deallocating": "stopping", "dropping": "stopping", "inaccessible": "failed",
	}[strings.ToLower(r.state)]
	if status == "" {
		status = "unknown"
	}
	return r.state, status
}

// cost is what the machines cost by the price list; nil where none is paid for or the list does not tell.
func (r *resource) cost() *float64 {
	n := float64(r.count)
	if r.kind.service == "vms" {
		n = 1
	}
	if r.size == nil || n == 0 || r.state == "deallocated" || r.state == "deallocating" {
		return nil
	}
	windows := r.windows && r.variant%4 != 0 // every fourth brings its own licence
	v := r.size.hourly(r.region, windows, r.spot) * n
	return &v
}
