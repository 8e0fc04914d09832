package oracle

import (
	"context"
	"encoding/json"
	"iter"
	"net/url"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/httpx"
)

const (
	priceURL = "https://apexapps.oracle.com/pls/apex/cetools/api/v1/products/"
	// freshPrices is how long a price list is used; failedPrices is how long a failure is not tried again.
	freshPrices  = 12 * time.Hour
	failedPrices = time.Minute
	priceSource  = "Oracle's public price list, pay as you go, compute only"
)

// rate is a list price: per OCPU, GB, GPU, ECPU or cluster and hour, in US dollars. Low differs from High where the
// first hours of a month are free or cheaper.
type rate struct{ low, high float64 }

// rates are list prices by part number, as they stood at a time.
type rates struct {
	byPart map[string]rate
	at     time.Time
}

// priceList holds Oracle's public price list, read once for all regions and services.
type priceList struct {
	series map[string]parts // by the shapes' names without their sizes

	turn  chan struct{} // held by whoever reads or replaces the rest
	rates *rates
	err   error
	tried time.Time
}

func newPriceList() *priceList { return &priceList{series: series(), turn: make(chan struct{}, 1)} }

// Prices quotes what runs: stopped instances are not charged for compute, and what stopping or starting costs is not
// published. A shape that is not in the table has no price.
func (d *driver) Prices(ctx context.Context, resources []*cloud.Resource) iter.Seq2[cloud.Quote, error] {
	return func(yield func(cloud.Quote, error) bool) {
		var list *rates
		for i := range resources {
			bill := d.prices.billOf(resources[i])
			if bill == nil {
				continue
			}
			if list == nil {
				var err error
				if list, err = d.rates(ctx); err != nil {
					yield(cloud.Quote{}, err)
					return
				}
			}
			price, ok := bill.price(list)
			if ok && !yield(cloud.Quote{ID: resources[i].ID, Price: price}, nil) {
				return
			}
		}
	}
}

// item is an amount of one part of the price list; no part = it costs nothing, as Oracle publishes.
type item struct {
	part   string
	amount float64
}

type bill []item

// billOf returns what a resource is charged for, nil where that is not known.
func (l *priceList) billOf(r *cloud.Resource) bill {
	if r.Status != cloud.StatusRunning {
		return nil
	}
	switch r.Type {
	case "instance", "container_instance":
		return l.shapeBill(r)
	case "cluster":
		switch text(r, "cluster_type") {
		case "ENHANCED_CLUSTER":
			return bill{{enhancedCluster, 1}}
		case basicCluster:
			return bill{{}}
		}
	case "virtual_node_pool":
		if nodes, ok := r.Attr("nodes_count").(int); ok {
			return bill{{virtualNode, float64(nodes)}}
		}
	case "autonomous_database":
		return databaseBill(r)
	}
	return nil
}

// databaseBill: what runs on infrastructure of its own is charged by that, not by the database.
func databaseBill(r *cloud.Resource) bill {
	switch {
	case r.Attr("always_free") == true:
		return bill{{}}
	case r.Attr("dedicated") != nil:
		return nil
	}
	for _, unit := range []string{"ecpus", "ocpus"} {
		amount, ok := r.Attr(unit).(float64)
		if part := databasePart(unit, text(r, "workload"), text(r, "license_model")); ok && part != "" {
			return bill{{part, amount}}
		}
	}
	return nil
}

