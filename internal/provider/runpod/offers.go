package runpod

import (
	"context"
	"fmt"
	"iter"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/httpx"
)

// gpuType is the schema GpuType with include=AVAILABILITY. Prices are USD per hour for one card.
type gpuType struct {
	ID, Name     string
	Manufacturer string
	Memory       float64 // GB
	Price        map[string]*float64
	MaxCount     map[string]float64
	Availability string
	DataCenters  []struct{ ID, Name, Availability string }
	CUDAVersions []struct {
		Version   string
		Available bool
	}
	Secure, Community bool
}

// Offers reads the catalogue once for each cloud, since availability is told for one cloud at a time. A card that is
// offered in several data centres is one offer for each. v2 tells no spot price, so interruptible offers are none.
func (d *driver) Offers(ctx context.Context, q cloud.OfferQuery) iter.Seq2[cloud.Offer, error] {
	return func(yield func(cloud.Offer, error) bool) {
		if q.Interruptible != nil && *q.Interruptible {
			return
		}
		query, err := catalogueQuery(q)
		if err != nil {
			yield(cloud.Offer{}, err)
			return
		}
		for _, tier := range []string{"secure", "community"} {
			query.Set("cloud", strings.ToUpper(tier))
			var answer struct{ GPUs []gpuType }
			call := httpx.Call{Op: "read GPU catalogue (" + tier + ")", Path: "/catalog/gpus", Query: query}
			if _, err := d.api.Do(ctx, call, httpx.Into(&answer)); err != nil {
				if !yield(cloud.Offer{}, err) {
					return
				}
				return
			}
			for i := range answer.GPUs {
				for _, o := range d.offers(&answer.GPUs[i], tier, q) {
					if !yield(o, nil) {
						return
					}
				}
			}
		}
	}
}

// catalogueQuery takes the catalogue's own filters from q.Native: "countryCodes=FR,DE cudaVersions=12.8".
func catalogueQuery(q cloud.OfferQuery) (url.Values, error) {
	out := url.Values{"include": {"AVAILABILITY"}, "product": {"POD"}}
	if q.GPUCount > 1 {
		out.Set("count", strconv.Itoa(q.GPUCount))
	}
	known := []string{"countryCodes", "cudaVersions", "minCudaVersion", "count", "product"}
	for field := range strings.FieldsSeq(q.Native) {
		key, value, ok := strings.Cut(field, "=")
		if !ok || value == "" || !slices.Contains(known, key) {
			return nil, &cloud.Error{
				Kind: cloud.KindRequest, Op: "runpod: read GPU catalogue",
				Detail: fmt.Sprintf("filter %q: expected key=value with one of %s", field, strings.Join(known, ", ")),
			}
		}
		out.Set(key, value)
	}
	return out, nil
}

// offers returns one type's offers in one cloud that q keeps: one for each data centre, or one without.
func (d *driver) offers(g *gpuType, tier string, q cloud.OfferQuery) []cloud.Offer {
	there := map[string]bool{"secure": g.Secure, "community": g.Community}[tier]
	count := max(float64(q.GPUCount), 1)
	if !there || count > g.MaxCount[tier] || g.Memory < q.GPUMemoryGB || !contains(g.Name+" "+g.ID, q.GPUType) {
		return nil
	}
	o := cloud.Offer{
		Provider: name, Account: name, ID: g.ID + "/" + tier, GPUType: g.Name, GPUCount: count, GPUMemoryGB: g.Memory,
		Currency: "USD", Available: inStock(g.Availability), Stock: strings.ToLower(g.Availability), Tier: tier,
		QuotedAt: d.now(), Attrs: g.attrs(tier),
	}
	if p := g.Price[tier]; p != nil && *p > 0 {
		o.PricePerHour = new(*p * count)
		if q.MaxPrice > 0 && *o.PricePerHour > q.MaxPrice {
			return nil
		}
	}
	if len(g.DataCenters) == 0 {
		if q.Region != "" {
			return nil
		}
		return []cloud.Offer{o}
	}
	var out []cloud.Offer
	for _, dc := range g.DataCenters {
		if !contains(dc.ID+" "+dc.Name, q.Region) {
			continue
		}
		at := o
		at.ID, at.Region = o.ID+"/"+dc.ID, dc.ID
		at.Available, at.Stock = inStock(dc.Availability), strings.ToLower(dc.Availability)
		out = append(out, at)
	}
	return out
}

func (g *gpuType) attrs(tier string) []cloud.Attr {
	var a attrs
	a.text("gpu_id", g.ID)
	a.text("manufacturer", g.Manufacturer)
	a.add("gpu_count_max", g.MaxCount[tier])
	if p := g.Price["serverless"]; p != nil && *p > 0 {
		a.add("serverless_price_per_gpu_hour", *p)
	}
	var cuda []string
	for _, v := range g.CUDAVersions {
		if v.Available {
			cuda = append(cuda, v.Version)
		}
	}
	a.texts("cuda_versions", cuda)
	return a
}

// inStock reads the schema AvailabilityLevel; where it was not told, nothing is promised.
func inStock(level string) bool { return level == "LOW" || level == "MEDIUM" || level == "HIGH" }

func contains(s, part string) bool {
	return strings.Contains(strings.ToLower(s), strings.ToLower(part))
}
