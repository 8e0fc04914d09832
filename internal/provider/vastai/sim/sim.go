// Package vastaisim is Vast.ai's side of the wire: the console's REST API at console.vast.ai, and the workers' at
// run.vast.ai, written from the
// published descriptions (vast-ai/docs, api-reference/openapi/yaml, August 2026), its page on rate limits and errors,
// and what the official command line (vastai 1.9.1) sends and reads.
package vastaisim

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"github.com/adsops/cloudtop/internal/sim"
)

// apiKey is the key that the simulated account knows: 64 hexadecimal digits, as real ones are.
const apiKey = "5171a7ed0c10ad70b0000000000000000000000000000000000000000cafe001"

// New makes the Vast.ai account of a world.
func New(w *sim.World) sim.Cloud {
	c := &cloud{world: w, limits: newLimits()}
	c.buildMarket()
	c.buildAccount(w.Count("vastai", 0.15, mostContracts))
	c.routes = c.table()
	return c
}

// cloud implements sim.Cloud.
type cloud struct {
	world     *sim.World
	routes    map[string]route
	limits    map[string]*sim.Limiter
	machines  []*machine
	account   account
	contracts []*contract // by id
	labels    map[string]int
	volumes   []*volume
	endpoints []*endpoint
}

// Name implements sim.Cloud.
func (c *cloud) Name() string { return "vastai" }

// Hosts implements sim.Cloud.
func (c *cloud) Hosts() []string { return []string{"console.vast.ai", workersHost} }

// Credentials implements sim.Cloud.
func (c *cloud) Credentials() sim.Credentials {
	return sim.Credentials{
		Env:    map[string]string{"VAST_API_KEY": apiKey},
		Files:  map[string]string{".config/vastai/vast_api_key": apiKey + "\n"},
		Values: map[string]string{"api_key": apiKey},
	}
}

// route is one endpoint of the API.
type route struct {
	method    string
	anonymous bool // answers without a key as well
	unknown   int  // the status for a key that nobody has
	service   string
	answer    func(r *http.Request) (any, *failure)
}

// table lists the endpoints by path without the trailing slash. The API answers with and without it: its descriptions
// have it, its combined description and some calls of the official client have not.
func (c *cloud) table() map[string]route {
	return map[string]route{
		"/api/v0/users/current":         {method: http.MethodGet, unknown: http.StatusUnauthorized, answer: c.currentUser},
		"/api/v1/instances":             {method: http.MethodGet, unknown: http.StatusUnauthorized, service: "instances", answer: c.listInstances},
		"/api/v0/instances/filters":     {method: http.MethodGet, unknown: http.StatusUnauthorized, service: "instances", answer: c.instanceFilters},
		"/api/v0/instances/{id}":        {method: http.MethodGet, unknown: http.StatusUnauthorized, service: "instances", answer: c.showInstance},
		"/api/v0/volumes":               {method: http.MethodGet, unknown: http.StatusUnauthorized, service: "volumes", answer: c.listVolumes},
		"/api/v0/endptjobs":             {method: http.MethodGet, unknown: http.StatusUnauthorized, service: "endpoints", answer: c.listEndpoints},
		"/api/v0/charges":               {method: http.MethodGet, unknown: http.StatusNotFound, answer: c.listCharges},
		"/api/v0/metrics/gpu/current":   {method: http.MethodGet, unknown: http.StatusUnauthorized, answer: c.marketNow},
		"/api/v0/metrics/gpu/locations": {method: http.MethodGet, unknown: http.StatusUnauthorized, answer: c.marketPlaces},
		"/api/v0/metrics/gpu/history":   {method: http.MethodGet, unknown: http.StatusUnauthorized, answer: c.marketTrends},
		"/api/v0/machines":              {method: http.MethodGet, unknown: http.StatusUnauthorized, answer: c.listMachines},
		"/api/v0/deployments":           {method: http.MethodGet, unknown: http.StatusUnauthorized, service: "endpoints", answer: c.listDeployments},
		"/api/v0/workergroups":          {method: http.MethodGet, unknown: http.StatusUnauthorized, service: "endpoints", answer: c.listWorkergroups},
		"/api/v1/invoices":              {method: http.MethodGet, unknown: http.StatusNotFound, answer: c.listInvoices},
		workersHost + "/get_endpoint_workers": {
			method: http.MethodPost, unknown: http.StatusUnauthorized, service: "endpoints",
			answer: c.workersOf("endpoint", func(e *endpoint) int { return e.ID }),
		},
		workersHost + "/get_workergroup_workers": {
			method: http.MethodPost, unknown: http.StatusUnauthorized, service: "endpoints",
			answer: c.workersOf("workergroup", func(e *endpoint) int { return e.group().ID }),
		},
		"/api/v0/bundles":     {method: http.MethodPost, anonymous: true, unknown: http.StatusNotFound, answer: c.searchBundles},
		"/api/v0/search/asks": {method: http.MethodPut, anonymous: true, unknown: http.StatusNotFound, answer: c.searchAsks},
	}
}

