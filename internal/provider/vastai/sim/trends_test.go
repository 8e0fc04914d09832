package vastaisim

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/adsops/cloudtop/internal/sim"
)

// trends asks for the history of the market and returns it by card.
func (k *clock) trends(query string) map[string]any {
	k.Helper()
	gpus, ok := k.get("/api/v0/metrics/gpu/history/?" + query)["gpus"].(map[string]any)
	if !ok {
		k.Fatalf("%s: there are no gpus", query)
	}
	return gpus
}

func TestTrendsAreOfTheAskedCards(t *testing.T) {
	t.Parallel()
	k := world(t, 0, sim.Options{Seed: 2})
	var known []string
	for _, c := range cards() {
		if g := k.cloud.gauge(&c, nil); g.Total > 0 {
			known = append(known, c.name)
		}
	}
	slices.Sort(known)
	for query, want := range map[string][]string{
		"gpu_name=all": known, "gpu_name=" + strings.ReplaceAll(known[0], " ", "_"): known[:1],
		"gpu_name=" + strings.ReplaceAll(known[0]+",+"+known[1], " ", "+"): known[:2], "gpu_name=Voodoo": {},
	} {
		if got := slices.Sorted(maps.Keys(k.trends(query))); !slices.Equal(got, want) {
			t.Errorf("%s: got %v, want %v", query, got, want)
		}
	}
	for name := range k.trends("") {
		if !slices.Contains([]string{"RTX 5090", "RTX 4090", "RTX 3090"}, name) {
			t.Errorf("without a name: got %s", name)
		}
	}
}

func TestTrendsHaveOneValueForEachTime(t *testing.T) {
	t.Parallel()
	end := sim.Epoch.Unix()
	for query, want := range map[string]int{
		"": 20, "step=3600": 24, fmt.Sprintf("start=%d&end=%d&step=60", end-600, end): 10, fmt.Sprintf("start=%d&step=7", end-21): 3,
		fmt.Sprintf("end=%d", end-86400): 20, fmt.Sprintf("start=%d&end=%d", end-5, end): 5,
	} {
		k := world(t, 0, sim.Options{Seed: 2})
		for name, v := range k.trends("gpu_name=all&verified=all&" + query) {
			parts := v.(map[string]any)
			for _, part := range []string{"supply_demand", "pricing"} {
				for column, values := range parts[part].(map[string]any) {
					if got := len(values.([]any)); got != want {
						t.Errorf("%s: %s %s has %d values, want %d", query, name, column, got, want)
					}
				}
			}
			counts := parts["supply_demand"].(map[string]any)
			for i := range counts["timestamps"].([]any) {
				at := func(column string) float64 { return counts[column].([]any)[i].(float64) }
				if sum := at("rented_verified") + at("avail_verified") + at("rented_unverified") + at("avail_unverified"); sum != at("total") {
					t.Errorf("%s: %s: %v machines of %v", query, name, sum, at("total"))
				}
			}
		}
	}
}

func TestBadTrendsAreRefused(t *testing.T) {
	t.Parallel()
	k := world(t, 0, sim.Options{})
	for _, query := range []string{
		"verified=maybe", "hosting_type=cellar", "start=x", "end=0", "step=-1", "step=0", "start=20&end=10", "start=10&end=10", "start=1&end=1000000&step=1",
	} {
		status, _, answer := k.call(http.MethodGet, "/api/v0/metrics/gpu/history/?"+query, "")
		if status != http.StatusBadRequest || answer["error"] != "invalid_args" {
			t.Errorf("%s: got %d %v, want 400", query, status, answer)
		}
	}
}
