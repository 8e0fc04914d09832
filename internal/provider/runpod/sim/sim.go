// Package runpodsim is RunPod's side of the wire: REST v2 at api.runpod.io and the queues at api.runpod.ai, written
// from the published OpenAPI description 2.0.0 and the documentation. Its one account has a key that only reads.
package runpodsim

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/adsops/cloudtop/internal/sim"
)

// apiKey is the key that the simulated account knows.
const apiKey = "rpa_SIMULATED0KEY0FOR0CLOUDTOP0ONLY00000000"

// secret stands where real answers hold secrets; who reads the account must show none of them.
const secret = "MARKER-SECRET"

const (
	apiHost = "api.runpod.io"
	jobHost = "api.runpod.ai" // where the queues are
)

// New makes the RunPod account of a world.
func New(w *sim.World) sim.Cloud {
	c := &cloud{world: w, quota: quotas{windows: []window{
		{name: "minute", quota: 60, length: time.Minute},
		{name: "hour", quota: 3000, length: time.Hour},
		{name: "day", quota: 50000, length: 24 * time.Hour},
	}}}
	c.build(w.Count("runpod", 0.1, 60))
	c.mux = c.routes()
	return c
}

// cloud implements sim.Cloud.
type cloud struct {
	world     *sim.World
	mux       *http.ServeMux
	pods      []*pod
	endpoints []*endpoint
	volumes   []*volume
	clusters  []*cluster
	quota     quotas
}

// Name implements sim.Cloud.
func (c *cloud) Name() string { return "runpod" }

// Hosts implements sim.Cloud.
func (c *cloud) Hosts() []string { return []string{apiHost, jobHost} }

// Credentials implements sim.Cloud.
func (c *cloud) Credentials() sim.Credentials {
	return sim.Credentials{
		Env: map[string]string{"RUNPOD_API_KEY": apiKey}, Values: map[string]string{"api_key": apiKey},
		Files: map[string]string{".runpod/config.toml": "apikey = '" + apiKey + "'\n"},
	}
}

// object is a JSON object.
type object = map[string]any

// answerer answers a GET.
type answerer func(r *http.Request) (any, *problem)

// table lists the endpoints of v2: what answers a GET, and the methods that write, which the key may not use.
func (c *cloud) table() map[string]struct {
	get    answerer
	writes string
} {
	type route = struct {
		get    answerer
		writes string
	}
	return map[string]route{
		"/v2/account/ssh-keys":                        {listKeys, "PUT"},
		"/v2/pods":                                    {c.listPods, "POST"},
		"/v2/pods/{id}":                               {c.getPod, "PATCH DELETE"},
		"/v2/pods/{id}/logs":                          {c.podLogs, ""},
		"/v2/pods/{id}/action":                        {nil, "POST"},
		"/v2/clusters":                                {c.listClusters, "POST"},
		"/v2/clusters/{id}":                           {c.getCluster, "PATCH DELETE"},
		"/v2/clusters/{id}/pods":                      {c.listClusterPods, ""},
		"/v2/serverless":                              {c.listEndpoints, "POST"},
		"/v2/serverless/{id}":                         {c.getEndpoint, "PATCH DELETE"},
		"/v2/serverless/{id}/workers":                 {c.listWorkers, ""},
		"/v2/serverless/{id}/builds":                  {c.listBuilds, ""},
		"/v2/serverless/{id}/releases":                {c.listReleases, ""},
		"/v2/templates":                               {c.listTemplates, "POST"},
		"/v2/templates/{id}":                          {c.getTemplate, "PATCH DELETE"},
		"/v2/network-volumes":                         {c.listVolumes, "POST"},
		"/v2/network-volumes/{id}":                    {c.getVolume, "PATCH DELETE"},
		"/v2/registries":                              {listRegistries, "POST"},
		"/v2/registries/{id}":                         {getRegistry, "DELETE"},
		"/v2/registries/delegations":                  {listDelegations, "POST"},
		"/v2/catalog/gpus":                            {c.listGPUs, ""},
		"/v2/catalog/gpus/{id}":                       {c.getGPU, ""},
		"/v2/catalog/cpus":                            {c.listCPUs, ""},
		"/v2/catalog/cpus/{id}":                       {c.getCPU, ""},
		"/v2/catalog/datacenters":                     {c.listDataCenters, ""},
		"/v2/catalog/datacenters/{id}":                {c.getDataCenter, ""},
		"/v2/catalog/templates":                       {c.publicTemplates, ""},
		"/v2/billing":                                 {c.billOf(whole()), ""},
		"/v2/billing/pods":                            {c.billOf(ofPods()), ""},
		"/v2/billing/serverless":                      {c.billOf(ofServerless()), ""},
		"/v2/billing/endpoints":                       {c.billOf(ofPublicEndpoints()), ""},
		"/v2/billing/network-volumes":                 {c.billOf(ofVolumes()), ""},
		"/v2/billing/clusters":                        {c.billOf(ofClusters()), ""},
		"/v2/registries/delegations/{id}":             {nil, "DELETE"},
		"/v2/serverless/{id}/workers/{workerId}/logs": {c.workerLogs, ""},
	}
}

