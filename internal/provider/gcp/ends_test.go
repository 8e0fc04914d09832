package gcp_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/provider"
	"github.com/adsops/cloudtop/internal/sim"
)

func services() []string { return []string{"compute", "gke", "functions", "run", "sql"} }

// TestListsEndWithTheirContext hangs every call but the sign-in.
func TestListsEndWithTheirContext(t *testing.T) {
	t.Parallel()
	for _, service := range services() {
		conn := connect(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/token" {
				answers(nil)(w, r)
				return
			}
			<-r.Context().Done()
		}), nil)
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(20*time.Millisecond, func() { cancel(errors.New("enough")) })
		all, err := provider.Gather(conn.Driver().List(ctx, cloud.Query{Scope: cloud.Scope{Account: "p"}, Service: service}))
		if len(all) != 0 || cloud.KindOf(err) != cloud.KindCancelled {
			t.Errorf("%s: got %d resources, %v of kind %q; want cancelled", service, len(all), err, cloud.KindOf(err))
		}
	}
}

// TestWhoHasSeenEnoughCausesNoMoreCalls stops after the first resource, though there are more pages.
func TestWhoHasSeenEnoughCausesNoMoreCalls(t *testing.T) {
	t.Parallel()
	real := world(2000)
	for service, most := range map[string]int{"compute": 1, "gke": 1, "functions": 1, "run": 8, "sql": 1} {
		r := &recorded{Handler: real}
		conn := connect(t, r, nil)
		seen := 0
		for _, err := range conn.Driver().List(t.Context(), cloud.Query{Scope: cloud.Scope{Account: real.Truth().Accounts[0]}, Service: service}) {
			if seen++; err != nil {
				t.Errorf("%s: %v", service, err)
			}
			break
		}
		if seen != 1 || len(r.calls) > most {
			t.Errorf("%s: %d resources with %d calls, want one with at most %d", service, seen, len(r.calls), most)
		}
	}
	r := &recorded{Handler: real}
	for range connect(t, r, nil).Scopes(t.Context()) {
		break
	}
	if len(r.calls) != 1 {
		t.Errorf("scopes: %d calls", len(r.calls))
	}
}

// TestEveryRequestIsSmallAndInOneLine: answers are cut to the fields that are read, and secrets are not asked for.
func TestEveryRequestIsSmallAndInOneLine(t *testing.T) {
	t.Parallel()
	real := world(60)
	var mu sync.Mutex
	asked := map[string]bool{}
	conn := connect(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/token" {
			q := r.URL.Query()
			mu.Lock()
			asked[r.Host] = true
			mu.Unlock()
			if q.Get("fields") == "" || q.Get("prettyPrint") != "false" || r.Method != http.MethodGet || r.Header.Get("Authorization") == "" {
				t.Errorf("%s %s", r.Method, r.URL)
			}
			for _, secret := range []string{"metadata", "masterAuth", "environmentVariables", "env,", "rootPassword", "*("} {
				if strings.Contains(q.Get("fields"), secret) {
					t.Errorf("%s asks for %s", r.URL.Path, secret)
				}
			}
		}
		real.ServeHTTP(w, r)
	}), nil)
	all, err := conn.ListResources(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := conn.GetMetrics(t.Context(), &provider.MetricsRequest{Resources: all}); err != nil {
		t.Fatal(err)
	}
	if len(asked) != 7 {
		t.Errorf("asked: %v", asked)
	}
}

// TestTheRetryOfARefusalIsGooglesOwn reads the wait that google.rpc.RetryInfo asks for.
func TestTheRetryOfARefusalIsGooglesOwn(t *testing.T) {
	t.Parallel()
	for wait, want := range map[string]time.Duration{
		"1.5s": 1500 * time.Millisecond, "90s": 90 * time.Second, "": 0, "-3s": 0, "soon": 0, "0s": 0,
	} {
		conn := connect(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/token" {
				answers(nil)(w, r)
				return
			}
			w.WriteHeader(http.StatusForbidden)
			_, _ = fmt.Fprintf(w, `{"error":{"message":"no","details":[{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":%q}]}}`, wait)
		}), nil)
		_, err := list(t, conn, "sql")
		e, ok := errors.AsType[*cloud.Error](err)
		if !ok || e.RetryAfter != want || e.Kind != cloud.KindDenied {
			t.Errorf("%q: got %+v, want a wait of %s", wait, e, want)
		}
	}
}

