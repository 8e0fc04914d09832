package oraclesim

import (
	"fmt"
	"net/http"

	"github.com/adsops/cloudtop/internal/sim"
)

// fault is an error answer (docs.oracle.com/iaas/Content/API/References/apierrors.htm).
type fault struct {
	status  int
	Code    string `json:"code"`
	Message string `json:"message"`
}

func (f *fault) write(w http.ResponseWriter) { writeJSON(w, f.status, f) }

func invalid(format string, args ...any) *fault {
	return &fault{http.StatusBadRequest, "InvalidParameter", fmt.Sprintf(format, args...)}
}

func missing(param string) *fault {
	return &fault{http.StatusBadRequest, "MissingParameter", "Missing required parameter: " + param}
}

// hidden is the answer for what is not there and for what may not be seen: the two look alike.
func hidden() *fault {
	return &fault{http.StatusNotFound, "NotAuthorizedOrNotFound", "Authorization failed or requested resource not found."}
}

func unauthenticated(message string) *fault {
	if message == "" {
		message = "The required information to complete authentication was not provided or was incorrect."
	}
	return &fault{http.StatusUnauthorized, "NotAuthenticated", message}
}

// faults returns Oracle's error for a status.
func faultOf(status int) *fault {
	switch status {
	case http.StatusUnauthorized:
		return unauthenticated("")
	case http.StatusNotFound:
		return hidden()
	}
	known := map[int]fault{
		http.StatusBadRequest:          {Code: "InvalidParameter", Message: "The request is invalid."},
		http.StatusForbidden:           {Code: "NotAuthorized", Message: "You are not authorized to make this request."},
		http.StatusMethodNotAllowed:    {Code: "MethodNotAllowed", Message: "The requested method is not allowed for this resource."},
		http.StatusTooManyRequests:     {Code: "TooManyRequests", Message: "User-rate limit exceeded."},
		http.StatusInternalServerError: {Code: "InternalServerError", Message: "An internal server error occurred."},
		http.StatusServiceUnavailable:  {Code: "ServiceUnavailable", Message: "The service is currently unavailable."},
	}
	f, ok := known[status]
	if !ok {
		f = fault{Code: "InternalServerError", Message: http.StatusText(status)}
	}
	f.status = status
	return &f
}

// Fail implements sim.Cloud.
func (c *cloud) Fail(w http.ResponseWriter, r *http.Request, status int) {
	c.stamp(w, r)
	faultOf(status).write(w)
}

// stamp writes the request's id: what the client sent, and two parts of the service's own.
func (c *cloud) stamp(w http.ResponseWriter, r *http.Request) {
	own := fmt.Sprintf("%032X", c.requests.Add(1))
	id := r.Header.Get("Opc-Request-Id")
	if id == "" {
		id = own
	}
	w.Header().Set("Opc-Request-Id", id+"/"+own+"/"+own)
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	writeRaw(w, status, sim.AppendJSON(nil, v))
}

func writeRaw(w http.ResponseWriter, status int, data []byte) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(data)
}
