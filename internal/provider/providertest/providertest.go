// Package providertest is the one suite that every provider runs against its simulator. It knows no provider: what is
// true it takes from the simulator's Truth, what is promised from the Spec, and which calls there are from a clean run.
//
// Every check runs by itself, with its own world, on a clock that only moves when all goroutines wait (testing/synctest),
// so that the published limits, Retry-After and deadlines are checked exactly and cost no time. What needs a real wire
// runs once more over loopback TLS.
package providertest

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/adsops/cloudtop/internal/provider"
	"github.com/adsops/cloudtop/internal/sim"
	"github.com/adsops/cloudtop/pkg/glob"
)

// Run checks that the provider of spec reads what newCloud serves completely, promptly and safely.
func Run(t *testing.T, spec *provider.Spec, newCloud func(*sim.World) sim.Cloud, opts ...Option) {
	t.Helper()
	s := newSuite(spec, newCloud, opts...)
	for _, c := range sampled(s.checks(s.study(t)), testing.Short()) {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			c.inPlace(t, func(t *testing.T) { c.run(t) })
		})
	}
}

// Option changes what the suite takes for granted.
type Option func(*suite)

// Counts sets the numbers of resources at which paging is checked.
func Counts(n ...int) Option { return func(s *suite) { s.counts = n } }

// Size sets the number of resources in the worlds of most checks.
func Size(n int) Option { return func(s *suite) { s.size = n } }

// PageSize says how many rows the provider sends at most in one answer of a service, where the calls do not tell.
func PageSize(service string, rows int) Option {
	return func(s *suite) { s.pageSizes[service] = append(s.pageSizes[service], rows) }
}

// Options sets the provider's own options, as its configuration has them.
func Options(o map[string]any) Option { return func(s *suite) { s.config = o } }

// Shared names the endpoints (a path, '*' for any run of characters) whose one answer several services take their part
// of: when it fails, all of them do.
func Shared(paths ...string) Option { return func(s *suite) { s.shared = paths } }

// Logins names the endpoints (a path, '*' for any run of characters) that only ways to log in call which the suite
// cannot go, as an identity of the machine's own.
func Logins(paths ...string) Option { return func(s *suite) { s.logins = paths } }

// InParts names the endpoints (a path, '*' for any run of characters) whose refusal is answered by asking for the parts
// of what was refused: then more calls are made than in a clean run.
func InParts(paths ...string) Option { return func(s *suite) { s.inParts = paths } }

// sampled returns the checks and, in short runs, a quarter of those that come in many variants (a failure at each call,
// an end of the context at each) and one of the huge answers: the race detector wants every path, not every case.
func sampled(all []check, short bool) []check {
	if !short {
		return all
	}
	seen := map[string]int{}
	return slices.DeleteFunc(slices.Clone(all), func(c check) bool {
		kind, variant, _ := strings.Cut(c.name, "/")
		if strings.HasPrefix(variant, "huge/") {
			seen["huge"]++
			return seen["huge"] > 1
		}
		seen[kind]++
		return seen[kind] > 8 && seen[kind]%4 != 0
	})
}

// suite is what all checks of one provider share. It does not change while they run.
type suite struct {
	spec      *provider.Spec
	newCloud  func(*sim.World) sim.Cloud
	counts    []int
	size      int
	pageSizes map[string][]int
	config    map[string]any
	shared    []string
	logins    []string
	inParts   []string
}

// named reports whether one of the patterns matches path.
func named(patterns []string, path string) bool {
	return slices.ContainsFunc(patterns, func(pattern string) bool { return glob.Match(pattern, path) })
}

func newSuite(spec *provider.Spec, newCloud func(*sim.World) sim.Cloud, opts ...Option) *suite {
	s := &suite{spec: spec, newCloud: newCloud, size: 40, pageSizes: map[string][]int{}}
	s.counts = []int{0, 1, 2, 3, 24, 25, 26, 49, 50, 51, 99, 100, 101, 250, 999, 1000, 1001}
	for _, o := range opts {
		o(s)
	}
	return s
}

// check is one thing that must hold.
type check struct {
	name string
	run  func(testing.TB)
	wire bool // needs real time, because it runs over real sockets
}

// inPlace calls f where the check belongs: in a bubble of its own, or in real time.
func (c *check) inPlace(t *testing.T, f func(*testing.T)) {
	if c.wire {
		f(t)
		return
	}
	synctest.Test(t, func(t *testing.T) {
		toEpoch()
		f(t)
	})
}

// lore is what a clean run teaches.
type lore struct {
	lessons []lesson
	targets []target
	pages   []page
}

// study reads everything to learn which calls there are, and how they are paged.
func (s *suite) study(t *testing.T) (l lore) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		toEpoch()
		l.lessons = s.learn(t)
		l.targets = targets(l.lessons)
		l.pages = s.pages(t)
	})
	return l
}

// checks lists every check.
func (s *suite) checks(l lore) []check {
	return slices.Concat(
		s.specChecks(), s.truthChecks(), s.pagingChecks(l.pages), s.credentialChecks(), s.clockChecks(),
		s.limitChecks(l.targets), s.coverageChecks(), s.seedChecks(), s.promiseChecks(), s.wireChecks(),
		s.cancelChecks(l.lessons), s.faultChecks(l.lessons, l.targets), s.cursorChecks(l.lessons), s.redirectChecks(l.targets),
	)
}
