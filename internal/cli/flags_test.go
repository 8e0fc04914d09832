package cli

import (
	"encoding/csv"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/adsops/cloudtop/internal/provider/all"
)

// row is what tests look at of a resource or an offer.
type row struct {
	Provider, Account, Service, Region, Status, Name string
	GPU                                              *struct{ Type string }
	GPUType                                          string  `json:"gpu_type"`
	GPUCount                                         int     `json:"gpu_count"`
	GPUMemory                                        float64 `json:"gpu_memory_gb"`
	Price                                            float64 `json:"price_per_hour"`
	Interruptible                                    *bool
	Metrics                                          map[string]float64
}

// rows runs a command line in the demo and returns its resources or offers.
func rows(t *testing.T, line string) []row {
	t.Helper()
	r := run(t, demo(), append(strings.Fields(line), "--jq", "[.providers[] | (.results[].resources[], .offerings[])]")...)
	var list []row
	if err := json.Unmarshal([]byte(r.out), &list); err != nil || r.code != exitOK {
		t.Fatalf("%s: exit %d, %v in:\n%.300s\n%s", line, r.code, err, r.out, r.err)
	}
	return list
}

// every fails unless there are rows and all pass.
func every(t *testing.T, line string, test func(row) bool) {
	t.Helper()
	list := rows(t, line)
	if len(list) == 0 {
		t.Errorf("%s: no rows", line)
	}
	for _, r := range list {
		if !test(r) {
			t.Errorf("%s shows %+v", line, r)
			return
		}
	}
}

func TestAFlagOfAProviderAsksThatProviderAlone(t *testing.T) {
	t.Parallel()
	for _, s := range all.Specs() {
		flags := []string{"--" + s.Name}
		if s.Short != "" {
			flags = append(flags, "-"+s.Short)
		}
		if s.AI {
			for _, alias := range append(slices.Clone(s.Aliases), s.Name) {
				flags = append(flags, "--ai "+alias)
			}
		}
		for _, flag := range flags {
			t.Run(flag, func(t *testing.T) {
				t.Parallel()
				every(t, flag+" --metrics=false --costs=false", func(r row) bool { return r.Provider == s.Name })
			})
		}
	}
}

func TestFlagsOfProvidersAddUp(t *testing.T) {
	t.Parallel()
	for line, want := range map[string][]string{
		"--neon --ai vast --ai io":     {"neon", "runpod", "vastai"},
		"--vastai --ai vast":           {"vastai"},
		"-nc":                          {"cloudflare", "neon"},
		"--neon --all --metrics=false": all.Specs().Names(),
	} {
		r := run(t, demo(), append(strings.Fields(line), "--costs=false", "--jq", ".providers[].name")...)
		if got := strings.Fields(r.out); !slices.Equal(got, want) || r.code != exitOK {
			t.Errorf("%s: exit %d, asked %v, want %v\n%s", line, r.code, got, want, r.err)
		}
	}
}

func TestServicesGoByNameAliasAndClass(t *testing.T) {
	t.Parallel()
	for _, s := range all.Specs() {
		wanted := map[string][]string{} // services by what --service takes
		for _, svc := range s.Services {
			for _, name := range append([]string{svc.Name}, svc.Aliases...) {
				wanted[name] = nil
			}
			for _, class := range svc.Classes {
				wanted[string(class)] = nil
			}
		}
		for name := range wanted {
			for _, svc := range s.Services {
				if svc.Is(name) {
					wanted[name] = append(wanted[name], svc.Name)
				}
			}
		}
		t.Run(s.Name, func(t *testing.T) {
			t.Parallel()
			for name, want := range wanted {
				slices.Sort(want)
				r := run(t, demo(), "--"+s.Name, "--service", name, "--metrics=false", "--costs=false",
					"--jq", `([.ledger[].service] + [.providers[].results[].resources[].service]) | unique[] | select(. != "")`)
				if got := strings.Fields(r.out); r.code != exitOK || !slices.Equal(got, want) {
					t.Errorf("--service %s: exit %d, got %v, want %v\n%s", name, r.code, got, want, r.err)
				}
			}
		})
	}
}

