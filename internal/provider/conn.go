package provider

import (
	"context"
	"errors"
	"iter"
	"log/slog"
	"net/http"
	"os"
	"slices"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/httpx"
	"github.com/adsops/cloudtop/pkg/ratelimit"
	"github.com/adsops/cloudtop/pkg/retry"
)

// ProviderConfig is what Initialize needs to know.
type ProviderConfig struct { //nolint:revive // the name is promised to users
	Name       string
	Credential Credential
	Services   []string          // names, aliases or classes; empty = all
	Regions    []string          // empty = all
	AnyRegion  bool              // Regions were asked of several providers: one that this one does not have is no mistake
	Options    map[string]any    // by Option.Name, of Option.Type
	RateLimit  *RateLimit        // overrides the published limits; nil = as published
	Retry      retry.Policy      // the zero Policy = retry.Default()
	Transport  http.RoundTripper // nil = httpx.NewTransport()
	Buckets    *ratelimit.Set    // shared by all providers of a process, and by its Share with other processes; nil = own
	UserAgent  string
	Log        *slog.Logger     // nil = none
	Now        func() time.Time // nil = time.Now
	// ReadFile reads a file that a credential names (a private key, a session token); nil = os.ReadFile.
	ReadFile func(path string) ([]byte, error)

	secrets func() []string // a function, so that no way to print a configuration shows them; nil = none
}

// RateLimit is the user's own limit.
type RateLimit struct {
	PerSecond float64
	Burst     int
	Timeout   time.Duration // the longest that a call may queue
}

// Option returns the option of that name as a string, "" where it is not set.
func (c *ProviderConfig) Option(name string) string {
	s, _ := c.Options[name].(string)
	return s
}

// Value returns the credential's value of that name.
func (c *ProviderConfig) Value(name string) string { return c.Credential.Values[name] }

// secretsOf returns the credential's values that must never be seen, longest first.
func (s *Spec) secretsOf(c Credential) []string {
	var all []string
	for _, m := range s.Auth {
		for _, f := range m.Fields {
			if v := c.Values[f.Name]; f.Secret && v != "" && !slices.Contains(all, v) {
				all = append(all, v)
			}
		}
	}
	slices.SortFunc(all, func(a, b string) int { return len(b) - len(a) })
	return all
}

// Conn is a connection to one provider with one credential: what callers hold. It satisfies Provider and
// GPUProvider.
type Conn struct {
	spec   *Spec
	config ProviderConfig
	driver Driver
}

// NewConn returns a connection that is not initialized.
func NewConn(spec *Spec) *Conn { return &Conn{spec: spec} }

// Spec returns the provider's description.
func (c *Conn) Spec() *Spec { return c.spec }

// Name returns the provider's name.
func (c *Conn) Name() string { return c.spec.Name }

// Config returns the configuration that Initialize was given.
func (c *Conn) Config() *ProviderConfig { return &c.config }

// Driver returns the driver, for the capabilities it has beside Driver; nil before Initialize.
func (c *Conn) Driver() Driver { return c.driver }

// Initialize opens the driver. It makes no call to the provider.
func (c *Conn) Initialize(ctx context.Context, config *ProviderConfig) error {
	cfg := *config
	secrets := c.spec.secretsOf(config.Credential)
	cfg.Name, cfg.secrets = c.spec.Name, func() []string { return secrets }
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.ReadFile == nil {
		cfg.ReadFile = os.ReadFile
	}
	if cfg.Transport == nil {
		cfg.Transport = httpx.NewTransport()
	}
	if cfg.Retry == (retry.Policy{}) {
		cfg.Retry = retry.Default()
	}
	client := httpx.NewClient(cfg.Transport, c.spec.policy(&cfg))
	var driver Driver
	var err error
	if broken := c.spec.guard(&cfg, func() {
		driver, err = c.spec.Open(ctx, Env{Config: cfg, HTTP: client, Log: cfg.Log, Now: cfg.Now})
	}); broken != nil {
		err = broken
	}
	if err != nil {
		return c.openError(&cfg, err)
	}
	c.config, c.driver = cfg, driver
	return nil
}

