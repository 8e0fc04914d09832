package tui

import (
	"fmt"

	"github.com/adsops/cloudtop/internal/view"
)

// identity names a row over refreshes, whatever else of it changes.
type identity struct{ provider, account, service, id string }

// identify returns a row's identity. An offer without an identifier is known by what it offers.
func identify(r *view.Row) identity {
	switch {
	case r.Resource != nil:
		return identity{r.Resource.Provider, r.Resource.Account, r.Resource.Service, r.Resource.ID}
	case r.Offer == nil:
		return identity{}
	case r.Offer.ID != "":
		return identity{provider: r.Offer.Provider, account: r.Offer.Account, id: r.Offer.ID}
	}
	o := r.Offer
	what := fmt.Sprint(o.GPUType, "\x00", o.GPUCount, "\x00", o.Region, "\x00", o.Tier)
	return identity{provider: o.Provider, account: o.Account, service: what}
}

// inventory is every row of a snapshot, and where it stands.
type inventory struct {
	rows []view.Row
	at   map[identity]int32
}

func newInventory(rows []view.Row) *inventory {
	inv := &inventory{rows: rows, at: make(map[identity]int32, len(rows))}
	for i := range rows {
		inv.at[identify(&rows[i])] = int32(i) //nolint:gosec // no table has two billion rows
	}
	return inv
}

// find returns the row of an identity, nil where there is none. A nil inventory has no rows.
func (inv *inventory) find(id identity) *view.Row {
	if inv == nil {
		return nil
	}
	if i, ok := inv.at[id]; ok {
		return &inv.rows[i]
	}
	return nil
}

// with returns the rows together with those of before that are no longer there, each behind the row that it stood
// behind.
func (inv *inventory) with(before *inventory) []view.Row {
	if before == nil {
		return inv.rows
	}
	var first []view.Row
	behind := map[identity][]view.Row{}
	var last identity
	n, any := 0, false
	for i := range before.rows {
		r := &before.rows[i]
		switch id := identify(r); {
		case inv.find(id) != nil:
			last, any = id, true
			continue
		case any:
			behind[last] = append(behind[last], *r)
		default:
			first = append(first, *r)
		}
		n++
	}
	if n == 0 {
		return inv.rows
	}
	out := append(make([]view.Row, 0, len(inv.rows)+n), first...)
	for i := range inv.rows {
		out = append(out, inv.rows[i])
		if len(behind) > 0 {
			out = append(out, behind[identify(&inv.rows[i])]...)
		}
	}
	return out
}
