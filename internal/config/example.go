package config

import (
	"slices"

	"github.com/adsops/cloudtop/internal/provider"
)

// Example returns a configuration to start from: every default, and every provider of the registry, enabled where a
// credential is found. It says where credentials are, never what they are, and changes nothing.
func Example(src Source, reg provider.Registry) []byte {
	c := Default()
	c.Providers = Providers{}
	for _, r := range Default().Resolve(src, reg) {
		p := &Provider{Enabled: r.found != nil}
		if r.found != nil {
			p.Auth = r.found.auth()
		} else if len(r.Spec.Auth) > 0 {
			p.Auth = usual(&r.Spec.Auth[0], r.Spec)
		}
		c.Providers[r.Spec.Name] = p
	}
	return indented(c)
}

// auth returns the "auth" that finds the credential again.
func (f *found) auth() Auth {
	a := Auth{methodKey: f.Method}
	for name, variable := range f.vars {
		a[envPrefix+name] = variable
	}
	if f.file != "" {
		a[keyFileKey] = f.file
	}
	return a
}

// usual returns the "auth" of a credential that is where it usually is.
func usual(m *provider.AuthMethod, s *provider.Spec) Auth {
	a := Auth{methodKey: m.Name}
	if i := slices.IndexFunc(m.Files, func(f string) bool { return !isVariable(f) }); i >= 0 && m.Parse != nil {
		a[keyFileKey] = m.Files[i]
		return a
	}
	for _, f := range m.Fields {
		if !f.Optional {
			a[envPrefix+f.Name] = exampleVariable(s, f.Name)
		}
	}
	return a
}
