package cli

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/adsops/cloudtop/internal/provider"
	"github.com/adsops/cloudtop/internal/provider/all"
	"github.com/adsops/cloudtop/internal/tui"
)

const longHelp = `cloudtop shows every resource, its live metrics, its cost and every rentable GPU of all your clouds.

Without flags it shows everything that it finds credentials for: in the configuration, in the environment and in the
files that the vendors' own tools keep. It only reads. What could not be read is listed below the table with the
reason, and the exit code is 3: nothing is ever silently missing.`

const examples = `  cloudtop --all                                   everything, as a table
  cloudtop -c -o -g                                Cloudflare, Oracle Cloud and GCP
  cloudtop --all --service database --wide         all databases, every column
  cloudtop --all --gpu                             resources that have GPUs
  cloudtop --ai vast --ai io --gpu --list          GPUs for rent on Vast.ai and RunPod
  cloudtop --all --running --filter 'cpu>80 or memory>80' --sort -cpu
  cloudtop --oracle --gpu --refresh 10s            keep it on the screen; ? shows the keys, q quits
  cloudtop --all --json | jq '.ledger[] | select(.state != "ok")'
  cloudtop --all --explain                         what it would take: calls, seconds, money
  cloudtop --demo                                  try it on simulated clouds, without any account`

// rootCommand builds the command tree.
func (a *app) rootCommand() *cobra.Command {
	var o listOptions
	registry := all.Specs()
	cmd := &cobra.Command{
		Use:               "cloudtop",
		Short:             "htop for all your clouds",
		Long:              longHelp,
		Example:           examples,
		Args:              o.takeInterval,
		SilenceUsage:      true,
		SilenceErrors:     true,
		DisableAutoGenTag: true,
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if o.version {
				return a.printVersion()
			}
			o.registry = registry
			if err := o.complete(a, cmd.Flags()); err != nil {
				return err
			}
			return a.list(cmd.Context(), &o)
		},
	}
	cmd.SetFlagErrorFunc(flagError)
	o.addFlags(cmd.Flags(), registry)
	completeFlags(cmd, registry)
	cmd.AddCommand(a.versionCommand(), a.simCommand(), a.doctorCommand(registry), a.cacheCommand(registry),
		a.limitsCommand(registry), a.configCommand(registry), a.schemaCommand(), exitCodesTopic(), screenTopic())
	cmd.SetOut(&a.help)
	cmd.SetErr(a.err)
	strictHelp(cmd)
	return cmd
}

