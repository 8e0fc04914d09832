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
	"github.com/adsops/cloudtop/internal/provider"
	"github.com/adsops/cloudtop/pkg/loose"
)

// charge is a row of GET /accounts/{a}/billable-usage, in the columns of FOCUS.
type charge struct {
	Service  loose.Text   `json:"ServiceName"`
	Family   loose.Text   `json:"ServiceFamilyName"`
	Cost     loose.Number `json:"ContractedCost"`
	Currency loose.Text   `json:"BillingCurrency"`
	From     loose.Time   `json:"ChargePeriodStart"`
	To       loose.Time   `json:"ChargePeriodEnd"`
}

// accountsAtOnce is how many accounts' costs are read at once.
const accountsAtOnce = 8

// spent is what one account costs.
type spent struct {
	costs []cloud.Cost
	gaps  []error // of cloud.KindPartial; may be nil
	err   error   // what ends the reading of all accounts
}

// Costs implements provider.CostReader: what is billed, and for an account whose bill cannot be read or is empty, its
// usage times the published prices.
func (d *driver) Costs(ctx context.Context, p cloud.Period) iter.Seq2[cloud.Cost, error] {
	return func(yield func(cloud.Cost, error) bool) {
		var accounts []string
		for a, err := range d.shared(ctx, "costs") {
			switch {
			case err == nil:
				accounts = append(accounts, string(a.ID))
			case !yield(cloud.Cost{}, err) || cloud.KindOf(err) != cloud.KindPartial:
				return
			}
		}
		for s := range provider.Fan(ctx, accountsAtOnce, accounts, func(ctx context.Context, account string) spent {
			return d.spent(ctx, account, d.period(p))
		}) {
			for i := range s.costs {
				if !yield(s.costs[i], nil) {
					return
				}
			}
			for _, err := range s.gaps {
				if err != nil && !yield(cloud.Cost{}, err) {
					return
				}
			}
			if s.err != nil {
				yield(cloud.Cost{}, s.err)
				return
			}
		}
	}
}

