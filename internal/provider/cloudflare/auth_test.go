package cloudflare_test

import (
	"strings"
	"testing"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/provider"
	"github.com/adsops/cloudtop/internal/provider/cloudflare"
	cloudflaresim "github.com/adsops/cloudtop/internal/provider/cloudflare/sim"
	"github.com/adsops/cloudtop/internal/sim"
)

func TestEveryKindOfCredentialLogsIn(t *testing.T) {
	t.Parallel()
	key := map[string]string{"email": cloudflaresim.Email, "global_api_key": cloudflaresim.GlobalKey}
	tests := []struct {
		name     string
		values   map[string]string
		user     string
		detail   string
		accounts int
	}{
		{"a user's token", map[string]string{"api_key": cloudflaresim.APIToken}, "API token ed17", "a user's token, expires", 2},
		{"an account's token", map[string]string{"api_key": cloudflaresim.AccountToken}, "API token 0a3b", "a token of account", 1},
		{"email and key", key, cloudflaresim.Email, "Global API Key", 2},
		{"a token beside email and key", map[string]string{
			"api_key": cloudflaresim.APIToken, "email": "x@example.com", "global_api_key": "wrong",
		}, "API token ed17", "a user's token", 2},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := sim.NewWorld(sim.Options{Seed: 1})
			c := config(sim.NewUniverse(w, cloudflaresim.New(w)).Transport())
			c.Credential.Values, c.Now = tt.values, w.Now
			conn := open(t, c)
			if err := conn.HealthCheck(t.Context()); err != nil {
				t.Errorf("check: %v", err)
			}
			who, err := conn.Driver().(provider.Identifier).Identity(t.Context())
			if err != nil || !strings.HasPrefix(who.User, tt.user) || !strings.HasPrefix(who.Detail, tt.detail) ||
				!strings.HasPrefix(who.Account, "Acme Production") {
				t.Errorf("got %+v, %v, want %q, %q", who, err, tt.user, tt.detail)
			}
			scopes, err := provider.Gather(conn.Scopes(t.Context()))
			if err != nil || len(scopes) != tt.accounts || scopes[0].AccountName != "Acme Production" {
				t.Errorf("got %+v, %v, want %d accounts", scopes, err, tt.accounts)
			}
		})
	}
}

func TestABadCredentialIsSaidToBeOne(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		values map[string]string
	}{
		{"unknown token", map[string]string{"api_key": "SIMULATED0token0of0nobody0at0all0000000"}},
		{"token of another form", map[string]string{"api_key": "short"}},
		{"wrong key", map[string]string{"email": cloudflaresim.Email, "global_api_key": "00000000000000000000000000000000000"}},
	}
	for _, tt := range tests {
		w := sim.NewWorld(sim.Options{Seed: 1})
		c := config(sim.NewUniverse(w, cloudflaresim.New(w)).Transport())
		c.Credential.Values = tt.values
		err := open(t, c).HealthCheck(t.Context())
		if e := cause(err); e.Kind != cloud.KindAuth || e.Hint == "" {
			t.Errorf("%s: got %v of kind %s with hint %q, want auth with a hint", tt.name, err, e.Kind, e.Hint)
		}
	}
}

func TestOpenRefusesWhatCannotWork(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		values  map[string]string
		options map[string]any
		want    cloud.Kind
	}{
		{"nothing", nil, nil, cloud.KindAuth},
		{"email without key", map[string]string{"email": "a@example.com"}, nil, cloud.KindAuth},
		{"unknown region", map[string]string{"api_key": token}, map[string]any{"compliance_region": "mars"}, cloud.KindConfig},
		{"public", map[string]string{"api_key": token}, map[string]any{"compliance_region": "public"}, ""},
	}
	for _, tt := range tests {
		conn := provider.NewConn(cloudflare.Spec())
		err := conn.Initialize(t.Context(), &provider.ProviderConfig{
			Credential: provider.Credential{Values: tt.values}, Options: tt.options,
		})
		if cloud.KindOf(err) != tt.want {
			t.Errorf("%s: got %v of kind %q, want %q", tt.name, err, cloud.KindOf(err), tt.want)
		}
	}
}

func TestTheFederalRegionHasItsOwnHostAndBuckets(t *testing.T) {
	t.Parallel()
	s := &server{answers: map[string]string{"/accounts/" + acct + "/r2/buckets": envelope(`{"buckets":[]}`)}}
	hosts := map[string]bool{}
	c := served(s)
	c.Options = map[string]any{"compliance_region": "fedramp_high"}
	c.Transport = watching{s, hosts}
	if _, err := list(t, open(t, c), "r2"); err != nil {
		t.Fatal(err)
	}
	if len(hosts) != 1 || !hosts["api.fed.cloudflare.com"] {
		t.Errorf("called %v, want api.fed.cloudflare.com", hosts)
	}
	var asked []string
	for _, h := range s.headers {
		asked = append(asked, h.Get("Cf-R2-Jurisdiction"))
	}
	if text := strings.Join(asked, " "); !strings.Contains(text, "fedramp") || strings.Contains(text, "eu") {
		t.Errorf("asked for %q, want default and fedramp", text)
	}
}

