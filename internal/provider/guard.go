package provider

import (
	"errors"
	"fmt"
	"path"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/httpx"
)

// module begins the names of our own functions.
const module = "github.com/adsops/cloudtop/"

// reportHint says what to do about a bug.
const reportHint = "this is a bug of cloudtop: please report it at https://github.com/adsops/cloudtop/issues, with what --verbose says"

// Guard calls do. Where that panics, it returns an error of cloud.KindInternal that says at which line, and the stack goes
// to the log: a driver that breaks down takes nobody with it.
func (c *Conn) Guard(do func()) error { return c.spec.guard(&c.config, do) }

func (s *Spec) guard(cfg *ProviderConfig, do func()) (err error) {
	defer func() {
		value := recover()
		if value == nil {
			return
		}
		p := panicOf(value)
		detail := p.Error()
		if cfg.secrets != nil {
			detail = httpx.Redact(detail, cfg.secrets())
		}
		if cfg.Log != nil {
			cfg.Log.Error("cloudtop broke down", "provider", s.Name, "panic", detail, "stack", string(p.stack))
		}
		err = &cloud.Error{Kind: cloud.KindInternal, Op: s.Name, Detail: detail, Hint: reportHint}
	}()
	do()
	return nil
}

// panicked is what a function panicked with, and where.
type panicked struct {
	value any
	place string // function, file and line, in our code
	stack []byte
}

// Error implements error.
func (p *panicked) Error() string {
	return fmt.Sprintf("cloudtop broke down at %s: %v", p.place, p.value)
}

// panicOf returns what was recovered, by a function that was deferred, of a panic in this goroutine or another.
func panicOf(value any) *panicked {
	if err, ok := value.(error); ok {
		if p, ok := errors.AsType[*panicked](err); ok {
			return p
		}
	}
	return &panicked{value: value, place: placeOfPanic(), stack: debug.Stack()}
}

// placeOfPanic returns the innermost line of our own that the panic came through.
func placeOfPanic() string {
	pcs := make([]uintptr, 64)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(0, pcs)])
	panicking := false
	for {
		f, more := frames.Next()
		if name, ours := strings.CutPrefix(f.Function, module); panicking && ours {
			return fmt.Sprintf("%s (%s:%d)", name, path.Base(f.File), f.Line)
		}
		panicking = panicking || f.Function == "runtime.gopanic"
		if !more {
			return "an unknown place"
		}
	}
}

// Together calls functions at the same time and returns when all have returned. What one panics with, Together does.
func Together(do ...func()) {
	var r relay
	var running sync.WaitGroup
	for _, f := range do {
		running.Go(func() { r.run(f) })
	}
	running.Wait()
	r.raise()
}

// relay carries a panic from the goroutine that it happened in to the one that waits for it.
type relay struct {
	mu    sync.Mutex
	first *panicked
}

// run calls do and keeps what it panics with.
func (r *relay) run(do func()) {
	defer func() {
		if value := recover(); value != nil {
			p := panicOf(value)
			r.mu.Lock()
			defer r.mu.Unlock()
			if r.first == nil {
				r.first = p
			}
		}
	}()
	do()
}

// raise panics with the first of what was kept.
func (r *relay) raise() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.first != nil {
		panic(r.first)
	}
}
