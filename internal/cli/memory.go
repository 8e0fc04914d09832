package cli

import (
	"runtime/debug"

	"github.com/adsops/cloudtop/internal/collector"
)

// What the program may take: little to begin with, and a share for each row. The runtime is told as rows come, and then
// collects garbage as often as it must; what is alive is never in its way.
const (
	baseMemory = 28 << 20
	rowMemory  = 1625

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
	row  int // what a row may take
}

// frugal begins with what a run of one round may leave lying, or one of many.
func (a *app) frugal(once bool) *frugal {
	f := &frugal{row: rowMemory, on: a.source.Getenv("GOGC") == "" && a.source.Getenv("GOMEMLIMIT") == ""}
	if f.on {
		percent := garbage
		if once {
			percent = smallGarbage
		}
		debug.SetGCPercent(percent)
		debug.SetMemoryLimit(baseMemory)
	}
	return f
}

// grow raises the bound with the rows of a round, and no longer takes it for a small one.
func (f *frugal) grow(p *collector.Progress) {
	if f.on && p.Rows >= f.told+rowsStep {
		f.told = p.Rows
		debug.SetGCPercent(garbage)
		debug.SetMemoryLimit(max(baseMemory, int64(baseMemory/2+f.row*p.Rows)))
	}
}
