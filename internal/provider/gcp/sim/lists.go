package gcpsim

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/adsops/cloudtop/internal/sim"
)

// page is a part of a list.
type page struct {
	from, to int
	next     string // token; empty = the end
}

// pageOf reads the paging parameters of a list of n: a size of at most most, which is also what is sent without one.
// strict lists refuse a larger size, the others send what they have.
func (in *call) pageOf(n, most int, sizeParam string, strict bool) (page, *problem) {
	size := most
	if v := in.query.Get(sizeParam); v != "" {
		asked, err := strconv.Atoi(v)
		if err != nil || asked < 0 || (strict && asked > most) {
			return page{}, invalid("Invalid value for field '"+sizeParam+"': '"+v+"'. Must be between 0 and "+strconv.Itoa(most)+".").
				because("invalidParameter", "global")
		}
		if asked > 0 {
			size = min(asked, most)
		}
	}
	from := 0
	if token := in.query.Get("pageToken"); token != "" {
		data, err := base64.RawURLEncoding.DecodeString(token)
		at, ok := strings.CutPrefix(string(data), in.Host+in.URL.Path+"#")
		if from, _ = strconv.Atoi(at); err != nil || !ok || from <= 0 || from > n {
			return page{}, invalid("Invalid value for field 'pageToken': the page token is not valid.").because("invalid", "global")
		}
	}
	p := page{from: from, to: min(from+size, n)}
	if p.to < n {
		p.next = base64.RawURLEncoding.EncodeToString([]byte(in.Host + in.URL.Path + "#" + strconv.Itoa(p.to)))
	}
	return p, nil
}

// ready returns the objects of a list as they are sent for a mask, made once: each object is made for this alone.
func (c *cloud) ready(in *call, list string, m mask, make func(add func(object))) []json.RawMessage {
	key := list + "\x00" + in.hide
	c.mu.Lock()
	defer c.mu.Unlock()
	if all, ok := c.encoded[key]; ok {
		return all
	}
	all := []json.RawMessage{}
	var one []byte
	make(func(o object) {
		m.prune(o)
		one = sim.AppendJSON(one[:0], o)
		all = append(all, slices.Clone(one))
	})
	c.encoded[key] = all
	return all
}

// put sets a field of an answer where the mask selects it and there is something.
func put[T any](in *call, out object, field string, v []T) {
	if len(v) > 0 && in.mask.has(field) {
		out[field] = v
	}
}

func putNext(in *call, out object, p page) {
	if p.next != "" && in.mask.has("nextPageToken") {
		out["nextPageToken"] = p.next
	}
}

// of returns what of all belongs to a project.
func of[T any](all []T, p *project, owner func(T) *project) []T {
	var out []T
	for _, x := range all {
		if owner(x) == p {
			out = append(out, x)
		}
	}
	return out
}

// listed is a list of a few objects, paged by pageSize.
func (in *call) listed(field string, most int, all []object) (any, *problem) {
	p, bad := in.pageOf(len(all), most, "pageSize", false)
	if bad != nil {
		return nil, bad
	}
	below, _ := in.mask.at(field)
	out := object{}
	put(in, out, field, below.apply(all[p.from:p.to]).([]object))
	putNext(in, out, p)
	return out, nil
}

// object is the schema Project of v3.
func (p *project) object() object {
	return object{
		"name": "projects/" + p.number, "parent": "organizations/4711", "projectId": p.id, "state": "ACTIVE", "displayName": p.title,
		"createTime": "2024-05-01T10:00:00.123Z", "updateTime": "2024-05-01T10:00:00.123Z", "etag": `W/"` + p.number + `"`,
		"labels": object{"cost-center": "42"},
	}
}

// old is the schema Project of v1.
func (p *project) old() object {
	return object{
		"projectNumber": p.number, "projectId": p.id, "lifecycleState": "ACTIVE", "name": p.title, "createTime": "2024-05-01T10:00:00.123Z",
		"labels": object{"cost-center": "42"}, "parent": object{"type": "organization", "id": "4711"},
	}
}

// searchProjects knows queries of one or more fields, any of which a project may meet: state, id and displayName.
func (c *cloud) searchProjects(in *call) (any, *problem) {
	terms := strings.Fields(strings.NewReplacer("(", " ", ")", " ", " OR ", " ").Replace(in.query.Get("query")))
	for _, t := range terms {
		if field, _, _ := strings.Cut(t, ":"); !slices.Contains([]string{"state", "lifecycleState", "id", "projectId", "displayName", "name"}, field) {
			return nil, invalid("Invalid query: " + in.query.Get("query"))
		}
	}
	var all []object
	for _, p := range c.projects {
		if len(terms) == 0 || slices.ContainsFunc(terms, p.meets) {
			all = append(all, p.object())
		}
	}
	return in.listed("projects", 1000, all)
}

// meets reports whether the project is what a term of a query asks for, whatever the case; a last '*' is for any end.
func (p *project) meets(term string) bool {
	field, want, _ := strings.Cut(strings.ToLower(term), ":")
	got := map[string]string{"state": "active", "lifecyclestate": "active", "id": p.id, "projectid": p.id}[field]
	if got == "" {
		got = strings.ToLower(p.title)
	}
	if start, ok := strings.CutSuffix(want, "*"); ok {
		return strings.HasPrefix(got, start)
	}
	return got == strings.Trim(want, `"`)
}

func (c *cloud) getProject(in *call) (any, *problem) {
	return in.mask.apply(c.project(in.PathValue("project")).object()), nil
}

func (c *cloud) getOldProject(in *call) (any, *problem) {
	return in.mask.apply(c.project(in.PathValue("project")).old()), nil
}

// listProjects is projects.list of v1, which older clients use.
func (c *cloud) listProjects(in *call) (any, *problem) {
	var all []object
	for _, p := range c.projects {
		all = append(all, p.old())
	}
	return in.listed("projects", 500, all)
}

// located checks the location of a call: "-" where all at once may be asked for, else a region.
func located(in *call, wildcard bool) (string, *problem) {
	where := in.PathValue("location")
	if where == "-" {
		if !wildcard {
			return "", invalid("Location must be a valid Google Cloud region, and cannot be the \"-\" wildcard.")
		}
		return "", nil
	}
	if !slices.Contains(places(), where) && !slices.Contains(zones(), where) {
		return "", newProblem(http.StatusNotFound, "Location "+where+" is not found or access is unauthorized.")
	}
	return where, nil
}

// places lists the regions of Cloud Run and Cloud Functions.
func places() []string {
	return []string{"asia-northeast1", "europe-west1", "europe-west4", "southamerica-east1", "us-central1", "us-east1"}
}

func (c *cloud) listPlaces(in *call) (any, *problem) {
	var all []object
	for _, region := range places() {
		all = append(all, object{
			"name": "projects/" + in.PathValue("project") + "/locations/" + region, "locationId": region, "displayName": region,
			"labels": object{"cloud.googleapis.com/region": region},
		})
	}
	return in.listed("locations", 500, all)
}

// one returns the object of a list that a get names, all by its mask.
func one[T any](in *call, all []T, is func(T) bool, object func(T) object) (any, *problem) {
	i := slices.IndexFunc(all, is)
	if i < 0 {
		return nil, newProblem(http.StatusNotFound, "Resource '"+strings.TrimPrefix(in.URL.Path, "/")+"' was not found").because("notFound", "global")
	}
	return in.mask.apply(object(all[i])), nil
}
