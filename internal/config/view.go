package config

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/url"
	"strings"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/provider"
)

// effective is the configuration as View prints it.
type effective struct {
	*Config
	Providers map[string]effectiveProvider `json:"providers"`
	Warnings  []string                     `json:"warnings,omitempty"`
}

type effectiveProvider struct {
	Provider
	Configured bool              `json:"configured"`
	Auth       map[string]string `json:"auth,omitempty"`
	Credential credential        `json:"credential"`
}

type credential struct {
	Method string   `json:"method,omitempty"`
	Found  string   `json:"found,omitempty"`
	Error  string   `json:"error,omitempty"`
	Hint   string   `json:"hint,omitempty"`
	Looked []string `json:"looked_at,omitempty"`
}

// View returns the configuration in force as JSON: defaults filled in, secrets as "****", and for each provider of
// the registry where its credential was found, or why not.
func (c *Config) View(src Source, reg provider.Registry) []byte {
	shown := *c
	shown.Cache.Redis.URL = maskURL(c.Cache.Redis.URL)
	all := c.Resolve(src, reg)
	out := effective{Config: &shown, Providers: map[string]effectiveProvider{}, Warnings: c.Warnings()}
	for i := range all {
		r := &all[i]
		out.Providers[r.Spec.Name] = c.effective(r)
		out.Warnings = append(out.Warnings, r.Warnings...)
	}
	return indented(out)
}

func (c *Config) effective(r *Resolved) effectiveProvider {
	p := c.Providers[r.Spec.Name]
	if p == nil {
		p = defaultProvider()
	}
	out := effectiveProvider{Provider: *p, Configured: r.Configured, Auth: map[string]string{}}
	out.Enabled = r.Enabled
	secret := secretFields(r.Spec)
	for key, value := range p.Auth {
		if secret[key] {
			value = masked
		}
		out.Auth[key] = value
	}
	if r.found != nil {
		out.Credential = credential{Method: r.found.Method, Found: r.found.Source}
	} else if e, ok := errors.AsType[*cloud.Error](r.Err); ok {
		out.Credential = credential{Error: e.Message(), Hint: e.Hint, Looked: r.Looked}
	}
	return out
}

// secretFields returns the names of the values that must never be seen.
func secretFields(s *provider.Spec) map[string]bool {
	secret := map[string]bool{}
	for _, m := range s.Auth {
		for _, f := range m.Fields {
			if f.Secret {
				secret[f.Name] = true
			}
		}
	}
	return secret
}

// maskURL masks the password of an address, and all of what is no address.
func maskURL(s Secret) Secret {
	u, err := url.Parse(string(s))
	if err != nil {
		return masked
	}
	if _, has := u.User.Password(); !has {
		return s
	}
	u.User = url.UserPassword(u.User.Username(), "PASSWORD")
	return Secret(strings.Replace(u.String(), ":PASSWORD@", ":"+masked+"@", 1))
}

// indented returns v as JSON for people.
func indented(v any) []byte {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(v); err != nil {
		panic("config: " + err.Error()) // a type of ours that is no JSON
	}
	return b.Bytes()
}
