package vastai

import (
	"context"
	"iter"
	"net/url"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/provider"
	"github.com/adsops/cloudtop/pkg/loose"
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
			GPUs         loose.List[gpuMarket] `json:"gpus"`
			NeedsMachine flag                  `json:"needs_machine"`
		}
		_, err := d.api.Get(ctx, op, marketPath, url.Values{"verified": {"all"}, "hosting_type": {"all"}}, &snapshot)
		switch {
		case err != nil:
		case snapshot.NeedsMachine.Value:
			err = &cloud.Error{
				Kind: cloud.KindUnsupported, Op: name + ": " + op,
				Detail: "the state of the market is shown only to accounts that host a machine",
				Hint:   "ask for offers instead: they are for everybody",
			}
		default:
			err = snapshot.complete(op, snapshot.GPUs.Told)
		}
		if err != nil {
			yield(cloud.Market{}, err)
			return
		}
		provider.Elements(name+": "+op, &snapshot.GPUs, func(g *gpuMarket) (cloud.Market, bool) {
			return d.market(g), g.GPUName != ""
		}, yield)
	}
}

func (d *driver) market(g *gpuMarket) cloud.Market {
	return cloud.Market{
		Provider: name, GPUType: string(g.GPUName), Total: int(g.Total.Value), Available: int(g.Available.Value),
		UsagePercent: g.Usage.Optional(), P10: g.P10.Optional(), P25: g.P25.Optional(), Median: g.Median.Optional(),
		P75: g.P75.Optional(), P90: g.P90.Optional(), Currency: "USD", QuotedAt: d.now(),
	}
}
