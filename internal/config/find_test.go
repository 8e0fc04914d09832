package config_test

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/config"
	"github.com/adsops/cloudtop/internal/provider"
)

// resolved returns what holds for one provider.
func resolved(t *testing.T, c *config.Config, src config.Source, name string) config.Resolved {
	t.Helper()
	all := c.Resolve(src, clouds())
	i := slices.IndexFunc(all, func(r config.Resolved) bool { return r.Spec.Name == name })
	if i < 0 {
		t.Fatalf("%s is not among the %d resolved", name, len(all))
	}
	return all[i]
}

type texts = map[string]string

func TestCredentialsAreFoundInTheirOrder(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name       string
		provider   string
		auth       string // of the configuration; "" = the provider is not in it
		env, files texts
		want       texts // values
		source     string
		file       string
		method     string
	}{
		{
			name: "the vendor's variable", provider: "vastai", env: texts{"VAST_API_KEY": "k"},
			want: texts{"api_key": "k"}, source: "environment VAST_API_KEY", method: "api_key",
		},
		{
			name: "another name of it", provider: "vastai", env: texts{"VASTAI_API_KEY": "k\n"},
			want: texts{"api_key": "k"}, source: "environment VASTAI_API_KEY", method: "api_key",
		},
		{
			name: "the first that is set", provider: "vastai", env: texts{"VASTAI_API_KEY": "b", "VAST_API_KEY": "a"},
			files: texts{".vast_api_key": "c"}, want: texts{"api_key": "a"}, source: "environment VAST_API_KEY", method: "api_key",
		},
		{
			name: "a blank variable is none", provider: "vastai", env: texts{"VAST_API_KEY": " "},
			files: texts{".vast_api_key": "c\n"}, want: texts{"api_key": "c"}, source: "~/.vast_api_key",
			file: home + "/.vast_api_key", method: "api_key",
		},
		{
			name: "the vendor's file", provider: "vastai", files: texts{".config/vastai/vast_api_key": "c", ".vast_api_key": "d"},
			want: texts{"api_key": "c"}, source: "~/.config/vastai/vast_api_key", file: home + "/.config/vastai/vast_api_key", method: "api_key",
		},
		{
			name: "the vendor's file elsewhere", provider: "vastai", env: texts{"XDG_CONFIG_HOME": "/xdg"}, files: texts{"/xdg/vastai/vast_api_key": "c"},
			want: texts{"api_key": "c"}, source: "/xdg/vastai/vast_api_key", file: "/xdg/vastai/vast_api_key", method: "api_key",
		},
		{
			name: "in the configuration itself", provider: "vastai", auth: `{"api_key": "x"}`, env: texts{"VAST_API_KEY": "k"},
			want: texts{"api_key": "x"}, source: "the configuration", method: "api_key",
		},
		{
			name: "in the variable that is named", provider: "vastai", auth: `{"env_api_key": "MY_KEY"}`,
			env: texts{"VAST_API_KEY": "k", "MY_KEY": "mine"}, want: texts{"api_key": "mine"}, source: "environment MY_KEY", method: "api_key",
		},
		{
			name: "in the file that is named", provider: "vastai", auth: `{"key_file": "~/key"}`,
			env: texts{"VAST_API_KEY": "k"}, files: texts{"key": "mine"}, want: texts{"api_key": "mine"},
			source: "~/key", file: home + "/key", method: "api_key",
		},
		{
			name: "beside the configuration", provider: "vastai", auth: `{"key_file": "keys/vast"}`, files: texts{"/etc/cloudtop/keys/vast": "mine"},
			want: texts{"api_key": "mine"}, source: "/etc/cloudtop/keys/vast", file: "/etc/cloudtop/keys/vast", method: "api_key",
		},
		{
			name: "optional values come along", provider: "cloudflare", env: texts{"CF_API_TOKEN": "k", "CLOUDFLARE_ACCOUNT_ID": "a"},
			want: texts{"api_key": "k", "account_id": "a"}, source: "environment CF_API_TOKEN, environment CLOUDFLARE_ACCOUNT_ID", method: "api_key",
		},
		{
			name: "the next method where the first is not complete", provider: "cloudflare",
			env:  texts{"CLOUDFLARE_ACCOUNT_ID": "a", "CLOUDFLARE_EMAIL": "e", "CLOUDFLARE_API_KEY": "g"},
			want: texts{"email": "e", "global_api_key": "g"}, source: "environment CLOUDFLARE_EMAIL, environment CLOUDFLARE_API_KEY", method: "environment",
		},
		{
			name: "environment takes every method's variables", provider: "cloudflare", auth: `{"method": "environment"}`,
			env: texts{"CLOUDFLARE_API_TOKEN": "k"}, want: texts{"api_key": "k"}, source: "environment CLOUDFLARE_API_TOKEN", method: "api_key",
		},
		{
			name: "a file beats the environment within one method", provider: "oracle", env: texts{"OCI_REGION": "r", "OCI_PASSPHRASE": "p"},
			files: texts{".oci/config": "[DEFAULT]\nuser=u\nfingerprint=f\nregion=here\n"},
			want:  texts{"user": "u", "fingerprint": "f", "region": "here", "passphrase": "p"}, source: "~/.oci/config", file: home + "/.oci/config", method: "service_account",
		},
		{
			name: "the configuration beats the file", provider: "oracle", auth: `{"region": "there", "profile": "B", "env_passphrase": "PASS"}`,
			env:    texts{"PASS": "p"},
			files:  texts{".oci/config": "[DEFAULT]\nuser=u\nfingerprint=f\n[B]\nuser=v\nfingerprint=g\nregion=here\npassphrase=q"},
			want:   texts{"user": "v", "fingerprint": "g", "region": "there", "passphrase": "p", "profile": "B"},
			source: "~/.oci/config", file: home + "/.oci/config", method: "service_account",
		},
		{
			name: "a variable names the file", provider: "gcp", env: texts{"GOOGLE_APPLICATION_CREDENTIALS": "/keys/g.json"},
			files: texts{"/keys/g.json": `{"private_key": "k"}`, ".gcp/service-account.json": `{"private_key": "other"}`},
			want:  texts{"private_key": "k"}, source: "/keys/g.json", file: "/keys/g.json", method: "service_account",
		},
		{
			name: "client credentials", provider: "azure", auth: `{"method": "oauth", "tenant_id": "t", "client_id": "c", "env_client_secret": "SECRET_1", "token_url": "u"}`,
			env: texts{"SECRET_1": "s"}, want: texts{"tenant_id": "t", "client_id": "c", "client_secret": "s", "token_url": "u"},
			source: "the configuration, environment SECRET_1", method: "oauth",
		},
		{
			name: "keys choose the method", provider: "azure", auth: `{"key_file": "/a.json"}`,
			env:   texts{"AZURE_TENANT_ID": "t", "AZURE_CLIENT_ID": "c", "AZURE_CLIENT_SECRET": "s"},
			files: texts{"/a.json": `{"tenant_id": "T", "client_secret": "S"}`},
			want:  texts{"tenant_id": "T", "client_secret": "S"}, source: "/a.json", file: "/a.json", method: "service_account",
		},
		{
			name: "the machine's own identity only where it is named", provider: "oracle", auth: `{"method": "environment"}`,
			env: texts{"OCI_REGION": "r"}, files: texts{".oci/config": "broken"},
			want: texts{"region": "r"}, source: "this machine's own identity", method: "environment",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			text := `{}`
			if tt.auth != "" {
				text = `{"providers": {"` + tt.provider + `": {"auth": ` + tt.auth + `}}}`
			}
			files := texts{"/etc/cloudtop/config.json": text}
			maps.Copy(files, tt.files)
			src := machine(tt.env, files)
			c, err := config.Load(src, "/etc/cloudtop/config.json", true, clouds())
			if err != nil {
				t.Fatal(err)
			}
			r := resolved(t, c, src, tt.provider)
			if r.Err != nil || !r.Enabled || len(r.Warnings) > 0 || r.Configured != (tt.auth != "") {
				t.Errorf("got %+v, want it enabled without error", r)
			}
			want := provider.Credential{Method: tt.method, Source: tt.source, File: tt.file, Values: tt.want}
			got := r.Config.Credential
			got.Place = provider.Place{} // has a test of its own
			if !reflect.DeepEqual(got, want) {
				t.Errorf("got  %s %q %q\nwant %s %q %q", got, got.File, got.Values, want, want.File, want.Values)
			}
		})
	}
}

