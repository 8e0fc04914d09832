package azuresim

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/adsops/cloudtop/internal/sim"
)

const (
	armAudience     = "https://management.azure.com"
	metricsAudience = "https://metrics.monitor.azure.com"
	tokenLife       = 3599 * time.Second
)

// identity is the tenant and its one service principal.
type identity struct {
	tenant, client, object, secret string
	key                            []byte // signs tokens
}

func (c *cloud) identify(r *rand.Rand) {
	c.tenant, c.client, c.object = guid(r), guid(r), guid(r)
	const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-"
	var b strings.Builder
	b.WriteString("SIM8Q~")
	for range 34 {
		b.WriteByte(letters[r.IntN(len(letters))])
	}
	c.secret = b.String()
	c.key = binary.LittleEndian.AppendUint64(nil, r.Uint64())
}

// guid draws an identifier of version 4.
func guid(r *rand.Rand) string {
	a, b := r.Uint64(), r.Uint64()
	return fmt.Sprintf("%08x-%04x-4%03x-%04x-%012x", uint32(a), uint16(a>>32), a>>52, 0x8000|uint16(b)&0x3fff, b>>16)
}

// Credentials implements sim.Cloud.
func (c *cloud) Credentials() sim.Credentials {
	first := c.subscriptions[0].id
	file, _ := json.MarshalIndent(map[string]string{
		"clientId": c.client, "clientSecret": c.secret, "subscriptionId": first, "tenantId": c.tenant,
		"activeDirectoryEndpointUrl": "https://" + loginHost, "resourceManagerEndpointUrl": armAudience + "/",
	}, "", "  ")
	return sim.Credentials{
		Env: map[string]string{
			"AZURE_TENANT_ID": c.tenant, "AZURE_CLIENT_ID": c.client, "AZURE_CLIENT_SECRET": c.secret,
		},
		Files:  map[string]string{".azure/credentials.json": string(file)},
		Values: map[string]string{"tenant_id": c.tenant, "client_id": c.client, "client_secret": c.secret},
	}
}

// oauthProblem is an error answer of the sign-in page.
type oauthProblem struct {
	status int
	code   string
	number int // of AADSTS
	text   string
}

func (c *cloud) serveLogin(w http.ResponseWriter, r *http.Request) {
	path := strings.Split(strings.Trim(r.URL.Path, "/"), "/")
	rest := strings.Join(path[1:], "/")
	switch {
	case r.URL.Path == "/common/discovery/instance":
		writeJSON(w, http.StatusOK, c.instances())
	case path[0] != c.tenant && path[0] != "organizations" && path[0] != "common":
		c.writeOAuth(w, &oauthProblem{http.StatusBadRequest, "invalid_tenant", 90002, fmt.Sprintf(
			"Tenant '%s' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud.", path[0])})
	case rest == "v2.0/.well-known/openid-configuration" && r.Method == http.MethodGet:
		writeJSON(w, http.StatusOK, c.openID())
	case rest == "discovery/v2.0/keys" && r.Method == http.MethodGet:
		writeJSON(w, http.StatusOK, map[string]any{"keys": []any{}}) // tokens are signed with a key that is nobody else's
	case (rest == "oauth2/v2.0/token" || rest == "oauth2/token") && r.Method == http.MethodPost:
		c.serveToken(w, r)
	case rest == "oauth2/v2.0/token" || rest == "oauth2/token":
		c.writeOAuth(w, &oauthProblem{http.StatusMethodNotAllowed, "invalid_request", 900561, "The endpoint only accepts POST requests. Received a " + r.Method + " request."})
	default:
		http.NotFound(w, r)
	}
}

func (c *cloud) openID() any {
	base := "https://" + loginHost + "/" + c.tenant
	return map[string]any{
		"token_endpoint": base + "/oauth2/v2.0/token", "authorization_endpoint": base + "/oauth2/v2.0/authorize",
		"device_authorization_endpoint":         base + "/oauth2/v2.0/devicecode",
		"issuer":                                base + "/v2.0",
		"jwks_uri":                              base + "/discovery/v2.0/keys",
		"token_endpoint_auth_methods_supported": []string{"client_secret_post", "private_key_jwt", "client_secret_basic"},
		"response_types_supported":              []string{"code", "id_token", "code id_token", "id_token token"},
		"subject_types_supported":               []string{"pairwise"}, "scopes_supported": []string{"openid", "profile", "email", "offline_access"},
		"id_token_signing_alg_values_supported": []string{"RS256"},
		"tenant_region_scope":                   "EU", "cloud_instance_name": "microsoftonline.com",
	}
}

