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
}

// quotas counts a user's calls in every window.
type quotas struct {
	mu    sync.Mutex
	began map[string]time.Time
	used  map[string]int
}

// count counts a call at now, and returns the longest wait of all exhausted windows; a refused call does not count.
func (q *quotas) count(windows []window, now time.Time) (wait time.Duration) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.began == nil {
		q.began, q.used = map[string]time.Time{}, map[string]int{}
	}
	for _, w := range windows {
		if now.Sub(q.began[w.name]) >= w.length {
			q.began[w.name], q.used[w.name] = now, 0
		}
		if q.used[w.name] >= w.quota {
			wait = max(wait, w.length-now.Sub(q.began[w.name]))
		}
	}
	if wait > 0 {
		return wait
	}
	for _, w := range windows {
		q.used[w.name]++
	}
	return 0
}

// field is the RateLimit field: what is left of each window, and the seconds until it starts anew.
func (q *quotas) field(windows []window, now time.Time) string {
	q.mu.Lock()
	defer q.mu.Unlock()
	var parts []string
	for _, w := range windows {
		left := w.length - now.Sub(q.began[w.name])
		parts = append(parts, fmt.Sprintf("%q;r=%d;t=%d", w.name, w.quota-q.used[w.name], int((left+time.Second-1)/time.Second)))
	}
	return strings.Join(parts, ", ")
}

// policy is the RateLimit-Policy field: the quotas and their windows in seconds.
func policy(windows []window) string {
	var parts []string
	for _, w := range windows {
		parts = append(parts, fmt.Sprintf("%q;q=%d;w=%d", w.name, w.quota, int(w.length/time.Second)))
	}
	return strings.Join(parts, ", ")
}
