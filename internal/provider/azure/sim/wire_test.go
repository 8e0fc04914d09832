package azuresim

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/adsops/cloudtop/internal/sim"
)

// wire is one call of the API that answers 200, with all that it needs.
type wire struct {
	name, method, target, body string
	audience                   string // empty = anybody may call
	of                         string // what a subscription's list or thing is told to be denied for: the action
}

// wires are calls of every endpoint.
func (x *tenant) wires(t *testing.T) []wire {
	t.Helper()
	s := "https://" + managementHost + "/subscriptions/" + x.subscriptions[0].id
	const v = "?api-version=2024-11-01"
	vm := x.find(t, func(r *resource) bool { return r.kind.service == "vms" && r.sub == x.subscriptions[0] && r.measured() })
	id := "https://" + managementHost + vm.id
	cpu := "&metricnames=" + url.QueryEscape("Percentage CPU")
	return []wire{
		{"subscriptions", "GET", "https://" + managementHost + "/subscriptions" + v, "", armAudience, ""},
		{"tenants", "GET", "https://" + managementHost + "/tenants" + v, "", armAudience, ""},
		{"providers", "GET", "https://" + managementHost + "/providers" + v, "", armAudience, ""},
		{"one provider", "GET", "https://" + managementHost + "/providers/Microsoft.Web" + v, "", armAudience, ""},
		{"operations", "GET", "https://" + managementHost + "/providers/Microsoft.Compute/operations" + v, "", armAudience, ""},
		{"one subscription", "GET", s + v, "", armAudience, "Microsoft.Resources/subscriptions/read"},
		{"locations", "GET", s + "/locations" + v, "", armAudience, "Microsoft.Resources/subscriptions/read"},
		{"groups", "GET", s + "/resourceGroups" + v, "", armAudience, "Microsoft.Resources/subscriptions/read"},
		{"a group", "GET", s + "/resourceGroups/" + vm.group + v, "", armAudience, "Microsoft.Resources/subscriptions/read"},
		{"everything", "GET", s + "/resources" + v, "", armAudience, "Microsoft.Resources/subscriptions/read"},
		{"machines", "GET", s + "/providers/Microsoft.Compute/virtualMachines" + v, "", armAudience, "Microsoft.Resources/subscriptions/read"},
		{"a machine", "GET", id + v, "", armAudience, "Microsoft.Resources/subscriptions/read"},
		{"sizes", "GET", s + "/providers/Microsoft.Compute/skus" + v, "", armAudience, "Microsoft.Resources/subscriptions/read"},
		{"quotas", "GET", s + "/providers/Microsoft.Compute/locations/eastus/usages" + v, "", armAudience, "Microsoft.Resources/subscriptions/read"},
		{"metrics", "GET", id + "/providers/Microsoft.Insights/metrics" + v + cpu, "", armAudience, "Microsoft.Insights/metrics/read"},
		{"definitions", "GET", id + "/providers/Microsoft.Insights/metricDefinitions" + v, "", armAudience, ""},
		{"a query", "POST", graphURL, `{"query":"Resources | count"}`, armAudience, ""},
		{"a batch", "POST", "https://" + vm.region + metricsDomain + "/subscriptions/" + vm.sub.id + "/metrics:getBatch" + v + cpu,
			`{"resourceids":["` + vm.id + `"]}`, metricsAudience, "Microsoft.Insights/metrics/read"},
		{"prices", "GET", "https://" + pricesHost + "/api/retail/prices" + v, "", "", ""},
	}
}

// try makes a call and returns the recorder.
func (x *tenant) try(c *wire, method, target, token string) *httptest.ResponseRecorder {
	x.now = x.now.Add(time.Second)
	r := httptest.NewRequest(method, escape(target), strings.NewReader(c.body))
	if token != "" {
		r.Header.Set("Authorization", token)
	}
	w := httptest.NewRecorder()
	x.ServeHTTP(w, r)
	return w
}

func codeOf(w *httptest.ResponseRecorder) string {
	var body map[string]any
	if json.Unmarshal(w.Body.Bytes(), &body) != nil {
		return "no JSON"
	}
	return code(body)
}

