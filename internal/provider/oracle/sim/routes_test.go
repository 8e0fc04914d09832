package oraclesim

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
)

// hostOf returns the host name at which a service answers in a region.
func hostOf(service, region string) string {
	if slices.Contains([]string{"iaas", "database", "telemetry"}, service) {
		return service + "." + region + ".oraclecloud.com"
	}
	return service + "." + region + ".oci.oraclecloud.com"
}

// ask makes a signed call in the home region and returns the status, the answer and its header.
func (c *cloud) ask(t *testing.T, method, service, path, body string) (int, string, http.Header) {
	t.Helper()
	resp := c.do(c.signed(t, method, "https://"+hostOf(service, c.regions[0].name)+path, body))
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(data), resp.Header
}

// code reads the code of an error answer.
func code(t *testing.T, body string) string {
	t.Helper()
	var f struct{ Code, Message string }
	if err := json.Unmarshal([]byte(body), &f); err != nil || f.Message == "" {
		t.Errorf("%q is no {code, message}: %v", body, err)
	}
	return f.Code
}

// example fills an endpoint's path: with identifiers that are there, or with one that is nowhere.
func (c *cloud) example(e *endpoint, there bool) string {
	id := "ocid1.nothing.oc1..x"
	if there {
		at := c.regions[0]
		base, _, _ := strings.Cut(e.path, "{")
		switch base[strings.Index(base[1:], "/")+1:] {
		case "/instances/":
			id = first(c, at.instances).id
		case "/images/":
			id = imageID(at)
		case "/vnics/":
			id = relative(first(c, at.instances).id, "vnic", 0)
		case "/containerInstances/":
			id = first(c, at.containers).id
		case "/autonomousDatabases/":
			id = first(c, at.databases).id
		case "/compartments/":
			id = c.compartments[1].id
		case "/tenancies/":
			id = c.tenancy
		case "/users/":
			id = c.user
		case "/resourceTypes/":
			id = "instance"
		case "/services/":
			id = "gpu-h100-count"
		case "/clusterOptions/", "/nodePoolOptions/":
			id = "all"
		}
	}
	return strings.NewReplacer("{id}", id, "{service}", "compute").Replace(e.path)
}

func first[T any](c *cloud, all map[*compartment][]*T) *T {
	for _, k := range c.compartments {
		if !k.denied && len(all[k]) > 0 {
			return all[k][0]
		}
	}
	return nil
}

// params are what a call needs in its query to be answered.
func (c *cloud) params(e *endpoint) string {
	q := url.Values{"compartmentId": {c.tenancy}}
	switch {
	case strings.HasSuffix(e.path, "/faultDomains"), strings.HasSuffix(e.path, "/resourceAvailability"):
		q.Set("availabilityDomain", c.regions[0].ads[0])
	case strings.HasSuffix(e.path, "/limitValues"):
		q.Set("serviceName", "compute")
	case strings.HasSuffix(e.path, "/regions"), strings.HasSuffix(e.path, "/regionSubscriptions"), e.service == "query",
		strings.HasSuffix(e.path, "/computeCapacityReports"):
		q.Del("compartmentId")
	}
	return "?" + q.Encode()
}

func (c *cloud) body(e *endpoint) string {
	switch {
	case strings.HasSuffix(e.path, "/summarizeMetricsData"):
		return `{"namespace":"oci_computeagent","query":"CpuUtilization[1m].mean()"}`
	case strings.HasSuffix(e.path, "/listMetrics"):
		return `{"namespace":"oci_computeagent","name":"CpuUtilization"}`
	case e.service == "query" && e.method == http.MethodPost:
		return `{"type":"Structured","query":"query all resources"}`
	case e.method == http.MethodPost:
		return fmt.Sprintf(`{"compartmentId":%q,"availabilityDomain":%q,"shapeAvailabilities":[{"instanceShape":"BM.GPU4.8"}]}`, c.tenancy, c.regions[0].ads[0])
	}
	return ""
}

