package gcpsim_test

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	gcpsim "github.com/adsops/cloudtop/internal/provider/gcp/sim"
	"github.com/adsops/cloudtop/internal/sim"
)

const (
	platform  = "https://www.googleapis.com/auth/cloud-platform"
	tokenHost = "oauth2.googleapis.com"
	bearer    = "urn:ietf:params:oauth:grant-type:jwt-bearer"
)

// doorway is a simulated cloud with a clock, and the key of its account.
type doorway struct {
	sim.Cloud
	mu   sync.Mutex
	time time.Time
	file struct {
		PrivateKey   string `json:"private_key"`
		PrivateKeyID string `json:"private_key_id"`
		ClientEmail  string `json:"client_email"`
		TokenURI     string `json:"token_uri"`
		ProjectID    string `json:"project_id"`
		Type         string `json:"type"`
	}
	key *rsa.PrivateKey
}

func newDoorway(t *testing.T, o sim.Options) *doorway {
	t.Helper()
	d := &doorway{time: sim.Epoch}
	o.Now = d.now
	d.Cloud = gcpsim.New(sim.NewWorld(o))
	if err := json.Unmarshal([]byte(d.Credentials().Values["credentials_json"]), &d.file); err != nil {
		t.Fatal(err)
	}
	block, _ := pem.Decode([]byte(d.file.PrivateKey))
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	d.key = parsed.(*rsa.PrivateKey)
	return d
}

func (d *doorway) now() time.Time {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.time
}

func (d *doorway) wait(t time.Duration) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.time = d.time.Add(t)
}

// claims are those of a good assertion, with some replaced; nil takes one away.
func (d *doorway) claims(more map[string]any) map[string]any {
	now := d.now().Unix()
	all := map[string]any{"iss": d.file.ClientEmail, "scope": platform, "aud": d.file.TokenURI, "iat": now, "exp": now + 3600}
	maps.Copy(all, more)
	maps.DeleteFunc(all, func(_ string, v any) bool { return v == nil })
	return all
}

func (d *doorway) sign(t *testing.T, key *rsa.PrivateKey, header, claims map[string]any) string {
	t.Helper()
	part := func(v any) string {
		data, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		return base64.RawURLEncoding.EncodeToString(data)
	}
	signed := part(header) + "." + part(claims)
	sum := sha256.Sum256([]byte(signed))
	signature, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, sum[:])
	if err != nil {
		t.Fatal(err)
	}
	return signed + "." + base64.RawURLEncoding.EncodeToString(signature)
}

func (d *doorway) header() map[string]any {
	return map[string]any{"alg": "RS256", "typ": "JWT", "kid": d.file.PrivateKeyID}
}

