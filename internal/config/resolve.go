package config

import (
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/provider"
)

// Resolved is what holds for one provider.
type Resolved struct {
	Spec       *provider.Spec
	Configured bool                    // the configuration names it
	Enabled    bool                    // so says the configuration; without it: there is a credential, be it a broken one
	Config     provider.ProviderConfig // Credential, Services, Regions, Options, RateLimit, Retry and ReadFile are set
	Err        error                   // a *cloud.Error: why there is no credential
	Looked     []string                // every place looked at, in order: "environment VAST_API_KEY", "~/.oci/config"
	Warnings   []string                // what is wrong with credentials that were passed over

	found *found
}

// Resolve finds each provider's credential and settles what holds for it, in the registry's order.
func (c *Config) Resolve(src Source, reg provider.Registry) []Resolved {
	out := make([]Resolved, len(reg))
	for i, s := range reg {
		out[i] = c.resolve(src, s)
	}
	return out
}

func (c *Config) resolve(src Source, s *provider.Spec) Resolved {
	p, configured := c.Providers[s.Name]
	if !configured {
		p = defaultProvider()
	}
	r := Resolved{Spec: s, Configured: configured, Enabled: p.Enabled, Config: provider.ProviderConfig{
		Name: s.Name, Services: p.Services, Regions: p.Regions, Options: p.Options, RateLimit: p.RateLimit.limit(),
		Retry: c.Defaults.Retry.Policy(), ReadFile: func(path string) ([]byte, error) {
			path, _ = src.expand(path)
			return src.ReadFile(path)
		},
	}}
	look := &search{src: src, spec: s, auth: p.Auth, dir: c.dir, where: func(key string) string {
		if line := c.lines[s.Name+"."+key]; line > 0 {
			return src.short(c.file) + ":" + strconv.Itoa(line)
		}
		return ""
	}}
	r.found = look.run()
	r.Looked = look.looked
	if r.found != nil {
		r.Config.Credential = r.found.Credential
		for _, fault := range look.faults {
			r.Warnings = append(r.Warnings, s.Name+": "+fault+"; "+r.found.Source+" is used instead")
		}
		return r
	}
	r.Err = look.failure()
	r.Enabled = p.Enabled && (configured || len(look.faults) > 0)
	return r
}

// limit returns the limit as the chain takes it, nil where the provider's own hold.
func (l *RateLimit) limit() *provider.RateLimit {
	if l == nil {
		return nil
	}
	burst := l.Burst
	if burst == 0 {
		burst = int(min(math.Ceil(l.RequestsPerSecond), math.MaxInt32))
	}
	return &provider.RateLimit{PerSecond: l.RequestsPerSecond, Burst: burst, Timeout: time.Duration(l.Timeout)}
}

// failure says why there is no credential and what to do.
func (s *search) failure() *cloud.Error {
	e := &cloud.Error{Kind: cloud.KindAuth, Op: s.spec.Name, Hint: s.help()}
	switch {
	case len(s.faults) > 0:
		e.Detail = "no usable credential: " + strings.Join(s.faults, "; ")
		if file := s.auth[keyFileKey]; file != "" {
			e.Kind, e.Hint = cloud.KindConfig, "mend the file or "+s.key(keyFileKey)+s.in(keyFileKey, " (%s)")
		}
	case len(s.lacks) > 0:
		e.Detail = "no complete credential: set " + strings.Join(unique(s.lacks), ", or ")
	default:
		e.Detail = NotFound(s.looked)
	}
	return e
}

// help returns the first way's help for a person, with the names that the configuration gives.
func (s *search) help() string {
	for _, w := range fitting(s.spec, s.auth) {
		if w.Help == "" {
			continue
		}
		p := provider.Place{Instead: s.instead(&w, nil)}
		var parts []string
		for _, f := range w.Fields {
			variable, at := s.auth[envPrefix+f.Name], s.where(envPrefix+f.Name)
			if variable != "" && at != "" && !f.Optional {
				parts = append(parts, at+" names "+s.variable(f.Name, variable))
			}
		}
		return strings.Join(append(parts, p.Name(w.Help)), "; ")
	}
	return ""
}