// TestEveryEndpointAnswers what is asked rightly, and refuses the rest as Oracle does: unsigned, by another method, for a
// region that the tenancy does not use.
func TestEveryEndpointAnswers(t *testing.T) {
	t.Parallel()
	c := newCloud(t, world(400, true))
	for i := range c.routes {
		e := &c.routes[i]
		name := e.method + " " + e.service + e.path
		fresh(c)
		path := c.example(e, true)
		if strings.Contains(path, "nothing") {
			continue // the home region has no clusters: see TestClustersAnswerWhereTheyAre
		}
		path += c.params(e)
		status, body, header := c.ask(t, e.method, e.service, path, c.body(e))
		if status != http.StatusOK || !json.Valid([]byte(body)) || header.Get("Content-Type") != "application/json" || header.Get("Opc-Request-Id") == "" {
			t.Errorf("%s: %d %.200s", name, status, body)
		}
		if strings.Contains(body, c.restricted.id) && !strings.Contains(e.path, "/compartments") {
			t.Errorf("%s shows what may not be read", name)
		}
		for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodDelete} {
			if method == e.method {
				continue
			}
			if status, body, _ := c.ask(t, method, e.service, path, ""); status != http.StatusMethodNotAllowed || code(t, body) != "MethodNotAllowed" {
				t.Errorf("%s by %s: %d %.200s", name, method, status, body)
			}
		}
		unsigned := c.signed(t, e.method, "https://"+hostOf(e.service, c.regions[0].name)+path, c.body(e))
		unsigned.Header.Del("Authorization")
		if resp := c.do(unsigned); resp.StatusCode != http.StatusUnauthorized {
			t.Errorf("%s unsigned: %d", name, resp.StatusCode)
		}
		elsewhere := c.do(c.signed(t, e.method, "https://"+hostOf(e.service, "ap-osaka-1")+path, c.body(e)))
		if elsewhere.StatusCode != http.StatusUnauthorized {
			t.Errorf("%s in another region: %d", name, elsewhere.StatusCode)
		}
	}
}

// TestWhatIsNowhereIsHidden as what may not be seen: identifiers, compartments, other services' paths.
func TestWhatIsNowhereIsHidden(t *testing.T) {
	t.Parallel()
	c := newCloud(t, world(60, true))
	for i := range c.routes {
		e := &c.routes[i]
		name := e.method + " " + e.service + e.path
		fresh(c)
		if strings.Contains(e.path, "{id}") && !strings.Contains(e.path, "Options") {
			status, body, _ := c.ask(t, e.method, e.service, c.example(e, false)+c.params(e), c.body(e))
			if status != http.StatusNotFound || code(t, body) != "NotAuthorizedOrNotFound" {
				t.Errorf("%s of nothing: %d %.200s", name, status, body)
			}
		}
		if params := c.params(e); strings.Contains(params, "compartmentId") && !strings.Contains(e.path, "{id}") {
			unseen := []string{"ocid1.compartment.oc1..nowhere"}
			if e.path != "/20160918/compartments" {
				unseen = append(unseen, c.restricted.id)
			}
			for _, id := range unseen {
				status, body, _ := c.ask(t, e.method, e.service, e.path+strings.Replace(params, url.QueryEscape(c.tenancy), id, 1), c.body(e))
				if status != http.StatusNotFound || code(t, body) != "NotAuthorizedOrNotFound" {
					t.Errorf("%s in %s: %d %.200s", name, id, status, body)
				}
			}
			status, body, _ := c.ask(t, e.method, e.service, e.path+"?limit=5", c.body(e))
			if status != http.StatusBadRequest || code(t, body) != "MissingParameter" && code(t, body) != "InvalidParameter" {
				t.Errorf("%s without a compartment: %d %.200s", name, status, body)
			}
		}
		if status, _, _ := c.ask(t, e.method, e.service, e.path+"/more", ""); status != http.StatusNotFound && !strings.HasSuffix(e.path, "s") {
			t.Errorf("%s has something below it: %d", name, status)
		}
	}
	for _, path := range []string{"/", "/20160918", "/20160918/", "/20160918/instances/", "/20160918//instances", "/20160918/Instances"} {
		if status, body, _ := c.ask(t, http.MethodGet, "iaas", path, ""); status != http.StatusNotFound || code(t, body) != "NotAuthorizedOrNotFound" {
			t.Errorf("%s: %d %.200s", path, status, body)
		}
	}
}