// spent reads one account's costs.
func (d *driver) spent(ctx context.Context, account string, p cloud.Period) spent {
	billed, gap, billErr := d.bill(ctx, account, p)
	switch {
	case billErr == nil && len(billed) > 0:
		return spent{costs: billed, gaps: []error{gap}}
	case billErr != nil && !refusable(billErr) && cloud.KindOf(billErr) != cloud.KindNotFound:
		return spent{err: billErr}
	}
	estimated, gaps, err := d.estimate(ctx, account, p)
	if err != nil {
		return spent{err: err}
	}
	if billErr != nil {
		gaps = append(gaps, &cloud.Error{
			Kind: cloud.KindPartial, Op: name + ": read costs of " + account, Detail: "no bill: " + cause(billErr).Message(),
			Hint: cause(billErr).Hint, Err: billErr,
		})
	}
	return spent{costs: estimated, gaps: append(gaps, gap)}
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
// cloudtop does not list. gap says that a charge has no amount that can be read.
func (d *driver) bill(ctx context.Context, account string, p cloud.Period) (out []cloud.Cost, gap, err error) {
	list, err := d.charges(ctx, account, url.Values{
		"from": {p.From.UTC().Format(time.RFC3339)}, "to": {p.To.UTC().Format(time.RFC3339)},
	})
	if err == nil && list.Len() == 0 { // a range without the day on which the billing cycle begins has no charges
		list, err = d.charges(ctx, account, nil)
	}
	if err != nil {
		return nil, nil, hinted(err, "Billing Read")
	}
	type part struct{ service, currency string }
	sums := map[part]*cloud.Cost{}
	rows, unread := provider.Complete(&list, func(c *charge) bool { return c.Cost.Known || !c.within(p) })
	for i := range rows {
		c := &rows[i]
		if !c.within(p) {
			continue
		}
		parts := []part{{"", string(c.Currency)}}
		if service := billedService(c); service != "" {
			parts = append(parts, part{service, string(c.Currency)})
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
			sum.Amount += c.Cost.Value
		}
	}
	for _, k := range slices.SortedFunc(maps.Keys(sums), func(a, b part) int {
		return strings.Compare(a.service+a.currency, b.service+b.currency)
	}) {
		out = append(out, *sums[k])
	}
	return out, unread.Err(name + ": read billable usage"), nil
}

// charges reads the rows of a bill; without a range those of the current billing period.
func (d *driver) charges(ctx context.Context, account string, q url.Values) (loose.List[charge], error) {
	list, _, err := get[loose.List[charge]](ctx, d, httpx.Call{
		Op: "read billable usage", Path: "/accounts/" + url.PathEscape(account) + "/billable-usage", Query: q,
	})
	return list, err
}

// within reports whether the charge is of the period, as far as it is dated.
func (c *charge) within(p cloud.Period) bool {
	return c.From.IsZero() || !c.From.Before(p.From.Truncate(day)) && c.From.Before(p.To)
}

// billedService returns our name of the product that a charge is for, "" where cloudtop lists no such product. The
// names of products are for people: they are compared by their words.
func billedService(c *charge) string {
	title := strings.ToLower(string(c.Service + " " + c.Family))
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
	for _, t := range tariffs() {
		mine := slices.DeleteFunc(costNodes(), func(n node) bool { return n.service != t.service })
		missing := pic.gapsOf(mine)
		gaps = append(gaps, missing...)
		used := slices.ContainsFunc(mine, func(n node) bool { return len(pic.rows[n.alias]) > 0 })
		if !used || len(missing) > 0 {
			continue
		}
		from := pic.since(mine)
		if from.Sub(p.From) > time.Hour {
			gaps = append(gaps, cloud.Partial(name+": estimate costs of "+t.service, "the plan keeps usage since "+from.Format(time.DateOnly)+" alone"))
		}
		u := &usage{rows: pic.rows, days: p.To.Sub(from).Hours() / 24}
		costs = append(costs, cloud.Cost{
			Account: account, Service: t.service, Kind: cloud.CostEstimate, Amount: t.price(u), Currency: "USD",
			From: from, To: p.To, At: d.now(),
			Source: "usage x published prices beyond what a paid plan includes, without its base fee (" + t.source + ")",
		})
	}
	return costs, gaps, nil
}

// since is where all that was read of nodes begins.
func (p *picture) since(all []node) time.Time {
	from := p.window.From
	for i := range all {
		from = later(from, p.begins[all[i].alias])
	}
	return from
}

const day = 24 * time.Hour

// usage reads what an account used in a window: in as many queries as the plan's longest span makes of it, and in more
// only where a part is refused.
func (d *driver) usage(ctx context.Context, account string, w cloud.Window) (*picture, error) {
	memory := account + " costs" // of its own: who asks first must not decide how many calls there are
	known, isKnown := d.knownSettings(memory)
	all := newPicture(w, memory, d.knownRefusals(memory))
	if !isKnown {
		r, err := d.askSettings(ctx, account)
		switch {
		case err == nil:
			d.learn(memory, r.settings)
			known, _ = d.knownSettings(memory)
		case !refusable(err), cloud.KindOf(err) == cloud.KindDenied:
			return d.nothing(all, &plan{nodes: d.wanted(costNodes(), known, all.failed)}, err)
		}
	}
	for _, piece := range pieces(w, longest(known)) {
		todo := &plan{window: piece, now: d.now(), nodes: d.wanted(costNodes(), known, all.failed)}
		pic := newPicture(piece, all.memory, all.failed)
		if err := d.readPiece(ctx, account, pic, todo, known); err != nil {
			return nil, err
		}
		all.append(pic)
	}
	return all, nil
}

// readPiece makes one query, or where that is refused, one for each dataset.
func (d *driver) readPiece(ctx context.Context, account string, pic *picture, todo *plan, known accountSettings) error {
	text := todo.text(known, false)
	if len(todo.limits) == 0 { // nothing of the window is kept, or all is refused
		return nil
	}
	r, err := d.graphQL(ctx, account, todo, text)
	switch {
	case err == nil:
		d.keep(pic, todo, r)
		return nil
	case refusable(err):
		return d.apart(ctx, account, pic, todo, known)
	}
	return err
}

// append adds what was read of a later piece.
func (p *picture) append(piece *picture) {
	for alias, rows := range piece.rows {
		p.rows[alias] = append(p.rows[alias], rows...)
		if at, ok := p.begins[alias]; !ok || piece.begins[alias].Before(at) {
			p.begins[alias] = piece.begins[alias]
		}
	}
	maps.Copy(p.lost, piece.lost)
	p.short = append(p.short, piece.short...)
}

// longest is the longest span of one query that the plan allows for every dataset of the costs, at least a day.
func longest(known accountSettings) time.Duration {
	most := longestSpan
	for _, dataset := range datasets(costNodes()) {
		s := known.of[dataset].Value
		if span := s.longest(); span > 0 {
			most = min(most, max(span, day))
		}
	}
	return most.Truncate(day)
}

// pieces cuts a window into spans of at most so many days, at midnight.
func pieces(w cloud.Window, most time.Duration) []cloud.Window {
	var all []cloud.Window
	for from := w.From.UTC(); from.Before(w.To); {
		to := from.Truncate(day).Add(most)
		if to.After(w.To) {
			to = w.To
		}
		all = append(all, cloud.Window{From: from, To: to})
		from = to
	}
	return all
}

// cause returns err as a cloud.Error.
func cause(err error) *cloud.Error {
	if e, ok := errors.AsType[*cloud.Error](err); ok {
		return e
	}
	return &cloud.Error{Kind: cloud.KindOf(err), Detail: err.Error(), Err: err}
}
