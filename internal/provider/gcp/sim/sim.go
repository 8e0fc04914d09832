// Package gcpsim is Google Cloud's side of the wire: the token endpoint, Compute Engine, GKE, Cloud Functions, Cloud
// Run, Cloud SQL, Cloud Monitoring, Resource Manager and the billing catalogue, written from the published discovery
// documents and the documentation.
package gcpsim

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/adsops/cloudtop/internal/sim"
)

const provider = "gcp"

// New makes the Google Cloud projects of a world.
func New(w *sim.World) sim.Cloud {
	c := &cloud{
		world: w, encoded: map[string][]json.RawMessage{},
		reads:   sim.Limiter{N: 750, Per: time.Minute},
		queries: sim.Limiter{N: 6000, Per: time.Minute},
	}
	r := w.Rand(provider, "world")
	c.buildProjects(r)
	c.fill = sync.OnceFunc(func() { c.build(r, w.Count(provider, 0.2, 0)) })
	c.mux = c.routes()
	return c
}

// cloud implements sim.Cloud.
type cloud struct {
	world     *sim.World
	mux       *http.ServeMux
	home      *project // the credential's own
	fill      func()   // once: makes what the projects have
	projects  []*project
	vms       []*vm
	clusters  []*cluster
	functions []*function
	services  []*service
	databases []*database
	signing   []byte // of access tokens

	reads, queries sim.Limiter

	mu      sync.Mutex
	encoded map[string][]json.RawMessage // lists that do not change, by what of them was asked for
}

// Name implements sim.Cloud.
func (c *cloud) Name() string { return provider }

// Fill implements sim.Filler.
func (c *cloud) Fill() { c.fill() }

// Hosts implements sim.Cloud.
func (c *cloud) Hosts() []string {
	return []string{
		tokenHost, "compute.googleapis.com", "container.googleapis.com", "cloudfunctions.googleapis.com", "run.googleapis.com",
		"sqladmin.googleapis.com", "monitoring.googleapis.com", "cloudresourcemanager.googleapis.com", billingHost,
	}
}

// call is a request that has passed the door.
type call struct {
	*http.Request
	query url.Values
	mask  mask
	hide  string // the mask as it was sent
}

// answer makes the body of a call.
type answer func(*call) (any, *problem)

// endpoint is a method of an API: its query parameters beside those that every method has.
type endpoint struct {
	path   string
	params []string
	answer answer
}

func (c *cloud) routes() *http.ServeMux {
	mux := http.NewServeMux()
	for _, e := range c.endpoints() {
		mux.HandleFunc(e.path, func(w http.ResponseWriter, r *http.Request) {
			if r.Method != http.MethodGet {
				w.Header().Set("Allow", http.MethodGet)
				c.Fail(w, r, http.StatusMethodNotAllowed)
				return
			}
			body, p := e.serve(c, r)
			if p != nil {
				p.write(w)
				return
			}
			writeJSON(w, http.StatusOK, body)
		})
	}
	mux.HandleFunc(tokenHost+"/token", c.token)
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { c.Fail(w, r, http.StatusNotFound) })
	return mux
}

