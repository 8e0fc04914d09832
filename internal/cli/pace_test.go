package cli

import (
	"strings"
	"testing"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/collector"
	"github.com/adsops/cloudtop/internal/hub"
	"github.com/adsops/cloudtop/internal/provider"
)

func TestPace(t *testing.T) {
	t.Parallel()
	const asked = 10 * time.Second
	usual, slow := pace{every: asked}, pace{every: 30 * time.Second, why: "calls waited", limited: true}
	for _, c := range []struct {
		name   string
		before pace
		step   time.Duration
		last   lap
		every  time.Duration
		why    string
	}{
		{"a quick round", usual, 0, lap{took: time.Second}, asked, ""},
		{"before the first", pace{}, 0, lap{}, asked, ""},
		{"a quick step", usual, asked, lap{took: time.Second}, asked, ""},
		{"a slow step", usual, time.Minute, lap{took: time.Second}, time.Minute, "no metric is measured more often than every 1m"},
		{"as long as the interval", usual, 0, lap{took: asked}, asked, ""},
		{"a long round", usual, 0, lap{took: 12 * time.Second}, 15 * time.Second, "the last round took 12s"},
		{"a long round is not made up to parts of a second", usual, 0, lap{took: 11100 * time.Millisecond}, 14 * time.Second, "took 12s"},
		{"calls that hardly waited", usual, 0, lap{took: 5 * time.Second, waited: time.Second}, asked, ""},
		{"calls that waited", usual, 0, lap{took: 5 * time.Second, waited: 4 * time.Second}, 14 * time.Second, "calls waited 4s for the clouds' limits"},
		{"waits beside each other count once", usual, 0, lap{took: 5 * time.Second, waited: time.Hour}, 15 * time.Second, "waited 5s"},
		{"the slowest reason", usual, 20 * time.Second, lap{took: 40 * time.Second, waited: 15 * time.Second}, 50 * time.Second, "took 40s"},
		{"after waits, half of the way back", slow, 0, lap{took: time.Second}, 20 * time.Second, "limits before"},
		{"and then the rest", pace{every: 11 * time.Second, limited: true}, 0, lap{took: time.Second}, asked, ""},
		{"after a long round, back at once", pace{every: 30 * time.Second, why: "took"}, 0, lap{took: time.Second}, asked, ""},
		{"a new wait below an old one", slow, 0, lap{took: 5 * time.Second, waited: 2 * time.Second}, 12 * time.Second, "waited 2s"},
	} {
		got := c.before.next(asked, c.step, c.last)
		if got.every != c.every || !strings.Contains(got.why, c.why) || (got.why == "") != (c.why == "") {
			t.Errorf("%s: got %+v, want %s because %q", c.name, got, c.every, c.why)
		}
		if said := got.instead(asked); (said == "") != (got.every == asked) || !strings.Contains(said, c.why) {
			t.Errorf("%s: said is %q", c.name, said)
		}
	}
}

// Without more waits the pace comes back to what was asked for, and does not stop on the way.
func TestPaceComesBack(t *testing.T) {
	t.Parallel()
	p := pace{every: time.Second}.next(time.Second, 0, lap{took: time.Minute, waited: time.Minute})
	for range 10 {
		next := p.next(time.Second, 0, lap{took: time.Millisecond})
		if p.every > time.Second && next.every >= p.every {
			t.Fatalf("%s after %s", next.every, p.every)
		}
		p = next
	}
	if p.every != time.Second || p.why != "" {
		t.Errorf("got %+v, want what was asked for", p)
	}
}

func TestJitterIsATenth(t *testing.T) {
	t.Parallel()
	least, most := time.Hour, time.Duration(0)
	for range 1000 {
		d := jittered(10 * time.Second)
		least, most = min(least, d), max(most, d)
	}
	if least < 9*time.Second || most > 11*time.Second || most-least < time.Second {
		t.Errorf("between %s and %s, want 9s to 11s", least, most)
	}
}

func TestALapIsTheLongestWaitOfOneUnit(t *testing.T) {
	t.Parallel()
	s := &hub.Snapshot{Took: 3 * time.Second, Units: []hub.Unit{{Waited: time.Second}, {Waited: 2 * time.Second}, {}}}
	if got := lapOf(s); got != (lap{3 * time.Second, 2 * time.Second}) {
		t.Errorf("got %+v", got)
	}
}

func TestQuickestStep(t *testing.T) {
	t.Parallel()
	service := func(name string, step time.Duration, metrics ...string) provider.Service {
		return provider.Service{Name: name, Classes: []cloud.Class{cloud.Compute}, Step: step, Metrics: metrics}
	}
	target := func(services ...provider.Service) collector.Target {
		return collector.Target{Spec: &provider.Spec{Name: "x", Services: services}}
	}
	vms, disks, unknown := service("vms", time.Minute, "cpu"), service("disks", 0), service("pods", 0, "cpu")
	functions := service("functions", 5*time.Minute, "cpu")
	skipped := target(unknown)
	skipped.Skip = "no credential"
	for _, c := range []struct {
		name     string
		targets  []collector.Target
		services []string
		want     time.Duration
	}{
		{"the quicker of two", []collector.Target{target(vms, functions)}, nil, time.Minute},
		{"the one that is asked for", []collector.Target{target(vms, functions)}, []string{"functions"}, 5 * time.Minute},
		{"what has no metrics does not count", []collector.Target{target(vms, disks)}, nil, time.Minute},
		{"an unknown step may be any", []collector.Target{target(vms), target(unknown)}, nil, 0},
		{"whom nobody asks does not count", []collector.Target{target(vms), skipped}, nil, time.Minute},
		{"no metrics at all", []collector.Target{target(disks)}, nil, 0},
	} {
		req := collector.Request{Targets: c.targets, Services: c.services, Resources: true, Details: true}
		if got := quickest(req); got != c.want {
			t.Errorf("%s: got %s, want %s", c.name, got, c.want)
		}
		req.Details = false
		if got := quickest(req); got != 0 {
			t.Errorf("%s, without metrics: got %s", c.name, got)
		}
	}
}
