package sdk

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/adsops/cloudtop/internal/provider"
	"github.com/adsops/cloudtop/internal/provider/all"
	"github.com/adsops/cloudtop/internal/sim"
)

// discovery is Google's own format of API descriptions (developers.google.com/discovery/v1/reference/apis).
type discovery struct {
	RootURL, ServicePath string
	Parameters           map[string]discoveryType
	Schemas              map[string]discoveryType
	Resources            map[string]discoveryResource
}

type discoveryResource struct {
	Methods   map[string]discoveryMethod
	Resources map[string]discoveryResource
}

type discoveryMethod struct {
	HTTPMethod, Path, FlatPath string
	Parameters                 map[string]discoveryType
	Response                   discoveryType
}

type discoveryType struct {
	Type, Format         string
	Ref                  string `json:"$ref"`
	Enum                 []string
	Repeated             bool
	Properties           map[string]discoveryType
	Items                *discoveryType
	AdditionalProperties *discoveryType
}

// operation is a method with its description and where it answers.
type operation struct {
	*discovery
	discoveryMethod
	at *regexp.Regexp // host and path
}

// googleContract is an http.RoundTripper that holds what passes through it against the discovery documents.
type googleContract struct {
	base http.RoundTripper
	ops  []operation

	mu       sync.Mutex
	problems map[string]bool
	checked  map[string]int // by path of the method
}

// undescribed are calls that are published elsewhere: the older projects' and locations' methods, and token endpoints.
var undescribed = regexp.MustCompile(`^(oauth2\.googleapis\.com/token|run\.googleapis\.com/v1/projects/[^/]+/locations)$`)

func newGoogleContract(t *testing.T, base http.RoundTripper) *googleContract {
	t.Helper()
	c := &googleContract{base: base, problems: map[string]bool{}, checked: map[string]int{}}
	for _, file := range []string{
		"cloudbilling-v1", "cloudfunctions-v2", "cloudresourcemanager-v3", "compute-v1", "container-v1", "monitoring-v3", "run-v2", "sqladmin-v1",
	} {
		d := new(discovery)
		if err := json.Unmarshal(spec(t, "gcp/"+file+".subset.json"), d); err != nil {
			t.Fatal(err)
		}
		c.add(d, discoveryResource{Resources: d.Resources})
	}
	return c
}

func (c *googleContract) add(d *discovery, r discoveryResource) {
	placeholder := regexp.MustCompile(`\\\{[^}]*\\\}`)
	for _, m := range r.Methods {
		path := m.FlatPath
		if path == "" {
			path = m.Path
		}
		whole := regexp.QuoteMeta(strings.TrimPrefix(d.RootURL, "https://") + d.ServicePath + path)
		c.ops = append(c.ops, operation{d, m, regexp.MustCompile("^" + placeholder.ReplaceAllString(whole, "[^/]+") + "$")})
	}
	for _, below := range r.Resources {
		c.add(d, below)
	}
}

// RoundTrip implements http.RoundTripper.
func (c *googleContract) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := c.base.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	resp.Body = io.NopCloser(bytes.NewReader(body))
	c.mu.Lock()
	defer c.mu.Unlock()
	c.check(r, resp.StatusCode, body)
	return resp, err
}

func (c *googleContract) check(r *http.Request, status int, body []byte) {
	where := r.URL.Host + r.URL.Path
	if undescribed.MatchString(where) {
		return
	}
	i := slices.IndexFunc(c.ops, func(o operation) bool { return o.HTTPMethod == r.Method && o.at.MatchString(where) })
	if i < 0 {
		c.problems["no method: "+r.Method+" "+where] = true
		return
	}
	o := &c.ops[i]
	c.checked[o.RootURL+o.Path]++
	for name, values := range r.URL.Query() {
		// The method's text recommends returnPartialSuccess, its parameters do not list it in this revision.
		p, ok := o.discoveryMethod.Parameters[name]
		if _, everywhere := o.discovery.Parameters[name]; !ok && !everywhere && name != "returnPartialSuccess" {
			c.problems[o.Path+": no parameter "+name] = true
		}
		for _, v := range values {
			if ok && len(p.Enum) > 0 && !slices.Contains(p.Enum, v) {
				c.problems[o.Path+": "+name+" cannot be "+v] = true
			}
			if _, err := strconv.Atoi(v); ok && p.Type == "integer" && err != nil {
				c.problems[o.Path+": "+name+" is no number: "+v] = true
			}
		}
		if ok && len(values) > 1 && !p.Repeated {
			c.problems[o.Path+": "+name+" comes more than once"] = true
		}
	}
	if status != http.StatusOK {
		return
	}
	var v any
	if err := json.Unmarshal(body, &v); err != nil {
		c.problems[o.Path+": "+err.Error()] = true
		return
	}
	o.conforms(v, o.Response, o.Path, c.problems)
}

