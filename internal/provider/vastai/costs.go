package vastai

import (
	"context"
	"encoding/json"
	"iter"
	"net/url"
	"strings"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/provider"
	"github.com/adsops/cloudtop/pkg/loose"
)

// charge is an element of GET /api/v0/charges/ (show_charges.yaml): what one contract cost within the asked days.
type charge struct {
	Start  moment `json:"start"`
	End    moment `json:"end"`
	Source word   `json:"source"` // "instance-12345678", "volume-12345678"
	Amount number `json:"amount"` // USD
}

// Costs implements provider.CostReader: the prepaid money, then what each contract cost in the period, if one is
// given. A key that may not read charges (category billing_read) still gets the money, and a partial error.
func (d *driver) Costs(ctx context.Context, p cloud.Period) iter.Seq2[cloud.Cost, error] {
	return func(yield func(cloud.Cost, error) bool) {
		u, err := d.sharedUser(ctx, "costs")
		if err != nil {
			yield(cloud.Cost{}, err)
			return
		}
		if c, ok := d.balance(&u); ok && !yield(c, nil) {
			return
		}
		if p.To.After(p.From) {
			d.charges(ctx, string(u.ID), p, yield)
		}
	}
}

// balance is the prepaid money: credit, and where that is not told, balance. (What users pay in is credit; balance is
// 0 beside it in the published sample.)
func (d *driver) balance(u *user) (cloud.Cost, bool) {
	n, source := u.Credit, "users/current credit"
	if !n.Known {
		n, source = u.Balance, "users/current balance"
	}
	return cloud.Cost{
		Account: string(u.ID), Kind: cloud.CostBalance, Amount: n.Value, Currency: "USD", Source: source, At: d.now(),
	}, n.Known
}

func (d *driver) charges(ctx context.Context, account string, p cloud.Period, yield func(cloud.Cost, error) bool) {
	const op = "read charges"
	day := map[string]map[string]int64{"day": {"gte": p.From.Unix(), "lte": p.To.Add(-time.Nanosecond).Unix()}}
	filter, _ := json.Marshal(day) // whole numbers always encode
	q := url.Values{"select_filters": {string(filter)}, "limit": {"500"}, "latest_first": {"true"}}
	err := eachPage(ctx, d.api, op, chargesPath, q, func(page *loose.List[charge]) bool {
		return provider.Elements(name+": "+op, page, func(c *charge) (cloud.Cost, bool) {
			return c.cost(account, p, d.now()), c.Amount.Known
		}, yield)
	})
	if cloud.KindOf(err) == cloud.KindDenied {
		partial := cloud.Partial(name+": "+op, "what was spent is missing: "+err.Error())
		partial.Hint = "add the category billing_read to the key"
		err = partial
	}
	if err != nil {
		yield(cloud.Cost{}, err)
	}
}

// cost maps a charge. It covers the part of the contract's time that lies in the period.
func (c *charge) cost(account string, p cloud.Period, now time.Time) cloud.Cost {
	out := cloud.Cost{
		Account: account, Kind: cloud.CostSpend, Amount: c.Amount.Value, Currency: "USD", From: p.From, To: p.To,
		Source: "charges", At: now,
	}
	if at := c.Start.Time; at.After(p.From) && at.Before(p.To) {
		out.From = at
	}
	if at := c.End.Time; at.After(out.From) && at.Before(p.To) {
		out.To = at
	}
	kind, id, _ := strings.Cut(string(c.Source), "-")
	switch kind {
	case "instance":
		out.Service, out.ID = instances, id
	case "volume":
		out.Service, out.ID = volumes, id
	case "endpoint":
		out.Service, out.ID = endpoints, id
	}
	return out
}
