package azure

import "strings"

// offers are the entries of the list that count for one size.
type offers struct{ linux, windows, linuxSpot, windowsSpot *retailItem }

// sort puts an entry where it counts: pay-as-you-go by the hour, Windows by the product's name, Spot by the SKU's.
func (it *retailItem) sort(found map[string]*offers) {
	if it.Type != "Consumption" || it.UnitOfMeasure != "1 Hour" || it.TierMinimumUnits.value != 0 || it.RetailPrice.value <= 0 ||
		strings.HasSuffix(it.SKUName, " Low Priority") || strings.Contains(it.ProductName, "CloudServices") {
		return
	}
	key := strings.ToLower(it.ArmSKUName)
	if found[key] == nil {
		found[key] = &offers{}
	}
	o := found[key]
	at := &o.linux
	windows, spot := strings.Contains(it.ProductName, "Windows"), strings.HasSuffix(it.SKUName, " Spot")
	switch {
	case windows && spot:
		at = &o.windowsSpot
	case windows:
		at = &o.windows
	case spot:
		at = &o.linuxSpot
	}
	if it.better(*at) {
		*at = it
	}
}

// better prefers the primary meter of a region, then the price that came into force last.
func (it *retailItem) better(than *retailItem) bool {
	switch {
	case than == nil:
		return true
	case it.IsPrimaryMeterRegion != than.IsPrimaryMeterRegion:
		return it.IsPrimaryMeterRegion
	}
	return moment(it.EffectiveStartDate).After(moment(than.EffectiveStartDate))
}

// priced returns the prices; of a size that the list does not have, none.
func (o *offers) priced() priced {
	if o == nil {
		return priced{}
	}
	price := func(it *retailItem) *float64 {
		if it == nil {
			return nil
		}
		return &it.RetailPrice.value
	}
	return priced{
		linux: price(o.linux), windows: price(o.windows), linuxSpot: price(o.linuxSpot), windowsSpot: price(o.windowsSpot),
	}
}

// retailPage is an answer of the retail price list.
type retailPage struct {
	Items        []retailItem
	NextPageLink string
}

// retailItem is one entry: RetailPrice in USD for UnitOfMeasure.
type retailItem struct {
	RetailPrice          number
	UnitOfMeasure        string
	ArmSKUName           string // "Standard_D4s_v5"
	SKUName              string // "D4s v5", "D4s v5 Spot", "D4s v5 Low Priority"
	ProductName          string // "Virtual Machines Dsv5 Series Windows"
	Type                 string // Consumption, Reservation, DevTestConsumption
	IsPrimaryMeterRegion bool
	TierMinimumUnits     number
	EffectiveStartDate   string
}
