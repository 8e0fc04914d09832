package vastaisim

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/adsops/cloudtop/internal/sim"
)

// machineCount is how many machines hosts offer in every world: the market does not grow with the account.
const machineCount = 220

// machine is a host's computer, with what it asks for.
type machine struct {
	id, host, cluster int
	card              *card
	gpus              int
	place             *place
	cpu               *processor
	ramMB             int
	diskGB            float64
	diskBW            float64
	inetUp, inetDown  float64 // Mbps
	verification      string  // verified | unverified | deverified
	datacenter        bool
	external          bool
	reliability       float64
	staticIP          bool
	ports             int
	driver            string
	driverNumber      int
	cuda              float64
	ubuntu            string
	pcie              float64
	gpuPrice          float64 // USD per card and hour
	bidPrice          float64 // the least bid; 0 = the host takes none
	storagePrice      float64 // USD per GB and month
	upPrice           float64 // USD per GB
	downPrice         float64
	discount          float64 // the most for a reservation
	ends              float64 // seconds since 1970
	asks              []*ask
}

// ask is what one machine offers: all of its cards or a part.
type ask struct {
	id       int
	machine  *machine
	gpus     int
	rentable bool
	mine     bool // the account rents cards of the machine
}

func (c *cloud) buildMarket() {
	r := c.world.Rand("vastai", "market")
	cs, ps, cpus := cards(), places(), processors()
	for i := range machineCount {
		m := newMachine(r, i, &cs[r.IntN(len(cs))], &ps[r.IntN(len(ps))], &cpus[r.IntN(len(cpus))])
		for n := m.gpus; n >= 1; n /= 2 {
			m.asks = append(m.asks, &ask{
				id: 20_000_000 + i*100 + len(m.asks), machine: m, gpus: n, rentable: r.Float64() < 0.7,
			})
			if r.Float64() < 0.5 {
				break
			}
		}
		c.machines = append(c.machines, m)
	}
}

func newMachine(r *rand.Rand, i int, card *card, place *place, cpu *processor) *machine {
	m := &machine{
		id: 10_000 + i*7, host: 50_000 + r.IntN(90)*11, card: card, gpus: 1 << r.IntN(4), place: place, cpu: cpu,
		ramMB: 32_000 << r.IntN(5), diskGB: math.Round(200 + 6000*r.Float64()), diskBW: round(400+6000*r.Float64(), 1),
		inetUp: round(50+9000*r.Float64(), 1), inetDown: round(50+9000*r.Float64(), 1),
		datacenter: r.Float64() < 0.4, external: r.Float64() < 0.03, reliability: round(1-0.08*r.Float64()*r.Float64(), 7),
		staticIP: r.Float64() < 0.6, ports: r.IntN(1000), pcie: round(6+44*r.Float64(), 1), ubuntu: "22.04",
		storagePrice: round(0.05+0.25*r.Float64(), 4), upPrice: round(0.02*r.Float64(), 5),
		downPrice: round(0.02*r.Float64(), 5), discount: round(0.5*r.Float64(), 2),
		ends: float64(sim.Epoch.Unix() + int64(r.IntN(400)+3)*86400),
	}
	m.verification = "verified"
	switch p := r.Float64(); {
	case p > 0.97:
		m.verification = "deverified"
	case p > 0.75:
		m.verification = "unverified"
	}
	if r.Float64() < 0.2 {
		m.cluster = 100 + r.IntN(9)
	}
	m.gpuPrice = round(card.price*(0.75+0.7*r.Float64()), 5)
	if r.Float64() < 0.85 {
		m.bidPrice = round(m.gpuPrice*(0.3+0.4*r.Float64()), 5)
	}
	major, minor := 535+r.IntN(46), r.IntN(200)
	m.driver, m.driverNumber = fmt.Sprintf("%d.%d.%02d", major, minor, 5), major*1_000_000+minor*1000+5
	m.cuda = round(12.2+float64(r.IntN(8))/10, 1)
	return m
}

// vcpus are the cores that come with some of the machine's cards.
func (m *machine) vcpus(gpus int) float64 {
	return round(float64(m.cpu.cores)*float64(gpus)/float64(m.gpus), 1)
}

// diskHour is what a disk costs per hour: the monthly price over 720 hours.
func (m *machine) diskHour(gb float64) float64 { return gb * m.storagePrice / 720 }

func (m *machine) hostingType() int {
	if m.datacenter {
		return 1
	}
	return 0
}

func (m *machine) nvlink() float64 {
	if m.gpus > 1 {
		return m.card.nvlink
	}
	return 0
}

// free reports whether some of the machine's cards can be rented.
func (m *machine) free() bool {
	return slices.ContainsFunc(m.asks, func(a *ask) bool { return a.rentable })
}

func (m *machine) address() string { return fmt.Sprintf("203.0.113.%d", m.id%250+1) }

// round rounds to some digits after the point.
func round(v float64, digits int) float64 {
	p := math.Pow10(digits)
	return math.Round(v*p) / p
}
