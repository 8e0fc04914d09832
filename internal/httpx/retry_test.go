package httpx_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/httpx"
)

func TestOnlyWhatMayPassIsRetried(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		status, calls int
		kind          cloud.Kind
	}{
		{400, 1, cloud.KindRequest},
		{401, 1, cloud.KindAuth},
		{403, 1, cloud.KindDenied},
		{404, 1, cloud.KindNotFound},
		{408, 3, cloud.KindUnavailable},
		{410, 1, cloud.KindNotFound},
		{422, 1, cloud.KindRequest},
		{429, 3, cloud.KindThrottled},
		{500, 3, cloud.KindUnavailable},
		{503, 3, cloud.KindUnavailable},
		{529, 3, cloud.KindThrottled},
	} {
		t.Run(fmt.Sprint(c.status), func(t *testing.T) {
			t.Parallel()
			s := serve(t, options{}, func(w http.ResponseWriter, _ *http.Request, _ int) { answer(w, c.status, "no") })
			stats := new(httpx.Stats)
			_, err := get(httpx.WithStats(t.Context(), stats), s.api(quick()))
			e := wantKind(t, err, c.kind)
			if e.Status != c.status || e.Op != "acme: get thing" || !strings.Contains(e.Error(), fmt.Sprint(c.status)) {
				t.Errorf("got status %d, op %q, text %q", e.Status, e.Op, e)
			}
			if n := len(s.arrivals()); n != c.calls || stats.Calls() != n || stats.Retries() != n-1 {
				t.Errorf("%d calls arrived, %d counted with %d retries, want %d", n, stats.Calls(), stats.Retries(), c.calls)
			}
		})
	}
}

// failures are ways in which a call can fail once, or for ever, before the body is complete.
var failures = map[string]struct {
	fail func(http.ResponseWriter)
	kind cloud.Kind
}{
	"500":   {func(w http.ResponseWriter) { answer(w, 500, "{}") }, cloud.KindUnavailable},
	"429":   {func(w http.ResponseWriter) { answer(w, 429, "{}") }, cloud.KindThrottled},
	"reset": {func(http.ResponseWriter) { panic(http.ErrAbortHandler) }, cloud.KindNetwork},
	"truncated": {func(w http.ResponseWriter) {
		w.Header().Set("Content-Length", "100")
		answer(w, 200, `{"left":"over","name":`)
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	}, cloud.KindNetwork},
}

func TestAFailureThatPassesIsNotSeen(t *testing.T) {
	t.Parallel()
	for name, f := range failures {
		for _, h1 := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s h1=%v", name, h1), func(t *testing.T) {
				t.Parallel()
				s := serve(t, options{h1: h1}, func(w http.ResponseWriter, _ *http.Request, n int) {
					if n < 3 {
						f.fail(w)
						return
					}
					answer(w, 200, `{"name":"whole"}`)
				})
				got, err := get(t.Context(), s.api(quick()))
				if err != nil || len(got) != 1 || got["name"] != "whole" {
					t.Errorf("got %v, %v, want the third answer and nothing of the others", got, err)
				}
			})
		}
	}
}

func TestAFailureThatStaysEndsAfterTheRetries(t *testing.T) {
	t.Parallel()
	for name, f := range failures {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := serve(t, options{}, func(w http.ResponseWriter, _ *http.Request, _ int) { f.fail(w) })
			_, err := get(t.Context(), s.api(quick()))
			wantKind(t, err, f.kind)
			if n := len(s.arrivals()); n != 3 {
				t.Errorf("%d calls, want 3", n)
			}
		})
	}
}

func TestNoNetworkIsANetworkError(t *testing.T) {
	t.Parallel()
	s := serve(t, options{}, nil)
	s.Close()
	_, err := get(t.Context(), s.api(quick()))
	e := wantKind(t, err, cloud.KindNetwork)
	if !strings.Contains(e.Detail, host) || !strings.Contains(e.Detail, "refused") {
		t.Errorf("got detail %q, want the host and the reason", e.Detail)
	}
	if n := s.dials.Load(); n != 3 {
		t.Errorf("%d dials, want 3", n)
	}
}