func TestMissingCredentialsSayWhereTheyWereLookedFor(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, provider, auth string
		env, files           texts
		kind                 cloud.Kind
		want                 string // message
		enabled              bool   // where the file does not name the provider
	}{
		{
			name: "nothing", provider: "vastai", kind: cloud.KindAuth,
			want: "no credential found: looked in the environment for VAST_API_KEY and VASTAI_API_KEY, and in ~/.config/vastai/vast_api_key and ~/.vast_api_key",
		},
		{
			name: "nothing, with a variable that names a file", provider: "gcp", kind: cloud.KindAuth,
			want: "no credential found: looked in $GOOGLE_APPLICATION_CREDENTIALS and ~/.gcp/service-account.json",
		},
		{
			name: "a part", provider: "azure", env: texts{"AZURE_TENANT_ID": "t"}, kind: cloud.KindAuth,
			want: "no complete credential: set environment AZURE_CLIENT_ID, environment AZURE_CLIENT_SECRET",
		},
		{
			name: "a part, configured", provider: "azure", auth: `{"tenant_id": "t", "client_id": "c", "env_client_secret": "MY_SECRET"}`,
			kind: cloud.KindAuth, want: "no complete credential: set environment MY_SECRET",
		},
		{
			name: "a file that cannot be read", provider: "vastai", files: texts{".vast_api_key": "ERROR permission denied"},
			kind: cloud.KindAuth, want: "no usable credential: ~/.vast_api_key: permission denied", enabled: true,
		},
		{
			name: "an empty file", provider: "vastai", files: texts{".vast_api_key": "\n"},
			kind: cloud.KindAuth, want: "no usable credential: ~/.vast_api_key: it has no api_key", enabled: true,
		},
		{
			name: "a file without what is needed", provider: "oracle", files: texts{".oci/config": "[DEFAULT]\nuser=u"},
			kind: cloud.KindAuth, want: "no usable credential: ~/.oci/config: it has no fingerprint", enabled: true,
		},
		{
			name: "a file that is something else, whose secrets stay in it", provider: "oracle", files: texts{".oci/config": "the fingerprint " + marker},
			kind: cloud.KindAuth, want: `no usable credential: ~/.oci/config: cannot understand the line "the fingerprint ****"`, enabled: true,
		},
		{
			name: "a named file that is not there", provider: "oracle", auth: `{"key_file": "~/oci"}`, files: texts{".oci/config": "user=u\nfingerprint=f"},
			kind: cloud.KindConfig, want: "no usable credential: ~/oci: file does not exist",
		},
		{
			name: "a file that a variable names is not there", provider: "gcp", env: texts{"GOOGLE_APPLICATION_CREDENTIALS": "/g.json"},
			kind: cloud.KindAuth, want: "no usable credential: /g.json: file does not exist", enabled: true,
		},
		{
			name: "a named variable is the only place", provider: "vastai", auth: `{"env_api_key": "VASTAI_API_KEY"}`,
			env: texts{"VAST_API_KEY": "k"}, files: texts{".vast_api_key": "k"},
			kind: cloud.KindAuth, want: "no credential found: looked in the environment for VASTAI_API_KEY",
		},
		{
			name: "a secret where a variable's name should be", provider: "vastai", auth: `{"env_api_key": "abcDEF0123"}`,
			kind: cloud.KindAuth, want: "no credential found: looked in the environment for the variable of providers.vastai.auth.env_api_key",
		},
		{
			name: "a method without its files", provider: "vastai", auth: `{"method": "environment"}`, files: texts{".vast_api_key": "k"},
			kind: cloud.KindAuth, want: "no credential found: looked in the environment for VAST_API_KEY and VASTAI_API_KEY",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := config.Default()
			if tt.auth != "" {
				c = read(t, `{"providers": {"`+tt.provider+`": {"auth": `+tt.auth+`}}}`)
			}
			r := resolved(t, c, machine(tt.env, tt.files), tt.provider)
			e, ok := errors.AsType[*cloud.Error](r.Err)
			if !ok || e.Kind != tt.kind || e.Message() != tt.want || e.Hint == "" && tt.provider != "gcp" {
				t.Errorf("got  %v (%+v)\nwant %s: %s", r.Err, e, tt.kind, tt.want)
			}
			if want := tt.enabled || tt.auth != ""; r.Enabled != want {
				t.Errorf("enabled is %v, want %v", r.Enabled, want)
			}
			if len(r.Config.Credential.Values) > 0 {
				t.Errorf("got %s, want no credential", r.Config.Credential)
			}
		})
	}
}

