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
	ID                word   `json:"id"`
	AskContractID     word   `json:"ask_contract_id"` // the same
	MachineID         number `json:"machine_id"`
	HostID            number `json:"host_id"`
	ClusterID         number `json:"cluster_id"`
	HostingType       number `json:"hosting_type"`
	Verification      word   `json:"verification"`
	External          flag   `json:"external"`
	Rentable          flag   `json:"rentable"`
	Rented            flag   `json:"rented"`
	Reliability       number `json:"reliability"`
	Reliability2      number `json:"reliability2"`
	Geolocation       word   `json:"geolocation"`
	StaticIP          flag   `json:"static_ip"`
	Ports             number `json:"direct_port_count"`
	StartDate         moment `json:"start_date"`
	EndDate           moment `json:"end_date"`
	Duration          number `json:"duration"` // seconds that it can be rented for
	GPUName           word   `json:"gpu_name"`
	GPUArch           word   `json:"gpu_arch"`
	NumGPUs           number `json:"num_gpus"`
	GPUFrac           number `json:"gpu_frac"` // of the machine's cards
	GPURAM            number `json:"gpu_ram"`  // MB per card
	GPUTotalRAM       number `json:"gpu_total_ram"`
	GPUMemBW          number `json:"gpu_mem_bw"` // GB/s
	GPUMaxPower       number `json:"gpu_max_power"`
	GPUMaxTemp        number `json:"gpu_max_temp"`
	GPULanes          number `json:"gpu_lanes"`
	BWNVLink          number `json:"bw_nvlink"`
	ComputeCap        number `json:"compute_cap"` // times 100
	CUDAMaxGood       number `json:"cuda_max_good"`
	Driver            word   `json:"driver_version"`
	DLPerf            number `json:"dlperf"`
	DLPerfUSD         number `json:"dlperf_per_dphtotal"`
	TotalFlops        number `json:"total_flops"`
	FlopsUSD          number `json:"flops_per_dphtotal"`
	Score             number `json:"score"`
	CPUName           word   `json:"cpu_name"`
	CPUArch           word   `json:"cpu_arch"`
	CPUCores          number `json:"cpu_cores"` // of the machine; null at times
	CPUCoresEffective number `json:"cpu_cores_effective"`
	CPUGHz            number `json:"cpu_ghz"`
	CPURAM            number `json:"cpu_ram"` // MB of the machine
	PCIGen            number `json:"pci_gen"`
	PCIeBW            number `json:"pcie_bw"`
	DiskSpace         number `json:"disk_space"` // GB
	DiskBW            number `json:"disk_bw"`    // MB/s
	DiskName          word   `json:"disk_name"`
	OSVersion         word   `json:"os_version"`
	VMs               flag   `json:"vms_enabled"`
	InetUp            number `json:"inet_up"` // Mbps
	InetDown          number `json:"inet_down"`
	InetUpCost        number `json:"inet_up_cost"` // USD per GB
	InetDownCost      number `json:"inet_down_cost"`
	DPHBase           number `json:"dph_base"`  // USD per hour
	DPHTotal          number `json:"dph_total"` // with allocated_storage of disk; of a bid with the least bid
	MinBid            number `json:"min_bid"`
	DiscountedTotal   number `json:"discounted_dph_total"`
	StorageCost       number `json:"storage_cost"`       // USD per GB and month
	StorageTotalCost  number `json:"storage_total_cost"` // USD per hour
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
	a.Add("verification", o.Verification)
	a.Add("machine_id", o.MachineID)
	a.Add("host_id", o.HostID)
	a.Add("cluster_id", o.ClusterID)
	a.Add("hosting_type", o.HostingType)
	a.Add("external", o.External)
	a.Reading("base_usd_per_hour", o.DPHBase)
	a.Reading("min_bid_usd_per_hour", o.MinBid)
	a.Reading("discounted_usd_per_hour", o.DiscountedTotal)
	a.Reading("storage_usd_per_hour", o.StorageTotalCost)
	a.Reading("storage_usd_per_gb_month", o.StorageCost)
	a.Reading("inet_up_usd_per_gb", o.InetUpCost)
	a.Reading("inet_down_usd_per_gb", o.InetDownCost)
	a.Reading("rentable_seconds", o.Duration)
	a.Add("end_date", o.EndDate.Time)
	o.hardware(&a)
	a.Reading("inet_up_mbps", o.InetUp)
	a.Reading("inet_down_mbps", o.InetDown)
	a.Add("static_ip", o.StaticIP)
	a.Reading("direct_ports_count", o.Ports)
	a.Add("virtual_machines", o.VMs)
	return a
}

func (o *offer) hardware(a *provider.Attrs) {
	a.Reading("gpu_share_of_machine", o.GPUFrac)
	a.Add("gpu_total_memory_gb", gigabytes(o.GPUTotalRAM))
	a.Add("gpu_arch", o.GPUArch)
	a.Reading("gpu_memory_bandwidth_gb_per_second", o.GPUMemBW)
	a.Reading("gpu_max_watts", o.GPUMaxPower)
	a.Reading("gpu_max_celsius", o.GPUMaxTemp)
	a.Reading("gpu_pcie_lanes", o.GPULanes)
	a.Reading("nvlink_gb_per_second", o.BWNVLink)
	a.Reading("compute_capability_x100", o.ComputeCap)
	a.Reading("cuda_max", o.CUDAMaxGood)
	a.Add("driver_version", o.Driver)
	a.Reading("total_tflops", o.TotalFlops)
	a.Reading("tflops_per_usd_hour", o.FlopsUSD)
	a.Reading("dlperf", o.DLPerf)
	a.Reading("dlperf_per_usd_hour", o.DLPerfUSD)
	a.Add("score", o.Score)
	a.Add("cpu", o.CPUName)
	a.Add("cpu_arch", o.CPUArch)
	a.Reading("cpu_ghz", o.CPUGHz)
	a.Reading("machine_cpu_cores", o.CPUCores)
	a.Add("machine_memory_gb", gigabytes(o.CPURAM))
	a.Reading("pci_generation", o.PCIGen)
	a.Reading("pcie_gb_per_second", o.PCIeBW)
	a.Reading("disk_mb_per_second", o.DiskBW)
	a.Add("disk", o.DiskName)
	a.Add("os_version", o.OSVersion)
}
