package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/collector"
	"github.com/adsops/cloudtop/internal/explain"
	"github.com/adsops/cloudtop/internal/httpx"
	"github.com/adsops/cloudtop/internal/provider"
)

// reckonedRows is for how many resources per provider --explain tells the most, where no number is given.
const reckonedRows = 1000

// explainVersion is that of the JSON of --explain: members may be added within a version.
const explainVersion = "1.0"

// explained is what --explain tells, as JSON has it.
type explained struct {
	Version   string             `json:"version"`
	Simulated bool               `json:"simulated,omitempty"`
	Resources int                `json:"resources"`       // of each provider, that the most is told for
	Latency   float64            `json:"latency_seconds"` // of a call, that the seconds are made of
	Spent     int                `json:"calls_spent"`     // calls that were made to tell this
	Providers []explain.Estimate `json:"providers"`
	Total     explain.Total      `json:"total"`
	EachDay   *explain.Range     `json:"usd_each_day,omitempty"` // at the interval of --refresh
	Skipped   []skipped          `json:"skipped"`
}

// skipped is a provider that the run would leave out.
type skipped struct {
	Provider string `json:"provider"`
	Reason   string `json:"reason"`
}

func (o *listOptions) checkExplain() error {
	switch {
	case o.explain < 0:
		return usagef("--explain=%d: expected a number of resources, like 1000", o.explain)
	case o.format != "table" && o.format != "wide" && o.format != "json":
		return usagef("--explain with --output %s: expected table or json", o.format)
	}
	return nil
}

// explain connects, counts accounts and regions, and tells what the rest would take.
func (a *app) explain(ctx context.Context, o *listOptions, targets []collector.Target) error {
	ctx, cancel := o.limited(ctx)
	defer cancel()
	request := o.request(targets, a.now())
	each := make([]*explain.Estimate, len(targets))
	spent := make([]int, len(targets))
	errs := make([]error, len(targets))
	var wg sync.WaitGroup
	for i := range targets {
		if targets[i].Skip == "" {
			wg.Go(func() { each[i], spent[i], errs[i] = estimate(ctx, o, &targets[i], &request) })
		}
	}
	wg.Wait()
	doc := explained{
		Version: explainVersion, Simulated: o.demo, Resources: o.explain, Latency: explain.Latency.Seconds(), Providers: []explain.Estimate{},
		Skipped: []skipped{},
	}
	for i, e := range each {
		doc.Spent += spent[i]
		if e != nil {
			doc.Providers = append(doc.Providers, *e)
		} else {
			doc.Skipped = append(doc.Skipped, skipped{targets[i].Spec.Name, targets[i].Skip})
		}
	}
	doc.Total = explain.Sum(doc.Providers)
	if o.refresh > 0 {
		doc.EachDay = eachDay(doc.Total, o.refresh)
	}
	if err := a.tell(ctx, o, &doc); err != nil {
		return err
	}
	for _, err := range errs {
		if e, ok := errors.AsType[*cloud.Error](err); ok && e.Hint != "" {
			fmt.Fprintf(a.err, "  %s\n    hint: %s\n", e, e.Hint)
		}
	}
	return explainCode(errs, len(doc.Providers))
}

// eachDay is the money of a day of rounds. Metrics are not read more often than they are measured, so it is a bound.
func eachDay(t explain.Total, every time.Duration) *explain.Range {
	rounds := (24 * time.Hour).Seconds() / max(every, time.Minute).Seconds()
	return &explain.Range{Least: t.USD.Least * rounds, Most: t.USD.Most * rounds}
}

// explainCode is how it ends: like a run, incomplete where a provider could not be asked.
func explainCode(errs []error, asked int) error {
	failed, auth := 0, 0
	for _, err := range errs {
		if err != nil {
			failed++
		}
		if cloud.KindOf(err) == cloud.KindAuth {
			auth++
		}
	}
	switch {
	case failed == 0:
		return nil
	case auth == asked:
		return &codeError{code: exitAuth}
	}
	return &codeError{code: exitIncomplete}
}

// estimate reckons what one provider would take. Only the calls of connecting are made, and counted.
func estimate(ctx context.Context, o *listOptions, t *collector.Target, request *collector.Request) (*explain.Estimate, int, error) {
	failed := func(spent int, err error) (*explain.Estimate, int, error) {
		return &explain.Estimate{Provider: t.Spec.Name, Accounts: []string{}, Lines: []explain.Line{}, Error: err.Error()}, spent, err
	}
	if t.Err != nil {
		return failed(0, t.Err)
	}
	conn := provider.NewConn(t.Spec)
	if err := conn.Initialize(ctx, &t.Config); err != nil {
		return failed(0, err)
	}
	defer func() { _ = conn.Close() }()
	stats := new(httpx.Stats)
	run := explain.Run{Spec: t.Spec, Services: conn.Services(request.Services), Parts: partsOf(request), Rows: o.explain, AtOnce: o.concurrency}
	var partial error
	if request.Resources || request.Costs {
		var scopes []cloud.Scope
		var err error
		if broken := conn.Guard(func() {
			scopes, err = provider.Gather(conn.Scopes(httpx.WithCommon(httpx.WithStats(ctx, stats), stats)))
		}); broken != nil {
			err = broken
		}
		if len(scopes) == 0 && err != nil {
			return failed(stats.Calls(), conn.Blame(err))
		}
		regions := conn.Config().Regions
		run.Scopes, partial = slices.DeleteFunc(scopes, func(s cloud.Scope) bool {
			return s.Region != "" && len(regions) > 0 && !slices.Contains(regions, s.Region)
		}), err
	}
	run.Connect = stats.Calls()
	e := explain.Of(&run)
	if partial != nil {
		e.Error = partial.Error()
	}
	return &e, stats.Calls(), partial
}

func partsOf(r *collector.Request) []provider.Part {
	var parts []provider.Part
	for part, asked := range map[provider.Part]bool{
		provider.PartList: r.Resources, provider.PartDetails: r.Resources && r.Details, provider.PartCosts: r.Costs,
		provider.PartOffers: r.Offers != nil, provider.PartMarkets: r.Markets,
	} {
		if asked {
			parts = append(parts, part)
		}
	}
	return parts
}

func (a *app) tell(ctx context.Context, o *listOptions, doc *explained) error {
	if o.format != "json" {
		if err := a.writeSheet(explainedSheet(doc)); err != nil {
			return err
		}
		_, err := fmt.Fprint(a.out, footnotes(doc))
		return writeErr(err)
	}
	data, err := json.MarshalIndent(doc, "", "  ")
	if err != nil {
		return err
	}
	if o.jq != "" {
		return runJQ(ctx, a.out, o.jq, data)
	}
	_, err = fmt.Fprintf(a.out, "%s\n", data)
	return writeErr(err)
}