func (c *cloud) instances() any {
	return map[string]any{
		"tenant_discovery_endpoint": "https://" + loginHost + "/" + c.tenant + "/v2.0/.well-known/openid-configuration",
		"api-version":               "1.1",
		"metadata": []any{map[string]any{
			"preferred_network": loginHost, "preferred_cache": "login.windows.net",
			"aliases": []string{loginHost, "login.windows.net", "login.microsoft.com", "sts.windows.net"},
		}},
	}
}

// serveToken grants client credentials (learn.microsoft.com: v2-oauth2-client-creds-grant-flow). The older endpoint wants
// a resource where the newer one wants a scope (azure-monitor/essentials/rest-api-walkthrough).
func (c *cloud) serveToken(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 64<<10)
	if err := r.ParseForm(); err != nil || r.PostForm.Get("grant_type") == "" {
		c.writeOAuth(w, &oauthProblem{http.StatusBadRequest, "invalid_request", 900144, "The request body must contain the following parameter: 'grant_type'."})
		return
	}
	if resource := r.PostForm.Get("resource"); resource != "" && !strings.Contains(r.URL.Path, "/v2.0/") {
		r.PostForm.Set("scope", strings.TrimSuffix(resource, "/")+"/.default")
	}
	audience, p := c.grant(r)
	if p != nil {
		c.writeOAuth(w, p)
		return
	}
	writeJSON(w, http.StatusOK, map[string]any{
		"token_type": "Bearer", "expires_in": int(tokenLife.Seconds()), "ext_expires_in": int(tokenLife.Seconds()),
		"access_token": c.mint(audience),
	})
}

// grant checks a request for a token and returns the audience that it asks for.
func (c *cloud) grant(r *http.Request) (string, *oauthProblem) {
	form := r.PostForm
	id, secret, basic := r.BasicAuth()
	if !basic {
		id, secret = form.Get("client_id"), form.Get("client_secret")
	}
	audience, isDefault := strings.CutSuffix(firstScope(form.Get("scope")), "/.default")
	switch {
	case form.Get("grant_type") != "client_credentials":
		return "", &oauthProblem{http.StatusBadRequest, "unsupported_grant_type", 70003, "The app requested an unsupported grant type '" + form.Get("grant_type") + "'."}
	case id != c.client:
		return "", &oauthProblem{http.StatusBadRequest, "unauthorized_client", 700016, fmt.Sprintf(
			"Application with identifier '%s' was not found in the directory 'Contoso'. This can happen if the application has not been installed by the administrator of the tenant.", id)}
	case form.Get("client_assertion") != "":
		return "", &oauthProblem{http.StatusUnauthorized, "invalid_client", 700027, "The certificate with identifier used to sign the client assertion is not registered on application."}
	case secret == "":
		return "", &oauthProblem{http.StatusUnauthorized, "invalid_client", 7000218, "The request body must contain the following parameter: 'client_assertion' or 'client_secret'."}
	case secret != c.secret:
		return "", &oauthProblem{http.StatusUnauthorized, "invalid_client", 7000215, fmt.Sprintf(
			"Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '%s'.", id)}
	case !isDefault:
		return "", &oauthProblem{http.StatusBadRequest, "invalid_scope", 1002012, "The provided value for scope " + form.Get("scope") + " is not valid. Client credential flows must have a scope value with /.default suffixed to the resource identifier (application ID URI)."}
	}
	audience = strings.TrimSuffix(audience, "/")
	if audience == "https://management.core.windows.net" {
		audience = armAudience
	}
	if audience != armAudience && audience != metricsAudience {
		return "", &oauthProblem{http.StatusBadRequest, "invalid_resource", 500011, fmt.Sprintf(
			"The resource principal named %s was not found in the tenant named Contoso.", audience)}
	}
	return audience, nil
}

// firstScope drops the scopes of OpenID, which libraries ask for besides.
func firstScope(scopes string) string {
	all := slices.DeleteFunc(strings.Fields(scopes), func(s string) bool {
		return s == "openid" || s == "profile" || s == "offline_access"
	})
	if len(all) != 1 {
		return ""
	}
	return all[0]
}

