package oraclesim

import (
	"net/http"
	"slices"
	"strings"
	"time"
)

// searchTypes are the resource types that can be searched for.
func searchTypes() []string {
	return []string{"AutonomousDatabase", "ClustersCluster", "ContainerInstance", "Instance"}
}

// search answers SearchResources. What the user may not see is left out without a word.
func (c *cloud) search(w http.ResponseWriter, r *http.Request, at *region) *fault {
	if f := known(r, "limit", "page", "tenantId"); f != nil {
		return f
	}
	var d struct {
		Type                string  `json:"type"`
		Query               string  `json:"query"`
		Text                string  `json:"text"`
		MatchingContextType *string `json:"matchingContextType"`
	}
	if f := decodeBody(r, &d); f != nil {
		return f
	}
	var s structured
	switch d.Type {
	case "Structured":
		var err error
		if s, err = parseSearch(d.Query); err != nil {
			return invalid("Unable to parse the query '%s': %s", d.Query, err)
		}
	case "FreeText":
		s = structured{keep: func(f *found) bool { return f.mentions(d.Text) }}
	default:
		return invalid("type must be Structured or FreeText, was '%s'", d.Type)
	}
	var out []object
	for _, f := range s.order(c.matching(at, &s)) {
		out = append(out, f.summary())
	}
	return collection(c, w, r, out)
}

// found is a resource in a search.
type found struct {
	*thing
	kind string
}

// matching returns what a search finds, in the order of types and compartments.
func (c *cloud) matching(at *region, s *structured) []found {
	var out []found
	for _, kind := range searchTypes() {
		if !s.wants(kind) {
			continue
		}
		for _, t := range c.things(at, kind) {
			if f := (found{t, kind}); !t.compartment.denied && s.keep(&f) {
				out = append(out, f)
			}
		}
	}
	return out
}

// things returns all resources of a type in a region, in the order of the compartments.
func (c *cloud) things(at *region, kind string) []*thing {
	switch kind {
	case "Instance":
		return inOrder(c, instances(), at)
	case "ContainerInstance":
		return inOrder(c, containerInstances(), at)
	case "ClustersCluster":
		return inOrder(c, clusters(), at)
	}
	return inOrder(c, databases(), at)
}

func inOrder[T any](c *cloud, l lister[T], at *region) []*thing {
	var out []*thing
	for _, k := range c.compartments {
		for _, v := range l.all(at)[k] {
			out = append(out, l.thing(v))
		}
	}
	return out
}

// field returns the values of a field that can be searched, and whether there is such a field.
func (f *found) field(name string) ([]string, bool) {
	var out []string
	switch strings.ToLower(name) {
	case "lifecyclestate":
		return []string{f.state}, true
	case "compartmentid":
		return []string{f.compartment.id}, true
	case "displayname":
		return []string{f.name}, true
	case "identifier":
		return []string{f.id}, true
	case "availabilitydomain":
		return []string{f.ad}, true
	case "resourcetype":
		return []string{f.kind}, true
	case "timecreated":
		return []string{f.created.Format(time.RFC3339)}, true
	case "freeformtags.key":
		for k := range f.tags.free {
			out = append(out, k)
		}
	case "freeformtags.value":
		for _, v := range f.tags.free {
			out = append(out, v)
		}
	case "definedtags.namespace":
		for k := range f.tags.defined {
			out = append(out, k)
		}
	case "definedtags.key", "definedtags.value":
		for _, keys := range f.tags.defined {
			for k, v := range keys {
				if out = append(out, k); strings.EqualFold(name, "definedtags.value") {
					out[len(out)-1] = v
				}
			}
		}
	default:
		return nil, false
	}
	return out, true
}

// mentions reports whether a text is anywhere in what can be searched.
func (f *found) mentions(text string) bool {
	for _, name := range []string{"displayName", "identifier", "lifecycleState", "resourceType", "freeformTags.key", "freeformTags.value",
		"definedTags.namespace", "definedTags.key", "definedTags.value"} {
		values, _ := f.field(name)
		if slices.ContainsFunc(values, func(v string) bool { return strings.Contains(strings.ToLower(v), strings.ToLower(text)) }) {
			return true
		}
	}
	return false
}

// summary is ResourceSummary of resourcesearch 20180409.
func (f *found) summary() object {
	o := f.object("displayName", object{
		"identifier": f.id, "resourceType": f.kind, "availabilityDomain": f.ad, "timeCreated": f.created.Format(time.RFC3339),
		"identityContext": object{}, "additionalDetails": object{}, "searchContext": nil,
	})
	delete(o, "id")
	return o
}

// resourceType is ResourceType of resourcesearch 20180409.
func resourceType(kind string) object {
	var fields []object
	for _, name := range []string{"identifier", "displayName", "compartmentId", "lifecycleState", "availabilityDomain", "timeCreated"} {
		fields = append(fields, object{"fieldType": "STRING", "fieldName": name, "isArray": false})
	}
	return object{"name": kind, "fields": fields}
}

func (c *cloud) listResourceTypes(w http.ResponseWriter, r *http.Request, _ *region) *fault {
	if f := known(r, "limit", "page"); f != nil {
		return f
	}
	var out []object
	for _, kind := range searchTypes() {
		out = append(out, resourceType(kind))
	}
	return paged(c, w, r, out)
}

func (c *cloud) getResourceType(w http.ResponseWriter, r *http.Request, _ *region) *fault {
	for _, kind := range searchTypes() {
		if strings.EqualFold(kind, r.PathValue("id")) {
			writeJSON(w, http.StatusOK, resourceType(kind))
			return nil
		}
	}
	return hidden()
}
