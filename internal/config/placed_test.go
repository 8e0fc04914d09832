package config_test

import (
	"errors"
	"maps"
	"testing"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/config"
)

// withAuth is a configuration whose "auth" stands in line 3 of a file in the home folder.
func withAuth(t *testing.T, name, auth string, env, files texts) config.Resolved {
	t.Helper()
	all := texts{"cloudtop.json": `{"providers": {"` + name + `": {` + "\n\n" + `"auth": ` + auth + "}}}"}
	maps.Copy(all, files)
	src := machine(env, all)
	c, err := config.Load(src, "/home/me/cloudtop.json", true, clouds())
	if err != nil {
		t.Fatal(err)
	}
	return resolved(t, c, src, name)
}

func TestTheHintOfARefusalNamesWhereTheCredentialIs(t *testing.T) {
	t.Parallel()
	const usual = "make a key and set VAST_API_KEY"
	for name, c := range map[string]struct {
		auth       string
		env, files texts
		text, hint string
	}{
		"the usual variable":     {`{}`, texts{"VAST_API_KEY": marker}, nil, "environment VAST_API_KEY", usual},
		"another usual variable": {`{}`, texts{"VASTAI_API_KEY": marker}, nil, "environment VASTAI_API_KEY", "make a key and set VASTAI_API_KEY"},
		"the usual file":         {`{}`, nil, texts{".vast_api_key": marker}, "~/.vast_api_key", usual},
		"a variable that is named": {
			`{"env_api_key": "MY_KEY"}`, texts{"MY_KEY": marker, "VAST_API_KEY": "x"}, nil,
			"environment MY_KEY (named in ~/cloudtop.json:3)", "make a key and set MY_KEY",
		},
		"a variable that may be the secret": {
			`{"env_api_key": "abc"}`, texts{"abc": marker}, nil,
			"environment variable of providers.vastai.auth.env_api_key (named in ~/cloudtop.json:3)",
			"make a key and set variable of providers.vastai.auth.env_api_key",
		},
		"the configuration itself": {
			`{"api_key": "` + marker + `"}`, texts{"VAST_API_KEY": "x"}, nil,
			"providers.vastai.auth.api_key (~/cloudtop.json:3)", "make a key and set providers.vastai.auth.api_key",
		},
		"a file that is named": {
			`{"key_file": "~/k"}`, texts{"VAST_API_KEY": "x"}, texts{"k": marker}, "~/k (named in ~/cloudtop.json:3)", "make a key and set it in ~/k",
		},
	} {
		p := withAuth(t, "vastai", c.auth, c.env, c.files).Config.Credential.Place
		if got := p.Name(usual); p.Text != c.text || got != c.hint {
			t.Errorf("%s:\ngot  %q, %q\nwant %q, %q", name, p.Text, got, c.text, c.hint)
		}
	}
}

func TestTheHintOfAMissingCredentialNamesWhatTheConfigurationDoes(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ auth, hint string }{
		"nothing":    {`{}`, "make a key of Vast.ai"},
		"a variable": {`{"env_api_key": "MY_KEY"}`, "~/cloudtop.json:3 names MY_KEY; make a key of Vast.ai"},
		"a file":     {`{"key_file": "~/k"}`, "mend the file or providers.vastai.auth.key_file (~/cloudtop.json:3)"},
	} {
		err := withAuth(t, "vastai", c.auth, nil, nil).Err
		if e, ok := errors.AsType[*cloud.Error](err); !ok || e.Hint != c.hint {
			t.Errorf("%s: got %v with hint %q, want %q", name, err, e.Hint, c.hint)
		}
	}
}
