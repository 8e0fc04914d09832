package httpx_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/httpx"
	"github.com/adsops/cloudtop/pkg/retry"
)

var errRefused = errors.New("connection refused")

// patchy is a base transport whose hosts answer, or not, as the test says; it counts the calls.
type patchy struct {
	calls atomic.Int32
	mu    sync.Mutex
	state func(r *http.Request) (status int, err error)
}

func (p *patchy) set(f func(r *http.Request) (int, error)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.state = f
}

func (p *patchy) RoundTrip(r *http.Request) (*http.Response, error) {
	p.calls.Add(1)
	p.mu.Lock()
	f := p.state
	p.mu.Unlock()
	status, err := f(r)
	if err != nil {
		return nil, err
	}
	return &http.Response{StatusCode: status, Header: http.Header{}, Body: http.NoBody, Request: r}, nil
}

func dead(*http.Request) (int, error)  { return 0, errRefused }
func alive(*http.Request) (int, error) { return 200, nil }

func answers(status int) func(*http.Request) (int, error) {
	return func(*http.Request) (int, error) { return status, nil }
}

// patient is the policy of the product, on two hosts.
func patient(change ...func(*httpx.Policy)) httpx.Policy {
	p := httpx.Policy{Provider: "acme", Hosts: []string{host, "*." + host}, Retry: retry.Default()}
	for _, f := range change {
		f(&p)
	}
	return p
}

func over(base http.RoundTripper, p httpx.Policy) *httpx.API {
	return &httpx.API{HTTP: httpx.NewClient(base, p), Provider: "acme", Base: "https://" + host}
}

// call makes one call that needs no JSON back.
func call(ctx context.Context, a *httpx.API, path string) error {
	_, err := a.Do(ctx, httpx.Call{Op: "call", Path: path}, nil)
	return err
}

// refused reports whether err is that of a host that is left alone.
func refused(err error) bool {
	return err != nil && strings.Contains(err.Error(), "not tried: "+host+" failed ") && strings.HasSuffix(err.Error(), " in a row")
}

// kill lets a call use up its retries.
func kill(t *testing.T, a *httpx.API, base *patchy) {
	t.Helper()
	base.set(dead)
	if err := call(t.Context(), a, "/"); cloud.KindOf(err) != cloud.KindNetwork {
		t.Fatalf("got %v, want a network error", err)
	}
}

func TestAllWhoWaitForADeadHostGiveUpWithTheFirst(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		calls int
		limit []httpx.Limit
		state func(*http.Request) (int, error)
		most  int32
	}{
		"one call":               {1, nil, dead, 4},
		"many at once":           {200, nil, dead, 800},
		"many in a queue":        {200, []httpx.Limit{{Name: "slow", Events: 2, Per: time.Second}}, dead, 40},
		"many that answer 503":   {50, nil, answers(503), 200},
		"many that answer in no": {50, []httpx.Limit{{Name: "slow", Events: 1, Per: time.Second}}, answers(500), 20},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				base := &patchy{state: c.state}
				a := over(base, patient(func(p *httpx.Policy) { p.Limits, p.MaxWait = c.limit, time.Hour }))
				begun := time.Now()
				var wg sync.WaitGroup
				var own, others atomic.Int32
				for i := range c.calls {
					wg.Go(func() {
						switch err := call(t.Context(), a, "/"+strings.Repeat("x", i)); {
						case err == nil:
							t.Error("a call to a dead host succeeded")
						case refused(err):
							others.Add(1)
						default:
							own.Add(1)
						}
					})
				}
				wg.Wait()
				took := time.Since(begun)
				// With one call each second, a call waits for its turn before each of its four tries.
				if most := 15 * time.Second; took > most || took < 3*time.Second {
					t.Errorf("gave up after %v, want the time of one call's retries, at most %v", took, most)
				}
				if own.Load() == 0 || base.calls.Load() > c.most || (c.limit != nil && others.Load() == 0) {
					t.Errorf("%d failed themselves, %d were not tried, %d calls were sent, want at most %d",
						own.Load(), others.Load(), base.calls.Load(), c.most)
				}
			})
		})
	}
}

