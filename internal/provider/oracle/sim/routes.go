package oraclesim

import (
	"net/http"
	"strings"
)

// route answers a call in a region. What a path's {id} stands for is r.PathValue("id").
type route func(w http.ResponseWriter, r *http.Request, at *region) *fault

// endpoint is a call of a service, which is the first label of its host name.
type endpoint struct {
	method, service, path string
	answer                route
}

// endpoints are the calls that are answered. Of what is not simulated of these services there is nothing in the
// tenancy: its lists are empty.
func (c *cloud) endpoints() []endpoint {
	const iaas, identity, cc, oke, db = "/20160918", "/20160918", "/20210415", "/20180222", "/20160918"
	return []endpoint{
		{"GET", "iaas", iaas + "/instances", listed(c, instances())},
		{"GET", "iaas", iaas + "/instances/{id}", single(instances())},
		{"GET", "iaas", iaas + "/shapes", c.listShapes},
		{"GET", "iaas", iaas + "/images", c.listImages},
		{"GET", "iaas", iaas + "/images/{id}", c.getImage},
		{"GET", "iaas", iaas + "/vnicAttachments", c.listAttachments},
		{"GET", "iaas", iaas + "/vnics/{id}", c.getVNIC},
		{"POST", "iaas", iaas + "/computeCapacityReports", c.reportCapacity},
		{"GET", "iaas", iaas + "/computeCapacityTopologies", c.none(true)},
		{"GET", "iaas", iaas + "/bootVolumeAttachments", c.none(false)},
		{"GET", "iaas", iaas + "/volumeAttachments", c.none(false)},
		{"GET", "iaas", iaas + "/dedicatedVmHosts", c.none(false)},

		{"GET", "compute-containers", cc + "/containerInstances", listed(c, containerInstances())},
		{"GET", "compute-containers", cc + "/containerInstances/{id}", single(containerInstances())},
		{"GET", "compute-containers", cc + "/containers", c.listContainers},
		{"GET", "compute-containers", cc + "/containerInstanceShapes", c.listContainerShapes},

		{"GET", "containerengine", oke + "/clusters", listed(c, clusters())},
		{"GET", "containerengine", oke + "/clusters/{id}", single(clusters())},
		{"GET", "containerengine", oke + "/nodePools", listed(c, nodePools())},
		{"GET", "containerengine", oke + "/nodePools/{id}", single(nodePools())},
		{"GET", "containerengine", oke + "/virtualNodePools", listed(c, virtualPools())},
		{"GET", "containerengine", oke + "/virtualNodePools/{id}", single(virtualPools())},
		{"GET", "containerengine", oke + "/clusterOptions/{id}", c.getClusterOptions},
		{"GET", "containerengine", oke + "/nodePoolOptions/{id}", c.getNodePoolOptions},
		{"GET", "containerengine", oke + "/workRequests", c.none(false)},

		{"GET", "database", db + "/autonomousDatabases", listed(c, databases())},
		{"GET", "database", db + "/autonomousDatabases/{id}", single(databases())},
		{"GET", "database", db + "/dbSystems", c.none(false)},

		{"GET", "identity", identity + "/compartments", c.listCompartments},
		{"GET", "identity", identity + "/compartments/{id}", c.getCompartment},
		{"GET", "identity", identity + "/tenancies/{id}", c.getTenancy},
		{"GET", "identity", identity + "/tenancies/{id}/regionSubscriptions", c.listSubscriptions},
		{"GET", "identity", identity + "/regions", c.listRegions},
		{"GET", "identity", identity + "/availabilityDomains", c.listDomains},
		{"GET", "identity", identity + "/faultDomains", c.listFaultDomains},
		{"GET", "identity", identity + "/users", c.listUsers},
		{"GET", "identity", identity + "/users/{id}", c.getUser},
		{"GET", "identity", identity + "/users/{id}/apiKeys", c.listKeys},

		{"POST", "telemetry", "/20180401/metrics/actions/summarizeMetricsData", c.summarize},
		{"POST", "telemetry", "/20180401/metrics/actions/listMetrics", c.listMetrics},
		{"GET", "telemetry", "/20180401/alarms", c.none(false)},

		{"POST", "query", "/20180409/resources", c.search},
		{"GET", "query", "/20180409/resourceTypes", c.listResourceTypes},
		{"GET", "query", "/20180409/resourceTypes/{id}", c.getResourceType},

		{"GET", "limits", "/20190729/services", c.listServices},
		{"GET", "limits", "/20190729/limitDefinitions", c.listDefinitions},
		{"GET", "limits", "/20190729/limitValues", c.listLimits},
		{"GET", "limits", "/20190729/services/{service}/limits/{id}/resourceAvailability", c.getAvailability},
	}
}

// route returns what answers a path: its version and what follows.
func (c *cloud) route(service string, r *http.Request) (route, *fault) {
	known := false
	for i := range c.routes {
		e := &c.routes[i]
		if e.service != service || !e.matches(r) {
			continue
		}
		if e.method == r.Method {
			return e.answer, nil
		}
		known = true
	}
	if known {
		return nil, faultOf(http.StatusMethodNotAllowed)
	}
	return nil, hidden()
}

// matches reports whether the request's path is the endpoint's, and notes what its {names} stand for.
func (e *endpoint) matches(r *http.Request) bool {
	want, got := strings.Split(e.path, "/"), strings.Split(r.URL.Path, "/")
	if len(want) != len(got) {
		return false
	}
	for i := range want {
		name, variable := strings.CutPrefix(want[i], "{")
		switch {
		case variable && got[i] != "":
			r.SetPathValue(strings.TrimSuffix(name, "}"), got[i])
		case want[i] != got[i]:
			return false
		}
	}
	return true
}

func listed[T any](c *cloud, l lister[T]) route {
	return func(w http.ResponseWriter, r *http.Request, at *region) *fault { return l.serve(c, w, r, at) }
}

// single answers with the one element of a list that has the path's id.
func single[T any](l lister[T]) route {
	return func(w http.ResponseWriter, r *http.Request, at *region) *fault {
		for k, all := range l.all(at) {
			for _, v := range all {
				if l.thing(v).id != r.PathValue("id") || k.denied {
					continue
				}
				if l.whole != nil {
					writeJSON(w, http.StatusOK, l.whole(v))
				} else {
					writeRaw(w, http.StatusOK, l.append(nil, v))
				}
				return nil
			}
		}
		return hidden()
	}
}

// none answers a list call with an empty list: [], or {"items": []}.
func (c *cloud) none(wrapped bool) route {
	return func(w http.ResponseWriter, r *http.Request, _ *region) *fault {
		if _, f := c.readable(r); f != nil {
			return f
		}
		if _, _, f := c.page(w, r, 0); f != nil {
			return f
		}
		if wrapped {
			writeJSON(w, http.StatusOK, object{"items": []object{}})
		} else {
			writeJSON(w, http.StatusOK, []object{})
		}
		return nil
	}
}
