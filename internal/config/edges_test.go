package config_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/config"
)

func TestDurationsOfEveryForm(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]time.Duration{
		"0s": 0, "00s": 0, "5m": 5 * time.Minute, "1h30m": 90 * time.Minute, "1.5h": 90 * time.Minute, "30m1h": 90 * time.Minute, "1s1s": 2 * time.Second,
		"250ms": 250 * time.Millisecond, "7us": 7 * time.Microsecond, "7µs": 7 * time.Microsecond, "1ns": 1, "0.5ns": 0, "2562047h47m16.854775807s": 1<<63 - 1,
	} {
		var d config.Duration
		if err := d.UnmarshalText([]byte(text)); err != nil || time.Duration(d) != want {
			t.Errorf("%q is %s, %v; want %s", text, time.Duration(d), err, want)
		}
		var again config.Duration
		written, err := d.MarshalText()
		if err != nil || again.UnmarshalText(written) != nil || again != d {
			t.Errorf("%q is written as %q and read back as %s", text, written, time.Duration(again))
		}
	}
	for text, want := range map[string]string{
		"": "is not a duration", "5": "is not a duration", "-5s": "is not a duration", "+5s": "is not a duration", "5 s": "is not a duration", "5S": "is not a duration",
		"1d": "is not a duration", ".5s": "is not a duration", "5.s": "is not a duration", "s": "is not a duration", "5s ": "is not a duration", "5s\n": "is not a duration",
		"1e3s": "is not a duration", "٥s": "is not a duration", "2562048h": "is longer than 292 years", "99999999999999999999s": "is longer than 292 years",
	} {
		d := config.Duration(7)
		if err := d.UnmarshalText([]byte(text)); err == nil || err.Error() != want || d != 7 {
			t.Errorf("%q is %s, %v; want %q and the value as it was", text, time.Duration(d), err, want)
		}
	}
}

func FuzzDurationsAreReadAsTheyAreWritten(f *testing.F) {
	for _, s := range []string{"1h30m", "0.5ns", "7µs", "-1s", "2562047h47m16.854775807s", "1h0m0s"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var d, again config.Duration
		if d.UnmarshalText([]byte(text)) != nil {
			return
		}
		if want, err := time.ParseDuration(text); err != nil || time.Duration(d) != want || d < 0 {
			t.Errorf("%q is %s, by package time %s, %v", text, time.Duration(d), want, err)
		}
		if err := again.UnmarshalText([]byte(d.String())); err != nil || again != d {
			t.Errorf("%q is written as %q: %v", text, d.String(), err)
		}
	})
}

func TestCacheFolder(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("other systems have other folders")
	}
	for _, c := range []struct {
		env, home, want string
		ok              bool
	}{
		{"", home, home + "/.cache/cloudtop", true}, {"/fast", home, "/fast/cloudtop", true}, {"/fast/", "", "/fast/cloudtop", true},
		{"relative", home, home + "/.cache/cloudtop", true}, {"~/x", home, home + "/.cache/cloudtop", true}, {"", "", "", false}, {"relative", "", "", false},
	} {
		src := machine(texts{"XDG_CACHE_HOME": c.env}, nil)
		src.Home = c.home
		if got, ok := src.CacheDir(); got != c.want || ok != c.ok {
			t.Errorf("with %q and home %q: %q, %v; want %q, %v", c.env, c.home, got, ok, c.want, c.ok)
		}
	}
}

func TestPathsAreExpandedAtTheirBeginningOnly(t *testing.T) {
	t.Parallel()
	env := texts{"DIR": "/dir", "XDG_CONFIG_HOME": "/xdg", "REL": "rel"}
	for path, want := range map[string]string{
		"~": home, "~/": home, "~/a/../b": home + "/b", "$HOME/a": home + "/a", "$HOME": home, "$DIR/a": "/dir/a", "$DIR": "/dir", "$REL/a": "rel/a",
		"$NONE/a": "$NONE/a", "$": "$", "a/~/b": "a/~/b", "a/$DIR": "a/$DIR", "~other/a": "~other/a", "/abs": "/abs", "$XDG_CONFIG_HOME/a": "/xdg/a", "${DIR}/a": "${DIR}/a",
	} {
		if got := machine(env, nil).Path(path); got != want {
			t.Errorf("%q is %q, want %q", path, got, want)
		}
	}
}

