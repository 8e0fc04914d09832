package oracle_test

import (
	"testing"

	"github.com/adsops/cloudtop/internal/provider"
	"github.com/adsops/cloudtop/internal/provider/oracle"
	oraclesim "github.com/adsops/cloudtop/internal/provider/oracle/sim"
	"github.com/adsops/cloudtop/internal/sim"
)

// BenchmarkListInstances lists about 1,000 instances, simulator and signatures included.
func BenchmarkListInstances(b *testing.B) {
	w := sim.NewWorld(sim.Options{Seed: 1, Counts: map[string]int{"oracle": 1200}})
	c := oraclesim.New(w)
	conn := provider.NewConn(oracle.Spec())
	err := conn.Initialize(b.Context(), &provider.ProviderConfig{
		Credential: provider.Credential{Method: "service_account", Source: "bench", Values: c.Credentials().Values},
		Transport:  sim.NewUniverse(w, c).Transport(), Now: w.Now,
		RateLimit: &provider.RateLimit{PerSecond: 1e6, Burst: 1e6},
	})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		all, err := conn.ListResources(b.Context(), &provider.ResourceFilter{Services: []string{"compute"}})
		if err != nil || len(all) < 900 {
			b.Fatalf("%d resources, %v", len(all), err)
		}
	}
}