func (c *Conn) openError(cfg *ProviderConfig, err error) error {
	e, ok := errors.AsType[*cloud.Error](err)
	if !ok {
		e = &cloud.Error{Kind: cloud.KindAuth, Detail: err.Error()}
	}
	out := *e
	out.Detail, out.Err = httpx.Redact(out.Detail, cfg.secrets()), nil
	if out.Op == "" {
		out.Op = c.spec.Name + ": open"
	}
	return c.spec.blame(&cfg.Credential, "cannot be used", &out)
}

// Buckets returns the buckets that a connection with cfg has, for people: their keys name the accounts that processes
// share.
func (s *Spec) Buckets(cfg *ProviderConfig) []httpx.Bucket {
	p := s.policy(cfg)
	return p.BucketList()
}

func (s *Spec) policy(cfg *ProviderConfig) httpx.Policy {
	p := httpx.Policy{
		Provider: s.Name, Account: cfg.Credential.Fingerprint(), Hosts: s.Hosts, Queries: s.Queries,
		Limits: s.Limits, Retry: cfg.Retry, Classify: s.Classify, Now: cfg.Now, Buckets: cfg.Buckets,
		UserAgent: cfg.UserAgent, Log: cfg.Log,
	}
	if r := cfg.RateLimit; r != nil {
		p.MaxWait = r.Timeout
		if r.PerSecond > 0 {
			p.Override = &httpx.Rate{PerSecond: r.PerSecond, Burst: r.Burst}
		}
	}
	return p
}

// ListServices returns the services that the configuration asks for. It makes no call.
func (c *Conn) ListServices(context.Context) ([]Service, error) {
	return c.Services(nil), nil
}

// Services returns the configured services that any of names is or classifies; all of them where names is empty.
func (c *Conn) Services(names []string) []Service {
	return c.spec.Among(c.config.Services, names)
}

// HealthCheck makes the cheapest authenticated call.
func (c *Conn) HealthCheck(ctx context.Context) error {
	if c.driver == nil {
		return errNotInitialized(c.spec.Name)
	}
	return c.driver.Check(ctx)
}

// Close releases idle connections.
func (c *Conn) Close() error {
	if t, ok := c.config.Transport.(interface{ CloseIdleConnections() }); ok {
		t.CloseIdleConnections()
	}
	c.driver = nil
	return nil
}

// Scopes yields the places to list.
func (c *Conn) Scopes(ctx context.Context) iter.Seq2[cloud.Scope, error] {
	if s, ok := c.driver.(Scoper); ok {
		return s.Scopes(ctx)
	}
	return func(yield func(cloud.Scope, error) bool) { yield(cloud.Scope{Account: c.spec.Name}, nil) }
}

func errNotInitialized(name string) error {
	return &cloud.Error{Kind: cloud.KindConfig, Op: name, Detail: "Initialize has not been called"}
}

// Gather collects a sequence. It returns what came before the error that ended it, and every error, joined.
func Gather[T any](seq iter.Seq2[T, error]) ([]T, error) {
	var all []T
	var errs []error
	for v, err := range seq {
		if err == nil {
			all = append(all, v)
			continue
		}
		errs = append(errs, err)
		if cloud.KindOf(err) != cloud.KindPartial {
			break
		}
	}
	return all, errors.Join(errs...)
}

// Units returns the queries that list services in scopes: a service that is not regional once per account and
// compartment.
func Units(scopes []cloud.Scope, services []Service) []cloud.Query {
	var out []cloud.Query
	seen := map[cloud.Query]bool{}
	for _, svc := range services {
		for _, scope := range scopes {
			if !svc.Regional {
				scope.Region = ""
			}
			q := cloud.Query{Scope: scope, Service: svc.Name}
			if !seen[q] {
				seen[q] = true
				out = append(out, q)
			}
		}
	}
	return out
}
