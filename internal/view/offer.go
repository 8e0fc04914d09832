package view

import (
	"slices"

	"github.com/adsops/cloudtop/internal/cloud"
)

// offerColumns returns the columns of GPUs for rent, in the order in which they are shown.
func offerColumns() []Column {
	return slices.Concat(offerPlaceColumns(), offerMachineColumns(), offerPriceColumns(), offerTermColumns())
}

func ofOffer(f func(*cloud.Offer) string) func(*Row) Cell {
	return func(r *Row) Cell { return text(f(r.Offer)) }
}

func offerPlaceColumns() []Column {
	return []Column{
		{Name: "provider", Title: "PROVIDER", Weight: 85, value: ofOffer(func(o *cloud.Offer) string { return o.Provider })},
		accountColumn(Column{Weight: 15, Set: ByName}, func(r *Row) string { return r.Offer.Account }),
		{
			Name: "id", Title: "ID", Weight: 20, Free: true, Middle: true, Set: Wide, Aliases: []string{"name"},
			value: ofOffer(func(o *cloud.Offer) string { return o.ID }),
		},
	}
}

func offerMachineColumns() []Column {
	figure := func(f func(*cloud.Offer) float64, unit Unit) func(*Row) Cell {
		return func(r *Row) Cell { return known(f(r.Offer), unit) }
	}
	return []Column{
		{
			Name: "gpu", Title: "GPU", Weight: 100, Free: true,
			value: func(r *Row) Cell { return cards(r.Offer.GPUType, r.Offer.GPUCount) },
		},
		{
			Name: "gpu_type", Title: "GPU TYPE", Set: ByName, Free: true, Aliases: []string{"gpu.type"},
			value: ofOffer(func(o *cloud.Offer) string { return o.GPUType }),
		},
		{
			Name: "gpu_count", Title: "GPUS", Set: ByName, Right: true, Aliases: []string{"gpu.count", "gpus"},
			value: figure(func(o *cloud.Offer) float64 { return o.GPUCount }, NoUnit),
		},
		{
			Name: "gpu_memory", Title: "VRAM", Weight: 70, Right: true, Unit: Gigabytes,
			Aliases: []string{"gpu_memory_gb", "gpu.memory_gb", "vram"},
			value:   figure(func(o *cloud.Offer) float64 { return o.GPUMemoryGB }, Gigabytes),
		},
		{
			Name: "vcpus", Title: "VCPU", Weight: 35, Right: true, Aliases: []string{"cpu", "cpus"},
			value: figure(func(o *cloud.Offer) float64 { return o.VCPUs }, NoUnit),
		},
		{
			Name: "memory", Title: "MEM", Weight: 33, Right: true, Unit: Gigabytes, Aliases: []string{"memory_gb", "mem", "ram"},
			value: figure(func(o *cloud.Offer) float64 { return o.MemoryGB }, Gigabytes),
		},
		{
			Name: "disk", Title: "DISK", Weight: 13, Right: true, Set: Wide, Unit: Gigabytes, Aliases: []string{"disk_gb"},
			value: figure(func(o *cloud.Offer) float64 { return o.DiskGB }, Gigabytes),
		},
		{
			Name: "region", Title: "REGION", Weight: 60, Free: true,
			value: ofOffer(func(o *cloud.Offer) string { return o.Region }),
		},
	}
}

func offerPriceColumns() []Column {
	return []Column{
		{
			Name: "price", Title: "PRICE", Weight: 95, Right: true, Unit: Money,
			Aliases: []string{"cost", "hourly", "price_per_hour"},
			value:   func(r *Row) Cell { return amountCell(r.Offer.PricePerHour, r.Offer.Currency) },
		},
		{
			Name: "price_per_gpu", Title: "PER GPU", Weight: 65, Right: true, Unit: Money,
			Aliases: []string{"price_per_gpu_hour", "per_gpu"},
			value:   func(r *Row) Cell { return amountCell(r.Offer.PricePerGPUHour(), r.Offer.Currency) },
		},
		{
			Name: "currency", Title: "CURRENCY", Set: ByName,
			value: ofOffer(func(o *cloud.Offer) string { return o.Currency }),
		},
		{
			Name: "utilization", Title: "RENTED", Weight: 12, Right: true, Set: Wide, Unit: Percent,
			Aliases: []string{"utilisation", "gpu_util", "gpu_usage_percent"},
			value: func(r *Row) Cell {
				if r.Market == nil || r.Market.UsagePercent == nil {
					return absent(NotMeasured)
				}
				return number(*r.Market.UsagePercent, Percent)
			},
		},
	}
}

// amountCell shows a price per hour; blank where it is unknown.
func amountCell(v *float64, currency string) Cell {
	if v == nil {
		return absent(PriceUnknown)
	}
	c := number(*v, Money)
	if c.Type == Absent {
		return absent(PriceUnknown)
	}
	c.Text = Amount(*v, currency) + "/h"
	return c
}

func offerTermColumns() []Column {
	return []Column{
		{Name: "available", Title: "AVAILABLE", Weight: 40, words: truths(), value: func(r *Row) Cell {
			c := yes(r.Offer.Available)
			if !r.Offer.Available {
				c.Style = Dim
			}
			return c
		}},
		{
			Name: "stock", Title: "STOCK", Weight: 22, Set: Wide, Free: true,
			value: ofOffer(func(o *cloud.Offer) string { return o.Stock }),
		},
		{
			Name: "tier", Title: "TIER", Weight: 50, Free: true,
			value: ofOffer(func(o *cloud.Offer) string { return o.Tier }),
		},
		{
			Name: "interruptible", Title: "SPOT", Weight: 18, Set: Wide, Aliases: []string{"spot"}, words: truths(),
			value: func(r *Row) Cell { return yes(r.Offer.Interruptible) },
		},
		{
			Name: "reliability", Title: "RELIABLE", Weight: 30, Right: true, Unit: Percent, Aliases: []string{"reliability_percent"},
			value: func(r *Row) Cell {
				if r.Offer.Reliability == nil {
					return Cell{}
				}
				c := number(*r.Offer.Reliability*100, Percent)
				if c.Type == Number {
					c.Text = count(c.Num) + "%"
				}
				return c
			},
		},
		{
			Name: "age", Title: "AGE", Weight: 11, Set: Wide, Right: true, Unit: Seconds, Aliases: []string{"quoted"},
			value: func(r *Row) Cell { return since(r.Offer.QuotedAt, r.Now) },
		},
		{
			Name: "quoted_at", Title: "QUOTED", Set: ByName, Unit: Moment,
			value: func(r *Row) Cell { return moment(r.Offer.QuotedAt) },
		},
	}
}
