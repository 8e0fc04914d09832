package azuresim

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/adsops/cloudtop/internal/sim"
)

// tokenURL is where tokens are asked for.
func (x *tenant) tokenURL(tenant, rest string) string {
	return "https://" + loginHost + "/" + tenant + rest
}

func TestCredentialsOpenTheDoorInEveryForm(t *testing.T) {
	t.Parallel()
	x := newTenant(t, sim.Options{})
	c := x.Credentials()
	var file map[string]string
	if err := json.Unmarshal([]byte(c.Files[".azure/credentials.json"]), &file); err != nil {
		t.Fatal(err)
	}
	if file["resourceManagerEndpointUrl"] != "https://management.azure.com/" {
		t.Errorf("the file names %q", file["resourceManagerEndpointUrl"])
	}
	for name, v := range map[string][3]string{
		"values":      {c.Values["tenant_id"], c.Values["client_id"], c.Values["client_secret"]},
		"environment": {c.Env["AZURE_TENANT_ID"], c.Env["AZURE_CLIENT_ID"], c.Env["AZURE_CLIENT_SECRET"]},
		"file":        {file["tenantId"], file["clientId"], file["clientSecret"]},
	} {
		form := url.Values{"grant_type": {"client_credentials"}, "client_id": {v[1]}, "client_secret": {v[2]}, "scope": {armAudience + "/.default"}}
		status, _, body := x.send(t, "POST", x.tokenURL(v[0], "/oauth2/v2.0/token"), "", form.Encode())
		token, _ := body["access_token"].(string)
		if status != 200 || token == "" || body["token_type"] != "Bearer" || body["expires_in"] != 3599.0 {
			t.Errorf("%s: got HTTP %d %v", name, status, body)
		}
		if status, _, _ := x.send(t, "GET", "https://"+managementHost+"/subscriptions?api-version=2022-12-01", token, ""); status != 200 {
			t.Errorf("%s: its token is answered by HTTP %d", name, status)
		}
	}
}

func TestOlderEndpointWantsAResource(t *testing.T) {
	t.Parallel()
	x := newTenant(t, sim.Options{})
	for _, tt := range []struct {
		name, path, resource, scope string
		status                      int
		audience                    string
	}{
		{"Azure Resource Manager", "/oauth2/token", armAudience + "/", "", 200, armAudience},
		{"without the slash", "/oauth2/token", armAudience, "", 200, armAudience},
		{"Azure Monitor", "/oauth2/token", metricsAudience, "", 200, metricsAudience},
		{"the classic name", "/oauth2/token", "https://management.core.windows.net/", "", 200, armAudience},
		{"another resource", "/oauth2/token", "https://graph.microsoft.com", "", 400, ""},
		{"neither", "/oauth2/token", "", "", 400, ""},
		{"a resource at the newer endpoint", "/oauth2/v2.0/token", armAudience, "", 400, ""},
		{"a scope at the newer endpoint", "/oauth2/v2.0/token", "", metricsAudience + "/.default", 200, metricsAudience},
		{"two scopes", "/oauth2/v2.0/token", "", metricsAudience + "/.default " + armAudience + "/.default", 400, ""},
	} {
		form := url.Values{"grant_type": {"client_credentials"}, "client_id": {x.client}, "client_secret": {x.secret}}
		if tt.resource != "" {
			form.Set("resource", tt.resource)
		}
		if tt.scope != "" {
			form.Set("scope", tt.scope)
		}
		status, _, body := x.send(t, "POST", x.tokenURL(x.tenant, tt.path), "", form.Encode())
		token, _ := body["access_token"].(string)
		if got := audienceOf(t, token); status != tt.status || got != tt.audience {
			t.Errorf("%s: got HTTP %d for %q, want %d for %q", tt.name, status, got, tt.status, tt.audience)
		}
	}
}