func TestADeadHostIsLeftAloneAndThenTriedOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		base := new(patchy)
		a := over(base, patient())
		kill(t, a, base)
		for _, alone := range []time.Duration{30 * time.Second, time.Minute, 2 * time.Minute, 4 * time.Minute, 5 * time.Minute, 5 * time.Minute} {
			sent := base.calls.Load()
			err := call(t.Context(), a, "/other")
			e := wantKind(t, err, cloud.KindUnavailable)
			if !refused(err) || e.RetryAfter != alone || e.Op != "acme: call" || base.calls.Load() != sent {
				t.Fatalf("got %v, to try again in %v, want a refusal and %v", err, e.RetryAfter, alone)
			}
			time.Sleep(alone - time.Second)
			if e := wantKind(t, call(t.Context(), a, "/other"), cloud.KindUnavailable); e.RetryAfter != time.Second {
				t.Errorf("a second before the end: to try again in %v, want 1s", e.RetryAfter)
			}
			time.Sleep(time.Second)
			begun := time.Now()
			if err := call(t.Context(), a, "/probe"); cloud.KindOf(err) != cloud.KindNetwork || time.Since(begun) > 4*time.Second {
				t.Errorf("the probe: got %v after %v, want its own error without retries", err, time.Since(begun))
			}
			if got := base.calls.Load() - sent; got != 1 {
				t.Errorf("%d calls were sent, want the probe alone", got)
			}
		}
	})
}

func TestAHostThatIsBackIsAskedByAll(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		base := new(patchy)
		a := over(base, patient())
		kill(t, a, base)
		time.Sleep(30 * time.Second)
		base.set(func(*http.Request) (int, error) {
			time.Sleep(time.Second)
			return 404, nil // whatever it says, it is alive
		})
		begun, sent := time.Now(), base.calls.Load()
		var wg sync.WaitGroup
		for range 20 {
			wg.Go(func() {
				if err := call(t.Context(), a, "/"); cloud.KindOf(err) != cloud.KindNotFound {
					t.Errorf("got %v, want the answer", err)
				}
			})
		}
		synctest.Wait()
		if n := base.calls.Load() - sent; n != 1 {
			t.Errorf("%d calls were sent at first, want one that finds out", n)
		}
		wg.Wait()
		if took := time.Since(begun); took != 2*time.Second || base.calls.Load()-sent != 20 {
			t.Errorf("%d calls took %v, want 20 in 2s", base.calls.Load()-sent, took)
		}
		kill(t, a, base)
		if e := wantKind(t, call(t.Context(), a, "/"), cloud.KindUnavailable); e.RetryAfter != 30*time.Second {
			t.Errorf("dead once more: to try again in %v, want 30s as at first", e.RetryAfter)
		}
	})
}

func TestAHostThatIsBackIsAskedWithinItsLimits(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		base := new(patchy)
		a := over(base, patient(func(p *httpx.Policy) {
			p.Limits, p.MaxWait = []httpx.Limit{{Name: "slow", Events: 1, Per: time.Second}}, time.Hour
		}))
		kill(t, a, base)
		base.set(alive)
		time.Sleep(30 * time.Second)
		begun := time.Now()
		var wg sync.WaitGroup
		for range 20 {
			wg.Go(func() {
				if err := call(t.Context(), a, "/"); err != nil {
					t.Errorf("got %v, want an answer", err)
				}
			})
		}
		wg.Wait()
		if took := time.Since(begun); took != 19*time.Second {
			t.Errorf("20 calls took %v, want one a second", took)
		}
	})
}

func TestAHostThatIsStillDeadEndsTheWaitForItsLimits(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		base := &patchy{state: dead}
		a := over(base, patient(func(p *httpx.Policy) {
			p.Limits, p.MaxWait = []httpx.Limit{{Name: "slow", Events: 3, Per: time.Minute}}, time.Hour
			p.Retry.Max = 0
		}))
		for range 3 {
			_ = call(t.Context(), a, "/")
		}
		base.set(func(*http.Request) (int, error) {
			time.Sleep(20 * time.Second)
			return 0, errRefused
		})
		time.Sleep(time.Minute)
		begun := time.Now()
		var wg sync.WaitGroup
		wg.Go(func() { _ = call(t.Context(), a, "/") }) // the probe
		synctest.Wait()
		for range 5 { // two have a token and wait for the probe, the others have none
			wg.Go(func() {
				if err := call(t.Context(), a, "/"); !refused(err) || time.Since(begun) != 20*time.Second {
					t.Errorf("got %v after %v, want a refusal when the probe has failed", err, time.Since(begun))
				}
			})
		}
		wg.Wait()
	})
}

