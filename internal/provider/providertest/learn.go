package providertest

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/adsops/cloudtop/internal/sim"
)

// lesson is a task that a clean run has shown, with what it found and the calls it made, done all by itself.
type lesson struct {
	task
	clean  *outcome
	calls  []*exchange
	shapes []string // of the calls
}

// learn reads everything once and returns, for every method and service, the task that found most.
func (s *suite) learn(t testing.TB) []lesson {
	t.Helper()
	x := s.open(t, setup{})
	h := x.harvest(true)
	h.mustBeComplete(x)
	x.close()
	type kind struct{ kind, service string }
	words := wordsOf(x)
	best := map[kind]finished{}
	var order []kind
	for _, f := range h.done {
		k := kind{f.kind, f.service}
		old, ok := best[k]
		if !ok {
			order = append(order, k)
		}
		if !ok || len(f.rows()) > len(old.rows()) {
			best[k] = f
		}
	}
	var all []lesson
	for _, k := range order {
		alone := s.open(t, setup{})
		l := lesson{task: best[k].task}
		l.clean = alone.do(t.Context(), l.task)
		l.calls = alone.tap.exchanges()
		for _, e := range l.calls {
			l.shapes = append(l.shapes, words.shape(e.place()))
		}
		alone.close()
		if !l.clean.complete() {
			t.Errorf("%s: %v", l.name, l.clean.errs)
		}
		all = append(all, l)
	}
	return all
}

// target is an endpoint that a task calls.
type target struct {
	*lesson
	call  call
	shape string
	times int  // how often the task calls it
	login bool // it carries no credential: it may be the way to one
}

// targets returns every distinct endpoint, with the first task that calls it. Calls that differ only in whose they are
// (an account, a region, a resource) are one endpoint.
func targets(lessons []lesson) []target {
	var all []target
	seen := map[string]bool{}
	for i := range lessons {
		l := &lessons[i]
		for i, x := range l.calls {
			shape := l.shapes[i]
			if seen[shape] {
				continue
			}
			seen[shape] = true
			times := 0
			for _, y := range l.calls {
				if y.place() == x.place() {
					times++
				}
			}
			login := x.header.Get("Authorization") == ""
			all = append(all, target{lesson: l, call: x.place(), shape: shape, times: times, login: login})
		}
	}
	return all
}

// words are the names that make one path of many.
type words map[string]bool

func wordsOf(x *session) words {
	truth := x.cloud.Truth()
	w := words{}
	for _, a := range truth.Accounts {
		w[a] = true
	}
	for i := range truth.Resources {
		r := &truth.Resources[i]
		for _, v := range []string{r.Account, r.Region, r.Compartment, r.ID, r.Name} {
			w[v] = len(v) > 1
		}
	}
	return w
}

// identifier is what looks like the name of one thing: long, with digits.
var identifier = regexp.MustCompile(`^[0-9a-zA-Z_.:-]*[0-9][0-9a-zA-Z_.:-]*$`)

func (w words) shape(c call) string {
	segments := strings.Split(c.path, "/")
	for i, seg := range segments {
		if w[seg] || (len(seg) >= 16 && identifier.MatchString(seg)) {
			segments[i] = "*"
		}
	}
	labels := strings.Split(c.host, ".")
	for i, label := range labels {
		if w[label] {
			labels[i] = "*"
		}
	}
	return c.method + " " + strings.Join(labels, ".") + strings.Join(segments, "/")
}

// strike returns f aimed at the target's calls.
func (g *target) strike(f sim.Fault) []sim.Fault {
	f.Method, f.Host, f.Path = g.call.method, g.call.host, g.call.path
	return []sim.Fault{f}
}

// found returns how many rows a clean run finds.
func (l *lesson) found() int { return len(l.clean.rows()) }

// ofKind returns the lessons of one kind.
func ofKind(lessons []lesson, kind string) []lesson {
	return slices.DeleteFunc(slices.Clone(lessons), func(l lesson) bool { return l.kind != kind })
}
