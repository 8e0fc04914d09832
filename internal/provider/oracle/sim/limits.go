package oraclesim

import (
	"net/http"
	"slices"
)

// gpuLimits are the limits of compute that are simulated, each for an availability domain.
func gpuLimits() []string { return []string{"gpu-a10-count", "gpu-h100-count", "gpu4-count"} }

const gpuLimit = 16

// inTenancy refuses a call about limits that is not about the tenancy: limits are the tenancy's.
func (c *cloud) inTenancy(r *http.Request, params ...string) *fault {
	if f := known(r, append(params, "compartmentId", "limit", "page", "sortBy", "sortOrder", "subscriptionId", "externalLocation")...); f != nil {
		return f
	}
	switch r.URL.Query().Get("compartmentId") {
	case "":
		return missing("compartmentId")
	case c.tenancy:
		return nil
	}
	return hidden()
}

// listServices answers ListServices of limits 20190729.
func (c *cloud) listServices(w http.ResponseWriter, r *http.Request, _ *region) *fault {
	if f := c.inTenancy(r); f != nil {
		return f
	}
	return paged(c, w, r, []object{{"name": "compute", "description": "Compute", "supportedSubscriptions": []string{}}})
}

// listDefinitions answers ListLimitDefinitions.
func (c *cloud) listDefinitions(w http.ResponseWriter, r *http.Request, _ *region) *fault {
	if f := c.inTenancy(r, "serviceName", "name"); f != nil {
		return f
	}
	out := []object{}
	for _, name := range gpuLimits() {
		if asked(r, "serviceName", "compute") && asked(r, "name", name) {
			out = append(out, object{
				"name": name, "serviceName": "compute", "description": "Number of GPUs", "scopeType": "AD", "areQuotasSupported": true,
				"isResourceAvailabilitySupported": true, "isDeprecated": false, "isEligibleForLimitIncrease": true, "isDynamic": false,
			})
		}
	}
	return paged(c, w, r, out)
}

// listLimits answers ListLimitValues.
func (c *cloud) listLimits(w http.ResponseWriter, r *http.Request, at *region) *fault {
	if f := c.inTenancy(r, "serviceName", "scopeType", "availabilityDomain", "name"); f != nil {
		return f
	}
	if r.URL.Query().Get("serviceName") == "" {
		return missing("serviceName")
	}
	out := []object{}
	for _, name := range gpuLimits() {
		for _, ad := range at.ads {
			if asked(r, "serviceName", "compute") && asked(r, "name", name) && asked(r, "availabilityDomain", ad) && asked(r, "scopeType", "AD") {
				out = append(out, object{"name": name, "scopeType": "AD", "availabilityDomain": ad, "value": gpuLimit})
			}
		}
	}
	return paged(c, w, r, out)
}

// getAvailability answers GetResourceAvailability: what the tenancy's instances leave of a limit.
func (c *cloud) getAvailability(w http.ResponseWriter, r *http.Request, at *region) *fault {
	if f := c.inTenancy(r, "availabilityDomain"); f != nil {
		return f
	}
	ad, name := r.URL.Query().Get("availabilityDomain"), r.PathValue("id")
	switch {
	case r.PathValue("service") != "compute" || !slices.Contains(gpuLimits(), name):
		return hidden()
	case ad == "":
		return missing("availabilityDomain")
	case !slices.Contains(at.ads, ad):
		return invalid("Availability domain '%s' is not in this region", ad)
	}
	used := 0
	for _, all := range at.instances {
		for _, n := range all {
			if n.ad == ad && n.state != "TERMINATED" && n.shape.limit() == name {
				used += n.shape.gpus
			}
		}
	}
	writeJSON(w, http.StatusOK, object{
		"used": used, "available": max(0, gpuLimit-used), "fractionalUsage": nil, "fractionalAvailability": nil, "effectiveQuotaValue": nil,
	})
	return nil
}

// limit is the name of the limit that a shape counts against; "" where none is simulated.
func (s *shape) limit() string {
	return map[string]string{"VM.GPU.A10.1": "gpu-a10-count", "BM.GPU.H100.8": "gpu-h100-count", "BM.GPU4.8": "gpu4-count"}[s.name]
}
