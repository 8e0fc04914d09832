package gcpsim

import (
	"net/http"
	"strings"
)

// problem is an error answer: google.rpc.Status as JSON writes it.
type problem struct {
	Error problemBody `json:"error"`
}

type problemBody struct {
	Code    int              `json:"code"`
	Message string           `json:"message"`
	Errors  []map[string]any `json:"errors,omitempty"`
	Status  string           `json:"status,omitempty"`
	Details []map[string]any `json:"details,omitempty"`
}

func newProblem(status int, message string) *problem {
	return &problem{problemBody{Code: status, Message: message, Status: statusWord(status)}}
}

func statusWord(status int) string {
	return map[int]string{
		http.StatusBadRequest: "INVALID_ARGUMENT", http.StatusUnauthorized: "UNAUTHENTICATED", http.StatusForbidden: "PERMISSION_DENIED",
		http.StatusNotFound: "NOT_FOUND", http.StatusTooManyRequests: "RESOURCE_EXHAUSTED", http.StatusInternalServerError: "INTERNAL",
		http.StatusServiceUnavailable: "UNAVAILABLE",
	}[status]
}

func invalid(message string) *problem { return newProblem(http.StatusBadRequest, message) }

// because adds the reason in the older form, which Compute Engine uses alone.
func (p *problem) because(reason, domain string) *problem {
	p.Error.Errors = append(p.Error.Errors, map[string]any{"message": p.Error.Message, "domain": domain, "reason": reason})
	return p
}

// info adds a google.rpc.ErrorInfo.
func (p *problem) info(reason string, metadata map[string]string) *problem {
	p.Error.Details = append(p.Error.Details, map[string]any{
		"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": reason, "domain": "googleapis.com", "metadata": metadata,
	})
	return p
}

func tooMany(message string) *problem {
	return newProblem(http.StatusTooManyRequests, message).info("RATE_LIMIT_EXCEEDED", map[string]string{"service": "monitoring.googleapis.com"})
}

func (p *problem) write(w http.ResponseWriter) { writeJSON(w, p.Error.Code, p) }

// Fail implements sim.Cloud.
func (c *cloud) Fail(w http.ResponseWriter, r *http.Request, status int) {
	if strings.HasPrefix(r.Host, tokenHost) {
		failToken(w, status)
		return
	}
	messages := map[int]string{
		http.StatusUnauthorized:     "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid authentication credential.",
		http.StatusForbidden:        "The caller does not have permission",
		http.StatusNotFound:         "Method not found.",
		http.StatusMethodNotAllowed: "The request method is not allowed.",
		http.StatusTooManyRequests:  "Quota exceeded for quota metric 'Queries' and limit 'Queries per minute'.",
	}
	message := messages[status]
	if message == "" {
		message = http.StatusText(status)
	}
	newProblem(status, message).write(w)
}
