package httpx

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
)

// fault classifies an answer: by the provider's own rules first, then by its status and headers.
func (p *Policy) fault(status int, h http.Header, body []byte) Fault {
	var f Fault
	if p.Classify != nil {
		f = p.Classify(status, h, body)
	}
	if f.Kind == "" {
		f.Kind = statusKind(status)
	}
	if f.Wait == 0 {
		f.Wait = RetryAfter(h, p.now())
	}
	if f.Wait == 0 && f.Kind == cloud.KindThrottled {
		if left, reset, ok := Remaining(h, p.now()); ok && left == 0 {
			f.Wait = reset
		}
	}
	return f
}

func statusKind(status int) cloud.Kind {
	switch {
	case status == http.StatusUnauthorized:
		return cloud.KindAuth
	case status == http.StatusForbidden:
		return cloud.KindDenied
	case status == http.StatusNotFound || status == http.StatusGone:
		return cloud.KindNotFound
	case status == http.StatusTooManyRequests || status == 529:
		return cloud.KindThrottled
	case status == http.StatusRequestTimeout || status >= 500:
		return cloud.KindUnavailable
	default:
		return cloud.KindRequest
	}
}

// RetryAfter returns how long an answer asks to wait, 0 where it does not say: Retry-After in seconds or as a date
// (RFC 9110 section 10.2.3), and Azure's retry-after-ms and x-ms-retry-after-ms.
func RetryAfter(h http.Header, now time.Time) time.Duration {
	for _, name := range []string{"Retry-After-Ms", "X-Ms-Retry-After-Ms"} {
		if ms, err := strconv.ParseFloat(h.Get(name), 64); err == nil && ms > 0 {
			return time.Duration(ms * float64(time.Millisecond))
		}
	}
	v := strings.TrimSpace(h.Get("Retry-After"))
	if s, err := strconv.ParseFloat(v, 64); err == nil && s > 0 {
		return time.Duration(s * float64(time.Second))
	}
	if at, err := http.ParseTime(v); err == nil && at.After(now) {
		return at.Sub(now)
	}
	return 0
}

// Remaining returns how many calls the provider still allows and how long until its window starts anew. It reads the
// IETF RateLimit field (the window that is nearest to its end of calls), RateLimit-Remaining with -Reset,
// X-RateLimit-Remaining with -Reset (seconds, epoch seconds or a date), and Azure's x-ms-user-quota-*.
func Remaining(h http.Header, now time.Time) (left int, reset time.Duration, ok bool) {
	if v := h.Get("RateLimit"); v != "" {
		if left, reset, ok = ietfRemaining(v); ok {
			return left, reset, true
		}
	}
	for _, p := range []string{"RateLimit-", "X-RateLimit-"} {
		n, err := strconv.Atoi(strings.TrimSpace(h.Get(p + "Remaining")))
		if d, ok := resetIn(h.Get(p+"Reset"), now); ok && err == nil {
			return n, d, true
		}
	}
	n, err := strconv.Atoi(h.Get("X-Ms-User-Quota-Remaining"))
	if at, perr := time.Parse(time.TimeOnly, h.Get("X-Ms-User-Quota-Resets-After")); err == nil && perr == nil {
		return n, at.Sub(at.Truncate(24 * time.Hour)), true
	}
	return 0, 0, false
}

// ietfRemaining reads `"minute";r=0;t=12, "hour";r=2800;t=1812` (draft-ietf-httpapi-ratelimit-headers). Of several
// exhausted windows the longest wait counts, otherwise the window that allows the fewest calls per second.
func ietfRemaining(v string) (left int, reset time.Duration, ok bool) {
	for item := range strings.SplitSeq(v, ",") {
		r, t := -1, -1
		for param := range strings.SplitSeq(item, ";") {
			name, value, _ := strings.Cut(strings.TrimSpace(param), "=")
			n, err := strconv.Atoi(value)
			switch {
			case err != nil:
			case name == "r" || name == "remaining":
				r = n
			case name == "t" || name == "reset":
				t = n
			}
		}
		if r < 0 || t < 0 {
			continue
		}
		d := time.Duration(t) * time.Second
		if !ok || tighter(r, d, left, reset) {
			left, reset, ok = r, d, true
		}
	}
	return left, reset, ok
}

// tighter reports whether a calls in d allow less than left calls in reset.
func tighter(a int, d time.Duration, left int, reset time.Duration) bool {
	if a == 0 || left == 0 {
		return a == 0 && (left > 0 || d > reset)
	}
	return float64(a)*reset.Seconds() < float64(left)*d.Seconds()
}

// resetIn reads a reset time: a date, seconds from now, or (large numbers) seconds since 1970.
func resetIn(v string, now time.Time) (time.Duration, bool) {
	v = strings.TrimSpace(v)
	if at, err := http.ParseTime(v); err == nil {
		return max(0, at.Sub(now)), true
	}
	s, err := strconv.ParseFloat(v, 64)
	if err != nil || s < 0 {
		return 0, false
	}
	if s > 1e9 {
		return max(0, time.Unix(int64(s), 0).Sub(now)), true
	}
	return time.Duration(s * float64(time.Second)), true
}
