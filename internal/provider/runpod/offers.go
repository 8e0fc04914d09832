package runpod

import (
	"context"
	"fmt"
	"iter"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/httpx"
	"github.com/adsops/cloudtop/internal/provider"
	"github.com/adsops/cloudtop/pkg/loose"
)

// gpuType is the schema GpuType with include=AVAILABILITY. Prices are USD per hour for one card, 0 where a cloud has
// none.
type gpuType struct {
	ID, Name, Manufacturer, Pool, Availability loose.Text
	Memory                                     loose.Number // GB
	Secure, Community                          loose.Flag
	Price, MaxCount                            struct{ Secure, Community, Serverless loose.Number }
	DataCenters                                []struct{ ID, Name, Availability loose.Text }
	CUDAVersions                               []struct {
		Version   loose.Text
		Available loose.Flag
	}
}

// side is what the catalogue says of a card in one of the two clouds.
type side struct {
	name        string
	there       loose.Flag
	price, most loose.Number
}

func (g *gpuType) side(tier string) side {
	if tier == "community" {
		return side{tier, g.Community, g.Price.Community, g.MaxCount.Community}
	}
	return side{tier, g.Secure, g.Price.Secure, g.MaxCount.Secure}
}

// found is the catalogue of one cloud.
type found struct {
	offers []cloud.Offer
	errs   []error
}

// Offers reads the catalogue once for each cloud, since availability is told for one cloud at a time. A card that is
// offered in several data centres is one offer for each. v2 tells no spot price, so interruptible offers are none.
func (d *driver) Offers(ctx context.Context, q cloud.OfferQuery) iter.Seq2[cloud.Offer, error] {
	return func(yield func(cloud.Offer, error) bool) {
		if q.Interruptible != nil && *q.Interruptible {
			return
		}
		query, err := catalogueQuery(&q)
		if err != nil {
			yield(cloud.Offer{}, err)
			return
		}
		var all found
		for f := range provider.Fan(ctx, 2, []string{"secure", "community"}, func(ctx context.Context, tier string) found {
			return d.catalogue(ctx, query, tier, &q)
		}) {
			all.offers, all.errs = append(all.offers, f.offers...), append(all.errs, f.errs...)
		}
		for _, o := range provider.Cheapest(all.offers, q.Limit) {
			if !yield(o, nil) {
				return
			}
		}
		for _, err := range all.errs {
			if !yield(cloud.Offer{}, err) || cloud.KindOf(err) != cloud.KindPartial {
				return
			}
		}
	}
}

// catalogueQuery takes the catalogue's own filters from q.Native: "countryCodes=FR,DE cudaVersions=12.8". A count among
// them is that of q.
func catalogueQuery(q *cloud.OfferQuery) (url.Values, error) {
	out := url.Values{"include": {"AVAILABILITY"}, "product": {"POD"}}
	known := []string{"countryCodes", "cudaVersions", "minCudaVersion", "count"}
	wrong := func(field, expected string) error {
		return &cloud.Error{
			Kind: cloud.KindConfig, Op: name + ": read GPU catalogue", Detail: fmt.Sprintf("filter %q: expected %s", field, expected),
		}
	}
	for field := range strings.FieldsSeq(q.Native) {
		key, value, ok := strings.Cut(field, "=")
		if !ok || value == "" || !slices.Contains(known, key) {
			return nil, wrong(field, "key=value with one of "+strings.Join(known, ", "))
		}
		if key != "count" {
			out.Set(key, strings.ToUpper(value))
			continue
		}
		n, err := strconv.Atoi(value)
		if err != nil || n < 1 {
			return nil, wrong(field, "a number of cards")
		}
		q.GPUCount = max(q.GPUCount, n)
	}
	if q.GPUCount > 1 {
		out.Set("count", strconv.Itoa(q.GPUCount))
	}
	return out, nil
}

