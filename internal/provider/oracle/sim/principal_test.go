package oraclesim

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
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/adsops/cloudtop/internal/sim"
)

// exchange is a request for a session token, before it is signed.
type exchange struct {
	body    object
	headers []string
	keyID   string
	path    string
	method  string
}

// exchange returns the request that an instance makes for the public half of key.
func (c *cloud) exchange(t *testing.T, key *rsa.PrivateKey) *exchange {
	t.Helper()
	public, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(c.leafDER())
	certificate := base64.StdEncoding.EncodeToString(c.leafDER())
	return &exchange{
		body: object{
			"certificate": certificate, "publicKey": base64.StdEncoding.EncodeToString(public), "fingerprintAlgorithm": "SHA256",
			"intermediateCertificates": []string{certificate}, "purpose": "DEFAULT",
		},
		headers: []string{"date", "(request-target)", "content-length", "content-type", "x-content-sha256"},
		keyID:   c.tenancy + "/fed-x509-sha256/" + hexPairs(sum[:]), path: "/v1/x509", method: http.MethodPost,
	}
}

// send signs and makes the request with the certificate's key.
func (e *exchange) send(t *testing.T, c *cloud) (int, string) {
	t.Helper()
	data := string(sim.AppendJSON(nil, e.body))
	r := httptest.NewRequestWithContext(t.Context(), e.method, "https://auth.us-ashburn-1.oraclecloud.com"+e.path, strings.NewReader(data))
	r.RequestURI = r.URL.RequestURI()
	sum := sha256.Sum256([]byte(data))
	r.Header.Set("Date", at().Format(http.TimeFormat))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("X-Content-Sha256", base64.StdEncoding.EncodeToString(sum[:]))
	text, err := (&signature{headers: e.headers}).text(r)
	if err != nil {
		t.Fatal(err)
	}
	hash := sha256.Sum256([]byte(text))
	raw, err := rsa.SignPKCS1v15(nil, c.key, crypto.SHA256, hash[:])
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", fmt.Sprintf(`Signature version="1",headers="%s",keyId="%s",algorithm="rsa-sha256",signature="%s"`,
		strings.Join(e.headers, " "), e.keyID, base64.StdEncoding.EncodeToString(raw)))
	resp := c.do(r)
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(body)
}

// TestACertificateIsExchangedForAToken of the key that the instance made, and calls are signed with that.
func TestACertificateIsExchangedForAToken(t *testing.T) {
	t.Parallel()
	c := newCloud(t, world(10, false))
	own, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	status, body := c.exchange(t, own).send(t, c)
	var answer struct{ Token string }
	if err := json.Unmarshal([]byte(body), &answer); err != nil || status != http.StatusOK || strings.Count(answer.Token, ".") != 2 {
		t.Fatalf("%d %.200s, %v", status, body, err)
	}
	text, err := base64.RawURLEncoding.DecodeString(strings.Split(answer.Token, ".")[1])
	var says map[string]any
	if err != nil || json.Unmarshal(text, &says) != nil || says["tenant"] != c.tenancy || says["exp"] != float64(at().Add(sessionLife).Unix()) || says["ptype"] != "instance" {
		t.Errorf("the token says %s, %v", text, err)
	}
	for name, key := range map[string]*rsa.PrivateKey{"its own key": own, "the user's key": c.key} {
		r := c.signed(t, http.MethodGet, "https://identity.us-ashburn-1.oci.oraclecloud.com/20160918/regions", "")
		text, _ := (&signature{headers: []string{"date", "(request-target)", "host"}}).text(r)
		hash := sha256.Sum256([]byte(text))
		raw, err := rsa.SignPKCS1v15(nil, key, crypto.SHA256, hash[:])
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", fmt.Sprintf(`Signature version="1",headers="date (request-target) host",keyId="ST$%s",algorithm="rsa-sha256",signature="%s"`,
			answer.Token, base64.StdEncoding.EncodeToString(raw)))
		if resp := c.do(r); (resp.StatusCode == http.StatusOK) != (key == own) {
			t.Errorf("the token with %s is answered %d", name, resp.StatusCode)
		}
	}
}