func TestWhoWaitsForTheProbeGivesUpWithIt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		base := new(patchy)
		a := over(base, patient())
		kill(t, a, base)
		time.Sleep(30 * time.Second)
		base.set(func(r *http.Request) (int, error) {
			select {
			case <-time.After(10 * time.Second):
				return 0, errRefused
			case <-r.Context().Done():
				return 0, r.Context().Err()
			}
		})
		ctx, cancel := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		wg.Go(func() { wantKind(t, call(ctx, a, "/"), cloud.KindCancelled) }) // the probe, whose caller goes away
		synctest.Wait()
		wg.Go(func() { wantKind(t, call(ctx, a, "/"), cloud.KindCancelled) }) // waits for it, and its caller goes away
		synctest.Wait()
		kinds := make([]error, 10)
		for i := range kinds {
			wg.Go(func() { kinds[i] = call(t.Context(), a, "/") })
		}
		time.Sleep(time.Second)
		cancel()
		wg.Wait()
		own := 0
		for _, err := range kinds {
			switch {
			case cloud.KindOf(err) == cloud.KindNetwork:
				own++
			case !refused(err):
				t.Errorf("got %v, want a refusal", err)
			}
		}
		if own != 1 {
			t.Errorf("%d calls went out after the first probe was cancelled, want one more probe", own)
		}
	})
}

func TestOnlyAHostThatSeemsDeadIsLeftAlone(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		state func(n int32, r *http.Request) (int, error)
		dead  bool
	}{
		"no answer":              {func(int32, *http.Request) (int, error) { return 0, errRefused }, true},
		"unavailable everywhere": {func(int32, *http.Request) (int, error) { return 503, nil }, true},
		"one path unavailable": {func(_ int32, r *http.Request) (int, error) {
			if r.URL.Path == "/0" {
				return 500, nil
			}
			return 200, nil
		}, false},
		"one path unavailable, the others unheard of": {func(int32, *http.Request) (int, error) { return 500, nil }, true},
		"every second call fails": {func(n int32, _ *http.Request) (int, error) {
			if n%2 == 0 {
				return 0, errRefused
			}
			return 200, nil
		}, false},
		"not found":     {func(int32, *http.Request) (int, error) { return 404, nil }, false},
		"throttled":     {func(int32, *http.Request) (int, error) { return 429, nil }, false},
		"wrong request": {func(int32, *http.Request) (int, error) { return 400, nil }, false},
		"refused":       {func(int32, *http.Request) (int, error) { return 401, nil }, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				base := new(patchy)
				base.set(func(r *http.Request) (int, error) { return c.state(base.calls.Load(), r) })
				a := over(base, patient(func(p *httpx.Policy) { p.Retry.Max = 2 }))
				var last error
				for i := range 4 {
					last = call(t.Context(), a, "/"+string(rune('0'+i)))
				}
				if refused(last) != c.dead {
					t.Errorf("the last call: %v, want a refusal: %v", last, c.dead)
				}
			})
		})
	}
}

func TestAHostIsNoOtherHostsFault(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		base := new(patchy)
		a := over(base, patient())
		kill(t, a, base)
		base.set(alive)
		if err := call(t.Context(), a, "https://eu."+host+"/"); err != nil {
			t.Errorf("another host: %v", err)
		}
		if err := call(t.Context(), over(base, patient()), "/"); err != nil {
			t.Errorf("another connection: %v", err)
		}
		if err := call(t.Context(), a, "/"); !refused(err) {
			t.Errorf("the host itself: %v, want a refusal", err)
		}
	})
}

func TestABlipThatBreaksManyCallsIsNotSeen(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		base := &patchy{state: dead}
		a := over(base, patient())
		time.AfterFunc(400*time.Millisecond, func() { base.set(alive) })
		var wg sync.WaitGroup
		for range 100 {
			wg.Go(func() {
				if err := call(t.Context(), a, "/"); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
	})
}

func TestManyCallsToAHostThatIsSilentGiveUpTogether(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		base := &patchy{state: func(r *http.Request) (int, error) {
			<-r.Context().Done()
			return 0, r.Context().Err()
		}}
		a := over(httpx.NewSlots(10, 2).Over(base), patient())
		begun := time.Now()
		var wg sync.WaitGroup
		for range 200 {
			wg.Go(func() {
				if err := call(t.Context(), a, "/"); !refused(err) && !strings.Contains(err.Error(), host+": no answer within 30s") {
					t.Errorf("got %v, want that it is silent, or was not tried", err)
				}
			})
		}
		wg.Wait()
		if took := time.Since(begun); took != 30*time.Second || base.calls.Load() > 10 {
			t.Errorf("%d calls in %v, want those that had a slot, and 30s", base.calls.Load(), took)
		}
	})
}

