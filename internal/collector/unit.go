package collector

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/httpx"
	"github.com/adsops/cloudtop/internal/hub"
)

// task is the work of one unit.
type task struct {
	key    hub.Key
	detail string        // what else the answer depends on
	ttl    time.Duration // how long the answer is good
	read   work
}

// work reads what a unit is for into f. It returns every error that it met.
type work func(ctx context.Context, f *hub.Finished) []error

// start plans a unit, does its task in a goroutine of its own and puts its line in the ledger.
func (r *round) start(ctx context.Context, t task) {
	r.events <- hub.Planned{Keys: []hub.Key{t.key}}
	r.running.Go(func() {
		if f, ok := r.measure(ctx, t); ok {
			r.events <- f
		}
	})
}

// measure returns what a task is to read, from the cache where that has it, and its line for the ledger. It reports
// false where only the cache may be asked, and has nothing.
func (r *round) measure(ctx context.Context, t task) (hub.Finished, bool) {
	if f, ok := r.cached(ctx, &t); ok || r.preview {
		return f, ok
	}
	return r.anew(ctx, t), true
}

// cached returns what the cache has of a task and may be shown: for a preview, however old.
func (r *round) cached(ctx context.Context, t *task) (hub.Finished, bool) {
	switch {
	case r.keeping.Store == nil:
		return hub.Finished{}, false
	case r.preview:
		return r.whole(t, func() (hub.Finished, bool) { return r.last(ctx, t) })
	}
	return r.whole(t, func() (hub.Finished, bool) { return r.fresh(ctx, t) })
}

// anew does a task that the cache had nothing of, and keeps what it read.
func (r *round) anew(ctx context.Context, t task) hub.Finished {
	f, _ := r.whole(&t, func() (hub.Finished, bool) { return r.readAnew(ctx, &t), true })
	return f
}

// whole returns what do does. Where that breaks down - the cache, or what is around it - it is the end of the task alone.
func (r *round) whole(t *task, do func() (hub.Finished, bool)) (f hub.Finished, ok bool) {
	if err := r.conn.Guard(func() { f, ok = do() }); err != nil {
		return r.failure(t.key, err), true
	}
	return f, ok
}

func (r *round) readAnew(ctx context.Context, t *task) hub.Finished {
	if r.keeping.Store == nil {
		return r.ask(ctx, *t)
	}
	release := r.keeping.Store.Lock(ctx, r.cacheKey(t))
	defer release()
	if f, ok := r.fresh(ctx, t); ok { // somebody else has read it meanwhile
		return f
	}
	f := r.ask(ctx, *t)
	r.keep(ctx, t, &f)
	if f.Unit.OKish() || f.Unit.Rows > 0 || f.Unit.Kind == cloud.KindCancelled {
		return f
	}
	if old, ok := r.stale(ctx, t, &f.Unit); ok {
		return old
	}
	return f
}

// ask does a task.
func (r *round) ask(ctx context.Context, t task) hub.Finished {
	started := time.Now()
	stats := new(httpx.Stats)
	var f hub.Finished
	errs := r.refused(ctx, r.guarded(httpx.WithStats(ctx, stats), &t, &f))
	f.Unit = unitOf(t.key, r.blamed(errs), rows(&f), r.now())
	f.Unit.Calls, f.Unit.Took, f.Unit.Waited = stats.Calls(), time.Since(started), stats.Waited()
	return f
}

// guarded reads what a task is for. Where a driver breaks down, that is an error like others, and what it had read stays.
func (r *round) guarded(ctx context.Context, t *task, f *hub.Finished) (errs []error) {
	if err := r.conn.Guard(func() { errs = t.read(ctx, f) }); err != nil {
		return []error{err}
	}
	return errs
}

// refused makes a refused credential fatal for its provider: the first refusal ends the others' work, and theirs is
// the same refusal.
func (r *round) refused(ctx context.Context, errs []error) []error {
	if len(errs) == 0 {
		return nil
	}
	last := errs[len(errs)-1]
	kind := cloud.KindOf(last)
	if kind == cloud.KindAuth {
		r.refuse(last)
	}
	ours := kind == cloud.KindAuth || kind == cloud.KindCancelled
	if cause := context.Cause(ctx); ours && cloud.KindOf(cause) == cloud.KindAuth {
		return []error{cause} // told once, whoever met it
	}
	return errs
}

// blamed returns the errors with the place of the credential in those that say that it was refused.
func (r *round) blamed(errs []error) []error {
	out := make([]error, len(errs))
	for i, err := range errs {
		out[i] = r.conn.Blame(err)
	}
	return out
}

// unitOf returns the ledger line of a unit that met errs after rows rows. Where there are several errors the last one
// that is not partial decides: it is what ended the sequence.
func unitOf(k hub.Key, errs []error, rows int, at time.Time) hub.Unit {
	u := hub.Unit{Key: k, State: hub.OK, Rows: rows, At: at}
	if len(errs) == 0 {
		return u
	}
	last := errs[len(errs)-1]
	u.State, u.Kind, u.Reason = hub.StateOf(last, rows), cloud.KindOf(last), reasons(errs)
	if e, ok := errors.AsType[*cloud.Error](last); ok {
		u.Hint, u.RetryIn = e.Hint, e.RetryAfter
	}
	switch {
	case u.Kind == cloud.KindCancelled:
		u.Reason = "interrupted before it was finished"
	case u.Kind == cloud.KindTimeout && u.Hint == "":
		u.Hint = "raise --timeout, or ask for fewer services or regions"
	}
	return u
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