func TestFilesOfCredentialsMayStandBehindVariables(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, file string
		env, files texts
		source     string // "" = none is found
		failure    string
	}{
		{"a variable", "$DIR/k", texts{"DIR": "/d"}, texts{"/d/k": "v\n"}, "/d/k", ""},
		{"a variable that is the path", "$KEY", texts{"KEY": "/d/k"}, texts{"/d/k": "v"}, "/d/k", ""},
		{"a variable that is not set", "$DIR/k", nil, nil, "", "no credential found: looked in $DIR/k"},
		{"a file that is not there", "/d/k", nil, nil, "", "no usable credential: /d/k: file does not exist"},
		{"an empty file", "~/k", nil, texts{"k": " \n"}, "", "no usable credential: ~/k: it has no api_key"},
		{"a file that cannot be read", "~/k", nil, texts{"k": "ERROR permission denied"}, "", "no usable credential: ~/k: permission denied"},
		{"a path that is no clean one", "~/x/../k", nil, texts{"k": "v"}, "~/k", ""},
	} {
		cfg := read(t, `{"providers": {"vastai": {"auth": {"key_file": "`+c.file+`"}}}}`)
		r := resolved(t, cfg, machine(c.env, c.files), "vastai")
		if c.failure == "" {
			if got := r.Config.Credential; r.Err != nil || got.Source != c.source || got.Values["api_key"] != "v" {
				t.Errorf("%s: got %s, %v; want it from %s", c.name, got, r.Err, c.source)
			}
			continue
		}
		e, ok := errors.AsType[*cloud.Error](r.Err)
		if !ok || e.Message() != c.failure || !r.Enabled {
			t.Errorf("%s: got %v, want %s of a provider that is enabled: the file names it", c.name, r.Err, c.failure)
		}
		if broken := strings.Contains(c.failure, "usable"); ok && broken != (e.Kind == cloud.KindConfig) || broken && !strings.Contains(e.Hint, "providers.vastai.auth.key_file") {
			t.Errorf("%s: kind %s, hint %q", c.name, e.Kind, e.Hint)
		}
	}
}

func TestOptionsHaveTheirTypes(t *testing.T) {
	t.Parallel()
	c := read(t, `{"providers": {"cf": {"options": {"account_id": "", "zones": [], "sample": 1e2, "free_plan": false}}}}`)
	want := config.Options{"account_id": "", "zones": []string{}, "sample": 100.0, "free_plan": false}
	if got := c.Providers["cloudflare"].Options; !reflect.DeepEqual(got, want) {
		t.Errorf("got %#v, want %#v", got, want)
	}
	if got := read(t, `{"providers": {"cf": {}}}`).Providers["cloudflare"].Options; got != nil {
		t.Errorf("options that are not there are %#v, want none", got)
	}
}

func TestServicesMayBeNamesAliasesAndClasses(t *testing.T) {
	t.Parallel()
	c := read(t, `{"providers": {"oracle": {"services": ["instances", "compute", "database", "autonomous_db", "compute"], "regions": ["r", "R"]}, "neon": {"services": []}}}`)
	if got, want := c.Providers["oracle"].Services, (config.Services{"instances", "compute", "database", "autonomous_db", "compute"}); !slices.Equal(got, want) {
		t.Errorf("services are %q, want %q as they stand", got, want)
	}
	if got := c.Providers["oracle"].Regions; !slices.Equal(got, config.Regions{"r", "R"}) {
		t.Errorf("regions are %q", got)
	}
	if got := c.Providers["neon"].Services; got == nil || len(got) != 0 {
		t.Errorf("no services are %#v, want an empty list", got)
	}
	for _, wrong := range []string{"Compute", "storage", "oracle/compute", ""} {
		if _, err := config.Read("c", []byte(`{"providers": {"oracle": {"services": ["`+wrong+`"]}}}`), clouds()); err == nil {
			t.Errorf("service %q is taken", wrong)
		}
	}
}

func TestNumbersAreTakenAsJSONWritesThem(t *testing.T) {
	t.Parallel()
	for part, want := range map[string]string{
		`"cache": {"max_size": 0}`: "", `"cache": {"max_size": -0}`: "", `"cache": {"max_size": 9223372036854775807}`: "",
		`"cache": {"max_size": 1e2}`: "1e2 is not possible", `"cache": {"max_size": 10.0}`: "10.0 is not possible", `"cache": {"max_size": null}`: "is null",
		`"defaults": {"retry": {"factor": 1}}`: "", `"defaults": {"retry": {"factor": 1e0}}`: "", `"defaults": {"retry": {"factor": 0.9999999999999999}}`: "is not possible",
		`"defaults": {"retry": {"factor": 1e308}}`: "", `"defaults": {"retry": {"factor": 1e309}}`: "1e309 is not possible",
		`"defaults": {"retry": {"max_retries": 111111111111111111111111111}}`: "this text is not possible",
	} {
		_, err := config.Read("c", []byte(`{`+part+`}`), clouds())
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", part, err, want)
		}
	}
}

