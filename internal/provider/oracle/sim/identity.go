package oraclesim

import (
	"net/http"
	"slices"
	"strings"
)

// compartmentJSON is Compartment of identity 20160918.
type compartmentJSON struct {
	ID             string         `json:"id"`
	CompartmentID  string         `json:"compartmentId"`
	Name           string         `json:"name"`
	Description    string         `json:"description"`
	TimeCreated    string         `json:"timeCreated"`
	LifecycleState string         `json:"lifecycleState"`
	InactiveStatus *int64         `json:"inactiveStatus"`
	IsAccessible   *bool          `json:"isAccessible"`
	FreeformTags   map[string]any `json:"freeformTags"`
	DefinedTags    map[string]any `json:"definedTags"`
}

func (k *compartment) wire() compartmentJSON {
	return compartmentJSON{
		ID: k.id, CompartmentID: k.parent.id, Name: k.name, Description: "What belongs to " + k.name, TimeCreated: written(k.created),
		LifecycleState: k.state, IsAccessible: new(true), FreeformTags: map[string]any{}, DefinedTags: map[string]any{},
	}
}

// listCompartments gives the children of one compartment, or of the tenancy all that are below it. The tenancy itself
// is not among them.
func (c *cloud) listCompartments(w http.ResponseWriter, r *http.Request, _ *region) *fault {
	f := known(r, "compartmentId", "page", "limit", "accessLevel", "compartmentIdInSubtree", "name", "sortBy", "sortOrder", "lifecycleState")
	if f != nil {
		return f
	}
	q := r.URL.Query()
	top := c.byID[q.Get("compartmentId")]
	switch {
	case q.Get("compartmentId") == "":
		return missing("compartmentId")
	case top == nil:
		return hidden()
	case q.Get("compartmentIdInSubtree") == "true" && top.parent != nil:
		return invalid("compartmentIdInSubtree can only be set to true when compartmentId is the tenancy")
	case q.Has("accessLevel") && q.Get("accessLevel") != "ANY" && q.Get("accessLevel") != "ACCESSIBLE":
		return invalid("accessLevel must be ANY or ACCESSIBLE, was '%s'", q.Get("accessLevel"))
	}
	var found []compartmentJSON
	for _, k := range c.compartments[1:] {
		if (k.parent == top || q.Get("compartmentIdInSubtree") == "true") && (q.Get("name") == "" || q.Get("name") == k.name) &&
			(q.Get("lifecycleState") == "" || strings.EqualFold(q.Get("lifecycleState"), k.state)) {
			found = append(found, k.wire())
		}
	}
	return paged(c, w, r, found)
}

// paged answers with a page of a list.
func paged[T any](c *cloud, w http.ResponseWriter, r *http.Request, all []T) *fault {
	from, to, f := c.page(w, r, len(all))
	if f == nil {
		writeJSON(w, http.StatusOK, append([]T{}, all[from:to]...))
	}
	return f
}

func (c *cloud) listSubscriptions(w http.ResponseWriter, r *http.Request, _ *region) *fault {
	if f := known(r); f != nil {
		return f
	}
	var out []map[string]any
	for _, at := range c.regions {
		status := "READY"
		if !at.ready {
			status = "IN_PROGRESS"
		}
		out = append(out, map[string]any{
			"regionKey": strings.ToUpper(at.key), "regionName": at.name, "status": status, "isHomeRegion": at.home,
		})
	}
	writeJSON(w, http.StatusOK, out)
	return nil
}

func (c *cloud) getTenancy(w http.ResponseWriter, _ *http.Request, _ *region) *fault {
	writeJSON(w, http.StatusOK, map[string]any{
		"id": c.tenancy, "name": tenancyName, "description": "The simulated tenancy", "homeRegionKey": strings.ToUpper(c.regions[0].key),
		"upiIdcsCompatibilityLayerEndpoint": nil, "freeformTags": map[string]any{}, "definedTags": map[string]any{},
	})
	return nil
}

func (c *cloud) listRegions(w http.ResponseWriter, r *http.Request, _ *region) *fault {
	if f := known(r); f != nil {
		return f
	}
	var out []map[string]any
	for _, k := range regionKeys() {
		out = append(out, map[string]any{"key": strings.ToUpper(k.key), "name": k.name})
	}
	writeJSON(w, http.StatusOK, out)
	return nil
}

func (c *cloud) listDomains(w http.ResponseWriter, r *http.Request, at *region) *fault {
	if f := known(r, "compartmentId"); f != nil {
		return f
	}
	if _, f := c.readable(r); f != nil {
		return f
	}
	var out []map[string]any
	for i, ad := range at.ads {
		out = append(out, map[string]any{"name": ad, "id": "ocid1.availabilitydomain.oc1.." + at.key + sequence(i), "compartmentId": c.tenancy})
	}
	writeJSON(w, http.StatusOK, out)
	return nil
}

// listShapes gives the shapes of a region as Shape of core 20160918.
func (c *cloud) listShapes(w http.ResponseWriter, r *http.Request, _ *region) *fault {
	if f := known(r, "compartmentId", "availabilityDomain", "limit", "page", "imageId", "shape"); f != nil {
		return f
	}
	if _, f := c.readable(r); f != nil {
		return f
	}
	var out []map[string]any
	for _, s := range slices.Concat(c.shapes, c.gpuShapes) {
		if want := r.URL.Query().Get("shape"); want != "" && want != s.name {
			continue
		}
		v := map[string]any{
			"shape": s.name, "processorDescription": s.processor, "ocpus": s.ocpus, "memoryInGBs": s.memoryGB, "networkPorts": 1,
			"networkingBandwidthInGbps": s.gbps, "maxVnicAttachments": 2, "gpus": s.gpus, "gpuDescription": nil, "localDisks": s.disks,
			"isLiveMigrationSupported": !s.bareMetal, "isBilledForStoppedInstance": s.bareMetal && s.gpus > 0, "billingType": "PAID",
			"isFlexible": s.flexible, "isSubcore": false, "platformNames": []string{},
		}
		if s.gpu != "" {
			v["gpuDescription"] = s.gpu
		}
		if s.flexible {
			v["ocpus"], v["memoryInGBs"] = 1, s.perOCPU
			v["ocpuOptions"] = map[string]any{"min": 1, "max": s.ocpus}
			v["memoryOptions"] = map[string]any{"minInGBs": 1, "maxInGBs": s.memoryGB, "defaultPerOcpuInGBs": s.perOCPU}
		}
		out = append(out, v)
	}
	return paged(c, w, r, out)
}
