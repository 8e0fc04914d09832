package gcp_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/provider"
	"github.com/adsops/cloudtop/internal/provider/gcp"
	"github.com/adsops/cloudtop/internal/sim"
)

// pair is a key that is made for one test.
func pair(t *testing.T) *rsa.PrivateKey {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func pemOf(kind string, der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
}

func pkcs8(t *testing.T, key any) string {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return pemOf("PRIVATE KEY", der)
}

func accountFile(key, tokenURI string) string {
	data, _ := json.Marshal(map[string]string{
		"type": "service_account", "project_id": "p", "private_key_id": "kid", "private_key": key, "client_email": "a@p.iam.gserviceaccount.com",
		"token_uri": tokenURI,
	})
	return string(data)
}

func TestAssertionsSayWhoAsksForWhat(t *testing.T) {
	t.Parallel()
	key := pair(t)
	for _, file := range []string{
		accountFile(pkcs8(t, key), "https://oauth2.googleapis.com/token"), accountFile(pemOf("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(key)), ""),
	} {
		var form map[string][]string
		conn := connectWith(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			_ = r.ParseForm()
			form = r.PostForm
			answers(nil)(w, r)
		}), nil, map[string]string{"credentials_json": file})
		if err := conn.HealthCheck(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := form["grant_type"]; len(got) != 1 || got[0] != "urn:ietf:params:oauth:grant-type:jwt-bearer" {
			t.Fatalf("got form %v", form)
		}
		parts := strings.Split(form["assertion"][0], ".")
		var header, claims map[string]any
		for i, out := range []*map[string]any{&header, &claims} {
			data, err := base64.RawURLEncoding.DecodeString(parts[i])
			if err != nil || json.Unmarshal(data, out) != nil {
				t.Fatalf("part %d of %v: %v", i, parts, err)
			}
		}
		signature, _ := base64.RawURLEncoding.DecodeString(parts[2])
		sum := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
		if err := rsa.VerifyPKCS1v15(&key.PublicKey, crypto.SHA256, sum[:], signature); err != nil {
			t.Errorf("the signature is not good: %v", err)
		}
		now := float64(sim.Epoch.Unix())
		if header["alg"] != "RS256" || header["kid"] != "kid" || claims["iss"] != "a@p.iam.gserviceaccount.com" ||
			claims["aud"] != "https://oauth2.googleapis.com/token" || claims["scope"] != "https://www.googleapis.com/auth/cloud-platform" ||
			claims["iat"] != now-10 || claims["exp"] != now+3590 {
			t.Errorf("got %v %v", header, claims)
		}
	}
}

func TestATokenIsUsedUntilShortlyBeforeItsEnd(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	now, asked, used := sim.Epoch, 0, map[string]int{}
	conn := provider.NewConn(gcp.Spec())
	err := conn.Initialize(t.Context(), &provider.ProviderConfig{
		Credential: provider.Credential{Values: world(0).Credentials().Values},
		Transport: answering{http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			mu.Lock()
			defer mu.Unlock()
			if r.URL.Path == "/token" {
				asked++
				_, _ = fmt.Fprintf(w, `{"access_token":"token-%d","expires_in":3599}`, asked)
				return
			}
			used[r.Header.Get("Authorization")]++
			_, _ = fmt.Fprint(w, `{}`)
		})},
		Now: func() time.Time { mu.Lock(); defer mu.Unlock(); return now },
	})
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			_, _ = provider.Gather(conn.Driver().List(t.Context(), cloud.Query{Scope: cloud.Scope{Account: "p"}, Service: "gke"}))
		})
	}
	wg.Wait()
	for _, later := range []time.Duration{57 * time.Minute, time.Minute, 30 * time.Second} {
		mu.Lock()
		now = now.Add(later)
		mu.Unlock()
		if _, err := list(t, conn, "gke"); err != nil {
			t.Fatal(err)
		}
	}
	if asked != 2 || used["Bearer token-1"] != 21 || used["Bearer token-2"] != 2 {
		t.Errorf("%d tokens were asked for and used so often: %v; want the second after 58 minutes", asked, used)
	}
}

