package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/adsops/cloudtop/internal/sim"
)

type simCommandOptions struct {
	simOptions
	listen string
	dir    string
	stats  bool
	run    []string // a command to run on the simulator; empty = serve until interrupted
}

func (a *app) simCommand() *cobra.Command {
	var o simCommandOptions
	cmd := &cobra.Command{
		Use:   "sim [flags] [-- COMMAND ARGS...]",
		Short: "Serve simulated clouds to any client on this machine",
		Long: `Serve every provider's API at its real host names through a loopback proxy, on a made-up world.

The proxy ends TLS with the certificate of a throw-away authority and never dials out. What it prints is shell: the
environment that points a client at it, and where the credentials and a configuration are. With a command after "--"
it runs that command in this environment and ends with it.`,
		Example: `  cloudtop sim                                    # serve until Ctrl-C
  cloudtop sim -- cloudtop --all                  # run a command on it
  cloudtop sim --resources 1000 --latency 100ms --seed 7
  cloudtop sim --faults faults.json --stats -- oci compute instance list --compartment-id ...`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := a.simFromEnv(cmd, &o); err != nil {
				return err
			}
			o.run = args
			return a.runSim(cmd.Context(), o)
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.listen, "listen", "127.0.0.1:0", "loopback address to listen on")
	f.IntVar(&o.resources, "resources", 50, "about how many resources there are, over all providers")
	f.Uint64Var(&o.seed, "seed", 1, "the world's seed: the same seed makes the same world")
	f.DurationVar(&o.latency, "latency", 0, "how long every call takes")
	f.StringVar(&o.faults, "faults", "", "fault script: a JSON `file` (see docs/simulator.md)")
	f.BoolVar(&o.incidents, "incidents", false, "some places may not be read, as in real life")
	f.StringVar(&o.dir, "dir", "", "`folder` for certificate, credentials and configuration (a temporary one, removed at the end)")
	f.BoolVar(&o.stats, "stats", false, "print how often each call was made at the end")
	return cmd
}

// simFromEnv fills from the environment what no flag says.
func (a *app) simFromEnv(cmd *cobra.Command, o *simCommandOptions) error {
	d, err := a.simDefaults()
	if err != nil {
		return err
	}
	changed := cmd.Flags().Changed
	if !changed("resources") {
		o.resources = d.resources
	}
	if !changed("seed") {
		o.seed = d.seed
	}
	if !changed("latency") {
		o.latency = d.latency
	}
	if !changed("faults") {
		o.faults = d.faults
	}
	if !changed("incidents") {
		o.incidents = d.incidents
	}
	if o.resources < 0 || o.latency < 0 {
		return usagef("--resources and --latency cannot be negative")
	}
	return nil
}

// A simulator of its own shares the processor with the client that is measured against it, so that it collects its
// garbage seldom: at four times what is alive, up to a bound from where on memory is dearer.
const (
	simGarbage = 400 // percent
	simMemory  = 512 << 20
)