func TestEveryCallChecksItsToken(t *testing.T) {
	t.Parallel()
	x := newTenant(t, sim.Options{Counts: map[string]int{"azure": 60}})
	other := newTenant(t, sim.Options{Seed: 77})
	for _, c := range x.wires(t) {
		wrong := map[string]string{armAudience: metricsAudience, metricsAudience: armAudience}[c.audience]
		old := x.mint(c.audience)
		for name, tt := range map[string]struct{ token, code string }{
			"good": {"Bearer " + x.mint(c.audience), ""}, "none": {"", "AuthenticationFailed"}, "no token": {"Bearer x", "InvalidAuthenticationToken"},
			"another scheme": {"Basic " + x.mint(c.audience), "InvalidAuthenticationToken"}, "another audience": {"Bearer " + x.mint(wrong), "InvalidAuthenticationTokenAudience"},
			"another tenant": {"Bearer " + other.mint(c.audience), "InvalidAuthenticationToken"}, "the secret itself": {"Bearer " + x.secret, "InvalidAuthenticationToken"},
		} {
			w := x.try(&c, c.method, c.target, tt.token)
			want := http.StatusOK
			if tt.code != "" && c.audience != "" {
				want = http.StatusUnauthorized
			}
			if w.Code != want || want == 401 && codeOf(w) != tt.code || strings.Contains(w.Body.String(), x.secret) {
				t.Errorf("%s with token %s: got HTTP %d %q, want %d %q", c.name, name, w.Code, codeOf(w), want, tt.code)
			}
		}
		x.now = x.now.Add(tokenLife + time.Second)
		if w := x.try(&c, c.method, c.target, "Bearer "+old); c.audience != "" && (w.Code != 401 || codeOf(w) != "ExpiredAuthenticationToken") {
			t.Errorf("%s with an old token: got HTTP %d %q", c.name, w.Code, codeOf(w))
		}
	}
}

func TestEveryCallWantsAVersion(t *testing.T) {
	t.Parallel()
	x := newTenant(t, sim.Options{Counts: map[string]int{"azure": 60}})
	for _, c := range x.wires(t) {
		base, query, _ := strings.Cut(c.target, "?")
		q, err := url.ParseQuery(query)
		if err != nil {
			t.Fatal(err)
		}
		for version, want := range map[string]string{
			"": "MissingApiVersionParameter", "latest": "InvalidApiVersionParameter", "2024": "InvalidApiVersionParameter", "2024-13-01": "InvalidApiVersionParameter",
			"2024-04-01-beta": "InvalidApiVersionParameter", "2024-04-01": "", "2024-04-01-preview": "", "2099-01-01": "",
		} {
			q.Set("api-version", version)
			w := x.try(&c, c.method, base+"?"+q.Encode(), "Bearer "+x.mint(c.audience))
			if c.audience == "" {
				want = "" // the price list is of one version
			}
			if got := codeOf(w); got != want || (want == "") != (w.Code == 200) || want != "" && w.Code != 400 {
				t.Errorf("%s of version %q: got HTTP %d %q, want %q", c.name, version, w.Code, got, want)
			}
		}
	}
}

func TestEveryCallHasItsMethods(t *testing.T) {
	t.Parallel()
	x := newTenant(t, sim.Options{Counts: map[string]int{"azure": 60}})
	for _, c := range x.wires(t) {
		for _, method := range []string{"GET", "POST", "PUT", "PATCH", "DELETE"} {
			if method == c.method {
				continue
			}
			w := x.try(&c, method, c.target, "Bearer "+x.mint(c.audience))
			refused := w.Code == 405 && codeOf(w) == "HttpMethodNotSupported" && w.Header().Get("Allow") == c.method
			forbidden := w.Code == 403 && codeOf(w) == "AuthorizationFailed" && strings.HasPrefix(c.name, "a machine") || w.Code == 403 && c.name == "machines"
			if !refused && !forbidden {
				t.Errorf("%s by %s: got HTTP %d %q, Allow %q", c.name, method, w.Code, codeOf(w), w.Header().Get("Allow"))
			}
		}
	}
}

