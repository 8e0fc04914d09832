package cli

import (
	"runtime/debug"

	"github.com/adsops/cloudtop/internal/collector"
)

// What the program may take: little to begin with, and a share for each provider, for its connections, and each row. The
// runtime is told as rows come, and then collects garbage as often as it must; what is alive is never in its way.
const (
	baseMemory     = 26 << 20
	providerMemory = 800 << 10
	rowMemory      = 1650

	screenRowMemory = 3400 // the live screen has the last round's rows beside those of the next
	rowsStep        = 1000 // how many rows make it worth telling the runtime
)

// How much garbage may wait, in percent of what is alive. A small run of one round is over before tidying up pays: to
// collect often takes a tenth of its processor time.
const (
	garbage      = 50
	smallGarbage = 100
)

// frugal bounds the garbage that waits to be collected. It leaves alone what a user sets by GOGC and GOMEMLIMIT.
type frugal struct {
	on   bool
	told int // rows, at the last bound
	base int // what a run without rows may take
	row  int // what a row may take
}

// frugal begins with what a run of so many providers, and of one round or many, may leave lying.
func (a *app) frugal(providers int, once bool) *frugal {
	f := &frugal{
		base: baseMemory + providers*providerMemory, row: rowMemory,
		on: a.source.Getenv("GOGC") == "" && a.source.Getenv("GOMEMLIMIT") == "",
	}
	if f.on {
		percent := garbage
		if once {
			percent = smallGarbage
		}
		debug.SetGCPercent(percent)
		debug.SetMemoryLimit(int64(f.base))
	}
	return f
}

// grow raises the bound with the rows of a round, and no longer takes it for a small one.
func (f *frugal) grow(p *collector.Progress) {
	if f.on && p.Rows >= f.told+rowsStep {
		f.told = p.Rows
		debug.SetGCPercent(garbage)
		debug.SetMemoryLimit(int64(max(f.base, f.base/2+f.row*p.Rows)))
	}
}
