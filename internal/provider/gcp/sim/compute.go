package gcpsim

import (
	"cmp"
	"encoding/json"
	"slices"
	"strconv"
	"time"
)

const computeBase = "https://www.googleapis.com/compute/v1/projects/"

// reachable reports whether an instance is in a zone that answers.
func (c *cloud) reachable(v *vm) bool { return !c.world.Incidents() || v.zone != unreachable }

// sortVMs puts the reachable instances of each project in the order of aggregated lists: by zone and name.
func (c *cloud) sortVMs() {
	for _, v := range c.vms {
		if c.reachable(v) {
			v.project.vms = append(v.project.vms, v)
		}
	}
	for _, p := range c.projects {
		slices.SortFunc(p.vms, func(a, b *vm) int { return cmp.Or(cmp.Compare(a.zone, b.zone), cmp.Compare(a.name, b.name)) })
	}
}

// listInstances is instances.aggregatedList.
func (c *cloud) listInstances(in *call) (any, *problem) {
	keep, bad := readFilter(in.query.Get("filter"))
	if bad != nil {
		return nil, bad
	}
	project := c.project(in.PathValue("project"))
	vms := project.vms
	if len(keep) > 0 {
		vms = slices.DeleteFunc(slices.Clone(vms), func(v *vm) bool { return !keep.holds(v.object()) })
	}
	scopes, _ := in.mask.at("items")
	scope, _ := scopes.at("zones/any")
	below, wanted := scope.at("instances")
	all := c.ready(in, "instances "+project.id+" "+in.query.Get("filter"), below, func(add func(object)) {
		for _, v := range vms {
			add(v.object())
		}
	})
	p, bad := in.pageOf(len(all), 500, "maxResults", true)
	if bad != nil {
		return nil, bad
	}
	byZone := map[string][]json.RawMessage{}
	for i := p.from; i < p.to && wanted; i++ {
		byZone[vms[i].zone] = append(byZone[vms[i].zone], all[i])
	}
	out := object{}
	if in.mask.has("items") {
		out["items"] = c.scopes(scope, byZone)
	}
	head := object{
		"kind": "compute#instanceAggregatedList", "id": "projects/" + project.id + "/aggregated/instances",
		"selfLink": computeBase + project.id + "/aggregated/instances",
	}
	for field, v := range head {
		if in.mask.has(field) {
			out[field] = v
		}
	}
	if c.world.Incidents() {
		put(in, out, "unreachables", []string{"zones/" + unreachable})
	}
	putNext(in, out, p)
	return out, nil
}

// scopes puts the instances of a page under their zones; the other zones have a warning.
func (c *cloud) scopes(m mask, byZone map[string][]json.RawMessage) object {
	items := object{}
	for _, zone := range zones() {
		if c.world.Incidents() && zone == unreachable {
			continue
		}
		if found := byZone[zone]; len(found) > 0 {
			items["zones/"+zone] = object{"instances": found}
			continue
		}
		items["zones/"+zone] = m.apply(nothingOn(zone))
	}
	return items
}

// nothingOn is a zone without anything on a page.
func nothingOn(zone string) object {
	return object{"warning": object{
		"code": "NO_RESULTS_ON_PAGE", "message": "There are no results for scope 'zones/" + zone + "' on this page.",
		"data": []object{{"key": "scope", "value": "zones/" + zone}},
	}}
}

// object is the schema Instance.
func (v *vm) object() object {
	at := computeBase + v.project.id + "/zones/" + v.zone
	id := strconv.FormatUint(v.id, 10)
	o := object{
		"kind": "compute#instance", "id": id, "name": v.name, "zone": at, "status": v.status, "machineType": at + "/machineTypes/" + v.kind.name,
		"selfLink": at + "/instances/" + v.name, "cpuPlatform": "Intel Cascade Lake", "fingerprint": "fp" + id[:6] + "=", "labelFingerprint": "42WmSpB8rSM=",
		"creationTimestamp":  v.created.In(time.FixedZone("", -8*3600)).Format("2006-01-02T15:04:05.000-07:00"),
		"lastStartTimestamp": v.created.Add(time.Minute).Format("2006-01-02T15:04:05.000-07:00"),
		"metadata": object{"kind": "compute#metadata", "fingerprint": "x=", "items": []object{
			{"key": "startup-script", "value": "export DB_PASSWORD=MARKER-SECRET"}, {"key": "ssh-keys", "value": "ops:MARKER-SECRET"},
		}},
		"tags":       object{"items": []string{"http-server"}, "fingerprint": "t="},
		"scheduling": v.scheduling(), "canIpForward": false, "deletionProtection": v.project.title == "Acme Production", "startRestricted": false,
		"networkInterfaces": []object{{
			"name": "nic0", "network": computeBase + v.project.id + "/global/networks/default", "networkIP": v.ip, "stackType": "IPV4_ONLY",
			"accessConfigs": []object{{"kind": "compute#accessConfig", "type": "ONE_TO_ONE_NAT", "name": "External NAT"}},
		}},
	}
	if v.status == "RUNNING" {
		o["networkInterfaces"].([]object)[0]["accessConfigs"].([]object)[0]["natIP"] = "34." + v.ip[3:]
	}
	if v.labels != nil {
		o["labels"] = v.labels
	}
	var disks []object
	for i := range v.disks {
		disks = append(disks, object{
			"kind": "compute#attachedDisk", "index": i, "deviceName": "disk-" + strconv.Itoa(i), "diskSizeGb": strconv.Itoa(50 * (i + 1)), "boot": i == 0,
		})
	}
	o["disks"] = disks
	if kind, n := v.cards(); n > 0 && (v.gpus > 0 || v.kind.named) {
		o["guestAccelerators"] = []object{{"acceleratorType": at + "/acceleratorTypes/" + kind, "acceleratorCount": n}}
	}
	return o
}

func (v *vm) scheduling() object {
	s := object{"onHostMaintenance": "MIGRATE", "automaticRestart": true, "preemptible": false, "provisioningModel": "STANDARD"}
	if v.spot {
		s = object{"onHostMaintenance": "TERMINATE", "automaticRestart": false, "preemptible": true, "provisioningModel": "SPOT"}
	}
	return s
}
