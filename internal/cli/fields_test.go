package cli

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/adsops/cloudtop/internal/view"
)

// TestNoNameThatAProviderHasIsTakenForASlip holds the filter's early refusal against every attribute, metric and tag of
// the simulated clouds.
func TestNoNameThatAProviderHasIsTakenForASlip(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		kind view.Kind
		args []string
	}{
		{view.Resources, []string{"--all", "--json"}}, {view.Offers, []string{"--all", "--gpu", "--list", "--json"}},
	} {
		r := run(t, demo(), c.args...)
		var doc struct {
			Providers []struct {
				Results []struct {
					Resources []struct{ Attributes, Metrics, Tags map[string]any }
				}
				Offerings []struct{ Attributes map[string]any }
			}
		}
		if err := json.Unmarshal([]byte(r.out), &doc); err != nil {
			t.Fatal(err)
		}
		names := map[string]any{}
		add := func(from map[string]any) {
			for name := range from {
				names[name] = nil
			}
		}
		for _, p := range doc.Providers {
			for _, o := range p.Offerings {
				add(o.Attributes)
			}
			for _, one := range p.Results {
				for _, res := range one.Resources {
					add(res.Attributes)
					add(res.Metrics)
					add(res.Tags)
				}
			}
		}
		if len(names) < 20 {
			t.Fatalf("%s have the names %v: too few to prove anything", c.kind, names)
		}
		for name := range names {
			if _, err := view.ParseFilter(c.kind, `"`+strings.ReplaceAll(name, `"`, `\"`)+`"!=none`); err != nil {
				t.Errorf("%s: %v", c.kind, err)
			}
		}
	}
}

func TestAMistypedFieldIsToldBeforeAnybodyIsAsked(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{
		{"--filter", "stauts=running"}, {"--filter", "status=runing"}, {"--filter", "cpu>many"}, {"--sort", "-cup"}, {"--columns", "name,stauts"},
		{"--gpu", "--list", "--filter", "prcie<2"}, {"--gpu", "--list", "--sort", "prcie"}, {"--gpu", "--list", "--columns", "prcie"},
	} {
		r := run(t, demo("CLOUDTOP_DEMO_LATENCY", "1h"), append(args, "--all", "--timeout", "1s")...)
		if r.code != exitUsage || r.out != "" || !strings.Contains(r.err, args[len(args)-2]) || strings.Contains(r.err, "units") {
			t.Errorf("%v: exit %d, %q", args, r.code, r.err)
		}
	}
}
