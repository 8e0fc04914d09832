package oracle_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/provider"
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