func TestTheWaitForASlotIsNoSilenceOfTheHost(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		base := &patchy{state: func(*http.Request) (int, error) {
			time.Sleep(20 * time.Second)
			return 200, nil
		}}
		a := over(httpx.NewSlots(1, 1).Over(base), patient())
		begun := time.Now()
		var wg sync.WaitGroup
		for range 6 {
			wg.Go(func() {
				if err := call(t.Context(), a, "/"); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if took := time.Since(begun); took != 2*time.Minute {
			t.Errorf("six calls, one after another, took %v, want 2m", took)
		}
	})
}

func TestFailuresLongAgoDoNotAddUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		base := &patchy{state: dead}
		a := over(base, patient(func(p *httpx.Policy) { p.Retry.Max = 1 }))
		for range 10 {
			if err := call(t.Context(), a, "/"); cloud.KindOf(err) != cloud.KindNetwork {
				t.Fatalf("got %v, want the call's own error", err)
			}
			time.Sleep(10 * time.Second)
		}
	})
}

func TestAHostThatSwallowsCallsIsLeftAlone(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		hang      time.Duration
		sent      int32
		slow      bool // other calls are answered meanwhile
		gaveUp    time.Duration
		leftAlone bool
	}{
		"connections":               {10 * time.Second, 2, false, 22 * time.Second, true},
		"answers":                   {30 * time.Second, 1, false, 31 * time.Second, true},
		"answers, on one path":      {30 * time.Second, 1, true, 31 * time.Second, false},
		"connections, then is well": {10 * time.Second, 2, true, 22 * time.Second, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				base := new(patchy)
				base.set(func(r *http.Request) (int, error) {
					if r.URL.Path != "/hangs" {
						return 200, nil
					}
					time.Sleep(c.hang)
					return 0, context.DeadlineExceeded // as a dialer says it
				})
				a := over(base, patient())
				begun := time.Now()
				if c.slow {
					time.AfterFunc(c.hang/2, func() { _ = call(context.Background(), a, "/well") })
				}
				err := call(t.Context(), a, "/hangs")
				sent := base.calls.Load()
				if c.slow {
					sent--
				}
				if e := wantKind(t, err, cloud.KindNetwork); time.Since(begun) > c.gaveUp || sent != c.sent || (e.RetryAfter > 0) != c.leftAlone {
					t.Errorf("got %v after %v and %d calls, to try again in %v", err, time.Since(begun), sent, e.RetryAfter)
				}
				if err := call(t.Context(), a, "/well"); refused(err) != c.leftAlone {
					t.Errorf("then: %v, want a refusal: %v", err, c.leftAlone)
				}
			})
		})
	}
}

func TestACallersOwnEndIsNoFailureOfTheHost(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		base := &patchy{state: func(r *http.Request) (int, error) {
			<-r.Context().Done()
			return 0, r.Context().Err()
		}}
		a := over(base, patient())
		for range 10 {
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			wantKind(t, call(ctx, a, "/"), cloud.KindTimeout)
			cancel()
		}
		base.set(alive)
		if err := call(t.Context(), a, "/"); err != nil {
			t.Errorf("got %v, want an answer", err)
		}
	})
}

func TestTheBreakerGoesByThePolicysClock(t *testing.T) {
	t.Parallel()
	var now atomic.Int64
	base := new(patchy)
	p := quick()
	p.Now = func() time.Time { return time.Unix(now.Load(), 0) }
	a := over(base, p)
	kill(t, a, base)
	base.set(alive)
	if err := call(t.Context(), a, "/"); !refused(err) {
		t.Fatalf("got %v, want a refusal", err)
	}
	now.Store(30)
	if err := call(t.Context(), a, "/"); err != nil {
		t.Errorf("half a minute later by that clock: %v", err)
	}
}

func TestTheCallThatFindsAHostDeadSaysWhenItIsTriedAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		base := &patchy{state: dead}
		a := over(base, patient())
		e := wantKind(t, call(t.Context(), a, "/"), cloud.KindNetwork)
		if e.RetryAfter != 30*time.Second || e.Detail != host+": "+errRefused.Error() || !errors.Is(e, errRefused) {
			t.Errorf("got %+v, want the reason, the host and 30s", e)
		}
	})
}
