package cloudflare_test

import (
	"testing"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/provider"
	"github.com/adsops/cloudtop/internal/provider/cloudflare"
	cloudflaresim "github.com/adsops/cloudtop/internal/provider/cloudflare/sim"
	"github.com/adsops/cloudtop/internal/sim"
)

// BenchmarkTenThousand lists and measures 10,000 resources, the simulator's work included.
func BenchmarkTenThousand(b *testing.B) {
	w := sim.NewWorld(sim.Options{Counts: map[string]int{"cloudflare": 10_000}})
	c := config(sim.NewUniverse(w, cloudflaresim.New(w)).Transport())
	c.Now = w.Now
	for b.Loop() {
		conn := provider.NewConn(cloudflare.Spec())
		if err := conn.Initialize(b.Context(), c); err != nil {
			b.Fatal(err)
		}
		found, err := conn.ListResources(b.Context(), nil)
		if err != nil || len(found) != 10_000 {
			b.Fatal(len(found), err)
		}
		req := &provider.MetricsRequest{Resources: found, Window: cloud.Window{From: w.Now().Add(-20 * time.Minute), To: w.Now()}}
		if _, err := conn.GetMetrics(b.Context(), req); err != nil {
			b.Fatal(err)
		}
	}
}
