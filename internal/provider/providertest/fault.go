package providertest

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/sim"
)

// blow is a way in which an endpoint can fail, and what must come of it.
type blow struct {
	name   string
	fault  sim.Fault
	kinds  []cloud.Kind  // of the error; nil = it is not seen, the result is the same
	either bool          // kinds, or not seen
	calls  int           // to the endpoint, for each call of a clean run; 0 = not counted
	loud   bool          // it must be an error even if nothing is missing
	least  time.Duration // how long it must take
	most   time.Duration // how long it may take beyond a clean run; 0 = not checked
	limit  time.Duration // deadline of the task; 0 = none
}

// asked is the wait that faults ask for.
const asked = 7 * time.Second

func blows() []blow {
	status := func(code int, after string, count int) sim.Fault {
		return sim.Fault{Action: "status", Status: code, RetryAfter: after, Count: count}
	}
	one := func(action string) sim.Fault { return sim.Fault{Action: action, Count: 1} }
	ever := func(action string) sim.Fault { return sim.Fault{Action: action} }
	const tries = 1 + retries
	broken := []cloud.Kind{cloud.KindNetwork, cloud.KindResponse}
	wrong := []cloud.Kind{cloud.KindResponse}
	return []blow{
		{name: "401", fault: status(401, "", 0), kinds: []cloud.Kind{cloud.KindAuth}, calls: 1, loud: true},
		{name: "403", fault: status(403, "", 0), kinds: []cloud.Kind{cloud.KindDenied, cloud.KindUnsupported}, calls: 1},
		{
			name: "404", fault: status(404, "", 0), calls: 1,
			kinds: []cloud.Kind{cloud.KindNotFound, cloud.KindDenied, cloud.KindUnsupported},
		},
		{name: "429 with seconds", fault: status(429, "7", 1), least: asked},
		{name: "429 with a date", fault: status(429, "date:7s", 1), least: asked - time.Second},
		{name: "429 without a word", fault: status(429, "", 1)},
		{name: "429 for ever", fault: status(429, "", 0), kinds: []cloud.Kind{cloud.KindThrottled}, calls: tries, loud: true},
		{
			name: "429 for a day", fault: status(429, "86400", 0), kinds: []cloud.Kind{cloud.KindThrottled}, calls: 1, loud: true,
			most: time.Second,
		},
		{name: "500 once", fault: status(500, "", 1)},
		{name: "500 for ever", fault: status(500, "", 0), kinds: []cloud.Kind{cloud.KindUnavailable}, calls: tries, loud: true},
		{name: "reset once", fault: one("reset")},
		{name: "reset for ever", fault: ever("reset"), kinds: []cloud.Kind{cloud.KindNetwork}, calls: tries, loud: true},
		{name: "truncated once", fault: one("truncate"), kinds: broken, either: true},
		{name: "truncated for ever", fault: ever("truncate"), kinds: broken},
		{name: "malformed", fault: ever("malformed"), kinds: wrong},
		{name: "wrong type", fault: ever("wrong_type"), kinds: wrong},
		{name: "huge", fault: ever("huge"), kinds: wrong},
		{
			name: "hang", fault: ever("hang"), kinds: []cloud.Kind{cloud.KindTimeout}, calls: 1, loud: true,
			limit: 20 * time.Second, most: 20*time.Second + 100*time.Millisecond,
		},
	}
}

// faultChecks strike every endpoint with every blow, then each second page, then one service in the midst of all.
func (s *suite) faultChecks(lessons []lesson, targets []target) []check {
	var all []check
	for _, g := range targets {
		for _, b := range blows() {
			all = append(all, check{name: "fault/" + b.name + "/" + g.shape, run: func(t testing.TB) { s.endure(t, &g, &b) }})
		}
		if g.kind == "list" && g.times > 1 {
			all = append(all, check{name: "fault/second page/" + g.shape, run: func(t testing.TB) { s.secondPage(t, &g) }})
		}
	}
	for _, l := range ofKind(lessons, "list") {
		if own := s.own(&l, lessons); own != nil {
			all = append(all, check{name: "fault/others/" + l.service, run: func(t testing.TB) { s.othersComplete(t, own) }})
		}
	}
	return all
}

