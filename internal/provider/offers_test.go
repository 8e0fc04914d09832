package provider_test

import (
	"strings"
	"testing"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/provider"
)

func TestTheCheapestOffersComeFirst(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		limit int
		want  string
	}{{0, "c b d e a f"}, {1, "c"}, {3, "c b d"}, {6, "c b d e a f"}, {99, "c b d e a f"}} {
		offers := []cloud.Offer{
			{ID: "a"}, {ID: "b", PricePerHour: new(1.0)}, {ID: "c", PricePerHour: new(0.0)}, {ID: "d", PricePerHour: new(1.0)},
			{ID: "e", PricePerHour: new(2.5)}, {ID: "f"},
		}
		var got []string
		for _, o := range provider.Cheapest(offers, c.limit) {
			got = append(got, o.ID)
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("limit %d: got %v, want %s", c.limit, got, c.want)
		}
	}
	if got := provider.Cheapest(nil, 5); len(got) != 0 {
		t.Errorf("got %v of no offers", got)
	}
}
