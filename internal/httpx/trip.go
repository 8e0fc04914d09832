package httpx

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/pkg/ratelimit"
)

// RoundTrip implements http.RoundTripper. An answer that is not a success comes back with its body (at most 64 KiB)
// ready to be read again, after as many retries as the policy allows. No answer is a *cloud.Error: of kind cancelled or
// timeout where the context ended, whatever its cause; unavailable where the host is dead and was not asked; network.
//
// A host that refuses connections, or has no address, is given up after the retries: 3.5 to 7 s with the default policy.
// One that swallows connections is tried twice, 10 s each; one that takes them and says nothing, once, for 30 s; one
// whose certificate is wrong, once. Calls that wait for the same host give up with the first.
func (c *chain) RoundTrip(req *http.Request) (*http.Response, error) {
	if err := c.guard(req); err != nil {
		closeBody(req)
		return nil, err
	}
	t := &trip{chain: c, breaker: c.breakers.of(req.URL.Host), buckets: c.buckets(req), began: c.now()}
	var last result
	for attempt := 0; ; attempt++ {
		r := t.once(req, attempt)
		switch {
		case r.fault == nil && attempt > 0 && errors.Is(r.err, errDead): // it was tried, and that is how it went
			return last.resp, t.giveUp(req, &last)
		case r.fault == nil:
			return r.resp, ended(req.Context(), r.err, req.URL.Host)
		}
		wait, again := t.decide(req, r.fault, attempt)
		if !again {
			err := t.giveUp(req, &r)
			r.done()
			return r.resp, err
		}
		r.done()
		next, err := rewind(req)
		if err != nil {
			return nil, err
		}
		StatsFrom(req.Context()).retried(wait, r.fault.Kind == cloud.KindThrottled)
		if !t.sleep(req.Context(), wait) {
			closeBody(next)
			if cause := context.Cause(req.Context()); cause != nil {
				return nil, ended(req.Context(), cause, "the next try at "+req.URL.Host)
			}
			return r.resp, t.giveUp(req, &r)
		}
		req, last = next, r
	}
}

// result is how an attempt ended. Without a fault it succeeded, or was never made. The body of an answer with a fault is
// in memory.
type result struct {
	resp  *http.Response
	fault *Fault
	err   error
	done  func() // with a fault: to be called when it is known what follows, so that nobody goes ahead who should not
}

// trip is one request on its way through the chain.
type trip struct {
	*chain
	breaker *breaker
	buckets []counted
	began   time.Time
}

// once makes one attempt, when the limits allow it, if the host is not dead.
func (t *trip) once(req *http.Request, attempt int) result {
	ctx := req.Context()
	if err := t.queue(ctx); err != nil {
		closeBody(req)
		return result{err: ended(ctx, err, "the rate limit of "+req.URL.Host)}
	}
	probe, err := t.breaker.enter(ctx)
	if err != nil {
		closeBody(req)
		return result{err: err}
	}
	my, err := t.turn(ctx, t.breaker.living().Done())
	if err != nil {
		t.breaker.report(probe, cancelled, t.now(), req.URL.Path)
		closeBody(req)
		return result{err: ended(ctx, t.dead(ctx, err), "its turn (--concurrency) to call "+req.URL.Host)}
	}
	began := t.now()
	resp, err := t.attempt(req, my)
	if err == nil && ctx.Value(wholeKey{}) != nil {
		resp, err = readWhole(resp) //nolint:bodyclose // it closes it
	}
	fault := t.judge(resp, err, attempt)
	t.breaker.report(probe, outcome(ctx, fault, err), began, req.URL.Path)
	t.adapt(ctx, resp, fault)
	r := result{resp: resp, fault: fault, err: err, done: func() {}}
	if err != nil {
		r.done = my.release
	}
	return r
}

// outcome is how an attempt ended, to the breaker.
func outcome(ctx context.Context, f *Fault, err error) attempted {
	switch {
	case err != nil && (ctx.Err() != nil || f.Kind == cloud.KindCancelled):
		return cancelled
	case f != nil && f.Kind == cloud.KindNetwork:
		return silent
	case f != nil && f.Kind == cloud.KindUnavailable:
		return failed
	default:
		return answered
	}
}

// sleep waits before the next attempt. It reports false where there shall be none: ctx ended, or the host is dead.
func (t *trip) sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-t.breaker.living().Done():
		return false
	case <-ctx.Done():
		return false
	}
}

// giveUp returns the error of a request that is not tried again; nil where there was an answer.
func (t *trip) giveUp(req *http.Request, r *result) error {
	if ctx := req.Context(); ctx.Err() != nil {
		return ended(ctx, r.err, req.URL.Host)
	}
	var rest time.Duration
	if retryable(r.fault.Kind) && r.fault.Kind != cloud.KindThrottled {
		rest = t.breaker.giveUp(t.began)
	}
	if r.err == nil {
		return nil
	}
	if _, known := errors.AsType[*cloud.Error](r.err); known {
		return r.err
	}
	return &cloud.Error{
		Kind: r.fault.Kind, Detail: req.URL.Host + ": " + r.err.Error(), Hint: r.fault.Hint, RetryAfter: rest, Err: r.err,
	}
}