func TestBrokenFileIsNotPassedOverInSilence(t *testing.T) {
	t.Parallel()
	src := machine(nil, texts{".config/vastai/vast_api_key": "ERROR permission denied", ".vast_api_key": "k"})
	r := resolved(t, config.Default(), src, "vastai")
	want := []string{"vastai: ~/.config/vastai/vast_api_key: permission denied; ~/.vast_api_key is used instead"}
	if r.Err != nil || !slices.Equal(r.Warnings, want) {
		t.Errorf("got error %v and warnings %q, want %q", r.Err, r.Warnings, want)
	}
}

func TestFileWithoutAnyCredentialIsPassedOver(t *testing.T) {
	t.Parallel()
	reg := provider.Registry{{Name: "acme", Auth: []provider.AuthMethod{{
		Name: "environment", Files: []string{"~/.acme/session"}, Fields: []provider.AuthField{{Name: "user"}},
		Parse: func([]byte, func(string) string) (map[string]string, error) {
			return nil, fmt.Errorf("nobody is signed in: %w", fs.ErrNotExist)
		},
	}}}}
	src := machine(nil, texts{".acme/session": "{}"})
	if r := config.Default().Resolve(src, reg)[0]; r.Enabled || len(r.Warnings) > 0 {
		t.Errorf("found by itself: enabled %v, warnings %q; want neither", r.Enabled, r.Warnings)
	}
	named := config.Default()
	named.Providers = config.Providers{"acme": {Enabled: true, Auth: config.Auth{"key_file": "~/.acme/session"}}}
	if r := named.Resolve(src, reg)[0]; r.Err == nil || !strings.Contains(r.Err.Error(), "nobody is signed in") {
		t.Errorf("named by the configuration: got %v, want an error that says why", r.Err)
	}
}