func TestRowsAreNarrowed(t *testing.T) {
	t.Parallel()
	for line, test := range map[string]func(row) bool{
		"--all --gpu":                                func(r row) bool { return r.GPU != nil },
		"--all --running":                            func(r row) bool { return r.Status == "running" },
		"--oracle --neon --region us-phoenix-1":      func(r row) bool { return r.Region == "us-phoenix-1" },
		"--azure --region eastus":                    func(r row) bool { return r.Region == "eastus" },
		"-z --region eastus --region westeurope":     func(r row) bool { return r.Region == "eastus" || r.Region == "westeurope" },
		"--oracle --runpod --region *us-*":           func(r row) bool { return strings.Contains(strings.ToLower(r.Region), "us-") },
		"--all --filter region~us-":                  func(r row) bool { return strings.Contains(strings.ToLower(r.Region), "us-") },
		"--oracle --service compute --metrics=false": func(r row) bool { return len(r.Metrics) == 0 },
		"--gpu --list --gpu-type 4090":               func(r row) bool { return strings.Contains(r.GPUType, "4090") },
		"--gpu --list --gpu-count 4":                 func(r row) bool { return r.GPUCount >= 4 },
		"--gpu --list --gpu-memory 40":               func(r row) bool { return r.GPUMemory >= 40 },
		"--gpu --list --max-price 0.5":               func(r row) bool { return r.Price > 0 && r.Price <= 0.5 },
		"--gpu --list --ai vast --spot":              func(r row) bool { return r.Provider == "vastai" && *r.Interruptible },
		"--gpu --list --ai io --spot=false":          func(r row) bool { return r.Provider == "runpod" && !*r.Interruptible },
		"--gpu --list --ai vast --filter gpu~4090":   func(r row) bool { return strings.Contains(r.GPUType, "4090") },
	} {
		t.Run(line, func(t *testing.T) {
			t.Parallel()
			every(t, line, test)
		})
	}
}

func TestARegionWithBlanksIsThatOfAzure(t *testing.T) {
	t.Parallel()
	r := run(t, demo(), "--azure", "--region", "West Europe", "--jq", "[.providers[].results[].resources[].region] | unique[]")
	if r.out != "westeurope\n" {
		t.Errorf("exit %d, regions %q\n%s", r.code, r.out, r.err)
	}
}

func TestOrderAndLimitHoldOverAllProviders(t *testing.T) {
	t.Parallel()
	r := run(t, demo(), "--all", "--sort", "-name", "--limit", "7", "--columns", "name", "--output", "csv")
	names, err := csv.NewReader(strings.NewReader(r.out)).ReadAll()
	if err != nil || len(names) != 8 || len(names[0]) != 1 {
		t.Fatalf("exit %d, %v, %d lines, want a head and 7:\n%s", r.code, err, len(names), r.out)
	}
	if !slices.IsSortedFunc(names[1:], func(a, b []string) int { return strings.Compare(strings.ToLower(b[0]), strings.ToLower(a[0])) }) {
		t.Errorf("not in falling order: %v", names[1:])
	}
}

func TestColumnsAreThoseThatWereAskedFor(t *testing.T) {
	t.Parallel()
	r := run(t, demo(), "--neon", "--columns", "status,name", "--columns", "id")
	head, _, _ := strings.Cut(r.out, "\n")
	if got := strings.Fields(head); !slices.Equal(got, []string{"STATUS", "NAME", "ID"}) {
		t.Errorf("exit %d, columns %v\n%s", r.code, got, r.err)
	}
	file := filepath.Join(t.TempDir(), "config.json")
	if err := os.WriteFile(file, []byte(`{"version":"1.0","output":{"columns":{"database":["id","name"],"offers":["price","gpu"]}}}`), 0o600); err != nil {
		t.Fatal(err)
	}
	for line, want := range map[string][]string{
		"--neon --service database":               {"ID", "NAME"},
		"--gpu --list --ai vast":                  {"PRICE", "GPU"},
		"--gpu --list --ai vast --columns region": {"REGION"},
	} {
		r := run(t, demo("CLOUDTOP_CONFIG", file), strings.Fields(line)...)
		head, _, _ := strings.Cut(r.out, "\n")
		if got := strings.Fields(head); !slices.Equal(got, want) {
			t.Errorf("%s: exit %d, columns %v, want %v\n%s", line, r.code, got, want, r.err)
		}
	}
}

