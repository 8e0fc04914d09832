package gcpsim_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/adsops/cloudtop/internal/sim"
)

// rows returns the elements of a list, of an aggregated one those of all zones.
func rows(body map[string]any, field string) []map[string]any {
	var all []map[string]any
	take := func(v any) {
		list, _ := v.([]any)
		for _, x := range list {
			all = append(all, x.(map[string]any))
		}
	}
	zones, aggregated := body["items"].(map[string]any)
	if !aggregated {
		take(body[field])
		return all
	}
	for _, zone := range slices.Sorted(maps.Keys(zones)) {
		take(zones[zone].(map[string]any)[field])
	}
	return all
}

// listed is a list that has pages: where it is, how its size is called, and the most that it gives.
type listed struct {
	target, size, field, id string
	most                    int
	strict                  bool // a larger size is refused
}

func lists(p string) []listed {
	const compute = "compute.googleapis.com/compute/v1/projects/"
	return []listed{
		{compute + p + "/aggregated/instances", "maxResults", "instances", "id", 500, true},
		{compute + p + "/zones/us-central1-a/instances", "maxResults", "items", "id", 500, true},
		{compute + p + "/zones", "maxResults", "items", "name", 500, true},
		{compute + p + "/regions", "maxResults", "items", "name", 500, true},
		{compute + p + "/aggregated/machineTypes", "maxResults", "machineTypes", "selfLink", 500, true},
		{compute + p + "/zones/us-central1-a/machineTypes", "maxResults", "items", "name", 500, true},
		{compute + p + "/aggregated/acceleratorTypes", "maxResults", "acceleratorTypes", "selfLink", 500, true},
		{compute + p + "/zones/us-central1-a/acceleratorTypes", "maxResults", "items", "name", 500, true},
		{"cloudfunctions.googleapis.com/v2/projects/" + p + "/locations/-/functions", "pageSize", "functions", "name", 1000, false},
		{"cloudfunctions.googleapis.com/v2/projects/" + p + "/locations", "pageSize", "locations", "name", 500, false},
		{"run.googleapis.com/v1/projects/" + p + "/locations", "pageSize", "locations", "name", 500, false},
		{"run.googleapis.com/v2/projects/" + p + "/locations/us-central1/services", "pageSize", "services", "name", 1000, false},
		{"sqladmin.googleapis.com/v1/projects/" + p + "/instances", "maxResults", "items", "name", 1000, false},
		{"monitoring.googleapis.com/v3/projects/" + p + "/metricDescriptors", "pageSize", "metricDescriptors", "type", 10_000, false},
		{"cloudresourcemanager.googleapis.com/v3/projects:search", "pageSize", "projects", "projectId", 1000, false},
		{"cloudresourcemanager.googleapis.com/v1/projects", "pageSize", "projects", "projectId", 500, false},
		{"cloudbilling.googleapis.com/v1/services/6F81-5844-456A/skus", "pageSize", "skus", "skuId", 5000, false},
		{"cloudbilling.googleapis.com/v1/services", "pageSize", "services", "serviceId", 5000, false},
	}
}