func (c *cloud) writeOAuth(w http.ResponseWriter, p *oauthProblem) {
	now := c.world.Now()
	writeJSON(w, p.status, map[string]any{
		"error": p.code, "error_codes": []int{p.number}, "timestamp": now.Format("2006-01-02 15:04:05Z"),
		"error_description": fmt.Sprintf("AADSTS%d: %s Trace ID: %s Correlation ID: %s Timestamp: %s", p.number, p.text,
			c.object, c.object, now.Format("2006-01-02 15:04:05Z")),
		"trace_id": c.object, "correlation_id": c.object,
		"error_uri": fmt.Sprintf("https://%s/error?code=%d", loginHost, p.number),
	})
}

// failLogin writes the sign-in page's own error for a status.
func (c *cloud) failLogin(w http.ResponseWriter, status int) {
	p := &oauthProblem{status, "temporarily_unavailable", 90033, "A transient error has occurred. Please try again."}
	switch status {
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusBadRequest:
		p = &oauthProblem{status, "invalid_client", 7000215, "Invalid client secret provided."}
	case http.StatusNotFound:
		p = &oauthProblem{status, "invalid_request", 90002, "Tenant not found."}
	case http.StatusTooManyRequests:
		p = &oauthProblem{status, "temporarily_unavailable", 90055, "Server is terminating a request due to exceeding of the request rate limit."}
	}
	c.writeOAuth(w, p)
}

// claims are those of a token that matter to a reader or are checked.
type claims struct {
	Audience string `json:"aud"`
	Issuer   string `json:"iss"`
	IssuedAt int64  `json:"iat"`
	Expires  int64  `json:"exp"`
	App      string `json:"appid"`
	Name     string `json:"app_displayname"`
	Object   string `json:"oid"`
	Tenant   string `json:"tid"`
	Version  string `json:"ver"`
}

// mint makes an access token: a JSON Web Token, signed with a key that only the simulator knows.
func (c *cloud) mint(audience string) string {
	now := c.world.Now()
	body, _ := json.Marshal(claims{
		Audience: audience, Issuer: "https://sts.windows.net/" + c.tenant + "/", IssuedAt: now.Unix(),
		Expires: now.Add(tokenLife).Unix(), App: c.client, Name: "cloudtop-reader", Object: c.object, Tenant: c.tenant,
		Version: "1.0",
	})
	enc := base64.RawURLEncoding
	signed := enc.EncodeToString([]byte(`{"typ":"JWT","alg":"HS256"}`)) + "." + enc.EncodeToString(body)
	return signed + "." + enc.EncodeToString(c.sign(signed))
}

func (c *cloud) sign(text string) []byte {
	h := hmac.New(sha256.New, c.key)
	_, _ = h.Write([]byte(text))
	return h.Sum(nil)
}

// authorize checks the request's token for an audience.
func (c *cloud) authorize(r *http.Request, audience string) *problem {
	header := r.Header.Get("Authorization")
	if header == "" {
		return &problem{http.StatusUnauthorized, "AuthenticationFailed", "Authentication failed. The 'Authorization' header is missing.", nil}
	}
	token, bearer := strings.CutPrefix(header, "Bearer ")
	i := strings.LastIndexByte(token, '.')
	if !bearer || i < 0 {
		return &problem{http.StatusUnauthorized, "InvalidAuthenticationToken", "The access token is invalid.", nil}
	}
	signature, err := base64.RawURLEncoding.DecodeString(token[i+1:])
	if err != nil || !hmac.Equal(signature, c.sign(token[:i])) {
		return &problem{http.StatusUnauthorized, "InvalidAuthenticationToken", "The access token is invalid.", nil}
	}
	_, payload, _ := strings.Cut(token[:i], ".")
	data, _ := base64.RawURLEncoding.DecodeString(payload)
	var t claims
	if err := json.Unmarshal(data, &t); err != nil {
		return &problem{http.StatusUnauthorized, "InvalidAuthenticationToken", "The access token is invalid.", nil}
	}
	now := c.world.Now()
	switch {
	case t.Expires < now.Unix():
		return &problem{http.StatusUnauthorized, "ExpiredAuthenticationToken", fmt.Sprintf(
			"The access token expiry UTC time '%s' is earlier than current UTC time '%s'.",
			time.Unix(t.Expires, 0).UTC().Format(time.DateTime), now.Format(time.DateTime)), nil}
	case t.Audience != audience:
		return &problem{http.StatusUnauthorized, "InvalidAuthenticationTokenAudience", fmt.Sprintf(
			"The access token has been obtained for wrong audience or resource '%s'. It should exactly match with one of the allowed audiences '%s'.",
			t.Audience, audience), nil}
	}
	return nil
}