// conforms notes where a value is not what its type says.
func (d *discovery) conforms(v any, want discoveryType, path string, problems map[string]bool) {
	if want.Ref != "" {
		d.conforms(v, d.Schemas[want.Ref], path+" "+want.Ref, problems)
		return
	}
	bad := func(what string) { problems[fmt.Sprintf("%s: %s: %.80v", path, what, v)] = true }
	switch v := v.(type) {
	case map[string]any:
		if want.Type != "object" {
			bad("is an object")
			return
		}
		for k, x := range v {
			below, ok := want.Properties[k]
			if !ok && want.AdditionalProperties != nil {
				below, ok = *want.AdditionalProperties, true
			}
			if !ok {
				problems[path+": no property "+k] = true
				continue
			}
			d.conforms(x, below, path+"."+k, problems)
		}
	case []any:
		if want.Type != "array" {
			bad("is a list")
			return
		}
		for _, x := range v {
			d.conforms(x, *want.Items, path+"[]", problems)
		}
	case string:
		d.conformsText(v, want, bad)
	case float64:
		if want.Type != "number" && (want.Type != "integer" || v != float64(int64(v))) {
			bad("is a number")
		}
	case bool:
		if want.Type != "boolean" {
			bad("is true or false")
		}
	default:
		bad("is null")
	}
}

func (d *discovery) conformsText(v string, want discoveryType, bad func(string)) {
	var err error
	switch want.Format {
	case "int64":
		_, err = strconv.ParseInt(v, 10, 64)
	case "uint64":
		_, err = strconv.ParseUint(v, 10, 64)
	case "google-datetime", "date-time":
		_, err = time.Parse(time.RFC3339Nano, v)
	}
	switch {
	case want.Type != "string" && want.Type != "any":
		bad("is a text")
	case err != nil:
		bad("is no " + want.Format)
	case len(want.Enum) > 0 && !slices.Contains(want.Enum, v):
		bad("is none of its words")
	}
}

func (c *googleContract) report(t *testing.T, methods int) {
	t.Helper()
	for _, p := range slices.Sorted(maps.Keys(c.problems)) {
		t.Error(p)
	}
	if len(c.checked) < methods {
		t.Errorf("%d methods were checked, want %d: %v", len(c.checked), methods, c.checked)
	}
}

// TestGCPTrafficIsAsPublished drives our client over our simulator and holds every request and every answer against
// Google's descriptions.
func TestGCPTrafficIsAsPublished(t *testing.T) {
	t.Parallel()
	conn, check := connectGoogle(t, map[string]any{"prices": true})
	readAll(t, conn)
	check.report(t, 7)
}

