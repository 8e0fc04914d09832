package cli

import (
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/adsops/cloudtop/internal/view"
)

// lap is what a round of collection cost.
type lap struct {
	took   time.Duration
	waited time.Duration // the longest that one unit waited for limits and before retries
}

// pace is how often rounds begin.
type pace struct {
	every   time.Duration
	why     string // why that is not as often as was asked for; empty = it is
	limited bool   // because of limits
}

// next returns the pace after a lap. It is slower than what was asked for where that would be in vain (step is how
// often the quickest metric is measured; 0 = unknown), where the last round took longer, and where its calls had to
// wait for limits; from the last it comes back by halves, lest the limit is met again at once.
func (p pace) next(asked, step time.Duration, last lap) pace {
	best := pace{every: asked}
	slower := func(by pace) {
		if by.every > best.every {
			best = by
		}
	}
	slower(pace{every: step, why: "no metric is measured more often than every " + inWords(step)})
	if last.took > asked {
		slower(pace{every: wholeSeconds(last.took + last.took/4), why: "the last round took " + inWords(last.took)})
	}
	if waited := min(last.waited, last.took); waited > asked/10 {
		slower(pace{wholeSeconds(asked + waited), "calls waited " + inWords(waited) + " for the clouds' limits", true})
	} else if back := wholeSeconds((p.every + asked) / 2); p.limited && back < p.every {
		slower(pace{back, "calls waited for the clouds' limits before", true})
	}
	return best
}

// inWords returns a duration for people, in whole seconds.
func inWords(d time.Duration) string { return view.Seconds.Format(wholeSeconds(d).Seconds()) }

// wholeSeconds rounds up.
func wholeSeconds(d time.Duration) time.Duration {
	return (d + time.Second - 1).Truncate(time.Second)
}

// jittered spreads d by a tenth, so that many cloudtops do not ask in step.
func jittered(d time.Duration) time.Duration {
	return d + time.Duration((rand.Float64()-0.5)*0.2*float64(d)) //nolint:gosec // spread, not secrecy
}

// instead says that the pace is not what was asked for; empty where it is.
func (p pace) instead(asked time.Duration) string {
	if p.every <= asked {
		return ""
	}
	return fmt.Sprintf("every %s instead of %s: %s", inWords(p.every), inWords(asked), p.why)
}
