package cli

import (
	"bytes"
	"io"
	"sync"
)

// mostHeld is how much of stderr is kept for after the screen; what is said beyond is lost.
const mostHeld = 64 << 10

// held keeps what is written until it is released: nothing may write on the terminal while the screen has it.
type held struct {
	mu sync.Mutex
	w  io.Writer
	b  bytes.Buffer
}

// Write implements io.Writer.
func (h *held) Write(p []byte) (int, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.b.Len()+len(p) <= mostHeld {
		h.b.Write(p)
	}
	return len(p), nil
}

// holdErr holds stderr until the returned function is called.
func (a *app) holdErr() (release func()) {
	h := &held{w: a.err}
	a.err = h
	return func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		a.err = h.w
		_, _ = h.w.Write(h.b.Bytes())
	}
}
