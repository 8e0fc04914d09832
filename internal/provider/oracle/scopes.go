package oracle

import (
	"context"
	"iter"
	"slices"
	"strings"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/provider"
	"github.com/adsops/cloudtop/pkg/nearest"
)

// Scopes yields every compartment in every subscribed region. What may not be read is replaced by what is configured,
// and said.
func (d *driver) Scopes(ctx context.Context) iter.Seq2[cloud.Scope, error] {
	return func(yield func(cloud.Scope, error) bool) {
		t, err := d.currentTree(ctx, true)
		if err != nil {
			yield(cloud.Scope{}, err)
			return
		}
		for _, missing := range t.missing {
			if !yield(cloud.Scope{}, missing) {
				return
			}
		}
		for _, c := range t.compartments {
			for _, region := range t.regions {
				s := cloud.Scope{Account: t.account, AccountName: t.account, Region: region, Compartment: c.path}
				if !yield(s, nil) {
					return
				}
			}
		}
	}
}

// readTree asks for the tenancy's name, its compartments and its regions at once.
func (d *driver) readTree(ctx context.Context) (*tree, error) {
	tenancy, home, err := d.signer.whose(ctx)
	if err != nil {
		return nil, err
	}
	var account string
	var all []compartment
	var odd []*cloud.Error
	var regions []string
	var errs [3]error
	provider.Together(
		func() { account, errs[0] = d.tenancyName(ctx) },
		func() { all, odd, errs[1] = d.readCompartments(ctx, tenancy, home) },
		func() { regions, errs[2] = d.readRegions(ctx, tenancy, home) },
	)
	for _, err := range errs {
		if err != nil && cloud.KindOf(err) != cloud.KindDenied {
			return nil, err
		}
	}
	t := newTree(tenancy, all)
	t.missing = odd
	if t.account = account; account == "" {
		t.account = tenancy
	}
	if errs[1] != nil {
		t.missing = append(t.missing, unseen("compartments", "inspect compartments", "the root compartment, or options.compartment_id"))
	}
	before := len(t.compartments)
	if err := d.narrowTree(t); err != nil {
		return nil, err
	}
	t.whole = errs[1] == nil && odd == nil && len(t.compartments) == before && t.compartments[0].ID == tenancy
	d.chooseRegions(t, regions, home, errs[2] != nil)
	return t, nil
}

// unseen says that a list may not be read and what is done without it.
func unseen(what, permission, instead string) *cloud.Error {
	return &cloud.Error{
		Kind: cloud.KindPartial, Op: name + ": list " + what,
		Detail: "the tenancy's " + what + " may not be read: only " + instead + " is listed",
		Hint:   "Allow group <your group> to " + permission + " in tenancy",
	}
}

func (d *driver) narrowTree(t *tree) error {
	wanted := d.config.Option("compartment_id")
	if wanted == "" {
		return nil
	}
	subtree, set := d.config.Options["compartment_subtree"].(bool)
	return t.narrow(wanted, subtree || !set)
}

// chooseRegions takes the subscribed regions that are configured; without a list of subscriptions, the configured
// ones or the credential's own.
func (d *driver) chooseRegions(t *tree, subscribed []string, home string, denied bool) {
	var configured []string
	for _, region := range d.config.Regions {
		configured = append(configured, regionName(region))
	}
	slices.Sort(configured)
	configured = slices.Compact(configured)
	switch {
	case denied && len(configured) > 0:
		t.regions = configured
		t.missing = append(t.missing, unseen("regions", "inspect tenancies", strings.Join(configured, ", ")))
	case denied:
		t.regions = []string{home}
		t.missing = append(t.missing, unseen("regions", "inspect tenancies", home))
	case len(configured) == 0:
		t.regions = subscribed
	default:
		for _, region := range configured {
			if slices.Contains(subscribed, region) {
				t.regions = append(t.regions, region)
				continue
			}
			if !d.config.AnyRegion {
				t.missing = append(t.missing, &cloud.Error{
					Kind: cloud.KindPartial, Op: name + ": list regions",
					Detail: "the tenancy is not subscribed to the region " + region,
					Hint:   "mend regions in the configuration; there are: " + strings.Join(subscribed, ", "),
				})
			}
		}
		if d.config.AnyRegion && len(t.regions) == 0 {
			t.missing = append(t.missing, elsewhere(configured, subscribed))
		}
	}
}

// elsewhere says that the tenancy has none of the regions that were asked for, which other providers may have.
func elsewhere(asked, subscribed []string) *cloud.Error {
	hint := "its regions are " + strings.Join(subscribed, ", ")
	if near := nearest.Of(asked[0], subscribed); near != "" {
		hint = "did you mean " + near + "? " + hint
	}
	return &cloud.Error{
		Kind: cloud.KindUnsupported, Op: name + ": list regions",
		Detail: "the tenancy is not subscribed to " + strings.Join(asked, ", "), Hint: hint,
	}
}
