// Package sim is the simulated universe that cloudtop can run on instead of the real clouds: a seeded world with
// known truth, faults on request, the providers' real host names, and a loopback TLS proxy for other people's
// clients. Each provider's side of the wire is in provider/<name>/sim, written from the provider's published
// reference and never from our client.
package sim

import (
	"encoding/binary"
	"hash/fnv"
	"math"
	"math/rand/v2"
	"net/http"
	"time"
)

// Epoch is the moment at which every world was made. What exists is dated relative to it, so that one seed makes
// one world whenever it runs.
var Epoch = time.Date(2026, time.November, 1, 12, 0, 0, 0, time.UTC) //nolint:gochecknoglobals // a constant in all but syntax

// Options make a world.
type Options struct {
	Seed      uint64
	Resources int              // about how many over all providers; 0 = 50
	Counts    map[string]int   // exact number for the named providers, over Resources
	Latency   time.Duration    // of every call
	Now       func() time.Time // the world's clock; nil = one that starts at Epoch and runs with real time
	Faults    []Fault
	// Incidents makes a world in which not all is well: places that the credential may not read, a dead region.
	Incidents bool
}

// World is what all providers of one simulation share. It is safe for concurrent use.
type World struct {
	opts Options
	now  func() time.Time
}

// NewWorld makes a world.
func NewWorld(o Options) *World {
	if o.Resources == 0 {
		o.Resources = 50
	}
	w := &World{opts: o, now: o.Now}
	if w.now == nil {
		started := time.Now()
		w.now = func() time.Time { return Epoch.Add(time.Since(started)) }
	}
	return w
}

// Now returns the world's time.
func (w *World) Now() time.Time { return w.now().UTC() }

// Seed returns the world's seed.
func (w *World) Seed() uint64 { return w.opts.Seed }

// Incidents reports whether there are places that the credential may not read, and other things that go wrong by
// themselves. Without them a complete reader meets no failure.
func (w *World) Incidents() bool { return w.opts.Incidents }

// Count returns how many resources the named provider has, of which it is one of several: share is its part of the
// whole (0 to 1), most the largest number that is true to life there (0 = no bound).
func (w *World) Count(provider string, share float64, most int) int {
	if n, ok := w.opts.Counts[provider]; ok {
		return n
	}
	n := int(math.Ceil(float64(w.opts.Resources) * share))
	if most > 0 {
		n = min(n, most)
	}
	return n
}

// Rand returns a source of random numbers that depends on the seed and the names alone: what one part of the world
// draws never changes another part.
func (w *World) Rand(names ...string) *rand.Rand {
	h := fnv.New64a()
	var seed [8]byte
	binary.LittleEndian.PutUint64(seed[:], w.opts.Seed)
	_, _ = h.Write(seed[:])
	for _, n := range names {
		_, _ = h.Write([]byte(n))
		_, _ = h.Write([]byte{0})
	}
	s := h.Sum64()
	return rand.New(rand.NewPCG(s, s^0x9e3779b97f4a7c15)) //nolint:gosec // reproducible on purpose
}

// Wave is a value over time: it swings around Base, with some noise, and stays within Low and High. It is constant
// within each Step, as a provider's own averages are.
type Wave struct {
	Base, Swing, Noise float64
	Low, High          float64
	Period             time.Duration // 0 = one day
	Step               time.Duration // 0 = one minute
	Seed               uint64
}

// At returns the wave's value in the step that t lies in.
func (v Wave) At(t time.Time) float64 {
	step, period := v.Step, v.Period
	if step == 0 {
		step = time.Minute
	}
	if period == 0 {
		period = 24 * time.Hour
	}
	n := t.UnixNano() / int64(step)
	angle := 2*math.Pi*float64(n*int64(step)%int64(period))/float64(period) + float64(v.Seed%628)/100
	var source rand.PCG
	source.Seed(v.Seed, uint64(n))                          //nolint:gosec // n is after 1970
	noise := float64(source.Uint64()<<11>>11)/(1<<53)*2 - 1 // Rand.Float64, without a Rand
	return min(max(v.Base+v.Swing*math.Sin(angle)+v.Noise*noise, v.Low), v.High)
}

// Percent draws a wave between 0 and 100.
func Percent(r *rand.Rand) Wave {
	return Wave{
		Base: 5 + 85*r.Float64(), Swing: 12 * r.Float64(), Noise: 6 * r.Float64(), High: 100, Seed: r.Uint64(),
	}
}

// Amount draws a wave between nothing and three times up to most.
func Amount(r *rand.Rand, most float64) Wave {
	base := most * r.Float64()
	return Wave{Base: base, Swing: base * 0.4, Noise: base * 0.2, High: 3 * most, Seed: r.Uint64()}
}

// Cloud is one provider's side of the wire. It answers at the provider's real host names, checks credentials for
// real, pages, limits, and answers the provider's real error bodies.
type Cloud interface {
	http.Handler
	// Name is the provider's name.
	Name() string
	// Hosts are the host names it answers at, '*' for any run of characters.
	Hosts() []string
	// Credentials are what a client needs to be let in.
	Credentials() Credentials
	// Truth is everything that there is, as of the world's time now.
	Truth() Truth
	// Fail writes the provider's own error answer for a status: 401, 403, 404, 429, 500 ... Headers that are already
	// set (Retry-After) stay.
	Fail(w http.ResponseWriter, r *http.Request, status int)
}

// Filler is a Cloud that makes what it has when it is first called or asked for its truth. Fill makes it now.
type Filler interface{ Fill() }

// Credentials let a client in.
type Credentials struct {
	Env    map[string]string // environment variables: VAST_API_KEY=...
	Files  map[string]string // files by path relative to the home folder: ".oci/config"; "{home}" in a file stands for that folder
	Values map[string]string // by the provider's field names, as its configuration takes them
}

// Truth is what a complete reader must find.
type Truth struct {
	Accounts  []string
	Resources []Resource
	Offers    int                // GPU offers for rent that a plain query returns; -1 = none are modelled
	Balance   map[string]float64 // prepaid money by account
	Denied    []string           // places that the credential may not read, as "region/compartment/service"
}

// Resource is one thing that truly exists. Its words are those of cloudtop's JSON; unknown is absent.
type Resource struct {
	Account, Region, Compartment string
	Service, Type                string
	ID, Name                     string
	Status, NativeStatus         string
	CreatedAt                    time.Time
	Tags                         map[string]string
	GPUType                      string
	GPUCount                     float64
	Metrics                      map[string]float64 // what a reader finds now, by cloudtop's metric names
	HourlyCost                   *float64           // USD; nil = the provider does not tell
}
