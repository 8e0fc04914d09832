package collector

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/httpx"
	"github.com/adsops/cloudtop/internal/hub"
	"github.com/adsops/cloudtop/internal/provider"
)

// round is one pass over one target. Its methods run in many goroutines; events is their only way out.
type round struct {
	request Request
	now     func() time.Time
	events  chan<- hub.Event
	running sync.WaitGroup
}

// target asks one provider for everything. Its context ends with the first refusal of its credential. The line of its
// connection comes last: it counts the calls that the other units shared.
func (r *round) target(ctx context.Context, t *Target, o opened) {
	ctx, refuse := context.WithCancelCause(ctx)
	defer refuse(nil)
	ctx = context.WithValue(ctx, refuseKey{}, refuse)
	key := hub.Key{Provider: t.Spec.Name, Capability: hub.Connect}
	r.events <- hub.Planned{Keys: []hub.Key{key}}
	switch {
	case t.Skip != "":
		r.events <- hub.Finished{Unit: hub.Unit{Key: key, State: hub.Skipped, Reason: t.Skip, At: r.now()}}
		return
	case o.err != nil:
		r.events <- hub.Finished{Unit: unitOf(key, []error{o.err}, 0, r.now())}
		return
	}
	common := new(httpx.Stats)
	ctx = httpx.WithCommon(ctx, common)
	if r.request.Offers != nil || r.request.Markets {
		r.market(ctx, t.Spec.Name, o.conn)
	}
	var scopes []cloud.Scope
	connected := r.measure(ctx, key, func(ctx context.Context, f *hub.Finished) []error {
		if !r.request.Resources && !r.request.Costs {
			return nil
		}
		errs := take(o.conn.Scopes(ctx), func(s cloud.Scope) { scopes = append(scopes, s) })
		f.Scopes, f.Unit.Rows = scopes, len(scopes)
		return errs
	})
	if len(scopes) > 0 {
		r.account(ctx, key, o.conn, scopes)
	}
	r.running.Wait()
	connected.Unit.Calls += common.Calls()
	r.events <- connected
}

// account lists the scopes and reads the money.
func (r *round) account(ctx context.Context, key hub.Key, conn *provider.Conn, scopes []cloud.Scope) {
	if reader, ok := conn.Driver().(provider.CostReader); ok && r.request.Costs {
		k := hub.Key{Provider: key.Provider, Capability: hub.Costs}
		r.start(ctx, k, func(ctx context.Context, f *hub.Finished) []error {
			errs := take(reader.Costs(ctx, r.request.Period), func(c cloud.Cost) { f.Costs = append(f.Costs, c) })
			f.Unit.Rows = len(f.Costs)
			return errs
		})
	}
	if r.request.Resources {
		r.list(ctx, conn, inRegions(scopes, conn.Config().Regions))
	}
}

func inRegions(scopes []cloud.Scope, regions []string) []cloud.Scope {
	if len(regions) == 0 {
		return scopes
	}
	return slices.DeleteFunc(slices.Clone(scopes), func(s cloud.Scope) bool {
		return s.Region != "" && !slices.Contains(regions, s.Region)
	})
}

// market asks for offers and the state of the market, where the provider has one.
func (r *round) market(ctx context.Context, name string, conn *provider.Conn) {
	if m, ok := conn.Driver().(provider.GPUMarket); ok && r.request.Offers != nil {
		r.start(ctx, hub.Key{Provider: name, Capability: hub.Offers}, func(ctx context.Context, f *hub.Finished) []error {
			errs := take(m.Offers(ctx, *r.request.Offers), func(o cloud.Offer) { f.Offers = append(f.Offers, o) })
			f.Unit.Rows = len(f.Offers)
			return errs
		})
	}
	if m, ok := conn.Driver().(provider.MarketReader); ok && r.request.Markets {
		r.start(ctx, hub.Key{Provider: name, Capability: hub.Markets}, func(ctx context.Context, f *hub.Finished) []error {
			errs := take(m.Markets(ctx), func(m cloud.Market) { f.Markets = append(f.Markets, m) })
			f.Unit.Rows = len(f.Markets)
			return errs
		})
	}
}

// list lists every service in every scope. The scopes of one account and region are one group for each service: when
// the group is listed, its details are read.
func (r *round) list(ctx context.Context, conn *provider.Conn, scopes []cloud.Scope) {
	name := conn.Name()
	groups := map[hub.Key][]cloud.Query{}
	var keys []hub.Key
	for _, q := range provider.Units(scopes, conn.Services(r.request.Services)) {
		k := listKey(name, q)
		keys = append(keys, k)
		k.Compartment = ""
		groups[k] = append(groups[k], q)
	}
	r.events <- hub.Planned{Keys: keys}
	for k, queries := range groups {
		r.running.Go(func() { r.group(ctx, conn, k, queries) })
	}
}

