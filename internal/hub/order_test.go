package hub_test

import (
	"reflect"
	"testing"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/hub"
)

// Answers arrive in any order; what is shown must not depend on it.
func TestSnapshotIsTheSameInWhateverOrderAnswersCome(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 20, 12, 0, 0, 0, time.UTC)
	key := func(region string, c hub.Capability) hub.Unit {
		return hub.Unit{Key: hub.Key{Provider: "x", Account: "a", Region: region, Capability: c}, State: hub.OK}
	}
	reading := func(v float64) map[string][]cloud.Metric {
		return map[string][]cloud.Metric{"1": {{Name: "m", Value: v}}}
	}
	east, west := key("", hub.Metrics), key("", hub.Metrics)
	east.Compartment, west.Compartment = "east", "west"
	events := []hub.Event{
		hub.Finished{Unit: key("", hub.Resources), Resources: []*cloud.Resource{{ID: "1"}}},
		hub.Finished{Unit: east, Samples: reading(1)},
		hub.Finished{Unit: west, Samples: reading(2)},
		hub.Finished{
			Unit:    key("", hub.Offers),
			Offers:  []cloud.Offer{{ID: "2", GPUType: "B"}, {ID: "1", GPUType: "B"}, {ID: "3", GPUType: "A"}},
			Markets: []cloud.Market{{GPUType: "B"}, {GPUType: "A"}},
			Costs:   []cloud.Cost{{Kind: cloud.CostSpend, From: now}, {Kind: cloud.CostSpend}, {Kind: cloud.CostBalance}},
		},
	}
	forward, backward := hub.NewFold(false), hub.NewFold(false)
	for i := range events {
		forward.Apply(events[i])
		backward.Apply(events[len(events)-1-i])
	}
	got, want := backward.Snapshot(now), forward.Snapshot(now)
	if !reflect.DeepEqual(got, want) {
		t.Errorf("backward %+v, forward %+v", got.Providers, want.Providers)
	}
	p := got.Providers[0]
	var ids string
	for _, o := range p.Offers {
		ids += o.ID
	}
	if ids != "312" || p.Markets[0].GPUType != "A" || p.Costs[0].Kind != cloud.CostBalance || !p.Costs[1].From.IsZero() {
		t.Errorf("offers %s, markets %+v, costs %+v; want all sorted", ids, p.Markets, p.Costs)
	}
}
