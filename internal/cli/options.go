package cli

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/collector"
	"github.com/adsops/cloudtop/internal/config"
	"github.com/adsops/cloudtop/internal/output"
	"github.com/adsops/cloudtop/internal/provider"
	"github.com/adsops/cloudtop/internal/view"
	"github.com/adsops/cloudtop/pkg/nearest"
)

// listOptions are the flags of the list, and what complete makes of them.
type listOptions struct {
	registry provider.Registry

	all   bool
	named map[string]*bool // by provider
	ai    []string

	gpu, offers, running        bool
	services, regions, accounts []string
	filter, sort                string
	limit                       int

	table, wide, json bool
	format, jq        string
	columns           []string
	metrics, costs    bool
	why               bool
	explain           int // resources to reckon with; 0 = collect

	gpuType             string
	gpuCount            int
	gpuMemory, maxPrice float64
	spot                bool
	spotAsked           bool
	offerQuery          string

	refreshText      string // as given; asConfigured without a value
	refresh, timeout time.Duration
	config           string
	concurrency      int
	strict, demo     bool
	noCache, version bool
	refreshCache     bool
	color            string
	quiet, verbose   bool
	asked            []string // providers named one by one
	configFile       *config.Config
}

// complete checks the flags against each other and reads the configuration.
func (o *listOptions) complete(a *app, f *pflag.FlagSet) error {
	o.spotAsked = f.Changed("spot")
	if err := o.checkMarket(f); err != nil {
		return err
	}
	if err := o.checkFlags(); err != nil {
		return err
	}
	if err := o.askedProviders(); err != nil {
		return err
	}
	if err := o.readConfig(a); err != nil {
		return err
	}
	if err := o.chooseInterval(); err != nil {
		return err
	}
	if err := o.chooseFormat(a.outTTY); err != nil {
		return err
	}
	if o.explain != 0 {
		return o.checkExplain()
	}
	choice := view.Choice{Names: o.columns, Class: o.class(), Configured: o.configFile.Output.Columns}
	if _, err := view.Columns(o.query().Kind, choice); err != nil {
		return usagef("%v", err)
	}
	return nil
}

// asConfigured is the interval of --refresh without a value.
const asConfigured = "as configured"

// takeInterval lets "--refresh 10s" be written with a space, though --refresh alone is good as well.
func (o *listOptions) takeInterval(cmd *cobra.Command, args []string) error {
	if len(args) > 0 && o.refreshText == asConfigured {
		if _, err := time.ParseDuration(args[0]); err == nil {
			o.refreshText, args = args[0], args[1:]
		} else if args[0] != "" && strings.ContainsRune("0123456789.-", rune(args[0][0])) {
			return usagef("--refresh %q: expected a number with a unit, like 30s or 1m", args[0])
		}
	}
	return noArgs(cmd, args)
}

func (o *listOptions) chooseInterval() error {
	switch o.refreshText {
	case "":
		return nil
	case asConfigured:
		o.refresh = time.Duration(o.configFile.Defaults.RefreshInterval)
	default:
		d, err := time.ParseDuration(o.refreshText)
		if err != nil {
			return usagef("--refresh %q: expected a number with a unit, like 30s or 1m", o.refreshText)
		}
		o.refresh = d
	}
	if o.refresh < time.Second {
		return usagef("--refresh %s: expected at least 1s", o.refresh)
	}
	return nil
}

// readConfig settles whether this is a demo, and reads the configuration. A demo leaves the user's own alone unless it
// is named.
func (o *listOptions) readConfig(a *app) error {
	if !o.demo {
		demo, err := a.demoWanted()
		if err != nil {
			return err
		}
		o.demo = demo
	}
	path := a.source.Path(o.config)
	explicit := o.config != "" || a.source.Getenv("CLOUDTOP_CONFIG") != ""
	o.configFile = config.Default()
	if !o.demo || explicit {
		c, err := config.Load(a.source, path, explicit, o.registry)
		if err != nil {
			return usagef("%v", err)
		}
		o.configFile = c
	}
	a.warn(o.configFile.Warnings())
	return nil
}

// checkMarket refuses what would narrow nothing: a flag about offers without --list, or about resources with it.
func (o *listOptions) checkMarket(f *pflag.FlagSet) error {
	if o.offers && !o.gpu {
		return usagef("--list lists GPUs for rent: use it with --gpu")
	}
	for _, name := range []string{"gpu-type", "gpu-count", "gpu-memory", "max-price", "spot", "offer-query"} {
		if f.Changed(name) && !o.offers {
			return usagef("--%s narrows GPUs for rent: use it with --gpu --list", name)
		}
	}
	switch {
	case o.offers && o.running:
		return usagef("--running narrows your own resources, --list shows GPUs for rent: use one of them")
	case o.offers && len(o.services) > 0:
		return usagef("--service narrows your own resources, --list shows GPUs for rent: use one of them")
	case o.gpuCount < 0:
		return usagef("--gpu-count %d: expected a number of cards, like 8", o.gpuCount)
	case o.gpuMemory < 0:
		return usagef("--gpu-memory %v: expected GB per card, like 24", o.gpuMemory)
	case o.maxPrice < 0:
		return usagef("--max-price %v: expected USD per hour, like 2.50", o.maxPrice)
	}
	return nil
}

