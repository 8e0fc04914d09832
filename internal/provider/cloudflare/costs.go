package cloudflare

import (
	"context"
	"errors"
	"iter"
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/httpx"
)

// charge is a row of GET /accounts/{a}/billable-usage, in the columns of FOCUS.
type charge struct {
	Service  string   `json:"ServiceName"`
	Family   string   `json:"ServiceFamilyName"`
	Cost     *float64 `json:"ContractedCost"`
	Currency string   `json:"BillingCurrency"`
	From     stamp    `json:"ChargePeriodStart"`
	To       stamp    `json:"ChargePeriodEnd"`
}

// Costs implements provider.CostReader: what is billed, and for an account whose bill cannot be read or is empty, its
// usage times the published prices.
func (d *driver) Costs(ctx context.Context, p cloud.Period) iter.Seq2[cloud.Cost, error] {
	return func(yield func(cloud.Cost, error) bool) {
		for a, err := range d.accounts(ctx) {
			if err != nil {
				yield(cloud.Cost{}, err)
				return
			}
			if !d.accountCosts(ctx, a.ID, p, yield) {
				return
			}
		}
	}
}

// accountCosts yields one account's costs. It reports whether to go on with the next.
func (d *driver) accountCosts(ctx context.Context, account string, p cloud.Period, yield func(cloud.Cost, error) bool) bool {
	p = d.period(p)
	billed, billErr := d.bill(ctx, account, p)
	if billErr == nil && len(billed) > 0 {
		return each(billed, yield)
	}
	if billErr != nil && !refusable(billErr) && cloud.KindOf(billErr) != cloud.KindNotFound {
		yield(cloud.Cost{}, billErr)
		return false
	}
	estimated, gaps, err := d.estimate(ctx, account, p)
	if err != nil {
		yield(cloud.Cost{}, ended(ctx, err))
		return false
	}
	if billErr != nil {
		gaps = append(gaps, &cloud.Error{
			Kind: cloud.KindPartial, Op: name + ": read costs of " + account, Detail: "no bill: " + cause(billErr).Message(),
			Hint: cause(billErr).Hint, Err: billErr,
		})
	}
	return each(estimated, yield) && eachError(gaps, yield)
}

func each(costs []cloud.Cost, yield func(cloud.Cost, error) bool) bool {
	for i := range costs {
		if !yield(costs[i], nil) {
			return false
		}
	}
	return true
}

func eachError(errs []error, yield func(cloud.Cost, error) bool) bool {
	for _, err := range errs {
		if !yield(cloud.Cost{}, err) {
			return false
		}
	}
	return true
}

// period is p, or where p is empty, the month so far.
func (d *driver) period(p cloud.Period) cloud.Period {
	now := d.now().UTC()
	if p.To.IsZero() || p.To.After(now) {
		p.To = now
	}
	if p.From.IsZero() {
		p.From = time.Date(now.Year(), now.Month(), 1, 0, 0, 0, 0, time.UTC)
	}
	return p
}

// bill reads the charges of a period and sums them: by service, and for the whole account, which holds also what
// cloudtop does not list.
func (d *driver) bill(ctx context.Context, account string, p cloud.Period) ([]cloud.Cost, error) {
	rows, _, err := get[[]charge](ctx, d, httpx.Call{
		Op: "read billable usage", Path: "/accounts/" + url.PathEscape(account) + "/billable-usage",
		Query: url.Values{"from": {p.From.UTC().Format(time.RFC3339)}, "to": {p.To.UTC().Format(time.RFC3339)}},
	})
	if err != nil {
		return nil, hinted(err, "Billing Read")
	}
	type part struct{ service, currency string }
	sums := map[part]*cloud.Cost{}
	for i := range rows {
		c := &rows[i]
		if c.Cost == nil {
			continue
		}
		parts := []part{{"", c.Currency}}
		if service := billedService(c); service != "" {
			parts = append(parts, part{service, c.Currency})
		}
		for _, k := range parts {
			sum := sums[k]
			if sum == nil {
				sum = &cloud.Cost{
					Account: account, Service: k.service, Kind: cloud.CostSpend, Currency: k.currency, From: p.From, To: p.To,
					Source: "billable-usage", At: d.now(),
				}
				sums[k] = sum
			}
			sum.Amount += *c.Cost
		}
	}
	out := make([]cloud.Cost, 0, len(sums))
	for _, k := range slices.SortedFunc(maps.Keys(sums), func(a, b part) int {
		return strings.Compare(a.service+a.currency, b.service+b.currency)
	}) {
		out = append(out, *sums[k])
	}
	return out, nil
}

// billedService returns our name of the product that a charge is for, "" where cloudtop lists no such product. The
// names of products are for people: they are compared by their words.
func billedService(c *charge) string {
	title := strings.ToLower(c.Service + " " + c.Family)
	for _, known := range []struct{ words, service string }{
		{"durable object", durableObjects}, {"workers ai", ai}, {"workers kv", kv}, {"kv ", kv}, {"d1", d1}, {"r2", r2},
		{"queues", queues}, {"pages", pages}, {"workers", workers},
	} {
		if strings.Contains(title, known.words) {
			return known.service
		}
	}
	return ""
}

// estimate multiplies an account's usage by the published prices. gaps say which usage is not known.
func (d *driver) estimate(ctx context.Context, account string, p cloud.Period) (costs []cloud.Cost, gaps []error, err error) {
	pic, err := d.usage(ctx, account, cloud.Window(p))
	if err != nil {
		return nil, nil, err
	}
	u := &usage{rows: pic.rows, days: p.To.Sub(p.From).Hours() / 24}
	for _, t := range tariffs() {
		used, complete := false, true
		for _, n := range costNodes() {
			if n.service != t.service {
				continue
			}
			used = used || len(pic.rows[n.alias]) > 0
			if err := pic.failed[n.dataset]; err != nil {
				gaps, complete = append(gaps, missing(n.dataset, err)), false
			}
		}
		if !used || !complete {
			continue
		}
		costs = append(costs, cloud.Cost{
			Account: account, Service: t.service, Kind: cloud.CostEstimate, Amount: t.price(u), Currency: "USD",
			From: p.From, To: p.To, At: d.now(),
			Source: "usage x published prices beyond what a paid plan includes, without its base fee (" + t.source + ")",
		})
	}
	return costs, gaps, nil
}

// usage reads what an account used in a window, in one query where none of its parts is refused.
func (d *driver) usage(ctx context.Context, account string, w cloud.Window) (*picture, error) {
	known, _ := d.knownSettings(account)
	pic := &picture{window: w, rows: map[string][]row{}, failed: d.knownRefusals(account)}
	todo := &plan{window: w, nodes: d.wanted(costNodes(), known, pic.failed)}
	if len(todo.nodes) == 0 {
		return pic, nil
	}
	r, err := d.graphQL(ctx, account, todo.text(known, false))
	switch {
	case err == nil:
		d.keep(account, pic, todo, r)
		return pic, nil
	case refusable(err):
		return pic, d.apart(ctx, account, pic, todo, known)
	}
	return nil, err
}

// cause returns err as a cloud.Error.
func cause(err error) *cloud.Error {
	if e, ok := errors.AsType[*cloud.Error](err); ok {
		return e
	}
	return &cloud.Error{Kind: cloud.KindOf(err), Detail: err.Error(), Err: err}
}
