package httpx_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/httpx"
)

// roundTripper is a base transport made of a function.
type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// slow answers after a second and notes how many calls are under way.
type slow struct{ now, peak atomic.Int32 }

func (s *slow) RoundTrip(r *http.Request) (*http.Response, error) {
	n := s.now.Add(1)
	for p := s.peak.Load(); n > p && !s.peak.CompareAndSwap(p, n); p = s.peak.Load() {
	}
	defer s.now.Add(-1)
	select {
	case <-time.After(time.Second):
		return &http.Response{StatusCode: 200, Body: io.NopCloser(strings.NewReader("{}")), Request: r}, nil
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
}

func send(ctx context.Context, rt http.RoundTripper) error {
	req, _ := http.NewRequestWithContext(ctx, http.MethodGet, "https://"+host, nil)
	resp, err := rt.RoundTrip(req)
	if err != nil {
		return err
	}
	return resp.Body.Close()
}

func TestSlotsBoundAllCallsTogether(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		base := new(slow)
		slots := httpx.NewSlots(10, 2)
		var wg sync.WaitGroup
		started := time.Now()
		for _, rt := range []http.RoundTripper{slots.Over(base), slots.Over(base)} {
			for range 50 {
				wg.Go(func() {
					if err := send(t.Context(), rt); err != nil {
						t.Error(err)
					}
				})
			}
		}
		wg.Wait()
		if took := time.Since(started); base.peak.Load() != 10 || took < 10*time.Second || took > 15*time.Second {
			t.Errorf("at most %d calls at once, done in %s, want 10 in 10s, or little more when one is done first", base.peak.Load(), took)
		}
	})
}

// TestTheNextSlotIsForWhoeverHasTheFewest lets a single call overtake a provider's many, as soon as one of these is done.
func TestTheNextSlotIsForWhoeverHasTheFewest(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		slots := httpx.NewSlots(10, 2)
		many, few := slots.Over(new(slow)), slots.Over(new(slow))
		var wg sync.WaitGroup
		for range 40 {
			wg.Go(func() { _ = send(t.Context(), many) })
		}
		synctest.Wait()
		started := time.Now()
		for range 4 {
			wg.Go(func() {
				if err := send(t.Context(), few); err != nil || time.Since(started) > 2*time.Second {
					t.Errorf("got %v after %s, want an answer after at most 2s", err, time.Since(started))
				}
			})
		}
		wg.Wait()
	})
}

// TestAProviderThatRestsLeavesItsSlotsToOthers but for one.
func TestAProviderThatRestsLeavesItsSlotsToOthers(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ total, providers, over, want int }{
		{50, 1, 1, 50}, {50, 7, 1, 32}, {50, 7, 2, 45}, {50, 7, 7, 50}, {50, 2, 1, 38}, {3, 7, 7, 7}, {3, 7, 1, 1}, {0, 0, 1, 1}, {10, 1, 3, 10},
	} {
		synctest.Test(t, func(t *testing.T) {
			base, slots := new(slow), httpx.NewSlots(tt.total, tt.providers)
			var wg sync.WaitGroup
			for range tt.over {
				rt := slots.Over(base)
				for range 100 {
					wg.Go(func() { _ = send(t.Context(), rt) })
				}
			}
			wg.Wait()
			if got := int(base.peak.Load()); got != tt.want {
				t.Errorf("%d of %d providers had %d of %d slots, want %d", tt.over, tt.providers, got, tt.total, tt.want)
			}
		})
	}
}

func TestWhoGoesAwayLeavesItsSlotToTheNext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		base := new(slow)
		rt := httpx.NewSlots(1, 1).Over(base)
		var wg sync.WaitGroup
		defer wg.Wait()
		wg.Go(func() { _ = send(t.Context(), rt) })
		synctest.Wait()
		for i := range 20 { // some are in the line when they go, some have just been given the slot
			ctx, cancel := context.WithTimeout(t.Context(), time.Duration(i%3)*time.Second/2)
			defer cancel()
			wg.Go(func() { _ = send(ctx, rt) })
		}
		started := time.Now()
		if err := send(t.Context(), rt); err != nil || time.Since(started) > 3*time.Second {
			t.Errorf("got %v after %s, want an answer", err, time.Since(started))
		}
	})
}

func TestAProviderThatHangsLeavesSlotsToOthers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		slots := httpx.NewSlots(10, 2)
		ctx, cancel := context.WithCancel(t.Context())
		hanging := slots.Over(roundTripper(func(r *http.Request) (*http.Response, error) {
			<-r.Context().Done()
			return nil, r.Context().Err()
		}))
		var wg sync.WaitGroup
		for range 50 {
			wg.Go(func() { _ = send(ctx, hanging) })
		}
		synctest.Wait()
		started := time.Now()
		if err := send(t.Context(), slots.Over(new(slow))); err != nil || time.Since(started) != time.Second {
			t.Errorf("got %v after %s, want an answer after 1s", err, time.Since(started))
		}
		cancel()
		wg.Wait()
	})
}

