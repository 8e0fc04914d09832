package ratelimit

import (
	"math"
	"time"
)

const (
	century = 100 * 365 * 24 * time.Hour // the longest time that limits are reckoned with
	// An account reckons in numbers that a float64 holds: rules that would go beyond are cut.
	longestInterval = 24 * time.Hour
	longestSpan     = 90 * 24 * time.Hour // of a burst, and of a window
)

// rule returns the gate as an account keeps it.
func (g *gate) rule() Rule {
	interval := time.Duration(math.Ceil(min(float64(time.Second)/float64(g.pace.Limit()), float64(longestInterval))))
	r := Rule{Interval: max(interval, 1), Burst: g.pace.Burst()}
	r.Burst = int(max(min(int64(r.Burst), int64(longestSpan/r.Interval)), 1))
	if g.events > 0 {
		r.Events, r.Per = g.events, time.Duration(micros(min(g.per, longestSpan)))*time.Microsecond
	}
	return r
}

// sound reports whether the rule can be reckoned with.
func (r Rule) sound() bool {
	return r.Interval > 0 && r.Interval <= longestInterval && r.Burst > 0 && int64(r.Burst) <= int64(longestSpan/r.Interval) &&
		r.Events >= 0 && r.Per >= 0 && r.Per <= longestSpan && (r.Events == 0) == (r.Per == 0)
}