// TestTokenExchangesThatFail is of what is no service account's key: golang.org/x/oauth2 tells failures as text alone.
func TestTokenExchangesThatFail(t *testing.T) {
	t.Parallel()
	user := `{"type":"authorized_user","client_id":"i","client_secret":"hush-hush","refresh_token":"refresh-secret"}`
	for _, c := range []struct {
		name, file, body string
		status           int
		kind             cloud.Kind
	}{
		{"a revoked token", user, `{"error":"invalid_grant"}`, 400, cloud.KindAuth},
		{"a page of a proxy", user, `<html>`, 407, cloud.KindAuth},
		{"a token of nothing", user, `{"access_token":""}`, 200, cloud.KindResponse},
		{"a file that is not there", `{"type":"external_account","audience":"//iam.googleapis.com/x","subject_token_type":"urn:ietf:params:oauth:token-type:jwt",` +
			`"token_url":"https://sts.googleapis.com/v1/token","credential_source":{"file":"/nowhere/at/all"}}`, `{}`, 200, cloud.KindAuth},
		{"half a file", `{"type":"external_account"}`, `{}`, 200, cloud.KindAuth},
		{"impersonation without a source", `{"type":"impersonated_service_account"}`, `{}`, 200, cloud.KindAuth},
	} {
		conn := connectWith(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(c.status)
			_, _ = fmt.Fprint(w, c.body)
		}), nil, map[string]string{"credentials_json": c.file})
		err := conn.HealthCheck(t.Context())
		if cloud.KindOf(err) != c.kind || strings.Contains(fmt.Sprint(err), "hush-hush") || strings.Contains(fmt.Sprint(err), "refresh-secret") {
			t.Errorf("%s: got %v of kind %q, want %q and no secret", c.name, err, cloud.KindOf(err), c.kind)
		}
		if e, ok := errors.AsType[*cloud.Error](err); ok && e.Kind == cloud.KindAuth && e.Hint == "" {
			t.Errorf("%s: no hint", c.name)
		}
	}
}

func TestATokenWithoutAnEndIsKept(t *testing.T) {
	t.Parallel()
	asked := 0
	conn := connectWith(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/token" {
			asked++
			w.Header().Set("Content-Type", "application/json")
			_, _ = fmt.Fprint(w, `{"access_token":"endless","token_type":"Bearer"}`)
			return
		}
		_, _ = fmt.Fprint(w, `{}`)
	}), nil, map[string]string{"credentials_json": `{"type":"authorized_user","client_id":"i","client_secret":"hush","refresh_token":"refresh"}`})
	for range 3 {
		if _, err := list(t, conn, "gke"); err != nil {
			t.Fatal(err)
		}
	}
	if asked != 1 {
		t.Errorf("%d tokens were asked for, want one", asked)
	}
}

// TestNamesOfAccountsReachEveryResource: what a project is called comes with the scopes.
func TestNamesOfAccountsReachEveryResource(t *testing.T) {
	t.Parallel()
	real := gcpWorld(sim.Options{Seed: 1, Counts: map[string]int{"gcp": 30}})
	names := map[string]string{}
	for s, err := range connect(t, real, nil).Scopes(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		names[s.Account] = s.AccountName
	}
	for _, r := range real.Truth().Resources {
		if names[r.Account] == "" {
			t.Errorf("%s has no name: %v", r.Account, names)
		}
	}
	if names["acme-ml"] != "機械学習" {
		t.Errorf("got %v", names)
	}
}
