package cli

import (
	"bytes"
	"testing"
	"testing/synctest"
	"time"

	"github.com/adsops/cloudtop/internal/collector"
	"github.com/adsops/cloudtop/internal/httpx"
	"github.com/adsops/cloudtop/internal/hub"
)

func TestProgressSaysWhatIsWaitedFor(t *testing.T) {
	t.Parallel()
	const quick = "collecting: 3 of 9 units, 1 failed, 7 rows, 5 calls, 3.0 s  neon"
	for name, c := range map[string]struct {
		width   int
		waited  time.Duration // 0 = nobody waits
		shared  bool
		drawing string
	}{
		"nobody waits": {0, 0, false, quick},
		"not for long": {0, time.Second / 2, true, quick},
		"for long":     {0, 3 * time.Second, false, "3 of 9 units, 1 failed, waiting 3 s for oracle's limit (monitoring: 10 per s)"},
		"for others too": {
			0, 3 * time.Second, true, "3 of 9 units, 1 failed, waiting 3 s for oracle's limit (monitoring: 10 per s, shared with other processes)",
		},
		"on a narrow terminal": {20, 3 * time.Second, true, "3 of 9 units, 1 fai"},
	} {
		synctest.Test(t, func(t *testing.T) {
			var b bytes.Buffer
			p := newProgress(&b, c.width)
			time.Sleep(3 * time.Second)
			now := collector.Progress{Planned: 9, Done: 3, Failed: 1, Rows: 7, Calls: 5, Last: hub.Key{Provider: "neon"}}
			if c.waited > 0 {
				now.Waiting = &httpx.Wait{Provider: "oracle", Limit: "monitoring: 10 per s", Shared: c.shared, Since: time.Now().Add(-c.waited)}
			}
			p.update(now)
			if want := "\r\x1b[K" + c.drawing; b.String() != want {
				t.Errorf("%s:\n got %q\nwant %q", name, b.String(), want)
			}
		})
	}
}
