// Package config reads cloudtop's configuration: one JSON file, read strictly, with every error at its line and
// column; and finds the credentials that the environment and the providers' own tools already hold, so that no file
// is needed at all.
package config

import (
	"slices"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/provider"
	"github.com/adsops/cloudtop/pkg/retry"
)

// Config is the configuration. Its json tags are the file's keys, its jsonschema tags what the reader checks and the
// published schema says, its comments the schema's descriptions.
type Config struct {
	Schema    string    `json:"$schema,omitempty"`                         // where an editor finds the schema; cloudtop does not read it
	Version   string    `json:"version" jsonschema:"enum=1.0,default=1.0"` // version of this format
	Defaults  Defaults  `json:"defaults"`                                  // what flags say otherwise
	Cache     Cache     `json:"cache"`                                     // what is kept of earlier answers
	Output    Output    `json:"output"`                                    // how tables look
	Providers Providers `json:"providers,omitempty"`                       // the clouds, by name or alias; one that is not here is used where a credential is found

	dir      string         // the file's folder: relative paths in it start there
	file     string         // what people call it; set where lines is
	lines    map[string]int // where "auth" says what: "vastai.env_api_key" -> 12
	warnings []string
}

// Defaults are what holds where no flag says otherwise.
type Defaults struct {
	RefreshInterval Duration `json:"refresh_interval" jsonschema:"minimum=1s,maximum=8760h,default=30s"`                                                   // time between two rounds of --refresh: 1s or more
	OutputFormat    string   `json:"output_format" jsonschema:"enum=table,enum=wide,enum=json,enum=ndjson,enum=csv,enum=yaml,enum=markdown,default=table"` // as --output takes it
	ShowCached      bool     `json:"show_cached" jsonschema:"default=true"`                                                                                // show the last picture at once, with its age, then refresh it
	Retry           Retry    `json:"retry"`                                                                                                                // how failed calls are repeated
}

// Retry says how calls that failed for a passing reason are repeated. Authentication errors never are.
type Retry struct {
	MaxRetries   int      `json:"max_retries" jsonschema:"minimum=0,default=3"`        // tries after the first
	InitialDelay Duration `json:"initial_delay" jsonschema:"maximum=8760h,default=1s"` // longest wait before the first of them
	MaxDelay     Duration `json:"max_delay" jsonschema:"maximum=8760h,default=30s"`    // longest wait before any of them
	Factor       float64  `json:"factor" jsonschema:"minimum=1,default=2"`             // growth of the wait from one to the next
}

// Cache says what is kept of earlier answers, and where.
type Cache struct {
	Enabled bool     `json:"enabled" jsonschema:"default=true"`                                    // false asks the providers every time
	Backend string   `json:"backend" jsonschema:"enum=memory,enum=file,enum=redis,default=memory"` // where it is kept
	TTL     Duration `json:"ttl" jsonschema:"maximum=8760h,default=5m"`                            // how long an answer is good
	MaxSize int      `json:"max_size" jsonschema:"minimum=0,default=1000"`                         // most answers kept; 0 is no bound
	Redis   Redis    `json:"redis"`                                                                // for the redis backend
}

// Redis is the server of the redis backend.
type Redis struct {
	URL Secret `json:"url" jsonschema:"pattern=^(redis|rediss|unix)://,default=redis://127.0.0.1:6379/0,example=redis://user:password@host:6379/0"` // redis://, rediss:// (TLS) or unix://
}

// Output says how tables look.
type Output struct {
	ColorEnabled bool    `json:"color_enabled" jsonschema:"default=true"` // colours on a terminal
	Timestamps   bool    `json:"timestamps" jsonschema:"default=true"`    // say when the data was read
	Columns      Columns `json:"columns,omitempty"`                       // which columns a table has, by class of service; "offers" for GPUs for rent, "default" for all else
}

// Columns are the names of columns by view: a class of service, "offers" or "default".
type Columns map[string][]string

// Providers are the providers' parts by Spec.Name, whatever alias the file uses.
type Providers map[string]*Provider

// Provider is one provider's part.
type Provider struct {
	Enabled   bool       `json:"enabled" jsonschema:"default=true"` // false leaves the provider out, unless a flag names it
	Auth      Auth       `json:"auth,omitempty"`                    // where the credential is; without it, it is looked for
	Services  Services   `json:"services,omitempty"`                // the services to read: names, aliases or classes; all without it
	Regions   Regions    `json:"regions,omitempty"`                 // the regions to read; all without it
	RateLimit *RateLimit `json:"rate_limit,omitempty"`              // slower, or faster, than the provider's published limits
	Options   Options    `json:"options,omitempty"`                 // what only this provider has
}

// RateLimit is the user's own limit.
type RateLimit struct {
	RequestsPerSecond float64  `json:"requests_per_second" jsonschema:"minimum=0,default=0"`       // calls each second; 0 is as published
	Burst             int      `json:"burst" jsonschema:"minimum=0,default=0"`                     // calls at once; 0 is one second's calls
	Timeout           Duration `json:"timeout" jsonschema:"minimum=1ms,maximum=8760h,default=30s"` // the longest that a call may queue: more than nothing
}

// Auth says where a credential is: the "method", a "key_file", and for each value of the method either the value
// itself ("api_key") or the name of the environment variable that holds it ("env_api_key").
type Auth map[string]string

// Services are names, aliases or classes of a provider's services.
type Services []string

// Regions are a provider's own names of regions.
type Regions []string

// Options are by Option.Name, of Option.Type.
type Options map[string]any

// Default returns the configuration that holds without a file.
func Default() *Config {
	r := retry.Default()
	return &Config{
		Version: "1.0",
		Defaults: Defaults{
			RefreshInterval: Duration(30 * time.Second), OutputFormat: "table", ShowCached: true,
			Retry: Retry{
				MaxRetries: r.Max, InitialDelay: Duration(r.First), MaxDelay: Duration(r.Cap), Factor: r.Factor,
			},
		},
		Cache: Cache{
			Enabled: true, Backend: "memory", TTL: Duration(5 * time.Minute), MaxSize: 1000,
			Redis: Redis{URL: "redis://127.0.0.1:6379/0"},
		},
		Output: Output{ColorEnabled: true, Timestamps: true},
	}
}

func defaultProvider() *Provider { return &Provider{Enabled: true} }

func defaultRateLimit() RateLimit { return RateLimit{Timeout: Duration(30 * time.Second)} }

// Policy returns the retries as the chain takes them.
func (r Retry) Policy() retry.Policy {
	return retry.Policy{
		Max: r.MaxRetries, First: time.Duration(r.InitialDelay), Cap: time.Duration(r.MaxDelay), Factor: r.Factor,
	}
}

// Warnings are what is wrong but does not keep the configuration from being used, for people.
func (c *Config) Warnings() []string { return slices.Clone(c.warnings) }

// columnViews are the keys of output.columns.
func columnViews() []string {
	views := []string{"default", "offers"}
	for _, c := range cloud.Classes() {
		views = append(views, string(c))
	}
	return views
}

// serviceNames are what a provider's "services" may hold: names, aliases and classes, each once.
func serviceNames(s *provider.Spec) []string {
	var names, classes []string
	for _, svc := range s.Services {
		names = append(append(names, svc.Name), svc.Aliases...)
		for _, c := range svc.Classes {
			classes = append(classes, string(c))
		}
	}
	return unique(append(names, classes...))
}

// unique returns the strings without repetitions, in their order.
func unique(all []string) []string {
	var out []string
	for _, s := range all {
		if !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}
