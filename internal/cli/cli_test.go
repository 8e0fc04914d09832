package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/config"
	"github.com/adsops/cloudtop/internal/hub"
	"github.com/adsops/cloudtop/internal/provider/all"
)

// result is how one command line ended.
type result struct {
	code     int
	out, err string
}

// machine is an app with an environment and a home folder of its own. The process's memory, which it shares with those of
// the other tests, is not its own to bound.
func machine(t *testing.T, env map[string]string) (a *app, out, errOut *bytes.Buffer) {
	t.Helper()
	out, errOut = new(bytes.Buffer), new(bytes.Buffer)
	env = maps.Clone(env)
	if env == nil {
		env = map[string]string{}
	}
	env["GOGC"] = "100"
	return &app{
		streams: streams{out: out, err: errOut, size: func() (int, int) { return 120, 40 }},
		source:  config.Source{Getenv: func(k string) string { return env[k] }, Home: t.TempDir(), ReadFile: os.ReadFile},
		now:     time.Now,
	}, out, errOut
}

func run(t *testing.T, env map[string]string, args ...string) result {
	t.Helper()
	a, out, errOut := machine(t, env)
	code := a.run(t.Context(), args)
	return result{code, out.String(), errOut.String()}
}

func demo(extra ...string) map[string]string {
	env := map[string]string{"CLOUDTOP_DEMO": "1", "LANG": "C.UTF-8"}
	for i := 0; i < len(extra); i += 2 {
		env[extra[i]] = extra[i+1]
	}
	return env
}

// document is the part of the JSON output that tests look at.
type document struct {
	Simulated bool
	Providers []providerPart
	Ledger    []unitPart
}

type providerPart struct {
	Name    string
	Status  string
	Results []struct {
		Account   string
		Resources []struct{ Service, Status string }
	}
	Offerings []struct {
		GPUType string `json:"gpu_type"`
	}
}

type unitPart struct{ Provider, State, Kind string }

func (r result) document(t *testing.T) document {
	t.Helper()
	var d document
	if err := json.Unmarshal([]byte(r.out), &d); err != nil {
		t.Fatalf("%v in:\n%s\nstderr:\n%s", err, r.out, r.err)
	}
	return d
}

func TestUsageErrorsSayWhatWasExpected(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ args, want string }{
		{"--no-such-flag", "unknown flag: --no-such-flag"},
		{"nonsense", `unknown command "nonsense"`},
		{"--list", "use it with --gpu"},
		{"--service spaceships", `"spaceships": no provider has it`},
		{"--json --table", "json and table were asked for"},
		{"--json --output yaml", "json and yaml were asked for"},
		{"--output xml", "expected one of table"},
		{"--ai nobody", `--ai "nobody": expected one of`},
		{"--concurrency 0", "--concurrency 0: expected at least 1"},
		{"--timeout 0s", "--timeout 0s"},
		{"--refresh 10ms", "--refresh 10ms: expected at least 1s"},
		{"--refresh 5x", `--refresh "5x": expected a number with a unit`},
		{"--refresh=soon", `--refresh "soon"`},
		{"--color purple", "expected auto, always or never"},
		{"--limit -1", "--limit -1"},
		{"--filter cpu>", "--filter"},
		{"--sort nonsense", "--sort"},
		{"--columns nonsense", "--columns"},
		{"--jq .[", "--jq"},
		{"--config missing.json", "missing.json"},
		{"doctor nobody", `"nobody" is no provider`},
		{"version please", `unknown command "please"`},
		{"sim --listen 0.0.0.0:0", "not a loopback address"},
		{"sim --resources -1", "cannot be negative"},
		{"sim --faults missing.json", "fault script"},
	} {
		t.Run(c.args, func(t *testing.T) {
			t.Parallel()
			got := run(t, demo(), strings.Fields(c.args)...)
			if got.code != exitUsage || !strings.Contains(got.err, c.want) || got.out != "" {
				t.Errorf("exit %d, stdout %q, stderr %q; want exit 2 and %q", got.code, got.out, got.err, c.want)
			}
		})
	}
}

