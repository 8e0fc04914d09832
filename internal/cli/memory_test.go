package cli

import (
	"math"
	"runtime/debug"
	"testing"

	"github.com/adsops/cloudtop/internal/collector"
	"github.com/adsops/cloudtop/internal/config"
)

// limit returns the runtime's present bound.
func limit() int64 { return debug.SetMemoryLimit(-1) }

// collected returns how much garbage waits at present, in percent of what is alive.
func collected() int {
	percent := debug.SetGCPercent(-1)
	debug.SetGCPercent(percent)
	return percent
}

//nolint:paralleltest // it changes the bounds of the whole process
func TestMemoryIsBoundByRows(t *testing.T) {
	percent := debug.SetGCPercent(100)
	t.Cleanup(func() {
		debug.SetGCPercent(percent)
		debug.SetMemoryLimit(math.MaxInt64)
	})
	env := func(set map[string]string) *app {
		return &app{source: config.Source{Getenv: func(name string) string { return set[name] }}}
	}
	for _, name := range []string{"GOGC", "GOMEMLIMIT"} {
		before := limit()
		f := env(map[string]string{name: "1GiB"}).frugal(7, true)
		f.grow(&collector.Progress{Rows: 1e6})
		if limit() != before {
			t.Errorf("with %s the bound became %d, want what the user set", name, limit())
		}
	}
	f := env(nil).frugal(7, true)
	const empty = 26<<20 + 7*800<<10
	if got := limit(); got != empty {
		t.Errorf("an empty run of 7 providers is bound by %d, want %d", got, empty)
	}
	for _, c := range []struct {
		rows    int
		want    int64
		percent int
	}{
		{999, empty, 100}, {1000, empty, 50}, {10_000, empty/2 + 16_500_000, 50}, {10_500, empty/2 + 16_500_000, 50},
		{100_000, empty/2 + 165_000_000, 50}, {40, empty/2 + 165_000_000, 50},
	} {
		f.grow(&collector.Progress{Rows: c.rows})
		if got, percent := limit(), collected(); got != c.want || percent != c.percent {
			t.Errorf("after %d rows the bound is %d at %d %%, want %d at %d %%", c.rows, got, percent, c.want, c.percent)
		}
	}
	env(nil).frugal(7, false)
	if percent := collected(); percent != 50 {
		t.Errorf("a run of many rounds begins with %d %% of garbage, want 50", percent)
	}
}
