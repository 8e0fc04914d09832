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
	skuFields  = "skus(description,category(usageType),serviceRegions,pricingInfo/pricingExpression(usageUnit,tieredRates(startUsageAmount,unitPrice))),nextPageToken"
	priceNote  = "price list"
	pricesLast = 24 * time.Hour
)

// sku is the part of the schema Sku (cloudbilling v1) that is used.
type sku struct {
	Description    string // "N2 Instance Core running in Americas"
	Category       struct{ UsageType string }
	ServiceRegions []string
	PricingInfo    []struct {
		PricingExpression struct {
			UsageUnit   string // "h", "GiBy.h" or "GBy.h"
			TieredRates []struct {
				UnitPrice struct {
					CurrencyCode string
					Units        text   // whole dollars, 64 bits
					Nanos        number // of a dollar
				}
			}
		}
	}
}

// priceKey names a unit price: of a family's core or memory, of a GPU, or of a machine that is sold whole.
type priceKey struct {
	what   string // "n2 instance core", "nvidia tesla t4 gpu"
	spot   bool
	region string
}

// unitPrice is in USD per hour. Where two SKUs name the same, the one for fewer regions is nearer.
type unitPrice struct {
	usd     float64
	regions int
}

type unitPrices map[priceKey]unitPrice

// priceList keeps the catalogue for a day. Who comes first reads it for all.
type priceList struct {
	turn  chan struct{}
	units unitPrices // of whose turn it is
	at    time.Time
}

func newPriceList() *priceList { return &priceList{turn: make(chan struct{}, 1)} }

// Prices implements provider.Pricer for instances that are not stopped: cores, memory and GPUs, without disks, licences
// and discounts. It reads the price list where an API key is given, or the option says so. What the list does not name
// has no price.
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
			if usd, ok := units.hourly(r); ok && !yield(cloud.Quote{ID: r.ID, Price: *cloud.HourlyPrice(usd, priceNote, at)}, nil) {
				return
			}
		}
	}
}