// audienceOf reads a token's audience; empty where there is no token.
func audienceOf(t *testing.T, token string) string {
	t.Helper()
	if token == "" {
		return ""
	}
	data, err := base64.RawURLEncoding.DecodeString(strings.Split(token, ".")[1])
	if err != nil {
		t.Fatal(err)
	}
	var c claims
	if err := json.Unmarshal(data, &c); err != nil {
		t.Fatal(err)
	}
	return c.Audience
}

func TestSecretsMayComeByBasicAuthentication(t *testing.T) {
	t.Parallel()
	x := newTenant(t, sim.Options{})
	for secret, want := range map[string]int{x.secret: 200, "nope": 401} {
		r := httptest.NewRequest(http.MethodPost, x.tokenURL(x.tenant, "/oauth2/v2.0/token"), strings.NewReader(url.Values{
			"grant_type": {"client_credentials"}, "scope": {armAudience + "/.default"},
		}.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.SetBasicAuth(x.client, secret)
		w := httptest.NewRecorder()
		if x.ServeHTTP(w, r); w.Code != want {
			t.Errorf("got HTTP %d, want %d", w.Code, want)
		}
	}
}

// TestErrorsOfTheSignInPage checks the form of learn.microsoft.com: reference-error-codes, on which libraries rely.
func TestErrorsOfTheSignInPage(t *testing.T) {
	t.Parallel()
	x := newTenant(t, sim.Options{})
	form := regexp.MustCompile(`^AADSTS\d+: .+ Trace ID: [0-9a-f-]{36} Correlation ID: [0-9a-f-]{36} Timestamp: 2026-11-01 12:00:30Z$`)
	for name, tt := range map[string]struct {
		change []string
		code   string
		number float64
	}{
		"a certificate":     {[]string{"client_secret", "", "client_assertion", "e30.e30.x"}, "invalid_client", 700027},
		"no secret":         {[]string{"client_secret", ""}, "invalid_client", 7000218},
		"a wrong secret":    {[]string{"client_secret", "x"}, "invalid_client", 7000215},
		"no application":    {[]string{"client_id", ""}, "unauthorized_client", 700016},
		"no scope":          {[]string{"scope", ""}, "invalid_scope", 1002012},
		"a user's password": {[]string{"grant_type", "password"}, "unsupported_grant_type", 70003},
		"a device's code":   {[]string{"grant_type", "urn:ietf:params:oauth:grant-type:device_code"}, "unsupported_grant_type", 70003},
		"nothing":           {[]string{"grant_type", ""}, "invalid_request", 900144},
	} {
		_, _, body := x.send(t, "POST", x.tokenURL(x.tenant, "/oauth2/v2.0/token"), "", x.form(tt.change...))
		description, _ := body["error_description"].(string)
		if body["error"] != tt.code || at(body, "error_codes", 0) != tt.number || !form.MatchString(description) || strings.Contains(description, x.secret) {
			t.Errorf("%s: got %v, want %s and AADSTS%v", name, body, tt.code, tt.number)
		}
	}
}

func TestDocumentsOfTheSignInPage(t *testing.T) {
	t.Parallel()
	x := newTenant(t, sim.Options{})
	for _, tt := range []struct {
		method, path string
		status       int
		steps        []any
		want         any
	}{
		{"GET", "/" + x.tenant + "/v2.0/.well-known/openid-configuration", 200, []any{"issuer"}, "https://" + loginHost + "/" + x.tenant + "/v2.0"},
		{"GET", "/organizations/v2.0/.well-known/openid-configuration", 200, []any{"token_endpoint"}, x.tokenURL(x.tenant, "/oauth2/v2.0/token")},
		{"GET", "/common/v2.0/.well-known/openid-configuration", 200, []any{"jwks_uri"}, x.tokenURL(x.tenant, "/discovery/v2.0/keys")},
		{"GET", "/" + x.tenant + "/discovery/v2.0/keys", 200, []any{"keys"}, nil},
		{"GET", "/common/discovery/instance", 200, []any{"metadata", 0, "preferred_network"}, loginHost},
		{"GET", "/11111111-2222-4333-8444-555555555555/v2.0/.well-known/openid-configuration", 400, []any{"error"}, "invalid_tenant"},
		{"GET", "/" + x.tenant + "/oauth2/token", 405, []any{"error"}, "invalid_request"},
		{"DELETE", "/" + x.tenant + "/oauth2/v2.0/token", 405, []any{"error"}, "invalid_request"},
	} {
		status, _, body := x.send(t, tt.method, "https://"+loginHost+tt.path, "", "")
		if got := at(body, tt.steps...); status != tt.status || tt.want != nil && got != tt.want || tt.want == nil && got == nil {
			t.Errorf("%s %s: got HTTP %d %v, want %d %v", tt.method, tt.path, status, got, tt.status, tt.want)
		}
	}
	w := httptest.NewRecorder()
	if x.ServeHTTP(w, httptest.NewRequest("GET", "https://"+loginHost+"/"+x.tenant+"/nothing", nil)); w.Code != 404 {
		t.Errorf("another path: got HTTP %d", w.Code)
	}
}

func TestTokensEndAndRenew(t *testing.T) {
	t.Parallel()
	x := newTenant(t, sim.Options{})
	token := x.mint(armAudience)
	for _, tt := range []struct {
		after  time.Duration
		status int
	}{{0, 200}, {tokenLife - time.Second, 200}, {tokenLife, 200}, {tokenLife + time.Second, 401}} {
		x.now = sim.Epoch.Add(30*time.Second + tt.after)
		status, header, _ := x.send(t, "GET", "https://"+managementHost+"/subscriptions?api-version=2022-12-01", token, "")
		if status != tt.status || (status == 401) != strings.Contains(header.Get("Www-Authenticate"), x.tenant) {
			t.Errorf("%s later: got HTTP %d with %q, want %d", tt.after, status, header.Get("Www-Authenticate"), tt.status)
		}
	}
	if next := x.mint(armAudience); next == token {
		t.Error("a token of another time is the same")
	}
}

func TestHeadersThatAreNoToken(t *testing.T) {
	t.Parallel()
	x := newTenant(t, sim.Options{})
	good := x.mint(armAudience)
	head, _, _ := strings.Cut(good, ".")
	unsigned := head + "." + base64.RawURLEncoding.EncodeToString([]byte(`{"aud":"`+armAudience+`","exp":99999999999}`))
	for name, tt := range map[string]struct{ header, code string }{
		"none":                      {"", "AuthenticationFailed"},
		"another scheme":            {"Basic " + good, "InvalidAuthenticationToken"},
		"no word":                   {"Bearer ", "InvalidAuthenticationToken"},
		"not signed":                {"Bearer " + unsigned, "InvalidAuthenticationToken"},
		"an empty signature":        {"Bearer " + unsigned + ".", "InvalidAuthenticationToken"},
		"another's signature":       {"Bearer " + unsigned + good[strings.LastIndexByte(good, '.'):], "InvalidAuthenticationToken"},
		"signed, but no claims":     {"Bearer " + x.signed("no"), "InvalidAuthenticationToken"},
		"signed, claims of nothing": {"Bearer " + x.signed("e30"), "ExpiredAuthenticationToken"},
		"a signature of no base":    {"Bearer " + unsigned + ".!!", "InvalidAuthenticationToken"},
	} {
		r := httptest.NewRequest(http.MethodGet, "https://"+managementHost+"/subscriptions", nil)
		if tt.header != "" {
			r.Header.Set("Authorization", tt.header)
		}
		if p := x.authorize(r, armAudience); p == nil || p.status != 401 || p.code != tt.code {
			t.Errorf("%s: got %+v, want %s", name, p, tt.code)
		}
	}
}

// signed signs a payload as it stands.
func (x *tenant) signed(payload string) string {
	text := "e30." + payload
	return text + "." + base64.RawURLEncoding.EncodeToString(x.sign(text))
}