func TestTheEnvironmentOfTheDemoIsChecked(t *testing.T) {
	t.Parallel()
	for name, value := range map[string]string{
		"CLOUDTOP_DEMO": "maybe", "CLOUDTOP_DEMO_RESOURCES": "many", "CLOUDTOP_DEMO_SEED": "-1",
		"CLOUDTOP_DEMO_LATENCY": "slow", "CLOUDTOP_DEMO_INCIDENTS": "some", "CLOUDTOP_DEMO_FAULTS": "missing.json",
	} {
		got := run(t, demo(name, value), "--all")
		if got.code != exitUsage || !strings.Contains(got.err, value) {
			t.Errorf("%s=%s: exit %d, %q", name, value, got.code, got.err)
		}
	}
}

func TestTheDemoIsCompleteInEveryFormat(t *testing.T) {
	t.Parallel()
	for _, format := range []string{"table", "wide", "json", "ndjson", "csv", "yaml", "markdown"} {
		t.Run(format, func(t *testing.T) {
			t.Parallel()
			got := run(t, demo(), "--all", "--output", format)
			if got.code != exitOK || len(got.out) < 500 {
				t.Errorf("exit %d, %d bytes, stderr %q", got.code, len(got.out), got.err)
			}
			if strings.Contains(got.out, "MARKER-SECRET") {
				t.Error("a secret of an answer is in the output")
			}
		})
	}
}

func TestEveryProviderIsInTheDemo(t *testing.T) {
	t.Parallel()
	d := run(t, demo(), "--all", "--json").document(t)
	for _, name := range all.Specs().Names() {
		i := slices.IndexFunc(d.Providers, func(p providerPart) bool { return p.Name == name })
		if i < 0 || d.Providers[i].Status != "ok" || len(d.Providers[i].Results) == 0 {
			t.Errorf("%s is missing or incomplete", name)
		}
	}
	if !d.Simulated {
		t.Error("the output does not say that it is simulated")
	}
}

func TestProvidersFlagsAndServicesNarrow(t *testing.T) {
	t.Parallel()
	d := run(t, demo(), "--neon", "--service", "projects", "--json").document(t)
	if len(d.Providers) != 1 || d.Providers[0].Name != "neon" {
		t.Fatalf("got providers %+v", d.Providers)
	}
	for _, r := range d.Providers[0].Results {
		for _, res := range r.Resources {
			if res.Service != "projects" {
				t.Errorf("got a resource of service %s", res.Service)
			}
		}
	}
	d = run(t, demo(), "--all", "--running", "--json").document(t)
	for _, p := range d.Providers {
		for _, r := range p.Results {
			for _, res := range r.Resources {
				if res.Status != "running" {
					t.Errorf("--running shows a resource that is %s", res.Status)
				}
			}
		}
	}
}

func TestGPUsForRent(t *testing.T) {
	t.Parallel()
	d := run(t, demo(), "--ai", "io", "--gpu", "--list", "--gpu-type", "4090", "--json").document(t)
	if len(d.Providers) != 1 || len(d.Providers[0].Offerings) == 0 {
		t.Fatalf("got %+v", d.Providers)
	}
	for _, o := range d.Providers[0].Offerings {
		if !strings.Contains(o.GPUType, "4090") {
			t.Errorf("--gpu-type 4090 lists a %s", o.GPUType)
		}
	}
	table := run(t, demo(), "--ai", "io", "--gpu", "--list", "--spot=false", "--max-price", "1")
	if table.code != exitOK || !strings.Contains(table.out, "PRICE") {
		t.Errorf("exit %d:\n%s%s", table.code, table.out, table.err)
	}
}

func TestJQFiltersTheDocument(t *testing.T) {
	t.Parallel()
	got := run(t, demo(), "--neon", "--jq", ".providers[].name")
	if got.code != exitOK || got.out != "neon\n" {
		t.Errorf("exit %d, %q, %q", got.code, got.out, got.err)
	}
}

func TestVerboseLogsCallsWithoutSecrets(t *testing.T) {
	t.Parallel()
	got := run(t, demo(), "--neon", "--verbose", "--json")
	if !strings.Contains(got.err, "path=/api/v2/projects status=200") || strings.Contains(got.err, "napi_") {
		t.Errorf("got:\n%s", got.err)
	}
}

