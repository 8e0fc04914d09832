package internal_test

import (
	"slices"
	"strings"
	"testing"
)

// provider is a package path of a provider that need not exist.
const provider = "internal/provider/acme"

func TestBansCanBeBroken(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		units []unit
		want  string // the chain that is reported, or nothing
	}{
		{"a module in cloud", []unit{{path: "internal/cloud", imports: []string{"fmt", "golang.org/x/text"}}},
			"internal/cloud imports golang.org/x/text"},
		{"our pkg in cloud", []unit{{path: "internal/cloud", imports: []string{"pkg/retry"}}},
			"internal/cloud imports pkg/retry"},
		{"the contract in the chain", []unit{{path: "internal/httpx", imports: []string{"internal/provider"}}},
			"internal/httpx imports internal/provider"},
		{"configuration in the contract", []unit{{path: "internal/provider", imports: []string{"internal/config"}}},
			"internal/provider imports internal/config"},
		{"the collector in a provider", []unit{{path: provider, imports: []string{"internal/collector"}}},
			provider + " imports internal/collector"},
		{"another provider in a provider", []unit{{path: provider, imports: []string{"internal/provider/oracle"}}},
			provider + " imports internal/provider/oracle"},
		{"retries in a provider", []unit{{path: provider, imports: []string{"pkg/retry"}}},
			provider + " imports pkg/retry"},
		{"the environment in a provider", []unit{{path: provider, imports: []string{"os"}}},
			provider + " imports os"},
		{"a command in a provider", []unit{{path: provider, imports: []string{"os/exec"}}},
			provider + " imports os/exec"},
		{"its parent in a simulator", []unit{{path: provider + "/sim", imports: []string{provider}}},
			provider + "/sim imports " + provider},
		{"its parent in a simulator's test", []unit{{path: provider + "/sim", tests: []string{provider}}},
			provider + "/sim imports " + provider},
		{"the chain in the world", []unit{{path: "internal/sim", imports: []string{"internal/httpx"}}},
			"internal/sim imports internal/httpx"},
		{"a provider in a face", []unit{{path: "internal/output", imports: []string{"internal/provider"}}},
			"internal/output imports internal/provider"},
		{"the chain in a face through another package", []unit{
			{path: "internal/tui/table", imports: []string{"internal/view"}},
			{path: "internal/view", imports: []string{"internal/httpx"}},
		}, "internal/tui/table imports internal/view imports internal/httpx"},
		{"files in the hub", []unit{{path: "internal/hub", imports: []string{"os"}}}, "internal/hub imports os"},
		{"a network in a view through cloud", []unit{
			{path: "internal/view", imports: []string{"internal/cloud"}},
			{path: "internal/cloud", imports: []string{"net/http"}},
		}, "internal/view imports internal/cloud imports net/http"},
		{"a provider beside the registry", []unit{{path: "internal/collector", imports: []string{provider}}},
			"internal/collector imports " + provider},
		{"a simulator beside the registry", []unit{{path: "internal/cli", tests: []string{provider + "/sim"}}},
			"internal/cli imports " + provider + "/sim"},
		{"the suite in the product", []unit{{path: "internal/cli", imports: []string{"internal/provider/providertest"}}},
			"internal/cli imports internal/provider/providertest"},
		{"commands in a part", []unit{{path: "internal/server", imports: []string{"internal/cli"}}},
			"internal/server imports internal/cli"},
		{"cloudtop in pkg", []unit{{path: "pkg/retry", tests: []string{"internal/cloud"}}},
			"pkg/retry imports internal/cloud"},
		{"Prometheus outside history", []unit{{path: "internal/export", imports: []string{"github.com/prometheus/prometheus/tsdb"}}},
			"internal/export imports github.com/prometheus/prometheus/tsdb"},
		{"the chain in the cache", []unit{{path: "internal/cache", imports: []string{"internal/httpx"}}},
			"internal/cache imports internal/httpx"},
		{"the memory cache beside the cache", []unit{{path: "internal/hub", imports: []string{"github.com/maypok86/otter/v2"}}},
			"internal/hub imports github.com/maypok86/otter/v2"},
		{"Redis in the collector", []unit{{path: "internal/collector", imports: []string{"github.com/redis/go-redis/v9"}}},
			"internal/collector imports github.com/redis/go-redis/v9"},
	}
	reported := map[string]bool{}
	for _, tt := range tests {
		got := check(bans, tt.units)
		if !slices.ContainsFunc(got, func(b breach) bool { return b.text == tt.want+": "+b.reason }) {
			t.Errorf("%s: check reports %v, want %q with its reason", tt.name, got, tt.want)
		}
		for _, b := range got {
			reported[b.reason] = true
		}
	}
	for _, b := range bans {
		if !reported[b.reason] {
			t.Errorf("no example breaks the ban %q", b.reason)
		}
	}
}

