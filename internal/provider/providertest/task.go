package providertest

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/provider"
)

// task is one use of a driver's method, as the collector makes it.
type task struct {
	name    string // "list pods in acme/eu-1"
	kind    string // the method: check, identity, scopes, list, metrics, prices, offers, markets, costs
	service string // empty where it is not of one service
	query   cloud.Query
	read    func(ctx context.Context, c *provider.Conn, out *outcome)
}

func (k task) do(ctx context.Context, c *provider.Conn) *outcome {
	out := &outcome{}
	k.read(ctx, c, out)
	return out
}

// outcome is what a task found.
type outcome struct {
	identity  cloud.Identity
	scopes    []cloud.Scope
	resources []cloud.Resource
	samples   []cloud.Sample
	quotes    []cloud.Quote
	offers    []cloud.Offer
	markets   []cloud.Market
	costs     []cloud.Cost
	errs      []error
}

// rows returns what was found, one line each, without times and readings, which differ from moment to moment.
func (o *outcome) rows() []string {
	var out []string
	add := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	if o.identity != (cloud.Identity{}) {
		add("identity %+v", o.identity)
	}
	for _, s := range o.scopes {
		add("scope %+v", s)
	}
	for i := range o.resources {
		r := &o.resources[i]
		add("resource %+v %q %s %q %v gpu=%v cost=%v metrics=%v attrs=%v", r.Ref(), r.Name, r.Status, r.NativeStatus,
			r.Tags, gpuOf(r), r.Cost != nil, metricNames(r.Metrics), attrNames(r.Attrs))
	}
	for _, s := range o.samples {
		add("sample %s %s", s.ID, s.Metric.Name)
	}
	for _, q := range o.quotes {
		add("quote %s %v %v", q.ID, q.Price.Low, q.Price.High)
	}
	for i := range o.offers {
		f := &o.offers[i]
		add("offer %s %s %v %v %s %s", f.ID, f.GPUType, f.GPUCount, f.Region, f.Tier, f.Stock)
	}
	for i := range o.markets {
		add("market %s", o.markets[i].GPUType)
	}
	for i := range o.costs {
		c := &o.costs[i]
		add("cost %s %s %s %s %s %s", c.Account, c.Region, c.Service, c.ID, c.Kind, c.Currency)
	}
	return out
}

func gpuOf(r *cloud.Resource) cloud.GPU {
	if r.GPU == nil {
		return cloud.GPU{}
	}
	return *r.GPU
}

func attrNames(all []cloud.Attr) string {
	var names []string
	for _, a := range all {
		names = append(names, a.Name)
	}
	return strings.Join(names, ",")
}

func metricNames(all []cloud.Metric) string {
	var names []string
	for _, m := range all {
		names = append(names, m.Name)
	}
	return strings.Join(names, ",")
}

// refs returns what the resources are called, to see whether one was made up.
func (o *outcome) refs() map[string]bool {
	out := map[string]bool{}
	for i := range o.resources {
		r := &o.resources[i]
		out[r.Service+" "+r.Account+" "+r.ID+" "+r.Name] = true
	}
	return out
}

// sorted returns the rows in an order that does not depend on the provider's.
func (o *outcome) sorted() []string { return slices.Sorted(slices.Values(o.rows())) }

// same reports whether two outcomes have the same rows.
func (o *outcome) same(other *outcome) bool { return slices.Equal(o.sorted(), other.sorted()) }

// complete reports whether nothing went wrong.
func (o *outcome) complete() bool { return len(o.errs) == 0 }

// take gives every value of a sequence to rows and every error to errs, and ends where the collector would.
func take[T any](seq iter.Seq2[T, error], rows *[]T, errs *[]error) {
	for v, err := range seq {
		switch {
		case err == nil:
			*rows = append(*rows, v)
		case cloud.KindOf(err) == cloud.KindPartial:
			*errs = append(*errs, err)
		default:
			*errs = append(*errs, err)
			return
		}
	}
}

