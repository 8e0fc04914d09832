package oracle_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/provider"
	"github.com/adsops/cloudtop/internal/sim"
)

// TestAnInstanceLogsInAsItself: its certificate is exchanged for a token once, and everything is listed with that.
func TestAnInstanceLogsInAsItself(t *testing.T) {
	t.Parallel()
	s := open(t, setup{count: 20, credential: &provider.Credential{Method: "environment", Source: "this machine's own identity"}})
	if n := len(s.wire.sent); n != 0 {
		t.Errorf("opening made %d calls", n)
	}
	all, err := s.conn.ListResources(t.Context(), nil)
	if want := len(s.cloud.Truth().Resources); err != nil || len(all) != want {
		t.Errorf("%d resources, %v, want %d", len(all), err, want)
	}
	if n := len(s.wire.calls("/v1/x509")); n != 1 {
		t.Errorf("the certificate was exchanged %d times, want once", n)
	}
}

func TestAMachineThatIsNoInstanceIsTold(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		path string
		body string
		code int
		kind cloud.Kind
	}{
		{"no metadata", "/instance/regionInfo", "not here", http.StatusNotFound, cloud.KindAuth},
		{"no region", "/instance/regionInfo", "{}", http.StatusOK, cloud.KindAuth},
		{"no certificate", "/identity/cert.pem", "nothing", http.StatusOK, cloud.KindAuth},
		{"no key", "/identity/key.pem", "nothing", http.StatusOK, cloud.KindAuth},
		{"no permission to log in", "/v1/x509", `{"code":"NotAuthenticated","message":"?"}`, http.StatusUnauthorized, cloud.KindAuth},
		{"no token", "/v1/x509", `{"token":"x"}`, http.StatusOK, cloud.KindAuth},
		{"exchange out of order", "/v1/x509", `{"code":"InternalServerError","message":"?"}`, http.StatusInternalServerError, cloud.KindUnavailable},
	} {
		s := open(t, setup{
			count: 5, credential: &provider.Credential{Method: "environment", Source: "this machine's own identity"},
			answer: func(r *http.Request) *http.Response {
				if strings.HasSuffix(r.URL.Path, tt.path) {
					return response(r, tt.code, tt.body)
				}
				return nil
			},
		})
		err := s.conn.HealthCheck(t.Context())
		if cloud.KindOf(err) != tt.kind || !strings.HasPrefix(err.Error(), "oracle: ") {
			t.Errorf("%s: got %v of kind %q, want %q", tt.name, err, cloud.KindOf(err), tt.kind)
		}
	}
}

