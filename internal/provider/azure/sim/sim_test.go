package azuresim

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/adsops/cloudtop/internal/sim"
)

// tenant is a cloud with a clock that a test can set.
type tenant struct {
	*cloud
	now time.Time
}

func newTenant(t *testing.T, o sim.Options) *tenant {
	t.Helper()
	x := &tenant{now: sim.Epoch.Add(30 * time.Second)}
	o.Now = func() time.Time { return x.now }
	if o.Counts == nil {
		o.Counts = map[string]int{"azure": 60}
	}
	x.cloud = New(sim.NewWorld(o)).(*cloud)
	x.Fill()
	return x
}

// send makes a call and returns status, header and decoded body.
func (x *tenant) send(t *testing.T, method, target, token, body string) (int, http.Header, map[string]any) {
	t.Helper()
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	if strings.Contains(target, "/oauth2/") {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	w := httptest.NewRecorder()
	x.ServeHTTP(w, r)
	out := map[string]any{}
	if data, _ := io.ReadAll(w.Body); len(data) > 0 {
		if err := json.Unmarshal(data, &out); err != nil {
			t.Fatalf("%s %s: %v in %s", method, target, err, data)
		}
	}
	return w.Code, w.Result().Header, out
}

// code returns the error code of an answer, the first of its details if there are any.
func code(body map[string]any) string {
	switch e := body["error"].(type) {
	case string:
		return e
	case map[string]any:
		if details, ok := e["details"].([]any); ok {
			e = details[0].(map[string]any)
		}
		s, _ := e["code"].(string)
		return s
	}
	return ""
}

func (x *tenant) form(change ...string) string {
	v := url.Values{
		"grant_type": {"client_credentials"}, "client_id": {x.client}, "client_secret": {x.secret}, "scope": {armAudience + "/.default"},
	}
	for i := 0; i < len(change); i += 2 {
		v.Set(change[i], change[i+1])
	}
	return v.Encode()
}

func TestSignIn(t *testing.T) {
	t.Parallel()
	x := newTenant(t, sim.Options{})
	at := "https://" + loginHost + "/" + x.tenant + "/oauth2/v2.0/token"
	for _, tt := range []struct {
		name, method, target, form string
		status                     int
		code                       string
	}{
		{"good", "POST", at, x.form(), 200, ""},
		{"with the scopes of OpenID", "POST", at, x.form("scope", "openid offline_access profile "+metricsAudience+"/.default"), 200, ""},
		{"the older name of the audience", "POST", at, x.form("scope", "https://management.core.windows.net//.default"), 200, ""},
		{"wrong secret", "POST", at, x.form("client_secret", "nope"), 401, "invalid_client"},
		{"no secret", "POST", at, x.form("client_secret", ""), 401, "invalid_client"},
		{"wrong application", "POST", at, x.form("client_id", "nope"), 400, "unauthorized_client"},
		{"wrong tenant", "POST", strings.ReplaceAll(at, x.tenant, "nope"), x.form(), 400, "invalid_tenant"},
		{"unknown audience", "POST", at, x.form("scope", "https://example.com/.default"), 400, "invalid_resource"},
		{"a scope that is not the default", "POST", at, x.form("scope", armAudience+"/user_impersonation"), 400, "invalid_scope"},
		{"another grant", "POST", at, x.form("grant_type", "password"), 400, "unsupported_grant_type"},
		{"no grant", "POST", at, "", 400, "invalid_request"},
		{"not a POST", "GET", at, "", 405, "invalid_request"},
	} {
		status, _, body := x.send(t, tt.method, tt.target, "", tt.form)
		if status != tt.status || code(body) != tt.code {
			t.Errorf("%s: got HTTP %d %q, want %d %q", tt.name, status, code(body), tt.status, tt.code)
		}
	}
	_, _, doc := x.send(t, "GET", "https://"+loginHost+"/"+x.tenant+"/v2.0/.well-known/openid-configuration", "", "")
	if doc["token_endpoint"] != at {
		t.Errorf("discovery names %v, want %s", doc["token_endpoint"], at)
	}
	_, _, instances := x.send(t, "GET", "https://"+loginHost+"/common/discovery/instance?api-version=1.1", "", "")
	if instances["metadata"] == nil {
		t.Error("instance discovery has no metadata")
	}
}

func TestPathsMethodsAndVersions(t *testing.T) {
	t.Parallel()
	x := newTenant(t, sim.Options{Incidents: true})
	s, denied := x.subscriptions[0].id, x.subscriptions[3].id
	vm := x.resources[0]
	const version = "?api-version=2022-12-01"
	for _, tt := range []struct {
		method, target string
		status         int
		code           string
	}{
		{"GET", "/subscriptions" + version, 200, ""},
		{"GET", "/subscriptions", 400, "MissingApiVersionParameter"},
		{"GET", "/subscriptions?api-version=latest", 400, "InvalidApiVersionParameter"},
		{"POST", "/subscriptions" + version, 405, "HttpMethodNotSupported"},
		{"GET", "/subscriptions/" + s + version, 200, ""},
		{"GET", "/subscriptions/" + denied + version, 403, "AuthorizationFailed"},
		{"GET", "/subscriptions/nope" + version, 404, "SubscriptionNotFound"},
		{"GET", "/nowhere" + version, 404, "InvalidResourceType"},
		{"GET", "/subscriptions/" + s + "/providers/Microsoft.Storage/storageAccounts" + version, 404, "InvalidResourceType"},
		{"DELETE", vm.id + version, 403, "AuthorizationFailed"},
		{"GET", "/subscriptions/" + s + "/providers/Microsoft.Compute/skus?api-version=2021-07-01", 200, ""},
		{"GET", "/subscriptions/" + s + "/providers/Microsoft.Compute/skus?api-version=2021-07-01&$filter=name%20eq%20'x'", 400, "InvalidFilterExpression"},
		{"GET", "/subscriptions/" + s + "/providers/Microsoft.Compute/locations/westeurope/usages" + version, 200, ""},
		{"GET", "/subscriptions/" + s + "/providers/Microsoft.Compute/locations/atlantis/usages" + version, 400, "NoRegisteredProviderFound"},
		{"GET", "/providers/Microsoft.ResourceGraph/resources?api-version=2024-04-01", 405, "HttpMethodNotSupported"},
		{"POST", "/providers/Microsoft.ResourceGraph/resources", 400, "MissingApiVersionParameter"},
	} {
		target := "https://" + managementHost + strings.ReplaceAll(tt.target, " ", "%20")
		status, _, body := x.send(t, tt.method, escape(target), x.mint(armAudience), "")
		if status != tt.status || code(body) != tt.code {
			t.Errorf("%s %s: got HTTP %d %q, want %d %q", tt.method, tt.target, status, code(body), tt.status, tt.code)
		}
	}
}

// escape makes what is not ASCII fit for a request line.
func escape(target string) string {
	var b strings.Builder
	for i := range len(target) {
		if c := target[i]; c > 0x7e {
			fmt.Fprintf(&b, "%%%02X", c)
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}

func TestFailSpeaksEveryHostsLanguage(t *testing.T) {
	t.Parallel()
	x := newTenant(t, sim.Options{})
	for _, host := range []string{loginHost, managementHost, pricesHost, "westeurope" + metricsDomain} {
		for _, status := range []int{400, 401, 403, 404, 405, 418, 429, 500, 503, 529} {
			w := httptest.NewRecorder()
			x.Fail(w, httptest.NewRequest("GET", "https://"+host+"/providers/Microsoft.ResourceGraph/resources", nil), status)
			var body map[string]any
			if err := json.Unmarshal(w.Body.Bytes(), &body); err != nil || w.Code != status || code(body) == "" {
				t.Errorf("%s: HTTP %d: got HTTP %d %v, %v; want an error with a code", host, status, w.Code, body, err)
			}
		}
	}
}

func TestOneSeedIsOneWorld(t *testing.T) {
	t.Parallel()
	read := func(seed uint64) string {
		x := newTenant(t, sim.Options{Seed: seed})
		_, _, body := x.send(t, "POST", graphURL, x.mint(armAudience), `{"query":"Resources | order by id asc"}`)
		data, _ := json.Marshal(body)
		return string(data)
	}
	if first, second := read(1), read(1); first != second {
		t.Error("the same seed answers other bytes")
	}
	if read(1) == read(2) {
		t.Error("another seed answers the same bytes")
	}
}

func TestTruthCountsEveryKindAndEveryState(t *testing.T) {
	t.Parallel()
	for _, n := range []int{0, 1, 7, 8, 9, 3000} {
		x := newTenant(t, sim.Options{Counts: map[string]int{"azure": n}})
		truth := x.Truth()
		if len(truth.Resources) != n {
			t.Errorf("n = %d: truth has %d resources", n, len(truth.Resources))
		}
		ids, services, statuses := map[string]bool{}, map[string]int{}, map[string]int{}
		gpus := 0
		for _, r := range truth.Resources {
			ids[r.ID] = true
			services[r.Service]++
			statuses[r.Status]++
			if r.GPUCount > 0 {
				gpus++
			}
			if r.GPUCount > 0 && r.GPUType == "" || r.Status == "" {
				t.Errorf("got %+v", r)
			}
		}
		if len(ids) != n || n >= 8 && len(services) != 8 || n >= 1 && gpus == 0 {
			t.Errorf("n = %d: %d ids, %v, %d with GPUs", n, len(ids), services, gpus)
		}
		if n == 3000 && len(statuses) != 6 {
			t.Errorf("got states %v, want six", statuses)
		}
	}
}

func TestSecretsStandWhereRealAnswersHaveThem(t *testing.T) {
	t.Parallel()
	x := newTenant(t, sim.Options{})
	_, _, body := x.send(t, "POST", graphURL, x.mint(armAudience), `{"query":"Resources | where properties contains 'MARKER-SECRET' | summarize count() by type"}`)
	if got := len(body["data"].([]any)); got != 7 {
		t.Errorf("secrets are in %d types, want all 7: %v", got, body["data"])
	}
}

const graphURL = "https://" + managementHost + "/providers/Microsoft.ResourceGraph/resources?api-version=2024-04-01"
