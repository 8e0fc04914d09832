package cli

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/adsops/cloudtop/internal/config"
	"github.com/adsops/cloudtop/internal/provider/all"
)

// written is a configuration file.
func written(t *testing.T, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "config.json")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// example is the configuration of the documentation, the contract's own.
func example(t *testing.T) string {
	t.Helper()
	data, err := os.ReadFile("../../docs/configuration.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(data), "```json\n")
	text, _, found := strings.Cut(rest, "```\n")
	if !found {
		t.Fatal("there is no example")
	}
	return text
}

func TestTheDocumentedConfigurationIsValidAndInForce(t *testing.T) {
	t.Parallel()
	file := written(t, example(t))
	if r := run(t, nil, "config", "validate", "--config", file); r.code != exitOK || r.out != file+" is valid\n" || r.err != "" {
		t.Errorf("validate: exit %d, %q, %q", r.code, r.out, r.err)
	}
	env := map[string]string{"CLOUDFLARE_API_TOKEN": "MARKER-SECRET", "CLOUDTOP_CONFIG": file}
	r := run(t, env, "config", "view")
	var view struct {
		Cache     map[string]any
		Providers map[string]struct{ Services, Regions []string }
	}
	if err := json.Unmarshal([]byte(r.out), &view); err != nil || r.code != exitOK {
		t.Fatalf("exit %d, %v in:\n%s%s", r.code, err, r.out, r.err)
	}
	if got := view.Providers["oracle"].Regions; !slices.Equal(got, []string{"us-ashburn-1", "us-phoenix-1"}) || view.Cache["ttl"] != "5m" {
		t.Errorf("oracle's regions %v, cache %v", got, view.Cache)
	}
	if len(view.Providers) != len(all.Specs()) || strings.Contains(r.out, "MARKER") || !strings.Contains(r.out, "CLOUDFLARE_API_TOKEN") {
		t.Errorf("view:\n%s", r.out)
	}
}

func TestABadConfigurationIsToldByPlaceFieldAndExpectation(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, text, place, field, expected string }{
		{"no JSON", "{\n  \"version\": \"1.0\",\n}", ":3:1: ", "", ""},
		{"nothing", "", ":1:1: ", "", "is empty"},
		{"an array", "[]", ":1:1: ", "", "object"},
		{"a version to come", `{"version": "9"}`, ":1:13: ", "version", `"1.0"`},
		{"an unknown key", "{\n\"chache\": {}}", ":2:1: ", "chache", "cache"},
		{"a key that is there twice", `{"cache": {}, "cache": {}}`, ":1:15: ", "cache", ""},
		{"a duration without a unit", `{"cache": {"ttl": "30"}}`, ":1:19: ", "cache.ttl", `a number with a unit, like "30s"`},
		{"an interval of nothing", `{"defaults": {"refresh_interval": "0s"}}`, ":1:35: ", "defaults.refresh_interval", `at least "1s"`},
		{"an address Redis refuses", `{"cache": {"redis": {"url": "redis://h/x"}}}`, ":1:29: ", "cache.redis.url", "redis://"},
		{"a value an option has not", `{"providers": {"cf": {"options": {"compliance_region": "eu"}}}}`, ":1:56: ", "compliance_region", `"fedramp_high"`},
		{"a text for a number", `{"cache": {"max_size": "many"}}`, ":1:24: ", "cache.max_size", "whole number"},
		{"a number below the least", `{"cache": {"max_size": -1}}`, ":1:24: ", "cache.max_size", "at least 0"},
		{"a backend nobody has", `{"cache": {"backend": "disk"}}`, ":1:23: ", "cache.backend", `"file", "redis"`},
		{"a format nobody has", `{"defaults": {"output_format": "xml"}}`, ":1:32: ", "defaults.output_format", "table"},
		{"a column nobody has", `{"output": {"columns": {"compute": ["name", "colour"]}}}`, ":1:45: ", "output.columns", "colour"},
		{"a provider nobody has", `{"providers": {"aws9": {}}}`, ":1:16: ", "aws9", "azure"},
		{"a service nobody has", `{"providers": {"neon": {"services": ["vms"]}}}`, ":1:38: ", "providers.neon.services", "projects"},
		{"a method nobody has", `{"providers": {"neon": {"auth": {"method": "luck"}}}}`, ":1:44: ", "providers.neon.auth.method", "api_key"},
		{"an option nobody has", `{"providers": {"gcp": {"options": {"projectid": "x"}}}}`, ":1:36: ", "providers.gcp.options", "project_id"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			file := written(t, c.text)
			for _, args := range [][]string{{"config", "validate"}, {"config", "view"}, {"limits"}, {"doctor"}, {"--all"}} {
				r := run(t, nil, append(args, "--config", file)...)
				if r.code != exitUsage || r.out != "" || !strings.Contains(r.err, file+c.place) ||
					!strings.Contains(r.err, c.field) || !strings.Contains(r.err, c.expected) {
					t.Errorf("%v: exit %d, %q, want %q, %q and %q", args, r.code, r.err, c.place, c.field, c.expected)
				}
			}
		})
	}
}