// TestPathsAreReadInAnyCase asks each in capitals, and with a slash too many at its end.
func TestPathsAreReadInAnyCase(t *testing.T) {
	t.Parallel()
	x := newTenant(t, sim.Options{Counts: map[string]int{"azure": 60}})
	for _, c := range x.wires(t) {
		if c.audience != armAudience {
			continue
		}
		base, query, _ := strings.Cut(strings.TrimPrefix(c.target, "https://"+managementHost), "?")
		want := x.try(&c, c.method, c.target, "Bearer "+x.mint(c.audience)).Body.String()
		for _, path := range []string{strings.ToUpper(base), strings.ToLower(base), base + "/"} {
			w := x.try(&c, c.method, "https://"+managementHost+path+"?"+query, "Bearer "+x.mint(c.audience))
			if w.Code != 200 || len(w.Body.String()) < len(want)/2 {
				t.Errorf("%s at %s: got HTTP %d %.200s", c.name, path, w.Code, w.Body)
			}
		}
	}
}

// TestWhatMayNotBeReadSaysWhy asks for a subscription that the principal may not read, and for one that nobody has.
func TestWhatMayNotBeReadSaysWhy(t *testing.T) {
	t.Parallel()
	x := newTenant(t, sim.Options{Counts: map[string]int{"azure": 60}, Incidents: true})
	first, denied := x.subscriptions[0].id, x.subscriptions[3].id
	for _, c := range x.wires(t) {
		if c.of == "" {
			continue
		}
		w := x.try(&c, c.method, strings.ReplaceAll(c.target, first, denied), "Bearer "+x.mint(c.audience))
		if w.Code != 403 || codeOf(w) != "AuthorizationFailed" || !strings.Contains(w.Body.String(), "'"+c.of+"'") ||
			!strings.Contains(w.Body.String(), x.client) || !strings.Contains(w.Body.String(), x.object) || !strings.Contains(w.Body.String(), denied) {
			t.Errorf("%s: got HTTP %d %s, want 403 for %s", c.name, w.Code, w.Body, c.of)
		}
		w = x.try(&c, c.method, strings.ReplaceAll(c.target, first, "11111111-2222-4333-8444-555555555555"), "Bearer "+x.mint(c.audience))
		if w.Code != 404 || codeOf(w) != "SubscriptionNotFound" {
			t.Errorf("%s of nobody: got HTTP %d %s", c.name, w.Code, w.Body)
		}
	}
}

// TestAnswersCarryTheirHeaders reads what clients log and throttle by.
func TestAnswersCarryTheirHeaders(t *testing.T) {
	t.Parallel()
	x := newTenant(t, sim.Options{Counts: map[string]int{"azure": 60}})
	for _, c := range x.wires(t) {
		for _, token := range []string{"Bearer " + x.mint(c.audience), ""} {
			h := x.try(&c, c.method, c.target, token).Header()
			arm := c.audience == armAudience
			if h.Get("Content-Type") != "application/json; charset=utf-8" || h.Get("Cache-Control") != "no-cache" ||
				arm && (!guidForm.MatchString(h.Get("X-Ms-Request-Id")) || !guidForm.MatchString(h.Get("X-Ms-Correlation-Request-Id"))) {
				t.Errorf("%s: got headers %v", c.name, h)
			}
			challenge := h.Get("Www-Authenticate")
			if (challenge != "") != (arm && token == "") || challenge != "" && !strings.Contains(challenge, `authorization_uri="https://`+loginHost+"/"+x.tenant+`"`) {
				t.Errorf("%s: got challenge %q", c.name, challenge)
			}
			quota := h.Get("X-Ms-User-Quota-Remaining") != "" && h.Get("X-Ms-User-Quota-Resets-After") != ""
			if reads := h.Get("X-Ms-Ratelimit-Remaining-Subscription-Reads"); quota != (c.name == "a query" && token != "") || (reads != "") != (arm && token != "" && c.name != "a query") {
				t.Errorf("%s: got quota %v and reads %q", c.name, quota, reads)
			}
		}
	}
}

