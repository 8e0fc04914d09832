package gcpsim

import (
	"crypto"
	"crypto/hmac"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/adsops/cloudtop/internal/sim"
)

const (
	tokenHost   = "oauth2.googleapis.com"
	billingHost = "cloudbilling.googleapis.com"
	keyID       = "5111a7ed0c0ffee5111a7ed0c0ffee5111a7ed00"
	apiKey      = "AIzaSyS1mu1at3d0nly0f0r0cl0udt0p0000000"
	platform    = "https://www.googleapis.com/auth/cloud-platform"
	tokenLife   = 3599 * time.Second
	tolerance   = 5 * time.Minute // between our clock and a caller's
)

func (c *cloud) email() string { return "cloudtop@" + c.home.id + ".iam.gserviceaccount.com" }

// Credentials implements sim.Cloud.
func (c *cloud) Credentials() sim.Credentials {
	file, _ := json.MarshalIndent(map[string]string{
		"type": "service_account", "project_id": c.home.id, "private_key_id": keyID, "private_key": demoKey,
		"client_email": c.email(), "client_id": "104710471047104710471", "auth_uri": "https://accounts.google.com/o/oauth2/auth",
		"token_uri": "https://" + tokenHost + "/token", "auth_provider_x509_cert_url": "https://www.googleapis.com/oauth2/v1/certs",
		"universe_domain": "googleapis.com",
	}, "", "  ")
	return sim.Credentials{
		Env:    map[string]string{"GCP_BILLING_API_KEY": apiKey, "GOOGLE_APPLICATION_CREDENTIALS": "{home}/.gcp/service-account.json"},
		Files:  map[string]string{".gcp/service-account.json": string(file)},
		Values: map[string]string{"credentials_json": string(file), "api_key": apiKey},
	}
}

// token is the token endpoint for the JWT bearer grant (RFC 7523).
func (c *cloud) token(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost {
		failToken(w, http.StatusMethodNotAllowed)
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, 64<<10)
	if err := r.ParseForm(); err != nil || r.PostForm.Get("grant_type") == "" {
		writeJSON(w, http.StatusBadRequest, oauthError("invalid_request", "Required parameter is missing: grant_type"))
		return
	}
	if grant := r.PostForm.Get("grant_type"); grant != "urn:ietf:params:oauth:grant-type:jwt-bearer" {
		writeJSON(w, http.StatusBadRequest, oauthError("unsupported_grant_type", "Invalid grant_type: "+grant))
		return
	}
	claims, err := c.verify(r.PostForm.Get("assertion"))
	switch {
	case err != nil:
	case claims.Aud != "https://"+tokenHost+"/token":
		err = errors.New("Invalid JWT: Failed audience check.")
	case !slices.ContainsFunc(strings.Fields(claims.Scope), knownScope):
		err = errors.New("Invalid OAuth scope or ID token audience provided.")
	}
	if err != nil {
		writeJSON(w, http.StatusBadRequest, oauthError("invalid_grant", err.Error()))
		return
	}
	scopes := base64.RawURLEncoding.EncodeToString([]byte(claims.Scope))
	signed := strconv.FormatInt(c.world.Now().Add(tokenLife).Unix(), 10) + "." + scopes
	writeJSON(w, http.StatusOK, map[string]any{
		"access_token": "ya29.c.sim." + signed + "." + c.mac(signed), "expires_in": int(tokenLife / time.Second), "token_type": "Bearer",
	})
}

func oauthError(code, description string) map[string]string {
	return map[string]string{"error": code, "error_description": description}
}

func failToken(w http.ResponseWriter, status int) {
	code := "invalid_request"
	switch {
	case status == http.StatusUnauthorized:
		code = "invalid_client"
	case status == http.StatusForbidden:
		code = "access_denied"
	case status >= http.StatusInternalServerError:
		code = "internal_failure"
	}
	writeJSON(w, status, oauthError(code, http.StatusText(status)))
}

// claims are those of a signed assertion.
type claims struct {
	Iss, Scope, Aud string
	Iat, Exp        int64
}

// verify checks a signed assertion as Google does: algorithm, key, signature, and the times.
func (c *cloud) verify(assertion string) (*claims, error) {
	parts := strings.Split(assertion, ".")
	var header struct{ Alg, Kid string }
	var in claims
	if len(parts) != 3 || decode(parts[0], &header) != nil || decode(parts[1], &in) != nil {
		return nil, errors.New("Bad Request")
	}
	if in.Iss != c.email() || header.Kid != keyID {
		return nil, errors.New("Invalid grant: account not found")
	}
	signature, err := base64.RawURLEncoding.DecodeString(parts[2])
	public, kerr := publicKey()
	sum := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	if err != nil || kerr != nil || header.Alg != "RS256" || rsa.VerifyPKCS1v15(public, crypto.SHA256, sum[:], signature) != nil {
		return nil, errors.New("Invalid JWT Signature.")
	}
	now := c.world.Now().Unix()
	slack := int64(tolerance / time.Second)
	if in.Iat > now+slack || in.Exp < now-slack || in.Exp-in.Iat > 3600 || in.Exp <= in.Iat {
		return nil, errors.New("Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. " +
			"Check your iat and exp values in the JWT claim.")
	}
	return &in, nil
}

const scopePrefix = "https://www.googleapis.com/auth/"

