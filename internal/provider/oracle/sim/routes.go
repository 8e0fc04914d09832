package oraclesim

import (
	"net/http"
	"strings"
)

// route answers a call in a region.
type route func(w http.ResponseWriter, r *http.Request, at *region) *fault

// route returns the answer to a path: its version and what follows.
func (c *cloud) route(service string, r *http.Request) (route, *fault) {
	var found route
	method := http.MethodGet
	switch key := service + " " + r.URL.Path; key {
	case "iaas /20160918/instances":
		found = listed(c, instances())
	case "iaas /20160918/shapes":
		found = c.listShapes
	case "compute-containers /20210415/containerInstances":
		found = listed(c, containerInstances())
	case "containerengine /20180222/clusters":
		found = listed(c, clusters())
	case "containerengine /20180222/nodePools":
		found = listed(c, nodePools())
	case "database /20160918/autonomousDatabases":
		found = listed(c, databases())
	case "identity /20160918/compartments":
		found = c.listCompartments
	case "identity /20160918/regions":
		found = c.listRegions
	case "identity /20160918/availabilityDomains":
		found = c.listDomains
	case "telemetry /20180401/metrics/actions/summarizeMetricsData":
		found, method = c.summarize, http.MethodPost
	case "telemetry /20180401/metrics/actions/listMetrics":
		found, method = c.listMetrics, http.MethodPost
	case "query /20180409/resources":
		found, method = c.search, http.MethodPost
	case "query /20180409/resourceTypes":
		found = c.listResourceTypes
	case "limits /20190729/limitValues":
		found = c.listLimits
	default:
		found = c.single(service, r.URL.Path)
	}
	if found == nil {
		return nil, hidden()
	}
	if r.Method != method {
		return nil, faultOf(http.StatusMethodNotAllowed)
	}
	return found, nil
}

func listed[T any](c *cloud, l lister[T]) route {
	return func(w http.ResponseWriter, r *http.Request, at *region) *fault { return l.serve(c, w, r, at) }
}

// single returns the answer to a path with an identifier in it.
func (c *cloud) single(service, path string) route {
	base, id, _ := strings.Cut(strings.TrimPrefix(path, "/20160918/"), "/")
	switch service + " " + base {
	case "identity tenancies":
		if tenancy, ok := strings.CutSuffix(id, "/regionSubscriptions"); ok {
			return c.inTenancy(tenancy, c.listSubscriptions)
		}
		return c.inTenancy(id, c.getTenancy)
	case "identity compartments":
		return func(w http.ResponseWriter, _ *http.Request, _ *region) *fault {
			k := c.byID[id]
			if k == nil || k.parent == nil {
				return hidden()
			}
			writeJSON(w, http.StatusOK, k.wire())
			return nil
		}
	case "iaas instances":
		return func(w http.ResponseWriter, _ *http.Request, at *region) *fault { return getInstance(w, at, id) }
	}
	return nil
}

// inTenancy lets a call through that names the user's own tenancy.
func (c *cloud) inTenancy(id string, then route) route {
	return func(w http.ResponseWriter, r *http.Request, at *region) *fault {
		if id != c.tenancy {
			return hidden()
		}
		return then(w, r, at)
	}
}

func getInstance(w http.ResponseWriter, at *region, id string) *fault {
	for k, all := range at.instances {
		for _, n := range all {
			if n.id == id && !k.denied {
				writeRaw(w, http.StatusOK, n.appendJSON(nil))
				return nil
			}
		}
	}
	return hidden()
}