// ServeHTTP implements http.Handler: path, method, pace, key, permission, answer.
func (c *cloud) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path := pattern(r.URL.Path)
	if r.Host == workersHost {
		path = workersHost + path
	}
	rt, ok := c.routes[path]
	if !ok {
		c.Fail(w, r, http.StatusNotFound)
		return
	}
	if r.Method != rt.method {
		w.Header().Set("Allow", rt.method)
		c.Fail(w, r, http.StatusMethodNotAllowed)
		return
	}
	if f := c.pace(path, r); f != nil {
		f.write(w)
		return
	}
	if f := c.admit(&rt, r); f != nil {
		f.write(w)
		return
	}
	answer, f := rt.answer(r)
	if f != nil {
		f.write(w)
		return
	}
	writeJSON(w, http.StatusOK, answer)
}

// pattern returns the path without its trailing slash, and with {id} for an instance's number.
func pattern(path string) string {
	path = strings.TrimSuffix(path, "/")
	if id, ok := strings.CutPrefix(path, "/api/v0/instances/"); ok && id != "filters" && !strings.Contains(id, "/") {
		return "/api/v0/instances/{id}"
	}
	return path
}

// raw is an answer that is encoded already.
type raw []byte

func writeJSON(w http.ResponseWriter, status int, v any) {
	data, ok := v.(raw)
	if !ok {
		var err error
		if data, err = json.Marshal(v); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(data)
}

// failure is an error answer. Text is sent as it stands; without it the answer is JSON.
type failure struct {
	status int
	text   string

	retryAfter string // header; empty = none

	Success *bool  `json:"success,omitempty"`
	Error   string `json:"error,omitempty"`
	Msg     string `json:"msg,omitempty"`
	Detail  string `json:"detail,omitempty"`
}

func (f *failure) write(w http.ResponseWriter) {
	if f.retryAfter != "" {
		w.Header().Set("Retry-After", f.retryAfter)
	}
	if f.text == "" {
		writeJSON(w, f.status, f)
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(f.status)
	_, _ = fmt.Fprint(w, f.text)
}

// failed is the most common shape: {"success": false, "error": ..., "msg": ...}.
func failed(status int, code, msg string) *failure {
	return &failure{status: status, Success: new(bool), Error: code, Msg: msg}
}

// badQuery is the shape of show_instances.yaml and search_offers.yaml, without success.
func badQuery(code, format string, args ...any) *failure {
	return &failure{status: http.StatusBadRequest, Error: code, Msg: fmt.Sprintf(format, args...)}
}

// Fail implements sim.Cloud.
func (c *cloud) Fail(w http.ResponseWriter, _ *http.Request, status int) {
	switch status {
	case http.StatusUnauthorized:
		failed(status, "auth_error", "Invalid user key").write(w)
	case http.StatusForbidden:
		failed(status, "permission_denied", "This API key does not have the permission for this action.").write(w)
	case http.StatusNotFound:
		failed(status, "not_found", "The requested URL was not found on the server.").write(w)
	case http.StatusTooManyRequests:
		(&failure{status: status, text: "API requests too frequent"}).write(w)
	default:
		failed(status, "server_error", http.StatusText(status)).write(w)
	}
}
