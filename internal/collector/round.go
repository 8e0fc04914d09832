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
	"github.com/adsops/cloudtop/pkg/glob"
)

// round is one pass over one target. Its methods run in many goroutines; events is their only way out.
type round struct {
	request  Request
	conn     *provider.Conn
	refuse   context.CancelCauseFunc // ends all work of the target
	keeping  Keeping
	identity string    // whose answers the cache has
	since    time.Time // when the run began
	preview  bool      // only the cache is asked
	now      func() time.Time
	shelf    *shelf
	events   chan<- hub.Event
	running  sync.WaitGroup
}

// target asks one provider for everything. Its context ends with the first refusal of its credential. The line of its
// connection comes last: it counts the calls that the other units shared.
func (r *round) target(ctx context.Context, t *Target, o opened) {
	ctx, refuse := context.WithCancelCause(ctx)
	defer refuse(nil)
	key := hub.Key{Provider: t.Spec.Name, Capability: hub.Connect}
	r.events <- hub.Planned{Keys: []hub.Key{key}}
	switch {
	case t.Skip != "":
		r.skip(key, t.Skip)
		return
	case o.err != nil:
		r.events <- r.failure(key, o.err)
		return
	}
	r.conn, r.refuse = o.conn, refuse
	r.guard(key, func() { r.reach(ctx, t.Spec.Name, key) })
	r.running.Wait()
}

// guard does a part of the round. Where cloudtop itself breaks down in it, that is the end of a unit and of nothing else.
func (r *round) guard(key hub.Key, do func()) {
	if err := r.conn.Guard(do); err != nil {
		r.events <- r.failure(key, err)
	}
}

// failure is the end of a unit that read nothing.
func (r *round) failure(key hub.Key, err error) hub.Finished {
	return hub.Finished{Unit: unitOf(key, []error{err}, 0, r.now())}
}

// reach connects, and starts what can be read then.
func (r *round) reach(ctx context.Context, name string, key hub.Key) {
	if r.request.Offers != nil && !r.sells() {
		r.skip(key, "it lists no GPUs for rent")
		return
	}
	r.identity = identity(r.conn.Config())
	common := new(httpx.Stats)
	ctx = httpx.WithCommon(ctx, common)
	if r.request.Offers != nil || r.request.Markets {
		r.market(ctx, name)
	}
	connected, ok := hub.Finished{Unit: unitOf(key, nil, 0, r.now())}, true
	if r.request.Resources || r.request.Costs {
		connected, ok = r.measure(ctx, task{
			key: key, ttl: r.keeping.lifetime(hub.Connect, 0), read: func(ctx context.Context, f *hub.Finished) []error {
				return take(r.conn.Scopes(ctx), func(s cloud.Scope) { f.Scopes = append(f.Scopes, s) })
			},
		})
	}
	if len(connected.Scopes) > 0 {
		r.account(ctx, key, connected.Scopes)
	}
	r.running.Wait()
	connected.Unit.Waited += common.Waited()
	if connected.Unit.Calls += common.Calls(); ok {
		r.events <- connected
	}
}

// skip ends a unit that is not asked, with the reason.
func (r *round) skip(key hub.Key, reason string) {
	r.events <- hub.Finished{Unit: hub.Unit{Key: key, State: hub.Skipped, Reason: reason, At: r.now()}}
}

// sells reports whether the provider lists GPUs for rent.
func (r *round) sells() bool {
	_, ok := r.conn.Driver().(provider.GPUMarket)
	return ok
}

// account lists the scopes and reads the money.
func (r *round) account(ctx context.Context, key hub.Key, scopes []cloud.Scope) {
	if reader, ok := r.conn.Driver().(provider.CostReader); ok && r.request.Costs {
		r.start(ctx, task{
			key:    hub.Key{Provider: key.Provider, Capability: hub.Costs},
			detail: r.request.Period.From.UTC().Format(time.RFC3339), ttl: r.keeping.lifetime(hub.Costs, 0),
			read: func(ctx context.Context, f *hub.Finished) []error {
				return take(reader.Costs(ctx, r.request.Period), func(c cloud.Cost) { f.Costs = append(f.Costs, c) })
			},
		})
	}
	if r.request.Resources {
		r.list(ctx, asked(scopes, r.conn.Config().Regions, r.request.Accounts))
	}
}

