package cli

import (
	"fmt"
	"io"
	"time"

	"github.com/adsops/cloudtop/internal/collector"
	"github.com/adsops/cloudtop/internal/httpx"
)

// progress draws one line on a terminal while units are collected, and wipes it at the end.
type progress struct {
	w       io.Writer
	width   int // of the terminal; 0 = unknown
	started time.Time
	drawn   time.Time
	shown   bool
}

func newProgress(w io.Writer, width int) *progress {
	return &progress{w: w, width: width, started: time.Now()}
}

// longWait is how long a call must have waited for a limit before that is told.
const longWait = time.Second

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
	line := fmt.Sprintf("collecting: %d of %d units%s, %d rows, %d calls, %.1f s  %s",
		c.Done, c.Planned, failed, c.Rows, c.Calls, now.Sub(p.started).Seconds(), c.Last.Provider)
	if c.Waiting != nil && now.Sub(c.Waiting.Since) >= longWait {
		line = fmt.Sprintf("%d of %d units%s, %s", c.Done, c.Planned, failed, waiting(c.Waiting, now))
	}
	if p.width > 0 && len(line) >= p.width {
		line = line[:p.width-1] // a line that wraps cannot be wiped
	}
	fmt.Fprint(p.w, "\r\x1b[K"+line)
}

// waiting says for what a call waits: "waiting 3 s for oracle's limit (monitoring: 10 per s, shared with other processes)".
func waiting(w *httpx.Wait, now time.Time) string {
	shared := ""
	if w.Shared {
		shared = ", shared with other processes"
	}
	return fmt.Sprintf("waiting %.0f s for %s's limit (%s%s)", now.Sub(w.Since).Seconds(), w.Provider, w.Limit, shared)
}

// done wipes the line.
func (p *progress) done() {
	if p.shown {
		fmt.Fprint(p.w, "\r\x1b[K")
	}
}