func (c *cloud) endpoints() []endpoint {
	paged := func(more ...string) []string { return append(more, "pageSize", "pageToken") }
	const manager = "cloudresourcemanager.googleapis.com"
	all := []endpoint{
		{manager + "/v3/projects:search", paged("query"), c.searchProjects},
		{manager + "/v3/projects/{project}", nil, c.getProject},
		{manager + "/v1/projects", paged("filter"), c.listProjects},
		{manager + "/v1/projects/{project}", nil, c.getOldProject},
		{"container.googleapis.com/v1/projects/{project}/locations/{location}/clusters", []string{"projectId", "zone"}, c.listClusters},
		{"container.googleapis.com/v1/projects/{project}/locations/{location}/clusters/{name}", []string{"clusterId", "projectId", "zone"}, c.getCluster},
		{"container.googleapis.com/v1/projects/{project}/zones/{location}/clusters", []string{"parent"}, c.listClusters},
		{"cloudfunctions.googleapis.com/v2/projects/{project}/locations/{location}/functions", paged("filter", "orderBy"), c.listFunctions},
		{"cloudfunctions.googleapis.com/v2/projects/{project}/locations/{location}/functions/{name}", []string{"revision"}, c.getFunction},
		{"cloudfunctions.googleapis.com/v2/projects/{project}/locations", paged("filter", "extraLocationTypes"), c.listPlaces},
		{"run.googleapis.com/v1/projects/{project}/locations", paged("filter"), c.listPlaces},
		{"run.googleapis.com/v2/projects/{project}/locations/{location}/services", paged("showDeleted"), c.listServices},
		{"run.googleapis.com/v2/projects/{project}/locations/{location}/services/{name}", nil, c.getService},
		{"run.googleapis.com/v2/projects/{project}/locations/{location}/jobs", paged("showDeleted"), c.listJobs},
		{"sqladmin.googleapis.com/v1/projects/{project}/instances", []string{"filter", "location", "maxResults", "pageToken"}, c.listDatabases},
		{"sqladmin.googleapis.com/v1/projects/{project}/instances/{name}", []string{"location"}, c.getDatabase},
		{"monitoring.googleapis.com/v3/projects/{project}/timeSeries", seriesParams(), c.listSeries},
		{"monitoring.googleapis.com/v3/projects/{project}/metricDescriptors", paged("filter", "activeOnly"), c.listDescriptors},
		{billingHost + "/v1/services", paged(), c.listBilled},
		{billingHost + "/v1/services/{service}/skus", paged("currencyCode", "endTime", "startTime"), c.listSKUs},
	}
	return append(all, c.computeEndpoints()...)
}

// serve answers one call: its parameters must be known, its project open and its API enabled.
func (e *endpoint) serve(c *cloud, r *http.Request) (any, *problem) {
	in := &call{Request: r, query: r.URL.Query(), hide: r.URL.Query().Get("fields")}
	everywhere := []string{
		"$.xgafv", "$alt", "access_token", "alt", "callback", "fields", "key", "oauth_token", "prettyPrint", "quotaUser", "uploadType", "upload_protocol",
	}
	for name := range in.query {
		if !slices.Contains(everywhere, name) && !slices.Contains(e.params, name) {
			return nil, invalid(`Invalid JSON payload received. Unknown name "` + name + `": Cannot bind query parameter. Field '` + name + `' could not be found in request message.`)
		}
	}
	var ok bool
	if in.mask, ok = parseMask(in.hide); !ok {
		return nil, invalid("Invalid field selection " + in.hide)
	}
	if p := c.allowed(in); p != nil {
		return nil, p
	}
	return e.answer(in)
}

// ServeHTTP implements http.Handler: first the credential, then the quota, then the answer.
func (c *cloud) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	host, _, _ := strings.Cut(r.Host, ":")
	c.fill()
	if host == tokenHost {
		c.mux.ServeHTTP(w, r)
		return
	}
	if p := c.authenticate(host, r); p != nil {
		w.Header().Set("Www-Authenticate", `Bearer realm="https://accounts.google.com/", error="invalid_token"`)
		p.write(w)
		return
	}
	if p := c.throttle(host); p != nil {
		p.write(w)
		return
	}
	c.mux.ServeHTTP(w, r)
}

// throttle holds the quotas of Compute Engine, which answers 403, and of Cloud Monitoring, which answers 429.
func (c *cloud) throttle(host string) *problem {
	switch host {
	case "compute.googleapis.com":
		if _, ok := c.reads.Allow(host, c.world.Now()); !ok {
			return newProblem(http.StatusForbidden, "Quota exceeded for quota metric 'Heavy-weight read requests' and limit "+
				"'Heavy-weight read requests per minute' of service 'compute.googleapis.com'.").because("rateLimitExceeded", "usageLimits")
		}
	case "monitoring.googleapis.com":
		if _, ok := c.queries.Allow(host, c.world.Now()); !ok {
			return tooMany("Quota exceeded for quota metric 'Time series queries' and limit 'Time series queries per minute' of service 'monitoring.googleapis.com'.")
		}
	}
	return nil
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json; charset=UTF-8")
	if ready, ok := v.(*bytes.Buffer); ok {
		w.WriteHeader(status)
		_, _ = w.Write(ready.Bytes())
		return
	}
	w.WriteHeader(status)
	_, _ = w.Write(sim.AppendJSON(nil, v))
}
