package cli

import (
	"fmt"
	"net/http"
	"os"
	"strconv"
	"time"

	"github.com/adsops/cloudtop/internal/provider"
	"github.com/adsops/cloudtop/internal/provider/all"
	"github.com/adsops/cloudtop/internal/sim"
)

// simOptions reads the world's make-up: flags win over CLOUDTOP_DEMO_* of the environment.
type simOptions struct {
	resources int
	seed      uint64
	latency   time.Duration
	faults    string // a fault script's file
	incidents bool
}

// demoWanted reports whether the environment asks for the simulator.
func (a *app) demoWanted() (bool, error) {
	v := a.source.Getenv("CLOUDTOP_DEMO")
	if v == "" {
		return false, nil
	}
	on, err := strconv.ParseBool(v)
	if err != nil {
		return false, usagef("CLOUDTOP_DEMO=%q: expected 1 or 0", v)
	}
	return on, nil
}

func (a *app) simDefaults() (simOptions, error) {
	o := simOptions{resources: 50, seed: 1, faults: a.source.Getenv("CLOUDTOP_DEMO_FAULTS")}
	var err error
	if v := a.source.Getenv("CLOUDTOP_DEMO_RESOURCES"); v != "" {
		if o.resources, err = strconv.Atoi(v); err != nil || o.resources < 0 {
			return o, usagef("CLOUDTOP_DEMO_RESOURCES=%q: expected a number of resources, like 1000", v)
		}
	}
	if v := a.source.Getenv("CLOUDTOP_DEMO_SEED"); v != "" {
		if o.seed, err = strconv.ParseUint(v, 10, 64); err != nil {
			return o, usagef("CLOUDTOP_DEMO_SEED=%q: expected a whole number", v)
		}
	}
	if v := a.source.Getenv("CLOUDTOP_DEMO_LATENCY"); v != "" {
		if o.latency, err = time.ParseDuration(v); err != nil || o.latency < 0 {
			return o, usagef("CLOUDTOP_DEMO_LATENCY=%q: expected a duration, like 100ms", v)
		}
	}
	if v := a.source.Getenv("CLOUDTOP_DEMO_INCIDENTS"); v != "" {
		if o.incidents, err = strconv.ParseBool(v); err != nil {
			return o, usagef("CLOUDTOP_DEMO_INCIDENTS=%q: expected 1 or 0", v)
		}
	}
	return o, nil
}

// universe makes the simulated clouds. A nil clock starts at sim.Epoch.
func (o simOptions) universe(now func() time.Time) (*sim.Universe, error) {
	world := sim.Options{Seed: o.seed, Resources: o.resources, Latency: o.latency, Now: now, Incidents: o.incidents}
	if o.resources == 0 {
		world.Counts = map[string]int{}
		for _, name := range all.Specs().Names() {
			world.Counts[name] = 0
		}
	}
	if o.faults != "" {
		f, err := os.Open(o.faults)
		if err != nil {
			return nil, usagef("fault script: %v", err)
		}
		defer func() { _ = f.Close() }()
		if world.Faults, err = sim.ReadFaults(f); err != nil {
			return nil, usagef("%s: %v", o.faults, err)
		}
	}
	w := sim.NewWorld(world)
	return sim.NewUniverse(w, all.Clouds(w)...), nil
}

// simulated gives a provider's configuration the simulator's credential, clock and transport.
func simulated(c *provider.ProviderConfig, spec *provider.Spec, u *sim.Universe, base http.RoundTripper) error {
	cloud := u.Cloud(spec.Name)
	if cloud == nil {
		return fmt.Errorf("%s has no simulator", spec.Name)
	}
	values := cloud.Credentials().Values
	for _, m := range spec.Auth {
		if covers(values, m) {
			c.Credential = provider.Credential{Method: m.Name, Source: "the simulator", Values: values}
			c.Transport, c.Now = base, u.World().Now
			return nil
		}
	}
	return fmt.Errorf("%s: the simulator's credential fits no method of authentication", spec.Name)
}

// covers reports whether values has every field that m needs.
func covers(values map[string]string, m provider.AuthMethod) bool {
	if m.Ambient || len(m.Fields) == 0 {
		return false
	}
	for _, f := range m.Fields {
		if !f.Optional && values[f.Name] == "" {
			return false
		}
	}
	return true
}
