package azuresim

import (
	"fmt"
	"hash/fnv"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/adsops/cloudtop/internal/sim"
)

// problem is an error answer of Azure: {"error":{"code","message","details"}}.
type problem struct {
	status        int
	code, message string
	details       []detail
}

type detail struct {
	Code    string `json:"code"`
	Message string `json:"message"`
}

func (p *problem) write(w http.ResponseWriter) {
	body := map[string]any{"code": p.code, "message": p.message}
	if len(p.details) > 0 {
		body["details"] = p.details
	}
	w.Header().Set("X-Ms-Failure-Cause", "gateway")
	writeJSON(w, p.status, map[string]any{"error": body})
}

func badRequest(format string, args ...any) *problem {
	return &problem{http.StatusBadRequest, "BadRequest", fmt.Sprintf(format, args...), nil}
}

func invalidPath(r *http.Request) *problem {
	return &problem{
		http.StatusNotFound, "InvalidResourceType",
		"The resource type could not be found for the request path '" + r.URL.Path + "'.", nil,
	}
}

func notAllowed(r *http.Request) *problem {
	return &problem{http.StatusMethodNotAllowed, "HttpMethodNotSupported", "The HTTP method '" + r.Method + "' is not supported at this location.", nil}
}

// unauthorized is what a principal without a role at the scope is told.
func (c *cloud) unauthorized(r *http.Request, scope string) *problem {
	action := "Microsoft.Resources/subscriptions/read"
	if strings.Contains(strings.ToLower(r.URL.Path), "metrics") {
		action = "Microsoft.Insights/metrics/read"
	}
	return c.forbidden(action, scope)
}

// forbidden is what a principal without a role that allows the action is told.
func (c *cloud) forbidden(action, scope string) *problem {
	return &problem{
		http.StatusForbidden, "AuthorizationFailed", fmt.Sprintf("The client '%s' with object id '%s' does not have "+
			"authorization to perform action '%s' over scope '%s' or the scope is invalid. If access was recently granted, "+
			"please refresh your credentials.", c.client, c.object, action, scope), nil,
	}
}

// Fail implements sim.Cloud.
func (c *cloud) Fail(w http.ResponseWriter, r *http.Request, status int) {
	host, _, _ := strings.Cut(strings.ToLower(r.Host), ":")
	switch {
	case host == loginHost:
		c.failLogin(w, status)
		return
	case strings.HasSuffix(r.URL.Path, "/providers/Microsoft.ResourceGraph/resources") && status == http.StatusTooManyRequests:
		c.graphProblem(http.StatusTooManyRequests, "RateLimiting", "Client application has been throttled and should not attempt "+
			"to repeat the request until an amount of time has elapsed. Please see https://aka.ms/resourcegraph-throttling for help.").write(w)
		return
	}
	p := map[int]*problem{
		http.StatusUnauthorized: {status, "InvalidAuthenticationToken", "The access token is invalid.", nil},
		http.StatusForbidden:    c.unauthorized(r, r.URL.Path),
		http.StatusNotFound:     invalidPath(r),
		http.StatusTooManyRequests: {
			status, "TooManyRequests", "The request was throttled. Retry after the time that the Retry-After header says.", nil,
		},
		http.StatusInternalServerError: {status, "InternalServerError", "The server encountered an internal error.", nil},
		http.StatusServiceUnavailable:  {status, "ServerBusy", "The server is busy. Please retry.", nil},
		529:                            {status, "TooManyRequests", "The service is overloaded. Please retry.", nil},
	}[status]
	if p == nil {
		p = &problem{status, strings.ReplaceAll(http.StatusText(status), " ", ""), http.StatusText(status) + ".", nil}
	}
	p.write(w)
}

func writeJSON(w http.ResponseWriter, status int, v any) { write(w, status, sim.AppendJSON(nil, v)) }

func write(w http.ResponseWriter, status int, data []byte) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Cache-Control", "no-cache")
	w.WriteHeader(status)
	_, _ = w.Write(data)
}

func retryAfter(w http.ResponseWriter, wait time.Duration) {
	w.Header().Set("Retry-After", strconv.Itoa(int((wait+time.Second-1)/time.Second)))
}

// traceID is a request id that depends on the request alone.
func (c *cloud) traceID(r *http.Request) string {
	h := fnv.New128a()
	_, _ = h.Write([]byte(r.Method + r.Host + r.URL.RequestURI()))
	s := h.Sum(nil)
	return fmt.Sprintf("%x-%x-%x-%x-%x", s[:4], s[4:6], s[6:8], s[8:10], s[10:])
}

// window is Resource Graph's quota: so many queries in each stretch of length, counted anew at its end.
type window struct {
	quota  int
	length time.Duration

	mu    sync.Mutex
	began time.Time
	used  int
}

// count counts a query at now. left is negative where it is one too many.
func (q *window) count(now time.Time) (left int, reset time.Duration) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if now.Sub(q.began) >= q.length {
		q.began, q.used = now, 0
	}
	q.used = min(q.used+1, q.quota+1)
	return q.quota - q.used, q.length - now.Sub(q.began)
}
