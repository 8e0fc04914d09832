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
		f := env(map[string]string{name: "1GiB"}).frugal(true)
		f.grow(&collector.Progress{Rows: 1e6})
		if limit() != before {
			t.Errorf("with %s the bound became %d, want what the user set", name, limit())
		}
	}
	f := env(nil).frugal(true)
	if got := limit(); got != 28<<20 {
		t.Errorf("an empty run is bound by %d, want 28 MiB", got)
	}
	for _, c := range []struct {
		rows    int
		want    int64
		percent int
	}{
		{999, 28 << 20, 100}, {1000, 28 << 20, 50}, {10_000, 14<<20 + 16_250_000, 50}, {10_500, 14<<20 + 16_250_000, 50},
		{100_000, 14<<20 + 162_500_000, 50}, {40, 14<<20 + 162_500_000, 50},
	} {
		f.grow(&collector.Progress{Rows: c.rows})
		if got, percent := limit(), collected(); got != c.want || percent != c.percent {
			t.Errorf("after %d rows the bound is %d at %d %%, want %d at %d %%", c.rows, got, percent, c.want, c.percent)
		}
	}
	env(nil).frugal(false)
	if percent := collected(); percent != 50 {
		t.Errorf("a run of many rounds begins with %d %% of garbage, want 50", percent)
	}
}
