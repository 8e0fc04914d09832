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

// work reads what a unit is for into f, and sets f.Unit.Rows. It returns every error that it met.
type work func(ctx context.Context, f *hub.Finished) []error

// start plans a unit and runs it in a goroutine of its own.
func (r *round) start(ctx context.Context, k hub.Key, do work) {
	r.events <- hub.Planned{Keys: []hub.Key{k}}
	r.running.Go(func() { r.unit(ctx, k, do) })
}

// unit does the work of one unit and puts its line in the ledger.
func (r *round) unit(ctx context.Context, k hub.Key, do work) { r.events <- r.measure(ctx, k, do) }

// measure does the work of one unit and returns what it read, with its line for the ledger.
func (r *round) measure(ctx context.Context, k hub.Key, do work) hub.Finished {
	started := time.Now()
	stats := new(httpx.Stats)
	f := hub.Finished{Unit: hub.Unit{Key: k}}
	errs := refused(ctx, do(httpx.WithStats(ctx, stats), &f))
	f.Unit = unitOf(k, errs, f.Unit.Rows, r.now())
	f.Unit.Calls, f.Unit.Took, f.Unit.Waited = stats.Calls(), time.Since(started), stats.Waited()
	return f
}

// refuseKey is where a context keeps the function that ends all work of its provider.
type refuseKey struct{}

// refused makes a refused credential fatal for its provider: the first refusal ends the others' work, and theirs is
// the same refusal.
func refused(ctx context.Context, errs []error) []error {
	if len(errs) == 0 {
		return nil
	}
	last := errs[len(errs)-1]
	kind := cloud.KindOf(last)
	if refuse, ok := ctx.Value(refuseKey{}).(context.CancelCauseFunc); ok && kind == cloud.KindAuth {
		refuse(last)
	}
	if cause := context.Cause(ctx); kind == cloud.KindCancelled && cloud.KindOf(cause) == cloud.KindAuth {
		return []error{cause}
	}
	return errs
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
