package gcp

import (
	"cmp"
	"context"
	"iter"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/httpx"
)

const (
	// The number of Compute Engine in the catalogue is fixed (cloud.google.com/billing/v1/how-tos/catalog-api).
	catalogue  = "https://cloudbilling.googleapis.com/v1/services/6F81-5844-456A/skus"
	skuFields  = "skus(description,category(resourceGroup,usageType),serviceRegions,pricingInfo/pricingExpression(usageUnit,tieredRates(startUsageAmount,unitPrice))),nextPageToken"
	priceNote  = "price list"
	pricesLast = 24 * time.Hour
)

// sku is the part of the schema Sku (cloudbilling v1) that is used.
type sku struct {
	Description    string // "N2 Instance Core running in Americas"
	Category       struct{ ResourceGroup, UsageType string }
	ServiceRegions []string
	PricingInfo    []struct {
		PricingExpression struct {
			UsageUnit   string // "h" or "GiBy.h"
			TieredRates []struct {
				StartUsageAmount float64
				UnitPrice        struct {
					CurrencyCode string
					Units        string // whole dollars, 64 bits as text
					Nanos        float64
				}
			}
		}
	}
}

// priceKey names a unit price: of a family's core or memory, or of a GPU.
type priceKey struct {
	what   string // "n2 instance core", "nvidia tesla t4 gpu"
	spot   bool
	region string
}

// priceList keeps the catalogue for a day. Who comes first reads it for all.
type priceList struct {
	turn  chan struct{}
	units map[priceKey]float64 // USD per hour; of whose turn it is
	at    time.Time
}

func newPriceList() *priceList { return &priceList{turn: make(chan struct{}, 1)} }

// Prices implements provider.Pricer for instances that are not stopped: cores, memory and GPUs, without disks. It reads
// the price list where an API key is given, or the option says so. What the list does not name has no price.
func (d *driver) Prices(ctx context.Context, resources []*cloud.Resource) iter.Seq2[cloud.Quote, error] {
	return func(yield func(cloud.Quote, error) bool) {
		asked, _ := d.env.Config.Options["prices"].(bool)
		if (d.key == "" && !asked) || !slices.ContainsFunc(resources, func(r *cloud.Resource) bool { return r.Service == compute }) {
			return
		}
		units, at, err := d.unitPrices(ctx)
		if err != nil {
			yield(cloud.Quote{}, err)
			return
		}
		for i := range resources {
			r := resources[i]
			if usd, ok := hourly(r, units); ok && !yield(cloud.Quote{ID: r.ID, Price: *cloud.HourlyPrice(usd, priceNote, at)}, nil) {
				return
			}
		}
	}
}

func (d *driver) unitPrices(ctx context.Context) (units map[priceKey]float64, at time.Time, err error) {
	l := d.prices
	select {
	case l.turn <- struct{}{}:
	case <-ctx.Done():
		return nil, time.Time{}, &cloud.Error{Kind: cloud.KindOf(ctx.Err()), Op: name + ": read price list", Err: context.Cause(ctx)}
	}
	defer func() { <-l.turn }()
	if now := d.env.Now(); l.units == nil || now.Sub(l.at) > pricesLast {
		if units, err = d.readPrices(ctx); err != nil {
			return nil, time.Time{}, err
		}
		l.units, l.at = units, now
	}
	return l.units, l.at, nil
}

func (d *driver) readPrices(ctx context.Context) (map[priceKey]float64, error) {
	type page struct {
		SKUs          []sku
		NextPageToken string
	}
	call := httpx.Call{Op: "read price list", Path: catalogue, Query: query(skuFields, "pageSize", "5000", "currencyCode", "USD")}
	if d.key != "" {
		call.Anon, call.Header = true, http.Header{"X-Goog-Api-Key": {d.key}}
	}
	units := map[priceKey]float64{}
	for p, err := range pages(httpx.Common(ctx), d.api, call, func(p *page) string { return p.NextPageToken }) {
		if err != nil {
			return nil, err
		}
		for i := range p.SKUs {
			p.SKUs[i].addTo(units)
		}
	}
	return units, nil
}

// addTo adds the price of a core, of memory or of a GPU that is rented on demand or as spot.
func (s *sku) addTo(units map[priceKey]float64) {
	what, _, running := strings.Cut(strings.ToLower(s.Description), " running in ")
	spot := s.Category.UsageType == "Preemptible"
	if !running || (!spot && s.Category.UsageType != "OnDemand") {
		return
	}
	if !slices.Contains([]string{"CPU", "RAM", "GPU", "N1Standard"}, s.Category.ResourceGroup) {
		return
	}
	if usd, ok := s.usd(); ok {
		what = strings.TrimPrefix(what, "spot preemptible ")
		for _, region := range s.ServiceRegions {
			units[priceKey{what, spot, region}] = usd
		}
	}
}

// usd returns the price of an hour of one unit, where there is but one.
func (s *sku) usd() (float64, bool) {
	if len(s.PricingInfo) == 0 {
		return 0, false
	}
	e := s.PricingInfo[len(s.PricingInfo)-1].PricingExpression
	if len(e.TieredRates) != 1 || (e.UsageUnit != "h" && e.UsageUnit != "GiBy.h") {
		return 0, false
	}
	p := e.TieredRates[0].UnitPrice
	whole, err := strconv.ParseFloat(cmp.Or(p.Units, "0"), 64)
	usd := whole + p.Nanos/1e9
	return usd, err == nil && p.CurrencyCode == "USD" && usd > 0 && !math.IsInf(usd, 0)
}

// hourly adds up what an instance costs. It reports false where a part has no price.
func hourly(r *cloud.Resource, units map[priceKey]float64) (float64, bool) {
	machineType, _ := r.Attr("machine_type").(string)
	model, _ := r.Attr("provisioning_model").(string)
	m, ok := readMachine(machineType)
	if !ok || r.Status == cloud.StatusStopped || r.Status == cloud.StatusDeleted {
		return 0, false
	}
	spot := model == "SPOT" || model == "PREEMPTIBLE"
	find := func(names ...string) float64 {
		for _, what := range names {
			if usd := units[priceKey{what, spot, r.Region}]; usd > 0 {
				return usd
			}
		}
		return 0
	}
	core, memory := find(m.named("core")...), find(m.named("ram")...)
	sum := core*m.vcpus + memory*m.memoryGB
	if r.GPU != nil {
		card := find(gpuNames(r.GPU.Type)...)
		sum += card * r.GPU.Count
		ok = card > 0
	}
	return sum, ok && core > 0 && memory > 0
}

// named returns what the catalogue may call a machine's cores or memory.
func (m *machine) named(part string) []string {
	if m.shape == "custom" {
		if m.family == "n1" {
			return []string{"custom instance " + part}
		}
		return []string{m.family + " custom instance " + part, m.family + " amd custom instance " + part, m.family + " instance " + part}
	}
	switch m.family {
	case "n1":
		return []string{"n1 predefined instance " + part}
	case "c2":
		return []string{"compute optimized " + part, "compute optimized instance " + part}
	}
	return []string{m.family + " instance " + part, m.family + " amd instance " + part, m.family + " arm instance " + part}
}

// gpuNames returns what the catalogue may call a card: "Nvidia Tesla A100 GPU" is that of 40 GB.
func gpuNames(card string) []string {
	bare := strings.ToLower(card)
	names := []string{"nvidia " + bare + " gpu", "nvidia tesla " + bare + " gpu"}
	if short, ok := strings.CutSuffix(bare, " 40gb"); ok {
		names = append(names, "nvidia tesla "+short+" gpu")
	}
	return names
}
