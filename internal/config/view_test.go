package config_test

import (
	"bytes"
	"reflect"
	"strings"
	"testing"

	"github.com/adsops/cloudtop/internal/config"
)

func TestViewShowsWhatHolds(t *testing.T) {
	t.Parallel()
	c := read(t, `{
		"cache": {"redis": {"url": "redis://me:`+marker+`@host/0"}},
		"providers": {
			"vast": {"auth": {"method": "api_key", "api_key": "`+marker+`"}, "rate_limit": {"burst": 2}},
			"azure": {"enabled": false, "auth": {"method": "oauth", "tenant_id": "t", "client_secret": "`+marker+`"}}
		}
	}`)
	src := machine(texts{"NEON_API_KEY": marker}, texts{".oci/config": marker, ".config/vastai/vast_api_key": marker})
	got := c.View(src, clouds())
	if bytes.Contains(got, []byte(marker)) {
		t.Errorf("the view shows a secret:\n%s", got)
	}
	generated(t, "testdata/view.golden", got)
}

func TestViewMasksOnlyPasswordsOfAddresses(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"redis://host:6379/0":             "redis://host:6379/0",
		"redis://me@host":                 "redis://me@host",
		"redis://me:secret@host/1":        "redis://me:****@host/1",
		"redis://:secret@host":            "redis://:****@host",
		"rediss://PASSWORD:PASSWORD@host": "rediss://PASSWORD:****@host",
		"redis://%zz:secret@host":         "****",
		"unix:///run/redis.sock":          "unix:///run/redis.sock",
	} {
		c := config.Default()
		c.Cache.Redis.URL = config.Secret(address)
		if got, want := string(c.View(machine(nil, nil), nil)), `"url": "`+want+`"`; !strings.Contains(got, want) {
			t.Errorf("%s: got %s, want %s", address, got, want)
		}
		if string(c.Cache.Redis.URL) != address {
			t.Errorf("%s: the view has changed the configuration", address)
		}
	}
}

func TestExampleIsReadAndFindsTheSameCredentials(t *testing.T) {
	t.Parallel()
	src := machine(
		texts{
			"VASTAI_API_KEY": marker, "AZURE_TENANT_ID": "t", "AZURE_CLIENT_ID": "c", "AZURE_CLIENT_SECRET": marker,
			"CLOUDFLARE_EMAIL": "e", "CLOUDFLARE_API_KEY": marker, "XDG_CONFIG_HOME": "/xdg",
		},
		texts{".oci/config": "user=" + marker + "\n[DEFAULT]\nuser=" + marker + "\nfingerprint=f"},
	)
	text := config.Example(src, clouds())
	if bytes.Contains(text, []byte(marker)) {
		t.Errorf("the example holds a secret:\n%s", text)
	}
	generated(t, "testdata/example.golden", text)
	c := read(t, string(text))
	same := c.Meaning()
	if same.Providers = nil; !reflect.DeepEqual(same, config.Default()) {
		t.Errorf("got %+v, want the defaults %+v", same, config.Default())
	}
	before, after := config.Default().Resolve(src, clouds()), c.Resolve(src, clouds())
	for i := range before {
		b, a := before[i], after[i]
		if b.Enabled != a.Enabled || a.Configured != b.Enabled {
			t.Errorf("%s: enabled %v, configured %v, want both %v", a.Spec.Name, a.Enabled, a.Configured, b.Enabled)
		}
		bc, ac := b.Config.Credential, a.Config.Credential
		if bc.Source != ac.Source || bc.Method != ac.Method || bc.File != ac.File {
			t.Errorf("%s: the example finds %s, without it %s", a.Spec.Name, ac, bc)
		}
	}
}

func TestExampleLeavesLaterCredentialsToBeFound(t *testing.T) {
	t.Parallel()
	c := read(t, string(config.Example(machine(nil, nil), clouds())))
	if len(c.Providers) != 0 || c.Version != "1.0" {
		t.Errorf("got providers %v and version %q, want none and 1.0", c.Providers, c.Version)
	}
	for _, r := range c.Resolve(machine(texts{"VASTAI_API_KEY": marker}, nil), clouds()) {
		if want := r.Spec.Name == "vastai"; r.Enabled != want || want && r.Err != nil {
			t.Errorf("%s: enabled %v, error %v, want a credential that comes later to be enough", r.Spec.Name, r.Enabled, r.Err)
		}
	}
}