func TestFlagsThatContradictSayWhatToDo(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]string{
		"--gpu-type 4090":                        "--gpu-type narrows GPUs for rent: use it with --gpu --list",
		"--gpu --gpu-count 2":                    "--gpu-count narrows GPUs for rent: use it with --gpu --list",
		"--gpu-memory 24":                        "with --gpu --list",
		"--max-price 0":                          "with --gpu --list",
		"--spot=false":                           "with --gpu --list",
		"--offer-query x":                        "with --gpu --list",
		"--gpu --list --running":                 "--running narrows your own resources",
		"--gpu --list --service compute":         "--service narrows your own resources",
		"--gpu --list --gpu-count -1":            "--gpu-count -1: expected a number of cards",
		"--gpu --list --gpu-memory -1":           "--gpu-memory -1: expected GB",
		"--gpu --list --max-price -0.5":          "--max-price -0.5: expected USD",
		"--no-cache --refresh-cache":             "use one of them",
		"--wide --json":                          "json and wide were asked for",
		"--output csv --table":                   "csv and table were asked for",
		"--jq .x --output yaml":                  "json and yaml were asked for",
		"--limit x":                              `--limit "x": expected a whole number`,
		"--max-price cheap":                      `--max-price "cheap": expected a number`,
		"--metrics=maybe":                        `--metrics "maybe": expected true or false`,
		"--timeout soon":                         `--timeout "soon": expected a number with a unit, like 30s`,
		"--explain=x":                            `--explain "x": expected a whole number`,
		"--service":                              "needs an argument",
		"azure":                                  "Did you mean --azure?",
		"--vast":                                 "unknown flag: --vast\nDid you mean --vastai?",
		"--al":                                   "Did you mean --all?",
		"--refr 5s":                              "Did you mean --refresh?",
		"--jsno":                                 "Did you mean --json?",
		"orcale":                                 "Did you mean --oracle?",
		"doctr":                                  "Did you mean 'cloudtop doctor'?",
		"config validat":                         "Did you mean 'cloudtop config validate'?",
		"--output jsn":                           `--output "jsn" (did you mean "json"?): expected one of table`,
		"--service comptue":                      `no provider has it (did you mean "compute"?)`,
		"--ai vsat":                              `--ai "vsat" (did you mean "vast"?)`,
		"--color alwyas":                         `(did you mean "always"?)`,
		"doctor vsat":                            `"vsat" is no provider (did you mean "vast"?)`,
		"limits vastai":                          "Did you mean --vastai?",
		"--gpu --list --columns status":          `unknown column "status"`,
		"--gpu --list --sort status":             `unknown column "status"`,
		"--sort name,-nosuch":                    `unknown column "nosuch"`,
		"--filter nosuch=1":                      `unknown field "nosuch"`,
		"--jq nosuch":                            "--jq: function not defined: nosuch",
		"--neon --jq .providers[].name|tonumber": `tonumber cannot be applied to "neon"`,
		"help nope":                              `unknown command "nope" for "cloudtop"`,
		"help config nope":                       `unknown command "nope" for "cloudtop config"`,
		"completion tcsh":                        `unknown command "tcsh" for "cloudtop completion"`,
		"completion bash zsh":                    `unknown command "zsh"`,
		"doctor --ai oracle":                     `--ai "oracle": expected one of`,
		"doctor oracle nobody":                   `"nobody" is no provider: expected one of azure`,
		"sim --seed -1":                          `--seed "-1": expected a whole number`,
		"sim --latency -1s":                      "cannot be negative",
	} {
		t.Run(line, func(t *testing.T) {
			t.Parallel()
			got := run(t, demo(), strings.Fields(line)...)
			if got.code != exitUsage || !strings.Contains(got.err, want) || got.out != "" {
				t.Errorf("exit %d, stdout %.200q, stderr %q; want exit 2 and %q", got.code, got.out, got.err, want)
			}
		})
	}
}

// A list in several formats has the same rows.
func TestEveryFormatHasTheSameRows(t *testing.T) {
	t.Parallel()
	want := len(rows(t, "--neon"))
	lines := func(args ...string) int {
		r := run(t, demo(), append([]string{"--neon", "--quiet"}, args...)...)
		return strings.Count(r.out, "\n")
	}
	for name, got := range map[string]int{
		"table": lines() - 1, "wide": lines("--wide") - 1, "csv": lines("-O", "csv") - 1, "ndjson": lines("--output=ndjson") - 1,
		"markdown": lines("-O", "markdown") - 2,
	} {
		if got != want {
			t.Errorf("%s has %d rows, JSON %d", name, got, want)
		}
	}
}

func TestMoneyIsReadUnlessItIsNotWanted(t *testing.T) {
	t.Parallel()
	ask := func(args ...string) string {
		return run(t, demo(), append(args, "--vastai", "--jq", "[.ledger[] | select(.capability == \"costs\")] | length")...).out
	}
	if with, without := ask(), ask("--costs=false"); with == "0\n" || without != "0\n" {
		t.Errorf("units of costs: %q, and with --costs=false %q", with, without)
	}
	if table := run(t, demo(), "--vastai"); !strings.Contains(table.err, "balance: vastai $") {
		t.Errorf("the balance is not told:\n%s", table.err)
	}
}

func TestBlankCellsAreExplainedOnDemand(t *testing.T) {
	t.Parallel()
	plain, why := run(t, demo(), "--neon"), run(t, demo(), "--neon", "--why")
	if extra, found := strings.CutPrefix(why.out+why.err, plain.out); !found || len(extra) <= len(plain.err) {
		t.Errorf("--why adds nothing:\n%s%s", why.out, why.err)
	}
}

func TestATimeoutIsToldWithAdvice(t *testing.T) {
	t.Parallel()
	r := run(t, demo("CLOUDTOP_DEMO_LATENCY", "1h"), "--neon", "--timeout", "20ms", "--json")
	d := r.document(t)
	late := slices.ContainsFunc(d.Ledger, func(u unitPart) bool { return u.State == "error" && u.Kind == "timeout" })
	if r.code != exitFailed || !late || !strings.Contains(r.err, "hint: raise --timeout") {
		t.Errorf("exit %d, late: %v: %s", r.code, late, r.err)
	}
}
