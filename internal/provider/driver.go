package provider

import (
	"context"
	"iter"

	"github.com/adsops/cloudtop/internal/cloud"
)

// A Driver is all that a provider must write. Sequences end with their first error, except one of
// cloud.KindPartial, which says what is missing and is followed by the rest. Every method may be called from several
// goroutines and ends promptly with its context.
type Driver interface {
	// Check makes the cheapest call that proves the credential.
	Check(ctx context.Context) error
	// List yields the resources of one service in one scope.
	List(ctx context.Context, q cloud.Query) iter.Seq2[cloud.Resource, error]
}

// A Scoper knows the places to list: accounts, projects, compartments x regions. Without it there is one scope, named
// after the provider.
type Scoper interface {
	Scopes(ctx context.Context) iter.Seq2[cloud.Scope, error]
}

// An Identifier says whom the provider takes us for.
type Identifier interface {
	Identity(ctx context.Context) (cloud.Identity, error)
}

// A MetricsReader reads metrics that the listing does not carry. All refs are of one account, region and service.
type MetricsReader interface {
	Metrics(ctx context.Context, refs []cloud.Ref, w cloud.Window) iter.Seq2[cloud.Sample, error]
}

// A Pricer quotes what resources cost per hour, where the listing does not. All resources are of one account, region
// and service, and are only read: others hold them too.
type Pricer interface {
	Prices(ctx context.Context, resources []*cloud.Resource) iter.Seq2[cloud.Quote, error]
}

// A GPUMarket offers GPUs for rent.
type GPUMarket interface {
	Offers(ctx context.Context, q cloud.OfferQuery) iter.Seq2[cloud.Offer, error]
}

// A MarketReader knows the state of its GPU market as a whole.
type MarketReader interface {
	Markets(ctx context.Context) iter.Seq2[cloud.Market, error]
}

// A CostReader reads money: balance, spend, limits.
type CostReader interface {
	Costs(ctx context.Context, p cloud.Period) iter.Seq2[cloud.Cost, error]
}

// Failed is a sequence that ends with err at once.
func Failed[T any](err error) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var zero T
		yield(zero, err)
	}
}

// NoService is what a driver lists of a service that it does not have.
func NoService(provider, service string) iter.Seq2[cloud.Resource, error] {
	return Failed[cloud.Resource](&cloud.Error{Kind: cloud.KindConfig, Op: provider, Detail: "no service " + service})
}