// TestOneAloneIsWhatTheListSays, and it is found in its own region only.
func TestOneAloneIsWhatTheListSays(t *testing.T) {
	t.Parallel()
	c := newCloud(t, world(500, true))
	for _, tt := range []struct {
		service, path string
		wrapped       bool
	}{
		{"iaas", "/20160918/instances", false}, {"compute-containers", "/20210415/containerInstances", true},
		{"containerengine", "/20180222/clusters", false}, {"containerengine", "/20180222/nodePools", false},
		{"containerengine", "/20180222/virtualNodePools", false}, {"database", "/20160918/autonomousDatabases", false},
	} {
		compared := 0
		for _, at := range c.live() {
			for _, k := range c.compartments {
				if k.denied || k.state != "ACTIVE" || compared > 30 {
					continue
				}
				base := "https://" + hostOf(tt.service, at.name) + tt.path
				var list []map[string]any
				var wrapped struct{ Items []map[string]any }
				if tt.wrapped {
					c.get(t, base+"?limit=1000&compartmentId="+k.id, &wrapped)
					list = wrapped.Items
				} else {
					c.get(t, base+"?limit=1000&compartmentId="+k.id, &list)
				}
				for _, want := range list[:min(len(list), 4)] {
					compared++
					id := fmt.Sprint(want["id"])
					var got map[string]any
					c.get(t, base+"/"+id, &got)
					for field, v := range want {
						if !equalJSON(got[field], v) {
							t.Errorf("%s: %s is %v alone and %v in the list", id, field, got[field], v)
						}
					}
					for _, other := range c.live() {
						resp := c.do(c.signed(t, http.MethodGet, "https://"+hostOf(tt.service, other.name)+tt.path+"/"+id, ""))
						if found := resp.StatusCode == http.StatusOK; found != (other == at) {
							t.Errorf("%s of %s is answered %d in %s", id, at.name, resp.StatusCode, other.name)
						}
					}
				}
			}
		}
		if compared == 0 {
			t.Errorf("%s: nothing was compared", tt.path)
		}
	}
}

func equalJSON(a, b any) bool {
	x, err := json.Marshal(a)
	y, err2 := json.Marshal(b)
	return err == nil && err2 == nil && bytes.Equal(x, y)
}