func (a *app) runSim(ctx context.Context, o simCommandOptions) error {
	if a.source.Getenv("GOGC") == "" && a.source.Getenv("GOMEMLIMIT") == "" {
		defer debug.SetGCPercent(debug.SetGCPercent(simGarbage))
		defer debug.SetMemoryLimit(debug.SetMemoryLimit(simMemory))
	}
	u, err := o.universe(time.Now)
	if err != nil {
		return err
	}
	p, err := sim.NewProxy(ctx, u, o.listen)
	if err != nil {
		return usagef("%v", err)
	}
	dir, cleanup, err := simFolder(o.dir)
	if err != nil {
		return err
	}
	defer cleanup()
	env, err := writeSimFiles(dir, u, p)
	if err != nil {
		return err
	}
	if o.stats {
		defer func() { printSimStats(a.err, u) }()
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	if len(o.run) > 0 {
		return a.runOnSim(ctx, stop, p, env, o.run)
	}
	u.Fill() // who waits for "ready" measures what follows
	printSimEnv(a.out, dir, env)
	return p.Serve(ctx)
}

func simFolder(dir string) (path string, cleanup func(), err error) {
	if dir != "" {
		if dir, err = filepath.Abs(dir); err != nil {
			return "", nil, err
		}
		return dir, func() {}, os.MkdirAll(dir, 0o700)
	}
	dir, err = os.MkdirTemp("", "cloudtop-sim-")
	return dir, func() { _ = os.RemoveAll(dir) }, err
}

// writeSimFiles writes certificate, credentials and configuration below dir, and returns the environment that points
// a client at them.
func writeSimFiles(dir string, u *sim.Universe, p *sim.Proxy) (map[string]string, error) {
	home, ca, config := filepath.Join(dir, "home"), filepath.Join(dir, "ca.pem"), filepath.Join(dir, "config.json")
	cache := filepath.Join(dir, "cache")             // what is simulated is kept apart from what is real
	authorities := filepath.Join(dir, "authorities") // there are none: who is simulated trusts nobody else
	if err := os.MkdirAll(authorities, 0o700); err != nil {
		return nil, err
	}
	env := map[string]string{
		"HTTPS_PROXY": p.URL(), "HTTP_PROXY": p.URL(), "https_proxy": p.URL(), "http_proxy": p.URL(),
		"NO_PROXY": "", "no_proxy": "",
		"SSL_CERT_FILE": ca, "SSL_CERT_DIR": authorities,
		"CURL_CA_BUNDLE": ca, "REQUESTS_CA_BUNDLE": ca, "NODE_EXTRA_CA_CERTS": ca, "HTTPLIB2_CA_CERTS": ca,
		"CLOUDTOP_CONFIG": config, "XDG_CACHE_HOME": cache,
	}
	files := map[string][]byte{ca: p.CA()}
	providers := map[string]any{}
	for _, c := range u.Clouds() {
		cred := c.Credentials()
		for k, v := range cred.Env {
			env[k] = strings.ReplaceAll(v, "{home}", home)
		}
		for name, text := range cred.Files {
			files[filepath.Join(home, name)] = []byte(strings.ReplaceAll(text, "{home}", home))
		}
		providers[c.Name()] = map[string]any{"enabled": true}
	}
	data, err := json.MarshalIndent(map[string]any{"version": "1.0", "providers": providers}, "", "  ")
	if err != nil {
		return nil, err
	}
	files[config] = append(data, '\n')
	for path, data := range files {
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return nil, err
		}
		if err := os.WriteFile(path, data, 0o600); err != nil {
			return nil, err
		}
	}
	return env, nil
}

// printSimEnv prints the environment as shell, to be read by a person or by eval.
func printSimEnv(w io.Writer, dir string, env map[string]string) {
	fmt.Fprintf(w, "# The simulator serves until Ctrl-C. Paste these lines into another shell; vendors' credential files are in\n# %s\n",
		filepath.Join(dir, "home"))
	for _, k := range slices.Sorted(maps.Keys(env)) {
		fmt.Fprintf(w, "export %s=%s\n", k, shellQuote(env[k]))
	}
	fmt.Fprintf(w, "# ready\n")
}

func shellQuote(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }

// runOnSim runs a command in the simulator's environment and ends with its exit code.
func (a *app) runOnSim(ctx context.Context, stop func(), p *sim.Proxy, env map[string]string, args []string) error {
	served := make(chan error, 1)
	go func() { served <- p.Serve(ctx) }()
	cmd := exec.CommandContext(ctx, args[0], args[1:]...) //nolint:gosec // the user's own command
	cmd.Env = os.Environ()
	for k, v := range env {
		cmd.Env = append(cmd.Env, k+"="+v)
	}
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, a.out, a.err
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 5 * time.Second
	err := cmd.Run()
	stop()
	serr := <-served
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		return &codeError{code: max(exit.ExitCode(), 1)}
	}
	if err != nil {
		return usagef("%v", err)
	}
	return serr
}

// printSimStats prints how often each call was made.
func printSimStats(w io.Writer, u *sim.Universe) {
	total := 0
	for _, s := range u.Stats() {
		fmt.Fprintf(w, "%7d  %d  %-4s %s%s\n", s.N, s.Status, s.Method, s.Host, s.Path)
		total += s.N
	}
	fmt.Fprintf(w, "%7d  calls, at most %d at once\n", total, u.Peak())
}
