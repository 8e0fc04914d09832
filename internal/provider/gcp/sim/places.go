package gcpsim

import (
	"maps"
	"slices"
	"strconv"
	"strings"
)

// computeEndpoints are the methods of compute v1: what an inventory, and a client that looks for one machine, asks.
func (c *cloud) computeEndpoints() []endpoint {
	const base = "compute.googleapis.com/compute/v1/projects/{project}"
	list := []string{"filter", "maxResults", "orderBy", "pageToken", "returnPartialSuccess"}
	aggregated := append([]string{"includeAllScopes", "serviceProjectNumber"}, list...)
	return []endpoint{
		{base, nil, c.getComputeProject},
		{base + "/regions", list, c.listRegions},
		{base + "/regions/{region}", nil, c.getRegion},
		{base + "/zones", list, c.listZones},
		{base + "/zones/{zone}", nil, c.getZone},
		{base + "/aggregated/instances", aggregated, c.listInstances},
		{base + "/zones/{zone}/instances", list, c.listZonalInstances},
		{base + "/zones/{zone}/instances/{name}", nil, c.getInstance},
		{base + "/aggregated/machineTypes", aggregated, c.aggregated("machineTypes", machineObjects)},
		{base + "/zones/{zone}/machineTypes", list, c.zonal("machineType", machineObjects)},
		{base + "/aggregated/acceleratorTypes", aggregated, c.aggregated("acceleratorTypes", cardObjects)},
		{base + "/zones/{zone}/acceleratorTypes", list, c.zonal("acceleratorType", cardObjects)},
	}
}

// quotas are some limits of a region, with what is used of them.
func (c *cloud) quotas(p *project, region string) []object {
	cpus, t4 := 0.0, 0
	for _, v := range p.vms {
		if regionOf(v.zone) == region && v.status == "RUNNING" {
			cpus += v.kind.cpus
			if kind, n := v.cards(); kind == "nvidia-tesla-t4" {
				t4 += n
			}
		}
	}
	return []object{{"metric": "CPUS", "limit": 5000.0, "usage": cpus}, {"metric": "NVIDIA_T4_GPUS", "limit": 64.0, "usage": float64(t4)}}
}

func (c *cloud) getComputeProject(in *call) (any, *problem) {
	p := c.project(in.PathValue("project"))
	return in.mask.apply(object{
		"kind": "compute#project", "id": p.number, "name": p.id, "selfLink": computeBase + p.id, "defaultNetworkTier": "PREMIUM",
		"creationTimestamp": "2024-05-01T03:00:00.000-07:00", "quotas": []object{{"metric": "GPUS_ALL_REGIONS", "limit": 128.0, "usage": 0.0}},
	}), nil
}

func (c *cloud) region(p *project, name string) object {
	at := computeBase + p.id
	var inside []string
	for _, z := range zones() {
		if regionOf(z) == name {
			inside = append(inside, at+"/zones/"+z)
		}
	}
	return object{
		"kind": "compute#region", "id": strconv.Itoa(1000 + len(name)), "name": name, "description": name, "status": "UP", "zones": inside,
		"selfLink": at + "/regions/" + name, "quotas": c.quotas(p, name),
	}
}