func (o *listOptions) checkFlags() error {
	switch {
	case o.noCache && o.refreshCache:
		return usagef("--no-cache keeps nothing, --refresh-cache keeps everything anew: use one of them")
	case o.concurrency < 1:
		return usagef("--concurrency %d: expected at least 1", o.concurrency)
	case o.timeout <= 0:
		return usagef("--timeout %s: expected more than nothing", o.timeout)
	case !slices.Contains([]string{"auto", "always", "never"}, o.color):
		return usagef("--color %q%s: expected auto, always or never", o.color, nearest.Hint(o.color, []string{"auto", "always", "never"}))
	}
	for _, s := range o.services {
		if !o.knownService(s) {
			return usagef("--service %q: no provider has it%s; expected a class (%s) or a service's name", s, nearest.Hint(s, serviceNames(o.registry)), classNames())
		}
	}
	if o.jq != "" {
		if err := output.CheckJQ(o.jq); err != nil {
			return usagef("%v", err)
		}
	}
	q := o.query()
	if err := q.Check(); err != nil {
		return usagef("%v", err)
	}
	return nil
}

func (o *listOptions) knownService(name string) bool {
	if slices.Contains(cloud.Classes(), cloud.Class(name)) {
		return true
	}
	return slices.ContainsFunc(o.registry, func(s *provider.Spec) bool {
		return slices.ContainsFunc(s.Services, func(svc provider.Service) bool { return svc.Is(name) })
	})
}

func classNames() string {
	var names []string
	for _, c := range cloud.Classes() {
		names = append(names, string(c))
	}
	return strings.Join(names, ", ")
}

// askedProviders resolves the providers' own flags and --ai.
func (o *listOptions) askedProviders() error {
	for _, s := range o.registry {
		if *o.named[s.Name] {
			o.asked = append(o.asked, s.Name)
		}
	}
	for _, name := range o.ai {
		s, ok := o.registry.Lookup(name)
		if !ok || !s.AI {
			return usagef("--ai %q%s: expected one of %s", name, nearest.Hint(name, aiNames(o.registry)), strings.Join(aiNames(o.registry), ", "))
		}
		if !slices.Contains(o.asked, s.Name) {
			o.asked = append(o.asked, s.Name)
		}
	}
	return nil
}

func aiNames(registry provider.Registry) []string {
	var names []string
	for _, s := range registry {
		if s.AI {
			names = append(append(names, s.Name), s.Aliases...)
		}
	}
	return names
}

// chooseFormat settles the one format that was asked for. Rounds in a pipe are lines of JSON, not tables, unless those
// were asked for.
func (o *listOptions) chooseFormat(terminal bool) error {
	var asked []string
	for name, on := range map[string]bool{"table": o.table, "wide": o.wide, "json": o.json || o.jq != ""} {
		if on {
			asked = append(asked, name)
		}
	}
	if o.format != "" && !slices.Contains(asked, o.format) {
		asked = append(asked, o.format)
	}
	if len(asked) > 1 {
		slices.Sort(asked)
		return usagef("one output format at a time: %s were asked for", strings.Join(asked, " and "))
	}
	o.format = cmp.Or(strings.Join(asked, ""), o.configFile.Defaults.OutputFormat, "table")
	if len(asked) == 0 && o.format == "table" && o.refresh > 0 && o.explain == 0 && !terminal {
		o.format = "json"
	}
	if !slices.Contains(output.Formats(), o.format) {
		return usagef("--output %q%s: expected one of %s", o.format, nearest.Hint(o.format, output.Formats()), strings.Join(output.Formats(), ", "))
	}
	return nil
}

// request turns flags into what to collect.
func (o *listOptions) request(targets []collector.Target, now time.Time) collector.Request {
	if o.offers {
		q := &cloud.OfferQuery{
			GPUType: o.gpuType, GPUCount: o.gpuCount, GPUMemoryGB: o.gpuMemory, MaxPrice: o.maxPrice,
			Region: strings.Join(o.regions, ","), Native: o.offerQuery, Limit: o.limit,
		}
		if o.spotAsked {
			q.Interruptible = &o.spot
		}
		return collector.Request{Targets: targets, Offers: q, Markets: true}
	}
	services := o.services
	if o.gpu && len(services) == 0 {
		services = []string{string(cloud.GPUs)}
	}
	month := time.Date(now.Year(), now.Month(), 1, 0, 0, 0, 0, time.UTC)
	return collector.Request{
		Targets: targets, Services: services, Accounts: o.accounts, Resources: true, Details: o.metrics,
		Costs: o.costs, Period: cloud.Period{From: month, To: now.UTC().Truncate(time.Minute)},
	}
}

// limited returns a context whose time --timeout bounds.
func (o *listOptions) limited(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeoutCause(ctx, o.timeout, &cloud.TimeLimit{After: o.timeout, Set: "--timeout"})
}

// tabular reports whether the output is for people.
func (o *listOptions) tabular() bool { return o.format == "table" || o.format == "wide" }

// query is what of a snapshot is shown.
func (o *listOptions) query() view.Query {
	q := view.Query{
		Accounts: o.accounts, Regions: o.namesOfRegions(), Running: o.running, GPU: o.gpu && !o.offers, Filter: o.filter, Sort: o.sort, Limit: o.limit,
	}
	if o.offers {
		q.Kind, q.Regions = view.Offers, nil // providers search their markets by names of their own
	}
	return q
}

// class is the one class of service in view, "" where there are several.
func (o *listOptions) class() string {
	switch {
	case o.gpu:
		return string(cloud.GPUs)
	case len(o.services) == 1 && slices.Contains(cloud.Classes(), cloud.Class(o.services[0])):
		return o.services[0]
	}
	return ""
}
