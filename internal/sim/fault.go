package sim

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/adsops/cloudtop/pkg/glob"
)

// Fault is one line of a fault script: which calls, and what happens to them.
type Fault struct {
	Provider string `json:"provider,omitempty"` // empty = every provider
	Host     string `json:"host,omitempty"`     // pattern, '*' for any run of characters; empty = every host
	Path     string `json:"path,omitempty"`     // the same for the path
	Method   string `json:"method,omitempty"`
	From     int    `json:"from,omitempty"`  // the first matching call it strikes, counted from 1; 0 = 1
	Count    int    `json:"count,omitempty"` // how many calls it strikes; 0 = all from there on
	Every    int    `json:"every,omitempty"` // strikes every n-th of them; 0 = each

	Action     string   `json:"action"`                // one of Actions
	Status     int      `json:"status,omitempty"`      // for status
	RetryAfter string   `json:"retry_after,omitempty"` // for status: sent as it stands; "date:3s" is sent as a date 3 s from now
	Delay      Duration `json:"delay,omitempty"`       // for delay
	Skew       Duration `json:"skew,omitempty"`        // for skew: how far the server's Date is off
}

// Actions lists what a fault can do.
//
//	status     answers Status with the provider's own error body
//	delay      waits Delay, then answers as usual
//	hang       never answers
//	reset      breaks the connection without an answer
//	truncate   breaks the connection in the middle of the body
//	malformed  answers 200 with half a JSON document
//	wrong_type answers 200 with JSON of another type
//	huge       answers 200 with 64 MiB
//	skew       shifts the Date header by Skew
func Actions() []string {
	return []string{"status", "delay", "hang", "reset", "truncate", "malformed", "wrong_type", "huge", "skew"}
}

// Duration is a time.Duration that JSON writes as "1.5s".
type Duration time.Duration

// UnmarshalText implements encoding.TextUnmarshaler.
func (d *Duration) UnmarshalText(text []byte) error {
	v, err := time.ParseDuration(string(text))
	*d = Duration(v)
	return err
}

// MarshalText implements encoding.TextMarshaler.
func (d Duration) MarshalText() ([]byte, error) { return []byte(time.Duration(d).String()), nil }

// ReadFaults reads a fault script: a JSON array of faults. Unknown keys and actions are errors.
func ReadFaults(r io.Reader) ([]Fault, error) {
	var faults []Fault
	d := json.NewDecoder(r)
	d.DisallowUnknownFields()
	if err := d.Decode(&faults); err != nil {
		return nil, fmt.Errorf("fault script: %w", err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("fault script: there is something after the list of faults")
	}
	for i := range faults {
		if err := faults[i].check(); err != nil {
			return nil, fmt.Errorf("fault script: fault %d: %w", i+1, err)
		}
	}
	return faults, nil
}

// check says what is wrong with a line of a script.
func (f *Fault) check() error {
	after, isDate := strings.CutPrefix(f.RetryAfter, "date:")
	_, err := time.ParseDuration(after)
	switch {
	case !slices.Contains(Actions(), f.Action):
		return fmt.Errorf("action %q is not one of %s", f.Action, strings.Join(Actions(), ", "))
	case f.Action == "status" && (f.Status < 400 || f.Status > 599):
		return fmt.Errorf("status %d is not between 400 and 599", f.Status)
	case isDate && err != nil:
		return fmt.Errorf("retry_after %q: %w", f.RetryAfter, err)
	case f.Action == "delay" && f.Delay <= 0:
		return errors.New("a delay needs a duration above zero, like \"delay\": \"2s\"")
	case min(f.From, f.Count, f.Every) < 0:
		return errors.New("from, count and every cannot be negative")
	}
	return nil
}

// script counts calls against the faults.
type script struct {
	mu     sync.Mutex
	faults []Fault
	seen   []int
}

func newScript(faults []Fault) *script {
	return &script{faults: faults, seen: make([]int, len(faults))}
}

// strikes returns the faults that this call meets. Each fault counts the calls that it matches.
func (s *script) strikes(provider string, r *http.Request) []Fault {
	if len(s.faults) == 0 {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []Fault
	for i, f := range s.faults {
		if !f.matches(provider, r) {
			continue
		}
		s.seen[i]++
		n := s.seen[i] - max(f.From, 1)
		if n >= 0 && (f.Count == 0 || n < f.Count) && (f.Every == 0 || n%f.Every == 0) {
			out = append(out, f)
		}
	}
	return out
}

func (f *Fault) matches(provider string, r *http.Request) bool {
	return (f.Provider == "" || f.Provider == provider) && (f.Method == "" || f.Method == r.Method) &&
		(f.Host == "" || glob.Match(f.Host, hostOf(r))) && (f.Path == "" || glob.Match(f.Path, r.URL.Path))
}

// apply lets a fault strike. It returns the writer to answer with, and whether the call is answered already.
func (f *Fault) apply(c Cloud, w http.ResponseWriter, r *http.Request, now time.Time) (http.ResponseWriter, bool) {
	switch f.Action {
	case "status":
		if after, isDate := strings.CutPrefix(f.RetryAfter, "date:"); isDate {
			d, _ := time.ParseDuration(after)
			w.Header().Set("Retry-After", now.Add(d).Format(http.TimeFormat))
		} else if f.RetryAfter != "" {
			w.Header().Set("Retry-After", f.RetryAfter)
		}
		c.Fail(w, r, f.Status)
	case "delay":
		return w, !pause(r, time.Duration(f.Delay))
	case "hang":
		<-r.Context().Done()
	case "reset":
		panic(http.ErrAbortHandler)
	case "truncate":
		return &truncated{ResponseWriter: w}, false
	case "malformed":
		_, _ = io.WriteString(w, `{"results":[{"id":`)
	case "wrong_type":
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `"a string where an object or a list should be"`)
	case "huge":
		writeHuge(w)
	case "skew":
		w.Header().Set("Date", now.Add(time.Duration(f.Skew)).Format(http.TimeFormat))
		return w, false
	}
	return w, true
}

// writeHuge answers with 64 MiB of valid JSON.
func writeHuge(w io.Writer) {
	_, _ = io.WriteString(w, `{"filler":"`)
	chunk := bytes.Repeat([]byte("x"), 1<<20)
	for range 64 {
		if _, err := w.Write(chunk); err != nil {
			return
		}
	}
	_, _ = io.WriteString(w, `"}`)
}

// truncated promises a whole body, sends half of the first write, and breaks the connection.
type truncated struct{ http.ResponseWriter }

func (t *truncated) Write(p []byte) (int, error) {
	t.Header().Set("Content-Length", strconv.Itoa(len(p)+1<<10))
	_, _ = t.ResponseWriter.Write(p[:len(p)/2])
	if f, ok := t.ResponseWriter.(http.Flusher); ok {
		f.Flush()
	}
	panic(http.ErrAbortHandler)
}

// pause waits d and reports whether the caller is still there.
func pause(r *http.Request, d time.Duration) bool {
	if d <= 0 {
		return true
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-r.Context().Done():
		return false
	}
}
