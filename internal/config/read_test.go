package config_test

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/adsops/cloudtop/internal/config"
	"github.com/adsops/cloudtop/internal/provider"
)

func TestProductConfigurationIsRead(t *testing.T) {
	t.Parallel()
	c := read(t, string(product(t)))
	want := config.Default()
	want.Output.Columns = config.Columns{
		"compute": {"name", "status", "cpu", "memory", "region"},
		"gpu":     {"name", "gpu_type", "gpu_count", "utilization", "price"},
	}
	want.Providers = config.Providers{
		"cloudflare": {
			Enabled: true, Auth: config.Auth{"method": "api_key", "env_api_key": "CLOUDFLARE_API_TOKEN"},
			Services:  config.Services{"workers", "r2", "ai"},
			RateLimit: &config.RateLimit{RequestsPerSecond: 4, Burst: 10, Timeout: config.Duration(30 * time.Second)},
			Options:   config.Options{"account_id": "your-account-id"},
		},
		"oracle": {
			Enabled: true, Auth: config.Auth{"method": "service_account", "key_file": "~/.oci/config"},
			Regions:   config.Regions{"us-ashburn-1", "us-phoenix-1"},
			Services:  config.Services{"compute", "containers", "autonomous_db"},
			RateLimit: &config.RateLimit{RequestsPerSecond: 10, Burst: 20, Timeout: config.Duration(30 * time.Second)},
			Options:   config.Options{"compartment_id": "your-compartment-id"},
		},
		"azure": {
			Enabled: true, Auth: config.Auth{"method": "service_account", "key_file": "~/.azure/credentials.json"},
			Services: config.Services{"vms", "aks", "functions"},
			Options:  config.Options{"subscription_id": "your-subscription-id"},
		},
		"gcp": {
			Enabled: true, Auth: config.Auth{"method": "service_account", "key_file": "~/.gcp/service-account.json"},
			Services: config.Services{"compute", "gke", "functions"},
			Options:  config.Options{"project_id": "your-project-id"},
		},
		"neon":   {Enabled: true, Auth: config.Auth{"method": "api_key", "env_api_key": "NEON_API_KEY"}},
		"vastai": {Enabled: true, Auth: config.Auth{"method": "api_key", "env_api_key": "VASTAI_API_KEY"}},
		"runpod": {Enabled: true, Auth: config.Auth{"method": "api_key", "env_api_key": "RUNPOD_API_KEY"}},
	}
	if !reflect.DeepEqual(c.Meaning(), want) {
		t.Errorf("got  %+v\nwant %+v", c, want)
	}
}

func TestEveryKeyIsRead(t *testing.T) {
	t.Parallel()
	c := read(t, `{
		"$schema": "config.schema.json",
		"defaults": {"refresh_interval": "1h1m", "output_format": "ndjson", "show_cached": false,
			"retry": {"max_retries": 0, "initial_delay": "250ms", "max_delay": "1.5s", "factor": 1.5}},
		"cache": {"enabled": false, "backend": "redis", "ttl": "0s", "max_size": 0, "redis": {"url": "rediss://h:1/2"}},
		"output": {"color_enabled": false, "timestamps": false, "columns": {"default": ["name", "attrs.zone"], "offers": ["price"]}},
		"providers": {"io": {"enabled": false, "services": ["gpu"]}, "cloudflare": {
			"options": {"zones": ["a", ""], "sample": 0.5, "free_plan": true}, "rate_limit": {"burst": 3, "requests_per_second": 2}}}
	}`)
	want := &config.Config{
		Schema: "config.schema.json", Version: "1.0",
		Defaults: config.Defaults{
			RefreshInterval: config.Duration(61 * time.Minute), OutputFormat: "ndjson",
			Retry: config.Retry{
				InitialDelay: config.Duration(250 * time.Millisecond), MaxDelay: config.Duration(1500 * time.Millisecond), Factor: 1.5,
			},
		},
		Cache:  config.Cache{Backend: "redis", Redis: config.Redis{URL: "rediss://h:1/2"}},
		Output: config.Output{Columns: config.Columns{"default": {"name", "attrs.zone"}, "offers": {"price"}}},
		Providers: config.Providers{
			"runpod": {Services: config.Services{"gpu"}},
			"cloudflare": {
				Enabled: true, RateLimit: &config.RateLimit{RequestsPerSecond: 2, Burst: 3, Timeout: config.Duration(30 * time.Second)},
				Options: config.Options{"zones": []string{"a", ""}, "sample": 0.5, "free_plan": true},
			},
		},
	}
	if !reflect.DeepEqual(c, want) {
		t.Errorf("got  %+v\nwant %+v", c, want)
	}
}

