package azure

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"strings"
	"testing"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/provider"
)

func TestCredentialsFile(t *testing.T) {
	t.Parallel()
	full := map[string]string{"tenant_id": "t", "client_id": "c", "client_secret": "s", "subscription_id": "sub"}
	tests := []struct {
		name, text string
		want       map[string]string // nil = an error
	}{
		{
			"what the Azure CLI prints", `{"clientId":"c","clientSecret":"s","subscriptionId":"sub","tenantId":"t",
			"activeDirectoryEndpointUrl":"https://login.microsoftonline.com"}`, full,
		},
		{"with a byte order mark", "\xef\xbb\xbf" + `{"tenantId":"t","clientId":"c","clientSecret":"s","subscriptionId":"sub"}`, full},
		{
			"without a subscription", `{"tenantId":"t","clientId":"c","clientSecret":"s"}`,
			map[string]string{"tenant_id": "t", "client_id": "c", "client_secret": "s"},
		},
		{"without a secret", `{"tenantId":"t","clientId":"c"}`, nil},
		{"not JSON", `tenant=t`, nil},
		{"a list", `[]`, nil},
	}
	for _, tt := range tests {
		got, err := parseCredentials([]byte(tt.text), nil)
		if !maps.Equal(got, tt.want) || (err == nil) != (tt.want != nil) {
			t.Errorf("%s: got %v, %v; want %v", tt.name, got, err, tt.want)
		}
	}
}

func TestProfileOfTheAzureCLI(t *testing.T) {
	t.Parallel()
	got, err := parseProfile([]byte("\xef\xbb\xbf"+`{"installationId":"i","subscriptions":[
		{"id":"a","isDefault":false,"tenantId":"other","user":{"name":"x","type":"user"}},
		{"id":"b","isDefault":true,"tenantId":"home","user":{"name":"zoe@contoso.com","type":"user"}}]}`), nil)
	if want := (map[string]string{"cli_user": "zoe@contoso.com", "tenant_id": "home"}); err != nil || !maps.Equal(got, want) {
		t.Errorf("got %v, %v; want %v", got, err, want)
	}
	for _, nobody := range []string{`{"subscriptions":[]}`, `{}`} {
		if _, err := parseProfile([]byte(nobody), nil); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: got %v, want that there is no credential", nobody, err)
		}
	}
	if _, err := parseProfile([]byte("{"), nil); err == nil || errors.Is(err, fs.ErrNotExist) {
		t.Errorf("half a file: got %v, want a fault", err)
	}
}

func FuzzCredentialFiles(f *testing.F) {
	f.Add([]byte(`{"tenantId":"t","clientId":"c","clientSecret":"s"}`))
	f.Add([]byte(`{"subscriptions":[{"isDefault":true,"user":{"name":"x"}}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		if got, err := parseCredentials(data, nil); err == nil && (got["tenant_id"] == "" || got["client_secret"] == "") {
			t.Errorf("got %v from %s", got, data)
		}
		if got, err := parseProfile(data, nil); err == nil && got["cli_user"] == "" {
			t.Errorf("got %v from %s", got, data)
		}
	})
}

func TestCredentialFollowsWhatWasFound(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		values map[string]string
		want   string
		kind   cloud.Kind
	}{
		{"a client secret", map[string]string{"tenant_id": "contoso.com", "client_id": "c", "client_secret": "s"}, "ClientSecretCredential", ""},
		{"az login", map[string]string{"cli_user": "zoe@contoso.com"}, "AzureCLICredential", ""},
		{"nothing: the chain", nil, "DefaultAzureCredential", ""},
		{"a tenant that is none", map[string]string{"tenant_id": "a b", "client_id": "c", "client_secret": "s"}, "", cloud.KindAuth},
	}
	for _, tt := range tests {
		got, err := newTokens(provider.Env{Config: provider.ProviderConfig{Credential: provider.Credential{Values: tt.values}}})
		if cloud.KindOf(err) != tt.kind {
			t.Errorf("%s: got %v, want kind %q", tt.name, err, tt.kind)
		}
		if err == nil && !strings.HasSuffix(typeName(got.credential), tt.want) {
			t.Errorf("%s: got %s, want %s", tt.name, typeName(got.credential), tt.want)
		}
	}
}

func TestClaimsOfTokens(t *testing.T) {
	t.Parallel()
	for token, want := range map[string]cloud.Identity{
		"":                {},
		"opaque":          {},
		"a.!.c":           {},
		"a.e30.c":         {},
		"a.bm90IEpTT04.c": {},
		"a.eyJ0aWQiOiJ0IiwidXBuIjoiem9lIiwiYXBwaWQiOiJhIn0.c": {Account: "t", User: "zoe"},
		"a.eyJ0aWQiOiJ0IiwiYXBwaWQiOiJhIn0.c":                 {Account: "t", User: "a"},
	} {
		if got := claims(token); got != want {
			t.Errorf("%q: got %+v, want %+v", token, got, want)
		}
	}
}

func typeName(v any) string { return fmt.Sprintf("%T", v) }
