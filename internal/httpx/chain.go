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

const (
	defaultMaxBody = 32 << 20
	maxErrorBody   = 64 << 10
	maxRest        = 4 << 10 // what is read of a body after its JSON
	defaultMaxWait = 30 * time.Second
	attemptTimeout = 60 * time.Second
	patience       = 15 * time.Second // a call that got no answer is not tried again after this long
)

// errDead ends the wait for a limit when the host is found dead.
var errDead = errors.New("the host is dead")

// NewClient returns a client whose every request passes the chain on its way to base. It follows no redirect to
// another host, so that credentials stay where they were sent.
func NewClient(base http.RoundTripper, p Policy) *http.Client {
	if p.MaxBody == 0 {
		p.MaxBody = defaultMaxBody
	}
	if p.MaxWait == 0 {
		p.MaxWait = defaultMaxWait
	}
	if p.Buckets == nil {
		p.Buckets = new(ratelimit.Set)
	}
	return &http.Client{
		Transport: &chain{Policy: p, base: base, breakers: newBreakers(p.now, p.Retry.Span())}, CheckRedirect: sameHost,
	}
}

func sameHost(req *http.Request, via []*http.Request) error {
	if req.URL.Host != via[0].URL.Host || req.URL.Scheme != via[0].URL.Scheme {
		return &cloud.Error{Kind: cloud.KindResponse, Detail: "redirected to another host: " + req.URL.Hostname()}
	}
	if len(via) >= 10 {
		return &cloud.Error{Kind: cloud.KindResponse, Detail: "redirected 10 times"}
	}
	return nil
}

// chain is guard -> retry -> breaker -> limit -> trace -> base.
type chain struct {
	Policy
	base     http.RoundTripper
	breakers *breakers
}

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
	for attempt := 0; ; attempt++ {
		resp, fault, err := t.once(req, attempt)
		if fault == nil {
			return resp, ended(req.Context(), err)
		}
		wait, again := t.decide(req, fault, attempt)
		if !again {
			return resp, t.giveUp(req, fault, err)
		}
		next, rerr := rewind(req)
		if rerr != nil {
			return nil, rerr
		}
		StatsFrom(req.Context()).retried(wait, fault.Kind == cloud.KindThrottled)
		if !t.sleep(req.Context(), wait) {
			closeBody(next)
			if cause := context.Cause(req.Context()); cause != nil {
				return nil, ended(req.Context(), cause)
			}
			return resp, t.giveUp(req, fault, err)
		}
		if req = next; resp != nil {
			_ = resp.Body.Close()
		}
	}
}

// trip is one request on its way through the chain.
type trip struct {
	*chain
	breaker *breaker
	buckets []*ratelimit.Bucket
	began   time.Time
}

// once makes one attempt. Without a fault it is over: it succeeded, or was never made.
func (t *trip) once(req *http.Request, attempt int) (*http.Response, *Fault, error) {
	ctx := req.Context()
	if err := t.queue(ctx); err != nil {
		closeBody(req)
		return nil, nil, err
	}
	probe, err := t.breaker.enter(ctx)
	if err != nil {
		closeBody(req)
		return nil, nil, err
	}
	began := t.now()
	resp, err := t.attempt(req)
	if err == nil && ctx.Value(wholeKey{}) != nil {
		resp, err = readWhole(resp)
	}
	fault := t.judge(resp, err, attempt)
	t.breaker.report(probe, outcome(ctx, fault, err), began, req.URL.Path)
	t.adapt(resp, fault)
	return resp, fault, err
}

type wholeKey struct{}

// Whole returns a context for a call whose answer is small and is read by somebody else's code, which would not ask again
// where it breaks off: the chain reads it, and does.
func Whole(ctx context.Context) context.Context { return context.WithValue(ctx, wholeKey{}, true) }