func TestWhatIsNotSaidIsAsByDefault(t *testing.T) {
	t.Parallel()
	if got, want := read(t, " {} "), config.Default(); !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

// in wraps a part of a configuration so that it stands alone in line 2.
func in(wrap, part string) string {
	before, after, _ := strings.Cut(wrap, "…")
	return before + "\n" + part + "\n" + after
}

const (
	vast   = `{"providers": {"vastai": {…}}}`
	azure  = `{"providers": {"azure": {…}}}`
	flare  = `{"providers": {"cloudflare": {…}}}`
	top    = `{…}`
	output = `{"output": {…}}`
)

func TestErrorsSayWhereWhatAndWhatWasExpected(t *testing.T) {
	t.Parallel()
	tests := []struct{ wrap, part, want string }{
		{top, `"version": "2.0"`, `12: version: "2.0" is unknown: expected "1.0"`},
		{top, `"version": 1.0`, `12: version: is a number: expected "1.0"`},
		{top, `  "cahce": {}`, `3: cahce: unknown key (did you mean "cache"?): expected one of "$schema", "version", "defaults", "cache", "output", "providers"`},
		{top, `"cache": {}, "cache": {}`, `14: cache: is here twice, first in line 2: expected each key once`},
		{top, `"cache": null`, `10: cache: is null: expected an object`},
		{top, `"cache": []`, `10: cache: is a list: expected an object`},
		{top, `"cache": {"backend": "mem"}`, `22: cache.backend: "mem" is unknown: expected one of "memory", "file", "redis"`},
		{top, `"cache": {"backend": "memroy"}`, `22: cache.backend: "memroy" is unknown (did you mean "memory"?): expected one of "memory", "file", "redis"`},
		{top, `"cache": {"max_size": -1}`, `23: cache.max_size: -1 is not possible: expected a whole number of at least 0`},
		{top, `"cache": {"max_size": 1.5}`, `23: cache.max_size: 1.5 is not possible: expected a whole number of at least 0`},
		{top, `"cache": {"max_size": 9223372036854775808}`, `23: cache.max_size: 9223372036854775808 is not possible: expected a whole number of at least 0`},
		{top, `"cache": {"max_size": "many"}`, `23: cache.max_size: is a text: expected a whole number of at least 0`},
		{top, `"cache": {"ttl": 300}`, `18: cache.ttl: is a number: expected a number with a unit, like "30s" or "5m"`},
		{top, `"cache": {"redis": {"url": "localhost"}}`, `28: cache.redis.url: has another form: expected a text like "redis://user:password@host:6379/0"`},
		{top, `"defaults": {"refresh_interval": "-5s"}`, `34: defaults.refresh_interval: "-5s" is not a duration: expected a number with a unit, like "30s" or "5m"`},
		{top, `"defaults": {"refresh_interval": "9999999999h"}`, `34: defaults.refresh_interval: "9999999999h" is longer than 292 years: expected a number with a unit, like "30s" or "5m"`},
		{top, `"defaults": {"refresh_interval": "0s"}`, `34: defaults.refresh_interval: "0s" is too short: expected at least "1s"`},
		{top, `"defaults": {"refresh_interval": "999ms"}`, `34: defaults.refresh_interval: "999ms" is too short: expected at least "1s"`},
		{top, `"defaults": {"refresh_interval": "8760h1ns"}`, `34: defaults.refresh_interval: "8760h1ns" is too long: expected at most "8760h"`},
		{top, `"defaults": {"retry": {"max_delay": "9000h"}}`, `37: defaults.retry.max_delay: "9000h" is too long: expected at most "8760h"`},
		{top, `"cache": {"ttl": "9000h"}`, `18: cache.ttl: "9000h" is too long: expected at most "8760h"`},
		{vast, `"rate_limit": {"timeout": "0s"}`, `27: providers.vastai.rate_limit.timeout: "0s" is too short: expected at least "1ms"`},
		{flare, `"options": {"plan": "gold"}`, `21: providers.cloudflare.options.plan: is unknown: expected one of "free", "pro"`},
		{top, `"defaults": {"output_format": "jsno"}`, `31: defaults.output_format: "jsno" is unknown (did you mean "json"?): expected one of "table", "wide", "json", "ndjson", "csv", "yaml", "markdown"`},
		{top, `"defaults": {"retry": {"factor": 0.5}}`, `34: defaults.retry.factor: 0.5 is not possible: expected a number of at least 1`},
		{top, `"defaults": {"retry": {"factor": 1e999}}`, `34: defaults.retry.factor: 1e999 is not possible: expected a number of at least 1`},
		{output, `"timestamps": "yes"`, `15: output.timestamps: is a text: expected true or false`},
		{output, `"color_enabled": {"now": true}`, `18: output.color_enabled: is an object: expected true or false`},
		{output, `"columns": {"disk": []}`, `13: output.columns.disk: unknown class: expected one of "default", "offers", "compute", "containers", "functions", "database", "storage", "ai", "gpu"`},
		{output, `"columns": {"gpu": "name"}`, `20: output.columns.gpu: is a text: expected a list`},
		{output, `"columns": {"gpu": ["name", 3]}`, `29: output.columns.gpu[1]: is a number: expected a text`},
		{output, `"columns": {"gpu": [""]}`, `21: output.columns.gpu[0]: is empty: expected a text`},
		{vast, `"rate_limit": {"timeout": "30x"}`, `27: providers.vastai.rate_limit.timeout: "30x" is not a duration: expected a number with a unit, like "30s" or "5m"`},
		{vast, `"rate_limit": {"requests_per_second": -4}`, `39: providers.vastai.rate_limit.requests_per_second: -4 is not possible: expected a number of at least 0`},
		{vast, `"rate_limit": {"burst": true}`, `25: providers.vastai.rate_limit.burst: is true: expected a whole number of at least 0`},
		{vast, `"services": ["compute"]`, `14: providers.vastai.services[0]: "compute" is unknown: expected one of "instances", "gpu"`},
		{vast, `"services": ["instance"]`, `14: providers.vastai.services[0]: "instance" is unknown (did you mean "instances"?): expected one of "instances", "gpu"`},
		{vast, `"regions": [""]`, `13: providers.vastai.regions[0]: is empty: expected a text`},
		{vast, `"options": {"account_id": "x"}`, `13: providers.vastai.options.account_id: unknown option of Vast.ai: expected none`},
		{vast, `"api_key": "x"`, `1: providers.vastai.api_key: unknown key: expected one of "enabled", "auth", "services", "regions", "rate_limit", "options"`},
		{flare, `"options": {"acount_id": "x"}`, `13: providers.cloudflare.options.acount_id: unknown option of Cloudflare (did you mean "account_id"?): expected one of "account_id", "zones", "sample", "free_plan", "plan"`},
		{flare, `"options": {"zones": "x"}`, `22: providers.cloudflare.options.zones: is a text: expected a list`},
		{flare, `"options": {"zones": [1]}`, `23: providers.cloudflare.options.zones[0]: is a number: expected a text`},
		{flare, `"options": {"sample": "x"}`, `23: providers.cloudflare.options.sample: is a text: expected a number`},
		{flare, `"options": {"free_plan": 1}`, `26: providers.cloudflare.options.free_plan: is a number: expected true or false`},
		{flare, `"options": {"account_id": 1}`, `27: providers.cloudflare.options.account_id: is a number: expected a text`},
		{vast, `"auth": {"method": "oauth"}`, `20: providers.vastai.auth.method: is unknown: expected one of "api_key", "environment"`},
		{vast, `"auth": {"method": "apikey"}`, `20: providers.vastai.auth.method: is unknown (did you mean "api_key"?): expected one of "api_key", "environment"`},
		{vast, `"auth": {"method": 3}`, `20: providers.vastai.auth.method: is a number: expected one of "api_key", "environment"`},
		{vast, `"auth": {"apikey": "x"}`, `10: providers.vastai.auth.(key): unknown key (did you mean "api_key"?): expected one of "method", "key_file", "api_key", "env_api_key"`},
		{vast, `"auth": {"api_key": ""}`, `21: providers.vastai.auth.api_key: is empty: expected a text`},
		{vast, `"auth": {"env_api_key": "a-b"}`, `25: providers.vastai.auth.env_api_key: has another form: expected a text like "VAST_API_KEY"`},
		{vast, `"auth": {"method": "environment", "api_key": "x"}`, `35: providers.vastai.auth.(key): "api_key" is no part of method "environment": expected one of "method", "env_api_key"`},
		{azure, `"auth": {"method": "oauth", "key_file": "x"}`, `29: providers.azure.auth.(key): "key_file" is no part of method "oauth": expected one of "method", "tenant_id", "env_tenant_id", "client_id", "env_client_id", "client_secret", "env_client_secret", "token_url", "env_token_url"`},
		{azure, `"auth": {"client_id": "x", "key_file": "y"}`, `9: providers.azure.auth: its keys belong to several methods: expected a "method"`},
		{`{"providers": {…}}`, `"vastia": {}`, `1: providers.vastia: unknown provider (did you mean "vastai"?): expected one of "cloudflare", "oracle", "azure", "gcp", "neon", "vastai", "runpod"`},
		{`{"providers": {…}}`, `"VastAI": {}`, `1: providers.VastAI: unknown provider (did you mean "vastai"?): expected one of "cloudflare", "oracle", "azure", "gcp", "neon", "vastai", "runpod"`},
		{`{"providers": {…}}`, `"vast": {}, "vastai": {}`, `13: providers.vastai: "vast" and "vastai" are both Vast.ai: expected each provider once`},
		{`{"providers": {…}}`, `"runpod.io": {"enabled": 1}`, `26: providers."runpod.io".enabled: is a number: expected true or false`},
		{`{"providers": {…}}`, `"vastai": true`, `11: providers.vastai: is true: expected an object`},
		{`…`, `["version"]`, `1: is a list: expected an object`},
		{`…`, `{"é€𝄞": 1, "version": 1}`, `2: "é€𝄞": unknown key: expected one of "$schema", "version", "defaults", "cache", "output", "providers"` +
			"\n" + `config.json:2:23: version: is a number: expected "1.0"`},
		{top, `"version": "1.0",`, `1: `}, // a comma too many: the brace of line 3
	}
	for _, tt := range tests {
		_, err := config.Read("config.json", []byte(in(tt.wrap, tt.part)), clouds())
		want := "config.json:2:" + tt.want
		if strings.HasSuffix(tt.want, ": ") {
			want = "config.json:3:1: is no JSON: invalid character '}' looking for beginning of object key string"
		}
		if got := fmt.Sprint(err); got != want {
			t.Errorf("%s:\ngot  %s\nwant %s", in(tt.wrap, tt.part), got, want)
		}
	}
}

func TestAnAddressThatRedisWouldRefuseIsToldWithoutIt(t *testing.T) {
	t.Parallel()
	for _, address := range []string{
		"redis://u:" + marker + "@h:port", "redis://u:" + marker + "@h:70000", "redis://u:" + marker + "@h/first",
		"redis://u:" + marker + "@h?no_such=1", "redis://u:" + marker + "%zz@h",
	} {
		_, err := config.Read("c", []byte(`{"cache": {"redis": {"url": "`+address+`"}}}`), clouds())
		got := fmt.Sprint(err)
		if want := "c:1:29: cache.redis.url: cannot be used: expected redis://"; !strings.HasPrefix(got, want) || strings.Contains(got, marker) {
			t.Errorf("%s: got %s, want %s...", address, got, want)
		}
	}
	for _, address := range []string{"redis://h", "rediss://u:p@h:6380/3?read_timeout=3s", "unix:///run/redis.sock?db=1", "redis://[::1]:6379"} {
		read(t, `{"cache": {"redis": {"url": "`+address+`"}}}`)
	}
}

func TestAFileMayBeginWithAByteOrderMark(t *testing.T) {
	t.Parallel()
	if got := read(t, "\ufeff{\"defaults\": {\"output_format\": \"csv\"}}"); got.Defaults.OutputFormat != "csv" {
		t.Errorf("got %q, want csv", got.Defaults.OutputFormat)
	}
}

func TestWhatHasNoEffectIsAWarning(t *testing.T) {
	t.Parallel()
	c := read(t, `{"providers": {"vast": {"rate_limit": {"burst": 3}}, "azure": {"rate_limit": {"burst": 3, "requests_per_second": 1}}}}`)
	want := []string{"config.json:1:49: providers.vast.rate_limit.burst: has no effect without requests_per_second"}
	if got := c.Warnings(); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestWrongColumnNamesAreToldTheKnownOnes(t *testing.T) {
	t.Parallel()
	_, err := config.Read("c", []byte(`{"output": {"columns": {"compute": ["name", "stauts"], "offers": ["prise"], "gpu": ["reliability"]}}}`), clouds())
	got := fmt.Sprint(err)
	for _, want := range []string{
		`c:1:45: output.columns.compute[1]: "stauts" is no column (did you mean "status"?): expected one of "`,
		`c:1:67: output.columns.offers[0]: "prise" is no column (did you mean "price"?): expected one of "`,
	} {
		if !strings.Contains(got, want) {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	if n := len(split(err)); n != 2 {
		t.Errorf("got %d errors in %s, want 2: reliability is a column of offers, which are GPUs", n, got)
	}
}

func TestTextThatIsNoJSONIsPlaced(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                      "c:1:1: is empty: expected an object, like {\"version\": \"1.0\"}",
		"{\"é\": \"\n":          "c:1:8: is no JSON: invalid character '\\n' in string literal",
		"{\n\"version\": ":      "c:2:12: is no JSON: unexpected end of JSON input",
		"{}\n{}":                "c:2:1: is no JSON: invalid character '{' after top-level value",
		"{\r\n  version: 1}":    "c:2:3: is no JSON: invalid character 'v' looking for beginning of object key string",
		"{\"a\": 1 // no\n}":    "c:1:9: is no JSON: invalid character '/' after object key:value pair",
		"\xef\xbb\xbf{]":        "c:1:2: is no JSON: invalid character ']' looking for beginning of object key string",
		"\xff\xfe{\x00}\x00":    "c:1:1: is UTF-16: expected UTF-8",
		" \n":                   "c:1:1: is empty: expected an object, like {\"version\": \"1.0\"}",
		"{\"version\": \"1.0'}": "c:1:19: is no JSON: unexpected end of JSON input",
	} {
		if _, err := config.Read("c", []byte(text), clouds()); fmt.Sprint(err) != want {
			t.Errorf("%q: got %v, want %s", text, err, want)
		}
	}
}

func TestAllErrorsOfAFileAreToldInItsOrder(t *testing.T) {
	t.Parallel()
	_, err := config.Read("config.json", []byte(`{
  "version": "0.9",
  "providers": {
    "vastai": {"services": ["a", "b"], "auth": {"method": "x"}, "nope": 1},
    "aws": {"bad": [}]}
  },
  "output": {"columns": 3}
}`), clouds())
	if n := len(split(err)); n != 1 {
		t.Errorf("a file that is no JSON has %d errors, want 1: %v", n, err)
	}
	_, err = config.Read("config.json", []byte(`{
  "version": "0.9",
  "providers": {
    "vastai": {"services": ["a", "b"], "auth": {"method": "x", "method": 1}, "nope": 1},
    "aws": {"bad": [1]}
  },
  "output": {"columns": 3, "columns": {"x": 1}},
  "version": "1.0"
}`), clouds())
	var got []string
	for _, e := range split(err) {
		got = append(got, fmt.Sprintf("%d:%d %s", e.Line, e.Column, e.Field))
	}
	want := []string{
		"2:14 version", "4:29 providers.vastai.services[0]", "4:34 providers.vastai.services[1]",
		"4:59 providers.vastai.auth.method", "4:64 providers.vastai.auth.(key)", "4:78 providers.vastai.nope",
		"5:5 providers.aws", "7:25 output.columns", "7:28 output.columns", "8:3 version",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q\n%v", got, want, err)
	}
}

const marker = "mArK3r-s3cr3t"

func TestNoSecretReachesAnError(t *testing.T) {
	t.Parallel()
	for _, part := range []string{
		`"auth": "SECRET"`, `"auth": ["SECRET"]`, `"auth": {"SECRET": "x"}`, `"auth": {"SECRET": 1, "SECRET": 2}`,
		`"auth": {"method": "SECRET"}`, `"auth": {"method": {"SECRET": "SECRET"}}`, `"auth": {"env_api_key": "SECRET"}`,
		`"auth": {"env_api_key": ["SECRET"]}`, `"auth": {"api_key": ["SECRET"]}`, `"auth": {"api_key": {"SECRET": 1}}`,
		`"auth": {"api_key": "SECRET", "key_file": 1}`, `"auth": {"key_file": ["SECRET"]}`,
		`"auth": {"method": "environment", "api_key": "SECRET"}`, `"auth": {"api_key": "SECRET", "tenant": "SECRET"}`,
		`"auth": {"api_key": "SECRET", "api_key": "SECRET"}`, `"api_key": "SECRET"`, `"options": {"api_key": "SECRET"}`,
		`"options": "SECRET"`, `"enabled": "SECRET"`, `"rate_limit": "SECRET"`, `"rate_limit": {"burst": "SECRET"}`,
		`"auth": {"api_key": "SECRET", x}`, `"auth": {"api_key": "SECRET`, `"auth": {"api_key": SECRET}`,
		`"services": ["LONG"]`, `"rate_limit": {"timeout": "LONG"}`, `"LONG": 1`, `"services": "SECRET"`,
	} {
		text := strings.ReplaceAll(part, "LONG", strings.Repeat("SECRET", 3))
		text = in(vast, strings.ReplaceAll(text, "SECRET", marker))
		_, err := config.Read("config.json", []byte(text), clouds())
		if err == nil {
			t.Errorf("%s: got no error, want one", part)
		} else if strings.Contains(fmt.Sprintf("%v %+v %#v", err, err, err), marker) {
			t.Errorf("%s: the error shows the secret: %v", part, err)
		}
	}
	_, err := config.Read("c", []byte(`{"cache": {"redis": {"url": "http://u:`+marker+`@h"}}}`), clouds())
	if err == nil || strings.Contains(err.Error(), marker) {
		t.Errorf("redis url: got %v, want an error without the secret", err)
	}
}

func TestConfigurationNeverPrintsItsSecrets(t *testing.T) {
	t.Parallel()
	c := read(t, `{"cache": {"redis": {"url": "redis://u:`+marker+`@h"}}, "providers": {"vast": {"auth": {"api_key": "`+marker+`"}}}}`)
	for _, form := range []string{"%v", "%+v", "%#v"} {
		for _, v := range []any{c, *c.Providers["vastai"], c.Providers["vastai"].Auth, c.Cache} {
			if got := fmt.Sprintf(form, v); strings.Contains(got, marker) {
				t.Errorf("%s of %T shows the secret: %s", form, v, got)
			}
		}
	}
	var log strings.Builder
	slog.New(slog.NewTextHandler(&log, nil)).Info("read", "url", c.Cache.Redis.URL, "auth", c.Providers["vastai"].Auth)
	if got := log.String(); strings.Contains(got, marker) || !strings.Contains(got, "auth=****") {
		t.Errorf("the log says %s, want it without the secret", got)
	}
	if got := string(c.Cache.Redis.URL); got != "redis://u:"+marker+"@h" {
		t.Errorf("redis url = %q, want it whole", got)
	}
}

func TestLoad(t *testing.T) {
	t.Parallel()
	files := map[string]string{
		"good.json": `{"output": {"timestamps": false}}`, "bad.json": `{"output": {"timestamps": 1}}`,
		"locked.json": "ERROR permission denied",
	}
	tests := []struct {
		path     string
		explicit bool
		want     string
	}{
		{"good.json", false, ""},
		{"good.json", true, ""},
		{"none.json", false, ""},
		{"none.json", true, "configuration /home/me/none.json: file does not exist; 'cloudtop config init' writes one"},
		{"locked.json", false, "configuration: open /home/me/locked.json: permission denied"},
		{"bad.json", false, "/home/me/bad.json:1:27: output.timestamps: is a number: expected true or false"},
	}
	for _, tt := range tests {
		c, err := config.Load(machine(nil, files), home+"/"+tt.path, tt.explicit, clouds())
		got := ""
		if err != nil {
			got = err.Error()
		}
		if got != tt.want {
			t.Errorf("%s, explicit %v: got %q, want %q", tt.path, tt.explicit, got, tt.want)
		}
		if (err == nil) != (c != nil) {
			t.Errorf("%s: got %v with error %v, want one of them", tt.path, c, err)
		}
		if tt.path == "good.json" && (c == nil || c.Output.Timestamps) {
			t.Errorf("%s: got %+v, want no timestamps", tt.path, c)
		}
		if want := tt.explicit && tt.path == "none.json"; errors.Is(err, fs.ErrNotExist) != want {
			t.Errorf("%s, explicit %v: %v is fs.ErrNotExist: %v, want %v", tt.path, tt.explicit, err, !want, want)
		}
	}
}

func TestFileWithSecretsThatOthersCanReadIsWarnedOf(t *testing.T) {
	t.Parallel()
	const key, plain = `{"providers": {"vastai": {"auth": {"api_key": "k"}}}}`, `{"providers": {"vastai": {"auth": {"env_api_key": "K_K"}}}}`
	const redis, open = `{"cache": {"redis": {"url": "redis://:p@h"}}}`, `{"cache": {"redis": {"url": "redis://h"}}}`
	tests := []struct {
		text string
		mode fs.FileMode
		want int
	}{
		{key, 0o600, 0}, {key, 0o640, 1}, {key, 0o604, 1}, {plain, 0o644, 0}, {redis, 0o644, 1}, {open, 0o644, 0},
	}
	for _, tt := range tests {
		src := machine(nil, map[string]string{"c.json": tt.text})
		src.Mode = func(string) (fs.FileMode, error) { return tt.mode, nil }
		c, err := config.Load(src, home+"/c.json", true, clouds())
		if err != nil {
			t.Fatal(err)
		}
		if got := c.Warnings(); len(got) != tt.want {
			t.Errorf("%s with mode %o: got warnings %q, want %d", tt.text, tt.mode, got, tt.want)
		}
	}
}

func TestPathOfTheConfiguration(t *testing.T) {
	t.Parallel()
	tests := []struct {
		override string
		env      map[string]string
		want     string
	}{
		{"", nil, home + "/.config/cloudtop/config.json"},
		{"", map[string]string{"XDG_CONFIG_HOME": "/etc/xdg"}, "/etc/xdg/cloudtop/config.json"},
		{"", map[string]string{"XDG_CONFIG_HOME": "relative"}, home + "/.config/cloudtop/config.json"},
		{"", map[string]string{"XDG_CONFIG_HOME": "/x", "CLOUDTOP_CONFIG": "/c.json"}, "/c.json"},
		{"my.json", map[string]string{"CLOUDTOP_CONFIG": "/c.json"}, "my.json"},
		{"~/my.json", nil, home + "/my.json"},
	}
	for _, tt := range tests {
		if got := machine(tt.env, nil).Path(tt.override); got != tt.want {
			t.Errorf("Path(%q) with %v = %q, want %q", tt.override, tt.env, got, tt.want)
		}
	}
}

func TestRetriesReachTheChain(t *testing.T) {
	t.Parallel()
	c := read(t, `{"defaults": {"retry": {"max_retries": 0}}}`)
	want := provider.ProviderConfig{}.Retry
	want.First, want.Cap, want.Factor = time.Second, 30*time.Second, 2
	if got := c.Defaults.Retry.Policy(); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestDurationsAreWrittenWithoutIdleUnits(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"0s", "1ms", "30s", "5m", "1h", "1h30m", "1h0m5s", "10h", "20m"} {
		var d config.Duration
		if err := d.UnmarshalText([]byte(text)); err != nil || d.String() != text {
			t.Errorf("%q is read and written as %q (%v), want the same", text, d, err)
		}
	}
}