func TestWaitsAsLongAsItIsAskedTo(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		status    int
		header    func(h http.Header)
		low, high time.Duration
	}{
		"seconds": {429, func(h http.Header) { h.Set("Retry-After", "0.3") }, 300 * time.Millisecond, 2 * time.Second},
		"date by the server's clock": {429, func(h http.Header) {
			h.Set("Date", time.Now().Add(-time.Hour).UTC().Format(http.TimeFormat))
			h.Set("Retry-After", time.Now().Add(time.Second-time.Hour).UTC().Format(http.TimeFormat))
		}, time.Second, 4 * time.Second},
		"milliseconds":           {503, func(h http.Header) { h.Set("X-Ms-Retry-After-Ms", "250") }, 250 * time.Millisecond, 2 * time.Second},
		"the window's reset":     {429, func(h http.Header) { h.Set("RateLimit", `"minute";r=0;t=1`) }, time.Second, 4 * time.Second},
		"nothing: the policy's":  {429, func(http.Header) {}, 0, 200 * time.Millisecond},
		"a date that has passed": {503, func(h http.Header) { h.Set("Retry-After", time.Unix(0, 0).UTC().Format(http.TimeFormat)) }, 0, 200 * time.Millisecond},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := serve(t, options{}, func(w http.ResponseWriter, _ *http.Request, n int) {
				if n == 1 {
					c.header(w.Header())
					answer(w, c.status, "{}")
					return
				}
				answer(w, 200, "{}")
			})
			stats := new(httpx.Stats)
			if _, err := get(httpx.WithStats(t.Context(), stats), s.api(quick())); err != nil {
				t.Fatal(err)
			}
			a := s.arrivals()
			if got := a[1].at.Sub(a[0].at); got < c.low || got > c.high {
				t.Errorf("waited %s, want %s to %s", got, c.low, c.high)
			}
			limited, backoff := stats.Waited(), stats.Backoff()
			if c.status != 429 {
				limited, backoff = backoff, limited
			}
			if limited < c.low || backoff != 0 {
				t.Errorf("%s waited for limits, %s to try again, want at least %s for a %d alone", stats.Waited(), stats.Backoff(), c.low, c.status)
			}
		})
	}
}

func TestDoesNotWaitForWhatTakesTooLong(t *testing.T) {
	t.Parallel()
	s := serve(t, options{}, func(w http.ResponseWriter, _ *http.Request, _ int) {
		w.Header().Set("Retry-After", "3600")
		answer(w, 429, "{}")
	})
	_, err := get(t.Context(), s.api(quick()))
	if e := wantKind(t, err, cloud.KindThrottled); e.RetryAfter != time.Hour {
		t.Errorf("got RetryAfter %s, want 1h", e.RetryAfter)
	}
	if n := len(s.arrivals()); n != 1 {
		t.Errorf("%d calls, want 1", n)
	}
}

func TestDoesNotWaitPastTheDeadline(t *testing.T) {
	t.Parallel()
	s := serve(t, options{}, func(w http.ResponseWriter, _ *http.Request, _ int) {
		w.Header().Set("Retry-After", "8")
		answer(w, 503, "{}")
	})
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	started := time.Now()
	_, err := get(ctx, s.api(quick()))
	wantKind(t, err, cloud.KindUnavailable)
	if took := time.Since(started); took > 2*time.Second {
		t.Errorf("took %s, want the answer at once", took)
	}
}

func TestAnAnswerOfTheWrongShapeIsNotAskedForAgain(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"half": `{"name":`, "nothing": "", "wrong type": `"text"`, "no JSON": "<html>",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := serve(t, options{}, func(w http.ResponseWriter, _ *http.Request, _ int) { answer(w, 200, body) })
			_, err := get(t.Context(), s.api(quick()))
			wantKind(t, err, cloud.KindResponse)
			if n := len(s.arrivals()); n != 1 {
				t.Errorf("%d calls, want 1", n)
			}
		})
	}
}

func TestAQueryIsSentAgainWithItsBody(t *testing.T) {
	t.Parallel()
	s := serve(t, options{}, func(w http.ResponseWriter, r *http.Request, n int) {
		if n < 3 {
			answer(w, 500, "{}")
			return
		}
		_, _ = io.Copy(w, r.Body)
	})
	p := quick()
	p.Queries = []httpx.Pattern{{Method: http.MethodPost, Path: "/search"}}
	var got map[string]string
	call := httpx.Call{Op: "search", Path: "/search", Body: map[string]string{"q": "all"}}
	if _, err := s.api(p).Do(t.Context(), call, httpx.Into(&got)); err != nil || got["q"] != "all" {
		t.Errorf("got %v, %v, want the body of the third try", got, err)
	}
}