func TestListsAreTheSameInPagesOfEverySize(t *testing.T) {
	t.Parallel()
	a := signIn(t, sim.Options{Seed: 2, Counts: map[string]int{"gcp": 160}})
	for _, l := range lists(a.Truth().Accounts[0]) {
		status, body := a.get(l.target)
		whole := rows(body, l.field)
		if status != 200 || len(whole) == 0 || body["nextPageToken"] != nil && body["nextPageToken"] != "" {
			t.Errorf("%s: got %d with %d rows, next %v", l.target, status, len(whole), body["nextPageToken"])
			continue
		}
		var ids []string
		for _, row := range whole {
			ids = append(ids, fmt.Sprint(row[l.id]))
		}
		if slices.Sort(ids); len(slices.Compact(slices.Clone(ids))) != len(ids) {
			t.Errorf("%s: a row comes twice", l.target)
		}
		for _, size := range []int{1, len(ids) - 1, len(ids), len(ids) + 1} {
			if size < 1 {
				continue
			}
			var got []string
			token, pages := "", 0
			for {
				_, body := a.get(l.target + "?" + l.size + "=" + strconv.Itoa(size) + "&pageToken=" + url.QueryEscape(token))
				page := rows(body, l.field)
				for _, row := range page {
					got = append(got, fmt.Sprint(row[l.id]))
				}
				token, _ = body["nextPageToken"].(string)
				if pages++; token == "" || pages > len(ids) {
					break
				}
				if len(page) != size {
					t.Errorf("%s in pages of %d: one has %d rows and is not the last", l.target, size, len(page))
				}
			}
			if slices.Sort(got); !slices.Equal(got, ids) || pages != (len(ids)+size-1)/size {
				t.Errorf("%s in pages of %d: got %d rows on %d pages, want %d", l.target, size, len(got), pages, len(ids))
			}
		}
	}
}

func TestPagesThatAreAskedForWrongly(t *testing.T) {
	t.Parallel()
	a := signIn(t, sim.Options{Seed: 2, Counts: map[string]int{"gcp": 60}})
	p := a.Truth().Accounts[0]
	_, first := a.get("sqladmin.googleapis.com/v1/projects/" + p + "/instances?maxResults=1")
	foreign := fmt.Sprint(first["nextPageToken"])
	for _, l := range lists(p) {
		tooLarge := 200
		if l.strict {
			tooLarge = 400
		}
		for query, want := range map[string]int{
			l.size + "=0": 200, l.size + "=-1": 400, l.size + "=many": 400, l.size + "=" + strconv.Itoa(l.most): 200,
			l.size + "=" + strconv.Itoa(l.most+1): tooLarge, "pageToken=nonsense": 400, "pageToken=!": 400, "nonsense=1": 400, "fields=": 200,
		} {
			if status, body := a.get(l.target + "?" + query); status != want {
				t.Errorf("%s?%s: got %d %v, want %d", l.target, query, status, body["error"], want)
			}
		}
		if !strings.HasPrefix(l.target, "sqladmin") {
			if status, _ := a.get(l.target + "?pageToken=" + foreign); status != 400 {
				t.Errorf("%s with another list's token: got %d, want 400", l.target, status)
			}
		}
	}
}

// TestEveryResourceCanBeReadByItself lists all there is and gets each.
func TestEveryResourceCanBeReadByItself(t *testing.T) {
	t.Parallel()
	a := signIn(t, sim.Options{Seed: 2, Counts: map[string]int{"gcp": 90}})
	truth := a.Truth()
	for _, p := range truth.Accounts {
		_, vms := a.get("compute.googleapis.com/compute/v1/projects/" + p + "/aggregated/instances")
		_, clusters := a.get("container.googleapis.com/v1/projects/" + p + "/locations/-/clusters")
		_, functions := a.get("cloudfunctions.googleapis.com/v2/projects/" + p + "/locations/-/functions")
		_, databases := a.get("sqladmin.googleapis.com/v1/projects/" + p + "/instances")
		found := map[string]int{}
		check := func(service, target string, row map[string]any) {
			found[service]++
			status, one := a.get(target)
			if want, _ := json.Marshal(row); status != 200 || string(want) != asJSON(one) {
				t.Errorf("%s: got %d %s, want %s", target, status, asJSON(one), want)
			}
			if status, _ := a.get(target + "-that-is-not"); status != 404 {
				t.Errorf("%s-that-is-not: got %d, want 404", target, status)
			}
		}
		for _, v := range rows(vms, "instances") {
			check("compute", "compute.googleapis.com"+strings.TrimPrefix(v["selfLink"].(string), "https://www.googleapis.com"), v)
			byID := "compute.googleapis.com" + strings.TrimPrefix(v["zone"].(string), "https://www.googleapis.com") + "/instances/" + v["id"].(string)
			if status, one := a.get(byID); status != 200 || one["name"] != v["name"] {
				t.Errorf("%s: got %d %v", byID, status, one)
			}
		}
		for _, k := range rows(clusters, "clusters") {
			check("gke", strings.TrimPrefix(k["selfLink"].(string), "https://"), k)
		}
		for _, f := range rows(functions, "functions") {
			check("functions", "cloudfunctions.googleapis.com/v2/"+f["name"].(string), f)
		}
		for _, d := range rows(databases, "items") {
			check("sql", "sqladmin.googleapis.com/v1/projects/"+p+"/instances/"+d["name"].(string), d)
		}
		for _, region := range []string{"asia-northeast1", "europe-west1", "europe-west4", "southamerica-east1", "us-central1", "us-east1"} {
			_, services := a.get("run.googleapis.com/v2/projects/" + p + "/locations/" + region + "/services")
			for _, s := range rows(services, "services") {
				check("run", "run.googleapis.com/v2/"+s["name"].(string), s)
			}
		}
		for _, r := range truth.Resources {
			if r.Account == p {
				found[r.Service]--
			}
		}
		for service, n := range found {
			if n != 0 {
				t.Errorf("%s of %s: %+d than there are", service, p, n)
			}
		}
	}
}

