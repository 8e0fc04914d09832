package providertest

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/adsops/cloudtop/internal/httpx"
	"github.com/adsops/cloudtop/internal/sim"
)

// limitChecks read everything at once against the simulator's limits, and see each limit pause.
func (s *suite) limitChecks(targets []target) []check {
	all := []check{{name: "limit/never exceeded", run: s.neverThrottled}}
	for i := range s.spec.Limits {
		l := &s.spec.Limits[i]
		all = append(all, check{name: "limit/pause/" + l.Name, run: func(t testing.TB) { s.pauses(t, l, targets) }})
	}
	return all
}

// neverThrottled reads a large world twice at once: no call is answered 429.
func (s *suite) neverThrottled(t testing.TB) {
	x := s.open(t, setup{count: max(5*s.size, 200)})
	for range 2 {
		x.harvest(true).mustBeComplete(x)
	}
	for _, e := range x.tap.exchanges() {
		if status, _, _ := e.received(); status == http.StatusTooManyRequests {
			t.Errorf("%s was answered 429 at %s: the limits of the Spec are not those of the simulator", e.place(), e.at)
			break
		}
	}
	x.close()
}

// pauses answers one call that l counts with 429 while everything is read: nothing that l counts is called before the
// wait is over.
func (s *suite) pauses(t testing.TB, l *httpx.Limit, targets []target) {
	i := slices.IndexFunc(targets, func(g target) bool { return l.Match.Matches(request(g.call)) })
	if i < 0 {
		t.Errorf("limit %s counts none of the calls that are made", l.Name)
		return
	}
	g := &targets[i]
	x := s.open(t, setup{faults: g.strike(sim.Fault{Action: "status", Status: 429, RetryAfter: "7", Count: 1})})
	x.harvest(true).mustBeComplete(x)
	var from time.Time
	for _, e := range x.tap.exchanges() {
		if status, _, _ := e.received(); status == http.StatusTooManyRequests {
			from = e.ended
		}
	}
	for _, e := range x.tap.exchanges() {
		counted := l.Match.Matches(request(e.place())) && (!l.PerHost || e.host == g.call.host)
		if counted && e.at.After(from) && e.at.Before(from.Add(asked)) {
			t.Errorf("%s was called %s after a 429 that asks for %s", e.place(), e.at.Sub(from), asked)
		}
	}
	x.close()
}
