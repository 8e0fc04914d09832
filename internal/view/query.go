package view

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/hub"
	"github.com/adsops/cloudtop/pkg/glob"
)

// Query says what of a snapshot to keep. Empty fields keep everything. Accounts, Regions and Services may hold '*' for
// any run of characters, and case does not matter. Services are names as resources carry them, or PROVIDER/NAME.
type Query struct {
	Kind      Kind // what Filter, Sort and Limit are about: Resources or Offers
	Providers []string
	Accounts  []string
	Regions   []string
	Services  []string
	Running   bool // resources that run
	GPU       bool // resources that have GPUs
	Statuses  []cloud.Status
	Filter    string // see ParseFilter
	Sort      string // see ParseOrder
	Limit     int    // the most rows of Kind; 0 = all
}

// Check reports what is wrong with the query, before anything is collected for it.
func (q *Query) Check() error {
	if q.Kind != Resources && q.Kind != Offers {
		return fmt.Errorf("%s cannot be narrowed", q.Kind)
	}
	if _, err := ParseFilter(q.Kind, q.Filter); err != nil {
		return err
	}
	if _, err := ParseOrder(q.Kind, q.Sort); err != nil {
		return err
	}
	if q.Limit < 0 {
		return fmt.Errorf("--limit %d: expected 0 (no limit) or more", q.Limit)
	}
	return nil
}

// Select returns a new snapshot of what the query keeps. Within each provider the rows are sorted as asked, and a
// limit counts over all providers. The ledger stays whole: what went wrong is never filtered away.
func Select(s *hub.Snapshot, q Query) (*hub.Snapshot, error) {
	if err := q.Check(); err != nil {
		return nil, err
	}
	filter, err := ParseFilter(q.Kind, q.Filter)
	if err != nil {
		return nil, err
	}
	order, err := ParseOrder(q.Kind, q.Sort)
	if err != nil {
		return nil, err
	}
	out := *s
	out.Providers = nil
	for i := range s.Providers {
		if len(q.Providers) == 0 || slices.Contains(q.Providers, s.Providers[i].Name) {
			out.Providers = append(out.Providers, q.narrow(&s.Providers[i]))
		}
	}
	if err := filter.check(s); err != nil {
		return nil, err
	}
	if q.Filter == "" && len(order.keys) == 0 && q.Limit == 0 {
		return &out, nil
	}
	rows := slices.DeleteFunc(Rows(&out, q.Kind, s.At), func(r Row) bool { return !filter.Match(&r) })
	order.Sort(rows)
	if q.Limit > 0 && len(rows) > q.Limit {
		rows = rows[:q.Limit]
	}
	put(&out, q.Kind, rows)
	return &out, nil
}

// account reports whether an account of a provider is asked for: by its identifier or by what people call it.
func (q *Query) account(p *hub.Provider, account string) bool {
	return within(q.Accounts, account) || p.AccountNames[account] != "" && within(q.Accounts, p.AccountNames[account])
}

// Strangers returns the patterns of Accounts that no account of a snapshot matches, and what accounts there are. While a
// provider has not told its accounts, nobody is a stranger.
func (q *Query) Strangers(s *hub.Snapshot) (strangers, known []string) {
	for i := range s.Units {
		if u := &s.Units[i]; u.Capability == hub.Connect && u.State != hub.OK && u.State != hub.Skipped {
			return nil, nil
		}
	}
	matched := map[string]bool{}
	for i := range s.Providers {
		p := &s.Providers[i]
		for _, account := range p.Accounts {
			known = append(known, cmp.Or(p.AccountNames[account], account))
			for _, pattern := range q.Accounts {
				one := Query{Accounts: []string{pattern}}
				matched[pattern] = matched[pattern] || one.account(p, account)
			}
		}
	}
	return slices.DeleteFunc(slices.Clone(q.Accounts), func(p string) bool { return matched[p] }), known
}

// narrow returns what the query keeps of one provider, its filter aside.
func (q *Query) narrow(p *hub.Provider) hub.Provider {
	out := *p
	place := func(account, region, service string) bool {
		return q.account(p, account) && within(q.Regions, region) && q.service(p.Name, service)
	}
	out.Resources = filtered(p.Resources, func(r **cloud.Resource) bool {
		return place((*r).Account, (*r).Region, (*r).Service) && q.state(*r)
	})
	out.Offers = filtered(p.Offers, func(o *cloud.Offer) bool {
		return (o.Account == "" || q.account(p, o.Account)) && within(q.Regions, o.Region)
	})
	out.Markets = filtered(p.Markets, func(m *cloud.Market) bool { return m.Account == "" || q.account(p, m.Account) })
	out.Costs = filtered(p.Costs, func(c *cloud.Cost) bool {
		return q.account(p, c.Account) && (c.Region == "" || within(q.Regions, c.Region)) &&
			(c.Service == "" || q.service(p.Name, c.Service))
	})
	return out
}

func (q *Query) state(r *cloud.Resource) bool {
	return (!q.Running || r.Status == cloud.StatusRunning) && (!q.GPU || r.GPU != nil) &&
		(len(q.Statuses) == 0 || slices.Contains(q.Statuses, r.Status))
}

func (q *Query) service(provider, service string) bool {
	return len(q.Services) == 0 || within(q.Services, service) || within(q.Services, provider+"/"+service)
}

// within reports whether s is one of the patterns, or there are none.
func within(patterns []string, s string) bool {
	return len(patterns) == 0 || glob.Any(patterns, s)
}

// filtered returns what keep keeps: list itself where that is all of it.
func filtered[T any](list []T, keep func(*T) bool) []T {
	for i := range list {
		if keep(&list[i]) {
			continue
		}
		out := slices.Clone(list[:i])
		for j := i + 1; j < len(list); j++ {
			if keep(&list[j]) {
				out = append(out, list[j])
			}
		}
		return out
	}
	return list
}

// put makes rows, which are sorted, the lists of their providers.
func put(s *hub.Snapshot, kind Kind, rows []Row) {
	at := make(map[string]*hub.Provider, len(s.Providers))
	for i := range s.Providers {
		p := &s.Providers[i]
		at[p.Name] = p
		if kind == Offers {
			p.Offers = nil
		} else {
			p.Resources = nil
		}
	}
	for i := range rows {
		p := at[rows[i].provider()]
		if kind == Offers {
			p.Offers = append(p.Offers, *rows[i].Offer)
		} else {
			p.Resources = append(p.Resources, rows[i].Resource)
		}
	}
}
