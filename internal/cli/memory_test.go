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
		f := env(map[string]string{name: "1GiB"}).frugal()
		f.grow(&collector.Progress{Rows: 1e6})
		if limit() != before {
			t.Errorf("with %s the bound became %d, want what the user set", name, limit())
		}
	}
	f := env(nil).frugal()
	if got := limit(); got != 28<<20 {
		t.Errorf("an empty run is bound by %d, want 28 MiB", got)
	}
	for _, c := range []struct {
		rows int
		want int64
	}{
		{999, 28 << 20}, {1000, 28 << 20}, {10_000, 14<<20 + 16_500_000}, {10_500, 14<<20 + 16_500_000},
		{100_000, 14<<20 + 165_000_000}, {40, 14<<20 + 165_000_000},
	} {
		f.grow(&collector.Progress{Rows: c.rows})
		if got := limit(); got != c.want {
			t.Errorf("after %d rows the bound is %d, want %d", c.rows, got, c.want)
		}
	}
}
