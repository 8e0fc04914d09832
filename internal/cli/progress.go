package cli

import (
	"fmt"
	"io"
	"time"

	"github.com/adsops/cloudtop/internal/collector"
)

// progress draws one line on a terminal while units are collected, and wipes it at the end.
type progress struct {
	w       io.Writer
	started time.Time
	drawn   time.Time
	shown   bool
}

func newProgress(w io.Writer) *progress { return &progress{w: w, started: time.Now()} }

// update redraws at most 20 times a second, and not in the first 150 ms: quick work needs no talk.
func (p *progress) update(c collector.Progress) {
	now := time.Now()
	if now.Sub(p.started) < 150*time.Millisecond || now.Sub(p.drawn) < 50*time.Millisecond {
		return
	}
	p.drawn, p.shown = now, true
	failed := ""
	if c.Failed > 0 {
		failed = fmt.Sprintf(", %d failed", c.Failed)
	}
	fmt.Fprintf(p.w, "\r\x1b[Kcollecting: %d of %d units%s, %d rows, %d calls, %.1f s  %s",
		c.Done, c.Planned, failed, c.Rows, c.Calls, now.Sub(p.started).Seconds(), c.Last.Provider)
}

// done wipes the line.
func (p *progress) done() {
	if p.shown {
		fmt.Fprint(p.w, "\r\x1b[K")
	}
}