func asJSON(v any) string {
	data, _ := json.Marshal(v)
	return string(data)
}

// TestTimesAreRFC3339: Google's own clients read up to nine digits of a second and refuse what is none.
func TestTimesAreRFC3339(t *testing.T) {
	t.Parallel()
	a := signIn(t, sim.Options{Seed: 2, Counts: map[string]int{"gcp": 60}})
	checked := 0
	var walk func(path string, v any)
	walk = func(path string, v any) {
		switch v := v.(type) {
		case map[string]any:
			for k, x := range v {
				walk(path+"/"+k, x)
			}
		case []any:
			for _, x := range v {
				walk(path, x)
			}
		case string:
			name := path[strings.LastIndexByte(path, '/')+1:]
			if !strings.HasSuffix(name, "Time") && !strings.HasSuffix(name, "Timestamp") {
				return
			}
			checked++
			at, err := time.Parse(time.RFC3339Nano, v)
			if _, digits, _ := strings.Cut(v, "."); err != nil || at.Year() < 1969 || at.Year() > 2027 || len(strings.TrimRight(digits, "Z")) > 9 {
				t.Errorf("%s: %q is no time (%v)", path, v, err)
			}
		}
	}
	for _, l := range lists(a.Truth().Accounts[0]) {
		_, body := a.get(l.target)
		walk(l.target, body)
	}
	if checked < 100 {
		t.Errorf("%d times were checked, want many", checked)
	}
}

func TestFieldsAreWhatWasSelected(t *testing.T) {
	t.Parallel()
	a := signIn(t, sim.Options{Seed: 2, Counts: map[string]int{"gcp": 60}})
	p := a.Truth().Accounts[0]
	vms := "compute.googleapis.com/compute/v1/projects/" + p + "/aggregated/instances?fields="
	for target, want := range map[string]struct{ has, lacks string }{
		vms + "items/*/instances/name":                         {`"name":`, `"status"`},
		vms + "items/*/instances(name,status)":                 {`"status":`, `"zone":`},
		vms + "items/*/instances(name,scheduling/preemptible)": {`"preemptible":`, `"provisioningModel"`},
		vms + "items/*/warning/code":                           {`"code":`, `"instances"`},
		vms + "kind":                                           {`"kind":`, `"items"`},
		vms + "*":                                              {`"metadata"`, `nothing at all`},
		"container.googleapis.com/v1/projects/" + p + "/locations/-/clusters?fields=clusters/name":                {`"name":`, "MARKER-SECRET"},
		"sqladmin.googleapis.com/v1/projects/" + p + "/instances?fields=items(name,settings(tier))":               {`"tier":`, "MARKER-SECRET"},
		"run.googleapis.com/v1/projects/" + p + "/locations?fields=locations/locationId":                          {`"locationId":`, `"labels"`},
		"cloudresourcemanager.googleapis.com/v3/projects/" + p + "?fields=displayName":                            {`"displayName":`, `"etag"`},
		"cloudbilling.googleapis.com/v1/services/6F81-5844-456A/skus?fields=skus(description,category/usageType)": {`"usageType":`, `"pricingInfo"`},
	} {
		status, body := a.get(target)
		if text := asJSON(body); status != 200 || !strings.Contains(text, want.has) || strings.Contains(text, want.lacks) {
			t.Errorf("%s: got %d %.300s; want %s and not %s", target, status, text, want.has, want.lacks)
		}
	}
	for _, bad := range []string{"a(", "a)", "a,,b", "/a", "a(b", "(", ","} {
		if status, _ := a.get(vms + url.QueryEscape(bad)); status != 400 {
			t.Errorf("fields=%s: got %d, want 400", bad, status)
		}
	}
}