func regions() []string {
	all := zones()
	for i := range all {
		all[i] = regionOf(all[i])
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func (c *cloud) listRegions(in *call) (any, *problem) {
	p := c.project(in.PathValue("project"))
	var all []object
	for _, name := range regions() {
		all = append(all, c.region(p, name))
	}
	return in.items("compute#regionList", all)
}

func (c *cloud) getRegion(in *call) (any, *problem) {
	p := c.project(in.PathValue("project"))
	return one(in, regions(), func(name string) bool { return name == in.PathValue("region") }, func(name string) object { return c.region(p, name) })
}

func (c *cloud) zone(p *project, name string) object {
	at := computeBase + p.id
	return object{
		"kind": "compute#zone", "id": strconv.Itoa(2000 + len(name)), "name": name, "description": name, "status": "UP",
		"region": at + "/regions/" + regionOf(name), "selfLink": at + "/zones/" + name,
	}
}

func (c *cloud) listZones(in *call) (any, *problem) {
	p := c.project(in.PathValue("project"))
	var all []object
	for _, name := range zones() {
		all = append(all, c.zone(p, name))
	}
	return in.items("compute#zoneList", all)
}

func (c *cloud) getZone(in *call) (any, *problem) {
	p := c.project(in.PathValue("project"))
	return one(in, zones(), func(name string) bool { return name == in.PathValue("zone") }, func(name string) object { return c.zone(p, name) })
}

// listZonalInstances is instances.list: those of one zone.
func (c *cloud) listZonalInstances(in *call) (any, *problem) {
	p, bad := c.inZone(in)
	if bad != nil {
		return nil, bad
	}
	var all []object
	for _, v := range p.vms {
		if v.zone == in.PathValue("zone") {
			all = append(all, v.object())
		}
	}
	return in.items("compute#instanceList", all)
}

// getInstance takes a name or an id.
func (c *cloud) getInstance(in *call) (any, *problem) {
	p, bad := c.inZone(in)
	if bad != nil {
		return nil, bad
	}
	return one(in, p.vms, func(v *vm) bool {
		return v.zone == in.PathValue("zone") && (v.name == in.PathValue("name") || strconv.FormatUint(v.id, 10) == in.PathValue("name"))
	}, (*vm).object)
}

// inZone returns the project of a call that names a zone, which must exist.
func (c *cloud) inZone(in *call) (*project, *problem) {
	if zone := in.PathValue("zone"); !slices.Contains(zones(), zone) {
		return nil, invalid("Invalid value for field 'zone': '"+zone+"'. Unknown zone.").because("invalid", "global")
	}
	return c.project(in.PathValue("project")), nil
}

// items is a list of compute v1, filtered and paged by maxResults.
func (in *call) items(kind string, all []object) (any, *problem) {
	keep, bad := readFilter(in.query.Get("filter"))
	if bad != nil {
		return nil, bad
	}
	all = slices.DeleteFunc(all, func(o object) bool { return !keep.holds(o) })
	p, bad := in.pageOf(len(all), 500, "maxResults", true)
	if bad != nil {
		return nil, bad
	}
	out := object{}
	for field, v := range map[string]string{"kind": kind, "id": strings.TrimPrefix(in.URL.Path, "/compute/v1/"), "selfLink": "https://www.googleapis.com" + in.URL.Path} {
		if in.mask.has(field) {
			out[field] = v
		}
	}
	below, _ := in.mask.at("items")
	put(in, out, "items", below.apply(all[p.from:p.to]).([]object))
	putNext(in, out, p)
	return out, nil
}

// machineObjects are the machine types of a zone, as the schema MachineType has them.
func machineObjects(p *project, zone string) []object {
	at := computeBase + p.id + "/zones/" + zone
	var all []object
	for _, t := range machineTypes() {
		o := object{
			"kind": "compute#machineType", "id": strconv.Itoa(3000 + len(t.name)), "name": t.name, "guestCpus": int(t.cpus), "zone": zone,
			"memoryMb": int(t.memory * 1024), "isSharedCpu": t.paid > 0 || t.whole != "", "selfLink": at + "/machineTypes/" + t.name,
			"maximumPersistentDisks": 128, "maximumPersistentDisksSizeGb": "263168", "creationTimestamp": "1969-12-31T16:00:00.000-08:00",
		}
		if t.cards > 0 {
			o["accelerators"] = []object{{"guestAcceleratorType": t.card, "guestAcceleratorCount": t.cards}}
		}
		all = append(all, o)
	}
	return all
}

// cardObjects are the accelerator types of a zone, as the schema AcceleratorType has them.
func cardObjects(p *project, zone string) []object {
	at := computeBase + p.id + "/zones/"
	var all []object
	for _, name := range slices.Sorted(maps.Keys(cards())) {
		all = append(all, object{
			"kind": "compute#acceleratorType", "id": strconv.Itoa(4000 + len(name)), "name": name, "description": people(name), "zone": at + zone,
			"maximumCardsPerInstance": 8, "selfLink": at + zone + "/acceleratorTypes/" + name,
		})
	}
	return all
}

// zonal is the list of what every zone has.
func (c *cloud) zonal(kind string, make func(*project, string) []object) answer {
	return func(in *call) (any, *problem) {
		p, bad := c.inZone(in)
		if bad != nil {
			return nil, bad
		}
		return in.items("compute#"+kind+"List", make(p, in.PathValue("zone")))
	}
}

// aggregated is the list of what every zone has, by zone.
func (c *cloud) aggregated(field string, make func(*project, string) []object) answer {
	return func(in *call) (any, *problem) {
		keep, bad := readFilter(in.query.Get("filter"))
		if bad != nil {
			return nil, bad
		}
		p := c.project(in.PathValue("project"))
		type row struct {
			zone string
			object
		}
		var all []row
		for _, zone := range slices.Sorted(slices.Values(zones())) {
			for _, o := range make(p, zone) {
				if keep.holds(o) {
					all = append(all, row{zone, o})
				}
			}
		}
		pg, bad := in.pageOf(len(all), 500, "maxResults", true)
		if bad != nil {
			return nil, bad
		}
		found := map[string][]object{}
		for _, r := range all[pg.from:pg.to] {
			found[r.zone] = append(found[r.zone], r.object)
		}
		items := object{}
		for _, zone := range zones() {
			if items["zones/"+zone] = nothingOn(zone); len(found[zone]) > 0 {
				items["zones/"+zone] = object{field: found[zone]}
			}
		}
		out := object{"items": items, "kind": "compute#" + strings.TrimSuffix(field, "s") + "AggregatedList", "id": "projects/" + p.id + "/aggregated/" + field}
		out, _ = in.mask.apply(out).(object)
		putNext(in, out, pg)
		return out, nil
	}
}
