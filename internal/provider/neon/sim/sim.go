// Package neonsim is Neon's side of the wire: the public API v2 at console.neon.tech, written from the published
// OpenAPI description and the documentation.
package neonsim

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/adsops/cloudtop/internal/sim"
)

// apiKey is the personal key that the simulated account knows.
const apiKey = "napi_simulated0key0for0cloudtop0only000000000000"

// New makes the Neon account of a world.
func New(w *sim.World) sim.Cloud {
	c := &cloud{
		world:       w,
		minute:      sim.Limiter{N: 700, Per: time.Minute},
		burst:       sim.Limiter{N: 60, Per: time.Second},
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

	minute, burst, consumption sim.Limiter
}

// Name implements sim.Cloud.
func (c *cloud) Name() string { return "neon" }

// Hosts implements sim.Cloud.
func (c *cloud) Hosts() []string { return []string{"console.neon.tech"} }

// Credentials implements sim.Cloud.
func (c *cloud) Credentials() sim.Credentials {
	return sim.Credentials{Env: map[string]string{"NEON_API_KEY": apiKey}, Values: map[string]string{"api_key": apiKey}}
}

// failure is an error answer.
type failure struct {
	status  int
	message string
}

func (c *cloud) routes() *http.ServeMux {
	mux := http.NewServeMux()
	for path, answer := range map[string]func(*http.Request) (any, *failure){
		"/auth":                                      c.auth,
		"/users/me":                                  c.me,
		"/users/me/organizations":                    c.organizations,
		"/projects":                                  c.listProjects,
		"/projects/{id}":                             c.inProject(c.getProject),
		"/projects/{id}/branches":                    c.inProject(c.listBranches),
		"/projects/{id}/endpoints":                   c.inProject(c.listEndpoints),
		"/projects/{id}/operations":                  c.inProject(c.listOperations),
		"/consumption_history/v2/projects":           c.listConsumption,
		"/organizations/{id}/billing/spending_limit": c.spendingLimit,
	} {
		mux.HandleFunc("/api/v2"+path, func(w http.ResponseWriter, r *http.Request) {
			if r.Method != http.MethodGet {
				w.Header().Set("Allow", http.MethodGet)
				c.Fail(w, r, http.StatusMethodNotAllowed)
				return
			}
			v, f := answer(r)
			if f != nil {
				c.fail(w, f)
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
	if r.Header.Get("Authorization") != "Bearer "+apiKey {
		c.Fail(w, r, http.StatusUnauthorized)
		return
	}
	now := c.world.Now()
	for _, l := range []*sim.Limiter{&c.minute, &c.burst} {
		if _, ok := l.Allow("account", now); !ok {
			c.Fail(w, r, http.StatusTooManyRequests)
			return
		}
	}
	c.mux.ServeHTTP(w, r)
}

// Fail implements sim.Cloud. Neon documents no Retry-After, and sends none.
func (c *cloud) Fail(w http.ResponseWriter, _ *http.Request, status int) {
	messages := map[int]string{
		http.StatusUnauthorized: "supplied credentials do not pass authentication", http.StatusForbidden: "permission denied",
		http.StatusNotFound: "not found", http.StatusTooManyRequests: "you have exceeded the rate limit",
	}
	message := messages[status]
	if message == "" {
		message = http.StatusText(status)
	}
	c.fail(w, &failure{status, message})
}

func (c *cloud) fail(w http.ResponseWriter, f *failure) {
	writeJSON(w, f.status, map[string]string{
		"request_id": fmt.Sprintf("00000000-0000-4000-8000-%012d", c.requests.Add(1)), "code": "", "message": f.message,
	})
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	data, err := json.Marshal(v)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(data)
}

// limit reads a page size between 1 and most.
func limit(r *http.Request, usual, most int) (int, *failure) {
	v := r.URL.Query().Get("limit")
	if v == "" {
		return usual, nil
	}
	n, err := strconv.Atoi(v)
	if err != nil || n < 1 || n > most {
		return 0, &failure{http.StatusBadRequest, fmt.Sprintf("limit must be between 1 and %d", most)}
	}
	return n, nil
}

// page cuts the part of all that a request asks for. Its cursor is the position of the next element, even after the
// last one, as the real service's is.
func page[T any](r *http.Request, all []T, usual, most int) (part []T, next string, f *failure) {
	n, f := limit(r, usual, most)
	if f != nil {
		return nil, "", f
	}
	from := 0
	if cursor := r.URL.Query().Get("cursor"); cursor != "" {
		at, err := strconv.Atoi(cursor)
		if err != nil || at < 0 || at > len(all) {
			return nil, "", &failure{http.StatusBadRequest, "invalid cursor"}
		}
		from = at
	}
	to := min(from+n, len(all))
	return all[from:to], strconv.Itoa(to), nil
}
