package config

import "github.com/adsops/cloudtop/internal/provider"

// Example returns a configuration to start from: every default, and the providers that a credential is found for. It
// says where credentials are, never what they are. A provider that is not in it is used as soon as it has a credential.
func Example(src Source, reg provider.Registry) []byte {
	c := Default()
	c.Providers = Providers{}
	for _, r := range Default().Resolve(src, reg) {
		if r.found != nil {
			c.Providers[r.Spec.Name] = &Provider{Enabled: true, Auth: r.found.auth()}
		}
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