// readWhole returns an answer that is in memory.
func readWhole(resp *http.Response) (*http.Response, error) {
	body, err := io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	if _, tooLarge := errors.AsType[*cloud.Error](err); err != nil && !tooLarge {
		err = fmt.Errorf("%w: %w", errBroken, err)
	}
	if err != nil {
		return nil, err
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	return resp, nil
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
func (t *trip) giveUp(req *http.Request, f *Fault, err error) error {
	if ctx := req.Context(); ctx.Err() != nil {
		return ended(ctx, err)
	}
	var rest time.Duration
	if retryable(f.Kind) && f.Kind != cloud.KindThrottled {
		rest = t.breaker.giveUp(t.began)
	}
	if err == nil {
		return nil
	}
	if _, known := errors.AsType[*cloud.Error](err); known {
		return err
	}
	return &cloud.Error{
		Kind: f.Kind, Detail: req.URL.Host + ": " + err.Error(), Hint: f.Hint, RetryAfter: rest, Err: err,
	}
}

// ended gives an error its kind where the context has ended: its cause may be any error, and a connection that it
// broke is not the network's fault.
func ended(ctx context.Context, err error) error {
	if err == nil || ctx.Err() == nil {
		return err
	}
	if e, ok := errors.AsType[*cloud.Error](err); ok && e.Kind != cloud.KindNetwork {
		return err
	}
	return &cloud.Error{Kind: cloud.KindOf(ctx.Err()), Err: context.Cause(ctx)}
}

// guard refuses what must never leave: calls to foreign hosts and calls that could write.
func (c *chain) guard(req *http.Request) error {
	if !c.allowsHost(req.URL.Hostname()) {
		return &cloud.Error{Kind: cloud.KindConfig, Detail: fmt.Sprintf(
			"%s is not a host of %s: the call was not sent", req.URL.Hostname(), c.Provider)}
	}
	if !c.allowsMethod(req) {
		return &cloud.Error{Kind: cloud.KindConfig, Detail: fmt.Sprintf(
			"%s %s is not a read: the call was not sent", req.Method, req.URL.Path)}
	}
	return nil
}

// queue waits for a token of every bucket that counts the call, unless the host is dead or found dead meanwhile.
func (t *trip) queue(ctx context.Context) error {
	if err := t.breaker.check(); err != nil {
		return err
	}
	for _, b := range t.buckets {
		if b.TryWait() {
			continue
		}
		if err := t.wait(ctx, b); err != nil {
			return err
		}
	}
	return nil
}

// wait waits for a token of one bucket.
func (t *trip) wait(ctx context.Context, b *ratelimit.Bucket) error {
	within, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	stop := context.AfterFunc(t.breaker.living(), func() { cancel(errDead) })
	defer stop()
	waited, err := b.Wait(within)
	StatsFrom(ctx).waited(waited)
	if full, ok := errors.AsType[*ratelimit.QueueTimeoutError](err); ok {
		return &cloud.Error{Kind: cloud.KindThrottled, RetryAfter: full.Need, Err: err, Detail: fmt.Sprintf(
			"the rate limit would need a wait of %s, and %s is allowed", full.Need.Round(time.Millisecond), full.Max)}
	}
	if errors.Is(err, errDead) && ctx.Err() == nil {
		return t.breaker.check()
	}
	return err
}

// attempt sends the request once, counts it, and bounds the time and the size of its answer.
func (c *chain) attempt(req *http.Request) (*http.Response, error) {
	ctx, cancel := context.WithTimeout(req.Context(), attemptTimeout)
	stats := StatsFrom(ctx)
	stats.called()
	out := req.WithContext(ctx)
	if c.UserAgent != "" && req.Header.Get("User-Agent") == "" {
		out.Header = req.Header.Clone()
		out.Header.Set("User-Agent", c.UserAgent)
	}
	started := time.Now()
	resp, err := c.base.RoundTrip(out)
	c.trace(ctx, req, resp, time.Since(started))
	if err != nil {
		cancel()
		return nil, err
	}
	resp.Body = &boundedBody{ReadCloser: resp.Body, left: c.MaxBody, cancel: cancel, stats: stats}
	return resp, nil
}

// trace logs a call: what was asked of whom, and how it was answered. A status of 0 is no answer.
func (c *chain) trace(ctx context.Context, req *http.Request, resp *http.Response, took time.Duration) {
	if c.Log == nil {
		return
	}
	status := 0
	if resp != nil {
		status = resp.StatusCode
	}
	c.Log.LogAttrs(ctx, slog.LevelDebug, "call", slog.String("provider", c.Provider), slog.String("method", req.Method),
		slog.String("host", req.URL.Hostname()), slog.String("path", req.URL.Path), slog.Int("status", status),
		slog.Duration("took", took.Round(time.Millisecond)))
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
func (t *trip) adapt(resp *http.Response, f *Fault) {
	if f != nil && f.Kind == cloud.KindThrottled && f.Wait > 0 {
		for _, b := range t.buckets {
			b.PauseUntil(time.Now().Add(f.Wait))
		}
		return
	}
	if resp == nil {
		return
	}
	if left, reset, ok := Remaining(resp.Header, t.now()); ok {
		for _, b := range t.buckets {
			b.Adapt(left, time.Now().Add(reset))
		}
	}
}

func closeBody(req *http.Request) {
	if req.Body != nil {
		_ = req.Body.Close()
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

// boundedBody is an answer's body: it ends with an error past its bound, and with it ends the attempt's timer.
type boundedBody struct {
	io.ReadCloser
	left   int64
	cancel context.CancelFunc
	stats  *Stats
}

func (b *boundedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	b.left -= int64(n)
	b.stats.received(n)
	if b.left < 0 {
		err = &cloud.Error{Kind: cloud.KindResponse, Detail: "the answer is larger than is accepted"}
	}
	return n, err
}

func (b *boundedBody) Close() error {
	defer b.cancel()
	return b.ReadCloser.Close()
}
