// Package neonsim is Neon's side of the wire: the public API v2 at console.neon.tech, written from the published
// OpenAPI description and the documentation.
package neonsim

import (
	"fmt"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/adsops/cloudtop/internal/sim"
)

// What lets a client in. They open nothing but this simulator.
const (
	APIKey = "napi_simulated0key0for0cloudtop0only000000000000" //nolint:gosec // a personal key: it sees every organisation
	OrgKey = "napi_simulated0key0of0one0organisation0000000000" //nolint:gosec // a key that the first organisation owns
)

// marker stands in every field that holds a secret.
const marker = "MARKER-SECRET"

// New makes the Neon account of a world.
func New(w *sim.World) sim.Cloud {
	c := &cloud{
		world:       w,
		minute:      sim.Limiter{N: 700, Per: time.Minute},
		route:       sim.Limiter{N: 40, Per: time.Second},
		consumption: sim.Limiter{N: 30, Per: time.Minute},
	}
	c.build(w.Count("neon", 0.1, 50))
	c.mux = c.routes()
	return c
}

// cloud implements sim.Cloud.
type cloud struct {
	world    *sim.World
	mux      *http.ServeMux
	projects []*project
	requests atomic.Int64

	minute, route, consumption sim.Limiter
}

// Name implements sim.Cloud.
func (c *cloud) Name() string { return "neon" }

// Hosts implements sim.Cloud.
func (c *cloud) Hosts() []string { return []string{"console.neon.tech"} }

// Credentials implements sim.Cloud.
func (c *cloud) Credentials() sim.Credentials {
	return sim.Credentials{Env: map[string]string{"NEON_API_KEY": APIKey}, Values: map[string]string{"api_key": APIKey}}
}

// object is a JSON object.
type object = map[string]any

// failure is an error answer.
type failure struct {
	status  int
	message string
}

func bad(format string, args ...any) *failure {
	return &failure{http.StatusBadRequest, fmt.Sprintf(format, args...)}
}

func missing(what string) *failure { return &failure{http.StatusNotFound, what + " not found"} }

// answer makes the answer to a call.
type answer func(*http.Request) (any, *failure)

func (c *cloud) routes() *http.ServeMux {
	mux := http.NewServeMux()
	of := c.inProject
	for path, do := range map[string]answer{
		"/auth": auth, "/users/me": me, "/users/me/organizations": listOrganizations, "/api_keys": listKeys,
		"/regions": regions, "/organizations/{org}": inOrg(getOrganization), "/organizations/{org}/members": inOrg(listMembers),
		"/organizations/{org}/api_keys":               inOrg(func(r *http.Request, _ org) (any, *failure) { return listKeys(r) }),
		"/organizations/{org}/billing/spending_limit": inOrg(spendingLimit),
		"/projects": c.listProjects, "/projects/shared": sharedProjects, "/projects/{id}": of(c.getProject),
		"/projects/{id}/permissions": of(permissions), "/projects/{id}/connection_uri": of(connectionURI),
		"/projects/{id}/snapshots": of(snapshots), "/projects/{id}/branches": of(listBranches),
		"/projects/{id}/branches/count": of(countBranches), "/projects/{id}/branches/{branch}": of(getBranch),
		"/projects/{id}/branches/{branch}/endpoints":                    of(listEndpoints),
		"/projects/{id}/branches/{branch}/databases":                    of(listDatabases),
		"/projects/{id}/branches/{branch}/roles":                        of(listRoles),
		"/projects/{id}/branches/{branch}/roles/{role}/reveal_password": of(revealPassword),
		"/projects/{id}/endpoints":                                      of(listEndpoints),
		"/projects/{id}/endpoints/{endpoint}":                           of(getEndpoint),
		"/projects/{id}/operations":                                     of(listOperations),
		"/projects/{id}/operations/{operation}":                         of(getOperation),
		"/consumption_history/v2/projects":                              c.metered(byProject),
		"/consumption_history/v2/branches":                              c.metered(byBranch),
		"/consumption_history/projects":                                 c.metered(byProjectBefore),
	} {
		mux.HandleFunc("/api/v2"+path, func(w http.ResponseWriter, r *http.Request) {
			if r.Method != http.MethodGet {
				w.Header().Set("Allow", http.MethodGet)
				c.Fail(w, r, http.StatusMethodNotAllowed)
				return
			}
			v, f := do(r)
			if f != nil {
				c.fail(w, r, f)
				return
			}
			writeJSON(w, http.StatusOK, v)
		})
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { c.Fail(w, r, http.StatusNotFound) })
	return mux
}

// ServeHTTP implements http.Handler: first the key, then the limits, then the answer.
func (c *cloud) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !known(r) {
		c.Fail(w, r, http.StatusUnauthorized)
		return
	}
	now := c.world.Now()
	_, pattern := c.mux.Handler(r)
	_, inMinute := c.minute.Allow("account", now)
	if _, onRoute := c.route.Allow(pattern, now); !inMinute || !onRoute {
		c.Fail(w, r, http.StatusTooManyRequests)
		return
	}
	c.mux.ServeHTTP(w, r)
}

// Fail implements sim.Cloud. Neon documents no Retry-After, and sends none.
func (c *cloud) Fail(w http.ResponseWriter, r *http.Request, status int) {
	messages := map[int]string{
		http.StatusUnauthorized: "supplied credentials do not pass authentication", http.StatusForbidden: "permission denied",
		http.StatusNotFound: "not found", http.StatusTooManyRequests: "you have exceeded the rate limit",
	}
	message := messages[status]
	if message == "" {
		message = http.StatusText(status)
	}
	c.fail(w, r, &failure{status, message})
}

// fail answers with the schema GeneralError. A client may name its request itself.
func (c *cloud) fail(w http.ResponseWriter, r *http.Request, f *failure) {
	id := r.Header.Get("X-Request-Id")
	if id == "" {
		id = fmt.Sprintf("00000000-0000-4000-8000-%012d", c.requests.Add(1))
	}
	writeJSON(w, f.status, object{"request_id": id, "code": "", "message": f.message})
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(sim.AppendJSON(nil, v))
}
