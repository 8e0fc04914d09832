package httpx_test

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/httpx"
	"github.com/adsops/cloudtop/pkg/ratelimit"
)

// path calls one path and drops the answer.
func path(ctx context.Context, a *httpx.API, p string) error {
	_, err := a.Get(ctx, "call", p, nil, nil)
	return err
}

func ok(w http.ResponseWriter, _ *http.Request, _ int) { answer(w, 200, "{}") }

// gaps returns the times between arrivals.
func (s *server) gaps() []time.Duration {
	a := s.arrivals()
	var out []time.Duration
	for i := 1; i < len(a); i++ {
		out = append(out, a[i].at.Sub(a[i-1].at))
	}
	return out
}

func TestAThrottledCallPausesAllWhoShareItsBucket(t *testing.T) {
	t.Parallel()
	for name, limits := range map[string][]httpx.Limit{
		"published": {{Name: "all", Events: 1000, Per: time.Second}},
		"none":      nil,
	} {
		for header, asked := range map[string]string{"asked": "3", "not asked": ""} {
			t.Run(name+", "+header, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					var mu sync.Mutex
					var at []time.Time
					base := roundTripper(func(r *http.Request) (*http.Response, error) {
						mu.Lock()
						defer mu.Unlock()
						at = append(at, time.Now())
						resp := &http.Response{StatusCode: 200, Header: http.Header{}, Body: http.NoBody, Request: r}
						if len(at) == 1 {
							resp.StatusCode = 429
							resp.Header.Set("Retry-After", asked)
						}
						return resp, nil
					})
					p := quick()
					p.Limits = limits
					p.Retry.First, p.Retry.Cap = 6*time.Second, 6*time.Second // half to the whole of it
					a := over(base, p)
					var wg sync.WaitGroup
					wg.Go(func() { _ = call(t.Context(), a, "/1") })
					time.Sleep(time.Second)
					for range 5 {
						wg.Go(func() { _ = call(t.Context(), a, "/2") })
					}
					wg.Wait()
					if len(at) != 7 || at[1].Sub(at[0]) < 3*time.Second-time.Millisecond {
						t.Errorf("%d calls came at %v, want six more and the first after 3s", len(at), at)
					}
				})
			})
		}
	}
}

func TestAnAnswerThatSaysNothingIsLeftHoldsTheNextCallBack(t *testing.T) {
	t.Parallel()
	s := serve(t, options{}, func(w http.ResponseWriter, r *http.Request, n int) {
		w.Header().Set("X-RateLimit-Remaining", strconv.Itoa(2-n))
		w.Header().Set("X-RateLimit-Reset", "0.4")
		ok(w, r, n)
	})
	a := s.api(quick())
	for range 3 {
		if err := path(t.Context(), a, "/"); err != nil {
			t.Fatal(err)
		}
	}
	if g := s.gaps(); g[1] < 350*time.Millisecond {
		t.Errorf("the third call came %s after the last that was left, want 400ms", g[1])
	}
}

func TestPublishedLimitsAreKept(t *testing.T) {
	t.Parallel()
	const per = 300 * time.Millisecond
	limit := httpx.Limit{Name: "list", Match: httpx.Pattern{Path: "/list"}, Events: 2, Per: per}
	regional := limit
	regional.PerHost = true
	for name, c := range map[string]struct {
		limit httpx.Limit
		calls []string
		held  bool // the third call waits
	}{
		"counted":               {limit, []string{"/list", "/list", "/list"}, true},
		"not counted":           {limit, []string{"/list", "/list", "/other"}, false},
		"shared by all hosts":   {limit, []string{"/list", "/list", "https://eu.example.com/list"}, true},
		"each host by itself":   {regional, []string{"/list", "/list", "https://eu.example.com/list"}, false},
		"at once, not more":     {httpx.Limit{Name: "b", Events: 2, Per: per, Burst: 1}, []string{"/1", "/2", "/3"}, true},
		"the user's own":        {httpx.Limit{}, []string{"/1", "/2", "/3"}, true},
		"the user's own, reset": {limit, []string{"/list", "/list", "/other"}, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := quick()
				p.Limits = []httpx.Limit{c.limit}
				if c.limit.Name == "" || name == "the user's own, reset" {
					p.Override = &httpx.Rate{PerSecond: 2 / per.Seconds(), Burst: 2}
				}
				stats := new(httpx.Stats)
				ctx, a, begun := httpx.WithStats(t.Context(), stats), over(&patchy{state: alive}, p), time.Now()
				for _, path := range c.calls {
					if err := call(ctx, a, path); err != nil {
						t.Fatal(err)
					}
				}
				took := time.Since(begun)
				if held := took >= per/2; held != c.held || (!held && took != 0) {
					t.Errorf("three calls took %s, want held back: %v", took, c.held)
				}
				if stats.Waited() != took || stats.Backoff() != 0 {
					t.Errorf("waited %s for limits and %s to try again, want %s and none", stats.Waited(), stats.Backoff(), took)
				}
			})
		})
	}
}

