package httpx_test

import (
	"math"
	"net/http"
	"testing"
	"time"

	"github.com/adsops/cloudtop/internal/httpx"
)

// now is the clock of the tables; the server's is an hour ahead where it tells.
func now() time.Time { return time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC) }

func date(d time.Duration) string { return now().Add(d).Format(http.TimeFormat) }

func header(pairs ...string) http.Header {
	h := http.Header{}
	for i := 0; i < len(pairs); i += 2 {
		h.Add(pairs[i], pairs[i+1])
	}
	return h
}

func TestRetryAfterIsReadInEveryForm(t *testing.T) {
	t.Parallel()
	const year = 365 * 24 * time.Hour
	for _, c := range []struct {
		h    http.Header
		want time.Duration
	}{
		{header(), 0},
		{header("Retry-After", "3"), 3 * time.Second},
		{header("Retry-After", " 1.5 "), 1500 * time.Millisecond},
		{header("Retry-After", "0"), 0},
		{header("Retry-After", "-1"), 0},
		{header("Retry-After", "soon"), 0},
		{header("Retry-After", "NaN"), 0},
		{header("Retry-After", "1e300"), year},
		{header("Retry-After", "+Inf"), year},
		{header("Retry-After", date(90*time.Second)), 90 * time.Second},
		{header("Retry-After", date(-time.Second)), 0},
		{header("Retry-After", date(time.Hour+5*time.Second), "Date", date(time.Hour)), 5 * time.Second},
		{header("Retry-After", date(-time.Hour+5*time.Second), "Date", date(-time.Hour)), 5 * time.Second},
		{header("Retry-After", "Fri, 31 Dec 9999 23:59:59 GMT"), year},
		{header("Retry-After", "9", "Retry-After-Ms", "250"), 250 * time.Millisecond},
		{header("X-Ms-Retry-After-Ms", "1500"), 1500 * time.Millisecond},
		{header("X-Ms-Retry-After-Ms", "no", "Retry-After", "2"), 2 * time.Second},
	} {
		if got := httpx.RetryAfter(c.h, now()); got != c.want {
			t.Errorf("%v: got %s, want %s", c.h, got, c.want)
		}
	}
}

func TestRemainingIsReadInEveryForm(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		h     http.Header
		left  int
		reset time.Duration
		ok    bool
	}{
		{header(), 0, 0, false},
		{header("RateLimit", `"default";r=50;t=30`), 50, 30 * time.Second, true},
		{header("RateLimit", `"default";t=30;r=50`), 50, 30 * time.Second, true},
		{header("RateLimit", `"minute";r=0;t=12, "hour";r=2800;t=1812`), 0, 12 * time.Second, true},
		{header("RateLimit", `"minute";r=0;t=12, "hour";r=0;t=1812`), 0, 1812 * time.Second, true},
		{header("RateLimit", `"minute";r=30;t=60, "hour";r=60;t=3600`), 60, time.Hour, true},
		{header("RateLimit", `"minute";r=30;t=60`, "RateLimit", `"hour";r=60;t=3600`), 60, time.Hour, true},
		{header("RateLimit", "limit=100, remaining=50, reset=30"), 50, 30 * time.Second, true},
		{header("RateLimit", "limit=100;remaining=50;reset=30"), 50, 30 * time.Second, true},
		{header("RateLimit", `"default";r=50`), 0, 0, false},
		{header("RateLimit", `"default";r=-5;t=-1`), 0, 0, false},
		{header("RateLimit", `"default";r=1;t=99999999999`), 1, 365 * 24 * time.Hour, true},
		{header("RateLimit", "nonsense", "RateLimit-Remaining", "3", "RateLimit-Reset", "5"), 3, 5 * time.Second, true},
		{header("RateLimit-Remaining", " 7 ", "RateLimit-Reset", " 2 "), 7, 2 * time.Second, true},
		{header("RateLimit-Remaining", "7"), 0, 0, false},
		{header("RateLimit-Remaining", "-7", "RateLimit-Reset", "2"), 0, 0, false},
		{header("X-RateLimit-Remaining", "0", "X-RateLimit-Reset", "1793534410"), 0, 10 * time.Second, true},
		{header("X-RateLimit-Remaining", "0", "X-RateLimit-Reset", "1793534410", "Date", date(4*time.Second)), 0, 6 * time.Second, true},
		{header("X-RateLimit-Remaining", "1", "X-RateLimit-Reset", date(time.Minute)), 1, time.Minute, true},
		{header("X-RateLimit-Remaining", "1", "X-RateLimit-Reset", date(-time.Minute)), 1, 0, true},
		{header("X-RateLimit-Remaining", "1", "X-RateLimit-Reset", "1e200"), 1, 365 * 24 * time.Hour, true},
		{header("X-RateLimit-Remaining", "1", "X-RateLimit-Reset", "NaN"), 0, 0, false},
		{header("X-Ms-User-Quota-Remaining", "4", "X-Ms-User-Quota-Resets-After", "00:00:05"), 4, 5 * time.Second, true},
		{header("X-Ms-User-Quota-Remaining", "4", "X-Ms-User-Quota-Resets-After", "01:00:00"), 4, time.Hour, true},
		{header("X-Ms-User-Quota-Remaining", "4"), 0, 0, false},
	} {
		left, reset, ok := httpx.Remaining(c.h, now())
		if left != c.left || reset != c.reset || ok != c.ok {
			t.Errorf("%v: got %d, %s, %v, want %d, %s, %v", c.h, left, reset, ok, c.left, c.reset, c.ok)
		}
	}
}

func FuzzRetryAfter(f *testing.F) {
	for _, v := range []string{"3", "0.5", "1e308", "NaN", "-1", "Sun, 01 Nov 2026 12:00:05 GMT", "Sunday, 01-Nov-26 12:00:05 GMT"} {
		f.Add(v, v, v)
	}
	f.Fuzz(func(t *testing.T, after, ms, date string) {
		got := httpx.RetryAfter(header("Retry-After", after, "Retry-After-Ms", ms, "Date", date), now())
		if got < 0 || got > 365*24*time.Hour {
			t.Errorf("got %s, want between nothing and a year", got)
		}
	})
}

func FuzzRemaining(f *testing.F) {
	f.Add(`"minute";r=0;t=12, "hour";r=2800;t=1812`, "5", "1793534410", "4", "00:00:05")
	f.Add("limit=100, remaining=50, reset=30", "-1", "1e300", "x", "99:99:99")
	f.Add(";;r=;t=9223372036854775807,r=1", "9223372036854775807", "NaN", "-4", "23:59:59.5")
	f.Fuzz(func(t *testing.T, ietf, remaining, reset, quota, after string) {
		left, d, ok := httpx.Remaining(header(
			"RateLimit", ietf, "RateLimit-Remaining", remaining, "RateLimit-Reset", reset,
			"X-RateLimit-Remaining", remaining, "X-RateLimit-Reset", after,
			"X-Ms-User-Quota-Remaining", quota, "X-Ms-User-Quota-Resets-After", after,
		), now())
		if left < 0 || d < 0 || d > 365*24*time.Hour || (!ok && (left != 0 || d != 0)) || left > math.MaxInt {
			t.Errorf("got %d, %s, %v", left, d, ok)
		}
	})
}