func TestAConfigurationWithWarningsIsValidAndTold(t *testing.T) {
	t.Parallel()
	file := written(t, `{"providers": {"neon": {"rate_limit": {"burst": 5}}}}`)
	r := run(t, nil, "config", "validate", "--config", file)
	if r.code != exitOK || r.out != file+" is valid\n" || !strings.Contains(r.err, file+":1:49: providers.neon.rate_limit.burst: has no effect") {
		t.Errorf("exit %d, %q, %q", r.code, r.out, r.err)
	}
}

func TestAConfigurationSetsTheDefaults(t *testing.T) {
	t.Parallel()
	file := written(t, `{"version":"1.0","defaults":{"output_format":"csv"},"output":{"timestamps":false},
		"providers":{"neon":{"services":["projects"]},"vast":{"enabled":false}}}`)
	env := demo("CLOUDTOP_CONFIG", file)
	if r := run(t, env, "--neon"); !strings.HasPrefix(r.out, "provider,") || strings.Contains(r.out, "branches") {
		t.Errorf("csv of projects was configured:\n%.300s", r.out)
	}
	if r := run(t, env, "--neon", "--table"); !strings.HasPrefix(r.out, "PROVIDER ") || strings.Contains(r.err, "UTC") {
		t.Errorf("a table without a time was asked for:\n%.300s\n%s", r.out, r.err)
	}
	real := map[string]string{"CLOUDTOP_CONFIG": file, "VAST_API_KEY": "MARKER-SECRET"}
	r := run(t, real, "--all", "--jq", `.ledger[] | select(.provider == "vastai") | .state, .reason, .calls`)
	if r.out != "skipped\ndisabled in the configuration\n0\n" {
		t.Errorf("a provider that is switched off: exit %d, %s%s", r.code, r.out, r.err)
	}
}

func TestInitNamesWhatIsFoundAndNoSecret(t *testing.T) {
	t.Parallel()
	a, _, errOut := machine(t, map[string]string{"VAST_API_KEY": "MARKER-SECRET"})
	if code := a.run(t.Context(), []string{"config", "init"}); code != exitOK {
		t.Fatalf("exit %d: %s", code, errOut)
	}
	file := filepath.Join(a.source.Home, ".config", "cloudtop", "config.json")
	data, err := os.ReadFile(file)
	if err != nil || !strings.Contains(errOut.String(), "wrote "+file) {
		t.Fatalf("%v; said %s", err, errOut)
	}
	var c struct {
		Providers map[string]struct{ Enabled bool }
	}
	if err := json.Unmarshal(data, &c); err != nil || len(c.Providers) != 1 || strings.Contains(string(data), "MARKER") {
		t.Fatalf("%v in:\n%s", err, data)
	}
	if !c.Providers["vastai"].Enabled {
		t.Errorf("got %v, want the provider whose credential is found", c.Providers)
	}
	a.source.Getenv = func(name string) string { return map[string]string{"NEON_API_KEY": "later"}[name] }
	targets, err := a.targets(&listOptions{registry: all.Specs(), all: true, configFile: loaded(t, a, file), concurrency: 1})
	if err != nil {
		t.Fatal(err)
	}
	for i := range targets {
		if skipped := targets[i].Skip != ""; skipped != (targets[i].Spec.Name != "neon" && targets[i].Spec.Name != "vastai") {
			t.Errorf("%s: skipped %v because %s", targets[i].Spec.Name, skipped, targets[i].Skip)
		}
	}
}