// TestThrottlingIsOfOneSubscription spends the reads of one and asks for another.
func TestThrottlingIsOfOneSubscription(t *testing.T) {
	t.Parallel()
	x := newTenant(t, sim.Options{Counts: map[string]int{"azure": 20}})
	token := x.mint(armAudience)
	get := func(s *subscription, path string) (int, http.Header, string) {
		status, h, body := x.send(t, "GET", "https://"+managementHost+"/subscriptions/"+s.id+path+"?api-version=2024-11-01", token, "")
		return status, h, code(body)
	}
	a, b := x.subscriptions[0], x.subscriptions[1]
	for i := range 250 {
		path := []string{"", "/locations", "/resourceGroups"}[i%3]
		if status, _, _ := get(a, path); status != 200 {
			t.Fatalf("call %d: got HTTP %d", i+1, status)
		}
		x.now = x.now.Add(10 * time.Millisecond)
	}
	status, h, code := get(a, "/resources")
	if status != 429 || code != "TooManyRequests" || h.Get("Retry-After") != "8" { // the first call leaves its span in 7.5 seconds
		t.Errorf("one too many: got HTTP %d %q, Retry-After %q", status, code, h.Get("Retry-After"))
	}
	if status, _, _ := get(b, ""); status != 200 {
		t.Errorf("another subscription: got HTTP %d", status)
	}
	if status, _, answer := x.ask(t, "Resources | count", nil); status != 200 || answer == nil {
		t.Errorf("a query: got HTTP %d", status)
	}
	x.now = x.now.Add(8 * time.Second)
	if status, _, _ := get(a, ""); status != 200 {
		t.Errorf("after the wait: got HTTP %d", status)
	}
}

// TestQuotasOfQueriesAreWhatTheirHeadersSay waits as long as the header says.
func TestQuotasOfQueriesAreWhatTheirHeadersSay(t *testing.T) {
	t.Parallel()
	x := newTenant(t, sim.Options{Counts: map[string]int{"azure": 20}})
	token := x.mint(armAudience)
	for round := range 4 {
		var left []string
		for {
			status, h, body := x.send(t, "POST", graphURL, token, `{"query":"Resources | count"}`)
			if status == 429 {
				wait, err := time.Parse("15:04:05", h.Get("X-Ms-User-Quota-Resets-After"))
				if err != nil || code(body) != "RateLimiting" || h.Get("X-Ms-User-Quota-Remaining") != "0" || h.Get("Retry-After") != "" {
					t.Fatalf("round %d: got %v %v, %v", round, h, body, err)
				}
				x.now = x.now.Add(time.Duration(wait.Second()) * time.Second)
				break
			}
			if left = append(left, h.Get("X-Ms-User-Quota-Remaining")); len(left) > 20 {
				t.Fatalf("round %d: no end at %v", round, left)
			}
			x.now = x.now.Add(100 * time.Millisecond)
		}
		if len(left) != 15 || left[0] != "14" || left[14] != "0" {
			t.Errorf("round %d: got %v", round, left)
		}
	}
	bad := []string{`{`, `{"query":""}`, `{"query":"Resources |"}`}
	for i := range 15 { // what is refused counts as well
		if status, _, _ := x.send(t, "POST", graphURL, token, bad[i%3]); status != 400 && status != 429 {
			t.Errorf("query %d: got HTTP %d", i+1, status)
		}
	}
	if status, h, _ := x.send(t, "POST", graphURL, token, bad[0]); status != 429 {
		t.Errorf("after fifteen that were refused: got HTTP %d with %s left", status, h.Get("X-Ms-User-Quota-Remaining"))
	}
}

// TestSizesAreListedByLocation reads each location by itself and all at once.
func TestSizesAreListedByLocation(t *testing.T) {
	t.Parallel()
	x := newTenant(t, sim.Options{})
	path := "/subscriptions/" + x.subscriptions[0].id + "/providers/Microsoft.Compute/skus"
	all := map[string]int{}
	for _, v := range x.list(t, path) {
		all[fmt.Sprint(at(v, "locations", 0))]++
	}
	sum := 0
	for _, region := range regionNames() {
		for _, filter := range []string{"location eq '" + region + "'", "location eq '" + strings.ToUpper(region) + "'"} {
			got := x.list(t, path, "$filter", filter, "includeExtendedLocations", "true")
			for _, v := range got {
				if at(v, "locations", 0) != region || at(v, "locationInfo", 0, "location") != region {
					t.Errorf("%s lists %v", filter, v["name"])
				}
			}
			if len(got) != all[region] || len(got) == 0 {
				t.Errorf("%s: got %d, want %d", filter, len(got), all[region])
			}
		}
		sum += all[region]
	}
	if total := len(x.list(t, path)); sum != total {
		t.Errorf("the locations have %d sizes, all together %d", sum, total)
	}
}