// grant asks the token endpoint.
func (d *doorway) grant(form url.Values) (status int, body map[string]any) {
	r := httptest.NewRequest(http.MethodPost, "https://"+tokenHost+"/token", strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := httptest.NewRecorder()
	d.ServeHTTP(w, r)
	_ = json.Unmarshal(w.Body.Bytes(), &body)
	return w.Code, body
}

func (d *doorway) token(t *testing.T, scope string) string {
	t.Helper()
	status, body := d.grant(url.Values{"grant_type": {bearer}, "assertion": {d.sign(t, d.key, d.header(), d.claims(map[string]any{"scope": scope}))}})
	token, _ := body["access_token"].(string)
	if status != http.StatusOK || token == "" {
		t.Fatalf("no token for %q: %d %v", scope, status, body)
	}
	return token
}

// call is a GET with headers, and returns also the reason of a refusal.
func (d *doorway) call(target string, headers map[string]string) (status int, body map[string]any, reason string) {
	r := httptest.NewRequest(http.MethodGet, "https://"+target, nil)
	for k, v := range headers {
		r.Header.Set(k, v)
	}
	w := httptest.NewRecorder()
	d.ServeHTTP(w, r)
	_ = json.Unmarshal(w.Body.Bytes(), &body)
	problem, _ := body["error"].(map[string]any)
	for _, list := range []string{"errors", "details"} {
		all, _ := problem[list].([]any)
		for _, one := range all {
			if text, ok := one.(map[string]any)["reason"].(string); ok {
				reason = text
			}
		}
	}
	return w.Code, body, reason
}

func TestTokensAreGivenForGoodAssertionsAlone(t *testing.T) {
	t.Parallel()
	d := newDoorway(t, sim.Options{Seed: 1})
	other, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	with := func(name string, v any) map[string]any { return d.claims(map[string]any{name: v}) }
	now := d.now().Unix()
	for name, c := range map[string]struct {
		assertion string
		code      string
		says      string
	}{
		"good":                    {d.sign(t, d.key, d.header(), d.claims(nil)), "", ""},
		"several scopes":          {d.sign(t, d.key, d.header(), with("scope", "https://www.googleapis.com/auth/compute.readonly "+platform)), "", ""},
		"a clock a little behind": {d.sign(t, d.key, d.header(), d.claims(map[string]any{"iat": now - 200, "exp": now + 3000})), "", ""},
		"a clock a little ahead":  {d.sign(t, d.key, d.header(), d.claims(map[string]any{"iat": now + 200, "exp": now + 3000})), "", ""},
		"another key":             {d.sign(t, other, d.header(), d.claims(nil)), "invalid_grant", "Invalid JWT Signature"},
		"another account":         {d.sign(t, d.key, d.header(), with("iss", "nobody@x")), "invalid_grant", "account not found"},
		"another key's id":        {d.sign(t, d.key, map[string]any{"alg": "RS256", "kid": "x"}, d.claims(nil)), "invalid_grant", "account not found"},
		"another algorithm":       {d.sign(t, d.key, map[string]any{"alg": "none", "kid": d.file.PrivateKeyID}, d.claims(nil)), "invalid_grant", "Invalid JWT Signature"},
		"another audience":        {d.sign(t, d.key, d.header(), with("aud", "https://example.com/")), "invalid_grant", "audience"},
		"no scope":                {d.sign(t, d.key, d.header(), with("scope", nil)), "invalid_grant", "Invalid OAuth scope"},
		"a scope of another kind": {d.sign(t, d.key, d.header(), with("scope", "openid")), "invalid_grant", "Invalid OAuth scope"},
		"over":                    {d.sign(t, d.key, d.header(), d.claims(map[string]any{"iat": now - 7200, "exp": now - 3600})), "invalid_grant", "reasonable timeframe"},
		"not yet":                 {d.sign(t, d.key, d.header(), d.claims(map[string]any{"iat": now + 3600, "exp": now + 7200})), "invalid_grant", "reasonable timeframe"},
		"too long":                {d.sign(t, d.key, d.header(), with("exp", now+3700)), "invalid_grant", "reasonable timeframe"},
		"backwards":               {d.sign(t, d.key, d.header(), with("exp", now-1)), "invalid_grant", "reasonable timeframe"},
		"two parts":               {"a.b", "invalid_grant", "Bad Request"},
		"no base64":               {"!.!.!", "invalid_grant", "Bad Request"},
		"no JSON":                 {"YQ.YQ.YQ", "invalid_grant", "Bad Request"},
	} {
		status, body := d.grant(url.Values{"grant_type": {bearer}, "assertion": {c.assertion}})
		if c.code == "" {
			if status != http.StatusOK || body["token_type"] != "Bearer" || body["expires_in"] != 3599.0 {
				t.Errorf("%s: got %d %v, want a token", name, status, body)
			}
			continue
		}
		if status != http.StatusBadRequest || body["error"] != c.code || !strings.Contains(fmt.Sprint(body["error_description"]), c.says) {
			t.Errorf("%s: got %d %v, want 400 %s %q", name, status, body, c.code, c.says)
		}
	}
}

func TestTokenRequestsThatAreNone(t *testing.T) {
	t.Parallel()
	d := newDoorway(t, sim.Options{Seed: 1})
	for want, form := range map[string]url.Values{
		"invalid_request": {}, "unsupported_grant_type": {"grant_type": {"password"}}, "invalid_grant": {"grant_type": {bearer}},
	} {
		if status, body := d.grant(form); status != http.StatusBadRequest || body["error"] != want {
			t.Errorf("%v: got %d %v, want 400 %s", form, status, body, want)
		}
	}
	r := httptest.NewRequest(http.MethodGet, "https://"+tokenHost+"/token", nil)
	w := httptest.NewRecorder()
	if d.ServeHTTP(w, r); w.Code != http.StatusMethodNotAllowed || !strings.Contains(w.Body.String(), "invalid_request") {
		t.Errorf("GET: got %d %s, want 405", w.Code, w.Body)
	}
	huge := httptest.NewRequest(http.MethodPost, "https://"+tokenHost+"/token", strings.NewReader("grant_type="+strings.Repeat("x", 1<<17)))
	huge.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w = httptest.NewRecorder()
	if d.ServeHTTP(w, huge); w.Code != http.StatusBadRequest {
		t.Errorf("a huge form: got %d, want 400", w.Code)
	}
}

func TestTokensEndAfterAnHour(t *testing.T) {
	t.Parallel()
	d := newDoorway(t, sim.Options{Seed: 1})
	headers := map[string]string{"Authorization": "Bearer " + d.token(t, platform)}
	const target = "cloudresourcemanager.googleapis.com/v3/projects:search"
	for _, c := range []struct {
		later time.Duration
		want  int
	}{{0, 200}, {3598 * time.Second, 200}, {2 * time.Second, 401}} {
		d.wait(c.later)
		if status, body, reason := d.call(target, headers); status != c.want || (c.want == 401 && reason != "ACCESS_TOKEN_EXPIRED") {
			t.Errorf("%s later: got %d %v, want %d", c.later, status, body, c.want)
		}
	}
}

// TestAccountsMaySignForThemselves: Google's newer libraries call with a token that they sign (google.aip.dev/auth/4111).
func TestAccountsMaySignForThemselves(t *testing.T) {
	t.Parallel()
	d := newDoorway(t, sim.Options{Seed: 1})
	const target = "cloudresourcemanager.googleapis.com/v3/projects:search"
	self := map[string]any{"sub": d.file.ClientEmail, "aud": nil}
	for name, c := range map[string]struct {
		claims map[string]any
		want   int
		reason string
	}{
		"for scopes":              {d.claims(self), 200, ""},
		"for the API":             {d.claims(map[string]any{"scope": nil, "aud": "https://cloudresourcemanager.googleapis.com/"}), 200, ""},
		"for another API":         {d.claims(map[string]any{"scope": nil, "aud": "https://compute.googleapis.com/"}), 403, "ACCESS_TOKEN_SCOPE_INSUFFICIENT"},
		"for too few":             {d.claims(map[string]any{"aud": nil, "scope": "https://www.googleapis.com/auth/compute"}), 403, "ACCESS_TOKEN_SCOPE_INSUFFICIENT"},
		"for nothing":             {d.claims(map[string]any{"scope": nil, "aud": nil}), 403, "ACCESS_TOKEN_SCOPE_INSUFFICIENT"},
		"of an hour that is over": {d.claims(map[string]any{"aud": nil, "iat": d.now().Unix() - 7200, "exp": d.now().Unix() - 3600}), 401, "ACCESS_TOKEN_EXPIRED"},
		"of another":              {d.claims(map[string]any{"aud": nil, "iss": "nobody@x"}), 401, "ACCESS_TOKEN_EXPIRED"},
	} {
		status, body, reason := d.call(target, map[string]string{"Authorization": "Bearer " + d.sign(t, d.key, d.header(), c.claims)})
		if status != c.want || reason != c.reason {
			t.Errorf("%s: got %d %v, want %d %s", name, status, body, c.want, c.reason)
		}
	}
}

func TestScopesLetReadTheirOwnAPIs(t *testing.T) {
	t.Parallel()
	d := newDoorway(t, sim.Options{Seed: 1})
	project := d.Truth().Accounts[0]
	targets := map[string]string{
		"compute": "compute.googleapis.com/compute/v1/projects/" + project + "/zones", "manager": "cloudresourcemanager.googleapis.com/v3/projects:search",
		"monitoring": "monitoring.googleapis.com/v3/projects/" + project + "/metricDescriptors", "sql": "sqladmin.googleapis.com/v1/projects/" + project + "/instances",
		"container": "container.googleapis.com/v1/projects/" + project + "/locations/-/clusters", "billing": "cloudbilling.googleapis.com/v1/services",
	}
	for scope, may := range map[string]string{
		"cloud-platform":                 "billing compute container manager monitoring sql",
		"cloud-platform.read-only":       "billing compute container manager monitoring sql",
		"compute.readonly":               "compute",
		"compute":                        "compute",
		"monitoring.read":                "monitoring",
		"monitoring":                     "monitoring",
		"sqlservice.admin":               "sql",
		"cloudplatformprojects.readonly": "manager",
		"cloud-billing.readonly":         "billing",
		"devstorage.read_only":           "",
	} {
		headers := map[string]string{"Authorization": "Bearer " + d.token(t, "https://www.googleapis.com/auth/"+scope)}
		for api, target := range targets {
			want := http.StatusForbidden
			if strings.Contains(" "+may+" ", " "+api+" ") {
				want = http.StatusOK
			}
			if status, body, _ := d.call(target, headers); status != want {
				t.Errorf("%s at %s: got %d %v, want %d", scope, api, status, body, want)
			}
		}
	}
}

func TestThePriceListTakesAKey(t *testing.T) {
	t.Parallel()
	d := newDoorway(t, sim.Options{Seed: 1})
	key := d.Credentials().Values["api_key"]
	const target = "cloudbilling.googleapis.com/v1/services/6F81-5844-456A/skus?pageSize=1"
	for name, c := range map[string]struct {
		target  string
		headers map[string]string
		want    int
		reason  string
	}{
		"in a header":         {target, map[string]string{"X-Goog-Api-Key": key}, 200, ""},
		"in the query":        {target + "&key=" + key, nil, 200, ""},
		"a wrong one":         {target, map[string]string{"X-Goog-Api-Key": "x"}, 400, "API_KEY_INVALID"},
		"none":                {target, nil, 401, "CREDENTIALS_MISSING"},
		"for another API":     {"compute.googleapis.com/compute/v1/projects/x/zones?key=" + key, nil, 401, "CREDENTIALS_MISSING"},
		"with a token":        {target, map[string]string{"Authorization": "Bearer " + d.token(t, platform)}, 200, ""},
		"another service":     {"cloudbilling.googleapis.com/v1/services/0000-0000-0000/skus", map[string]string{"X-Goog-Api-Key": key}, 404, ""},
		"another currency":    {target + "&currencyCode=EUR", map[string]string{"X-Goog-Api-Key": key}, 400, ""},
		"basic authorization": {target, map[string]string{"Authorization": "Basic eA=="}, 401, "CREDENTIALS_MISSING"},
	} {
		if status, body, reason := d.call(c.target, c.headers); status != c.want || reason != c.reason {
			t.Errorf("%s: got %d %v, want %d %s", name, status, body, c.want, c.reason)
		}
	}
}

func TestCredentialsAreWhatGooglesToolsRead(t *testing.T) {
	t.Parallel()
	d := newDoorway(t, sim.Options{Seed: 1})
	c := d.Credentials()
	if d.file.Type != "service_account" || d.file.ProjectID != d.Truth().Accounts[0] || d.file.TokenURI != "https://"+tokenHost+"/token" ||
		!strings.HasSuffix(d.file.ClientEmail, "@"+d.file.ProjectID+".iam.gserviceaccount.com") {
		t.Errorf("got %+v", d.file)
	}
	path := strings.TrimPrefix(c.Env["GOOGLE_APPLICATION_CREDENTIALS"], "{home}/")
	if c.Files[path] != c.Values["credentials_json"] || c.Env["GCP_BILLING_API_KEY"] != c.Values["api_key"] {
		t.Errorf("the environment %v does not lead to the values", c.Env)
	}
}

// TestFailuresHaveGooglesOwnBodies is what a fault script makes of every host.
func TestFailuresHaveGooglesOwnBodies(t *testing.T) {
	t.Parallel()
	d := newDoorway(t, sim.Options{Seed: 1})
	for _, c := range []struct {
		host string
		code int
		want string
	}{
		{"compute.googleapis.com", 401, "UNAUTHENTICATED"}, {"compute.googleapis.com", 403, "PERMISSION_DENIED"}, {"run.googleapis.com", 404, "NOT_FOUND"},
		{"monitoring.googleapis.com", 429, "RESOURCE_EXHAUSTED"}, {"sqladmin.googleapis.com", 500, "INTERNAL"}, {"sqladmin.googleapis.com", 503, "UNAVAILABLE"},
		{"sqladmin.googleapis.com", 418, "I'm a teapot"}, {tokenHost, 401, "invalid_client"}, {tokenHost, 403, "access_denied"},
		{tokenHost, 500, "internal_failure"}, {tokenHost, 400, "invalid_request"},
	} {
		w := httptest.NewRecorder()
		d.Fail(w, httptest.NewRequest(http.MethodGet, "https://"+c.host+"/x", nil), c.code)
		if w.Code != c.code || !strings.Contains(w.Body.String(), c.want) || !json.Valid(w.Body.Bytes()) {
			t.Errorf("%s %d: got %d %s, want %s", c.host, c.code, w.Code, w.Body, c.want)
		}
	}
}

func TestWhatIsNotOpenSaysWhy(t *testing.T) {
	t.Parallel()
	d := newDoorway(t, sim.Options{Seed: 1, Incidents: true, Counts: map[string]int{"gcp": 40}})
	headers := map[string]string{"Authorization": "Bearer " + d.token(t, platform)}
	for target, want := range map[string]string{
		"compute.googleapis.com/compute/v1/projects/legal-vault-31/aggregated/instances":     "403 forbidden",
		"compute.googleapis.com/compute/v1/projects/no-such-project/aggregated/instances":    "403 forbidden",
		"container.googleapis.com/v1/projects/legal-vault-31/locations/-/clusters":           "403 CONSUMER_INVALID",
		"monitoring.googleapis.com/v3/projects/legal-vault-31/timeSeries":                    "403 CONSUMER_INVALID",
		"cloudresourcemanager.googleapis.com/v3/projects/legal-vault-31":                     "403 CONSUMER_INVALID",
		"sqladmin.googleapis.com/v1/projects/dev-sandbox-4711/instances":                     "403 SERVICE_DISABLED",
		"sqladmin.googleapis.com/v1/projects/" + d.Truth().Accounts[0] + "/instances":        "200 ",
		"run.googleapis.com/v2/projects/" + d.Truth().Accounts[0] + "/locations/-/services":  "400 ",
		"run.googleapis.com/v2/projects/" + d.Truth().Accounts[0] + "/locations/-/jobs":      "400 ",
		"run.googleapis.com/v2/projects/" + d.Truth().Accounts[0] + "/locations/mars-1/jobs": "404 ",
	} {
		if status, body, reason := d.call(target, headers); fmt.Sprintf("%d %s", status, reason) != want {
			t.Errorf("%s: got %d %v, want %s", target, status, body, want)
		}
	}
}

func TestMonitoringHoldsItsQuota(t *testing.T) {
	t.Parallel()
	d := newDoorway(t, sim.Options{Seed: 1})
	headers := map[string]string{"Authorization": "Bearer " + d.token(t, platform)}
	target := "monitoring.googleapis.com/v3/projects/" + d.Truth().Accounts[0] + "/timeSeries"
	for i := range 6001 {
		status, body, reason := d.call(target, headers)
		if refused := status == http.StatusTooManyRequests; refused != (i == 6000) || (refused && reason != "RATE_LIMIT_EXCEEDED") {
			t.Fatalf("call %d: got %d %v", i+1, status, body)
		}
	}
	d.wait(time.Minute)
	if status, _, _ := d.call(target, headers); status == http.StatusTooManyRequests {
		t.Error("a minute later the quota is still used up")
	}
}