// catalogue reads what one cloud offers of what q asks for.
func (d *driver) catalogue(ctx context.Context, query url.Values, tier string, q *cloud.OfferQuery) found {
	query = maps.Clone(query)
	query.Set("cloud", strings.ToUpper(tier))
	var f found
	var l loose.List[gpuType]
	call := httpx.Call{Op: "read GPU catalogue (" + tier + ")", Path: "/catalog/gpus", Query: query}
	if _, err := d.api.Do(ctx, call, into("gpus", &l)); err != nil {
		return found{errs: []error{err}}
	}
	now := d.now()
	provider.Elements(name+": "+call.Op, &l, func(g *gpuType) ([]cloud.Offer, bool) {
		return g.offers(g.side(tier), q, now), g.ID+g.Name != ""
	}, func(offers []cloud.Offer, err error) bool {
		if f.offers = append(f.offers, offers...); err != nil {
			f.errs = append(f.errs, err)
		}
		return true
	})
	return f
}

// offers returns one type's offers in one cloud that q keeps: one for each data centre, or one without. What is unknown
// is not at least nor at most anything.
func (g *gpuType) offers(s side, q *cloud.OfferQuery, now time.Time) []cloud.Offer {
	title := string(g.Name)
	if title == "" {
		title = gpuName(g.ID)
	}
	count := max(float64(q.GPUCount), 1)
	price := s.price.Value * count
	switch {
	case s.there.Known && !s.there.Value,
		s.most.Known && count > s.most.Value,
		g.Memory.Value < q.GPUMemoryGB,
		q.MaxPrice > 0 && (price <= 0 || price > q.MaxPrice),
		!contains(title+" "+string(g.ID), strings.ReplaceAll(q.GPUType, "_", " ")):
		return nil
	}
	o := cloud.Offer{
		Provider: name, Account: name, ID: string(g.ID) + "/" + s.name, GPUType: title, GPUCount: count,
		GPUMemoryGB: g.Memory.Value, Currency: "USD", Available: inStock(g.Availability), Stock: lower(g.Availability),
		Tier: s.name, QuotedAt: now, Attrs: g.attrs(s),
	}
	if price > 0 {
		o.PricePerHour = new(price)
	}
	return g.places(o, q.Region)
}

// places returns the offer as it stands in each data centre in the region; where none is told, as it stands.
func (g *gpuType) places(o cloud.Offer, region string) []cloud.Offer {
	if len(g.DataCenters) == 0 {
		if region != "" {
			return nil
		}
		return []cloud.Offer{o}
	}
	var out []cloud.Offer
	for _, dc := range g.DataCenters {
		if !contains(string(dc.ID+" "+dc.Name), region) {
			continue
		}
		at := o
		at.ID, at.Region = o.ID+"/"+string(dc.ID), string(dc.ID)
		at.Available, at.Stock = inStock(dc.Availability), lower(dc.Availability)
		out = append(out, at)
	}
	return out
}

func (g *gpuType) attrs(s side) []cloud.Attr {
	var a provider.Attrs
	a.Add("gpu_id", g.ID)
	a.Add("manufacturer", g.Manufacturer)
	a.Reading("gpu_count_max", s.most)
	a.Add("serverless_pool", g.Pool)
	if p := g.Price.Serverless; p.Value > 0 {
		a.Add("serverless_price_per_gpu_hour", p)
	}
	var cuda []string
	for _, v := range g.CUDAVersions {
		if v.Available.Value && v.Version != "" {
			cuda = append(cuda, string(v.Version))
		}
	}
	a.Add("cuda_versions", cuda)
	return a
}

// inStock reads the schema AvailabilityLevel; where it was not told, nothing is promised.
func inStock(level loose.Text) bool { return level == "LOW" || level == "MEDIUM" || level == "HIGH" }

func contains(s, part string) bool {
	return strings.Contains(strings.ToLower(s), strings.ToLower(part))
}