func TestProjectsAreFound(t *testing.T) {
	t.Parallel()
	a := signIn(t, sim.Options{Seed: 2})
	p := a.Truth().Accounts[0]
	for query, want := range map[string]int{
		"": 3, "state:ACTIVE": 3, "lifecycleState:active": 3, "state:DELETE_REQUESTED": 0, "id:" + p: 1, "projectId:acme*": 2, "displayName:dev*": 1,
		"name:" + `"nobody"`: 0, "id:" + p + " OR id:acme-ml": 2, "parent:folders/1": -1, "nonsense": -1,
	} {
		status, body := a.get("cloudresourcemanager.googleapis.com/v3/projects:search?query=" + url.QueryEscape(query))
		if got := len(rows(body, "projects")); (want < 0) != (status == 400) || (want >= 0 && got != want) {
			t.Errorf("%q: got %d with %d projects, want %d", query, status, got, want)
		}
	}
	_, now := a.get("cloudresourcemanager.googleapis.com/v3/projects/" + p)
	_, old := a.get("cloudresourcemanager.googleapis.com/v1/projects/" + p)
	if now["displayName"] != "Acme Production" || old["name"] != "Acme Production" || now["name"] != "projects/"+fmt.Sprint(old["projectNumber"]) {
		t.Errorf("got %v and %v", now, old)
	}
	if _, byNumber := a.get("cloudresourcemanager.googleapis.com/v3/" + fmt.Sprint(now["name"])); byNumber["projectId"] != p {
		t.Errorf("by number: got %v", byNumber)
	}
}

func TestTheSameSeedMakesTheSameWorld(t *testing.T) {
	t.Parallel()
	one, same, other := newDoorway(t, sim.Options{Seed: 7}), newDoorway(t, sim.Options{Seed: 7}), newDoorway(t, sim.Options{Seed: 8})
	if asJSON(one.Truth()) != asJSON(same.Truth()) {
		t.Error("the same seed makes two worlds")
	}
	if asJSON(one.Truth()) == asJSON(other.Truth()) {
		t.Error("another seed makes the same world")
	}
	for n, want := range map[int]int{0: 0, 1: 1, 33: 33} {
		if got := len(newDoorway(t, sim.Options{Seed: 7, Counts: map[string]int{"gcp": n}}).Truth().Resources); got != want {
			t.Errorf("a world of %d has %d resources", want, got)
		}
	}
}

func TestPlacesThatDoNotAnswerAreSaid(t *testing.T) {
	t.Parallel()
	a := signIn(t, sim.Options{Seed: 2, Counts: map[string]int{"gcp": 300}, Incidents: true})
	_, body := a.get("compute.googleapis.com/compute/v1/projects/" + a.Truth().Accounts[0] + "/aggregated/instances")
	if asJSON(body["unreachables"]) != `["zones/europe-west4-b"]` {
		t.Errorf("got unreachables %v", body["unreachables"])
	}
	for _, v := range rows(body, "instances") {
		if strings.HasSuffix(v["zone"].(string), "europe-west4-b") {
			t.Errorf("%v is listed though its zone does not answer", v["name"])
		}
	}
}
