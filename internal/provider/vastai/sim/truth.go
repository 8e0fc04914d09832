package vastaisim

import (
	"math"
	"reflect"
	"strconv"
	"time"

	"github.com/adsops/cloudtop/internal/sim"
)

// Truth implements sim.Cloud.
func (c *cloud) Truth() sim.Truth {
	id := strconv.Itoa(c.account.ID)
	t := sim.Truth{
		Accounts: []string{id}, Balance: map[string]float64{id: c.account.Credit}, Offers: c.offersForAll(),
		Resources: make([]sim.Resource, 0, len(c.contracts)+len(c.volumes)+len(c.endpoints)),
	}
	now := c.world.Now()
	for _, k := range c.contracts {
		t.Resources = append(t.Resources, k.truth(id, now))
	}
	for _, v := range c.volumes {
		t.Resources = append(t.Resources, sim.Resource{
			Account: id, Region: v.Geolocation, Service: "volumes", Type: "volume", ID: strconv.Itoa(v.ID), Name: text(v.Label),
			Status: "unknown", NativeStatus: v.Status, CreatedAt: moment(v.StartDate), HourlyCost: &v.StorageTotalCost,
		})
	}
	if c.denied("endpoints") {
		t.Denied = []string{"//endpoints"}
		return t
	}
	for _, e := range c.endpoints {
		at, _ := time.Parse(time.RFC3339, e.CreatedAt)
		t.Resources = append(t.Resources, sim.Resource{
			Account: id, Service: "endpoints", Type: "endpoint", ID: strconv.Itoa(e.ID), Name: e.EndpointName,
			Status:       map[string]string{"active": "running", "suspended": "stopped", "stopped": "stopped"}[e.EndpointState],
			NativeStatus: e.EndpointState, CreatedAt: at,
		})
	}
	return t
}

func (k *contract) truth(account string, now time.Time) sim.Resource {
	return sim.Resource{
		Account: account, Region: k.Geolocation, Service: "instances", Type: "instance", ID: strconv.Itoa(k.ID),
		Name: text(k.Label), Status: k.life.means, NativeStatus: k.life.actual, CreatedAt: moment(k.StartDate),
		GPUType: k.GPUName, GPUCount: float64(k.NumGPUs), Metrics: k.truths(now), HourlyCost: &k.Instance.Total,
	}
}

// truths are the readings that are of now, in cloudtop's names and units.
func (k *contract) truths(now time.Time) map[string]float64 {
	all := map[string]float64{}
	r := k.read(now)
	if k.life.stale {
		return all
	}
	if r.DiskUsage >= 0 {
		all["disk_usage_percent"], all["disk_used_bytes"] = r.DiskUtil*100, r.DiskUsage*1e9
	}
	if !k.life.live {
		return all
	}
	all["gpu_usage_percent"], all["gpu_temperature_celsius"] = *r.GPUUtil, *r.GPUTemp
	all["cpu_usage_percent"] = r.CPUUtil * 100
	if r.UptimeMins != nil {
		all["uptime_seconds"] = *r.UptimeMins * 60
	}
	if r.MemUsage != nil {
		all["memory_usage_percent"], all["memory_used_bytes"] = 100**r.MemUsage / *r.MemLimit, *r.MemUsage*1e9
	}
	return all
}

// offersForAll counts what a plain query finds: verified machines of the own market that can be rented and of which
// the account rents nothing, on demand and for bids.
func (c *cloud) offersForAll() int {
	conditions := []condition{
		{"verified", "eq", true}, {"external", "eq", false}, {"rentable", "eq", true}, {"rented", "eq", false},
	}
	all := columnsOf(reflect.TypeFor[offer]())
	n := 0
	for _, kind := range []string{"on-demand", "bid"} {
		n += len(c.matching(&search{kind: kind, diskGB: 5, conditions: conditions}, all))
	}
	return n
}

func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

func moment(seconds float64) time.Time {
	whole, frac := math.Modf(seconds)
	return time.Unix(int64(whole), int64(frac*1e9)).UTC()
}