func listKey(name string, q cloud.Query) hub.Key {
	return hub.Key{
		Provider: name, Account: q.Scope.Account, Region: q.Scope.Region, Compartment: q.Scope.Compartment,
		Service: q.Service, Capability: hub.Resources,
	}
}

// group lists one service of one account and region, compartment by compartment, then reads its details.
func (r *round) group(ctx context.Context, conn *provider.Conn, group hub.Key, queries []cloud.Query) {
	var mu sync.Mutex
	var found []*cloud.Resource
	var wg sync.WaitGroup
	for _, q := range queries {
		wg.Go(func() {
			k := listKey(group.Provider, q)
			r.unit(ctx, k, func(ctx context.Context, f *hub.Finished) []error {
				errs := take(conn.Driver().List(ctx, q), func(res cloud.Resource) { f.Resources = append(f.Resources, &res) })
				f.Unit.Rows = len(f.Resources)
				mu.Lock()
				defer mu.Unlock()
				found = append(found, f.Resources...)
				return errs
			})
		})
	}
	wg.Wait()
	if r.request.Details && len(found) > 0 && ctx.Err() == nil {
		r.details(ctx, conn, group, found)
	}
}

// details reads the metrics and the prices of the resources of one group.
func (r *round) details(ctx context.Context, conn *provider.Conn, group hub.Key, found []*cloud.Resource) {
	svc, _ := conn.Spec().Service(group.Service)
	reader, ok := conn.Driver().(provider.MetricsReader)
	if refs := measurable(found); ok && len(refs) > 0 && len(svc.Metrics) > 0 {
		k := group
		k.Capability = hub.Metrics
		r.start(ctx, k, func(ctx context.Context, f *hub.Finished) []error {
			f.Samples = make(map[string][]cloud.Metric, len(refs))
			return take(reader.Metrics(ctx, refs, r.window(&svc)), func(s cloud.Sample) {
				of := f.Samples[s.ID]
				if of == nil {
					of = make([]cloud.Metric, 0, len(svc.Metrics))
				}
				f.Samples[s.ID] = append(of, s.Metric)
				f.Unit.Rows++
			})
		})
	}
	pricer, ok := conn.Driver().(provider.Pricer)
	if priced := priceless(found); ok && len(priced) > 0 {
		k := group
		k.Capability = hub.Prices
		r.start(ctx, k, func(ctx context.Context, f *hub.Finished) []error {
			f.Quotes = make(map[string]*cloud.Price, len(priced))
			once := map[cloud.Price]*cloud.Price{}
			errs := take(pricer.Prices(ctx, priced), func(q cloud.Quote) {
				if once[q.Price] == nil {
					once[q.Price] = &q.Price
				}
				f.Quotes[q.ID] = once[q.Price]
			})
			f.Unit.Rows = len(f.Quotes)
			return errs
		})
	}
}

// measurable returns the resources that can have metrics: what is stopped or gone has none.
func measurable(found []*cloud.Resource) []cloud.Ref {
	refs := make([]cloud.Ref, 0, len(found))
	for _, r := range found {
		if r.Status != cloud.StatusStopped && r.Status != cloud.StatusDeleted {
			refs = append(refs, r.Ref())
		}
	}
	return refs
}

// priceless returns the resources that came without a price.
func priceless(found []*cloud.Resource) []*cloud.Resource {
	priced := func(r *cloud.Resource) bool { return r.Cost != nil }
	if !slices.ContainsFunc(found, priced) {
		return found
	}
	return slices.DeleteFunc(slices.Clone(found), priced)
}

// window is long enough to hold the newest reading of a service whose metrics are late.
func (r *round) window(svc *provider.Service) cloud.Window {
	now := r.now()
	return cloud.Window{From: now.Add(-max(5*time.Minute, svc.Delay+3*svc.Step)), To: now}
}

// take gives every value of a sequence to use and returns its errors: partial ones in passing, any other at its end.
func take[T any](seq func(yield func(T, error) bool), use func(T)) []error {
	var errs []error
	for v, err := range seq {
		if err == nil {
			use(v)
			continue
		}
		errs = append(errs, err)
		if cloud.KindOf(err) != cloud.KindPartial {
			break
		}
	}
	return errs
}

// reasons joins messages, each once.
func reasons(errs []error) string {
	var all []string
	for _, err := range errs {
		if m := err.Error(); !slices.Contains(all, m) {
			all = append(all, m)
		}
	}
	const most = 5
	if more := len(all) - most; more > 0 {
		all = append(all[:most], "and "+plural(more, "more reason"))
	}
	return strings.Join(all, "; ")
}
