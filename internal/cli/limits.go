package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/adsops/cloudtop/internal/config"
	"github.com/adsops/cloudtop/internal/httpx"
	"github.com/adsops/cloudtop/internal/output"
	"github.com/adsops/cloudtop/internal/provider"
	"github.com/adsops/cloudtop/internal/view"
	"github.com/adsops/cloudtop/pkg/ratelimit"
)

// limitLine is one bucket: what is allowed, and what is known of its present state. What is not known is null.
type limitLine struct {
	Provider   string          `json:"provider"`
	Bucket     string          `json:"bucket"`     // the published limit's name, "all calls" for the user's own, "other calls" for what nothing limits
	Host       string          `json:"host"`       // where each host has a bucket of its own; else empty
	Credential string          `json:"credential"` // its fingerprint: whose calls are counted together; empty without one
	Published  *publishedLimit `json:"published"`
	Override   *overrideLimit  `json:"override"` // the user's own
	InForce    bool            `json:"in_force"` // false: the user's own limit holds instead
	Tokens     *float64        `json:"tokens"`   // calls that could be made at once, were it not paused
	Paused     *time.Time      `json:"paused_until"`
	Told       *toldLimit      `json:"told"`
	Shared     string          `json:"shared"` // file, redis or none
}

type publishedLimit struct {
	Events int     `json:"events"`
	Per    float64 `json:"per_seconds"`
	Burst  int     `json:"burst"`
	Source string  `json:"source"`
}

type overrideLimit struct {
	PerSecond float64 `json:"requests_per_second"`
	Burst     int     `json:"burst"`
	Timeout   float64 `json:"timeout_seconds"` // the longest that a call queues
}

// toldLimit is what the provider's headers last said.
type toldLimit struct {
	Remaining int       `json:"remaining"`
	At        time.Time `json:"at"`
	ResetsAt  time.Time `json:"resets_at"`
}

func (a *app) limitsCommand(registry provider.Registry) *cobra.Command {
	o := listOptions{registry: registry}
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "limits",
		Short: "Show each provider's rate limits and what is left of them",
		Long: `Show how many calls each provider allows, and what is left: how many could be made at once (LEFT), until when nothing
may be sent because the provider has refused calls (PAUSED), and what the provider's own headers last said (TOLD).

Processes on one machine share what they took, in a folder beside the cache; with cache.backend "redis" all machines
that use that server do. This command reads what they share and asks no provider. Limits count for each credential.

rate_limit in the configuration replaces all published limits of a provider.`,
		Example: `  cloudtop limits                       every provider
  cloudtop limits --vastai --oracle     these alone
  cloudtop limits --json | jq '.[] | select(.paused_until != null)'`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := o.askedProviders(); err != nil {
				return err
			}
			if err := o.readConfig(a); err != nil {
				return err
			}
			return a.limits(cmd.Context(), &o, asJSON)
		},
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.BoolVarP(&o.all, "all", "a", false, "every provider (the default)")
	o.addProviders(f, registry)
	completeNames(cmd, registry)
	f.BoolVar(&asJSON, "json", false, "as JSON")
	f.StringVar(&o.config, "config", "", "configuration `file` (default ~/.config/cloudtop/config.json)")
	return cmd
}

// limits prints the buckets of the providers that were asked for. Where what is shared cannot be read, the rest is
// printed all the same.
func (a *app) limits(ctx context.Context, o *listOptions, asJSON bool) error {
	store, with, err := a.limitStore(o)
	var lines []limitLine
	resolved := o.configFile.Resolve(a.source, o.registry)
	for i := range resolved {
		r := &resolved[i]
		if len(o.asked) > 0 && !o.all && !slices.Contains(o.asked, r.Spec.Name) {
			continue
		}
		known := map[string]ratelimit.State(nil)
		if store != nil && r.Err == nil && err == nil {
			known, err = store.Accounts(ctx, r.Spec.Name+"/"+r.Config.Credential.Fingerprint())
		}
		if err != nil {
			with = sharedNot
		}
		lines = append(lines, limitLines(r, known, with)...)
	}
	if werr := a.printLimits(lines, asJSON); werr != nil {
		return werr
	}
	if err != nil {
		return &codeError{code: exitIncomplete, text: err.Error() + "; the present state is not known"}
	}
	return nil
}

// limitLines returns the lines of one provider. Without known, nothing is known of the present state.
func limitLines(r *config.Resolved, known map[string]ratelimit.State, with string) []limitLine {
	var lines []limitLine
	for _, b := range r.Spec.Buckets(&r.Config) {
		line := limitLine{Provider: r.Spec.Name, InForce: b.InForce, Shared: with}
		if r.Err == nil {
			line.Credential = r.Config.Credential.Fingerprint()
		}
		line.describe(&b, r.Config.RateLimit)
		hosts := hostsOf(&b, known)
		for _, host := range hosts {
			at := line
			at.Host = host
			at.know(known[b.Key+host])
			lines = append(lines, at)
		}
		if len(hosts) > 0 || b.Free {
			continue
		}
		if known != nil && b.InForce {
			line.know(stateOf(known, &b, &line))
		}
		lines = append(lines, line)
	}
	return lines
}

