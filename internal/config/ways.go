package config

import (
	"slices"

	"github.com/adsops/cloudtop/internal/provider"
)

// The keys of "auth" that every provider has, and the prefix of those that name an environment variable.
const (
	methodKey   = "method"
	keyFileKey  = "key_file"
	envPrefix   = "env_"
	environment = "environment" // the method that reads no file
)

// way is one way to find a provider's credential.
type way struct {
	provider.AuthMethod
	name    string // as "method" takes it
	only    bool   // used only where the configuration names it
	envOnly bool   // values stand in the environment, nowhere else
}

// waysOf returns every way in the order in which they are tried: the Spec's own, and as the method "environment" each
// of them without files.
func waysOf(s *provider.Spec) []way {
	var own, env []way
	for _, m := range s.Auth {
		own = append(own, way{AuthMethod: m, name: m.Name, only: m.Ambient})
		if slices.ContainsFunc(m.Fields, func(f provider.AuthField) bool { return len(f.Env) > 0 }) {
			m.Files, m.Parse = nil, nil
			env = append(env, way{AuthMethod: m, name: environment, only: true, envOnly: true})
		}
	}
	return append(own, env...)
}

// keys are the keys of "auth" that the way takes.
func (w *way) keys() []string {
	keys := []string{methodKey}
	if w.takesFile() {
		keys = append(keys, keyFileKey)
	}
	for _, f := range w.Fields {
		if f.Name == methodKey || f.Name == keyFileKey {
			continue
		}
		if !w.envOnly {
			keys = append(keys, f.Name)
		}
		keys = append(keys, envPrefix+f.Name)
	}
	return keys
}

// takesFile reports whether a file can hold the credential.
func (w *way) takesFile() bool {
	needed := 0
	for _, f := range w.Fields {
		if !f.Optional {
			needed++
		}
	}
	return !w.envOnly && !w.Ambient && (len(w.Files) > 0 || w.Parse != nil || needed == 1)
}

// fits reports whether the way is what a provider's "auth" asks for.
func (w *way) fits(a Auth) bool {
	if a[methodKey] != w.name && (a[methodKey] != "" || w.only) {
		return false
	}
	keys := w.keys()
	for key := range a {
		if !slices.Contains(keys, key) {
			return false
		}
	}
	return true
}

// fitting returns the ways that a provider's "auth" asks for.
func fitting(s *provider.Spec, a Auth) []way {
	return slices.DeleteFunc(waysOf(s), func(w way) bool { return !w.fits(a) })
}

// methodNames returns what "method" may be.
func methodNames(s *provider.Spec) []string {
	var names []string
	for _, w := range waysOf(s) {
		names = append(names, w.name)
	}
	return unique(names)
}

// authKeys returns the keys that "auth" takes with a method; with all methods where it is none of the provider's.
func authKeys(s *provider.Spec, method string) []string {
	known := slices.Contains(methodNames(s), method)
	var keys []string
	for _, w := range waysOf(s) {
		if !known || w.name == method {
			keys = append(keys, w.keys()...)
		}
	}
	return unique(keys)
}
