package cli

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// told is the part of --explain's JSON that tests look at.
type told struct {
	Simulated bool
	Resources int
	Spent     int `json:"calls_spent"`
	Providers []struct {
		Provider, Error, Note string
		Accounts              []string
		Lines                 []struct{ Service, Part string }
		Calls                 struct{ Least, Most float64 }
		USD                   *struct{ Least, Most float64 }
	}
	Total   struct{ Calls struct{ Least, Most float64 } }
	EachDay *struct{ Most float64 } `json:"usd_each_day"`
}

func explainedBy(t *testing.T, r result) told {
	t.Helper()
	var d told
	if err := json.Unmarshal([]byte(r.out), &d); err != nil {
		t.Fatalf("exit %d, %v in:\n%s\n%s", r.code, err, r.out, r.err)
	}
	return d
}

func TestExplainTellsWithoutCollecting(t *testing.T) {
	t.Parallel()
	got := run(t, demo(), "--all", "--explain", "--json")
	d := explainedBy(t, got)
	if got.code != exitOK || !d.Simulated || d.Resources != reckonedRows || len(d.Providers) != 7 {
		t.Fatalf("exit %d, %+v", got.code, d)
	}
	if d.Spent == 0 || d.Spent > 15 {
		t.Errorf("%d calls were made: want those of connecting alone", d.Spent)
	}
	sum := 0.0
	for _, p := range d.Providers {
		sum += p.Calls.Most
		if len(p.Lines) == 0 || len(p.Accounts) == 0 || p.Calls.Least > p.Calls.Most {
			t.Errorf("%s: %+v", p.Provider, p)
		}
		if unknown := p.USD == nil; unknown != (p.Provider == "azure") {
			t.Errorf("%s: the price is known: %v", p.Provider, !unknown)
		}
	}
	if d.Total.Calls.Most != sum {
		t.Errorf("total %v, the providers' sum is %v", d.Total.Calls.Most, sum)
	}
}

func TestExplainFollowsTheSelection(t *testing.T) {
	t.Parallel()
	full := explainedBy(t, run(t, demo(), "-g", "--explain", "--json")).Providers[0]
	for _, c := range []struct {
		args string
		test func(d told) bool
	}{
		{"-g --explain=100 --json", func(d told) bool { return d.Resources == 100 && d.Providers[0].Calls.Most < full.Calls.Most }},
		{"-g --service gke --explain --json", func(d told) bool {
			for _, l := range d.Providers[0].Lines {
				if l.Service != "" && l.Service != "gke" {
					return false
				}
			}
			return true
		}},
		{"-g --metrics=false --explain --json", func(d told) bool { return d.Providers[0].USD.Most == 0 }},
		{"-g --refresh 30s --explain --json", func(d told) bool { return d.EachDay.Most == d.Providers[0].USD.Most*24*60 }},
		{"--ai vast --gpu --list --explain --json", func(d told) bool {
			return d.Spent == 0 && len(d.Providers) == 1 && d.Providers[0].Lines[0].Part == "offers"
		}},
	} {
		if d := explainedBy(t, run(t, demo(), strings.Fields(c.args)...)); !c.test(d) {
			t.Errorf("%s: got %+v", c.args, d)
		}
	}
	if r := run(t, demo(), "-g", "--explain", "--jq", ".providers[].provider"); r.out != "gcp\n" {
		t.Errorf("--jq: got %q", r.out)
	}
}

func TestExplainIsReadable(t *testing.T) {
	t.Parallel()
	got := run(t, demo(), "-g", "-z", "--explain", "--refresh", "1m")
	for _, want := range []string{
		"PROVIDER", "500 rows a call, in 3 places", "0.0000-0.0065", "at most 9.36 USD", "TOTAL", "free", "?", "--explain=n", "a day costs", "$0.50 per million",
	} {
		if !strings.Contains(got.out, want) {
			t.Errorf("%q is not in\n%s", want, got.out)
		}
	}
	for line := range strings.Lines(got.out) {
		if strings.HasSuffix(line, " \n") {
			t.Errorf("a line ends with blanks: %q", line)
		}
	}
}

func TestExplainTellsOnlyOfWhoHasAPart(t *testing.T) {
	t.Parallel()
	got := run(t, demo(), "--all", "--gpu", "--list", "--explain")
	for _, want := range []string{"vastai: Nothing is billed", "azure, cloudflare, gcp, neon, oracle: nothing to ask for this"} {
		if !strings.Contains(got.out, want) {
			t.Errorf("%q is not in\n%s", want, got.out)
		}
	}
	for _, no := range []string{"azure:", "million time series", "0 accounts"} {
		if strings.Contains(got.out, no) {
			t.Errorf("%q is in\n%s", no, got.out)
		}
	}
	for _, e := range explainedBy(t, run(t, demo(), "--all", "--gpu", "--list", "--explain", "--json")).Providers {
		if (e.Note == "") != (len(e.Lines) == 0) {
			t.Errorf("%s has %d lines and the note %q", e.Provider, len(e.Lines), e.Note)
		}
	}
}

func TestExplainSaysWhoCouldNotBeAsked(t *testing.T) {
	t.Parallel()
	faults := filepath.Join(t.TempDir(), "faults.json")
	script := `[{"provider":"gcp","host":"oauth2.googleapis.com","action":"status","status":401}]`
	if err := os.WriteFile(faults, []byte(script), 0o600); err != nil {
		t.Fatal(err)
	}
	env := demo("CLOUDTOP_DEMO_FAULTS", faults)
	got := run(t, env, "-g", "--neon", "--explain")
	if got.code != exitIncomplete || !strings.Contains(got.out, "gcp: search projects") ||
		!strings.Contains(got.out, "without gcp") || !strings.Contains(got.err, "hint: ") {
		t.Errorf("exit %d:\n%s%s", got.code, got.out, got.err)
	}
	if alone := run(t, env, "-g", "--explain", "--json"); alone.code != exitAuth || explainedBy(t, alone).Providers[0].Error == "" {
		t.Errorf("alone: exit %d:\n%s%s", alone.code, alone.out, alone.err)
	}
}

func TestExplainSaysWhoIsLeftOut(t *testing.T) {
	t.Parallel()
	config := filepath.Join(t.TempDir(), "config.json")
	if err := os.WriteFile(config, []byte(`{"version":"1.0","providers":{"neon":{"enabled":true,"auth":{"method":"api_key","key_file":"/nowhere"}}}}`), 0o600); err != nil {
		t.Fatal(err)
	}
	got := run(t, map[string]string{"CLOUDTOP_CONFIG": config}, "--explain", "--json")
	if got.code == exitOK || !strings.Contains(got.out+got.err, "neon") {
		t.Errorf("exit %d:\n%s%s", got.code, got.out, got.err)
	}
	if !strings.Contains(got.out, `"skipped"`) || !strings.Contains(got.out, "no credential found") {
		t.Errorf("nobody is said to be left out:\n%s%s", got.out, got.err)
	}
}

func TestExplainRefusesWhatItCannotDo(t *testing.T) {
	t.Parallel()
	for args, want := range map[string]string{
		"--explain=-1": "expected a number of resources", "--explain --output csv": "expected table or json", "--explain=many": "--explain",
	} {
		if got := run(t, demo(), strings.Fields(args)...); got.code != exitUsage || !strings.Contains(got.err, want) {
			t.Errorf("%s: exit %d, %q", args, got.code, got.err)
		}
	}
}