// asked returns the scopes in the regions, and those without one, of the accounts: by identifier or name, in which '*'
// stands for any characters. No regions or no accounts are all.
func asked(scopes []cloud.Scope, regions, accounts []string) []cloud.Scope {
	return slices.DeleteFunc(slices.Clone(scopes), func(s cloud.Scope) bool {
		return len(regions) > 0 && s.Region != "" && !slices.Contains(regions, s.Region) || len(accounts) > 0 && !glob.Any(accounts, s.Account, s.AccountName)
	})
}

// market asks for offers and the state of the market, where the provider has one.
func (r *round) market(ctx context.Context, name string) {
	if m, ok := r.conn.Driver().(provider.GPUMarket); ok && r.request.Offers != nil {
		r.start(ctx, task{
			key: hub.Key{Provider: name, Capability: hub.Offers}, detail: queryOf(r.request.Offers),
			ttl: r.keeping.lifetime(hub.Offers, 0), read: func(ctx context.Context, f *hub.Finished) []error {
				return take(m.Offers(ctx, *r.request.Offers), func(o cloud.Offer) { f.Offers = append(f.Offers, o) })
			},
		})
	}
	if m, ok := r.conn.Driver().(provider.MarketReader); ok && r.request.Markets {
		r.start(ctx, task{
			key: hub.Key{Provider: name, Capability: hub.Markets},
			ttl: r.keeping.lifetime(hub.Markets, 0), read: func(ctx context.Context, f *hub.Finished) []error {
				return take(m.Markets(ctx), func(m cloud.Market) { f.Markets = append(f.Markets, m) })
			},
		})
	}
}

// list lists every service in every scope. The scopes of one account and region are one group for each service: when
// the group is listed, its details are read.
func (r *round) list(ctx context.Context, scopes []cloud.Scope) {
	name, services := r.conn.Name(), r.conn.Services(r.request.Services)
	if len(services) == 0 {
		key := hub.Key{Provider: name, Capability: hub.Resources}
		r.events <- hub.Planned{Keys: []hub.Key{key}}
		r.skip(key, r.without())
		return
	}
	units := provider.Units(scopes, services)
	keys := make([]hub.Key, len(units))
	for i, q := range units {
		keys[i] = listKey(name, q)
	}
	r.events <- hub.Planned{Keys: keys}
	for _, queries := range provider.Groups(units) {
		r.running.Go(func() { r.group(ctx, queries) })
	}
}

// without says why the provider has none of the services that are asked for.
func (r *round) without() string {
	names := strings.Join(r.request.Services, ", ")
	if len(r.conn.Spec().Among(r.request.Services)) > 0 {
		return "the configuration leaves out its services of this kind: " + names
	}
	return "it has no service of this kind: " + names
}

func listKey(name string, q cloud.Query) hub.Key {
	return hub.Key{
		Provider: name, Account: q.Scope.Account, Region: q.Scope.Region, Compartment: q.Scope.Compartment,
		Service: q.Service, Capability: hub.Resources,
	}
}

// group lists one service of one account and region, compartment by compartment, then reads its details. What the
// cache has of it is taken first, so that the driver can be told what is asked of it together.
func (r *round) group(ctx context.Context, queries []cloud.Query) {
	var mu sync.Mutex
	var found []*cloud.Resource
	var rest []cloud.Query
	learn := func(f hub.Finished) {
		r.events <- f
		mu.Lock()
		defer mu.Unlock()
		found = append(found, f.Resources...)
	}
	each(queries, func(q cloud.Query) {
		t := r.listing(q)
		if f, ok := r.cached(ctx, &t); ok {
			learn(f)
			return
		}
		mu.Lock()
		defer mu.Unlock()
		rest = append(rest, q)
	})
	if r.preview {
		rest = nil
	}
	together := provider.NewBatch(rest).In(ctx)
	each(rest, func(q cloud.Query) { learn(r.anew(together, r.listing(q))) })
	if r.request.Details && len(found) > 0 && ctx.Err() == nil {
		key := listKey(r.conn.Name(), queries[0])
		key.Compartment = ""
		details := key
		details.Capability = hub.Metrics
		r.guard(details, func() { r.details(ctx, key, found) })
	}
}