func TestTheQueueHasALongestWait(t *testing.T) {
	t.Parallel()
	s := serve(t, options{}, ok)
	p := quick()
	p.Limits = []httpx.Limit{{Name: "hourly", Events: 1, Per: time.Hour}}
	p.MaxWait = 50 * time.Millisecond
	a := s.api(p)
	if err := path(t.Context(), a, "/"); err != nil {
		t.Fatal(err)
	}
	err := path(t.Context(), a, "/")
	e := wantKind(t, err, cloud.KindThrottled)
	if !errors.Is(err, ratelimit.ErrQueueTimeout) || e.RetryAfter < 50*time.Minute || len(s.arrivals()) != 1 {
		t.Errorf("got %v, RetryAfter %s, %d calls", err, e.RetryAfter, len(s.arrivals()))
	}
	if e.Hint != "raise rate_limit.timeout of acme in the configuration, or ask for less" {
		t.Errorf("the hint is %q", e.Hint)
	}
}

func TestBucketsAreSharedByCredential(t *testing.T) {
	t.Parallel()
	s := serve(t, options{}, ok)
	set := new(ratelimit.Set)
	policy := func(account string) httpx.Policy {
		p := quick()
		p.Account, p.Buckets, p.MaxWait = account, set, time.Millisecond
		p.Limits = []httpx.Limit{{Name: "hourly", Events: 1, Per: time.Hour}}
		return p
	}
	for _, c := range []struct {
		account string
		want    cloud.Kind
	}{{"a", ""}, {"a", cloud.KindThrottled}, {"b", ""}} {
		if got := cloud.KindOf(path(t.Context(), s.api(policy(c.account)), "/")); got != c.want {
			t.Errorf("account %s: got kind %q, want %q", c.account, got, c.want)
		}
	}
}

func TestConnectionsAreUsedAgain(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		body   string
		status int
	}{
		"JSON": {`{"a":1}`, 200}, "JSON and a line": {"{\"a\":1}\n", 200}, "an error": {`{"error":"no"}`, 404},
		"much space": {`{"a":1}` + string(make([]byte, 3000)), 200},
	} {
		for _, decode := range []bool{true, false} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				s := serve(t, options{h1: true}, func(w http.ResponseWriter, _ *http.Request, _ int) {
					w.WriteHeader(c.status)
					_ = http.NewResponseController(w).Flush() // chunked: its end is a read of its own
					_, _ = w.Write([]byte(c.body))
				})
				a := s.api(quick())
				for range 5 {
					if decode {
						_, _ = get(t.Context(), a)
					} else {
						_, _ = a.Do(t.Context(), httpx.Call{Op: "x", Path: "/"}, nil)
					}
				}
				if n := s.dials.Load(); n != 1 {
					t.Errorf("%d connections for %d calls, want 1", n, len(s.arrivals()))
				}
			})
		}
	}
}

func TestStatsCountWhatCallsCost(t *testing.T) {
	t.Parallel()
	s := serve(t, options{}, func(w http.ResponseWriter, _ *http.Request, _ int) { answer(w, 200, `{"name":"x"}`) })
	stats := new(httpx.Stats)
	ctx := httpx.WithStats(t.Context(), stats)
	var wg sync.WaitGroup
	a := s.api(quick())
	for range 20 {
		wg.Go(func() { _, _ = get(ctx, a) })
	}
	wg.Wait()
	if stats.Calls() != 20 || stats.Bytes() != 20*12 || stats.Retries() != 0 {
		t.Errorf("got %d calls, %d bytes, %d retries, want 20, 240, 0", stats.Calls(), stats.Bytes(), stats.Retries())
	}
}