func TestBallastIsFoundHoweverDeep(t *testing.T) {
	t.Parallel()
	for _, w := range weights {
		ballast := strings.Replace(w.never[0], "/...", "/below", 1)
		got := check(weights, []unit{
			{path: "cmd/cloudtop", imports: []string{"internal/cli"}},
			{path: "internal/cli", imports: []string{"example.org/sdk"}},
			{path: "example.org/sdk", imports: []string{ballast}},
		})
		want := "cmd/cloudtop imports internal/cli imports example.org/sdk imports " + ballast + ": " + w.reason
		if len(got) != 1 || got[0].text != want {
			t.Errorf("check reports %v, want %q alone", got, want)
		}
	}
}

func TestBansLeaveTheDesignAlone(t *testing.T) {
	t.Parallel()
	units := []unit{
		{path: "cmd/cloudtop", imports: []string{"os", "internal/cli"}},
		{path: "internal/cli", imports: []string{"os", "internal/provider/all", "internal/output", "internal/collector"},
			tests: []string{"internal/provider/providertest"}},
		{path: "internal/cloud", imports: []string{"fmt", "time", "encoding/json"}},
		{path: "internal/httpx", imports: []string{"internal/cloud", "net/http", "pkg/retry", "pkg/ratelimit"}},
		{path: "internal/provider", imports: []string{"internal/cloud", "internal/httpx", "pkg/retry", "golang.org/x/oauth2"}},
		{path: "internal/provider/all", imports: []string{"internal/provider", provider, provider + "/sim", "internal/sim"}},
		{path: provider, imports: []string{"internal/cloud", "internal/provider", "internal/httpx", "internal/httpx/sign", "pkg/loose", "example.org/sdk"},
			tests: []string{"os", provider, provider + "/sim", "internal/provider/providertest", "internal/sim"}},
		{path: provider + "/sim", imports: []string{"internal/sim", "net/http"}, tests: []string{provider + "/sim"}},
		{path: "internal/provider/providertest", imports: []string{"internal/provider", "internal/sim", "testing"}},
		{path: "internal/sim", imports: []string{"net/http", "pkg/glob"}},
		{path: "internal/hub", imports: []string{"internal/cloud", "net/url"}, tests: []string{"os"}},
		{path: "internal/output", imports: []string{"internal/hub", "internal/view", "io"}, tests: []string{"os"}},
		{path: "internal/history/rules", imports: []string{"github.com/prometheus/prometheus/rules"}},
		{path: "internal/cache", imports: []string{"os", "internal/cloud", "pkg/atomicfile", "github.com/maypok86/otter/v2", "github.com/redis/go-redis/v9"}},
		{path: "pkg/ratelimit", imports: []string{"github.com/redis/go-redis/v9"}},
		{path: "pkg/retry", imports: []string{"github.com/cenkalti/backoff/v5"}, tests: []string{"pkg/retry"}},
		{path: "test/script", tests: []string{"internal/cli"}},
	}
	for _, b := range check(slices.Concat(bans, weights), units) {
		t.Errorf("check reports %q, want nothing", b.text)
	}
}

func TestPatternsStandForWholeElements(t *testing.T) {
	t.Parallel()
	tests := []struct {
		pattern, pkg string
		want         bool
	}{
		{"os", "os", true},
		{"os", "os/exec", false},
		{"os/...", "os", true},
		{"os/...", "os/exec", true},
		{"os/...", "ossify", false},
		{"net/...", "vendor/net", false},
		{"internal/provider/*", "internal/provider", false},
		{"internal/provider/*", provider, true},
		{"internal/provider/*", provider + "/sim", false},
		{"internal/provider/*/sim", provider + "/sim", true},
		{"*.*/...", "golang.org/x/time/rate", true},
		{"*.*/...", "encoding/json", false},
		{"github.com/spf13/viper/...", "github.com/spf13/viper", true},
		{"github.com/spf13/viper/...", "github.com/spf13", false},
	}
	for _, tt := range tests {
		if got := matches([]string{tt.pattern}, tt.pkg); got != tt.want {
			t.Errorf("%q stands for %q: %v, want %v", tt.pattern, tt.pkg, got, tt.want)
		}
	}
}
