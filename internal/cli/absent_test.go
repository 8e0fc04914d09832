package cli

import (
	"context"
	"strings"
	"testing"
)

func TestNamesThatNothingHasAreWarnedOf(t *testing.T) {
	t.Parallel()
	const warned = `cloudtop: warning: --columns: none of the resources has an attribute "nope"`
	for name, c := range map[string]struct {
		args []string
		want string
	}{
		"a column":                    {[]string{"--columns", "name,attrs.nope"}, warned},
		"a column of csv":             {[]string{"--columns", "attrs.nope", "--output", "csv"}, warned},
		"an order, of JSON too":       {[]string{"--sort", "-attrs.nope", "--json"}, `cloudtop: warning: --sort: none of the resources has an attribute "nope"`},
		"a filter":                    {[]string{"--filter", "attrs.nope=1"}, `cloudtop: warning: --filter: none of the resources has an attribute "nope"`},
		"JSON has no columns":         {[]string{"--columns", "attrs.nope", "--json"}, ""},
		"quiet":                       {[]string{"--columns", "attrs.nope", "--quiet"}, ""},
		"a column that something has": {[]string{"--columns", "name,attrs.project"}, ""},
	} {
		r := run(t, demo(), append(c.args, "--neon")...)
		got := ""
		for line := range strings.Lines(r.err) {
			if strings.Contains(line, "warning") {
				got += strings.TrimSuffix(line, "\n")
			}
		}
		if got != c.want || r.code != exitOK || r.out == "" {
			t.Errorf("%s: exit %d, got %q, want %q", name, r.code, got, c.want)
		}
	}
}

func TestNamesThatNothingHasAreWarnedOfInTheFirstRoundAlone(t *testing.T) {
	t.Parallel()
	a, _, errOut := machine(t, demo())
	ctx, interrupt := context.WithCancelCause(t.Context())
	rounds := 0
	a.out = newScreen(func(string) bool { rounds++; return rounds == 2 }, func() { interrupt(errInterrupted) })
	a.run(ctx, []string{"--neon", "--refresh", "1s", "--table", "--columns", "name,attrs.nope"})
	if n := strings.Count(errOut.String(), "none of the resources"); n != 1 {
		t.Errorf("said %d times in two rounds:\n%s", n, errOut)
	}
}
