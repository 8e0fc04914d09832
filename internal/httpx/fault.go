package httpx

import (
	"context"
	"crypto/tls"
	"errors"
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

// unanswered says what is wrong with an attempt that got no answer. A certificate that is wrong stays wrong.
func unanswered(err error) *Fault {
	if e, ok := errors.AsType[*cloud.Error](err); ok {
		return &Fault{Kind: e.Kind}
	}
	f := &Fault{Kind: cloud.KindNetwork}
	if errors.Is(err, context.Canceled) {
		f.Kind = cloud.KindCancelled
	}
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		f.lasting = true
		f.Hint = "where a proxy replaces certificates, SSL_CERT_FILE must name a file with its authority's; else somebody is in between"
	}
	if _, ok := errors.AsType[tls.RecordHeaderError](err); ok {
		f.lasting = true
		f.Hint = "what answers there speaks no TLS: is a proxy or a login page in between?"
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

// longestWait bounds what is believed of a provider's own figures.
const longestWait = 365 * 24 * time.Hour

// RetryAfter returns how long an answer asks to wait, 0 where it does not say: Retry-After in seconds or as a date
// (RFC 9110 section 10.2.3), and Azure's retry-after-ms and x-ms-retry-after-ms. A date is read by the provider's own
// clock where the answer tells it, else by now.
func RetryAfter(h http.Header, now time.Time) time.Duration {
	for _, name := range []string{"Retry-After-Ms", "X-Ms-Retry-After-Ms"} {
		if ms, err := strconv.ParseFloat(h.Get(name), 64); err == nil && ms > 0 {
			return seconds(ms / 1000)
		}
	}
	v := strings.TrimSpace(h.Get("Retry-After"))
	if s, err := strconv.ParseFloat(v, 64); err == nil && s > 0 {
		return seconds(s)
	}
	if at, err := http.ParseTime(v); err == nil {
		return between(serverTime(h, now), at)
	}
	return 0
}

// serverTime returns the time of the clock that wrote the answer, now where it does not tell.
func serverTime(h http.Header, now time.Time) time.Time {
	if at, err := http.ParseTime(h.Get("Date")); err == nil {
		return at
	}
	return now
}

// seconds converts to a duration between nothing and longestWait.
func seconds(s float64) time.Duration {
	if !(s > 0) { // NaN is not
		return 0
	}
	return time.Duration(min(s, longestWait.Seconds()) * float64(time.Second))
}

// between returns the time from a to b, between nothing and longestWait.
func between(a, b time.Time) time.Duration { return min(max(b.Sub(a), 0), longestWait) }

// Remaining returns how many calls the provider still allows and how long until its window starts anew. It reads the
// IETF RateLimit field (the window that is nearest to its end of calls), RateLimit-Remaining with -Reset,
// X-RateLimit-Remaining with -Reset (seconds, epoch seconds or a date), and Azure's x-ms-user-quota-*.
func Remaining(h http.Header, now time.Time) (left int, reset time.Duration, ok bool) {
	if left, reset, ok = ietfRemaining(strings.Join(h.Values("RateLimit"), ",")); ok {
		return left, reset, true
	}
	for _, p := range []string{"RateLimit-", "X-RateLimit-"} {
		n, err := strconv.Atoi(strings.TrimSpace(h.Get(p + "Remaining")))
		if d, ok := resetIn(h.Get(p+"Reset"), serverTime(h, now)); ok && err == nil && n >= 0 {
			return n, d, true
		}
	}
	n, err := strconv.Atoi(h.Get("X-Ms-User-Quota-Remaining"))
	at, perr := time.Parse(time.TimeOnly, h.Get("X-Ms-User-Quota-Resets-After"))
	if err == nil && perr == nil && n >= 0 {
		return n, at.Sub(at.Truncate(24 * time.Hour)), true
	}
	return 0, 0, false
}

// ietfRemaining reads `"minute";r=0;t=12, "hour";r=2800;t=1812` (draft-ietf-httpapi-ratelimit-headers-07 and later)
// and `limit=100, remaining=50, reset=30` (as some send of draft 03). Of several exhausted windows the longest wait
// counts, otherwise the window that allows the fewest calls per second.
func ietfRemaining(v string) (left int, reset time.Duration, ok bool) {
	if !strings.Contains(v, ";") {
		v = strings.ReplaceAll(v, ",", ";")
	}
	for item := range strings.SplitSeq(v, ",") {
		r, t := ietfWindow(item)
		if r < 0 || t < 0 {
			continue
		}
		d := seconds(float64(t))
		if !ok || tighter(r, d, left, reset) {
			left, reset, ok = r, d, true
		}
	}
	return left, reset, ok
}

// ietfWindow reads the calls left and the seconds until reset of one window; -1 is not told.
func ietfWindow(item string) (r, t int) {
	r, t = -1, -1
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
	return r, t
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
		return between(now, at), true
	}
	s, err := strconv.ParseFloat(v, 64)
	if err != nil || !(s >= 0) {
		return 0, false
	}
	if s > 1e9 {
		return between(now, time.Unix(int64(min(s, 1e11)), 0)), true
	}
	return seconds(s), true
}
