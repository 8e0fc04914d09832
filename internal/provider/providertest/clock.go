package providertest

import (
	"strings"
	"testing"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
)

// clockChecks set the provider's clock ahead of ours and behind it.
func (s *suite) clockChecks() []check {
	var all []check
	for _, skew := range []time.Duration{3 * time.Minute, -3 * time.Minute} {
		all = append(all, check{name: "clock/" + skew.String() + " off works", run: func(t testing.TB) { s.slightSkew(t, skew) }})
	}
	for _, skew := range []time.Duration{20 * time.Minute, -20 * time.Minute} {
		all = append(all, check{name: "clock/" + skew.String() + " off is said", run: func(t testing.TB) { s.greatSkew(t, skew) }})
	}
	return all
}

// slightSkew reads everything with clocks that differ as much as is usual.
func (s *suite) slightSkew(t testing.TB, skew time.Duration) {
	clean := s.open(t, setup{})
	want := clean.harvest(true)
	clean.close()
	x := s.open(t, setup{skew: skew})
	got := x.harvest(true)
	got.mustBeComplete(x)
	x.close()
	if g, w := len(got.resources()), len(want.resources()); g != w {
		t.Errorf("found %d resources, want %d", g, w)
	}
}

// greatSkew logs in with clocks that differ too much for signatures and tokens: that works, or is an auth error which
// names the clock.
func (s *suite) greatSkew(t testing.TB, skew time.Duration) {
	x := s.open(t, setup{skew: skew})
	defer x.close()
	err := x.conn.HealthCheck(t.Context())
	if err == nil {
		return
	}
	if e := kindOf(err); e.Kind != cloud.KindAuth || !strings.Contains(strings.ToLower(e.Hint), "clock") {
		t.Errorf("got %v of kind %q with hint %q, want kind auth and a hint at the clock", err, e.Kind, e.Hint)
	}
}