// opening returns the tasks that need nothing but a connection; has says what the driver can do.
func opening(d provider.Driver) []task {
	tasks := []task{{name: "check", kind: "check", read: func(ctx context.Context, c *provider.Conn, out *outcome) {
		if err := c.HealthCheck(ctx); err != nil {
			out.errs = append(out.errs, err)
		}
	}}}
	if _, ok := d.(provider.Identifier); ok {
		tasks = append(tasks, task{name: "identity", kind: "identity", read: func(ctx context.Context, c *provider.Conn, out *outcome) {
			var err error
			if out.identity, err = c.Driver().(provider.Identifier).Identity(ctx); err != nil {
				out.errs = append(out.errs, err)
			}
		}})
	}
	return append(tasks, task{name: "scopes", kind: "scopes", read: func(ctx context.Context, c *provider.Conn, out *outcome) {
		take(c.Scopes(ctx), &out.scopes, &out.errs)
	}})
}

// marketTasks returns the tasks that are not about what the account has.
func marketTasks(d provider.Driver) []task {
	var tasks []task
	if _, ok := d.(provider.GPUMarket); ok {
		tasks = append(tasks, task{name: "offers", kind: "offers", read: func(ctx context.Context, c *provider.Conn, out *outcome) {
			take(c.Driver().(provider.GPUMarket).Offers(ctx, cloud.OfferQuery{}), &out.offers, &out.errs)
		}})
	}
	if _, ok := d.(provider.MarketReader); ok {
		tasks = append(tasks, task{name: "markets", kind: "markets", read: func(ctx context.Context, c *provider.Conn, out *outcome) {
			take(c.Driver().(provider.MarketReader).Markets(ctx), &out.markets, &out.errs)
		}})
	}
	if _, ok := d.(provider.CostReader); ok {
		tasks = append(tasks, task{name: "costs", kind: "costs", read: func(ctx context.Context, c *provider.Conn, out *outcome) {
			now := time.Now()
			period := cloud.Period{From: now.AddDate(0, 0, -7), To: now}
			take(c.Driver().(provider.CostReader).Costs(ctx, period), &out.costs, &out.errs)
		}})
	}
	return tasks
}

// where names a scope.
func where(s cloud.Scope) string {
	parts := []string{s.Account, s.Region, s.Compartment}
	return strings.Join(slices.DeleteFunc(parts, func(p string) bool { return p == "" }), "/")
}

func listTask(q cloud.Query) task {
	return task{
		name: "list " + q.Service + " in " + where(q.Scope), kind: "list", service: q.Service, query: q,
		read: func(ctx context.Context, c *provider.Conn, out *outcome) {
			take(c.Driver().List(ctx, q), &out.resources, &out.errs)
		},
	}
}

// detailTasks returns the tasks that read metrics and prices of the resources of one service in one place.
func detailTasks(d provider.Driver, svc *provider.Service, scope cloud.Scope, found []cloud.Resource) []task {
	var tasks []task
	var refs []cloud.Ref
	var priceless []*cloud.Resource
	for i := range found {
		r := &found[i]
		if r.Status != cloud.StatusStopped && r.Status != cloud.StatusDeleted {
			refs = append(refs, r.Ref())
		}
		if r.Cost == nil {
			priceless = append(priceless, r)
		}
	}
	if _, ok := d.(provider.MetricsReader); ok && len(refs) > 0 && len(svc.Metrics) > 0 {
		wide := max(5*time.Minute, svc.Delay+3*svc.Step)
		tasks = append(tasks, task{
			name: "metrics of " + svc.Name + " in " + where(scope), kind: "metrics", service: svc.Name, query: cloud.Query{Scope: scope, Service: svc.Name},
			read: func(ctx context.Context, c *provider.Conn, out *outcome) {
				now := time.Now()
				window := cloud.Window{From: now.Add(-wide), To: now}
				take(c.Driver().(provider.MetricsReader).Metrics(ctx, refs, window), &out.samples, &out.errs)
			},
		})
	}
	if _, ok := d.(provider.Pricer); ok && len(priceless) > 0 {
		tasks = append(tasks, task{
			name: "prices of " + svc.Name + " in " + where(scope), kind: "prices", service: svc.Name, query: cloud.Query{Scope: scope, Service: svc.Name},
			read: func(ctx context.Context, c *provider.Conn, out *outcome) {
				take(c.Driver().(provider.Pricer).Prices(ctx, priceless), &out.quotes, &out.errs)
			},
		})
	}
	return tasks
}