func TestCredentialsThatCannotBeUsedSayWhy(t *testing.T) {
	t.Parallel()
	curve, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	good := pkcs8(t, pair(t))
	for name, c := range map[string]struct{ file, says string }{
		"none":             {"", "no credentials file"},
		"no JSON":          {"MARKER-SECRET", "not the JSON"},
		"another kind":     {`{"type":"MARKER-SECRET"}`, "is none of"},
		"no PEM":           {accountFile("MARKER-SECRET", ""), "not PEM"},
		"a damaged key":    {accountFile(pemOf("PRIVATE KEY", []byte("MARKER-SECRET")), ""), "damaged"},
		"no RSA":           {accountFile(pkcs8(t, curve), ""), "not a good RSA key"},
		"over plain http":  {accountFile(good, "http://oauth2.googleapis.com/token"), "no https address"},
		"nobody's":         {strings.Replace(accountFile(good, ""), "a@p.iam.gserviceaccount.com", "", 1), "client_email is missing"},
		"no key":           {accountFile("", ""), "not PEM"},
		"a list":           {`[]`, "not the JSON"},
		"a type of number": {`{"type":5}`, "not the JSON"},
	} {
		conn := provider.NewConn(gcp.Spec())
		err := conn.Initialize(t.Context(), &provider.ProviderConfig{
			Credential: provider.Credential{Values: map[string]string{"credentials_json": c.file}}, Transport: answering{answers(nil)},
		})
		if cloud.KindOf(err) != cloud.KindAuth || !strings.Contains(fmt.Sprint(err), c.says) || strings.Contains(fmt.Sprint(err), "MARKER-SECRET") {
			t.Errorf("%s: got %v of kind %q, want auth and %q", name, err, cloud.KindOf(err), c.says)
		}
	}
}

func TestTokenEndpointsThatRefuse(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		status int
		body   string
		kind   cloud.Kind
		says   string
	}{
		{400, `{"error":"invalid_grant","error_description":"Invalid JWT Signature."}`, cloud.KindAuth, "Invalid JWT Signature"},
		{401, `{"error":"invalid_client"}`, cloud.KindAuth, "invalid_client"},
		{403, `{"error":"access_denied","error_description":"Disabled."}`, cloud.KindDenied, "Disabled"},
		{200, `{"token_type":"Bearer"}`, cloud.KindResponse, "no access_token"},
		{200, `[]`, cloud.KindResponse, "not what is expected"},
		{404, `<html>`, cloud.KindNotFound, "Not Found"},
	} {
		conn := connectWith(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(c.status)
			_, _ = fmt.Fprint(w, c.body)
		}), nil, map[string]string{"credentials_json": world(0).Credentials().Values["credentials_json"]})
		if err := conn.HealthCheck(t.Context()); cloud.KindOf(err) != c.kind || !strings.Contains(fmt.Sprint(err), c.says) {
			t.Errorf("%d %s: got %v of kind %q, want %q and %q", c.status, c.body, err, cloud.KindOf(err), c.kind, c.says)
		}
	}
}

func TestIdentityIsThatOfTheFile(t *testing.T) {
	t.Parallel()
	conn := connect(t, answers(nil), nil)
	who, err := conn.Driver().(provider.Identifier).Identity(t.Context())
	if err != nil || who.Account != world(0).Truth().Accounts[0] || !strings.HasPrefix(who.User, "cloudtop@") || who.Detail != "service account" {
		t.Errorf("got %+v, %v", who, err)
	}
	refused := connect(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusUnauthorized) }), nil)
	if who, err := refused.Driver().(provider.Identifier).Identity(t.Context()); cloud.KindOf(err) != cloud.KindAuth || who.User != "" {
		t.Errorf("refused: got %+v, %v", who, err)
	}
}
