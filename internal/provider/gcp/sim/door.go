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

func (c *cloud) email() string { return "cloudtop@" + c.projects[0].id + ".iam.gserviceaccount.com" }

// Credentials implements sim.Cloud.
func (c *cloud) Credentials() sim.Credentials {
	file, _ := json.MarshalIndent(map[string]string{
		"type": "service_account", "project_id": c.projects[0].id, "private_key_id": keyID, "private_key": demoKey,
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
	if err := c.verify(r.PostForm.Get("assertion")); err != nil {
		writeJSON(w, http.StatusBadRequest, oauthError("invalid_grant", err.Error()))
		return
	}
	until := strconv.FormatInt(c.world.Now().Add(tokenLife).Unix(), 10)
	writeJSON(w, http.StatusOK, map[string]any{
		"access_token": "ya29.c.sim." + until + "." + c.mac(until), "expires_in": int(tokenLife / time.Second), "token_type": "Bearer",
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

// verify checks a signed assertion as Google does: algorithm, key, signature, claims, and the times.
func (c *cloud) verify(assertion string) error {
	parts := strings.Split(assertion, ".")
	if len(parts) != 3 {
		return errors.New("Bad Request")
	}
	var header struct{ Alg, Kid string }
	var claims struct {
		Iss, Scope, Aud string
		Iat, Exp        int64
	}
	if decode(parts[0], &header) != nil || decode(parts[1], &claims) != nil {
		return errors.New("Bad Request")
	}
	if claims.Iss != c.email() || header.Kid != keyID {
		return errors.New("Invalid grant: account not found")
	}
	signature, err := base64.RawURLEncoding.DecodeString(parts[2])
	public, kerr := publicKey()
	sum := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	if err != nil || kerr != nil || header.Alg != "RS256" || rsa.VerifyPKCS1v15(public, crypto.SHA256, sum[:], signature) != nil {
		return errors.New("Invalid JWT Signature.")
	}
	now := c.world.Now().Unix()
	slack := int64(tolerance / time.Second)
	switch {
	case claims.Aud != "https://"+tokenHost+"/token":
		return errors.New("Invalid JWT: Failed audience check.")
	case claims.Iat > now+slack || claims.Exp < now-slack || claims.Exp-claims.Iat > 3600 || claims.Exp <= claims.Iat:
		return errors.New("Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. " +
			"Check your iat and exp values in the JWT claim.")
	case !strings.Contains(claims.Scope, platform):
		return errors.New("Invalid OAuth scope or ID token audience provided.")
	}
	return nil
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
	until, mac, _ := strings.Cut(strings.TrimPrefix(token, "ya29.c.sim."), ".")
	end, err := strconv.ParseInt(until, 10, 64)
	if err != nil || !hmac.Equal([]byte(mac), []byte(c.mac(until))) || c.world.Now().Unix() > end {
		return newProblem(http.StatusUnauthorized, "Request had invalid authentication credentials. Expected OAuth 2 access token, "+
			"login cookie or other valid authentication credential.").info("ACCESS_TOKEN_EXPIRED", map[string]string{"service": host})
	}
	return nil
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