// TestListsAreFiltered by what each element says of itself.
func TestListsAreFiltered(t *testing.T) {
	t.Parallel()
	c := newCloud(t, world(900, false))
	for _, tt := range []struct {
		service, path, param, field string
	}{
		{"iaas", "/20160918/instances", "lifecycleState", "lifecycleState"}, {"iaas", "/20160918/instances", "displayName", "displayName"},
		{"iaas", "/20160918/instances", "availabilityDomain", "availabilityDomain"},
		{"compute-containers", "/20210415/containerInstances", "lifecycleState", "lifecycleState"},
		{"compute-containers", "/20210415/containerInstances", "displayName", "displayName"},
		{"compute-containers", "/20210415/containers", "containerInstanceId", "containerInstanceId"},
		{"compute-containers", "/20210415/containers", "displayName", "displayName"},
		{"containerengine", "/20180222/clusters", "name", "name"}, {"containerengine", "/20180222/clusters", "lifecycleState", "lifecycleState"},
		{"containerengine", "/20180222/nodePools", "clusterId", "clusterId"}, {"containerengine", "/20180222/nodePools", "name", "name"},
		{"containerengine", "/20180222/virtualNodePools", "clusterId", "clusterId"},
		{"database", "/20160918/autonomousDatabases", "dbWorkload", "dbWorkload"}, {"database", "/20160918/autonomousDatabases", "isFreeTier", "isFreeTier"},
		{"database", "/20160918/autonomousDatabases", "lifecycleState", "lifecycleState"}, {"database", "/20160918/autonomousDatabases", "dbVersion", "dbVersion"},
		{"iaas", "/20160918/vnicAttachments", "instanceId", "instanceId"}, {"iaas", "/20160918/vnicAttachments", "availabilityDomain", "availabilityDomain"},
		{"iaas", "/20160918/shapes", "shape", "shape"},
	} {
		checked := false
		for _, at := range c.live() {
			for _, k := range c.compartments[:3] {
				target := "https://" + hostOf(tt.service, at.name) + tt.path + "?limit=1000&compartmentId=" + k.id
				all := c.elements(t, target)
				if checked || len(all) < 2 {
					continue
				}
				checked = true
				want := fmt.Sprint(all[len(all)/2][tt.field])
				count := 0
				for _, e := range all {
					if fmt.Sprint(e[tt.field]) == want {
						count++
					}
				}
				got := c.elements(t, target+"&"+tt.param+"="+url.QueryEscape(want))
				for _, e := range got {
					if fmt.Sprint(e[tt.field]) != want {
						t.Errorf("%s by %s=%s gives one with %v", tt.path, tt.param, want, e[tt.field])
					}
				}
				if len(got) != count {
					t.Errorf("%s by %s=%s gives %d, want %d of %d", tt.path, tt.param, want, len(got), count, len(all))
				}
				if none := c.elements(t, target+"&"+tt.param+"=nothing"); len(none) != 0 {
					t.Errorf("%s by %s=nothing gives %d", tt.path, tt.param, len(none))
				}
			}
		}
		if !checked {
			t.Errorf("%s by %s was not checked: no place has two", tt.path, tt.param)
		}
	}
}

// elements returns the elements of a list, wrapped or not.
func (c *cloud) elements(t *testing.T, target string) []map[string]any {
	t.Helper()
	var raw json.RawMessage
	c.get(t, target, &raw)
	var list []map[string]any
	if json.Unmarshal(raw, &list) == nil {
		return list
	}
	var wrapped struct{ Items []map[string]any }
	if err := json.Unmarshal(raw, &wrapped); err != nil || wrapped.Items == nil {
		t.Fatalf("%s is no list: %.200s", target, raw)
	}
	return wrapped.Items
}

// TestListsHavePages whatever they list: each element comes once, in the same order as on one page.
func TestListsHavePages(t *testing.T) {
	t.Parallel()
	c := newCloud(t, world(900, false))
	at := c.regions[1]
	for _, path := range []string{
		"iaas /20160918/shapes", "iaas /20160918/vnicAttachments", "containerengine /20180222/clusters", "identity /20160918/compartments",
		"compute-containers /20210415/containerInstanceShapes", "limits /20190729/limitDefinitions", "query /20180409/resourceTypes",
	} {
		service, path, _ := strings.Cut(path, " ")
		base := "https://" + hostOf(service, at.name) + path + "?"
		if service != "query" {
			base += "compartmentId=" + c.tenancy + "&"
		}
		whole := c.elements(t, base+"limit=1000")
		if len(whole) < 2 {
			t.Errorf("%s lists %d, too few for pages", path, len(whole))
			continue
		}
		var parts []map[string]any
		for token, pages := "", 0; ; pages++ {
			target := base + "limit=2"
			if token != "" {
				target += "&page=" + url.QueryEscape(token)
			}
			page := c.elements(t, target)
			parts = append(parts, page...)
			if len(page) > 2 || pages > len(whole) {
				t.Fatalf("%s: page %d has %d", path, pages, len(page))
			}
			if token = c.get(t, target, nil).Header.Get("Opc-Next-Page"); token == "" {
				break
			}
		}
		if !slices.EqualFunc(parts, whole, func(a, b map[string]any) bool { return equalJSON(a, b) }) {
			t.Errorf("%s: %d elements in pages, %d at once", path, len(parts), len(whole))
		}
	}
}
