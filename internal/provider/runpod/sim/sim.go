// Package runpodsim is RunPod's side of the wire: REST v2 at api.runpod.io and the queues at api.runpod.ai, written
// from the published OpenAPI description 2.0.0 and the documentation.
package runpodsim

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/adsops/cloudtop/internal/sim"
)

// apiKey is the key that the simulated account knows.
const apiKey = "rpa_SIMULATED0KEY0FOR0CLOUDTOP0ONLY00000000"

// New makes the RunPod account of a world.
func New(w *sim.World) sim.Cloud {
	c := &cloud{world: w, windows: []window{
		{name: "minute", quota: 60, length: time.Minute},
		{name: "hour", quota: 3000, length: time.Hour},
		{name: "day", quota: 50000, length: 24 * time.Hour},
	}}
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
	windows   []window
}

// Name implements sim.Cloud.
func (c *cloud) Name() string { return "runpod" }

// Hosts implements sim.Cloud.
func (c *cloud) Hosts() []string { return []string{"api.runpod.io", "api.runpod.ai"} }

// Credentials implements sim.Cloud.
func (c *cloud) Credentials() sim.Credentials {
	return sim.Credentials{
		Env: map[string]string{"RUNPOD_API_KEY": apiKey}, Values: map[string]string{"api_key": apiKey},
	}
}

func (c *cloud) routes() *http.ServeMux {
	mux := http.NewServeMux()
	for path, answer := range map[string]func(*http.Request) (any, *problem){
		"/v2/pods":                    c.listPods,
		"/v2/pods/{id}":               c.getPod,
		"/v2/serverless":              c.listEndpoints,
		"/v2/serverless/{id}":         c.getEndpoint,
		"/v2/serverless/{id}/workers": c.listWorkers,
		"/v2/network-volumes":         c.listVolumes,
		"/v2/clusters":                c.listClusters,
		"/v2/clusters/{id}/pods":      c.listClusterPods,
		"/v2/catalog/gpus":            c.listGPUs,
		"/v2/catalog/datacenters":     c.listDataCenters,
		"/v2/billing":                 c.bill,
		"/v2/account/ssh-keys":        func(*http.Request) (any, *problem) { return map[string]any{"keys": []string{}}, nil },
	} {
		mux.HandleFunc("api.runpod.io"+path, func(w http.ResponseWriter, r *http.Request) {
			if r.Method != http.MethodGet {
				w.Header().Set("Allow", http.MethodGet)
				c.Fail(w, r, http.StatusMethodNotAllowed)
				return
			}
			v, p := answer(r)
			if p != nil {
				p.write(w)
				return
			}
			writeJSON(w, "application/json", http.StatusOK, v)
		})
	}
	mux.HandleFunc("GET api.runpod.ai/v2/{id}/health", c.health)
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { c.Fail(w, r, http.StatusNotFound) })
	return mux
}

// ServeHTTP implements http.Handler: first the key, then the quotas, then the answer.
func (c *cloud) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch auth := r.Header.Get("Authorization"); {
	case auth == "":
		(&problem{Status: http.StatusUnauthorized, Detail: "missing bearer token"}).write(w)
		return
	case auth != "Bearer "+apiKey && (r.Host != "api.runpod.ai" || auth != apiKey): // the job host takes the raw key too
		(&problem{Status: http.StatusUnauthorized, Detail: "invalid bearer token"}).write(w)
		return
	}
	if r.Host == "api.runpod.io" {
		wait := c.quota.count(c.windows, c.world.Now())
		w.Header().Set("RateLimit", c.quota.field(c.windows, c.world.Now()))
		w.Header().Set("RateLimit-Policy", policy(c.windows))
		if wait > 0 {
			w.Header().Set("Retry-After", fmt.Sprint(int((wait+time.Second-1)/time.Second)))
			c.Fail(w, r, http.StatusTooManyRequests)
			return
		}
	}
	c.mux.ServeHTTP(w, r)
}

// problem is an error answer: application/problem+json (RFC 9457).
type problem struct {
	Title  string   `json:"title"`
	Status int      `json:"status"`
	Detail string   `json:"detail"`
	Errors []string `json:"errors,omitempty"`
}

func (p *problem) write(w http.ResponseWriter) {
	p.Title = http.StatusText(p.Status)
	writeJSON(w, "application/problem+json", p.Status, p)
}

// Fail implements sim.Cloud.
func (c *cloud) Fail(w http.ResponseWriter, _ *http.Request, status int) {
	details := map[int]string{
		http.StatusUnauthorized: "invalid bearer token", http.StatusForbidden: "access denied",
		http.StatusNotFound: "resource not found", http.StatusTooManyRequests: "rate limit exceeded",
		http.StatusMethodNotAllowed: "method not allowed",
	}
	detail := details[status]
	if detail == "" {
		detail = strings.ToLower(http.StatusText(status))
	}
	(&problem{Status: status, Detail: detail}).write(w)
}

func writeJSON(w http.ResponseWriter, kind string, status int, v any) {
	data, err := json.Marshal(v)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", kind)
	w.WriteHeader(status)
	_, _ = w.Write(data)
}
