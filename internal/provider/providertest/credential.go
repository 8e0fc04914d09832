package providertest

import (
	"cmp"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/provider"
	"github.com/adsops/cloudtop/internal/sim"
)

// given returns the values that the simulator's credentials have for a field, by environment and by name.
func (s *suite) given(c sim.Credentials, f provider.AuthField) []string {
	var out []string
	for _, env := range f.Env {
		if v := c.Env[env]; v != "" {
			out = append(out, v)
		}
	}
	if v := c.Values[f.Name]; v != "" {
		out = append(out, v)
	}
	return out
}

// credentials returns every credential that the simulator's environment, files and values make, by the same ways as a
// user's configuration: method by method, environment first, then the vendor's file, then values written out.
func (x *session) credentials() []provider.Credential {
	x.Helper()
	var all []provider.Credential
	home := x.TempDir()
	env, err := install(x.cloud.Credentials(), home)
	if err != nil {
		x.Fatalf("install the simulator's credentials: %v", err)
	}
	for _, m := range x.suite.spec.Auth {
		if m.Ambient {
			continue
		}
		if values := fromEnv(m, env); values != nil {
			all = append(all, provider.Credential{Method: m.Name, Source: "environment", Values: values})
		}
		if c, err := fromFile(m, env, home); err != nil {
			x.Errorf("%s: %v", m.Name, err)
		} else if c != nil {
			all = append(all, *c)
		}
		if values := fromValues(m, x.cloud.Credentials().Values, home); values != nil {
			all = append(all, provider.Credential{Method: m.Name, Source: "configuration", Values: values})
		}
	}
	return all
}

// mainCredential returns the first credential that there is: the way that the Spec prefers.
func (x *session) mainCredential() provider.Credential {
	x.Helper()
	all := x.credentials()
	if len(all) == 0 {
		x.Fatalf("the simulator's credentials fit no method of Spec.Auth")
	}
	return all[0]
}

// install writes the files of c below home and returns its environment.
func install(c sim.Credentials, home string) (map[string]string, error) {
	env := map[string]string{"HOME": home}
	for k, v := range c.Env {
		env[k] = strings.ReplaceAll(v, "{home}", home)
	}
	for name, text := range c.Files {
		path := filepath.Join(home, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return nil, err
		}
		if err := os.WriteFile(path, []byte(strings.ReplaceAll(text, "{home}", home)), 0o600); err != nil {
			return nil, err
		}
	}
	return env, nil
}

func fromEnv(m provider.AuthMethod, env map[string]string) map[string]string {
	values := map[string]string{}
	for _, f := range m.Fields {
		for _, name := range f.Env {
			values[f.Name] = cmp.Or(values[f.Name], env[name])
		}
	}
	return whole(m, values)
}

func fromValues(m provider.AuthMethod, given map[string]string, home string) map[string]string {
	values := map[string]string{}
	for _, f := range m.Fields {
		values[f.Name] = strings.ReplaceAll(given[f.Name], "{home}", home)
	}
	return whole(m, values)
}

// whole returns the values that are set, nil where one that is needed is missing.
func whole(m provider.AuthMethod, values map[string]string) map[string]string {
	out := map[string]string{}
	for _, f := range m.Fields {
		if values[f.Name] != "" {
			out[f.Name] = values[f.Name]
		} else if !f.Optional {
			return nil
		}
	}
	if len(out) == 0 {
		return nil
	}
	return out
}

// fromFile returns the credential of the first of the method's files that there is, nil where there is none.
func fromFile(m provider.AuthMethod, env map[string]string, home string) (*provider.Credential, error) {
	for _, pattern := range m.Files {
		path := strings.ReplaceAll(pattern, "$XDG_CONFIG_HOME", filepath.Join(home, ".config"))
		if rest, ok := strings.CutPrefix(path, "~/"); ok {
			path = filepath.Join(home, filepath.FromSlash(rest))
		}
		data, err := os.ReadFile(path)
		if err != nil {
			continue
		}
		c := &provider.Credential{Method: m.Name, Source: pattern, File: path}
		if m.Parse == nil {
			c.Values = map[string]string{m.Fields[0].Name: strings.TrimSpace(string(data))}
			return c, nil
		}
		getenv := func(name string) string { return env[name] }
		if c.Values, err = m.Parse(data, getenv); err != nil {
			return nil, fmt.Errorf("read %s: %w", pattern, err)
		}
		return c, nil
	}
	return nil, nil //nolint:nilnil // no file is no error
}

