package azure

import (
	"context"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/httpx"
	"github.com/adsops/cloudtop/internal/provider"
)

// sizesFresh is how long sizes are kept. The call takes 7 to 9 seconds (about 1,300 sizes in a region), so it is made
// only for regions with machines whose GPUs want counting.
const sizesFresh = 12 * time.Hour

// skuPage is an answer of Microsoft.Compute/skus.
type skuPage struct {
	Value []struct {
		ResourceType, Name string
		Capabilities       []struct {
			Name  string
			Value number // of other capabilities a word
		}
	}
	NextLink string
}

// sizesOf returns the sizes of every region in which items have GPUs, and what of that could not be read.
func (d *driver) sizesOf(ctx context.Context, subscription string, items []item) (sizes, []error) {
	var regions []string
	for i := range items {
		if r := items[i].Region; items[i].accelerated() && !slices.Contains(regions, r) {
			regions = append(regions, r)
		}
	}
	type answer struct {
		sizes map[string]size
		err   error
	}
	all, i := sizes{}, 0
	var errs []error
	for a := range provider.Fan(ctx, len(regions), regions, func(ctx context.Context, region string) answer {
		found, err := d.sizes.do(ctx, region, d.now(), sizesFresh, func(old map[string]size) (map[string]size, error) {
			if old != nil {
				return old, nil
			}
			return d.readSizes(httpx.Common(ctx), subscription, region)
		})
		return answer{found, err}
	}) {
		all[regions[i]] = a.sizes
		if a.err != nil {
			errs = append(errs, partly(a.err, "GPUs in "+regions[i]+" are not counted"))
		}
		i++
	}
	return all, errs
}

// partly says what an error leaves out. An ended context stays what it is.
func partly(err error, missing string) error {
	if kind := cloud.KindOf(err); kind == cloud.KindCancelled || kind == cloud.KindTimeout {
		return err
	}
	p := cloud.Partial(name, missing+": "+err.Error())
	p.Err = err
	return p
}

func (it *item) accelerated() bool {
	return slices.ContainsFunc(it.machines, func(m machines) bool {
		n, ok := nameOf(m.size)
		return ok && n.accelerated()
	})
}

func (d *driver) readSizes(ctx context.Context, subscription, region string) (map[string]size, error) {
	call := httpx.Call{
		Op: "list sizes in " + region, Path: "/subscriptions/" + url.PathEscape(subscription) + "/providers/Microsoft.Compute/skus",
		Query: url.Values{"api-version": {"2021-07-01"}, "$filter": {"location eq '" + region + "'"}},
	}
	all := map[string]size{}
	for {
		page, err := fetch[skuPage](ctx, d, armAudience, call)
		if err != nil && !partial(err) { // a size that cannot be read stays unknown
			return nil, err
		}
		for _, s := range page.Value {
			if !strings.EqualFold(s.ResourceType, "virtualMachines") {
				continue
			}
			var z size
			for _, c := range s.Capabilities {
				v := c.Value.value
				switch c.Name {
				case "vCPUs":
					z.vcpus = max(z.vcpus, v)
				case "vCPUsAvailable": // fewer than vCPUs where the size is constrained
					z.vcpus = v
				case "MemoryGB":
					z.memoryGB = v
				case "GPUs":
					z.gpus = v
				}
			}
			all[strings.ToLower(s.Name)] = z
		}
		if page.NextLink == "" || page.NextLink == call.Path {
			return all, nil
		}
		call.Path, call.Query = page.NextLink, nil
	}
}