func TestABodyThatCannotBeRepeatedIsSentOnce(t *testing.T) {
	t.Parallel()
	s := serve(t, options{}, func(w http.ResponseWriter, _ *http.Request, _ int) { answer(w, 500, "why") })
	p := quick()
	p.Queries = []httpx.Pattern{{Method: http.MethodPost}}
	req, _ := http.NewRequestWithContext(t.Context(), http.MethodPost, "https://"+host+"/", io.NopCloser(strings.NewReader("x")))
	resp, err := httpx.NewClient(s.transport, p).Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if body, _ := io.ReadAll(resp.Body); string(body) != "why" || len(s.arrivals()) != 1 {
		t.Errorf("got %q after %d calls, want the provider's own answer after one", body, len(s.arrivals()))
	}
}

func TestACancelledCallSaysSo(t *testing.T) {
	t.Parallel()
	hang := func(_ http.ResponseWriter, r *http.Request, _ int) { <-r.Context().Done() }
	for name, c := range map[string]struct {
		handle func(http.ResponseWriter, *http.Request, int)
		limits []httpx.Limit
		calls  int
	}{
		"while it hangs": {hang, nil, 1},
		"while its body hangs": {func(w http.ResponseWriter, r *http.Request, n int) {
			answer(w, 200, `{"name":`)
			_ = http.NewResponseController(w).Flush()
			hang(w, r, n)
		}, nil, 1},
		"while it waits to try again": {func(w http.ResponseWriter, _ *http.Request, _ int) {
			w.Header().Set("Retry-After", "20")
			answer(w, 503, "{}")
		}, nil, 1},
		"while it queues": {
			func(w http.ResponseWriter, _ *http.Request, _ int) { answer(w, 200, "{}") },
			[]httpx.Limit{{Name: "slow", Events: 1, Per: 20 * time.Second}}, 1,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := serve(t, options{}, c.handle)
			p := quick()
			p.Limits = c.limits
			a := s.api(p)
			if c.limits != nil {
				if _, err := get(t.Context(), a); err != nil {
					t.Fatal(err)
				}
			}
			ctx, cancel := context.WithCancelCause(t.Context())
			why := errors.New("the window was closed")
			var at time.Time
			time.AfterFunc(time.Second, func() { // by then it hangs, or waits
				at = time.Now()
				cancel(why)
			})
			_, err := get(ctx, a)
			wantKind(t, err, cloud.KindCancelled)
			if late := time.Since(at); late > 5*time.Second { // the shortest of the waits is 20 s
				t.Errorf("returned %s after the end of its context", late)
			}
			if !errors.Is(err, why) || len(s.arrivals()) != c.calls {
				t.Errorf("got %v after %d calls, want the cause after %d", err, len(s.arrivals()), c.calls)
			}
		})
	}
}

func TestADeadlineIsATimeout(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		base := &patchy{state: func(r *http.Request) (int, error) {
			<-r.Context().Done()
			return 0, r.Context().Err()
		}}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		begun := time.Now()
		wantKind(t, call(ctx, over(base, quick()), "/"), cloud.KindTimeout)
		if took := time.Since(begun); took != time.Second || base.calls.Load() != 1 {
			t.Errorf("%d calls took %v, want 1 and 1s", base.calls.Load(), took)
		}
	})
}

func TestDelaysGrowFromTheFirst(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var at []time.Time
		base := &patchy{state: func(*http.Request) (int, error) {
			at = append(at, time.Now())
			return 500, nil
		}}
		stats := new(httpx.Stats)
		err := call(httpx.WithStats(t.Context(), stats), over(base, patient()), "/")
		wantKind(t, err, cloud.KindUnavailable)
		if len(at) != 4 {
			t.Fatalf("%d calls, want 4", len(at))
		}
		for i, longest := range []time.Duration{time.Second, 2 * time.Second, 4 * time.Second} {
			if got := at[i+1].Sub(at[i]); got < longest/2-time.Microsecond || got > longest {
				t.Errorf("waited %s before retry %d, want between half and the whole of %s", got, i+1, longest)
			}
		}
		if got := at[3].Sub(at[0]); stats.Backoff() != got || stats.Waited() != 0 {
			t.Errorf("waited %s to try again and %s for limits, want %s and none", stats.Backoff(), stats.Waited(), got)
		}
	})
}