func TestWhatIsNoInstanceGetsNoToken(t *testing.T) {
	t.Parallel()
	c := newCloud(t, world(10, false))
	for _, tt := range []struct {
		name   string
		change func(*exchange)
		status int
		code   string
	}{
		{"as it should be", func(*exchange) {}, 200, ""},
		{"with the host signed too", func(e *exchange) { e.headers = append(e.headers, "host") }, 200, ""},
		{"another path", func(e *exchange) { e.path = "/v1/other" }, 404, "NotAuthorizedOrNotFound"},
		{"another method", func(e *exchange) { e.method = http.MethodPut }, 405, "MethodNotAllowed"},
		{"another certificate's fingerprint", func(e *exchange) { e.keyID += ":00" }, 401, "NotAuthenticated"},
		{"the user's key", func(e *exchange) { e.keyID = c.tenancy + "/" + c.user + "/" + c.fingerprint }, 401, "NotAuthenticated"},
		{"the body unsigned", func(e *exchange) { e.headers = e.headers[:2] }, 401, "NotAuthenticated"},
		{"no date", func(e *exchange) { e.headers = e.headers[1:] }, 401, "NotAuthenticated"},
		{"another certificate", func(e *exchange) { e.body["certificate"] = "AAAA" }, 401, "NotAuthenticated"},
		{"no certificate", func(e *exchange) { delete(e.body, "certificate") }, 401, "NotAuthenticated"},
		{"a public key that is no base64", func(e *exchange) { e.body["publicKey"] = "%" }, 401, "NotAuthenticated"},
		{"a public key that is none", func(e *exchange) { e.body["publicKey"] = "AAAA" }, 400, "InvalidParameter"},
		{"an unknown field", func(e *exchange) { e.body["colour"] = "red" }, 400, "CannotParseRequest"},
		{"a field of another type", func(e *exchange) { e.body["certificate"] = 7 }, 400, "CannotParseRequest"},
	} {
		e := c.exchange(t, c.key)
		tt.change(e)
		status, body := e.send(t, c)
		if status != tt.status || tt.code != "" && code(t, body) != tt.code {
			t.Errorf("%s: %d %.200s, want %d %s", tt.name, status, body, tt.status, tt.code)
		}
	}
}

// TestTheMetadataServiceDescribesTheInstance: where it is, and the certificate and key that belong together.
func TestTheMetadataServiceDescribesTheInstance(t *testing.T) {
	t.Parallel()
	c := newCloud(t, world(10, false))
	read := func(path string) string {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+metadataHost+"/opc/v2"+path, nil)
		r.Header.Set("Authorization", "Bearer Oracle")
		data, err := io.ReadAll(c.do(r).Body)
		if err != nil {
			t.Fatal(err)
		}
		return string(data)
	}
	if got := read("/instance/region"); got != "us-ashburn-1" {
		t.Errorf("the region is %q", got)
	}
	var place map[string]string
	if err := json.Unmarshal([]byte(read("/instance/regionInfo")), &place); err != nil || place["realmKey"] != "oc1" || place["regionKey"] != "IAD" ||
		place["realmDomainComponent"] != "oraclecloud.com" || place["regionIdentifier"] != "us-ashburn-1" {
		t.Errorf("the place is %v, %v", place, err)
	}
	block, _ := pem.Decode([]byte(read("/identity/cert.pem")))
	cert, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	if public, ok := cert.PublicKey.(*rsa.PublicKey); !ok || !public.Equal(&parseKey(read("/identity/key.pem")).PublicKey) {
		t.Error("the certificate is not that of the key")
	}
	if at().Before(cert.NotBefore) || at().After(cert.NotAfter) || !strings.Contains(fmt.Sprint(cert.Subject.OrganizationalUnit), "opc-tenant:"+c.tenancy) {
		t.Errorf("the certificate is of %v, from %s to %s", cert.Subject.OrganizationalUnit, cert.NotBefore, cert.NotAfter)
	}
}

// FuzzSessionKey: no token but our own leads to a key.
func FuzzSessionKey(f *testing.F) {
	c, ok := New(sim.NewWorld(sim.Options{Seed: 4, Counts: map[string]int{"oracle": 1}, Now: func() time.Time { return at() }})).(*cloud)
	if !ok {
		f.Fatal("New makes no cloud")
	}
	good := c.token(&c.key.PublicKey)
	for _, seed := range []string{good, good + "A", "." + good, "a.b.c", "..", ""} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, token string) {
		if key := c.sessionKey(token); key != nil && token != good {
			t.Errorf("%q leads to a key", token)
		}
	})
}
