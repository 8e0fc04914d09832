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
)

// offer is an element of POST /api/v0/bundles/ (search_offers.yaml).
type offer struct {
	ID                number `json:"id"`
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
	StartDate         number `json:"start_date"`
	EndDate           number `json:"end_date"`
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
	tier   string
	offers []cloud.Offer
	full   bool // there may be more than were asked for
	err    error
}

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
			all = append(all, r.offers...)
			if r.err != nil {
				errs = append(errs, r.err)
			} else if r.full && q.Limit == 0 {
				errs = append(errs, cloud.Partial(name+": search offers", fmt.Sprintf(
					"only the %d cheapest %s offers are listed: narrow the search to see others", mostOffers, r.tier)))
			}
		}
		slices.SortStableFunc(all, byPrice)
		if q.Limit > 0 {
			all = all[:min(q.Limit, len(all))]
		}
		for _, o := range all {
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

// byPrice puts the cheapest first and what has no price last.
func byPrice(a, b cloud.Offer) int {
	switch {
	case a.PricePerHour == nil || b.PricePerHour == nil:
		return cmp.Compare(count(a.PricePerHour == nil), count(b.PricePerHour == nil))
	default:
		return cmp.Compare(*a.PricePerHour, *b.PricePerHour)
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
	const op = "search offers"
	limit := mostOffers
	if q.Limit > 0 && q.GPUType == "" && (q.Region == "" || isCountry(q.Region)) {
		limit = min(q.Limit, mostOffers) // nothing is left for us to look for
	}
	var list struct {
		outcome
		Offers *[]offer `json:"offers"`
	}
	_, err := d.api.Do(ctx, httpx.Call{Op: op, Path: offersPath, Body: f.body(tier, limit)}, httpx.Into(&list))
	if err == nil {
		err = list.complete(op, list.Offers != nil)
	}
	if err != nil {
		return found{tier: tier, err: err}
	}
	out := found{tier: tier, full: len(*list.Offers) >= limit}
	now := d.now()
	for i := range *list.Offers {
		if o := (*list.Offers)[i].offer(tier == bid, now); wanted(q, &o) {
			out.offers = append(out.offers, o)
		}
	}
	return out
}

// offer maps an offer as it stands at now.
func (o *offer) offer(isBid bool, now time.Time) cloud.Offer {
	gpus, _ := o.NumGPUs.reading()
	vcpus, _ := o.CPUCoresEffective.reading()
	disk, _ := o.DiskSpace.reading()
	out := cloud.Offer{
		Provider: name, ID: o.ID.id(), GPUType: string(o.GPUName), GPUCount: gpus, GPUMemoryGB: gigabytes(o.GPURAM),
		VCPUs: vcpus, MemoryGB: o.memoryGB(), DiskGB: disk, Region: string(o.Geolocation), Currency: "USD",
		PricePerHour: o.price(isBid), Available: !o.Rented.value && (o.Rentable.value || !o.Rentable.known),
		Tier: onDemand, Interruptible: isBid, Reliability: optional(o.Reliability2), QuotedAt: now, Attrs: o.attrs(),
	}
	if isBid {
		out.Tier = interrupted
	}
	if out.Reliability == nil {
		out.Reliability = optional(o.Reliability)
	}
	return out
}

// price is what the offer costs per hour, nil if unknown: dph_total, and of a bid the least bid with the disk. (In the
// published example that is dph_total; whether it always is in searches for bids is not said.)
func (o *offer) price(isBid bool) *float64 {
	least, ok := o.MinBid.reading()
	disk, known := o.StorageTotalCost.reading()
	if isBid && ok && known {
		return new(math.Round((least+disk)*1e6) / 1e6)
	}
	return optional(o.DPHTotal)
}

// memoryGB is the offer's part of the machine's memory: as that of the cores, or of the cards where the number of the
// machine's cores is not told.
func (o *offer) memoryGB() float64 {
	all := gigabytes(o.CPURAM)
	if cores := o.CPUCores.value; cores > 0 && o.CPUCoresEffective.known {
		return round1(all * min(o.CPUCoresEffective.value/cores, 1))
	}
	if o.GPUFrac.value > 0 {
		return round1(all * min(o.GPUFrac.value, 1))
	}
	return 0
}

func (o *offer) attrs() []cloud.Attr {
	a := make(attrs, 0, 40)
	a.text("verification", o.Verification)
	a.number("machine_id", o.MachineID)
	a.number("host_id", o.HostID)
	a.number("cluster_id", o.ClusterID)
	a.number("hosting_type", o.HostingType)
	a.flag("external", o.External)
	a.reading("base_usd_per_hour", o.DPHBase)
	a.reading("min_bid_usd_per_hour", o.MinBid)
	a.reading("discounted_usd_per_hour", o.DiscountedTotal)
	a.reading("storage_usd_per_hour", o.StorageTotalCost)
	a.reading("storage_usd_per_gb_month", o.StorageCost)
	a.reading("inet_up_usd_per_gb", o.InetUpCost)
	a.reading("inet_down_usd_per_gb", o.InetDownCost)
	a.reading("rentable_seconds", o.Duration)
	a.time("end_date", o.EndDate)
	o.hardware(&a)
	a.reading("inet_up_mbps", o.InetUp)
	a.reading("inet_down_mbps", o.InetDown)
	a.flag("static_ip", o.StaticIP)
	a.reading("direct_ports_count", o.Ports)
	a.flag("virtual_machines", o.VMs)
	return a
}

func (o *offer) hardware(a *attrs) {
	a.reading("gpu_share_of_machine", o.GPUFrac)
	a.gigabytes("gpu_total_memory_gb", o.GPUTotalRAM)
	a.text("gpu_arch", o.GPUArch)
	a.reading("gpu_memory_bandwidth_gb_per_second", o.GPUMemBW)
	a.reading("gpu_max_watts", o.GPUMaxPower)
	a.reading("gpu_max_celsius", o.GPUMaxTemp)
	a.reading("gpu_pcie_lanes", o.GPULanes)
	a.reading("nvlink_gb_per_second", o.BWNVLink)
	a.reading("compute_capability_x100", o.ComputeCap)
	a.reading("cuda_max", o.CUDAMaxGood)
	a.text("driver_version", o.Driver)
	a.reading("total_tflops", o.TotalFlops)
	a.reading("tflops_per_usd_hour", o.FlopsUSD)
	a.reading("dlperf", o.DLPerf)
	a.reading("dlperf_per_usd_hour", o.DLPerfUSD)
	a.number("score", o.Score)
	a.text("cpu", o.CPUName)
	a.text("cpu_arch", o.CPUArch)
	a.reading("cpu_ghz", o.CPUGHz)
	a.reading("machine_cpu_cores", o.CPUCores)
	a.gigabytes("machine_memory_gb", o.CPURAM)
	a.reading("pci_generation", o.PCIGen)
	a.reading("pcie_gb_per_second", o.PCIeBW)
	a.reading("disk_mb_per_second", o.DiskBW)
	a.text("disk", o.DiskName)
	a.text("os_version", o.OSVersion)
}
