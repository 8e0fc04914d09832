package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"sync"
	"text/tabwriter"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/collector"
	"github.com/adsops/cloudtop/internal/explain"
	"github.com/adsops/cloudtop/internal/httpx"
	"github.com/adsops/cloudtop/internal/output"
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
	ctx, cancel := context.WithTimeout(ctx, o.timeout)
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
		scopes, err := provider.Gather(conn.Scopes(httpx.WithCommon(httpx.WithStats(ctx, stats), stats)))
		if len(scopes) == 0 && err != nil {
			return failed(stats.Calls(), err)
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
		return writeErr(writeExplained(a.out, doc))
	}
	data, err := json.MarshalIndent(doc, "", "  ")
	if err != nil {
		return err
	}
	if o.jq != "" {
		if err := output.JQ(context.WithoutCancel(ctx), a.out, o.jq, data, true); err != nil {
			return usagef("%v", err)
		}
		return nil
	}
	_, err = fmt.Fprintf(a.out, "%s\n", data)
	return writeErr(err)
}

// writeExplained lays it out for a person.
func writeExplained(out io.Writer, doc *explained) error {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "PROVIDER\tSERVICE\tCALLS\tSECONDS\tUSD\tFOR")
	for i := range doc.Providers {
		e := &doc.Providers[i]
		for _, l := range e.Lines {
			service := l.Service
			if service == "" {
				service = "(" + string(l.Part) + ")"
			}
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", e.Provider, service, whole(l.Calls), decimal(l.Seconds, 1), money(l.USD, false), purpose(&l, doc.Resources))
		}
		if e.Error != "" {
			fmt.Fprintf(w, "%s\t\t?\t?\t?\t%s\n", e.Provider, e.Error)
		}
		if len(e.Lines) == 0 {
			continue
		}
		fmt.Fprintf(w, "%s\t= all\t%s\t%s\t%s\t%s\n", e.Provider, whole(e.Calls), decimal(e.Seconds, 1), money(e.USD, false), counted(len(e.Accounts), "account"))
	}
	t := &doc.Total
	who := "all providers at the same time"
	if len(t.Without) > 0 {
		who = "without " + strings.Join(t.Without, ", ")
	}
	fmt.Fprintf(w, "TOTAL\t\t%s\t%s\t%s\t%s\n", whole(t.Calls), decimal(t.Seconds, 1), money(t.USD, t.Unknown), who)
	_ = w.Flush() // into memory
	for line := range strings.Lines(b.String()) {
		if _, err := fmt.Fprintln(out, strings.TrimRight(line, " \n")); err != nil {
			return err
		}
	}
	_, err := fmt.Fprint(out, footnotes(doc))
	return err
}

// purpose says what the calls of a line are for, and what makes them many.
func purpose(l *explain.Line, rows int) string {
	text := l.For
	switch {
	case l.Page == 1:
		text += ", one by one"
	case l.Page > 1 && l.Page <= rows:
		text += fmt.Sprintf(", %d rows a call", l.Page)
	}
	if l.Times > 1 {
		text += fmt.Sprintf(", in %d places", l.Times)
	}
	return text
}

// footnotes says what the figures rest on.
func footnotes(doc *explained) string {
	var b strings.Builder
	fmt.Fprintf(&b, "\nLeast: there is nothing. Most: %d resources per provider (--explain=n for others). A call is reckoned to take %g s;\n"+
		"where a published limit holds calls back for longer, that counts. What a cache still holds is not asked for again.\n"+
		"Telling this took %s.\n", doc.Resources, doc.Latency, counted(doc.Spent, "call"))
	if doc.EachDay != nil {
		fmt.Fprintf(&b, "At the interval of --refresh a day costs at most %.2f USD, beyond what a month has free.\n", doc.EachDay.Most)
	}
	for i := range doc.Providers {
		if e := &doc.Providers[i]; e.Note != "" {
			fmt.Fprintf(&b, "%s: %s\n", e.Provider, e.Note)
		}
	}
	for _, skip := range doc.Skipped {
		fmt.Fprintf(&b, "%s: left out, %s\n", skip.Provider, skip.Reason)
	}
	return b.String()
}

func counted(n int, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return fmt.Sprintf("%d %s", n, noun)
}

func whole(r explain.Range) string {
	return between(r, func(v float64) string { return fmt.Sprintf("%.0f", v) })
}

func decimal(r explain.Range, digits int) string {
	unit := math.Pow10(digits)
	return between(r, func(v float64) string { return fmt.Sprintf("%.*f", digits, math.Ceil(v*unit)/unit) })
}

// money writes dollars; "?" is a price that is not known.
func money(r *explain.Range, more bool) string {
	switch {
	case r == nil:
		return "?"
	case more:
		return decimal(*r, 4) + " + ?"
	case r.Most == 0:
		return "free"
	}
	return decimal(*r, 4)
}

func between(r explain.Range, text func(float64) string) string {
	least, most := text(r.Least), text(r.Most)
	if least == most {
		return least
	}
	return least + "-" + most
}