func TestKeysAreWhatTheirEscapesMean(t *testing.T) {
	t.Parallel()
	c := read(t, `{"\u0063ache": {"t\u0074l": "1\u0073"}}`)
	if time.Duration(c.Cache.TTL) != time.Second {
		t.Errorf("ttl is %s, want 1s", c.Cache.TTL)
	}
	_, err := config.Read("c", []byte(`{"cache": {}, "\u0063ache": {}}`), clouds())
	if want := "c:1:15: cache: is here twice, first in line 1: expected each key once"; fmt.Sprint(err) != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestKeysThatAreNoWordsAreQuotedInPaths(t *testing.T) {
	t.Parallel()
	for key, want := range map[string]string{
		"": `c:1:2: "": unknown key`, "a b": `c:1:2: "a b": unknown key`, "a.b": `c:1:2: "a.b": unknown key`, "é": `c:1:2: "é": unknown key`,
		"$x": "c:1:2: $x: unknown key", "A-1": "c:1:2: A-1: unknown key", `\u001b[31m`: `c:1:2: "\x1b[31m": unknown key`, `\u202e`: `c:1:2: "\u202e": unknown key`,
		strings.Repeat("x", 24): "c:1:2: " + strings.Repeat("x", 24) + ": unknown key", strings.Repeat("x", 25): "c:1:2: this text: unknown key",
	} {
		_, err := config.Read("c", []byte(`{"`+key+`": 1}`), clouds())
		if !strings.HasPrefix(fmt.Sprint(err), want) {
			t.Errorf("key %q: %v, want %s", key, err, want)
		}
	}
}

func TestColumnsOfErrorsCountCharacters(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`{"$schema": "日本🚀", "versio": 1}`: "c:1:20: versio", "{\n\t\"versio\": 1}": "c:2:2: versio", "{\r\n\"versio\": 1}": "c:2:1: versio",
		`{"version":"1.0","cache":{"ttl":"x"}}`: "c:1:33: cache.ttl", "{\"$schema\": \"\xff\", \"versio\": 1}": "c:1:18: versio",
	} {
		_, err := config.Read("c", []byte(text), clouds())
		if !strings.HasPrefix(fmt.Sprint(err), want+":") {
			t.Errorf("%q: %v, want it at %s", text, err, want)
		}
	}
}

