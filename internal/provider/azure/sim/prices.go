package azuresim

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

const retailPage = 100

// priceItem is an entry of the retail price list, with the names of its JSON.
type priceItem struct {
	CurrencyCode         string  `json:"currencyCode"`
	TierMinimumUnits     float64 `json:"tierMinimumUnits"`
	RetailPrice          float64 `json:"retailPrice"`
	UnitPrice            float64 `json:"unitPrice"`
	ArmRegionName        string  `json:"armRegionName"`
	Location             string  `json:"location"`
	EffectiveStartDate   string  `json:"effectiveStartDate"`
	MeterID              string  `json:"meterId"`
	MeterName            string  `json:"meterName"`
	ProductID            string  `json:"productId"`
	SKUID                string  `json:"skuId"`
	ProductName          string  `json:"productName"`
	SKUName              string  `json:"skuName"`
	ServiceName          string  `json:"serviceName"`
	ServiceID            string  `json:"serviceId"`
	ServiceFamily        string  `json:"serviceFamily"`
	UnitOfMeasure        string  `json:"unitOfMeasure"`
	Type                 string  `json:"type"`
	IsPrimaryMeterRegion bool    `json:"isPrimaryMeterRegion"`
	ArmSKUName           string  `json:"armSkuName"`
	ReservationTerm      string  `json:"reservationTerm,omitempty"`
}

// servePrices answers the retail price list; anybody may read it.
func (c *cloud) servePrices(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	switch {
	case r.URL.Path != "/api/retail/prices":
		c.Fail(w, r, http.StatusNotFound)
		return
	case r.Method != http.MethodGet:
		w.Header().Set("Allow", http.MethodGet)
		notAllowed(r).write(w)
		return
	}
	keep := func(*record) any { return true }
	if f := q.Get("$filter"); f != "" {
		var err error
		if keep, err = odata(f, slices.Sorted(maps.Keys((&priceItem{}).cells()))...); err != nil {
			badRequest("Invalid OData parameters supplied: %s", err).write(w)
			return
		}
	}
	var all []*priceItem
	for _, r := range c.prices() {
		if truth(keep(r)) {
			all = append(all, r.price)
		}
	}
	skip, err := strconv.Atoi(q.Get("$skip"))
	if q.Get("$skip") != "" && (err != nil || skip < 0) {
		badRequest("Invalid OData parameters supplied: $skip").write(w)
		return
	}
	skip = min(skip, len(all))
	page := all[skip:min(skip+retailPage, len(all))]
	if page == nil {
		page = []*priceItem{}
	}
	next := any(nil)
	if skip+len(page) < len(all) {
		q.Set("$skip", strconv.Itoa(skip+len(page)))
		next = "https://" + pricesHost + ":443/api/retail/prices?" + q.Encode()
	}
	writeJSON(w, http.StatusOK, map[string]any{
		"BillingCurrency": "USD", "CustomerEntityId": "Default", "CustomerEntityType": "Retail", "Items": page,
		"NextPageLink": next, "Count": len(page),
	})
}

// odata compiles a filter of OData (eq, ne, gt, ge, lt, le, and, or, not, contains, startswith, endswith, substringof)
// by the parser of queries: the words differ, the grammar hardly. A filter's names are compared without regard to case.
func odata(text string, names ...string) (eval, error) {
	words := map[string]string{"eq": "==", "ne": "!=", "gt": ">", "ge": ">=", "lt": "<", "le": "<="}
	tokens := scan(text)
	for i := range tokens {
		t := &tokens[i]
		if t.kind != 'i' {
			continue
		}
		if op := words[t.text]; op != "" {
			t.kind, t.text = 'o', op
		} else if j := slices.IndexFunc(names, func(n string) bool { return strings.EqualFold(n, t.text) }); j >= 0 {
			t.text = names[j]
		}
	}
	s := scope{evals: map[string]eval{}}
	for _, name := range names {
		s.evals[name] = func(r *record) any { return r.cells[name] }
	}
	var e expr
	if err := parsing(tokens, func(p *parser) { e = p.expr() }); err != nil {
		return nil, err
	}
	return s.compile(e)
}

