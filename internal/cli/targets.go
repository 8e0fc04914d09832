package cli

import (
	"fmt"
	"log/slog"
	"slices"
	"strings"

	"github.com/adsops/cloudtop/internal/collector"
	"github.com/adsops/cloudtop/internal/config"
	"github.com/adsops/cloudtop/internal/httpx"
)

// targets decides whom to ask, and with which credential.
func (a *app) targets(o *listOptions) ([]collector.Target, error) {
	resolved := o.configFile.Resolve(a.source, o.registry)
	base, err := a.transport(o, resolved)
	if err != nil {
		return nil, err
	}
	buckets, log := a.buckets(o), a.logger(o)
	everything := o.all || len(o.asked) == 0
	var targets []collector.Target
	for i := range resolved {
		r := &resolved[i]
		named := slices.Contains(o.asked, r.Spec.Name)
		if !everything && !named {
			continue
		}
		t := collector.Target{Spec: r.Spec, Config: r.Config, Err: r.Err}
		t.Config.UserAgent = "cloudtop/" + buildVersion()
		t.Config.Log, t.Config.Buckets = log, buckets
		base(&t)
		if !o.demo {
			a.warn(r.Warnings)
			if !named && !r.Enabled {
				t.Skip = notEnabled(r)
			}
		}
		if len(o.regions) > 0 {
			t.Config.Regions, t.Config.AnyRegion = o.regionsByName(), true
		}
		targets = append(targets, t)
	}
	return targets, nil
}

func (a *app) warn(warnings []string) {
	for _, w := range warnings {
		fmt.Fprintln(a.err, "cloudtop: warning: "+w)
	}
}

// notEnabled says why a provider that nobody named is left out.
func notEnabled(r *config.Resolved) string {
	if r.Configured {
		return "disabled in the configuration"
	}
	return config.NotFound(r.Looked)
}

// nothingFound says where credentials were looked for, and what to do.
func nothingFound(targets []collector.Target) string {
	var b strings.Builder
	b.WriteString("nothing to ask: no provider has a credential\n")
	for i := range targets {
		fmt.Fprintf(&b, "  %-14s %s\n", targets[i].Spec.Title, targets[i].Skip)
	}
	b.WriteString("Set one of these, or run 'cloudtop config init', or try 'cloudtop --demo' without any account.")
	return b.String()
}

// transport returns what gives each target its way to the network: the real one, or the simulator.
func (a *app) transport(o *listOptions, resolved []config.Resolved) (func(*collector.Target), error) {
	slots := httpx.NewSlots(o.concurrency, o.toAsk(resolved))
	if !o.demo {
		base := httpx.NewTransport()
		return func(t *collector.Target) { t.Config.Transport = slots.Over(base) }, nil
	}
	so, err := a.simDefaults()
	if err != nil {
		return nil, err
	}
	u, err := so.universe(nil)
	if err != nil {
		return nil, err
	}
	a.now = u.World().Now
	base := u.Transport()
	return func(t *collector.Target) {
		t.Err = simulated(&t.Config, t.Spec, u, slots.Over(base))
	}, nil
}

// toAsk is how many providers share the calls at once.
func (o *listOptions) toAsk(resolved []config.Resolved) int {
	n := 0
	for i := range resolved {
		r := &resolved[i]
		if slices.Contains(o.asked, r.Spec.Name) || (o.all || len(o.asked) == 0) && (o.demo || r.Enabled) {
			n++
		}
	}
	return n
}

// logger is one for all targets: it writes whole lines.
func (a *app) logger(o *listOptions) *slog.Logger {
	if !o.verbose {
		return nil
	}
	return slog.New(slog.NewTextHandler(a.err, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

// namesOfRegions are the regions as rows may have them: "West Europe" is westeurope to Azure.
func (o *listOptions) namesOfRegions() []string {
	names := slices.Clone(o.regions)
	for _, r := range o.regions {
		if bare := strings.ReplaceAll(r, " ", ""); bare != r {
			names = append(names, bare)
		}
	}
	return names
}

// regionsByName are the regions to ask: none where a pattern is among them, for then all are asked and the rows narrowed.
func (o *listOptions) regionsByName() []string {
	if slices.ContainsFunc(o.regions, func(r string) bool { return strings.Contains(r, "*") }) {
		return nil
	}
	return o.regions
}
