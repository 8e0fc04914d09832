package cli

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/adsops/cloudtop/internal/hub"
	"github.com/adsops/cloudtop/internal/view"
)

// previewAfter is how long a round may take before the last picture is shown: what is quick needs none.
const previewAfter = 150 * time.Millisecond

// The terminal's second screen, which leaves the first as it was.
const (
	enterScreen = "\x1b[?1049h\x1b[?25l\x1b[H"
	leaveScreen = "\x1b[?25h\x1b[?1049l"
)

// preview shows the last picture that the cache has until the returned function is called, which leaves the screen as it
// was. On no terminal, and where the cache has nothing, it shows nothing.
func (s *session) preview(ctx context.Context) (end func()) {
	nothing := func() {}
	if !s.showsCached() || !s.options.tabular() || s.options.jq != "" {
		return nothing
	}
	text := s.picture(ctx)
	if text == "" {
		return nothing
	}
	var mu sync.Mutex
	shown, over := false, false
	timer := time.AfterFunc(previewAfter, func() {
		mu.Lock()
		defer mu.Unlock()
		if shown = !over; shown {
			fmt.Fprint(s.out, enterScreen+text)
		}
	})
	return func() {
		timer.Stop()
		mu.Lock()
		defer mu.Unlock()
		if over = true; shown {
			fmt.Fprint(s.out, leaveScreen)
		}
	}
}

// showsCached reports whether the last picture is to be shown while a new one is made.
func (s *session) showsCached() bool {
	return s.outTTY && s.keep.Store != nil && !s.keep.Anew && s.options.configFile.Defaults.ShowCached
}

// picture renders what the cache has, cut to the terminal; "" where that is nothing.
func (s *session) picture(ctx context.Context) string {
	snap := s.collector.Preview(ctx, s.request)
	oldest, ok := oldestCached(snap)
	if !ok {
		return ""
	}
	var b bytes.Buffer
	if err := s.print(ctx, &b, snap); err != nil {
		return ""
	}
	lines := strings.Split(strings.TrimRight(b.String(), "\n"), "\n")
	head := fmt.Sprintf("as it was %s ago, while it is read anew:", view.Seconds.Format(s.now().Sub(oldest).Seconds()))
	if _, height := s.size(); height > 4 && len(lines) > height-3 {
		lines = append(lines[:height-4], "...")
	}
	return head + "\r\n" + strings.Join(lines, "\r\n") + "\r\n"
}

// oldestCached returns when the oldest of the cached rows was read.
func oldestCached(s *hub.Snapshot) (at time.Time, ok bool) {
	for i := range s.Units {
		if u := &s.Units[i]; u.Cached && u.Rows > 0 && (!ok || u.At.Before(at)) {
			at, ok = u.At, true
		}
	}
	return at, ok
}