// addFlags adds the flags of the list. Each provider brings its own from its Spec.
func (o *listOptions) addFlags(f *pflag.FlagSet, registry provider.Registry) {
	f.SortFlags = false
	f.BoolVarP(&o.all, "all", "a", false, "every provider that credentials are found for")
	o.addProviders(f, registry)

	f.BoolVar(&o.gpu, "gpu", false, "only what has GPUs")
	f.BoolVar(&o.offers, "list", false, "with --gpu: GPUs for rent, with prices, instead of your own resources")
	f.BoolVar(&o.running, "running", false, "only what is running")
	f.StringSliceVarP(&o.services, "service", "s", nil, "only services of this `class` (compute, containers, functions, database, storage, ai, gpu) or name")
	f.StringSliceVar(&o.regions, "region", nil, "only this `region`, '*' for any characters; may be repeated")
	f.StringSliceVar(&o.accounts, "account", nil, "only this `account`, project or subscription; may be repeated")
	f.StringVar(&o.filter, "filter", "", "only rows for which the `expression` holds: 'cpu>80 and region~us-'")
	f.StringVar(&o.sort, "sort", "", "order by `columns`, '-' first for descending: -cpu,name")
	f.IntVar(&o.limit, "limit", 0, "at most `n` rows")

	f.BoolVar(&o.table, "table", false, "as a table (the default)")
	f.BoolVar(&o.wide, "wide", false, "as a table with every column")
	f.BoolVar(&o.json, "json", false, "as JSON (see 'cloudtop schema')")
	f.StringVarP(&o.format, "output", "O", "", "as `format`: table, wide, json, ndjson, csv, yaml, markdown")
	f.StringVar(&o.jq, "jq", "", "filter the JSON with a jq `expression`")
	f.StringSliceVar(&o.columns, "columns", nil, "`columns` of the table, in this order")
	f.BoolVar(&o.why, "why", false, "say below the table why cells are blank")
	f.BoolVar(&o.metrics, "metrics", true, "read metrics and prices as well; --metrics=false saves calls")
	f.IntVar(&o.explain, "explain", 0, "do not collect: tell the calls, seconds and money that it would take, for up to `n` resources per provider")
	f.Lookup("explain").NoOptDefVal = strconv.Itoa(reckonedRows)
	f.BoolVar(&o.costs, "costs", true, "read balance and spend as well; --costs=false saves calls")

	f.StringVar(&o.gpuType, "gpu-type", "", "with --list: cards whose name contains `text`")
	f.IntVar(&o.gpuCount, "gpu-count", 0, "with --list: at least `n` cards")
	f.Float64Var(&o.gpuMemory, "gpu-memory", 0, "with --list: at least `GB` of memory per card")
	f.Float64Var(&o.maxPrice, "max-price", 0, "with --list: at most `USD` per hour")
	f.BoolVar(&o.spot, "spot", false, "with --list: only interruptible offers (--spot=false: only others)")
	f.StringVar(&o.offerQuery, "offer-query", "", "with --list: a provider's own `filter`, as its CLI takes it")

	f.StringVar(&o.refreshText, "refresh", "", "refresh every `interval` (30s, or as configured): a live screen (see 'cloudtop help screen'), or a JSON line per round in a pipe")
	f.Lookup("refresh").NoOptDefVal = asConfigured
	f.StringVar(&o.config, "config", "", "configuration `file` (default ~/.config/cloudtop/config.json)")
	f.DurationVar(&o.timeout, "timeout", 2*time.Minute, "give up on what has not answered after this long")
	f.IntVar(&o.concurrency, "concurrency", 50, "at most `n` calls at once, or one for each provider")
	f.BoolVar(&o.strict, "strict", false, "incomplete results are a failure: exit 1, and nothing on stdout")
	f.BoolVar(&o.noCache, "no-cache", false, "neither read nor keep what earlier runs read")
	f.BoolVar(&o.refreshCache, "refresh-cache", false, "read everything anew, and keep it for later runs")
	f.BoolVar(&o.demo, "demo", false, "use simulated clouds (also CLOUDTOP_DEMO=1)")
	f.StringVar(&o.color, "color", "auto", "colours: auto, always, never (NO_COLOR is respected)")
	f.BoolVar(&o.version, "version", false, "print the version")
	f.BoolVarP(&o.quiet, "quiet", "q", false, "no progress and no summary on stderr")
	f.BoolVarP(&o.verbose, "verbose", "v", false, "log every call on stderr")
}

// addProviders adds the flags that name providers.
func (o *listOptions) addProviders(f *pflag.FlagSet, registry provider.Registry) {
	o.named = make(map[string]*bool, len(registry))
	for _, s := range registry {
		o.named[s.Name] = f.BoolP(s.Name, s.Short, false, s.Title)
	}
	f.StringArrayVar(&o.ai, "ai", nil, "GPU cloud by `name`: vast, io (RunPod); may be repeated")
}

func exitCodesTopic() *cobra.Command {
	return &cobra.Command{
		Use:   "exit-codes",
		Short: "What the exit codes mean",
		Long: `cloudtop ends with one of these codes:

    0  complete: everything that was asked for was read
    1  failed: nothing useful could be printed (or --strict, and something is missing)
    2  usage: a flag, the configuration or the environment is wrong
    3  incomplete: the output is valid, but some units failed; stderr and the ledger say which and why
    4  authentication: no provider could be read, because credentials are missing, wrong or expired
  130  interrupted by Ctrl-C; what had been read by then was printed

Data goes to stdout, everything else to stderr.`,
	}
}

// screenTopic tells of the live screen what its own help does.
func screenTopic() *cobra.Command {
	var b strings.Builder
	b.WriteString("With --refresh on a terminal cloudtop is a live screen. Its keys, none of which changes anything in a cloud:\n\n")
	for _, k := range tui.Keys() {
		fmt.Fprintf(&b, "  %-8s  %s\n", k.Shown, k.Help)
	}
	b.WriteString(`
Rounds never overlap; they are further apart than was asked for where no metric is measured that often, where a round
takes longer, and where calls had to wait for a cloud's limits. The screen says so and why.`)
	return &cobra.Command{Use: "screen", Short: "The live screen of --refresh and its keys", Long: b.String()}
}