func TestNothingToAskSaysWhereItLooked(t *testing.T) {
	t.Parallel()
	got := run(t, nil, "--all")
	if got.code != exitAuth || got.out != "" {
		t.Errorf("exit %d, stdout %q, want 4 and nothing", got.code, got.out)
	}
	for _, want := range []string{"NEON_API_KEY", "RUNPOD_API_KEY", "cloudtop --demo"} {
		if !strings.Contains(got.err, want) {
			t.Errorf("stderr does not name %s:\n%s", want, got.err)
		}
	}
}

func script(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "faults.json")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestExitCodesUnderFaults(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, faults string
		args         []string
		want         int
		stderr       string
	}{
		{"a dead provider beside a living one", `[{"provider":"neon","from":3,"action":"status","status":400}]`, []string{"--neon", "--runpod"}, exitIncomplete, "neon"},
		{"the same under --strict", `[{"provider":"neon","from":3,"action":"status","status":400}]`, []string{"--neon", "--runpod", "--strict"}, exitFailed, "--strict"},
		{"a refused credential alone", `[{"provider":"neon","action":"status","status":401}]`, []string{"--neon"}, exitAuth, "NEON_API_KEY"},
		{"all dead", `[{"action":"status","status":400}]`, []string{"--neon"}, exitFailed, "neon"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got := run(t, demo("CLOUDTOP_DEMO_FAULTS", script(t, c.faults)), append(c.args, "--json")...)
			if got.code != c.want || !strings.Contains(got.err, c.stderr) {
				t.Errorf("exit %d, want %d and %q in:\n%s", got.code, c.want, c.stderr, got.err)
			}
			if strict := slices.Contains(c.args, "--strict"); strict != (got.out == "") {
				t.Errorf("stdout has %d bytes", len(got.out))
			}
		})
	}
}

func TestAnInterruptPrintsWhatWasRead(t *testing.T) {
	t.Parallel()
	a, out, errOut := machine(t, demo("CLOUDTOP_DEMO_LATENCY", "300ms"))
	ctx, cancel := context.WithCancelCause(t.Context())
	time.AfterFunc(700*time.Millisecond, func() { cancel(errInterrupted) })
	code := a.run(ctx, []string{"--neon", "--json"})
	d := result{code, out.String(), errOut.String()}.document(t)
	cancelled := slices.ContainsFunc(d.Ledger, func(u unitPart) bool {
		return u.Kind == string(cloud.KindCancelled)
	})
	if code != exitInterrupted || !cancelled {
		t.Errorf("exit %d, a cancelled unit in the ledger: %v", code, cancelled)
	}
}

func TestDoctorReportsEveryProvider(t *testing.T) {
	t.Parallel()
	got := run(t, demo(), "doctor")
	if got.code != exitOK {
		t.Errorf("exit %d:\n%s%s", got.code, got.out, got.err)
	}
	for _, s := range all.Specs() {
		if !strings.Contains(got.out, s.Title) {
			t.Errorf("%s is not in the report", s.Title)
		}
	}
	refused := run(t, demo("CLOUDTOP_DEMO_FAULTS", script(t, `[{"provider":"neon","action":"status","status":401}]`)), "doctor", "neon", "--json")
	var findings []finding
	if err := json.Unmarshal([]byte(refused.out), &findings); err != nil {
		t.Fatal(err)
	}
	if last := findings[len(findings)-1]; refused.code != exitAuth || last.Step != "identity" || last.State != stateFailed || last.Hint == "" {
		t.Errorf("exit %d, got %+v", refused.code, findings)
	}
	denied := run(t, demo("CLOUDTOP_DEMO_FAULTS", script(t, `[{"provider":"runpod","path":"/v2/pods","action":"status","status":403}]`)), "doctor", "io")
	if denied.code != exitIncomplete || !strings.Contains(denied.out, "the credential needs: read access to pods") {
		t.Errorf("exit %d:\n%s", denied.code, denied.out)
	}
	nothing := run(t, nil, "doctor")
	if nothing.code != exitAuth || !strings.Contains(nothing.out, "skipped") {
		t.Errorf("without credentials: exit %d:\n%s", nothing.code, nothing.out)
	}
}

