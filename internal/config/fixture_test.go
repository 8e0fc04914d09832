package config_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"testing"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/config"
	"github.com/adsops/cloudtop/internal/provider"
)

// clouds is a registry with every kind of authentication, service and option that the configuration of
// testdata/product.json speaks of.
func clouds() provider.Registry {
	return provider.Registry{
		{
			Name: "cloudflare", Title: "Cloudflare", Aliases: []string{"cf"},
			Auth: []provider.AuthMethod{
				{Name: "api_key", Help: "make a token", Fields: []provider.AuthField{
					{Name: "api_key", Env: []string{"CLOUDFLARE_API_TOKEN", "CF_API_TOKEN"}, Secret: true},
					{Name: "account_id", Env: []string{"CLOUDFLARE_ACCOUNT_ID"}, Optional: true},
				}},
				{Name: "environment", Fields: []provider.AuthField{
					{Name: "email", Env: []string{"CLOUDFLARE_EMAIL"}},
					{Name: "global_api_key", Env: []string{"CLOUDFLARE_API_KEY"}, Secret: true},
				}},
			},
			Services: []provider.Service{
				service("workers", cloud.Functions), service("r2", cloud.Storage), service("ai", cloud.AI),
			},
			Options: []provider.Option{
				{Name: "account_id", Type: "string", Help: "read this account only"},
				{Name: "zones", Type: "strings"}, {Name: "sample", Type: "number"}, {Name: "free_plan", Type: "bool"},
				{Name: "plan", Type: "string", Values: []string{"free", "pro"}},
			},
		},
		{
			Name: "oracle", Title: "Oracle Cloud",
			Auth: []provider.AuthMethod{
				{
					Name: "service_account", Files: []string{"$OCI_CONFIG_FILE", "~/.oci/config"}, Parse: parseINI, Help: "oci setup config",
					Fields: []provider.AuthField{
						{Name: "user"}, {Name: "fingerprint"}, {Name: "profile", Env: []string{"OCI_PROFILE"}, Optional: true},
						{Name: "region", Env: []string{"OCI_REGION"}, Optional: true},
						{Name: "passphrase", Env: []string{"OCI_PASSPHRASE"}, Secret: true, Optional: true},
					},
				},
				{Name: "environment", Ambient: true, Fields: []provider.AuthField{
					{Name: "region", Env: []string{"OCI_REGION"}, Optional: true},
				}},
			},
			Services: []provider.Service{
				service("compute", cloud.Compute, "instances"), service("containers", cloud.Containers),
				service("autonomous_db", cloud.Database),
			},
			Options: []provider.Option{{Name: "compartment_id", Type: "string"}},
		},
		{
			Name: "azure", Title: "Azure",
			Auth: []provider.AuthMethod{
				{Name: "oauth", Help: "az ad sp create-for-rbac", Fields: []provider.AuthField{
					{Name: "tenant_id", Env: []string{"AZURE_TENANT_ID"}}, {Name: "client_id", Env: []string{"AZURE_CLIENT_ID"}},
					{Name: "client_secret", Env: []string{"AZURE_CLIENT_SECRET"}, Secret: true},
					{Name: "token_url", Optional: true},
				}},
				{
					Name: "service_account", Files: []string{"~/.azure/credentials.json"}, Parse: parseJSON,
					Fields: []provider.AuthField{{Name: "tenant_id"}, {Name: "client_secret", Secret: true}},
				},
			},
			Services: []provider.Service{
				service("vms", cloud.Compute), service("aks", cloud.Containers), service("functions", cloud.Functions),
			},
			Options: []provider.Option{{Name: "subscription_id", Type: "string"}},
		},
		{
			Name: "gcp", Title: "Google Cloud", Aliases: []string{"google"},
			Auth: []provider.AuthMethod{{
				Name: "service_account", Parse: parseJSON,
				Files:  []string{"$GOOGLE_APPLICATION_CREDENTIALS", "~/.gcp/service-account.json"},
				Fields: []provider.AuthField{{Name: "private_key", Secret: true}, {Name: "project_id", Optional: true}},
			}},
			Services: []provider.Service{
				service("compute", cloud.Compute), service("gke", cloud.Containers), service("functions", cloud.Functions),
			},
			Options: []provider.Option{{Name: "project_id", Type: "string"}},
		},
		keyed("neon", "Neon", nil, []string{"NEON_API_KEY"}),
		keyed("vastai", "Vast.ai", []string{"vast"}, []string{"VAST_API_KEY", "VASTAI_API_KEY"},
			"$XDG_CONFIG_HOME/vastai/vast_api_key", "~/.vast_api_key"),
		keyed("runpod", "RunPod", []string{"io", "runpod.io"}, []string{"RUNPOD_API_KEY"}),
	}
}

