package view

import "github.com/adsops/cloudtop/internal/cloud"

// marketColumns returns the columns of GPU markets, in the order in which they are shown.
func marketColumns() []Column {
	price := func(name, title string, weight int, f func(*cloud.Market) *float64) Column {
		return Column{
			Name: name, Title: title, Weight: weight, Right: true, Unit: Money,
			value: func(r *Row) Cell { return amountCell(f(r.Market), r.Market.Currency) },
		}
	}
	return []Column{
		{Name: "provider", Title: "PROVIDER", Weight: 85, value: func(r *Row) Cell { return text(r.Market.Provider) }},
		accountColumn(Column{Set: ByName}, func(r *Row) string { return r.Market.Account }),
		{
			Name: "gpu_type", Title: "GPU", Weight: 100, Free: true, Aliases: []string{"gpu", "gpu.type", "name"},
			value: func(r *Row) Cell { return text(r.Market.GPUType) },
		},
		{Name: "available", Title: "FREE", Weight: 80, Right: true, value: func(r *Row) Cell { return whole(r.Market.Available) }},
		{Name: "total", Title: "TOTAL", Weight: 60, Right: true, value: func(r *Row) Cell { return whole(r.Market.Total) }},
		{
			Name: "utilization", Title: "RENTED", Weight: 70, Right: true, Unit: Percent,
			Aliases: []string{"utilisation", "usage_percent"},
			value: func(r *Row) Cell {
				if r.Market.UsagePercent == nil {
					return absent(NotMeasured)
				}
				return number(*r.Market.UsagePercent, Percent)
			},
		},
		price("p10", "P10", 40, func(m *cloud.Market) *float64 { return m.P10 }),
		price("p25", "P25", 30, func(m *cloud.Market) *float64 { return m.P25 }),
		price("median", "MEDIAN", 90, func(m *cloud.Market) *float64 { return m.Median }),
		price("p75", "P75", 29, func(m *cloud.Market) *float64 { return m.P75 }),
		price("p90", "P90", 39, func(m *cloud.Market) *float64 { return m.P90 }),
		{
			Name: "currency", Title: "CURRENCY", Set: ByName,
			value: func(r *Row) Cell { return text(r.Market.Currency) },
		},
		{
			Name: "age", Title: "AGE", Weight: 20, Set: Wide, Right: true, Unit: Seconds, Aliases: []string{"quoted"},
			value: func(r *Row) Cell { return since(r.Market.QuotedAt, r.Now) },
		},
		{
			Name: "quoted_at", Title: "QUOTED", Set: ByName, Unit: Moment,
			value: func(r *Row) Cell { return moment(r.Market.QuotedAt) },
		},
	}
}

// whole returns a cell of a count, of which 0 is a value like others.
func whole(n int) Cell { return number(float64(n), NoUnit) }