func (c *cloud) routes() *http.ServeMux {
	mux := http.NewServeMux()
	for path, route := range c.table() {
		mux.HandleFunc(apiHost+path, func(w http.ResponseWriter, r *http.Request) {
			writes := strings.Fields(route.writes)
			switch {
			case (r.Method == http.MethodGet || r.Method == http.MethodHead) && route.get != nil:
				answer(w, r, route.get)
			case slices.Contains(writes, r.Method):
				c.Fail(w, r, http.StatusForbidden)
			default:
				if route.get != nil {
					writes = append([]string{http.MethodGet}, writes...)
				}
				w.Header().Set("Allow", strings.Join(writes, ", "))
				c.Fail(w, r, http.StatusMethodNotAllowed)
			}
		})
	}
	mux.HandleFunc("GET "+jobHost+"/v2/{id}/health", c.health)
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { c.Fail(w, r, http.StatusNotFound) })
	return mux
}

func answer(w http.ResponseWriter, r *http.Request, get answerer) {
	switch v, p := get(r); {
	case p != nil:
		p.write(w)
	default:
		write(w, http.StatusOK, v)
	}
}

// ServeHTTP implements http.Handler: first the key, then the quotas, then the answer.
func (c *cloud) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch auth := r.Header.Get("Authorization"); {
	case auth == "":
		unauthorized("missing bearer token").write(w)
		return
	case auth != "Bearer "+apiKey && (r.Host != jobHost || auth != apiKey): // the queues' host takes the raw key too
		unauthorized("invalid bearer token").write(w)
		return
	}
	if r.Host != apiHost {
		c.mux.ServeHTTP(w, r)
		return
	}
	exhausted, wait := c.quota.count(c.world.Now())
	w.Header().Set("RateLimit", c.quota.field(c.world.Now()))
	w.Header().Set("RateLimit-Policy", c.quota.policy())
	if wait > 0 {
		w.Header().Set("Retry-After", fmt.Sprint(ceil(wait)))
		(&problem{Status: http.StatusTooManyRequests, Detail: "rate limit exceeded for the " + exhausted + " window"}).write(w)
		return
	}
	c.mux.ServeHTTP(w, r)
}

// ceil returns whole seconds, rounded up.
func ceil(d time.Duration) int { return int((d + time.Second - 1) / time.Second) }

// problem is an error answer: application/problem+json (RFC 9457).
type problem struct {
	Title  string   `json:"title"`
	Status int      `json:"status"`
	Detail string   `json:"detail"`
	Errors []string `json:"errors,omitempty"`
}

func unauthorized(detail string) *problem {
	return &problem{Status: http.StatusUnauthorized, Detail: detail}
}

func badRequest(detail string) *problem {
	return &problem{Status: http.StatusBadRequest, Detail: detail}
}

func notFound(what string) *problem {
	return &problem{Status: http.StatusNotFound, Detail: what + " not found"}
}

func (p *problem) write(w http.ResponseWriter) {
	p.Title = http.StatusText(p.Status)
	w.Header().Set("Content-Type", "application/problem+json")
	write(w, p.Status, p)
}

// Fail implements sim.Cloud.
func (c *cloud) Fail(w http.ResponseWriter, _ *http.Request, status int) {
	detail := strings.ToLower(http.StatusText(status))
	switch status {
	case http.StatusUnauthorized:
		detail = "invalid bearer token"
	case http.StatusForbidden:
		detail = "access denied"
	case http.StatusNotFound:
		detail = "resource not found"
	case http.StatusTooManyRequests:
		detail = "rate limit exceeded for the minute window"
	case http.StatusMethodNotAllowed:
		detail = "The requested method is not allowed for this path."
	case http.StatusUnprocessableEntity:
		detail = "Request validation failed."
	}
	(&problem{Status: status, Detail: detail}).write(w)
}

// events is an answer of Server-Sent Events.
type events string

func write(w http.ResponseWriter, status int, v any) {
	if text, ok := v.(events); ok {
		w.Header().Set("Content-Type", "text/event-stream")
		w.Header().Set("Cache-Control", "no-cache")
		w.Header().Set("X-Accel-Buffering", "no")
		_, _ = w.Write([]byte(text))
		return
	}
	if w.Header().Get("Content-Type") == "" {
		w.Header().Set("Content-Type", "application/json")
	}
	w.WriteHeader(status)
	_, _ = w.Write(sim.AppendJSON(nil, v))
}
