package vastai

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"math"
	"slices"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/httpx"
	"github.com/adsops/cloudtop/internal/provider"
	"github.com/adsops/cloudtop/pkg/loose"
)

// offer is an element of POST /api/v0/bundles/ (search_offers.yaml).
type offer struct {
	share
	ID              word   `json:"id"`
	AskContractID   word   `json:"ask_contract_id"` // the same
	ClusterID       number `json:"cluster_id"`
	Rented          flag   `json:"rented"`
	Reliability     number `json:"reliability"`
	Duration        number `json:"duration"` // seconds that it can be rented for
	GPUTotalRAM     number `json:"gpu_total_ram"`
	GPUMaxPower     number `json:"gpu_max_power"`
	GPUMaxTemp      number `json:"gpu_max_temp"`
	ComputeCap      number `json:"compute_cap"` // times 100
	CPUGHz          number `json:"cpu_ghz"`
	VMs             flag   `json:"vms_enabled"`
	DiscountedTotal number `json:"discounted_dph_total"`
}

// found is the answer for one kind of offer.
type found struct {
	offers []cloud.Offer
	errs   []error
}

// searchOp names the search in errors.
const searchOp = "search offers"

// Offers implements provider.GPUMarket: on-demand and interruptible offers, one call for each, the cheapest first.
func (d *driver) Offers(ctx context.Context, q cloud.OfferQuery) iter.Seq2[cloud.Offer, error] {
	return func(yield func(cloud.Offer, error) bool) {
		f, err := conditions(q)
		if err != nil {
			yield(cloud.Offer{}, err)
			return
		}
		var all []cloud.Offer
		var errs []error
		search := func(ctx context.Context, tier string) found { return d.search(ctx, &q, f, tier) }
		for r := range provider.Fan(ctx, 2, tiers(q.Interruptible), search) {
			all, errs = append(all, r.offers...), append(errs, r.errs...)
		}
		for _, o := range provider.Cheapest(all, q.Limit) {
			if !yield(o, nil) {
				return
			}
		}
		slices.SortStableFunc(errs, partialFirst)
		for _, err := range errs {
			if !yield(cloud.Offer{}, err) || cloud.KindOf(err) != cloud.KindPartial {
				return
			}
		}
	}
}

// partialFirst puts partial errors first: any other ends the sequence.
func partialFirst(a, b error) int {
	return cmp.Compare(count(cloud.KindOf(a) != cloud.KindPartial), count(cloud.KindOf(b) != cloud.KindPartial))
}

func count(yes bool) int {
	if yes {
		return 1
	}
	return 0
}

// search asks for one kind of offer.
func (d *driver) search(ctx context.Context, q *cloud.OfferQuery, f filters, tier string) found {
	limit := mostOffers
	if q.Limit > 0 && q.GPUType == "" && (q.Region == "" || isCountry(q.Region)) {
		limit = min(q.Limit, mostOffers) // nothing is left for us to look for
	}
	var list struct {
		outcome
		Offers loose.List[offer] `json:"offers"`
	}
	_, err := d.api.Do(ctx, httpx.Call{Op: searchOp, Path: offersPath, Body: f.body(tier, limit)}, httpx.Into(&list))
	if err == nil {
		err = list.complete(searchOp, list.Offers.Told)
	}
	if err != nil {
		return found{errs: []error{err}}
	}
	var out found
	now := d.now()
	provider.Elements(name+": "+searchOp, &list.Offers, func(o *offer) (cloud.Offer, bool) {
		return o.offer(tier == bid, now), o.GPUName != ""
	}, func(o cloud.Offer, err error) bool {
		switch {
		case err != nil:
			out.errs = append(out.errs, err)
		case wanted(q, &o):
			out.offers = append(out.offers, o)
		}
		return true
	})
	if len(list.Offers.All) >= mostOffers && (q.Limit == 0 || len(out.offers) < q.Limit) {
		out.errs = append(out.errs, cloud.Partial(name+": "+searchOp, fmt.Sprintf(
			"only the %d cheapest %s offers were looked at: narrow the search to see others", mostOffers, tier)))
	}
	return out
}

// offer maps an offer as it stands at now.
func (o *offer) offer(isBid bool, now time.Time) cloud.Offer {
	gpus, _ := o.NumGPUs.Reading()
	vcpus, _ := o.CPUCoresEffective.Reading()
	disk, _ := o.DiskSpace.Reading()
	out := cloud.Offer{
		Provider: name, ID: string(cmp.Or(o.ID, o.AskContractID)), GPUType: string(o.GPUName), GPUCount: gpus, GPUMemoryGB: gigabytes(o.GPURAM).Value,
		VCPUs: vcpus, MemoryGB: o.memoryGB(), DiskGB: disk, Region: string(o.Geolocation), Currency: "USD",
		PricePerHour: o.price(isBid), Available: !o.Rented.Value && (o.Rentable.Value || !o.Rentable.Known),
		Tier: onDemand, Interruptible: isBid, Reliability: o.Reliability2.Optional(), QuotedAt: now, Attrs: o.attrs(),
	}
	if isBid {
		out.Tier = interrupted
	}
	if out.Reliability == nil {
		out.Reliability = o.Reliability.Optional()
	}
	return out
}

// price is what the offer costs per hour, nil if unknown: dph_total, and of a bid the least bid with the disk. (In the
// published example that is dph_total; whether it always is in searches for bids is not said.)
func (o *offer) price(isBid bool) *float64 {
	least, ok := o.MinBid.Reading()
	disk, known := o.StorageTotalCost.Reading()
	if isBid && ok && known {
		return new(math.Round((least+disk)*1e6) / 1e6)
	}
	return o.DPHTotal.Optional()
}

// memoryGB is the offer's part of the machine's memory: as that of the cores, or of the cards where the number of the
// machine's cores is not told.
func (o *offer) memoryGB() float64 {
	all := gigabytes(o.CPURAM).Value
	if cores := o.CPUCores.Value; cores > 0 && o.CPUCoresEffective.Known {
		return round1(all * min(o.CPUCoresEffective.Value/cores, 1))
	}
	if o.GPUFrac.Value > 0 {
		return round1(all * min(o.GPUFrac.Value, 1))
	}
	return 0
}

func (o *offer) attrs() []cloud.Attr {
	a := make(provider.Attrs, 0, 40)
	o.place(&a)
	a.Add("cluster_id", o.ClusterID)
	o.prices(&a)
	a.Reading("discounted_usd_per_hour", o.DiscountedTotal)
	a.Reading("rentable_seconds", o.Duration)
	o.hardware(&a)
	a.Add("gpu_total_memory_gb", gigabytes(o.GPUTotalRAM))
	a.Reading("gpu_max_watts", o.GPUMaxPower)
	a.Reading("gpu_max_celsius", o.GPUMaxTemp)
	a.Reading("compute_capability_x100", o.ComputeCap)
	a.Reading("cpu_ghz", o.CPUGHz)
	o.network(&a)
	a.Add("virtual_machines", o.VMs)
	return a
}
