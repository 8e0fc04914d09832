// Package httpx is the one chain of http.RoundTrippers below every provider: guard, retry, limit and trace; and the
// JSON calls that hand-written clients make over it. Nothing else in cloudtop retries, waits or counts calls.
package httpx

import (
	"log/slog"
	"net/http"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/pkg/glob"
	"github.com/adsops/cloudtop/pkg/ratelimit"
	"github.com/adsops/cloudtop/pkg/retry"
)

// Limit is a published limit: at most Events calls per Per, of which Burst at once, for every call that Match matches.
type Limit struct {
	Name    string        // shown to users: "metrics", "instances"
	Match   Pattern       // which calls it counts; the zero Pattern counts all
	Events  int           // calls
	Per     time.Duration // per this long
	Burst   int           // at once; 0 = Events
	PerHost bool          // each host (region) has a bucket of its own
	Source  string        // the page or header it is published in
}

// Pattern matches requests by "METHOD host/path". Empty parts match all; a '*' in host or path matches any run of
// characters.
type Pattern struct{ Method, Host, Path string }

// Matches reports whether the pattern matches r.
func (p Pattern) Matches(r *http.Request) bool {
	return (p.Method == "" || p.Method == r.Method) &&
		(p.Host == "" || glob.Match(p.Host, r.URL.Hostname())) &&
		(p.Path == "" || glob.Match(p.Path, r.URL.Path))
}

// Rate is a steady limit: PerSecond calls each second, of which Burst at once.
type Rate struct {
	PerSecond float64
	Burst     int
}

// Fault is what a provider means by an answer that is not a success. Zero fields are filled from the status.
type Fault struct {
	Kind   cloud.Kind
	Code   string
	Detail string
	Hint   string
	Wait   time.Duration // how long the provider asks to wait, where it says so in its own way

	lasting bool // another try would fail the same way
}

// Policy says how the chain treats one provider's calls.
type Policy struct {
	Provider  string
	Account   string                                             // stands for the credential, without showing it: part of the buckets' keys
	Hosts     []string                                           // host patterns that may be called; all others are refused
	Queries   []Pattern                                          // the POST calls that only read
	Limits    []Limit                                            // published limits
	Override  *Rate                                              // the user's own limit, for all calls together
	MaxWait   time.Duration                                      // the longest that a call may queue for a limit; 0 = 30 s
	Retry     retry.Policy                                       // retries of what is worth retrying
	MaxBody   int64                                              // bytes; 0 = 32 MiB
	Classify  func(status int, h http.Header, body []byte) Fault // may be nil
	Now       func() time.Time                                   // for Retry-After dates and reset times; nil = time.Now
	Buckets   *ratelimit.Set                                     // shared buckets; nil = own
	Log       *slog.Logger                                       // told of every call, without its query and headers; nil = none
	UserAgent string
}

func (p *Policy) now() time.Time {
	if p.Now == nil {
		return time.Now()
	}
	return p.Now()
}

func (p *Policy) allowsHost(host string) bool {
	for _, h := range p.Hosts {
		if glob.Match(h, host) {
			return true
		}
	}
	return false
}

func (p *Policy) allowsMethod(r *http.Request) bool {
	if r.Method == http.MethodGet || r.Method == http.MethodHead {
		return true
	}
	for _, q := range p.Queries {
		if q.Matches(r) {
			return true
		}
	}
	return false
}
