package azure

import (
	"context"
	"iter"
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/httpx"
	"github.com/adsops/cloudtop/internal/provider"
)

const (
	retail       = "https://prices.azure.com/api/retail/prices"
	retailSource = "retail price list"
	pricesFresh  = 12 * time.Hour
	sizesPerCall = 15 // keeps the filter well below the usual limit of a URL
)

// priced is what a size costs per hour in USD. Nil is not for sale that way.
type priced struct {
	linux, windows, linuxSpot, windowsSpot *float64
}

// Prices quotes virtual machines and scale sets by the retail price list, which asks for no credential and knows no
// discount. Deallocated machines have no quote: their disks cost, which the list cannot tell here.
func (d *driver) Prices(ctx context.Context, resources []*cloud.Resource) iter.Seq2[cloud.Quote, error] {
	return func(yield func(cloud.Quote, error) bool) {
		regions := hires{}
		for i := range resources {
			regions.add(resources[i])
		}
		names := slices.Sorted(maps.Keys(regions))
		type answer struct {
			prices map[string]priced
			err    error
		}
		lists := map[string]map[string]priced{}
		i := 0
		for a := range provider.Fan(ctx, parallel, names, func(ctx context.Context, region string) answer {
			list, err := d.pricesOf(ctx, region, regions[region])
			return answer{list, err}
		}) {
			lists[names[i]] = a.prices
			if a.err != nil && !yield(cloud.Quote{}, partly(a.err, "no prices in "+names[i])) {
				return
			}
			i++
		}
		for i := range resources {
			if q, ok := d.quote(resources[i], lists[resources[i].Region]); ok && !yield(q, nil) {
				return
			}
		}
	}
}

// hires are the sizes that are paid for, by region.
type hires map[string][]string

func (h hires) add(r *cloud.Resource) {
	if size, _ := hired(r); size != "" && !slices.Contains(h[r.Region], size) {
		h[r.Region] = append(h[r.Region], size)
	}
}

// hire notes what an inventory pays for: the first who asks for prices asks for those of all services and
// subscriptions.
func (d *driver) hire(inv *inventory) {
	all := hires{}
	for _, items := range inv.parts {
		for i := range items {
			all.add(&items[i].Resource)
		}
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.hires = all
}

// hiredIn returns the sizes that the last inventory pays for in a region.
func (d *driver) hiredIn(region string) []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.hires[region]
}

// hired returns the size and the number of machines that are paid for; empty where none are or it is not known.
func hired(r *cloud.Resource) (size string, count float64) {
	size, _ = r.Attr("vm_size").(string)
	if r.Service == "scale_sets" {
		count, _ = r.Attr("instances").(float64)
		if count == 0 {
			return "", 0
		}
		return size, count
	}
	if r.NativeStatus == "deallocated" || r.NativeStatus == "deallocating" || r.Service != "vms" {
		return "", 0
	}
	return size, 1
}

func (d *driver) quote(r *cloud.Resource, list map[string]priced) (cloud.Quote, bool) {
	size, count := hired(r)
	p := list[strings.ToLower(size)]
	os, _ := r.Attr("os").(string)
	license, _ := r.Attr("license").(string)
	priority, _ := r.Attr("priority").(string)
	spot := strings.EqualFold(priority, "Spot") || strings.EqualFold(priority, "Low")
	windows := strings.EqualFold(os, "Windows") && !strings.HasPrefix(license, "Windows_") // an own licence is not paid for
	hourly := p.linux
	switch {
	case windows && spot:
		hourly = p.windowsSpot
	case windows:
		hourly = p.windows
	case spot:
		hourly = p.linuxSpot
	}
	if hourly == nil || size == "" {
		return cloud.Quote{}, false
	}
	return cloud.Quote{ID: r.ID, Price: *cloud.HourlyPrice(*hourly*count, retailSource, d.now())}, true
}

// pricesOf returns the prices of a region, and asks for the sizes that are not known yet: also for those that others
// will ask for.
func (d *driver) pricesOf(ctx context.Context, region string, sizes []string) (map[string]priced, error) {
	ctx = httpx.Common(ctx)
	return d.prices.do(ctx, region, d.now(), pricesFresh, func(old map[string]priced) (map[string]priced, error) {
		all := maps.Clone(old)
		if all == nil {
			all = map[string]priced{}
		}
		var unknown []string
		for _, s := range slices.Concat(d.hiredIn(region), sizes) {
			if _, ok := all[strings.ToLower(s)]; !ok && !slices.Contains(unknown, s) {
				unknown = append(unknown, s)
			}
		}
		slices.Sort(unknown)
		for chunk := range slices.Chunk(unknown, sizesPerCall) {
			if err := d.readPrices(ctx, region, chunk, all); err != nil {
				return all, err
			}
		}
		return all, nil
	})
}

// readPrices asks for some sizes in one call, and where the list refuses the longer filter for each by itself.
func (d *driver) readPrices(ctx context.Context, region string, sizes []string, into map[string]priced) error {
	either := make([]string, len(sizes))
	for i, s := range sizes {
		either[i] = "armSkuName eq '" + strings.ReplaceAll(s, "'", "") + "'"
	}
	call := httpx.Call{
		Op: "read retail prices in " + region, Path: retail, Anon: true,
		Query: url.Values{
			"api-version": {"2023-01-01-preview"},
			"$filter": {"serviceName eq 'Virtual Machines' and priceType eq 'Consumption' and armRegionName eq '" + region +
				"' and (" + strings.Join(either, " or ") + ")"},
		},
	}
	found := map[string]*offers{}
	for {
		page, err := fetch[retailPage](ctx, d, "", call)
		if cloud.KindOf(err) == cloud.KindRequest && len(sizes) > 1 {
			return d.readEachPrice(ctx, region, sizes, into)
		}
		if err != nil && !partial(err) { // an entry without a price counts for nothing
			return err
		}
		for i := range page.Items {
			page.Items[i].sort(found)
		}
		if page.NextPageLink == "" || page.NextPageLink == call.Path {
			break
		}
		call.Path, call.Query = page.NextPageLink, nil
	}
	for _, s := range sizes {
		s = strings.ToLower(s)
		into[s] = found[s].priced()
	}
	return nil
}

func (d *driver) readEachPrice(ctx context.Context, region string, sizes []string, into map[string]priced) error {
	for _, s := range sizes {
		if err := d.readPrices(ctx, region, []string{s}, into); err != nil {
			return err
		}
	}
	return nil
}
