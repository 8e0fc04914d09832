package gcp_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/provider"
	"github.com/adsops/cloudtop/internal/provider/gcp"
)

// callers remembers what was called and with which token.
type callers struct {
	mu   sync.Mutex
	seen []string
}

func (c *callers) note(r *http.Request) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.seen = append(c.seen, r.Method+" "+r.Host+r.URL.Path+" "+r.Header.Get("Authorization")+" "+r.Header.Get("X-Goog-User-Project"))
}

func TestAUsersCredentialIsRefreshed(t *testing.T) {
	t.Parallel()
	var got callers
	file := `{"type":"authorized_user","client_id":"id","client_secret":"hush","refresh_token":"refresh","quota_project_id":"quota"}`
	conn := connectWith(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got.note(r)
		if r.URL.Path == "/token" && (r.FormValue("refresh_token") != "refresh" || r.FormValue("grant_type") != "refresh_token") {
			http.Error(w, `{"error":"invalid_grant"}`, http.StatusBadRequest)
			return
		}
		answers(map[string]string{"/compute/v1/projects/p/aggregated/instances": `{}`})(w, r)
	}), nil, map[string]string{"credentials_json": file})
	for range 2 {
		if _, err := list(t, conn, "compute"); err != nil {
			t.Fatal(err)
		}
	}
	want := "GET compute.googleapis.com/compute/v1/projects/p/aggregated/instances Bearer ya29.test quota"
	if len(got.seen) != 3 || got.seen[1] != want {
		t.Errorf("got %q, want one refresh and two calls like %q", got.seen, want)
	}
}

func TestWorkloadIdentityIsExchangedThroughTheChain(t *testing.T) {
	t.Parallel()
	subject := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(subject, []byte("subject-token"), 0o600); err != nil {
		t.Fatal(err)
	}
	file, _ := json.Marshal(map[string]any{
		"type": "external_account", "audience": "//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/providers/x",
		"subject_token_type": "urn:ietf:params:oauth:token-type:jwt", "token_url": "https://sts.googleapis.com/v1/token",
		"service_account_impersonation_url": "https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/a@p.iam.gserviceaccount.com:generateAccessToken",
		"credential_source":                 map[string]string{"file": subject},
	})
	var got callers
	conn := connectWith(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got.note(r)
		switch r.Host {
		case "sts.googleapis.com":
			if r.FormValue("subject_token") != "subject-token" {
				http.Error(w, `{"error":"invalid_grant"}`, http.StatusBadRequest)
				return
			}
			_, _ = fmt.Fprint(w, `{"access_token":"federated","issued_token_type":"urn:ietf:params:oauth:token-type:access_token","token_type":"Bearer","expires_in":3600}`)
		case "iamcredentials.googleapis.com":
			_, _ = fmt.Fprintf(w, `{"accessToken":"ya29.imp","expireTime":%q}`, time.Now().Add(time.Hour).Format(time.RFC3339))
		default:
			_, _ = fmt.Fprint(w, `{}`)
		}
	}), nil, map[string]string{"credentials_json": string(file)})
	if _, err := list(t, conn, "compute"); err != nil {
		t.Fatal(err)
	}
	all := strings.Join(got.seen, "\n")
	if len(got.seen) != 3 || !strings.Contains(all, ":generateAccessToken Bearer federated") || !strings.Contains(all, "aggregated/instances Bearer ya29.imp") {
		t.Errorf("got calls\n%s", all)
	}
}

func TestFailuresOfATokenExchangeAreClassified(t *testing.T) {
	t.Parallel()
	file := `{"type":"authorized_user","client_id":"id","client_secret":"hush-hush","refresh_token":"refresh-secret"}`
	for _, c := range []struct {
		status int
		body   string
		kind   cloud.Kind
	}{
		{400, `{"error":"invalid_grant","error_description":"Token has been expired or revoked."}`, cloud.KindAuth},
		{401, `{"error":"invalid_client"}`, cloud.KindAuth},
		{200, `{"access_token":`, cloud.KindResponse},
		{200, `{}`, cloud.KindResponse},
	} {
		conn := connectWith(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(c.status)
			_, _ = fmt.Fprint(w, c.body)
		}), nil, map[string]string{"credentials_json": file})
		err := conn.HealthCheck(t.Context())
		if cloud.KindOf(err) != c.kind || !strings.HasPrefix(fmt.Sprint(err), "gcp: sign in") {
			t.Errorf("%d %s: got %v of kind %q, want %q", c.status, c.body, err, cloud.KindOf(err), c.kind)
		}
		if strings.Contains(fmt.Sprint(err), "hush-hush") || strings.Contains(fmt.Sprint(err), "refresh-secret") {
			t.Errorf("a secret is in %v", err)
		}
	}
}

func TestATokenExchangeEndsWithItsContext(t *testing.T) {
	t.Parallel()
	file := `{"type":"authorized_user","client_id":"id","client_secret":"hush","refresh_token":"refresh"}`
	conn := provider.NewConn(gcp.Spec())
	err := conn.Initialize(t.Context(), &provider.ProviderConfig{
		Credential: provider.Credential{Values: map[string]string{"credentials_json": file}}, Transport: hanging{},
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	started := time.Now()
	err = conn.HealthCheck(ctx)
	if took := time.Since(started); took > 5*time.Second || cloud.KindOf(err) != cloud.KindTimeout {
		t.Errorf("got %v of kind %q after %s, want a timeout at once", err, cloud.KindOf(err), took)
	}
}

// hanging never answers.
type hanging struct{}

func (hanging) RoundTrip(r *http.Request) (*http.Response, error) {
	<-r.Context().Done()
	return nil, r.Context().Err()
}

func TestFilesThatAreNoCredentialAreRefused(t *testing.T) {
	t.Parallel()
	parse := gcp.Spec().Auth[0].Parse
	for _, text := range []string{"", "no json", "[]", `{}`, `{"type":"gdch_service_account"}`, `{"type":"very-secret-word"}`} {
		values, err := parse([]byte(text), func(string) string { return "" })
		if err == nil {
			t.Errorf("%q: got %d values, want an error", text, len(values))
		} else if strings.Contains(err.Error(), "very-secret-word") {
			t.Errorf("%q: the error %q repeats the file", text, err)
		}
	}
}

func FuzzCredentialFiles(f *testing.F) {
	for _, seed := range []string{`{"type":"service_account"}`, `{"type":"authorized_user"}`, `{"type":5}`, "\x00"} {
		f.Add([]byte(seed))
	}
	parse := gcp.Spec().Auth[0].Parse
	f.Fuzz(func(t *testing.T, data []byte) {
		values, err := parse(data, func(string) string { return "" })
		if (err == nil) != (values["credentials_json"] != "") {
			t.Errorf("got %d values and %v", len(values), err)
		}
	})
}
