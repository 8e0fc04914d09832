package vastai

import (
	"context"
	"iter"
	"net/url"

	"github.com/adsops/cloudtop/internal/cloud"
)

// gpuMarket is an element of GET /api/v0/metrics/gpu/current/ (metrics_gpu.yaml). Prices are USD per card and hour.
type gpuMarket struct {
	GPUName   word   `json:"gpu_name"`
	Total     number `json:"total"`
	Available number `json:"available"`
	Usage     number `json:"usage"` // percent
	P10       number `json:"price_p10"`
	P25       number `json:"price_p25"`
	Median    number `json:"price_median"`
	P75       number `json:"price_p75"`
	P90       number `json:"price_p90"`
}

// Markets implements provider.MarketReader: every kind of card in one call, of verified and unverified machines. The
// API tells it to hosts (and their staff) alone; all others are told that they need a machine.
func (d *driver) Markets(ctx context.Context) iter.Seq2[cloud.Market, error] {
	const op = "read market"
	return func(yield func(cloud.Market, error) bool) {
		var snapshot struct {
			outcome
			GPUs         *[]gpuMarket `json:"gpus"`
			NeedsMachine flag         `json:"needs_machine"`
		}
		_, err := d.api.Get(ctx, op, marketPath, url.Values{"verified": {"all"}, "hosting_type": {"all"}}, &snapshot)
		switch {
		case err != nil:
		case snapshot.NeedsMachine.value:
			err = &cloud.Error{
				Kind: cloud.KindUnsupported, Op: name + ": " + op,
				Detail: "the state of the market is shown only to accounts that host a machine",
				Hint:   "ask for offers instead: they are for everybody",
			}
		default:
			err = snapshot.complete(op, snapshot.GPUs != nil)
		}
		if err != nil {
			yield(cloud.Market{}, err)
			return
		}
		for i := range *snapshot.GPUs {
			if !yield(d.market(&(*snapshot.GPUs)[i]), nil) {
				return
			}
		}
	}
}

func (d *driver) market(g *gpuMarket) cloud.Market {
	return cloud.Market{
		Provider: name, GPUType: string(g.GPUName), Total: int(g.Total.value), Available: int(g.Available.value),
		UsagePercent: optional(g.Usage), P10: optional(g.P10), P25: optional(g.P25), Median: optional(g.Median),
		P75: optional(g.P75), P90: optional(g.P90), Currency: "USD", QuotedAt: d.now(),
	}
}

// optional returns a number that is not negative, nil for any other.
func optional(n number) *float64 {
	if v, ok := n.reading(); ok {
		return new(v)
	}
	return nil
}
