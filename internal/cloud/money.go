package cloud

import "time"

// Price is what a resource costs per hour as it stands now. A point price has Low == High; a range is shown as one.
type Price struct {
	Low, High float64 // per hour, in Currency
	Currency  string  // ISO 4217
	Source    string  // where the figure comes from: "listing", "price list", "published prices 2026-03-20"
	At        time.Time
}

// HourlyPrice returns a point price in US dollars.
func HourlyPrice(hourly float64, source string, at time.Time) *Price {
	return &Price{Low: hourly, High: hourly, Currency: "USD", Source: source, At: at}
}

// Quote is a Price for one resource, as a Pricer yields it.
type Quote struct {
	ID    string // Ref.ID
	Price Price
}

// CostKind says what an amount of money is.
type CostKind string

// The kinds of amounts.
const (
	CostBalance  CostKind = "balance"  // prepaid money left
	CostSpend    CostKind = "spend"    // billed or metered in the period
	CostEstimate CostKind = "estimate" // usage in the period times published prices
	CostLimit    CostKind = "limit"    // the most that may be spent
)

// Cost is money of an account, or of one service or resource of it.
type Cost struct {
	Account  string
	Region   string
	Service  string // empty for the whole account
	ID       string // Ref.ID; empty for the whole service
	Kind     CostKind
	Amount   float64
	Currency string // ISO 4217
	From, To time.Time
	Source   string
	At       time.Time
}

// Period is the span of time to read costs for: From is included, To is not.
type Period struct {
	From, To time.Time
}

// Offer is a GPU machine that can be rented. Nil numbers are unknown.
type Offer struct {
	Provider      string
	Account       string
	ID            string // the provider's own identifier of the offer; may be empty
	GPUType       string
	GPUCount      float64
	GPUMemoryGB   float64 // per card; 0 = unknown
	VCPUs         float64 // 0 = unknown
	MemoryGB      float64 // of the machine; 0 = unknown
	DiskGB        float64 // 0 = unknown
	Region        string
	PricePerHour  *float64 // for the whole offer
	Currency      string
	Available     bool
	Stock         string // the provider's word or number for how many are left; may be empty
	Tier          string // on-demand, interruptible, reserved, secure, community ...
	Interruptible bool
	Reliability   *float64 // 0 to 1
	QuotedAt      time.Time
	Attrs         []Attr
}

// PricePerGPUHour returns the price of one card per hour, nil where price or count is unknown.
func (o *Offer) PricePerGPUHour() *float64 {
	if o.PricePerHour == nil || o.GPUCount <= 0 {
		return nil
	}
	return new(*o.PricePerHour / o.GPUCount)
}

// Market is the state of a GPU market for one kind of card. Prices are per card and hour; nil is unknown.
type Market struct {
	Provider     string
	Account      string
	GPUType      string
	Total        int
	Available    int
	UsagePercent *float64
	P10, P25     *float64
	Median       *float64
	P75, P90     *float64
	Currency     string
	QuotedAt     time.Time
}

// OfferQuery narrows offers. Zero fields do not narrow.
type OfferQuery struct {
	GPUType       string  // case-insensitive part of the card's name
	GPUCount      int     // at least
	GPUMemoryGB   float64 // per card, at least
	MaxPrice      float64 // per hour for the whole offer, in the offer's currency
	Region        string  // case-insensitive part of the region's name
	Interruptible *bool
	Native        string // the provider's own filter language, as its own CLI takes it
	Limit         int    // the most offers per provider; 0 = the provider's own most
}
