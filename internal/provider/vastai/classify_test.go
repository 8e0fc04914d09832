package vastai

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
)

// The bodies are those of the published descriptions and of the page on rate limits and errors.
func TestErrorsMeanWhatVastSays(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		what, body string
		status     int
		retryAfter string
		kind       cloud.Kind // empty = by status alone
		wait       time.Duration
		code       string
		hint       bool
	}{
		{what: "unknown key", status: 401, body: `{"success":false,"error":"auth_error","msg":"Invalid user key"}`, kind: cloud.KindAuth, code: "auth_error", hint: true},
		{what: "unknown key, told as not found", status: 404, body: `{"success":false,"error":"auth_error","msg":"Invalid user key"}`, kind: cloud.KindAuth, code: "auth_error", hint: true},
		{what: "unknown key without a code", status: 404, body: `{"msg":"Invalid user key"}`, kind: cloud.KindAuth, hint: true},
		{what: "no key", status: 403, body: `{"success":false,"error":"auth_error","msg":"This action requires login."}`, kind: cloud.KindAuth, code: "auth_error", hint: true},
		{what: "no key for volumes", status: 401, body: `{"detail":"Authentication credentials were not provided."}`, kind: cloud.KindAuth, hint: true},
		{what: "scoped key", status: 403, body: `{"success":false,"error":"auth_error","msg":"not permitted"}`, kind: cloud.KindDenied, code: "auth_error", hint: true},
		{what: "forbidden without a body", status: 403, kind: cloud.KindDenied, hint: true},
		{what: "not found", status: 404, body: `{"success":false,"error":"no_such_ask","msg":"gone"}`, code: "no_such_ask"},
		{what: "no endpoints", status: 400, body: `{"success":false,"error":"invalid_args","msg":"No endpoints for user found"}`, code: noEndpoints},
		{what: "bad filter", status: 400, body: `{"error":"invalid_request","msg":"Error in query parameters: dph_total is not a valid search key"}`, code: "invalid_request"},
		{what: "too frequent", status: 429, body: "API requests too frequent", kind: cloud.KindThrottled},
		{what: "too frequent with a threshold", status: 429, body: "API requests too frequent: endpoint threshold=5.5", kind: cloud.KindThrottled, wait: 5500 * time.Millisecond},
		{what: "too frequent as JSON", status: 429, body: `{"detail":"API requests too frequent endpoint threshold=3.0"}`, kind: cloud.KindThrottled, wait: 3 * time.Second},
		{what: "Retry-After counts more", status: 429, retryAfter: "7", body: `{"detail":"API requests too frequent endpoint threshold=3.0"}`, kind: cloud.KindThrottled},
		{what: "absurd threshold", status: 429, body: "threshold=99999999999999999999", kind: cloud.KindThrottled, wait: time.Hour},
		{what: "daily quota", status: 429, body: `{"success":false,"error":"search_quota_exceeded","msg":"quota"}`, kind: cloud.KindThrottled, wait: time.Hour, code: "search_quota_exceeded", hint: true},
		{what: "daily quota with its end", status: 429, retryAfter: "40000", body: `{"success":false,"error":"search_quota_exceeded","msg":"quota"}`, kind: cloud.KindThrottled, code: "search_quota_exceeded", hint: true},
		{what: "gateway's page", status: 502, body: "<html><body>Bad Gateway</body></html>"},
		{what: "server error", status: 500, body: `{"success":false,"error":"server_error","message":"boom"}`, code: "server_error"},
	} {
		h := http.Header{}
		if c.retryAfter != "" {
			h.Set("Retry-After", c.retryAfter)
		}
		f := classify(c.status, h, []byte(c.body))
		if f.Kind != c.kind || f.Wait != c.wait || f.Code != c.code || (f.Hint != "") != c.hint {
			t.Errorf("%s: got kind %q, wait %v, code %q, hint %q\nwant kind %q, wait %v, code %q, hint %v",
				c.what, f.Kind, f.Wait, f.Code, f.Hint, c.kind, c.wait, c.code, c.hint)
		}
		if strings.Contains(f.Detail, "<") {
			t.Errorf("%s: got detail %q, want no markup", c.what, f.Detail)
		}
	}
}

// FuzzClassify checks that no body does harm: the wait is bounded and a success of classification needs no valid JSON.
func FuzzClassify(f *testing.F) {
	f.Add(429, `{"detail":"API requests too frequent endpoint threshold=3.0"}`)
	f.Add(403, `{"msg":["not","text"]}`)
	f.Add(404, "Invalid user key")
	f.Add(429, "threshold=1e9")
	f.Fuzz(func(t *testing.T, status int, body string) {
		got := classify(status, http.Header{}, []byte(body))
		if got.Wait < 0 || got.Wait > time.Hour {
			t.Errorf("%d %q: got wait %v, want at most an hour", status, body, got.Wait)
		}
		if status == http.StatusTooManyRequests && got.Kind != cloud.KindThrottled {
			t.Errorf("%q: got kind %q, want %q", body, got.Kind, cloud.KindThrottled)
		}
	})
}
