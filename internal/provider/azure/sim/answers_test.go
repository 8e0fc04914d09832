package azuresim

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/adsops/cloudtop/internal/sim"
)

func TestFailuresInTheWordsOfEachHost(t *testing.T) {
	t.Parallel()
	x := newTenant(t, sim.Options{})
	arm, graph := "https://"+managementHost+"/subscriptions", "https://"+managementHost+"/providers/Microsoft.ResourceGraph/resources"
	metrics := "https://westeurope" + metricsDomain + "/subscriptions/x/metrics:getBatch"
	for _, tt := range []struct {
		target  string
		status  int
		code    string
		message string // a part of it
	}{
		{arm, 401, "InvalidAuthenticationToken", "access token is invalid"},
		{arm, 403, "AuthorizationFailed", "Microsoft.Resources/subscriptions/read"},
		{arm, 404, "InvalidResourceType", "/subscriptions"},
		{arm, 429, "TooManyRequests", "Retry-After"},
		{arm, 500, "InternalServerError", "internal error"},
		{arm, 503, "ServerBusy", "busy"},
		{arm, 502, "BadGateway", "Bad Gateway"},
		{arm, 409, "Conflict", "Conflict"},
		{graph, 429, "RateLimiting", "throttled"},
		{graph, 403, "AuthorizationFailed", "does not have authorization"},
		{graph, 500, "InternalServerError", "internal error"},
		{metrics, 529, "TooManyRequests", "overloaded"},
		{metrics, 403, "AuthorizationFailed", "Microsoft.Insights/metrics/read"},
		{"https://" + loginHost + "/x", 401, "invalid_client", "AADSTS7000215"},
		{"https://" + loginHost + "/x", 404, "invalid_request", "AADSTS90002"},
		{"https://" + loginHost + "/x", 429, "temporarily_unavailable", "rate limit"},
		{"https://" + loginHost + "/x", 503, "temporarily_unavailable", "AADSTS90033"},
		{"https://" + pricesHost + "/x", 500, "InternalServerError", "internal error"},
	} {
		w := httptest.NewRecorder()
		x.Fail(w, httptest.NewRequest(http.MethodGet, tt.target, nil), tt.status)
		var body map[string]any
		if err := json.Unmarshal(w.Body.Bytes(), &body); err != nil || w.Code != tt.status || code(body) != tt.code || !strings.Contains(w.Body.String(), tt.message) ||
			!strings.HasPrefix(w.Header().Get("Content-Type"), "application/json") {
			t.Errorf("%s: HTTP %d: got HTTP %d %s, want %s with %q", tt.target, tt.status, w.Code, w.Body, tt.code, tt.message)
		}
	}
}

func TestHostsAndNames(t *testing.T) {
	t.Parallel()
	x := newTenant(t, sim.Options{})
	if x.Name() != "azure" {
		t.Errorf("got %q", x.Name())
	}
	for host, want := range map[string]int{
		"management.azure.com": 401, "MANAGEMENT.azure.com": 401, "management.azure.com:443": 401, "westeurope.metrics.monitor.azure.com": 401,
		"prices.azure.com": 404, "login.microsoftonline.com": 400, "graph.microsoft.com": 404, "metrics.monitor.azure.com": 404,
	} {
		r := httptest.NewRequest(http.MethodGet, "https://x/nothing", nil)
		r.Host = host
		w := httptest.NewRecorder()
		if x.ServeHTTP(w, r); w.Code != want {
			t.Errorf("%s: got HTTP %d, want %d", host, w.Code, want)
		}
	}
	for _, h := range x.Hosts() {
		if strings.ContainsAny(h, "/:") {
			t.Errorf("host %q is no host", h)
		}
	}
}

func TestWindowsOfQuota(t *testing.T) {
	t.Parallel()
	type step struct {
		at    time.Duration
		left  int
		reset time.Duration
	}
	for name, steps := range map[string][]step{
		"spent and anew": {{0, 1, 5 * time.Second}, {time.Second, 0, 4 * time.Second}, {2 * time.Second, -1, 3 * time.Second}, {4 * time.Second, -1, time.Second}, {5 * time.Second, 1, 5 * time.Second}},
		"far apart":      {{0, 1, 5 * time.Second}, {time.Hour, 1, 5 * time.Second}, {2 * time.Hour, 1, 5 * time.Second}},
		"at once":        {{0, 1, 5 * time.Second}, {0, 0, 5 * time.Second}, {0, -1, 5 * time.Second}, {0, -1, 5 * time.Second}},
	} {
		q := &window{quota: 2, length: 5 * time.Second}
		for i, s := range steps {
			if left, reset := q.count(sim.Epoch.Add(s.at)); left != s.left || reset != s.reset {
				t.Errorf("%s: step %d: got %d left for %s, want %d for %s", name, i, left, reset, s.left, s.reset)
			}
		}
	}
}

func TestWaitsAreWholeSecondsRoundedUp(t *testing.T) {
	t.Parallel()
	for wait, want := range map[time.Duration]string{0: "0", time.Millisecond: "1", time.Second: "1", 1001 * time.Millisecond: "2", time.Minute: "60"} {
		w := httptest.NewRecorder()
		if retryAfter(w, wait); w.Header().Get("Retry-After") != want {
			t.Errorf("%s: got %q, want %q", wait, w.Header().Get("Retry-After"), want)
		}
	}
}

func TestRequestIDsDependOnTheRequestAlone(t *testing.T) {
	t.Parallel()
	x := newTenant(t, sim.Options{})
	id := func(method, target string) string { return x.traceID(httptest.NewRequest(method, target, nil)) }
	first := id("GET", "https://a/b?c=d")
	if first != id("GET", "https://a/b?c=d") {
		t.Error("the same request has another id")
	}
	for _, other := range []string{id("POST", "https://a/b?c=d"), id("GET", "https://x/b?c=d"), id("GET", "https://a/x?c=d"), id("GET", "https://a/b?c=x")} {
		if other == first || !guidForm.MatchString(other) {
			t.Errorf("got %s beside %s", other, first)
		}
	}
}

func TestALazyPartIsWrittenLikeAnyOther(t *testing.T) {
	t.Parallel()
	v := map[string]any{"now": 1, "later": lazy(func() any { return map[string]any{"deep": lazy(func() any { return "x" })} })}
	want, err := json.Marshal(v)
	if got := sim.AppendJSON(nil, v); err != nil || string(got) != string(want) {
		t.Errorf("got %s, want %s, %v", got, want, err)
	}
}

func TestQueryParametersAreNamedInAnyCase(t *testing.T) {
	t.Parallel()
	x := newTenant(t, sim.Options{})
	s := "https://" + managementHost + "/subscriptions/" + x.subscriptions[0].id
	for _, query := range []string{"api-version=2021-07-01", "API-Version=2021-07-01", "Api-version=2021-07-01&%24Filter=location%20eq%20%27westeurope%27"} {
		if status, _, body := x.send(t, "GET", s+"/providers/Microsoft.Compute/skus?"+query, x.mint(armAudience), ""); status != 200 {
			t.Errorf("%s: got HTTP %d %v", query, status, body)
		}
	}
}
