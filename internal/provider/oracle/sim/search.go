package oraclesim

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"
)

// searchTypes are the resource types that can be searched for, and the lists that hold them.
func searchTypes() []string {
	return []string{"AutonomousDatabase", "ClustersCluster", "ContainerInstance", "Instance"}
}

// structured reads a query of resource search: `query TYPE, TYPE resources [where FIELD = 'VALUE' && ...]`
// (docs.oracle.com/iaas/Content/Search/Concepts/querysyntax.htm). Only comparisons joined by && are simulated.
var structured = regexp.MustCompile(`(?i)^\s*query\s+([\w\s,]+?)\s+resources(?:\s+where\s+(.+))?\s*$`)

// condition is one comparison.
var condition = regexp.MustCompile(`^\s*(\w+)\s*(!?=)\s*'([^']*)'\s*$`)

// search answers SearchResources. What the user may not see is left out without a word.
func (c *cloud) search(w http.ResponseWriter, r *http.Request, at *region) *fault {
	if f := known(r, "limit", "page", "tenantId"); f != nil {
		return f
	}
	var d struct {
		Type                string `json:"type"`
		Query               string `json:"query"`
		Text                string `json:"text"`
		MatchingContextType string `json:"matchingContextType"`
	}
	if f := decodeBody(r, &d); f != nil {
		return f
	}
	m := structured.FindStringSubmatch(d.Query)
	if d.Type != "Structured" || m == nil {
		return invalid("Unable to parse the query '%s'", d.Query)
	}
	keep, f := conditions(m[2])
	if f != nil {
		return f
	}
	types := strings.FieldsFunc(strings.ToLower(m[1]), func(r rune) bool { return r == ',' || r == ' ' })
	var found []map[string]any
	for _, kind := range searchTypes() {
		if !slices.Contains(types, "all") && !slices.Contains(types, strings.ToLower(kind)) {
			continue
		}
		for _, t := range c.things(at, kind) {
			if !t.compartment.denied && keep(t) {
				found = append(found, t.summary(kind))
			}
		}
	}
	from, to, f := c.page(w, r, len(found))
	if f == nil {
		writeJSON(w, http.StatusOK, map[string]any{"items": append([]map[string]any{}, found[from:to]...)})
	}
	return f
}

// conditions returns what a where clause keeps.
func conditions(where string) (func(*thing) bool, *fault) {
	var all []filter
	for part := range strings.SplitSeq(where, "&&") {
		if strings.TrimSpace(part) == "" {
			continue
		}
		m := condition.FindStringSubmatch(part)
		if m == nil {
			return nil, invalid("Unable to parse the condition '%s'", part)
		}
		all = append(all, filter{strings.ToLower(m[1]), m[2], m[3]})
	}
	return func(t *thing) bool {
		fields := map[string]string{
			"lifecyclestate": t.state, "compartmentid": t.compartment.id, "displayname": t.name, "identifier": t.id,
			"availabilitydomain": t.ad,
		}
		return !slices.ContainsFunc(all, func(f filter) bool {
			v, ok := fields[f.dimension]
			return !ok || strings.EqualFold(v, f.value) != (f.op == "=")
		})
	}, nil
}

// things returns all resources of a type in a region, in the order of the compartments.
func (c *cloud) things(at *region, kind string) []*thing {
	var out []*thing
	for _, k := range c.compartments {
		switch kind {
		case "Instance":
			for _, n := range at.instances[k] {
				out = append(out, &n.thing)
			}
		case "ContainerInstance":
			for _, n := range at.containers[k] {
				out = append(out, &n.thing)
			}
		case "ClustersCluster":
			for _, n := range at.clusters[k] {
				out = append(out, &n.thing)
			}
		case "AutonomousDatabase":
			for _, n := range at.databases[k] {
				out = append(out, &n.thing)
			}
		}
	}
	return out
}

// summary is ResourceSummary of resourcesearch 20180409.
func (t *thing) summary(kind string) map[string]any {
	return map[string]any{
		"resourceType": kind, "identifier": t.id, "compartmentId": t.compartment.id, "displayName": t.name,
		"availabilityDomain": t.ad, "lifecycleState": t.state, "timeCreated": t.created.Format(time.RFC3339),
		"freeformTags": t.tags.free, "definedTags": t.tags.defined, "systemTags": map[string]any{},
	}
}

func (c *cloud) listResourceTypes(w http.ResponseWriter, r *http.Request, _ *region) *fault {
	if f := known(r, "limit", "page"); f != nil {
		return f
	}
	var out []map[string]any
	for _, kind := range searchTypes() {
		out = append(out, map[string]any{"name": kind, "fields": []any{map[string]any{"fieldType": "IDENTIFIER", "fieldName": "identifier"}}})
	}
	return paged(c, w, r, out)
}

// listLimits answers ListLimitValues of limits 20190729, for the GPUs of compute.
func (c *cloud) listLimits(w http.ResponseWriter, r *http.Request, at *region) *fault {
	if f := known(r, "compartmentId", "serviceName", "scopeType", "availabilityDomain", "name", "limit", "page", "sortBy", "sortOrder"); f != nil {
		return f
	}
	q := r.URL.Query()
	switch {
	case q.Get("serviceName") == "":
		return missing("serviceName")
	case q.Get("compartmentId") != c.tenancy:
		return hidden()
	}
	out := []map[string]any{}
	for _, name := range []string{"gpu-a10-count", "gpu-h100-count", "gpu4-count"} {
		for _, ad := range at.ads {
			if q.Get("serviceName") == "compute" && (q.Get("name") == "" || q.Get("name") == name) {
				out = append(out, map[string]any{"name": name, "scopeType": "AD", "availabilityDomain": ad, "value": 16})
			}
		}
	}
	return paged(c, w, r, out)
}