// TestGCPAnswersOthersAsPublished asks the simulator what our client does not, and for every field.
func TestGCPAnswersOthersAsPublished(t *testing.T) {
	t.Parallel()
	conn, check := connectGoogle(t, nil)
	found, err := conn.ListResources(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	project := found[0].Account
	paths := []string{
		"compute.googleapis.com/compute/v1/projects/" + project + "?", "compute.googleapis.com/compute/v1/projects/" + project + "/zones?",
		"compute.googleapis.com/compute/v1/projects/" + project + "/regions?", "compute.googleapis.com/compute/v1/projects/" + project + "/regions/us-central1?",
		"compute.googleapis.com/compute/v1/projects/" + project + "/aggregated/instances?", "compute.googleapis.com/compute/v1/projects/" + project + "/aggregated/machineTypes?",
		"compute.googleapis.com/compute/v1/projects/" + project + "/aggregated/acceleratorTypes?",
		"compute.googleapis.com/compute/v1/projects/" + project + "/zones/us-central1-a/instances?maxResults=2",
		"compute.googleapis.com/compute/v1/projects/" + project + "/zones/us-central1-a/machineTypes?", "compute.googleapis.com/compute/v1/projects/" + project + "/zones/us-central1-a/acceleratorTypes?",
		"container.googleapis.com/v1/projects/" + project + "/locations/-/clusters?", "cloudfunctions.googleapis.com/v2/projects/" + project + "/locations/-/functions?",
		"cloudfunctions.googleapis.com/v2/projects/" + project + "/locations?", "run.googleapis.com/v2/projects/" + project + "/locations/us-central1/services?",
		"run.googleapis.com/v2/projects/" + project + "/locations/us-central1/jobs?", "sqladmin.googleapis.com/v1/projects/" + project + "/instances?",
		"monitoring.googleapis.com/v3/projects/" + project + "/metricDescriptors?", "cloudresourcemanager.googleapis.com/v3/projects/" + project + "?",
		"cloudresourcemanager.googleapis.com/v3/projects:search?", "cloudbilling.googleapis.com/v1/services?", "cloudbilling.googleapis.com/v1/services/6F81-5844-456A/skus?pageSize=50",
		"monitoring.googleapis.com/v3/projects/" + project + "/timeSeries?filter=metric.type%3D%22run.googleapis.com%2Frequest_count%22&interval.startTime=" +
			"2026-11-01T11:50:00Z&interval.endTime=2026-11-01T12:00:00Z",
	}
	for i := range found {
		r := &found[i]
		switch r.Service {
		case "gke":
			location, name, _ := strings.Cut(r.ID, "/")
			paths = append(paths, "container.googleapis.com/v1/projects/"+r.Account+"/locations/"+location+"/clusters/"+name+"?")
		case "functions":
			paths = append(paths, "cloudfunctions.googleapis.com/v2/"+r.ID+"?")
		case "run":
			paths = append(paths, "run.googleapis.com/v2/"+r.ID+"?")
		case "sql":
			paths = append(paths, "sqladmin.googleapis.com/v1/projects/"+r.Account+"/instances/"+r.ID+"?")
		case "compute":
			zone, _ := r.Attr("zone").(string)
			paths = append(paths, "compute.googleapis.com/compute/v1/projects/"+r.Account+"/zones/"+zone+"/instances/"+r.Name+"?")
		}
	}
	token := check.token(t)
	for _, p := range paths {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://"+p, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", token)
		resp, err := check.RoundTrip(req)
		if err != nil || resp.StatusCode != http.StatusOK {
			t.Errorf("%s: %v %v", p, resp, err)
		}
	}
	check.report(t, 24)
}

// token takes the token that our client got.
func (c *googleContract) token(t *testing.T) string {
	t.Helper()
	seen, ok := c.base.(*tokenTap)
	if !ok || seen.token == "" {
		t.Fatal("our client sent no token")
	}
	return seen.token
}

// tokenTap keeps the token of the calls that pass through it.
type tokenTap struct {
	http.RoundTripper
	mu    sync.Mutex
	token string
}

func (t *tokenTap) RoundTrip(r *http.Request) (*http.Response, error) {
	if token := r.Header.Get("Authorization"); token != "" {
		t.mu.Lock()
		t.token = token
		t.mu.Unlock()
	}
	return t.RoundTripper.RoundTrip(r)
}

func connectGoogle(t *testing.T, options map[string]any) (*provider.Conn, *googleContract) {
	t.Helper()
	w := sim.NewWorld(sim.Options{Seed: 5, Counts: map[string]int{"gcp": 120}})
	u := sim.NewUniverse(w, all.Clouds(w)...)
	check := newGoogleContract(t, &tokenTap{RoundTripper: u.Transport()})
	description, ok := all.Specs().Lookup("gcp")
	if !ok {
		t.Fatal("no provider gcp")
	}
	conn := provider.NewConn(description)
	err := conn.Initialize(t.Context(), &provider.ProviderConfig{
		Credential: provider.Credential{Method: "service_account", Source: "test", Values: u.Cloud("gcp").Credentials().Values},
		Options:    options, Transport: check, Now: w.Now,
	})
	if err != nil {
		t.Fatal(err)
	}
	return conn, check
}
