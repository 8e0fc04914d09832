package view

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
)

// resourceColumns returns the columns of resources, in the order in which they are shown.
func resourceColumns() []Column {
	return slices.Concat(placeColumns(), stateColumns(), usageColumns(), gpuColumns(), moneyColumns(), detailColumns())
}

// of makes a column's value from a text of the resource.
func of(f func(*cloud.Resource) string) func(*Row) Cell {
	return func(r *Row) Cell { return text(f(r.Resource)) }
}

func placeColumns() []Column {
	return []Column{
		{Name: "provider", Title: "PROVIDER", Weight: 85, value: of(func(r *cloud.Resource) string { return r.Provider })},
		accountColumn(Column{Weight: 80, Several: true}, func(r *Row) string { return r.Resource.Account }),
		accountNameColumn(),
		accountIDColumn(func(r *Row) string { return r.Resource.Account }),
		{
			Name: "compartment", Title: "COMPARTMENT", Weight: 12, Free: true, Middle: true, Set: Wide,
			value: of(func(r *cloud.Resource) string { return r.Compartment }),
		},
		{Name: "name", Title: "NAME", Weight: 100, Free: true, value: nameCell},
		{
			Name: "service", Title: "SERVICE", Weight: 25, Free: true, Set: Wide,
			value: of(func(r *cloud.Resource) string { return r.Service }),
		},
		{
			Name: "type", Title: "TYPE", Weight: 30, Free: true, Aliases: []string{"kind"},
			value: of(func(r *cloud.Resource) string { return r.Type }),
		},
	}
}

// nameCell shows a resource without a name as its identifier.
func nameCell(r *Row) Cell {
	if r.Resource.Name != "" {
		return text(r.Resource.Name)
	}
	c := text(r.Resource.ID)
	c.Style = Dim
	return c
}

func stateColumns() []Column {
	return []Column{
		{
			Name: "status", Title: "STATUS", Weight: 95, Aliases: []string{"state"}, words: statusWords(),
			value: func(r *Row) Cell { return statusCell(r.Resource.Status) },
		},
		{
			Name: "native_status", Title: "NATIVE", Weight: 14, Free: true, Set: Wide,
			value: of(func(r *cloud.Resource) string { return r.NativeStatus }),
		},
		{
			Name: "region", Title: "REGION", Weight: 60, Free: true,
			value: of(func(r *cloud.Resource) string { return r.Region }),
		},
	}
}

func statusWords() []string {
	var words []string
	for _, s := range cloud.Statuses() {
		words = append(words, string(s))
	}
	return words
}

// statusCell sorts by the order in which statuses are shown.
func statusCell(s cloud.Status) Cell {
	s = cmp.Or(s, cloud.StatusUnknown)
	c := Cell{Text: string(s), Type: Text, Style: Unknown, Num: float64(slices.Index(cloud.Statuses(), s))}
	switch s {
	case cloud.StatusRunning:
		c.Style = Running
	case cloud.StatusStarting:
		c.Style = Starting
	case cloud.StatusStopping:
		c.Style = Stopping
	case cloud.StatusStopped:
		c.Style = Stopped
	case cloud.StatusFailed:
		c.Style = Failed
	case cloud.StatusDeleted:
		c.Style = Deleted
	case cloud.StatusUnknown:
	}
	return c
}

func moneyColumns() []Column {
	return []Column{
		{
			Name: "cost", Title: "COST", Weight: 70, Right: true, Unit: Money,
			Aliases: []string{"price", "hourly", "cost.hourly", "price_per_hour"},
			value:   func(r *Row) Cell { return priceCell(r.Resource.Cost) },
		},
		{
			Name: "cost_hourly", Title: "HOURLY", Set: ByName, Right: true, Unit: Money,
			value: func(r *Row) Cell { return bound(r, func(p *cloud.Price) float64 { return p.High }, true) },
		},
		{
			Name: "cost_hourly_min", Title: "MIN/H", Set: ByName, Right: true, Unit: Money,
			value: func(r *Row) Cell { return bound(r, func(p *cloud.Price) float64 { return p.Low }, false) },
		},
		{
			Name: "cost_hourly_max", Title: "MAX/H", Set: ByName, Right: true, Unit: Money,
			value: func(r *Row) Cell { return bound(r, func(p *cloud.Price) float64 { return p.High }, false) },
		},
		{Name: "currency", Title: "CURRENCY", Set: ByName, value: func(r *Row) Cell {
			if r.Resource.Cost == nil {
				return absent(PriceUnknown)
			}
			return text(r.Resource.Cost.Currency)
		}},
		{Name: "cost_source", Title: "COST SOURCE", Set: ByName, Free: true, value: func(r *Row) Cell {
			if r.Resource.Cost == nil {
				return absent(PriceUnknown)
			}
			return text(r.Resource.Cost.Source)
		}},
	}
}

// priceCell shows a price or a range of prices per hour; it compares by the upper end.
func priceCell(p *cloud.Price) Cell {
	if p == nil {
		return absent(PriceUnknown)
	}
	c := number(p.High, Money)
	if c.Type == Absent || !finite(p.Low) {
		return absent(PriceUnknown)
	}
	c.Text = Amount(p.High, p.Currency) + "/h"
	if p.Low != p.High {
		c.Text = Amount(p.Low, p.Currency) + "-" + Amount(p.High, "") + "/h"
	}
	return c
}

// bound shows one end of a price; only that of a point price, if point is asked for.
func bound(r *Row, end func(*cloud.Price) float64, point bool) Cell {
	p := r.Resource.Cost
	if p == nil || point && p.Low != p.High {
		return absent(PriceUnknown)
	}
	return amountCell(new(end(p)), p.Currency)
}

func detailColumns() []Column {
	return []Column{
		{
			Name: "age", Title: "AGE", Weight: 50, Right: true, Unit: Seconds,
			value: func(r *Row) Cell { return since(r.Resource.CreatedAt, r.Now) },
		},
		{
			Name: "created", Title: "CREATED", Set: ByName, Unit: Moment, Aliases: []string{"created_at"},
			value: func(r *Row) Cell { return moment(r.Resource.CreatedAt) },
		},
		{Name: "metrics_at", Title: "MEASURED", Set: ByName, Unit: Moment, value: func(r *Row) Cell {
			if at := Newest(r.Resource.Metrics); !at.IsZero() {
				return moment(at)
			}
			return absent(NotMeasured)
		}},
		{
			Name: "tags", Title: "TAGS", Weight: 8, Free: true, Set: Wide, Aliases: []string{"labels"},
			value: of(func(r *cloud.Resource) string { return tagText(r.Tags) }),
		},
		{
			Name: "id", Title: "ID", Weight: 10, Free: true, Middle: true, Set: Wide,
			value: of(func(r *cloud.Resource) string { return r.ID }),
		},
	}
}

// tagText returns tags as k=v,k=v; a tag without a value is its key alone.
func tagText(tags []cloud.Tag) string {
	if len(tags) == 0 {
		return ""
	}
	var b strings.Builder
	for i, t := range tags {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(t.Key)
		if t.Value != "" {
			b.WriteByte('=')
			b.WriteString(t.Value)
		}
	}
	return b.String()
}

// Newest returns when the newest of the metrics was measured, zero where none says.
func Newest(metrics []cloud.Metric) time.Time {
	var at cloud.Instant
	for i := range metrics {
		at = max(at, metrics[i].At)
	}
	return at.Time()
}