func (it *priceItem) cells() map[string]any {
	return map[string]any{
		"currencyCode": it.CurrencyCode, "armRegionName": it.ArmRegionName, "location": it.Location, "meterId": it.MeterID,
		"meterName": it.MeterName, "productName": it.ProductName, "skuName": it.SKUName, "serviceName": it.ServiceName,
		"serviceFamily": it.ServiceFamily, "type": it.Type, "priceType": it.Type, "armSkuName": it.ArmSKUName, "unitOfMeasure": it.UnitOfMeasure,
		"skuId": it.SKUID, "productId": it.ProductID, "serviceId": it.ServiceID,
	}
}

// priceRecords are the rows of the list.
func priceRecords() []*record {
	list := priceList()
	all := make([]*record, len(list))
	for i := range list {
		all[i] = &record{cells: list[i].cells(), price: &list[i]}
	}
	return all
}

// priceList is the whole list: of each size and region pay-as-you-go, Spot and Low Priority for both systems, and a
// reservation, whose unit lies: it is the price of the term.
func priceList() []priceItem {
	places := regions()
	var names []string
	for n := range places {
		names = append(names, n)
	}
	slices.Sort(names)
	var all []priceItem
	for _, region := range names {
		for _, s := range sizes() {
			for _, windows := range []bool{false, true} {
				for _, suffix := range []string{"", " Spot", " Low Priority"} {
					all = append(all, s.item(region, windows, suffix))
				}
			}
			all = append(all, s.old(region), s.reserved(region))
		}
		all = append(all, priceItem{
			CurrencyCode: "USD", ArmRegionName: region, Location: places[region].title, ServiceName: "Storage", ServiceFamily: "Storage",
			ProductName: "Premium SSD Managed Disks", SKUName: "P10 LRS", MeterName: "P10 LRS Disk", UnitOfMeasure: "1/Month",
			Type: "Consumption", RetailPrice: 21.68, UnitPrice: 21.68, EffectiveStartDate: "2024-01-01T00:00:00Z", IsPrimaryMeterRegion: true,
		})
	}
	return all
}

// hourly is what a machine costs, rounded as the list is.
func (s *size) hourly(region string, windows, spot bool) float64 {
	v := s.usd * regions()[region].level
	if windows {
		v += 0.046 * float64(s.vcpus)
	}
	if spot {
		v *= 0.22
	}
	n, _ := strconv.ParseFloat(fmt.Sprintf("%.6f", v), 64)
	return n
}

func (s *size) item(region string, windows bool, suffix string) priceItem {
	name := strings.ReplaceAll(strings.TrimPrefix(s.name, "Standard_"), "_", " ")
	product := "Virtual Machines " + s.series
	if windows {
		product += " Windows"
	}
	price := s.hourly(region, windows, suffix != "")
	return priceItem{
		CurrencyCode: "USD", RetailPrice: price, UnitPrice: price, ArmRegionName: region, Location: regions()[region].title,
		EffectiveStartDate: "2025-06-01T00:00:00Z", MeterID: "m-" + s.name + suffix, MeterName: name + suffix, ProductID: "DZH318Z0BQPS",
		SKUID: "DZH318Z0BQPS/" + name + suffix, ProductName: product, SKUName: name + suffix, ServiceName: "Virtual Machines",
		ServiceID: "DZH313Z7MMC8", ServiceFamily: "Compute", UnitOfMeasure: "1 Hour", Type: "Consumption", IsPrimaryMeterRegion: true,
		ArmSKUName: s.name,
	}
}

// old is an entry that a newer one has replaced.
func (s *size) old(region string) priceItem {
	it := s.item(region, false, "")
	it.EffectiveStartDate, it.RetailPrice, it.UnitPrice = "2021-01-01T00:00:00Z", it.RetailPrice*1.3, it.UnitPrice*1.3
	it.IsPrimaryMeterRegion = false
	return it
}

func (s *size) reserved(region string) priceItem {
	it := s.item(region, false, "")
	it.Type, it.ReservationTerm, it.RetailPrice = "Reservation", "1 Year", it.RetailPrice*24*365*0.6
	it.UnitPrice = it.RetailPrice
	return it
}
