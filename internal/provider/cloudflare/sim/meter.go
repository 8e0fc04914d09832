package cloudflaresim

import (
	"math"
	"math/rand/v2"
	"time"

	"github.com/adsops/cloudtop/internal/sim"
)

const dayLength = 86400.0 // seconds

// meter counts events that come at a rate which swings with the time of day. Any span is counted in constant time, and
// spans that follow each other add up.
type meter struct {
	perSecond float64
	swing     float64 // part of the rate, 0 to 1
	phase     float64
}

func newMeter(r *rand.Rand, perSecond float64) meter {
	return meter{perSecond: perSecond, swing: 0.6 * r.Float64(), phase: 2 * math.Pi * r.Float64()}
}

// since is the number of events from long before anything existed to t.
func (m meter) since(t time.Time) float64 {
	x := t.Sub(sim.Epoch.AddDate(-10, 0, 0)).Seconds()
	w := 2 * math.Pi / dayLength
	return m.perSecond * (x - m.swing/w*math.Cos(w*x+m.phase))
}

// count returns the events from a up to b.
func (m meter) count(a, b time.Time) float64 {
	if m.perSecond <= 0 || !a.Before(b) {
		return 0
	}
	return math.Floor(m.since(b)) - math.Floor(m.since(a))
}

// gauge is a size that grows steadily from its birth and swings with the time of day.
type gauge struct {
	size   float64 // at the epoch
	growth float64 // per day, as a part of size
	swing  float64
	phase  float64
}

func newGauge(r *rand.Rand, size float64) gauge {
	return gauge{size: size, growth: 0.004 * r.Float64(), swing: 0.03 * r.Float64(), phase: 2 * math.Pi * r.Float64()}
}

// at returns the size in the hour of t: storage is measured by the hour.
func (g gauge) at(t time.Time) float64 {
	x := t.Truncate(time.Hour).Sub(sim.Epoch).Seconds() / dayLength
	return math.Floor(max(0, g.size*(1+g.growth*x+g.swing*math.Sin(2*math.Pi*x+g.phase))))
}

// skewed draws a number between low and high that is mostly small.
func skewed(r *rand.Rand, low, high float64) float64 {
	return low * math.Pow(high/low, r.Float64()*r.Float64())
}
