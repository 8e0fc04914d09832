package output

import "github.com/adsops/cloudtop/internal/cloud"

func (d *doc) offer(o *cloud.Offer) {
	d.object()
	d.str("provider", o.Provider)
	d.str("account", o.Account)
	d.str("id", o.ID)
	d.str("gpu_type", o.GPUType)
	d.known("gpu_count", o.GPUCount)
	d.known("gpu_memory_gb", o.GPUMemoryGB)
	d.known("vcpus", o.VCPUs)
	d.known("memory_gb", o.MemoryGB)
	d.known("disk_gb", o.DiskGB)
	d.str("region", o.Region)
	d.maybe("price_per_hour", o.PricePerHour)
	d.maybe("price_per_gpu_hour", o.PricePerGPUHour())
	d.str("currency", o.Currency)
	d.flag("available", o.Available)
	d.str("stock", o.Stock)
	d.str("tier", o.Tier)
	d.flag("interruptible", o.Interruptible)
	d.maybe("reliability", o.Reliability)
	d.moment("quoted_at", o.QuotedAt)
	d.attributes(o.Attrs)
	d.endObject()
}

func (d *doc) market(m *cloud.Market) {
	d.object()
	d.str("provider", m.Provider)
	d.str("account", m.Account)
	d.str("gpu_type", m.GPUType)
	d.whole("total", int64(m.Total))
	d.whole("available", int64(m.Available))
	d.maybe("usage_percent", m.UsagePercent)
	d.maybe("price_per_gpu_hour_p10", m.P10)
	d.maybe("price_per_gpu_hour_p25", m.P25)
	d.maybe("price_per_gpu_hour_median", m.Median)
	d.maybe("price_per_gpu_hour_p75", m.P75)
	d.maybe("price_per_gpu_hour_p90", m.P90)
	d.str("currency", m.Currency)
	d.moment("quoted_at", m.QuotedAt)
	d.endObject()
}

// cost writes an amount of money of an account; what is no number is left out.
func (d *doc) cost(c *cloud.Cost) {
	if !finite(c.Amount) {
		return
	}
	d.object()
	d.str("kind", string(c.Kind))
	d.figure("amount", c.Amount)
	d.str("currency", c.Currency)
	d.str("region", c.Region)
	d.str("service", c.Service)
	d.str("id", c.ID)
	d.moment("from", c.From)
	d.moment("to", c.To)
	d.str("source", c.Source)
	d.moment("at", c.At)
	d.endObject()
}
