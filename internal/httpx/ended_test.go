package httpx_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/httpx"
	"github.com/adsops/cloudtop/pkg/ratelimit"
	"github.com/adsops/cloudtop/pkg/retry"
)

// TestATimeThatIsOverIsToldInPlainWords ends calls at each place where they can wait.
func TestATimeThatIsOverIsToldInPlainWords(t *testing.T) {
	t.Parallel()
	const over = "acme: get thing: stopped after 1s (--timeout) while waiting for "
	silent := func(_ http.ResponseWriter, r *http.Request, _ int) { <-r.Context().Done() }
	stalls := func(w http.ResponseWriter, r *http.Request, _ int) {
		answer(w, 200, `{"a":`)
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	}
	whole := func(ctx context.Context) context.Context { return httpx.Whole(ctx) }
	for name, c := range map[string]struct {
		answer func(w http.ResponseWriter, r *http.Request, n int)
		h1     bool
		ctx    func(context.Context) context.Context
		policy func(p *httpx.Policy)
		want   string
	}{
		"no answer":                      {answer: silent, want: "example.com"},
		"no answer of HTTP/1":            {answer: silent, h1: true, want: "example.com"},
		"half an answer":                 {answer: stalls, want: "the rest of the answer of example.com"},
		"half an answer of HTTP/1":       {answer: stalls, h1: true, want: "the rest of the answer of example.com"},
		"half an answer, read by others": {answer: stalls, ctx: whole, want: "the rest of the answer of example.com"},
		"a rate limit": {answer: silent, want: "the rate limit of example.com", policy: func(p *httpx.Policy) {
			p.Buckets = new(ratelimit.Set)
			p.Limits = []httpx.Limit{{Name: "all", Events: 1, Per: time.Hour}}
			p.MaxWait = 2 * time.Hour
			spent := ratelimit.New(0, 0, ratelimit.Limit{Events: 1, Per: time.Hour})
			spent.MaxWait = p.MaxWait
			spent.TryWait()
			p.Buckets.Get("acme//all", func() *ratelimit.Bucket { return spent })
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := quick()
			if c.policy != nil {
				c.policy(&p)
			}
			limit := time.Second
			ctx, cancel := context.WithTimeoutCause(t.Context(), limit, &cloud.TimeLimit{After: limit, Set: "--timeout"})
			defer cancel()
			if c.ctx != nil {
				ctx = c.ctx(ctx)
			}
			_, err := get(ctx, serve(t, options{h1: c.h1}, c.answer).api(p))
			if wantKind(t, err, cloud.KindTimeout); err.Error() != over+c.want {
				t.Errorf("\n got %s\nwant %s", err, over+c.want)
			}
		})
	}
}

func TestAStopInTheMiddleOfAnAnswerIsNoFaultOfTheNetwork(t *testing.T) {
	t.Parallel()
	ctx, stop := context.WithCancel(t.Context())
	s := serve(t, options{}, func(w http.ResponseWriter, r *http.Request, _ int) {
		answer(w, 200, `{"a":`)
		w.(http.Flusher).Flush()
		time.AfterFunc(50*time.Millisecond, stop)
		<-r.Context().Done()
	})
	p := quick()
	p.Retry = retry.Policy{}
	_, err := get(ctx, s.api(p))
	if wantKind(t, err, cloud.KindCancelled); !strings.HasPrefix(err.Error(), "acme: get thing: it was stopped while waiting for ") {
		t.Errorf("got %s", err)
	}
}

// ending is half an answer which is ended well when its context ends, as a server may do that learns of it early.
type ending struct {
	ctx  context.Context
	half io.Reader
}

func (e *ending) Read(p []byte) (int, error) {
	n, err := e.half.Read(p)
	if err != nil {
		<-e.ctx.Done()
	}
	return n, err
}

func TestHalfAnAnswerThatEndsWithTheTimeIsNoAnswer(t *testing.T) {
	t.Parallel()
	base := roundTripper(func(r *http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: 200, Body: io.NopCloser(&ending{r.Context(), strings.NewReader(`{"a":`)}), Request: r}, nil
	})
	ctx, cancel := context.WithTimeoutCause(t.Context(), time.Millisecond, &cloud.TimeLimit{After: time.Millisecond, Set: "--timeout"})
	defer cancel()
	_, err := get(ctx, &httpx.API{HTTP: httpx.NewClient(base, quick()), Base: "https://" + host, Provider: "acme"})
	if wantKind(t, err, cloud.KindTimeout); !strings.HasSuffix(err.Error(), "while waiting for the rest of the answer of "+host) {
		t.Errorf("got %s", err)
	}
}