func TestThePlaceOfTheConfiguration(t *testing.T) {
	t.Parallel()
	top := t.TempDir()
	if err := os.MkdirAll(filepath.Join(top, "cloudtop"), 0o700); err != nil {
		t.Fatal(err)
	}
	inXDG := filepath.Join(top, "cloudtop", "config.json")
	if err := os.WriteFile(inXDG, []byte(`{"version":"1.0"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	other := written(t, `{"version":"1.0"}`)
	for name, c := range map[string]struct {
		env  map[string]string
		args []string
		want string // the file; empty = there is none
	}{
		"XDG_CONFIG_HOME":        {map[string]string{"XDG_CONFIG_HOME": top}, nil, inXDG},
		"the variable wins":      {map[string]string{"XDG_CONFIG_HOME": top, "CLOUDTOP_CONFIG": other}, nil, other},
		"the flag wins":          {map[string]string{"CLOUDTOP_CONFIG": inXDG}, []string{"--config", other}, other},
		"a relative XDG":         {map[string]string{"XDG_CONFIG_HOME": "relative"}, nil, ""},
		"an empty XDG":           {map[string]string{"XDG_CONFIG_HOME": ""}, nil, ""},
		"a folder for a file":    {nil, []string{"--config", top}, ""},
		"XDG that is a file":     {map[string]string{"XDG_CONFIG_HOME": other}, nil, ""},
		"a variable that misses": {map[string]string{"CLOUDTOP_CONFIG": top + "/none"}, nil, ""},
	} {
		r := run(t, c.env, append([]string{"config", "validate"}, c.args...)...)
		if want := c.want + " is valid\n"; c.want != "" && (r.code != exitOK || r.out != want) {
			t.Errorf("%s: exit %d, %q, want %q\n%s", name, r.code, r.out, want, r.err)
		}
		if c.want == "" && (r.code != exitUsage || !strings.Contains(r.err, "configuration")) {
			t.Errorf("%s: exit %d, %q", name, r.code, r.err)
		}
	}
	if r := run(t, map[string]string{"XDG_CONFIG_HOME": "/dev/null"}, "limits", "--neon"); r.code != exitOK {
		t.Errorf("XDG_CONFIG_HOME=/dev/null is no configuration, but ends with %d: %s", r.code, r.err)
	}
}

func TestWithoutAHome(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]result{
		"config init":              {code: exitUsage, err: "name a file with --config, or set HOME"},
		"config init --config ~/c": {code: exitUsage, err: "name a file with --config, or set HOME"},
		"config validate":          {code: exitUsage, err: "config init"},
		"limits --neon":            {out: "none"},
		"cache status":             {out: "memory"},
		"--all":                    {code: exitAuth, err: "~/.oci/config"},
		"--neon --demo":            {out: "NAME"},
		"doctor neon":              {code: exitAuth, out: "NEON_API_KEY"},
		"config view":              {out: `"providers"`},
	} {
		a, out, errOut := machine(t, nil)
		a.source.Home = ""
		code := a.run(t.Context(), strings.Fields(line))
		if code != want.code || !strings.Contains(out.String(), want.out) || !strings.Contains(errOut.String(), want.err) {
			t.Errorf("%s: exit %d, want %d, %q and %q:\n%.300s\n%s", line, code, want.code, want.out, want.err, out, errOut)
		}
	}
	if r := run(t, map[string]string{"CLOUDTOP_CONFIG": written(t, `{"cache":{"backend":"file"}}`), "XDG_CACHE_HOME": "relative"}, "cache", "status"); !strings.Contains(r.out, ".cache/cloudtop") {
		t.Errorf("a relative XDG_CACHE_HOME is no place: exit %d\n%s%s", r.code, r.out, r.err)
	}
	a, _, errOut := machine(t, map[string]string{"CLOUDTOP_CONFIG": written(t, `{"cache":{"backend":"file"}}`)})
	a.source.Home = ""
	if code := a.run(t.Context(), []string{"cache", "status"}); code != exitUsage || !strings.Contains(errOut.String(), "set XDG_CACHE_HOME") {
		t.Errorf("no folder for the cache: exit %d, %s", code, errOut)
	}
}

// loaded reads a configuration file.
func loaded(t *testing.T, a *app, file string) *config.Config {
	t.Helper()
	c, err := config.Load(a.source, file, true, all.Specs())
	if err != nil {
		t.Fatal(err)
	}
	return c
}
