package providertest

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/adsops/cloudtop/internal/sim"
)

const (
	acmeKey   = "acme-key-0123456789"
	acmeAPI   = "api.acme.example"
	acmeMeter = "meter.acme.example"
)

// acmeSim is the wire of a made-up provider with two regions, pages of 10, a metrics service of its own, signed dates
// and 20 calls a second.
type acmeSim struct {
	world    *sim.World
	machines map[string][]*acmeMachine // by region
	disks    []*acmeMachine
	limiter  sim.Limiter
	chaos    *rand.Rand // not nil: a world that differs from run to run
}

// acmeMachine is a machine, or a disk.
type acmeMachine struct {
	ID      string            `json:"id"`
	Name    string            `json:"name"`
	State   string            `json:"state"`
	Created time.Time         `json:"created"`
	Labels  map[string]string `json:"labels,omitempty"`
	GPU     string            `json:"gpu,omitempty"`
	GPUs    int               `json:"gpus,omitempty"`
	Price   *float64          `json:"price,omitempty"`
	Env     map[string]string `json:"env"`
	cpu     sim.Wave
}

func newAcmeSim(w *sim.World) sim.Cloud {
	c := &acmeSim{world: w, machines: map[string][]*acmeMachine{}, limiter: sim.Limiter{N: 20, Per: time.Second}}
	r := w.Rand("acme")
	for i := range w.Count("acme", 1, 0) {
		m := &acmeMachine{
			ID: fmt.Sprintf("m-%08x", r.Uint32()), Name: "näme " + strconv.Itoa(i), State: []string{"up", "up", "down", "boot"}[r.IntN(4)],
			Created: sim.Epoch.Add(-time.Duration(r.IntN(1e6)) * time.Second), Env: map[string]string{"TOKEN": marker},
			cpu: sim.Percent(r),
		}
		switch i % 4 {
		case 3:
			m.State = ""
			c.disks = append(c.disks, m)
			continue
		case 1:
			price := 0.5 + r.Float64()
			m.GPU, m.GPUs, m.Price, m.Labels = "H100", 1+r.IntN(8), &price, map[string]string{"team": "a"}
		}
		region := []string{"eu-1", "us-1"}[r.IntN(2)]
		c.machines[region] = append(c.machines[region], m)
	}
	return c
}

// newStubbornAcmeSim does not care for the seed.
func newStubbornAcmeSim(w *sim.World) sim.Cloud {
	return newAcmeSim(sim.NewWorld(sim.Options{Now: w.Now, Counts: map[string]int{"acme": w.Count("acme", 1, 0)}}))
}

func newChaoticAcmeSim(w *sim.World) sim.Cloud {
	c := newAcmeSim(w).(*acmeSim)
	c.chaos = rand.New(rand.NewPCG(rand.Uint64(), 1))
	return c
}

func (c *acmeSim) Name() string    { return "acme" }
func (c *acmeSim) Hosts() []string { return []string{acmeAPI, acmeMeter} }

func (c *acmeSim) Credentials() sim.Credentials {
	return sim.Credentials{
		Env: map[string]string{"ACME_KEY": acmeKey}, Values: map[string]string{"key": acmeKey},
		Files: map[string]string{".acme/key": "key = " + acmeKey + "\n"},
	}
}

func (c *acmeSim) Fail(w http.ResponseWriter, _ *http.Request, status int) {
	c.fail(w, status, http.StatusText(status))
}

func (c *acmeSim) fail(w http.ResponseWriter, status int, why string) {
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]string{"error": why, "api_key": marker})
}

