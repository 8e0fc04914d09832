package httpx

import (
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
	answerTimeout  = 30 * time.Second // of an attempt until its answer begins
	longWait       = time.Second      // a wait for a limit that is logged
	patience       = 15 * time.Second // a call that got no answer is not tried again after this long
)

var (
	errDead   = errors.New("the host is dead") // it was found dead while a call waited for a limit or a slot
	errSilent = fmt.Errorf("no answer within %s", answerTimeout)
)

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

// ended gives an error its kind where the context has ended while something was waited for: its cause may be any error,
// and a connection that it broke is not the network's fault.
func ended(ctx context.Context, err error, waiting string) error {
	if err == nil || ctx.Err() == nil {
		return err
	}
	if e, ok := errors.AsType[*cloud.Error](err); ok && e.Kind != cloud.KindNetwork {
		return err
	}
	return cloud.Ended(ctx, "", waiting)
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

// turn is a request's turn to be sent.
type turn struct {
	send    func(*http.Request) (*http.Response, error)
	release func() // what was needed to send it, after an error
}

// turn waits for a request's turn: it comes at once, or when there is a slot. Time in that queue is none that the provider
// took.
func (c *chain) turn(ctx context.Context, dead <-chan struct{}) (turn, error) {
	b, ok := c.base.(*bounded)
	if !ok {
		return turn{c.base.RoundTrip, func() {}}, nil
	}
	release, err := b.take(ctx, dead)
	return turn{func(req *http.Request) (*http.Response, error) { return b.send(req, release) }, release}, err
}

// attempt sends the request once, counts it, and bounds the time and the size of its answer. The time until the answer
// begins includes that for the connection, through whatever proxy.
func (c *chain) attempt(req *http.Request, my turn) (*http.Response, error) {
	ctx, cancel := context.WithTimeout(req.Context(), attemptTimeout)
	silence := time.AfterFunc(answerTimeout, cancel)
	stats := StatsFrom(ctx)
	stats.called()
	out := req.WithContext(ctx)
	if c.UserAgent != "" && req.Header.Get("User-Agent") == "" {
		out.Header = req.Header.Clone()
		out.Header.Set("User-Agent", c.UserAgent)
	}
	started := time.Now()
	resp, err := my.send(out)
	inTime := silence.Stop()
	c.trace(ctx, req, resp, time.Since(started))
	if err != nil {
		cancel()
		if !inTime && req.Context().Err() == nil {
			err = errSilent
		}
		return nil, err
	}
	resp.Body = &boundedBody{ReadCloser: resp.Body, req: req, left: c.MaxBody, cancel: cancel, stats: stats}
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

func closeBody(req *http.Request) {
	if req.Body != nil {
		_ = req.Body.Close()
	}
}

// boundedBody is an answer's body: it ends with an error past its bound, and with it ends the attempt's timer. Where the
// time of the attempt or of the request is over, its error says so.
type boundedBody struct {
	io.ReadCloser
	req    *http.Request
	left   int64
	cancel context.CancelFunc
	stats  *Stats
}

func (b *boundedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	b.left -= int64(n)
	b.stats.received(n)
	switch host := b.req.URL.Host; {
	case b.left < 0:
		err = &cloud.Error{Kind: cloud.KindResponse, Detail: "the answer is larger than is accepted"}
	case err == nil || err == io.EOF: //nolint:errorlint // as a Reader returns it
	case b.req.Context().Err() != nil:
		err = ended(b.req.Context(), err, "the rest of the answer of "+host)
	case errors.Is(err, context.DeadlineExceeded):
		err = &cloud.Error{
			Kind: cloud.KindTimeout, Detail: fmt.Sprintf("the answer of %s had not ended after %s", host, attemptTimeout), Err: err,
		}
	}
	return n, err
}

func (b *boundedBody) Close() error {
	defer b.cancel()
	return b.ReadCloser.Close()
}