func TestOneAccountCanBeNamed(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, answer string
		status       int
		want         cloud.Scope
		kind         cloud.Kind
	}{
		{"known", envelope(`{"id":"` + acct + `","name":"Acme","type":"standard"}`), 0, cloud.Scope{Account: acct, AccountName: "Acme"}, ""},
		{"its settings may not be read", refusal("9109", "Unauthorized to access requested resource"), 403, cloud.Scope{Account: acct}, ""},
		{"bad token", refusal("9109", "Invalid access token"), 403, cloud.Scope{}, cloud.KindAuth},
		{"no such account", refusal("7003", "Could not route to /accounts/x, perhaps your object identifier is invalid?"), 404, cloud.Scope{}, cloud.KindNotFound},
	}
	for _, tt := range tests {
		for _, way := range []string{"option", "credential"} {
			path := "/accounts/" + acct
			s := &server{answers: map[string]string{path: tt.answer}, status: map[string]int{path: tt.status}}
			c := served(s)
			if way == "option" {
				c.Options = map[string]any{"account_id": acct}
			} else {
				c.Credential.Values["account_id"] = acct
			}
			got, err := provider.Gather(open(t, c).Scopes(t.Context()))
			if cloud.KindOf(err) != tt.kind || (tt.kind == "" && (len(got) != 1 || got[0] != tt.want)) {
				t.Errorf("%s by %s: got %+v, %v, want %+v, kind %q", tt.name, way, got, err, tt.want, tt.kind)
			}
		}
	}
}

func TestACredentialWithoutAccountsIsSaidToBeOne(t *testing.T) {
	t.Parallel()
	s := &server{answers: map[string]string{"/accounts": envelope(`[]`)}}
	_, err := provider.Gather(open(t, served(s)).Scopes(t.Context()))
	if e := cause(err); e.Kind != cloud.KindDenied || !strings.Contains(e.Hint, "Account Settings Read") {
		t.Errorf("got %v with hint %q, want denied and the permission", err, e.Hint)
	}
}

func TestADisabledTokenIsSaidToBeOne(t *testing.T) {
	t.Parallel()
	s := &server{answers: map[string]string{"/user/tokens/verify": envelope(`{"id":"1","status":"disabled"}`)}}
	_, err := open(t, served(s)).Driver().(provider.Identifier).Identity(t.Context())
	if e := cause(err); e.Kind != cloud.KindAuth || !strings.Contains(e.Detail, "disabled") {
		t.Errorf("got %v, want that the token is disabled", err)
	}
}

func TestErrorCodesAreUnderstood(t *testing.T) {
	t.Parallel()
	tests := []struct {
		status int
		body   string
		want   cloud.Kind
		hint   bool
	}{
		{403, refusal("10000", "Authentication error"), cloud.KindDenied, true},
		{401, refusal("10000", "Authentication error"), cloud.KindDenied, true},
		{401, refusal("1000", "Invalid API Token"), cloud.KindAuth, true},
		{400, refusal("6003", "Invalid request headers"), cloud.KindAuth, true},
		{400, refusal("9106", "Missing X-Auth-Key, X-Auth-Email or Authorization headers"), cloud.KindAuth, true},
		{403, refusal("9103", "Unknown X-Auth-Key or X-Auth-Email"), cloud.KindAuth, true},
		{403, refusal("9109", "Invalid access token"), cloud.KindAuth, true},
		{403, refusal("9109", "Unauthorized to access requested resource"), cloud.KindDenied, true},
		{404, refusal("7003", "Could not route"), cloud.KindNotFound, true},
		{400, refusal("8000024", "Invalid list options provided."), cloud.KindRequest, false},
		{429, refusal("971", "Please wait and consider throttling your request speed"), cloud.KindThrottled, false},
		{500, refusal("10013", "Internal Server Error"), cloud.KindUnavailable, false},
		{500, refusal(`"text"`, "codes are not always numbers"), cloud.KindUnavailable, false},
		{502, `<html>bad gateway</html>`, cloud.KindUnavailable, false},
		{403, `{"errors":[]}`, cloud.KindDenied, true},
	}
	for _, tt := range tests {
		path := "/accounts/" + acct + "/workers/scripts"
		s := &server{answers: map[string]string{path: tt.body}, status: map[string]int{path: tt.status}}
		_, err := list(t, open(t, served(s)), "workers")
		if e := cause(err); e.Kind != tt.want || (e.Hint != "") != tt.hint {
			t.Errorf("%d %s: got kind %s with hint %q, want %s", tt.status, tt.body, e.Kind, e.Hint, tt.want)
		}
	}
}
