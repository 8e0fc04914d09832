package oraclesim

import (
	"crypto/x509"
	"encoding/pem"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// wire is Compartment of identity 20160918. The root compartment lies in itself.
func (k *compartment) wire() object {
	parent := k
	if k.parent != nil {
		parent = k.parent
	}
	return object{
		"id": k.id, "compartmentId": parent.id, "name": k.name, "description": "What belongs to " + k.name,
		"timeCreated": written(k.created), "lifecycleState": k.state, "inactiveStatus": nil, "isAccessible": true,
		"freeformTags": object{}, "definedTags": object{},
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
	var found []object
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

func (c *cloud) getCompartment(w http.ResponseWriter, r *http.Request, _ *region) *fault {
	k := c.byID[r.PathValue("id")]
	if k == nil {
		return hidden()
	}
	writeJSON(w, http.StatusOK, k.wire())
	return nil
}

func (c *cloud) listSubscriptions(w http.ResponseWriter, r *http.Request, _ *region) *fault {
	if f := known(r); f != nil {
		return f
	}
	if r.PathValue("id") != c.tenancy {
		return hidden()
	}
	var out []object
	for _, at := range c.regions {
		status := "READY"
		if !at.ready {
			status = "IN_PROGRESS"
		}
		out = append(out, object{
			"regionKey": strings.ToUpper(at.key), "regionName": at.name, "status": status, "isHomeRegion": at.home,
		})
	}
	writeJSON(w, http.StatusOK, out)
	return nil
}

func (c *cloud) getTenancy(w http.ResponseWriter, r *http.Request, _ *region) *fault {
	if r.PathValue("id") != c.tenancy {
		return hidden()
	}
	writeJSON(w, http.StatusOK, object{
		"id": c.tenancy, "name": tenancyName, "description": "The simulated tenancy", "homeRegionKey": strings.ToUpper(c.regions[0].key),
		"upiIdcsCompatibilityLayerEndpoint": nil, "freeformTags": object{}, "definedTags": object{},
	})
	return nil
}

func (c *cloud) listRegions(w http.ResponseWriter, r *http.Request, _ *region) *fault {
	if f := known(r); f != nil {
		return f
	}
	var out []object
	for _, k := range regionKeys() {
		out = append(out, object{"key": strings.ToUpper(k.key), "name": k.name})
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
	var out []object
	for i, ad := range at.ads {
		out = append(out, object{"name": ad, "id": "ocid1.availabilitydomain.oc1.." + at.key + sequence(i), "compartmentId": c.tenancy})
	}
	writeJSON(w, http.StatusOK, out)
	return nil
}

// listFaultDomains: every availability domain has three.
func (c *cloud) listFaultDomains(w http.ResponseWriter, r *http.Request, at *region) *fault {
	if f := known(r, "compartmentId", "availabilityDomain"); f != nil {
		return f
	}
	k, f := c.readable(r)
	ad := r.URL.Query().Get("availabilityDomain")
	switch {
	case f != nil:
		return f
	case ad == "":
		return missing("availabilityDomain")
	case !slices.Contains(at.ads, ad):
		return invalid("Availability domain '%s' is not in this region", ad)
	}
	var out []object
	for i := range 3 {
		name := "FAULT-DOMAIN-" + strconv.Itoa(i+1)
		out = append(out, object{
			"name": name, "id": "ocid1.faultdomain.oc1.." + at.key + sequence(i), "compartmentId": k.id, "availabilityDomain": ad,
		})
	}
	writeJSON(w, http.StatusOK, out)
	return nil
}

// userObject is User of identity 20160918: the one that signs.
func (c *cloud) userObject() object {
	return object{
		"id": c.user, "compartmentId": c.tenancy, "name": "cloudtop", "description": "The simulated user", "email": nil,
		"timeCreated": written(c.compartments[0].created), "lifecycleState": "ACTIVE", "isMfaActivated": false,
		"freeformTags": object{}, "definedTags": object{},
	}
}

func (c *cloud) listUsers(w http.ResponseWriter, r *http.Request, _ *region) *fault {
	if _, f := c.readable(r); f != nil {
		return f
	}
	return paged(c, w, r, []object{c.userObject()})
}

func (c *cloud) getUser(w http.ResponseWriter, r *http.Request, _ *region) *fault {
	if r.PathValue("id") != c.user {
		return hidden()
	}
	writeJSON(w, http.StatusOK, c.userObject())
	return nil
}

func (c *cloud) listKeys(w http.ResponseWriter, r *http.Request, _ *region) *fault {
	if r.PathValue("id") != c.user {
		return hidden()
	}
	der, err := x509.MarshalPKIXPublicKey(&c.key.PublicKey)
	if err != nil {
		return faultOf(http.StatusInternalServerError)
	}
	writeJSON(w, http.StatusOK, []object{{
		"keyId": c.tenancy + "/" + c.user + "/" + c.fingerprint, "userId": c.user, "fingerprint": c.fingerprint,
		"keyValue": string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})), "lifecycleState": "ACTIVE",
		"timeCreated": written(c.compartments[0].created), "inactiveStatus": nil,
	}})
	return nil
}