func (c *acmeSim) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	date, _ := http.ParseTime(r.Header.Get("X-Date"))
	if r.Header.Get("Authorization") != "Bearer "+acmeKey {
		c.fail(w, 401, "bad key "+strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer "))
		return
	}
	if c.world.Now().Sub(date).Abs() > 5*time.Minute {
		c.fail(w, 401, "clock")
		return
	}
	if wait, ok := c.limiter.Allow("", c.world.Now()); !ok {
		w.Header().Set("Retry-After", strconv.Itoa(1+int(wait/time.Second)))
		c.fail(w, 429, "slow down")
		return
	}
	region := r.URL.Query().Get("region")
	switch r.Method + " " + r.URL.Path {
	case "GET /v1/me":
		c.send(w, map[string]any{"account": "acme-1", "balance": 12.5})
	case "GET /v1/machines":
		if c.world.Incidents() && region == "us-1" {
			c.fail(w, 403, "no")
			return
		}
		c.page(w, r, c.machines[region])
	case "GET /v1/disks":
		c.page(w, r, c.disks)
	case "GET /v1/offers":
		c.send(w, []map[string]any{{"id": "o1", "gpu": "H100", "price": 2.5}, {"id": "o2", "gpu": "A100"}})
	case "POST /v1/query":
		c.query(w, r)
	default:
		c.fail(w, 404, "no such thing")
	}
}

func (c *acmeSim) send(w http.ResponseWriter, v any) {
	_ = json.NewEncoder(w).Encode(v)
	if c.chaos != nil {
		_, _ = fmt.Fprintf(w, "%*s", 1+c.chaos.IntN(1000), "")
	}
}

// page answers ten of all, and a token for the rest.
func (c *acmeSim) page(w http.ResponseWriter, r *http.Request, all []*acmeMachine) {
	from, _ := strconv.Atoi(strings.TrimPrefix(r.URL.Query().Get("cursor"), "token-"))
	to := min(from+10, len(all))
	answer := map[string]any{"items": append([]*acmeMachine{}, all[from:to]...)}
	if to < len(all) {
		answer["next"] = fmt.Sprintf("token-%d", to)
	}
	c.send(w, answer)
}

// query answers readings; what is down has none.
func (c *acmeSim) query(w http.ResponseWriter, r *http.Request) {
	var q struct{ IDs []string }
	if err := json.NewDecoder(r.Body).Decode(&q); err != nil || len(q.IDs) > 20 {
		c.fail(w, 400, "bad query")
		return
	}
	values := map[string]float64{}
	for _, id := range q.IDs {
		for _, ms := range c.machines {
			for _, m := range ms {
				if m.ID == id && m.State == "up" {
					values[id] = m.cpu.At(c.world.Now()) / 100
				}
			}
		}
	}
	c.send(w, map[string]any{"cpu": values})
}

func (c *acmeSim) Truth() sim.Truth {
	t := sim.Truth{Accounts: []string{"acme-1"}, Offers: 2, Balance: map[string]float64{"acme-1": 12.5}}
	for region, ms := range c.machines {
		if c.world.Incidents() && region == "us-1" {
			continue
		}
		for _, m := range ms {
			r := m.truth("machines", region)
			r.Status = map[string]string{"up": "running", "down": "stopped", "boot": "starting"}[m.State]
			if m.State == "up" {
				r.Metrics = map[string]float64{"cpu_usage_percent": m.cpu.At(c.world.Now())}
			}
			t.Resources = append(t.Resources, r)
		}
	}
	if c.world.Incidents() {
		t.Denied = []string{"us-1//machines"}
	}
	for _, m := range c.disks {
		r := m.truth("disks", "")
		r.Status = "unknown"
		t.Resources = append(t.Resources, r)
	}
	return t
}

func (m *acmeMachine) truth(service, region string) sim.Resource {
	return sim.Resource{
		Account: "acme-1", Region: region, Service: service, Type: strings.TrimSuffix(service, "s"), ID: m.ID, Name: m.Name,
		NativeStatus: m.State, CreatedAt: m.Created, Tags: m.Labels, GPUType: m.GPU, GPUCount: float64(m.GPUs), HourlyCost: m.Price,
	}
}