func service(name string, class cloud.Class, aliases ...string) provider.Service {
	return provider.Service{Name: name, Classes: []cloud.Class{class}, Aliases: aliases}
}

func keyed(name, title string, aliases, env []string, files ...string) *provider.Spec {
	return &provider.Spec{
		Name: name, Title: title, Aliases: aliases, Services: []provider.Service{service("instances", cloud.GPUs)},
		Auth: []provider.AuthMethod{{
			Name: "api_key", Files: files, Help: "make a key of " + title,
			Fields: []provider.AuthField{{Name: "api_key", Env: env, Secret: true}},
		}},
	}
}

// parseINI reads "key=value" lines of the part that $OCI_PROFILE names. Its errors repeat the line, as careless
// parsers do.
func parseINI(data []byte, getenv func(string) string) (map[string]string, error) {
	values, part, want := map[string]string{}, "DEFAULT", getenv("OCI_PROFILE")
	if want == "" {
		want = "DEFAULT"
	}
	for line := range strings.Lines(string(data)) {
		line = strings.TrimSpace(line)
		key, value, ok := strings.Cut(line, "=")
		switch {
		case strings.HasPrefix(line, "["):
			part = strings.Trim(line, "[]")
		case line != "" && !ok:
			return nil, fmt.Errorf("cannot understand the line %q", line)
		case part == want && key != "":
			values[key] = value
		}
	}
	return values, nil
}

func parseJSON(data []byte, _ func(string) string) (map[string]string, error) {
	values := map[string]string{}
	return values, json.Unmarshal(data, &values)
}

// home is the home folder of machines.
const home = "/home/me"

// machine is a Source with these variables, and these files in the home folder or where "/" says. The content
// "ERROR ..." is an error of reading.
func machine(env, files map[string]string) config.Source {
	full := map[string]string{}
	for name, data := range files {
		if !strings.HasPrefix(name, "/") {
			name = home + "/" + name
		}
		full[name] = data
	}
	return config.Source{
		Home:   home,
		Getenv: func(name string) string { return env[name] },
		ReadFile: func(path string) ([]byte, error) {
			data, ok := full[path]
			if !ok {
				return nil, &fs.PathError{Op: "open", Path: path, Err: fs.ErrNotExist}
			}
			if why, broken := strings.CutPrefix(data, "ERROR "); broken {
				return nil, &fs.PathError{Op: "open", Path: path, Err: errors.New(why)}
			}
			return []byte(data), nil
		},
		Mode: func(path string) (fs.FileMode, error) { return 0o600, nil },
	}
}

// product returns the configuration that the product promises.
func product(t testing.TB) []byte {
	t.Helper()
	data, err := os.ReadFile("testdata/product.json")
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// read reads a configuration that has no error.
func read(t *testing.T, data string) *config.Config {
	t.Helper()
	c, err := config.Read("config.json", []byte(data), clouds())
	if err != nil {
		t.Fatalf("Read(%s) = %v, want no error", data, err)
	}
	return c
}

// split returns the errors that were joined.
func split(err error) []*config.Error {
	var out []*config.Error
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		return nil
	}
	for _, e := range joined.Unwrap() {
		if one, ok := errors.AsType[*config.Error](e); ok {
			out = append(out, one)
		}
	}
	return out
}
