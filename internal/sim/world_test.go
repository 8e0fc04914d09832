package sim_test

import (
	"math"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/adsops/cloudtop/internal/sim"
)

func TestAWorldsClockRunsFromEpoch(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := sim.NewWorld(sim.Options{})
		time.Sleep(time.Hour)
		if got := w.Now(); !got.Equal(sim.Epoch.Add(time.Hour)) || got.Location() != time.UTC {
			t.Errorf("got %s, want an hour after Epoch in UTC", got)
		}
	})
	at := time.Date(2030, 1, 2, 3, 4, 5, 0, time.FixedZone("x", 3600))
	if got := sim.NewWorld(sim.Options{Now: func() time.Time { return at }}).Now(); !got.Equal(at) || got.Location() != time.UTC {
		t.Errorf("got %s, want the given time in UTC", got)
	}
}

func TestCountFollowsTheOptions(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		o     sim.Options
		share float64
		most  int
		want  int
	}{
		{sim.Options{}, 0.2, 0, 10},
		{sim.Options{Resources: 1000}, 0.15, 0, 150},
		{sim.Options{Resources: 1000}, 0.15, 100, 100},
		{sim.Options{Resources: 7}, 0.1, 0, 1},
		{sim.Options{Resources: 1000, Counts: map[string]int{"x": 3}}, 0.5, 2, 3},
		{sim.Options{Resources: 1000, Counts: map[string]int{"x": 0}}, 0.5, 0, 0},
		{sim.Options{Resources: 1000, Counts: map[string]int{"y": 3}}, 0.5, 0, 500},
	} {
		if got := sim.NewWorld(c.o).Count("x", c.share, c.most); got != c.want {
			t.Errorf("%+v: Count(%v, %d) = %d, want %d", c.o, c.share, c.most, got, c.want)
		}
	}
}

// draw returns the first numbers of a source.
func draw(seed uint64, names ...string) []uint64 {
	w := sim.NewWorld(sim.Options{Seed: seed, Incidents: true})
	r := w.Rand(names...)
	if w.Seed() != seed || !w.Incidents() {
		return nil
	}
	return []uint64{r.Uint64(), r.Uint64(), r.Uint64()}
}

func TestChanceDependsOnSeedAndNamesAlone(t *testing.T) {
	t.Parallel()
	first := draw(1, "a", "b")
	if len(first) != 3 || !slices.Equal(first, draw(1, "a", "b")) {
		t.Error("the same seed and names draw other numbers")
	}
	for _, other := range [][]uint64{draw(2, "a", "b"), draw(1, "a", "c"), draw(1, "ab"), draw(1, "b", "a"), draw(1)} {
		if slices.Equal(first, other) {
			t.Errorf("another seed or name draws the same numbers: %v", other)
		}
	}
}

func TestAWaveStaysInItsBoundsAndSteps(t *testing.T) {
	t.Parallel()
	for name, v := range map[string]sim.Wave{
		"percent":   sim.Percent(sim.NewWorld(sim.Options{}).Rand("p")),
		"amount":    sim.Amount(sim.NewWorld(sim.Options{}).Rand("a"), 1e9),
		"short":     {Base: 5, Swing: 50, Noise: 3, Low: 1, High: 9, Step: 100 * time.Millisecond, Period: time.Second, Seed: 7},
		"odd steps": {Base: 5, Swing: 2, Low: 0, High: 9, Step: 7 * time.Minute, Period: 61 * time.Minute, Seed: 7},
	} {
		step := v.Step
		if step == 0 {
			step = time.Minute
		}
		start := time.Unix(0, sim.Epoch.UnixNano()/int64(step)*int64(step))
		values := map[float64]bool{}
		for i := range 200 {
			at := start.Add(time.Duration(i) * step)
			got := v.At(at)
			values[got] = true
			if got < v.Low || got > v.High || math.IsNaN(got) {
				t.Errorf("%s: got %v, want %v to %v", name, got, v.Low, v.High)
			}
			if end := v.At(at.Add(step - 1)); end != got {
				t.Errorf("%s: got %v at the beginning of a step and %v at its end", name, got, end)
			}
		}
		if len(values) < 5 {
			t.Errorf("%s: only %d values in 200 steps", name, len(values))
		}
	}
}

func TestLimiterHoldsItsWindow(t *testing.T) {
	t.Parallel()
	l := sim.Limiter{N: 2, Per: time.Minute}
	at := func(s int) time.Time { return sim.Epoch.Add(time.Duration(s) * time.Second) }
	for _, c := range []struct {
		key  string
		at   int
		wait time.Duration
		ok   bool
	}{
		{"a", 0, 0, true},
		{"a", 10, 0, true},
		{"a", 20, 40 * time.Second, false},
		{"b", 20, 0, true},
		{"a", 59, time.Second, false},
		{"a", 60, 0, true},
		{"a", 61, 9 * time.Second, false},
		{"a", 70, 0, true},
	} {
		if wait, ok := l.Allow(c.key, at(c.at)); wait != c.wait || ok != c.ok {
			t.Errorf("%s at %ds: got %s, %v, want %s, %v", c.key, c.at, wait, ok, c.wait, c.ok)
		}
	}
}

// late is a cloud that makes what it has when it is asked to.
type late struct {
	*echo
	filled int
}

func (l *late) Fill() { l.filled++ }

func TestFillMakesWhatCloudsPutOff(t *testing.T) {
	t.Parallel()
	a, b := &late{echo: newEcho("a")}, &late{echo: newEcho("b")}
	u := sim.NewUniverse(sim.NewWorld(sim.Options{}), a, newEcho("ready"), b)
	if a.filled+b.filled != 0 {
		t.Error("a cloud was filled before it was asked for")
	}
	if u.Fill(); a.filled != 1 || b.filled != 1 {
		t.Errorf("filled %d and %d times, want once each", a.filled, b.filled)
	}
}
