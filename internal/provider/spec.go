// Package provider is the contract between cloudtop and a cloud: what a provider must write (Spec and Driver), what
// it may write beside that (the capabilities), and what callers hold (Conn).
package provider

import (
	"context"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/httpx"
)

// Spec describes a provider. It is plain data and the only source for the registry, flags, configuration checks,
// completion, the documentation page, the least-privilege text and the test suite.
type Spec struct {
	Name    string   // "vastai": the key in configuration, JSON and file names
	Title   string   // "Vast.ai"
	Aliases []string // other names that --ai and --provider take: "vast"
	Short   string   // one-letter flag: "o"; may be empty
	AI      bool     // a GPU cloud: --ai takes it

	Hosts    []string        // the hosts it may call, '*' for any run of characters
	Queries  []httpx.Pattern // the POST calls that only read
	Limits   []httpx.Limit   // published limits
	Services []Service
	Auth     []AuthMethod // in the order in which they are looked for
	Options  []Option     // keys of "options" in the configuration

	// Permissions is the least that the credential needs, as text for a person to paste into the provider's console.
	Permissions string
	// Docs are the pages that the facts in the driver come from.
	Docs []string
	// Asks are the calls that a run takes, for `cloudtop --explain`.
	Asks []Ask
	// Bill is what reading costs beside the calls; nil = nothing.
	Bill *Bill
	// CostNote warns of what the provider bills for being asked: "$0.50 per million time series"; may be empty.
	CostNote string

	// Classify says what an answer that is not a success means; nil = by status and headers alone.
	Classify func(status int, h http.Header, body []byte) httpx.Fault
	// Open returns the driver. It makes no call to the provider and does not block.
	Open func(ctx context.Context, env Env) (Driver, error)
}

// Service is one kind of thing that a provider runs, listed by itself.
type Service struct {
	Name       string        // "autonomous_db": what --service and the configuration take
	Title      string        // "Autonomous Database"
	Aliases    []string      // other names that --service and the configuration take
	Classes    []cloud.Class // the first is what it mainly is
	Regional   bool          // listed region by region; false = once per account
	Permission string        // what the credential needs to read it
	Metrics    []string      // the metrics it can have (cloud.CPUUsagePercent ...)
	Delay      time.Duration // how late its metrics are; 0 = none or unknown
	Step       time.Duration // how often the provider measures; 0 = unknown
}

// Is reports whether name is the service's name, one of its aliases or one of its classes.
func (s *Service) Is(name string) bool {
	return s.Name == name || slices.Contains(s.Aliases, name) || slices.Contains(s.Classes, cloud.Class(name))
}

// AuthMethod is one way to prove to the provider who we are.
type AuthMethod struct {
	Name   string      // api_key | oauth | service_account | environment
	Fields []AuthField // what it is made of
	Files  []string    // where the provider's own tools keep it; "~" and "$XDG_CONFIG_HOME" are expanded
	// Parse reads such a file into values by field name. Nil: the trimmed file is the first field's value. An error
	// that is fs.ErrNotExist says that the file holds no credential at all: it counts as if it were not there.
	Parse func(data []byte, getenv func(string) string) (map[string]string, error)
	// Ambient is true where the method needs neither field nor file (an instance's own identity); it is used only
	// when the configuration names it.
	Ambient bool
	// Program is the vendor's own program that hands out the tokens ("az"); empty where none is needed.
	Program string
	Help    string // where a person gets the credential
}

// AuthField is one value of a credential.
type AuthField struct {
	Name     string   // "api_key"
	Env      []string // environment variables, first one set wins
	Secret   bool
	Optional bool
}

// Option is a key of "options" in a provider's configuration.
type Option struct {
	Name string
	Type string // string | bool | number | strings
	Help string
	// Values are what a string may be; empty = anything.
	Values []string
}

// Credential is what was found. It prints as its source: values never reach a log or an error.
type Credential struct {
	Method string
	Source string            // where it was found: "VAST_API_KEY", "~/.oci/config [DEFAULT]"
	File   string            // the file it was read from, absolute; may be empty
	Values map[string]string // by AuthField.Name
	Place  Place
}

// Place says where a credential is, to a person who must mend it. It holds no secret.
type Place struct {
	Text string // "environment MY_KEY (named in ~/.config/cloudtop/config.json:12)"; may be empty
	// Instead is what holds in place of the names that the provider's hints speak of: "VAST_API_KEY" -> "MY_KEY".
	Instead map[string]string
}

// String returns the source.
func (c Credential) String() string { return c.Method + " from " + c.Source }

// GoString returns the source: %#v must not print secrets either.
func (c Credential) GoString() string { return c.String() }

// MarshalText returns the source: neither JSON nor any other encoding shows secrets.
func (c Credential) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// LogValue implements slog.LogValuer.
func (c Credential) LogValue() slog.Value { return slog.StringValue(c.String()) }

// Env is all that a driver gets.
type Env struct {
	Config ProviderConfig
	HTTP   *http.Client // every call goes through it
	Log    *slog.Logger
	Now    func() time.Time
}

// API returns a JSON client for base whose errors name the provider and never show the credential.
func (e Env) API(base string, authorize func(*http.Request) error) *httpx.API {
	a := &httpx.API{HTTP: e.HTTP, Provider: e.Config.Name, Base: base, Authorize: authorize}
	if e.Config.secrets != nil {
		a.Secrets = e.Config.secrets()
	}
	return a
}

// KeyAPI is API for a provider whose whole credential is the value api_key, sent as a bearer token. hint says where a
// key comes from.
func (e Env) KeyAPI(base, hint string) (*httpx.API, error) {
	key := strings.TrimSpace(e.Config.Value("api_key"))
	if key == "" {
		return nil, &cloud.Error{Kind: cloud.KindAuth, Detail: "no API key", Hint: hint}
	}
	return e.API(base, func(r *http.Request) error {
		r.Header.Set("Authorization", "Bearer "+key)
		return nil
	}), nil
}

// Service returns the named service, which the Spec must have.
func (s *Spec) Service(name string) (Service, bool) {
	for _, svc := range s.Services {
		if svc.Name == name {
			return svc, true
		}
	}
	return Service{}, false
}

// Among returns the services that each of the lists names, classifies or, being empty, leaves open.
func (s *Spec) Among(lists ...[]string) []Service {
	var out []Service
	for _, svc := range s.Services {
		if !slices.ContainsFunc(lists, func(names []string) bool { return len(names) > 0 && !slices.ContainsFunc(names, svc.Is) }) {
			out = append(out, svc)
		}
	}
	return out
}

// Called reports whether name is the provider's name or one of its aliases, whatever the case.
func (s *Spec) Called(name string) bool {
	same := func(n string) bool { return strings.EqualFold(n, name) }
	return same(s.Name) || slices.ContainsFunc(s.Aliases, same)
}

// Registry is a list of providers in the order in which they are shown.
type Registry []*Spec

// Lookup returns the provider of that name or alias.
func (r Registry) Lookup(name string) (*Spec, bool) {
	i := slices.IndexFunc(r, func(s *Spec) bool { return s.Called(name) })
	if i < 0 {
		return nil, false
	}
	return r[i], true
}

// Names returns the names of all providers.
func (r Registry) Names() []string {
	names := make([]string, len(r))
	for i, s := range r {
		names[i] = s.Name
	}
	return names
}