// describe says what is allowed.
func (l *limitLine) describe(b *httpx.Bucket, own *provider.RateLimit) {
	switch {
	case b.Free:
		l.Bucket = "other calls"
	case b.Limit == nil:
		l.Bucket = "all calls"
		l.Override = &overrideLimit{PerSecond: own.PerSecond, Burst: own.Burst, Timeout: own.Timeout.Seconds()}
	default:
		l.Bucket = b.Limit.Name
		burst := b.Limit.Burst
		if burst <= 0 || burst > b.Limit.Events {
			burst = b.Limit.Events
		}
		l.Published = &publishedLimit{
			Events: b.Limit.Events, Per: b.Limit.Per.Seconds(), Burst: burst, Source: b.Limit.Source,
		}
	}
}

// hostsOf returns the hosts that have accounts of their own below the bucket's key.
func hostsOf(b *httpx.Bucket, known map[string]ratelimit.State) []string {
	if !b.Free && (b.Limit == nil || !b.Limit.PerHost) {
		return nil
	}
	var hosts []string
	for key := range known {
		if host, ok := strings.CutPrefix(key, b.Key); ok && host != "" {
			hosts = append(hosts, host)
		}
	}
	slices.Sort(hosts)
	return hosts
}

// stateOf returns the state of a bucket: an account that nobody took from lately is full.
func stateOf(known map[string]ratelimit.State, b *httpx.Bucket, l *limitLine) ratelimit.State {
	if s, there := known[b.Key]; there {
		return s
	}
	burst := 0
	if l.Published != nil {
		burst = l.Published.Burst
	} else if l.Override != nil {
		burst = max(l.Override.Burst, 1)
	}
	return ratelimit.State{Rules: make([]ratelimit.Rule, 1), Tokens: float64(burst)}
}

// know takes in what an account says.
func (l *limitLine) know(s ratelimit.State) {
	if len(s.Rules) > 0 {
		l.Tokens = &s.Tokens
	}
	if !s.PausedUntil.IsZero() {
		at := s.PausedUntil.UTC()
		l.Paused = &at
	}
	if !s.HeardAt.IsZero() && !l.another(s.Remaining) {
		l.Told = &toldLimit{Remaining: s.Remaining, At: s.HeardAt.UTC(), ResetsAt: s.Reset.UTC()}
	}
}

// another reports whether what an answer's headers say is of another limit that counts the same call: one that allows
// more. They do not say of which limit they speak.
func (l *limitLine) another(remaining int) bool {
	return l.Published != nil && remaining > l.Published.Events
}

func (a *app) printLimits(lines []limitLine, asJSON bool) error {
	if asJSON {
		enc := json.NewEncoder(a.out)
		enc.SetIndent("", "  ")
		return writeErr(enc.Encode(slices.Concat([]limitLine{}, lines)))
	}
	sheet := output.Sheet{Columns: []view.Column{
		{Title: "PROVIDER", Weight: 10}, {Title: "BUCKET", Weight: 9}, {Title: "HOST", Weight: 3}, {Title: "PUBLISHED", Weight: 8},
		{Title: "YOURS", Weight: 7}, {Title: "LEFT", Weight: 6, Right: true}, {Title: "PAUSED", Weight: 5}, {Title: "TOLD", Weight: 4},
		{Title: "SHARED", Weight: 2}, {Title: "SOURCE", Weight: 1, Free: true},
	}}
	now := a.now()
	for i := range lines {
		sheet.Add(lines[i].cells(now)...)
	}
	return a.writeSheet(&sheet)
}

// cells returns one line of the table. What is not known is blank.
func (l *limitLine) cells(now time.Time) []string {
	var published, yours, left, paused, told, source string
	if p := l.Published; p != nil {
		published = strconv.Itoa(p.Events) + " in " + seconds(p.Per)
		if p.Burst != p.Events {
			published += ", " + strconv.Itoa(p.Burst) + " at once"
		}
		source = strings.TrimPrefix(p.Source, "https://")
	}
	if o := l.Override; o != nil {
		yours = strconv.FormatFloat(o.PerSecond, 'g', -1, 64) + " in 1s, " + strconv.Itoa(o.Burst) + " at once"
		source = "rate_limit in the configuration"
	}
	if !l.InForce {
		yours = "replaced by \"all calls\""
	}
	if l.Tokens != nil {
		left = strconv.FormatFloat(*l.Tokens, 'f', 0, 64)
	}
	if l.Paused != nil {
		paused = "for " + view.Seconds.Format(max(l.Paused.Sub(now), 0).Seconds())
	}
	if l.Told != nil {
		told = fmt.Sprintf("%d left, %s ago", l.Told.Remaining, view.Seconds.Format(max(now.Sub(l.Told.At), 0).Seconds()))
	}
	return []string{l.Provider, l.Bucket, l.Host, published, yours, left, paused, told, l.Shared, source}
}

// seconds returns "5m", "1.15s".
func seconds(s float64) string {
	if minutes := s / 60; minutes >= 1 && minutes == math.Trunc(minutes) {
		return strconv.FormatFloat(minutes, 'f', 0, 64) + "m"
	}
	return strconv.FormatFloat(s, 'f', -1, 64) + "s"
}