func (d *driver) unitPrices(ctx context.Context) (units unitPrices, at time.Time, err error) {
	l := d.prices
	select {
	case l.turn <- struct{}{}:
	case <-ctx.Done():
		return nil, time.Time{}, cloud.Ended(ctx, name+": read price list", "the price list")
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

func (d *driver) readPrices(ctx context.Context) (unitPrices, error) {
	type page struct {
		SKUs          some[sku]
		NextPageToken string
	}
	call := httpx.Call{Op: "read price list", Path: catalogue, Query: query(skuFields, "pageSize", "5000", "currencyCode", "USD")}
	if d.key != "" {
		call.Anon, call.Header = true, http.Header{"X-Goog-Api-Key": {d.key}}
	}
	units := unitPrices{}
	for p, err := range pages(httpx.Common(ctx), d.api, call, func(p *page) string { return p.NextPageToken }) {
		if err != nil {
			return nil, err
		}
		for i := range p.SKUs.all {
			units.add(&p.SKUs.all[i])
		}
	}
	return units, nil
}

// add takes the price of what is rented on demand or as spot. Spot is written before what runs, or behind the GPU:
// "Nvidia L4 GPU attached to Spot Preemptible VMs running in Belgium".
func (u unitPrices) add(s *sku) {
	what, _, running := strings.Cut(strings.ToLower(s.Description), " running in ")
	spot := s.Category.UsageType == "Preemptible"
	if !running || (!spot && s.Category.UsageType != "OnDemand") {
		return
	}
	for _, prefix := range []string{"spot preemptible ", "preemptible "} {
		if rest, ok := strings.CutPrefix(what, prefix); ok {
			what, spot = rest, true
		}
	}
	if rest, _, ok := strings.Cut(what, " attached to "); ok {
		what, spot = rest, true
	}
	usd, ok := s.usd()
	if !ok {
		return
	}
	for _, region := range s.ServiceRegions {
		k := priceKey{what, spot, region}
		if old, ok := u[k]; !ok || len(s.ServiceRegions) < old.regions {
			u[k] = unitPrice{usd, len(s.ServiceRegions)}
		}
	}
}

// usd returns the price of an hour of one unit, where there is but one.
func (s *sku) usd() (float64, bool) {
	if len(s.PricingInfo) == 0 {
		return 0, false
	}
	e := s.PricingInfo[len(s.PricingInfo)-1].PricingExpression
	unit := map[string]float64{"h": 1, "GiBy.h": 1, "GBy.h": 1.073741824}[e.UsageUnit]
	if len(e.TieredRates) != 1 || unit == 0 {
		return 0, false
	}
	p := e.TieredRates[0].UnitPrice
	whole, err := strconv.ParseFloat(cmp.Or(string(p.Units), "0"), 64)
	usd := (whole + p.Nanos.value/1e9) * unit
	return usd, err == nil && p.CurrencyCode == "USD" && usd > 0 && !math.IsInf(usd, 0)
}

// hourly adds up what an instance costs. It reports false where a part has no price.
func (u unitPrices) hourly(r *cloud.Resource) (float64, bool) {
	machineType, _ := r.Attr("machine_type").(string)
	model, _ := r.Attr("provisioning_model").(string)
	accelerator, _ := r.Attr("accelerator_type").(string)
	m, ok := readMachine(machineType)
	if !ok || m.extended || strings.HasSuffix(accelerator, workstation) || r.Status == cloud.StatusStopped || r.Status == cloud.StatusDeleted {
		return 0, false
	}
	find := func(names ...string) float64 {
		for _, what := range names {
			if p, ok := u[priceKey{what, model == "SPOT" || model == "PREEMPTIBLE", r.Region}]; ok {
				return p.usd
			}
		}
		return 0
	}
	return m.hourly(r.GPU, find)
}

// hourly adds up what find says the parts cost; it says 0 for what has no price.
func (m *machine) hourly(g *cloud.GPU, find func(...string) float64) (float64, bool) {
	if whole := m.soldWhole(); whole != "" {
		usd := find(whole)
		return usd, usd > 0
	}
	core, memory := find(m.named("core")...), find(m.named("ram")...)
	sum := core*m.billed + memory*m.memoryGB
	complete := core > 0 && memory > 0
	if g == nil {
		return sum, complete
	}
	cards := find(gpuNames(g.Type)...) * g.Count
	if slice := find(m.family+" nvidia "+strings.ToLower(g.Type)+" (1 gpu slice)") * g.Count; slice > 0 {
		// A slice has its share of the machine in it, unless cores are sold as well.
		cards, complete = slice, complete || (core == 0 && memory == 0)
	}
	return sum + cards, complete && cards > 0
}

// soldWhole returns what the catalogue calls a machine type that has one price, "" for all others.
func (m *machine) soldWhole() string {
	return map[string]string{"f1-micro": "micro instance with burstable cpu", "g1-small": "small instance with 1 vcpu"}[m.name]
}

// named returns what the catalogue may call a machine's cores or memory.
func (m *machine) named(part string) []string {
	family := m.family
	switch {
	case m.shape == "custom" && family == "n1":
		return []string{"custom instance " + part}
	case m.shape == "custom":
		return []string{family + " custom instance " + part, family + " amd custom instance " + part, family + " instance " + part}
	case family == "n1":
		return []string{"n1 predefined instance " + part}
	case family == "c2":
		return []string{"compute optimized " + part, "compute optimized instance " + part}
	case family == "a3" && m.shape == "megagpu":
		family = "a3plus"
	case family == "a3" && m.shape == "ultragpu":
		family = "a3ultra"
	}
	var names []string
	for _, kind := range []string{"", "amd ", "arm ", "memory-optimized "} {
		names = append(names, family+" "+kind+"instance "+part)
	}
	return names
}

// gpuNames returns what the catalogue may call a card: "Nvidia Tesla A100 GPU" is that of 40 GB.
func gpuNames(card string) []string {
	bare := strings.ToLower(card)
	names := []string{"nvidia " + bare + " gpu", "nvidia tesla " + bare + " gpu", bare + " gpu"}
	switch bare {
	case "a100 40gb":
		names = append(names, "nvidia tesla a100 gpu")
	case "h100 mega 80gb":
		names = append(names, "nvidia h100 80gb mega gpu")
	case "rtx pro 6000":
		names = append(names, "rtx 6000 96gb", "nvidia rtx pro 6000 96gb gpu")
	}
	return names
}