// shapeBill: a preemptible instance costs half, and a burstable one the baseline's part of its OCPUs
// (docs.oracle.com/iaas/Content/Compute/Concepts/preemptible.htm and .../burstable-instances.htm).
func (l *priceList) shapeBill(r *cloud.Resource) bill {
	p, known := l.partsOf(text(r, "shape"))
	ocpus, hasOCPUs := r.Attr("ocpus").(float64)
	memory, hasMemory := r.Attr("memory_gb").(float64)
	disks, hasDisks := r.Attr("local_disks_gb").(float64)
	if !known || p.ocpu != "" && !hasOCPUs || p.memory != "" && !hasMemory || p.gpu != "" && r.GPU == nil || p.disk != "" && !hasDisks {
		return nil
	}
	share := 1.0
	if r.Attr("preemptible") == true {
		share = 0.5
	}
	switch text(r, "ocpu_baseline") {
	case "1/2":
		ocpus /= 2
	case "1/8":
		ocpus /= 8
	}
	var b bill
	add := func(part string, amount float64) {
		if part != "" {
			b = append(b, item{part, amount * share})
		}
	}
	add(p.ocpu, ocpus)
	add(p.memory, memory)
	add(p.disk, disks/1000)
	if r.GPU != nil {
		add(p.gpu, r.GPU.Count)
	}
	return b
}

func text(r *cloud.Resource, attr string) string {
	s, _ := r.Attr(attr).(string)
	return s
}

// price adds the items up; not ok where the price list has not all of them.
func (b bill) price(list *rates) (cloud.Price, bool) {
	p := cloud.Price{Currency: "USD", Source: priceSource, At: list.at}
	for _, i := range b {
		if i.part == "" {
			continue
		}
		r, ok := list.byPart[i.part]
		if !ok {
			return p, false
		}
		p.Low += r.low * i.amount
		p.High += r.high * i.amount
	}
	return p, true
}

// rates returns the price list, read at most once at a time.
func (d *driver) rates(ctx context.Context) (*rates, error) {
	l := d.prices
	select {
	case l.turn <- struct{}{}:
		defer func() { <-l.turn }()
	case <-ctx.Done():
		return nil, cloud.Ended(ctx, name, "the price list")
	}
	age := d.now().Sub(l.tried)
	if l.rates != nil && age < freshPrices {
		return l.rates, nil
	}
	if l.err != nil && age < failedPrices {
		return nil, l.err
	}
	list, err := d.readRates(httpx.Common(ctx))
	if ctx.Err() != nil {
		return nil, err
	}
	l.rates, l.err, l.tried = list, err, d.now()
	return list, err
}

// product is an element of the price list
// (docs.oracle.com/iaas/Content/GSG/Tasks/signingup_topic-Estimating_Costs.htm#accessing_list_pricing).
type product struct {
	PartNumber            string         `json:"partNumber"`
	CurrencyLocalizations []localization `json:"currencyCodeLocalizations"`
}

type localization struct {
	CurrencyCode string `json:"currencyCode"`
	Prices       []struct {
		Model string `json:"model"`
		Value number `json:"value"`
	} `json:"prices"`
}

// readRates reads the whole list in one anonymous call. An odd element has no price.
func (d *driver) readRates(ctx context.Context) (*rates, error) {
	out := &rates{at: d.now()}
	call := httpx.Call{Op: "read price list", Path: priceURL, Query: url.Values{"currencyCode": {"USD"}}, Anon: true}
	_, err := d.api.Do(ctx, call, func(in *json.Decoder) error {
		out.byPart = map[string]rate{}
		var p product
		return list(in, &p, func(odd error) {
			if r, ok := p.rate(); ok && odd == nil {
				out.byPart[p.PartNumber] = r
			}
			p = product{}
		})
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// rate returns the pay-as-you-go price in dollars: a range where it has tiers, as a free allowance makes them.
func (p *product) rate() (r rate, ok bool) {
	for _, l := range p.CurrencyLocalizations {
		if l.CurrencyCode != "USD" {
			continue
		}
		for _, price := range l.Prices {
			v := price.Value
			if price.Model != "PAY_AS_YOU_GO" || !v.known {
				continue
			}
			if !ok {
				r = rate{v.v, v.v}
			}
			r = rate{min(r.low, v.v), max(r.high, v.v)}
			ok = true
		}
	}
	return r, ok
}
