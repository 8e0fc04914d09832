package vastaisim

import (
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/adsops/cloudtop/internal/sim"
)

// newLimits are the published x-rate-limit: the shortest time between two calls of one identity to one endpoint, and
// ten searches a minute. Endpoints without one are not paced here.
func newLimits() map[string]*sim.Limiter {
	searches := &sim.Limiter{N: 10, Per: time.Minute}
	return map[string]*sim.Limiter{
		"/api/v1/instances":             {N: 1, Per: time.Second},
		"/api/v0/instances/{id}":        {N: 1, Per: 2 * time.Second},
		"/api/v0/charges":               {N: 1, Per: time.Second},
		"/api/v0/endptjobs":             {N: 1, Per: 3 * time.Second},
		"/api/v0/metrics/gpu/current":   {N: 1, Per: 3 * time.Second},
		"/api/v0/metrics/gpu/locations": {N: 1, Per: 3 * time.Second},
		"/api/v0/metrics/gpu/history":   {N: 1, Per: 3 * time.Second},
		"/api/v0/volumes":               {N: 1, Per: 5500 * time.Millisecond},
		"/api/v0/workergroups":          {N: 1, Per: 2 * time.Second},
		"/api/v0/deployments":           {N: 1, Per: 3 * time.Second},
		"/api/v1/invoices":              {N: 1, Per: 3 * time.Second},
		"/api/v0/bundles":               searches,
		"/api/v0/search/asks":           searches,
	}
}

// pace refuses calls that come too soon after another. Between two calls the answer tells the threshold, and in
// Retry-After when the next one may come: the official client pages without a pause and lives by it ("rate limit token
// refill"). The searches of a minute are refused in plain text, without it; the page on rate limits knows both.
func (c *cloud) pace(path string, r *http.Request) *failure {
	l := c.limits[path]
	if l == nil {
		return nil
	}
	address, _, _ := net.SplitHostPort(r.RemoteAddr)
	identity := r.Header.Get("Authorization") + " " + address
	wait, ok := l.Allow(identity, c.world.Now())
	if ok {
		return nil
	}
	if l.N > 1 {
		return &failure{status: http.StatusTooManyRequests, text: "API requests too frequent"}
	}
	threshold := strconv.FormatFloat(l.Per.Seconds(), 'f', 1, 64)
	return &failure{
		status: http.StatusTooManyRequests, Detail: "API requests too frequent endpoint threshold=" + threshold,
		retryAfter: strconv.Itoa(int((wait + time.Second - 1) / time.Second)),
	}
}

// admit checks the key and its permissions. Without a key most endpoints answer 403; with a key that nobody has,
// each has its own status.
func (c *cloud) admit(rt *route, r *http.Request) *failure {
	key, bearer := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	switch {
	case key == "" && rt.anonymous:
		return nil
	case key == "" && rt.service == "volumes":
		return &failure{status: http.StatusUnauthorized, Detail: "Authentication credentials were not provided."}
	case key == "":
		return failed(http.StatusForbidden, "auth_error", "This action requires login.")
	case !bearer || key != apiKey:
		return failed(rt.unknown, "auth_error", "Invalid user key")
	case c.denied(rt.service):
		return failed(http.StatusForbidden, "permission_denied", "This API key does not have the permission for this action.")
	}
	return nil
}

// denied reports whether the key has no permission for a service: in a world with incidents it was made without the
// category misc for serverless endpoints.
func (c *cloud) denied(service string) bool { return c.world.Incidents() && service == "endpoints" }