// credentialChecks check every way to log in, and what a wrong credential does.
func (s *suite) credentialChecks() []check {
	return []check{
		{name: "credential/every method opens", run: s.everyMethodOpens},
		{name: "credential/a wrong one is refused once", run: s.wrongCredential},
		{name: "credential/none says what is missing", run: s.noCredential},
		{name: "credential/prints as its source", run: s.credentialPrints},
	}
}

func (s *suite) everyMethodOpens(t testing.TB) {
	all := s.prepare(t, setup{}).credentials()
	for _, m := range s.spec.Auth {
		ways := 0
		for _, c := range all {
			if c.Method == m.Name && (len(m.Fields) == 0 || fits(m, c)) {
				ways++
			}
		}
		if ways == 0 && !m.Ambient && m.Program == "" {
			t.Errorf("method %s: neither environment, files nor values of the simulator's credentials fit it", m.Name)
		}
	}
	for _, c := range all {
		x := s.open(t, setup{credential: &c})
		if n := len(x.tap.exchanges()); n != 0 {
			t.Errorf("%v: opening made %d calls, want none", c, n)
		}
		if err := x.conn.HealthCheck(t.Context()); err != nil {
			t.Errorf("%v: check: %v", c, err)
		}
		x.close()
	}
}

func fits(m provider.AuthMethod, c provider.Credential) bool {
	return !slices.ContainsFunc(m.Fields, func(f provider.AuthField) bool { return !f.Optional && c.Values[f.Name] == "" })
}

// wrongCredential changes each secret by itself.
func (s *suite) wrongCredential(t testing.TB) {
	good := s.prepare(t, setup{}).credential
	for _, m := range s.spec.Auth {
		for _, f := range m.Fields {
			if !f.Secret || m.Name != good.Method || good.Values[f.Name] == "" {
				continue
			}
			bad := good
			bad.File, bad.Values = "", maps.Clone(good.Values)
			bad.Values[f.Name] = spoil(good.Values[f.Name])
			x := s.prepare(t, setup{credential: &bad})
			x.connect()
			err := x.openErr
			if err == nil {
				err = x.conn.HealthCheck(t.Context())
			}
			e := kindOf(err)
			if e.Kind != cloud.KindAuth || e.Hint == "" {
				t.Errorf("wrong %s: got %v of kind %q with hint %q, want kind auth with a hint", f.Name, err, e.Kind, e.Hint)
			} else {
				x.mustBeGoodError("check", err)
			}
			made := map[call]int{}
			for _, e := range x.tap.exchanges() {
				if made[e.place()]++; made[e.place()] == 2 {
					t.Errorf("wrong %s: %s was called again", f.Name, e.place())
				}
			}
			x.close()
		}
	}
}

// spoil changes a secret but keeps its form.
func spoil(secret string) string {
	b := []byte(secret)
	for i := len(b) / 2; i < len(b); i++ {
		switch c := b[i]; {
		case c >= '0' && c <= '9':
			b[i] = '0' + (c-'0'+1)%10
			return string(b)
		case c >= 'a' && c <= 'z':
			b[i] = 'a' + (c-'a'+1)%26
			return string(b)
		case c >= 'A' && c <= 'Z':
			b[i] = 'A' + (c-'A'+1)%26
			return string(b)
		}
	}
	return secret + "x"
}

func (s *suite) noCredential(t testing.TB) {
	for _, m := range s.spec.Auth {
		if m.Ambient {
			continue
		}
		x := s.prepare(t, setup{credential: &provider.Credential{Method: m.Name, Source: "nowhere"}})
		x.connect()
		err := x.openErr
		if err == nil {
			err = x.conn.HealthCheck(t.Context())
		}
		if e := kindOf(err); e.Kind != cloud.KindAuth || e.Hint == "" {
			t.Errorf("method %s: got %v of kind %q with hint %q, want kind auth with a hint", m.Name, err, e.Kind, e.Hint)
		}
	}
}

// credentialPrints checks that no way to print a credential, or what holds it, shows a secret.
func (s *suite) credentialPrints(t testing.TB) {
	x := s.open(t, setup{})
	var logged strings.Builder
	slog.New(slog.NewTextHandler(&logged, nil)).Info("connected", "credential", x.credential, "config", x.conn.Config())
	asJSON, _ := json.Marshal(x.credential)
	texts := map[string]string{"slog": logged.String(), "json": string(asJSON)}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q"} {
		texts[verb] = fmt.Sprintf(verb, x.credential)
		texts[verb+" of the configuration"] = fmt.Sprintf(verb, x.conn.Config())
	}
	for how, text := range texts {
		if leak := x.secretIn(text); leak != "" {
			t.Errorf("printed with %s, it shows %s", how, leak)
		}
	}
	x.close()
}