func knownScope(scope string) bool { return strings.HasPrefix(scope, scopePrefix) }

// enough reports whether one of the scopes lets read an API (developers.google.com/identity/protocols/oauth2/scopes).
func enough(scopes []string, host string) bool {
	own := map[string][]string{
		"compute.googleapis.com":              {"compute", "compute.readonly"},
		"monitoring.googleapis.com":           {"monitoring", "monitoring.read"},
		"sqladmin.googleapis.com":             {"sqlservice.admin"},
		"cloudresourcemanager.googleapis.com": {"cloudplatformprojects", "cloudplatformprojects.readonly"},
		billingHost:                           {"cloud-billing", "cloud-billing.readonly"},
	}[host]
	return slices.ContainsFunc(scopes, func(scope string) bool {
		short := strings.TrimPrefix(scope, scopePrefix)
		return scope == platform || short == "cloud-platform.read-only" || slices.Contains(own, short)
	})
}

func decode(part string, out any) error {
	data, err := base64.RawURLEncoding.DecodeString(part)
	if err != nil {
		return err
	}
	return json.Unmarshal(data, out)
}

func publicKey() (*rsa.PublicKey, error) {
	block, _ := pem.Decode([]byte(demoKey))
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, err
	}
	return &key.(*rsa.PrivateKey).PublicKey, nil
}

func (c *cloud) mac(text string) string {
	h := hmac.New(sha256.New, c.signing)
	h.Write([]byte(text))
	return hex.EncodeToString(h.Sum(nil))
}

// authenticate checks the access token. The billing catalogue takes an API key as well.
func (c *cloud) authenticate(host string, r *http.Request) *problem {
	if key := r.Header.Get("X-Goog-Api-Key") + r.URL.Query().Get("key"); host == billingHost && key != "" {
		if key == apiKey {
			return nil
		}
		return invalid("API key not valid. Please pass a valid API key.").info("API_KEY_INVALID", map[string]string{"service": host})
	}
	token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !ok {
		return newProblem(http.StatusUnauthorized, "Request is missing required authentication credential. Expected OAuth 2 access token, "+
			"login cookie or other valid authentication credential. See https://developers.google.com/identity/sign-in/web/devconsole-project.").
			info("CREDENTIALS_MISSING", map[string]string{"service": host})
	}
	scopes, err := c.granted(token, host)
	if err != nil {
		return newProblem(http.StatusUnauthorized, "Request had invalid authentication credentials. Expected OAuth 2 access token, "+
			"login cookie or other valid authentication credential.").info("ACCESS_TOKEN_EXPIRED", map[string]string{"service": host})
	}
	if !enough(scopes, host) {
		return newProblem(http.StatusForbidden, "Request had insufficient authentication scopes.").
			info("ACCESS_TOKEN_SCOPE_INSUFFICIENT", map[string]string{"service": host})
	}
	return nil
}

// granted returns the scopes of a token: of one that was handed out here, or of an assertion that an account signed for
// itself (google.aip.dev/auth/4111), which names scopes, or the API that it is for.
func (c *cloud) granted(token, host string) ([]string, error) {
	body, ours := strings.CutPrefix(token, "ya29.c.sim.")
	if !ours {
		in, err := c.verify(token)
		if err != nil {
			return nil, err
		}
		if in.Scope == "" && strings.TrimSuffix(in.Aud, "/") == "https://"+host {
			return []string{platform}, nil
		}
		return strings.Fields(in.Scope), nil
	}
	dot := strings.LastIndexByte(body, '.')
	if dot < 0 || !hmac.Equal([]byte(body[dot+1:]), []byte(c.mac(body[:dot]))) {
		return nil, errors.New("the token is not ours")
	}
	until, scopes, _ := strings.Cut(body[:dot], ".")
	end, err := strconv.ParseInt(until, 10, 64)
	if err != nil || c.world.Now().Unix() > end {
		return nil, errors.New("the token has expired")
	}
	text, err := base64.RawURLEncoding.DecodeString(scopes)
	return strings.Fields(string(text)), err
}

// allowed checks that a call's project is there, open to the caller, and has the API enabled.
func (c *cloud) allowed(in *call) *problem {
	id := in.PathValue("project")
	if id == "" {
		return nil
	}
	host, _, _ := strings.Cut(in.Host, ":")
	p := c.project(id)
	switch {
	case (p == nil || p.denied) && host == "compute.googleapis.com":
		return newProblem(http.StatusForbidden, "Required 'compute.instances.list' permission for 'projects/"+id+"'").because("forbidden", "global")
	case p == nil || p.denied:
		return newProblem(http.StatusForbidden, "Permission denied on resource project "+id+".").
			info("CONSUMER_INVALID", map[string]string{"consumer": "projects/" + id, "service": host})
	case p.disabled == host:
		return newProblem(http.StatusForbidden, host+" has not been used in project "+p.number+" before or it is disabled. Enable it by visiting "+
			"https://console.developers.google.com/apis/api/"+host+"/overview?project="+p.number+" then retry.").
			info("SERVICE_DISABLED", map[string]string{"consumer": "projects/" + p.number, "service": host})
	}
	return nil
}

func (c *cloud) project(id string) *project {
	for _, p := range c.projects {
		if p.id == id || p.number == id {
			return p
		}
	}
	return nil
}
