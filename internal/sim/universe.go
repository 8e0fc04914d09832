package sim

import (
	"cmp"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/adsops/cloudtop/pkg/glob"
)

// Universe routes calls to the clouds by host name, after their latency and their faults. It is an http.Handler.
type Universe struct {
	world  *World
	clouds []Cloud
	script *script

	mu    sync.Mutex
	calls map[Call]int
	live  int
	peak  int
}

// Call is what Stats counts.
type Call struct {
	Provider string
	Method   string
	Host     string
	Path     string
	Status   int
}

// Stat is how often one call was answered with one status.
type Stat struct {
	Call
	N int
}

// NewUniverse joins clouds that were made in world.
func NewUniverse(world *World, clouds ...Cloud) *Universe {
	return &Universe{world: world, clouds: clouds, script: newScript(world.opts.Faults), calls: map[Call]int{}}
}

// World returns the world.
func (u *Universe) World() *World { return u.world }

// Clouds returns the clouds.
func (u *Universe) Clouds() []Cloud { return u.clouds }

// Fill makes at once what the clouds would make at their first calls.
func (u *Universe) Fill() {
	var wait sync.WaitGroup
	for _, c := range u.clouds {
		if f, ok := c.(Filler); ok {
			wait.Go(f.Fill)
		}
	}
	wait.Wait()
}

// Cloud returns the named cloud, nil where there is none.
func (u *Universe) Cloud(name string) Cloud {
	for _, c := range u.clouds {
		if c.Name() == name {
			return c
		}
	}
	return nil
}

// At returns the cloud that answers at host, nil where none does.
func (u *Universe) At(host string) Cloud {
	for _, c := range u.clouds {
		for _, pattern := range c.Hosts() {
			if glob.Match(pattern, host) {
				return c
			}
		}
	}
	return nil
}

// ServeHTTP implements http.Handler. Answers are dated by the world's clock.
func (u *Universe) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	host := hostOf(r)
	w.Header().Set("Date", u.world.Now().Format(http.TimeFormat))
	c := u.At(host)
	if c == nil {
		http.Error(w, "simulator: no provider answers at "+host+"; nothing is sent to the real one", http.StatusBadGateway)
		return
	}
	u.enter()
	rec := &statusRecorder{ResponseWriter: w}
	defer func() {
		u.leave(Call{Provider: c.Name(), Method: r.Method, Host: host, Path: r.URL.Path, Status: rec.status})
	}()
	if !pause(r, u.world.opts.Latency) {
		return
	}
	var out http.ResponseWriter = rec
	for _, f := range u.script.strikes(c.Name(), r) {
		var answered bool
		if out, answered = f.apply(c, out, r, u.world.Now()); answered {
			return
		}
	}
	c.ServeHTTP(out, r)
	if rec.status == 0 && r.Context().Err() == nil {
		rec.status = http.StatusOK // what a server sends for a handler that says nothing
	}
}

func (u *Universe) enter() {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.live++
	u.peak = max(u.peak, u.live)
}

func (u *Universe) leave(c Call) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.live--
	u.calls[c]++
}

// Peak returns the largest number of calls that were under way at once.
func (u *Universe) Peak() int {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.peak
}

// Stats returns how often each call was made, ordered by provider, host and path.
func (u *Universe) Stats() []Stat {
	u.mu.Lock()
	defer u.mu.Unlock()
	out := make([]Stat, 0, len(u.calls))
	for c, n := range u.calls {
		out = append(out, Stat{Call: c, N: n})
	}
	slices.SortFunc(out, func(a, b Stat) int {
		return cmp.Or(cmp.Compare(a.Provider, b.Provider), cmp.Compare(a.Host, b.Host), cmp.Compare(a.Path, b.Path),
			cmp.Compare(a.Method, b.Method), cmp.Compare(a.Status, b.Status))
	})
	return out
}

// statusRecorder remembers the status of an answer; 0 = none was sent.
type statusRecorder struct {
	http.ResponseWriter
	status int
}

func (s *statusRecorder) WriteHeader(status int) {
	if s.status == 0 {
		s.status = status
	}
	s.ResponseWriter.WriteHeader(status)
}

func (s *statusRecorder) Write(p []byte) (int, error) {
	if s.status == 0 {
		s.status = http.StatusOK
	}
	return s.ResponseWriter.Write(p)
}

// Flush implements http.Flusher.
func (s *statusRecorder) Flush() {
	if f, ok := s.ResponseWriter.(http.Flusher); ok {
		f.Flush()
	}
}

// hostOf returns the host name that a request asks for, without its port.
func hostOf(r *http.Request) string {
	host := cmp.Or(r.Host, r.URL.Host)
	if h, _, err := net.SplitHostPort(host); err == nil {
		return strings.ToLower(h)
	}
	return strings.ToLower(host)
}

// Limiter is a published limit, held by the server: at most n calls in any span of per, for each key.
type Limiter struct {
	N   int
	Per time.Duration

	mu   sync.Mutex
	past map[string][]time.Time
}

// Allow counts a call at now and reports whether it is within the limit, and if not, how long until one would be.
func (l *Limiter) Allow(key string, now time.Time) (wait time.Duration, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.past == nil {
		l.past = map[string][]time.Time{}
	}
	recent := slices.DeleteFunc(l.past[key], func(t time.Time) bool { return now.Sub(t) >= l.Per })
	if l.N <= 0 {
		return l.Per, false
	}
	if len(recent) >= l.N {
		l.past[key] = recent
		return l.Per - now.Sub(recent[0]), false
	}
	l.past[key] = append(recent, now)
	return 0, true
}
