package cloudflaresim

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/adsops/cloudtop/internal/sim"
)

func TestAMeterCountsEverySpanOnce(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	for _, rate := range []float64{0.001, 0.3, 7, 4000} {
		m := newMeter(r, rate)
		from, to := sim.Epoch.AddDate(0, 0, -3), sim.Epoch
		whole := m.count(from, to)
		for _, step := range []time.Duration{time.Second * 7, time.Minute, time.Hour, 25 * time.Hour} {
			var sum float64
			for at := from; at.Before(to); at = at.Add(step) {
				end := at.Add(step)
				if end.After(to) {
					end = to
				}
				n := m.count(at, end)
				if n < 0 || n != math.Floor(n) {
					t.Fatalf("rate %v: %v events from %s to %s", rate, n, at, end)
				}
				sum += n
			}
			if sum != whole {
				t.Errorf("rate %v: spans of %s add up to %v, want %v", rate, step, sum, whole)
			}
		}
		if mean := whole / to.Sub(from).Seconds(); math.Abs(mean-rate) > 0.05*rate {
			t.Errorf("rate %v: got %v a second over three days", rate, mean)
		}
	}
}

func TestAMeterThatStandsCountsNothing(t *testing.T) {
	t.Parallel()
	day := sim.Epoch.Add(-24 * time.Hour)
	for name, m := range map[string]meter{"zero": {}, "negative": {perSecond: -1}} {
		if n := m.count(day, sim.Epoch); n != 0 {
			t.Errorf("%s: got %v", name, n)
		}
	}
	m := meter{perSecond: 100}
	if n := m.count(sim.Epoch, day); n != 0 {
		t.Errorf("a span that ends before it begins: got %v", n)
	}
	if n := m.count(day, day); n != 0 {
		t.Errorf("a moment: got %v", n)
	}
}

func TestAMeterSwingsWithTheDay(t *testing.T) {
	t.Parallel()
	m := meter{perSecond: 100, swing: 0.5}
	least, most := math.Inf(1), 0.0
	for h := range 24 {
		at := sim.Epoch.Add(time.Duration(h) * time.Hour)
		n := m.count(at, at.Add(time.Hour)) / 3600
		least, most = min(least, n), max(most, n)
	}
	if least < 49 || least > 52 || most < 148 || most > 151 {
		t.Errorf("got %v to %v a second, want about half and one and a half times the mean", least, most)
	}
}

func TestAGaugeIsMeasuredByTheHourAndGrows(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(3, 4))
	for range 20 {
		g := newGauge(r, skewed(r, 1000, 1e12))
		at := sim.Epoch.Add(17 * time.Minute)
		if a, b := g.at(at), g.at(at.Truncate(time.Hour)); a != b || a != math.Floor(a) || a <= 0 {
			t.Errorf("%+v: got %v within and %v at the beginning of an hour", g, a, b)
		}
		if year := g.at(at.AddDate(1, 0, 0)); year < g.at(at)*(1-2*g.swing) {
			t.Errorf("%+v shrinks from %v to %v", g, g.at(at), year)
		}
	}
	if v := (gauge{size: 10, growth: 1}).at(sim.Epoch.AddDate(-1, 0, 0)); v != 0 {
		t.Errorf("before its birth: got %v", v)
	}
}

func TestSkewedNumbersAreMostlySmall(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(5, 6))
	small, n := 0, 2000
	for range n {
		v := skewed(r, 1, 10_000)
		if v < 1 || v > 10_000 {
			t.Fatalf("got %v", v)
		}
		if v < 100 {
			small++
		}
	}
	if small < n/2 || small == n {
		t.Errorf("%d of %d are below the middle of the scale", small, n)
	}
}

// TestAWindowBlocksForAsLongAgain goes over a limit of three in a minute.
func TestAWindowBlocksForAsLongAgain(t *testing.T) {
	t.Parallel()
	w := window{limit: 3, length: time.Minute}
	start := sim.Epoch
	steps := []struct {
		after time.Duration
		user  string
		left  int
		ok    bool
		reset time.Duration // after the start
	}{
		{0, "a", 2, true, time.Minute},
		{10 * time.Second, "a", 1, true, time.Minute},
		{20 * time.Second, "b", 2, true, 80 * time.Second}, // has a count of its own
		{20 * time.Second, "a", 0, true, time.Minute},
		{30 * time.Second, "a", 0, false, 90 * time.Second},
		{61 * time.Second, "a", 0, false, 90 * time.Second}, // still blocked
		{90 * time.Second, "a", 2, true, 150 * time.Second},
		{90 * time.Second, "b", 2, true, 150 * time.Second},
	}
	for i, s := range steps {
		left, reset, ok := w.take(s.user, start.Add(s.after))
		if left != s.left || ok != s.ok || !reset.Equal(start.Add(s.reset)) {
			t.Errorf("step %d: got %d left, %v until %s, want %d, %v until %s after the start", i+1, left, ok, reset.Sub(start), s.left, s.ok, s.reset)
		}
	}
}

func TestQuantilesRiseFromTheMedianToTheTail(t *testing.T) {
	t.Parallel()
	u := &profile{key: "x", p50: 1000, p99: 9000, wait: 5000, bytes: 700, weight: 0.02, read: 2, written: 1, sample: 1}
	for _, d := range allDatasets() {
		for _, name := range []string{"cpuTime", "wallTime", "requestDuration", "duration", "responseBodySize", "latencyMs"} {
			last := 0.0
			for _, rank := range ranks() {
				of := d.measures[column{"quantiles", name + rank}]
				if of == nil {
					continue
				}
				v := of(&cell{use: u, n: 10})
				if v <= last {
					t.Errorf("%s: %s%s is %v, and the rank below %v", d.name, name, rank, v, last)
				}
				last = v
			}
		}
	}
}

func TestAVariantsPartsAddUpToTheWhole(t *testing.T) {
	t.Parallel()
	u := &profile{key: "x", born: sim.Epoch.AddDate(-1, 0, 0), events: meter{perSecond: 3}, bad: 0.13, p50: 1, p99: 2}
	a, b := sim.Epoch.Add(-time.Hour), sim.Epoch
	for _, d := range allDatasets() {
		if d.stored || len(d.variants) == 0 {
			continue
		}
		var names []string
		for name := range d.variants[0].labels {
			names = append(names, name)
		}
		want := d.cell(u, d.variantsFor(nil), 0, a, b)
		for _, by := range [][]string{names, names[:1]} {
			variants := d.variantsFor(by)
			var n, bad float64
			for i := range variants {
				c := d.cell(u, variants, i, a, b)
				n, bad = n+c.n, bad+c.bad
			}
			if n != want.n || bad != want.bad || n == 0 {
				t.Errorf("%s by %v: %v events of which %v failed, want %v and %v", d.name, by, n, bad, want.n, want.bad)
			}
		}
	}
}