// endure does a task while an endpoint fails.
func (s *suite) endure(t testing.TB, g *target, b *blow) {
	x := s.open(t, setup{faults: g.strike(b.fault)})
	defer x.close()
	ctx := t.Context()
	if b.limit > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, b.limit)
		defer cancel()
	}
	started := time.Now()
	out := x.do(ctx, g.task)
	took := time.Since(started)
	if took < b.least || (b.most > 0 && took > b.most) {
		t.Errorf("%s: took %s, want %s to %s", g.name, took, b.least, b.most)
	}
	n := x.tap.count(g.call)
	if b.kinds == nil || (b.either && out.complete()) {
		if !out.complete() || !out.same(g.clean) {
			t.Errorf("%s: got %d rows and %v, want the %d rows of a clean run", g.name, len(out.rows()), out.errs, g.found())
		}
		if n != g.times+1 {
			t.Errorf("%s: %d calls of %s, want %d: one more than in a clean run", g.name, n, g.call, g.times+1)
		}
		return
	}
	refused := b.fault.Status == 403 || b.fault.Status == 404
	if b.calls > 0 && (n < b.calls || n > b.calls*g.times && !(refused && named(s.inParts, g.call.path))) {
		t.Errorf("%s: %d calls of %s, want %d for each of %d", g.name, n, g.call, b.calls, g.times)
	}
	x.mustTell(g, b, out)
}

// mustTell checks that a failure is told, and told right.
func (x *session) mustTell(g *target, b *blow, out *outcome) {
	x.Helper()
	if out.complete() {
		if b.loud || !out.same(g.clean) {
			x.Errorf("%s: no error, and %d rows where a clean run has %d", g.name, len(out.rows()), g.found())
		}
		return
	}
	right := false
	kinds := b.kinds
	if g.login && (b.name == "403" || b.name == "404") {
		kinds = append(slices.Clone(kinds), cloud.KindAuth)
	}
	for _, err := range out.errs {
		ok := leadsTo(err, kinds...)
		if !ok && cloud.KindOf(err) != cloud.KindPartial {
			x.Errorf("%s: got %v of kind %q, want %q", g.name, err, cloud.KindOf(err), kinds)
		}
		right = right || ok
	}
	if !right && (len(out.rows()) == 0 || b.loud) {
		x.Errorf("%s: got %v, want an error of kind %q", g.name, out.errs, kinds)
	}
	known := g.clean.refs()
	for ref := range out.refs() {
		if !known[ref] {
			x.Errorf("%s: found %s, which a clean run does not", g.name, ref)
		}
	}
}

// secondPage lets all calls of an endpoint but the first fail: what came before stays, and the rest is said to be
// missing.
func (s *suite) secondPage(t testing.TB, g *target) {
	x := s.open(t, setup{faults: g.strike(sim.Fault{Action: "status", Status: 500, From: 2})})
	defer x.close()
	out := x.do(t.Context(), g.task)
	if out.complete() {
		t.Errorf("%s: no error, and %d rows where a clean run has %d", g.name, len(out.rows()), g.found())
	}
	if len(out.rows()) == 0 {
		t.Errorf("%s: the first page came and nothing of it is left: %v", g.name, out.errs)
	}
}

// othersComplete lets one service fail while everything is read: the others are complete.
func (s *suite) othersComplete(t testing.TB, own *target) {
	clean := s.open(t, setup{})
	want := clean.harvest(true)
	clean.close()
	x := s.open(t, setup{faults: own.strike(sim.Fault{Action: "status", Status: 500})})
	got := x.harvest(true)
	x.close()
	now := map[string]finished{}
	failed := false
	for _, f := range got.done {
		now[f.name] = f
		failed = failed || f.service == own.service && !f.complete()
	}
	for _, f := range want.done {
		if g := now[f.name]; f.service != own.service && (g.outcome == nil || !g.complete() || !g.same(f.outcome)) {
			t.Errorf("%s is incomplete while %s fails: %+v", f.name, own.service, g.outcome)
		}
	}
	if !failed {
		t.Errorf("%s fails, and none of its tasks says so", own.call)
	}
}

// own returns an endpoint that no other service calls or depends on, nil where there is none.
func (s *suite) own(l *lesson, all []lesson) *target {
	others := map[string]bool{}
	for i := range all {
		if all[i].service != l.service {
			for _, shape := range all[i].shapes {
				others[shape] = true
			}
		}
	}
	for i, shape := range l.shapes {
		if !others[shape] && !named(s.shared, l.calls[i].path) {
			return &target{lesson: l, call: l.calls[i].place()}
		}
	}
	return nil
}
