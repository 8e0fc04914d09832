package runpodsim

import (
	"fmt"
	"strings"
	"sync"
	"time"
)

// window is one quota: so many calls in each stretch of length, counted anew at its end.
type window struct {
	name   string
	quota  int
	length time.Duration

	began time.Time
	used  int
}

// quotas counts the user's calls in every window.
type quotas struct {
	mu      sync.Mutex
	windows []window
}

// count counts a call at now. Of a call that is refused, which does not count, it returns the exhausted window that
// ends last, and how long until then.
func (q *quotas) count(now time.Time) (exhausted string, wait time.Duration) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for i := range q.windows {
		w := &q.windows[i]
		if now.Sub(w.began) >= w.length {
			w.began, w.used = now, 0
		}
		if left := w.left(now); w.used >= w.quota && left > wait {
			exhausted, wait = w.name, left
		}
	}
	for i := range q.windows {
		if wait == 0 {
			q.windows[i].used++
		}
	}
	return exhausted, wait
}

// left is how long the window still lasts.
func (w *window) left(now time.Time) time.Duration { return w.length - now.Sub(w.began) }

// field is the RateLimit field: what is left of each window, and the seconds until it starts anew.
func (q *quotas) field(now time.Time) string {
	return q.each(func(w *window) string { return fmt.Sprintf("%q;r=%d;t=%d", w.name, w.quota-w.used, ceil(w.left(now))) })
}

// policy is the RateLimit-Policy field: the quotas and their windows in seconds.
func (q *quotas) policy() string {
	return q.each(func(w *window) string { return fmt.Sprintf("%q;q=%d;w=%d", w.name, w.quota, ceil(w.length)) })
}

func (q *quotas) each(member func(*window) string) string {
	q.mu.Lock()
	defer q.mu.Unlock()
	var parts []string
	for i := range q.windows {
		parts = append(parts, member(&q.windows[i]))
	}
	return strings.Join(parts, ", ")
}