// queue waits for a token of every bucket that counts the call, unless the host is dead or found dead meanwhile.
func (t *trip) queue(ctx context.Context) error {
	if err := t.breaker.check(); err != nil {
		return err
	}
	for i := range t.buckets {
		if t.buckets[i].TryWait() {
			continue
		}
		if err := t.wait(ctx, &t.buckets[i]); err != nil {
			return err
		}
	}
	return nil
}

// wait waits for a token of one bucket. It ends early where the host is found dead; one that was found dead before, and
// is now tried again, ends nothing.
func (t *trip) wait(ctx context.Context, b *counted) error {
	says := t.says(b)
	defer waits(ctx).enter(Wait{Provider: t.Provider, Limit: says, Shared: b.Shared(), Since: time.Now()})()
	within, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	if living := t.breaker.living(); living.Err() == nil {
		stop := context.AfterFunc(living, func() { cancel(errDead) }) //nolint:contextcheck // the host's life, not the call's
		defer stop()
	}
	waited, err := b.Wait(within)
	StatsFrom(ctx).waited(waited)
	if t.Log != nil && waited >= longWait {
		t.Log.LogAttrs(ctx, slog.LevelDebug, "waited", slog.String("provider", t.Provider), slog.String("limit", says),
			slog.Bool("shared", b.Shared()), slog.Duration("took", waited.Round(time.Millisecond)))
	}
	if full, ok := errors.AsType[*ratelimit.QueueTimeoutError](err); ok {
		return &cloud.Error{
			Kind: cloud.KindThrottled, RetryAfter: full.Need, Err: err,
			Detail: fmt.Sprintf("the rate limit would need a wait of %s, and %s is allowed", full.Need.Round(time.Millisecond), full.Max),
			Hint:   "raise rate_limit.timeout of " + t.Provider + " in the configuration, or ask for less",
		}
	}
	return t.dead(ctx, err)
}

// dead returns the refusal where a wait ended because the host was found dead; else err.
func (t *trip) dead(ctx context.Context, err error) error {
	if errors.Is(err, errDead) && ctx.Err() == nil {
		return t.breaker.refusal()
	}
	return err
}

// judge says what is wrong with an attempt; nil is a success. It leaves an error answer's body readable. A throttled
// call always has a wait: where the provider asks for none, that of the policy.
func (c *chain) judge(resp *http.Response, err error, attempt int) *Fault {
	if err != nil {
		return unanswered(err)
	}
	if resp.StatusCode < 400 {
		return nil
	}
	body, _ := io.ReadAll(io.LimitReader(resp.Body, maxErrorBody))
	_ = resp.Body.Close()
	resp.Body = io.NopCloser(bytes.NewReader(body))
	f := c.fault(resp.StatusCode, resp.Header, body)
	if f.Kind == cloud.KindThrottled && f.Wait == 0 {
		f.Wait = c.Retry.Delay(attempt + 1)
	}
	return &f
}

// decide says whether to try again, and after how long.
func (t *trip) decide(req *http.Request, f *Fault, attempt int) (time.Duration, bool) {
	if attempt >= t.Retry.Max || !retryable(f.Kind) || f.lasting || !rewindable(req) || req.Context().Err() != nil {
		return 0, false
	}
	wait := t.Retry.Delay(attempt + 1)
	if f.Wait > 0 {
		wait = f.Wait
	}
	if f.Wait > max(t.MaxWait, t.Retry.Cap) || (f.Kind == cloud.KindNetwork && t.now().Sub(t.began) > patience) {
		return 0, false
	}
	if end, ok := req.Context().Deadline(); ok && time.Until(end) < wait {
		return 0, false
	}
	return wait, true
}

func retryable(k cloud.Kind) bool {
	switch k {
	case cloud.KindThrottled, cloud.KindUnavailable, cloud.KindNetwork:
		return true
	default:
		return false
	}
}

// adapt tells the buckets what the provider said of its limits: a throttled call pauses all who share them.
func (t *trip) adapt(ctx context.Context, resp *http.Response, f *Fault) {
	if f != nil && f.Kind == cloud.KindThrottled && f.Wait > 0 {
		for _, b := range t.buckets {
			b.PauseUntil(ctx, time.Now().Add(f.Wait))
		}
		return
	}
	if resp == nil {
		return
	}
	if left, reset, ok := Remaining(resp.Header, t.now()); ok {
		for _, b := range t.buckets {
			b.Adapt(ctx, left, time.Now().Add(reset))
		}
	}
}

// rewindable reports whether req can be sent once more.
func rewindable(req *http.Request) bool {
	return req.Body == nil || req.Body == http.NoBody || req.GetBody != nil
}

// rewind returns req, which must be rewindable, ready to be sent once more.
func rewind(req *http.Request) (*http.Request, error) {
	if req.GetBody == nil {
		return req, nil
	}
	body, err := req.GetBody()
	if err != nil {
		return nil, fmt.Errorf("rewind request: %w", err)
	}
	out := *req
	out.Body = body
	return &out, nil
}