func TestAnErrorIsWholeWithoutItsParts(t *testing.T) {
	t.Parallel()
	for want, e := range map[string]config.Error{
		"f:1:2: p":                {File: "f", Line: 1, Column: 2, Problem: "p"},
		"f:1:2: a.b: p":           {File: "f", Line: 1, Column: 2, Field: "a.b", Problem: "p"},
		"f:1:2: p: expected e":    {File: "f", Line: 1, Column: 2, Problem: "p", Expected: "e"},
		"f:1:2: a: p: expected e": {File: "f", Line: 1, Column: 2, Field: "a", Problem: "p", Expected: "e"},
	} {
		if got := e.Error(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestDeepJSONIsAnErrorAndNoCrash(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		`{"cache": ` + strings.Repeat("[", 9000) + strings.Repeat("]", 9000) + `}`, strings.Repeat("[", 20_000), strings.Repeat(`{"a":`, 20_000),
		`{"providers": {"cf": {"options": ` + strings.Repeat(`{"zones":`, 5000) + "1" + strings.Repeat("}", 5000) + `}}}`,
	} {
		_, err := config.Read("c", []byte(text), clouds())
		if errs := split(err); len(errs) == 0 || errs[0].Line != 1 || len(err.Error()) > 400 {
			t.Errorf("%.30s…: %.500v, want a short error in line 1", text, err)
		}
	}
}

func TestSecretsAreMaskedHoweverTheyAreWritten(t *testing.T) {
	t.Parallel()
	secret, auth := config.Secret(marker), config.Auth{"api_key": marker}
	for _, form := range []string{"%s", "%v", "%+v", "%#v", "%q"} {
		for _, v := range []any{secret, auth, &secret, []config.Secret{secret}, map[string]config.Auth{"a": auth}, struct{ S config.Secret }{secret}} {
			if got := fmt.Sprintf(form, v); strings.Contains(got, marker) {
				t.Errorf("%s of %T is %s", form, v, got)
			}
		}
	}
	for _, handler := range []func(*bytes.Buffer) slog.Handler{
		func(b *bytes.Buffer) slog.Handler { return slog.NewJSONHandler(b, nil) }, func(b *bytes.Buffer) slog.Handler { return slog.NewTextHandler(b, nil) },
	} {
		var log bytes.Buffer
		slog.New(handler(&log)).Info("x", "secret", secret, slog.Group("g", "auth", auth))
		if strings.Contains(log.String(), marker) || strings.Count(log.String(), "****") != 2 {
			t.Errorf("the log says %s", &log)
		}
	}
}

func TestWarningsCannotBeChangedFromOutside(t *testing.T) {
	t.Parallel()
	src := machine(nil, texts{"c.json": `{"providers": {"vastai": {"auth": {"api_key": "k"}}}}`})
	src.Mode = func(string) (fs.FileMode, error) { return 0o644, nil }
	c, err := config.Load(src, home+"/c.json", true, clouds())
	if err != nil || len(c.Warnings()) != 1 {
		t.Fatalf("%v, warnings %q; want one", err, c.Warnings())
	}
	want := "/home/me/c.json holds a secret and others can read it (mode 0644): run chmod 600 /home/me/c.json"
	if c.Warnings()[0] != want {
		t.Errorf("got %q, want %q", c.Warnings()[0], want)
	}
	c.Warnings()[0] = "changed"
	if c.Warnings()[0] != want {
		t.Error("a caller can change the warnings")
	}
	if !bytes.Contains(c.View(src, clouds()), []byte("chmod 600")) {
		t.Error("the view does not show the warning")
	}
}

func TestPermissionsThatNobodyKnowsAreNoWarning(t *testing.T) {
	t.Parallel()
	for name, mode := range map[string]func(string) (fs.FileMode, error){
		"a system without them": nil, "an error": func(string) (fs.FileMode, error) { return 0o777, fs.ErrPermission },
	} {
		src := machine(nil, texts{"c.json": `{"providers": {"vastai": {"auth": {"api_key": "k"}}}}`})
		src.Mode = mode
		if c, err := config.Load(src, home+"/c.json", true, clouds()); err != nil || len(c.Warnings()) != 0 {
			t.Errorf("%s: %v, warnings %q; want none", name, err, c.Warnings())
		}
	}
}

func TestTheViewSaysOfEachProviderHowItStands(t *testing.T) {
	t.Parallel()
	c := read(t, `{"providers": {"neon": {"enabled": false}, "io": {"services": ["gpu"]}, "azure": {"auth": {"method": "oauth", "tenant_id": "t"}}}}`)
	var view struct {
		Providers map[string]struct {
			Enabled, Configured bool
			Services            []string
			Auth                map[string]string
			Credential          struct {
				Method, Found, Error, Hint string
				Looked                     []string `json:"looked_at"`
			}
		}
	}
	if err := json.Unmarshal(c.View(machine(texts{"NEON_API_KEY": "k", "VAST_API_KEY": "k"}, nil), clouds()), &view); err != nil {
		t.Fatal(err)
	}
	if len(view.Providers) != len(clouds()) {
		t.Errorf("%d providers, want all %d", len(view.Providers), len(clouds()))
	}
	for name, want := range map[string]string{ // enabled, configured, found, error
		"neon":   "false true environment NEON_API_KEY ",
		"vastai": "true false environment VAST_API_KEY ",
		"runpod": "true true  no credential found: looked in the environment for RUNPOD_API_KEY",
		"azure":  "true true  no complete credential: set environment AZURE_CLIENT_ID, environment AZURE_CLIENT_SECRET",
		"gcp":    "false false  no credential found: looked in $GOOGLE_APPLICATION_CREDENTIALS and ~/.gcp/service-account.json",
	} {
		p := view.Providers[name]
		if got := fmt.Sprint(p.Enabled, " ", p.Configured, " ", p.Credential.Found, " ", p.Credential.Error); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
		if (p.Credential.Error == "") != (len(p.Credential.Looked) == 0) {
			t.Errorf("%s: looked at %q with error %q: the places are told where nothing was found", name, p.Credential.Looked, p.Credential.Error)
		}
	}
	if got := view.Providers["azure"].Auth; !reflect.DeepEqual(got, map[string]string{"method": "oauth", "tenant_id": "t"}) {
		t.Errorf("azure's auth is %q: what is no secret is shown", got)
	}
	if got := view.Providers["runpod"].Services; !slices.Equal(got, []string{"gpu"}) {
		t.Errorf("runpod's services are %q", got)
	}
}

func TestTheConfigurationIsNotChangedByLooking(t *testing.T) {
	t.Parallel()
	text := string(product(t))
	c, src := read(t, text), machine(texts{"VAST_API_KEY": "k"}, texts{".oci/config": "user=u\nfingerprint=f"})
	first := c.View(src, clouds())
	c.Resolve(src, clouds())
	if again := c.View(src, clouds()); !bytes.Equal(first, again) {
		t.Error("two views of one configuration differ")
	}
	if !reflect.DeepEqual(c, read(t, text)) {
		t.Error("looking has changed the configuration")
	}
	if a, b := config.Default(), config.Default(); a == b || !reflect.DeepEqual(a, b) {
		t.Error("the default is not made anew for each caller")
	}
}