func TestConfigInitWritesWhatValidateAccepts(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "sub", "config.json")
	steps := []struct {
		args []string
		want int
	}{
		{[]string{"config", "validate"}, exitUsage},
		{[]string{"config", "init"}, exitOK},
		{[]string{"config", "validate"}, exitOK},
		{[]string{"config", "init"}, exitUsage},
		{[]string{"config", "init", "--force"}, exitOK},
		{[]string{"config", "view"}, exitOK},
		{[]string{"config", "schema"}, exitOK},
		{[]string{"config"}, exitOK},
	}
	for _, s := range steps {
		args := s.args
		if len(args) > 1 && args[1] != "schema" {
			args = append(slices.Clone(args), "--config", file)
		}
		if got := run(t, map[string]string{"NEON_API_KEY": "MARKER-SECRET"}, args...); got.code != s.want || strings.Contains(got.out, "MARKER-SECRET") {
			t.Errorf("%v: exit %d, want %d\n%s%s", args, got.code, s.want, got.out, got.err)
		}
	}
	info, err := os.Stat(file)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("got mode %v, %v, want 0600", info.Mode(), err)
	}
}

func TestSimRunsACommandInItsEnvironment(t *testing.T) {
	t.Parallel()
	got := run(t, nil, "sim", "--stats", "--", "sh", "-c", `echo "$NEON_API_KEY $HTTPS_PROXY"; test -s "$SSL_CERT_FILE"; exit 7`)
	if got.code != 7 || !regexp.MustCompile(`^napi_\S+ http://127\.0\.0\.1:\d+\n`).MatchString(got.out) || !strings.Contains(got.err, "calls, at most") {
		t.Errorf("exit %d, %q, %q", got.code, got.out, got.err)
	}
	if got := run(t, nil, "sim", "--", "no-such-program"); got.code != exitUsage {
		t.Errorf("a program that does not exist: exit %d", got.code)
	}
}

func TestSimServesUntilItIsInterrupted(t *testing.T) {
	t.Parallel()
	a, out, _ := machine(t, nil)
	dir := t.TempDir()
	ctx, cancel := context.WithTimeoutCause(t.Context(), 300*time.Millisecond, errInterrupted)
	defer cancel()
	if code := a.run(ctx, []string{"sim", "--dir", dir}); code != exitInterrupted {
		t.Errorf("exit %d", code)
	}
	for _, want := range []string{"export HTTPS_PROXY=", "export CLOUDTOP_CONFIG=", "export NEON_API_KEY=", "# ready"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is not printed in:\n%s", want, out)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "ca.pem")); err != nil {
		t.Error(err)
	}
}

func TestExitCodeOfASnapshot(t *testing.T) {
	t.Parallel()
	unit := func(c hub.Capability, s hub.State, k cloud.Kind) hub.Unit {
		return hub.Unit{Key: hub.Key{Capability: c}, State: s, Kind: k}
	}
	for _, c := range []struct {
		name  string
		units []hub.Unit
		want  int
	}{
		{"complete", []hub.Unit{unit(hub.Resources, hub.OK, ""), unit(hub.Costs, hub.Skipped, cloud.KindUnsupported)}, exitOK},
		{"partial", []hub.Unit{unit(hub.Resources, hub.Partial, cloud.KindPartial)}, exitIncomplete},
		{"stale", []hub.Unit{unit(hub.Resources, hub.Stale, cloud.KindNetwork)}, exitIncomplete},
		{"one of two", []hub.Unit{unit(hub.Resources, hub.OK, ""), unit(hub.Resources, hub.Denied, cloud.KindDenied)}, exitIncomplete},
		{"refused beside a good one", []hub.Unit{unit(hub.Resources, hub.OK, ""), unit(hub.Connect, hub.Failed, cloud.KindAuth)}, exitIncomplete},
		{"refused alone", []hub.Unit{unit(hub.Connect, hub.Failed, cloud.KindAuth)}, exitAuth},
		{"connected and nothing more", []hub.Unit{unit(hub.Connect, hub.OK, ""), unit(hub.Resources, hub.Failed, cloud.KindNetwork)}, exitFailed},
	} {
		if got := exitCode(&hub.Snapshot{Units: c.units}); got != c.want {
			t.Errorf("%s: got %d, want %d", c.name, got, c.want)
		}
	}
}
