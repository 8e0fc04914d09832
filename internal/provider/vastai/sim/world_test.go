package vastaisim

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/adsops/cloudtop/internal/sim"
)

// TestInstancesDoNotContradictThemselves checks the relations that show_instances.yaml tells between fields.
func TestInstancesDoNotContradictThemselves(t *testing.T) {
	t.Parallel()
	c := world(t, 400, sim.Options{Seed: 9}).cloud
	near := func(a, b float64) bool { return math.Abs(a-b) < 3e-6 }
	last := 0
	for _, k := range c.contracts {
		switch l := &k.lease; {
		case l.ID <= last:
			t.Errorf("instance %d comes after %d", l.ID, last)
		case !near(l.DPHTotal, l.DPHBase+l.StorageTotalCost), !near(l.Search.Total, l.DPHTotal), !near(l.Search.GPU, l.DPHBase), !near(l.Search.Disk, l.StorageTotalCost):
			t.Errorf("instance %d: the parts of its price do not add up: %+v of %v", l.ID, l.Search, l.DPHTotal)
		case !near(l.StorageTotalCost, l.DiskSpace*l.StorageCost/720):
			t.Errorf("instance %d: %v GB at %v a month cost %v an hour", l.ID, l.DiskSpace, l.StorageCost, l.StorageTotalCost)
		case l.Instance.Total != l.Instance.GPU+l.Instance.Disk && !near(l.Instance.Total, l.Instance.GPU+l.Instance.Disk), (l.Instance.GPU > 0) != k.life.billed:
			t.Errorf("instance %d (%s): is billed %+v", l.ID, k.life.actual, l.Instance)
		case l.IsBid && l.DPHBase != l.MinBid, l.IsBid && l.MinBid == 0:
			t.Errorf("instance %d: bids %v, the least bid is %v", l.ID, l.DPHBase, l.MinBid)
		case l.GPUTotalRAM != l.GPURAM*l.NumGPUs, l.GPUFrac <= 0, l.GPUFrac > 1, l.NumGPUs < 1, l.CPUCoresEffective > float64(l.CPUCores):
			t.Errorf("instance %d: %d cards of %d MB are %d MB, %v of the machine, %v of %d cores", l.ID, l.NumGPUs, l.GPURAM, l.GPUTotalRAM, l.GPUFrac, l.CPUCoresEffective, l.CPUCores)
		case l.StartDate >= float64(sim.Epoch.Unix()), l.EndDate <= float64(sim.Epoch.Unix()):
			t.Errorf("instance %d: from %v to %v", l.ID, l.StartDate, l.EndDate)
		case (l.Ports != nil) != k.life.live, (l.Score != nil) != k.life.live, (l.DLPerf == nil) != (l.DLPerfPerDPHTotal == nil):
			t.Errorf("instance %d (%s): ports %v, score %v", l.ID, k.life.actual, l.Ports, l.Score)
		case (l.TemplateID == nil) != (l.TemplateName == nil), (l.TemplateID == nil) != (l.TemplateHashID == nil):
			t.Errorf("instance %d: half a template", l.ID)
		}
		last = k.ID
		for hours := range 30 {
			r := k.read(sim.Epoch.AddDate(0, 0, hours))
			percent := func(v *float64) bool { return v == nil || *v >= 0 && *v <= 100 }
			if r.CPUUtil < 0 || r.CPUUtil > 1 || !percent(r.GPUUtil) || r.GPUTemp != nil && (*r.GPUTemp < 20 || *r.GPUTemp > 95) ||
				r.MemUsage != nil && *r.MemUsage > *r.MemLimit || r.DiskUsage > k.DiskSpace || r.DiskUtil > 1 || r.Duration < 0 || (r.MemUsage == nil) != (r.MemLimit == nil) {
				t.Errorf("instance %d after %d days: got %+v", k.ID, hours, r)
				break
			}
		}
	}
}

// TestVolumesAndInstancesKnowEachOther follows both directions.
func TestVolumesAndInstancesKnowEachOther(t *testing.T) {
	t.Parallel()
	for _, n := range []int{4, 60, 300} {
		c := world(t, n, sim.Options{Seed: 9}).cloud
		uses := map[string]bool{}
		for _, v := range c.volumes {
			for _, i := range v.Instances {
				uses[fmt.Sprint(v.ID, " by ", i.ID)] = true
			}
			if v.network != (v.ClusterID != nil) || v.network && len(v.Instances) > 0 || v.DiskSpace <= 0 || v.StorageTotalCost <= 0 {
				t.Errorf("%d things: volume %d: cluster %v, %d instances, %v GB", n, v.ID, v.ClusterID, len(v.Instances), v.DiskSpace)
			}
		}
		found := 0
		for _, k := range c.contracts {
			for _, v := range k.VolumeInfo {
				found++
				if !uses[fmt.Sprint(v.ID, " by ", k.ID)] || v.AvailSpace > v.TotalSpace || v.AvailSpace < 0 {
					t.Errorf("%d things: instance %d uses volume %+v, which does not know it", n, k.ID, v)
				}
			}
		}
		if found != len(uses) || found == 0 {
			t.Errorf("%d things: the instances know %d of %d uses", n, found, len(uses))
		}
	}
}

// TestTheMarketKnowsWhatIsRented compares instances with the offers of their machines.
func TestTheMarketKnowsWhatIsRented(t *testing.T) {
	t.Parallel()
	k := world(t, 30, sim.Options{Seed: 9})
	offers := map[float64][]map[string]any{}
	for _, o := range k.search(`{"limit":3000,"rentable":{"in":[true,false]},"allocated_storage":0}`) {
		offers[o["machine_id"].(float64)] = append(offers[o["machine_id"].(float64)], o)
	}
	rented := 0
	for _, i := range k.cloud.contracts[:min(12, len(k.cloud.contracts))] {
		all := offers[float64(i.MachineID)]
		if len(all) == 0 {
			t.Errorf("machine %d of instance %d offers nothing", i.MachineID, i.ID)
		}
		for _, o := range all {
			if o["rented"] != true || o["gpu_name"] != i.GPUName || o["host_id"] != float64(i.HostID) || o["geolocation"] != i.Geolocation || o["verification"] != i.Verification {
				t.Errorf("instance %d is on a %s in %s, its machine offers %v", i.ID, i.GPUName, i.Geolocation, o)
			}
			rented++
		}
	}
	others := 0
	for machine, all := range offers {
		mine := slices.ContainsFunc(k.cloud.contracts, func(c *contract) bool { return float64(c.MachineID) == machine })
		for _, o := range all {
			if o["rented"] == true && !mine {
				t.Errorf("machine %v is said to be rented", machine)
			}
			if o["rented"] != true {
				others++
			}
		}
	}
	if rented == 0 || others == 0 {
		t.Errorf("%d offers are of rented machines, %d of others", rented, others)
	}
}