// each does all queries at once.
func each(queries []cloud.Query, do func(cloud.Query)) {
	var wg sync.WaitGroup
	for _, q := range queries {
		wg.Go(func() { do(q) })
	}
	wg.Wait()
}

// listing is the task of one query.
func (r *round) listing(q cloud.Query) task {
	return task{
		key: listKey(r.conn.Name(), q), ttl: r.keeping.lifetime(hub.Resources, 0),
		read: func(ctx context.Context, f *hub.Finished) []error {
			return take(r.conn.Driver().List(ctx, q), func(res cloud.Resource) {
				r.shelf.share(&res)
				f.Resources = append(f.Resources, &res)
			})
		},
	}
}

// details reads the metrics and the prices of the resources of one group.
func (r *round) details(ctx context.Context, group hub.Key, found []*cloud.Resource) {
	svc, _ := r.conn.Spec().Service(group.Service)
	reader, ok := r.conn.Driver().(provider.MetricsReader)
	if alive := measurable(found); ok && len(alive) > 0 && len(svc.Metrics) > 0 {
		group.Capability = hub.Metrics
		r.start(ctx, task{
			key: group, detail: r.detail(alive, false), ttl: r.keeping.lifetime(hub.Metrics, svc.Step),
			read: func(ctx context.Context, f *hub.Finished) []error { return r.sample(ctx, reader, &svc, alive, f) },
		})
	}
	pricer, ok := r.conn.Driver().(provider.Pricer)
	if priced := priceless(found); ok && len(priced) > 0 {
		group.Capability = hub.Prices
		r.start(ctx, task{
			key: group, detail: r.detail(priced, true), ttl: r.keeping.lifetime(hub.Prices, 0),
			read: func(ctx context.Context, f *hub.Finished) []error { return quote(ctx, pricer, priced, f) },
		})
	}
}

// detail names what details are read of; there is no need to without a cache.
func (r *round) detail(of []*cloud.Resource, all bool) string {
	if r.keeping.Store == nil {
		return ""
	}
	return detailOf(of, all)
}

// sample reads the metrics of resources of one service.
func (r *round) sample(
	ctx context.Context, reader provider.MetricsReader, svc *provider.Service, of []*cloud.Resource, f *hub.Finished,
) []error {
	refs := make([]cloud.Ref, len(of))
	for i := range of {
		refs[i] = of[i].Ref()
	}
	read := newReadings(refs)
	errs := take(reader.Metrics(ctx, refs, r.window(svc)), read.add)
	f.Samples = read.byResource()
	return errs
}

// quote reads the prices of resources of one service. Equal prices share one place in memory.
func quote(ctx context.Context, pricer provider.Pricer, of []*cloud.Resource, f *hub.Finished) []error {
	f.Quotes = make(map[string]*cloud.Price, len(of))
	once := map[cloud.Price]*cloud.Price{}
	return take(pricer.Prices(ctx, of), func(q cloud.Quote) {
		if once[q.Price] == nil {
			once[q.Price] = &q.Price
		}
		f.Quotes[q.ID] = once[q.Price]
	})
}

// measurable returns the resources that can have metrics: what is stopped or gone has none.
func measurable(found []*cloud.Resource) []*cloud.Resource {
	return without(found, func(r *cloud.Resource) bool {
		return r.Status == cloud.StatusStopped || r.Status == cloud.StatusDeleted
	})
}

// priceless returns the resources that came without a price.
func priceless(found []*cloud.Resource) []*cloud.Resource {
	return without(found, func(r *cloud.Resource) bool { return r.Cost != nil })
}

// without returns the resources that do not match: found itself where none does.
func without(found []*cloud.Resource, match func(*cloud.Resource) bool) []*cloud.Resource {
	if !slices.ContainsFunc(found, match) {
		return found
	}
	return slices.DeleteFunc(slices.Clone(found), match)
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