func TestASlotIsHeldUntilTheBodyIsClosed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		rt := httpx.NewSlots(1, 1).Over(new(slow))
		req, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://"+host, nil)
		resp, err := rt.RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		why := errors.New("tired of waiting")
		ctx, cancel := context.WithTimeoutCause(t.Context(), time.Minute, why)
		defer cancel()
		if err := send(ctx, rt); !errors.Is(err, why) {
			t.Errorf("got %v while the slot is taken, want the cause of the context's end", err)
		}
		for range 2 {
			_ = resp.Body.Close() // twice closed is once released
		}
		if err := send(t.Context(), rt); err != nil {
			t.Errorf("got %v after the slot is free", err)
		}
	})
}

func TestASlotIsFreeWhenTheBodyHasBeenRead(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		one := httpx.NewSlots(1, 1).Over(new(slow))
		for range 3 {
			req, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://"+host, nil)
			resp, err := one.RoundTrip(req) // its body is read and never closed
			if err != nil {
				t.Fatal(err)
			}
			if _, err := io.ReadAll(resp.Body); err != nil {
				t.Fatal(err)
			}
			defer func() { _ = resp.Body.Close() }()
		}
	})
}

func TestAFailedCallReleasesItsSlot(t *testing.T) {
	t.Parallel()
	rt := httpx.NewSlots(0, 0).Over(roundTripper(func(*http.Request) (*http.Response, error) {
		return nil, io.ErrUnexpectedEOF
	}))
	for range 3 {
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		if err := send(ctx, rt); !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("got %v, want the transport's own error", err)
		}
		cancel()
	}
}

func TestIdleConnectionsAreClosedThroughTheSlots(t *testing.T) {
	t.Parallel()
	s := serve(t, options{}, ok)
	rt := httpx.NewSlots(2, 1).Over(s.transport)
	a := &httpx.API{HTTP: httpx.NewClient(rt, quick()), Base: "https://" + host}
	for range 2 {
		if err := path(t.Context(), a, "/"); err != nil {
			t.Fatal(err)
		}
		rt.(interface{ CloseIdleConnections() }).CloseIdleConnections()
	}
	if n := s.dials.Load(); n != 2 {
		t.Errorf("%d connections, want 2: the first was closed", n)
	}
}

func TestTransportKeepsTheEnvironmentsProxy(t *testing.T) {
	t.Parallel()
	tr := httpx.NewTransport()
	if tr.Proxy == nil || !tr.ForceAttemptHTTP2 || tr.MaxIdleConnsPerHost < 10 || tr.TLSHandshakeTimeout == 0 ||
		tr.ResponseHeaderTimeout == 0 || tr.TLSClientConfig != nil {
		t.Errorf("got %+v", tr)
	}
}

func TestEachKeepsOneElementAtATime(t *testing.T) {
	t.Parallel()
	stop := errors.New("enough")
	for name, c := range map[string]struct {
		body string
		kind cloud.Kind
		sum  int
	}{
		"a list":          {`[1,2,3]`, "", 6},
		"an empty list":   {`[]`, "", 0},
		"an object":       {`{"a":1}`, cloud.KindResponse, 0},
		"null":            {`null`, cloud.KindResponse, 0},
		"nothing":         {``, cloud.KindResponse, 0},
		"half a list":     {`[1,2`, cloud.KindResponse, 3},
		"a wrong element": {`[1,"x",3]`, cloud.KindResponse, 1},
		"a stop":          {`[1,99,3]`, cloud.KindResponse, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := serve(t, options{}, func(w http.ResponseWriter, _ *http.Request, _ int) { answer(w, 200, c.body) })
			sum := 0
			_, err := s.api(quick()).Do(t.Context(), httpx.Call{Op: "sum", Path: "/"}, httpx.Each(func(n *int) error {
				if *n == 99 {
					return stop
				}
				sum += *n
				return nil
			}))
			if cloud.KindOf(err) != c.kind || sum != c.sum || errors.Is(err, stop) != (name == "a stop") {
				t.Errorf("got sum %d and %v, want %d and kind %q", sum, err, c.sum, c.kind)
			}
			if n := len(s.arrivals()); n != 1 {
				t.Errorf("%d calls, want 1", n)
			}
		})
	}
}

func TestIntoLeavesNothingOfAnEarlierAnswer(t *testing.T) {
	t.Parallel()
	s := serve(t, options{}, func(w http.ResponseWriter, _ *http.Request, n int) {
		answer(w, 200, []string{`{"next":"p2","items":[{"a":1,"b":2}]}`, `{"items":[{"a":3}]}`}[n-1])
	})
	var page struct {
		Next  string
		Items []struct{ A, B int }
	}
	a := s.api(quick())
	for range 2 {
		if _, err := a.Get(t.Context(), "list", "/", nil, &page); err != nil {
			t.Fatal(err)
		}
	}
	if page.Next != "" || len(page.Items) != 1 || page.Items[0].B != 0 {
		t.Errorf("got %+v, want the second page alone", page)
	}
}
