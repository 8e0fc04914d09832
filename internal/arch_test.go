package internal_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os/exec"
	"path"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/adsops/cloudtop/"

// A ban says what some packages must not import. Patterns are import paths, ours without the module: "*" stands for
// any one element, a last "/..." for the path and all below it.
type ban struct {
	who    []string // whom it concerns
	but    []string // of those, whom it does not
	never  []string // what they must not import
	except []string // of that, what they may
	deep   bool     // nor through another package
	tests  bool     // nor in their tests
	own    bool     // except from the own provider's folder
	reason string
}

// bans are the import rules of the house. .golangci.yml shows the same in the editor.
var bans = []ban{{
	who:    []string{"internal/cloud"},
	never:  []string{"*.*/...", "internal/...", "pkg/...", "cmd/..."},
	reason: "the nouns need only the standard library, so that everything may know them",
}, {
	who:    []string{"internal/httpx/..."},
	never:  []string{"internal/..."},
	except: []string{"internal/cloud", "internal/httpx/..."},
	reason: "the chain knows no provider; what differs reaches it as a policy",
}, {
	who:    []string{"internal/provider"},
	never:  []string{"internal/..."},
	except: []string{"internal/cloud", "internal/httpx"},
	reason: "the contract knows only the nouns and the chain, so that everything may know the contract",
}, {
	who:    []string{"internal/provider/*"},
	but:    []string{"internal/provider/all", "internal/provider/providertest"},
	never:  []string{"internal/...", "cmd/..."},
	except: []string{"internal/cloud", "internal/provider", "internal/httpx", "internal/httpx/sign"},
	reason: "a provider knows only cloud, provider and httpx, so that it can be read and changed alone",
}, {
	who:    []string{"internal/provider/*"},
	but:    []string{"internal/provider/all", "internal/provider/providertest"},
	never:  []string{"pkg/ratelimit", "pkg/retry"},
	reason: "only the chain waits and tries again, so that there is one place that does",
}, {
	who:    []string{"internal/provider/*"},
	but:    []string{"internal/provider/all", "internal/provider/providertest"},
	never:  []string{"os/..."},
	reason: "files and environment reach a provider as its Env, so that a test can give it any",
}, {
	who:    []string{"internal/provider/*/sim"},
	never:  []string{"internal/...", "pkg/...", "cmd/..."},
	except: []string{"internal/sim/..."},
	tests:  true,
	reason: "a simulator is written from the published reference, so that it can prove its parent wrong",
}, {
	who:    []string{"internal/sim/..."},
	never:  []string{"internal/...", "cmd/..."},
	except: []string{"internal/sim/..."},
	reason: "what shares code with the product cannot prove the product wrong",
}, {
	who:    []string{"internal/output/...", "internal/tui/...", "internal/server/...", "internal/export/..."},
	never:  []string{"internal/provider/...", "internal/collector/...", "internal/httpx/..."},
	deep:   true,
	reason: "a face only renders a Snapshot",
}, {
	who:    []string{"internal/hub/...", "internal/view/...", "internal/cost/...", "internal/advise/..."},
	never:  []string{"os/...", "net/..."},
	except: []string{"net/url", "net/netip"},
	deep:   true,
	reason: "this part only computes, so that it is quick and its tests need nothing",
}, {
	who:    []string{"internal/...", "cmd/...", "pkg/...", "test/..."},
	but:    []string{"internal/provider/all"},
	never:  []string{"internal/provider/*", "internal/provider/*/sim"},
	except: []string{"internal/provider/all", "internal/provider/providertest"},
	tests:  true,
	own:    true,
	reason: "the registry of provider/all is the only way to a provider",
}, {
	who:    []string{"internal/...", "cmd/...", "pkg/..."},
	never:  []string{"internal/provider/providertest"},
	reason: "the suite is for tests",
}, {
	who:    []string{"internal/...", "cmd/...", "pkg/...", "test/..."},
	but:    []string{"cmd/cloudtop"},
	never:  []string{"internal/cli/..."},
	reason: "commands are the outermost layer",
}, {
	who:    []string{"pkg/..."},
	never:  []string{"internal/...", "cmd/..."},
	tests:  true,
	reason: "pkg knows nothing of cloudtop",
}, {
	who:    []string{"internal/...", "cmd/...", "pkg/..."},
	but:    []string{"internal/history/..."},
	never:  []string{"github.com/prometheus/prometheus/..."},
	reason: "its weight and its API stay behind internal/history",
}, {
	who:    []string{"internal/cache/..."},
	never:  []string{"internal/..."},
	except: []string{"internal/cloud", "internal/cache/..."},
	reason: "the cache knows only the nouns; what is worth keeping, and for how long, is its callers' matter",
}, {
	who:    []string{"internal/...", "cmd/...", "pkg/..."},
	but:    []string{"internal/cache/..."},
	never:  []string{"github.com/maypok86/otter/...", "github.com/tinylib/msgp/...", "github.com/klauspost/compress/..."},
	reason: "how entries are kept and written stays behind internal/cache",
}, {
	who:    []string{"internal/...", "cmd/...", "pkg/..."},
	but:    []string{"internal/cache/...", "pkg/ratelimit/..."},
	never:  []string{"github.com/redis/go-redis/..."},
	reason: "Redis stays behind the cache and the limits, which do without it when it is down",
}}

