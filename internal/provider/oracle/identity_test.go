package oracle_test

import (
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/provider"
)

// tenancyAnswers answers the call for the tenancy's name.
func tenancyAnswers(status int, body string) func(*http.Request) *http.Response {
	return func(r *http.Request) *http.Response {
		if strings.Contains(r.URL.Path, "/tenancies/") && !strings.HasSuffix(r.URL.Path, "/regionSubscriptions") {
			return response(r, status, body)
		}
		return nil
	}
}

// TestACredentialIsCheckedByOneCall: whoever may not read the tenancy's name has a good one all the same.
func TestACredentialIsCheckedByOneCall(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		answer func(*http.Request) *http.Response
		kind   cloud.Kind
		want   string // a part of the error or its hint
	}{
		{"good", nil, "", ""},
		{"without permission", tenancyAnswers(404, `{"code":"NotAuthorizedOrNotFound","message":"?"}`), "", ""},
		{"forbidden", tenancyAnswers(403, `{"code":"NotAuthorized","message":"?"}`), "", ""},
		{"wrong", tenancyAnswers(401, `{"code":"NotAuthenticated","message":"?"}`), cloud.KindAuth, "fingerprint"},
		{"throttled", tenancyAnswers(429, `{"code":"TooManyRequests","message":"?"}`), cloud.KindThrottled, "TooManyRequests"},
		{"out of order", tenancyAnswers(500, `{"code":"InternalServerError","message":"?"}`), cloud.KindUnavailable, "read the tenancy"},
		{"malformed", tenancyAnswers(200, `[]`), cloud.KindResponse, "read the tenancy"},
	} {
		s := open(t, setup{count: 5, answer: tt.answer})
		err := s.conn.HealthCheck(t.Context())
		if cloud.KindOf(err) != tt.kind || err != nil && !strings.Contains(err.Error()+hintOf(err), tt.want) {
			t.Errorf("%s: got %v (%s), want %q with %q", tt.name, err, hintOf(err), tt.kind, tt.want)
		}
		calls := s.wire.calls("")
		if len(calls) == 0 || calls[0].host != "identity.us-ashburn-1.oci.oraclecloud.com" || len(calls) > 2 {
			t.Errorf("%s: made the calls %+v, want one, and one more where it is retried", tt.name, calls)
		}
	}
}

func TestIdentitySaysWhoWeAre(t *testing.T) {
	t.Parallel()
	base := prepare(t, setup{count: 5}).cloud.Credentials().Values
	with := func(kv ...string) map[string]string {
		out := maps.Clone(base)
		for i := 0; i < len(kv); i += 2 {
			out[kv[i]] = kv[i+1]
		}
		return out
	}
	for _, tt := range []struct {
		name   string
		values map[string]string
		method string
		answer func(*http.Request) *http.Response
		want   cloud.Identity
		kind   cloud.Kind
	}{
		{"an API key", base, "service_account", nil, cloud.Identity{Account: "acme-cloud", User: base["user"], Detail: "region us-ashburn-1"}, ""},
		{"a profile", with("profile", "PROD", "profiles", "DEFAULT\nPROD"), "service_account", nil,
			cloud.Identity{Account: "acme-cloud", User: base["user"], Detail: "profile PROD, region us-ashburn-1"}, ""},
		{"a region's key", with("region", "PHX"), "service_account", nil, cloud.Identity{Account: "acme-cloud", User: base["user"], Detail: "region us-phoenix-1"}, ""},
		{"variables", base, "environment", nil, cloud.Identity{Account: "acme-cloud", User: base["user"], Detail: "region us-ashburn-1"}, ""},
		{"an instance", nil, "environment", nil, cloud.Identity{Account: "acme-cloud", Detail: "region us-ashburn-1"}, ""},
		{"a name that may not be read", base, "service_account", tenancyAnswers(404, `{"code":"NotAuthorizedOrNotFound","message":"?"}`),
			cloud.Identity{Account: base["tenancy"], User: base["user"], Detail: "region us-ashburn-1"}, ""},
		{"no name", base, "service_account", tenancyAnswers(200, `{"name":null}`), cloud.Identity{Account: base["tenancy"], User: base["user"], Detail: "region us-ashburn-1"}, ""},
		{"a wrong key", base, "service_account", tenancyAnswers(401, `{"code":"NotAuthenticated","message":"?"}`),
			cloud.Identity{Account: base["tenancy"], User: base["user"], Detail: "region us-ashburn-1"}, cloud.KindAuth},
	} {
		s := open(t, setup{count: 5, answer: tt.answer, credential: &provider.Credential{Method: tt.method, Source: "test", Values: tt.values}})
		who, ok := s.conn.Driver().(provider.Identifier)
		if !ok {
			t.Fatal("the driver knows no identity")
		}
		got, err := who.Identity(t.Context())
		if got != tt.want || cloud.KindOf(err) != tt.kind {
			t.Errorf("%s: got %+v, %v, want %+v", tt.name, got, err, tt.want)
		}
	}
}

// TestASessionTokenLogsIn with the key that it is bound to, and says so when the file is gone.
func TestASessionTokenLogsIn(t *testing.T) {
	t.Parallel()
	token := ""
	logsIn := open(t, setup{count: 5, credential: &provider.Credential{Method: "environment", Source: "test"}, answer: func(r *http.Request) *http.Response {
		if id := r.Header.Get("Authorization"); strings.Contains(id, `keyId="ST$`) {
			_, rest, _ := strings.Cut(id, `keyId="ST$`)
			token, _, _ = strings.Cut(rest, `"`)
		}
		return nil
	}})
	if err := logsIn.conn.HealthCheck(t.Context()); err != nil || strings.Count(token, ".") != 2 {
		t.Fatalf("an instance logs in with %q, %v", token, err)
	}
	file := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(file, []byte(token+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	values := maps.Clone(logsIn.cloud.Credentials().Values)
	delete(values, "user")
	values["security_token_file"] = file
	s := open(t, setup{count: 5, credential: &provider.Credential{Method: "service_account", Source: "test", Values: values}})
	// the token is bound to the instance's own key, not to this one: it is read, sent and refused
	if err := s.conn.HealthCheck(t.Context()); cloud.KindOf(err) != cloud.KindAuth {
		t.Errorf("a token with another key is %v, want refused", err)
	}
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	s.wire.forget()
	err := s.conn.HealthCheck(t.Context())
	if cloud.KindOf(err) != cloud.KindAuth || !strings.Contains(err.Error()+hintOf(err), "oci session authenticate") || len(s.wire.calls("")) != 0 {
		t.Errorf("without its file it is %v (%s) after %d calls, want no call and a hint", err, hintOf(err), len(s.wire.calls("")))
	}
}