func TestConfigurationDecidesWhoIsEnabled(t *testing.T) {
	t.Parallel()
	tests := []struct {
		part                string
		env                 texts
		enabled, configured bool
	}{
		{"", nil, false, false},
		{"", texts{"NEON_API_KEY": "k"}, true, false},
		{`"neon": {}`, nil, true, true},
		{`"neon": {"enabled": true}`, nil, true, true},
		{`"neon": {"enabled": false}`, texts{"NEON_API_KEY": "k"}, false, true},
	}
	for _, tt := range tests {
		r := resolved(t, read(t, `{"providers": {`+tt.part+`}}`), machine(tt.env, nil), "neon")
		if r.Enabled != tt.enabled || r.Configured != tt.configured {
			t.Errorf("%q with %v: enabled %v, configured %v, want %v, %v", tt.part, tt.env, r.Enabled, r.Configured, tt.enabled, tt.configured)
		}
		if tt.env != nil && r.Config.Credential.Values["api_key"] != "k" {
			t.Errorf("%q: the credential is not found", tt.part)
		}
	}
}

func TestEverythingReachesTheProvider(t *testing.T) {
	t.Parallel()
	c := read(t, string(product(t)))
	all := c.Resolve(machine(texts{"CLOUDFLARE_API_TOKEN": "k"}, nil), clouds())
	if got, want := len(all), len(clouds()); got != want {
		t.Fatalf("got %d providers, want %d", got, want)
	}
	got := all[0].Config
	if got.ReadFile == nil {
		t.Error("got no way to read files")
	}
	got.ReadFile, got.Credential.Place = nil, provider.Place{}
	want := provider.ProviderConfig{
		Name: "cloudflare", Services: []string{"workers", "r2", "ai"}, Options: map[string]any{"account_id": "your-account-id"},
		RateLimit:  &provider.RateLimit{PerSecond: 4, Burst: 10, Timeout: 30 * time.Second},
		Retry:      c.Defaults.Retry.Policy(),
		Credential: provider.Credential{Method: "api_key", Source: "environment CLOUDFLARE_API_TOKEN", Values: texts{"api_key": "k"}},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	if got := all[1].Config.Regions; !slices.Equal(got, []string{"us-ashburn-1", "us-phoenix-1"}) {
		t.Errorf("oracle's regions are %q", got)
	}
	if got := all[4].Config.RateLimit; got != nil {
		t.Errorf("neon's limit is %+v, want the published one", got)
	}
}

func TestFilesThatCredentialsNameAreReadFromHome(t *testing.T) {
	t.Parallel()
	r := resolved(t, config.Default(), machine(nil, texts{".oci/key.pem": "pem"}), "oracle")
	if got, err := r.Config.ReadFile("~/.oci/key.pem"); string(got) != "pem" || err != nil {
		t.Errorf("got %q, %v, want the file", got, err)
	}
}

func TestBurstWithoutNumberIsOneSecondsCalls(t *testing.T) {
	t.Parallel()
	for limit, want := range map[string]provider.RateLimit{
		`{"requests_per_second": 2.5}`:             {PerSecond: 2.5, Burst: 3, Timeout: 30 * time.Second},
		`{"requests_per_second": 1e300}`:           {PerSecond: 1e300, Burst: 1<<31 - 1, Timeout: 30 * time.Second},
		`{"burst": 7, "timeout": "1s"}`:            {Burst: 7, Timeout: time.Second},
		`{"requests_per_second": 0.5, "burst": 0}`: {PerSecond: 0.5, Burst: 1, Timeout: 30 * time.Second},
	} {
		c := read(t, `{"providers": {"neon": {"rate_limit": `+limit+`}}}`)
		if got := resolved(t, c, machine(nil, nil), "neon").Config.RateLimit; *got != want {
			t.Errorf("%s: got %+v, want %+v", limit, *got, want)
		}
	}
}

func TestMachineWithoutHomeHasNoFiles(t *testing.T) {
	t.Parallel()
	src := machine(nil, texts{"/.vast_api_key": "not mine"})
	src.Home = ""
	r := resolved(t, config.Default(), src, "vastai")
	if r.Enabled || !slices.Contains(r.Looked, "~/.vast_api_key") {
		t.Errorf("got %v, looked at %q, want nothing found", r.Config.Credential, r.Looked)
	}
}

func TestCredentialsStayOutOfWhatIsPrinted(t *testing.T) {
	t.Parallel()
	c := read(t, `{"providers": {"vast": {"auth": {"api_key": "`+marker+`"}}, "neon": {"auth": {"env_api_key": "K_K"}}}}`)
	src := machine(texts{"K_K": marker, "OCI_PASSPHRASE": marker}, texts{".oci/config": marker})
	for _, r := range c.Resolve(src, clouds()) {
		if got := fmt.Sprintf("%v %+v %v %v %q", r.Config.Credential, r.Config, r.Err, r.Warnings, r.Looked); strings.Contains(got, marker) {
			t.Errorf("%s shows the secret: %s", r.Spec.Name, got)
		}
	}
}

func TestProviderOfNothingButTheMachinesIdentity(t *testing.T) {
	t.Parallel()
	reg := provider.Registry{{
		Name: "acme", Title: "Acme", Auth: []provider.AuthMethod{{Name: "environment", Ambient: true}},
	}}
	for auth, want := range map[string]string{
		`{}`:                        "acme: no credential found: it can be nowhere",
		`{"method": "environment"}`: "<nil>",
	} {
		text := []byte(`{"providers": {"acme": {"auth": ` + auth + `}}}`)
		if err := valid(t, validator(t, reg), text); err != nil {
			t.Errorf("%s: the schema refuses it: %v", auth, err)
		}
		c, err := config.Read("c", text, reg)
		if err != nil {
			t.Errorf("%s: %v", auth, err)
			continue
		}
		if got := fmt.Sprint(c.Resolve(machine(nil, nil), reg)[0].Err); got != want {
			t.Errorf("%s: got %s, want %s", auth, got, want)
		}
	}
}