// weights are what no dependency may bring into the program.
var weights = []ban{
	weight("google.golang.org/api/...", "it costs 10 MB and switches off the linker's removal of dead code"),
	weight("google.golang.org/grpc/...", "it is heavy, and every provider has REST"),
	weight("golang.org/x/net/trace", "it registers handlers on the default mux and pulls in html/template"),
	weight("html/template", "it switches off the linker's removal of dead code"),
	weight("github.com/spf13/viper/...", "it lower-cases keys, brings 37 modules and lets a mistyped key pass"),
	weight("github.com/cloudflare/cloudflare-go/...", "it costs 11 to 19 MB, and its pager drops the context"),
}

func weight(never, reason string) ban {
	return ban{who: []string{"cmd/cloudtop"}, never: []string{never}, deep: true, reason: reason}
}

func TestImportsFollowTheDesign(t *testing.T) {
	t.Parallel()
	for _, broken := range check(bans, list(t, "./...")) {
		t.Error(broken.text)
	}
}

func TestProgramCarriesNoKnownBallast(t *testing.T) {
	t.Parallel()
	for _, broken := range check(weights, list(t, "-deps", "./cmd/cloudtop")) {
		t.Error(broken.text)
	}
}

// unit is a package with its imports; ours without the module.
type unit struct {
	path           string
	imports, tests []string
}

// list asks the go command for packages, the program among them, also for those that do not build.
func list(t *testing.T, args ...string) []unit {
	t.Helper()
	args = append([]string{"list", "-e", "-json=ImportPath,Imports,TestImports,XTestImports"}, args...)
	cmd := exec.CommandContext(t.Context(), "go", args...)
	cmd.Dir = ".."
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go %s: %v\n%s", strings.Join(args, " "), err, &stderr)
	}
	units := decode(t, out)
	if !slices.ContainsFunc(units, func(u unit) bool { return u.path == "cmd/cloudtop" }) {
		t.Fatalf("go %s lists %d packages without cmd/cloudtop", strings.Join(args, " "), len(units))
	}
	return units
}

func decode(t *testing.T, out []byte) []unit {
	t.Helper()
	var units []unit
	for dec := json.NewDecoder(bytes.NewReader(out)); dec.More(); {
		var p struct {
			ImportPath                         string
			Imports, TestImports, XTestImports []string
		}
		if err := dec.Decode(&p); err != nil {
			t.Fatal(err)
		}
		units = append(units, unit{
			path:    short(p.ImportPath),
			imports: shorts(p.Imports),
			tests:   shorts(append(p.TestImports, p.XTestImports...)),
		})
	}
	return units
}

// short returns a package's path, without the module if it is ours.
func short(importPath string) string { return strings.TrimPrefix(importPath, module) }

func shorts(importPaths []string) []string {
	for i, p := range importPaths {
		importPaths[i] = short(p)
	}
	return importPaths
}

// breach is one import that a ban forbids.
type breach struct {
	reason, text string
}

// check returns every breach of the bans among the units.
func check(bans []ban, units []unit) []breach {
	known := map[string]unit{}
	for _, u := range units {
		known[u.path] = u
	}
	var found []breach
	for _, b := range bans {
		for _, u := range units {
			if !matches(b.who, u.path) || matches(b.but, u.path) {
				continue
			}
			for _, chain := range b.reached(u, known) {
				if b.forbids(u.path, chain[len(chain)-1]) {
					found = append(found, breach{b.reason, strings.Join(chain, " imports ") + ": " + b.reason})
				}
			}
		}
	}
	return found
}

// reached returns what u imports as far as b looks, each as the chain of imports that leads there.
func (b ban) reached(u unit, known map[string]unit) [][]string {
	queue := [][]string{{u.path}}
	seen := map[string]bool{u.path: true}
	for i := 0; i < len(queue) && (i == 0 || b.deep); i++ {
		at := queue[i]
		imports := known[at[len(at)-1]].imports
		if i == 0 && b.tests {
			imports = slices.Concat(imports, u.tests)
		}
		for _, to := range imports {
			if !seen[to] {
				seen[to] = true
				queue = append(queue, append(slices.Clone(at), to))
			}
		}
	}
	return queue[1:]
}

func (b ban) forbids(from, to string) bool {
	if b.own && folder(from) != "" && folder(from) == folder(to) {
		return false
	}
	return matches(b.never, to) && !matches(b.except, to)
}

// folder returns the provider's folder in which a package lies, if any.
func folder(pkg string) string {
	name, ok := strings.CutPrefix(pkg, "internal/provider/")
	if !ok {
		return ""
	}
	name, _, _ = strings.Cut(name, "/")
	return name
}

// matches says whether one of the patterns stands for pkg.
func matches(patterns []string, pkg string) bool {
	return slices.ContainsFunc(patterns, func(pattern string) bool {
		if top, ok := strings.CutSuffix(pattern, "/..."); ok {
			pattern = top
			if n := strings.Count(top, "/") + 1; strings.Count(pkg, "/") >= n {
				pkg = strings.Join(strings.SplitN(pkg, "/", n+1)[:n], "/")
			}
		}
		ok, err := path.Match(pattern, pkg)
		if err != nil {
			panic(fmt.Sprintf("pattern %q: %v", pattern, err))
		}
		return ok
	})
}
