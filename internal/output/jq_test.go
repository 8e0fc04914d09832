package output

import (
	"bytes"
	"context"
	"errors"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/hub"
)

// promised are the jq programs that the product promises to work as they stand, and what they say of the world.
func promised() []struct{ name, program, want string } {
	return []struct{ name, program, want string }{
		{"offers for rent", `
  .providers[].offerings[] |
  select(.available == true) |
  "\(.gpu_type) @ $\(.price_per_hour)/hr - \(.provider)"
`, "RTX 4090 @ $0.7/hr - vastai\n"},
		{"idle, with all that has no reading", `
  .providers[].results[].resources[] |
  select(.metrics.cpu_usage_percent < 20) |
  "\(.provider): \(.name) - CPU: \(.metrics.cpu_usage_percent)%"
`, "oracle: web-1 - CPU: 8%\nvastai: quiet - CPU: null%\n"},
		{"idle, safely", `
  .providers[].results[].resources[] |
  select(.metrics.cpu_usage_percent != null and .metrics.cpu_usage_percent < 20) |
  "\(.provider): \(.name) - CPU: \(.metrics.cpu_usage_percent)%"
`, "oracle: web-1 - CPU: 8%\n"},
		{"how many", `.providers[].results[].resources | length`, "1\n2\n"},
		{"alerts", `
  .providers[].results[].resources[] |
  select(.metrics.cpu_usage_percent > 80 or .metrics.memory_usage_percent > 80) |
  "ALERT: \(.provider)/\(.name) - CPU: \(.metrics.cpu_usage_percent)% MEM: \(.metrics.memory_usage_percent)%"
`, "ALERT: vastai/busy - CPU: 37% MEM: 81.5%\n"},
	}
}

// rented is a world in which every promised program has something to say.
func rented() *hub.Snapshot {
	resource := func(provider, name string, cpu, memory float64) *cloud.Resource {
		r := &cloud.Resource{Provider: provider, Account: "a", ID: name, Name: name, Status: cloud.StatusRunning}
		if cpu >= 0 {
			r.Metrics = []cloud.Metric{{Name: cloud.CPUUsagePercent, Value: cpu}, {Name: cloud.MemoryUsagePercent, Value: memory}}
		}
		return r
	}
	vast := vastai()
	vast.Costs = nil
	vast.Resources = []*cloud.Resource{resource("vastai", "busy", 37, 81.5), resource("vastai", "quiet", -1, -1)}
	return &hub.Snapshot{At: at(), Done: true, Providers: []hub.Provider{
		{Name: "oracle", Resources: []*cloud.Resource{resource("oracle", "web-1", 8, 12)}}, vast,
	}}
}

func TestPromisedProgramsRun(t *testing.T) {
	t.Parallel()
	text := write(t, rented(), Options{Format: "json"})
	for _, c := range promised() {
		for from, value := range map[string]any{"the text": []byte(text), "the document": Document(rented(), Options{})} {
			var got bytes.Buffer
			if err := JQ(t.Context(), &got, c.program, value, true); err != nil {
				t.Errorf("%s, of %s: %v", c.name, from, err)
			} else if got.String() != c.want {
				t.Errorf("%s, of %s:\n%s\nwant:\n%s", c.name, from, &got, c.want)
			}
		}
	}
}

func TestPromisedProgramsRunInJQItself(t *testing.T) {
	t.Parallel()
	jq, err := exec.LookPath("jq")
	if err != nil {
		t.Skip("jq is not installed; gojq runs the same programs in the test above")
	}
	text := write(t, rented(), Options{Format: "json"})
	for _, c := range promised() {
		cmd := exec.CommandContext(t.Context(), jq, "-r", c.program)
		cmd.Stdin = strings.NewReader(text)
		got, err := cmd.CombinedOutput()
		if err != nil || string(got) != c.want {
			t.Errorf("%s: %v\n%s\nwant:\n%s", c.name, err, got, c.want)
		}
	}
}

func TestAFailedProviderCountsAsNoResources(t *testing.T) {
	t.Parallel()
	s := &hub.Snapshot{At: at(), Done: true, Providers: []hub.Provider{{Name: "oracle"}}, Units: []hub.Unit{
		{Key: hub.Key{Provider: "oracle", Capability: hub.Connect}, State: hub.Failed, Kind: cloud.KindAuth},
	}}
	var got bytes.Buffer
	if err := JQ(t.Context(), &got, ".providers[].results[].resources | length", Document(s, Options{}), true); err != nil {
		t.Fatal(err)
	}
	if got.String() != "0\n" {
		t.Errorf("a script that counts sees %q, want 0: with nothing its test would pass", got.String())
	}
}

func TestJQErrorsSayWhere(t *testing.T) {
	t.Parallel()
	for expr, want := range map[string][]string{
		".providers[":          {"--jq", "unexpected EOF", "  .providers[\n             ^"},
		".a | | .b":            {`unexpected token "|"`, "  .a | | .b\n       ^"},
		"nosuch(.)":            {"function not defined: nosuch/1"},
		"import \"x\" as x; .": {"--jq"},
	} {
		err := CheckJQ(expr)
		for _, part := range want {
			if err == nil || !strings.Contains(err.Error(), part) {
				t.Errorf("CheckJQ(%q) = %v, want it to say %q", expr, err, part)
			}
		}
		if run := JQ(t.Context(), &bytes.Buffer{}, expr, nil, true); run == nil {
			t.Errorf("JQ(%q) gives no error", expr)
		}
	}
}

func TestJQWritesWhatCameBeforeAnError(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		expr, want string
		raw, fails bool
	}{
		{`"a", "b"`, "a\nb\n", true, false},
		{`"a", 1, null`, "\"a\"\n1\nnull\n", false, false},
		{`{a: [1, "x"]}`, "{\n  \"a\": [\n    1,\n    \"x\"\n  ]\n}\n", true, false},
		{`1, error("no"), 2`, "1\n", true, true},
		{`1, halt, 2`, "1\n", true, false},
		{`1, ("bye" | halt_error), 2`, "1\n", true, true},
		{`env | length`, "0\n", true, false},
		{`empty`, "", true, false},
	} {
		var got bytes.Buffer
		err := JQ(t.Context(), &got, c.expr, nil, c.raw)
		if got.String() != c.want || (err != nil) != c.fails {
			t.Errorf("JQ(%s) = %q, %v; want %q, error: %v", c.expr, &got, err, c.want, c.fails)
		}
	}
	if err := JQ(t.Context(), &bytes.Buffer{}, ".", []byte("{"), true); err == nil {
		t.Error("JQ of half a document gives no error")
	}
}

func TestJQEndsWithItsContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if err := JQ(ctx, &bytes.Buffer{}, "def f: f; f", nil, true); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("an endless program ended with %v", err)
	}
}