// TestLoggingInEndsWithItsContext also for those who wait for another's turn.
func TestLoggingInEndsWithItsContext(t *testing.T) {
	t.Parallel()
	hold := make(chan struct{})
	s := open(t, setup{
		count: 5, credential: &provider.Credential{Method: "environment", Source: "this machine's own identity"},
		answer: func(r *http.Request) *http.Response {
			if strings.HasSuffix(r.URL.Path, "/regionInfo") {
				<-hold
			}
			return nil
		},
	})
	first := make(chan error, 1)
	go func() { first <- s.conn.HealthCheck(t.Context()) }()
	for len(s.wire.calls("/regionInfo")) == 0 {
		time.Sleep(time.Millisecond)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	started := time.Now()
	err := s.conn.HealthCheck(ctx)
	if took := time.Since(started); cloud.KindOf(err) != cloud.KindTimeout || took > time.Second {
		t.Errorf("got %v after %s, want a timeout at once", err, took)
	}
	close(hold)
	if err := <-first; err != nil {
		t.Errorf("who was first is %v", err)
	}
}

// TestAResourcePrincipalSignsWithTheTokenOfItsEnvironment.
func TestAResourcePrincipalSignsWithTheTokenOfItsEnvironment(t *testing.T) {
	t.Parallel()
	p := prepare(t, setup{count: 5})
	values := p.cloud.Credentials().Values
	for _, tt := range []struct {
		name   string
		values map[string]string
		want   string // of the error when it is opened; none: it opens, and the simulator does not know the token
	}{
		{"inline", map[string]string{"rpst": "e30.eyJyZXNfdGVuYW50Ijoib2NpZDEudGVuYW5jeS5vYzEuLngifQ.c2ln", "private_pem": values["private_key"], "principal_region": "us-ashburn-1"}, ""},
		{"no key", map[string]string{"rpst": "e30.e30.c2ln", "principal_region": "us-ashburn-1"}, "names no private key"},
		{"missing file", map[string]string{"rpst": "e30.e30.c2ln", "private_pem": "/nowhere/key.pem"}, "cannot be read"},
	} {
		s := prepare(t, setup{count: 5})
		o := setup{credential: &provider.Credential{Method: "environment", Source: "environment", Values: tt.values}}
		err := s.initialize(o)
		if tt.want != "" {
			e, ok := errors.AsType[*cloud.Error](err)
			if !ok || e.Kind != cloud.KindAuth || !strings.Contains(e.Detail, tt.want) {
				t.Errorf("%s: got %v, want an auth error %q", tt.name, err, tt.want)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		if err := s.conn.HealthCheck(t.Context()); cloud.KindOf(err) != cloud.KindAuth {
			t.Errorf("%s: got %v, want the simulator to refuse a token that it did not make", tt.name, err)
		}
		if n := len(s.wire.calls("/tenancies/ocid1.tenancy.oc1..x")); n != 1 {
			t.Errorf("%s: the tenancy of the token is asked for %d times, want once", tt.name, n)
		}
	}
}

// TestATokenIsRenewedBeforeItEnds: it is good for an hour, and exchanged five minutes before.
func TestATokenIsRenewedBeforeItEnds(t *testing.T) {
	t.Parallel()
	var past atomic.Int64
	s := open(t, setup{
		count: 5, now: func() time.Time { return sim.Epoch.Add(time.Duration(past.Load())) },
		credential: &provider.Credential{Method: "environment", Source: "this machine's own identity"},
	})
	for _, step := range []struct {
		at   time.Duration
		want int // exchanges so far
	}{{0, 1}, {54 * time.Minute, 1}, {55 * time.Minute, 2}, {109 * time.Minute, 2}, {111 * time.Minute, 3}, {30 * time.Hour, 4}} {
		past.Store(int64(step.at))
		if err := s.conn.HealthCheck(t.Context()); err != nil {
			t.Fatalf("after %s: %v", step.at, err)
		}
		if n := len(s.wire.calls("/v1/x509")); n != step.want {
			t.Errorf("after %s the certificate was exchanged %d times, want %d", step.at, n, step.want)
		}
	}
}

// TestTheExchangeIsSignedByTheCertificate and asks for a token of a key that was never sent.
func TestTheExchangeIsSignedByTheCertificate(t *testing.T) {
	t.Parallel()
	var authorization, sent string
	s := open(t, setup{
		count: 5, credential: &provider.Credential{Method: "environment", Source: "this machine's own identity"},
		answer: func(r *http.Request) *http.Response {
			if strings.HasSuffix(r.URL.Path, "/v1/x509") {
				body, _ := io.ReadAll(r.Body)
				r.Body = io.NopCloser(strings.NewReader(string(body)))
				authorization, sent = r.Header.Get("Authorization"), string(body)
			}
			return nil
		},
	})
	if err := s.conn.HealthCheck(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{
		`keyId="` + s.cloud.Credentials().Values["tenancy"] + `/fed-x509-sha256/`, `headers="date (request-target) content-length content-type x-content-sha256"`,
		`algorithm="rsa-sha256"`,
	} {
		if !strings.Contains(authorization, part) {
			t.Errorf("the exchange is signed with %s, which lacks %s", authorization, part)
		}
	}
	var body struct {
		Certificate, PublicKey, FingerprintAlgorithm string
		IntermediateCertificates                     []string
	}
	if err := json.Unmarshal([]byte(sent), &body); err != nil || body.FingerprintAlgorithm != "SHA256" || len(body.IntermediateCertificates) != 1 {
		t.Errorf("sent %.200s, %v", sent, err)
	}
	for name, text := range map[string]string{"certificate": body.Certificate, "public key": body.PublicKey, "intermediate": body.IntermediateCertificates[0]} {
		if der, err := base64.StdEncoding.DecodeString(text); err != nil || len(der) < 100 {
			t.Errorf("the %s is no base64 without lines: %v", name, err)
		}
	}
	if strings.Contains(sent, "PRIVATE") || strings.Contains(sent, "BEGIN") {
		t.Error("more is sent than what is public")
	}
	hosts := map[string]bool{}
	for _, c := range s.wire.calls("") {
		hosts[c.host] = true
	}
	if !hosts["auth.us-ashburn-1.oraclecloud.com"] || !hosts["169.254.169.254"] || len(hosts) != 3 {
		t.Errorf("called %v, want the metadata service, the exchange and the tenancy", hosts)
	}
}

// TestAResourcePrincipalReadsItsFilesAnew: the platform writes new tokens into them.
func TestAResourcePrincipalReadsItsFilesAnew(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	token := func(claims string) string {
		return "e30." + base64.RawURLEncoding.EncodeToString([]byte(claims)) + ".c2ln"
	}
	s := prepare(t, setup{count: 5})
	values := map[string]string{
		"rpst": write("rpst", token(`{"res_tenant":"ocid1.tenancy.oc1..first"}`)+"\n"), "principal_region": "iad",
		"private_pem": write("key.pem", s.cloud.Credentials().Values["private_key"]),
	}
	if err := s.initialize(setup{credential: &provider.Credential{Method: "environment", Source: "environment", Values: values}}); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ claims, tenancy string }{
		{`{"res_tenant":"ocid1.tenancy.oc1..first"}`, "first"}, {`{"tenant":"ocid1.tenancy.oc1..second","exp":1}`, "second"},
		{`{"opc-tenant":"ocid1.tenancy.oc1..third"}`, "third"},
		{`{"res_tenant":"ocid1.tenancy.oc1..mine","tenant":"ocid1.tenancy.oc1..theirs"}`, "mine"},
	} {
		write("rpst", token(tt.claims))
		if err := s.conn.HealthCheck(t.Context()); cloud.KindOf(err) != cloud.KindAuth {
			t.Errorf("%s: %v, want the simulator to refuse a token that it did not make", tt.claims, err)
		}
		if n := len(s.wire.calls("/20160918/tenancies/ocid1.tenancy.oc1.." + tt.tenancy)); n != 1 {
			t.Errorf("%s: the tenancy %s is asked for %d times, want once", tt.claims, tt.tenancy, n)
		}
	}
	s.wire.forget()
	for name, text := range map[string]string{"no token": "x", "no base64": "a.%.c", "no JSON": "a.eA.c"} {
		write("rpst", text)
		err := s.conn.HealthCheck(t.Context())
		if cloud.KindOf(err) != cloud.KindAuth || !strings.Contains(err.Error(), "the resource principal's token") || len(s.wire.calls("")) > 0 {
			t.Errorf("%s: %v after %d calls, want to be told before any", name, err, len(s.wire.calls("")))
		}
	}
}
